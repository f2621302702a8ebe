// Logarithm, power, square root and cosine in whole numbers: the same bits from every compiler, at
// every -O level, on every machine, which libm does not promise. Chance is built on these.
//
// Formats. "Qn" is an integer counted in units of 2^-n: 1.5 is 3 << 55 in Q56.
//   logarithms and exponents   Q56 in int64_t (kLogBits): from -128 to 128
//   Fixed                      Q32 in a class of its own: what callers pass and get
//   cosines                    Q62 in int64_t: -1 to 1
// The error bounds below are checked against long double in the test.
//
// Example:
//   Log2(1024) == int64_t{10} << kLogBits
//   TimesExp2(1000, -(int64_t{1} << (kLogBits - 1))) == 707        // 1000 * 2^-0.5, rounded
//   Fixed::FromRatio(3, 2)                                        // 1.5
#ifndef NORN_SIM_FIXED_POINT_H_
#define NORN_SIM_FIXED_POINT_H_

#include <array>
#include <bit>
#include <compare>
#include <cstdint>
#include <iosfwd>

#include "sim/check.h"

namespace norn::sim {

__extension__ typedef __int128 Int128;
__extension__ typedef unsigned __int128 UInt128;

// A number with 32 bits after the point, from -2^31 to 2^31: a shape parameter, a normal draw.
class Fixed {
 public:
  constexpr Fixed() = default;
  static constexpr Fixed FromRaw(int64_t raw) {
    Fixed f;
    f.raw_ = raw;
    return f;
  }
  // numerator / denominator, rounded to the nearest 2^-32 (halves away from zero).
  // REQUIRES: denominator > 0; the quotient is less than 2^31 in size.
  static constexpr Fixed FromRatio(int64_t numerator, int64_t denominator) {
    NORN_CHECK(denominator > 0) << "Fixed of " << numerator << "/" << denominator;
    const Int128 scaled = Int128{numerator} << 32;
    const Int128 half = numerator < 0 ? -(denominator / 2) : denominator / 2;
    const Int128 raw = (scaled + half) / denominator;
    NORN_CHECK(raw == static_cast<int64_t>(raw))
        << "Fixed of " << numerator << "/" << denominator << " is 2^31 or more";
    return FromRaw(static_cast<int64_t>(raw));
  }

  // In units of 2^-32.
  constexpr int64_t raw() const { return raw_; }
  // For printing and statistics: exact up to 53 bits.
  constexpr double ToDouble() const { return static_cast<double>(raw_) * (1.0 / 4294967296.0); }

  friend constexpr auto operator<=>(Fixed, Fixed) = default;

 private:
  int64_t raw_ = 0;
};
std::ostream& operator<<(std::ostream& os, Fixed f);

inline constexpr int kLogBits = 56;

// The logarithm of `x` to base 2, in Q56. Exact for powers of two, else off by less than 2^-56.
// REQUIRES: x > 0.
inline int64_t Log2(uint64_t x);

// value * 2^exponent with `exponent` in Q56, rounded to nearest; UINT64_MAX if it does not fit.
// Before rounding it is off by less than one part in 2^55. Exact for whole exponents.
uint64_t TimesExp2(uint64_t value, int64_t exponent);

// The square root, rounded down. Exact.
uint32_t ISqrt(uint64_t x);
// The square root in Q32, off by less than a unit and one part in 2^49.
uint64_t Sqrt(uint64_t x);

// cos(2 pi * turn / 2^64) in Q62: the whole circle is the whole range of `turn`. Off by less than
// 2^-46.
int64_t CosOfTurn(uint64_t turn);

// --- Log2 is inline because most draws take it.
//
// The upper half of a product is all that is kept of it, since a shift of 128 bits costs more than
// the multiplication. A number in Qm times one in Qn is then in Q(m + n - 64), and each is given as
// many bits after the point as its size leaves room for.

namespace internal {

constexpr int64_t MulHigh(int64_t a, int64_t b) {
  return static_cast<int64_t>((Int128{a} * b) >> 64);
}
constexpr uint64_t MulHigh(uint64_t a, uint64_t b) {
  return static_cast<uint64_t>((UInt128{a} * b) >> 64);
}

struct LogPoint {
  uint64_t reciprocal;  // 1 / c in Q63, rounded
  int64_t log;          // log2 of exactly that point, in Q62
};
extern const std::array<LogPoint, 257> kLogPoints;

}  // namespace internal

// x = 2^e * c * (1 + r) with c the nearest of 257 points of [1, 2] and |r| <= 2^-9; then
// log2(x) = e + log2(c) + log2(e) * (r - r^2/2 + r^3/3 - ...).
inline int64_t Log2(uint64_t x) {
  using internal::MulHigh;
  constexpr int64_t kLog2EBy1Q62 = 0x5c551d94ae0bf85e;
  constexpr int64_t kLog2EBy2Q54 = 0x2e2a8eca5705fc;
  constexpr int64_t kLog2EBy3Q46 = 0x1ec709dc3a04;
  constexpr int64_t kLog2EBy4Q38 = 0x171547652c;
  constexpr int64_t kLog2EBy5Q30 = 0x12776c51;
  constexpr int64_t kLog2EBy6Q22 = 0xf6385;
  constexpr int64_t kOneQ62 = int64_t{1} << 62;

  NORN_CHECK(x > 0) << "the logarithm of 0";
  const int zeros = std::countl_zero(x);
  const uint64_t mantissa = x << zeros;  // Q63 in [1, 2)
  const internal::LogPoint& point = internal::kLogPoints[(((mantissa >> 54) & 511) + 1) >> 1];
  const int64_t r = (static_cast<int64_t>(MulHigh(mantissa, point.reciprocal)) - kOneQ62) << 10;
  const int64_t r2 = MulHigh(r, r);                                // r is in Q72, r2 in Q80
  const int64_t low = kLog2EBy1Q62 - MulHigh(kLog2EBy2Q54, r);     // Q62
  const int64_t middle = kLog2EBy3Q46 - MulHigh(kLog2EBy4Q38, r);  // Q46
  const int64_t high = kLog2EBy5Q30 - MulHigh(kLog2EBy6Q22, r);    // Q30
  const int64_t series = MulHigh(r, low + MulHigh(r2, middle + MulHigh(r2, high)));  // Q70
  const int64_t fraction = (point.log + (series >> 8) + 32) >> 6;
  return (int64_t{63 - zeros} << kLogBits) + fraction;
}

}  // namespace norn::sim

#endif  // NORN_SIM_FIXED_POINT_H_
