// What each step says it did, in good weather and in bad.
#include <string>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/scenarios/scripts.h"

namespace norn::scenarios {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

std::vector<std::string> Results(const Report& report) {
  std::vector<std::string> results;
  for (const StepReport& step : report.steps) results.push_back(step.result);
  return results;
}

TEST(Steps, TheLesson) {
  const Report report = RunText(With(R"(
      steps { create_message { label: "m" value: "Hello Kafka" } }
      steps { connect {} }
      steps { send { message: "m" until_queued: "1s" } }
      steps { flush {} }
      steps { check_stored {} })"));
  EXPECT_THAT(Results(report), ElementsAre("message object created", "producer connected",
                                           "message queued in broker", "message confirmed sent",
                                           "message stored in topic"));
}

// How long is drawn from the seed, and the same for the same seed.
TEST(Steps, AWaitMayBeDrawn) {
  const Plan plan = PlanOf(With("steps { wait { duration: \"1s\" up_to: \"2s\" } }"));
  const auto waited = [&plan](uint64_t seed) {
    const Report report =
        scenarios::Run(plan, {.seed = seed, .trace = false, .wire = false, .replay = ""});
    return report.steps[0].done - report.steps[0].begun;
  };
  for (uint64_t seed = 1; seed <= 20; ++seed) {
    EXPECT_GE(waited(seed), absl::Seconds(1));
    EXPECT_LE(waited(seed), absl::Seconds(2));
  }
  EXPECT_EQ(waited(3), waited(3));
  EXPECT_NE(waited(3), waited(4));
}

TEST(Steps, WithoutABroker) {
  const Report report = RunText(R"(
      cluster { topics { name: "t" } down: 1 }
      clients { name: "p1" property: "max.block.ms=2000" }
      steps { create_message { label: "m" value: "Hello Kafka" } }
      steps { connect { timeout: "1s" } }
      steps { send { message: "m" until_queued: "1s" } }
      steps { flush { timeout: "500ms" } }
      steps { wait_for_send {} }
      steps { check_stored {} })");
  EXPECT_THAT(Results(report),
              ElementsAre("message object created", "producer not connected",
                          "message not queued in broker", "message not confirmed sent",
                          "message reported failed", "message neither sent nor stored"));
  EXPECT_EQ(report.steps[1].evaluation, "no broker answered within 1.000s");
  EXPECT_EQ(report.steps[2].evaluation, "send() waits for metadata or for memory");
  EXPECT_THAT(report.records[0].report.message, HasSubstr("not present in metadata after 2000 ms"));
}

TEST(Steps, ManyMessages) {
  const Report report = RunText(With(R"(
      steps { send { label: "a" value: "a" value_size: 10 count: 3 } }
      steps { wait_for_send { label: "a1" } }
      steps { check_stored {} })"));
  EXPECT_THAT(Results(report), ElementsAre("3 messages given to producer", "message acknowledged",
                                           "3 messages stored in topic"));
  EXPECT_THAT(report.logs[0].values, ElementsAre("a0........", "a1........", "a2........"));
  EXPECT_EQ(report.records[2].label, "a2");
}

TEST(Steps, AProcessThatHasEndedDoesNothing) {
  const Report report = RunText(With(R"(
      steps { exit {} }
      steps { send { value: "a" } }
      steps { flush {} }
      steps { close {} }
      steps { start_client {} }
      steps { after: "1ms" send { value: "b" } }
      steps { close {} }
      expect { stored { value: "b" } })"));
  EXPECT_THAT(Results(report),
              ElementsAre("process ended", "message not sent", "nothing flushed", "nothing closed",
                          "client started", "message given to producer", "producer closed"));
  EXPECT_TRUE(report.passed());
}

TEST(Steps, AcksZeroIsNotConfirmed) {
  const Report report = RunText(R"(
      cluster { topics { name: "t" } }
      clients { name: "p1" property: "acks=0" }
      steps { send { value: "a" } }
      steps { flush {} })");
  EXPECT_EQ(report.steps[1].result, "message sent, unconfirmed (acks=0)");
}

TEST(Steps, AStoredMessageThatNobodyConfirmed) {
  const Report report = RunText(With(R"(
      faults { name: "lost" on { point: RESPONSE_SENT api: "Produce" } kill_broker {} }
      steps { send { value: "a" } }
      steps { wait { duration: "1s" } }
      steps { check_stored {} }
      run_for: "2s")"));
  EXPECT_EQ(report.steps[2].result, "message stored in topic");
  EXPECT_EQ(report.steps[2].evaluation, "t-0@0, b1 is down");
  EXPECT_EQ(report.records[0].report.outcome, model::Outcome::kPending);
}

TEST(Steps, HappenAtTheirInstants) {
  const Report report = RunText(With(R"(
      steps { at: "10ms" wait { duration: "5ms" } }
      steps { after: "2ms" heal {} }
      steps { at: "20ms" heal {} })"));
  EXPECT_EQ(report.steps[0].begun, sim::Time::Zero() + absl::Milliseconds(10));
  EXPECT_EQ(report.steps[1].begun, sim::Time::Zero() + absl::Milliseconds(17));
  EXPECT_EQ(report.steps[2].begun, sim::Time::Zero() + absl::Milliseconds(20));
  EXPECT_TRUE(report.passed());
}

TEST(Steps, ALateStepFailsTheRun) {
  const Report report = RunText(With(R"(
      steps { wait { duration: "1s" } }
      steps { at: "10ms" heal {} })"));
  ASSERT_FALSE(report.passed());
  EXPECT_EQ(report.expectations[0].expected, "step 2 happens at 10ms");
  EXPECT_EQ(report.expectations[0].happened, "the step before it was done at T+1.000s");
}

TEST(Steps, AConsumerReadsWhatIsStored) {
  const Report report = RunText(R"(
      cluster { topics { name: "t" partitions: 2 } }
      clients { name: "p1" }
      clients {
        name: "c1"
        consumer { assign { topic: "t" } }
        property: "auto.offset.reset=earliest"
      }
      steps { send { value: "a" partition: 1 } }
      steps { wait_for_send {} }
      steps { poll { timeout: "5s" } }
      steps { poll { timeout: "1s" } }
      expect { consumed { value: "a" } })");
  EXPECT_EQ(report.steps[2].result, "message read");
  EXPECT_EQ(report.steps[3].result, "nothing read");
  EXPECT_TRUE(report.passed());
}

// Who looks does not change what happens.
TEST(Steps, TracingARunDoesNotChangeIt) {
  const Plan plan = PlanOf(With("steps { send { value: \"a\" count: 20 } } steps { flush {} }"));
  const Report traced = scenarios::Run(plan, {.seed = 3, .trace = true, .replay = ""});
  const Report plain = scenarios::Run(plan, {.seed = 3, .trace = false, .replay = ""});
  EXPECT_EQ(traced.run_digest, plain.run_digest);
  EXPECT_EQ(traced.story_digest, plain.story_digest);
  EXPECT_TRUE(plain.events.empty());
  EXPECT_FALSE(traced.events.empty());
}

}  // namespace
}  // namespace norn::scenarios
