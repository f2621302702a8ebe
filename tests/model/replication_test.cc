// Three brokers, three replicas and a controller: what is stored when brokers die.
#include <cstdint>
#include <string>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "model/cluster.h"
#include "tests/support/matchers.h"

namespace norn::model {
namespace {

using ::testing::ElementsAre;

ClusterOptions ThreeReplicas() {
  ClusterOptions options;
  options.brokers = 3;
  options.topics = {{.name = "t", .replicas = 3}};
  return options;
}

BrokerList Brokers(std::initializer_list<int> ids) {
  BrokerList list;
  for (const int id : ids) list.push_back(BrokerId(id));
  return list;
}

TEST(Replication, AcksAllWaitsForEveryMemberOfTheIsr) {
  Cluster cluster(ThreeReplicas());
  Producer& producer = cluster.AddProducer("p");
  DeliveryFuture sent = producer.Send({.topic = "t", .partition = 0, .value = "a"});
  EXPECT_THAT(cluster.Await(sent), IsOk());
  for (int broker = 1; broker <= 3; ++broker)
    EXPECT_THAT(cluster.Replica("t", 0, broker), HasRecords("a")) << broker;
  EXPECT_THAT(cluster.Log("t", 0), HasRecords("a"));
}

TEST(Replication, AnIdleFollowerLearnsTheHighWatermarkAtItsNextFetch) {
  Cluster cluster(ThreeReplicas());
  Producer& producer = cluster.AddProducer("p");
  cluster.Await(producer.Send({.topic = "t", .partition = 0, .value = "a"}));
  EXPECT_EQ(cluster.FindReplica("t", 0, 1)->log().high_watermark(), Offset(1));
  EXPECT_EQ(cluster.FindReplica("t", 0, 2)->log().high_watermark(), Offset(0));
  cluster.RunFor(absl::Milliseconds(520));
  EXPECT_EQ(cluster.FindReplica("t", 0, 2)->log().high_watermark(), Offset(1));
}

// kafka-semantics A6.3, recording 21.
TEST(Replication, ADeadLeaderIsReplacedAfterItsSession) {
  Cluster cluster(ThreeReplicas());
  Producer& producer = cluster.AddProducer("p");
  cluster.Await(producer.Send({.topic = "t", .partition = 0, .value = "a"}));
  cluster.RunFor(absl::Seconds(5));
  const sim::Time killed = cluster.Now();
  cluster.broker(1).Kill();
  ASSERT_TRUE(cluster.RunUntil([&] { return cluster.Partition("t", 0).leader == BrokerId(2); },
                               absl::Seconds(15)));
  EXPECT_GE(cluster.Now() - killed, absl::Seconds(7));
  EXPECT_LE(cluster.Now() - killed, absl::Milliseconds(10'300));
  EXPECT_EQ(cluster.Partition("t", 0).leader_epoch, LeaderEpoch(1));
  EXPECT_EQ(cluster.Partition("t", 0).isr, Brokers({2, 3}));
  EXPECT_THAT(cluster.Await(producer.Send({.topic = "t", .partition = 0, .value = "b"})), IsOk());
  cluster.broker(1).Start();
  ASSERT_TRUE(cluster.RunUntil([&] { return cluster.Partition("t", 0).isr.size() == 3; },
                               absl::Seconds(30)));
  for (int broker = 1; broker <= 3; ++broker)
    EXPECT_THAT(cluster.Replica("t", 0, broker), HasRecords("a", "b")) << broker;
}

// A6.1: a connection is served one request at a time, so what waits for replicas holds up what
// comes behind it. Ten partitions are one request of Java's and ten of librdkafka's (D2).
TEST(Replication, LibrdkafkaWaitsForEachPartitionInTurnWhereJavaWaitsOnce) {
  const auto time_of_ten = [](Flavour flavour) {
    ClusterOptions options = ThreeReplicas();
    options.topics = {{.name = "t", .partitions = 10, .leaders = {1}, .replicas = 3}};
    options.network.link.latency.min = absl::Milliseconds(10);
    Cluster cluster(options);
    Producer& producer = cluster.AddProducer("p", flavour, {"linger.ms=5"});
    const auto send_to_all = [&] {
      std::vector<DeliveryFuture> sent;
      for (int p = 0; p < 10; ++p)
        sent.push_back(producer.Send({.topic = "t", .partition = p, .value = "a"}));
      for (DeliveryFuture& one : sent) EXPECT_THAT(cluster.Await(one), IsOk());
    };
    send_to_all();
    cluster.RunFor(absl::Seconds(2));
    const sim::Time begun = cluster.Now();
    send_to_all();
    return cluster.Now() - begun;
  };
  const absl::Duration java = time_of_ten(Flavour::kJava41);
  const absl::Duration librdkafka = time_of_ten(Flavour::kLibrdkafka216);
  // A way there and back, and the followers' next fetch.
  EXPECT_LE(java, absl::Milliseconds(75));
  EXPECT_GE(librdkafka, java + absl::Milliseconds(9 * 15));
}

TEST(Replication, AnIdleClusterMakesFewEvents) {
  Cluster cluster(ThreeReplicas());
  cluster.RunFor(absl::Seconds(10));
  const uint64_t before = cluster.sim().events_run();
  cluster.RunFor(absl::Seconds(10));
  EXPECT_LE(cluster.sim().events_run() - before, 1000);
}

// BrokerHeartbeatManager: a controlled shutdown is granted when all who stay have told by a
// heartbeat that they have read of it. One that stands still tells nothing.
TEST(Replication, WhoIsStoppedGoesWhenAllWhoStayHaveReadSo) {
  Cluster cluster(ThreeReplicas());
  cluster.RunFor(absl::Seconds(5));
  cluster.broker(3).Pause();
  cluster.ShutDown(1);
  cluster.RunFor(absl::Seconds(5));
  EXPECT_EQ(cluster.Partition("t", 0).leader, BrokerId(2));
  EXPECT_TRUE(cluster.broker(1).alive());
  cluster.broker(3).Resume();
  // Its next heartbeat, and then b1's.
  EXPECT_TRUE(cluster.RunUntil([&] { return !cluster.broker(1).alive(); }, absl::Seconds(5)));
}

// kafka-semantics A6.3: who was heard of when is not in the log. The dead leader's session begins
// anew with the controller that takes over.
TEST(Replication, AControllerThatTakesOverGivesEachBrokerAWholeSession) {
  Cluster cluster(ThreeReplicas());
  cluster.RunFor(absl::Seconds(5));
  cluster.broker(1).Kill();
  cluster.RunFor(absl::Seconds(4));
  cluster.controller().Kill();
  cluster.RunFor(absl::Seconds(1));
  cluster.controller().Start();
  const sim::Time took_over = cluster.Now();
  ASSERT_TRUE(cluster.RunUntil([&] { return cluster.Partition("t", 0).leader == BrokerId(2); },
                               absl::Seconds(20)));
  EXPECT_GE(cluster.Now() - took_over, absl::Seconds(9));
  EXPECT_LE(cluster.Now() - took_over, absl::Milliseconds(10'300));
}

}  // namespace
}  // namespace norn::model
