#include "model/broker/producer_state.h"

#include <algorithm>

namespace norn::model {

const ProducerState::Entry* ProducerState::Find(ProducerId id) const {
  if (last_found_ < entries_.size() && entries_[last_found_].id == id)
    return &entries_[last_found_];
  const auto at =
      std::lower_bound(entries_.begin(), entries_.end(), id,
                       [](const Entry& entry, ProducerId wanted) { return entry.id < wanted; });
  if (at == entries_.end() || at->id != id) return nullptr;
  last_found_ = static_cast<size_t>(at - entries_.begin());
  return &*at;
}

ProducerState::Entry& ProducerState::FindOrAdd(ProducerId id) {
  if (const Entry* found = Find(id)) return entries_[static_cast<size_t>(found - entries_.data())];
  const auto at =
      std::lower_bound(entries_.begin(), entries_.end(), id,
                       [](const Entry& entry, ProducerId wanted) { return entry.id < wanted; });
  Entry& entry = *entries_.emplace(at);
  entry.id = id;
  return entry;
}

ProducerState::Check ProducerState::Validate(const RecordBatch& batch) const {
  const BatchHeader& header = batch.header();
  if (header.producer_id.is_none()) return {};
  const Entry* found = Find(header.producer_id);
  if (found == nullptr) return {};
  const Entry& entry = *found;
  if (header.producer_epoch == entry.epoch) {
    for (size_t i = 0; i < entry.count; ++i) {
      const Remembered& known = entry.batches[i];
      if (known.first == header.base_sequence && known.last == batch.last_sequence())
        return {Error::kNone, known.base_offset, known.timestamp_ms};
    }
  }
  if (header.producer_epoch < entry.epoch) return {Error::kInvalidProducerEpoch};
  if (header.producer_epoch > entry.epoch) {
    if (header.base_sequence == Sequence(0)) return {};
    return {Error::kOutOfOrderSequenceNumber};
  }
  // An epoch without batches has no last sequence to follow.
  if (entry.count == 0 || header.base_sequence == Next(entry.batches[entry.newest].last)) return {};
  return {Error::kOutOfOrderSequenceNumber};
}

void ProducerState::Update(const RecordBatch& batch) {
  const BatchHeader& header = batch.header();
  if (header.producer_id.is_none()) return;
  Entry& entry = FindOrAdd(header.producer_id);
  if (entry.epoch != header.producer_epoch) entry.count = 0;
  entry.epoch = header.producer_epoch;
  entry.last_timestamp_ms = header.max_timestamp_ms;
  entry.newest =
      entry.count == 0 ? uint8_t{0} : static_cast<uint8_t>((entry.newest + 1) % kBatchesRemembered);
  if (entry.count < kBatchesRemembered) ++entry.count;
  entry.batches[entry.newest] = {header.base_sequence, batch.last_sequence(), batch.base_offset(),
                                 header.max_timestamp_ms};
}

int64_t ProducerState::Snapshot::SizeInBytes() const {
  constexpr int64_t kHead = 2 + 4 + 4;  // version, checksum, count
  // Id, epoch, last sequence, last offset, offset delta, timestamp, coordinator epoch, start of the
  // transaction.
  constexpr int64_t kEntry = 8 + 2 + 4 + 8 + 4 + 8 + 4 + 8;
  return kHead + kEntry * static_cast<int64_t>(producers.size());
}

ProducerState::Snapshot ProducerState::TakeSnapshot() const {
  Snapshot snapshot;
  snapshot.producers.reserve(entries_.size());
  for (const Entry& entry : entries_) {
    const Remembered& last = entry.batches[entry.newest];
    snapshot.producers.push_back(
        {entry.id, entry.epoch, last.first, last.last, last.base_offset, last.timestamp_ms});
  }
  return snapshot;
}

void ProducerState::Restore(const Snapshot& snapshot, int64_t expired_ms) {
  entries_.clear();
  for (const Snapshot::Producer& known : snapshot.producers) {
    if (known.timestamp_ms <= expired_ms) continue;
    Entry& entry = entries_.emplace_back();
    entry.id = known.id;
    entry.epoch = known.epoch;
    entry.last_timestamp_ms = known.timestamp_ms;
    entry.count = 1;
    entry.batches[0] = {known.first, known.last, known.base_offset, known.timestamp_ms};
  }
}

void ProducerState::Expire(int64_t before_ms) {
  std::erase_if(entries_,
                [before_ms](const Entry& entry) { return entry.last_timestamp_ms <= before_ms; });
}

}  // namespace norn::model
