// A fault of a scenario as the model takes it: a rule that waits at a cut point.
//
// Example:
//   faults { name: "lost ack" on { point: RESPONSE_SENT api: "Produce" nth: 2 } drop {} }
//   cluster.faults().Add(RuleOf(fault));
#ifndef NORN_SCENARIOS_TEXT_FAULT_RULE_H_
#define NORN_SCENARIOS_TEXT_FAULT_RULE_H_

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "model/error.h"
#include "model/faults.h"
#include "scenarios/scenario.pb.h"

namespace norn::scenarios {

// Whether a record of the run is called so.
using IsCalled = std::function<bool(model::RecordId id, std::string_view name)>;

// `is_called` is asked if the fault names a record, and outlives the rule.
// REQUIRES: `fault` has `on`; its api is one of ApiNames(), its durations and errors are some.
model::FaultRule RuleOf(const Fault& fault, IsCalled is_called = nullptr);

// The requests that this model's clients send, and the one that is called so.
std::vector<std::string> ApiNames();
std::optional<model::Api> ApiCalled(std::string_view name);

// Kafka's errors, by the names of their codes.
std::vector<std::string> ErrorNames();
std::optional<model::Error> ErrorCalled(std::string_view name);

}  // namespace norn::scenarios

#endif  // NORN_SCENARIOS_TEXT_FAULT_RULE_H_
