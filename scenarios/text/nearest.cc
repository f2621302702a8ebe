#include "scenarios/text/nearest.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "model/config/nearest_key.h"

namespace norn::scenarios {
namespace {

constexpr size_t kMostNames = 20;

}  // namespace

std::string Nearest(std::string_view word, const std::vector<std::string>& names) {
  const std::vector<std::string_view> views(names.begin(), names.end());
  return std::string(model::NearestKey(word, views));
}

std::string Remedy(std::string_view word, const std::vector<std::string>& names,
                   std::string_view there_are) {
  const std::string near = Nearest(word, names);
  if (!near.empty()) return absl::StrCat("; did you mean '", near, "'?");
  return absl::StrCat("; ", std::string(there_are), ": ", absl::StrJoin(names, ", "));
}

std::string ThereAre(const std::vector<std::string>& names, std::string_view there_are) {
  if (names.empty()) return "; there are none";
  const size_t shown = std::min(names.size(), kMostNames);
  return absl::StrCat("; ", std::string(there_are), ": ",
                      absl::StrJoin(names.begin(), names.begin() + static_cast<long>(shown), ", "),
                      shown < names.size() ? ", ..." : "");
}

}  // namespace norn::scenarios
