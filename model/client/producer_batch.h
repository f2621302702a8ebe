// The records that travel together to one partition, from the first Send to the last report.
//
// A batch is open (records are added), then closed (sealed, on its way or waiting to be), then
// done: every record of it gets the same answer, but for the offset. Done happens once.
//
// Futures of its records are handles {batch, index}; they cost nothing until somebody waits.
#ifndef NORN_MODEL_CLIENT_PRODUCER_BATCH_H_
#define NORN_MODEL_CLIENT_PRODUCER_BATCH_H_

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/functional/any_invocable.h"
#include "model/ids.h"
#include "model/outcome.h"
#include "model/record/record_set.h"
#include "sim/future.h"
#include "sim/ref.h"
#include "sim/simulation.h"
#include "sim/task.h"

namespace norn::model {

// Called once per record when the client is done with it, in the order of the records.
using DeliveryCallback = absl::AnyInvocable<void(const DeliveryReport&)>;

class ProducerBatch : public sim::RefCounted {
 public:
  ProducerBatch(int64_t number, int32_t topic, PartitionIndex partition, sim::Time now,
                int64_t timestamp_ms, int64_t size_limit, int64_t memory)
      : number(number),
        topic(topic),
        partition(partition),
        created(now),
        last_attempt(now),
        base_timestamp_ms(timestamp_ms),
        size_limit(size_limit),
        memory(memory) {}

  // What it is.
  const int64_t number;  // the n-th this producer began, from 0
  const int32_t topic;   // the producer's number of it
  const PartitionIndex partition;
  const sim::Time created;
  sim::Time last_attempt;  // when it was put back for a retry; `created` before that
  const int64_t base_timestamp_ms;
  const int64_t size_limit;  // batch.size, or the first record's upper bound where that is more
  const int64_t memory;      // taken from buffer.memory

  // While open, the queue's builder holds the records; afterwards they are here.
  bool open = true;
  RecordSet records;
  int32_t record_count = 0;

  // Its attempts.
  int32_t attempts = 0;  // retries begun: what Java counts against `retries`
  int32_t requests = 0;  // Produce requests that carried it
  bool in_flight = false;
  LeaderEpoch sent_to;  // the leader's epoch when it was last sent
  // A new leader is known since: no back-off then (KAFKA-15415).
  bool leader_moved(LeaderEpoch known) const { return !sent_to.is_none() && known > sent_to; }
  // An attempt was sent and not refused for certain: the records may be in a log.
  bool possibly_written = false;
  Error last_error = Error::kNone;

  // Idempotence: given once, when first drained.
  ProducerId producer_id;
  ProducerEpoch producer_epoch;
  Sequence base_sequence;
  bool has_sequence() const { return !base_sequence.is_none(); }

  void AddCallback(DeliveryCallback callback) {
    if (callback != nullptr) callbacks_.emplace_back(record_count, std::move(callback));
  }

  bool done() const { return done_; }
  // Ends it: calls the callbacks and wakes who awaits its records. `base_offset` is none where the
  // client does not know it. REQUIRES: !done().
  void Finish(DeliveryReport report, Offset base_offset);
  // REQUIRES: done().
  DeliveryReport ReportOf(int32_t index) const;

  sim::WaitList& waiters() { return waiters_; }

 private:
  bool done_ = false;
  DeliveryReport report_;
  Offset base_offset_;
  std::vector<std::pair<int32_t, DeliveryCallback>> callbacks_;
  sim::WaitList waiters_;
};

// A Send that has not reached a batch: it waits for metadata or for memory, or failed before.
class PendingSend : public sim::RefCounted {
 public:
  sim::Ref<ProducerBatch> batch;  // once it got there
  int32_t index = 0;
  std::optional<DeliveryReport> failed;  // or if it never will
  sim::WaitList waiters;
};

// What Send returns: the record's report, once there is one.
//
//   DeliveryFuture sent = producer.Send(...);
//   DeliveryReport report = cluster.Await(sent);     // outside of tasks
//   DeliveryReport report = co_await Delivered(&sim, sent);
class DeliveryFuture {
 public:
  DeliveryFuture() = default;
  DeliveryFuture(sim::Ref<ProducerBatch> batch, int32_t index)
      : batch_(std::move(batch)), index_(index) {}
  explicit DeliveryFuture(sim::Ref<PendingSend> pending) : pending_(std::move(pending)) {}

  bool settled() const;
  // The report; nothing as long as the record is under way.
  std::optional<DeliveryReport> Get() const;

 private:
  friend sim::Task<DeliveryReport> Delivered(sim::Simulation* sim, DeliveryFuture future);
  const ProducerBatch* batch() const { return pending_ ? pending_->batch.get() : batch_.get(); }

  sim::Ref<ProducerBatch> batch_;
  sim::Ref<PendingSend> pending_;
  int32_t index_ = 0;
};

// For tasks: waits until the record is settled.
sim::Task<DeliveryReport> Delivered(sim::Simulation* sim, DeliveryFuture future);

}  // namespace norn::model

#endif  // NORN_MODEL_CLIENT_PRODUCER_BATCH_H_
