#include "model/broker/offset_checkpoint.h"

#include <memory>
#include <utility>

#include "sim/check.h"

namespace norn::model {

OffsetCheckpoint::OffsetCheckpoint(sim::Disk* disk, std::string_view file)
    : disk_(disk), file_(disk->Open(file)) {}

sim::Disk::Done OffsetCheckpoint::Write(std::vector<Entry> offsets) {
  // Kafka's file is text: its version, the number of lines, and "topic partition offset" in each.
  size_t size = 2 + std::to_string(offsets.size()).size() + 1;
  for (const Entry& entry : offsets) {
    NORN_CHECK(entry.offset >= Offset(0)) << entry.log << " at " << entry.offset;
    size += entry.log.size() + 1 + std::to_string(entry.offset.value()).size() + 1;
  }
  return disk_->Replace(file_, static_cast<int64_t>(size),
                        std::make_shared<const std::vector<Entry>>(std::move(offsets)));
}

const std::vector<OffsetCheckpoint::Entry>& OffsetCheckpoint::offsets() const {
  static const auto& nothing = *new std::vector<Entry>;
  if (file_->extents().empty()) return nothing;
  NORN_CHECK(!file_->extents().front().torn()) << file_->name() << " is written whole";
  return *static_cast<const std::vector<Entry>*>(file_->extents().front().content.get());
}

Offset OffsetCheckpoint::Find(std::string_view log) const {
  for (const Entry& entry : offsets())
    if (entry.log == log) return entry.offset;
  return Offset(0);
}

}  // namespace norn::model
