// One thing that real clients were seen doing: a scenario that does the same, and what came of it.
//
// Cases lie in folders, one per recording (tests/oracle/README.md). A case is called by its number,
// variant and flavour: "13-NOT_LEADER-J".
//
// Example:
//   auto cases = LoadCases("tests/oracle");
//   for (const Case& one : cases->cases) Verdict verdict = Compare(one, 200);
#ifndef NORN_SCENARIOS_FIDELITY_CASE_H_
#define NORN_SCENARIOS_FIDELITY_CASE_H_

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "scenarios/account/value.h"
#include "scenarios/fidelity/case_book.pb.h"
#include "scenarios/text/plan.h"

namespace norn::scenarios {

struct Case {
  std::string name;
  std::string number;   // "13"
  std::string flavour;  // "J"
  std::string about;
  std::string version;  // of the client that was recorded: "kafka-clients 4.1.1"
  std::string folder;
  std::vector<std::string> behaviours;
  // By key of the recording; what has no expression is not compared.
  std::map<std::string, std::string> looks;

  struct Outcome {
    int64_t count = 0;  // runs that ended so
    Value facts;
    Value ranges;
  };
  std::vector<Outcome> outcomes;
  // Of a recording that keeps its runs: ranges that are times, whatever their name; and facts that
  // are compared by themselves, with what runs had of them and how many.
  std::set<std::string> times;
  struct Bounds {
    std::optional<double> least;
    std::optional<double> most;
  };
  std::map<std::string, Bounds> bounds;
  std::map<std::string, std::map<Value, int64_t>> alone;
  // Of tests: that it agrees was found before, and must stay so.
  bool agreed = false;

  std::optional<Plan> plan;
  std::string cannot_run;  // why there is no plan
};

struct Cases {
  std::vector<Case> cases;
  Behaviours behaviours;
};

// What cannot run is among them, with the reason. `number`: only of that recording; empty: all.
absl::StatusOr<Cases> LoadCases(const std::string& directory, const std::string& number = "");

}  // namespace norn::scenarios

#endif  // NORN_SCENARIOS_FIDELITY_CASE_H_
