// The run for programs: its account (scenarios/account/account.h), so that a recording of real
// Kafka can be laid beside it, and what else is known of it: every record with its outcome, the
// faults, the expectations. Times are milliseconds of the run's own clock. README.md explains the
// keys.
#ifndef NORN_SCENARIOS_REPORT_JSON_H_
#define NORN_SCENARIOS_REPORT_JSON_H_

#include <string>
#include <vector>

#include "scenarios/report.h"

namespace norn::scenarios {

// One object; of several runs an array of them. REQUIRES: the runs' wires were listened to.
std::string PrintJson(const std::vector<Report>& reports);

}  // namespace norn::scenarios

#endif  // NORN_SCENARIOS_REPORT_JSON_H_
