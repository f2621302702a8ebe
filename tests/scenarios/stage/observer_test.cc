// Where a message is after each step: in the lesson's words, and as it truly is.
#include "scenarios/stage/observer.h"

#include <string>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/scenarios/scripts.h"

namespace norn::scenarios {
namespace {

using ::testing::ElementsAre;

std::string Line(const Status& status) {
  return status.message + " | " + status.connection + " | " + status.queue + " | " + status.log +
         " | " + status.at_client + " | " + status.at_broker;
}

std::vector<std::string> Lines(const Report& report) {
  std::vector<std::string> lines = {Line(report.before)};
  for (const StepReport& step : report.steps) lines.push_back(Line(step.status));
  return lines;
}

TEST(Observer, FollowsTheLesson) {
  EXPECT_THAT(
      Lines(RunText(With(R"(
          steps { create_message { label: "m" value: "Hello Kafka" } }
          steps { connect {} }
          steps { send { message: "m" until_queued: "1s" } }
          steps { flush {} })"))),
      ElementsAre(
          "None | Disconnected | Empty | Empty | - | -",
          "'Hello Kafka' | Disconnected | Empty | Empty | application | -",
          "'Hello Kafka' | Connected | Empty | Empty | application | -",
          "'Hello Kafka' | Connected | Contains message | Empty | in flight, attempt 1 | request "
          "queue of b1",
          "'Hello Kafka' | Connected | Contains message | Contains message | acknowledged @0 | "
          "t-0@0, below the high watermark"));
}

TEST(Observer, ARecordLingersInTheAccumulator) {
  const auto lines = Lines(RunText(R"(
      cluster { topics { name: "t" } }
      clients { name: "p1" property: "linger.ms=100" }
      steps { send { value: "warm" } }
      steps { wait_for_send {} }
      steps { create_message { label: "m" value: "a" } }
      steps { send { message: "m" } }
      steps { after: "50ms" heal {} }
      steps { exit {} })"));
  EXPECT_EQ(lines[4], "'a' | Connected | Empty | Empty | accumulator | -");
  EXPECT_EQ(lines[5], "'a' | Connected | Empty | Empty | accumulator | -");
  EXPECT_EQ(lines[6], "'a' | Disconnected | Empty | Empty | gone with its process | -");
}

TEST(Observer, ALostRequestIsInFlightAndThenTriedAgain) {
  const auto lines = Lines(RunText(With(R"(
      faults { name: "lost" on { point: REQUEST_SENT api: "Produce" } reset {} }
      steps { connect {} }
      steps { send { value: "a" } }
      steps { after: "100ms" heal {} }
      steps { wait_for_send {} })")));
  EXPECT_EQ(lines[4],
            "'a' | Connected | Contains message | Contains message | acknowledged @0 | "
            "t-0@0, below the high watermark");
}

// The answer is lost, without idempotence: the client tries again, and the broker stores it again.
TEST(Observer, SaysHowOftenAMessageIsStored) {
  const auto lines = Lines(RunText(R"(
      cluster { topics { name: "t" } }
      clients { name: "p1" property: "linger.ms=0" property: "enable.idempotence=false" }
      faults { name: "lost" on { point: RESPONSE_SENT api: "Produce" } reset {} }
      steps { send { value: "a" } }
      steps { wait_for_send {} })"));
  EXPECT_EQ(lines[2],
            "'a' | Connected | Contains message | Contains message 2x | acknowledged @1 | t-0@0, "
            "below the high watermark; t-0@1, below the high watermark");
}

TEST(Observer, CountsManyMessages) {
  const auto lines = Lines(RunText(With(R"(
      steps { send { value: "a" count: 3 in_background: true } }
      steps { wait_for_send {} })")));
  EXPECT_EQ(lines[1], "3 messages | Disconnected | Empty | Empty | 3 send() blocks | -");
  EXPECT_EQ(lines[2].substr(0, 68),
            "3 messages | Connected | Contains 3 messages | Contains 3 messages |");
}

// Only the partitioner knows where it goes, and yet it can be followed.
TEST(Observer, FollowsWhatThePartitionerChooses) {
  const auto lines = Lines(RunText(R"(
      cluster { topics { name: "t" partitions: 3 } }
      clients { name: "p1" property: "linger.ms=100" }
      steps { send { value: "warm" } }
      steps { wait_for_send {} }
      steps { create_message { label: "m" value: "a" } }
      steps { send { message: "m" } })"));
  EXPECT_EQ(lines[4], "'a' | Connected | Empty | Empty | accumulator | -");
}

}  // namespace
}  // namespace norn::scenarios
