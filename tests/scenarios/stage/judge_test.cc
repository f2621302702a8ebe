#include "scenarios/stage/judge.h"

#include <string>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/scenarios/scripts.h"

namespace norn::scenarios {
namespace {

using ::testing::HasSubstr;
using ::testing::StartsWith;

// The verdict on one expectation after `steps`.
ExpectationReport VerdictOn(const std::string& steps, const std::string& expectation) {
  const Report report = RunText(With(steps + "\nexpect { " + expectation + " }"));
  return report.expectations.back();
}

constexpr char kTwoSent[] =
    "steps { send { label: \"a\" value: \"x\" } } steps { send { label: \"b\" value: \"y\" } } "
    "steps { flush {} }";

TEST(Judge, Outcomes) {
  EXPECT_TRUE(
      VerdictOn(kTwoSent, "outcome { send: \"a\" is: OK attempts: 1 not_after: \"1s\" }").holds);
  EXPECT_TRUE(VerdictOn(kTwoSent, "outcome { is: OK is: UNKNOWN }").holds);
  const ExpectationReport verdict = VerdictOn(kTwoSent, "outcome { send: \"b\" is: FAILED }");
  EXPECT_FALSE(verdict.holds);
  EXPECT_EQ(verdict.expected, "b is FAILED");
  EXPECT_THAT(verdict.happened, StartsWith("b is OK after "));
  EXPECT_THAT(VerdictOn(kTwoSent, "outcome { is: FAILED }").happened,
              HasSubstr("(2 of 2 are not so)"));
  EXPECT_FALSE(VerdictOn(kTwoSent, "outcome { send: \"a\" not_before: \"1s\" }").holds);
  EXPECT_FALSE(VerdictOn(kTwoSent, "outcome { send: \"a\" attempts: 2 }").holds);
  EXPECT_FALSE(VerdictOn(kTwoSent, "outcome { send: \"a\" error: \"TimeoutException\" }").holds);
}

// An expectation about nothing must not hold.
TEST(Judge, AboutNothingNothingHolds) {
  const char* steps = "steps { exit {} } steps { send { label: \"a\" value: \"x\" } }";
  for (const char* expectation : {"outcome { send: \"a\" is: OK }", "all_stored {}"}) {
    const ExpectationReport verdict = VerdictOn(steps, expectation);
    EXPECT_FALSE(verdict.holds);
    EXPECT_EQ(verdict.happened, "nothing was sent");
  }
}

TEST(Judge, WhatIsStored) {
  EXPECT_TRUE(VerdictOn(kTwoSent, "stored { value: \"x\" value: \"y\" }").holds);
  EXPECT_TRUE(VerdictOn(kTwoSent, "stored { count: 2 }").holds);
  const ExpectationReport verdict = VerdictOn(kTwoSent, "stored { value: \"y\" value: \"x\" }");
  EXPECT_FALSE(verdict.holds);
  EXPECT_EQ(verdict.expected, "t-0 holds \"y\", \"x\"");
  EXPECT_EQ(verdict.happened, "t-0 holds \"x\", \"y\"");
  EXPECT_EQ(VerdictOn(kTwoSent, "stored { nothing: true }").expected, "t-0 holds nothing");
  EXPECT_FALSE(VerdictOn(kTwoSent, "stored { nothing: true }").holds);
  EXPECT_EQ(VerdictOn(kTwoSent, "stored { count: 1 }").happened, "t-0 holds 2 records");
  EXPECT_TRUE(
      VerdictOn("steps { send { value: \"x\" value_size: 9 } }", "stored { value: \"x\" }").holds);
}

TEST(Judge, WhatConsumersAreTold) {
  const std::string steps =
      "clients { name: \"c1\" property: \"auto.offset.reset=none\" "
      "consumer { assign { topic: \"t\" } } } steps { poll { timeout: \"1s\" } }";
  EXPECT_TRUE(VerdictOn(steps, "consumed { error: \"NoOffsetForPartitionException\" }").holds);
  const ExpectationReport verdict =
      VerdictOn(steps, "consumed { error: \"LogTruncationException\" }");
  EXPECT_FALSE(verdict.holds);
  EXPECT_EQ(verdict.expected, "c1 is told \"LogTruncationException\"");
  EXPECT_EQ(verdict.happened, "c1 was told \"NoOffsetForPartitionException\"");
  EXPECT_EQ(VerdictOn(kTwoSent + steps.substr(0, steps.find("steps")),
                      "consumed { error: \"LogTruncationException\" }")
                .happened,
            "c1 was told nothing");
}

TEST(Judge, FlushConnectionAndFault) {
  EXPECT_TRUE(VerdictOn(kTwoSent, "flush { is: DONE }").holds);
  EXPECT_THAT(VerdictOn(kTwoSent, "flush { is: TIMED_OUT }").happened,
              StartsWith("the flush was done after "));
  EXPECT_TRUE(VerdictOn(kTwoSent, "connection { is: CONNECTED broker: 1 }").holds);
  EXPECT_EQ(VerdictOn(kTwoSent, "connection { is: DISCONNECTED }").happened, "p1 is Connected");
  const std::string faulty = std::string(kTwoSent) +
                             "faults { name: \"f\" at: \"1ms\" reset_connections { a: \"p1\" b: "
                             "\"b1\" } } faults { name: \"g\" at: \"1h\" heal {} }";
  EXPECT_TRUE(VerdictOn(faulty, "fault_fired { fault: \"f\" times: 1 }").holds);
  EXPECT_EQ(VerdictOn(faulty, "fault_fired { fault: \"f\" times: 2 }").happened, "it fired once");
  EXPECT_EQ(VerdictOn(faulty, "fault_fired { fault: \"g\" }").happened, "it fired never");
}

TEST(Judge, DuplicatesAndOrder) {
  // Without idempotence: the answer to a is lost, so a is sent again, behind b.
  const std::string text = R"(
      cluster { topics { name: "t" } }
      clients {
        name: "p1"
        property: "enable.idempotence=false"
        property: "linger.ms=0"
        property: "batch.size=1"
      }
      faults { name: "late" on { point: REQUEST_SENT api: "Produce" } reset {} }
      faults { name: "lost" on { point: RESPONSE_SENT api: "Produce" } reset {} }
      steps { send { label: "a" value: "a" value_size: 100 } }
      steps { send { label: "b" value: "b" value_size: 100 } }
      steps { wait_for_send {} }
      expect { no_duplicates {} }
      expect { in_order {} }
      expect { all_stored {} })";
  const Report report = RunText(text);
  EXPECT_FALSE(report.expectations[0].holds);
  EXPECT_THAT(report.expectations[0].happened, HasSubstr(" is stored at t-0@"));
  EXPECT_TRUE(report.expectations[2].holds);
  const ExpectationReport fine = VerdictOn(kTwoSent, "in_order {}");
  EXPECT_TRUE(fine.holds);
  EXPECT_TRUE(VerdictOn(kTwoSent, "no_duplicates {}").holds);
}

TEST(Judge, MidwayAsWell) {
  const Report report = RunText(With(R"(
      steps { check { stored { nothing: true } } }
      steps { send { value: "a" } }
      steps { flush {} }
      steps { check { stored { nothing: true } } })"));
  EXPECT_TRUE(report.expectations[0].holds);
  EXPECT_EQ(report.expectations[0].expected, "step 1: t-0 holds nothing");
  EXPECT_FALSE(report.expectations[1].holds);
  EXPECT_EQ(report.steps[3].result, "does not hold");
}

}  // namespace
}  // namespace norn::scenarios
