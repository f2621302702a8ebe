// One direction of the wire between two machines: how long it takes, how much fits, what is lost,
// and whether it is cut.
//
// All connections from one machine to another share a link; its bandwidth is a time until which it
// is busy. A lost segment never makes a hole: Carry returns when the bytes arrive after all the
// retransmissions it took, so that a lossy link costs no events.
#ifndef NORN_SIM_LINK_H_
#define NORN_SIM_LINK_H_

#include <cstdint>
#include <optional>
#include <string>

#include "absl/time/time.h"
#include "sim/random.h"
#include "sim/time.h"

namespace norn::sim {

// How long a segment is under way.
struct Latency {
  absl::Duration min = absl::Microseconds(200);
  absl::Duration mean_extra = absl::ZeroDuration();  // exponential, on top
};

struct LinkOptions {
  Latency latency = {};
  int64_t bytes_per_second = 0;  // 0: unlimited. Shared by all connections of the link
  Probability loss = {};         // of each segment, independently
};

// How a sender goes on when nothing is acknowledged: it waits `first`, then twice as long, up to
// `longest`, and gives up after `most` retransmissions. Nanoseconds.
struct Retransmission {
  int64_t first;
  int64_t longest;
  int most;
};

class Link {
 public:
  // `name` is "p1->b2": its decisions are made in the streams "link/p1->b2/latency" and ".../loss".
  // REQUIRES: no latency or bandwidth is negative.
  Link(std::string name, const LinkOptions& options);

  void Set(const LinkOptions& options);

  struct Load {
    int64_t bytes = 0;
    int64_t segments = 1;
    uint64_t connection = 0;
    uint64_t burst = 0;  // with `connection`, the key of what is drawn for it
  };
  struct Journey {
    Time sent;     // the last transmission it took left the sender then
    Time arrives;  // or, if it never does, the sender gives up then
    bool gives_up = false;
  };
  // Puts `load` on the wire at `now`, behind what is there. `back` is the way an acknowledgement
  // takes.
  Journey Carry(Chance& chance, Time now, const Load& load, const Link& back,
                const Retransmission& retransmission);
  // Nothing but a constant latency, the mean: what Carry would say is plain without asking.
  bool plain() const { return plain_; }

  // On average, without queueing. An acknowledgement takes exactly this long.
  int64_t mean_latency() const { return latency_ + mean_extra_; }

  // Nothing comes through. What is under way when it is blocked, is lost if it still is when that
  // would arrive.
  bool blocked() const { return blocked_; }
  bool cut() const { return cut_; }
  // Blocked if it is cut itself, or if what one of its ends sends and receives vanishes.
  void SetCut(bool cut, bool end_vanishes) {
    cut_ = cut;
    blocked_ = cut || end_vanishes;
  }

 private:
  // Sends `load` as often as it takes until none of its segments is lost.
  void Lose(Chance& chance, const Load& load, const Link& back,
            const Retransmission& retransmission, Journey& journey);
  Probability LossOfAny(int64_t segments) const;

  std::string name_;
  int64_t latency_ = 0;
  int64_t mean_extra_ = 0;
  int64_t bytes_per_second_ = 0;
  Probability loss_;
  uint64_t survival_ = 0;  // the probability that a segment is not lost, in 2^-63
  bool plain_ = true;
  bool cut_ = false;
  bool blocked_ = false;
  Time busy_until_;
  // Resolved when first drawn from: most links never are.
  std::optional<Stream> latency_stream_;
  std::optional<Stream> loss_stream_;
};

}  // namespace norn::sim

#endif  // NORN_SIM_LINK_H_
