#include "model/metadata/controller_messages.h"

namespace norn::model {
namespace {

constexpr int64_t kHeader = 40;          // size, header, and the few fields of fixed size
constexpr int64_t kPerPartition = 60;    // topic id, index, epochs
constexpr int64_t kPerBroker = 12;       // id and epoch
constexpr int64_t kPerRecord = 80;       // of the metadata log
constexpr int64_t kBatchOfRecords = 61;  // the header of a batch

}  // namespace

int64_t SizeOf(const ControllerRequest& request) {
  int64_t size = kHeader;
  if (const auto* alter = std::get_if<AlterPartition>(&request.body))
    for (const auto& partition : alter->partitions)
      size += kPerPartition + kPerBroker * static_cast<int64_t>(partition.isr.size());
  return size;
}

int64_t SizeOf(const ControllerAnswer& answer) {
  int64_t size = kHeader;
  if (const auto* alter = std::get_if<AlterPartitionAnswer>(&answer.body))
    for (const auto& partition : alter->partitions)
      size += kPerPartition + kPerBroker * static_cast<int64_t>(partition.state.isr.size());
  if (const auto* fetched = std::get_if<FetchedMetadata>(&answer.body))
    size += kBatchOfRecords + kPerRecord * static_cast<int64_t>(fetched->records.size());
  return size;
}

}  // namespace norn::model
