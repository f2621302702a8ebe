// The run as a lesson: a process table (what was done, what could be seen, what came of it) and a
// status tracker (where the message is after each step: in the lesson's words, and as it truly is).
#ifndef NORN_SCENARIOS_REPORT_TABLE_H_
#define NORN_SCENARIOS_REPORT_TABLE_H_

#include <string>

#include "scenarios/report.h"

namespace norn::scenarios {

// REQUIRES: the run was traced.
std::string PrintTable(const Report& report);

}  // namespace norn::scenarios

#endif  // NORN_SCENARIOS_REPORT_TABLE_H_
