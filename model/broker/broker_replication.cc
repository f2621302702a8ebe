// Replication: what the metadata log says, whom to follow, who is in sync.
#include <algorithm>
#include <utility>

#include "model/broker/broker.h"
#include "sim/check.h"

namespace norn::model {
namespace {

constexpr sim::Label kLogFlush{"log flush task"};
constexpr sim::Label kLeads{"leads"};
constexpr sim::Label kFollows{"follows"};
constexpr sim::Label kIsr{"isr changed"};
constexpr sim::Label kHighWatermark{"high watermark"};
constexpr sim::Label kTopic{"topic"};
constexpr sim::Label kPartition{"partition"};
constexpr sim::Label kLeader{"leader"};
constexpr sim::Label kEpoch{"leader epoch"};
constexpr sim::Label kMembers{"members"};
constexpr sim::Label kOffset{"offset"};

}  // namespace

int64_t Broker::TakeCleanShutdownEpoch() {
  sim::Disk::File* file = disk_->Find(kCleanShutdown);
  if (file == nullptr || file->extents().empty()) return -1;
  const int64_t epoch = *std::static_pointer_cast<const int64_t>(file->extents().back().content);
  disk_->Delete(file);
  ended_in_order_ = true;
  return epoch;
}

void Broker::Host(int32_t topic, PartitionIndex partition, const PartitionState& state) {
  const ClusterView::Topic& known = view_->topics[static_cast<size_t>(topic)];
  Replica* replica = FindReplica(known.id, partition);
  if (replica == nullptr) {
    if (!Contains(state.replicas, options_.id)) return;
    Replica::Options options;
    options.broker = options_.id;
    options.topic_number = topic;
    options.name = known.name;
    options.topic = known.id;
    options.partition = partition;
    options.lag_time_max = options_.config.replica_lag_time_max;
    options.defects = options_.defects;
    PartitionLog::Checkpoints checkpoints;
    Offset high_watermark = Offset(0);
    if (link_ != nullptr) {
      const std::string name = Replica::LogName(known.name, partition);
      checkpoints.clean_shutdown = ended_in_order_;
      checkpoints.recovery_point =
          OffsetCheckpoint(disk_, OffsetCheckpoint::kRecoveryPoints).Find(name);
      high_watermark = OffsetCheckpoint(disk_, OffsetCheckpoint::kHighWatermarks).Find(name);
    }
    replicas_.push_back(std::make_unique<Replica>(
        std::move(options), &image_, disk_, known.config, sim_->Now(),
        options_.config.producer_id_expiration, checkpoints, high_watermark));
    replica = replicas_.back().get();
    // The task runs whether there is something to do or not; it is looked at only when there may
    // be.
    if (!flushes_by_time_ && known.config.flush < absl::InfiniteDuration()) {
      flushes_by_time_ = true;
      sim_->After(BrokerConfig::kLogInitialTaskDelay, kLogFlush, [this] { FlushOldLogs(); });
    }
  }
  const Offset before = replica->log().high_watermark();
  const bool is_new = replica->Apply(state, sim_->Now());
  if (link_ == nullptr) return;
  if (is_new) {
    sim_->Note(replica->leads() ? kLeads : kFollows, {{&kTopic, topic},
                                                      {&kPartition, partition.value()},
                                                      {&kLeader, state.leader.value()},
                                                      {&kEpoch, state.leader_epoch.value()}});
    Follow(*replica);
    // Whoever waits here for a leader that is gone is told.
    WakeFetches(*replica);
  }
  if (is_new || replica->log().high_watermark() != before) {
    OnHighWatermark(*replica);
  } else {
    CheckProduces(*replica);
  }
}

void Broker::Follow(Replica& replica) {
  for (auto& fetcher : fetchers_) fetcher->Remove(&replica);
  if (replica.role() == Replica::Role::kFollower) {
    const BrokerId leader = replica.leader();
    const auto known =
        std::find_if(fetchers_.begin(), fetchers_.end(),
                     [leader](const auto& fetcher) { return fetcher->leader() == leader; });
    if (known != fetchers_.end()) return (*known)->Add(&replica);
    ReplicaFetcher::Options options;
    options.self = options_.id;
    options.leader = leader;
    options.machine = options_.machine_of(leader);
    options.port = view_->brokers[static_cast<size_t>(leader.value() - 1)].address.port;
    options.config = options_.config;
    options.costs = options_.costs;
    options.start_delay = fetcher_start_;
    options.on_truncated = [this] { SaveRecoveryPoints(); };
    fetchers_.push_back(std::make_unique<ReplicaFetcher>(*node_, *network_, *faults_, link_.get(),
                                                         std::move(options)));
    fetchers_.back()->Add(&replica);
  }
}

void Broker::OnMetadata(const std::vector<MetadataRecord>& records) {
  if (log_dir_offline_) return;
  // All that is new is known before any of it is acted on.
  for (const MetadataRecord& record : records) image_.Apply(record);
  for (const MetadataRecord& record : records)
    if (const auto* change = std::get_if<PartitionRecord>(&record))
      Host(change->topic, change->partition, *image_.Find(change->topic, change->partition));
  // Threads that follow nothing any more end.
  std::erase_if(fetchers_, [](const auto& fetcher) { return fetcher->empty(); });
  ShowMetadata();
}

void Broker::Ask(std::optional<AlterPartition::Partition> change) {
  if (change.has_value()) link_->Alter(*std::move(change));
}

void Broker::CheckIsrs() {
  isr_check_.SetAfter(options_.config.replica_lag_time_max / 2);
  for (auto& replica : replicas_) Ask(replica->Shrunk(sim_->Now()));
}

void Broker::OnAltered(const AlterPartitionAnswer::Partition& answer) {
  const ClusterView::Topic& topic = view_->topics[static_cast<size_t>(answer.topic)];
  Replica* replica = FindReplica(topic.id, answer.partition);
  if (replica == nullptr) return;
  const bool moved = replica->OnAltered(answer, sim_->Now());
  sim_->Note(kIsr, {{&kTopic, answer.topic},
                    {&kPartition, answer.partition.value()},
                    {&kMembers, static_cast<int64_t>(replica->isr().size())}});
  if (moved) {
    OnHighWatermark(*replica);
  } else {
    CheckProduces(*replica);
  }
}

void Broker::OnHighWatermark(const Replica& replica) {
  if (link_ != nullptr)
    sim_->Remark(kHighWatermark, {{&kTopic, replica.topic_number()},
                                  {&kPartition, replica.partition().value()},
                                  {&kOffset, replica.log().high_watermark().value()}});
  CheckProduces(replica);
  WakeFetches(replica);
}

void Broker::CheckpointHighWatermarks() {
  if (log_dir_offline_) return;
  high_watermark_checkpoint_.SetAfter(options_.config.replica_high_watermark_checkpoint_interval);
  std::vector<OffsetCheckpoint::Entry> offsets;
  for (const auto& replica : replicas_)
    offsets.push_back(
        {Replica::LogName(replica->name(), replica->partition()), replica->log().high_watermark()});
  OffsetCheckpoint(disk_, OffsetCheckpoint::kHighWatermarks).Write(std::move(offsets));
}

void Broker::CheckpointRecoveryPoints() {
  recovery_point_checkpoint_.SetAfter(options_.config.log_flush_offset_checkpoint_interval);
  SaveRecoveryPoints();
}

void Broker::SaveRecoveryPoints() {
  if (log_dir_offline_) return;
  std::vector<OffsetCheckpoint::Entry> offsets;
  for (const auto& replica : replicas_)
    offsets.push_back(
        {Replica::LogName(replica->name(), replica->partition()), replica->log().recovery_point()});
  OffsetCheckpoint(disk_, OffsetCheckpoint::kRecoveryPoints).Write(std::move(offsets));
}

void Broker::ShutDown(absl::AnyInvocable<void()> done) {
  shut_down_ = std::move(done);
  // Else nobody is told beforehand, and the controller finds out by its missing heartbeats.
  if (link_ == nullptr || !options_.config.controlled_shutdown) return OnMayShutDown();
  link_->ShutDown();
}

void Broker::OnMayShutDown() {
  if (shut_down_ == nullptr) return;
  for (auto& replica : replicas_) replica->log().Close(sim_->Now(), nullptr);
  if (link_ != nullptr) {
    CheckpointHighWatermarks();
    CheckpointRecoveryPoints();
  }
  if (log_dir_offline_) return;  // it halts
  sim::Disk::File* file = disk_->Open(kCleanShutdown);
  const int64_t epoch = link_ == nullptr ? -1 : link_->broker_epoch();
  if (disk_->Write(file, 1, std::make_shared<const int64_t>(epoch)).ok())
    disk_->Sync(file, std::exchange(shut_down_, nullptr));
}

}  // namespace norn::model
