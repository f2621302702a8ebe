// One line per record: what its producer was told of it, and where it is stored and how often.
//
//   record  key  partition  attempts  outcome  offset  stored
//   hello   -    topic1-0   1         OK       @0      topic1-0@0
//   late    -    topic1-0   0         FAILED   -       not stored   TimeoutException: Expiring 1
//   ...
#ifndef NORN_SCENARIOS_REPORT_RECORDS_H_
#define NORN_SCENARIOS_REPORT_RECORDS_H_

#include <cstddef>
#include <string>

#include "scenarios/report.h"

namespace norn::scenarios {

// Records beyond the first `most` are only counted. Ends with the expectations and the verdict.
std::string PrintRecords(const Report& report, size_t most = 40);

// The name of a record in a report: its label, or its number.
std::string NameOf(const RecordReport& record);

}  // namespace norn::scenarios

#endif  // NORN_SCENARIOS_REPORT_RECORDS_H_
