#include "model/broker/partition_log.h"

#include "gtest/gtest.h"

namespace norn::model {
namespace {

RecordBatch Batch(int32_t records, int32_t bytes = 100) {
  RecordSetBuilder builder;
  for (int32_t i = 0; i < records; ++i)
    builder.Append(0, Payload::Null(), Payload::OfSize(bytes), RecordId(i));
  return RecordBatch(builder.Seal());
}

class PartitionLogTest : public ::testing::Test {
 protected:
  PartitionLogTest() {
    node_.SetBoot([](sim::Node&) { return std::make_unique<sim::Process>(); });
    node_.Start();
  }
  PartitionLog Open(TopicConfig config = {}) { return PartitionLog(&disk_, "t-0", config); }

  sim::Simulation sim_{{.seed = 3}};
  sim::Node node_{sim_, "b1"};
  sim::Disk disk_{node_, {}};
};

TEST_F(PartitionLogTest, OffsetsAreContiguous) {
  PartitionLog log = Open();
  EXPECT_EQ(log.Append(Batch(3), LeaderEpoch(0)).base_offset, Offset(0));
  EXPECT_EQ(log.Append(Batch(2), LeaderEpoch(0)).base_offset, Offset(3));
  EXPECT_EQ(log.log_end(), Offset(5));
}

TEST_F(PartitionLogTest, ARefusedBatchConsumesNoOffset) {
  PartitionLog log = Open({.max_message_bytes = 200});
  EXPECT_EQ(log.Append(Batch(2), LeaderEpoch(0)).error, Error::kMessageTooLarge);
  RecordBatch damaged = Batch(1);
  damaged.Damage(80, 1);
  EXPECT_EQ(log.Append(std::move(damaged), LeaderEpoch(0)).error, Error::kCorruptMessage);
  EXPECT_EQ(log.Append(Batch(1), LeaderEpoch(0)).base_offset, Offset(0));
}

TEST_F(PartitionLogTest, SurvivesAKillWhole) {
  {
    PartitionLog log = Open();
    log.Append(Batch(3), LeaderEpoch(0));
  }
  node_.Kill();
  node_.Start();
  EXPECT_EQ(Open().log_end(), Offset(3));
}

TEST_F(PartitionLogTest, APowerLossKeepsWhatWasFlushedAndAPrefixOfTheRest) {
  bool lost_something = false;
  bool kept_something = false;
  for (uint64_t seed = 0; seed < 50; ++seed) {
    sim::Simulation sim({.seed = seed});
    sim::Node node(sim, "b1");
    node.SetBoot([](sim::Node&) { return std::make_unique<sim::Process>(); });
    node.Start();
    sim::Disk disk(node, {});
    {
      PartitionLog log(&disk, "t-0", {});
      log.Append(Batch(2), LeaderEpoch(0));
      log.Flush(sim.Now(), [] {});
      sim.RunUntilIdle();
      for (int i = 0; i < 4; ++i) log.Append(Batch(1), LeaderEpoch(0));
    }
    node.LosePower();
    node.Start();
    const PartitionLog log(&disk, "t-0", {});
    EXPECT_GE(log.log_end(), Offset(2));
    EXPECT_LE(log.log_end(), Offset(6));
    lost_something = lost_something || log.log_end() < Offset(6);
    kept_something = kept_something || log.log_end() > Offset(2);
  }
  EXPECT_TRUE(lost_something);
  EXPECT_TRUE(kept_something);
}

// A fetch is cut at its limit inside a batch as may be, but the first batch comes whole.
TEST_F(PartitionLogTest, ReadsAreCutAtTheLimit) {
  PartitionLog log = Open();
  for (int i = 0; i < 3; ++i) log.Append(Batch(1), LeaderEpoch(0));  // 170 bytes each
  EXPECT_EQ(log.Read(Offset(0), 10).SizeInBytes(), 170);
  const Records records = log.Read(Offset(1), 200);
  EXPECT_EQ(records.SizeInBytes(), 200);
  ASSERT_EQ(records.batches().size(), 1u);
  EXPECT_EQ(records.batches()[0].base_offset(), Offset(1));
  EXPECT_EQ(records.rest_size(), 30);
  EXPECT_EQ(log.Read(Offset(3), 100).SizeInBytes(), 0);
}

TEST_F(PartitionLogTest, FlushMessagesSaysWhenToFlush) {
  PartitionLog log = Open({.flush_messages = 3});
  EXPECT_FALSE(log.Append(Batch(2), LeaderEpoch(0)).flush_first);
  EXPECT_TRUE(log.Append(Batch(1), LeaderEpoch(0)).flush_first);
}

}  // namespace
}  // namespace norn::model
