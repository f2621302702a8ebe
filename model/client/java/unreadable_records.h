// What kafka-clients' poll() throws at records that it cannot read (CompletedFetch, FetchCollector,
// DefaultRecordBatch), in its words. A cause follows its effect behind " <- ".
//
// Example:
//   const std::optional<UnreadableRecords> found =
//       FindUnreadable(records, Checksums::kChecked, "t-0", position);
//   found->message  // "... is invalid, cause: Record is corrupt (stored crc = 7, computed crc =
//   9)"
#ifndef NORN_MODEL_CLIENT_JAVA_UNREADABLE_RECORDS_H_
#define NORN_MODEL_CLIENT_JAVA_UNREADABLE_RECORDS_H_

#include <optional>
#include <string>
#include <string_view>

#include "model/ids.h"
#include "model/record/records.h"

namespace norn::model {

struct UnreadableRecords {
  std::string exception;
  std::string message;
};

// What is found behind the batches of `records`, as a reader who treats checksums so sees them;
// none if they end there, or within a batch that the next fetch brings whole. `partition` is
// "t-0", `position` is where it was fetched from.
std::optional<UnreadableRecords> FindUnreadable(const Records& records, Checksums checksums,
                                                std::string_view partition, Offset position);

}  // namespace norn::model

#endif  // NORN_MODEL_CLIENT_JAVA_UNREADABLE_RECORDS_H_
