#include "model/client/java/idempotence.h"

#include "gtest/gtest.h"

namespace norn::model {
namespace {

class IdempotenceTest : public ::testing::Test {
 protected:
  IdempotenceTest() { idempotence_.SetProducerId(ProducerId(9), ProducerEpoch(0)); }

  sim::Ref<ProducerBatch> Batch(int32_t records, int32_t partition = 0) {
    auto batch = sim::MakeRef<ProducerBatch>(next_++, 0, PartitionIndex(partition), sim::Time(), 0,
                                             16384, 16384);
    batch->record_count = records;
    return batch;
  }
  sim::Ref<ProducerBatch> Drained(int32_t records, int32_t partition = 0) {
    auto batch = Batch(records, partition);
    EXPECT_TRUE(idempotence_.MayDrain(*batch));
    idempotence_.OnDrained(batch);
    return batch;
  }

  Idempotence idempotence_;
  int64_t next_ = 0;
};

TEST_F(IdempotenceTest, NothingIsDrainedWithoutAProducerId) {
  Idempotence fresh;
  EXPECT_FALSE(fresh.MayDrain(*Batch(1)));
  EXPECT_TRUE(fresh.Settle()) << "asks for one";
}

TEST_F(IdempotenceTest, SequencesCountRecordsPerPartition) {
  EXPECT_EQ(Drained(3)->base_sequence, Sequence(0));
  EXPECT_EQ(Drained(2)->base_sequence, Sequence(3));
  EXPECT_EQ(Drained(1, /*partition=*/1)->base_sequence, Sequence(0));
  EXPECT_EQ(Drained(1)->base_sequence, Sequence(5));
}

TEST_F(IdempotenceTest, ARetryKeepsItsSequenceAndGoesInOrder) {
  auto a = Drained(1);
  auto b = Drained(1);
  EXPECT_FALSE(idempotence_.MayDrain(*b)) << "a is under way before it";
  EXPECT_TRUE(idempotence_.MayDrain(*a));
  idempotence_.OnDrained(a);
  EXPECT_EQ(a->base_sequence, Sequence(0));
}

// A higher sequence refused with 45 is retried as it is; the next in turn asks for a new epoch.
TEST_F(IdempotenceTest, OutOfOrderBumpsTheEpochOnlyForTheNextInTurn) {
  auto a = Drained(1);
  auto b = Drained(1);
  EXPECT_TRUE(idempotence_.MayRetry(Error::kOutOfOrderSequenceNumber, *b));
  EXPECT_FALSE(idempotence_.Settle());
  EXPECT_EQ(idempotence_.epoch(), ProducerEpoch(0));
  EXPECT_TRUE(idempotence_.MayRetry(Error::kOutOfOrderSequenceNumber, *a));
  EXPECT_FALSE(idempotence_.Settle());
  EXPECT_EQ(idempotence_.epoch(), ProducerEpoch(1));
  EXPECT_EQ(b->base_sequence, Sequence(1)) << "renumbered from 0 in order";
  EXPECT_EQ(b->producer_epoch, ProducerEpoch(1));
}

// A2.6: A expires while it is retried, B is under way: nothing new is drained, then B is
// acknowledged, which proves nothing was lost before it.
TEST_F(IdempotenceTest, AnExpiredRetryLeavesTheSequenceUnresolvedUntilALaterAck) {
  auto a = Drained(1);
  auto b = Drained(1);
  idempotence_.OnExpiredInRetry(*a);
  idempotence_.OnFailed(*a, Error::kNone, /*not_written=*/false);
  EXPECT_FALSE(idempotence_.MayDrain(*Batch(1)));
  idempotence_.OnCompleted(*b);
  EXPECT_FALSE(idempotence_.Settle());
  EXPECT_EQ(idempotence_.epoch(), ProducerEpoch(0));
  EXPECT_EQ(Drained(1)->base_sequence, Sequence(2));
}

TEST_F(IdempotenceTest, IfNothingProvesItTheEpochIsBumped) {
  auto a = Drained(1);
  idempotence_.OnExpiredInRetry(*a);
  idempotence_.OnFailed(*a, Error::kNone, false);
  EXPECT_FALSE(idempotence_.Settle());
  EXPECT_EQ(idempotence_.epoch(), ProducerEpoch(1));
  EXPECT_EQ(Drained(1)->base_sequence, Sequence(0));
}

// Other partitions keep the old epoch until nothing of theirs is under way.
TEST_F(IdempotenceTest, ABumpReachesOtherPartitionsWhenTheyAreDrained) {
  auto other = Drained(1, /*partition=*/1);
  idempotence_.OnFailed(*Drained(1), Error::kInvalidRecord, /*not_written=*/true);
  idempotence_.Settle();
  EXPECT_EQ(other->producer_epoch, ProducerEpoch(0));
  EXPECT_FALSE(idempotence_.MayDrain(*Batch(1, 1)));
  idempotence_.OnCompleted(*other);
  auto next = Drained(1, 1);
  EXPECT_EQ(next->producer_epoch, ProducerEpoch(1));
  EXPECT_EQ(next->base_sequence, Sequence(0));
}

// An answer to numbers that were given up meanwhile asks for no further epoch.
TEST_F(IdempotenceTest, AnAnswerToResetNumbersIsRetriedAsItIs) {
  auto a = Drained(1);
  auto b = Drained(1);
  EXPECT_TRUE(idempotence_.MayRetry(Error::kOutOfOrderSequenceNumber, *a));
  idempotence_.Settle();
  EXPECT_EQ(b->base_sequence, Sequence(1));
  EXPECT_TRUE(idempotence_.MayRetry(Error::kOutOfOrderSequenceNumber, *b));
  EXPECT_TRUE(idempotence_.MayRetry(Error::kUnknownProducerId, *a, Offset(5)));
  idempotence_.Settle();
  EXPECT_EQ(idempotence_.epoch(), ProducerEpoch(1));
}

// UNKNOWN_PRODUCER_ID: without a log start offset nothing is known; with one, a new epoch.
TEST_F(IdempotenceTest, UnknownProducerIdBumpsIfTheLogSaysWhereItBegins) {
  auto a = Drained(1);
  EXPECT_TRUE(idempotence_.MayRetry(Error::kUnknownProducerId, *a));
  idempotence_.Settle();
  EXPECT_EQ(idempotence_.epoch(), ProducerEpoch(0));
  EXPECT_TRUE(idempotence_.MayRetry(Error::kUnknownProducerId, *a, Offset(0)));
  idempotence_.Settle();
  EXPECT_EQ(idempotence_.epoch(), ProducerEpoch(1));
}

// A batch that fails out of order leaves a gap, attempts left or not.
TEST_F(IdempotenceTest, FailingOutOfOrderAsksForANewEpoch) {
  idempotence_.OnFailed(*Drained(1), Error::kOutOfOrderSequenceNumber, /*not_written=*/false);
  idempotence_.Settle();
  EXPECT_EQ(idempotence_.epoch(), ProducerEpoch(1));
}

// Two expired in retry: only the batch behind both may ask for a new epoch.
TEST_F(IdempotenceTest, TheLaterOfTwoExpiredRetriesIsTheUnresolvedOne) {
  auto a = Drained(1);
  auto b = Drained(1);
  auto c = Drained(1);
  idempotence_.OnExpiredInRetry(*b);
  idempotence_.OnFailed(*b, Error::kNone, false);
  idempotence_.OnExpiredInRetry(*a);
  idempotence_.OnFailed(*a, Error::kNone, false);
  EXPECT_TRUE(idempotence_.MayRetry(Error::kOutOfOrderSequenceNumber, *c));
  idempotence_.Settle();
  EXPECT_EQ(c->base_sequence, Sequence(0));
  EXPECT_EQ(idempotence_.epoch(), ProducerEpoch(1));
}

// The parts of a split batch share its sequences, in its place.
TEST_F(IdempotenceTest, ASplitKeepsTheOrder) {
  auto a = Drained(3);
  auto b = Drained(1);
  auto a1 = Batch(2);
  auto a2 = Batch(1);
  a1->base_sequence = Sequence(0);
  a2->base_sequence = Sequence(2);
  idempotence_.OnSplit(*a, {a1, a2});
  EXPECT_TRUE(idempotence_.MayDrain(*a1));
  EXPECT_FALSE(idempotence_.MayDrain(*a2));
  EXPECT_FALSE(idempotence_.MayDrain(*b));
  idempotence_.OnCompleted(*a1);
  EXPECT_TRUE(idempotence_.MayDrain(*a2));
}

TEST_F(IdempotenceTest, AfterTheLastEpochANewProducerIdIsNeeded) {
  idempotence_.SetProducerId(ProducerId(9), ProducerEpoch(32767));
  idempotence_.OnFailed(*Drained(1), Error::kInvalidRecord, /*not_written=*/true);
  EXPECT_TRUE(idempotence_.Settle());
  EXPECT_FALSE(idempotence_.has_producer_id());
}

}  // namespace
}  // namespace norn::model
