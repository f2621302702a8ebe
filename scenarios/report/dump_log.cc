#include "scenarios/report/dump_log.h"

#include "absl/strings/str_cat.h"

namespace norn::scenarios {

std::string DumpLogs(const Report& report) {
  std::string text;
  for (const LogReport& log : report.logs) {
    size_t segment = 0;
    const auto begin_segment = [&] {
      const int64_t base = log.segments[segment++];
      absl::StrAppend(&text, "Dumping ", log.topic, "-", log.partition, "/",
                      absl::Dec(base, absl::kZeroPad20), ".log\nLog starting offset: ", base, "\n");
    };
    for (const BatchReport& batch : log.batches) {
      while (segment < log.segments.size() && log.segments[segment] <= batch.segment)
        begin_segment();
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
          " magic: 2 compresscodec: ", std::string(batch.codec), " crc: ", batch.crc,
          " isvalid: true\n");
    }
    while (segment < log.segments.size()) begin_segment();
  }
  return text;
}

}  // namespace norn::scenarios
