#include "model/fault_filter.h"

#include <type_traits>
#include <variant>

#include "model/envelope.h"

namespace norn::model {
namespace {

bool Has(const RecordBatch& batch, Sequence wanted) {
  const Sequence first = batch.header().base_sequence;
  if (first.is_none()) return false;
  // Sequences wrap, and so may the batch.
  return (wanted - RecordCount(first.value())).value() < batch.record_count();
}

bool HasRecords(const RequestFilter& filter, const std::optional<Records>& records) {
  if (!records.has_value()) return false;
  for (const RecordBatch& batch : records->batches()) {
    if (filter.producer_id && batch.header().producer_id != *filter.producer_id) continue;
    if (filter.sequence && !Has(batch, *filter.sequence)) continue;
    if (!filter.carries) return true;
    for (const RecordView record : batch.records())
      if (filter.carries(record.id())) return true;
  }
  return false;
}

template <class Topics, class NameOf, class PartitionMatches>
bool AnyPartition(const RequestFilter& filter, const Topics& topics, const NameOf& name_of,
                  const PartitionMatches& matches) {
  for (const auto& topic : topics) {
    if (filter.topic && name_of(topic) != *filter.topic) continue;
    for (const auto& partition : topic.partitions)
      if (matches(partition)) return true;
  }
  return false;
}

}  // namespace

bool RequestFilter::Matches(const RequestEnvelope& request, const NameOfTopic& name_of) const {
  if (!is_set()) return true;
  const auto called = [&](const TopicName& name, const Uuid& id) {
    return name.text().empty() && name_of ? name_of(id) : name.text();
  };
  if (const auto* produce = std::get_if<wire::ProduceRequest>(&request.body)) {
    return AnyPartition(
        *this, produce->topics,
        [&](const auto& topic) { return called(topic.name, topic.topic_id); },
        [&](const wire::ProduceRequest::Partition& sent) {
          return (!partition || sent.index == *partition) &&
                 (!needs_records() || HasRecords(*this, sent.records));
        });
  }
  if (needs_records()) return false;
  if (const auto* fetch = std::get_if<wire::FetchRequest>(&request.body)) {
    return AnyPartition(
        *this, fetch->topics,
        [&](const auto& topic) { return called(topic.topic, topic.topic_id); },
        [&](const auto& asked) { return !partition || asked.partition == *partition; });
  }
  if (const auto* offsets = std::get_if<wire::ListOffsetsRequest>(&request.body)) {
    return AnyPartition(
        *this, offsets->topics, [](const auto& topic) { return topic.name.text(); },
        [&](const auto& asked) { return !partition || asked.partition_index == *partition; });
  }
  if (const auto* ends = std::get_if<wire::OffsetForLeaderEpochRequest>(&request.body)) {
    return AnyPartition(
        *this, ends->topics, [](const auto& topic) { return topic.topic.text(); },
        [&](const auto& asked) { return !partition || asked.partition == *partition; });
  }
  const auto* metadata = std::get_if<wire::MetadataRequest>(&request.body);
  if (metadata == nullptr || partition || !metadata->topics.has_value()) return false;
  for (const auto& asked : *metadata->topics)
    if (called(asked.name.value_or(TopicName()), asked.topic_id) == *topic) return true;
  return false;
}

}  // namespace norn::model
