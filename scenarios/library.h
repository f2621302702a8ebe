// The scenarios that come with Norn, built into the program.
//
// Example:
//   for (const LibraryText& text : LibraryTexts()) std::cout << text.name << "\n";
//   auto script = LoadLibrary("hello_kafka");
#ifndef NORN_SCENARIOS_LIBRARY_H_
#define NORN_SCENARIOS_LIBRARY_H_

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "scenarios/text/script.h"

namespace norn::scenarios {

struct LibraryText {
  std::string name;
  std::string text;
};

// In the order of their names.
const std::vector<LibraryText>& LibraryTexts();
std::vector<std::string> LibraryNames();

// An error that names the nearest one, if none is called so.
absl::StatusOr<std::unique_ptr<Script>> LoadLibrary(std::string_view name);

}  // namespace norn::scenarios

#endif  // NORN_SCENARIOS_LIBRARY_H_
