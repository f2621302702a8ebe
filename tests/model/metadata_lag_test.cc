// Who hears when of a new leader: each broker at a moment of its own (kafka-semantics A6.2: a
// leader in the metadata is not yet a leader).
#include <cstdint>
#include <map>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "model/cluster.h"
#include "tests/support/matchers.h"

namespace norn::model {
namespace {

ClusterOptions ThreeReplicas(uint64_t seed) {
  ClusterOptions options;
  options.seed = seed;
  options.brokers = 3;
  options.topics = {{.name = "t", .replicas = 3}};
  return options;
}

// When each broker takes broker 2 for the leader, after the controller's decision was committed.
std::map<int, absl::Duration> LagsOfAnElection(Cluster& cluster) {
  cluster.RunFor(absl::Seconds(1));
  cluster.ShutDown(1);
  EXPECT_TRUE(cluster.RunUntil([&] { return cluster.Partition("t", 0).leader == BrokerId(2); },
                               absl::Seconds(5)));
  const sim::Time decided = cluster.Now();
  std::map<int, absl::Duration> lags;
  EXPECT_TRUE(cluster.RunUntil(
      [&] {
        for (int broker = 1; broker <= 3; ++broker) {
          const Replica* replica = cluster.FindReplica("t", 0, broker);
          if (replica != nullptr && replica->leader_epoch() == LeaderEpoch(1))
            lags.emplace(broker, cluster.Now() - decided);
        }
        return lags.size() == 3;
      },
      absl::Seconds(1)));
  return lags;
}

TEST(MetadataLag, EachBrokerActsOnWhatItHeardAtAMomentOfItsOwn) {
  int leader_was_last = 0;
  for (uint64_t seed = 1; seed <= 40; ++seed) {
    Cluster cluster(ThreeReplicas(seed));
    const std::map<int, absl::Duration> lags = LagsOfAnElection(cluster);
    for (const auto& [broker, lag] : lags) {
      EXPECT_GE(lag, absl::Milliseconds(2)) << "seed " << seed << " broker " << broker;
      EXPECT_LE(lag, absl::Milliseconds(3 + 2)) << "seed " << seed << " broker " << broker;
    }
    if (lags.at(2) > lags.at(1) && lags.at(2) > lags.at(3)) ++leader_was_last;
  }
  // Whoever is told of the leader first may well not be the leader.
  EXPECT_GE(leader_was_last, 4);
  EXPECT_LE(leader_was_last, 24);
}

TEST(MetadataLag, WithoutItAllHearWithinAPacketOfEachOther) {
  ClusterOptions options = ThreeReplicas(1);
  options.costs.metadata_publish = absl::ZeroDuration();
  Cluster cluster(options);
  const std::map<int, absl::Duration> lags = LagsOfAnElection(cluster);
  for (const auto& [broker, lag] : lags) EXPECT_LE(lag, absl::Milliseconds(2)) << broker;
}

// A follower that is better informed than its leader is told UNKNOWN_LEADER_EPOCH, and comes back
// after replica.fetch.backoff.ms: acks=all waits for a second. Where brokers are slow to publish,
// that is common with followers that take no time to begin.
TEST(MetadataLag, AFollowerThatKnowsMoreThanItsLeaderComesBackAfterASecond) {
  const auto waits = [](absl::Duration fetcher_start) {
    int waits = 0;
    for (uint64_t seed = 1; seed <= 60; ++seed) {
      ClusterOptions options = ThreeReplicas(seed);
      options.costs.metadata_publish = absl::Milliseconds(50);
      options.costs.fetcher_start = fetcher_start;
      Cluster cluster(options);
      Producer& producer = cluster.AddProducer("p");
      LagsOfAnElection(cluster);
      const sim::Time sent = cluster.Now();
      EXPECT_THAT(cluster.Await(producer.Send({.topic = "t", .partition = 0, .value = "a"})),
                  IsOk());
      if (cluster.Now() - sent > absl::Milliseconds(700)) ++waits;
    }
    return waits;
  };
  EXPECT_GE(waits(absl::ZeroDuration()), 10);
  EXPECT_LE(waits(absl::Milliseconds(30)), 0);
}

// A leader that stood still longer than controller.quorum.request.timeout.ms gives its connection
// for metadata up, with the answer that lies in it, and hears of its successor on a new one: timed
// in six resumes of real brokers, 79 to 89 ms after they went on. Until then it is a leader, and
// acknowledges what its sockets hold (kafka-semantics A6.3).
TEST(MetadataLag, WhoStoodStillHearsOnANewConnection) {
  for (uint64_t seed = 1; seed <= 20; ++seed) {
    ClusterOptions options = ThreeReplicas(seed);
    options.broker_config.session_timeout = absl::Seconds(3);
    options.broker_config.heartbeat_interval = absl::Milliseconds(500);
    Cluster cluster(options);
    cluster.RunFor(absl::Milliseconds(1300));
    cluster.broker(1).Pause();
    cluster.RunFor(absl::Seconds(6));
    ASSERT_EQ(cluster.Partition("t", 0).leader, BrokerId(2));
    cluster.broker(1).Resume();
    const sim::Time resumed = cluster.Now();
    ASSERT_TRUE(cluster.RunUntil(
        [&] { return cluster.FindReplica("t", 0, 1)->leader_epoch() == LeaderEpoch(1); },
        absl::Seconds(1)));
    EXPECT_GE(cluster.Now() - resumed, absl::Milliseconds(74)) << "seed " << seed;
    EXPECT_LE(cluster.Now() - resumed, absl::Milliseconds(90)) << "seed " << seed;
  }
}

// Whoever stood still for less has the news in its socket.
TEST(MetadataLag, WhoHardlyStoodStillReadsWhatLiesThere) {
  for (uint64_t seed = 1; seed <= 20; ++seed) {
    Cluster cluster(ThreeReplicas(seed));
    cluster.RunFor(absl::Milliseconds(1300));
    cluster.broker(1).Pause();
    cluster.ShutDown(2);
    cluster.RunFor(absl::Milliseconds(1000));
    ASSERT_EQ(cluster.Partition("t", 0).isr.size(), 2u);
    cluster.broker(1).Resume();
    const sim::Time resumed = cluster.Now();
    ASSERT_TRUE(cluster.RunUntil([&] { return cluster.FindReplica("t", 0, 1)->isr().size() == 2; },
                                 absl::Seconds(1)));
    EXPECT_LE(cluster.Now() - resumed, absl::Milliseconds(10)) << "seed " << seed;
  }
}

}  // namespace
}  // namespace norn::model
