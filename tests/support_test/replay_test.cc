#include "tests/support/replay.h"

#include "gtest/gtest.h"

namespace norn::support_internal {
namespace {

TEST(Replay, IsOneCommand) {
  EXPECT_EQ(ReplayCommand({"./outage_test", ""}, "Outage.AcksSurvive", 8812),
            "./outage_test --gtest_filter=Outage.AcksSurvive --norn_seed=8812");
  EXPECT_EQ(ReplayText({"./outage_test", ""}, "Outage.AcksSurvive", 8812),
            "replay:  ./outage_test --gtest_filter=Outage.AcksSurvive --norn_seed=8812\n");
}

// Bazel runs a test in a directory that is gone afterwards: its own path would be of no use.
TEST(Replay, OfABazelTestGoesThroughBazel) {
  const TestProgram program{"/sandbox/outage_test", "//tests/outage:outage_test"};
  EXPECT_EQ(ReplayText(program, "Outage.AcksSurvive", 8812),
            "replay:  bazel test //tests/outage:outage_test --test_output=errors "
            "--test_arg=--gtest_filter=Outage.AcksSurvive --test_arg=--norn_seed=8812\n"
            "    or:  bazel-bin/tests/outage/outage_test --gtest_filter=Outage.AcksSurvive "
            "--norn_seed=8812\n");
  EXPECT_EQ(ReplayCommand(program, "Outage.AcksSurvive", 8812),
            "bazel test //tests/outage:outage_test --test_output=errors "
            "--test_arg=--gtest_filter=Outage.AcksSurvive --test_arg=--norn_seed=8812");
}

TEST(Replay, SaysWhenTheProgramDoesNotReadItsFlags) {
  EXPECT_EQ(ReplayText({}, "Outage.AcksSurvive", 3),
            "This program's main() does not read Norn's flags: leave out gtest_main, or call "
            "norn::InitTests in its place. Then\n"
            "replay:  TEST_PROGRAM --gtest_filter=Outage.AcksSurvive --norn_seed=3\n");
}

TEST(Replay, KnowsTheTestThatRuns) { EXPECT_EQ(CurrentTest(), "Replay.KnowsTheTestThatRuns"); }

}  // namespace
}  // namespace norn::support_internal
