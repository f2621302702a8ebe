// What a partition's log remembers of each idempotent producer, and the check every batch of one
// must pass before it is appended (Kafka's ProducerStateManager, ProducerAppendInfo).
//
// Pure state. Invariant: of one producer at most five batches are remembered, all of its current
// epoch, in the order of their sequences.
#ifndef NORN_MODEL_BROKER_PRODUCER_STATE_H_
#define NORN_MODEL_BROKER_PRODUCER_STATE_H_

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include "model/error.h"
#include "model/ids.h"
#include "model/record/record_batch.h"

namespace norn::model {

class ProducerState {
 public:
  static constexpr size_t kBatchesRemembered = 5;

  struct Check {
    Error error = Error::kNone;
    // The batch is in the log already, at this offset; it is not appended again.
    std::optional<Offset> duplicate_of = std::nullopt;
    int64_t duplicate_timestamp_ms = -1;  // its largest
  };
  // In this order: an exact duplicate of a remembered batch; a lower epoch (47); a higher epoch
  // that does not begin at 0 (45); a sequence that is not the next (45). A producer without state
  // may begin anywhere.
  Check Validate(const RecordBatch& batch) const;

  // REQUIRES: Validate(batch) found neither an error nor a duplicate, or the batch comes from the
  // log itself.
  void Update(const RecordBatch& batch);

  // What a snapshot file holds: of each producer the last batch only, as Kafka's do. A broker that
  // begins from one knows no older duplicates.
  struct Snapshot {
    struct Producer {
      ProducerId id;
      ProducerEpoch epoch;
      Sequence first;
      Sequence last;
      Offset base_offset;
      int64_t timestamp_ms = -1;
      friend bool operator==(const Producer&, const Producer&) = default;
    };
    std::vector<Producer> producers;  // by id

    // As version 1 of Kafka's format.
    int64_t SizeInBytes() const;
  };
  Snapshot TakeSnapshot() const;
  // Forgets all but what the snapshot says of producers that are not expired, as Expire() has it.
  void Restore(const Snapshot& snapshot, int64_t expired_ms);

  // Forgets producers whose last record has a timestamp of `before_ms` or less: it is the records'
  // time that counts, as in Kafka, whoever's clock they have it from.
  void Expire(int64_t before_ms);

  size_t producers() const { return entries_.size(); }

 private:
  struct Remembered {
    Sequence first;
    Sequence last;
    Offset base_offset;
    int64_t timestamp_ms;
  };
  struct Entry {
    ProducerId id;
    ProducerEpoch epoch;
    int64_t last_timestamp_ms = 0;
    // A ring: the newest is at `newest`.
    std::array<Remembered, kBatchesRemembered> batches;
    uint8_t count = 0;
    uint8_t newest = 0;
  };
  const Entry* Find(ProducerId id) const;
  Entry& FindOrAdd(ProducerId id);

  std::vector<Entry> entries_;  // by id; a partition has few
  mutable size_t last_found_ = 0;
};

}  // namespace norn::model

#endif  // NORN_MODEL_BROKER_PRODUCER_STATE_H_
