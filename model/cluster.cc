#include "model/cluster.h"

#include <algorithm>

#include "model/broker/replica.h"
#include "model/client/java/java_consumer.h"
#include "model/client/java/java_producer.h"
#include "model/client/rdkafka/rdkafka_consumer.h"
#include "model/client/rdkafka/rdkafka_producer.h"
#include "model/controller/controller.h"
#include "sim/check.h"

namespace norn::model {
namespace {

constexpr uint16_t kPort = 9092;
constexpr sim::Label kFaultEnds{"fault ends"};

uint64_t FoldText(uint64_t digest, std::string_view text) {
  for (char c : text) digest = sim::FoldDigest(digest, static_cast<unsigned char>(c));
  return sim::FoldDigest(digest, text.size());
}

}  // namespace

Cluster::Cluster(ClusterOptions options)
    : options_(std::move(options)),
      sim_({.seed = options_.seed,
            .shuffle_ties = options_.shuffle_ties,
            .trace = options_.trace,
            .limits = options_.limits,
            .replay = options_.replay}),
      network_(sim_, options_.network),
      faults_(sim_),
      log_(sim_, view_),
      wire_(
          sim_, view_, [this](const sim::Node& node) { return BrokerOf(node); }, &log_) {
  NORN_CHECK(options_.brokers >= 1) << "a cluster has a broker";
  history_.SetKept(options_.keep_history);
  if (options_.keep_wire) {
    network_.SetTap(&wire_);
    faults_.SetListener(
        [this](const Fault& fault, const FaultSite& site) { wire_.OnStrike(fault, site); });
  }
  faults_.SetBrokerActions(
      [this](const Fault& fault, const FaultSite& site) { ActOnBroker(fault, site); });
  faults_.SetTopicNames([this](const Uuid& id) {
    const ClusterView::Topic* topic = view_.FindTopic(id);
    return topic == nullptr ? std::string_view() : topic->name.text();
  });
  for (int32_t id = 1; id <= options_.brokers; ++id) {
    ClusterView::Broker broker;
    broker.id = BrokerId(id);
    broker.address = options_.host.empty()
                         ? BrokerAddress{"b" + std::to_string(id), kPort}
                         : BrokerAddress{options_.host, static_cast<uint16_t>(kPort + id - 1)};
    view_.brokers.push_back(std::move(broker));
  }
  view_.quotas = options_.quotas;
  for (const TopicSpec& spec : options_.topics) AddTopic(spec);
  const bool replicated = std::any_of(options_.topics.begin(), options_.topics.end(),
                                      [](const TopicSpec& spec) { return spec.replicas > 1; });
  if (options_.controller.value_or(replicated)) StartController();
  machines_.reserve(static_cast<size_t>(options_.brokers));
  for (int32_t id = 1; id <= options_.brokers; ++id) {
    Machine machine;
    machine.node = std::make_unique<sim::Node>(sim_, "b" + std::to_string(id));
    SetClock(*machine.node, /*may_drift=*/false);
    machine.disk = std::make_unique<sim::Disk>(*machine.node, options_.disk);
    machine.is_new = !IsDown(id);
    machine.node->SetBoot([this, id](sim::Node& node) { return BootBroker(id, node); });
    machines_.push_back(std::move(machine));
  }
  for (int32_t id = 1; id <= options_.brokers; ++id)
    if (!IsDown(id)) broker(id).Start();
}

bool Cluster::IsDown(int32_t id) const {
  return std::find(options_.down.begin(), options_.down.end(), id) != options_.down.end();
}

// The run begins in the middle of a cluster's life: whoever is up is registered and unfenced, and
// every ISR holds them all.
void Cluster::StartController() {
  for (int32_t id = 1; id <= options_.brokers; ++id) {
    BrokerRecord record;
    record.id = BrokerId(id);
    record.epoch = static_cast<int64_t>(metadata_.committed.size());
    record.fenced = IsDown(id);
    metadata_.committed.emplace_back(record);
  }
  for (size_t t = 0; t < view_.topics.size(); ++t) {
    const ClusterView::Topic& topic = view_.topics[t];
    for (int32_t p = 0; p < topic.partitions(); ++p) {
      PartitionRecord record;
      record.topic = static_cast<int32_t>(t);
      record.partition = PartitionIndex(p);
      record.state.replicas = topic.assignment[static_cast<size_t>(p)];
      for (const BrokerId id : record.state.replicas)
        if (!IsDown(id.value())) record.state.isr.push_back(id);
      if (!record.state.isr.empty()) record.state.leader = record.state.isr.front();
      metadata_.committed.emplace_back(std::move(record));
    }
  }
  controller_ = std::make_unique<sim::Node>(sim_, "c1");
  controller_->SetBoot([this](sim::Node& node) {
    Controller::Options options;
    options.config = options_.broker_config;
    options.eligible_leader_replicas = options_.elr;
    options.defects = options_.defects;
    return std::make_unique<Controller>(node, network_, view_, metadata_, std::move(options));
  });
  controller_->Start();
}

std::unique_ptr<sim::Process> Cluster::BootBroker(int32_t id, sim::Node& node) {
  Machine& machine = machines_[static_cast<size_t>(id - 1)];
  Broker::Options broker;
  broker.id = BrokerId(id);
  broker.port = view_.brokers[static_cast<size_t>(id - 1)].address.port;
  broker.config = options_.broker_config;
  broker.costs = options_.costs;
  broker.defects = options_.defects;
  if (controller_ != nullptr) {
    broker.controller = controller_.get();
    broker.controller_port = Controller::kPort;
    broker.machine_of = [this](BrokerId other) { return &this->broker(other.value()); };
    broker.is_running = machine.is_new;
    if (machine.is_new) broker.image = metadata_.Image();
    if (options_.keep_wire)
      broker.on_metadata = [this](const Broker& changed) { NoteMetadata(changed); };
  }
  machine.is_new = false;
  return std::make_unique<Broker>(node, network_, *machine.disk, faults_, view_, std::move(broker));
}

const ClusterView::Topic& Cluster::AddTopic(const TopicSpec& spec) {
  NORN_CHECK(view_.FindTopic(spec.name) == nullptr) << "two topics are called " << spec.name;
  NORN_CHECK(spec.partitions >= 1) << spec.name << " needs a partition";
  NORN_CHECK(spec.replicas >= 1 && spec.replicas <= options_.brokers)
      << spec.name << " has " << spec.replicas << " replicas on " << options_.brokers << " brokers";
  ClusterView::Topic topic;
  topic.name = TopicName(spec.name);
  topic.id = Uuid{0x6e6f726e, view_.topics.size() + 1};
  topic.config = spec.config.value_or(TopicConfig::Defaults(options_.broker_config));
  topic.compression_ratio = spec.compression_ratio;
  for (int32_t p = 0; p < spec.partitions; ++p) {
    const int32_t leader = spec.leaders.empty()
                               ? p % options_.brokers + 1
                               : spec.leaders[static_cast<size_t>(p) % spec.leaders.size()];
    NORN_CHECK(leader >= 1 && leader <= options_.brokers)
        << spec.name << " cannot be led by broker " << leader;
    BrokerList& replicas = topic.assignment.emplace_back();
    for (int32_t r = 0; r < spec.replicas; ++r)
      replicas.push_back(BrokerId((leader - 1 + r) % options_.brokers + 1));
  }
  view_.topics.push_back(std::move(topic));
  return view_.topics.back();
}

void Cluster::CreateTopic(const TopicSpec& spec) {
  const ClusterView::Topic& topic = AddTopic(spec);
  const auto number = static_cast<int32_t>(view_.topics.size() - 1);
  if (controller_ != nullptr) {
    auto* controller = static_cast<Controller*>(controller_->process());
    NORN_CHECK(controller != nullptr) << "the controller is down and can create no topic";
    sim::OwnerScope scope(sim_, controller_->owner());
    controller->CreateTopic(number, topic.assignment);
    return;
  }
  NORN_CHECK(spec.replicas == 1) << spec.name << " has replicas and nobody to control them";
  for (const Machine& machine : machines_)
    if (auto* broker = static_cast<Broker*>(machine.node->process()))
      broker->OnTopicCreated(number);
}

void Cluster::ShutDown(int32_t id) {
  sim::Node& node = broker(id);
  auto* process = static_cast<Broker*>(node.process());
  if (process == nullptr) return;
  sim::OwnerScope scope(sim_, node.owner());
  process->ShutDown([this, &node, id] {
    if (options_.keep_wire) log_.Add(BrokerId(id), ClusterLog::Life::Event::kGone);
    node.Kill();
  });
}

void Cluster::SetBrokerLatency(int32_t broker, absl::Duration latency) {
  NORN_CHECK(broker >= 1 && broker <= brokers());
  NORN_CHECK(latency >= absl::ZeroDuration()) << latency << " is in the past";
  view_.brokers[static_cast<size_t>(broker - 1)].latency = latency;
}

Cluster::~Cluster() {
  // Nobody listens to how it is torn down, and who is which machine is soon not known.
  network_.SetTap(nullptr);
  // Clients first: their destructors still know the network and the history.
  clients_.clear();
}

void Cluster::SetClock(sim::Node& node, bool may_drift) {
  const auto clock = options_.clocks.find(node.name());
  if (clock == options_.clocks.end()) return;
  NORN_CHECK(may_drift || clock->second.drift_ppm == 0)
      << "only the clock of a Java client drifts here, not that of " << node.name();
  node.SetClock(clock->second);
}

sim::Node& Cluster::AddClient(std::string name, bool may_drift) {
  for (const Client& client : clients_)
    NORN_CHECK(client.name != name) << "two clients are called " << name;
  for (const Machine& machine : machines_)
    NORN_CHECK(machine.node->name() != name) << "a broker is called " << name;
  clients_.push_back({name, std::make_unique<sim::Node>(sim_, name)});
  SetClock(*clients_.back().node, may_drift);
  return *clients_.back().node;
}

ClientContext Cluster::ContextOf(sim::Node& node) {
  return {&sim_,
          &node,
          &network_,
          &faults_,
          [this](const BrokerAddress& address) { return Resolve(address); },
          [this](std::string_view name) {
            const ClusterView::Topic* topic = view_.FindTopic(name);
            return topic == nullptr ? TopicSpec().compression_ratio : topic->compression_ratio;
          },
          options_.costs.client_per_request,
          options_.defects};
}

std::vector<BrokerAddress> Cluster::Bootstrap(const std::vector<std::string>& servers) const {
  std::vector<BrokerAddress> addresses;
  for (const std::string& server : servers) {
    const size_t colon = server.rfind(':');
    BrokerAddress address{server.substr(0, colon), kPort};
    if (colon != std::string::npos)
      address.port = static_cast<uint16_t>(std::stoi(server.substr(colon + 1)));
    addresses.push_back(std::move(address));
  }
  if (addresses.empty())
    for (const ClusterView::Broker& broker : view_.brokers) addresses.push_back(broker.address);
  // The hosts of a real cluster's properties stand for the brokers in turn.
  for (size_t i = 0; i < addresses.size(); ++i) {
    const auto named = std::find_if(
        machines_.begin(), machines_.end(),
        [&](const Machine& machine) { return machine.node->name() == addresses[i].host; });
    const bool ours =
        std::any_of(view_.brokers.begin(), view_.brokers.end(),
                    [&](const auto& broker) { return broker.address == addresses[i]; });
    if (named != machines_.end()) {
      addresses[i] = view_.brokers[static_cast<size_t>(named - machines_.begin())].address;
    } else if (!ours) {
      addresses[i] = view_.brokers[i % view_.brokers.size()].address;
    }
  }
  return addresses;
}

sim::Node* Cluster::Resolve(const BrokerAddress& address) {
  for (size_t i = 0; i < machines_.size(); ++i)
    if (view_.brokers[i].address == address) return machines_[i].node.get();
  return nullptr;
}

BrokerId Cluster::BrokerOf(const sim::Node& node) const {
  for (size_t i = 0; i < machines_.size(); ++i)
    if (machines_[i].node.get() == &node) return BrokerId(static_cast<int32_t>(i + 1));
  return BrokerId::None();
}

Producer& Cluster::AddProducer(std::string name, Flavour flavour,
                               const std::vector<std::string>& properties) {
  const auto add = [&](auto config) -> Producer& {
    NORN_CHECK(config.ok()) << name << ": " << config.status().ToString();
    return AddProducer(std::move(name), *std::move(config));
  };
  if (IsJava(flavour)) return add(JavaProducerConfig::Parse(flavour, properties, nullptr));
  return add(RdkafkaProducerConfig::Parse(flavour, properties, nullptr));
}

Producer& Cluster::AddProducer(std::string name, RdkafkaProducerConfig config) {
  ++producers_;
  RdkafkaProducer::Options options;
  options.name = name;
  options.bootstrap = Bootstrap(config.bootstrap_servers);
  options.config = std::move(config);
  options.history = &history_;
  sim::Node& node = AddClient(std::move(name), /*may_drift=*/false);
  node.SetBoot([this, options = std::move(options)](sim::Node& machine) {
    return std::make_unique<RdkafkaProducer>(ContextOf(machine), options);
  });
  node.Start();
  return static_cast<Producer&>(*node.process());
}

Producer& Cluster::AddProducer(std::string name, JavaProducerConfig config) {
  ++producers_;
  JavaProducer::Options options;
  options.name = name;
  options.client_id =
      config.client_id.empty() ? "producer-" + std::to_string(producers_) : config.client_id;
  options.bootstrap = Bootstrap(config.bootstrap_servers);
  options.config = std::move(config);
  options.history = &history_;
  sim::Node& node = AddClient(std::move(name), /*may_drift=*/true);
  node.SetBoot([this, options = std::move(options)](sim::Node& machine) {
    return std::make_unique<JavaProducer>(ContextOf(machine), options);
  });
  node.Start();
  return static_cast<Producer&>(*node.process());
}

Consumer& Cluster::AddConsumer(std::string name, Flavour flavour,
                               const std::vector<std::string>& properties) {
  const auto add = [&](auto config) -> Consumer& {
    NORN_CHECK(config.ok()) << name << ": " << config.status().ToString();
    return AddConsumer(std::move(name), *std::move(config));
  };
  if (IsJava(flavour)) return add(JavaConsumerConfig::Parse(flavour, properties, nullptr));
  return add(RdkafkaConsumerConfig::Parse(flavour, properties, nullptr));
}

Consumer& Cluster::AddConsumer(std::string name, RdkafkaConsumerConfig config) {
  RdkafkaConsumer::Options options;
  options.name = name;
  options.bootstrap = Bootstrap(config.bootstrap_servers);
  options.config = std::move(config);
  options.history = &history_;
  sim::Node& node = AddClient(std::move(name), /*may_drift=*/false);
  node.SetBoot([this, options = std::move(options)](sim::Node& machine) {
    return std::make_unique<RdkafkaConsumer>(ContextOf(machine), options);
  });
  node.Start();
  return static_cast<Consumer&>(*node.process());
}

Consumer& Cluster::AddConsumer(std::string name, JavaConsumerConfig config) {
  ++consumers_;
  JavaConsumer::Options options;
  options.name = name;
  options.client_id =
      config.client_id.empty() ? "consumer-null-" + std::to_string(consumers_) : config.client_id;
  options.bootstrap = Bootstrap(config.bootstrap_servers);
  options.config = std::move(config);
  options.history = &history_;
  sim::Node& node = AddClient(std::move(name), /*may_drift=*/true);
  node.SetBoot([this, options = std::move(options)](sim::Node& machine) {
    return std::make_unique<JavaConsumer>(ContextOf(machine), options);
  });
  node.Start();
  return static_cast<Consumer&>(*node.process());
}

sim::Node& Cluster::client(std::string_view name) {
  for (Client& client : clients_)
    if (client.name == name) return *client.node;
  NORN_CHECK(!"client") << "no client is called " << name;
  std::abort();
}

Producer& Cluster::producer(std::string_view name) {
  auto* producer = dynamic_cast<Producer*>(client(name).process());
  NORN_CHECK(producer != nullptr) << name << " is no producer, or its process is down";
  return *producer;
}

Consumer& Cluster::consumer(std::string_view name) {
  auto* consumer = dynamic_cast<Consumer*>(client(name).process());
  NORN_CHECK(consumer != nullptr) << name << " is no consumer, or its process is down";
  return *consumer;
}

sim::Node& Cluster::broker(int32_t id) {
  NORN_CHECK(id >= 1 && id <= brokers()) << "brokers are 1 to " << brokers() << ", not " << id;
  return *machines_[static_cast<size_t>(id - 1)].node;
}

sim::Disk& Cluster::disk(int32_t broker) {
  NORN_CHECK(broker >= 1 && broker <= brokers());
  return *machines_[static_cast<size_t>(broker - 1)].disk;
}

sim::Node& Cluster::controller() {
  NORN_CHECK(controller_ != nullptr) << "this cluster has no controller: no topic has replicas";
  return *controller_;
}

const ClusterView::Topic& Cluster::TopicOf(std::string_view topic, int32_t partition) const {
  const ClusterView::Topic* known = view_.FindTopic(topic);
  NORN_CHECK(known != nullptr) << "no topic is called " << topic;
  NORN_CHECK(partition >= 0 && partition < known->partitions())
      << topic << " has no partition " << partition;
  return *known;
}

PartitionState Cluster::Partition(std::string_view topic, int32_t partition) const {
  const ClusterView::Topic& known = TopicOf(topic, partition);
  if (controller_ != nullptr) {
    const MetadataImage image = metadata_.Image();
    const auto number = static_cast<int32_t>(&known - view_.topics.data());
    const PartitionState* state = image.Find(number, PartitionIndex(partition));
    return state == nullptr ? PartitionState() : *state;
  }
  PartitionState state;
  state.replicas = state.isr = known.assignment[static_cast<size_t>(partition)];
  state.leader = state.replicas.front();
  return state;
}

BrokerId Cluster::SpeaksFor(std::string_view topic, int32_t partition) const {
  const BrokerList& replicas = TopicOf(topic, partition).assignment[static_cast<size_t>(partition)];
  if (replicas.size() == 1) return replicas.front();
  const PartitionState state = Partition(topic, partition);
  if (!state.leader.is_none()) return state.leader;
  for (const BrokerList* some : {&state.last_known_leader, &state.isr, &state.elr})
    if (!some->empty()) return some->front();
  return replicas.front();
}

bool Cluster::IsUp(int32_t id) const {
  if (controller_ != nullptr) return metadata_.Image().IsUp(BrokerId(id));
  return machines_[static_cast<size_t>(id - 1)].node->alive();
}

const Replica* Cluster::FindReplica(std::string_view topic, int32_t partition, int32_t id) {
  const auto* process = static_cast<const Broker*>(broker(id).process());
  return process == nullptr ? nullptr : process->FindReplica(topic, PartitionIndex(partition));
}

LogView Cluster::Log(std::string_view topic, int32_t partition) {
  const ClusterView::Topic& known = TopicOf(topic, partition);
  const BrokerId speaker = SpeaksFor(topic, partition);
  LogView log = Replica(topic, partition, speaker.value());
  if (known.assignment[static_cast<size_t>(partition)].size() == 1) return log;
  const model::Replica* replica = FindReplica(topic, partition, speaker.value());
  if (replica != nullptr && replica->leads()) log.CutAt(replica->log().high_watermark());
  return log;
}

LogView Cluster::Replica(std::string_view topic, int32_t partition, int32_t broker) {
  TopicOf(topic, partition);
  LogView log = ReadLog(
      std::string(topic), partition,
      PartitionLog::FilesOf(disk(broker), std::string(topic) + "-" + std::to_string(partition)));
  log.SetBroker(BrokerId(broker));
  log.SetProducers(history_);
  return log;
}

std::vector<LogView> Cluster::Replicas(std::string_view topic, int32_t partition) {
  const ClusterView::Topic& known = TopicOf(topic, partition);
  std::vector<LogView> replicas;
  for (const BrokerId id : known.assignment[static_cast<size_t>(partition)])
    replicas.push_back(Replica(topic, partition, id.value()));
  return replicas;
}

void Cluster::NoteMetadata(const Broker& broker) {
  log_.Listens(broker.id(), this->broker(broker.id().value()).life());
  const auto& topics = broker.image().topics();
  for (size_t t = 0; t < topics.size(); ++t) {
    for (size_t p = 0; p < topics[t].size(); ++p) {
      const auto topic = static_cast<int32_t>(t);
      const PartitionIndex partition(static_cast<int32_t>(p));
      const PartitionState& state = topics[t][p];
      if (!log_.IsNew(broker.id(), topic, partition, state)) continue;
      ClusterLog::Sight sight{sim_.Now(), broker.id(),    topic,         partition,
                              state,      Offset::None(), Offset::None()};
      const model::Replica* leader =
          state.leader.is_none()
              ? nullptr
              : FindReplica(view_.topics[t].name.text(), partition.value(), state.leader.value());
      if (leader != nullptr) {
        sight.high_watermark = leader->log().high_watermark();
        sight.log_end = leader->log().log_end();
      }
      log_.Add(std::move(sight));
    }
  }
}

void Cluster::ActOnBroker(const Fault& fault, const FaultSite& site) {
  // Clients name a broker they know by its bootstrap address only with a number below -1.
  int32_t id = site.broker.value();
  if (id < 0) id = -1 - id;
  sim::Node& node = broker(id);
  const absl::Duration lasts = fault.rule().lasts;
  const auto at_end = [&](auto undo) {
    if (lasts < absl::InfiniteDuration())
      sim_.Schedule(sim_.Now() + lasts, 0, kFaultEnds, std::move(undo));
  };
  switch (fault.rule().action) {
    case FaultAction::kKillBroker:
      node.Kill();
      at_end([&node] { node.Start(); });
      return;
    case FaultAction::kLoseBrokerPower:
      node.LosePower();
      at_end([&node] { node.Start(); });
      return;
    case FaultAction::kPauseBroker:
      node.Pause();
      at_end([&node] { node.Resume(); });
      return;
    case FaultAction::kPartitionBroker: {
      sim::Node* one[] = {&client(site.client)};
      sim::Node* other[] = {&node};
      network_.Partition(one, other);
      at_end([this, a = one[0], b = other[0]] {
        sim::Node* as[] = {a};
        sim::Node* bs[] = {b};
        network_.Repair(as, bs);
      });
      return;
    }
    default:
      NORN_CHECK(!"action") << Name(fault.rule().action) << " is not done to a broker";
  }
}

uint64_t Cluster::StoryDigest() {
  uint64_t digest = sim::Label::Hash("story");
  for (const History::Sent& sent : history_.sent()) {
    digest = sim::FoldDigest(digest, static_cast<uint64_t>(sent.id.value()));
    digest = FoldText(digest, sent.client);
    digest = FoldText(digest, sent.topic);
    digest = sim::FoldDigest(digest, static_cast<uint64_t>(sent.report.outcome));
    digest = FoldText(digest, ErrorName(sent.report));
    digest = sim::FoldDigest(digest, static_cast<uint64_t>(sent.report.partition.value()));
    digest = sim::FoldDigest(digest, static_cast<uint64_t>(sent.report.offset.value()));
  }
  for (const History::Read& read : history_.reads()) {
    digest = FoldText(digest, read.client);
    digest = FoldText(digest, read.topic);
    digest = sim::FoldDigest(digest, static_cast<uint64_t>(read.partition.value()));
    digest = sim::FoldDigest(digest, static_cast<uint64_t>(read.offset.value()));
    digest = sim::FoldDigest(digest, static_cast<uint64_t>(read.id.value()));
  }
  for (const ClusterView::Topic& topic : view_.topics) {
    for (int32_t p = 0; p < topic.partitions(); ++p) {
      const LogView log = Log(topic.name.text(), p);
      digest = FoldText(digest, log.topic());
      for (const StoredRecord& record : log.records()) {
        digest = sim::FoldDigest(digest, static_cast<uint64_t>(record.offset.value()));
        digest = sim::FoldDigest(digest, static_cast<uint64_t>(record.id.value()));
        digest = sim::FoldDigest(digest, static_cast<uint64_t>(record.sequence.value()));
      }
    }
  }
  return digest;
}

}  // namespace norn::model
