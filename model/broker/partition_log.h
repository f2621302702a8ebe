// The log of one partition on one broker: an append-only sequence of batches on the broker's disk.
//
// It never waits; an append says when the disk is done with it. Opened again after a crash it holds
// what the disk held: everything after a kill, a prefix after a power loss, cut at the first batch
// that is not whole. A topic of message.timestamp.type=LogAppendTime has its records stamped by the
// leader's clock; any other has bounds on what a producer's clock may say (KIP-937).
//
// Invariants: (1) offsets are contiguous: each batch begins where the one before ended. (2) A batch
// that is refused consumes no offset. (3) What the log holds and what its file holds are the same.
#ifndef NORN_MODEL_BROKER_PARTITION_LOG_H_
#define NORN_MODEL_BROKER_PARTITION_LOG_H_

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/functional/any_invocable.h"
#include "absl/time/time.h"
#include "model/broker/producer_state.h"
#include "model/config/topic_config.h"
#include "model/error.h"
#include "model/ids.h"
#include "model/record/record_batch.h"
#include "model/record/records.h"
#include "model/wire/produce.h"
#include "sim/disk.h"
#include "sim/time.h"

namespace norn::model {

class PartitionLog {
 public:
  // Opens the log that lies on `disk` under `name` ("topic1-0"), or begins an empty one.
  // `expiration`: producer.id.expiration.ms.
  PartitionLog(sim::Disk* disk, std::string_view name, TopicConfig config,
               sim::Time opened = sim::Time::Zero(),
               absl::Duration expiration = BrokerConfig().producer_id_expiration);

  // Of the file that holds the log called `name`.
  static std::string FileName(std::string_view name);

  struct Appended {
    Error error = Error::kNone;
    Offset base_offset;        // none if refused
    bool duplicate = false;    // it was there already
    sim::Time written;         // when the disk has taken it
    bool flush_first = false;  // flush.messages says so: the append ends when Flush() is done
    // The leader's time, if that is what the topic wants; of a duplicate, the time of its records.
    int64_t log_append_time_ms = -1;
    // Of records with impossible timestamps: which, and why.
    std::vector<wire::ProduceResponse::RecordError> record_errors = {};
    std::optional<std::string> message = std::nullopt;
  };
  // As the leader of `epoch`: checks, stamps offset and epoch, writes. What is checked, in Kafka's
  // order (UnifiedLog.append): base offset (87), size (10), checksum and form (2, 87), timestamps
  // (32), size of a segment (18), producer state (45, 47).
  Appended Append(RecordBatch batch, LeaderEpoch epoch, sim::Time now = sim::Time::Zero());

  // Makes what is written so far durable; `done` is called when it is.
  void Flush(sim::Time now, absl::AnyInvocable<void()> done);
  sim::Time last_flush() const { return last_flush_; }

  Offset log_start() const { return Offset(0); }
  Offset log_end() const { return log_end_; }
  // With one replica what is written is committed.
  Offset high_watermark() const { return log_end_; }

  // Batches from the one that holds `offset` on, as far as `max_bytes` go; the first one whole,
  // what follows cut at the limit, inside a batch as may be. REQUIRES: log_start <= offset <=
  // log_end.
  Records Read(Offset offset, int64_t max_bytes) const;
  struct Found {
    Offset offset;
    int64_t timestamp_ms = -1;
  };
  // The first record that is not older than `timestamp_ms`; none if all are.
  Found FindByTime(int64_t timestamp_ms) const;
  // The newest record, the first of them if there are several; none in an empty log.
  Found FindNewest() const;

  // Bytes from `offset` on; as soon as they are `enough`, no more are counted.
  int64_t BytesFrom(Offset offset, int64_t enough) const;

  const std::vector<std::shared_ptr<const RecordBatch>>& batches() const { return batches_; }
  const TopicConfig& config() const { return config_; }
  ProducerState& producers() { return producers_; }

 private:
  // Every so often Kafka looks for producers that are to be forgotten.
  static constexpr absl::Duration kExpirationCheck = absl::Minutes(10);

  void Recover();
  Error CheckTimestamps(const RecordBatch& batch, int64_t now_ms, Appended* result) const;
  void ForgetProducers(sim::Time now);
  size_t BatchWith(Offset offset) const;

  sim::Disk* disk_;
  sim::Disk::File* file_;
  TopicConfig config_;
  std::vector<std::shared_ptr<const RecordBatch>> batches_;
  ProducerState producers_;
  Offset log_end_ = Offset(0);
  absl::Duration producer_expiration_;
  sim::Time next_expiration_check_;
  int64_t records_since_flush_ = 0;
  sim::Time last_flush_;
};

}  // namespace norn::model

#endif  // NORN_MODEL_BROKER_PARTITION_LOG_H_
