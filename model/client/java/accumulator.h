// Where records gather into batches, a queue per partition, until the sender takes them (Java's
// RecordAccumulator with its BufferPool).
//
// Pure state: it knows no network and never waits. Times are given to it.
#ifndef NORN_MODEL_CLIENT_JAVA_ACCUMULATOR_H_
#define NORN_MODEL_CLIENT_JAVA_ACCUMULATOR_H_

#include <cstdint>
#include <deque>
#include <memory>
#include <span>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/time/time.h"
#include "model/client/backoff.h"
#include "model/client/compressed_size.h"
#include "model/client/java/compression_ratio_estimator.h"
#include "model/client/java/metadata.h"
#include "model/client/java/producer_batch.h"
#include "model/client/partitioner.h"
#include "model/defects.h"
#include "model/ids.h"
#include "model/record/record_batch.h"
#include "sim/random.h"
#include "sim/ref.h"
#include "sim/time.h"

namespace norn::model {

class Accumulator {
 public:
  struct Options {
    int64_t batch_size;
    int64_t buffer_memory;
    absl::Duration linger;
    absl::Duration delivery_timeout;
    Backoff retry_backoff;
    Codec codec = Codec::kNone;
    bool adaptive_partitioning = true;
    Defects defects = {};
    // partitioner.availability.timeout.ms; zero: off.
    absl::Duration availability_timeout = absl::ZeroDuration();
  };
  // Topics are numbered as the client's metadata numbers them.
  Accumulator(Options options, sim::Chance* chance, std::string_view client);

  // One record. Views, as ProducerRecord's.
  struct Entry {
    int64_t timestamp_ms;
    Payload key;
    Payload value;
    std::span<const Header> headers;
    RecordId id;
    int32_t compression_ratio = kIncompressible;  // in millionths; for a codec to use

    int64_t batch_size_upper_bound() const;
    // Whether that is at most `limit`; most records are so small that their sizes tell.
    bool FitsInto(int64_t limit) const {
      constexpr int64_t kMostBesides = 128;  // more than a batch of one record adds to them
      if (headers.empty() && key.size() + int64_t{value.size()} + kMostBesides <= limit)
        return true;
      return batch_size_upper_bound() <= limit;
    }
  };
  struct Appended {
    sim::Ref<ProducerBatch> batch;  // null: buffer.memory has no room for a new batch
    int32_t index = 0;
    bool wakes_sender = false;  // a batch was begun, or filled
    int64_t bytes = 0;          // by which the batch grew, as the client estimates it
  };
  // `partition` none: the built-in partitioner chooses, and moves on between batches (KIP-794).
  // `callback` is taken only if the record is.
  Appended Append(int32_t topic, PartitionIndex partition, const ClientMetadata& metadata,
                  sim::Time now, const Entry& entry, DeliveryCallback& callback);

  // While somebody waits for memory, or a flush or close is under way, every batch is sendable.
  void SetMemoryWanted(bool wanted) { memory_wanted_ = wanted; }
  void SetFlushing(bool flushing) { flushing_ = flushing; }
  void SetClosing() { closing_ = true; }

  struct Readiness {
    std::vector<BrokerId> nodes;              // that lead a partition with a sendable batch
    sim::Time next_check = sim::Time::Max();  // when more may be
    std::vector<int32_t> topics_without_leader;
  };
  void Ready(const ClientMetadata& metadata, sim::Time now, Readiness* out);

  // What decides, per partition, whether its head may be drained (idempotence).
  class Gate {
   public:
    // False ends the drain of the whole node for this pass.
    virtual bool MayDrain(const ProducerBatch& head) = 0;

   protected:
    ~Gate() = default;
  };
  // Takes at most one batch per partition that `node` leads, within `max_size`, and closes them.
  // True if one that Ready() counted was held back by its back-off after all, which Java draws
  // anew: look again at once.
  bool Drain(BrokerId node, const ClientMetadata& metadata, int64_t max_size, sim::Time now,
             Gate& gate, std::vector<sim::Ref<ProducerBatch>>* out);

  // Puts a batch back for a retry: to the front, or, with a sequence, where its sequence belongs.
  void PutBack(sim::Ref<ProducerBatch> batch, sim::Time now);
  // Divides a batch that a broker found too large into batches of batch.size, which are queued in
  // its place as if never tried, outside of buffer.memory. Where that changes nothing (one record
  // is as large, or batch.size is above what the broker takes) the same batch is queued again, and
  // returned alone. The estimate of its topic's compression begins anew.
  std::vector<sim::Ref<ProducerBatch>> Split(const sim::Ref<ProducerBatch>& batch);

  // A node that has sendable batches could be given them, or not (for
  // partitioner.availability.timeout.ms).
  void OnNodeReady(BrokerId node, sim::Time now, bool could_drain);
  // Takes out the queued batches older than delivery.timeout.ms.
  void TakeExpired(sim::Time now, std::vector<sim::Ref<ProducerBatch>>* out);
  // When the first queued one will be.
  sim::Time NextExpiry() const;
  // Takes out all that is queued.
  void TakeAll(std::vector<sim::Ref<ProducerBatch>>* out);

  void Mute(int32_t topic, PartitionIndex partition, bool muted);
  // The batch is done: its memory is free again.
  void Release(ProducerBatch& batch);
  int64_t free_memory() const { return free_memory_; }
  // Begun and not done, queued or in flight.
  int64_t incomplete() const { return incomplete_; }
  bool HasQueued() const { return queued_ > 0; }
  // Batches are numbered as they are begun, from 0.
  int64_t batches_begun() const { return next_batch_; }
  // The number of the oldest batch that is not done; batches_begun() if all are.
  int64_t OldestIncomplete() const { return oldest_incomplete_; }

 private:
  struct Queue {
    std::deque<sim::Ref<ProducerBatch>> batches;
    RecordSetBuilder open;      // the records of the last batch while it is open
    bool used = false;          // a batch was begun here
    size_t last_callbacks = 0;  // how many the last closed batch had: the next may have as many
    bool muted = false;
  };
  struct Topic {
    StickyPartitioner sticky;
    CompressionRatioEstimator compression;
    std::vector<std::unique_ptr<Queue>> queues;
    int32_t queues_used = 0;
  };
  // Since when a node's data waits to be taken.
  struct NodeLatency {
    BrokerId node;
    sim::Time ready;
    sim::Time drained;
  };
  struct Cursor {
    BrokerId node;
    size_t next;
  };

  Topic& TopicOf(int32_t topic) {
    const auto number = static_cast<size_t>(topic);
    if (__builtin_expect(number >= topics_.size(), 0)) AddTopics(number);
    return topics_[number];
  }
  Queue& QueueOf(int32_t topic, PartitionIndex partition) {
    auto& queues = TopicOf(topic).queues;
    const auto index = static_cast<size_t>(partition.value());
    if (__builtin_expect(index >= queues.size(), 0)) AddQueues(queues, index);
    return *queues[index];
  }
  void AddTopics(size_t number);
  void AddQueues(std::vector<std::unique_ptr<Queue>>& queues, size_t index);
  // Topics and partitions that have a queue and are led by `node`, in a fixed order.
  const std::vector<std::pair<int32_t, int32_t>>& LedBy(BrokerId node,
                                                        const ClientMetadata& metadata);
  bool AppendToOpen(Queue& queue, const Entry& entry, DeliveryCallback& callback, Appended* out);
  // False: buffer.memory has no room.
  bool BeginBatch(int32_t topic, PartitionIndex partition, sim::Time now, const Entry& entry,
                  DeliveryCallback& callback, Appended* out);
  // `size` is what the record takes there, uncompressed.
  void Put(Queue& queue, ProducerBatch& batch, const Entry& entry, int64_t size);
  static int64_t SizeOfNext(const Queue& queue, const ProducerBatch& batch, const Entry& entry) {
    const int64_t delta = entry.timestamp_ms - batch.base_timestamp_ms;
    return __builtin_expect(entry.headers.empty(), 1)
               ? queue.open.SizeOfNext(delta, entry.key, entry.value)
               : queue.open.SizeOfNext(delta, entry.key, entry.value, entry.headers);
  }
  // Without a key: to the partition that is stuck to.
  Appended AppendSticky(int32_t topic, const ClientMetadata& metadata, sim::Time now,
                        const Entry& entry, DeliveryCallback& callback);
  // As clients before KIP-794 did: each new batch goes elsewhere.
  Appended AppendByBatch(int32_t topic, const ClientMetadata& metadata, sim::Time now,
                         const Entry& entry, DeliveryCallback& callback);
  void Close(Queue& queue);
  bool compresses() const { return options_.codec != Codec::kNone; }
  // Header included, as the client believes before it has compressed.
  int64_t EstimatedSize(const Queue& queue, const ProducerBatch& batch) const;
  // What it counts in a request: exact once it was sent.
  int64_t SizeInRequest(const Queue& queue, const ProducerBatch& batch) const;
  bool IsFull(const Queue& queue, const ProducerBatch& batch) const;
  // Nothing more fits into what is queued last, or nothing is queued.
  bool LastBatchEnded(const Queue& queue) const;
  void Insert(Queue& queue, sim::Ref<ProducerBatch> batch);
  bool IsSlow(BrokerId node) const;
  absl::Duration RetryBackoff(const ProducerBatch& batch);
  size_t& CursorOf(BrokerId node);

  Options options_;
  sim::Chance* chance_;
  sim::Stream backoff_stream_;
  sim::Stream sticky_stream_;
  std::vector<Topic> topics_;
  std::vector<Cursor> cursors_;
  int64_t free_memory_;
  int64_t incomplete_ = 0;
  int64_t queued_ = 0;
  int64_t next_batch_ = 0;
  int64_t oldest_incomplete_ = 0;
  // How many batches wait under each number, from oldest_incomplete_ on.
  std::deque<int32_t> waiting_;
  std::vector<NodeLatency> latencies_;
  uint64_t backoff_draws_ = 0;
  bool memory_wanted_ = false;
  bool flushing_ = false;
  bool closing_ = false;
  // Kept for their memory.
  std::vector<int32_t> queue_lengths_;
  std::vector<int32_t> queue_partitions_;
  // Of LedBy; found anew when leaders, or queues, are others.
  struct Led {
    BrokerId node;
    std::vector<std::pair<int32_t, int32_t>> partitions;
  };
  std::vector<Led> led_;
  int64_t led_as_of_ = -1;
};

}  // namespace norn::model

#endif  // NORN_MODEL_CLIENT_JAVA_ACCUMULATOR_H_
