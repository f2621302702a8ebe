#include "sim/clock.h"

#include <algorithm>

#include "sim/check.h"
#include "sim/fixed_point.h"

namespace norn::sim {
namespace {

constexpr int64_t kMillion = 1'000'000;

// Rounded down, below zero too.
int64_t FloorDiv(Int128 a, int64_t b) {
  const Int128 quotient = a / b;
  return static_cast<int64_t>(quotient * b > a ? quotient - 1 : quotient);
}

}  // namespace

void Clock::Set(const ClockOptions& options) {
  NORN_CHECK(exact_) << "a clock is set once; later it is stepped";
  NORN_CHECK(options.drift_ppm >= -kMostDriftPpm) << options.drift_ppm;
  NORN_CHECK(options.drift_ppm <= kMostDriftPpm) << options.drift_ppm;
  NORN_CHECK(absl::AbsDuration(options.offset) <= kMostOffset) << options.offset;
  offset_ = ToNanos(options.offset);
  drift_ppm_ = options.drift_ppm;
  exact_ = offset_ == 0 && drift_ppm_ == 0;
}

void Clock::Step(absl::Duration by) {
  NORN_CHECK(absl::AbsDuration(by + absl::Nanoseconds(offset_)) <= kMostOffset) << by;
  offset_ += ToNanos(by);
  exact_ = offset_ == 0 && drift_ppm_ == 0;
}

Time Clock::Drifted(Time now) const {
  return Time::FromNanos(FloorDiv(Int128{now.nanos()} * (kMillion + drift_ppm_), kMillion));
}

// Drifted() rounds down, so the first time at which it shows enough is found by rounding up.
Time Clock::When(Time shown, int64_t offset, Time now) const {
  if (shown == Time::Max()) return shown;
  const Int128 wanted = Int128{shown.nanos()} - offset;
  const Int128 scaled = wanted * kMillion;
  const Time at = Time::FromNanos(-FloorDiv(-scaled, kMillion + drift_ppm_));
  return std::max(at, now);
}

}  // namespace norn::sim
