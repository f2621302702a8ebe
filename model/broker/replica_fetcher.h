// How a follower's logs follow: one connection to one leader, over which all partitions that this
// broker follows there are fetched together, one request at a time (Kafka's ReplicaFetcherThread).
//
// A fetch says how far each log is; that is the acknowledgement. What the leader has not, the
// answer tells to give up (KIP-101, KAFKA-10554). A partition that fails, and all of them when the
// connection does, waits for replica.fetch.backoff.ms.
#ifndef NORN_MODEL_BROKER_REPLICA_FETCHER_H_
#define NORN_MODEL_BROKER_REPLICA_FETCHER_H_

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "absl/time/time.h"
#include "model/broker/controller_link.h"
#include "model/broker/cost_model.h"
#include "model/broker/replica.h"
#include "model/config/broker_config.h"
#include "model/envelope.h"
#include "model/faults.h"
#include "model/ids.h"
#include "sim/network.h"
#include "sim/node.h"
#include "sim/time.h"
#include "sim/timer.h"

namespace norn::model {

class ReplicaFetcher final : private sim::SocketHandler {
 public:
  struct Options {
    BrokerId self;
    BrokerId leader;
    sim::Node* machine = nullptr;  // the leader's
    uint16_t port = 0;
    BrokerConfig config;
    CostModel costs;
    absl::Duration start_delay;          // of the thread
    std::function<void()> on_truncated;  // a log was: what is known of it on disk must be, too
  };
  // `link` knows who this broker is to the controller.
  ReplicaFetcher(sim::Node& node, sim::Network& network, Faults& faults, const ControllerLink* link,
                 Options options);

  BrokerId leader() const { return options_.leader; }
  // A partition of which the leader has changed is added anew.
  void Add(Replica* replica);
  void Remove(Replica* replica);
  // Of what is under way nothing is appended any more.
  void RemoveAll();
  bool empty() const { return followed_.empty(); }

 private:
  struct Followed {
    Replica* replica;
    sim::Time not_before;
  };
  // What was asked of one partition, to know whether the answer still means it.
  struct Asked {
    Replica* replica;
    LeaderEpoch epoch;
    Offset offset;
    bool for_start = false;  // asks where the leader's log begins, not where it ends
  };
  struct Tick {
    ReplicaFetcher* fetcher;
    void (ReplicaFetcher::*what)();
    void operator()() const { (fetcher->*what)(); }
  };

  void OnConnected() override;
  void OnConnectFailed(sim::ConnectError) override { Lost(); }
  void OnFrame(sim::Frame frame) override;
  void OnClosed(sim::CloseReason) override { Lost(); }

  void Pass();
  void Fetch();
  void Lost();
  void TimedOut();
  void OnFetched(const wire::FetchResponse& response);
  void OnPartition(const Asked& asked, const wire::FetchResponse::Partition& answer);
  void OnOffsets(const wire::ListOffsetsResponse& response);
  // The log lies outside of the leader's: where does that begin or end?
  void AskForOffset(const Asked& asked);
  void Truncated(const Replica& replica);
  void Delay(Replica* replica);
  FaultSite Site(CutPoint point, const RequestEnvelope& request) const;
  void Send(Api api, int16_t version, wire::RequestBody body);

  sim::Simulation* sim_;
  sim::Node* node_;
  sim::Network* network_;
  Faults* faults_;
  const ControllerLink* link_;
  Options options_;
  std::string client_id_;
  std::vector<Followed> followed_;
  std::unique_ptr<sim::Socket> socket_;
  bool connected_ = false;
  int32_t next_correlation_ = 0;
  CorrelationId outstanding_;
  std::vector<Asked> asked_;
  std::vector<Asked> lost_;  // whose place in the leader's log must be asked for
  std::vector<Asked> asked_offset_;
  sim::Time started_;  // nothing is fetched before
  sim::Time written_;  // when the disk has what was appended last
  sim::Timer<Tick> retry_;
  sim::Timer<Tick> timeout_;
};

}  // namespace norn::model

#endif  // NORN_MODEL_BROKER_REPLICA_FETCHER_H_
