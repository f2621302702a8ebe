#include "model/broker/partition_log.h"

#include <string>

#include "absl/time/time.h"
#include "gtest/gtest.h"
#include "model/wall_clock.h"

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

// UnifiedLog.append: an IOException is KAFKA_STORAGE_ERROR, and so is all that follows it.
TEST_F(PartitionLogTest, AWriteThatTheDiskRefusesIsTheLast) {
  PartitionLog log = Open();
  log.Append(Batch(3), LeaderEpoch(0));
  disk_.Fill(50);
  const PartitionLog::Appended refused = log.Append(Batch(2), LeaderEpoch(0));
  EXPECT_EQ(refused.error, Error::kKafkaStorageError);
  EXPECT_TRUE(refused.base_offset.is_none());
  EXPECT_EQ(log.log_end(), Offset(3));
  disk_.Repair();
  EXPECT_EQ(log.Append(Batch(1), LeaderEpoch(0)).error, Error::kKafkaStorageError);
  RecordBatch batch = Batch(1);
  batch.Place(Offset(3), LeaderEpoch(0));
  EXPECT_FALSE(
      log.AppendAsFollower(std::make_shared<const RecordBatch>(std::move(batch)), sim_.Now()).ok());
  // Who opens it next finds the piece, and cuts it off.
  PartitionLog again = Open();
  EXPECT_EQ(again.log_end(), Offset(3));
  EXPECT_EQ(again.Append(Batch(1), LeaderEpoch(0)).base_offset, Offset(3));
}

// UnifiedLog.roll: without its snapshot of producers a segment does not end.
TEST_F(PartitionLogTest, ARollThatTheDiskRefusesFailsTheAppend) {
  PartitionLog log = Open({.segment_bytes = 300});
  log.Append(Batch(1), LeaderEpoch(0));
  disk_.Fail({.times = 1, .file = "t-0/00000000000000000001.snapshot"});
  EXPECT_EQ(log.Append(Batch(1), LeaderEpoch(0)).error, Error::kKafkaStorageError);
  EXPECT_EQ(PartitionLog::FilesOf(disk_, "t-0").size(), 1u);
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
      log.Flush(sim.Now(), nullptr);
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

RecordBatch At(int64_t timestamp_ms, int32_t sequence = -1) {
  RecordSetBuilder builder;
  builder.Append(0, Payload::Null(), Payload::OfSize(100), RecordId(0));
  RecordBatch batch(builder.Seal(), {.base_timestamp_ms = timestamp_ms});
  if (sequence >= 0) batch.SetProducer(ProducerId(9), ProducerEpoch(0), Sequence(sequence));
  return batch;
}

// LogSegment.timeWaitedForRoll: without a timestamp the broker's wall clock counts from the first
// append on.
TEST_F(PartitionLogTest, AStepOfTheClockEndsASegmentOfRecordsWithoutATime) {
  for (const bool stepped : {false, true}) {
    sim::Disk disk(node_, {});
    PartitionLog log(&disk, "t-0", {.segment = absl::Minutes(1)});
    log.Append(At(-1, 0), LeaderEpoch(0), sim_.Now());
    if (stepped) node_.StepClock(absl::Minutes(2));
    log.Append(At(-1, 1), LeaderEpoch(0), sim_.Now());
    EXPECT_EQ(PartitionLog::FilesOf(disk, "t-0").size(), stepped ? 2u : 1u);
  }
}

// A producer's own batch begins at 0; the field lies outside the checksum (UnifiedLog
// .analyzeAndValidateRecords).
TEST_F(PartitionLogTest, ABaseOffsetThatIsNotZeroIsInvalid) {
  PartitionLog log = Open();
  RecordBatch batch = Batch(1);
  batch.Place(Offset(7), LeaderEpoch::None());
  EXPECT_EQ(log.Append(batch, LeaderEpoch(0)).error, Error::kInvalidRecord);
}

// A6.1 4b: the size comes before the sequence, and before the checksum.
TEST_F(PartitionLogTest, TheSizeIsLookedAtFirst) {
  PartitionLog log = Open({.max_message_bytes = 200});
  EXPECT_EQ(log.Append(At(0, 0), LeaderEpoch(0)).error, Error::kNone);
  RecordBatch large = Batch(2);
  large.SetProducer(ProducerId(9), ProducerEpoch(0), Sequence(44));
  EXPECT_EQ(log.Append(large, LeaderEpoch(0)).error, Error::kMessageTooLarge);
  large.Damage(100, 1);
  EXPECT_EQ(log.Append(large, LeaderEpoch(0)).error, Error::kMessageTooLarge);
}

TEST_F(PartitionLogTest, ABatchLargerThanASegmentIsRefused) {
  PartitionLog log = Open({.max_message_bytes = 10'000, .segment_bytes = 1000});
  EXPECT_EQ(log.Append(Batch(1, 1000), LeaderEpoch(0)).error, Error::kRecordListTooLarge);
  EXPECT_EQ(log.Append(Batch(1, 900), LeaderEpoch(0)).error, Error::kNone);
}

// KIP-937 and KIP-1030: an hour into the future at most, as far into the past as one likes.
TEST_F(PartitionLogTest, TimestampsOutOfRangeAreRefusedRecordByRecord) {
  const int64_t now_ms = WallMillis(sim_.Now());
  PartitionLog log = Open();
  EXPECT_EQ(log.Append(At(now_ms + 3'600'000), LeaderEpoch(0)).error, Error::kNone);
  EXPECT_EQ(log.Append(At(0), LeaderEpoch(0)).error, Error::kNone);
  const PartitionLog::Appended refused = log.Append(At(now_ms + 3'600'001), LeaderEpoch(0));
  EXPECT_EQ(refused.error, Error::kInvalidTimestamp);
  EXPECT_EQ(refused.message, "One or more records have been rejected due to invalid timestamp");
  ASSERT_EQ(refused.record_errors.size(), 1u);
  EXPECT_EQ(refused.record_errors[0].batch_index, 0);
  EXPECT_NE(refused.record_errors[0].message->find(" of message with offset 0 is out of range."),
            std::string::npos);
  EXPECT_EQ(log.log_end(), Offset(2));

  PartitionLog strict = Open({.timestamp_before_max = absl::Seconds(1)});
  EXPECT_EQ(strict.Append(At(now_ms - 1000), LeaderEpoch(0)).error, Error::kNone);
  EXPECT_EQ(strict.Append(At(now_ms - 1001), LeaderEpoch(0)).error, Error::kInvalidTimestamp);
}

TEST_F(PartitionLogTest, TheLeadersClockStampsIfTheTopicSaysSo) {
  PartitionLog log = Open({.log_append_time = true});
  const sim::Time now = sim::Time::Zero() + absl::Seconds(5);
  // Whatever the producer's clock said.
  const PartitionLog::Appended appended = log.Append(At(77), LeaderEpoch(0), now);
  EXPECT_EQ(appended.error, Error::kNone);
  EXPECT_EQ(appended.log_append_time_ms, WallMillis(now));
  const RecordBatch& stored = *log.batches()[0];
  EXPECT_EQ(stored.timestamp_ms(stored.records()[0]), WallMillis(now));
  EXPECT_TRUE(stored.IsValid());
}

TEST_F(PartitionLogTest, ADuplicateIsAnsweredWithTheTimeOfItsRecords) {
  PartitionLog log = Open();
  EXPECT_EQ(log.Append(At(500, 0), LeaderEpoch(0)).log_append_time_ms, -1);
  const PartitionLog::Appended again = log.Append(At(500, 0), LeaderEpoch(0));
  EXPECT_TRUE(again.duplicate);
  EXPECT_EQ(again.log_append_time_ms, 500);
}

// A4.1: producer.id.expiration.ms after its last record, at the next of the ten-minute checks, a
// producer is unknown, and may begin anywhere.
TEST_F(PartitionLogTest, ProducersAreForgottenAtACheck) {
  const auto minute = [](int64_t m) { return sim::Time::Zero() + absl::Minutes(m); };
  for (const int64_t minutes : {19, 20}) {
    PartitionLog log(&disk_, "t-" + std::to_string(minutes), {}, minute(0), absl::Minutes(15));
    EXPECT_EQ(log.Append(At(WallMillis(minute(1)), 0), LeaderEpoch(0), minute(1)).error,
              Error::kNone);
    // After 16 minutes it is old enough; the check after 20 finds it.
    EXPECT_EQ(
        log.Append(At(WallMillis(minute(minutes)), 77), LeaderEpoch(0), minute(minutes)).error,
        minutes < 20 ? Error::kOutOfOrderSequenceNumber : Error::kNone);
  }
}

// A follower's log holds what the leader's does, and shares the records with it (A6.2).
TEST_F(PartitionLogTest, AFollowerTakesTheLeadersBatchesAsTheyAre) {
  PartitionLog leader = Open();
  leader.BeginEpoch(LeaderEpoch(4));
  leader.Append(Batch(3), LeaderEpoch(4));
  leader.BeginEpoch(LeaderEpoch(6));
  leader.Append(At(500, 0), LeaderEpoch(6));
  PartitionLog follower(&disk_, "t-1", {});
  const Records fetched = leader.Read(Offset(0), 100'000);
  for (const RecordBatch& batch : fetched.batches()) {
    const sim::Time written =
        follower.AppendAsFollower(std::make_shared<const RecordBatch>(batch), sim_.Now()).at;
    EXPECT_GT(written, sim_.Now());
  }
  ASSERT_EQ(follower.batches().size(), 2u);
  EXPECT_EQ(*follower.batches()[1], *leader.batches()[1]);
  EXPECT_TRUE(follower.batches()[0]->records().SharesStorageWith(leader.batches()[0]->records()));
  EXPECT_EQ(follower.log_end(), Offset(4));
  EXPECT_EQ(follower.high_watermark(), Offset(0));
  EXPECT_EQ(follower.epochs().entries(), leader.epochs().entries());
  // Elected, it knows the producer: the retry is a duplicate.
  EXPECT_TRUE(follower.Append(At(500, 0), LeaderEpoch(7)).duplicate);
}

// A4.1: replicas apply the same updates without sequence validation.
TEST_F(PartitionLogTest, AFollowerDoesNotJudgeSequences) {
  PartitionLog log = Open();
  for (const int32_t sequence : {0, 7}) {
    RecordBatch batch = At(100, sequence);
    batch.Place(log.log_end(), LeaderEpoch(0));
    log.AppendAsFollower(std::make_shared<const RecordBatch>(std::move(batch)), sim_.Now());
  }
  EXPECT_EQ(log.log_end(), Offset(2));
  EXPECT_EQ(log.Append(At(100, 8), LeaderEpoch(0)).error, Error::kNone);
}

TEST_F(PartitionLogTest, AFollowerThatFlushesEveryMessageWaitsForItsDisk) {
  PartitionLog log = Open({.flush_messages = 1});
  RecordBatch batch = Batch(1);
  batch.Place(Offset(0), LeaderEpoch(0));
  const sim::Time done =
      log.AppendAsFollower(std::make_shared<const RecordBatch>(std::move(batch)), sim_.Now()).at;
  EXPECT_GE(done, sim_.Now() + sim::DiskOptions().sync_latency);
}

TEST_F(PartitionLogTest, TheHighWatermarkStaysWithinTheLog) {
  PartitionLog log = Open();
  log.Append(Batch(3), LeaderEpoch(0));
  log.Append(Batch(1), LeaderEpoch(0));
  EXPECT_EQ(log.high_watermark(), Offset(0));
  log.SetHighWatermark(Offset(3));
  EXPECT_EQ(log.high_watermark(), Offset(3));
  EXPECT_EQ(log.Read(Offset(0), 100'000, log.high_watermark()).batches().size(), 1u);
  EXPECT_EQ(log.Read(Offset(0), 100'000).batches().size(), 2u);
  EXPECT_EQ(log.BytesFrom(Offset(3), 1, log.high_watermark()), 0);
  EXPECT_GT(log.BytesFrom(Offset(3), 1), 0);
  log.SetHighWatermark(Offset(9));
  EXPECT_EQ(log.high_watermark(), Offset(4));
}

TEST_F(PartitionLogTest, TruncationTakesBackWhatTheRecordsSaid) {
  PartitionLog log = Open();
  log.Append(At(100, 0), LeaderEpoch(1));
  log.Append(At(100, 1), LeaderEpoch(1));
  log.Append(At(100, 2), LeaderEpoch(3));
  log.SetHighWatermark(Offset(3));
  log.TruncateTo(Offset(1));
  EXPECT_EQ(log.log_end(), Offset(1));
  EXPECT_EQ(log.high_watermark(), Offset(1));
  EXPECT_EQ(log.epochs().LatestEpoch(), LeaderEpoch(1));
  EXPECT_EQ(log.Append(At(100, 2), LeaderEpoch(4)).error, Error::kOutOfOrderSequenceNumber);
  EXPECT_EQ(log.Append(At(100, 1), LeaderEpoch(4)).base_offset, Offset(1));
  EXPECT_EQ(log.epochs().EpochOf(Offset(1)), LeaderEpoch(4));
  EXPECT_EQ(Open().log_end(), Offset(2));
}

TEST_F(PartitionLogTest, ABatchIsTruncatedWhole) {
  PartitionLog log = Open();
  log.Append(Batch(3), LeaderEpoch(0));
  log.Append(Batch(3), LeaderEpoch(2));
  log.TruncateTo(Offset(4));
  EXPECT_EQ(log.log_end(), Offset(3));
  EXPECT_EQ(log.epochs().LatestEpoch(), LeaderEpoch(0));
}

// UnifiedLog.truncateTo: "we may have a conflicting epoch entry at the end of the log".
TEST_F(PartitionLogTest, AnEpochThatWroteNothingIsForgottenAtTheLogEnd) {
  PartitionLog log = Open();
  log.Append(Batch(3), LeaderEpoch(0));
  log.BeginEpoch(LeaderEpoch(5));
  EXPECT_EQ(log.epochs().LatestEpoch(), LeaderEpoch(5));
  log.TruncateTo(Offset(3));
  EXPECT_EQ(log.log_end(), Offset(3));
  EXPECT_EQ(log.epochs().LatestEpoch(), LeaderEpoch(0));
}

TEST_F(PartitionLogTest, ALogCanBeginAnew) {
  PartitionLog log = Open();
  log.Append(At(100, 0), LeaderEpoch(1));
  log.TruncateFullyAndStartAt(Offset(70));
  EXPECT_EQ(log.log_start(), Offset(70));
  EXPECT_EQ(log.high_watermark(), Offset(70));
  EXPECT_TRUE(log.epochs().entries().empty());
  EXPECT_EQ(log.Append(At(100, 5), LeaderEpoch(2)).base_offset, Offset(70));
}

TEST_F(PartitionLogTest, OffsetsAreFoundByTime) {
  PartitionLog log = Open();
  for (const int64_t ms : {100, 300, 200}) log.Append(At(ms), LeaderEpoch(0));
  EXPECT_EQ(log.FindByTime(0).offset, Offset(0));
  EXPECT_EQ(log.FindByTime(101).offset, Offset(1));
  EXPECT_EQ(log.FindByTime(101).timestamp_ms, 300);
  EXPECT_TRUE(log.FindByTime(301).offset.is_none());
  EXPECT_EQ(log.FindNewest().offset, Offset(1));
}

}  // namespace
}  // namespace norn::model
