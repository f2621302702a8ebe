// Faults of a scenario: at an instant, at a point in a request's life, armed by a step.
#include <string>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/scenarios/scripts.h"

namespace norn::scenarios {
namespace {

using ::testing::ElementsAre;

// Each ends well, with a reason to doubt it on the way.
TEST(Fault, AtAnInstantAndUndoneAfterAWhile) {
  for (const char* fault : {"kill_broker { broker: 1 }", "lose_power { broker: 1 }",
                            "pause { broker: 1 }", "partition { a: \"p1\" b: \"b1\" }",
                            "black_hole { broker: 1 }", "pause { client: \"p1\" }"}) {
    const Report report = RunText(
        With("faults { name: \"f\" at: \"10ms\" lasts: \"1s\" " + std::string(fault) + " }\n" + R"(
        steps { connect {} }
        steps { at: "20ms" send { label: "a" value: "a" } }
        expect { fault_fired { fault: "f" times: 1 } }
        expect { outcome { send: "a" is: OK not_before: "900ms" } }
        expect { all_stored {} })"));
    for (const ExpectationReport& expectation : report.expectations)
      EXPECT_TRUE(expectation.holds)
          << fault << ": " << expectation.expected << ", but " << expectation.happened;
    EXPECT_EQ(report.faults[0].first, sim::Time::Zero() + absl::Milliseconds(10));
  }
}

// The answer is lost. With idempotence the broker knows the batch when it comes again.
TEST(Fault, AtTheNthAnswer) {
  const Report report = RunText(With(R"(
      faults { name: "lost" on { point: RESPONSE_SENT api: "Produce" nth: 2 } reset {} }
      steps { send { label: "a" value: "a" } }
      steps { wait_for_send {} }
      steps { send { label: "b" value: "b" } }
      expect { fault_fired { fault: "lost" times: 1 } }
      expect { outcome { send: "a" is: OK attempts: 1 } }
      expect { outcome { send: "b" is: OK attempts: 2 } }
      expect { stored { value: "a" value: "b" } })"));
  for (const ExpectationReport& expectation : report.expectations)
    EXPECT_TRUE(expectation.holds) << expectation.expected << ", but " << expectation.happened;
}

TEST(Fault, IsCountedFromTheStepThatArmsIt) {
  const Report report = RunText(With(R"(
      faults { name: "lost" on { point: REQUEST_SENT api: "Produce" } reset {} }
      steps { send { label: "a" value: "a" } }
      steps { wait_for_send {} }
      steps { arm { fault: "lost" } }
      steps { send { label: "b" value: "b" } }
      expect { outcome { send: "a" is: OK attempts: 1 } }
      expect { outcome { send: "b" is: OK attempts: 2 } })"));
  EXPECT_TRUE(report.passed());
}

TEST(Fault, RequestsSayWhatWasDoneToThem) {
  const Report report = RunText(With(R"(
      faults { name: "lost" on { point: REQUEST_SENT api: "Produce" } reset {} }
      faults { name: "late" on { point: REQUEST_RECEIVED api: "Produce" } reset {} }
      steps { send { label: "a" value: "a" value_size: 10 } })"));
  std::vector<std::string> acts;
  for (const model::WireLog::Frame& frame : report.frames)
    if (frame.is_request && frame.api == model::Api::kProduce) acts.emplace_back(frame.act);
  EXPECT_THAT(acts, ElementsAre("rst", "rst", ""));
}

TEST(Fault, IsWaitedForAndDisarmed) {
  const Report report = RunText(With(R"(
      faults { name: "lost" on { point: REQUEST_SENT api: "Produce" always: true } reset {} }
      steps { send { label: "a" value: "a" } }
      steps { until_fired { fault: "lost" times: 2 } }
      steps { disarm { fault: "lost" } }
      steps { wait_for_send {} }
      steps { until_fired { fault: "lost" times: 3 timeout: "1s" } }
      expect { fault_fired { fault: "lost" times: 2 } }
      expect { outcome { send: "a" is: OK attempts: 3 } })"));
  EXPECT_TRUE(report.passed());
  EXPECT_EQ(report.steps[1].result, "fired 2x");
  EXPECT_EQ(report.steps[4].evaluation, "it has not within 1.000s");
}

TEST(Fault, WithAProbability) {
  const Report report = RunText(With(R"(
      faults { name: "lost" on { point: REQUEST_SENT api: "Produce" probability: 0.3 } reset {} }
      workloads { every: "10ms" count: 200 }
      expect { outcome { is: OK } }
      expect { no_duplicates {} }
      expect { in_order {} })"));
  EXPECT_TRUE(report.passed());
  EXPECT_GT(report.faults[0].fired, 10);
}

TEST(Fault, ThatNeverFiredSaysSo) {
  const Report report = RunText(With(R"(
      faults { name: "f" on { point: APPENDED nth: 99 } kill_broker {} }
      steps { send { value: "a" } }
      expect { fault_fired { fault: "f" } })"));
  EXPECT_FALSE(report.passed());
  EXPECT_EQ(report.faults[0].first, sim::Time::Max());
}

}  // namespace
}  // namespace norn::scenarios
