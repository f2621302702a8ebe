// The command line of norn: `norn run NAME|FILE|DIR`, `norn list`, `norn help`.
//
// Everything that is given is looked at before anything runs, and a run that fails to begin prints
// nothing on standard output.
//
// Example:
//   return Command({"run", "hello_kafka", "--seed=7"}, std::cout, std::cerr);
#ifndef NORN_SCENARIOS_COMMAND_H_
#define NORN_SCENARIOS_COMMAND_H_

#include <ostream>
#include <string>
#include <vector>

namespace norn::scenarios {

inline constexpr int kPassed = 0;
inline constexpr int kFailed = 1;    // an expectation does not hold
inline constexpr int kBadInput = 2;  // said on `err`, with what would be right

// `arguments` are those after the program's own name. Returns the exit status.
int Command(const std::vector<std::string>& arguments, std::ostream& out, std::ostream& err);

}  // namespace norn::scenarios

#endif  // NORN_SCENARIOS_COMMAND_H_
