#include "sim/connection.h"

#include <algorithm>
#include <utility>

#include "sim/check.h"

namespace norn::sim {
namespace {

constexpr Label kTurn{"turn of a socket"};
constexpr Label kSynTimer{"connect retry timer"};
constexpr Label kConnected{"connected"};
constexpr Label kRefused{"connection refused"};
constexpr Label kConnectTimedOut{"connect timed out"};
constexpr Label kClosed{"end of stream read"};
constexpr Label kReset{"connection reset"};
constexpr Label kTimedOut{"connection timed out"};
constexpr Label kVanished{"frame vanished"};
constexpr Label kConnection{"connection"};
constexpr Label kEnd{"end"};

}  // namespace

void Connection::Open(uint64_t id, Host& from, Node& from_node, Host& to, Node& to_node,
                      uint16_t port, const SocketOptions& options, Socket* socket) {
  id_ = id;
  port_ = port;
  Link& there = network_->LinkOf(from, to);
  Link& back = network_->LinkOf(to, from);
  pipes_[0].Open(this, 0, &there, &back);
  pipes_[1].Open(this, 1, &back, &there);
  End& client = ends_[0];
  client.host = &from;
  client.node = &from_node;
  client.socket = socket;
  client.owner = from_node.owner();
  client.kernel = Kernel::kOpen;
  client.options = options;
  ends_[1].host = &to;
  ends_[1].node = &to_node;
  syn_sent_ = sim().Now();
  pipes_[0].SendSyn();
}

bool Connection::gone() const {
  for (const End& end : ends_) {
    if (end.socket != nullptr || end.accept_due) return false;
    if (end.kernel == Kernel::kOpen || end.kernel == Kernel::kClosing) return false;
  }
  return true;
}

void Connection::FreeIfDone() {
  if (under_way_ > 0 || !gone()) return;
  for (int side = 0; side < 2; ++side) {
    pipes_[side].Clear();
    ends_[side] = End();
  }
  silenced_ = false;
  syn_retries_ = 0;
  listener_ = nullptr;
  network_->Free(this);
}

void Connection::Cancel(TimerId& timer) {
  if (!timer) return;
  NORN_CHECK(sim().Cancel(std::exchange(timer, TimerId{}))) << "the timer had gone off already";
  --under_way_;
}

void Connection::Abandon() {
  for (End& end : ends_) {
    if (end.turn) sim().Cancel(std::exchange(end.turn, TimerId{}));
    if (end.socket != nullptr) end.socket->connection_ = nullptr;
  }
}

// --- What processes do.

void Connection::Close(int side) {
  End& end = ends_[side];
  if (network_->tap_ != nullptr) network_->tap_->OnClosed(id_, *end.node);
  LetGo(side);
  const bool never_accepted = std::exchange(end.accept_due, false);
  if (end.kernel != Kernel::kOpen) {
    // Its kernel knows already, and only its process was to be told.
  } else if (!end.established) {
    KernelGone(side);
  } else if (never_accepted || pipes_[1 - side].unread() > 0) {
    KernelGone(side);
    pipes_[side].SendReset();
  } else {
    end.kernel = Kernel::kClosing;
    pipes_[side].Finish();
  }
  FreeIfDone();
}

void Connection::Reset(int side) {
  End& end = ends_[side];
  if (network_->tap_ != nullptr) network_->tap_->OnClosed(id_, *end.node);
  LetGo(side);
  if (end.kernel == Kernel::kOpen) {
    const bool established = end.established;
    KernelGone(side);
    if (established) pipes_[side].SendReset();
  }
  FreeIfDone();
}

void Connection::ResumeReading(int side) {
  End& end = ends_[side];
  if (end.reading) return;
  end.reading = true;
  if (end.host->running()) GoOn(side);
}

// --- What happens to machines and wires.

void Connection::ProcessKilled(int side) {
  if (ends_[side].socket != nullptr || ends_[side].accept_due) Close(side);
}

void Connection::PowerLost(int side) {
  if (ends_[side].kernel == Kernel::kNone) return;
  LetGo(side);
  ends_[side].accept_due = false;
  KernelGone(side);
  pipes_[side].SenderOff(sim().Now());
  FreeIfDone();
}

void Connection::NodeResumed(int side) {
  if (ends_[side].kernel != Kernel::kNone) GoOn(side);
}

void Connection::ResetBoth() {
  ++under_way_;
  for (int side = 0; side < 2; ++side) {
    End& end = ends_[side];
    pipes_[side].Void();
    if (end.kernel == Kernel::kOpen)
      end.verdict = end.established ? Verdict::kReset : Verdict::kRefused;
    if (end.kernel != Kernel::kNone) KernelGone(side);
    if (Due(side)) ScheduleTurn(side);
  }
  sim().Note(kReset, {{&kConnection, static_cast<int64_t>(id_)}});
  EventDone();
}

void Connection::Forget(int side) {
  if (ends_[side].kernel == Kernel::kNone) return;
  LetGo(side);
  ends_[side].accept_due = false;
  KernelGone(side);
  FreeIfDone();
}

void Connection::Doubt() {
  pipes_[0].Doubt();
  pipes_[1].Doubt();
}

// --- What arrives.

void Connection::SynArrives() {
  End& server = ends_[1];
  if (server.kernel == Kernel::kOpen || server.kernel == Kernel::kClosing) {
    // It was accepted before; what was lost is the answer.
    pipes_[1].SendSynAck();
    return;
  }
  const std::vector<const Node*>& refused = server.host->refused;
  const bool refuses = std::find(refused.begin(), refused.end(), ends_[0].node) != refused.end();
  Listener* listener = refuses ? nullptr : server.host->ListenerAt(port_);
  if (network_->tap_ != nullptr)
    network_->tap_->OnConnect(id_, *ends_[0].node, *server.node, listener != nullptr);
  if (listener == nullptr) {
    pipes_[1].SendReset();
    return;
  }
  // Gone already: accepted by a life that is over, and the client never knew.
  if (server.kernel == Kernel::kGone) pipes_[1].Restart();
  Host* const host = server.host;
  Node* const node = server.node;
  server = End();
  server.host = host;
  server.node = node;
  server.owner = listener->owner;
  server.kernel = Kernel::kOpen;
  server.established = true;
  server.accept_due = true;
  server.options = listener->options;
  listener_ = Ref<Listener>(listener);
  pipes_[1].SendSynAck();
  pipes_[1].Establish(server.options, ends_[0].options.receive_buffer);
  Tell(1);
}

void Connection::SynAckArrives() {
  End& client = ends_[0];
  if (client.kernel == Kernel::kGone) {
    AnswerWithReset(0);
    return;
  }
  if (client.established || client.kernel != Kernel::kOpen) return;
  Cancel(syn_timer_);
  client.established = true;
  client.connected_due = true;
  sim().Note(kConnected, {{&kConnection, static_cast<int64_t>(id_)}});
  pipes_[0].Establish(client.options, ends_[1].options.receive_buffer);
  Tell(0);
}

void Connection::ResetArrives(int side) {
  End& end = ends_[side];
  if (end.kernel == Kernel::kNone || end.kernel == Kernel::kGone) return;
  const bool refused = !end.established;
  if (end.kernel == Kernel::kOpen) end.verdict = refused ? Verdict::kRefused : Verdict::kReset;
  KernelGone(side);
  sim().Note(refused ? kRefused : kReset,
             {{&kConnection, static_cast<int64_t>(id_)}, {&kEnd, side}});
  Tell(side);
}

void Connection::AnswerWithReset(int side) {
  if (ends_[side].kernel == Kernel::kClosing) KernelGone(side);
  pipes_[side].SendReset();
}

void Connection::TimedOut(int side) {
  End& end = ends_[side];
  if (end.kernel == Kernel::kOpen) end.verdict = Verdict::kTimedOut;
  KernelGone(side);
  sim().Note(kTimedOut, {{&kConnection, static_cast<int64_t>(id_)}, {&kEnd, side}});
  Tell(side);
}

void Connection::SynLost() {
  const End& client = ends_[0];
  if (client.kernel != Kernel::kOpen || client.established || syn_timer_) return;
  // After 1, 2, 4 ... s.
  const Time at =
      std::max(sim().Now(), syn_sent_.PlusNanos(int64_t{1'000'000'000} << syn_retries_));
  Scheduled();
  syn_timer_ = sim().Schedule(at, 0, kSynTimer, [this] {
    syn_timer_ = TimerId{};
    RetrySyn();
    EventDone();
  });
}

void Connection::RetrySyn() {
  if (syn_retries_ == network_->options_.max_syn_retries) {
    ConnectTimedOut();
    return;
  }
  ++syn_retries_;
  syn_sent_ = sim().Now();
  pipes_[0].SendSyn();
}

void Connection::ConnectTimedOut() {
  End& client = ends_[0];
  if (client.kernel != Kernel::kOpen || client.established) return;
  client.verdict = Verdict::kConnectTimedOut;
  KernelGone(0);
  sim().Note(kConnectTimedOut, {{&kConnection, static_cast<int64_t>(id_)}});
  Tell(0);
}

void Connection::KernelGone(int side) {
  ends_[side].kernel = Kernel::kGone;
  if (side == 0) Cancel(syn_timer_);
  pipes_[side].SenderGone();
  pipes_[1 - side].ReceiverGone();
  // Whoever waits for this end to make room must not wait for ever: the reset that tells it so may
  // be lost, if there is one.
  pipes_[1 - side].Doubt();
}

// --- What processes are told.

SocketHandler* Connection::LetGo(int side) {
  End& end = ends_[side];
  if (end.turn) sim().Cancel(std::exchange(end.turn, TimerId{}));
  if (end.socket == nullptr) return nullptr;
  Socket* const socket = std::exchange(end.socket, nullptr);
  socket->connection_ = nullptr;
  return socket->handler_;
}

bool Connection::Due(int side) {
  End& end = ends_[side];
  if (end.accept_due) return true;
  if (end.socket == nullptr) return false;
  if (end.connected_due || end.verdict != Verdict::kNone) return true;
  if (pipes_[side].NextWritten() >= 0) return true;
  return end.reading && (pipes_[1 - side].HasFrame() || pipes_[1 - side].AtEnd());
}

void Connection::ScheduleTurn(int side) {
  End& end = ends_[side];
  // Who stands still is told when it resumes.
  if (end.turn || !end.host->running()) return;
  end.turn = sim().Schedule(sim().Now(), end.owner, kTurn, [this, side] { TakeTurn(side); });
}

void Connection::TakeTurn(int side) {
  ++under_way_;
  ends_[side].turn = TimerId{};
  if (Due(side)) TellOne(side);
  GoOn(side);
  EventDone();
}

void Connection::Tell(int side) {
  End& end = ends_[side];
  if (end.turn || !end.host->running() || !Due(side)) return;
  TellOne(side);
  GoOn(side);
}

void Connection::GoOn(int side) {
  if (Due(side)) {
    ScheduleTurn(side);
  } else if (ReadsAtOnce(ends_[side])) {
    // A part of a frame may have come while there was something to tell.
    pipes_[1 - side].ReadRest();
  }
}

void Connection::TellOne(int side) {
  End& end = ends_[side];
  OwnerScope scope(sim(), end.owner);
  if (end.accept_due) {
    end.accept_due = false;
    const Ref<Listener> listener = std::move(listener_);
    std::unique_ptr<Socket> socket(new Socket(this, side, id_, end.node, ends_[1 - side].node));
    end.socket = socket.get();
    listener->acceptor(std::move(socket));
    return;
  }
  SocketHandler* const handler = end.socket->handler_;
  NORN_CHECK(handler != nullptr) << "connection " << id_ << " has nobody to tell at "
                                 << end.node->name() << ": SetHandler when it is accepted";
  if (end.connected_due) {
    end.connected_due = false;
    handler->OnConnected();
    return;
  }
  if (end.verdict != Verdict::kNone) {
    TellVerdict(side);
    return;
  }
  Pipe& in = pipes_[1 - side];
  if (const int64_t frame = pipes_[side].TakeWritten(); frame >= 0) {
    handler->OnWritten(static_cast<uint64_t>(frame));
  } else if (in.HasFrame()) {
    GiveFrame(side, in.Read());
  } else {
    sim().Note(kClosed, {{&kConnection, static_cast<int64_t>(id_)}, {&kEnd, side}});
    LetGo(side);
    KernelGone(side);
    handler->OnClosed(CloseReason::kClosedByPeer);
  }
}

void Connection::TellVerdict(int side) {
  const Verdict verdict = ends_[side].verdict;
  SocketHandler* const handler = LetGo(side);
  switch (verdict) {
    case Verdict::kRefused:
      handler->OnConnectFailed(ConnectError::kRefused);
      break;
    case Verdict::kConnectTimedOut:
      handler->OnConnectFailed(ConnectError::kTimedOut);
      break;
    case Verdict::kReset:
      handler->OnClosed(CloseReason::kReset);
      break;
    case Verdict::kTimedOut:
      handler->OnClosed(CloseReason::kTimedOut);
      break;
    case Verdict::kNone:
      break;
  }
}

void Connection::GiveFrame(int side, Frame&& frame) {
  if (__builtin_expect(frame.fate == FrameFate::kVanish, 0)) {
    sim().Note(kVanished, {{&kConnection, static_cast<int64_t>(id_)}});
    return;
  }
  const End& end = ends_[side];
  OwnerScope scope(sim(), end.owner);
  SocketHandler* const handler = end.socket->handler_;
  NORN_CHECK(handler != nullptr) << "connection " << id_ << " has nobody to read it at "
                                 << end.node->name() << ": SetHandler when it is accepted";
  handler->OnFrame(std::move(frame));
}

}  // namespace norn::sim
