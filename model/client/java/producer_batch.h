// The records that travel together to one partition, from the first Send to the last report.
//
// A batch is open (records are added), then closed (sealed, on its way or waiting to be), then
// done: every record of it gets the same answer, but for the offset. Done happens once.
//
// A batch that the broker found too large is split: its records go on in other batches, and so do
// their callbacks; its futures look there.
//
// Futures of its records are handles {batch, index}; they cost nothing until somebody waits.
#ifndef NORN_MODEL_CLIENT_JAVA_PRODUCER_BATCH_H_
#define NORN_MODEL_CLIENT_JAVA_PRODUCER_BATCH_H_

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/functional/any_invocable.h"
#include "model/client/compressed_size.h"
#include "model/client/delivery.h"
#include "model/ids.h"
#include "model/outcome.h"
#include "model/record/record_set.h"
#include "sim/future.h"
#include "sim/ref.h"
#include "sim/simulation.h"
#include "sim/task.h"

namespace norn::model {

class ProducerBatch final : public DeliverySource {
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
        waits_as(number),
        memory(memory) {}
  ~ProducerBatch() override;

  // What it is.
  const int64_t number;  // the n-th this producer began, from 0
  const int32_t topic;   // the producer's number of it
  const PartitionIndex partition;
  const sim::Time created;
  sim::Time last_attempt;  // when it was put back for a retry; `created` before that
  const int64_t base_timestamp_ms;
  const int64_t size_limit;  // batch.size, or the first record's upper bound where that is more
  // Who waits for this number waits for this batch: its own, or that of the batch it was split off.
  int64_t waits_as;
  int64_t memory;  // taken from buffer.memory; 0 once it was split off another

  // While open, the queue's builder holds the records; afterwards they are here.
  bool open = true;
  RecordSet records;
  int32_t record_count = 0;
  // Where there is a codec: what the records measure with it, and the ratio that the client
  // expected when the batch was begun.
  CompressedSize compressed;
  float ratio_estimate = 1.0f;

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

  // The broker named the records that it refused the batch for (KIP-467): their indices, and why.
  // Each fails for what it is; the others fail as part of the batch.
  std::vector<std::pair<int32_t, std::string>> refused_records;

  // Idempotence: given once, when first drained.
  ProducerId producer_id;
  ProducerEpoch producer_epoch;
  Sequence base_sequence;
  bool sequence_was_reset = false;  // by a new epoch, since it was last drained
  bool has_sequence() const { return !base_sequence.is_none(); }

  void AddCallback(DeliveryCallback&& callback) {
    if (callback != nullptr) callbacks_.emplace_back(record_count, std::move(callback));
  }

  void ReserveCallbacks(size_t count) { callbacks_.reserve(count); }
  size_t callbacks() const { return callbacks_.size(); }

  // Reported, or split: nothing more happens to it as such.
  bool done() const { return done_ || !parts_.empty(); }
  bool Settled(int32_t index) const override;
  // Ends it: calls the callbacks and wakes who awaits its records. `base_offset` is none where the
  // client does not know it. REQUIRES: !done().
  void Finish(DeliveryReport report, Offset base_offset);
  // Hands its records over, in order; each part has its record_count. REQUIRES: !done().
  void SplitInto(const std::vector<sim::Ref<ProducerBatch>>& parts);
  DeliveryReport ReportOf(int32_t index) const override;
  sim::WaitList& waiters() override { return waiters_; }

 private:
  struct Part {
    int32_t first;
    sim::Ref<ProducerBatch> batch;
  };
  const Part& PartWith(int32_t index) const;
  // What of report_ depends on the record.
  void TellOf(int32_t index, DeliveryReport* report) const;

  bool done_ = false;
  std::vector<Part> parts_;             // of a batch that was split
  ProducerBatch* split_off_ = nullptr;  // whose futures wait for it, too
  DeliveryReport report_;
  Offset base_offset_;
  std::vector<std::pair<int32_t, DeliveryCallback>> callbacks_;
  sim::WaitList waiters_;
};

// A Send that has not reached a batch: it waits for metadata or for memory, or failed before.
class PendingSend final : public DeliverySource {
 public:
  bool Settled(int32_t) const override {
    return failed_.has_value() || (batch_ && batch_->Settled(index_));
  }
  DeliveryReport ReportOf(int32_t) const override {
    return failed_.has_value() ? *failed_ : batch_->ReportOf(index_);
  }
  sim::WaitList& waiters() override { return batch_ ? batch_->waiters() : waiters_; }

  // It got there.
  void Reach(sim::Ref<ProducerBatch> batch, int32_t index) {
    batch_ = std::move(batch);
    index_ = index;
    waiters_.WakeAll();
  }
  // It never will.
  void Fail(DeliveryReport report) {
    failed_ = std::move(report);
    waiters_.WakeAll();
  }

 private:
  sim::Ref<ProducerBatch> batch_;
  int32_t index_ = 0;
  std::optional<DeliveryReport> failed_;
  sim::WaitList waiters_;
};

}  // namespace norn::model

#endif  // NORN_MODEL_CLIENT_JAVA_PRODUCER_BATCH_H_
