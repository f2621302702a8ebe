// A whole Kafka in one object: brokers, clients, network and disks on one simulation. Start here to
// read the model.
//
// Example:
//   Cluster cluster({.seed = 7, .topics = {{"topic1"}}});
//   Producer& producer = cluster.AddProducer("p1", {"linger.ms=5"});
//   DeliveryFuture sent = producer.Send({.topic = "topic1", .value = "Hello Kafka"});
//   cluster.Await(producer.Flush());
//   EXPECT_THAT(cluster.Await(sent), IsOk());
//   EXPECT_THAT(cluster.Log("topic1", 0), HasRecords("Hello Kafka"));
//
// Brokers are called b1, b2, ... and listen on port 9092 of hosts of these names. Partitions are
// led by the brokers in turn, partition p of a topic by broker p mod n + 1, unless the topic says
// otherwise. A topic may have several replicas: on the leader and the brokers after it. Then there
// is a controller, on a machine called c1; without it no broker is ever found dead, and who leads
// stays as it is.
//
// The same options and the same calls give the same run, event for event.
#ifndef NORN_MODEL_CLUSTER_H_
#define NORN_MODEL_CLUSTER_H_

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "model/broker/broker.h"
#include "model/broker/cluster_view.h"
#include "model/broker/cost_model.h"
#include "model/broker/quota.h"
#include "model/client/consumer.h"
#include "model/client/producer.h"
#include "model/cluster_log.h"
#include "model/config/broker_config.h"
#include "model/config/flavour.h"
#include "model/config/java_consumer_config.h"
#include "model/config/java_producer_config.h"
#include "model/config/rdkafka_consumer_config.h"
#include "model/config/rdkafka_producer_config.h"
#include "model/config/topic_config.h"
#include "model/defects.h"
#include "model/faults.h"
#include "model/history.h"
#include "model/log_view.h"
#include "model/metadata/metadata_log.h"
#include "model/metadata/partition_state.h"
#include "model/wire_log.h"
#include "sim/clock.h"
#include "sim/disk.h"
#include "sim/network.h"
#include "sim/node.h"
#include "sim/simulation.h"

namespace norn::model {

struct TopicSpec {
  std::string name;
  int32_t partitions = 1;
  // Brokers that lead partition 0, 1, ...; for more partitions than are named it begins again.
  // Empty: all brokers in turn.
  std::vector<int32_t> leaders = {};
  // Of each partition: on its leader and the brokers after it. At most one for each broker.
  int32_t replicas = 1;
  // What the topic is configured with; by default as the brokers are.
  std::optional<TopicConfig> config = std::nullopt;
  // What compression, by whichever codec, leaves of its records: in millionths of their size.
  int32_t compression_ratio = 500'000;
};

struct ClusterOptions {
  uint64_t seed = 1;
  int32_t brokers = 1;
  std::vector<TopicSpec> topics = {};
  // One host on which all brokers listen, on ports 9092, 9093, ...; by default each has its own.
  std::string host = {};
  BrokerConfig broker_config = {};
  // What clients may send to each broker.
  std::vector<ClientQuota> quotas = {};
  CostModel costs = {};
  sim::NetworkOptions network = {};
  sim::DiskOptions disk = {};
  // Whether there is a controller; by default if any topic has several replicas.
  std::optional<bool> controller = std::nullopt;
  // KIP-966 (eligible.leader.replicas.version=1), as in a cluster formatted by 4.1.
  bool elr = true;
  // Bugs that Kafka once had.
  Defects defects = {};
  // Clocks that are not right, by machine: "b1", "p1". Only a Java client's may drift: what a
  // broker or librdkafka waits for is told by a clock that is as fast as the simulation's.
  std::map<std::string, sim::ClockOptions> clocks = {};
  // Brokers that are down when the run begins: start them with broker(id).Start().
  std::vector<int32_t> down = {};
  // Records and reports are kept in history(); a benchmark keeps nothing.
  bool keep_history = true;
  // What goes over the wires is kept in wire().
  bool keep_wire = false;
  bool shuffle_ties = false;
  sim::TraceSink trace = sim::TraceSink::kDigest;
  sim::Limits limits = {};
  std::string replay = {};  // how to run this again; said when a check fails
};

class Cluster {
 public:
  explicit Cluster(ClusterOptions options);
  Cluster(const Cluster&) = delete;
  Cluster& operator=(const Cluster&) = delete;
  ~Cluster();

  // Adds a client on a machine of its own called `name`. The properties are Kafka's, as key=value;
  // one that is wrong is a failed check here (Parse them first where they come from outside).
  Producer& AddProducer(std::string name, const std::vector<std::string>& properties = {}) {
    return AddProducer(std::move(name), Flavour::kJava41, properties);
  }
  Producer& AddProducer(std::string name, Flavour flavour,
                        const std::vector<std::string>& properties = {});
  Producer& AddProducer(std::string name, JavaProducerConfig config);
  Producer& AddProducer(std::string name, RdkafkaProducerConfig config);
  Consumer& AddConsumer(std::string name, const std::vector<std::string>& properties = {}) {
    return AddConsumer(std::move(name), Flavour::kJava41, properties);
  }
  Consumer& AddConsumer(std::string name, Flavour flavour,
                        const std::vector<std::string>& properties = {});
  Consumer& AddConsumer(std::string name, JavaConsumerConfig config);
  Consumer& AddConsumer(std::string name, RdkafkaConsumerConfig config);
  // REQUIRES: there is one of that name, and its process is alive.
  Producer& producer(std::string_view name);
  Consumer& consumer(std::string_view name);

  // The machine of a broker (1, 2, ...) or client: Kill, LosePower, Pause, Resume, Start,
  // StepClock. REQUIRES: it exists.
  sim::Node& broker(int32_t id);
  // The controller's, called c1. REQUIRES: there is one.
  sim::Node& controller();
  sim::Node& client(std::string_view name);
  sim::Disk& disk(int32_t broker);
  int32_t brokers() const { return static_cast<int32_t>(machines_.size()); }

  Faults& faults() { return faults_; }
  sim::Network& network() { return network_; }
  sim::Simulation& sim() { return sim_; }
  const History& history() const { return history_; }
  const ClusterView& view() const { return view_; }
  // Empty unless the options asked for it.
  const WireLog& wire() const { return wire_; }
  // The same.
  const ClusterLog& log() const { return log_; }

  // A topic that is new in the middle of a run. Brokers learn of it from the controller; if there
  // is none, at once. REQUIRES: there is none of that name; a controller, if it has several
  // replicas.
  void CreateTopic(const TopicSpec& spec);
  // Every answer of that broker is late by `latency` from now on; later answers wait behind it.
  void SetBrokerLatency(int32_t broker, absl::Duration latency);

  // Ends the broker's process in order, as SIGTERM does: what it leads is led by others first.
  void ShutDown(int32_t broker);

  // What the log of a partition holds, as the disk of its leader has it, whether that is up or not,
  // up to the high watermark where one is known. Who leads is the controller's word; if nobody
  // does, whoever would be asked first. REQUIRES: the topic has the partition.
  LogView Log(std::string_view topic, int32_t partition);
  // Whose log that is.
  BrokerId SpeaksFor(std::string_view topic, int32_t partition) const;
  // What one replica's log holds, committed or not. REQUIRES: the broker has one.
  LogView Replica(std::string_view topic, int32_t partition, int32_t broker);
  // The same of all its replicas, in the order of assignment.
  std::vector<LogView> Replicas(std::string_view topic, int32_t partition);
  // Leader, epochs and ISR as they are committed in the metadata log.
  PartitionState Partition(std::string_view topic, int32_t partition) const;
  // Whether the broker is registered and not fenced; without a controller, whether it runs.
  bool IsUp(int32_t broker) const;
  // What that broker's process has of it; null if it is down or has none.
  const model::Replica* FindReplica(std::string_view topic, int32_t partition, int32_t broker);

  // The clock, as Simulation has it.
  template <class Future>
  auto Await(Future future) {
    return sim_.Await(std::move(future));
  }
  template <class Future>
  auto AwaitFor(Future future, absl::Duration within) {
    return sim_.AwaitFor(std::move(future), within);
  }
  void RunFor(absl::Duration duration) { sim_.RunFor(duration); }
  bool RunUntil(const std::function<bool()>& predicate, absl::Duration deadline) {
    return sim_.RunUntil(predicate, deadline);
  }
  sim::Time Now() const { return sim_.Now(); }

  // Folds what clients saw and what the logs hold, without times: changes when behaviour does.
  uint64_t StoryDigest();
  uint64_t run_digest() const { return sim_.run_digest(); }

 private:
  struct Machine {
    std::unique_ptr<sim::Disk> disk;  // outlives the process that writes to it
    std::unique_ptr<sim::Node> node;
    bool is_new = true;  // it has had no life yet
  };
  struct Client {
    std::string name;
    std::unique_ptr<sim::Node> node;
  };

  const ClusterView::Topic& AddTopic(const TopicSpec& spec);
  bool IsDown(int32_t broker) const;  // when the run begins
  void StartController();
  std::unique_ptr<sim::Process> BootBroker(int32_t id, sim::Node& node);
  const ClusterView::Topic& TopicOf(std::string_view topic, int32_t partition) const;
  sim::Node& AddClient(std::string name, bool may_drift);
  void SetClock(sim::Node& node, bool may_drift);
  ClientContext ContextOf(sim::Node& node);
  std::vector<BrokerAddress> Bootstrap(const std::vector<std::string>& servers) const;
  sim::Node* Resolve(const BrokerAddress& address);
  BrokerId BrokerOf(const sim::Node& node) const;
  void ActOnBroker(const Fault& fault, const FaultSite& site);
  void NoteMetadata(const Broker& broker);

  ClusterOptions options_;
  sim::Simulation sim_;
  sim::Network network_;
  Faults faults_;
  History history_;
  ClusterView view_;
  ClusterLog log_;
  WireLog wire_;
  int32_t producers_ = 0;
  int32_t consumers_ = 0;
  MetadataLog metadata_;
  std::unique_ptr<sim::Node> controller_;
  std::vector<Machine> machines_;
  std::vector<Client> clients_;
};

}  // namespace norn::model

#endif  // NORN_MODEL_CLUSTER_H_
