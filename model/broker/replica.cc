#include "model/broker/replica.h"

#include <algorithm>
#include <utility>

#include "sim/check.h"

namespace norn::model {

std::string Replica::LogName(const TopicName& topic, PartitionIndex partition) {
  return std::string(topic.text()) + "-" + std::to_string(partition.value());
}

Replica::Replica(Options options, const MetadataImage* image, sim::Disk* disk,
                 const TopicConfig& config, sim::Time now, absl::Duration producer_expiration,
                 const PartitionLog::Checkpoints& known, Offset high_watermark)
    : options_(std::move(options)),
      image_(image),
      log_(disk, LogName(options_.name, options_.partition), config, now, producer_expiration,
           known) {
  log_.SetHighWatermark(high_watermark);
  if (options_.defects.Has(Defect::kKafka5494)) log_.ForgetDuplicates();
}

bool Replica::Apply(const PartitionState& state, sim::Time now) {
  if (state.partition_epoch <= partition_epoch_) return false;
  partition_epoch_ = state.partition_epoch;
  replicas_ = state.replicas.size();
  isr_ = state.isr;
  asked_.reset();
  const bool is_new = leader_epoch_.is_none() || state.leader_epoch != leader_epoch_;
  leader_ = state.leader;
  leader_epoch_ = state.leader_epoch;
  const Role before = role_;
  role_ = leader_ == options_.broker ? Role::kLeader
          : leader_.is_none()        ? Role::kNone
                                     : Role::kFollower;
  if (role_ == Role::kLeader) {
    if (is_new) BecomeLeader(now);
    TrackFollowers(state, is_new || before != Role::kLeader, now);
    AdvanceHighWatermark(now);
  } else {
    followers_.clear();
    asked_once_ = false;
    if (is_new && role_ == Role::kFollower && options_.defects.Has(Defect::kKip101))
      log_.TruncateTo(log_.high_watermark(), now);
  }
  return is_new;
}

void Replica::BecomeLeader(sim::Time) {
  epoch_start_ = log_.log_end();
  log_.BeginEpoch(leader_epoch_);
}

void Replica::TrackFollowers(const PartitionState& state, bool is_new_leader, sim::Time now) {
  std::vector<Follower> followers;
  for (const BrokerId id : state.replicas) {
    if (id == options_.broker) continue;
    Follower* known = is_new_leader ? nullptr : Find(id);
    if (known != nullptr) {
      followers.push_back(*known);
      continue;
    }
    Follower follower;
    follower.id = id;
    // A member of the ISR gets the benefit of the doubt from now on.
    follower.ever_caught_up = Contains(state.isr, id);
    follower.last_caught_up = log_.Wall(now);
    follower.last_fetch = log_.Wall(now);
    followers.push_back(follower);
  }
  followers_ = std::move(followers);
}

Replica::Follower* Replica::Find(BrokerId id) {
  for (Follower& follower : followers_)
    if (follower.id == id) return &follower;
  return nullptr;
}

// --- The leader

int64_t Replica::MinIsr() const {
  return std::min<int64_t>(log_.config().min_insync_replicas, static_cast<int64_t>(replicas_));
}

Error Replica::CheckMinIsr() const {
  return static_cast<int64_t>(isr_.size()) < MinIsr() ? Error::kNotEnoughReplicas : Error::kNone;
}

std::optional<Error> Replica::CommittedUpTo(Offset required) const {
  if (!leads()) return Error::kNotLeaderOrFollower;
  if (log_.high_watermark() < required) return std::nullopt;
  return CheckMinIsr() == Error::kNone ? Error::kNone : Error::kNotEnoughReplicasAfterAppend;
}

bool Replica::IsCaughtUp(const Follower& follower, sim::Time now) const {
  if (follower.log_end == log_.log_end()) return true;
  return follower.ever_caught_up &&
         log_.Wall(now) - follower.last_caught_up <= options_.lag_time_max;
}

bool Replica::IsEligible(const Follower& follower) const {
  if (!image_->IsActive(follower.id)) return false;
  return follower.broker_epoch == -1 || follower.broker_epoch == image_->broker(follower.id).epoch;
}

bool Replica::AdvanceHighWatermark(sim::Time now) {
  if (__builtin_expect(followers_.empty(), 0)) {
    if (log_.high_watermark() == log_.log_end()) return false;
    log_.SetHighWatermark(log_.log_end());
    return true;
  }
  // Frozen: what is acknowledged with acks=all must be on enough replicas (KAFKA-15583).
  if (static_cast<int64_t>(isr_.size()) < MinIsr() && !options_.defects.Has(Defect::kKafka15583))
    return false;
  Offset end = log_.log_end();
  for (const Follower& follower : followers_) {
    if (!follower.log_end.is_none() && follower.log_end >= end) continue;
    // Also whoever is about to join: else it might wait for ever at the heels of the leader.
    const bool about_to_join = IsCaughtUp(follower, now) && IsEligible(follower);
    if (!InMaximalIsr(follower.id) && !about_to_join) continue;
    if (follower.log_end.is_none()) return false;
    end = follower.log_end;
  }
  if (end <= log_.high_watermark()) return false;
  log_.SetHighWatermark(end);
  return true;
}

bool Replica::OnFollowerFetch(BrokerId id, Offset offset, int64_t broker_epoch, sim::Time now) {
  Follower* follower = Find(id);
  if (follower == nullptr) return false;
  const Offset end = log_.log_end();
  if (offset >= end) {
    follower->last_caught_up = log_.Wall(now);
    follower->ever_caught_up = true;
  } else if (!follower->leader_end_at_last_fetch.is_none() &&
             offset >= follower->leader_end_at_last_fetch) {
    // It reached what was the end when it fetched before: then it had caught up.
    follower->last_caught_up =
        std::max(follower->ever_caught_up ? follower->last_caught_up : follower->last_fetch,
                 follower->last_fetch);
    follower->ever_caught_up = true;
  }
  follower->log_end = offset;
  follower->broker_epoch = broker_epoch;
  follower->last_fetch = log_.Wall(now);
  follower->leader_end_at_last_fetch = end;
  return AdvanceHighWatermark(now);
}

AlterPartition::Partition Replica::Ask(BrokerList isr) {
  AlterPartition::Partition asked;
  asked.topic = options_.topic_number;
  asked.partition = options_.partition;
  asked.leader_epoch = leader_epoch_;
  asked.partition_epoch = partition_epoch_;
  for (const BrokerId id : isr) {
    const Follower* follower = Find(id);
    asked.isr.push_back(
        {id, follower == nullptr ? image_->broker(id).epoch : follower->broker_epoch});
  }
  asked_ = std::move(isr);
  return asked;
}

std::optional<AlterPartition::Partition> Replica::Expanded(BrokerId id) {
  if (!leads() || asked_.has_value() || Contains(isr_, id)) return std::nullopt;
  const Follower* follower = Find(id);
  if (follower == nullptr || follower->log_end.is_none()) return std::nullopt;
  // The second condition is KAFKA-7128's: below the start of this epoch lie committed records that
  // the high watermark of a new leader does not tell of.
  if (follower->log_end < log_.high_watermark()) return std::nullopt;
  if (follower->log_end < epoch_start_ && !options_.defects.Has(Defect::kKafka7128))
    return std::nullopt;
  if (!IsEligible(*follower)) return std::nullopt;
  BrokerList isr = isr_;
  isr.push_back(id);
  return Ask(std::move(isr));
}

std::optional<AlterPartition::Partition> Replica::Shrunk(sim::Time now) {
  if (!leads() || asked_.has_value()) return std::nullopt;
  BrokerList isr;
  for (const BrokerId id : isr_) {
    const Follower* follower = Find(id);
    if (follower == nullptr || IsCaughtUp(*follower, now)) isr.push_back(id);
  }
  if (isr.size() == isr_.size()) return std::nullopt;
  return Ask(std::move(isr));
}

bool Replica::OnAltered(const AlterPartitionAnswer::Partition& answer, sim::Time now) {
  if (!asked_.has_value()) return false;
  asked_.reset();
  if (answer.error != Error::kNone || answer.state.leader_epoch != leader_epoch_ ||
      answer.state.partition_epoch <= partition_epoch_ || !leads())
    return false;
  partition_epoch_ = answer.state.partition_epoch;
  isr_ = answer.state.isr;
  return AdvanceHighWatermark(now);
}

// --- Two logs

std::optional<Replica::Divergence> Replica::FindDivergence(Offset offset,
                                                           LeaderEpoch last_epoch) const {
  if (last_epoch.is_none()) return std::nullopt;
  const auto end = log_.epochs().EndOffsetFor(last_epoch, log_.log_end());
  if (end.epoch == last_epoch && end.end >= offset) return std::nullopt;
  return Divergence{end.epoch, end.end};
}

LeaderEpoch Replica::LastFetchedEpoch() const {
  if (options_.defects.Has(Defect::kKip101) || asked_once_) return LeaderEpoch::None();
  return log_.epochs().LatestEpoch();
}

void Replica::TruncateTo(const Divergence& divergence, sim::Time now) {
  if (options_.defects.Has(Defect::kKip279)) {
    // An end and no epoch: once, when a leader begins, and taken at its word.
    asked_once_ = true;
    log_.TruncateTo(std::min(divergence.end, log_.log_end()), now);
    return;
  }
  if (divergence.epoch.is_none()) {
    // The leader's log begins with a later epoch than anything here.
    log_.TruncateTo(divergence.end.is_none() ? log_.log_start() : divergence.end, now);
    return;
  }
  const auto own = log_.epochs().EndOffsetFor(divergence.epoch, log_.log_end());
  // Of an epoch that is unknown here the largest smaller one ends before it: the leader is asked
  // again from there.
  const Offset end = own.epoch == divergence.epoch ? std::min(own.end, divergence.end)
                     : own.epoch.is_none()         ? log_.log_start()
                                                   : own.end;
  log_.TruncateTo(std::max(std::min(end, log_.log_end()), log_.log_start()), now);
}

}  // namespace norn::model
