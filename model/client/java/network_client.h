// A client's connections, one per broker: who is connected, who may be asked, what is in flight
// (Java's NetworkClient with its ClusterConnectionStates).
//
// A connection is CONNECTING, then CHECKING_API_VERSIONS, then READY; when it ends, every request
// in flight on it ends with it, the broker is left alone for a back-off, and a metadata refresh is
// due. A request that is not answered in time closes its connection.
//
// An answer with throttle_time_ms keeps the broker from being sent anything new for so long. An
// answer that is not the one expected next is dropped, and the request it takes the place of waits
// for ever.
//
// It has no clock of its own: Poll does what is due and says when to call again; what happens on a
// socket calls Owner::OnNetwork.
#ifndef NORN_MODEL_CLIENT_JAVA_NETWORK_CLIENT_H_
#define NORN_MODEL_CLIENT_JAVA_NETWORK_CLIENT_H_

#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "absl/functional/any_invocable.h"
#include "absl/time/time.h"
#include "model/client/backoff.h"
#include "model/client/context.h"
#include "model/client/java/client_log.h"
#include "model/client/java/metadata.h"
#include "model/config/client_network_config.h"
#include "model/config/flavour.h"
#include "model/envelope.h"
#include "model/faults.h"
#include "model/ids.h"
#include "sim/network.h"
#include "sim/node.h"

namespace norn::model {

// How a request ended.
enum class Completion : uint8_t { kAnswered, kDisconnected, kTimedOut };

class NetworkClient {
 public:
  struct Options {
    std::string name;  // the node's, for streams
    std::string client_id;
    Flavour flavour = Flavour::kJava41;
    ClientNetworkConfig config;
    int32_t max_in_flight = 5;
    ClientLog log;
  };
  class Owner {
   public:
    // Something happened on the network that may let the owner go on.
    virtual void OnNetwork() = 0;

   protected:
    ~Owner() = default;
  };
  // `response` is null unless the request was answered.
  using Done = absl::AnyInvocable<void(Completion, ResponseEnvelope* response)>;

  NetworkClient(ClientContext context, Options options, ClientMetadata* metadata, Owner* owner);
  NetworkClient(const NetworkClient&) = delete;
  NetworkClient& operator=(const NetworkClient&) = delete;
  ~NetworkClient();

  // True if a request may be sent to `node` now. If it is not connected and its back-off is over, a
  // connection is begun. Never while a metadata refresh is due, which goes first.
  bool Ready(BrokerId node);
  // True if the connection to `node` can take a request now, whatever else is due.
  bool CanSend(BrokerId node) const;
  // When Ready(node) is worth asking again; Max() if an event will tell.
  sim::Time ReadyAgainAt(BrokerId node) const;

  // Sends `request`; `done` is called once, unless the client is destroyed first. With
  // `expect_answer` false it is called when the kernel has taken the last byte (acks=0).
  // REQUIRES: CanSend(node).
  void Send(BrokerId node, Api api, wire::RequestBody body, bool expect_answer, Done done);

  // What the next request will carry.
  CorrelationId next_correlation() const { return next_correlation_; }

  // Ends requests and connections whose time is over. Returns when the next one's is. Poll does it,
  // too; whoever must know of it first calls this.
  sim::Time TimeOut();
  // Does what is due: times out requests and connections, refreshes metadata. Returns when it wants
  // to be called again.
  sim::Time Poll();

  // The node to ask what any broker can answer; none if none can be reached or tried now.
  BrokerId LeastLoadedNode();
  // Begins a connection if the back-off allows; for requests to LeastLoadedNode.
  void Connect(BrokerId node);
  bool AnyConnecting() const;

  ConnectionState state(BrokerId node) const;
  int64_t in_flight(BrokerId node) const;
  // On all connections, of whichever api.
  int64_t in_flight() const;
  // Closes all connections in order; what is in flight is not called back.
  void Close();

 private:
  struct InFlight {
    CorrelationId correlation;
    Api api;
    int16_t version;
    sim::Time sent;
    bool expect_answer;
    uint64_t frame;
    Done done;
  };
  class Connection;

  Connection* Find(BrokerId node) const;
  Connection& FindOrAdd(BrokerId node);
  void Begin(Connection& connection);
  void SendOn(Connection& connection, Api api, wire::RequestBody body, bool expect_answer,
              Done done);
  void OnConnected(Connection& connection);
  void OnAnswer(Connection& connection, std::unique_ptr<ResponseEnvelope> response);
  void OnWritten(Connection& connection, uint64_t frame);
  // The connection ended: `how` is what its requests are told.
  void Disconnected(Connection& connection, Completion how);
  // How long a request, and the thread, waits.
  absl::Duration Patience() const;
  // When its oldest request has waited for so long.
  sim::Time RequestDeadline(const Connection& connection) const;
  sim::Time NextRequestDeadline() const;
  void RefreshMetadata(BrokerId node);
  bool MayConnect(const Connection* connection) const;
  // Waits no longer for what a broker that cannot be reached would answer (KIP-899, KIP-1102).
  void Rebootstrap();
  bool AnyReady() const;
  void LogMetadata(const ResponseEnvelope& response, const wire::MetadataResponse& answer) const;
  void LogDisconnection(const Connection& connection, Completion how);
  void Throttle(Connection& connection, const ResponseEnvelope& response);
  FaultSite Site(CutPoint point, const Connection& connection) const;

  ClientContext context_;
  Options options_;
  ClientMetadata* metadata_;
  Owner* owner_;
  sim::Stream backoff_stream_;
  sim::Stream setup_stream_;
  sim::Stream choice_stream_;
  uint64_t choices_ = 0;
  CorrelationId next_correlation_{0};
  bool metadata_in_flight_ = false;
  // Since when metadata is being asked for without success; none: it is not.
  sim::Time metadata_attempt_start_ = sim::Time::Max();
  sim::Time quiet_until_ = kLongAgo;  // before this nothing is tried for metadata
  bool closed_ = false;
  std::vector<std::unique_ptr<Connection>> connections_;
};

}  // namespace norn::model

#endif  // NORN_MODEL_CLIENT_JAVA_NETWORK_CLIENT_H_
