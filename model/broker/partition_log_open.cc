// How a log is opened, cut back and begun anew (Kafka's LogLoader, and UnifiedLog's truncation).
#include <algorithm>
#include <limits>
#include <utility>

#include "model/broker/partition_log.h"
#include "sim/check.h"

namespace norn::model {
namespace {

constexpr std::string_view kSnapshot = ".snapshot";
constexpr Offset kNowhere = Offset(std::numeric_limits<int64_t>::max());

std::string EpochsFile(std::string_view name) {
  return std::string(name) + "/leader-epoch-checkpoint";
}

using Epochs = std::vector<LeaderEpochCache::Entry>;

// Null if the file is not there, or a loss of power came before it had its first content.
const Epochs* ReadEpochs(sim::Disk* disk, std::string_view name) {
  const sim::Disk::File* file = disk->Find(EpochsFile(name));
  if (file == nullptr || file->extents().empty()) return nullptr;
  return static_cast<const Epochs*>(file->extents().front().content.get());
}

const ProducerState::Snapshot* ReadSnapshot(const sim::Disk::File& file) {
  if (file.extents().empty() || file.extents().front().torn()) return nullptr;
  return static_cast<const ProducerState::Snapshot*>(file.extents().front().content.get());
}

}  // namespace

std::vector<sim::Disk::File*> PartitionLog::FilesOf(sim::Disk& disk, std::string_view name) {
  std::vector<sim::Disk::File*> files;
  const LogSegments segments(&disk, std::string(name));
  for (const LogSegments::Segment& segment : segments.all()) files.push_back(segment.file);
  return files;
}

std::vector<LeaderEpochCache::Entry> PartitionLog::EpochsOf(sim::Disk& disk,
                                                            std::string_view name) {
  const Epochs* epochs = ReadEpochs(&disk, name);
  return epochs == nullptr ? Epochs() : *epochs;
}

PartitionLog::PartitionLog(sim::Disk* disk, std::string_view name, TopicConfig config,
                           sim::Time opened, absl::Duration expiration)
    : PartitionLog(disk, name, config, opened, expiration, Checkpoints()) {}

PartitionLog::PartitionLog(sim::Disk* disk, std::string_view name, TopicConfig config,
                           sim::Time opened, absl::Duration expiration, Checkpoints known)
    : disk_(disk),
      segments_(disk, std::string(name)),
      config_(config),
      segment_ms_(config.segment == absl::InfiniteDuration()
                      ? std::numeric_limits<int64_t>::max()
                      : absl::ToInt64Milliseconds(config.segment)),
      producer_expiration_(expiration),
      next_expiration_check_(opened + kExpirationCheck) {
  Open(known, opened);
}

void PartitionLog::Open(const Checkpoints& known, sim::Time now) {
  if (segments_.empty()) segments_.Begin(known.log_start);
  // The segment the recovery point lies in is scanned from its beginning.
  Offset scanned_from = kNowhere;
  if (!known.clean_shutdown) {
    scanned_from = segments_.all().front().base;
    for (const LogSegments::Segment& segment : segments_.all())
      if (segment.base <= known.recovery_point) scanned_from = segment.base;
  }
  LoadBatches();
  // A recovery point from before a truncation speaks of batches that are no more. Kafka would not
  // look at those that took their place; here whatever is torn is found.
  NORN_CHECK(!known.clean_shutdown || log_end_ >= known.recovery_point)
      << segments_.name() << " ends at " << log_end_ << " after an orderly shutdown";
  if (log_end_ < known.log_start) {
    // The power went before what lies beyond the log's start was durable.
    TruncateFullyAndStartAt(known.log_start);
    return;
  }
  log_start_ = std::max(known.log_start, segments_.all().front().base);
  DropBefore(log_start_);
  high_watermark_ = log_start_;
  synced_->recovery_point =
      known.clean_shutdown ? log_end_ : std::min(known.recovery_point, log_end_);
  LoadEpochs(scanned_from);
  LoadProducers(now);
  CheckWhole();
}

void PartitionLog::LoadBatches() {
  log_end_ = segments_.all().front().base;
  for (size_t i = 0; i < segments_.all().size(); ++i) {
    const LogSegments::Segment& segment = segments_.all()[i];
    if (segment.base != log_end_) {
      segments_.DeleteFrom(i);
      return;
    }
    int64_t whole = 0;
    for (const sim::Disk::Extent& extent : segment.file->extents()) {
      auto batch = std::static_pointer_cast<const RecordBatch>(extent.content);
      if (extent.torn() || !batch->IsValid()) {
        // The first batch that fails its checksum ends the log; what follows it is not looked at.
        disk_->Truncate(segment.file, whole);
        segments_.DeleteFrom(i + 1);
        return;
      }
      NORN_CHECK(batch->base_offset() == log_end_) << "a gap in " << segment.file->name();
      whole += extent.size;
      log_end_ = batch->next_offset();
      batches_.push_back(std::move(batch));
    }
  }
}

// Of what was scanned the batches say who wrote it. The checkpoint may be older or younger than
// they are: it is not written in one with the log.
void PartitionLog::LoadEpochs(Offset scanned_from) {
  const Epochs* kept = ReadEpochs(disk_, segments_.name());
  if (kept != nullptr) {
    for (const LeaderEpochCache::Entry& entry : *kept) epochs_.Assign(entry.epoch, entry.start);
  } else {
    scanned_from = Offset(0);
  }
  epochs_.TruncateFromEnd(std::min(scanned_from, log_end_));
  const auto scanned = std::partition_point(
      batches_.begin(), batches_.end(),
      [scanned_from](const auto& batch) { return batch->base_offset() < scanned_from; });
  for (auto it = scanned; it != batches_.end(); ++it)
    epochs_.Assign((*it)->header().partition_leader_epoch, (*it)->base_offset());
  epochs_.TruncateFromStart(log_start_);
  if (kept == nullptr ? !epochs_.entries().empty() : epochs_.entries() != *kept) SaveEpochs();
}

void PartitionLog::SaveEpochs() {
  // Text: the version, the number of lines, and "epoch offset" in each.
  size_t size = 2 + std::to_string(epochs_.entries().size()).size() + 1;
  for (const LeaderEpochCache::Entry& entry : epochs_.entries())
    size += std::to_string(entry.epoch.value()).size() + 1 +
            std::to_string(entry.start.value()).size() + 1;
  disk_->Replace(disk_->Open(EpochsFile(segments_.name())), static_cast<int64_t>(size),
                 std::make_shared<const Epochs>(epochs_.entries()));
}

void PartitionLog::LoadProducers(sim::Time now) {
  producers_ = ProducerState();
  last_snapshot_ = Offset(0);
  const auto is_base = [this](Offset offset) {
    const auto& all = segments_.all();
    return std::any_of(all.begin(), all.end(), [&](const auto& s) { return s.base == offset; });
  };
  std::vector<Offset> snapshots = LogSegments::OffsetsOf(*disk_, segments_.name(), kSnapshot);
  for (; !snapshots.empty(); snapshots.pop_back()) {
    const Offset offset = snapshots.back();
    sim::Disk::File* file = disk_->Find(LogSegments::FileName(segments_.name(), offset, kSnapshot));
    const ProducerState::Snapshot* snapshot = ReadSnapshot(*file);
    if (offset > log_end_ || offset <= log_start_ || snapshot == nullptr) {
      disk_->Delete(file);
    } else if (last_snapshot_ == Offset(0)) {
      producers_.Restore(*snapshot, ExpiredMillis(now));
      last_snapshot_ = offset;
    } else if (!is_base(offset)) {
      disk_->Delete(file);  // only the newest, and those where a segment begins, are kept
    }
  }
  const Offset from = std::max(last_snapshot_, log_start_);
  for (const auto& batch : batches_)
    if (batch->next_offset() > from) producers_.Update(*batch);
  TakeSnapshot();
}

sim::DiskError PartitionLog::TakeSnapshot() {
  if (log_end_ <= last_snapshot_ || batches_.empty()) return sim::DiskError::kNone;
  auto snapshot = std::make_shared<const ProducerState::Snapshot>(producers_.TakeSnapshot());
  const int64_t size = snapshot->SizeInBytes();
  const sim::Disk::Done taken =
      disk_->Replace(disk_->Open(LogSegments::FileName(segments_.name(), log_end_, kSnapshot)),
                     size, std::move(snapshot));
  if (taken.ok()) last_snapshot_ = log_end_;
  return taken.error;
}

// What was about to be synced may be written anew.
void PartitionLog::CutSynced() {
  ++synced_->truncations;
  synced_->recovery_point = std::min(synced_->recovery_point, log_end_);
}

void PartitionLog::TruncateTo(Offset target, sim::Time now) {
  NORN_CHECK(target >= Offset(0)) << segments_.name() << " truncated to " << target;
  if (target < segments_.all().front().base) return TruncateFullyAndStartAt(target);
  // A leader may have begun its epoch here and been deposed before it wrote anything.
  bool forgot = epochs_.TruncateFromEnd(target);
  if (target < log_end_) {
    while (!batches_.empty() && batches_.back()->next_offset() > target) {
      log_end_ = batches_.back()->base_offset();
      batches_.pop_back();
    }
    segments_.TruncateTo(log_end_);
    forgot = epochs_.TruncateFromEnd(log_end_) || forgot;
    log_start_ = std::min(log_start_, log_end_);
    high_watermark_ = std::min(high_watermark_, log_end_);
    CutSynced();
    LoadProducers(now);
  }
  if (forgot) SaveEpochs();
  CheckWhole();
}

void PartitionLog::TruncateFullyAndStartAt(Offset start) {
  batches_.clear();
  segments_.DeleteFrom(0);
  segments_.Begin(start);
  epochs_.Clear();
  SaveEpochs();
  log_start_ = start;
  log_end_ = start;
  high_watermark_ = start;
  CutSynced();
  LoadProducers(sim::Time::Zero());
  CheckWhole();
}

void PartitionLog::DeleteTo(Offset start) {
  NORN_CHECK(start <= high_watermark_) << start << " is not committed in " << segments_.name();
  if (start <= log_start_) return;
  log_start_ = start;
  DropBefore(start);
  if (epochs_.TruncateFromStart(start)) SaveEpochs();
  CheckWhole();
}

void PartitionLog::DropBefore(Offset start) {
  segments_.DeleteBefore(start);
  const Offset first = segments_.all().front().base;
  batches_.erase(batches_.begin(),
                 std::partition_point(batches_.begin(), batches_.end(), [first](const auto& batch) {
                   return batch->base_offset() < first;
                 }));
  for (const Offset snapshot : LogSegments::OffsetsOf(*disk_, segments_.name(), kSnapshot))
    if (snapshot < first)
      disk_->Delete(disk_->Find(LogSegments::FileName(segments_.name(), snapshot, kSnapshot)));
}

// The invariants, where something other than an append has moved the log.
void PartitionLog::CheckWhole() const {
  const std::string& name = segments_.name();
  NORN_CHECK(log_start_ <= high_watermark_) << name << ": " << log_start_;
  NORN_CHECK(high_watermark_ <= log_end_) << name << ": " << high_watermark_;
  NORN_CHECK(recovery_point() <= log_end_) << name << ": " << recovery_point();
  const auto& segments = segments_.all();
  NORN_CHECK(segments.size() == 1 || segments[1].base > log_start_) << name << ": " << log_start_;
  NORN_CHECK(segments.back().base <= log_end_) << name << ": " << segments.back().base;
  size_t i = 0;
  Offset end = segments.front().base;
  for (const LogSegments::Segment& segment : segments) {
    NORN_CHECK(segment.base == end) << segment.file->name() << " after " << end;
    for (const sim::Disk::Extent& extent : segment.file->extents()) {
      NORN_CHECK(i < batches_.size()) << segment.file->name() << " holds more than the log";
      const RecordBatch& batch = *batches_[i++];
      NORN_CHECK(extent.content.get() == &batch) << segment.file->name() << " at " << end;
      NORN_CHECK(batch.base_offset() == end) << batch << " after " << end;
      end = batch.next_offset();
      const Offset first = std::max(batch.base_offset(), log_start_);
      NORN_CHECK(end <= log_start_ ||
                 epochs_.EpochOf(first) == batch.header().partition_leader_epoch)
          << batch << " in the epoch " << epochs_.EpochOf(first);
    }
  }
  NORN_CHECK(i == batches_.size()) << name << " holds more than its files";
  NORN_CHECK(end == log_end_) << name << " ends at " << end << ", not at " << log_end_;
  NORN_CHECK(epochs_.entries().empty() || epochs_.entries().back().start <= log_end_)
      << name << ": " << epochs_.LatestEpoch() << " begins beyond " << log_end_;
}

}  // namespace norn::model
