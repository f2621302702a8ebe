// The files of a partition's log. Each is named by the offset its first record has or would have;
// only the last is written to, until a batch does not fit and a new one begins.
//
// It knows nothing of records but their offsets, sizes and times, and never waits.
//
// Invariants: (1) there is a segment. (2) Each ends where the next begins; batches do not straddle.
//
// Example:
//   LogSegments segments(disk, "orders-0");          // what lies there, or nothing
//   if (segments.empty()) segments.Begin(Offset(0));
//   if (segments.ShouldRoll(*batch, config, now)) segments.Begin(batch->base_offset());
//   sim::Disk::Done written = segments.Append(batch);
#ifndef NORN_MODEL_BROKER_LOG_SEGMENTS_H_
#define NORN_MODEL_BROKER_LOG_SEGMENTS_H_

#include <cstdint>
#include <limits>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "absl/time/time.h"
#include "model/ids.h"
#include "model/record/record_batch.h"
#include "sim/disk.h"
#include "sim/time.h"

namespace norn::model {

class LogSegments {
 public:
  struct Segment {
    Offset base;
    sim::Disk::File* file;
    // Of its first batch, the largest; none while it is empty.
    int64_t first_timestamp_ms = -1;
    sim::Time begun = {};  // when that was written, by the wall clock
  };

  // Those that lie on `disk` under `name`, as they are: perhaps none, perhaps torn.
  LogSegments(sim::Disk* disk, std::string name);

  // "00000000000000000017.log", and other files named by an offset.
  static std::string FileName(std::string_view name, Offset offset, std::string_view suffix);
  // Which files of that kind there are, in order.
  static std::vector<Offset> OffsetsOf(const sim::Disk& disk, std::string_view name,
                                       std::string_view suffix);

  // Whether the batch must go into a new segment: this one would be too large or its offsets too
  // far apart, or the batch is `segment_ms` younger than its first.
  bool ShouldRoll(const RecordBatch& batch, int64_t segment_bytes, int64_t segment_ms,
                  sim::Time now) const {
    const Segment& active = segments_.back();
    const int64_t size = active.file->size();
    if (__builtin_expect(size > segment_bytes - batch.SizeInBytes(), 0)) return true;
    if (RecordsBetween(active.base, batch.last_offset()).value() >
        std::numeric_limits<int32_t>::max())
      return true;
    return size > 0 && Age(active, batch, now) > segment_ms;
  }
  // A new segment, which is written to from now on. REQUIRES: `base` lies beyond all others.
  void Begin(Offset base);
  // If the disk fails, a piece of the batch may lie at the segment's end.
  sim::Disk::Done Append(const std::shared_ptr<const RecordBatch>& batch);

  // Deletes the segments from number `first` on.
  void DeleteFrom(size_t first);
  // Deletes those that begin beyond `end`, and cuts the last where its batches end after it.
  // REQUIRES: the first begins at `end` or before.
  void TruncateTo(Offset end);
  // Deletes those from the front that end at `start` or before; not the last.
  void DeleteBefore(Offset start);

  bool empty() const { return segments_.empty(); }
  const std::vector<Segment>& all() const { return segments_; }
  const std::string& name() const { return name_; }

 private:
  int64_t Age(const Segment& active, const RecordBatch& batch, sim::Time now) const {
    if (__builtin_expect(active.first_timestamp_ms >= 0, 1))
      return batch.header().max_timestamp_ms - active.first_timestamp_ms;
    // Records without a time: the clock's counts from the first write on.
    return absl::ToInt64Milliseconds(disk_->clock().Wall(now) - active.begun);
  }
  Segment Open(Offset base);

  sim::Disk* disk_;
  std::string name_;
  std::vector<Segment> segments_;
};

}  // namespace norn::model

#endif  // NORN_MODEL_BROKER_LOG_SEGMENTS_H_
