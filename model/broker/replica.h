// One partition on one broker: its log, and its part in the replication of it. A leader keeps, of
// each follower, how far it is; from that follow the high watermark and who belongs into the ISR. A
// follower has a log and a leader to fetch from (Kafka's Partition and Replica).
//
// Pure state: it sends nothing and waits for nothing. What it wants of others it says in what it
// returns.
//
// Invariants of a leader: (1) the high watermark never falls within one epoch, and is never above
// the end of a replica in the ISR that has been heard of; (2) the leader is in its own ISR.
//
// While an AlterPartition is under way the ISR may be the old one or the one asked for; the high
// watermark respects both (the "maximal ISR"), min.insync.replicas the old one.
#ifndef NORN_MODEL_BROKER_REPLICA_H_
#define NORN_MODEL_BROKER_REPLICA_H_

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/time/time.h"
#include "model/broker/cluster_view.h"
#include "model/broker/partition_log.h"
#include "model/defects.h"
#include "model/error.h"
#include "model/ids.h"
#include "model/metadata/controller_messages.h"
#include "model/metadata/metadata_image.h"
#include "model/metadata/partition_state.h"
#include "model/wire/topic.h"
#include "sim/disk.h"
#include "sim/time.h"

namespace norn::model {

class Replica {
 public:
  struct Options {
    BrokerId broker;  // whose it is
    int32_t topic_number = 0;
    TopicName name;
    Uuid topic;
    PartitionIndex partition;
    absl::Duration lag_time_max;  // replica.lag.time.max.ms
    Defects defects = {};
  };
  // `image` is what the broker knows of the cluster.
  // `known` and `high_watermark` are what the broker's checkpoints say of its log.
  Replica(Options options, const MetadataImage* image, sim::Disk* disk, const TopicConfig& config,
          sim::Time now, absl::Duration producer_expiration, const PartitionLog::Checkpoints& known,
          Offset high_watermark);
  // "topic1-0"
  static std::string LogName(const TopicName& topic, PartitionIndex partition);

  const TopicName& name() const { return options_.name; }
  const Uuid& topic() const { return options_.topic; }
  int32_t topic_number() const { return options_.topic_number; }
  PartitionIndex partition() const { return options_.partition; }
  PartitionLog& log() { return log_; }
  const PartitionLog& log() const { return log_; }

  enum class Role : uint8_t { kNone, kFollower, kLeader };
  Role role() const { return role_; }
  bool leads() const { return role_ == Role::kLeader; }
  BrokerId leader() const { return leader_; }
  LeaderEpoch leader_epoch() const { return leader_epoch_; }
  const BrokerList& isr() const { return isr_; }

  // The controller's word. True if who leads, or its epoch, is new: whoever waited for this leader
  // waits in vain.
  bool Apply(const PartitionState& state, sim::Time now);

  Defects defects() const { return options_.defects; }

  // --- Of a leader

  // NOT_ENOUGH_REPLICAS if the ISR is smaller than min.insync.replicas.
  Error CheckMinIsr() const;
  // Whether `required` is committed, and with what result; nothing if it is not yet.
  std::optional<Error> CommittedUpTo(Offset required) const;
  // Moves the high watermark as far as it may go. True if it moved.
  bool AdvanceHighWatermark(sim::Time now);
  // A follower has fetched from `offset` on: it has everything before. `broker_epoch`: -1 if it did
  // not say. True if the high watermark moved.
  bool OnFollowerFetch(BrokerId follower, Offset offset, int64_t broker_epoch, sim::Time now);
  // A consumer may ask for the end of the log only once everything of earlier leaders is committed.
  bool KnowsItsEnd() const { return log_.high_watermark() >= epoch_start_; }

  // The ISR with `follower` if it has caught up and may join; nothing otherwise, or while another
  // change is under way.
  std::optional<AlterPartition::Partition> Expanded(BrokerId follower);
  // The ISR without those that lag; nothing if none does.
  std::optional<AlterPartition::Partition> Shrunk(sim::Time now);
  // The controller has answered. True if the high watermark moved.
  bool OnAltered(const AlterPartitionAnswer::Partition& answer, sim::Time now);
  // It will not answer: the question may be asked again.
  void ForgetAlteration() { asked_.reset(); }

  // --- Of a follower, and of a leader whose follower asks

  struct Divergence {
    LeaderEpoch epoch;
    Offset end;
  };
  // What a follower that has `last_epoch` before `offset` must know to give up what this log does
  // not have; nothing if the two logs agree so far.
  std::optional<Divergence> FindDivergence(Offset offset, LeaderEpoch last_epoch) const;
  // The epoch that a fetch says the log ends with; none: it does not ask whether the logs differ.
  LeaderEpoch LastFetchedEpoch() const;
  // Gives up what the leader does not have.
  void TruncateTo(const Divergence& divergence, sim::Time now);

 private:
  struct Follower {
    BrokerId id;
    Offset log_end;  // none: not heard of in this epoch
    int64_t broker_epoch = -1;
    sim::Time last_fetch;  // both by this broker's wall clock
    sim::Time last_caught_up;
    Offset leader_end_at_last_fetch;
    bool ever_caught_up = false;
  };

  void BecomeLeader(sim::Time now);
  void TrackFollowers(const PartitionState& state, bool is_new_leader, sim::Time now);
  Follower* Find(BrokerId id);
  bool IsCaughtUp(const Follower& follower, sim::Time now) const;
  // The controller would let it in.
  bool IsEligible(const Follower& follower) const;
  bool InMaximalIsr(BrokerId id) const {
    return Contains(isr_, id) || (asked_.has_value() && Contains(*asked_, id));
  }
  int64_t MinIsr() const;
  AlterPartition::Partition Ask(BrokerList isr);

  Options options_;
  const MetadataImage* image_;
  PartitionLog log_;
  Role role_ = Role::kNone;
  BrokerId leader_;
  LeaderEpoch leader_epoch_;
  int32_t partition_epoch_ = -1;
  size_t replicas_ = 0;
  BrokerList isr_;
  std::optional<BrokerList> asked_;  // the ISR that an AlterPartition under way asks for
  bool asked_once_ = false;          // kip-279: of this leader
  Offset epoch_start_;               // the log's end when this epoch began
  std::vector<Follower> followers_;
};

}  // namespace norn::model

#endif  // NORN_MODEL_BROKER_REPLICA_H_
