#include "tests/support/cluster_test.h"

#include <string>

#include "absl/time/time.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace norn {
namespace {

using model::Cluster;
using model::Producer;
using ::testing::HasSubstr;

// What it says when it fails is in norn_main_test.cc.

TEST_F(ClusterTest, StartsAClusterWithSeedOne) {
  Cluster& cluster = Start({.seed = 77, .brokers = 3, .topics = {{"t"}}});
  EXPECT_EQ(seed(), 1u);
  EXPECT_EQ(cluster.sim().seed(), 1u);
  EXPECT_EQ(cluster.brokers(), 3);
}

TEST_F(ClusterTest, KeepsTheFirstClusterAtHand) {
  StartSimulation();
  Cluster& first = Start();
  Start();
  EXPECT_EQ(&cluster(), &first);
}

TEST_F(ClusterTest, KeepsATraceForTheFailure) {
  EXPECT_TRUE(Start().sim().trace().keeps_entries());
  EXPECT_TRUE(StartSimulation().trace().keeps_entries());
}

TEST_F(ClusterTest, StartsEqualWorldsEqually) {
  Cluster& one = Start({.topics = {{"t"}}});
  Cluster& other = Start({.topics = {{"t"}}});
  for (Cluster* cluster : {&one, &other}) {
    Producer& producer = cluster->AddProducer("p1");
    cluster->Await(producer.Send({.topic = "t", .value = "a"}));
  }
  EXPECT_EQ(one.run_digest(), other.run_digest());
}

TEST_F(ClusterTest, PollsWhatWasSent) {
  Cluster& cluster = Start({.topics = {{"topic1"}}});
  Producer& producer = cluster.AddProducer("p1");
  producer.Send({.topic = "topic1", .value = "a"});
  producer.Send({.topic = "topic1", .value = "b"});
  cluster.Await(producer.Flush());
  model::Consumer& consumer = cluster.AddConsumer("c1", {"auto.offset.reset=earliest"});
  consumer.Assign("topic1", {0});
  EXPECT_THAT(cluster.Await(consumer.Poll(absl::Seconds(5))), HasRecords("a", "b"));
}

using ClusterDeathTest = ClusterTest;

TEST_F(ClusterDeathTest, SaysSeedAndReplayWhenACheckFailsOutsideOfEvents) {
  EXPECT_DEATH(cluster(),
               "no cluster was started: call Start\\(\\) first\n"
               "  seed 1, outside of events\n"
               "  replay: .*--gtest_filter=.*ClusterDeathTest.*--norn_seed=1");
}

}  // namespace
}  // namespace norn
