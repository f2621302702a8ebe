#include "tests/model/wire/golden_messages.h"

#include <string>
#include <utility>

namespace norn::model::wire {
namespace {

constexpr Uuid kId = {0x0102030405060708, 0x090a0b0c0d0e0f10};

Records OneRecord() {
  RecordSetBuilder builder;
  builder.Append(0, Payload::Null(), "v", RecordId(1));
  return Records(RecordBatch(builder.Seal(), {.base_timestamp_ms = 1000}));
}

// Topics are named, or have an id, or both, depending on the version.
template <class Topic>
Topic Identified(bool named, bool has_id) {
  Topic topic;
  if constexpr (requires { topic.topic; }) {
    if (named) topic.topic = "topic";
  } else {
    if (named) topic.name = "topic";
  }
  if (has_id) topic.topic_id = kId;
  return topic;
}

NodeEndpoint Endpoint() {
  return {.node_id = BrokerId(2), .host = "localhost", .port = 9092, .rack = "r"};
}

}  // namespace

ProduceRequest Message(ProduceRequest*, int16_t version) {
  ProduceRequest m = {.acks = -1, .timeout_ms = 30000};
  if (version != 4) m.transactional_id = "tx";
  auto topic = Identified<ProduceRequest::Topic>(version <= 12, version >= 13);
  topic.partitions.push_back({PartitionIndex(7), OneRecord()});
  topic.partitions.push_back({PartitionIndex(8), std::nullopt});
  m.topics.push_back(std::move(topic));
  return m;
}

ProduceResponse Message(ProduceResponse*, int16_t version) {
  ProduceResponse m = {.throttle_time_ms = 12};
  auto topic = Identified<ProduceResponse::Topic>(version <= 12, version >= 13);
  ProduceResponse::Partition failed = {.index = PartitionIndex(7),
                                       .error = Error::kNotLeaderOrFollower,
                                       .base_offset = Offset::None(),
                                       .log_append_time_ms = 123};
  if (version >= 5) failed.log_start_offset = Offset(5);
  if (version >= 8) failed.record_errors = {{1, "bad"}};
  if (version >= 8) failed.error_message = "no";
  if (version >= 10) failed.current_leader = {BrokerId(2), LeaderEpoch(4)};
  if (version >= 10) m.node_endpoints = {Endpoint()};
  topic.partitions.push_back(std::move(failed));
  topic.partitions.push_back({.index = PartitionIndex(8), .base_offset = Offset(44)});
  m.topics.push_back(std::move(topic));
  return m;
}

FetchRequest Message(FetchRequest*, int16_t version) {
  FetchRequest m = {
      .max_wait_ms = 500, .min_bytes = 1, .max_bytes = 52428800, .isolation_level = 1};
  if (version <= 14) m.replica_id = BrokerId(3);
  if (version >= 15) m.replica_state = {BrokerId(3), 77};
  if (version >= 7) {
    m.session_id = 99;
    m.session_epoch = 1;
    auto old = Identified<FetchRequest::ForgottenTopic>(false, version >= 13);
    if (version <= 12) old.topic = "old";
    old.partitions = {PartitionIndex(1), PartitionIndex(2)};
    m.forgotten_topics.push_back(std::move(old));
  }
  if (version >= 11) m.rack_id = "rack";
  if (version >= 12) m.cluster_id = "cluster";
  FetchRequest::Partition partition = {
      .partition = PartitionIndex(7), .fetch_offset = Offset(17), .partition_max_bytes = 1048576};
  if (version >= 5) partition.log_start_offset = Offset(2);
  if (version >= 9) partition.current_leader_epoch = LeaderEpoch(4);
  if (version >= 12) partition.last_fetched_epoch = LeaderEpoch(3);
  if (version >= 17) partition.replica_directory_id = kId;
  if (version >= 18) partition.high_watermark = Offset(16);
  auto topic = Identified<FetchRequest::Topic>(version <= 12, version >= 13);
  topic.partitions.push_back(partition);
  m.topics.push_back(std::move(topic));
  return m;
}

FetchResponse Message(FetchResponse*, int16_t version) {
  FetchResponse m = {.throttle_time_ms = 12};
  if (version >= 7) {
    m.error = Error::kFetchSessionIdNotFound;
    m.session_id = 99;
  }
  FetchResponse::Partition partition = {.partition_index = PartitionIndex(7),
                                        .error = Error::kNotLeaderOrFollower,
                                        .high_watermark = Offset(17),
                                        .last_stable_offset = Offset(16)};
  if (version >= 5) partition.log_start_offset = Offset(2);
  partition.aborted_transactions = {{ProducerId(9), Offset(11)}};
  if (version >= 11) partition.preferred_read_replica = BrokerId(2);
  if (version >= 12) {
    partition.diverging_epoch = {LeaderEpoch(3), Offset(15)};
    partition.current_leader = {BrokerId(2), LeaderEpoch(4)};
    partition.snapshot_id = {Offset(8), LeaderEpoch(1)};
  }
  if (version >= 16) m.node_endpoints = {Endpoint()};
  partition.records = OneRecord();
  auto topic = Identified<FetchResponse::Topic>(version <= 12, version >= 13);
  topic.partitions.push_back(std::move(partition));
  topic.partitions.push_back({.partition_index = PartitionIndex(8), .records = Records()});
  m.topics.push_back(std::move(topic));
  return m;
}

MetadataRequest Message(MetadataRequest*, int16_t version) {
  MetadataRequest m = {.allow_auto_topic_creation = false};
  m.include_topic_authorized_operations = version >= 8;
  m.include_cluster_authorized_operations = version >= 8 && version <= 10;
  m.topics.emplace().push_back(Identified<MetadataRequest::Topic>(true, version >= 10));
  if (version >= 10) m.topics->push_back(Identified<MetadataRequest::Topic>(false, true));
  return m;
}

MetadataResponse Message(MetadataResponse*, int16_t version) {
  MetadataResponse m = {
      .throttle_time_ms = 12,
      .brokers = {{.node_id = BrokerId(1), .host = "localhost", .port = 9092, .rack = "r"},
                  {.node_id = BrokerId(2), .host = "127.0.0.1", .port = 9093}},
      .cluster_id = "cluster",
      .controller_id = BrokerId(3)};
  auto topic = Identified<MetadataResponse::Topic>(true, version >= 10);
  topic.error = Error::kUnknownTopicOrPartition;
  topic.is_internal = true;
  if (version >= 8) topic.topic_authorized_operations = 5;
  if (version >= 8 && version <= 10) m.cluster_authorized_operations = 6;
  if (version >= 13) m.error = static_cast<Error>(129);  // REBOOTSTRAP_REQUIRED
  MetadataResponse::Partition partition = {.error = Error::kLeaderNotAvailable,
                                           .partition_index = PartitionIndex(7),
                                           .leader_id = BrokerId(2),
                                           .replica_nodes = {BrokerId(2), BrokerId(1), BrokerId(3)},
                                           .isr_nodes = {BrokerId(2), BrokerId(1)}};
  if (version >= 7) partition.leader_epoch = LeaderEpoch(4);
  if (version >= 5) partition.offline_replicas = {BrokerId(3)};
  topic.partitions.push_back(std::move(partition));
  m.topics.push_back(std::move(topic));
  if (version >= 12) {
    auto unknown = Identified<MetadataResponse::Topic>(false, true);
    unknown.error = Error::kUnknownTopicId;
    unknown.name = std::nullopt;
    m.topics.push_back(std::move(unknown));
  }
  return m;
}

InitProducerIdRequest Message(InitProducerIdRequest*, int16_t version) {
  InitProducerIdRequest m = {.transaction_timeout_ms = 60000};
  if (version != 1) m.transactional_id = "tx";
  if (version >= 3) m.producer_id = ProducerId(9);
  if (version >= 3) m.producer_epoch = ProducerEpoch(2);
  return m;
}

InitProducerIdResponse Message(InitProducerIdResponse*, int16_t) {
  return {.throttle_time_ms = 12,
          .error = Error::kConcurrentTransactions,
          .producer_id = ProducerId(9),
          .producer_epoch = ProducerEpoch(3)};
}

ListOffsetsRequest Message(ListOffsetsRequest*, int16_t version) {
  ListOffsetsRequest m = {.replica_id = BrokerId::None()};
  if (version >= 2) m.isolation_level = 1;
  if (version >= 10) m.timeout_ms = 30000;
  ListOffsetsRequest::Topic topic = {.name = "topic"};
  ListOffsetsRequest::Partition partition = {.partition_index = PartitionIndex(7),
                                             .timestamp = kEarliestTimestamp};
  if (version >= 4) partition.current_leader_epoch = LeaderEpoch(4);
  topic.partitions.push_back(partition);
  m.topics.push_back(std::move(topic));
  return m;
}

ListOffsetsResponse Message(ListOffsetsResponse*, int16_t version) {
  ListOffsetsResponse m;
  if (version >= 2) m.throttle_time_ms = 12;
  ListOffsetsResponse::Topic topic = {.name = "topic"};
  ListOffsetsResponse::Partition partition = {.partition_index = PartitionIndex(7),
                                              .error = Error::kOffsetNotAvailable,
                                              .timestamp = 1234,
                                              .offset = Offset(17)};
  if (version >= 4) partition.leader_epoch = LeaderEpoch(4);
  topic.partitions.push_back(partition);
  m.topics.push_back(std::move(topic));
  return m;
}

OffsetForLeaderEpochRequest Message(OffsetForLeaderEpochRequest*, int16_t version) {
  OffsetForLeaderEpochRequest m;
  if (version >= 3) m.replica_id = BrokerId::None();
  OffsetForLeaderEpochRequest::Topic topic = {.topic = "topic"};
  topic.partitions.push_back({.partition = PartitionIndex(7),
                              .current_leader_epoch = LeaderEpoch(4),
                              .leader_epoch = LeaderEpoch(2)});
  m.topics.push_back(std::move(topic));
  return m;
}

OffsetForLeaderEpochResponse Message(OffsetForLeaderEpochResponse*, int16_t) {
  OffsetForLeaderEpochResponse m = {.throttle_time_ms = 12};
  OffsetForLeaderEpochResponse::Topic topic = {.topic = "topic"};
  topic.partitions.push_back({.error = Error::kUnknownLeaderEpoch,
                              .partition = PartitionIndex(7),
                              .leader_epoch = LeaderEpoch(2),
                              .end_offset = Offset(17)});
  m.topics.push_back(std::move(topic));
  return m;
}

ApiVersionsRequest Message(ApiVersionsRequest*, int16_t version) {
  if (version < 3) return {};
  return {.client_software_name = "apache-kafka-java", .client_software_version = "4.1.1"};
}

ApiVersionsResponse Message(ApiVersionsResponse*, int16_t version) {
  ApiVersionsResponse m = {.error = Error::kUnsupportedVersion, .api_keys = {{18, 0, 4}}};
  if (version >= 1) m.throttle_time_ms = 12;
  if (version >= 3) {
    m.supported_features = {{"f", 1, 2}};
    m.finalized_features_epoch = 6;
    m.finalized_features = {{"f", 2, 1}};
    m.zk_migration_ready = true;
  }
  return m;
}

}  // namespace norn::model::wire
