// When the Java producer's batches leave, in whose company, and what their answers lead to; the
// number in a comment is a rule of the specification or, with "recording", of a real run.
#include <memory>
#include <string>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "model/cluster.h"
#include "tests/support/delivery_matchers.h"

namespace norn::model {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::Ge;
using ::testing::Le;

class Sending : public ::testing::TestWithParam<uint64_t> {
 protected:
  Cluster& cluster() { return *cluster_; }
  // A producer that has its metadata and its connection: "w" is in partition 0.
  Producer& Start(std::vector<std::string> properties, int32_t partitions = 1) {
    cluster_ = std::make_unique<Cluster>(
        ClusterOptions{.seed = GetParam(), .topics = {{"t", partitions}}});
    producer_ = &cluster_->AddProducer("p1", properties);
    EXPECT_THAT(cluster_->Await(Send("w")), IsOk());
    return *producer_;
  }
  DeliveryFuture Send(const char* value, int32_t partition = 0) {
    sent_at_ = cluster_->Now();
    return producer_->Send({.topic = "t", .partition = partition, .value = value});
  }
  DeliveryFuture SendBytes(int64_t size, int32_t partition = 0) {
    sent_at_ = cluster_->Now();
    return producer_->Send({.topic = "t", .partition = partition, .value = Payload::OfSize(size)});
  }
  Fault& Count(Api api = Api::kProduce) {
    return cluster_->faults().On(api).Always().RequestSent().Delay(absl::Nanoseconds(1));
  }
  std::vector<std::string> Stored(int32_t partition = 0) {
    return cluster_->Log("t", partition).values();
  }
  // Milliseconds since the last send.
  double Since(sim::Time at) const { return absl::ToDoubleMilliseconds(at - sent_at_); }

  std::unique_ptr<Cluster> cluster_;
  Producer* producer_ = nullptr;
  sim::Time sent_at_;
};
INSTANTIATE_TEST_SUITE_P(Seeds, Sending, ::testing::Range<uint64_t>(1, 11));

// A2.1 (3): explicit, then by key.
TEST_P(Sending, AnExplicitPartitionGoesBeforeTheKey) {
  Start({}, /*partitions=*/8);
  const auto partition = [&](std::optional<int32_t> wanted) {
    return cluster().Await(
        producer_->Send({.topic = "t", .partition = wanted, .key = "21", .value = "v"}));
  };
  // murmur2("21") is -973932308; positive, and modulo 8.
  EXPECT_THAT(partition(std::nullopt), IsOk(OnPartition((-973932308 & 0x7fffffff) % 8)));
  EXPECT_THAT(partition(7), IsOk(OnPartition(7)));
}

// A2.1 (4): a record that no buffer could hold fails at once.
TEST_P(Sending, ARecordAboveBufferMemoryFailsAtOnce) {
  Start({"buffer.memory=20000"});
  const DeliveryFuture sent = SendBytes(30000);
  ASSERT_TRUE(sent.settled());
  EXPECT_THAT(*sent.Get(), HasFailed("RecordTooLargeException"));
}

// A2.1 (7), A2.3: whoever fills a batch wakes the sender; the rest lingers.
TEST_P(Sending, AFullBatchDoesNotLinger) {
  Start({"linger.ms=3000"});
  std::vector<DeliveryFuture> sent;
  for (int i = 0; i < 149; ++i) sent.push_back(SendBytes(100));
  EXPECT_THAT(Since(cluster().Await(sent[147]).at), Le(50));
  EXPECT_THAT(Since(cluster().Await(sent[148]).at), Ge(3000));
}

// A2.2: batch.size 0 still gives the first record's upper bound of room, 95 bytes, in which a
// second small one fits; records of 100 bytes go alone (recording 17).
TEST_P(Sending, WithoutBatchSizeTwoSmallRecordsGoTogether) {
  for (const int64_t size : {10, 100}) {
    Start({"batch.size=0", "linger.ms=50"});
    Fault& counted = Count();
    for (int i = 0; i < 4; ++i) SendBytes(size);
    cluster().Await(producer_->Flush());
    int64_t batches = 0;
    const LogView log = cluster().Log("t", 0);
    for (const StoredRecord& record : log.records())
      batches += record.offset == record.batch_base_offset;
    EXPECT_EQ(batches - 1, size == 10 ? 2 : 4);
    EXPECT_EQ(counted.fired(), size == 10 ? 2 : 4);
  }
}

// A2.2: the pool gives batch.size to a batch, however small its record.
TEST_P(Sending, EachOpenBatchTakesBatchSizeOfMemory) {
  Start({"buffer.memory=32768", "batch.size=16384", "linger.ms=1000"}, /*partitions=*/3);
  Send("a", 0);
  Send("b", 1);
  EXPECT_FALSE(producer_->application_blocked());
  // A2.3: and as somebody waits for memory, nobody lingers.
  const DeliveryFuture third = Send("c", 2);
  EXPECT_TRUE(producer_->application_blocked());
  cluster().RunFor(absl::Milliseconds(5));
  EXPECT_FALSE(producer_->application_blocked());
  EXPECT_THAT(cluster().Await(third), IsOk());
}

// A2.3 and recording 45: linger counts from the batch's first record.
TEST_P(Sending, ABatchLingersFromItsFirstRecord) {
  Start({"linger.ms=100"});
  const DeliveryFuture first = Send("a");
  const sim::Time begin = sent_at_;
  cluster().RunFor(absl::Milliseconds(60));
  const DeliveryFuture second = Send("b");
  EXPECT_NEAR(absl::ToDoubleMilliseconds(cluster().Await(second).at - begin), 101, 1);
  EXPECT_EQ(first.Get()->at, second.Get()->at);
}

// A2.3, A2.7: a flush lets nothing linger.
TEST_P(Sending, AFlushIgnoresLinger) {
  Start({"linger.ms=8000"});
  const DeliveryFuture sent = Send("a");
  EXPECT_EQ(cluster().Await(producer_->Flush()), FlushResult::kDone);
  EXPECT_THAT(Since(cluster().Now()), Le(50));
  EXPECT_THAT(*sent.Get(), IsOk());
}

// A2.3 and recording 13r: 100, 200, 400 ms with 20 percent of jitter, which is drawn at each look.
TEST_P(Sending, TheBackoffDoubles) {
  Start({"linger.ms=0"});
  cluster().faults().On(Api::kProduce).First(3).RequestReceived().Answer(Error::kNotEnoughReplicas);
  const DeliveryReport report = cluster().Await(Send("a"));
  EXPECT_THAT(report, IsOk(AfterAttempts(4)));
  EXPECT_THAT(Since(report.at), AllOf(Ge(0.8 * 700), Le(1.2 * 700 + 10)));
}

// A2.4 and recording 09: partitions of a broker ride with the one that is ready.
TEST_P(Sending, NeighboursRideAlong) {
  Start({"linger.ms=500"}, /*partitions=*/4);
  Fault& counted = Count();
  const DeliveryFuture first = Send("a", 3);
  cluster().RunFor(absl::Milliseconds(350));
  const DeliveryFuture second = Send("b", 1);
  EXPECT_THAT(Since(cluster().Await(second).at), Le(160)) << "it did not linger itself";
  EXPECT_EQ(first.Get()->at, second.Get()->at);
  EXPECT_EQ(counted.fired(), 1);
}

// A2.4: a request takes one batch of each partition, and no more than max.request.size.
TEST_P(Sending, ARequestTakesOneBatchOfAPartitionUpToItsSize) {
  Start({"linger.ms=100", "batch.size=1000", "max.request.size=2500"}, /*partitions=*/4);
  Fault& counted = Count();
  // Two batches of one partition, both ready.
  for (int i = 0; i < 2; ++i) SendBytes(900, 0);
  cluster().Await(producer_->Flush());
  EXPECT_EQ(counted.fired(), 2);
  for (int32_t p = 0; p < 4; ++p) SendBytes(900, p);
  cluster().RunFor(absl::Milliseconds(200));
  EXPECT_EQ(counted.fired(), 4) << "two of the four fit";
}

// A2.4: five requests of one connection wait for their answers, not six.
TEST_P(Sending, FiveRequestsAreInFlight) {
  Start({"linger.ms=0", "batch.size=1"});
  cluster().faults().On(Api::kProduce).Always().ResponseSent().Delay(absl::Milliseconds(100));
  Fault& counted = Count();
  std::vector<DeliveryFuture> sent;
  for (int i = 0; i < 8; ++i) sent.push_back(SendBytes(100));
  cluster().RunFor(absl::Milliseconds(90));
  EXPECT_EQ(counted.fired(), 5);
  for (const DeliveryFuture& one : sent) EXPECT_THAT(cluster().Await(one), IsOk());
  EXPECT_EQ(counted.fired(), 8);
}

// A2.5: an answer with another correlation id takes the request off the connection and fails
// nothing: the batch, though stored, is reported at delivery.timeout.ms, and what follows is
// answered.
TEST_P(Sending, AnAnswerNobodyExpectedFailsNothing) {
  Start({"linger.ms=0", "request.timeout.ms=1000", "delivery.timeout.ms=4000"});
  constexpr int64_t kLastByteOfCorrelation = 7;
  cluster().faults().On(Api::kProduce).Nth(1).ResponseSent().Corrupt(kLastByteOfCorrelation);
  const DeliveryFuture a = Send("a");
  const sim::Time begin = sent_at_;
  cluster().RunFor(absl::Milliseconds(10));
  EXPECT_THAT(cluster().Await(Send("b")), IsOk(At(2)));
  const DeliveryReport report = cluster().Await(a);
  EXPECT_THAT(report, AllOf(IsUnknown("TimeoutException"), AfterAttempts(1)));
  EXPECT_EQ(report.at - begin, absl::Seconds(4));
  EXPECT_THAT(Stored(), ElementsAre("w", "a", "b"));
}

// A2.5: a duplicate is a success whose offset nobody knows.
TEST_P(Sending, ADuplicateIsASuccessWithoutOffset) {
  Start({"linger.ms=0"});
  cluster()
      .faults()
      .On(Api::kProduce)
      .Nth(1)
      .RequestReceived()
      .Answer(Error::kDuplicateSequenceNumber);
  const DeliveryReport report = cluster().Await(Send("a"));
  EXPECT_THAT(report, IsOk());
  EXPECT_TRUE(report.offset.is_none());
}

// A2.5: a retry needs an attempt that is left and an error that may pass.
TEST_P(Sending, WhatIsRetriedAndWhatIsNot) {
  Start({"linger.ms=0", "retries=2", "enable.idempotence=false"});
  cluster().faults().On(Api::kProduce).First(3).RequestReceived().Answer(Error::kNotEnoughReplicas);
  EXPECT_THAT(cluster().Await(Send("a")),
              AllOf(HasFailed(Error::kNotEnoughReplicas), AfterAttempts(3)));
  cluster()
      .faults()
      .On(Api::kProduce)
      .Nth(1)
      .RequestReceived()
      .Answer(Error::kTopicAuthorizationFailed);
  EXPECT_THAT(cluster().Await(Send("b")),
              AllOf(HasFailed(Error::kTopicAuthorizationFailed), AfterAttempts(1)));
  EXPECT_THAT(Stored(), ElementsAre("w"));
}

// A2.5 and recording 07: the answers to a, b and c are lost with the connection. Without sequences
// each batch goes to the front in its turn, and they come back in reverse.
TEST_P(Sending, WithoutIdempotenceBatchesComeBackInReverse) {
  for (const bool idempotent : {false, true}) {
    Start({"linger.ms=0", "request.timeout.ms=1000", "delivery.timeout.ms=9000",
           std::string("enable.idempotence=") + (idempotent ? "true" : "false")});
    cluster().faults().On(Api::kProduce).First(3).ResponseSent().Drop();
    std::vector<DeliveryFuture> sent;
    for (const char* value : {"a", "b", "c"}) {
      sent.push_back(Send(value));
      cluster().RunFor(absl::Milliseconds(1));
    }
    for (const DeliveryFuture& one : sent) EXPECT_THAT(cluster().Await(one), IsOk());
    if (idempotent) {
      EXPECT_THAT(Stored(), ElementsAre("w", "a", "b", "c"));
    } else {
      EXPECT_THAT(Stored(), ElementsAre("w", "a", "b", "c", "c", "b", "a"));
    }
  }
}

// A2.5: an error that speaks of old metadata has it asked for at once; another does not.
TEST_P(Sending, AnInvalidMetadataErrorAsksForMetadata) {
  for (const Error error : {Error::kNotLeaderOrFollower, Error::kNotEnoughReplicas}) {
    Start({"linger.ms=0"});
    Fault& asked = Count(Api::kMetadata);
    cluster().faults().On(Api::kProduce).Nth(1).RequestReceived().Answer(error);
    EXPECT_THAT(cluster().Await(Send("a")), IsOk(AfterAttempts(2)));
    EXPECT_EQ(asked.fired(), error == Error::kNotLeaderOrFollower ? 1 : 0);
  }
}

// A2.6: a expires while it is being retried; whether it is stored nobody knows until the retry of
// b, under its old sequence, is acknowledged. Nothing is stored twice (six runs with the rig, three
// of them as here).
TEST_P(Sending, ALaterAckProvesAnExpiredRetry) {
  Start({"linger.ms=0", "request.timeout.ms=1000", "delivery.timeout.ms=4000"});
  cluster().faults().On(Api::kProduce).Always().ResponseSent().Drop();
  const DeliveryFuture a = Send("a");
  cluster().RunFor(absl::Milliseconds(1500));
  const DeliveryFuture b = Send("b");
  EXPECT_THAT(cluster().Await(a), IsUnknown("TimeoutException"));
  EXPECT_FALSE(b.settled());
  cluster().faults().Stop();
  EXPECT_THAT(cluster().Await(b), IsOk(At(2)));
  EXPECT_THAT(cluster().Await(Send("c")), IsOk(At(3)));
  const LogView log = cluster().Log("t", 0);
  ASSERT_THAT(log.values(), ElementsAre("w", "a", "b", "c"));
  EXPECT_EQ(log.records()[3].producer_epoch, ProducerEpoch(0));
}

// A2.6: a first attempt that expires in flight leaves no sequence unresolved: the next batch goes
// at once, and in the same epoch.
TEST_P(Sending, AFirstAttemptThatExpiresBumpsNothing) {
  Start({"linger.ms=0", "max.in.flight.requests.per.connection=1", "request.timeout.ms=4000",
         "delivery.timeout.ms=4000"});
  // a waits for the answer to x, so that its own request outlives it.
  cluster().faults().On(Api::kProduce).Nth(1).ResponseSent().Delay(absl::Milliseconds(500));
  cluster().faults().On(Api::kProduce).Nth(2).ResponseSent().Delay(absl::Milliseconds(3800));
  const DeliveryFuture x = Send("x");
  cluster().RunFor(absl::Milliseconds(1));
  const DeliveryFuture a = Send("a");
  EXPECT_THAT(cluster().Await(x), IsOk());
  EXPECT_THAT(cluster().Await(a), IsUnknown("TimeoutException"));
  EXPECT_THAT(cluster().Await(Send("b")), IsOk());
  const LogView log = cluster().Log("t", 0);
  ASSERT_THAT(log.values(), ElementsAre("w", "x", "a", "b"));
  EXPECT_EQ(log.records()[3].producer_epoch, ProducerEpoch(0));
}

}  // namespace
}  // namespace norn::model
