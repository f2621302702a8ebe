// An instant of the simulation's own clock: whole nanoseconds since the run began.
//
// Durations are absl::Duration in public signatures and whole nanoseconds inside. Instants are our
// own type on purpose: wall-clock time does not convert into it, so it cannot leak into a run, and
// no floating point ever decides an order.
//
// Example:
//   Time t = Time::Zero() + absl::Milliseconds(5);
//   std::cout << t;                                  // T+5.000ms
#ifndef NORN_SIM_TIME_H_
#define NORN_SIM_TIME_H_

#include <compare>
#include <cstdint>
#include <iosfwd>
#include <limits>
#include <string>

#include "absl/time/time.h"

namespace norn::sim {

// Whole nanoseconds of `d`, rounded towards zero; an infinite duration becomes the largest int64.
// The common case (0 to about 290 years) costs a multiplication.
inline int64_t ToNanos(absl::Duration d) { return absl::ToInt64Nanoseconds(d); }

class Time {
 public:
  constexpr Time() = default;
  static constexpr Time Zero() { return Time(); }
  // Later than anything that happens.
  static constexpr Time Max() { return FromNanos(std::numeric_limits<int64_t>::max()); }
  static constexpr Time FromNanos(int64_t nanos) {
    Time t;
    t.nanos_ = nanos;
    return t;
  }

  constexpr int64_t nanos() const { return nanos_; }
  constexpr int64_t millis() const { return nanos_ / 1'000'000; }

  // Saturates at Max(): "never" plus anything is never.
  constexpr Time PlusNanos(int64_t nanos) const {
    int64_t sum = 0;
    return __builtin_add_overflow(nanos_, nanos, &sum) ? Max() : FromNanos(sum);
  }
  friend Time operator+(Time t, absl::Duration d) { return t.PlusNanos(ToNanos(d)); }
  friend Time operator-(Time t, absl::Duration d) { return t.PlusNanos(-ToNanos(d)); }
  friend absl::Duration operator-(Time a, Time b) { return absl::Nanoseconds(a.nanos_ - b.nanos_); }
  Time& operator+=(absl::Duration d) { return *this = *this + d; }

  friend constexpr auto operator<=>(Time, Time) = default;

 private:
  int64_t nanos_ = 0;
};

// "T+12.004ms", "T+5.000s": the unit follows the size, three decimals, rounded down.
std::string ToString(Time t);
std::ostream& operator<<(std::ostream& os, Time t);

// "12.004ms": a length of time in the same manner.
std::string FormatNanos(int64_t nanos);

}  // namespace norn::sim

#endif  // NORN_SIM_TIME_H_
