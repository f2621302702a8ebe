#include "sim/link.h"

#include <algorithm>
#include <utility>

#include "sim/check.h"
#include "sim/fixed_point.h"

namespace norn::sim {
namespace {

constexpr uint64_t kOne = uint64_t{1} << 63;  // of survival_

// The number of 64-bit words that `p` covers, at most 2^64 - 1.
uint64_t Threshold(Probability p) {
  uint64_t covered = 0;
  for (uint64_t step = kOne; step != 0; step /= 2)
    if (p.Covers(covered + step - 1)) covered += step;
  return covered;
}

uint64_t Times(uint64_t a, uint64_t b) { return static_cast<uint64_t>((UInt128{a} * b) >> 63); }

}  // namespace

Link::Link(std::string name, const LinkOptions& options) : name_(std::move(name)) { Set(options); }

void Link::Set(const LinkOptions& options) {
  latency_ = ToNanos(options.latency.min);
  mean_extra_ = ToNanos(options.latency.mean_extra);
  bytes_per_second_ = options.bytes_per_second;
  NORN_CHECK(latency_ >= 0) << name_ << " would deliver before it sends";
  NORN_CHECK(mean_extra_ >= 0) << name_ << " would deliver before it sends";
  NORN_CHECK(bytes_per_second_ >= 0) << name_ << ": 0 is an unlimited bandwidth";
  loss_ = options.loss;
  if (loss_ != Probability::Never()) {
    survival_ = loss_ == Probability::Always() ? 0 : kOne - Threshold(loss_) / 2;
  }
  plain_ = mean_extra_ == 0 && bytes_per_second_ == 0 && loss_ == Probability::Never();
}

Link::Journey Link::Carry(Chance& chance, Time now, const Load& load, const Link& back,
                          const Retransmission& retransmission) {
  Journey journey;
  journey.sent = now;
  if (bytes_per_second_ > 0) {
    // The last byte leaves then. The first may have arrived: a frame is read as a whole.
    const Int128 nanos = Int128{load.bytes} * 1'000'000'000 / bytes_per_second_;
    busy_until_ = std::max(now, busy_until_).PlusNanos(static_cast<int64_t>(nanos));
    journey.sent = busy_until_;
  }
  int64_t latency = latency_;
  if (mean_extra_ > 0) {
    if (!latency_stream_) latency_stream_ = chance.Resolve("link/" + name_ + "/latency");
    latency +=
        chance.ExponentialNanos(*latency_stream_, {load.connection, load.burst}, mean_extra_);
  }
  if (loss_ != Probability::Never()) Lose(chance, load, back, retransmission, journey);
  journey.arrives = journey.gives_up ? journey.sent : journey.sent.PlusNanos(latency);
  return journey;
}

void Link::Lose(Chance& chance, const Load& load, const Link& back,
                const Retransmission& retransmission, Journey& journey) {
  if (!loss_stream_) loss_stream_ = chance.Resolve("link/" + name_ + "/loss");
  int64_t timeout = retransmission.first;
  int timeouts = 0;
  // All but the lost one arrive the first time, so from then on it is about one segment.
  int64_t segments = load.segments;
  for (int64_t attempt = 0;; ++attempt) {
    const Key key(load.connection, load.burst, attempt);
    if (!chance.Bernoulli(*loss_stream_, key, LossOfAny(segments))) return;
    // Three segments that arrive after the hole make the receiver repeat itself three times, and
    // the sender does not wait for its timer.
    if (segments > 3) {
      const uint64_t lost = chance.Uniform(*loss_stream_, key, static_cast<uint64_t>(segments));
      if (lost + 3 < static_cast<uint64_t>(segments)) {
        journey.sent = journey.sent.PlusNanos(mean_latency() + back.mean_latency());
        segments = 1;
        continue;
      }
    }
    segments = 1;
    journey.sent = journey.sent.PlusNanos(timeout);
    timeout = std::min(timeout * 2, retransmission.longest);
    if (++timeouts > retransmission.most) {
      journey.gives_up = true;
      return;
    }
  }
}

Probability Link::LossOfAny(int64_t segments) const {
  if (segments == 1) return loss_;
  uint64_t all_survive = kOne;
  uint64_t power = survival_;
  for (int64_t n = segments; n > 0; n /= 2) {
    if (n % 2 == 1) all_survive = Times(all_survive, power);
    power = Times(power, power);
  }
  return Probability::Ratio(kOne - all_survive, kOne);
}

}  // namespace norn::sim
