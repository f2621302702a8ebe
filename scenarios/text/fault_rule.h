// A fault of a scenario as the model takes it: a rule that waits at a cut point.
//
// Example:
//   faults { name: "lost ack" on { point: RESPONSE_SENT api: "Produce" nth: 2 } drop {} }
//   cluster.faults().Add(RuleOf(fault));
#ifndef NORN_SCENARIOS_TEXT_FAULT_RULE_H_
#define NORN_SCENARIOS_TEXT_FAULT_RULE_H_

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "model/faults.h"
#include "scenarios/scenario.pb.h"

namespace norn::scenarios {

// REQUIRES: `fault` has `on`; its api is one of ApiNames(), its durations are some.
model::FaultRule RuleOf(const Fault& fault);

// The requests that this model's clients send, and the one that is called so.
std::vector<std::string> ApiNames();
std::optional<model::Api> ApiCalled(std::string_view name);

}  // namespace norn::scenarios

#endif  // NORN_SCENARIOS_TEXT_FAULT_RULE_H_
