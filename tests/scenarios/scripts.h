// A small language for tests of scenarios: text in, plan, report or mistakes out.
#ifndef NORN_TESTS_SCENARIOS_SCRIPTS_H_
#define NORN_TESTS_SCENARIOS_SCRIPTS_H_

#include <string>
#include <utility>
#include <vector>

#include "scenarios/run.h"
#include "scenarios/text/plan.h"
#include "scenarios/text/script.h"
#include "sim/check.h"

namespace norn::scenarios {

// REQUIRES: the text is a scenario. It is called "t.textproto".
inline Plan PlanOf(const std::string& text, const std::vector<std::string>& sets = {}) {
  auto script = ParseScript("t.textproto", text);
  NORN_CHECK(script.ok()) << script.status().ToString();
  for (const std::string& set : sets) {
    const absl::Status status = Override(set, **script);
    NORN_CHECK(status.ok()) << status.ToString();
  }
  auto plan = MakePlan(**script);
  NORN_CHECK(plan.ok()) << plan.status().ToString();
  return *std::move(plan);
}

inline Report RunText(const std::string& text, uint64_t seed = 1) {
  return scenarios::Run(PlanOf(text), {.seed = seed, .trace = true, .replay = ""});
}

// What is wrong with the text, or with what is set in it; empty if nothing is.
inline std::string MistakesIn(const std::string& text, const std::vector<std::string>& sets = {}) {
  auto script = ParseScript("t.textproto", text);
  if (!script.ok()) return std::string(script.status().message());
  for (const std::string& set : sets)
    if (const absl::Status status = Override(set, **script); !status.ok())
      return std::string(status.message());
  const auto plan = MakePlan(**script);
  return plan.ok() ? "" : std::string(plan.status().message());
}

// A cluster, a topic t and a producer p1, to which a test adds its own.
inline std::string With(const std::string& rest) {
  return "cluster { topics { name: \"t\" } }\nclients { name: \"p1\" property: \"linger.ms=0\" "
         "}\n" +
         rest;
}

}  // namespace norn::scenarios

#endif  // NORN_TESTS_SCENARIOS_SCRIPTS_H_
