// What clients see of a leader that gives its partitions away in order (recording 21c).
#include <cstdint>
#include <string>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "model/cluster.h"
#include "tests/support/matchers.h"

namespace norn::model {
namespace {

ClusterOptions ThreeReplicas(uint64_t seed = 1) {
  ClusterOptions options;
  options.seed = seed;
  options.brokers = 3;
  options.topics = {{.name = "t", .replicas = 3}};
  return options;
}

// Sends a record each millisecond, while the leader goes after the first half.
std::vector<DeliveryReport> SendOverALeaderChange(Cluster& cluster, Producer& producer) {
  std::vector<DeliveryFuture> sent;
  for (int i = 0; i < 400; ++i) {
    if (i == 200) cluster.ShutDown(1);
    sent.push_back(producer.Send({.topic = "t", .partition = 0, .value = std::to_string(i)}));
    cluster.RunFor(absl::Milliseconds(1));
  }
  std::vector<DeliveryReport> reports;
  for (DeliveryFuture& one : sent) reports.push_back(cluster.Await(one));
  return reports;
}

// kafka-semantics A2.3 (KAFKA-15415).
TEST(LeaderChange, ABackoffEndsWhenTheLeaderMoved) {
  Cluster cluster(ThreeReplicas());
  Producer& producer = cluster.AddProducer(
      "p", {"linger.ms=0", "retry.backoff.ms=20000", "retry.backoff.max.ms=20000"});
  int retried = 0;
  for (const DeliveryReport& report : SendOverALeaderChange(cluster, producer)) {
    EXPECT_THAT(report, IsOk());
    if (report.attempts > 1) ++retried;
  }
  EXPECT_GE(retried, 1);
  EXPECT_LE(cluster.Now(), sim::Time().PlusNanos(10'000'000'000));
}

// A6.1: what waited for replicas when the leader went is in the log and is answered
// NOT_LEADER_OR_FOLLOWER all the same; what came behind it is not.
TEST(LeaderChange, NotLeaderOutOfPurgatoryIsAnUnknownOutcome) {
  int unknown = 0;
  int failed = 0;
  for (uint64_t seed = 1; seed <= 20; ++seed) {
    ClusterOptions options = ThreeReplicas(seed);
    options.network.link.latency.min = absl::Milliseconds(3);
    Cluster cluster(options);
    Producer& producer =
        cluster.AddProducer("p", {"linger.ms=0", "enable.idempotence=false", "retries=0"});
    for (const DeliveryReport& report : SendOverALeaderChange(cluster, producer)) {
      if (report.outcome == Outcome::kUnknown) {
        EXPECT_THAT(report, IsUnknown(Error::kNotLeaderOrFollower)) << "seed " << seed;
        ++unknown;
      }
      if (report.outcome == Outcome::kFailed) {
        EXPECT_THAT(report, HasFailed(Error::kNotLeaderOrFollower)) << "seed " << seed;
        ++failed;
      }
    }
  }
  EXPECT_GE(unknown, 10);
  EXPECT_GE(failed, 10);
}

TEST(LeaderChange, IdempotentClientsStoreOnceAndInOrder) {
  for (const Flavour flavour : {Flavour::kJava41, Flavour::kLibrdkafka20}) {
    for (uint64_t seed = 1; seed <= 20; ++seed) {
      Cluster cluster(ThreeReplicas(seed));
      Producer& producer =
          cluster.AddProducer("p", flavour, {"linger.ms=0", "enable.idempotence=true"});
      std::vector<std::string> values;
      for (const DeliveryReport& report : SendOverALeaderChange(cluster, producer)) {
        EXPECT_THAT(report, IsOk());
        values.push_back(std::to_string(values.size()));
      }
      cluster.RunFor(absl::Seconds(2));
      EXPECT_EQ(cluster.Log("t", 0).values(), values) << "seed " << seed;
    }
  }
}

}  // namespace
}  // namespace norn::model
