// Where records gather into batches, a queue per partition, until the sender takes them (Java's
// RecordAccumulator with its BufferPool).
//
// Pure state: it knows no network and never waits. Times are given to it.
#ifndef NORN_MODEL_CLIENT_JAVA_ACCUMULATOR_H_
#define NORN_MODEL_CLIENT_JAVA_ACCUMULATOR_H_

#include <cstdint>
#include <deque>
#include <memory>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/time/time.h"
#include "model/client/backoff.h"
#include "model/client/java/metadata.h"
#include "model/client/java/producer_batch.h"
#include "model/client/partitioner.h"
#include "model/ids.h"
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
  };
  // Topics are numbered as the client's metadata numbers them.
  Accumulator(Options options, sim::Chance* chance, std::string_view client);

  StickyPartitioner& partitioner(int32_t topic) { return TopicOf(topic).sticky; }

  struct Appended {
    sim::Ref<ProducerBatch> batch;  // null: buffer.memory has no room for a new batch
    int32_t index = 0;
    bool wakes_sender = false;  // a batch was begun, or filled
  };
  Appended Append(int32_t topic, PartitionIndex partition, sim::Time now, int64_t timestamp_ms,
                  const Payload& key, const Payload& value, RecordId id,
                  DeliveryCallback& callback);
  // Nothing more fits into what is queued last for this partition, or nothing is queued.
  bool LastBatchEnded(int32_t topic, PartitionIndex partition);

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
    RecordSetBuilder open;  // the records of the last batch while it is open
    bool muted = false;
  };
  struct Topic {
    StickyPartitioner sticky;
    std::vector<std::unique_ptr<Queue>> queues;
  };
  struct Cursor {
    BrokerId node;
    size_t next;
  };

  Topic& TopicOf(int32_t topic);
  Queue& QueueOf(int32_t topic, PartitionIndex partition);
  void Close(Queue& queue);
  static int64_t EstimatedSize(const Queue& queue);
  static bool IsFull(const Queue& queue, const ProducerBatch& batch);
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
  std::deque<bool> done_;  // of the batches from oldest_incomplete_ on
  uint64_t backoff_draws_ = 0;
  bool memory_wanted_ = false;
  bool flushing_ = false;
  bool closing_ = false;
  // Kept for their memory.
  std::vector<int32_t> queue_lengths_;
  std::vector<std::pair<int32_t, int32_t>> led_;
};

}  // namespace norn::model

#endif  // NORN_MODEL_CLIENT_JAVA_ACCUMULATOR_H_
