// Connections as TCP has them: an ordered stream of frames each way that may be slow, cut, held up,
// reset or silent, but never reorders or loses inside. It knows sizes, not meanings.
//
// A lost segment is a delay (retransmission after a timeout that doubles) or in the end a timeout
// of the connection, never a gap. A frame is one event at its arrival, however many segments it
// has, unless a window closes. What the model of TCP has and leaves out is said in README.md of
// this room.
//
// Example:
//   Network network(sim, {});
//   network.Listen(b1, 9092, [](std::unique_ptr<Socket> s) { ... s->SetHandler(this); ... });
//   auto socket = network.Connect(p1, b1, 9092, handler);   // handler->OnConnected() follows
//   socket->Send(Frame{.size = 225, .message = std::move(request)});
//   network.Partition({&p1}, {&b1});  ...  network.Repair({&p1}, {&b1});
#ifndef NORN_SIM_NETWORK_H_
#define NORN_SIM_NETWORK_H_

#include <cstdint>
#include <functional>
#include <initializer_list>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "absl/time/time.h"
#include "sim/link.h"
#include "sim/node.h"
#include "sim/simulation.h"

namespace norn::sim {

class Connection;
class Host;
class Network;
class Pipe;

// What a frame carries; the network never looks inside.
class Message {
 public:
  virtual ~Message() = default;
};

// What a fault does to one frame. Its bytes take their place in the stream in any case.
enum class FrameFate : uint8_t {
  kDeliver,
  kVanish,  // what a proxy between the two can do, and TCP alone cannot
  kReset,   // in its stead both ends get a reset
};

struct Frame {
  int64_t size = 0;  // bytes on the wire, length prefix included; > 0
  std::unique_ptr<Message> message = nullptr;
  FrameFate fate = FrameFate::kDeliver;
  absl::Duration extra_delay = absl::ZeroDuration();  // later frames of the stream wait behind it
};

enum class CloseReason : uint8_t {
  kClosedByPeer,  // end of stream: all it sent has been read
  kReset,         // what was under way is gone
  kTimedOut,      // the kernel gave up retransmitting
};
enum class ConnectError : uint8_t { kRefused, kTimedOut };
const char* Name(CloseReason reason);
const char* Name(ConnectError error);

// Called in events of the process that owns the socket. A handler may close or destroy the socket,
// or kill its own node, in any of these.
class SocketHandler {
 public:
  virtual void OnConnected() {}                  // of Connect only
  virtual void OnConnectFailed(ConnectError) {}  // of Connect only; the socket is dead
  virtual void OnFrame(Frame frame) = 0;         // the whole of it has been read
  virtual void OnWritten(uint64_t /*frame*/) {}  // the kernel took its last byte; if asked for
  virtual void OnClosed(CloseReason) = 0;        // the socket is dead

 protected:
  ~SocketHandler() = default;
};

// One end of a connection, owned by a process. Destroying it closes it. When its process is killed
// the kernel closes it; it then does nothing.
class Socket {
 public:
  Socket(const Socket&) = delete;
  Socket& operator=(const Socket&) = delete;
  ~Socket();

  void SetHandler(SocketHandler* handler) { handler_ = handler; }

  // Queues `frame` and returns its number in this direction, from 0. What the kernel has no room
  // for waits in the process, and is lost when the socket is closed or the process dies. Nothing
  // happens, and the number is without meaning, once the socket is closed or its process is dead.
  // If `tell_written`, OnWritten is called when the kernel has taken its last byte, in an event of
  // its own. REQUIRES: 0 < frame.size < 2^32.
  uint64_t Send(Frame frame, bool tell_written = false);
  // True once the kernel has taken every byte that was sent.
  bool everything_written() const;

  // Orderly: what the kernel has taken still arrives, then the end of stream. If something received
  // was not read, or more arrives later, the peer gets a reset. No call to the handler follows.
  void Close();
  // At once: the peer gets a reset, what was under way from here is lost.
  void Reset();

  // While paused, bytes stay in the kernel's buffer, and when that is full, with the sender.
  void PauseReading();
  void ResumeReading();

  bool connected() const;
  // The connection's number in this network, from 1: also before it is established, and afterwards.
  uint64_t id() const { return id_; }
  Node& local() const { return *local_; }
  Node& remote() const { return *remote_; }

 private:
  friend class Connection;
  friend class Network;
  Socket(Connection* connection, int side, uint64_t id, Node* local, Node* remote)
      : connection_(connection), side_(side), id_(id), local_(local), remote_(remote) {}

  Connection* connection_;  // null once dead
  int side_;                // 0: who connected; 1: who accepted
  uint64_t id_;
  Node* local_;
  Node* remote_;
  SocketHandler* handler_ = nullptr;
};

// A socket's buffers, as SO_SNDBUF and SO_RCVBUF say, and what TCP_NODELAY turns off.
struct SocketOptions {
  int64_t send_buffer = 131072;
  int64_t receive_buffer = 65536;
  // Nagle's algorithm: while something is not acknowledged, less than a segment waits in the kernel
  // for more to join it. The other end's acknowledgements are then delayed ones (delayed_acks.h).
  bool nagle = false;
};

struct NetworkOptions {
  LinkOptions link = {};         // of every pair that has none of its own
  int64_t segment_bytes = 1448;  // what of it carries data
  absl::Duration first_retransmission = absl::Milliseconds(200);
  absl::Duration max_retransmission = absl::Seconds(120);
  int max_retransmissions = 15;  // then the sender's kernel gives up
  int max_syn_retries = 6;       // at 1, 3, 7, 15, 31, 63 s; gives up at 127 s
};

// Listens on every wire, as a capture does. It is called within the network's own events, must not
// touch the network, and sees a message only during the call.
class NetworkTap {
 public:
  struct Passing {
    uint64_t connection;
    const Node& from;
    const Node& to;
    bool from_client;  // from the end that connected
    int64_t size;
    const Message* message;
    FrameFate fate;
  };
  virtual void OnSent(const Passing&) {}  // given to a socket
  // The kernel of the receiver has the whole of it, or all it will ever have; its process may not
  // have read it yet. What will vanish or be reset in its stead comes this far.
  virtual void OnArrived(const Passing&) {}
  // A handshake reached the other machine, and was taken or refused.
  virtual void OnConnect(uint64_t /*connection*/, const Node& /*from*/, const Node& /*to*/,
                         bool /*taken*/) {}
  // A process let go of its end, in order or not.
  virtual void OnClosed(uint64_t /*connection*/, const Node& /*by*/) {}

 protected:
  ~NetworkTap() = default;
};

// Must outlive every run of its simulation. Nodes may go before it or after it.
class Network {
 public:
  Network(Simulation& sim, NetworkOptions options);
  Network(const Network&) = delete;
  Network& operator=(const Network&) = delete;
  ~Network();

  using Acceptor = std::function<void(std::unique_ptr<Socket>)>;
  // Takes connections to `port` of `node` for the rest of this life of its process; `acceptor` is
  // called in events of the node.
  void Listen(Node& node, uint16_t port, Acceptor acceptor, SocketOptions options = {});
  // Begins a connection; `handler` hears how it went. The socket belongs to `from`; if that is not
  // alive, the socket is dead from the start and nobody hears of it. Frames may be sent at once:
  // they leave when the connection is there.
  std::unique_ptr<Socket> Connect(Node& from, Node& to, uint16_t port, SocketHandler* handler,
                                  SocketOptions options = {});

  // Null: nobody listens, which is free. `tap` outlives every run.
  void SetTap(NetworkTap* tap) { tap_ = tap; }

  // One way. Takes effect for what is sent from now on.
  void SetLink(const Node& from, const Node& to, LinkOptions options);

  // --- Faults. Each is undone by its opposite, and all of them by Heal(). They do not count: cut
  // --- twice is mended once.
  // What travels between the two sets is lost, both ways; what is under way too. A stream goes on
  // at the first retransmission after Repair, not before.
  void Partition(std::span<Node* const> a, std::span<Node* const> b);
  void Repair(std::span<Node* const> a, std::span<Node* const> b);
  void Partition(std::initializer_list<Node*> a, std::initializer_list<Node*> b) {
    Partition(std::span(a.begin(), a.size()), std::span(b.begin(), b.size()));
  }
  void Repair(std::initializer_list<Node*> a, std::initializer_list<Node*> b) {
    Repair(std::span(a.begin(), a.size()), std::span(b.begin(), b.size()));
  }
  // One way only.
  void Cut(const Node& from, const Node& to);
  void Mend(const Node& from, const Node& to);
  // Everything to and from `node` vanishes.
  void BlackHole(const Node& node, bool on = true);
  // New connections to `node` are refused as if nobody listened.
  void Refuse(const Node& node, bool on = true);
  // Only those of `from`, as if a box between the two had gone.
  void Refuse(const Node& node, const Node& from, bool on);
  // Only handshakes to `node` vanish; what is established goes on.
  void BlackHoleConnects(const Node& node, bool on = true);
  // Ends all of the above, takes back what CutAfter has not cut yet, and releases what is held.
  // Silenced and forgotten connections stay what they are.
  void Heal();

  // --- Faults of single connections, as a box on the way may cause them. Handlers are told in
  // events
  // --- of their own, at this instant.
  // Resets every connection between the two. Returns how many.
  int ResetConnections(const Node& a, const Node& b);
  // Resets connection `id`; false if it is not there any more.
  bool ResetConnection(uint64_t id);
  enum class CutManner : uint8_t { kReset, kSilence };
  // Of what `from` sends on connection `id`, the first `bytes` from the start of the stream still
  // arrive; then both ends get a reset, or silence falls on the connection both ways. False if the
  // connection is not there, or more than that has arrived already.
  bool CutAfter(uint64_t id, const Node& from, int64_t bytes, CutManner manner);
  // A box on the way keeps what `from` sends on connection `id` from now on, and hands it on in
  // order when it is released; nobody is told. Heal() releases everything. False if the connection
  // is not there.
  bool Hold(uint64_t id, const Node& from);
  bool Release(uint64_t id, const Node& from);
  // Bytes given to Send so far by this end: where its next frame begins. -1 if the connection is
  // not there.
  int64_t BytesGiven(uint64_t id, const Node& from) const;
  // This end's kernel forgets the connection without a word to anybody (half-open): its socket is
  // dead and its handler is not told; the other end learns of it when it sends something.
  bool Forget(uint64_t id, const Node& end);

  struct ConnectionInfo {
    uint64_t id;
    Node* client;
    Node* server;
    bool established;           // as the client sees it
    int64_t bytes_from_client;  // given to Send so far: where its next frame begins
    int64_t bytes_from_server;
  };
  // Of all that are not gone, by id.
  std::vector<ConnectionInfo> Connections() const;

  Simulation& sim() const { return *sim_; }

 private:
  friend class Connection;
  friend class Host;
  friend class Pipe;
  friend class Socket;

  Host& HostOf(const Node& node);
  Link& LinkOf(Host& from, Host& to);
  void SetCut(const Node& from, const Node& to, bool cut);
  void RefreshLinks();
  void DoubtAll();
  Connection* Find(uint64_t id) const;
  // Null if the connection is not there.
  Pipe* PipeOf(uint64_t id, const Node& from) const;
  Connection* NewConnection();
  void Free(Connection* connection);

  void OnKilled(Host& host);
  void OnPowerLost(Host& host);
  void OnResumed(Host& host);

  Simulation* sim_;
  NetworkOptions options_;
  NetworkTap* tap_ = nullptr;
  Retransmission retransmission_;
  std::vector<std::unique_ptr<Host>> hosts_;
  uint64_t connections_made_ = 0;
  // Those that are not gone, by id; then those whose room waits for the next.
  Connection* first_ = nullptr;
  Connection* last_ = nullptr;
  Connection* unused_ = nullptr;
};

}  // namespace norn::sim

#endif  // NORN_SIM_NETWORK_H_
