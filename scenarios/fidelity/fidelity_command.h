// norn fidelity: lays Norn beside recordings of real Kafka and prints how far they agree.
#ifndef NORN_SCENARIOS_FIDELITY_FIDELITY_COMMAND_H_
#define NORN_SCENARIOS_FIDELITY_FIDELITY_COMMAND_H_

#include <ostream>
#include <string>
#include <vector>

namespace norn::scenarios {

// The words behind `norn fidelity`. Returns the exit status: 0 all agree, 1 one does not, 2 the
// input is wrong.
int FidelityCommand(const std::vector<std::string>& arguments, std::ostream& out,
                    std::ostream& err);

std::string DescribeFidelity();

}  // namespace norn::scenarios

#endif  // NORN_SCENARIOS_FIDELITY_FIDELITY_COMMAND_H_
