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

// A disk's fault has struck when a call has failed, not when it began.
TEST(Fault, OfADiskIsCountedByTheCallsThatFail) {
  const Report report = RunText(With(R"(
      faults { name: "full" at: "1s" lasts: "2s" fill_disk { broker: 1 leaving: 100 } }
      faults { name: "bad" at: "5s" lasts: "2s" fail_disk { call: WRITE nth: 2 file: "t-0/" } }
      faults { name: "idle" at: "8s" fail_disk { call: SYNC } }
      steps { at: "900ms" send { label: "a" value: "a" } }
      steps { wait_for_send {} }
      steps { check { fault_fired { fault: "full" times: 0 } } }
      steps { at: "1500ms" send { label: "b" value_size: 500 } }
      steps { at: "4s" start_broker {} }
      steps { wait_for_send {} }
      steps { at: "5500ms" send { label: "c" value: "c" } }
      steps { wait_for_send {} }
      steps { send { label: "d" value: "d" in_background: true } }
      steps { until_fired { fault: "bad" } }
      steps { at: "7500ms" start_broker {} }
      expect { fault_fired { fault: "full" times: 1 } }
      expect { fault_fired { fault: "bad" times: 1 } }
      expect { fault_fired { fault: "idle" times: 0 } }
      expect { outcome { is: OK } }
      expect { stored { count: 4 } })"));
  for (const ExpectationReport& expectation : report.expectations)
    EXPECT_TRUE(expectation.holds) << expectation.expected << ", but " << expectation.happened;
  EXPECT_GT(report.faults[0].first, sim::Time::Zero() + absl::Milliseconds(1500));
  EXPECT_LT(report.faults[0].first, sim::Time::Zero() + absl::Milliseconds(1600));
}

TEST(Fault, AStepFillsFailsAndRepairsADisk) {
  const Report report = RunText(With(R"(
      steps { fill_disk { leaving: 5000 } }
      steps { send { label: "a" value_size: 6000 } }
      steps { after: "1s" repair_disk {} }
      steps { start_broker {} }
      steps { wait_for_send {} }
      steps { fail_disk { nth: 1 times: 1 } }
      steps { send { label: "b" value: "b" } }
      steps { after: "1s" start_broker {} }
      expect { outcome { is: OK } }
      expect { requests { answer: "KAFKA_STORAGE_ERROR" at_least: 2 } })"));
  for (const ExpectationReport& expectation : report.expectations)
    EXPECT_TRUE(expectation.holds) << expectation.expected << ", but " << expectation.happened;
  EXPECT_EQ(report.steps[0].action, "fill the disk of b1 but for 5000 bytes");
  EXPECT_EQ(report.steps[5].action, "fail writes and syncs of the disk of b1, 1x");
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

void ExpectAllHold(const Report& report) {
  for (const ExpectationReport& expectation : report.expectations)
    EXPECT_TRUE(expectation.holds) << expectation.expected << ", but " << expectation.happened;
}

// A flipped bit inside the batch is found by its checksum; the batch comes again.
TEST(Fault, ByteOfARequestIsFlipped) {
  ExpectAllHold(RunText(With(R"(
      faults { name: "flip" on { point: REQUEST_SENT api: "Produce" } corrupt { byte: -9 mask: 4 } }
      steps { send { label: "a" value: "aaaaaaaaaaaaaaaaaaaa" } }
      expect { fault_fired { fault: "flip" times: 1 } }
      expect { outcome { send: "a" is: OK attempts: 2 } }
      expect { stored { value: "aaaaaaaaaaaaaaaaaaaa" } })")));
}

// The request that carries "b" is held, and what follows waits behind it, until the release.
TEST(Fault, HoldsTheRequestOfARecordUntilItsRelease) {
  const Report report = RunText(With(R"(
      faults { name: "held" on { point: REQUEST_SENT record: "b" } hold {} }
      steps { send { label: "a" value: "a" } }
      steps { wait_for_send {} }
      steps { send { label: "b" value: "b" } }
      steps { after: "10ms" send { label: "c" value: "c" } }
      steps { wait { duration: "2s" } }
      steps { check { stored { topic: "t" value: "a" } } }
      steps { release { fault: "held" } }
      steps { wait_for_send {} }
      expect { fault_fired { fault: "held" times: 1 } }
      expect { outcome { send: "a" is: OK not_after: "1s" } }
      expect { outcome { send: "b" is: OK not_before: "2s" attempts: 1 } }
      expect { outcome { send: "c" is: OK not_before: "1900ms" attempts: 1 } }
      expect { stored { topic: "t" value: "a" value: "b" value: "c" } })"));
  ExpectAllHold(report);
  EXPECT_EQ(report.steps[6].action, "release what 'held' holds");
}

// The recording 13 in small: without idempotence the record that a box refuses comes after the
// next.
TEST(Fault, ABoxAnswersInTheBrokersStead) {
  ExpectAllHold(RunText(With(R"(
      clients { name: "p2" property: "linger.ms=0" property: "enable.idempotence=false" }
      faults { name: "refused" on { point: REQUEST_SENT api: "Produce" client: "p2" nth: 2 }
               answer { error: "NOT_ENOUGH_REPLICAS" after: "300ms" } }
      steps { send { client: "p2" label: "w" topic: "t" value: "w" } }
      steps { wait_for_send {} }
      steps { send { client: "p2" label: "a" topic: "t" value: "a" } }
      steps { after: "20ms" send { client: "p2" label: "b" topic: "t" value: "b" } }
      expect { fault_fired { fault: "refused" times: 1 } }
      expect { outcome { send: "a" is: OK not_before: "380ms" attempts: 2 } }
      expect { outcome { send: "b" is: OK not_before: "270ms" not_after: "290ms" } }
      expect { stored { topic: "t" value: "w" value: "b" value: "a" } })")));
}

TEST(Fault, AScriptAnswersTheNextRequests) {
  ExpectAllHold(RunText(With(R"(
      faults { name: "script" on { point: REQUEST_RECEIVED api: "Produce" topic: "t" partition: 0 }
               answer { error: "NOT_ENOUGH_REPLICAS" error: "REQUEST_TIMED_OUT" } }
      steps { send { label: "a" topic: "t" value: "a" } }
      expect { fault_fired { fault: "script" times: 2 } }
      expect { outcome { send: "a" is: OK attempts: 3 } })")));
}

TEST(Fault, AConnectionFallsSilent) {
  ExpectAllHold(RunText(With(R"(
      faults { name: "silent" on { point: REQUEST_SENT api: "Produce" sequence: 1 } silence {} }
      steps { send { label: "a" topic: "t" value: "a" } }
      steps { wait_for_send {} }
      steps { send { label: "b" topic: "t" value: "b" } }
      expect { fault_fired { fault: "silent" times: 1 } }
      expect { outcome { send: "b" is: OK not_before: "30s" not_after: "31s" attempts: 2 } })")));
}

TEST(Fault, ABrokerIsSlowForAWhile) {
  ExpectAllHold(RunText(With(R"(
      faults { name: "slow" at: "1s" lasts: "2s" broker_latency { broker: 1 latency: "150ms" } }
      steps { connect {} }
      steps { at: "1500ms" send { label: "a" topic: "t" value: "a" } }
      steps { at: "4s" send { label: "b" topic: "t" value: "b" } }
      expect { fault_fired { fault: "slow" times: 1 } }
      expect { outcome { send: "a" is: OK not_before: "150ms" } }
      expect { outcome { send: "b" is: OK not_after: "10ms" } })")));
}

// The recording 57 in small: the topic is there a second later.
TEST(Fault, ATopicIsCreatedInTheMiddleOfTheRun) {
  for (const char* how : {"steps { at: \"1s\" create_topic { name: \"late\" } }",
                          "faults { at: \"1s\" create_topic { name: \"late\" } }"}) {
    const Report report = RunText(
        With("steps { send { label: \"a\" topic: \"late\" value: \"a\" in_background: true } }\n" +
             std::string(how) + R"(
        expect { outcome { send: "a" is: OK not_before: "990ms" not_after: "2s" } }
        expect { stored { topic: "late" value: "a" } })"));
    ExpectAllHold(report);
  }
}

// Ten seconds' worth of the quota are free, then the channel is muted.
TEST(Fault, AQuotaMakesAProducerWait) {
  ExpectAllHold(RunText(R"(
      cluster { topics { name: "t" } quotas { producer_byte_rate: 1000 } }
      clients { name: "p1" property: "linger.ms=0" }
      steps { send { label: "large" topic: "t" value_size: 20000 } }
      steps { wait_for_send {} }
      steps { send { label: "next" topic: "t" value: "n" } }
      expect { outcome { send: "large" is: OK not_after: "1s" } }
      expect { outcome { send: "next" is: OK not_before: "9s" not_after: "11s" } })"));
}

}  // namespace
}  // namespace norn::scenarios
