#include "sim/fixed_point.h"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <sstream>
#include <vector>

#include "gtest/gtest.h"

namespace norn::sim {
namespace {

constexpr int64_t kOne = int64_t{1} << kLogBits;

// Numbers of every size: around the powers of two, around the points of the tables, and a spread.
std::vector<uint64_t> Samples() {
  std::vector<uint64_t> samples;
  for (int bit = 0; bit < 64; ++bit) {
    for (int delta = -2; delta <= 2; ++delta) {
      samples.push_back((uint64_t{1} << bit) + static_cast<uint64_t>(delta));
    }
  }
  for (uint64_t step = 0; step < 1024; ++step) {
    for (const uint64_t delta : {uint64_t{0}, uint64_t{1}, ~uint64_t{0}}) {
      samples.push_back((uint64_t{1} << 63) + (step << 53) + delta);
    }
  }
  uint64_t spread = 1;
  for (int i = 0; i < 100'000; ++i) {
    spread = spread * 6364136223846793005u + 1442695040888963407u;
    samples.push_back(spread >> (i % 64));
  }
  std::erase(samples, 0u);
  return samples;
}

long double Pow2(int exponent) { return std::ldexp(1.0L, exponent); }

TEST(FixedTest, RatioIsRoundedToNearest) {
  EXPECT_EQ(Fixed::FromRatio(3, 2).raw(), int64_t{3} << 31);
  EXPECT_EQ(Fixed::FromRatio(-3, 2).raw(), -(int64_t{3} << 31));
  EXPECT_EQ(Fixed::FromRatio(1, 3).raw(), 1431655765);
  EXPECT_EQ(Fixed::FromRatio(2, 3).raw(), 2863311531);
  EXPECT_EQ(Fixed::FromRatio(-2, 3).raw(), -2863311531);
  EXPECT_EQ(Fixed::FromRatio(1, int64_t{1} << 33).raw(), 1);
  EXPECT_EQ(Fixed::FromRatio(-1, int64_t{1} << 33).raw(), -1);
  EXPECT_EQ(Fixed::FromRatio(1, (int64_t{1} << 33) + 1).raw(), 0);
  static_assert(Fixed::FromRatio(1, 2) < Fixed::FromRatio(2, 3));
}

TEST(FixedTest, PrintsAsADecimal) {
  std::ostringstream os;
  os << Fixed::FromRatio(-5, 4);
  EXPECT_EQ(os.str(), "-1.25");
}

TEST(FixedDeathTest, RefusesWhatDoesNotFit) {
  EXPECT_DEATH(Fixed::FromRatio(1, 0), "Fixed of 1/0");
  EXPECT_DEATH(Fixed::FromRatio(int64_t{1} << 31, 1), "is 2.31 or more");
}

TEST(Log2Test, IsExactForPowersOfTwo) {
  for (int bit = 0; bit < 64; ++bit) EXPECT_EQ(Log2(uint64_t{1} << bit), bit * kOne);
}

TEST(Log2Test, GoldenValues) {
  EXPECT_EQ(Log2(3), 114208584442304136);
  EXPECT_EQ(Log2(10), 239370146084580908);
  EXPECT_EQ(Log2(1'000'000'007), 2154331315488928104);
  EXPECT_EQ(Log2(0x123456789abcdef), 4048643745449473687);
  EXPECT_EQ(Log2(UINT64_MAX), 64 * kOne);
}

TEST(Log2Test, ErrorIsBelowItsBound) {
  long double worst = 0;
  for (const uint64_t x : Samples()) {
    // The whole apart from the fraction: together they have more bits than a long double.
    const int64_t whole = Log2(x) >> kLogBits;
    const long double mantissa = std::ldexp(static_cast<long double>(x), -static_cast<int>(whole));
    const long double fraction = std::log2(mantissa) * kOne;
    worst = std::max(worst, std::fabs(static_cast<long double>(Log2(x) - whole * kOne) - fraction));
    EXPECT_LE(std::fabs(mantissa - 1.5L), 0.5L + Pow2(-50)) << x;
  }
  EXPECT_LT(worst, 1.0L);  // in units of 2^-56
}

TEST(Log2DeathTest, ZeroHasNone) { EXPECT_DEATH(Log2(0), "the logarithm of 0"); }

TEST(TimesExp2Test, IsExactForWholeExponents) {
  EXPECT_EQ(TimesExp2(1, 0), 1u);
  EXPECT_EQ(TimesExp2(12345, 0), 12345u);
  EXPECT_EQ(TimesExp2(UINT64_MAX, 0), UINT64_MAX);
  for (int bit = 0; bit < 64; ++bit) {
    EXPECT_EQ(TimesExp2(1, bit * kOne), uint64_t{1} << bit);
    EXPECT_EQ(TimesExp2(uint64_t{1} << 63, -bit * kOne), uint64_t{1} << (63 - bit));
  }
}

TEST(TimesExp2Test, RoundsToNearest) {
  EXPECT_EQ(TimesExp2(3, -kOne), 2u);
  EXPECT_EQ(TimesExp2(1, -kOne), 1u);
  EXPECT_EQ(TimesExp2(1, -kOne - 1), 0u);
  EXPECT_EQ(TimesExp2(1000, -kOne / 2), 707u);
}

TEST(TimesExp2Test, SaturatesAndVanishes) {
  EXPECT_EQ(TimesExp2(1, 64 * kOne), UINT64_MAX);
  EXPECT_EQ(TimesExp2(2, 63 * kOne), UINT64_MAX);
  EXPECT_EQ(TimesExp2(1, INT64_MAX), UINT64_MAX);
  EXPECT_EQ(TimesExp2(UINT64_MAX, 1), UINT64_MAX);
  EXPECT_EQ(TimesExp2(0, INT64_MAX), 0u);
  EXPECT_EQ(TimesExp2(0, 0), 0u);
  EXPECT_EQ(TimesExp2(UINT64_MAX, -66 * kOne), 0u);
  EXPECT_EQ(TimesExp2(UINT64_MAX, INT64_MIN), 0u);
}

TEST(TimesExp2Test, GoldenValues) {
  EXPECT_EQ(TimesExp2(1'000'000'000, kOne / 3), 1259921050u);
  EXPECT_EQ(TimesExp2(uint64_t{1} << 63, kOne / 2), 13043817825332782212u);
  EXPECT_EQ(TimesExp2(uint64_t{1} << 63, kOne - 1), 18446744073709551415u);
  EXPECT_EQ(TimesExp2(123456789, -kOne / 7), 111817735u);
}

TEST(TimesExp2Test, ErrorIsBelowItsBound) {
  constexpr uint64_t kValue = uint64_t{1} << 62;
  long double worst = 0;
  for (const uint64_t sample : Samples()) {
    const int64_t fraction = static_cast<int64_t>(sample >> (64 - kLogBits));
    const long double power = std::exp2(std::ldexp(static_cast<long double>(fraction), -kLogBits));
    const long double got = static_cast<long double>(TimesExp2(kValue, fraction));
    worst = std::max(worst, std::fabs(got / static_cast<long double>(kValue) - power) / power);
  }
  EXPECT_LT(worst, Pow2(-55));
}

TEST(TimesExp2Test, UndoesLog2) {
  for (uint64_t x = 1; x < 100'000; x += 7) EXPECT_EQ(TimesExp2(1, Log2(x)), x);
}

TEST(SqrtTest, ErrorIsBelowItsBound) {
  for (const uint64_t x : Samples()) {
    const long double exact = std::sqrt(static_cast<long double>(x));
    const long double got = std::ldexp(static_cast<long double>(Sqrt(x)), -32);
    EXPECT_LT(std::fabs(got - exact), Pow2(-32) + exact * Pow2(-49)) << x;
  }
  EXPECT_EQ(Sqrt(0), 0u);
}

TEST(SqrtTest, GoldenValues) {
  EXPECT_EQ(Sqrt(1), 4294967295u);
  EXPECT_EQ(Sqrt(2), 6074000999u);
  EXPECT_EQ(Sqrt(1'000'000'007), 135818791788311u);
  EXPECT_EQ(Sqrt(UINT64_MAX), 18446744073709551604u);
}

TEST(ISqrtTest, IsExact) {
  std::vector<uint64_t> samples = Samples();
  for (const uint64_t root : {uint64_t{1}, uint64_t{2}, uint64_t{65535}, uint64_t{3037000499},
                              uint64_t{4294967294}, uint64_t{4294967295}}) {
    for (const int delta : {-1, 0, 1}) {
      samples.push_back(root * root + static_cast<uint64_t>(delta));
    }
  }
  for (uint64_t root = 1; root < 4'000'000'000; root += 1'234'567) {
    samples.push_back(root * root);
    samples.push_back(root * root - 1);
  }
  for (const uint64_t x : samples) {
    const UInt128 root = ISqrt(x);
    EXPECT_LE(root * root, x) << x;
    EXPECT_GT((root + 1) * (root + 1), x) << x;
  }
  EXPECT_EQ(ISqrt(0), 0u);
  EXPECT_EQ(ISqrt(UINT64_MAX), UINT32_MAX);
}

TEST(CosOfTurnTest, GoldenValues) {
  EXPECT_EQ(CosOfTurn(0), int64_t{1} << 62);
  EXPECT_EQ(CosOfTurn(uint64_t{1} << 62), 0);
  EXPECT_EQ(CosOfTurn(uint64_t{1} << 63), -(int64_t{1} << 62));
  EXPECT_EQ(CosOfTurn(uint64_t{3} << 62), 0);
  EXPECT_EQ(CosOfTurn(uint64_t{1} << 61), 3260954456333195554);
  EXPECT_EQ(CosOfTurn(0x123456789abcdef), 4609887991410195039);
  EXPECT_EQ(CosOfTurn(UINT64_MAX), int64_t{1} << 62);
}

TEST(CosOfTurnTest, ErrorIsBelowItsBound) {
  const long double two_pi = 8 * std::atan(1.0L);
  long double worst = 0;
  for (uint64_t turn : Samples()) {
    for (int shift = 0; shift < 4; ++shift, turn <<= 1) {
      const long double exact = std::cos(two_pi * std::ldexp(static_cast<long double>(turn), -64));
      const long double got = std::ldexp(static_cast<long double>(CosOfTurn(turn)), -62);
      worst = std::max(worst, std::fabs(got - exact));
    }
  }
  EXPECT_LT(worst, Pow2(-46));
}

}  // namespace
}  // namespace norn::sim
