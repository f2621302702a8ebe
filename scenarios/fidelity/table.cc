#include "scenarios/fidelity/table.h"

#include <algorithm>
#include <set>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"

namespace norn::scenarios {

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
  absl::StrAppend(&text, "\n", cases.cases.size(), " cases, ",
                  std::count(agrees.begin(), agrees.end(), true), " agree\n");
  return text;
}

}  // namespace norn::scenarios
