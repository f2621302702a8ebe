#include "scenarios/fidelity/table.h"

#include <algorithm>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"

namespace norn::scenarios {
namespace {

// "tests/model/cluster_test.cc:Name" as "Name (cluster_test)": the names are the readable part.
std::string Shown(std::string_view test) {
  const size_t colon = test.rfind(':');
  const size_t slash = test.rfind('/', colon);
  std::string_view file = test.substr(slash + 1, colon - slash - 1);
  file.remove_suffix(std::string_view(".cc").size());
  return absl::StrCat(std::string(test.substr(colon + 1)), " (", std::string(file), ")");
}

std::string PrintRules(const Cases& cases) {
  std::string text = "| rule | says | shown by |\n|---|---|---|\n";
  for (const Rule& rule : cases.behaviours.rules()) {
    std::vector<std::string> tests;
    for (const std::string& test : rule.shown_by()) tests.push_back(Shown(test));
    if (rule.has_not_shown()) tests.push_back(rule.not_shown());
    absl::StrAppend(&text, "| ", rule.item(), " | ", rule.says(), " | ", absl::StrJoin(tests, ", "),
                    " |\n");
  }
  return text;
}

}  // namespace

std::string PrintFidelityTable(const Cases& cases, const std::vector<bool>& agrees) {
  std::string text =
      "| rule | behaviour | modelled | tested in | laid beside recordings | agree |\n"
      "|---|---|---|---|---|---|\n";
  for (const Behaviour& behaviour : cases.behaviours.behaviours()) {
    std::set<std::string> numbers;
    std::set<std::string> versions;
    int64_t all = 0;
    int64_t agreeing = 0;
    for (size_t i = 0; i < cases.cases.size(); ++i) {
      const Case& one = cases.cases[i];
      if (std::find(one.behaviours.begin(), one.behaviours.end(), behaviour.item()) ==
          one.behaviours.end())
        continue;
      if (behaviour.has_flavours() &&
          behaviour.flavours().find(one.flavour[0]) == std::string::npos)
        continue;
      ++all;
      if (agrees[i]) ++agreeing;
      numbers.insert(one.number);
      versions.insert(one.version);
    }
    const std::string recordings =
        all == 0 ? "none"
                 : absl::StrCat(absl::StrJoin(numbers, ", "), ": ", absl::StrJoin(versions, ", "));
    absl::StrAppend(&text, "| ", behaviour.item(), " | ", behaviour.name(), " | ",
                    behaviour.modelled(), " | ",
                    behaviour.test().empty() ? "" : absl::StrCat("`", behaviour.test(), "`"), " | ",
                    recordings, " | ", all == 0 ? "" : absl::StrCat(agreeing, "/", all), " |\n");
  }
  absl::StrAppend(&text, "\n", PrintRules(cases), "\n", cases.cases.size(), " cases, ",
                  std::count(agrees.begin(), agrees.end(), true), " agree\n");
  return text;
}

}  // namespace norn::scenarios
