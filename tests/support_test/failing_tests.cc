// Tests that fail, each in its own way: norn_main_test.cc runs this program and reads what it says.
#include <cstdlib>
#include <stdexcept>
#include <string>

#include "absl/time/time.h"
#include "sim/check.h"
#include "sim/simulation.h"
#include "tests/support/norn_test.h"

namespace norn {
namespace {

using model::Cluster;
using model::Producer;

constexpr sim::Label kBell{"bell"};

// Different in every run of this process.
int Unrepeatable() {
  static int calls = 0;
  return ++calls;
}

NORN_TEST(Pass, Always) {
  sim::Simulation& sim = StartSimulation();
  sim.After(absl::Milliseconds(5), kBell, [] {});
  sim.RunUntilIdle();
}

NORN_TEST(Fail, FromTheThirdSeed) {
  Cluster& cluster = Start({.topics = {{"topic1"}}});
  Producer& producer = cluster.AddProducer("p1");
  const auto report = cluster.Await(producer.Send({.topic = "topic1", .value = "a"}));
  if (seed() < 3) return;
  EXPECT_THAT(report, HasFailed()) << "the first failure";
  cluster.RunFor(absl::Seconds(1000));
  EXPECT_THAT(cluster.Log("topic1", 0), IsEmptyLog()) << "the second failure";
}

NORN_TEST(Fail, WithAnException) { throw std::runtime_error("thrown by the body"); }

NORN_TEST(Differ, InAnEvent) {
  sim::Simulation& sim = StartSimulation();
  for (int i = 0; i < 10; ++i) sim.After(absl::Milliseconds(i), kBell, [] {});
  sim.RunUntilIdle();
  sim.After(absl::Seconds(1), kBell,
            [&sim] { sim.After(absl::Milliseconds(Unrepeatable()), kBell, [] {}); });
  sim.RunUntilIdle();
}

NORN_TEST(Differ, InAValue) {
  Cluster& cluster = Start({.topics = {{"topic1"}}});
  Producer& producer = cluster.AddProducer("p1");
  const std::string value = std::to_string(100'000 + Unrepeatable());
  cluster.Await(producer.Send({.topic = "topic1", .value = value}));
}

NORN_TEST(Differ, InTheNumberOfWorlds) {
  if (Unrepeatable() % 2 == 0) StartSimulation();
}

NORN_TEST(Differ, InWhetherTheyFail) {
  StartSimulation();
  EXPECT_NE(Unrepeatable() % 2, 0) << "an even run";
}

NORN_TEST(Check, InsideAnEvent) {
  sim::Simulation& sim = StartSimulation();
  sim.After(absl::Milliseconds(5), kBell, [] { NORN_CHECK(1 + 1 == 3) << "arithmetic"; });
  sim.RunUntilIdle();
}

NORN_TEST(Check, OutsideOfEvents) {
  Cluster& cluster = Start({.topics = {{"topic1"}}});
  cluster.Log("no such topic", 0);
}

TEST_F(ClusterTest, FailsOnce) {
  Cluster& cluster = Start({.topics = {{"topic1"}}});
  Producer& producer = cluster.AddProducer("p1");
  cluster.Await(producer.Send({.topic = "topic1", .value = "a"}));
  EXPECT_THAT(cluster.Log("topic1", 0), IsEmptyLog());
}

}  // namespace
}  // namespace norn
