// One broker as librdkafka sees it: a thread of its own that connects when there is a need, writes
// requests, matches answers, and looks at its clocks only when it comes round
// (rd_kafka_broker_t, rdkafka_broker.c).
//
// A thread's turn: serve the partitions it was given (produce, or fetch), write what may be
// written, look for timeouts. Turns come when something happens, when a linger or a back-off ends,
// and at the latest 1 s after the last (its serve window); messages are looked through for their
// timeout at the start of each window, requests once a second. So a timeout is noticed up to a
// second late, and while the thread sits in a reconnect back-off, as late as the back-off ends.
//
// Idle windows are not simulated one by one: the next turn that could matter is computed.
#ifndef NORN_MODEL_CLIENT_RDKAFKA_BROKER_THREAD_H_
#define NORN_MODEL_CLIENT_RDKAFKA_BROKER_THREAD_H_

#include <cstdint>
#include <deque>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "absl/functional/any_invocable.h"
#include "absl/time/time.h"
#include "model/client/context.h"
#include "model/config/rdkafka_client_config.h"
#include "model/envelope.h"
#include "model/faults.h"
#include "model/frame_reader.h"
#include "model/ids.h"
#include "sim/network.h"
#include "sim/timer.h"

namespace norn::model::rdkafka {

// How a request ended.
enum class Ending : uint8_t {
  kAnswered,
  kTransport,       // the connection ended
  kTimedOut,        // no answer in time
  kTimedOutQueue,   // not written in time
  kRetry,           // taken back before it was written
  kPurgedInFlight,  // given up by purge()
  kPurgedQueue,     // the same, before it was written
  kDestroyed,
};

class BrokerThread;
struct Toppar;

// Who the threads work for.
class ThreadOwner {
 public:
  // Produces from the partitions of `thread` that may, or fetches them; with `scan` fails what has
  // expired first. Returns how many requests were made. Lowers `next_turn` to when a linger or
  // back-off ends.
  virtual int Serve(BrokerThread& thread, bool scan, sim::Time* next_turn) = 0;
  virtual void OnUp(BrokerThread& thread) = 0;
  // The connection, or the attempt to get one, ended. Its requests have not been told yet.
  virtual void OnDown(BrokerThread& thread) = 0;
  // They have; `was_up` if it was more than an attempt.
  virtual void AfterDown(BrokerThread& thread, bool was_up) = 0;

 protected:
  ~ThreadOwner() = default;
};

class BrokerThread final : public sim::SocketHandler {
 public:
  // `was_sent`: its last byte was written. `response` is null unless it was answered.
  using Done = absl::AnyInvocable<void(Ending, bool was_sent, ResponseEnvelope* response)>;
  enum class State : uint8_t { kInit, kTryConnect, kConnect, kApiVersionQuery, kUp };

  // What threads of one client share.
  struct Shared {
    ClientContext context;
    RdkafkaClientConfig config;
    std::string client_name;
    sim::Stream backoff_stream;
    int64_t most_response_bytes;  // receive.message.max.bytes
  };
  // `id` is none for a bootstrap broker; `number` tells it from the client's other threads.
  BrokerThread(const Shared* shared, ThreadOwner* owner, BrokerId id, BrokerAddress address,
               int32_t number);
  BrokerThread(const BrokerThread&) = delete;
  BrokerThread& operator=(const BrokerThread&) = delete;
  ~BrokerThread();

  BrokerId id() const { return id_; }
  bool is_bootstrap() const { return id_.is_none(); }
  const BrokerAddress& address() const { return address_; }
  // Whose machine has that address; the library does not know before it asked.
  BrokerId machine() const { return machine_; }
  void SetId(BrokerId id) { id_ = id; }  // a bootstrap broker turned out to be this one
  State state() const { return state_; }
  bool up() const { return state_ == State::kUp; }
  bool decommissioned() const { return decommissioned_; }
  bool ever_tried() const { return attempts_ > 0; }
  bool needs_connection() const { return needs_connection_; }
  sim::Time last_sent() const { return last_sent_; }

  // A turn now, in an event of its own.
  void Wake() { WakeAt(shared_->context.sim->Now()); }
  void WakeAt(sim::Time at);
  // A turn now that starts a new window, as an operation posted to the thread does.
  void WakeUp();
  // The same without an event: at once.
  void WakeNow();
  // When its window ends, and it looks around even if nothing happens.
  sim::Time window_end() const { return window_end_; }
  // Wants a connection at once, back-off or not (the CONNECT operation).
  void ScheduleConnection();
  // The partitions it leads, and which of them is served first in the next turn.
  std::vector<Toppar*> toppars;
  size_t next_toppar = 0;
  bool fetching = false;          // a Fetch is under way: there is never another
  int32_t blocking_requests = 0;  // whose answer may take a second or more

  // There is something to send: asked for from Serve().
  void NeedConnection() { needs_connection_ = true; }
  // A message that expires then was put into one of its queues.
  void NoteExpiry(sim::Time at);

  // When a request made now expires, if nothing says otherwise (socket.timeout.ms).
  sim::Time Deadline() const { return Now() + shared_->config.socket_timeout; }
  // Queues a request.
  void Enqueue(Api api, wire::RequestBody body, bool expect_answer, sim::Time expires,
               const void* about, Done done);
  // Requests that wait to be written.
  int64_t queued_requests() const { return static_cast<int64_t>(queued_.size()); }
  // Ends what waits to be written for `about`, or of Produce at all if null; then what is in
  // flight, if asked for. In the order of sending, what is in flight first.
  void PurgeQueued(const void* about, Ending how);
  void PurgeInFlight();
  bool HasQueuedFor(const void* about) const;

  // Closes the connection for good; its requests end as kDestroyed.
  void Decommission();

 private:
  struct Request {
    Api api = Api::kApiVersions;
    wire::RequestBody body;
    bool expect_answer = true;
    sim::Time expires;
    const void* about = nullptr;
    Done done;
    CorrelationId correlation;
    bool handed_over = false;  // to the socket, which has not taken its last byte
    uint64_t frame = 0;
  };
  struct Turn {
    BrokerThread* thread;
    void operator()() const { thread->Run(); }
  };

  void OnConnected() override;
  void OnConnectFailed(sim::ConnectError) override { Fail(Ending::kTransport); }
  void OnFrame(sim::Frame frame) override;
  void OnWritten(uint64_t frame) override;
  void OnClosed(sim::CloseReason) override { Fail(Ending::kTransport); }

  void Run();
  void TakeTurn();
  void StepState();
  void Connect();
  void Fail(Ending how);
  void EnterState(State state);
  void StartWindow(sim::Time end);
  void SendQueued();
  void Send(Request request);
  void Written(Request request);
  void ScanRequests();
  void SetNextTurn();
  // The first end of a window that is not before `at`, nor now.
  sim::Time WindowEndAfter(sim::Time at) const;
  void UpdateReconnectBackoff();
  FaultSite Site(CutPoint point) const;
  sim::Time Now() const { return shared_->context.sim->Now(); }

  const Shared* const shared_;
  ThreadOwner* const owner_;
  BrokerId id_;
  const BrokerAddress address_;
  BrokerId machine_;
  const int32_t number_;

  State state_ = State::kInit;
  bool needs_connection_ = false;
  bool decommissioned_ = false;
  bool running_ = false;
  bool again_ = false;

  std::unique_ptr<sim::Socket> socket_;
  FrameReader<ResponseEnvelope> reader_;
  std::deque<Request> queued_;     // in the order of sending; the first may be partly written
  std::deque<Request> in_flight_;  // written and not answered
  CorrelationId next_correlation_{1};
  int32_t request_timeouts_ = 0;
  sim::Time last_sent_;

  int64_t attempts_ = 0;
  sim::Time connect_began_;
  // When ApiVersions, or what is asked first on the connection, was asked for; Max(): neither was.
  sim::Time hello_began_;
  sim::Time reconnect_at_;
  int64_t reconnect_backoff_ms_ = 0;
  int64_t backoffs_drawn_ = 0;

  sim::Time window_began_;
  sim::Time window_end_;
  bool scan_due_ = true;
  sim::Time last_scan_;
  sim::Time last_request_scan_;
  sim::Time next_produce_ = sim::Time::Max();
  // No message, no request expires before these.
  sim::Time messages_expire_ = sim::Time::Max();
  sim::Time requests_expire_ = sim::Time::Max();
  sim::Timer<Turn> timer_;
};

constexpr std::string_view Name(BrokerThread::State state) {
  constexpr std::string_view kNames[] = {"INIT", "TRY_CONNECT", "CONNECT", "APIVERSION_QUERY",
                                         "UP"};
  return kNames[static_cast<int>(state)];
}

}  // namespace norn::model::rdkafka

#endif  // NORN_MODEL_CLIENT_RDKAFKA_BROKER_THREAD_H_
