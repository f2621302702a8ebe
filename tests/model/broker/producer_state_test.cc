#include "model/broker/producer_state.h"

#include "gtest/gtest.h"

namespace norn::model {
namespace {

RecordBatch Batch(int32_t sequence, int32_t records = 1, int16_t epoch = 0, int64_t offset = 0) {
  RecordSetBuilder builder;
  for (int32_t i = 0; i < records; ++i)
    builder.Append(0, Payload::Null(), Payload::OfSize(10), RecordId(i));
  RecordBatch batch(builder.Seal());
  batch.SetProducer(ProducerId(9), ProducerEpoch(epoch), Sequence(sequence));
  batch.Place(Offset(offset), LeaderEpoch(0));
  return batch;
}

// The checks are those of UnifiedLog.analyzeAndValidateProducerState, in its order.
class ProducerStateTest : public ::testing::Test {
 protected:
  void Append(const RecordBatch& batch) {
    const ProducerState::Check check = state_.Validate(batch);
    ASSERT_EQ(check.error, Error::kNone);
    ASSERT_FALSE(check.duplicate_of.has_value());
    state_.Update(batch);
  }
  Error ErrorOf(const RecordBatch& batch) { return state_.Validate(batch).error; }
  ProducerState state_;
};

TEST_F(ProducerStateTest, AnUnknownProducerMayBeginAnywhere) {
  EXPECT_EQ(ErrorOf(Batch(1000)), Error::kNone);
}

TEST_F(ProducerStateTest, AGapIsOutOfOrder) {
  Append(Batch(0, 3));
  EXPECT_EQ(ErrorOf(Batch(4)), Error::kOutOfOrderSequenceNumber);
  EXPECT_EQ(ErrorOf(Batch(3)), Error::kNone);
}

TEST_F(ProducerStateTest, ADuplicateIsAnsweredWithItsFirstOffset) {
  Append(Batch(0, 3, 0, /*offset=*/40));
  EXPECT_EQ(state_.Validate(Batch(0, 3)).duplicate_of, Offset(40));
}

TEST_F(ProducerStateTest, OnlyTheExactRangeIsADuplicate) {
  Append(Batch(0, 3));
  EXPECT_EQ(ErrorOf(Batch(0, 2)), Error::kOutOfOrderSequenceNumber);
  EXPECT_EQ(ErrorOf(Batch(1, 2)), Error::kOutOfOrderSequenceNumber);
}

// The sixth batch back is forgotten: its duplicate is 45, not 46.
TEST_F(ProducerStateTest, FiveBatchesAreRemembered) {
  for (int i = 0; i < 6; ++i) Append(Batch(i));
  EXPECT_EQ(ErrorOf(Batch(0)), Error::kOutOfOrderSequenceNumber);
  EXPECT_TRUE(state_.Validate(Batch(1)).duplicate_of.has_value());
}

TEST_F(ProducerStateTest, ALowerEpochIsInvalid) {
  Append(Batch(0, 1, /*epoch=*/3));
  EXPECT_EQ(ErrorOf(Batch(1, 1, 2)), Error::kInvalidProducerEpoch);
}

TEST_F(ProducerStateTest, AHigherEpochBeginsAtZeroAndForgetsTheOldBatches) {
  Append(Batch(0));
  EXPECT_EQ(ErrorOf(Batch(1, 1, 1)), Error::kOutOfOrderSequenceNumber);
  Append(Batch(0, 1, 1));
  EXPECT_EQ(ErrorOf(Batch(0, 1, 0)), Error::kInvalidProducerEpoch);
}

TEST_F(ProducerStateTest, SequencesWrap) {
  Append(Batch(2147483647));
  EXPECT_EQ(ErrorOf(Batch(0)), Error::kNone);
}

// What counts is the time of the producer's last record (ProducerStateManager.isProducerExpired).
TEST_F(ProducerStateTest, ForgetsWhoWroteNothingSince) {
  Append(Batch(0));  // its records are of time 0
  state_.Expire(-1);
  EXPECT_EQ(state_.producers(), 1u);
  state_.Expire(0);
  EXPECT_EQ(state_.producers(), 0u);
  EXPECT_EQ(ErrorOf(Batch(77)), Error::kNone);
}

TEST_F(ProducerStateTest, ManyProducersAreToldApart) {
  for (const int64_t id : {5, 1, 9, 3, 7}) {
    RecordBatch batch = Batch(0, 2, 0, 10 * id);
    batch.SetProducer(ProducerId(id), ProducerEpoch(0), Sequence(0));
    Append(batch);
  }
  EXPECT_EQ(state_.producers(), 5u);
  for (const int64_t id : {1, 3, 5, 7, 9}) {
    RecordBatch batch = Batch(0, 2);
    batch.SetProducer(ProducerId(id), ProducerEpoch(0), Sequence(0));
    EXPECT_EQ(state_.Validate(batch).duplicate_of, Offset(10 * id));
    batch.SetProducer(ProducerId(id), ProducerEpoch(0), Sequence(3));
    EXPECT_EQ(ErrorOf(batch), Error::kOutOfOrderSequenceNumber);
  }
}

// ProducerStateManager.writeSnapshot: an entry has the last sequence and offset, and no more.
TEST_F(ProducerStateTest, ASnapshotHasTheLastBatchOfEachProducer) {
  Append(Batch(0, 3, 0, /*offset=*/40));
  Append(Batch(3, 2, 0, /*offset=*/43));
  const ProducerState::Snapshot snapshot = state_.TakeSnapshot();
  ASSERT_EQ(snapshot.producers.size(), 1u);
  EXPECT_EQ(snapshot.SizeInBytes(), 10 + 46);
  state_ = ProducerState();
  state_.Restore(snapshot, /*expired_ms=*/-1);
  EXPECT_EQ(state_.Validate(Batch(3, 2)).duplicate_of, Offset(43));
  EXPECT_EQ(ErrorOf(Batch(0, 3)), Error::kOutOfOrderSequenceNumber);
  EXPECT_EQ(ErrorOf(Batch(5)), Error::kNone);
  state_.Restore(snapshot, /*expired_ms=*/0);
  EXPECT_EQ(state_.producers(), 0u);
}

}  // namespace
}  // namespace norn::model
