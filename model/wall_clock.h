// The wall clock of every machine: what a record's timestamp is taken from. A run begins at the
// first instant of 2025 (UTC).
#ifndef NORN_MODEL_WALL_CLOCK_H_
#define NORN_MODEL_WALL_CLOCK_H_

#include <cstdint>

#include "sim/time.h"

namespace norn::model {

constexpr int64_t kWallEpochMs = 1'735'689'600'000;

// Milliseconds since 1970, as Kafka's timestamps are.
inline int64_t WallMillis(sim::Time now) { return kWallEpochMs + now.millis(); }

}  // namespace norn::model

#endif  // NORN_MODEL_WALL_CLOCK_H_
