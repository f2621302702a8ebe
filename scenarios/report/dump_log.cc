#include "scenarios/report/dump_log.h"

#include <algorithm>
#include <vector>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"

namespace norn::scenarios {

namespace {

bool IsMeant(const LogReport& log, const std::optional<DumpChoice>& choice) {
  if (!choice.has_value()) return true;
  return log.topic == choice->topic && log.partition == choice->partition &&
         choice->broker.value_or(log.broker) == log.broker;
}

bool HasReplicas(const std::vector<LogReport>& logs, const LogReport& one) {
  return std::count_if(logs.begin(), logs.end(), [&one](const LogReport& log) {
           return log.topic == one.topic && log.partition == one.partition;
         }) > 1;
}

}  // namespace

std::optional<DumpChoice> ParseDumpChoice(std::string_view text) {
  DumpChoice choice;
  const size_t at = text.find('@');
  if (at != text.npos) {
    int32_t broker = 0;
    if (!absl::SimpleAtoi(std::string(text.substr(at + 1)), &broker) || broker < 1)
      return std::nullopt;
    choice.broker = broker;
    text = text.substr(0, at);
  }
  const size_t dash = text.rfind('-');
  if (dash == text.npos || dash == 0 ||
      !absl::SimpleAtoi(std::string(text.substr(dash + 1)), &choice.partition) ||
      choice.partition < 0)
    return std::nullopt;
  choice.topic = std::string(text.substr(0, dash));
  return choice;
}

std::string DumpLogs(const Report& report, const std::optional<DumpChoice>& choice) {
  std::string text;
  const std::vector<LogReport>& logs = report.replicas.empty() ? report.logs : report.replicas;
  for (const LogReport& log : logs) {
    if (!IsMeant(log, choice)) continue;
    const std::string directory =
        HasReplicas(logs, log) ? absl::StrCat("b", log.broker, "/") : std::string();
    size_t segment = 0;
    const auto begin_segment = [&] {
      const int64_t base = log.segments[segment++];
      absl::StrAppend(&text, "Dumping ", directory, log.topic, "-", log.partition, "/",
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
          " position: ", batch.position,
          batch.log_append_time ? " LogAppendTime: " : " CreateTime: ", batch.timestamp_ms,
          " size: ", batch.size, " magic: 2 compresscodec: ", std::string(batch.codec),
          " crc: ", batch.crc, " isvalid: true\n");
    }
    while (segment < log.segments.size()) begin_segment();
  }
  return text;
}

}  // namespace norn::scenarios
