// A small file in which a broker notes an offset for each of its logs: how far it is replicated
// (replication-offset-checkpoint), flushed (recovery-point-offset-checkpoint), or where it begins
// (log-start-offset-checkpoint).
//
// It is written whole, beside what the disk does otherwise. After a loss of power it is as it was
// before a write or after it; a broker that finds none knows nothing, and takes 0.
//
// Example:
//   OffsetCheckpoint checkpoint(disk, OffsetCheckpoint::kHighWatermarks);
//   checkpoint.Write({{"orders-0", Offset(17)}});
//   checkpoint.Find("orders-0");                   // @17
#ifndef NORN_MODEL_BROKER_OFFSET_CHECKPOINT_H_
#define NORN_MODEL_BROKER_OFFSET_CHECKPOINT_H_

#include <string>
#include <string_view>
#include <vector>

#include "model/ids.h"
#include "sim/disk.h"
#include "sim/time.h"

namespace norn::model {

class OffsetCheckpoint {
 public:
  static constexpr std::string_view kHighWatermarks = "replication-offset-checkpoint";
  static constexpr std::string_view kRecoveryPoints = "recovery-point-offset-checkpoint";
  static constexpr std::string_view kLogStarts = "log-start-offset-checkpoint";

  struct Entry {
    std::string log;  // "topic1-0"
    Offset offset;
    friend bool operator==(const Entry&, const Entry&) = default;
  };

  // The file of that name, as it lies on `disk` now.
  OffsetCheckpoint(sim::Disk* disk, std::string_view file);

  // Returns when it is durable.
  sim::Disk::Done Write(std::vector<Entry> offsets);
  // In the order they were written.
  const std::vector<Entry>& offsets() const;
  // 0 if the log is not in it.
  Offset Find(std::string_view log) const;

 private:
  sim::Disk* disk_;
  sim::Disk::File* file_;
};

}  // namespace norn::model

#endif  // NORN_MODEL_BROKER_OFFSET_CHECKPOINT_H_
