// The metadata log, and what follows from it: each broker holds an image of its own, which is as
// old as the last record that reached it (KIP-500).
//
// Topics are named by their number in the ClusterView, which holds what never changes about them.
#ifndef NORN_MODEL_METADATA_METADATA_IMAGE_H_
#define NORN_MODEL_METADATA_METADATA_IMAGE_H_

#include <cstdint>
#include <variant>
#include <vector>

#include "model/ids.h"
#include "model/metadata/partition_state.h"

namespace norn::model {

// A partition is new, or something about it has changed.
struct PartitionRecord {
  int32_t topic = 0;
  PartitionIndex partition = PartitionIndex(0);
  PartitionState state = {};
};

// A broker was registered, fenced, unfenced, or goes into its controlled shutdown.
struct BrokerRecord {
  BrokerId id;
  int64_t epoch = -1;  // of its registration: each life of a broker has a greater one
  bool fenced = true;  // it is in no ISR and leads nothing
  bool shutting_down = false;
};

using MetadataRecord = std::variant<PartitionRecord, BrokerRecord>;

class MetadataImage {
 public:
  // How many records it has: the offset of the next one.
  int64_t end() const { return end_; }
  void Apply(const MetadataRecord& record);

  // Null if it has not been heard of.
  const PartitionState* Find(int32_t topic, PartitionIndex partition) const;
  // By number; a topic that has not been heard of is empty.
  const std::vector<std::vector<PartitionState>>& topics() const { return topics_; }

  // Fenced, and of no epoch, if it has never been heard of.
  const BrokerRecord& broker(BrokerId id) const;
  // By id, from 1.
  const std::vector<BrokerRecord>& brokers() const { return brokers_; }
  bool IsUp(BrokerId id) const { return !broker(id).fenced; }
  // It may lead, and be in the ISR.
  bool IsActive(BrokerId id) const { return IsUp(id) && !broker(id).shutting_down; }

 private:
  int64_t end_ = 0;
  std::vector<std::vector<PartitionState>> topics_;
  std::vector<BrokerRecord> brokers_;
};

}  // namespace norn::model

#endif  // NORN_MODEL_METADATA_METADATA_IMAGE_H_
