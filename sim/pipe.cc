#include "sim/pipe.h"

#include <algorithm>
#include <utility>

#include "sim/check.h"
#include "sim/connection.h"

namespace norn::sim {
namespace {

constexpr Label kFrameArrives{"bytes arrive"};
constexpr Label kEndArrives{"end of stream arrives"};
constexpr Label kProbeArrives{"probe arrives"};
constexpr Label kSynArrives{"SYN arrives"};
constexpr Label kSynAckArrives{"SYN-ACK arrives"};
constexpr Label kResetArrives{"RST arrives"};
constexpr Label kAckArrives{"awaited ACK arrives"};

// By BurstKind.
constexpr const Label* kLabels[] = {&kFrameArrives, &kEndArrives,    &kProbeArrives,
                                    &kSynArrives,   &kSynAckArrives, &kResetArrives};

// A handshake waits longer than data: nothing is known about the way yet.
constexpr int64_t kFirstSynTimeout = 1'000'000'000;

}  // namespace

void Pipe::Open(Connection* connection, int from, Link* link, Link* back) {
  connection_ = connection;
  sim_ = &connection->network().sim();
  from_ = from;
  link_ = link;
  back_ = back;
  timeout_ = connection->network().retransmission_.first;
}

void Pipe::Establish(const SocketOptions& sender, int64_t receive_buffer) {
  established_ = true;
  send_buffer_ = sender.send_buffer;
  receive_buffer_ = receive_buffer;
  window_end_ = receive_buffer;
  if (sender.nagle) {
    nagle_ = std::make_unique<DelayedAcks>();
    connection_->pipe(1 - from_).carries_acks_ = true;
  }
  TrySend();
}

void Pipe::Restart() {
  Void();
  Link* const link = link_;
  Link* const back = back_;
  const uint64_t bursts_sent = bursts_sent_;
  const Time last_arrival = last_arrival_;
  Clear();
  Open(connection_, from_, link, back);
  bursts_sent_ = bursts_sent;
  last_arrival_ = last_arrival;
}

void Pipe::Clear() {
  NORN_CHECK(!retransmit_) << "a timer outlives its pipe";
  NORN_CHECK(!ack_event_) << "an event outlives its pipe";
  frames_.clear();
  acks_.clear();
  writing_.clear();
  established_ = held_ = carries_acks_ = end_wanted_ = end_sent_ = ended_ = false;
  nagle_.reset();
  tries_ = 0;
  queued_end_ = sent_ = acked_ = window_end_ = received_ = read_ = 0;
  send_buffer_ = receive_buffer_ = 0;
  NORN_CHECK(arrivals_held_ == 0) << "held bytes outlive their pipe";
  cut_at_ = hold_at_ = kNever;
  frames_pushed_ = bursts_sent_ = 0;
  complete_ = unsent_ = 0;
  last_sent_ = last_arrival_ = Time::Zero();
  off_since_ = Time::Max();
}

// --- The sender's side.

uint64_t Pipe::Push(Frame frame, bool tell_written) {
  NORN_CHECK(frame.size > 0) << "a frame of " << frame.size << " bytes";
  NORN_CHECK(frame.size <= std::numeric_limits<uint32_t>::max())
      << "a frame of " << frame.size << " bytes";
  queued_end_ += frame.size;
  Queued& queued = frames_.push_back();
  queued.end = queued_end_;
  queued.message = std::move(frame.message);
  queued.extra_delay = frame.extra_delay == absl::ZeroDuration() ? 0 : ToNanos(frame.extra_delay);
  queued.size = static_cast<uint32_t>(frame.size);
  queued.fate = frame.fate;
  if (NetworkTap* tap = connection_->network().tap_; __builtin_expect(tap != nullptr, 0))
    tap->OnSent(PassingOf(queued));
  const uint64_t number = frames_pushed_++;
  if (tell_written) writing_.push_back({queued_end_, static_cast<int64_t>(number)});
  TrySend();
  if (__builtin_expect(tell_written, 0)) {
    if (NextWritten() >= 0) {
      connection_->ScheduleTurn(from_);
    } else {
      WaitForAck();
    }
  }
  return number;
}

bool Pipe::everything_written() {
  HearAcks(sim_->Now());
  return queued_end_ == 0 || (established_ && queued_end_ <= acked_ + send_buffer_);
}

int64_t Pipe::NextWritten() {
  if (writing_.empty() || !established_) return -1;
  HearAcks(sim_->Now());
  return writing_.front().end <= acked_ + send_buffer_ ? writing_.front().frame : -1;
}

int64_t Pipe::TakeWritten() {
  const int64_t frame = NextWritten();
  if (frame >= 0) writing_.pop_front();
  return frame;
}

void Pipe::Finish() {
  HearAcks(sim_->Now());
  const int64_t taken = std::max(sent_, std::min(queued_end_, acked_ + send_buffer_));
  while (frames_.size() > unsent_ && frames_.back().end > taken) frames_.pop_back();
  queued_end_ = taken;
  writing_.clear();
  end_wanted_ = true;
  // Closing pushes out what was held back.
  nagle_.reset();
  TrySend();
}

void Pipe::SenderGone() {
  connection_->Cancel(retransmit_);
  connection_->Cancel(ack_event_);
  while (frames_.size() > unsent_) frames_.pop_back();
  queued_end_ = sent_;
  writing_.clear();
  established_ = false;
  end_wanted_ = false;
}

void Pipe::Doubt() {
  if (Starves()) Recover(sim_->Now(), false);
}

void Pipe::AnswerLost() {
  HearAcks(sim_->Now());
  if (Outstanding() || Starves()) Recover(last_sent_, false);
}

bool Pipe::Starves() const {
  return established_ && WantsToSend() && !retransmit_ && !ack_event_ && bursts_.empty();
}

bool Pipe::Outstanding() const { return acked_ < sent_ || (end_sent_ && !ended_); }

int64_t Pipe::PartEnd(int64_t acked, int64_t limit) const {
  // A part of it, if that is worth the while: half of what fits into the buffers, so that a large
  // frame is not sent in as many small pieces as small frames went before it.
  const int64_t room = limit - sent_;
  if (room <= 0) return sent_;
  const int64_t worth = std::max(connection_->network().options_.segment_bytes,
                                 std::min(send_buffer_, receive_buffer_) / 2);
  return room >= worth || acked == sent_ ? limit : sent_;
}

int64_t Pipe::NagleLimit(int64_t acked) const {
  if (acked >= sent_) return kNever;
  const int64_t segment = connection_->network().options_.segment_bytes;
  return sent_ + (queued_end_ - sent_) / segment * segment;
}

void Pipe::TrySend() {
  if (!established_ || held_) return;
  HearAcks(sim_->Now());
  // What goes at one go need not wait for itself.
  const int64_t nagle_limit = nagle_ == nullptr ? kNever : NagleLimit(acked_);
  while (WantsToSend()) {
    const int64_t end = NextBurstEnd(acked_, std::min(nagle_limit, Limit(acked_, window_end_)));
    if (end == sent_) {
      Blocked();
      return;
    }
    int64_t extra_delay = 0;
    bool vanishes = false;
    if (unsent_ < frames_.size() && frames_[unsent_].end == end) {
      Queued& frame = frames_[unsent_++];
      extra_delay = std::exchange(frame.extra_delay, 0);
      vanishes = frame.fate != FrameFate::kDeliver;
    }
    Transmit(kData, end - sent_, extra_delay);
    // What a box takes off the way acknowledges nothing; what it keeps may come too late for that.
    if (__builtin_expect(carries_acks_, 0) && !vanishes)
      connection_->pipe(1 - from_).AckRides(sim_->Now().PlusNanos(extra_delay), last_arrival_);
  }
  if (end_wanted_ && !end_sent_) {
    end_sent_ = true;
    Transmit(kEnd, 0, 0);
  }
}

void Pipe::Transmit(BurstKind kind, int64_t size, int64_t extra_delay) {
  const Time now = sim_->Now();
  const Link::Journey journey =
      __builtin_expect(link_->plain(), 1)
          ? Link::Journey{now, now.PlusNanos(link_->mean_latency()), false}
          : CarrySlowly(kind, size);
  ++bursts_sent_;
  // Nothing overtakes within a stream.
  last_arrival_ = std::max(last_arrival_, journey.arrives.PlusNanos(extra_delay));
  last_sent_ = journey.sent;
  sent_ += size;
  Burst& burst = bursts_.push_back();
  burst.sent = journey.sent;
  burst.end = sent_;
  burst.size = static_cast<uint32_t>(size);
  burst.kind = kind;
  burst.gives_up = journey.gives_up;
  connection_->Scheduled();
  // The event takes whatever burst is first then, so it does not matter in which order those of one
  // instant happen.
  sim_->Schedule(last_arrival_, 0, *kLabels[kind], [this] { Arrive(); });
}

Link::Journey Pipe::CarrySlowly(BurstKind kind, int64_t size) {
  const Network& network = connection_->network();
  const int64_t segment = network.options_.segment_bytes;
  Link::Load load;
  load.bytes = size;
  load.segments = size <= segment ? 1 : (size + segment - 1) / segment;
  load.connection = connection_->id();
  load.burst = bursts_sent_;
  Retransmission retransmission = network.retransmission_;
  if (kind == kSyn) {
    retransmission.first = kFirstSynTimeout;
    retransmission.most = network.options_.max_syn_retries;
  }
  return link_->Carry(sim_->chance(), sim_->Now(), load, *back_, retransmission);
}

void Pipe::Blocked() {
  WaitForAck();
  if (ack_event_ || retransmit_ || !bursts_.empty()) return;
  // Nothing is under way that would end this. If the receiver has no room and knows it, it will say
  // when it has. If it cannot, or did and was not heard, the sender must ask.
  const Connection::End& to = connection_->end(1 - from_);
  if (link_->blocked() || back_->blocked() || connection_->silenced() || !to.host->powered() ||
      to.kernel != Connection::Kernel::kOpen || read_ + receive_buffer_ > window_end_) {
    Recover(sim_->Now(), false);
  }
}

void Pipe::WaitForAck() {
  if (ack_event_) return;
  HearAcks(sim_->Now());
  for (uint32_t i = 0; i < acks_.size(); ++i) {
    const Ack& ack = acks_[i];
    int64_t limit = Limit(ack.acked, ack.window_end);
    if (nagle_ != nullptr) limit = std::min(limit, NagleLimit(ack.acked));
    const bool sends = WantsToSend() && NextBurstEnd(ack.acked, limit) > sent_;
    const bool writes = !writing_.empty() && writing_.front().end <= ack.acked + send_buffer_;
    if (!sends && !writes) continue;
    connection_->Scheduled();
    ack_event_ = sim_->Schedule(ack.at, 0, kAckArrives, [this] { AckArrives(); });
    return;
  }
}

void Pipe::AckArrives() {
  ack_event_ = TimerId{};
  TrySend();
  if (NextWritten() >= 0) connection_->Tell(from_);
  if (!writing_.empty()) WaitForAck();
  connection_->EventDone();
}

// --- The receiver's side.

Frame Pipe::TakeFrame() {
  Queued& queued = frames_.front();
  Frame frame;
  frame.size = queued.size;
  frame.message = std::move(queued.message);
  frame.fate = queued.fate;
  frames_.drop_front();
  --complete_;
  --unsent_;
  return frame;
}

Frame Pipe::Read() {
  const int64_t end = frames_.front().end;
  Frame frame = TakeFrame();
  read_ = complete_ == 0 ? received_ : end;
  UpdateWindow();
  return frame;
}

void Pipe::ReadRest() {
  if (complete_ > 0 || read_ == received_) return;
  read_ = received_;
  UpdateWindow();
}

void Pipe::ReceiverGone() {
  for (; complete_ > 0; --complete_, --unsent_) frames_.pop_front();
  read_ = received_;
}

void Pipe::UpdateWindow() {
  if (!established_) return;
  if (back_->blocked() || connection_->silenced()) {
    // Nobody hears it.
    Doubt();
  } else if (nagle_ != nullptr && nagle_->waits() && !acks_.empty()) {
    // Room alone is no reason to acknowledge.
    acks_.back().window_end = read_ + receive_buffer_;
  } else {
    PushAck();
  }
}

void Pipe::PushAck() {
  const Time now = sim_->Now();
  // A sender that sends nothing does not listen either.
  if (acks_.full()) HearAcks(now);
  const Time at = now.PlusNanos(back_->mean_latency());
  // None overtakes the one before, and the later one says it all.
  if (acks_.empty() || acks_.back().at < at) acks_.push_back().at = at;
  acks_.back().acked = received_;
  acks_.back().window_end = read_ + receive_buffer_;
  if (__builtin_expect(WantsToSend() || !writing_.empty(), 0)) WaitForAck();
}

void Pipe::PushAckAt(Time at) {
  HearAcks(sim_->Now());
  while (!acks_.empty() && acks_.back().at > at) acks_.pop_back();
  if (acks_.empty() || acks_.back().at < at) acks_.push_back().at = at;
  acks_.back().acked = received_;
  acks_.back().window_end = read_ + receive_buffer_;
  connection_->Cancel(ack_event_);
  if (WantsToSend() || !writing_.empty()) WaitForAck();
}

void Pipe::AckRides(Time leaves, Time arrives) {
  if (nagle_ != nullptr && nagle_->OnAnswer(sim_->Now(), leaves)) PushAckAt(arrives);
}

}  // namespace norn::sim
