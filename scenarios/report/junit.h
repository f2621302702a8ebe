// The runs as continuous integration reads them: JUnit's XML, one test case per scenario and seed.
#ifndef NORN_SCENARIOS_REPORT_JUNIT_H_
#define NORN_SCENARIOS_REPORT_JUNIT_H_

#include <string>
#include <string_view>
#include <vector>

#include "scenarios/report.h"

namespace norn::scenarios {

// A case's time is that of the run's own clock: what it took is no property of the scenario.
std::string PrintJunit(const std::vector<Report>& reports);

// Text as it stands in an attribute or between tags; what XML cannot hold becomes '?'.
std::string XmlEscape(std::string_view text);

}  // namespace norn::scenarios

#endif  // NORN_SCENARIOS_REPORT_JUNIT_H_
