#include "model/controller/controller.h"

#include <algorithm>

#include "sim/check.h"

namespace norn::model {
namespace {

using sim::Time;

constexpr sim::Label kLook{"session check"};
constexpr sim::Label kBalance{"leader balance"};
constexpr sim::Label kCommit{"metadata committed"};
constexpr sim::Label kFetchWait{"metadata fetch wait"};
constexpr sim::Label kFenced{"broker fenced"};
constexpr sim::Label kUnfenced{"broker unfenced"};
constexpr sim::Label kRegistered{"broker registered"};
constexpr sim::Label kPartitionChanged{"partition changed"};
constexpr sim::Label kAlterRefused{"isr change refused"};
constexpr sim::Label kBroker{"broker"};
constexpr sim::Label kTopic{"topic"};
constexpr sim::Label kPartition{"partition"};
constexpr sim::Label kLeader{"leader"};
constexpr sim::Label kEpoch{"leader epoch"};
constexpr sim::Label kError{"error"};

// BrokerHeartbeatManager looks this often within a session.
constexpr int64_t kLooksPerSession = 8;
// After one that it has fenced, it looks for the next (PeriodicTaskControlManager).
constexpr absl::Duration kBetweenFencings = absl::Milliseconds(10);
// Of controllers that were stopped and went on 1 of 8 fenced nobody (recording 87). Eight runs say
// no more than that it happens: the number is a guess.
constexpr double kNetworkIsFirst = 0.2;
// What the controller spends on a request.
constexpr absl::Duration kPerRequest = absl::Microseconds(100);

}  // namespace

// A broker's connection.
class Controller::Peer final : public sim::SocketHandler {
 public:
  Peer(Controller* controller, std::unique_ptr<sim::Socket> socket)
      : controller_(controller), socket_(std::move(socket)), id_(socket_->id()) {
    socket_->SetHandler(this);
  }
  ~Peer() { StopWaiting(); }

  uint64_t id() const { return id_; }
  void Send(std::unique_ptr<ControllerAnswer> answer) {
    sim::Frame frame;
    frame.size = SizeOf(*answer);
    frame.extra_delay = kPerRequest;
    frame.message = std::move(answer);
    socket_->Send(std::move(frame));
  }

  // A fetch that found nothing new.
  bool fetching() const { return fetching_; }
  CorrelationId fetch() const { return fetch_; }
  int64_t fetch_offset() const { return offset_; }
  void Fetch(CorrelationId correlation, int64_t offset) {
    StopWaiting();
    fetching_ = true;
    fetch_ = correlation;
    offset_ = offset;
  }
  void Wait(absl::Duration patience) {
    timer_ =
        controller_->sim_->After(patience, kFetchWait, [this] { controller_->TellNews(*this); });
  }
  void StopWaiting() {
    fetching_ = false;
    controller_->sim_->Cancel(timer_);
  }

 private:
  void OnFrame(sim::Frame frame) override {
    controller_->OnRequest(*this, static_cast<const ControllerRequest&>(*frame.message));
  }
  void OnClosed(sim::CloseReason) override {
    std::erase_if(controller_->peers_, [this](const auto& peer) { return peer.get() == this; });
  }

  Controller* controller_;
  std::unique_ptr<sim::Socket> socket_;
  uint64_t id_;
  bool fetching_ = false;
  CorrelationId fetch_;
  int64_t offset_ = 0;
  sim::TimerId timer_;
};

Controller::Controller(sim::Node& node, sim::Network& network, const ClusterView& view,
                       MetadataLog& log, Options options)
    : sim_(&node.sim()),
      network_(&network),
      view_(&view),
      log_(&log),
      options_(std::move(options)),
      image_(log.Image()),
      fencing_(sim_->chance().Resolve("controller/fencing")),
      waking_(sim_->chance().Resolve("controller/waking")),
      look_(*sim_, kLook, Tick{this, &Controller::FenceStale}),
      balance_(*sim_, kBalance, Tick{this, &Controller::BalanceLeaders}),
      commit_(*sim_, kCommit, Tick{this, &Controller::Commit}) {
  for (const BrokerRecord& broker : image_.brokers())
    if (!broker.fenced) SessionOf(broker.id).last_contact = sim_->Now();
  LookAfter(options_.config.session_timeout / kLooksPerSession);
  if (options_.config.auto_leader_rebalance)
    balance_.SetAfter(absl::Seconds(options_.config.leader_imbalance_check_interval_seconds));
  network_->Listen(node, kPort,
                   [this](std::unique_ptr<sim::Socket> socket) { Accept(std::move(socket)); });
}

Controller::~Controller() = default;

void Controller::Accept(std::unique_ptr<sim::Socket> socket) {
  peers_.push_back(std::make_unique<Peer>(this, std::move(socket)));
}

Controller::Peer* Controller::FindPeer(uint64_t id) {
  for (auto& peer : peers_)
    if (peer->id() == id) return peer.get();
  return nullptr;
}

void Controller::AnswerNow(Peer& peer, CorrelationId correlation,
                           std::unique_ptr<ControllerAnswer> answer) {
  answer->correlation = correlation;
  peer.Send(std::move(answer));
}

void Controller::AnswerThen(Peer& peer, CorrelationId correlation,
                            std::unique_ptr<ControllerAnswer> answer) {
  if (uncommitted_.empty()) return AnswerNow(peer, correlation, std::move(answer));
  answer->correlation = correlation;
  answers_.push_back({peer.id(), std::move(answer)});
}

void Controller::OnRequest(Peer& peer, const ControllerRequest& request) {
  if (const auto* body = std::get_if<RegisterBroker>(&request.body))
    return OnRegister(peer, request, *body);
  if (const auto* body = std::get_if<BrokerHeartbeat>(&request.body))
    return OnHeartbeat(peer, request, *body);
  if (const auto* body = std::get_if<AlterPartition>(&request.body))
    return OnAlterPartition(peer, request, *body);
  OnFetch(peer, request, std::get<FetchMetadata>(request.body));
}

// --- The log

void Controller::Record(MetadataRecord record) {
  image_.Apply(record);
  uncommitted_.push_back(std::move(record));
  if (!commit_.pending()) commit_.SetAfter(options_.commit_latency);
}

void Controller::Commit() {
  for (MetadataRecord& record : uncommitted_) log_->committed.push_back(std::move(record));
  uncommitted_.clear();
  for (Answer& answer : std::exchange(answers_, {}))
    if (Peer* peer = FindPeer(answer.peer)) peer->Send(std::move(answer.answer));
  for (auto& peer : peers_)
    if (peer->fetching()) TellNews(*peer);
}

void Controller::OnFetch(Peer& peer, const ControllerRequest& request, const FetchMetadata& body) {
  peer.Fetch(request.correlation, body.offset);
  if (body.offset < static_cast<int64_t>(log_->committed.size())) return TellNews(peer);
  peer.Wait(options_.fetch_wait);
}

void Controller::TellNews(Peer& peer) {
  FetchedMetadata news;
  news.offset = peer.fetch_offset();
  news.records.assign(log_->committed.begin() + news.offset, log_->committed.end());
  auto answer = std::make_unique<ControllerAnswer>();
  answer->body = std::move(news);
  const CorrelationId correlation = peer.fetch();
  peer.StopWaiting();
  AnswerNow(peer, correlation, std::move(answer));
}

// --- Brokers

Controller::Session& Controller::SessionOf(BrokerId id) {
  const auto index = static_cast<size_t>(id.value() - 1);
  if (sessions_.size() <= index) sessions_.resize(index + 1);
  return sessions_[index];
}

bool Controller::HasSession(BrokerId id) const {
  const auto index = static_cast<size_t>(id.value() - 1);
  return image_.IsUp(id) && index < sessions_.size() &&
         sim_->Now() - sessions_[index].last_contact <= options_.config.session_timeout;
}

// One at a time, so that what the others have sent is heard before the next: a controller that
// stood still for longer than a session finds one broker silent, or two, and not all (recordings
// 86, 87).
void Controller::FenceStale() {
  std::vector<BrokerId> silent;
  for (const BrokerRecord& broker : image_.brokers())
    if (image_.IsUp(broker.id) && !HasSession(broker.id)) silent.push_back(broker.id);
  if (silent.empty()) return LookAfter(options_.config.session_timeout / kLooksPerSession);
  // A process that stood still does all at once: now and then its network threads are first.
  const bool stood_still = sim_->Now() - look_due_ > kBetweenFencings;
  if (stood_still && sim_->chance().Bernoulli(waking_, sim::Key(image_.end()), kNetworkIsFirst))
    return LookAfter(kBetweenFencings);
  // Sessions are kept by a hash of broker and epoch: any may be the first.
  const uint64_t first = sim_->chance().Uniform(fencing_, sim::Key(image_.end()),
                                                static_cast<uint64_t>(silent.size()));
  Fence(silent[first]);
  LookAfter(kBetweenFencings);
}

void Controller::LookAfter(absl::Duration wait) {
  look_due_ = sim_->Now() + wait;
  look_.Set(look_due_);
}

ElectionRules Controller::RulesOf(int32_t topic) const {
  const TopicConfig& config = view_->topics[static_cast<size_t>(topic)].config;
  ElectionRules rules;
  rules.min_insync_replicas = static_cast<int32_t>(config.min_insync_replicas);
  rules.unclean = config.unclean_leader_election;
  rules.eligible_leader_replicas = options_.eligible_leader_replicas;
  return rules;
}

template <class Condition>
void Controller::ChangeAll(const PartitionChange& change, Condition condition) {
  for (size_t t = 0; t < image_.topics().size(); ++t) {
    for (size_t p = 0; p < image_.topics()[t].size(); ++p) {
      const PartitionState& before = image_.topics()[t][p];
      if (before.replicas.empty() || !condition(before)) continue;
      const auto topic = static_cast<int32_t>(t);
      std::optional<PartitionState> after = Change(before, change, RulesOf(topic), image_);
      if (!after.has_value()) continue;
      sim_->Note(kPartitionChanged, {{&kTopic, topic},
                                     {&kPartition, static_cast<int64_t>(p)},
                                     {&kLeader, after->leader.value()},
                                     {&kEpoch, after->leader_epoch.value()}});
      Record(PartitionRecord{topic, PartitionIndex(static_cast<int32_t>(p)), *std::move(after)});
    }
  }
}

void Controller::Fence(BrokerId id) {
  sim_->Note(kFenced, {{&kBroker, id.value()}});
  BrokerRecord record = image_.broker(id);
  record.fenced = true;
  ChangeAll({.leaves = id}, [id](const PartitionState& p) { return Contains(p.isr, id); });
  Record(record);
}

void Controller::Unfence(BrokerId id) {
  sim_->Note(kUnfenced, {{&kBroker, id.value()}});
  BrokerRecord record = image_.broker(id);
  record.fenced = false;
  Record(record);
  ChangeAll({.returns = id}, [](const PartitionState& p) { return p.leader.is_none(); });
}

bool Controller::BeginShutdown(BrokerId id) {
  BrokerRecord record = image_.broker(id);
  Session& session = SessionOf(id);
  if (!record.shutting_down) {
    record.shutting_down = true;
    Record(record);
    ChangeAll({.leaves = id}, [id](const PartitionState& p) { return Contains(p.isr, id); });
  } else if (session.shutdown_offset >= 0) {
    return MayShutDown(id);
  }
  // Whether it may go is looked at when it asks again. (A controller that took over begins anew.)
  session.shutdown_offset = image_.end();
  return false;
}

// When it leads nothing, and all who stay have told by a heartbeat that they have read so, lest one
// of them goes on asking it (BrokerHeartbeatManager, CONTROLLED_SHUTDOWN): that takes until the
// last of their heartbeats, and the broker's own next.
bool Controller::MayShutDown(BrokerId id) const {
  for (const auto& topic : image_.topics())
    for (const PartitionState& partition : topic)
      if (partition.leader == id) return false;
  const int64_t needed = sessions_[static_cast<size_t>(id.value() - 1)].shutdown_offset;
  for (const BrokerRecord& other : image_.brokers()) {
    if (other.id == id || !image_.IsActive(other.id)) continue;
    const auto index = static_cast<size_t>(other.id.value() - 1);
    if (index >= sessions_.size() || sessions_[index].metadata_offset < needed) return false;
  }
  return true;
}

void Controller::BalanceLeaders() {
  balance_.SetAfter(absl::Seconds(options_.config.leader_imbalance_check_interval_seconds));
  ChangeAll({.preferred = true}, [](const PartitionState& p) {
    return !p.leader.is_none() && p.leader != p.replicas.front();
  });
}

void Controller::CreateTopic(int32_t topic, const std::vector<BrokerList>& assignment) {
  for (size_t p = 0; p < assignment.size(); ++p) {
    PartitionState state;
    state.replicas = assignment[p];
    for (const BrokerId id : assignment[p])
      if (image_.IsActive(id)) state.isr.push_back(id);
    if (!state.isr.empty()) state.leader = state.isr.front();
    Record(PartitionRecord{topic, PartitionIndex(static_cast<int32_t>(p)), std::move(state)});
  }
}

void Controller::OnRegister(Peer& peer, const ControllerRequest& request,
                            const RegisterBroker& body) {
  auto answer = std::make_unique<ControllerAnswer>();
  answer->body = BrokerRegistered{};
  const BrokerId id = request.broker;
  const BrokerRecord before = image_.broker(id);
  if (HasSession(id) && !before.shutting_down) {
    // The life before may still be alive, for all anybody knows.
    answer->error = Error::kDuplicateBrokerRegistration;
    return AnswerNow(peer, request.correlation, std::move(answer));
  }
  if (!before.fenced) Fence(id);
  const bool unclean = body.previous_epoch != before.epoch;
  if (unclean && options_.eligible_leader_replicas)
    ChangeAll({.unclean = id},
              [id](const PartitionState& p) { return Contains(p.isr, id) || Contains(p.elr, id); });
  BrokerRecord record;
  record.id = id;
  record.epoch = image_.end();
  Record(record);
  SessionOf(id) = {sim_->Now()};
  sim_->Note(kRegistered, {{&kBroker, id.value()}, {&kEpoch, record.epoch}});
  answer->body = BrokerRegistered{record.epoch, image_.end()};
  AnswerThen(peer, request.correlation, std::move(answer));
}

void Controller::OnHeartbeat(Peer& peer, const ControllerRequest& request,
                             const BrokerHeartbeat& body) {
  auto answer = std::make_unique<ControllerAnswer>();
  answer->body = BrokerHeartbeatAnswer{};
  const BrokerId id = request.broker;
  const BrokerRecord& known = image_.broker(id);
  if (known.epoch != body.broker_epoch) {
    answer->error = Error::kStaleBrokerEpoch;
    return AnswerNow(peer, request.correlation, std::move(answer));
  }
  Session& session = SessionOf(id);
  session.last_contact = sim_->Now();
  session.metadata_offset = body.metadata_offset;
  BrokerHeartbeatAnswer told;
  if (body.want_shut_down) {
    told.should_shut_down = BeginShutdown(id);
    // Nobody counts on it any more, and no session has to end (ReplicationControlManager's
    // SHUTDOWN_NOW; recording 23: it is offline to the others a moment later).
    if (told.should_shut_down && !known.fenced) Fence(id);
  } else if (known.fenced && !body.want_fence && body.metadata_offset > known.epoch) {
    Unfence(id);
  }
  told.is_fenced = image_.broker(id).fenced;
  answer->body = told;
  AnswerThen(peer, request.correlation, std::move(answer));
}

// --- ISRs

Error Controller::CheckIsr(BrokerId leader, const AlterPartition::Partition& asked) const {
  const PartitionState* known = image_.Find(asked.topic, asked.partition);
  if (known == nullptr) return Error::kUnknownTopicId;
  if (asked.leader_epoch > known->leader_epoch || asked.partition_epoch > known->partition_epoch)
    return Error::kNotController;
  if (asked.leader_epoch < known->leader_epoch) return Error::kFencedLeaderEpoch;
  if (leader != known->leader) return Error::kInvalidRequest;
  if (asked.partition_epoch < known->partition_epoch) return Error::kInvalidUpdateVersion;
  bool has_leader = false;
  for (const auto& member : asked.isr) {
    if (!Contains(known->replicas, member.id)) return Error::kInvalidRequest;
    has_leader = has_leader || member.id == leader;
    // KIP-841, KIP-903: not the fenced, nor a broker that is not who it was.
    if (!image_.IsActive(member.id)) return Error::kIneligibleReplica;
    if (member.epoch != -1 && member.epoch != image_.broker(member.id).epoch &&
        !options_.defects.Has(Defect::kKip903))
      return Error::kIneligibleReplica;
  }
  return has_leader ? Error::kNone : Error::kInvalidRequest;
}

AlterPartitionAnswer::Partition Controller::Alter(BrokerId leader,
                                                  const AlterPartition::Partition& asked) {
  AlterPartitionAnswer::Partition told;
  told.topic = asked.topic;
  told.partition = asked.partition;
  told.error = CheckIsr(leader, asked);
  if (told.error != Error::kNone) {
    sim_->Note(kAlterRefused, {{&kTopic, asked.topic},
                               {&kPartition, asked.partition.value()},
                               {&kError, static_cast<int64_t>(told.error)}});
    return told;
  }
  PartitionChange change;
  change.isr.emplace();
  for (const auto& member : asked.isr) change.isr->push_back(member.id);
  const PartitionState& before = *image_.Find(asked.topic, asked.partition);
  if (auto after = Change(before, change, RulesOf(asked.topic), image_)) {
    sim_->Note(kPartitionChanged, {{&kTopic, asked.topic},
                                   {&kPartition, asked.partition.value()},
                                   {&kLeader, after->leader.value()},
                                   {&kEpoch, after->leader_epoch.value()}});
    Record(PartitionRecord{asked.topic, asked.partition, *std::move(after)});
  }
  told.state = *image_.Find(asked.topic, asked.partition);
  return told;
}

void Controller::OnAlterPartition(Peer& peer, const ControllerRequest& request,
                                  const AlterPartition& body) {
  auto answer = std::make_unique<ControllerAnswer>();
  AlterPartitionAnswer told;
  if (image_.broker(request.broker).epoch != body.broker_epoch) {
    answer->error = Error::kStaleBrokerEpoch;
  } else {
    for (const auto& asked : body.partitions)
      told.partitions.push_back(Alter(request.broker, asked));
  }
  answer->body = std::move(told);
  AnswerThen(peer, request.correlation, std::move(answer));
}

}  // namespace norn::model
