#include "tests/support/norn_test.h"

#include <cstdint>
#include <string>
#include <vector>

#include "absl/time/time.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "sim/simulation.h"

namespace norn {
namespace {

using model::Cluster;
using model::Producer;
using ::testing::ElementsAre;

// What bodies did, in the order in which they did it. That the bodies below write here is what no
// body should do; it is invisible to their worlds.
std::vector<uint64_t>& SeedsSeen() {
  static auto& seeds = *new std::vector<uint64_t>;
  return seeds;
}

NORN_TEST(NornTest, RunsEachSeedTwice) { SeedsSeen().push_back(seed()); }

// GoogleTest runs the tests of a suite in the order of the file.
TEST(NornTest, RanSeedsOneToTen) {
  EXPECT_THAT(SeedsSeen(),
              ElementsAre(1, 1, 2, 2, 3, 3, 4, 4, 5, 5, 6, 6, 7, 7, 8, 8, 9, 9, 10, 10));
}

NORN_TEST(NornTest, StartsClustersWithTheSeed) {
  Cluster& one = Start({.topics = {{"t"}}});
  Cluster& other = Start({.seed = 77, .brokers = 2, .topics = {{"t"}}});
  EXPECT_EQ(one.sim().seed(), seed());
  EXPECT_EQ(other.sim().seed(), seed());
  EXPECT_EQ(other.brokers(), 2);
  EXPECT_EQ(&cluster(), &one);
}

NORN_TEST(NornTest, StartsBareSimulations) {
  sim::Simulation& sim = StartSimulation();
  EXPECT_EQ(sim.seed(), seed());
  bool rang = false;
  sim.After(absl::Milliseconds(5), [&rang] { rang = true; });
  sim.RunUntilIdle();
  EXPECT_TRUE(rang);
}

// Chance that follows from the seed is none of the nondeterminism that is looked for.
NORN_TEST(NornTest, LetsABodyDraw) {
  sim::Simulation& sim = StartSimulation();
  const sim::Stream delays = sim.chance().Resolve("test/delays");
  const uint64_t millis = sim.chance().Uniform(delays, {1}, 100);
  sim.After(absl::Milliseconds(static_cast<int64_t>(millis)), [] {});
  sim.RunUntilIdle();
}

// A little language, used by both kinds of test.
class DeliveryTest : public ClusterTest {
 protected:
  void SetUp() override {
    Start({.topics = {{"topic1"}}});
    producer_ = &cluster().AddProducer("p1", {"linger.ms=5"});
  }
  void Deliver(std::string_view value) {
    EXPECT_THAT(cluster().Await(producer_->Send({.topic = "topic1", .value = value})), IsOk());
  }

 private:
  Producer* producer_ = nullptr;
};

NORN_TEST_F(DeliveryTest, WithManySeeds) {
  Deliver("a");
  Deliver("b");
  EXPECT_THAT(cluster().Log("topic1", 0), HasRecords("a", "b"));
}

TEST_F(DeliveryTest, WithOneSeed) {
  Deliver("a");
  EXPECT_EQ(seed(), 1u);
  EXPECT_THAT(cluster().Log("topic1", 0), HasRecords("a"));
}

NORN_TEST(NornTest, CanBeSkipped) { GTEST_SKIP() << "as any other test"; }

}  // namespace
}  // namespace norn
