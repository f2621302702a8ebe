// The log of one partition on one broker: an append-only sequence of batches on the broker's disk,
// in segments (log_segments.h).
//
// It never waits; an append says when the disk is done with it. Opened again after a crash it holds
// what the disk held: everything after a kill; after a power loss a prefix, cut at the first batch
// that is not whole and at the first segment that does not follow the one before (Kafka does not
// look for that gap, and would keep it). A topic of message.timestamp.type=LogAppendTime has its
// records stamped by the leader's clock; any other has bounds on what a producer's clock may say
// (KIP-937).
//
// It knows nothing of other replicas. Its owner appends to it as the leader of an epoch or as a
// follower, moves the high watermark, and truncates it to what another log agrees with.
//
// A write that the disk refuses ends it: from then on nothing is appended (KAFKA_STORAGE_ERROR),
// and a piece of the refused batch may lie behind the log's end, as recovery will find it.
//
// Invariants: (1) offsets are contiguous: each batch begins where the one before ended. (2) A batch
// that is refused consumes no offset. (3) What the log holds and what its files hold are the same,
// until the disk refuses something; no segment but the first begins at or before log_start. (4)
// log_start <= high_watermark <= log_end. (5) Along the log leader epochs never fall, and epochs()
// names for every record the epoch its batch carries; an epoch that has begun and written nothing
// lies at log_end, never beyond. (6) What lies below recovery_point survives any crash, and
// recovery_point <= log_end.
//
// Beside its segments lie leader-epoch-checkpoint, written whole at each change of epochs(), and
// snapshots of what is known of producers at the offset they are named by: taken when a segment
// ends, when the log is opened, truncated or closed. A log that is opened reads the newest and then
// what follows it in the log. Not modelled: retention by age and size, indexes, compaction.
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
#include "model/broker/leader_epoch_cache.h"
#include "model/broker/log_segments.h"
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
  // What the broker's own files say of the log, when it opens it.
  struct Checkpoints {
    // The broker closed its logs: nothing needs to be scanned.
    bool clean_shutdown = false;
    Offset recovery_point = Offset(0);
    Offset log_start = Offset(0);
  };
  // Opens the log that lies on `disk` under `name` ("topic1-0"), or begins an empty one.
  // `expiration`: producer.id.expiration.ms. Without checkpoints all of it is scanned.
  PartitionLog(sim::Disk* disk, std::string_view name, TopicConfig config, sim::Time opened,
               absl::Duration expiration, Checkpoints known);
  PartitionLog(sim::Disk* disk, std::string_view name, TopicConfig config,
               sim::Time opened = sim::Time::Zero(),
               absl::Duration expiration = BrokerConfig().producer_id_expiration);

  // The files that hold the log called `name`, in order.
  static std::vector<sim::Disk::File*> FilesOf(sim::Disk& disk, std::string_view name);

  // What its leader-epoch-checkpoint holds.
  static std::vector<LeaderEpochCache::Entry> EpochsOf(sim::Disk& disk, std::string_view name);

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
  // (32), size of a segment (18), producer state (45, 47); then the disk may refuse it (56).
  Appended Append(RecordBatch batch, LeaderEpoch epoch, sim::Time now = sim::Time::Zero());

  // The batch another replica's log holds, as it holds it: nothing is checked that its leader has
  // checked, but what is known of its producer follows. Shared with that replica, or a copy that
  // shares its records. Returns when the disk has taken it, or that it did not.
  // REQUIRES: it is valid, and begins at log_end(); its epoch is not below the last batch's.
  sim::Disk::Done AppendAsFollower(std::shared_ptr<const RecordBatch> batch, sim::Time now);

  // A new leader begins to write here. REQUIRES: `epoch` is not below the latest.
  void BeginEpoch(LeaderEpoch epoch);
  const LeaderEpochCache& epochs() const { return epochs_; }

  // Forgets the batches that end after `target`, with what they said of producers and epochs. A
  // target beyond the log ends no batch, but epochs that begin there are forgotten all the same.
  void TruncateTo(Offset target, sim::Time now = sim::Time::Zero());
  // Forgets all; the log is empty, and begins and ends at `start`.
  void TruncateFullyAndStartAt(Offset start);
  // The log begins at `start` now, which may lie inside a batch; segments that end there go.
  // REQUIRES: `start` is not above the high watermark.
  void DeleteTo(Offset start);

  // Makes what is written so far durable; `done` is called when it is, or the disk has failed.
  using Flushed = absl::AnyInvocable<void(sim::DiskError)>;
  void Flush(sim::Time now, Flushed done);
  sim::Time last_flush() const { return last_flush_; }  // by the wall clock
  // Up to here everything was synced on purpose. What the kernel wrote back by itself, nobody knows
  // to be there.
  Offset recovery_point() const { return synced_->recovery_point; }
  // For an orderly shutdown: flushes, and leaves a snapshot. Nothing is written afterwards.
  void Close(sim::Time now, Flushed done);

  Offset log_start() const { return log_start_; }
  Offset log_end() const { return log_end_; }
  // Below it is what is known to be on enough replicas; at log_start when the log is opened.
  Offset high_watermark() const { return high_watermark_; }
  // Up or down; what lies outside the log is taken for its nearer end, as Kafka does.
  void SetHighWatermark(Offset offset);

  // Batches from the one that holds `offset` on, as far as `max_bytes` go and up to `end`; the
  // first one whole, what follows cut at the limit, inside a batch as may be. The copies share
  // their records with the log. REQUIRES: log_start <= offset <= log_end.
  Records Read(Offset offset, int64_t max_bytes, Offset end) const;
  Records Read(Offset offset, int64_t max_bytes) const { return Read(offset, max_bytes, log_end_); }
  struct Found {
    Offset offset;
    int64_t timestamp_ms = -1;
  };
  // The first record that is not older than `timestamp_ms`; none if all are.
  Found FindByTime(int64_t timestamp_ms) const;
  // The newest record, the first of them if there are several; none in an empty log.
  Found FindNewest() const;

  // Bytes from `offset` on up to `end`; as soon as they are `enough`, no more are counted.
  int64_t BytesFrom(Offset offset, int64_t enough, Offset end) const;
  int64_t BytesFrom(Offset offset, int64_t enough) const {
    return BytesFrom(offset, enough, log_end_);
  }

  const std::vector<std::shared_ptr<const RecordBatch>>& batches() const { return batches_; }
  const TopicConfig& config() const { return config_; }
  // What the broker's wall clock shows.
  sim::Time Wall(sim::Time now) const { return disk_->clock().Wall(now); }
  ProducerState& producers() { return producers_; }
  // Defect kafka-5494: a batch that is there already is out of order.
  void ForgetDuplicates() { knows_duplicates_ = false; }

 private:
  // Every so often Kafka looks for producers that are to be forgotten.
  static constexpr absl::Duration kExpirationCheck = absl::Minutes(10);

  // What a sync that is done has reached. It outlives the log, as a sync may.
  struct Synced {
    Offset recovery_point = Offset(0);
    int64_t truncations = 0;  // a sync that was begun before one counts no more
  };

  void Open(const Checkpoints& known, sim::Time now);
  void LoadBatches();
  void LoadEpochs(Offset scanned_from);
  void LoadProducers(sim::Time now);
  sim::DiskError TakeSnapshot();
  void DropBefore(Offset start);
  void SaveEpochs();
  void CheckWhole() const;
  Error CheckTimestamps(const RecordBatch& batch, int64_t now_ms, Appended* result) const;
  void ForgetProducers(sim::Time now);
  sim::Disk::Done Store(std::shared_ptr<const RecordBatch> batch, sim::Time now);
  sim::DiskError Roll();
  void Sync(Flushed done);
  void CutSynced();
  int64_t ExpiredMillis(sim::Time now) const;
  size_t BatchWith(Offset offset) const;

  sim::Disk* disk_;
  LogSegments segments_;
  TopicConfig config_;
  int64_t segment_ms_;
  std::vector<std::shared_ptr<const RecordBatch>> batches_;
  ProducerState producers_;
  LeaderEpochCache epochs_;
  Offset log_start_ = Offset(0);
  Offset high_watermark_ = Offset(0);
  Offset log_end_ = Offset(0);
  Offset last_snapshot_ = Offset(0);
  std::shared_ptr<Synced> synced_ = std::make_shared<Synced>();
  absl::Duration producer_expiration_;
  sim::Time next_expiration_check_;
  bool knows_duplicates_ = true;
  sim::DiskError refused_ = sim::DiskError::kNone;  // what the disk did with a write
  int64_t records_since_flush_ = 0;
  sim::Time last_flush_;
};

}  // namespace norn::model

#endif  // NORN_MODEL_BROKER_PARTITION_LOG_H_
