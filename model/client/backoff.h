// An exponential back-off with jitter, as kafka-clients computes it, in whole numbers: initial x
// 2^attempts, held at the maximum, times a factor within +-20 %, held at the maximum again, whole
// milliseconds (ExponentialBackoff).
#ifndef NORN_MODEL_CLIENT_BACKOFF_H_
#define NORN_MODEL_CLIENT_BACKOFF_H_

#include <algorithm>
#include <cstdint>

#include "absl/time/time.h"
#include "sim/random.h"

namespace norn::model {

struct Backoff {
  int64_t initial_ms = 100;
  int64_t max_ms = 1000;
  int32_t jitter_percent = 20;

  static Backoff Of(absl::Duration initial, absl::Duration max) {
    return {absl::ToInt64Milliseconds(initial), absl::ToInt64Milliseconds(max)};
  }

  // After `attempts` failures before this one, from 0. `stream` and `key` decide the jitter.
  absl::Duration After(int64_t attempts, sim::Chance& chance, sim::Stream stream,
                       sim::Key key) const {
    if (initial_ms <= 0) return absl::ZeroDuration();
    int64_t nominal_ms = initial_ms;
    for (int64_t i = 0; i < attempts && nominal_ms < max_ms; ++i) nominal_ms *= 2;
    // A maximum below the initial value is the value, jittered and held: as Java does it.
    nominal_ms = std::min(nominal_ms, std::max(max_ms, initial_ms));
    const int64_t nominal = nominal_ms * 1'000'000;
    const int64_t low = nominal / 100 * (100 - jitter_percent);
    const int64_t width = nominal / 100 * (2 * jitter_percent);
    const int64_t drawn =
        low + static_cast<int64_t>(chance.Uniform(stream, key, static_cast<uint64_t>(width) + 1));
    return absl::Milliseconds(std::min(drawn / 1'000'000, max_ms));
  }
};

}  // namespace norn::model

#endif  // NORN_MODEL_CLIENT_BACKOFF_H_
