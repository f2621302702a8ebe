// One direction of a connection: the bytes its sender has queued, those under way, those its
// receiver has not read, and the retransmission of what did not arrive.
//
// Positions are bytes from the start of the stream. They are ordered so:
//
//     read_ <= received_ <= sent_ <= queued_end_           acked_ <= received_
//
//   received_ .. sent_        on the wire, in `bursts_`, or lost and waiting for the timer
//   sent_ .. queued_end_      in the kernel of the sender, as far as its buffer reaches, which is
//                             up to acked_ + send_buffer_, and in the process beyond that
//
// A burst is what is sent at one go: a frame, or as much of it as the windows allow. It is one
// event, at its arrival, and only there is looked whether the way was open. Acknowledgements are no
// events: they lie in a queue with the time of their arrival, and are looked at when the sender has
// something to send; a sender that is blocked schedules an event for the one that will free it.
#ifndef NORN_SIM_PIPE_H_
#define NORN_SIM_PIPE_H_

#include <algorithm>
#include <cstdint>
#include <limits>
#include <memory>

#include "sim/delayed_acks.h"
#include "sim/event_queue.h"
#include "sim/link.h"
#include "sim/network.h"
#include "sim/ring.h"
#include "sim/time.h"

namespace norn::sim {

class Pipe {
 public:
  // The pipe of what end `from` (0 or 1) of `connection` sends.
  void Open(Connection* connection, int from, Link* link, Link* back);
  // From here on it may send. REQUIRES: Open.
  void Establish(const SocketOptions& sender, int64_t receive_buffer);
  // Forgets all that was ever sent, but not what is on the wire.
  void Restart();
  void Clear();

  // --- The sender's side.
  uint64_t Push(Frame frame, bool tell_written);
  bool everything_written();
  // The number of the next frame whose writer wants to know that the kernel took it; -1 if none.
  int64_t NextWritten();
  // The same, and it knows now.
  int64_t TakeWritten();
  // Nothing is sent any more but what the kernel has taken, and then the end of stream.
  void Finish();
  void SendSyn() { Transmit(kSyn, 0, 0); }
  void SendSynAck() { Transmit(kSynAck, 0, 0); }
  void SendReset() { Transmit(kReset, 0, 0); }
  // The kernel of the sender knows nothing of this connection any more.
  void SenderGone();
  // And what it would still have put on the wire is gone with it.
  void SenderOff(Time now) { off_since_ = now; }
  // Perhaps nobody is there any more: if it waits for the receiver to say something, it asks.
  void Doubt();
  // The other end answered with a reset to what was sent, and that was lost.
  void AnswerLost();
  int64_t queued_end() const { return queued_end_; }

  // --- The receiver's side.
  bool HasFrame() const { return complete_ > 0; }
  bool AtEnd() const { return ended_ && complete_ == 0; }
  int64_t unread() const { return received_ - read_; }
  // The next frame, now read. REQUIRES: HasFrame().
  Frame Read();
  // Reads what there is of a frame that has not arrived as a whole.
  void ReadRest();
  void ReceiverGone();

  // --- On the way.
  // What has not arrived never will.
  void Void();
  // False if more than that has arrived.
  bool CutAfter(int64_t position, Network::CutManner manner);
  void TakeBackCut() { cut_at_ = kNever; }
  // Of what is sent from now on nothing arrives, and nothing behind it, until Release().
  void HoldWhatFollows() { hold_at_ = std::min(hold_at_, queued_end_); }
  void Release();

 private:
  enum BurstKind : uint8_t { kData, kEnd, kProbe, kSyn, kSynAck, kReset, kVoid };
  struct Queued {
    int64_t end = 0;
    std::unique_ptr<Message> message;
    int64_t extra_delay = 0;
    uint32_t size = 0;
    FrameFate fate = FrameFate::kDeliver;
  };
  struct Burst {
    Time sent;
    int64_t end = 0;
    uint32_t size = 0;
    BurstKind kind = kVoid;
    bool gives_up = false;
  };
  struct Ack {
    Time at;  // when the sender hears of it
    int64_t acked = 0;
    int64_t window_end = 0;
  };
  struct Writing {
    int64_t end = 0;
    int64_t frame = 0;
  };
  static constexpr int64_t kNever = std::numeric_limits<int64_t>::max();

  void TrySend();
  bool WantsToSend() const { return sent_ < queued_end_; }
  // Something is not acknowledged.
  bool Outstanding() const;
  // It has no room to send, and nothing is under way that would give it some.
  bool Starves() const;
  // How far the stream may be sent when that is acknowledged and that window known.
  int64_t Limit(int64_t acked, int64_t window_end) const;
  // How far Nagle's algorithm lets it be sent when that is acknowledged.
  int64_t NagleLimit(int64_t acked) const;
  // What may go next, up to `limit`: the end of a burst, or sent_ if it is not worth sending.
  int64_t NextBurstEnd(int64_t acked, int64_t limit) const;
  int64_t PartEnd(int64_t acked, int64_t limit) const;
  void Transmit(BurstKind kind, int64_t size, int64_t extra_delay);
  Link::Journey CarrySlowly(BurstKind kind, int64_t size);
  void HearAcks(Time now);
  void Blocked();
  void WaitForAck();
  void AckArrives();

  // What a tap is shown of a frame.
  NetworkTap::Passing PassingOf(const Queued& frame) const;
  void Arrive();
  bool Passes(const Burst& burst) const;
  bool Holds(const Burst& burst) const { return arrivals_held_ > 0 || burst.end > hold_at_; }
  void Lose(const Burst& burst);
  void DataArrives(const Burst& burst);
  void EndArrives(const Burst& burst);
  void ProbeArrives(const Burst& burst);
  Frame TakeFrame();
  void Acknowledge(Time sent);
  void UpdateWindow();
  void PushAck();
  // The same of one that the sender hears of at `at`, which may be before one that was delayed.
  void PushAckAt(Time at);
  // Something goes back that leaves and arrives then, and acknowledges what has arrived here.
  void AckRides(Time leaves, Time arrives);
  void Recover(Time sent, bool gap);
  void Retransmit();
  // The cut that CutAfter ordered is reached.
  void Strike();

  Connection* connection_ = nullptr;
  Simulation* sim_ = nullptr;
  Link* link_ = nullptr;
  Link* back_ = nullptr;
  int from_ = 0;
  bool established_ = false;
  bool held_ = false;  // sends nothing until the retransmission timer
  bool carries_acks_ =
      false;                 // the other pipe's delayed acknowledgements ride on what is sent here
  bool end_wanted_ = false;  // the end of stream follows the last byte
  bool end_sent_ = false;
  bool ended_ = false;  // the end of stream has arrived
  Network::CutManner cut_manner_ = Network::CutManner::kReset;
  int tries_ = 0;        // retransmissions since something was acknowledged
  int64_t timeout_ = 0;  // of the next one

  int64_t queued_end_ = 0;
  int64_t sent_ = 0;
  int64_t acked_ = 0;
  int64_t window_end_ = 0;  // how far the receiver said that it has room
  int64_t received_ = 0;
  int64_t read_ = 0;
  int64_t send_buffer_ = 0;
  int64_t receive_buffer_ = 0;
  int64_t cut_at_ = kNever;
  int64_t hold_at_ = kNever;
  uint64_t frames_pushed_ = 0;
  uint64_t bursts_sent_ = 0;
  uint32_t arrivals_held_ = 0;  // bursts at the front that would have arrived
  uint32_t complete_ = 0;       // frames that have arrived as a whole and are not read
  uint32_t unsent_ = 0;         // index of the first frame that was not sent as a whole
  Time last_sent_;
  Time last_arrival_;
  Time off_since_ = Time::Max();
  TimerId retransmit_;
  TimerId ack_event_;
  // Null unless its sender has Nagle's algorithm on, and is still open.
  std::unique_ptr<DelayedAcks> nagle_;

  Ring<Queued, 4> frames_;
  Ring<Burst, 4> bursts_;
  Ring<Ack, 4> acks_;
  Ring<Writing, 1> writing_;
};

inline void Pipe::HearAcks(Time now) {
  while (!acks_.empty() && acks_.front().at <= now) {
    acked_ = acks_.front().acked;
    window_end_ = acks_.front().window_end;
    acks_.drop_front();
  }
}

inline int64_t Pipe::Limit(int64_t acked, int64_t window_end) const {
  return std::min(window_end, acked + send_buffer_);
}

inline int64_t Pipe::NextBurstEnd(int64_t acked, int64_t limit) const {
  const int64_t next = unsent_ < frames_.size() ? frames_[unsent_].end : queued_end_;
  return __builtin_expect(next <= limit, 1) ? next : PartEnd(acked, limit);
}

}  // namespace norn::sim

#endif  // NORN_SIM_PIPE_H_
