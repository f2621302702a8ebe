// The straight path of a record, and what becomes of it when something breaks, as a whole cluster
// tells it. Each test names the behaviour it follows.
#include "model/cluster.h"

#include <string>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace norn::model {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

class ClusterTest : public ::testing::TestWithParam<uint64_t> {
 protected:
  Cluster& Start(std::vector<int32_t> down = {}) {
    ClusterOptions options;
    options.seed = GetParam();
    options.topics = {{"topic1"}};
    options.down = std::move(down);
    options.trace = sim::TraceSink::kRing;
    cluster_ = std::make_unique<Cluster>(options);
    return *cluster_;
  }
  std::vector<std::string> Stored() { return cluster_->Log("topic1", 0).values(); }
  static ProducerRecord Record(const char* value) { return {.topic = "topic1", .value = value}; }
  std::unique_ptr<Cluster> cluster_;
};

INSTANTIATE_TEST_SUITE_P(Seeds, ClusterTest, ::testing::Range<uint64_t>(1, 11));

TEST_P(ClusterTest, AFlushedRecordIsStoredAndRead) {
  Cluster& cluster = Start();
  Producer& producer = cluster.AddProducer("p1");
  const DeliveryFuture sent = producer.Send(Record("Hello Kafka"));
  EXPECT_EQ(cluster.Await(producer.Flush()), FlushResult::kDone);
  ASSERT_TRUE(sent.settled());
  EXPECT_EQ(sent.Get()->outcome, Outcome::kOk);
  EXPECT_EQ(sent.Get()->offset, Offset(0));
  EXPECT_EQ(sent.Get()->attempts, 1);
  EXPECT_THAT(Stored(), ElementsAre("Hello Kafka"));

  Consumer& consumer = cluster.AddConsumer("c1", {"auto.offset.reset=earliest"});
  consumer.Assign("topic1", {0});
  const PollResult polled = cluster.Await(consumer.Poll(absl::Seconds(5)));
  ASSERT_EQ(polled.records.size(), 1u);
  EXPECT_EQ(polled.records[0].value, "Hello Kafka");
  EXPECT_EQ(consumer.Position("topic1", 0), Offset(1));
}

// A2.1: without metadata send() blocks for max.block.ms and then fails.
TEST_P(ClusterTest, ABrokerThatWasNeverUpFailsTheSendAfterMaxBlock) {
  Cluster& cluster = Start(/*down=*/{1});
  Producer& producer = cluster.AddProducer("p1", {"max.block.ms=3000"});
  const DeliveryReport report = cluster.Await(producer.Send(Record("a")));
  EXPECT_EQ(report.outcome, Outcome::kFailed);
  EXPECT_EQ(ErrorName(report), "TimeoutException");
  EXPECT_EQ(report.message, "Topic topic1 not present in metadata after 3000 ms.");
  EXPECT_EQ(report.at, sim::Time::Zero() + absl::Seconds(3));
  EXPECT_THAT(Stored(), IsEmpty());
}

// A2.1: with cached metadata records gather until delivery.timeout.ms; being disconnected is no
// error for send(). (With its default metadata.recovery.strategy=rebootstrap a client of 4.x whose
// only broker died soon forgets what it knew, and send() blocks.)
TEST_P(ClusterTest, ABrokerThatDiedExpiresTheBatchAndItIsCertainlyNotStored) {
  Cluster& cluster = Start();
  Producer& producer = cluster.AddProducer("p1", {"metadata.recovery.strategy=none"});
  cluster.Await(producer.Send(Record("a")));
  cluster.broker(1).Kill();
  cluster.RunFor(absl::Seconds(1));
  const sim::Time sent_at = cluster.Now();
  const DeliveryReport report = cluster.Await(producer.Send(Record("b")));
  EXPECT_EQ(report.outcome, Outcome::kFailed);
  EXPECT_EQ(report.attempts, 0);
  EXPECT_EQ(report.message,
            "Expiring 1 record(s) for topic1-0:120000 ms has passed since batch creation");
  EXPECT_EQ(report.at - sent_at, absl::Minutes(2));
  EXPECT_THAT(Stored(), ElementsAre("a"));
}

TEST_P(ClusterTest, ABrokerThatComesBackInTimeGetsTheRecord) {
  Cluster& cluster = Start();
  Producer& producer = cluster.AddProducer("p1");
  cluster.Await(producer.Send(Record("a")));
  cluster.broker(1).Kill();
  const DeliveryFuture sent = producer.Send(Record("b"));
  cluster.RunFor(absl::Seconds(30));
  EXPECT_FALSE(sent.settled());
  cluster.broker(1).Start();
  EXPECT_EQ(cluster.Await(sent).outcome, Outcome::kOk);
  EXPECT_THAT(Stored(), ElementsAre("a", "b"));
}

// A4.1: the retry of a batch that is in the log gets its first offset.
TEST_P(ClusterTest, ALostAnswerIsRetriedAndStoredOnceWithIdempotence) {
  Cluster& cluster = Start();
  Fault& lost = cluster.faults().On(Api::kProduce).Nth(1).ResponseSent().Reset();
  Producer& producer = cluster.AddProducer("p1");
  const DeliveryReport report = cluster.Await(producer.Send(Record("a")));
  EXPECT_EQ(lost.fired(), 1);
  EXPECT_EQ(report.outcome, Outcome::kOk) << report;
  EXPECT_EQ(report.offset, Offset(0));
  EXPECT_EQ(report.attempts, 2);
  EXPECT_THAT(Stored(), ElementsAre("a"));
}

TEST_P(ClusterTest, ALostAnswerIsStoredTwiceWithoutIdempotence) {
  Cluster& cluster = Start();
  cluster.faults().On(Api::kProduce).Nth(1).ResponseSent().Reset();
  Producer& producer = cluster.AddProducer("p1", {"enable.idempotence=false"});
  const DeliveryReport report = cluster.Await(producer.Send(Record("a")));
  EXPECT_EQ(report.outcome, Outcome::kOk) << report;
  EXPECT_EQ(report.offset, Offset(1));
  EXPECT_THAT(Stored(), ElementsAre("a", "a"));
}

TEST_P(ClusterTest, ARequestThatNeverArrivedIsStoredOnce) {
  Cluster& cluster = Start();
  cluster.faults().On(Api::kProduce).Nth(1).RequestSent().Reset();
  Producer& producer = cluster.AddProducer("p1", {"enable.idempotence=false"});
  EXPECT_EQ(cluster.Await(producer.Send(Record("a"))).outcome, Outcome::kOk);
  EXPECT_THAT(Stored(), ElementsAre("a"));
}

TEST_P(ClusterTest, AFrameCutInItsMiddleIsNotARequest) {
  Cluster& cluster = Start();
  Fault& cut = cluster.faults().On(Api::kProduce).Nth(1).RequestSent().CutAfter(60);
  Producer& producer = cluster.AddProducer("p1", {"enable.idempotence=false"});
  EXPECT_EQ(cluster.Await(producer.Send(Record("a"))).attempts, 2);
  EXPECT_EQ(cut.fired(), 1);
  EXPECT_THAT(Stored(), ElementsAre("a"));
}

// A2.5: an answer that vanishes is waited for request.timeout.ms; then the connection is closed and
// the batch is sent again.
TEST_P(ClusterTest, AnAnswerThatVanishesCostsTheRequestTimeout) {
  Cluster& cluster = Start();
  cluster.faults().On(Api::kProduce).Nth(1).ResponseSent().Drop();
  Producer& producer = cluster.AddProducer("p1");
  const DeliveryReport report = cluster.Await(producer.Send(Record("a")));
  EXPECT_EQ(report.outcome, Outcome::kOk) << report;
  EXPECT_EQ(report.attempts, 2);
  EXPECT_GE(report.at, sim::Time::Zero() + absl::Seconds(30));
  EXPECT_LE(report.at, sim::Time::Zero() + absl::Seconds(31));
  EXPECT_THAT(Stored(), ElementsAre("a"));
}

// D2: a broker that falls silent: first failure at 30 s, expiry at 120 s; the outcome is unknown.
TEST_P(ClusterTest, ABlackHoledBrokerMakesTheOutcomeUnknown) {
  Cluster& cluster = Start();
  Producer& producer = cluster.AddProducer("p1");
  cluster.Await(producer.Send(Record("a")));
  cluster.network().BlackHole(cluster.broker(1));
  const sim::Time sent_at = cluster.Now();
  const DeliveryReport report = cluster.Await(producer.Send(Record("b")));
  EXPECT_EQ(report.outcome, Outcome::kUnknown);
  EXPECT_EQ(ErrorName(report), "TimeoutException");
  EXPECT_EQ(report.at - sent_at, absl::Minutes(2));
  EXPECT_EQ(report.attempts, 1);
}

// A2.5: with acks=0 the batch is done when the kernel has its bytes; nothing detects loss.
TEST_P(ClusterTest, AcksZeroLosesSilently) {
  Cluster& cluster = Start();
  cluster.faults().On(Api::kProduce).Nth(1).RequestSent().Drop();
  Producer& producer = cluster.AddProducer("p1", {"acks=0"});
  const DeliveryReport report = cluster.Await(producer.Send(Record("a")));
  EXPECT_EQ(report.outcome, Outcome::kOk) << report;
  EXPECT_TRUE(report.offset.is_none());
  cluster.RunFor(absl::Seconds(300));
  EXPECT_THAT(Stored(), IsEmpty());
}

// A2.7: Java's flush has no timeout; Norn's wait ends, the record is delivered all the same.
TEST_P(ClusterTest, AFlushThatTimesOutGivesNothingUp) {
  Cluster& cluster = Start();
  Producer& producer = cluster.AddProducer("p1");
  cluster.Await(producer.Send(Record("a")));
  cluster.broker(1).Pause();
  const DeliveryFuture sent = producer.Send(Record("b"));
  EXPECT_EQ(cluster.Await(producer.Flush(absl::Seconds(5))), FlushResult::kTimedOut);
  EXPECT_FALSE(sent.settled());
  cluster.broker(1).Resume();
  EXPECT_EQ(cluster.Await(sent).outcome, Outcome::kOk);
  EXPECT_THAT(Stored(), ElementsAre("a", "b"));
}

// A2.7: close(timeout) waits, then fails the rest.
TEST_P(ClusterTest, CloseFailsWhatIsLeftAfterItsTimeout) {
  Cluster& cluster = Start();
  Producer& producer = cluster.AddProducer("p1");
  cluster.Await(producer.Send(Record("a")));
  cluster.broker(1).Kill();
  const DeliveryFuture sent = producer.Send(Record("b"));
  EXPECT_TRUE(cluster.Await(producer.Close(absl::Seconds(2))));
  ASSERT_TRUE(sent.settled());
  EXPECT_EQ(sent.Get()->message, "Producer is closed forcefully.");
  EXPECT_EQ(cluster.Await(producer.Send(Record("c"))).client_error, ClientError::kIllegalState);
}

TEST_P(ClusterTest, CloseDeliversWhatIsUnderWay) {
  Cluster& cluster = Start();
  Producer& producer = cluster.AddProducer("p1", {"linger.ms=1000"});
  const DeliveryFuture sent = producer.Send(Record("a"));
  cluster.Await(producer.Close());
  EXPECT_EQ(sent.Get()->outcome, Outcome::kOk);
}

TEST_P(ClusterTest, AProcessThatExitsWithoutFlushStoresNothingAndReportsNothing) {
  Cluster& cluster = Start();
  Producer& producer = cluster.AddProducer("p1", {"linger.ms=1000"});
  cluster.RunFor(absl::Milliseconds(100));
  const DeliveryFuture sent = producer.Send(Record("a"));
  cluster.client("p1").Kill();
  cluster.RunFor(absl::Minutes(10));
  EXPECT_FALSE(sent.settled());
  EXPECT_THAT(Stored(), IsEmpty());
}

// A2.1: buffer.memory used up blocks send() for max.block.ms.
TEST_P(ClusterTest, BufferMemoryBlocksAndThenFails) {
  Cluster& cluster = Start();
  Producer& producer = cluster.AddProducer("p1", {"buffer.memory=32768", "max.block.ms=2000",
                                                  "linger.ms=60000", "delivery.timeout.ms=120000"});
  cluster.Await(producer.Send(Record("warm")));
  cluster.broker(1).Pause();
  std::vector<DeliveryFuture> sent;
  for (int i = 0; i < 3; ++i)
    sent.push_back(producer.Send({.topic = "topic1", .value = Payload::OfSize(16000)}));
  EXPECT_TRUE(producer.application_blocked());
  const DeliveryReport report = cluster.Await(sent[2]);
  EXPECT_EQ(ErrorName(report), "BufferExhaustedException");
  EXPECT_THAT(report.message, HasSubstr("within the configured max blocking time 2000 ms."));
}

// A2.2: 148 records of 100 bytes without key fill a batch of 16384.
TEST_P(ClusterTest, LingerFillsBatches) {
  Cluster& cluster = Start();
  Producer& producer = cluster.AddProducer("p1", {"linger.ms=50"});
  cluster.Await(producer.Send(Record("warm")));
  for (int i = 0; i < 148 * 3; ++i)
    producer.Send({.topic = "topic1", .value = Payload::OfSize(100)});
  cluster.Await(producer.Flush());
  std::vector<int64_t> per_batch;
  const LogView log = cluster.Log("topic1", 0);
  for (const StoredRecord& record : log.records()) {
    if (record.offset == record.batch_base_offset) per_batch.push_back(0);
    ++per_batch.back();
  }
  EXPECT_THAT(per_batch, ElementsAre(1, 148, 148, 148));
}

TEST_P(ClusterTest, ARecordAboveMaxRequestSizeFailsAtOnce) {
  Cluster& cluster = Start();
  Producer& producer = cluster.AddProducer("p1");
  cluster.Await(producer.Send(Record("warm")));
  const DeliveryFuture sent =
      producer.Send({.topic = "topic1", .value = Payload::OfSize(1'100'000)});
  ASSERT_TRUE(sent.settled());
  EXPECT_EQ(ErrorName(*sent.Get()), "RecordTooLargeException");
  EXPECT_EQ(sent.Get()->message,
            "The message is 1100088 bytes when serialized which is larger than 1048576, which is "
            "the value of the max.request.size configuration.");
}

// A6.4: what was acknowledged and not yet on the disk is lost with the power.
TEST(Cluster, APowerLossMayLoseAnAcknowledgedRecord) {
  int lost = 0;
  for (uint64_t seed = 1; seed <= 40; ++seed) {
    Cluster cluster({.seed = seed, .topics = {{"topic1"}}});
    Producer& producer = cluster.AddProducer("p1");
    EXPECT_TRUE(cluster.Await(producer.Send({.topic = "topic1", .value = "a"})).ok());
    cluster.broker(1).LosePower();
    cluster.broker(1).Start();
    cluster.RunFor(absl::Seconds(1));
    lost += cluster.Log("topic1", 0).empty();
  }
  EXPECT_GT(lost, 5);
  EXPECT_LT(lost, 35);
}

TEST(Cluster, APowerLossLosesNothingThatWasFlushed) {
  for (uint64_t seed = 1; seed <= 40; ++seed) {
    ClusterOptions options{.seed = seed, .topics = {{"topic1"}}};
    options.broker_config.log_flush_interval_messages = 1;
    Cluster cluster(options);
    Producer& producer = cluster.AddProducer("p1");
    EXPECT_TRUE(cluster.Await(producer.Send({.topic = "topic1", .value = "a"})).ok());
    cluster.broker(1).LosePower();
    cluster.broker(1).Start();
    cluster.RunFor(absl::Seconds(1));
    EXPECT_EQ(cluster.Log("topic1", 0).size(), 1u);
  }
}

// The same seed is the same run; another is not.
TEST(Cluster, RunsReplay) {
  const auto run = [](uint64_t seed, bool shuffle) {
    ClusterOptions options{.seed = seed, .brokers = 3, .topics = {{"t", 6}}};
    options.network.link.loss = sim::Probability::Percent(5);
    options.network.link.latency.mean_extra = absl::Microseconds(300);
    options.shuffle_ties = shuffle;
    Cluster cluster(options);
    Producer& producer = cluster.AddProducer("p1");
    cluster.faults().On(Api::kProduce).WithProbability(0.2).ResponseSent().Reset();
    for (int i = 0; i < 200; ++i) {
      producer.Send({.topic = "t", .value = Payload::OfSize(100)});
      cluster.RunFor(absl::Milliseconds(1));
    }
    cluster.Await(producer.Close());
    return std::pair(cluster.run_digest(), cluster.StoryDigest());
  };
  for (uint64_t seed = 1; seed <= 5; ++seed) {
    EXPECT_EQ(run(seed, false), run(seed, false));
    EXPECT_EQ(run(seed, true), run(seed, true));
  }
  EXPECT_NE(run(1, false).first, run(2, false).first);
}

}  // namespace
}  // namespace norn::model
