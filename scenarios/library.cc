#include "scenarios/library.h"

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "scenarios/text/nearest.h"

namespace norn::scenarios {

std::vector<std::string> LibraryNames() {
  std::vector<std::string> names;
  for (const LibraryText& text : LibraryTexts()) names.push_back(text.name);
  return names;
}

absl::StatusOr<std::unique_ptr<Script>> LoadLibrary(std::string_view name) {
  for (const LibraryText& text : LibraryTexts()) {
    if (text.name == name)
      return ParseScript(absl::StrCat("scenarios/library/", text.name, ".textproto"), text.text);
  }
  return absl::NotFoundError(absl::StrCat("no scenario is called '", std::string(name), "'",
                                          Remedy(name, LibraryNames(), "there are"),
                                          " (`norn list` shows them)"));
}

}  // namespace norn::scenarios
