#include "scenarios/report/dump_log.h"

#include "absl/strings/str_cat.h"

namespace norn::scenarios {

std::string DumpLogs(const Report& report) {
  std::string text;
  for (const LogReport& log : report.logs) {
    absl::StrAppend(&text, "Dumping ", log.topic, "-", log.partition,
                    "/00000000000000000000.log\nLog starting offset: 0\n");
    for (const BatchReport& batch : log.batches) {
      if (batch.torn) {
        absl::StrAppend(&text, "Found ", "an incomplete batch at position ", batch.position, "\n");
        break;
      }
      absl::StrAppend(&text, "baseOffset: ", batch.base_offset, " lastOffset: ", batch.last_offset,
                      " count: ", batch.count, " baseSequence: ", batch.base_sequence,
                      " lastSequence: ", batch.last_sequence, " producerId: ", batch.producer_id,
                      " producerEpoch: ", batch.producer_epoch);
      absl::StrAppend(
          &text, " partitionLeaderEpoch: ", batch.leader_epoch,
          " isTransactional: false isControl: false deleteHorizonMs: OptionalLong.empty",
          " position: ", batch.position, " CreateTime: ", batch.timestamp_ms, " size: ", batch.size,
          " magic: 2 compresscodec: none crc: ", batch.crc, " isvalid: true\n");
    }
  }
  return text;
}

}  // namespace norn::scenarios
