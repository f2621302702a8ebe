// How a message about a wrong name goes on: with what was probably meant, or with what there is.
//
// Example:
//   Remedy("snd", {"send", "flush"}, "its fields are")   // "; did you mean 'send'?"
//   Remedy("x", {"send", "flush"}, "its fields are")     // "; its fields are: send, flush"
//   ThereAre({"p1"}, "clients are")                      // "; clients are: p1"
#ifndef NORN_SCENARIOS_TEXT_NEAREST_H_
#define NORN_SCENARIOS_TEXT_NEAREST_H_

#include <string>
#include <string_view>
#include <vector>

namespace norn::scenarios {

// The one of `names` that is a slip of the fingers away; empty if none is.
std::string Nearest(std::string_view word, const std::vector<std::string>& names);

// For words of the language, of which there are many.
std::string Remedy(std::string_view word, const std::vector<std::string>& names,
                   std::string_view there_are);

// For names that the scenario itself gave. "; there are none" if there are none.
std::string ThereAre(const std::vector<std::string>& names, std::string_view there_are);

}  // namespace norn::scenarios

#endif  // NORN_SCENARIOS_TEXT_NEAREST_H_
