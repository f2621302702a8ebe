#include "scenarios/report/sometimes.h"

#include <algorithm>

#include "absl/strings/str_cat.h"

namespace norn::scenarios {

void Sometimes::Add(const Report& report) {
  for (const ExpectationReport& expectation : report.expectations) {
    if (expectation.when == ExpectationReport::When::kAlways) continue;
    auto sought = std::find_if(sought_.begin(), sought_.end(), [&](const Sought& known) {
      return known.what.expected == expectation.expected && known.what.when == expectation.when;
    });
    if (sought == sought_.end()) {
      sought_.emplace_back();
      sought = sought_.end() - 1;
      sought->what = expectation;
      sought->scenario = report.scenario;
    }
    ++sought->seeds;
    if (!expectation.found()) continue;
    if (sought->found == 0) {
      sought->what.happened = expectation.happened;
      sought->replay = report.replay;
    }
    ++sought->found;
  }
}

std::string Sometimes::Print() const {
  std::string text;
  for (const Sought& sought : sought_) {
    const bool broken = sought.what.when == ExpectationReport::When::kSometimesNot;
    const char* word = sought.found > 0 ? "FOUND" : sought.missing() ? "MISSING" : "unseen";
    absl::StrAppend(&text, word, " ", sought.scenario, " in ", sought.found, " of ", sought.seeds,
                    sought.seeds == 1 ? " seed" : " seeds", ": ", broken ? "not: " : "",
                    sought.what.expected, "\n");
    if (sought.found == 0) continue;
    absl::StrAppend(&text, "  first:    ", sought.what.happened, "\n");
    if (!sought.replay.empty()) absl::StrAppend(&text, "  replay:   ", sought.replay, "\n");
  }
  return text;
}

int64_t Sometimes::missing() const {
  return std::count_if(sought_.begin(), sought_.end(),
                       [](const Sought& sought) { return sought.missing(); });
}

}  // namespace norn::scenarios
