// What a machine's clocks show. The simulation has one time; a machine reads it through two clocks:
//
//   wall        what CLOCK_REALTIME shows (Java's currentTimeMillis): off by an offset, fast or
//   slow
//               by some parts per million, and moved by whoever sets it.
//   monotonic   what CLOCK_MONOTONIC shows (nanoTime): as fast or slow, and never set.
//
// Both are instants on the same scale as Time, so that a clock without faults shows the time
// itself: such a clock is one branch. Arithmetic is whole numbers, rounded down; a clock never goes
// backwards but by a step. Waiting is done on the monotonic clock: a machine that is fast by 100
// ppm waits 0.9999 of what it was told to.
//
// Example:
//   Clock clock;
//   clock.Set({.offset = absl::Seconds(-5), .drift_ppm = 100});
//   clock.Wall(now);                          // five seconds behind, and gaining
//   clock.Step(absl::Minutes(2));             // NTP sets it
//   clock.WhenWallShows(deadline, now);       // if it is left alone from now on
#ifndef NORN_SIM_CLOCK_H_
#define NORN_SIM_CLOCK_H_

#include <cstdint>

#include "absl/time/time.h"
#include "sim/time.h"

namespace norn::sim {

struct ClockOptions {
  absl::Duration offset = absl::ZeroDuration();  // of the wall clock when the run begins
  int64_t drift_ppm = 0;                         // fast if above 0; of both clocks
};

class Clock {
 public:
  // Beyond that a crystal is no clock.
  static constexpr int64_t kMostDriftPpm = 100'000;

  // Nor is one that is further off than this (30 years).
  static constexpr absl::Duration kMostOffset = absl::Hours(24 * 365 * 30);

  // Once, at the begin of the run. REQUIRES: drift_ppm within +-kMostDriftPpm.
  void Set(const ClockOptions& options);
  // Whoever sets the clock moves it by so much, forward or back. REQUIRES: it is then within
  // kMostOffset of the monotonic clock.
  void Step(absl::Duration by);

  // No offset, drift or step so far: it shows the time.
  bool exact() const { return exact_; }

  Time Monotonic(Time now) const { return __builtin_expect(exact_, 1) ? now : Drifted(now); }
  Time Wall(Time now) const {
    return __builtin_expect(exact_, 1) ? now : Drifted(now).PlusNanos(offset_);
  }
  // The first time at which the clock shows `shown` or more, unless it is stepped before; not
  // before `now`. Max() for Max().
  Time WhenMonotonicShows(Time shown, Time now) const {
    return __builtin_expect(exact_, 1) ? (shown < now ? now : shown) : When(shown, 0, now);
  }
  Time WhenWallShows(Time shown, Time now) const {
    return __builtin_expect(exact_, 1) ? (shown < now ? now : shown) : When(shown, offset_, now);
  }

 private:
  Time Drifted(Time now) const;
  Time When(Time shown, int64_t offset, Time now) const;

  bool exact_ = true;
  int64_t offset_ = 0;  // of the wall clock from the monotonic one, in ns
  int64_t drift_ppm_ = 0;
};

}  // namespace norn::sim

#endif  // NORN_SIM_CLOCK_H_
