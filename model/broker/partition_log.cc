#include "model/broker/partition_log.h"

#include <algorithm>
#include <limits>
#include <utility>

#include "model/wall_clock.h"
#include "sim/check.h"

namespace norn::model {

Error PartitionLog::CheckTimestamps(const RecordBatch& batch, int64_t now_ms,
                                    Appended* result) const {
  const auto bound = [](absl::Duration within) {
    return within == absl::InfiniteDuration() ? std::numeric_limits<int64_t>::max()
                                              : absl::ToInt64Milliseconds(within);
  };
  const int64_t before_max = bound(config_.timestamp_before_max);
  const int64_t after_max = bound(config_.timestamp_after_max);
  const auto is_wrong = [&](int64_t timestamp_ms) {
    const int64_t age = now_ms - timestamp_ms;
    return age > 0 ? age > before_max : -age > after_max;
  };
  // Usually there is no bound on the past, and the newest record speaks for all.
  if (config_.timestamp_before_max == absl::InfiniteDuration() &&
      !is_wrong(batch.header().max_timestamp_ms))
    return Error::kNone;
  for (const RecordView record : batch.records()) {
    const int64_t timestamp_ms = batch.timestamp_ms(record);
    if (!is_wrong(timestamp_ms)) continue;
    std::string why = "Timestamp " + std::to_string(timestamp_ms) + " of message with offset " +
                      std::to_string(record.offset_delta()) +
                      " is out of range. The timestamp should be within [";
    // Java's sums wrap.
    const auto sum = [now_ms](int64_t by) {
      return std::to_string(
          static_cast<int64_t>(static_cast<uint64_t>(now_ms) + static_cast<uint64_t>(by)));
    };
    why += sum(-before_max) + ", " + sum(after_max) + "]";
    result->record_errors.push_back({record.offset_delta(), std::move(why)});
  }
  if (result->record_errors.empty()) return Error::kNone;
  result->message = "One or more records have been rejected due to invalid timestamp";
  return Error::kInvalidTimestamp;
}

int64_t PartitionLog::ExpiredMillis(sim::Time now) const {
  return WallMillis(Wall(now)) - absl::ToInt64Milliseconds(producer_expiration_);
}

// Kafka's scheduler looks every ten minutes; nothing but an append can tell whether it did, so the
// looks that were due since the last append are made up for.
void PartitionLog::ForgetProducers(sim::Time now) {
  if (__builtin_expect(now < next_expiration_check_, 1)) return;
  const int64_t missed = (now - next_expiration_check_) / kExpirationCheck;
  const sim::Time last = next_expiration_check_ + missed * kExpirationCheck;
  producers_.Expire(ExpiredMillis(last));
  next_expiration_check_ = last + kExpirationCheck;
}

PartitionLog::Appended PartitionLog::Append(RecordBatch batch, LeaderEpoch epoch, sim::Time now) {
  Appended result;
  const BatchCheck check = batch.Check();
  if (batch.base_offset() != Offset(0) && check == BatchCheck::kValid) {
    result.error = Error::kInvalidRecord;
    return result;
  }
  if (batch.SizeInBytes() > config_.max_message_bytes) {
    result.error = Error::kMessageTooLarge;
    return result;
  }
  if (check != BatchCheck::kValid) {
    result.error = ProduceErrorOf(check);
    return result;
  }
  if (config_.log_append_time) {
    result.log_append_time_ms = WallMillis(Wall(now));
    batch.SetLogAppendTime(result.log_append_time_ms);
  } else {
    result.error = CheckTimestamps(batch, WallMillis(Wall(now)), &result);
    if (result.error != Error::kNone) return result;
  }
  if (batch.SizeInBytes() > config_.segment_bytes) {
    result.error = Error::kRecordListTooLarge;
    return result;
  }
  ForgetProducers(now);
  const ProducerState::Check known = producers_.Validate(batch);
  result.error = known.error;
  if (known.duplicate_of.has_value() && !knows_duplicates_) {
    result.error = Error::kOutOfOrderSequenceNumber;
    return result;
  }
  if (known.duplicate_of.has_value()) {
    result.duplicate = true;
    result.base_offset = *known.duplicate_of;
    result.log_append_time_ms = known.duplicate_timestamp_ms;
    return result;
  }
  if (result.error != Error::kNone) return result;

  const Offset base_offset = log_end_;
  batch.Place(base_offset, epoch);
  const sim::Disk::Done stored = Store(std::make_shared<const RecordBatch>(std::move(batch)), now);
  if (__builtin_expect(!stored.ok(), 0)) {
    result.error = Error::kKafkaStorageError;
    result.log_append_time_ms = -1;
    return result;
  }
  result.base_offset = base_offset;
  result.written = stored.at;
  result.flush_first = records_since_flush_ >= config_.flush_messages;
  return result;
}

sim::Disk::Done PartitionLog::AppendAsFollower(std::shared_ptr<const RecordBatch> batch,
                                               sim::Time now) {
  NORN_CHECK(batch->IsValid()) << *batch << " fetched from the leader of " << segments_.name();
  ForgetProducers(now);
  const sim::Disk::Done written = Store(std::move(batch), now);
  if (!written.ok() || records_since_flush_ < config_.flush_messages) return written;
  // The thread that appends is the one that fetches: it goes on when the disk has synced.
  Flush(now, nullptr);
  return {std::max(written.at, disk_->busy_until())};
}

sim::Disk::Done PartitionLog::Store(std::shared_ptr<const RecordBatch> batch, sim::Time now) {
  const LeaderEpoch epoch = batch->header().partition_leader_epoch;
  NORN_CHECK(batch->base_offset() == log_end_) << *batch << " after " << log_end_;
  NORN_CHECK(batches_.empty() || epoch >= batches_.back()->header().partition_leader_epoch)
      << *batch << " after " << *batches_.back();
  if (__builtin_expect(segments_.ShouldRoll(*batch, config_.segment_bytes, segment_ms_, now), 0))
    refused_ = Roll();
  if (__builtin_expect(refused_ != sim::DiskError::kNone, 0)) return {now, refused_};
  const sim::Disk::Done written = segments_.Append(batch);
  if (__builtin_expect(!written.ok(), 0)) {
    refused_ = written.error;
    return written;
  }
  if (__builtin_expect(epochs_.Assign(epoch, log_end_), 0)) SaveEpochs();
  producers_.Update(*batch);
  log_end_ = batch->next_offset();
  records_since_flush_ += batch->record_count();
  batches_.push_back(std::move(batch));
  NORN_CHECK(batches_.back()->next_offset() == log_end_);
  return written;
}

// The segment that ends is synced in the background; nobody waits for it.
sim::DiskError PartitionLog::Roll() {
  const sim::DiskError error = TakeSnapshot();
  if (error != sim::DiskError::kNone) return error;
  Sync(nullptr);
  segments_.Begin(log_end_);
  return error;
}

void PartitionLog::BeginEpoch(LeaderEpoch epoch) {
  NORN_CHECK(epoch >= epochs_.LatestEpoch()) << epoch << " after " << epochs_.LatestEpoch();
  if (epochs_.Assign(epoch, log_end_)) SaveEpochs();
}

void PartitionLog::SetHighWatermark(Offset offset) {
  high_watermark_ = std::clamp(offset, log_start_, log_end_);
}

void PartitionLog::Flush(sim::Time now, Flushed done) {
  records_since_flush_ = 0;
  last_flush_ = Wall(now);
  Sync(std::move(done));
}

// One disk syncs in order, so that the last file's sync ends that of all.
void PartitionLog::Sync(Flushed done) {
  const auto& segments = segments_.all();
  size_t i = segments.size() - 1;
  while (i > 0 && segments[i].base > synced_->recovery_point) --i;
  for (; i + 1 < segments.size(); ++i) disk_->SyncBehind(segments[i].file);
  disk_->Sync(segments.back().file,
              [synced = synced_, end = log_end_, truncations = synced_->truncations,
               done = std::move(done)](sim::DiskError error) mutable {
                if (error == sim::DiskError::kNone && synced->truncations == truncations)
                  synced->recovery_point = std::max(synced->recovery_point, end);
                if (done != nullptr) done(error);
              });
}

void PartitionLog::Close(sim::Time now, Flushed done) {
  TakeSnapshot();
  Flush(now, std::move(done));
}

size_t PartitionLog::BatchWith(Offset offset) const {
  const auto at = std::upper_bound(
      batches_.begin(), batches_.end(), offset,
      [](Offset wanted, const auto& batch) { return wanted < batch->base_offset(); });
  return at == batches_.begin() ? 0 : static_cast<size_t>(at - batches_.begin()) - 1;
}

Records PartitionLog::Read(Offset offset, int64_t max_bytes, Offset end) const {
  Records records;
  if (offset >= end) return records;
  for (size_t i = BatchWith(offset); i < batches_.size(); ++i) {
    const RecordBatch& batch = *batches_[i];
    if (batch.next_offset() > end) break;
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

PartitionLog::Found PartitionLog::FindByTime(int64_t timestamp_ms) const {
  for (const auto& batch : batches_) {
    if (batch->header().max_timestamp_ms < timestamp_ms) continue;
    for (const RecordView record : batch->records()) {
      const Offset offset = batch->base_offset() + RecordCount(record.offset_delta());
      if (offset >= log_start_ && batch->timestamp_ms(record) >= timestamp_ms)
        return {offset, batch->timestamp_ms(record)};
    }
  }
  return {};
}

PartitionLog::Found PartitionLog::FindNewest() const {
  int64_t newest = -1;
  for (const auto& batch : batches_) newest = std::max(newest, batch->header().max_timestamp_ms);
  return newest < 0 ? Found() : FindByTime(newest);
}

int64_t PartitionLog::BytesFrom(Offset offset, int64_t enough, Offset end) const {
  int64_t bytes = 0;
  if (offset >= end) return bytes;
  for (size_t i = BatchWith(offset); i < batches_.size() && bytes < enough; ++i) {
    if (batches_[i]->next_offset() > end) break;
    bytes += batches_[i]->SizeInBytes();
  }
  return bytes;
}

}  // namespace norn::model
