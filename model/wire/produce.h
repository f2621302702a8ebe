// Produce (api key 0): record batches to the leader of their partitions, and what became of them.
//
// Versions 3 to 13. With acks=0 no response is sent, not even an error. From version 10 on an error
// of leadership names the new leader (KIP-951); version 13 names topics by id (KIP-516).
//
// Example:
//   ProduceRequest request{.acks = -1, .timeout_ms = 30000};
//   request.topics.push_back({.name = "orders", .topic_id = id});
//   request.topics[0].partitions.push_back({PartitionIndex(0), Records(batch)});
//   RequestFrameSize(request, 13, "producer-1");
#ifndef NORN_MODEL_WIRE_PRODUCE_H_
#define NORN_MODEL_WIRE_PRODUCE_H_

#include <cstdint>
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

struct ProduceRequest {
  static constexpr MessageInfo kInfo = {Api::kProduce, "ProduceRequest", 3, 13};

  struct Partition {
    PartitionIndex index = PartitionIndex(0);
    std::optional<Records> records = {};

    template <class Self, class V>
    static void Describe(Self& m, V& v) {
      v.Field("Index", m.index);
      v.Field("Records", m.records);
    }
    friend bool operator==(const Partition&, const Partition&) = default;
  };

  struct Topic {
    TopicName name = {};
    Uuid topic_id = {};
    absl::InlinedVector<Partition, 1> partitions = {};

    template <class Self, class V>
    static void Describe(Self& m, V& v) {
      v.Field("Name", m.name, Until(12));
      v.Field("TopicId", m.topic_id, Since(13));
      v.Field("PartitionData", m.partitions);
    }
    friend bool operator==(const Topic&, const Topic&) = default;
  };

  std::optional<std::string> transactional_id = {};
  int16_t acks = 0;
  int32_t timeout_ms = 0;
  absl::InlinedVector<Topic, 1> topics = {};

  template <class Self, class V>
  static void Describe(Self& m, V& v) {
    v.Field("TransactionalId", m.transactional_id);
    v.Field("Acks", m.acks);
    v.Field("TimeoutMs", m.timeout_ms);
    v.Field("TopicData", m.topics);
  }
  friend bool operator==(const ProduceRequest&, const ProduceRequest&) = default;
};

struct ProduceResponse {
  static constexpr MessageInfo kInfo = {Api::kProduce, "ProduceResponse", 3, 13};

  // A record that made its batch fail: its index within the batch.
  struct RecordError {
    int32_t batch_index = 0;
    std::optional<std::string> message = {};

    template <class Self, class V>
    static void Describe(Self& m, V& v) {
      v.Field("BatchIndex", m.batch_index);
      v.Field("BatchIndexErrorMessage", m.message);
    }
    friend bool operator==(const RecordError&, const RecordError&) = default;
  };

  struct Partition {
    PartitionIndex index = PartitionIndex(0);
    Error error = Error::kNone;
    Offset base_offset = Offset(0);
    int64_t log_append_time_ms = -1;
    Offset log_start_offset = {};
    std::vector<RecordError> record_errors = {};
    std::optional<std::string> error_message = {};
    LeaderIdAndEpoch current_leader = {};

    template <class Self, class V>
    static void Describe(Self& m, V& v) {
      v.Field("Index", m.index);
      v.Field("ErrorCode", m.error);
      v.Field("BaseOffset", m.base_offset);
      v.Field("LogAppendTimeMs", m.log_append_time_ms);
      v.Field("LogStartOffset", m.log_start_offset, Since(5));
      v.Field("RecordErrors", m.record_errors, Since(8));
      v.Field("ErrorMessage", m.error_message, Since(8));
      v.Tagged(0, "CurrentLeader", m.current_leader, Since(10));
    }
    friend bool operator==(const Partition&, const Partition&) = default;
  };

  struct Topic {
    TopicName name = {};
    Uuid topic_id = {};
    absl::InlinedVector<Partition, 1> partitions = {};

    template <class Self, class V>
    static void Describe(Self& m, V& v) {
      v.Field("Name", m.name, Until(12));
      v.Field("TopicId", m.topic_id, Since(13));
      v.Field("PartitionResponses", m.partitions);
    }
    friend bool operator==(const Topic&, const Topic&) = default;
  };

  absl::InlinedVector<Topic, 1> topics = {};
  int32_t throttle_time_ms = 0;
  std::vector<NodeEndpoint> node_endpoints = {};

  template <class Self, class V>
  static void Describe(Self& m, V& v) {
    v.Field("Responses", m.topics);
    v.Field("ThrottleTimeMs", m.throttle_time_ms);
    v.Tagged(0, "NodeEndpoints", m.node_endpoints, Since(10));
  }
  friend bool operator==(const ProduceResponse&, const ProduceResponse&) = default;
};

}  // namespace norn::model::wire

#endif  // NORN_MODEL_WIRE_PRODUCE_H_
