#include "scenarios/text/plan.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "scenarios/text/checks.h"

namespace norn::scenarios {
namespace {

constexpr std::string_view kSuffix = ".textproto";

// "library/hello_kafka.textproto" -> "hello_kafka".
std::string NameOfFile(std::string_view file) {
  const size_t slash = file.rfind('/');
  if (slash != std::string_view::npos) file.remove_prefix(slash + 1);
  if (file.size() > kSuffix.size() && file.substr(file.size() - kSuffix.size()) == kSuffix)
    file.remove_suffix(kSuffix.size());
  return std::string(file);
}

bool IsName(std::string_view name) {
  if (name.empty()) return false;
  for (const char c : name)
    if (!(c >= 'a' && c <= 'z') && !(c >= '0' && c <= '9') && c != '_') return false;
  return true;
}

}  // namespace

absl::StatusOr<Plan> MakePlan(const Script& script) {
  Plan plan;
  plan.story = StoryOf(script.source.text);
  plan.scenario = script.scenario;
  Scenario& scenario = plan.scenario;
  Diagnosis diagnosis;
  const Place place(script.source);

  plan.name = scenario.has_name() ? scenario.name() : NameOfFile(script.source.file);
  if (scenario.has_name() && !IsName(plan.name)) {
    diagnosis.Add(place.In("name"), absl::StrCat("'", plan.name,
                                                 "' is no name: take lower-case letters, digits "
                                                 "and underscores"));
  }

  Names names(scenario, diagnosis);
  CheckCluster(place, scenario, names, plan);
  CheckClients(place, script, names, plan);
  CheckClocks(place, scenario, names, plan);
  CheckWorkloads(place, names, scenario);
  // Before the steps, which arm them by name.
  CheckFaults(place, names, scenario);
  CheckSteps(place, names, scenario);
  CheckFaultRecords(place, names, scenario);
  for (int i = 0; i < scenario.expect_size(); ++i) {
    CheckExpectation(place.In("expect", i), names, *scenario.mutable_expect(i));
    CheckSometimes(place.In("expect", i), names, scenario.expect(i), true);
  }
  if (scenario.has_run_for()) names.CheckDuration(place.In("run_for"), scenario.run_for());
  if (scenario.steps_size() == 0 && scenario.workloads_size() == 0)
    diagnosis.Add(place, "nothing happens; add a step, as in steps { wait { duration: \"1s\" } }");
  if (!diagnosis.ok()) return diagnosis.status();
  return plan;
}

}  // namespace norn::scenarios
