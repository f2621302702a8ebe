// The run as it went: one line for each thing that happened.
#ifndef NORN_SCENARIOS_REPORT_LINES_H_
#define NORN_SCENARIOS_REPORT_LINES_H_

#include <string>

#include "scenarios/report.h"

namespace norn::scenarios {

// With `all`, also a line for each event of the simulation (a timer, bytes that arrive), with its
// number and that of the event that caused it. REQUIRES: the run was traced.
std::string PrintLines(const Report& report, bool all);

}  // namespace norn::scenarios

#endif  // NORN_SCENARIOS_REPORT_LINES_H_
