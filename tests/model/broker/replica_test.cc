// What a leader makes of its followers' fetches (kafka-semantics A6.2; Partition.scala).
#include "model/broker/replica.h"

#include <memory>
#include <string>

#include "gtest/gtest.h"
#include "model/record/record_set.h"
#include "sim/disk.h"
#include "sim/node.h"
#include "sim/simulation.h"

namespace norn::model {
namespace {

constexpr absl::Duration kLag = absl::Seconds(30);

BrokerList List(std::initializer_list<int> ids) {
  BrokerList list;
  for (const int id : ids) list.push_back(BrokerId(id));
  return list;
}

class ReplicaTest : public ::testing::Test {
 protected:
  ReplicaTest() : node_(sim_, "b1"), disk_(node_, {}) {
    node_.SetBoot([](sim::Node&) { return std::make_unique<sim::Process>(); });
    node_.Start();
    for (int id = 1; id <= 3; ++id) image_.Apply(BrokerRecord{BrokerId(id), id, false, false});
    config_.min_insync_replicas = 2;
    Replica::Options options;
    options.broker = BrokerId(1);
    options.name = TopicName("t");
    options.topic = Uuid{1, 1};
    options.partition = PartitionIndex(0);
    options.lag_time_max = kLag;
    sim::OwnerScope scope(sim_, node_.owner());
    replica_ = std::make_unique<Replica>(options, &image_, &disk_, config_, Now(), absl::Hours(24),
                                         PartitionLog::Checkpoints{}, Offset(0));
    state_.replicas = state_.isr = List({1, 2, 3});
    state_.leader = BrokerId(1);
    replica_->Apply(state_, Now());
  }
  sim::Time Now() const { return sim_.Now(); }
  void Append() {
    sim::OwnerScope scope(sim_, node_.owner());
    RecordSetBuilder records;
    records.Append(0, Payload::Null(), "x", RecordId(1));
    const auto appended =
        replica_->log().Append(RecordBatch(records.Seal()), replica_->leader_epoch(), Now());
    ASSERT_EQ(appended.error, Error::kNone);
    replica_->AdvanceHighWatermark(Now());
  }
  bool Fetch(int id, int64_t offset, int64_t epoch = -1) {
    return replica_->OnFollowerFetch(BrokerId(id), Offset(offset), epoch < 0 ? id : epoch, Now());
  }
  int64_t HighWatermark() const { return replica_->log().high_watermark().value(); }
  void Grant(const AlterPartition::Partition& asked) {
    AlterPartitionAnswer::Partition answer;
    answer.state = state_;
    answer.state.isr.clear();
    for (const auto& member : asked.isr) answer.state.isr.push_back(member.id);
    answer.state.partition_epoch = ++state_.partition_epoch;
    state_ = answer.state;
    replica_->OnAltered(answer, Now());
  }

  sim::Simulation sim_{{}};
  sim::Node node_;
  sim::Disk disk_;
  MetadataImage image_;
  TopicConfig config_;
  PartitionState state_;
  std::unique_ptr<Replica> replica_;
};

TEST_F(ReplicaTest, TheHighWatermarkIsWhatAllOfTheIsrHave) {
  Append();
  EXPECT_EQ(HighWatermark(), 0);
  EXPECT_FALSE(Fetch(2, 1));
  EXPECT_EQ(replica_->CommittedUpTo(Offset(1)), std::nullopt);
  EXPECT_TRUE(Fetch(3, 1));
  EXPECT_EQ(HighWatermark(), 1);
  EXPECT_EQ(replica_->CommittedUpTo(Offset(1)), Error::kNone);
}

TEST_F(ReplicaTest, AFollowerThatWasNotHeardOfHoldsItUp) {
  Append();
  Fetch(2, 1);
  EXPECT_EQ(HighWatermark(), 0);
}

TEST_F(ReplicaTest, WhoHasNotBeenAtTheEndForTooLongLeaves) {
  Fetch(2, 0);
  Fetch(3, 0);
  Append();
  sim_.RunFor(kLag);
  Fetch(2, 1);
  EXPECT_FALSE(replica_->Shrunk(Now()).has_value()) << "3 was there 30 s ago, and not longer";
  sim_.RunFor(absl::Milliseconds(1));
  const auto shrunk = replica_->Shrunk(Now());
  ASSERT_TRUE(shrunk.has_value());
  EXPECT_EQ(shrunk->isr.size(), 2u);
  EXPECT_EQ(HighWatermark(), 0) << "until the controller has granted it, 3 counts";
  EXPECT_FALSE(replica_->Shrunk(Now()).has_value()) << "one change at a time";
  Grant(*shrunk);
  EXPECT_EQ(HighWatermark(), 1);
}

// It is always one fetch behind, and in sync all the same.
TEST_F(ReplicaTest, WhoReachesTheEndOfItsLastFetchIsCaughtUp) {
  Fetch(2, 0);
  for (int64_t second = 0; second < 60; ++second) {
    Append();
    sim_.RunFor(absl::Seconds(1));
    Fetch(3, second);
    Fetch(2, second + 1);
  }
  EXPECT_FALSE(replica_->Shrunk(Now()).has_value());
}

// KAFKA-15583: what is acknowledged with acks=all must be on enough replicas.
TEST_F(ReplicaTest, BelowTheMinimumTheHighWatermarkStandsStill) {
  Fetch(2, 0);
  Fetch(3, 0);
  Append();
  state_.isr = List({1});
  ++state_.partition_epoch;
  image_.Apply(BrokerRecord{BrokerId(2), 2, true, false});
  image_.Apply(BrokerRecord{BrokerId(3), 3, true, false});
  replica_->Apply(state_, Now());
  EXPECT_EQ(HighWatermark(), 0);
  EXPECT_EQ(replica_->CheckMinIsr(), Error::kNotEnoughReplicas);
}

class ReturningTest : public ReplicaTest {
 protected:
  ReturningTest() {
    Fetch(2, 0);
    state_.isr = List({1, 2});
    ++state_.partition_epoch;
    replica_->Apply(state_, Now());
    sim_.RunFor(kLag + absl::Seconds(1));
    Append();
    Fetch(2, 1);
  }
};

TEST_F(ReturningTest, JoinsAtTheHighWatermark) {
  EXPECT_EQ(HighWatermark(), 1);
  Fetch(3, 0);
  EXPECT_FALSE(replica_->Expanded(BrokerId(3)).has_value());
  Fetch(3, 1);
  const auto asked = replica_->Expanded(BrokerId(3));
  ASSERT_TRUE(asked.has_value());
  EXPECT_EQ(asked->isr.size(), 3u);
  EXPECT_EQ(asked->isr.back().epoch, 3);
  Append();
  Fetch(2, 2);
  EXPECT_EQ(HighWatermark(), 1) << "whoever is asked for counts already";
  EXPECT_EQ(replica_->CheckMinIsr(), Error::kNone);
}

TEST_F(ReturningTest, DoesNotWhileItIsFencedOrShutsDown) {
  Fetch(3, 1);
  image_.Apply(BrokerRecord{BrokerId(3), 3, true, false});
  EXPECT_FALSE(replica_->Expanded(BrokerId(3)).has_value());
  image_.Apply(BrokerRecord{BrokerId(3), 3, false, true});
  EXPECT_FALSE(replica_->Expanded(BrokerId(3)).has_value());
}

// KIP-903: what fetched is not what is registered.
TEST_F(ReturningTest, DoesNotInAnotherLifeThanTheRegistered) {
  Fetch(3, 1, /*epoch=*/2);
  EXPECT_FALSE(replica_->Expanded(BrokerId(3)).has_value());
}

// KAFKA-7128: the high watermark of a new leader may lie before what its predecessor has committed.
TEST_F(ReplicaTest, ANewLeaderLetsNobodyInBeforeItsOwnStart) {
  Append();
  Append();
  state_.leader_epoch = LeaderEpoch(2);
  ++state_.partition_epoch;
  state_.isr = List({1, 2});
  replica_->Apply(state_, Now());
  EXPECT_EQ(HighWatermark(), 0);
  EXPECT_FALSE(replica_->KnowsItsEnd());
  Fetch(3, 1);
  EXPECT_FALSE(replica_->Expanded(BrokerId(3)).has_value());
  Fetch(3, 2);
  EXPECT_TRUE(replica_->Expanded(BrokerId(3)).has_value());
}

TEST_F(ReplicaTest, OldNewsChangesNothing) {
  PartitionState old = state_;
  state_.leader = BrokerId(2);
  state_.leader_epoch = LeaderEpoch(1);
  ++state_.partition_epoch;
  EXPECT_TRUE(replica_->Apply(state_, Now()));
  EXPECT_FALSE(replica_->leads());
  EXPECT_FALSE(replica_->Apply(old, Now()));
  EXPECT_FALSE(replica_->leads());
  EXPECT_EQ(replica_->CommittedUpTo(Offset(0)), Error::kNotLeaderOrFollower);
}

}  // namespace
}  // namespace norn::model
