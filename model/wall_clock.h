// What a wall clock's instant is called: what a record's timestamp is taken from. On a clock that
// is right a run begins at the first instant of 2025 (UTC).
#ifndef NORN_MODEL_WALL_CLOCK_H_
#define NORN_MODEL_WALL_CLOCK_H_

#include <cstdint>

#include "sim/time.h"

namespace norn::model {

constexpr int64_t kWallEpochMs = 1'735'689'600'000;

// Before whatever a clock shows: for what has not happened yet.
inline constexpr sim::Time kLongAgo = sim::Time::FromNanos(-(int64_t{1} << 61));

// Milliseconds since 1970, as Kafka's timestamps are, of what a wall clock shows (sim::Clock).
inline int64_t WallMillis(sim::Time shown) {
  // Rounded down: a clock that is behind shows instants from before the run.
  const int64_t nanos = shown.nanos();
  return kWallEpochMs + (nanos >= 0 ? nanos / 1'000'000 : -((-nanos + 999'999) / 1'000'000));
}

}  // namespace norn::model

#endif  // NORN_MODEL_WALL_CLOCK_H_
