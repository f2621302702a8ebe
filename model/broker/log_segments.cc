#include "model/broker/log_segments.h"

#include <charconv>
#include <utility>

#include "sim/check.h"

namespace norn::model {
namespace {

constexpr size_t kDigits = 20;
constexpr std::string_view kLog = ".log";

const RecordBatch& BatchOf(const sim::Disk::Extent& extent) {
  return *static_cast<const RecordBatch*>(extent.content.get());
}

bool IsNumber(std::string_view digits, int64_t* number) {
  const char* end = digits.data() + digits.size();
  return std::from_chars(digits.data(), end, *number).ptr == end;
}

}  // namespace

std::string LogSegments::FileName(std::string_view name, Offset offset, std::string_view suffix) {
  std::string digits = std::to_string(offset.value());
  digits.insert(0, kDigits - digits.size(), '0');
  return std::string(name) + "/" + digits + std::string(suffix);
}

std::vector<Offset> LogSegments::OffsetsOf(const sim::Disk& disk, std::string_view name,
                                           std::string_view suffix) {
  std::vector<Offset> offsets;
  const std::string folder = std::string(name) + "/";
  for (const std::string& path : disk.List(folder)) {
    const std::string_view file = std::string_view(path).substr(folder.size());
    int64_t offset = 0;
    if (file.size() == kDigits + suffix.size() && file.ends_with(suffix) &&
        IsNumber(file.substr(0, kDigits), &offset))
      offsets.push_back(Offset(offset));
  }
  return offsets;
}

LogSegments::LogSegments(sim::Disk* disk, std::string name) : disk_(disk), name_(std::move(name)) {
  for (const Offset base : OffsetsOf(*disk, name_, kLog)) segments_.push_back(Open(base));
}

LogSegments::Segment LogSegments::Open(Offset base) {
  Segment segment{base, disk_->Open(FileName(name_, base, kLog))};
  const auto& extents = segment.file->extents();
  if (!extents.empty()) segment.begun = disk_->clock().Wall(extents.front().written);
  if (!extents.empty() && !extents.front().torn())
    segment.first_timestamp_ms = BatchOf(extents.front()).header().max_timestamp_ms;
  return segment;
}

void LogSegments::Begin(Offset base) {
  NORN_CHECK(segments_.empty() || base > segments_.back().base)
      << name_ << " has a segment at " << segments_.back().base << " and begins one at " << base;
  segments_.push_back(Open(base));
}

sim::Disk::Done LogSegments::Append(const std::shared_ptr<const RecordBatch>& batch) {
  Segment& active = segments_.back();
  NORN_CHECK(batch->base_offset() >= active.base) << *batch << " in the segment of " << active.base;
  const bool is_first = active.file->size() == 0;
  if (is_first) active.first_timestamp_ms = batch->header().max_timestamp_ms;
  const sim::Disk::Done written = disk_->Write(active.file, batch->SizeInBytes(), batch);
  const auto& extents = active.file->extents();
  if (is_first && !extents.empty()) active.begun = disk_->clock().Wall(extents.front().written);
  return written;
}

void LogSegments::DeleteFrom(size_t first) {
  for (; segments_.size() > first; segments_.pop_back()) disk_->Delete(segments_.back().file);
}

void LogSegments::TruncateTo(Offset end) {
  size_t stay = segments_.size();
  while (stay > 0 && segments_[stay - 1].base > end) --stay;
  NORN_CHECK(stay > 0) << name_ << " begins at " << segments_.front().base << ", beyond " << end;
  DeleteFrom(stay);
  Segment& active = segments_.back();
  const auto& extents = active.file->extents();
  int64_t size = active.file->size();
  for (size_t i = extents.size(); i > 0 && BatchOf(extents[i - 1]).next_offset() > end; --i)
    size -= extents[i - 1].kept;
  disk_->Truncate(active.file, size);
}

void LogSegments::DeleteBefore(Offset start) {
  size_t gone = 0;
  while (gone + 1 < segments_.size() && segments_[gone + 1].base <= start) ++gone;
  for (size_t i = 0; i < gone; ++i) disk_->Delete(segments_[i].file);
  segments_.erase(segments_.begin(), segments_.begin() + static_cast<ptrdiff_t>(gone));
}

}  // namespace norn::model
