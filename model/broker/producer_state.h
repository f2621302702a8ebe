// What a partition's log remembers of each idempotent producer, and the check every batch of one
// must pass before it is appended (Kafka's ProducerStateManager, ProducerAppendInfo).
//
// Pure state. Invariant: of one producer at most five batches are remembered, all of its current
// epoch, in the order of their sequences.
#ifndef NORN_MODEL_BROKER_PRODUCER_STATE_H_
#define NORN_MODEL_BROKER_PRODUCER_STATE_H_

#include <cstddef>
#include <deque>
#include <map>
#include <optional>

#include "model/error.h"
#include "model/ids.h"
#include "model/record/record_batch.h"
#include "sim/time.h"

namespace norn::model {

class ProducerState {
 public:
  // As producer.id.expiration.ms says by default.
  static constexpr int64_t kExpirationMs = 86'400'000;
  static constexpr size_t kBatchesRemembered = 5;

  struct Check {
    Error error = Error::kNone;
    // The batch is in the log already, at this offset; it is not appended again.
    std::optional<Offset> duplicate_of;
  };
  // In this order: an exact duplicate of a remembered batch; a lower epoch (47); a higher epoch
  // that does not begin at 0 (45); a sequence that is not the next (45). A producer without state
  // may begin anywhere.
  Check Validate(const RecordBatch& batch) const;

  // REQUIRES: Validate(batch) found neither an error nor a duplicate, or the batch comes from the
  // log itself.
  void Update(const RecordBatch& batch);

  // Forgets producers that appended nothing for kExpirationMs before `now_ms`.
  void Expire(int64_t now_ms);

  size_t producers() const { return entries_.size(); }

 private:
  struct Remembered {
    Sequence first;
    Sequence last;
    Offset base_offset;
  };
  struct Entry {
    ProducerEpoch epoch;
    int64_t last_timestamp_ms = 0;
    std::deque<Remembered> batches;
  };
  std::map<ProducerId, Entry> entries_;
};

}  // namespace norn::model

#endif  // NORN_MODEL_BROKER_PRODUCER_STATE_H_
