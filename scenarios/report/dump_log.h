// The logs in the columns of kafka-dump-log.sh, so that they can be laid beside those of a real
// broker; a batch of which only the beginning is there ends the dump of its file, as it does there.
// Each replica is named by its broker where a partition has several: b2/topic1-0/....
#ifndef NORN_SCENARIOS_REPORT_DUMP_LOG_H_
#define NORN_SCENARIOS_REPORT_DUMP_LOG_H_

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "scenarios/report.h"

namespace norn::scenarios {

// Which logs: "orders-0", "orders-0@2".
struct DumpChoice {
  std::string topic;
  int32_t partition = 0;
  std::optional<int32_t> broker;  // by default all that have a replica
};
// Nothing if it is not written so.
std::optional<DumpChoice> ParseDumpChoice(std::string_view text);

// Of the report's replicas or, if these were not asked for, of its logs; all of them without a
// choice.
std::string DumpLogs(const Report& report, const std::optional<DumpChoice>& choice = {});

}  // namespace norn::scenarios

#endif  // NORN_SCENARIOS_REPORT_DUMP_LOG_H_
