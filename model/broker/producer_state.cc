#include "model/broker/producer_state.h"

#include <algorithm>

#include "sim/check.h"

namespace norn::model {

ProducerState::Check ProducerState::Validate(const RecordBatch& batch) const {
  const BatchHeader& header = batch.header();
  if (header.producer_id.is_none()) return {};
  const auto found = entries_.find(header.producer_id);
  if (found == entries_.end()) return {};
  const Entry& entry = found->second;
  if (header.producer_epoch == entry.epoch) {
    for (const Remembered& known : entry.batches)
      if (known.first == header.base_sequence && known.last == batch.last_sequence())
        return {Error::kNone, known.base_offset};
  }
  if (header.producer_epoch < entry.epoch) return {Error::kInvalidProducerEpoch, std::nullopt};
  if (header.producer_epoch > entry.epoch) {
    if (header.base_sequence == Sequence(0)) return {};
    return {Error::kOutOfOrderSequenceNumber, std::nullopt};
  }
  // An epoch without batches has no last sequence to follow.
  if (entry.batches.empty() || header.base_sequence == Next(entry.batches.back().last)) return {};
  return {Error::kOutOfOrderSequenceNumber, std::nullopt};
}

void ProducerState::Update(const RecordBatch& batch) {
  const BatchHeader& header = batch.header();
  if (header.producer_id.is_none()) return;
  Entry& entry = entries_[header.producer_id];
  if (entry.epoch != header.producer_epoch) entry.batches.clear();
  entry.epoch = header.producer_epoch;
  entry.last_timestamp_ms = std::max(entry.last_timestamp_ms, header.max_timestamp_ms);
  if (entry.batches.size() == kBatchesRemembered) entry.batches.pop_front();
  entry.batches.push_back({header.base_sequence, batch.last_sequence(), batch.base_offset()});
}

void ProducerState::Expire(int64_t now_ms) {
  std::erase_if(entries_, [now_ms](const auto& entry) {
    return now_ms - entry.second.last_timestamp_ms >= kExpirationMs;
  });
}

}  // namespace norn::model
