#include "model/client/java/idempotence.h"

#include <algorithm>
#include <limits>

#include "sim/check.h"

namespace norn::model {

Idempotence::Partition* Idempotence::Find(int32_t topic, PartitionIndex index) {
  for (Partition& partition : partitions_)
    if (partition.topic == topic && partition.index == index) return &partition;
  return nullptr;
}

const Idempotence::Partition* Idempotence::Find(int32_t topic, PartitionIndex index) const {
  for (const Partition& partition : partitions_)
    if (partition.topic == topic && partition.index == index) return &partition;
  return nullptr;
}

Idempotence::Partition& Idempotence::FindOrAdd(int32_t topic, PartitionIndex index) {
  if (Partition* found = Find(topic, index)) return *found;
  Partition partition;
  partition.topic = topic;
  partition.index = index;
  partition.producer_id = producer_id_;
  partition.epoch = epoch_;
  partitions_.push_back(std::move(partition));
  return partitions_.back();
}

void Idempotence::SetProducerId(ProducerId id, ProducerEpoch epoch) {
  producer_id_ = id;
  epoch_ = epoch;
  log_([&] {
    return "ProducerId set to " + std::to_string(id.value()) + " with epoch " +
           std::to_string(epoch.value());
  });
}

bool Idempotence::MayDrain(const ProducerBatch& head) const {
  if (!has_producer_id()) return false;
  const Partition* partition = Find(head.topic, head.partition);
  if (partition == nullptr) return true;
  if (!head.has_sequence()) {
    if (!partition->under_way.empty() && IsStale(*partition)) return false;
    return !partition->unresolved;
  }
  return partition->under_way.empty() ||
         partition->under_way.front()->base_sequence == head.base_sequence;
}

void Idempotence::OnDrained(const sim::Ref<ProducerBatch>& batch) {
  Partition& partition = FindOrAdd(batch->topic, batch->partition);
  batch->sequence_was_reset = false;
  if (batch->has_sequence()) return;
  if (IsStale(partition) && partition.under_way.empty()) {
    partition.producer_id = producer_id_;
    partition.epoch = epoch_;
    partition.next = Sequence(0);
    partition.last_acknowledged = Sequence::None();
  }
  batch->producer_id = producer_id_;
  batch->producer_epoch = epoch_;
  batch->base_sequence = partition.next;
  partition.next = partition.next + RecordCount(batch->record_count);
  partition.under_way.push_back(batch);
}

void Idempotence::Remove(Partition& partition, const ProducerBatch& batch) {
  std::erase_if(partition.under_way, [&batch](const auto& other) { return other.get() == &batch; });
}

bool Idempotence::IsNext(const Partition& partition, Sequence sequence) {
  return partition.last_acknowledged.is_none() ? sequence == Sequence(0)
                                               : sequence == Next(partition.last_acknowledged);
}

void Idempotence::OnCompleted(const ProducerBatch& batch) {
  Partition* partition = Find(batch.topic, batch.partition);
  if (partition == nullptr || !batch.has_sequence()) return;
  if (batch.producer_epoch == partition->epoch && batch.producer_id == partition->producer_id) {
    const Sequence last = batch.base_sequence + RecordCount(batch.record_count - 1);
    // Answers may overtake each other across connections: the furthest one counts.
    const bool further =
        partition->last_acknowledged.is_none() ||
        static_cast<int32_t>(static_cast<uint32_t>(last.value()) -
                             static_cast<uint32_t>(partition->last_acknowledged.value())) > 0;
    if (further) partition->last_acknowledged = last;
  }
  Remove(*partition, batch);
}

void Idempotence::OnFailed(const ProducerBatch& batch, Error error, bool not_written) {
  Partition* partition = Find(batch.topic, batch.partition);
  if (partition == nullptr || !batch.has_sequence()) return;
  Remove(*partition, batch);
  const bool out_of_order =
      error == Error::kOutOfOrderSequenceNumber || error == Error::kUnknownProducerId;
  if (out_of_order) {
    log_([&] {
      return "The broker returned org.apache.kafka.common.errors." +
             std::string(JavaException(error)) + ": " + std::string(DefaultMessage(error)) +
             " for topic-partition " + partition_name_(batch.topic, batch.partition) +
             " with producerId " + std::to_string(batch.producer_id.value()) + ", epoch " +
             std::to_string(batch.producer_epoch.value()) + ", and sequence number " +
             std::to_string(batch.base_sequence.value());
    });
  }
  if (out_of_order || not_written) AskForBump(*partition);
}

void Idempotence::OnSplit(const ProducerBatch& batch,
                          const std::vector<sim::Ref<ProducerBatch>>& parts) {
  Partition* partition = Find(batch.topic, batch.partition);
  if (partition == nullptr || !batch.has_sequence()) return;
  auto& under_way = partition->under_way;
  const auto place = std::find_if(under_way.begin(), under_way.end(),
                                  [&batch](const auto& other) { return other.get() == &batch; });
  NORN_CHECK(place != under_way.end());
  under_way.insert(under_way.erase(place), parts.begin(), parts.end());
}

void Idempotence::OnExpiredInRetry(const ProducerBatch& batch) {
  Partition* partition = Find(batch.topic, batch.partition);
  if (partition == nullptr || !batch.has_sequence()) return;
  const Sequence behind = batch.base_sequence + RecordCount(batch.record_count);
  if (!partition->unresolved || partition->after_unresolved < behind)
    partition->after_unresolved = behind;
  partition->unresolved = true;
}

bool Idempotence::MayRetry(Error error, const ProducerBatch& batch, Offset log_start) {
  Partition* partition = Find(batch.topic, batch.partition);
  if (partition == nullptr) return IsRetriable(error);
  if (error == Error::kUnknownProducerId) {
    // The broker knows nothing of this producer: its records are gone, with those of the log's
    // beginning or altogether. An answer that was made before the log was opened says nothing, and
    // one to numbers that are given up already asks for nothing.
    if (!log_start.is_none() && !batch.sequence_was_reset) AskForBump(*partition);
    return true;
  }
  if (error == Error::kOutOfOrderSequenceNumber) {
    if (!partition->unresolved &&
        (batch.sequence_was_reset || !IsNext(*partition, batch.base_sequence)))
      return true;
    if (!partition->unresolved || batch.base_sequence == partition->after_unresolved)
      AskForBump(*partition);
    return true;
  }
  return IsRetriable(error);
}

void Idempotence::AskForBump(Partition& partition) {
  bump_wanted_ = true;
  partition.renumber = true;
}

bool Idempotence::Settle() {
  for (Partition& partition : partitions_) {
    if (!partition.unresolved || !partition.under_way.empty()) continue;
    // Nothing is under way any more. If what was acknowledged last lies just before what comes
    // next, a later answer proved the expired batch written; otherwise nobody knows.
    if (!IsNext(partition, partition.next)) {
      log_([&] {
        return "No inflight batches remaining for " +
               partition_name_(partition.topic, partition.index) +
               ", last ack'd sequence for partition is " +
               std::to_string(partition.last_acknowledged.value()) + ", next sequence is " +
               std::to_string(partition.next.value()) +
               ". Going to bump epoch and reset sequence numbers.";
      });
      AskForBump(partition);
    }
    partition.unresolved = false;
  }
  if (!bump_wanted_) return !has_producer_id();
  bump_wanted_ = false;
  if (!has_producer_id()) return true;
  const bool used_up = epoch_.value() == std::numeric_limits<int16_t>::max();
  if (used_up) {
    producer_id_ = ProducerId::None();
    epoch_ = ProducerEpoch::None();
  } else {
    epoch_ = Next(epoch_);
  }
  for (Partition& partition : partitions_) {
    if (!partition.renumber) continue;
    partition.renumber = false;
    partition.unresolved = false;
    partition.producer_id = producer_id_;
    partition.epoch = epoch_;
    partition.last_acknowledged = Sequence::None();
    partition.next = Sequence(0);
    for (const auto& batch : partition.under_way) {
      log_([&] {
        return "Resetting sequence number of batch with current sequence " +
               std::to_string(batch->base_sequence.value()) + " for partition " +
               partition_name_(partition.topic, partition.index) + " to " +
               std::to_string(partition.next.value());
      });
      batch->sequence_was_reset = true;
      batch->producer_id = producer_id_;
      batch->producer_epoch = epoch_;
      batch->base_sequence = partition.next;
      partition.next = partition.next + RecordCount(batch->record_count);
    }
  }
  return used_up;
}

int64_t Idempotence::under_way() const {
  int64_t n = 0;
  for (const Partition& partition : partitions_)
    n += static_cast<int64_t>(partition.under_way.size());
  return n;
}

}  // namespace norn::model
