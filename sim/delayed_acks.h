// What a kernel does with the acknowledgements it owes to a sender with Nagle's algorithm, who
// waits for them: Linux's delayed ACK.
//
// A receiver that answers what it gets lets an acknowledgement wait for the next data that goes
// back, on which it rides, for 40 ms at most. More than a segment is acknowledged at once. When
// nothing went back in that time, it takes the traffic for a one-way stream and acknowledges at
// once, until it answers again. (What it also does at the begin of a connection: it answers nothing
// yet. Its budget of quick ACKs after that is not counted.)
//
// Where a sender sends what it has at once, nobody sees when he is acknowledged, and a Pipe
// acknowledges without any of this.
#ifndef NORN_SIM_DELAYED_ACKS_H_
#define NORN_SIM_DELAYED_ACKS_H_

#include <cstdint>

#include "sim/time.h"

namespace norn::sim {

class DelayedAcks {
 public:
  static constexpr int64_t kDelay = 40'000'000;

  // The stream is received up to `received`. Says when that is acknowledged if nothing goes back
  // before.
  Time OnData(Time now, int64_t received, int64_t segment_bytes) {
    TimerGoesOff(now);
    last_data_ = now;
    received_ = received;
    if (!answers_ || received - acknowledged_ > segment_bytes) {
      acknowledged_ = received;
      due_ = Time::Max();
      return now;
    }
    if (!waits()) due_ = now.PlusNanos(kDelay);
    return due_;
  }

  // Data go back that leave at `leaves`, and all that was received until now is acknowledged with
  // them. True if something had waited for that. Data that leave too late are no answer.
  bool OnAnswer(Time now, Time leaves) {
    TimerGoesOff(now);
    if (received_ == 0 || leaves >= last_data_.PlusNanos(kDelay) || leaves >= due_) return false;
    answers_ = true;
    const bool waited = waits();
    acknowledged_ = received_;
    due_ = Time::Max();
    return waited;
  }

  // An acknowledgement waits, or did until its time came.
  bool waits() const { return due_ < Time::Max(); }

 private:
  void TimerGoesOff(Time now) {
    if (due_ > now) return;
    due_ = Time::Max();
    acknowledged_ = received_;
    answers_ = false;
  }

  bool answers_ = false;
  Time due_ = Time::Max();
  Time last_data_;
  int64_t received_ = 0;
  int64_t acknowledged_ = 0;
};

}  // namespace norn::sim

#endif  // NORN_SIM_DELAYED_ACKS_H_
