#include "sim/fixed_point.h"

#include <ostream>

namespace norn::sim {
namespace {

using internal::LogPoint;
using internal::MulHigh;

constexpr int64_t kOneQ62 = int64_t{1} << 62;

// --- Logarithm: the table.

// -log2(reciprocal / 2^63) in Q62, a bit per squaring. An error of one squaring weighs half as much
// as the same error of the one before, so the sum stays near 2^-62.
constexpr int64_t LogOfPoint(uint64_t reciprocal) {
  if (reciprocal == uint64_t{1} << 63) return 0;
  uint64_t y = reciprocal << 1;  // Q63 in [1, 2)
  uint64_t log = 0;
  for (int bit = 0; bit < 62; ++bit) {
    const UInt128 square = UInt128{y} * y;
    const bool two_or_more = (square >> 127) != 0;
    y = static_cast<uint64_t>(square >> (two_or_more ? 64 : 63));
    log = (log << 1) | two_or_more;
  }
  return kOneQ62 - static_cast<int64_t>(log);
}

constexpr std::array<LogPoint, 257> MakeLogPoints() {
  std::array<LogPoint, 257> points{};
  for (uint32_t i = 0; i < points.size(); ++i) {
    const UInt128 c = 256 + i;  // times 2^-8
    const uint64_t reciprocal = static_cast<uint64_t>(((UInt128{1} << 71) + c / 2) / c);
    points[i] = {reciprocal, LogOfPoint(reciprocal)};
  }
  return points;
}
// --- Power: 2^f = 2^(j/256) * 2^g with g < 2^-8: a table and the series of e^(g ln 2).

constexpr uint64_t kLn2Q64 = 0xb17217f7d1cf79ac;

// floor(sqrt(n)), digit by digit.
constexpr uint64_t SlowRoot(UInt128 n) {
  uint64_t root = 0;
  for (uint64_t bit = uint64_t{1} << 63; bit != 0; bit >>= 1) {
    const UInt128 candidate = root | bit;
    if (candidate * candidate <= n) root |= bit;
  }
  return root;
}

constexpr std::array<uint64_t, 256> MakePowers() {  // 2^(j/256) in Q63
  std::array<uint64_t, 256> powers{};
  powers[0] = uint64_t{1} << 63;
  UInt128 square = UInt128{1} << 127;  // of 2^(1/2), then of 2^(1/4), ...
  for (uint32_t step = 128; step != 0; step /= 2) {
    const uint64_t root = SlowRoot(square);
    square = UInt128{root} << 63;
    // Those whose lowest bit is `step` follow from those that lack it.
    for (uint32_t j = step; j < 256; j += 2 * step) {
      const UInt128 product = UInt128{powers[j - step]} * root;
      powers[j] = static_cast<uint64_t>((product + (uint64_t{1} << 62)) >> 63);
    }
  }
  return powers;
}
constexpr std::array<uint64_t, 256> kPowers = MakePowers();

// --- Square root: 1 / sqrt(n) to 8 bits from a table, to 25 by a step of third order; times n that
// --- is the root, to 50 bits after one step of Newton.

// For the upper 9 bits of n, from 128 to 511: 1 / sqrt(n) at the middle of their range, in Q15,
// where n is in [1/4, 1).
constexpr std::array<uint16_t, 384> MakeReciprocalRoots() {
  std::array<uint16_t, 384> roots{};
  for (uint32_t i = 0; i < roots.size(); ++i) {
    const uint32_t middle = 2 * (i + 128) + 1;  // times 2^-10
    roots[i] = static_cast<uint16_t>(SlowRoot((UInt128{1} << 40) / middle));
  }
  return roots;
}
constexpr std::array<uint16_t, 384> kReciprocalRoots = MakeReciprocalRoots();

// The root of n in [1/4, 1), given in Q64, in Q62.
uint64_t RootOfNormalized(uint64_t n) {
  const int64_t y0 = kReciprocalRoots[(n >> 55) - 128];  // Q15
  const uint64_t y0_squared = static_cast<uint64_t>(y0 * y0) << 32;
  const int64_t h = kOneQ62 - static_cast<int64_t>(MulHigh(n, y0_squared));  // Q62, within 2^-7
  // 1 / sqrt(1 - h) = 1 + h/2 + 3/8 h^2 + ...
  const int64_t h2 = MulHigh(h << 7, h << 7);                                    // Q74
  const int64_t factor = (h >> 1) + ((3 * h2) >> 15);                            // Q62, less 1
  const int64_t y1 = (y0 << 46) + (MulHigh(y0 << 47, factor << 7) >> 6);         // Q61, at most 2
  const uint64_t root = MulHigh(n, static_cast<uint64_t>(y1)) << 1;              // Q62
  const int64_t missing = static_cast<int64_t>((n >> 4) - MulHigh(root, root));  // Q60
  const uint64_t better = root + static_cast<uint64_t>(MulHigh(missing << 20, y1) >> 16);
  constexpr uint64_t kBelowOne = static_cast<uint64_t>(kOneQ62) - 1;
  return better < kBelowOne ? better : kBelowOne;
}

// --- Cosine: cos(a + b) = cos a cos b - sin a sin b with a one of 256 points and |b| <= pi/256.

constexpr int64_t kTwoPiQ60 = 0x6487ed5110b4611a;

// The series of the cosine (first = 0) or sine (first = 1) of `x`, from 0 to pi/4 in Q62.
constexpr int64_t CircleSeries(int64_t x, int first) {
  const Int128 square = (Int128{x} * x) >> 62;
  Int128 sum = kOneQ62;
  for (int n = first + 22; n > first; n -= 2) {
    sum = kOneQ62 - ((square * sum) >> 62) / (n * (n - 1));
  }
  return static_cast<int64_t>(first == 0 ? sum : (x * sum) >> 62);
}

constexpr std::array<int64_t, 256> MakeCosines() {  // cos(2 pi j / 256) in Q62
  std::array<int64_t, 256> cosines{};
  for (uint32_t j = 0; j < 256; ++j) {
    const uint32_t within = j % 64;
    const bool wants_sine = (j / 64) % 2 == 1;
    // The sine of an eighth of a turn or more is the cosine of what is left to a quarter.
    const bool upper = within > 32;
    const int64_t steps = upper ? 64 - within : within;
    const int64_t angle = static_cast<int64_t>((Int128{kTwoPiQ60} * steps) >> 6);
    const int64_t size = CircleSeries(angle, wants_sine != upper ? 1 : 0);
    cosines[j] = j / 64 == 1 || j / 64 == 2 ? -size : size;
  }
  return cosines;
}
constexpr std::array<int64_t, 256> kCosines = MakeCosines();

}  // namespace

constexpr std::array<LogPoint, 257> internal::kLogPoints = MakeLogPoints();

std::ostream& operator<<(std::ostream& os, Fixed f) { return os << f.ToDouble(); }

uint64_t TimesExp2(uint64_t value, int64_t exponent) {
  constexpr uint64_t kFractionMask = (uint64_t{1} << kLogBits) - 1;
  const int64_t whole = exponent >> kLogBits;  // rounded down, so the fraction is positive
  const uint64_t fraction = static_cast<uint64_t>(exponent) & kFractionMask;

  const uint64_t t = MulHigh(fraction << 16, kLn2Q64);  // Q72: without the upper 8 bits
  const uint64_t t2 = MulHigh(t, t);                    // Q80
  // e^t - 1 = t + t^2 * (1/2 + t/6 + t^2 * (1/24 + t/120))
  const uint64_t high = (uint64_t{1} << 40) / 24 + MulHigh(t, (uint64_t{1} << 32) / 120);  // Q40
  const uint64_t low =
      (uint64_t{1} << 55) + MulHigh(t, (uint64_t{1} << 48) / 6) + MulHigh(t2, high);  // Q56
  const uint64_t series = t + MulHigh(t2, low);                                       // Q72
  const uint64_t base = kPowers[fraction >> 48];
  const uint64_t power = base + (MulHigh(base, series) >> 8);  // Q63 in [1, 2)

  const UInt128 product = UInt128{value} * power;
  const int64_t shift = 63 - whole;
  if (shift >= 128 || value == 0) return 0;
  if (shift < 0) return UINT64_MAX;
  UInt128 result = product >> shift;
  if (shift > 0) result += (product >> (shift - 1)) & 1;  // to nearest
  return result > UINT64_MAX ? UINT64_MAX : static_cast<uint64_t>(result);
}

uint64_t Sqrt(uint64_t x) {
  if (x == 0) return 0;
  // An even shift, so that it halves exactly in the root.
  const int shift = std::countl_zero(x) & ~1;
  return (RootOfNormalized(x << shift) << 2) >> (shift / 2);
}

uint32_t ISqrt(uint64_t x) {
  uint64_t root = (Sqrt(x) >> 32) + 1;  // one too many, or two where the error crosses a whole
  if (root > UINT32_MAX) root = UINT32_MAX;
  while (root * root > x) --root;
  return static_cast<uint32_t>(root);
}

int64_t CosOfTurn(uint64_t turn) {
  const uint64_t nearest = (turn + (uint64_t{1} << 55)) >> 56;
  const int64_t rest = static_cast<int64_t>(turn - (nearest << 56));  // within 2^55
  const int64_t b = MulHigh(rest << 8, kTwoPiQ60);                    // Q68
  const int64_t b2 = MulHigh(b, b);                                   // Q72
  const int64_t b4 = MulHigh(b2 << 3, b2 << 3);                       // Q86
  // 1 - cos b = b^2/2 - b^4/24 and b - sin b = b * (b^2/6 - b^4/120)
  const int64_t one_less_cos = (b2 >> 3) - MulHigh(b4, (int64_t{1} << 48) / 24);  // Q70
  const int64_t sixth = static_cast<int64_t>((UInt128{1} << 64) / 6);
  const int64_t bend = MulHigh(b2, sixth) - MulHigh(b4, (int64_t{1} << 50) / 120);  // Q72
  const int64_t sin_b = b - (MulHigh(b, bend) >> 8);                                // Q68
  const int64_t cos_a = kCosines[nearest];
  const int64_t sin_a = kCosines[(nearest + 192) & 255];
  return cos_a - (MulHigh(cos_a, one_less_cos) >> 6) - (MulHigh(sin_a, sin_b) >> 4);
}

}  // namespace norn::sim
