// OffsetForLeaderEpoch (api key 23): where the log of a leader ends what an epoch wrote. A consumer
// asks it of a new leader, and so finds out whether the log was cut below its position (KIP-320).
//
// Versions 2 to 4.
#ifndef NORN_MODEL_WIRE_OFFSET_FOR_LEADER_EPOCH_H_
#define NORN_MODEL_WIRE_OFFSET_FOR_LEADER_EPOCH_H_

#include <cstdint>

#include "absl/container/inlined_vector.h"
#include "model/error.h"
#include "model/ids.h"
#include "model/wire/api.h"
#include "model/wire/reading.h"
#include "model/wire/topic.h"

namespace norn::model::wire {

struct OffsetForLeaderEpochRequest {
  static constexpr MessageInfo kInfo = {Api::kOffsetForLeaderEpoch, "OffsetForLeaderEpochRequest",
                                        2, 4};

  struct Partition {
    PartitionIndex partition = PartitionIndex(0);
    LeaderEpoch current_leader_epoch = {};  // whom it takes for the leader, as in Fetch
    LeaderEpoch leader_epoch = LeaderEpoch(0);

    template <class Self, class V>
    static void Describe(Self& m, V& v) {
      v.Field("Partition", m.partition);
      v.Field("CurrentLeaderEpoch", m.current_leader_epoch);
      v.Field("LeaderEpoch", m.leader_epoch);
    }
    friend bool operator==(const Partition&, const Partition&) = default;
  };

  struct Topic {
    TopicName topic = {};
    absl::InlinedVector<Partition, 1> partitions = {};

    template <class Self, class V>
    static void Describe(Self& m, V& v) {
      v.Field("Topic", m.topic);
      v.Field("Partitions", m.partitions);
    }
    friend bool operator==(const Topic&, const Topic&) = default;
  };

  BrokerId replica_id = BrokerId(-2);  // a consumer says -1, a debugger -2
  absl::InlinedVector<Topic, 1> topics = {};

  template <class Self, class V>
  static void Describe(Self& m, V& v) {
    v.Field("ReplicaId", m.replica_id, Since(3));
    v.Field("Topics", m.topics);
  }
  friend bool operator==(const OffsetForLeaderEpochRequest&,
                         const OffsetForLeaderEpochRequest&) = default;
};

struct OffsetForLeaderEpochResponse {
  static constexpr MessageInfo kInfo = {Api::kOffsetForLeaderEpoch, "OffsetForLeaderEpochResponse",
                                        2, 4};

  struct Partition {
    Error error = Error::kNone;
    PartitionIndex partition = PartitionIndex(0);
    // The largest epoch of the log that is not above the one asked for, and where it ends; none if
    // nothing is known of it.
    LeaderEpoch leader_epoch = {};
    Offset end_offset = {};

    template <class Self, class V>
    static void Describe(Self& m, V& v) {
      v.Field("ErrorCode", m.error);
      v.Field("Partition", m.partition);
      v.Field("LeaderEpoch", m.leader_epoch);
      v.Field("EndOffset", m.end_offset);
    }
    friend bool operator==(const Partition&, const Partition&) = default;
  };

  struct Topic {
    TopicName topic = {};
    absl::InlinedVector<Partition, 1> partitions = {};

    template <class Self, class V>
    static void Describe(Self& m, V& v) {
      v.Field("Topic", m.topic);
      v.Field("Partitions", m.partitions);
    }
    friend bool operator==(const Topic&, const Topic&) = default;
  };

  int32_t throttle_time_ms = 0;
  absl::InlinedVector<Topic, 1> topics = {};

  template <class Self, class V>
  static void Describe(Self& m, V& v) {
    v.Field("ThrottleTimeMs", m.throttle_time_ms);
    v.Field("Topics", m.topics);
  }
  friend bool operator==(const OffsetForLeaderEpochResponse&,
                         const OffsetForLeaderEpochResponse&) = default;
};

}  // namespace norn::model::wire

#endif  // NORN_MODEL_WIRE_OFFSET_FOR_LEADER_EPOCH_H_
