// Runs failing_tests.cc, as a person would, and reads what it says.
#include <sys/wait.h>

#include <cstdio>
#include <string>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace norn {
namespace {

using ::testing::AllOf;
using ::testing::ContainsRegex;
using ::testing::EndsWith;
using ::testing::HasSubstr;
using ::testing::Not;

constexpr char kProgram[] = "tests/support_test/failing_tests";

struct Ran {
  int exit = -1;  // -1: it was killed by a signal
  std::string said;
};

// `setting` is put into the environment, from which all that Bazel set is taken.
Ran RunProgram(const std::string& arguments, const std::string& setting = "") {
  const std::string command =
      "exec env -u TEST_TARGET -u XML_OUTPUT_FILE -u TESTBRIDGE_TEST_ONLY -u TEST_SHARD_INDEX "
      "-u TEST_TOTAL_SHARDS -u TEST_SHARD_STATUS_FILE -u TEST_PREMATURE_EXIT_FILE " +
      setting + " " + kProgram + " --gtest_color=no " + arguments + " 2>&1";
  Ran ran;
  std::FILE* pipe = popen(command.c_str(), "r");
  if (pipe == nullptr) {
    ADD_FAILURE() << "cannot run " << command;
    return ran;
  }
  char buffer[4096];
  for (size_t n = 0; (n = std::fread(buffer, 1, sizeof(buffer), pipe)) > 0;)
    ran.said.append(buffer, n);
  const int status = pclose(pipe);
  if (WIFEXITED(status) && WEXITSTATUS(status) < 128) ran.exit = WEXITSTATUS(status);
  return ran;
}

Ran RunTest(const std::string& test, const std::string& flags = "") {
  return RunProgram("--gtest_filter=" + test + " " + flags);
}

// The line that a person copies, of the test and seed.
std::string Replay(const std::string& test, const std::string& seed) {
  return "replay:  " + std::string(kProgram) + " --gtest_filter=" + test + " --norn_seed=" + seed +
         "\n";
}

// What stands between the two texts.
std::string Between(const std::string& text, const std::string& begin, const std::string& end) {
  const size_t from = text.find(begin);
  if (from == std::string::npos) return "";
  return text.substr(from, text.find(end, from) - from);
}

TEST(NornMain, PassesWhatPasses) {
  const Ran ran = RunTest("Pass.*");
  EXPECT_EQ(ran.exit, 0);
  EXPECT_THAT(ran.said, Not(HasSubstr("seed")));
}

TEST(NornMain, SaysWhichSeedFailedAndHowToReplay) {
  const Ran ran = RunTest("Fail.FromTheThirdSeed");
  EXPECT_EQ(ran.exit, 1);
  EXPECT_THAT(ran.said, HasSubstr("seed 3 fails (seeds 1 to 2 pass, later ones were not tried)\n"));
  EXPECT_THAT(ran.said, HasSubstr(Replay("Fail.FromTheThirdSeed", "3")));
  // Said once, though there was a third run for the trace.
  EXPECT_EQ(ran.said.find("the first failure"), ran.said.rfind("the first failure"));
}

TEST(NornMain, ShowsWhatHappenedBeforeTheFirstFailure) {
  const Ran ran = RunTest("Fail.FromTheThirdSeed");
  // The body runs on for 1000 s after it.
  EXPECT_THAT(ran.said, ContainsRegex("what happened last in cluster 1, until T\\+[0-9.]+ms:\n"));
  EXPECT_THAT(ran.said, HasSubstr("batch acknowledged batch=0 partition=0 records=1\nreplay:"));
}

TEST(NornMain, ReplaysOneSeed) {
  const Ran third = RunTest("Fail.FromTheThirdSeed", "--norn_seed=3");
  EXPECT_EQ(third.exit, 1);
  EXPECT_THAT(third.said, HasSubstr("\nseed 3 fails\n"));
  EXPECT_EQ(RunTest("Fail.FromTheThirdSeed", "--norn_seed=2").exit, 0);
  EXPECT_EQ(RunTest("Fail.FromTheThirdSeed", "--norn_seed 2").exit, 0);
  EXPECT_EQ(RunTest("Fail.FromTheThirdSeed", "--norn_seed=0").exit, 0);
}

TEST(NornMain, RunsAsManySeedsAsAsked) {
  EXPECT_EQ(RunTest("Fail.FromTheThirdSeed", "--norn_seeds=2").exit, 0);
  EXPECT_EQ(RunTest("Fail.FromTheThirdSeed", "--norn_seeds=3").exit, 1);
}

TEST(NornMain, ShowsAsMuchTraceAsAsked) {
  const Ran ran = RunTest("Fail.FromTheThirdSeed", "--norn_trace=1");
  EXPECT_THAT(Between(ran.said, "what happened last", "replay:"),
              ContainsRegex("^what happened last in cluster 1, until T\\+[0-9.]+ms:\n"
                            "    [^\n]*batch acknowledged batch=0 partition=0 records=1\n$"));
  // More than a ring holds.
  const Ran all = RunTest("Fail.FromTheThirdSeed", "--norn_trace=100000");
  EXPECT_THAT(all.said, ContainsRegex("started life=1 b1\n"));
}

TEST(NornMain, ReplaysThroughBazelWhatBazelRan) {
  const Ran ran = RunProgram("--gtest_filter=Fail.FromTheThirdSeed",
                             "TEST_TARGET=//tests/support_test:failing_tests");
  EXPECT_THAT(ran.said,
              HasSubstr("replay:  bazel test //tests/support_test:failing_tests "
                        "--test_output=errors --test_arg=--gtest_filter=Fail.FromTheThirdSeed "
                        "--test_arg=--norn_seed=3\n"
                        "    or:  bazel-bin/tests/support_test/failing_tests "
                        "--gtest_filter=Fail.FromTheThirdSeed --norn_seed=3\n"));
}

TEST(NornMain, ReplaysABodyThatThrows) {
  const Ran ran = RunTest("Fail.WithAnException");
  EXPECT_EQ(ran.exit, 1);
  EXPECT_THAT(ran.said, HasSubstr("the body threw: thrown by the body"));
  EXPECT_THAT(ran.said, HasSubstr(Replay("Fail.WithAnException", "1")));
}

TEST(NornMain, NamesTheFirstEventThatDiffers) {
  const Ran ran = RunTest("Differ.InAnEvent");
  EXPECT_EQ(ran.exit, 1);
  EXPECT_THAT(ran.said, HasSubstr("two runs of seed 1 differ:\n"
                                  "    first run : simulation 1: run digest "));
  // Ten bells, one event that schedules another, and that one differs.
  EXPECT_THAT(ran.said,
              ContainsRegex("they differ first in entry 11 of the trace:\n"
                            "    first run : T\\+1\\.[0-9]+s #12 bell \\(because of #11\\)\n"
                            "    second run: T\\+1\\.[0-9]+s #12 bell \\(because of #11\\)\n"
                            "  before it, in both:\n"
                            "    T\\+6\\.000ms #7 bell\n"));
  EXPECT_THAT(ran.said, HasSubstr(Replay("Differ.InAnEvent", "1")));
}

TEST(NornMain, SeesContentsThatDifferWhileNoEventDoes) {
  const Ran ran = RunTest("Differ.InAValue");
  EXPECT_EQ(ran.exit, 1);
  EXPECT_THAT(
      ran.said,
      ContainsRegex("All events of cluster 1 are equal, but\n"
                    "    in one run    p1 sent r0 to topic1, key null, value \"10000[0-9]\""));
}

TEST(NornMain, SeesAnotherNumberOfWorlds) {
  const Ran ran = RunTest("Differ.InTheNumberOfWorlds");
  EXPECT_EQ(ran.exit, 1);
  EXPECT_THAT(ran.said, HasSubstr("    first run : nothing was started\n"
                                  "    second run: simulation 1: run digest "));
  EXPECT_THAT(ran.said, ContainsRegex("One more run started [01] worlds, another [01]\\.\n"));
}

TEST(NornMain, SeesASecondRunThatFails) {
  const Ran ran = RunTest("Differ.InWhetherTheyFail");
  EXPECT_EQ(ran.exit, 1);
  EXPECT_THAT(ran.said, HasSubstr("the first passes, the second fails:\n"));
  EXPECT_THAT(ran.said, HasSubstr("an even run"));
}

TEST(NornMain, ReplaysFailedChecks) {
  const Ran swept = RunTest("Check.InsideAnEvent");
  EXPECT_EQ(swept.exit, -1);
  EXPECT_THAT(swept.said, AllOf(HasSubstr("NORN_CHECK failed: 1 + 1 == 3"),
                                EndsWith("  replay: " + std::string(kProgram) +
                                         " --gtest_filter=Check.InsideAnEvent --norn_seed=1\n")));
  // The replay keeps what led to it.
  const Ran replayed = RunTest("Check.InsideAnEvent", "--norn_seed=4");
  EXPECT_THAT(replayed.said, HasSubstr("  seed 4, T+5.000ms, event #1"));
  EXPECT_THAT(replayed.said, HasSubstr("  because of:\n    T+5.000ms #1 bell\n"));
}

TEST(NornMain, ReplaysFailedChecksOutsideOfEvents) {
  const Ran ran = RunTest("Check.OutsideOfEvents");
  EXPECT_EQ(ran.exit, -1);
  EXPECT_THAT(ran.said, HasSubstr("  seed 1, outside of events\n"));
  EXPECT_THAT(ran.said, EndsWith("  replay: " + std::string(kProgram) +
                                 " --gtest_filter=Check.OutsideOfEvents --norn_seed=1\n"));
}

TEST(NornMain, ExplainsATestThatRunsOnce) {
  const Ran ran = RunTest("ClusterTest.FailsOnce");
  EXPECT_EQ(ran.exit, 1);
  EXPECT_THAT(ran.said, HasSubstr("\nseed 1 fails\nwhat happened last in cluster 1, until T+"));
  EXPECT_THAT(ran.said, HasSubstr("batch acknowledged batch=0 partition=0 records=1\n" +
                                  Replay("ClusterTest.FailsOnce", "1")));
  EXPECT_THAT(RunTest("ClusterTest.FailsOnce", "--norn_seed=8812").said,
              HasSubstr(Replay("ClusterTest.FailsOnce", "8812")));
}

TEST(NornMain, PrintsEqualDigestsInTwoProcesses) {
  const std::string line = "Pass.Always seed 2 simulation 1: run digest ";
  const Ran one = RunTest("Pass.Always", "--norn_digests");
  const Ran other = RunTest("Pass.Always", "--norn_digests");
  EXPECT_THAT(one.said, HasSubstr(line));
  EXPECT_EQ(Between(one.said, line, "\n"), Between(other.said, line, "\n"));
}

TEST(NornMain, RejectsWhatItDoesNotKnow) {
  const Ran unknown = RunProgram("--norn_sed=3");
  EXPECT_EQ(unknown.exit, 2);
  EXPECT_THAT(unknown.said, HasSubstr("There is no flag --norn_sed=3."));
  EXPECT_THAT(unknown.said, HasSubstr("--norn_seed=N"));
  // GoogleTest itself would run nothing and pass.
  const Ran misspelt = RunProgram("--gtest_filtre=Pass.*");
  EXPECT_EQ(misspelt.exit, 2);
  EXPECT_THAT(misspelt.said, HasSubstr("There is no flag --gtest_filtre=Pass.*."));
  EXPECT_EQ(RunProgram("Pass.Always").exit, 2);
  EXPECT_EQ(RunProgram("--nonorn_seed").exit, 2);
}

TEST(NornMain, RejectsValuesThatAreNone) {
  for (const char* flag : {"--norn_seed=x", "--norn_seed=-1", "--norn_seeds=0",
                           "--norn_seeds=", "--norn_digests=maybe", "--norn_trace"}) {
    EXPECT_EQ(RunProgram(flag).exit, 2) << flag;
  }
}

TEST(NornMain, Helps) {
  const Ran ran = RunProgram("--help");
  EXPECT_EQ(ran.exit, 0);
  EXPECT_THAT(ran.said, AllOf(HasSubstr("--norn_seeds=N"), HasSubstr("--gtest_filter")));
}

}  // namespace
}  // namespace norn
