// Fetch (api key 1): what consumers and followers read from a leader.
//
// Versions 4 to 18. Sessions come with 7, the leader epoch with 9, diverging epochs (instead of a
// separate question about truncation) with 12, topic ids with 13, the follower's own epoch with 15.
#ifndef NORN_MODEL_WIRE_FETCH_H_
#define NORN_MODEL_WIRE_FETCH_H_

#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <vector>

#include "absl/container/inlined_vector.h"
#include "model/error.h"
#include "model/ids.h"
#include "model/record/records.h"
#include "model/wire/api.h"
#include "model/wire/leader.h"
#include "model/wire/reading.h"
#include "model/wire/topic.h"

namespace norn::model::wire {

struct FetchRequest {
  static constexpr MessageInfo kInfo = {Api::kFetch, "FetchRequest", 4, 18};

  // Who a follower is; a consumer leaves it out.
  struct ReplicaState {
    BrokerId replica_id = {};
    int64_t replica_epoch = -1;

    template <class Self, class V>
    static void Describe(Self& m, V& v) {
      v.Field("ReplicaId", m.replica_id);
      v.Field("ReplicaEpoch", m.replica_epoch);
    }
    friend bool operator==(const ReplicaState&, const ReplicaState&) = default;
  };

  struct Partition {
    static constexpr Offset kHighWatermarkUnsupported = Offset(std::numeric_limits<int64_t>::max());

    PartitionIndex partition = PartitionIndex(0);
    LeaderEpoch current_leader_epoch = {};
    Offset fetch_offset = Offset(0);
    LeaderEpoch last_fetched_epoch = {};
    Offset log_start_offset = {};
    int32_t partition_max_bytes = 0;
    Uuid replica_directory_id = {};
    Offset high_watermark = kHighWatermarkUnsupported;

    template <class Self, class V>
    static void Describe(Self& m, V& v) {
      v.Field("Partition", m.partition);
      v.Field("CurrentLeaderEpoch", m.current_leader_epoch, Since(9));
      v.Field("FetchOffset", m.fetch_offset);
      v.Field("LastFetchedEpoch", m.last_fetched_epoch, Since(12));
      v.Field("LogStartOffset", m.log_start_offset, Since(5));
      v.Field("PartitionMaxBytes", m.partition_max_bytes);
      v.Tagged(0, "ReplicaDirectoryId", m.replica_directory_id, Since(17));
      v.Tagged(1, "HighWatermark", m.high_watermark, Since(18), kHighWatermarkUnsupported);
    }
    friend bool operator==(const Partition&, const Partition&) = default;
  };

  struct Topic {
    TopicName topic = {};
    Uuid topic_id = {};
    absl::InlinedVector<Partition, 1> partitions = {};

    template <class Self, class V>
    static void Describe(Self& m, V& v) {
      v.Field("Topic", m.topic, Until(12));
      v.Field("TopicId", m.topic_id, Since(13));
      v.Field("Partitions", m.partitions);
    }
    friend bool operator==(const Topic&, const Topic&) = default;
  };

  // In a session: partitions the client no longer wants.
  struct ForgottenTopic {
    TopicName topic = {};
    Uuid topic_id = {};
    std::vector<PartitionIndex> partitions = {};

    template <class Self, class V>
    static void Describe(Self& m, V& v) {
      v.Field("Topic", m.topic, Until(12));
      v.Field("TopicId", m.topic_id, Since(13));
      v.Field("Partitions", m.partitions);
    }
    friend bool operator==(const ForgottenTopic&, const ForgottenTopic&) = default;
  };

  std::optional<std::string> cluster_id = {};
  BrokerId replica_id = {};  // -1: a consumer
  ReplicaState replica_state = {};
  int32_t max_wait_ms = 0;
  int32_t min_bytes = 0;
  int32_t max_bytes = std::numeric_limits<int32_t>::max();
  int8_t isolation_level = 0;  // 1: read_committed
  int32_t session_id = 0;
  int32_t session_epoch = -1;
  absl::InlinedVector<Topic, 1> topics = {};
  std::vector<ForgottenTopic> forgotten_topics = {};
  std::string rack_id = {};

  template <class Self, class V>
  static void Describe(Self& m, V& v) {
    v.Tagged(0, "ClusterId", m.cluster_id, Since(12));
    v.Field("ReplicaId", m.replica_id, Until(14));
    v.Tagged(1, "ReplicaState", m.replica_state, Since(15));
    v.Field("MaxWaitMs", m.max_wait_ms);
    v.Field("MinBytes", m.min_bytes);
    v.Field("MaxBytes", m.max_bytes);
    v.Field("IsolationLevel", m.isolation_level);
    v.Field("SessionId", m.session_id, Since(7));
    v.Field("SessionEpoch", m.session_epoch, Since(7));
    v.Field("Topics", m.topics);
    v.Field("ForgottenTopicsData", m.forgotten_topics, Since(7));
    v.Field("RackId", m.rack_id, Since(11));
  }
  friend bool operator==(const FetchRequest&, const FetchRequest&) = default;
};

struct FetchResponse {
  static constexpr MessageInfo kInfo = {Api::kFetch, "FetchResponse", 4, 18};

  // The largest epoch the leader shares with the follower, and where it ends.
  struct EpochEndOffset {
    LeaderEpoch epoch = {};
    Offset end_offset = {};

    template <class Self, class V>
    static void Describe(Self& m, V& v) {
      v.Field("Epoch", m.epoch);
      v.Field("EndOffset", m.end_offset);
    }
    friend bool operator==(const EpochEndOffset&, const EpochEndOffset&) = default;
  };

  struct SnapshotId {
    Offset end_offset = {};
    LeaderEpoch epoch = {};

    template <class Self, class V>
    static void Describe(Self& m, V& v) {
      v.Field("EndOffset", m.end_offset);
      v.Field("Epoch", m.epoch);
    }
    friend bool operator==(const SnapshotId&, const SnapshotId&) = default;
  };

  struct AbortedTransaction {
    ProducerId producer_id = ProducerId(0);
    Offset first_offset = Offset(0);

    template <class Self, class V>
    static void Describe(Self& m, V& v) {
      v.Field("ProducerId", m.producer_id);
      v.Field("FirstOffset", m.first_offset);
    }
    friend bool operator==(const AbortedTransaction&, const AbortedTransaction&) = default;
  };

  struct Partition {
    PartitionIndex partition_index = PartitionIndex(0);
    Error error = Error::kNone;
    Offset high_watermark = Offset(0);
    Offset last_stable_offset = {};
    Offset log_start_offset = {};
    EpochEndOffset diverging_epoch = {};
    LeaderIdAndEpoch current_leader = {};
    SnapshotId snapshot_id = {};
    std::optional<std::vector<AbortedTransaction>> aborted_transactions = {};
    BrokerId preferred_read_replica = {};
    std::optional<Records> records = {};

    template <class Self, class V>
    static void Describe(Self& m, V& v) {
      v.Field("PartitionIndex", m.partition_index);
      v.Field("ErrorCode", m.error);
      v.Field("HighWatermark", m.high_watermark);
      v.Field("LastStableOffset", m.last_stable_offset);
      v.Field("LogStartOffset", m.log_start_offset, Since(5));
      v.Tagged(0, "DivergingEpoch", m.diverging_epoch, Since(12));
      v.Tagged(1, "CurrentLeader", m.current_leader, Since(12));
      v.Tagged(2, "SnapshotId", m.snapshot_id, Since(12));
      v.Field("AbortedTransactions", m.aborted_transactions);
      v.Field("PreferredReadReplica", m.preferred_read_replica, Since(11));
      v.Field("Records", m.records);
    }
    friend bool operator==(const Partition&, const Partition&) = default;
  };

  struct Topic {
    TopicName topic = {};
    Uuid topic_id = {};
    absl::InlinedVector<Partition, 1> partitions = {};

    template <class Self, class V>
    static void Describe(Self& m, V& v) {
      v.Field("Topic", m.topic, Until(12));
      v.Field("TopicId", m.topic_id, Since(13));
      v.Field("Partitions", m.partitions);
    }
    friend bool operator==(const Topic&, const Topic&) = default;
  };

  int32_t throttle_time_ms = 0;
  Error error = Error::kNone;
  int32_t session_id = 0;
  absl::InlinedVector<Topic, 1> topics = {};
  std::vector<NodeEndpoint> node_endpoints = {};

  template <class Self, class V>
  static void Describe(Self& m, V& v) {
    v.Field("ThrottleTimeMs", m.throttle_time_ms);
    v.Field("ErrorCode", m.error, Since(7));
    v.Field("SessionId", m.session_id, Since(7));
    v.Field("Responses", m.topics);
    v.Tagged(0, "NodeEndpoints", m.node_endpoints, Since(16));
  }
  friend bool operator==(const FetchResponse&, const FetchResponse&) = default;
};

}  // namespace norn::model::wire

#endif  // NORN_MODEL_WIRE_FETCH_H_
