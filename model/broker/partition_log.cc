#include "model/broker/partition_log.h"

#include <algorithm>
#include <utility>

#include "sim/check.h"

namespace norn::model {

std::string PartitionLog::FileName(std::string_view name) {
  return std::string(name) + "/00000000000000000000.log";
}

PartitionLog::PartitionLog(sim::Disk* disk, std::string_view name, TopicConfig config)
    : disk_(disk), file_(disk->Open(FileName(name))), config_(config) {
  Recover();
}

void PartitionLog::Recover() {
  const auto& extents = file_->extents();
  int64_t whole = 0;
  for (size_t i = 0; i < extents.size(); ++i) {
    if (extents[i].torn()) {
      // The first batch that fails its checksum ends the log; what follows it is not looked at.
      disk_->Truncate(file_, whole);
      break;
    }
    whole += extents[i].size;
    batches_.push_back(std::static_pointer_cast<const RecordBatch>(extents[i].content));
    NORN_CHECK(batches_.back()->base_offset() == log_end_) << "a gap in " << file_->name();
    log_end_ = batches_.back()->next_offset();
    producers_.Update(*batches_.back());
  }
}

PartitionLog::Appended PartitionLog::Append(RecordBatch batch, LeaderEpoch epoch) {
  Appended result;
  const BatchCheck check = batch.Check();
  if (check != BatchCheck::kValid) {
    result.error = ProduceErrorOf(check);
    return result;
  }
  if (batch.SizeInBytes() > config_.max_message_bytes) {
    result.error = Error::kMessageTooLarge;
    return result;
  }
  const ProducerState::Check known = producers_.Validate(batch);
  result.error = known.error;
  if (known.duplicate_of.has_value()) {
    result.duplicate = true;
    result.base_offset = *known.duplicate_of;
    return result;
  }
  if (result.error != Error::kNone) return result;

  const Offset end = log_end_;
  batch.Place(end, epoch);
  auto stored = std::make_shared<const RecordBatch>(std::move(batch));
  NORN_CHECK(stored->base_offset() == log_end_);
  result.base_offset = end;
  result.written = disk_->Write(file_, stored->SizeInBytes(), stored);
  producers_.Update(*stored);
  log_end_ = stored->next_offset();
  records_since_flush_ += stored->record_count();
  result.flush_first = records_since_flush_ >= config_.flush_messages;
  batches_.push_back(std::move(stored));
  NORN_CHECK(batches_.back()->next_offset() == log_end_);
  return result;
}

void PartitionLog::Flush(sim::Time now, absl::AnyInvocable<void()> done) {
  records_since_flush_ = 0;
  last_flush_ = now;
  disk_->Sync(file_, std::move(done));
}

size_t PartitionLog::BatchWith(Offset offset) const {
  const auto at = std::upper_bound(
      batches_.begin(), batches_.end(), offset,
      [](Offset wanted, const auto& batch) { return wanted < batch->base_offset(); });
  return at == batches_.begin() ? 0 : static_cast<size_t>(at - batches_.begin()) - 1;
}

Records PartitionLog::Read(Offset offset, int64_t max_bytes) const {
  Records records;
  if (offset >= log_end_) return records;
  for (size_t i = BatchWith(offset); i < batches_.size(); ++i) {
    const RecordBatch& batch = *batches_[i];
    const int64_t room = max_bytes - records.SizeInBytes();
    if (batch.SizeInBytes() <= room || records.batches().empty()) {
      records.Add(batch);
    } else {
      if (room > 0) records.CutAfter(batch, static_cast<int32_t>(room));
      break;
    }
  }
  return records;
}

int64_t PartitionLog::BytesFrom(Offset offset, int64_t enough) const {
  int64_t bytes = 0;
  if (offset >= log_end_) return bytes;
  for (size_t i = BatchWith(offset); i < batches_.size() && bytes < enough; ++i)
    bytes += batches_[i]->SizeInBytes();
  return bytes;
}

}  // namespace norn::model
