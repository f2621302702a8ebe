#include "model/client/java/accumulator.h"

#include <algorithm>
#include <utility>

#include "model/record/sizes.h"
#include "sim/check.h"

namespace norn::model {

Accumulator::Accumulator(Options options, sim::Chance* chance, std::string_view client)
    : options_(std::move(options)),
      chance_(chance),
      backoff_stream_(chance->Resolve("client/" + std::string(client) + "/retry-backoff")),
      sticky_stream_(chance->Resolve("client/" + std::string(client) + "/sticky-partition")),
      free_memory_(options_.buffer_memory) {}

Accumulator::Topic& Accumulator::TopicOf(int32_t topic) {
  const size_t number = static_cast<size_t>(topic);
  while (topics_.size() <= number) {
    topics_.push_back(Topic{
        StickyPartitioner(chance_, sticky_stream_, static_cast<int32_t>(topics_.size())), {}});
  }
  return topics_[number];
}

Accumulator::Queue& Accumulator::QueueOf(int32_t topic, PartitionIndex partition) {
  auto& queues = TopicOf(topic).queues;
  const size_t index = static_cast<size_t>(partition.value());
  while (queues.size() <= index) queues.push_back(std::make_unique<Queue>());
  return *queues[index];
}

int64_t Accumulator::EstimatedSize(const Queue& queue) {
  return EstimatedBatchSize(queue.open.size_in_bytes(), /*compressed=*/false, /*ratio=*/1.0f);
}

bool Accumulator::IsFull(const Queue& queue, const ProducerBatch& batch) {
  return !batch.open || model::IsFull(batch.size_limit, EstimatedSize(queue), batch.record_count);
}

void Accumulator::Close(Queue& queue) {
  ProducerBatch& batch = *queue.batches.back();
  if (!batch.open) return;
  batch.open = false;
  batch.records = queue.open.Seal();
}

Accumulator::Appended Accumulator::Append(int32_t topic, PartitionIndex partition, sim::Time now,
                                          int64_t timestamp_ms, const Payload& key,
                                          const Payload& value, RecordId id,
                                          DeliveryCallback& callback) {
  Queue& queue = QueueOf(topic, partition);
  Appended result;
  if (!queue.batches.empty() && queue.batches.back()->open) {
    ProducerBatch& last = *queue.batches.back();
    const int64_t delta = timestamp_ms - last.base_timestamp_ms;
    if (HasRoomFor(last.size_limit, EstimatedSize(queue), last.record_count,
                   queue.open.SizeOfNext(delta, key, value))) {
      queue.open.Append(delta, key, value, id);
      last.AddCallback(std::move(callback));
      result.batch = queue.batches.back();
      result.index = last.record_count++;
      result.wakes_sender = IsFull(queue, last);
      return result;
    }
    Close(queue);
  }
  const int64_t upper_bound =
      BatchSizeUpperBound({.key_size = key.wire_size(), .value_size = value.wire_size()});
  const int64_t memory = std::max(options_.batch_size, upper_bound);
  if (memory > free_memory_) return result;
  free_memory_ -= memory;
  ++incomplete_;
  done_.push_back(false);
  ++queued_;
  queue.batches.push_back(sim::MakeRef<ProducerBatch>(next_batch_++, topic, partition, now,
                                                      timestamp_ms, memory, memory));
  ProducerBatch& batch = *queue.batches.back();
  queue.open.Append(0, key, value, id);
  batch.AddCallback(std::move(callback));
  batch.record_count = 1;
  result.batch = queue.batches.back();
  result.wakes_sender = true;
  return result;
}

bool Accumulator::LastBatchEnded(int32_t topic, PartitionIndex partition) {
  Queue& queue = QueueOf(topic, partition);
  return queue.batches.empty() || IsFull(queue, *queue.batches.back());
}

absl::Duration Accumulator::RetryBackoff(const ProducerBatch& batch) {
  // Java draws the jitter anew at every check.
  const sim::Key key(batch.number, batch.attempts, backoff_draws_++);
  return options_.retry_backoff.After(batch.attempts - 1, *chance_, backoff_stream_, key);
}

void Accumulator::Ready(const ClientMetadata& metadata, sim::Time now, Readiness* out) {
  out->nodes.clear();
  out->topics_without_leader.clear();
  out->next_check = sim::Time::Max();
  for (size_t t = 0; t < topics_.size(); ++t) {
    Topic& topic = topics_[t];
    queue_lengths_.clear();
    bool every_partition_had_a_batch = true;
    for (size_t p = 0; p < topic.queues.size(); ++p) {
      Queue& queue = *topic.queues[p];
      const BrokerId leader =
          metadata.LeaderOf(static_cast<int32_t>(t), PartitionIndex(static_cast<int32_t>(p)));
      queue_lengths_.push_back(static_cast<int32_t>(queue.batches.size()));
      if (queue.batches.empty()) continue;
      if (leader.is_none()) {
        if (out->topics_without_leader.empty() ||
            out->topics_without_leader.back() != static_cast<int32_t>(t))
          out->topics_without_leader.push_back(static_cast<int32_t>(t));
        continue;
      }
      if (queue.muted) continue;
      const ProducerBatch& head = *queue.batches.front();
      const absl::Duration waited = now - head.last_attempt;
      absl::Duration wait_for = options_.linger;
      bool backing_off = false;
      if (head.attempts > 0 && !head.leader_moved(metadata.EpochOf(head.topic, head.partition))) {
        const absl::Duration backoff = RetryBackoff(head);
        if (waited < backoff) {
          backing_off = true;
          wait_for = backoff;
        }
      }
      const bool sendable = queue.batches.size() > 1 || IsFull(queue, head) || waited >= wait_for ||
                            memory_wanted_ || flushing_ || closing_;
      if (sendable && !backing_off) {
        if (std::find(out->nodes.begin(), out->nodes.end(), leader) == out->nodes.end())
          out->nodes.push_back(leader);
      } else {
        out->next_check = std::min(out->next_check, head.last_attempt + wait_for);
      }
    }
    if (static_cast<int32_t>(topic.queues.size()) <
        metadata.PartitionCount(static_cast<int32_t>(t)))
      every_partition_had_a_batch = false;
    if (every_partition_had_a_batch) topic.sticky.SetQueueLengths(queue_lengths_);
  }
}

size_t& Accumulator::CursorOf(BrokerId node) {
  for (Cursor& cursor : cursors_)
    if (cursor.node == node) return cursor.next;
  cursors_.push_back({node, 0});
  return cursors_.back().next;
}

bool Accumulator::Drain(BrokerId node, const ClientMetadata& metadata, int64_t max_size,
                        sim::Time now, Gate& gate, std::vector<sim::Ref<ProducerBatch>>* out) {
  // The partitions `node` leads, in a fixed order; the cursor says whose turn it is.
  led_.clear();
  for (size_t t = 0; t < topics_.size(); ++t)
    for (size_t p = 0; p < topics_[t].queues.size(); ++p)
      if (metadata.LeaderOf(static_cast<int32_t>(t), PartitionIndex(static_cast<int32_t>(p))) ==
          node)
        led_.emplace_back(static_cast<int32_t>(t), static_cast<int32_t>(p));
  bool held_back = false;
  if (led_.empty()) return held_back;
  size_t& cursor = CursorOf(node);
  const size_t first = cursor % led_.size();
  int64_t size = 0;
  for (size_t i = 0; i < led_.size(); ++i) {
    const auto [t, p] = led_[(first + i) % led_.size()];
    cursor = (first + i + 1) % led_.size();
    Queue& queue = *topics_[static_cast<size_t>(t)].queues[static_cast<size_t>(p)];
    if (queue.muted || queue.batches.empty()) continue;
    ProducerBatch& head = *queue.batches.front();
    if (head.attempts > 0 && !head.leader_moved(metadata.EpochOf(head.topic, head.partition)) &&
        now - head.last_attempt < RetryBackoff(head)) {
      held_back = true;
      continue;
    }
    const int64_t head_size =
        kBatchHeaderSize + (head.open ? queue.open.size_in_bytes() : head.records.size_in_bytes());
    if (size + head_size > max_size && !out->empty()) {
      cursor = (first + i) % led_.size();
      return held_back;
    }
    if (!gate.MayDrain(head)) return held_back;
    if (queue.batches.size() == 1) Close(queue);
    size += head_size;
    --queued_;
    out->push_back(std::move(queue.batches.front()));
    queue.batches.pop_front();
  }
  return held_back;
}

void Accumulator::PutBack(sim::Ref<ProducerBatch> batch, sim::Time now) {
  ++batch->attempts;
  batch->last_attempt = now;
  batch->in_flight = false;
  Queue& queue = QueueOf(batch->topic, batch->partition);
  ++queued_;
  auto place = queue.batches.begin();
  if (batch->has_sequence()) {
    // Behind the retries that carry earlier sequences; batches never drained carry none. Numbers of
    // one producer epoch are compared across their wrap.
    const auto earlier = [&batch](const ProducerBatch& other) {
      return other.has_sequence() && other.producer_epoch == batch->producer_epoch &&
             static_cast<int32_t>(static_cast<uint32_t>(other.base_sequence.value()) -
                                  static_cast<uint32_t>(batch->base_sequence.value())) < 0;
    };
    while (place != queue.batches.end() && earlier(**place)) ++place;
  }
  queue.batches.insert(place, std::move(batch));
}

void Accumulator::TakeExpired(sim::Time now, std::vector<sim::Ref<ProducerBatch>>* out) {
  for (Topic& topic : topics_) {
    for (auto& queue : topic.queues) {
      while (!queue->batches.empty() &&
             now - queue->batches.front()->created >= options_.delivery_timeout) {
        if (queue->batches.size() == 1) Close(*queue);
        --queued_;
        out->push_back(std::move(queue->batches.front()));
        queue->batches.pop_front();
      }
    }
  }
}

sim::Time Accumulator::NextExpiry() const {
  sim::Time first = sim::Time::Max();
  for (const Topic& topic : topics_)
    for (const auto& queue : topic.queues)
      if (!queue->batches.empty())
        first = std::min(first, queue->batches.front()->created + options_.delivery_timeout);
  return first;
}

void Accumulator::TakeAll(std::vector<sim::Ref<ProducerBatch>>* out) {
  for (Topic& topic : topics_) {
    for (auto& queue : topic.queues) {
      if (!queue->batches.empty()) Close(*queue);
      for (auto& batch : queue->batches) out->push_back(std::move(batch));
      queued_ -= static_cast<int64_t>(queue->batches.size());
      queue->batches.clear();
    }
  }
}

void Accumulator::Mute(int32_t topic, PartitionIndex partition, bool muted) {
  QueueOf(topic, partition).muted = muted;
}

void Accumulator::Release(ProducerBatch& batch) {
  NORN_CHECK(incomplete_ > 0);
  --incomplete_;
  done_[static_cast<size_t>(batch.number - oldest_incomplete_)] = true;
  while (!done_.empty() && done_.front()) {
    done_.pop_front();
    ++oldest_incomplete_;
  }
  free_memory_ += batch.memory;
  NORN_CHECK(free_memory_ <= options_.buffer_memory);
}

}  // namespace norn::model
