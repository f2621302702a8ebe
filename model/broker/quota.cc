#include "model/broker/quota.h"

#include <algorithm>

namespace norn::model {

void ByteRate::Record(sim::Time now, int64_t bytes) {
  const int64_t now_ms = now.millis();
  if (samples_.empty()) samples_.push_back({now_ms, now_ms});
  if (now_ms - samples_[current_].begins_ms >= options_.sample_ms) {
    current_ = (current_ + 1) % static_cast<size_t>(options_.samples);
    if (current_ >= samples_.size()) {
      samples_.push_back({now_ms, now_ms});
    } else {
      samples_[current_] = {now_ms, now_ms};
    }
  }
  samples_[current_].bytes += bytes;
  samples_[current_].last_ms = now_ms;
}

// What nobody added to for the whole window begins anew.
void ByteRate::Forget(int64_t now_ms) {
  for (Sample& sample : samples_)
    if (now_ms - sample.last_ms >= options_.samples * options_.sample_ms) sample = {now_ms, now_ms};
}

int64_t ByteRate::ThrottleMs(sim::Time now, int64_t per_second) {
  if (samples_.empty()) return 0;
  const int64_t now_ms = now.millis();
  Forget(now_ms);
  int64_t bytes = 0;
  int64_t oldest = now_ms;
  for (const Sample& sample : samples_) {
    bytes += sample.bytes;
    oldest = std::min(oldest, sample.begins_ms);
  }
  int64_t window = now_ms - oldest;
  const int64_t missing = options_.samples - 1 - window / options_.sample_ms;
  if (missing > 0) window += missing * options_.sample_ms;
  if (window == 0) window = options_.sample_ms;
  // 1000 * bytes / quota - window, rounded half up as Math.round does.
  const int64_t over = 1000 * bytes - window * per_second;
  return over <= 0 ? 0 : (2 * over + per_second) / (2 * per_second);
}

}  // namespace norn::model
