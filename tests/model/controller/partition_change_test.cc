// Elections and the ISR, one change at a time (PartitionChangeBuilder; KIP-966; kafka-semantics
// A6.3).
#include "model/controller/partition_change.h"

#include <initializer_list>
#include <optional>

#include "gtest/gtest.h"

namespace norn::model {
namespace {

BrokerList List(std::initializer_list<int> ids) {
  BrokerList list;
  for (const int id : ids) list.push_back(BrokerId(id));
  return list;
}

class PartitionChangeTest : public ::testing::Test {
 protected:
  PartitionChangeTest() {
    for (int id = 1; id <= 3; ++id) SetBroker(id, true);
    state_.replicas = List({1, 2, 3});
    state_.isr = List({1, 2, 3});
    state_.leader = BrokerId(1);
  }
  void SetBroker(int id, bool up) { image_.Apply(BrokerRecord{BrokerId(id), id, !up, false}); }
  // False if nothing changes.
  bool Apply(const PartitionChange& change) {
    const auto after = Change(state_, change, rules_, image_);
    if (!after.has_value()) return false;
    EXPECT_EQ(after->partition_epoch, state_.partition_epoch + 1);
    EXPECT_EQ(after->leader_epoch.value(),
              state_.leader_epoch.value() + (after->leader == state_.leader ? 0 : 1));
    state_ = *after;
    return true;
  }
  void Fence(int id) {
    Apply({.leaves = BrokerId(id)});
    SetBroker(id, false);
  }
  void Unfence(int id, bool unclean) {
    if (unclean) Apply({.unclean = BrokerId(id)});
    Apply({.returns = BrokerId(id)});
    SetBroker(id, true);
  }

  MetadataImage image_;
  ElectionRules rules_;
  PartitionState state_;
};

TEST_F(PartitionChangeTest, AFollowerThatLeavesChangesNoEpoch) {
  Fence(3);
  EXPECT_EQ(state_.leader, BrokerId(1));
  EXPECT_EQ(state_.leader_epoch, LeaderEpoch(0));
  EXPECT_EQ(state_.isr, List({1, 2}));
}

TEST_F(PartitionChangeTest, TheFirstOfTheReplicasThatIsInSyncLeadsNext) {
  Fence(2);
  Fence(1);
  EXPECT_EQ(state_.leader, BrokerId(3));
  EXPECT_EQ(state_.leader_epoch, LeaderEpoch(1));
  EXPECT_EQ(state_.isr, List({3}));
}

TEST_F(PartitionChangeTest, NobodyLeadsWhoIsNotInSync) {
  state_.isr = List({1});
  Fence(1);
  EXPECT_TRUE(state_.leader.is_none());
  Unfence(2, false);
  EXPECT_TRUE(state_.leader.is_none());
}

TEST_F(PartitionChangeTest, WithoutElrTheLastMemberStaysInTheIsr) {
  rules_.eligible_leader_replicas = false;
  state_.isr = List({1});
  Fence(1);
  EXPECT_EQ(state_.isr, List({1}));
  EXPECT_EQ(state_.leader_epoch, LeaderEpoch(1));
  Unfence(1, true);
  EXPECT_EQ(state_.leader, BrokerId(1));
  EXPECT_EQ(state_.leader_epoch, LeaderEpoch(2));
}

TEST_F(PartitionChangeTest, WhoLeavesBelowTheMinimumIsEligible) {
  rules_.min_insync_replicas = 2;
  Fence(1);
  EXPECT_EQ(state_.elr, List({}));
  Fence(2);
  EXPECT_EQ(state_.isr, List({3}));
  EXPECT_EQ(state_.elr, List({2}));
  Fence(3);
  EXPECT_EQ(state_.isr, List({}));
  EXPECT_EQ(state_.elr, List({2, 3}));
  EXPECT_EQ(state_.last_known_leader, List({3}));
  Unfence(1, false);
  EXPECT_TRUE(state_.leader.is_none());
  Unfence(2, false);
  EXPECT_EQ(state_.leader, BrokerId(2));
  EXPECT_EQ(state_.isr, List({2}));
  EXPECT_EQ(state_.elr, List({3}));
  EXPECT_TRUE(state_.last_known_leader.empty());
}

TEST_F(PartitionChangeTest, TheLastKnownLeaderComesWhenNoneIsEligible) {
  rules_.min_insync_replicas = 2;
  for (const int id : {1, 2, 3}) Fence(id);
  Unfence(2, true);
  EXPECT_TRUE(state_.leader.is_none());
  EXPECT_EQ(state_.elr, List({3}));
  Unfence(3, true);
  EXPECT_EQ(state_.leader, BrokerId(3));
  EXPECT_EQ(state_.isr, List({3}));
}

TEST_F(PartitionChangeTest, AnUncleanElectionTakesWhoeverIsUp) {
  rules_.unclean = true;
  state_.isr = List({1});
  SetBroker(2, false);
  SetBroker(3, false);
  Fence(1);
  EXPECT_TRUE(state_.leader.is_none());
  Unfence(3, true);
  EXPECT_EQ(state_.leader, BrokerId(3));
  EXPECT_EQ(state_.isr, List({3}));
  EXPECT_TRUE(state_.elr.empty());
}

TEST_F(PartitionChangeTest, TheIsrThatItsLeaderAsksFor) {
  ASSERT_TRUE(Apply({.isr = List({1, 2})}));
  EXPECT_EQ(state_.isr, List({1, 2}));
  EXPECT_FALSE(Apply({.isr = List({1, 2})})) << "it is so already";
}

TEST_F(PartitionChangeTest, ThePreferredLeaderIsTheFirstReplicaIfItIsInSync) {
  Fence(1);
  EXPECT_EQ(state_.leader, BrokerId(2));
  SetBroker(1, true);
  EXPECT_FALSE(Apply({.preferred = true}));
  Apply({.isr = List({2, 3, 1})});
  ASSERT_TRUE(Apply({.preferred = true}));
  EXPECT_EQ(state_.leader, BrokerId(1));
}

}  // namespace
}  // namespace norn::model
