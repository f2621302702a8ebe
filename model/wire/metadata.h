// Metadata (api key 3): which brokers there are, and who leads each partition of the topics asked
// for.
//
// Versions 4 to 13. Topics: none asks about no topic, absent about all. Leader epochs come with 7,
// topic ids with 10; 13 adds an error for the whole answer (KIP-1102).
#ifndef NORN_MODEL_WIRE_METADATA_H_
#define NORN_MODEL_WIRE_METADATA_H_

#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <vector>

#include "absl/container/inlined_vector.h"
#include "model/error.h"
#include "model/ids.h"
#include "model/wire/api.h"
#include "model/wire/reading.h"
#include "model/wire/topic.h"

namespace norn::model::wire {

// What the fields of authorized operations hold when nobody asked for them.
inline constexpr int32_t kOperationsNotAsked = std::numeric_limits<int32_t>::min();

struct MetadataRequest {
  static constexpr MessageInfo kInfo = {Api::kMetadata, "MetadataRequest", 4, 13};

  struct Topic {
    Uuid topic_id = {};
    std::optional<TopicName> name = {};  // absent: asked by id

    template <class Self, class V>
    static void Describe(Self& m, V& v) {
      v.Field("TopicId", m.topic_id, Since(10));
      v.Field("Name", m.name, Always().NullableSince(10));
    }
    friend bool operator==(const Topic&, const Topic&) = default;
  };

  std::optional<absl::InlinedVector<Topic, 1>> topics = {};
  bool allow_auto_topic_creation = true;
  bool include_cluster_authorized_operations = false;
  bool include_topic_authorized_operations = false;

  template <class Self, class V>
  static void Describe(Self& m, V& v) {
    v.Field("Topics", m.topics);
    v.Field("AllowAutoTopicCreation", m.allow_auto_topic_creation);
    v.Field("IncludeClusterAuthorizedOperations", m.include_cluster_authorized_operations,
            Between(8, 10));
    v.Field("IncludeTopicAuthorizedOperations", m.include_topic_authorized_operations, Since(8));
  }
  friend bool operator==(const MetadataRequest&, const MetadataRequest&) = default;
};

struct MetadataResponse {
  static constexpr MessageInfo kInfo = {Api::kMetadata, "MetadataResponse", 4, 13};

  struct Broker {
    BrokerId node_id = BrokerId(0);
    std::string host = {};
    int32_t port = 0;
    std::optional<std::string> rack = {};

    template <class Self, class V>
    static void Describe(Self& m, V& v) {
      v.Field("NodeId", m.node_id);
      v.Field("Host", m.host);
      v.Field("Port", m.port);
      v.Field("Rack", m.rack);
    }
    friend bool operator==(const Broker&, const Broker&) = default;
  };

  struct Partition {
    Error error = Error::kNone;
    PartitionIndex partition_index = PartitionIndex(0);
    BrokerId leader_id = BrokerId(0);
    LeaderEpoch leader_epoch = {};
    absl::InlinedVector<BrokerId, 4> replica_nodes = {};
    absl::InlinedVector<BrokerId, 4> isr_nodes = {};
    absl::InlinedVector<BrokerId, 4> offline_replicas = {};

    template <class Self, class V>
    static void Describe(Self& m, V& v) {
      v.Field("ErrorCode", m.error);
      v.Field("PartitionIndex", m.partition_index);
      v.Field("LeaderId", m.leader_id);
      v.Field("LeaderEpoch", m.leader_epoch, Since(7));
      v.Field("ReplicaNodes", m.replica_nodes);
      v.Field("IsrNodes", m.isr_nodes);
      v.Field("OfflineReplicas", m.offline_replicas, Since(5));
    }
    friend bool operator==(const Partition&, const Partition&) = default;
  };

  struct Topic {
    Error error = Error::kNone;
    std::optional<TopicName> name = TopicName();  // absent: asked by an id that does not exist
    Uuid topic_id = {};
    bool is_internal = false;
    std::vector<Partition> partitions = {};
    int32_t topic_authorized_operations = kOperationsNotAsked;

    template <class Self, class V>
    static void Describe(Self& m, V& v) {
      v.Field("ErrorCode", m.error);
      v.Field("Name", m.name, Always().NullableSince(12));
      v.Field("TopicId", m.topic_id, Since(10));
      v.Field("IsInternal", m.is_internal);
      v.Field("Partitions", m.partitions);
      v.Field("TopicAuthorizedOperations", m.topic_authorized_operations, Since(8));
    }
    friend bool operator==(const Topic&, const Topic&) = default;
  };

  int32_t throttle_time_ms = 0;
  std::vector<Broker> brokers = {};
  std::optional<std::string> cluster_id = {};
  BrokerId controller_id = {};
  std::vector<Topic> topics = {};
  int32_t cluster_authorized_operations = kOperationsNotAsked;
  Error error = Error::kNone;

  template <class Self, class V>
  static void Describe(Self& m, V& v) {
    v.Field("ThrottleTimeMs", m.throttle_time_ms);
    v.Field("Brokers", m.brokers);
    v.Field("ClusterId", m.cluster_id);
    v.Field("ControllerId", m.controller_id);
    v.Field("Topics", m.topics);
    v.Field("ClusterAuthorizedOperations", m.cluster_authorized_operations, Between(8, 10));
    v.Field("ErrorCode", m.error, Since(13));
  }
  friend bool operator==(const MetadataResponse&, const MetadataResponse&) = default;
};

}  // namespace norn::model::wire

#endif  // NORN_MODEL_WIRE_METADATA_H_
