// The fidelity table: behaviour by behaviour, how it is modelled, what tests it, which recordings
// of the real thing it was laid beside, and how many of them agree. Markdown, as README.md has it.
#ifndef NORN_SCENARIOS_FIDELITY_TABLE_H_
#define NORN_SCENARIOS_FIDELITY_TABLE_H_

#include <string>
#include <vector>

#include "scenarios/fidelity/case.h"

namespace norn::scenarios {

// `agrees`: of each case. Ends with "N cases, M agree".
std::string PrintFidelityTable(const Cases& cases, const std::vector<bool>& agrees);

}  // namespace norn::scenarios

#endif  // NORN_SCENARIOS_FIDELITY_TABLE_H_
