// What any broker knows: who is there, producer ids, offsets of times.
#include <utility>

#include "model/broker/broker.h"

namespace norn::model {
namespace {

constexpr int64_t kProducerIdBlock = 1000;

}  // namespace

wire::MetadataResponse::Topic Broker::Tell(const ClusterView::Topic& topic) const {
  wire::MetadataResponse::Topic told;
  told.name = topic.name;
  told.topic_id = topic.id;
  const auto& partitions = image_.topics()[static_cast<size_t>(NumberOf(topic))];
  for (size_t p = 0; p < partitions.size(); ++p) {
    const PartitionState& state = partitions[p];
    wire::MetadataResponse::Partition partition;
    partition.partition_index = PartitionIndex(static_cast<int32_t>(p));
    partition.leader_id = state.leader;
    partition.leader_epoch = state.leader_epoch;
    if (state.leader.is_none()) partition.error = Error::kLeaderNotAvailable;
    partition.replica_nodes.assign(state.replicas.begin(), state.replicas.end());
    partition.isr_nodes.assign(state.isr.begin(), state.isr.end());
    if (link_ != nullptr)
      for (const BrokerId id : state.replicas)
        if (!image_.IsUp(id)) partition.offline_replicas.push_back(id);
    told.partitions.push_back(std::move(partition));
  }
  return told;
}

wire::MetadataResponse Broker::OnMetadata(const wire::MetadataRequest& request) const {
  wire::MetadataResponse response;
  response.cluster_id = view_->cluster_id;
  response.controller_id = view_->brokers.front().id;
  for (const ClusterView::Broker& broker : view_->brokers) {
    if (link_ != nullptr && !image_.IsUp(broker.id)) continue;
    wire::MetadataResponse::Broker told;
    told.node_id = broker.id;
    told.host = broker.address.host;
    told.port = broker.address.port;
    response.brokers.push_back(std::move(told));
  }
  if (!request.topics.has_value()) {
    for (const ClusterView::Topic& topic : view_->topics)
      if (FindTopic(/*by_id=*/true, topic.name, topic.id) != nullptr)
        response.topics.push_back(Tell(topic));
    return response;
  }
  for (const auto& asked : *request.topics) {
    const bool by_id = !asked.name.has_value();
    const ClusterView::Topic* topic =
        FindTopic(by_id, by_id ? TopicName() : *asked.name, asked.topic_id);
    if (topic != nullptr) {
      response.topics.push_back(Tell(*topic));
      continue;
    }
    wire::MetadataResponse::Topic told;
    told.name = asked.name;
    told.topic_id = asked.topic_id;
    told.error = by_id ? Error::kUnknownTopicId : Error::kUnknownTopicOrPartition;
    response.topics.push_back(std::move(told));
  }
  return response;
}

wire::InitProducerIdResponse Broker::OnInitProducerId() {
  if (producer_ids_left_ == 0) {
    next_producer_id_ = view_->next_producer_id_block;
    view_->next_producer_id_block += kProducerIdBlock;
    producer_ids_left_ = kProducerIdBlock;
  }
  --producer_ids_left_;
  wire::InitProducerIdResponse response;
  response.producer_id = ProducerId(next_producer_id_++);
  return response;
}

wire::ListOffsetsResponse Broker::OnListOffsets(const wire::ListOffsetsRequest& request) {
  wire::ListOffsetsResponse response;
  for (const auto& topic : request.topics) {
    wire::ListOffsetsResponse::Topic told;
    told.name = topic.name;
    for (const auto& asked : topic.partitions) {
      wire::ListOffsetsResponse::Partition partition;
      partition.partition_index = asked.partition_index;
      Replica* replica = nullptr;
      partition.error = Find(/*by_id=*/false, topic.name, Uuid(), asked.partition_index, &replica);
      // Who knows of another epoch is told that first, as in Partition.getLocalLog.
      if (replica != nullptr) {
        const Error epoch = CheckEpoch(asked.current_leader_epoch, *replica);
        if (epoch != Error::kNone) partition.error = epoch;
      }
      const bool is_follower = request.replica_id.value() > 0;
      // Until a new leader has committed all that it began with, it does not know what is.
      if (partition.error == Error::kNone && asked.timestamp == wire::kLatestTimestamp &&
          !is_follower && !replica->KnowsItsEnd())
        partition.error = Error::kOffsetNotAvailable;
      if (partition.error == Error::kNone) {
        const PartitionLog& log = replica->log();
        partition.leader_epoch = replica->leader_epoch();
        switch (asked.timestamp) {
          case wire::kLatestTimestamp:
            partition.offset = is_follower ? log.log_end() : log.high_watermark();
            break;
          case wire::kEarliestTimestamp:
          case wire::kEarliestLocalTimestamp:
            partition.offset = log.log_start();
            break;
          default: {
            const PartitionLog::Found found = asked.timestamp == wire::kMaxTimestamp
                                                  ? log.FindNewest()
                                                  : log.FindByTime(asked.timestamp);
            partition.offset = found.offset;
            partition.timestamp = found.timestamp_ms;
          }
        }
      }
      told.partitions.push_back(std::move(partition));
    }
    response.topics.push_back(std::move(told));
  }
  return response;
}

wire::OffsetForLeaderEpochResponse Broker::OnOffsetForLeaderEpoch(
    const wire::OffsetForLeaderEpochRequest& request) {
  wire::OffsetForLeaderEpochResponse response;
  for (const auto& topic : request.topics) {
    wire::OffsetForLeaderEpochResponse::Topic told;
    told.topic = topic.topic;
    for (const auto& asked : topic.partitions) {
      wire::OffsetForLeaderEpochResponse::Partition partition;
      partition.partition = asked.partition;
      Replica* replica = nullptr;
      partition.error = Find(/*by_id=*/false, topic.topic, Uuid(), asked.partition, &replica);
      if (replica != nullptr) {
        const Error epoch = CheckEpoch(asked.current_leader_epoch, *replica);
        if (epoch != Error::kNone) partition.error = epoch;
      }
      if (partition.error == Error::kNone) {
        // Where the log ends, not what is committed of it: whoever read that far lost nothing.
        const PartitionLog& log = replica->log();
        const LeaderEpochCache::End end =
            log.epochs().EndOffsetFor(asked.leader_epoch, log.log_end());
        partition.leader_epoch = end.epoch;
        partition.end_offset = end.end;
      }
      told.partitions.push_back(std::move(partition));
    }
    response.topics.push_back(std::move(told));
  }
  return response;
}

}  // namespace norn::model
