// ListOffsets (api key 2): which offset a timestamp, the beginning or the end of a partition has.
//
// Versions 1 to 10.
#ifndef NORN_MODEL_WIRE_LIST_OFFSETS_H_
#define NORN_MODEL_WIRE_LIST_OFFSETS_H_

#include <cstdint>
#include <vector>

#include "absl/container/inlined_vector.h"
#include "model/error.h"
#include "model/ids.h"
#include "model/wire/api.h"
#include "model/wire/reading.h"
#include "model/wire/topic.h"

namespace norn::model::wire {

// Timestamps that mean a place.
inline constexpr int64_t kLatestTimestamp = -1;
inline constexpr int64_t kEarliestTimestamp = -2;
inline constexpr int64_t kMaxTimestamp = -3;            // of the newest record
inline constexpr int64_t kEarliestLocalTimestamp = -4;  // the beginning, tiered storage left out

struct ListOffsetsRequest {
  static constexpr MessageInfo kInfo = {Api::kListOffsets, "ListOffsetsRequest", 1, 10};

  struct Partition {
    PartitionIndex partition_index = PartitionIndex(0);
    LeaderEpoch current_leader_epoch = {};
    int64_t timestamp = 0;

    template <class Self, class V>
    static void Describe(Self& m, V& v) {
      v.Field("PartitionIndex", m.partition_index);
      v.Field("CurrentLeaderEpoch", m.current_leader_epoch, Since(4));
      v.Field("Timestamp", m.timestamp);
    }
    friend bool operator==(const Partition&, const Partition&) = default;
  };

  struct Topic {
    TopicName name = {};
    absl::InlinedVector<Partition, 1> partitions = {};

    template <class Self, class V>
    static void Describe(Self& m, V& v) {
      v.Field("Name", m.name);
      v.Field("Partitions", m.partitions);
    }
    friend bool operator==(const Topic&, const Topic&) = default;
  };

  BrokerId replica_id = BrokerId(0);  // a consumer says -1
  int8_t isolation_level = 0;         // 1: read_committed
  absl::InlinedVector<Topic, 1> topics = {};
  int32_t timeout_ms = 0;

  template <class Self, class V>
  static void Describe(Self& m, V& v) {
    v.Field("ReplicaId", m.replica_id);
    v.Field("IsolationLevel", m.isolation_level, Since(2));
    v.Field("Topics", m.topics);
    v.Field("TimeoutMs", m.timeout_ms, Since(10));
  }
  friend bool operator==(const ListOffsetsRequest&, const ListOffsetsRequest&) = default;
};

struct ListOffsetsResponse {
  static constexpr MessageInfo kInfo = {Api::kListOffsets, "ListOffsetsResponse", 1, 10};

  struct Partition {
    PartitionIndex partition_index = PartitionIndex(0);
    Error error = Error::kNone;
    int64_t timestamp = -1;
    Offset offset = {};
    LeaderEpoch leader_epoch = {};

    template <class Self, class V>
    static void Describe(Self& m, V& v) {
      v.Field("PartitionIndex", m.partition_index);
      v.Field("ErrorCode", m.error);
      v.Field("Timestamp", m.timestamp);
      v.Field("Offset", m.offset);
      v.Field("LeaderEpoch", m.leader_epoch, Since(4));
    }
    friend bool operator==(const Partition&, const Partition&) = default;
  };

  struct Topic {
    TopicName name = {};
    absl::InlinedVector<Partition, 1> partitions = {};

    template <class Self, class V>
    static void Describe(Self& m, V& v) {
      v.Field("Name", m.name);
      v.Field("Partitions", m.partitions);
    }
    friend bool operator==(const Topic&, const Topic&) = default;
  };

  int32_t throttle_time_ms = 0;
  absl::InlinedVector<Topic, 1> topics = {};

  template <class Self, class V>
  static void Describe(Self& m, V& v) {
    v.Field("ThrottleTimeMs", m.throttle_time_ms, Since(2));
    v.Field("Topics", m.topics);
  }
  friend bool operator==(const ListOffsetsResponse&, const ListOffsetsResponse&) = default;
};

}  // namespace norn::model::wire

#endif  // NORN_MODEL_WIRE_LIST_OFFSETS_H_
