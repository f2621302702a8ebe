// Runs a scenario: the plan and a seed give a report, always the same one.
//
// Nothing but the plan and the seed decides what happens; whether the run is traced does not. No
// file is read, no flag, no clock.
//
// Example:
//   absl::StatusOr<Plan> plan = MakePlan(**ParseScript("crash.textproto", text));
//   Report report = Run(*plan, {.seed = 7});
//   report.passed();                      // did every expectation hold?
#ifndef NORN_SCENARIOS_RUN_H_
#define NORN_SCENARIOS_RUN_H_

#include <cstdint>
#include <string>

#include "scenarios/report.h"
#include "scenarios/text/plan.h"

namespace norn::scenarios {

struct RunOptions {
  uint64_t seed = 1;
  // Keeps what happened, for Report's events and for the status of its steps.
  bool trace = false;
  // Keeps what went over the wires, for Report's frames and connects. A trace brings it along.
  bool wire = false;
  // Reads every replica's log, for Report's replicas.
  bool replicas = false;
  std::string replay =
      {};  // the command that runs it again; said in the report, and when a check fails
};

Report Run(const Plan& plan, const RunOptions& options);

}  // namespace norn::scenarios

#endif  // NORN_SCENARIOS_RUN_H_
