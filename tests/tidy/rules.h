// What Norn's code does not do, because a run would no longer follow from its seed, because a
// compiler or a lifetime would bite, or because a room would know what it must not. Each finding
// says why, what to write instead, and how to keep the line if it is right after all.
//
// The rules look at words and brackets, not at types: they find the mistake as people write it, not
// every disguise.
//
//   for (const Finding& f : Check({"sim/x.cc", "auto now = absl::Now();\n"})) std::cout <<
//   f.ToString() << "\n";
//   // sim/x.cc:1: absl::Now: this reads the machine's clock, ... (wall-clock)
//
// A line is excused by `// norn-tidy: allow(RULE) REASON` at its end or alone on the line above;
// without a reason it excuses nothing.
#ifndef NORN_TESTS_TIDY_RULES_H_
#define NORN_TESTS_TIDY_RULES_H_

#include <string>
#include <string_view>
#include <vector>

namespace norn::tidy {

struct File {
  std::string path;  // from the repository's root: "sim/time.h"
  std::string text;
  // The text of the header of the same name, for a .cc: members are declared there and used here.
  std::string header = {};
};

struct Finding {
  std::string path;
  int line;
  std::string rule;
  std::string text;  // what was found, why it is wrong, what to do

  // "path:line: text (rule)", and how to excuse it.
  std::string ToString() const;
};

// What each rule is called, in the order they are applied.
std::vector<std::string> RuleNames();

// All that is wrong in the file, by line.
std::vector<Finding> Check(const File& file);

}  // namespace norn::tidy

#endif  // NORN_TESTS_TIDY_RULES_H_
