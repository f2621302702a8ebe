#include "tests/support/partition_matchers.h"

#include <initializer_list>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "model/cluster.h"
#include "tests/support/matchers.h"
#include "tests/support_test/explain.h"

namespace norn {
namespace {

using model::BrokerId;
using model::BrokerList;
using model::LogView;
using model::PartitionState;
using model::StoredRecord;
using ::testing::Ge;
using ::testing::Not;
using ::testing::PrintToString;

BrokerList Brokers(std::initializer_list<int> ids) {
  BrokerList list;
  for (const int id : ids) list.push_back(BrokerId(id));
  return list;
}

PartitionState State() {
  PartitionState state;
  state.replicas = Brokers({1, 2, 3});
  state.isr = Brokers({3, 1});
  state.leader = BrokerId(1);
  state.leader_epoch = model::LeaderEpoch(2);
  state.partition_epoch = 5;
  return state;
}

TEST(PartitionState, IsPrinted) {
  EXPECT_EQ(PrintToString(State()),
            "leader 1 epoch 2 isr {3, 1} replicas {1, 2, 3} partition epoch 5");
  PartitionState nobody = State();
  nobody.leader = BrokerId::None();
  nobody.isr.clear();
  nobody.elr = Brokers({2});
  EXPECT_EQ(PrintToString(nobody),
            "leader none epoch 2 isr {} elr {2} replicas {1, 2, 3} partition epoch 5");
}

TEST(HasLeader, SaysWhoLeads) {
  EXPECT_THAT(State(), HasLeader(1));
  EXPECT_THAT(State(), Not(HasLeader(2)));
  EXPECT_THAT(State(), Not(HasNoLeader()));
  EXPECT_EQ(Explain(HasLeader(2), State()), "which is led by 1");
  EXPECT_EQ(Describe<PartitionState>(HasLeader(2)), "has leader 2");
  EXPECT_EQ(DescribeNot<PartitionState>(HasLeader(2)), "has another leader than 2");
  PartitionState nobody = State();
  nobody.leader = BrokerId::None();
  EXPECT_THAT(nobody, HasNoLeader());
  EXPECT_EQ(Explain(HasLeader(2), nobody), "which nobody leads");
  EXPECT_EQ(Describe<PartitionState>(HasNoLeader()), "has no leader");
  EXPECT_EQ(DescribeNot<PartitionState>(HasNoLeader()), "has a leader");
}

TEST(HasLeaderEpoch, SaysWhichItIs) {
  EXPECT_THAT(State(), HasLeaderEpoch(2));
  EXPECT_THAT(State(), HasLeaderEpoch(Ge(1)));
  EXPECT_EQ(Explain(HasLeaderEpoch(3), State()), "which is in leader epoch 2");
  EXPECT_EQ(Describe<PartitionState>(HasLeaderEpoch(3)), "has a leader epoch that is equal to 3");
  EXPECT_EQ(DescribeNot<PartitionState>(HasLeaderEpoch(3)),
            "has a leader epoch that isn't equal to 3");
}

TEST(HasIsr, SaysWhoIsMissingAndWhoIsToo) {
  EXPECT_THAT(State(), HasIsr({1, 3}));
  EXPECT_THAT(State(), HasIsr({3, 1}));
  EXPECT_EQ(Explain(HasIsr({1, 2, 3}), State()), "which lacks 2");
  EXPECT_EQ(Explain(HasIsr({1}), State()), "which has 3 besides");
  EXPECT_EQ(Explain(HasIsr({2, 3}), State()), "which lacks 2 and has 1 besides");
  EXPECT_EQ(Describe<PartitionState>(HasIsr({1, 2})), "has ISR {1, 2}");
  EXPECT_EQ(DescribeNot<PartitionState>(HasIsr({1, 2})), "has another than ISR {1, 2}");
}

TEST(HasElr, IsOfTheElr) {
  PartitionState state = State();
  state.elr = Brokers({2});
  EXPECT_THAT(state, HasElr({2}));
  EXPECT_THAT(State(), HasElr({}));
  EXPECT_EQ(Explain(HasElr({2}), State()), "which lacks 2");
  EXPECT_EQ(Describe<PartitionState>(HasElr({2})), "has ELR {2}");
}

class ReplicaMatchers : public ::testing::Test {
 protected:
  ReplicaMatchers() : cluster_({.brokers = 3, .topics = {{.name = "t", .replicas = 3}}}) {
    model::Producer& producer = cluster_.AddProducer("p");
    cluster_.Await(producer.Send({.topic = "t", .partition = 0, .value = "a"}));
  }
  model::Cluster cluster_;
};

TEST_F(ReplicaMatchers, SayHowFarItIs) {
  const model::Replica* leader = cluster_.FindReplica("t", 0, 1);
  const model::Replica* follower = cluster_.FindReplica("t", 0, 2);
  EXPECT_THAT(leader, HasHighWatermark(1));
  EXPECT_THAT(leader, HasLogEndOffset(Ge(1)));
  EXPECT_THAT(follower, HasHighWatermark(0));
  EXPECT_EQ(Explain(HasHighWatermark(7), leader),
            "whose high watermark is 1: a leader in epoch 0, its log is 0 to 1, high watermark 1");
  EXPECT_EQ(
      Explain(HasLogEndOffset(7), follower),
      "whose log end offset is 1: a follower of 1 in epoch 0, its log is 0 to 1, high watermark 0");
  EXPECT_EQ(Describe<const model::Replica*>(HasHighWatermark(7)),
            "has a high watermark that is equal to 7");
  EXPECT_EQ(DescribeNot<const model::Replica*>(HasLogEndOffset(7)),
            "has a log end offset that isn't equal to 7");
}

TEST_F(ReplicaMatchers, SayThatThereIsNone) {
  cluster_.broker(2).Kill();
  EXPECT_EQ(Explain(HasHighWatermark(0), cluster_.FindReplica("t", 0, 2)),
            "which is none: the broker is down, or has no replica of it");
}

TEST_F(ReplicaMatchers, ReplicasOfAClusterAgree) {
  EXPECT_THAT(cluster_.Replica("t", 0, 2), IsInStepWith(cluster_.Replica("t", 0, 1)));
  const std::vector<LogView> replicas = cluster_.Replicas("t", 0);
  ASSERT_EQ(replicas.size(), 3u);
  EXPECT_EQ(replicas[1].broker(), BrokerId(2));
  EXPECT_THAT(replicas, ReplicasAgree());
}

StoredRecord Record(int64_t offset, int32_t epoch, std::string value) {
  StoredRecord record;
  record.offset = model::Offset(offset);
  record.leader_epoch = model::LeaderEpoch(epoch);
  record.id = model::RecordId(offset);
  record.value_size = static_cast<int64_t>(value.size());
  record.value = std::move(value);
  return record;
}
LogView On(int32_t broker, std::vector<StoredRecord> records) {
  LogView log("t", 0, std::move(records));
  log.SetBroker(BrokerId(broker));
  return log;
}

TEST(IsInStepWith, SaysWhereTheyDiffer) {
  const LogView one = On(1, {Record(0, 0, "a"), Record(1, 0, "x")});
  const LogView two = On(2, {Record(0, 0, "a"), Record(1, 2, "y")});
  EXPECT_EQ(Explain(IsInStepWith(two), one),
            "which differs: t-0@1 is \"x\" of epoch 0 on b1 and \"y\" of epoch 2 on b2");
  EXPECT_EQ(Describe<LogView>(IsInStepWith(two)), "holds the same as t-0: @0 \"a\", @1 \"y\"");
}

TEST(IsInStepWith, SaysWhichIsLonger) {
  const LogView one = On(1, {Record(0, 0, "a"), Record(1, 0, "b")});
  const LogView two = On(2, {Record(0, 0, "a")});
  EXPECT_EQ(Explain(IsInStepWith(two), one), "which ends at 2, b2 at 1");
  EXPECT_EQ(Explain(IsInStepWith(LogView("t", 0, {})), two), "which ends at 1, the other at 0");
  const LogView cut = On(3, {Record(1, 0, "b")});
  EXPECT_EQ(Explain(IsInStepWith(one), cut), "which begins at 1, b1 at 0");
}

TEST(ReplicasAgree, LetsOneBeShorterAndSaysWhereTwoDiffer) {
  const LogView one = On(1, {Record(0, 0, "a"), Record(1, 0, "x")});
  const LogView two = On(2, {Record(0, 0, "a")});
  const LogView three = On(3, {Record(0, 0, "a"), Record(1, 2, "y")});
  EXPECT_THAT((std::vector<LogView>{one, two}), ReplicasAgree());
  EXPECT_EQ(Explain(ReplicasAgree(), std::vector<LogView>{one, two, three}),
            "which differs: t-0@1 is \"x\" of epoch 0 on b1 and \"y\" of epoch 2 on b3");
}

}  // namespace
}  // namespace norn
