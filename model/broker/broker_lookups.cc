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
  const size_t brokers = view_->brokers.size();
  for (size_t p = 0; p < topic.leaders.size(); ++p) {
    wire::MetadataResponse::Partition partition;
    partition.partition_index = PartitionIndex(static_cast<int32_t>(p));
    partition.leader_id = topic.leaders[p];
    partition.leader_epoch = LeaderEpoch(0);
    // The leader first, then the next brokers in turn.
    const auto first = static_cast<size_t>(topic.leaders[p].value() - 1);
    for (size_t r = 0; r < static_cast<size_t>(topic.replicas); ++r) {
      const BrokerId replica = view_->brokers[(first + r) % brokers].id;
      partition.replica_nodes.push_back(replica);
      partition.isr_nodes.push_back(replica);
    }
    told.partitions.push_back(std::move(partition));
  }
  return told;
}

wire::MetadataResponse Broker::OnMetadata(const wire::MetadataRequest& request) const {
  wire::MetadataResponse response;
  response.cluster_id = view_->cluster_id;
  response.controller_id = view_->brokers.front().id;
  for (const ClusterView::Broker& broker : view_->brokers) {
    wire::MetadataResponse::Broker told;
    told.node_id = broker.id;
    told.host = broker.address.host;
    told.port = broker.address.port;
    response.brokers.push_back(std::move(told));
  }
  if (!request.topics.has_value()) {
    for (const ClusterView::Topic& topic : view_->topics) response.topics.push_back(Tell(topic));
    return response;
  }
  for (const auto& asked : *request.topics) {
    const bool by_id = !asked.name.has_value();
    const ClusterView::Topic* topic =
        by_id ? view_->FindTopic(asked.topic_id) : view_->FindTopic(asked.name->text());
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
      Led* led = nullptr;
      partition.error = Find(/*by_id=*/false, topic.name, Uuid(), asked.partition_index, &led);
      if (partition.error == Error::kNone) {
        const PartitionLog& log = *led->log;
        partition.leader_epoch = LeaderEpoch(0);
        switch (asked.timestamp) {
          case wire::kLatestTimestamp:
            partition.offset = log.high_watermark();
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

}  // namespace norn::model
