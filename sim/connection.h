// A connection as the kernels of its two machines see it: handshake, two pipes, and the ways in
// which it ends. Sockets are what the processes see of it.
//
// A kernel's end is open, closing (its process let go of it; what was taken from it still goes out)
// or gone. What arrives for an end that is gone is answered with a reset, provided that the machine
// has power. The object is used again once both ends are gone, both processes know, and nothing is
// under way.
//
// What is due to be told to a process is told one thing per event: in the event of the arrival if
// nothing else is to be told before, else in events of the process ("turns").
#ifndef NORN_SIM_CONNECTION_H_
#define NORN_SIM_CONNECTION_H_

#include <cstdint>

#include "sim/host.h"
#include "sim/network.h"
#include "sim/pipe.h"
#include "sim/ref.h"

namespace norn::sim {

class Connection {
 public:
  enum class Kernel : uint8_t { kNone, kOpen, kClosing, kGone };
  // What a process has to be told about the end of its connection.
  enum class Verdict : uint8_t { kNone, kRefused, kConnectTimedOut, kReset, kTimedOut };

  struct End {
    Host* host = nullptr;
    Node* node = nullptr;
    Socket* socket = nullptr;  // null once its process has let go of it
    uint32_t owner = 0;
    Kernel kernel = Kernel::kNone;
    Verdict verdict = Verdict::kNone;
    bool established = false;
    bool reading = true;
    bool accept_due = false;
    bool connected_due = false;
    TimerId turn;
    SocketOptions options;
  };

  explicit Connection(Network* network) : network_(network) {}
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  // Sends the SYN.
  void Open(uint64_t id, Host& from, Node& from_node, Host& to, Node& to_node, uint16_t port,
            const SocketOptions& options, Socket* socket);

  // The network goes: sockets die without a word.
  void Abandon();

  // --- What processes do.
  void Close(int side);
  void Reset(int side);
  void PauseReading(int side) { ends_[side].reading = false; }
  void ResumeReading(int side);

  // --- What happens to machines and wires.
  void ProcessKilled(int side);
  void PowerLost(int side);
  void NodeResumed(int side);
  void ResetBoth();
  void Silence() { silenced_ = true; }
  void Forget(int side);
  // Whoever waits for the other end to say something, asks.
  void Doubt();

  // --- For pipes: what arrived for end `side`.
  void SynArrives();
  void SynAckArrives();
  void ResetArrives(int side);
  void SynLost();
  void ConnectTimedOut();
  void AnswerWithReset(int side);
  void TimedOut(int side);
  // An event of this connection has been dealt with.
  void EventDone() {
    if (--under_way_ == 0) FreeIfDone();
  }
  void Scheduled() { ++under_way_; }
  void Cancel(TimerId& timer);
  // The kernel of end `side` knows nothing of it any more.
  void KernelGone(int side);
  // Tells the process of `side` what is due, now if it can be. Only from events of nobody's.
  void Tell(int side);
  void ScheduleTurn(int side);
  // True if a frame that arrives for `side` now is read at once.
  bool ReadsAtOnce(const End& end) const { return end.reading && !end.turn && end.host->running(); }
  void GiveFrame(int side, Frame&& frame);

  uint64_t id() const { return id_; }
  Network& network() const { return *network_; }
  End& end(int side) { return ends_[side]; }
  Pipe& pipe(int from) { return pipes_[from]; }
  bool open(int side) const { return ends_[side].kernel == Kernel::kOpen; }
  bool silenced() const { return silenced_; }
  bool gone() const;

  // In Network's lists.
  Connection* next = nullptr;
  Connection* previous = nullptr;

 private:
  bool Due(int side);
  void TakeTurn(int side);
  // After something was told, or can be again: tells what is next in a turn, or else reads on.
  void GoOn(int side);
  void TellOne(int side);
  void TellVerdict(int side);
  SocketHandler* LetGo(int side);
  void RetrySyn();
  void FreeIfDone();
  Simulation& sim() const { return network_->sim(); }

  Network* network_;
  uint64_t id_ = 0;
  uint32_t under_way_ = 0;  // events that are not owned by a process, and calls on the stack
  uint16_t port_ = 0;
  bool silenced_ = false;
  int syn_retries_ = 0;
  Time syn_sent_;
  TimerId syn_timer_;
  Ref<Listener> listener_;  // until it is called
  End ends_[2];             // 0: who connected; 1: who accepted
  Pipe pipes_[2];           // by who sends
};

}  // namespace norn::sim

#endif  // NORN_SIM_CONNECTION_H_
