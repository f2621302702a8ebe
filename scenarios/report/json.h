// The run for programs. `facts` has the keys that recordings of real Kafka have, so that the two
// can be laid side by side:
//   requests   every batch that was sent: conn (numbered by first use), p (left out where 0 is the
//              only one), n records, seq and epoch (-1 without idempotence), bytes, act (what a
//              fault did to the frame, null: nothing)
//   answers    [error code, base offset] of each partition answered
//   acks       [label, error or null, status or null, offset or null] in the order of telling
//   flushes    [null or "TIMEOUT", records under way]
//   stored     the values in the log's order, one blank between; by partition where there are
//   several
// Times are milliseconds of the run's own clock.
#ifndef NORN_SCENARIOS_REPORT_JSON_H_
#define NORN_SCENARIOS_REPORT_JSON_H_

#include <string>
#include <vector>

#include "scenarios/report.h"

namespace norn::scenarios {

// One object; of several runs an array of them. REQUIRES: the runs were traced.
std::string PrintJson(const std::vector<Report>& reports);

}  // namespace norn::scenarios

#endif  // NORN_SCENARIOS_REPORT_JSON_H_
