// The active controller: registers brokers, fences those it no longer hears of, elects leaders, and
// grants ISRs. What it decides is a record in the metadata log, which brokers fetch (KIP-500).
//
// One active controller stands for the quorum. Its log is durable and needs a linger to commit, but
// no other voter; when its process dies and starts again, or is cut off, that is what a quorum
// without a leader looks like to brokers, and how long that lasts is up to whoever starts it. The
// new life knows every record and none of the heartbeats: each unfenced broker gets a whole session
// from then on (as after a fail-over in Kafka).
//
// Whoever is silent for a session is fenced at the next look, which comes every eighth of a session
// (the released 4.1 does it so; kafka-semantics: 9.0 to 10.1 s after the last heartbeat). Of
// several one is fenced at a time, and what they have sent meanwhile counts.
#ifndef NORN_MODEL_CONTROLLER_CONTROLLER_H_
#define NORN_MODEL_CONTROLLER_CONTROLLER_H_

#include <cstdint>
#include <memory>
#include <utility>
#include <vector>

#include "absl/time/time.h"
#include "model/broker/cluster_view.h"
#include "model/config/broker_config.h"
#include "model/controller/partition_change.h"
#include "model/defects.h"
#include "model/ids.h"
#include "model/metadata/controller_messages.h"
#include "model/metadata/metadata_image.h"
#include "model/metadata/metadata_log.h"
#include "sim/network.h"
#include "sim/node.h"
#include "sim/random.h"
#include "sim/time.h"
#include "sim/timer.h"

namespace norn::model {

class Controller final : public sim::Process {
 public:
  static constexpr uint16_t kPort = 9093;

  struct Options {
    BrokerConfig config;
    bool eligible_leader_replicas = true;
    Defects defects = {};
    // controller.quorum.append.linger.ms, and what the quorum needs to commit.
    absl::Duration commit_latency = absl::Milliseconds(25);
    // How long a fetch of metadata waits for some.
    absl::Duration fetch_wait = absl::Milliseconds(500);
  };
  Controller(sim::Node& node, sim::Network& network, const ClusterView& view, MetadataLog& log,
             Options options);
  ~Controller() override;

  // With what is not committed yet.
  const MetadataImage& image() const { return image_; }
  // A topic that is new: its partitions are led by the first of their replicas that is active.
  void CreateTopic(int32_t topic, const std::vector<BrokerList>& assignment);

 private:
  class Peer;
  struct Session {
    sim::Time last_contact;
    // How far into the metadata log the broker is, by its last heartbeat.
    int64_t metadata_offset = -1;
    // Where the log ended when the broker was told to let its leaderships go; -1: it was not.
    int64_t shutdown_offset = -1;
  };
  struct Answer {
    uint64_t peer;
    std::unique_ptr<ControllerAnswer> answer;
  };
  struct Tick {
    Controller* controller;
    void (Controller::*what)();
    void operator()() const { (controller->*what)(); }
  };

  void Accept(std::unique_ptr<sim::Socket> socket);
  void OnRequest(Peer& peer, const ControllerRequest& request);
  void OnRegister(Peer& peer, const ControllerRequest& request, const RegisterBroker& body);
  void OnHeartbeat(Peer& peer, const ControllerRequest& request, const BrokerHeartbeat& body);
  void OnAlterPartition(Peer& peer, const ControllerRequest& request, const AlterPartition& body);
  void OnFetch(Peer& peer, const ControllerRequest& request, const FetchMetadata& body);
  AlterPartitionAnswer::Partition Alter(BrokerId leader, const AlterPartition::Partition& asked);
  // Says why the ISR that is asked for is refused.
  Error CheckIsr(BrokerId leader, const AlterPartition::Partition& asked) const;

  Session& SessionOf(BrokerId id);
  bool HasSession(BrokerId id) const;
  void FenceStale();
  void LookAfter(absl::Duration wait);
  void Fence(BrokerId id);
  void Unfence(BrokerId id);
  bool BeginShutdown(BrokerId id);
  bool MayShutDown(BrokerId id) const;
  void BalanceLeaders();
  ElectionRules RulesOf(int32_t topic) const;
  template <class Condition>
  void ChangeAll(const PartitionChange& change, Condition condition);

  void Record(MetadataRecord record);
  void Commit();
  void AnswerNow(Peer& peer, CorrelationId correlation, std::unique_ptr<ControllerAnswer> answer);
  // When what is recorded so far is committed.
  void AnswerThen(Peer& peer, CorrelationId correlation, std::unique_ptr<ControllerAnswer> answer);
  void TellNews(Peer& peer);
  Peer* FindPeer(uint64_t id);

  sim::Simulation* sim_;
  sim::Network* network_;
  const ClusterView* view_;
  MetadataLog* log_;
  Options options_;
  MetadataImage image_;
  sim::Stream fencing_;  // which of several silent brokers is fenced first
  sim::Stream waking_;   // what a process does first that stood still
  std::vector<MetadataRecord> uncommitted_;
  std::vector<Answer> answers_;    // that wait for the commit
  std::vector<Session> sessions_;  // by broker
  std::vector<std::unique_ptr<Peer>> peers_;
  sim::Timer<Tick> look_;
  sim::Time look_due_;
  sim::Timer<Tick> balance_;
  sim::Timer<Tick> commit_;
};

}  // namespace norn::model

#endif  // NORN_MODEL_CONTROLLER_CONTROLLER_H_
