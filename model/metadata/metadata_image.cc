#include "model/metadata/metadata_image.h"

namespace norn::model {

void MetadataImage::Apply(const MetadataRecord& record) {
  ++end_;
  if (const auto* change = std::get_if<BrokerRecord>(&record)) {
    const auto index = static_cast<size_t>(change->id.value() - 1);
    while (brokers_.size() <= index)
      brokers_.push_back({.id = BrokerId(static_cast<int32_t>(brokers_.size() + 1))});
    brokers_[index] = *change;
    return;
  }
  const auto& change = std::get<PartitionRecord>(record);
  const auto topic = static_cast<size_t>(change.topic);
  const auto partition = static_cast<size_t>(change.partition.value());
  if (topics_.size() <= topic) topics_.resize(topic + 1);
  if (topics_[topic].size() <= partition) topics_[topic].resize(partition + 1);
  topics_[topic][partition] = change.state;
}

const PartitionState* MetadataImage::Find(int32_t topic, PartitionIndex partition) const {
  const auto t = static_cast<size_t>(topic);
  const auto p = static_cast<size_t>(partition.value());
  if (t >= topics_.size() || p >= topics_[t].size()) return nullptr;
  return &topics_[t][p];
}

const BrokerRecord& MetadataImage::broker(BrokerId id) const {
  static constexpr BrokerRecord kUnknown;
  const auto index = static_cast<size_t>(id.value() - 1);
  return id.value() >= 1 && index < brokers_.size() ? brokers_[index] : kUnknown;
}

}  // namespace norn::model
