// What happens on the way: arrivals, and what becomes of what does not arrive.
#include <algorithm>
#include <utility>

#include "sim/connection.h"
#include "sim/pipe.h"

namespace norn::sim {
namespace {

constexpr Label kRetransmissionTimer{"retransmission timer"};
constexpr Label kRetransmission{"retransmission"};
constexpr Label kReleased{"bytes released"};
constexpr Label kConnection{"connection"};
constexpr Label kTry{"try"};
constexpr Label kFrom{"from end"};

}  // namespace

void Pipe::Void() {
  for (uint32_t i = 0; i < bursts_.size(); ++i) bursts_[i].kind = kVoid;
  Release();
}

void Pipe::Release() {
  hold_at_ = kNever;
  for (; arrivals_held_ > 0; --arrivals_held_)
    sim_->Schedule(sim_->Now(), 0, kReleased, [this] { Arrive(); });
}

bool Pipe::Passes(const Burst& burst) const {
  const Host& host = *connection_->end(1 - from_).host;
  if (link_->blocked() || connection_->silenced() || !host.powered() || burst.gives_up)
    return false;
  // It lay in the queue of a machine that has lost its power since. A reset is from its next life.
  if (burst.sent > off_since_ && burst.kind != kReset) return false;
  return burst.kind != kSyn || !host.loses_connects;
}

void Pipe::Arrive() {
  if (__builtin_expect(hold_at_ != kNever, 0) && Holds(bursts_.front())) {
    ++arrivals_held_;
    return;
  }
  const Burst burst = bursts_.pop_front();
  if (burst.kind != kVoid && !Passes(burst)) {
    Lose(burst);
  } else {
    switch (burst.kind) {
      case kData:
        DataArrives(burst);
        break;
      case kEnd:
        EndArrives(burst);
        break;
      case kProbe:
        ProbeArrives(burst);
        break;
      case kSyn:
        connection_->SynArrives();
        break;
      case kSynAck:
        connection_->SynAckArrives();
        break;
      case kReset:
        connection_->ResetArrives(1 - from_);
        break;
      case kVoid:
        break;
    }
  }
  connection_->EventDone();
}

void Pipe::Lose(const Burst& burst) {
  switch (burst.kind) {
    case kSyn:
      if (burst.gives_up) {
        connection_->ConnectTimedOut();
        break;
      }
      [[fallthrough]];
    case kSynAck:
      connection_->SynLost();
      break;
    case kReset:
      // Whatever it answered was not acknowledged.
      connection_->SynLost();
      connection_->pipe(1 - from_).AnswerLost();
      break;
    default:
      if (burst.gives_up) {
        connection_->TimedOut(from_);
      } else {
        Recover(burst.sent, true);
      }
  }
}

void Pipe::DataArrives(const Burst& burst) {
  const Connection::End& to = connection_->end(1 - from_);
  if (__builtin_expect(to.kernel != Connection::Kernel::kOpen, 0)) {
    connection_->AnswerWithReset(1 - from_);
    return;
  }
  if (__builtin_expect(!to.established, 0)) {
    // The SYN-ACK before it was lost, and so this means nothing to the receiver.
    Recover(burst.sent, true);
    return;
  }
  if (__builtin_expect(burst.end - burst.size != received_, 0)) {
    // Behind a hole, which will be filled by the timer; or sent twice, of which a part may be new.
    if (burst.end - burst.size > received_) return;
    if (burst.end <= received_) {
      Acknowledge(burst.sent);
      return;
    }
  }
  received_ = std::min(burst.end, cut_at_);
  if (__builtin_expect(received_ > sent_, 0)) {
    // A burst from before a retransmission that has not come as far yet.
    sent_ = received_;
    while (unsent_ < frames_.size() && frames_[unsent_].end <= sent_) ++unsent_;
  }
  const bool whole = complete_ < frames_.size() && frames_[complete_].end <= received_;
  const bool reads = connection_->ReadsAtOnce(to);
  if (reads) read_ = received_;
  Acknowledge(burst.sent);
  if (whole) {
    ++complete_;
    if (NetworkTap* tap = connection_->network().tap_; __builtin_expect(tap != nullptr, 0))
      tap->OnArrived(PassingOf(frames_[complete_ - 1]));
    if (frames_[complete_ - 1].fate == FrameFate::kReset) {
      connection_->ResetBoth();
      return;
    }
    if (reads) connection_->GiveFrame(1 - from_, TakeFrame());
  }
  if (__builtin_expect(received_ == cut_at_, 0)) {
    Strike();
    if (received_ < burst.end) Recover(burst.sent, true);
  }
}

void Pipe::EndArrives(const Burst& burst) {
  const Connection::End& to = connection_->end(1 - from_);
  if (to.kernel == Connection::Kernel::kOpen && !to.established) {
    Recover(burst.sent, true);
    return;
  }
  if (burst.end != received_) return;
  ended_ = true;
  // All it had to do is done.
  connection_->KernelGone(from_);
  if (to.kernel == Connection::Kernel::kOpen) connection_->Tell(1 - from_);
}

void Pipe::ProbeArrives(const Burst& burst) {
  const Connection::End& to = connection_->end(1 - from_);
  if (to.kernel != Connection::Kernel::kOpen) {
    connection_->AnswerWithReset(1 - from_);
  } else if (!to.established) {
    Recover(burst.sent, true);
  } else {
    Acknowledge(burst.sent);
  }
}

void Pipe::Acknowledge(Time sent) {
  if (__builtin_expect(back_->blocked(), 0)) {
    Recover(sent, false);
    return;
  }
  tries_ = 0;
  timeout_ = connection_->network().retransmission_.first;
  if (__builtin_expect(nagle_ != nullptr, 0)) {
    const Time now = sim_->Now();
    PushAckAt(nagle_->OnData(now, received_, connection_->network().options_.segment_bytes)
                  .PlusNanos(back_->mean_latency()));
    return;
  }
  PushAck();
}

void Pipe::Recover(Time sent, bool gap) {
  if (!established_) {
    // Nobody sends again what is missing, so nobody will read what lies behind it.
    if (gap)
      while (frames_.size() > complete_) frames_.pop_back();
    unsent_ = std::min(unsent_, frames_.size());
    return;
  }
  // Until its timer tells it, the sender does not know and goes on sending. What then arrives
  // behind a hole is of no use before the hole is filled, so it may as well be sent with it.
  held_ |= gap || tries_ > 0;
  if (retransmit_) return;
  connection_->Scheduled();
  const Time at = std::max(sim_->Now(), sent.PlusNanos(timeout_));
  retransmit_ = sim_->Schedule(at, 0, kRetransmissionTimer, [this] {
    retransmit_ = TimerId{};
    Retransmit();
    connection_->EventDone();
  });
}

void Pipe::Retransmit() {
  const Retransmission& retransmission = connection_->network().retransmission_;
  held_ = false;
  HearAcks(sim_->Now());
  const bool outstanding = Outstanding();
  const bool stuck = WantsToSend() && Limit(acked_, window_end_) <= sent_;
  if (!outstanding && !stuck) {
    tries_ = 0;
    timeout_ = retransmission.first;
    TrySend();
    return;
  }
  if (tries_ == retransmission.most) {
    connection_->TimedOut(from_);
    return;
  }
  ++tries_;
  timeout_ = std::min(timeout_ * 2, retransmission.longest);
  sim_->Note(
      kRetransmission,
      {{&kConnection, static_cast<int64_t>(connection_->id())}, {&kFrom, from_}, {&kTry, tries_}});
  // What has arrived and was not acknowledged needs no event but one that fetches the answer.
  const bool asks = acked_ < received_ || !outstanding;
  sent_ = received_;
  unsent_ = complete_;
  end_sent_ = ended_;
  if (asks) Transmit(kProbe, 0, 0);
  TrySend();
}

bool Pipe::CutAfter(int64_t position, Network::CutManner manner) {
  if (position < received_) return false;
  cut_at_ = position;
  cut_manner_ = manner;
  if (position == received_) Strike();
  return true;
}

NetworkTap::Passing Pipe::PassingOf(const Queued& frame) const {
  return {connection_->id(),
          *connection_->end(from_).node,
          *connection_->end(1 - from_).node,
          from_ == 0,
          frame.size,
          frame.message.get(),
          frame.fate};
}

void Pipe::Strike() {
  NetworkTap* tap = connection_->network().tap_;
  if (tap != nullptr && complete_ < frames_.size()) tap->OnArrived(PassingOf(frames_[complete_]));
  cut_at_ = kNever;
  if (cut_manner_ == Network::CutManner::kReset) {
    connection_->ResetBoth();
  } else {
    connection_->Silence();
    connection_->Doubt();
  }
}

}  // namespace norn::sim
