// README.md's fidelity table is what `norn fidelity` prints for the cases that tests hold Norn to
// (the agreed.txt files of tests/oracle/cases). To mend it: ./norn fidelity --claimed
#include <fstream>
#include <iterator>
#include <sstream>
#include <string>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "scenarios/fidelity/fidelity_command.h"

namespace norn::scenarios {
namespace {

TEST(Readme, FidelityTableIsWhatNornSays) {
  std::ostringstream out;
  std::ostringstream err;
  ASSERT_EQ(FidelityCommand({"--claimed"}, out, err), 0) << err.str();
  std::ifstream in("README.md");
  const std::string readme(std::istreambuf_iterator<char>(in), {});
  EXPECT_THAT(readme, testing::HasSubstr("\n" + out.str()))
      << "replace the table by what ./norn fidelity --claimed prints";
}

}  // namespace
}  // namespace norn::scenarios
