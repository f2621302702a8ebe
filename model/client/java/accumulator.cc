#include "model/client/java/accumulator.h"

#include <algorithm>
#include <utility>

#include "model/record/sizes.h"
#include "sim/check.h"

namespace norn::model {
namespace {

RecordShape ShapeOf(const Accumulator::Entry& entry) {
  RecordShape shape{.key_size = entry.key.wire_size(), .value_size = entry.value.wire_size()};
  for (const Header& header : entry.headers) {
    ++shape.header_count;
    shape.headers_size +=
        HeaderSize(static_cast<int32_t>(header.key.size()), header.value.wire_size());
  }
  return shape;
}

// Whether sequence a comes before b, of one producer epoch, across the wrap of their numbers.
bool IsBefore(Sequence a, Sequence b) {
  return static_cast<int32_t>(static_cast<uint32_t>(a.value()) - static_cast<uint32_t>(b.value())) <
         0;
}

}  // namespace

Accumulator::Accumulator(Options options, sim::Chance* chance, std::string_view client)
    : options_(std::move(options)),
      chance_(chance),
      backoff_stream_(chance->Resolve("client/" + std::string(client) + "/retry-backoff")),
      sticky_stream_(chance->Resolve("client/" + std::string(client) + "/sticky-partition")),
      free_memory_(options_.buffer_memory) {}

void Accumulator::AddTopics(size_t number) {
  while (topics_.size() <= number) {
    topics_.push_back(Topic{
        StickyPartitioner(chance_, sticky_stream_, static_cast<int32_t>(topics_.size())), {}, {}});
  }
}

void Accumulator::AddQueues(std::vector<std::unique_ptr<Queue>>& queues, size_t index) {
  while (queues.size() <= index) queues.push_back(std::make_unique<Queue>());
  led_as_of_ = -1;
}

int64_t Accumulator::Entry::batch_size_upper_bound() const {
  return BatchSizeUpperBound(ShapeOf(*this));
}

int64_t Accumulator::EstimatedSize(const Queue& queue, const ProducerBatch& batch) const {
  const int64_t records = batch.open ? queue.open.size_in_bytes() : batch.records.size_in_bytes();
  return EstimatedBatchSize(records, compresses(), batch.ratio_estimate);
}

int64_t Accumulator::SizeInRequest(const Queue& queue, const ProducerBatch& batch) const {
  if (compresses() && batch.requests > 0) return kBatchHeaderSize + batch.compressed.bytes();
  return EstimatedSize(queue, batch);
}

bool Accumulator::IsFull(const Queue& queue, const ProducerBatch& batch) const {
  return !batch.open ||
         model::IsFull(batch.size_limit, EstimatedSize(queue, batch), batch.record_count);
}

bool Accumulator::LastBatchEnded(const Queue& queue) const {
  return queue.batches.empty() || IsFull(queue, *queue.batches.back());
}

void Accumulator::Close(Queue& queue) {
  ProducerBatch& batch = *queue.batches.back();
  if (!batch.open) return;
  batch.open = false;
  batch.records = queue.open.Seal();
  queue.last_callbacks = batch.callbacks();
}

void Accumulator::Put(Queue& queue, ProducerBatch& batch, const Entry& entry, int64_t size) {
  const int64_t delta = entry.timestamp_ms - batch.base_timestamp_ms;
  if (__builtin_expect(entry.headers.empty(), 1)) {
    queue.open.AppendOfSize(size, delta, entry.key, entry.value, entry.id);
  } else {
    queue.open.Append(delta, entry.key, entry.value, entry.headers, entry.id);
  }
  if (compresses()) batch.compressed.Add(batch.record_count, size, entry.compression_ratio);
}

bool Accumulator::AppendToOpen(Queue& queue, const Entry& entry, DeliveryCallback& callback,
                               Appended* out) {
  if (queue.batches.empty()) return false;
  const sim::Ref<ProducerBatch>& back = queue.batches.back();
  ProducerBatch& last = *back;
  if (!last.open) return false;
  const int64_t size = SizeOfNext(queue, last, entry);
  const int64_t before = EstimatedSize(queue, last);
  if (!HasRoomFor(last.size_limit, before, last.record_count, size)) {
    Close(queue);
    return false;
  }
  Put(queue, last, entry, size);
  last.AddCallback(std::move(callback));
  out->batch = back;
  out->index = last.record_count++;
  const int64_t after = compresses() ? EstimatedSize(queue, last) : before + size;
  out->wakes_sender = model::IsFull(last.size_limit, after, last.record_count);
  out->bytes = after - before;
  return true;
}

bool Accumulator::BeginBatch(int32_t topic, PartitionIndex partition, sim::Time now,
                             const Entry& entry, DeliveryCallback& callback, Appended* out) {
  const int64_t memory = std::max(options_.batch_size, entry.batch_size_upper_bound());
  if (memory > free_memory_) return false;
  free_memory_ -= memory;
  ++incomplete_;
  waiting_.push_back(1);
  ++queued_;
  Queue& queue = QueueOf(topic, partition);
  if (!queue.used) {
    queue.used = true;
    ++TopicOf(topic).queues_used;
  }
  queue.batches.push_back(sim::MakeRef<ProducerBatch>(next_batch_++, topic, partition, now,
                                                      entry.timestamp_ms, memory, memory));
  ProducerBatch& batch = *queue.batches.back();
  if (compresses()) batch.ratio_estimate = TopicOf(topic).compression.estimate();
  Put(queue, batch, entry, SizeOfNext(queue, batch, entry));
  batch.ReserveCallbacks(queue.last_callbacks);
  batch.AddCallback(std::move(callback));
  batch.record_count = 1;
  out->batch = queue.batches.back();
  out->wakes_sender = true;
  out->bytes = EstimatedSize(queue, batch);
  return true;
}

Accumulator::Appended Accumulator::Append(int32_t topic, PartitionIndex partition,
                                          const ClientMetadata& metadata, sim::Time now,
                                          const Entry& entry, DeliveryCallback& callback) {
  Appended result;
  if (!partition.is_none()) {
    Queue& queue = QueueOf(topic, partition);
    if (!AppendToOpen(queue, entry, callback, &result))
      BeginBatch(topic, partition, now, entry, callback, &result);
    return result;
  }
  if (options_.defects.Has(Defect::kKip480))
    return AppendByBatch(topic, metadata, now, entry, callback);
  return AppendSticky(topic, metadata, now, entry, callback);
}

Accumulator::Appended Accumulator::AppendByBatch(int32_t topic, const ClientMetadata& metadata,
                                                 sim::Time now, const Entry& entry,
                                                 DeliveryCallback& callback) {
  Appended result;
  StickyPartitioner& sticky = TopicOf(topic).sticky;
  const auto has_leader = [&](PartitionIndex candidate) {
    return !metadata.LeaderOf(topic, candidate).is_none();
  };
  const int32_t partitions = metadata.PartitionCount(topic);
  const PartitionIndex stuck_to = sticky.Current(partitions, has_leader);
  if (AppendToOpen(QueueOf(topic, stuck_to), entry, callback, &result)) return result;
  const PartitionIndex next = sticky.AnyBut(stuck_to, partitions, has_leader);
  if (!AppendToOpen(QueueOf(topic, next), entry, callback, &result))
    BeginBatch(topic, next, now, entry, callback, &result);
  return result;
}

Accumulator::Appended Accumulator::AppendSticky(int32_t topic, const ClientMetadata& metadata,
                                                sim::Time now, const Entry& entry,
                                                DeliveryCallback& callback) {
  Appended result;
  StickyPartitioner& sticky = TopicOf(topic).sticky;
  const auto ended = [this](const Queue& queue) {
    return options_.defects.Has(Defect::kKafka14156) || LastBatchEnded(queue);
  };
  for (;;) {
    const PartitionIndex chosen = sticky.Current(
        metadata.PartitionCount(topic),
        [&](PartitionIndex candidate) { return !metadata.LeaderOf(topic, candidate).is_none(); });
    Queue& queue = QueueOf(topic, chosen);
    // The switch may have been put off to the end of a batch: has it ended since? And again, when
    // there was no room for this record.
    sticky.Produced(0, options_.batch_size, ended(queue));
    if (sticky.moves_on()) continue;
    if (!AppendToOpen(queue, entry, callback, &result)) {
      sticky.Produced(0, options_.batch_size, ended(queue));
      if (sticky.moves_on()) continue;
      if (!BeginBatch(topic, chosen, now, entry, callback, &result)) return result;
    }
    sticky.Produced(result.bytes, options_.batch_size, ended(queue));
    return result;
  }
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
    queue_partitions_.clear();
    // Only when each partition had a batch is there something to compare.
    const bool adapts = options_.adaptive_partitioning &&
                        topic.queues_used >= metadata.PartitionCount(static_cast<int32_t>(t));
    for (size_t p = 0; p < topic.queues.size(); ++p) {
      Queue& queue = *topic.queues[p];
      if (!queue.used) continue;
      const BrokerId leader =
          metadata.LeaderOf(static_cast<int32_t>(t), PartitionIndex(static_cast<int32_t>(p)));
      if (adapts && !leader.is_none() && !(IsSlow(leader) && !queue.batches.empty())) {
        queue_lengths_.push_back(static_cast<int32_t>(queue.batches.size()));
        queue_partitions_.push_back(static_cast<int32_t>(p));
      }
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
      if (head.attempts > 0 && !head.leader_moved(metadata.EpochOf(head.topic, head.partition)) &&
          waited < RetryBackoff(head)) {
        backing_off = true;
        wait_for = RetryBackoff(head);
      }
      const bool sendable = queue.batches.size() > 1 || IsFull(queue, head) || waited >= wait_for ||
                            memory_wanted_ || flushing_ || closing_;
      if (sendable && !backing_off) {
        if (std::find(out->nodes.begin(), out->nodes.end(), leader) == out->nodes.end())
          out->nodes.push_back(leader);
      } else {
        out->next_check = std::min(out->next_check, std::max(head.last_attempt + wait_for, now));
      }
    }
    topic.sticky.SetQueueLengths(queue_lengths_, queue_partitions_,
                                 static_cast<size_t>(topic.queues_used));
  }
}

bool Accumulator::IsSlow(BrokerId node) const {
  if (options_.availability_timeout <= absl::ZeroDuration()) return false;
  for (const NodeLatency& latency : latencies_)
    if (latency.node == node)
      return latency.ready - latency.drained > options_.availability_timeout;
  return false;
}

void Accumulator::OnNodeReady(BrokerId node, sim::Time now, bool could_drain) {
  if (options_.availability_timeout <= absl::ZeroDuration()) return;
  for (NodeLatency& latency : latencies_) {
    if (latency.node != node) continue;
    latency.ready = now;
    if (could_drain) latency.drained = now;
    return;
  }
  latencies_.push_back({node, now, now});
}

size_t& Accumulator::CursorOf(BrokerId node) {
  for (Cursor& cursor : cursors_)
    if (cursor.node == node) return cursor.next;
  cursors_.push_back({node, 0});
  return cursors_.back().next;
}

const std::vector<std::pair<int32_t, int32_t>>& Accumulator::LedBy(BrokerId node,
                                                                   const ClientMetadata& metadata) {
  if (led_as_of_ != metadata.leaders_version()) {
    led_as_of_ = metadata.leaders_version();
    led_.clear();
    for (size_t t = 0; t < topics_.size(); ++t) {
      for (size_t p = 0; p < topics_[t].queues.size(); ++p) {
        const std::pair<int32_t, int32_t> place(static_cast<int32_t>(t), static_cast<int32_t>(p));
        const BrokerId leader = metadata.LeaderOf(place.first, PartitionIndex(place.second));
        const auto known = std::find_if(led_.begin(), led_.end(),
                                        [leader](const Led& led) { return led.node == leader; });
        Led& led = known == led_.end() ? led_.emplace_back(Led{leader, {}}) : *known;
        led.partitions.push_back(place);
      }
    }
  }
  static const auto& nothing = *new std::vector<std::pair<int32_t, int32_t>>;
  for (const Led& led : led_)
    if (led.node == node) return led.partitions;
  return nothing;
}

bool Accumulator::Drain(BrokerId node, const ClientMetadata& metadata, int64_t max_size,
                        sim::Time now, Gate& gate, std::vector<sim::Ref<ProducerBatch>>* out) {
  // The partitions `node` leads, in a fixed order; the cursor says whose turn it is.
  const auto& led = LedBy(node, metadata);
  bool held_back = false;
  if (led.empty()) return held_back;
  size_t& cursor = CursorOf(node);
  const size_t first = cursor % led.size();
  int64_t size = 0;
  for (size_t i = 0; i < led.size(); ++i) {
    const auto [t, p] = led[(first + i) % led.size()];
    // The next pass begins where this one ends, at the last partition looked at.
    cursor = (first + i) % led.size();
    Queue& queue = *topics_[static_cast<size_t>(t)].queues[static_cast<size_t>(p)];
    if (queue.muted || queue.batches.empty()) continue;
    ProducerBatch& head = *queue.batches.front();
    if (head.attempts > 0 && !head.leader_moved(metadata.EpochOf(head.topic, head.partition)) &&
        now - head.last_attempt < RetryBackoff(head)) {
      held_back = true;
      continue;
    }
    if (size + SizeInRequest(queue, head) > max_size && !out->empty()) return held_back;
    if (!gate.MayDrain(head)) return held_back;
    if (queue.batches.size() == 1) Close(queue);
    const int64_t records = head.records.size_in_bytes();
    if (compresses()) {
      topics_[static_cast<size_t>(t)].compression.Observe(head.compressed.bytes(), records);
      size += kBatchHeaderSize + head.compressed.bytes();
    } else {
      size += kBatchHeaderSize + records;
    }
    --queued_;
    out->push_back(std::move(queue.batches.front()));
    queue.batches.pop_front();
  }
  return held_back;
}

void Accumulator::PutBack(sim::Ref<ProducerBatch> batch, sim::Time now) {
  ++batch->attempts;
  batch->last_attempt = now;
  Queue& queue = QueueOf(batch->topic, batch->partition);
  Insert(queue, std::move(batch));
}

void Accumulator::Insert(Queue& queue, sim::Ref<ProducerBatch> batch) {
  batch->in_flight = false;
  ++queued_;
  auto place = queue.batches.begin();
  if (batch->has_sequence()) {
    // Behind the retries that carry earlier sequences; batches never drained carry none.
    const auto earlier = [&batch](const ProducerBatch& other) {
      return other.has_sequence() && other.producer_epoch == batch->producer_epoch &&
             IsBefore(other.base_sequence, batch->base_sequence);
    };
    while (place != queue.batches.end() && earlier(**place)) ++place;
  }
  queue.batches.insert(place, std::move(batch));
}

std::vector<sim::Ref<ProducerBatch>> Accumulator::Split(const sim::Ref<ProducerBatch>& batch) {
  NORN_CHECK(batch->record_count > 1) << "a single record cannot be split";
  Topic& topic = TopicOf(batch->topic);
  if (compresses())
    topic.compression.Reset(batch->compressed.bytes(), batch->records.size_in_bytes());
  std::vector<sim::Ref<ProducerBatch>> parts;
  // What fits into batch.size as it is stays as it is.
  bool is_same =
      !compresses() && kBatchHeaderSize + batch->records.size_in_bytes() <= options_.batch_size;
  // The parts are filled by the same rule as any batch, in a queue of their own.
  Queue queue;
  std::vector<Header> headers;
  for (const RecordView record : batch->records) {
    if (is_same) break;
    headers.clear();
    for (int32_t i = 0; i < record.header_count(); ++i) headers.push_back(record.header(i));
    Entry entry;
    entry.timestamp_ms = batch->base_timestamp_ms + record.timestamp_delta_ms();
    entry.key = record.key();
    entry.value = record.value();
    entry.headers = headers;
    entry.id = record.id();
    if (compresses()) entry.compression_ratio = batch->compressed.RatioOf(record.offset_delta());
    DeliveryCallback none;
    Appended appended;
    if (AppendToOpen(queue, entry, none, &appended)) continue;
    const int64_t limit = std::max(options_.batch_size, entry.batch_size_upper_bound());
    parts.push_back(sim::MakeRef<ProducerBatch>(next_batch_ + static_cast<int64_t>(parts.size()),
                                                batch->topic, batch->partition, batch->created,
                                                entry.timestamp_ms, limit, /*memory=*/0));
    ProducerBatch& part = *parts.back();
    part.ratio_estimate = topic.compression.estimate();
    queue.batches.push_back(parts.back());
    Put(queue, part, entry, SizeOfNext(queue, part, entry));
    part.record_count = 1;
  }
  if (!is_same) Close(queue);
  is_same = is_same || parts.size() == 1;
  Queue& place = QueueOf(batch->topic, batch->partition);
  if (is_same) {
    // Its memory was the pool's once only.
    free_memory_ += std::exchange(batch->memory, 0);
    batch->attempts = 0;
    batch->last_attempt = batch->created;
    Insert(place, batch);
    return {batch};
  }
  next_batch_ += static_cast<int64_t>(parts.size());
  Sequence sequence = batch->base_sequence;
  for (const auto& part : parts) {
    // Nobody waits under the part's own number.
    waiting_.push_back(0);
    ++incomplete_;
    part->waits_as = batch->waits_as;
    ++waiting_[static_cast<size_t>(part->waits_as - oldest_incomplete_)];
    part->last_error = batch->last_error;
    part->requests = batch->requests;
    part->possibly_written = batch->possibly_written;
    if (batch->has_sequence()) {
      part->producer_id = batch->producer_id;
      part->producer_epoch = batch->producer_epoch;
      part->base_sequence = sequence;
      sequence = sequence + RecordCount(part->record_count);
    }
  }
  for (auto part = parts.rbegin(); part != parts.rend(); ++part) Insert(place, *part);
  batch->SplitInto(parts);
  Release(*batch);
  return parts;
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
  --waiting_[static_cast<size_t>(batch.waits_as - oldest_incomplete_)];
  while (!waiting_.empty() && waiting_.front() == 0) {
    waiting_.pop_front();
    ++oldest_incomplete_;
  }
  free_memory_ += batch.memory;
  NORN_CHECK(free_memory_ <= options_.buffer_memory);
}

}  // namespace norn::model
