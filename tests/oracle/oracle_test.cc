// Lays Norn beside one recording of real Kafka (its number is the first argument), over 200 seeds,
// or as many as the environment's NORN_ORACLE_SEEDS says where each costs more:
// every case of it that agreed before, as its agreed.txt says, agrees still. To see what differs:
//   ./norn fidelity 13 --verbose
#include <cstdlib>
#include <iostream>
#include <sstream>
#include <string>

#include "gtest/gtest.h"
#include "scenarios/fidelity/fidelity_command.h"

namespace norn::scenarios {
namespace {

std::string number;

TEST(Oracle, WhatAgreedAgreesStill) {
  std::ostringstream out;
  std::ostringstream err;
  const char* asked = std::getenv("NORN_ORACLE_SEEDS");
  const std::string seeds = std::string("--seeds=") + (asked == nullptr ? "200" : asked);
  const int status = FidelityCommand({number, "--check", "--jobs=1", seeds}, out, err);
  EXPECT_EQ(status, 0) << out.str() << err.str();
  std::cout << out.str();
}

}  // namespace
}  // namespace norn::scenarios

int main(int argc, char** argv) {
  ::testing::InitGoogleTest(&argc, argv);
  if (argc != 2) {
    std::cerr << "which recording? say its number, as in: oracle_test 13\n";
    return 2;
  }
  norn::scenarios::number = argv[1];
  return RUN_ALL_TESTS();
}
