// The logs in the columns of kafka-dump-log.sh, one line per batch.
#ifndef NORN_SCENARIOS_REPORT_DUMP_LOG_H_
#define NORN_SCENARIOS_REPORT_DUMP_LOG_H_

#include <string>

#include "scenarios/report.h"

namespace norn::scenarios {

std::string DumpLogs(const Report& report);

}  // namespace norn::scenarios

#endif  // NORN_SCENARIOS_REPORT_DUMP_LOG_H_
