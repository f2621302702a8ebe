// The librdkafka consumer, laid beside recordings of librdkafka 2.16.0 and 2.0.2: recordings 51 and
// 53, and runs of the real ones behind a proxy that were made for this (named "seen" below).
#include <memory>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "model/cluster.h"
#include "tests/model/client/rdkafka/recorded.h"

namespace norn::model {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::Ge;
using ::testing::IsEmpty;
using ::testing::Le;
using ::testing::MatchesRegex;
using ::testing::StartsWith;

constexpr absl::Duration kSecond = absl::Seconds(1);

class RdkafkaConsumerTest : public ::testing::TestWithParam<std::tuple<Flavour, uint64_t>> {
 protected:
  Flavour flavour() const { return std::get<0>(GetParam()); }
  bool recent() const { return flavour() == Flavour::kLibrdkafka216; }

  // A topic with `records` in each of its partitions, all led by broker 1.
  Cluster& Start(int records, int32_t partitions = 1) {
    ClusterOptions options;
    options.seed = std::get<1>(GetParam());
    options.brokers = 1;
    options.topics = {{"oracle-000000000", partitions}};
    options.keep_wire = true;
    cluster_ = std::make_unique<Cluster>(options);
    producer_ = &cluster_->AddProducer("p1");
    for (int32_t p = 0; p < partitions; ++p)
      for (int i = 0; i < records; ++i) Append("m" + std::to_string(i), p);
    return *cluster_;
  }
  void Append(std::string value, int32_t partition = 0) {
    cluster_->Await(producer_->Send({.topic = kTopic, .partition = partition, .value = value}));
  }
  Consumer& Consume(std::vector<std::string> properties, Offset from, int32_t partition = 0) {
    consumer_ = &cluster_->AddConsumer("c1", flavour(), properties);
    began_ = cluster_->Now();
    consumer_->Assign(kTopic, {partition});
    if (!from.is_none()) consumer_->Seek(kTopic, partition, from);
    return *consumer_;
  }
  // What polling for so long gives: "@offset", or "error: message".
  std::vector<std::string> PollFor(absl::Duration time) {
    std::vector<std::string> told;
    const sim::Time end = cluster_->Now() + time;
    do {
      const PollResult polled = cluster_->Await(consumer_->Poll(end - cluster_->Now()));
      EXPECT_LE(polled.records.size(), 1u) << "one at a time";
      for (const ConsumedRecord& record : polled.records)
        told.push_back("@" + std::to_string(record.offset.value()));
      if (!polled.exception.empty()) told.push_back(polled.exception + ": " + polled.message);
    } while (cluster_->Now() < end);
    return told;
  }
  // Milliseconds from the consumer's start at which it sent requests, or brokers answered.
  std::vector<int64_t> Times(Api api, bool requests = true) {
    std::vector<int64_t> times;
    for (const WireLog::Frame& frame : cluster_->wire().frames())
      if (frame.client == "c1" && frame.api == api && frame.is_request == requests)
        times.push_back(absl::ToInt64Milliseconds(frame.sent - began_));
    return times;
  }
  // Flips bits of a byte of a batch in the first answer to a Fetch, which has three batches of 70
  // bytes and, in newer versions, three more bytes behind them.
  Fault& FlipInFirstAnswer(int batch, int64_t byte, uint8_t mask) {
    return cluster_->faults()
        .On(Api::kFetch)
        .Client("c1")
        .Nth(1)
        .ResponseSent()
        .Corrupt(-(recent() ? 3 : 0) - (3 - batch) * 70 + byte, mask);
  }
  Offset Position() { return consumer_->Position(kTopic, 0); }

  static constexpr char kTopic[] = "oracle-000000000";
  std::unique_ptr<Cluster> cluster_;
  Producer* producer_ = nullptr;
  Consumer* consumer_ = nullptr;
  sim::Time began_;
};
INSTANTIATE_TEST_SUITE_P(Flavours, RdkafkaConsumerTest,
                         ::testing::Combine(::testing::Values(Flavour::kLibrdkafka216,
                                                              Flavour::kLibrdkafka20),
                                            ::testing::Range<uint64_t>(1, 4)),
                         NameOf);

// Recording 51: no session; each request names its partition, each answer too.
TEST_P(RdkafkaConsumerTest, IdleFetchesNameTheirPartitions) {
  Start(1);
  Consume({"client.id=norn"}, Offset(0));
  EXPECT_THAT(PollFor(3 * kSecond), ElementsAre("@0"));
  const std::vector<int64_t> times = Times(Api::kFetch);
  ASSERT_GE(times.size(), 5u);
  for (size_t i = 2; i < times.size(); ++i)
    EXPECT_THAT(times[i] - times[i - 1], AllOf(Ge(500), Le(505)));
  int answers = 0;
  for (const WireLog::Frame& frame : cluster_->wire().frames()) {
    if (frame.client != "c1" || frame.api != Api::kFetch) continue;
    EXPECT_EQ(frame.version, recent() ? 16 : 11);
    if (frame.is_request) {
      EXPECT_EQ(frame.bytes, recent() ? 95 : 103);
    } else if (++answers > 1) {
      EXPECT_EQ(frame.bytes, recent() ? 76 : 86);
    }
  }
}

// Recording 53: the offset is asked for 100 ms after the error. The newer one fetches at once then,
// the older one 500 ms after the error.
TEST_P(RdkafkaConsumerTest, AnOffsetOutOfRangeIsReset) {
  Start(5);
  Consume({"auto.offset.reset=smallest"}, Offset(100));
  EXPECT_THAT(PollFor(2 * kSecond), ElementsAre("@0", "@1", "@2", "@3", "@4"));
  EXPECT_EQ(Position(), Offset(5));
  const int64_t error = Times(Api::kFetch, false)[0];
  ASSERT_EQ(Times(Api::kListOffsets).size(), 1u);
  EXPECT_THAT(Times(Api::kListOffsets)[0] - error, AllOf(Ge(100), Le(102)));
  EXPECT_THAT(Times(Api::kFetch)[1] - error,
              recent() ? AllOf(Ge(100), Le(105)) : AllOf(Ge(500), Le(505)));
}

// Recording 53; and seen: a seek() of such a partition is refused.
TEST_P(RdkafkaConsumerTest, WithoutResetTheApplicationIsToldAndFetchingEnds) {
  Start(5);
  Consume({"auto.offset.reset=error"}, Offset(100));
  EXPECT_THAT(PollFor(kSecond),
              ElementsAre("_AUTO_OFFSET_RESET: fetch failed due to requested offset not available "
                          "on the broker: Broker: Offset out of range (broker 1)"));
  consumer_->Seek(kTopic, 0, Offset(1));
  EXPECT_THAT(PollFor(2 * kSecond), IsEmpty());
  EXPECT_TRUE(Position().is_none());
  EXPECT_EQ(Times(Api::kFetch).size(), 1u);
}

// Seen: 100 ms after it is known that nothing was committed.
TEST_P(RdkafkaConsumerTest, WithoutAnOffsetThePolicyDecides) {
  Start(3);
  Consume({"auto.offset.reset=earliest"}, Offset::None());
  EXPECT_THAT(PollFor(kSecond), ElementsAre("@0", "@1", "@2"));
  EXPECT_THAT(Times(Api::kListOffsets)[0] - Times(Api::kMetadata, false).back(),
              AllOf(Ge(100), Le(105)));
  Consumer& latest = cluster_->AddConsumer("c2", flavour());
  latest.Assign(kTopic, {0});
  cluster_->RunFor(kSecond);
  Append("new");
  EXPECT_EQ(cluster_->Await(latest.Poll(kSecond)).records.at(0).offset, Offset(3));
  Consumer& none = cluster_->AddConsumer("c3", flavour(), {"auto.offset.reset=error"});
  none.Assign(kTopic, {0});
  const PollResult polled = cluster_->Await(none.Poll(kSecond));
  EXPECT_EQ(polled.exception, "_AUTO_OFFSET_RESET");
  EXPECT_EQ(polled.message, "no previously committed offset available: Local: No offset stored");
}

// Seen: five messages came at 243 ms and were taken at 2735; the next Fetch went at 3246, on the
// grid of looks a second apart.
TEST_P(RdkafkaConsumerTest, ReadsAheadUntilItsQueueIsFull) {
  Start(5);
  Consume({"queued.min.messages=2"}, Offset(0));
  cluster_->RunFor(absl::Milliseconds(2500));
  ASSERT_EQ(Times(Api::kFetch).size(), 1u);
  const int64_t came = Times(Api::kFetch, false)[0];
  EXPECT_THAT(PollFor(2 * kSecond), ElementsAre("@0", "@1", "@2", "@3", "@4"));
  ASSERT_GE(Times(Api::kFetch).size(), 2u);
  const int64_t next = Times(Api::kFetch)[1] - came;
  if (recent()) {
    EXPECT_THAT(next, AllOf(Ge(3000), Le(3005)));
  } else {
    EXPECT_THAT(next, AllOf(Ge(2000), Le(3500)));
  }
}

TEST_P(RdkafkaConsumerTest, BytesFillTheQueueToo) {
  Start(0);
  for (int i = 0; i < 3; ++i) Append(std::string(800, 'x'));
  Consume({"queued.max.messages.kbytes=2"}, Offset(0));
  cluster_->RunFor(absl::Milliseconds(2500));
  EXPECT_EQ(Times(Api::kFetch).size(), 1u) << "2400 bytes wait";
}

// Seen: a seek() while a Fetch waits is heeded when that is answered, and its answer is dropped.
TEST_P(RdkafkaConsumerTest, ASeekOutdatesWhatIsQueuedAndUnderWay) {
  Start(5);
  Consume({}, Offset(0));
  cluster_->RunFor(absl::Milliseconds(100));
  EXPECT_EQ(cluster_->Await(consumer_->Poll(kSecond)).records.at(0).offset, Offset(0));
  EXPECT_EQ(Position(), Offset(1));
  consumer_->Seek(kTopic, 0, Offset(3));
  EXPECT_TRUE(Position().is_none());
  EXPECT_THAT(PollFor(kSecond), ElementsAre("@3", "@4"));
  const std::vector<int64_t> asked = Times(Api::kFetch);
  EXPECT_THAT(asked[2] - asked[1], AllOf(Ge(500), Le(505)));
}

// Seen: seek() at 1471 ms with a full queue, the next Fetch at 2472; 1642 and 2644.
TEST_P(RdkafkaConsumerTest, OutdatedMessagesStillFillTheQueue) {
  Start(5);
  Consume({"queued.min.messages=2"}, Offset(0));
  cluster_->RunFor(absl::Milliseconds(1200));
  const int64_t at = absl::ToInt64Milliseconds(cluster_->Now() - began_);
  consumer_->Seek(kTopic, 0, Offset(1));
  EXPECT_THAT(PollFor(2 * kSecond), ElementsAre("@1", "@2", "@3", "@4"));
  EXPECT_THAT(Times(Api::kFetch)[1] - at, AllOf(Ge(1000), Le(1005)));
}

TEST_P(RdkafkaConsumerTest, TheEndIsToldOnceForEachEnd) {
  Start(2);
  Consume({"enable.partition.eof=true"}, Offset(0));
  EXPECT_THAT(PollFor(2 * kSecond),
              ElementsAre("@0", "@1",
                          "_PARTITION_EOF: Fetch from broker 1 reached end of partition at offset "
                          "2 (HighwaterMark 2)"));
  Append("more");
  EXPECT_THAT(PollFor(2 * kSecond),
              ElementsAre("@2",
                          "_PARTITION_EOF: Fetch from broker 1 reached end of partition at offset "
                          "3 (HighwaterMark 3)"));
}

// Seen: asked again 500 ms after the error, and nobody is told; the newer one asks for metadata at
// once.
TEST_P(RdkafkaConsumerTest, AnErrorAboutLeadersBacksOff) {
  Start(1);
  cluster_->faults()
      .On(Api::kFetch)
      .RequestReceived()
      .AnswerEach({Error::kUnknownTopicOrPartition});
  Consume({}, Offset(0));
  EXPECT_THAT(PollFor(kSecond), ElementsAre("@0"));
  const int64_t error = Times(Api::kFetch)[0];  // the box answers at once
  EXPECT_THAT(Times(Api::kFetch)[1] - error, AllOf(Ge(500), Le(505)));
  const int64_t wait = Times(Api::kMetadata).back() - error;
  EXPECT_THAT(wait, recent() ? AllOf(Ge(0), Le(110)) : AllOf(Ge(245), Le(255)));
}

// Seen, with these words.
TEST_P(RdkafkaConsumerTest, AnotherErrorIsToldAndBacksOff) {
  Start(1);
  cluster_->faults().On(Api::kFetch).RequestReceived().AnswerEach({Error::kUnknownServerError});
  Consume({"fetch.error.backoff.ms=300"}, Offset(0));
  EXPECT_THAT(PollFor(kSecond),
              ElementsAre(recent() ? "UNKNOWN: Fetch from broker 1 failed at offset 0 (leader "
                                     "epoch -1): Unknown broker error"
                                   : "UNKNOWN: Fetch from broker 1 failed: Unknown broker error",
                          "@0"));
  EXPECT_THAT(Times(Api::kFetch)[1] - Times(Api::kFetch)[0], AllOf(Ge(300), Le(305)));
}

// Seen: nothing more in 2.5 s.
TEST_P(RdkafkaConsumerTest, AForbiddenTopicIsToldOnceAndAskedForSeldom) {
  Start(1);
  cluster_->faults()
      .On(Api::kFetch)
      .RequestReceived()
      .AnswerEach({Error::kTopicAuthorizationFailed, Error::kTopicAuthorizationFailed});
  Consume({}, Offset(0));
  EXPECT_THAT(PollFor(12 * kSecond),
              ElementsAre("TOPIC_AUTHORIZATION_FAILED: Fetch from broker 1 failed: Broker: Topic "
                          "authorization failed",
                          "@0"));
  EXPECT_THAT(Times(Api::kFetch)[1] - Times(Api::kFetch)[0], AllOf(Ge(5000), Le(5010)));
}

// Seen: the offset is asked for again after 500 ms, or, where the error is final, after the reset's
// 100 ms and with an error for the application.
TEST_P(RdkafkaConsumerTest, AnOffsetThatCannotBeHadIsAskedForAgain) {
  Start(1);
  cluster_->faults()
      .On(Api::kListOffsets)
      .RequestReceived()
      .AnswerEach({Error::kNotLeaderOrFollower, Error::kUnknownTopicOrPartition});
  Consume({"auto.offset.reset=earliest"}, Offset::None());
  EXPECT_THAT(PollFor(2 * kSecond),
              ElementsAre("UNKNOWN_TOPIC_OR_PART: Failed to query logical offset BEGINNING: "
                          "Broker: Unknown topic or partition",
                          "@0"));
  const std::vector<int64_t> asked = Times(Api::kListOffsets);
  ASSERT_EQ(asked.size(), 3u);
  EXPECT_THAT(asked[1] - asked[0], AllOf(Ge(500), Le(505)));
  EXPECT_THAT(asked[2] - asked[1], AllOf(Ge(100), Le(105)));
}

// Seen of both releases: a seek() while the answer is under way is undone 500 ms after it comes,
// and everything is read from the beginning.
TEST_P(RdkafkaConsumerTest, ALateAnswerUndoesASeek) {
  Start(5);
  cluster_->faults().On(Api::kListOffsets).Nth(1).ResponseSent().Delay(absl::Milliseconds(600));
  Consume({"auto.offset.reset=earliest"}, Offset::None());
  cluster_->RunFor(absl::Milliseconds(400));
  ASSERT_EQ(Times(Api::kListOffsets).size(), 1u);
  consumer_->Seek(kTopic, 0, Offset(3));
  EXPECT_THAT(PollFor(3 * kSecond), ElementsAre("@3", "@4", "@0", "@1", "@2", "@3", "@4"));
}

// Seen: no back-off but that of the connection, 80 ms.
TEST_P(RdkafkaConsumerTest, AfterAResetItFetchesOnceItIsConnected) {
  Start(1);
  Fault& reset = cluster_->faults().On(Api::kFetch).Client("c1").Nth(2).RequestSent().Reset();
  Consume({}, Offset(0));
  EXPECT_THAT(PollFor(kSecond), ElementsAre("@0"));
  EXPECT_EQ(reset.fired(), 1);
  const std::vector<int64_t> asked = Times(Api::kFetch);
  ASSERT_GE(asked.size(), 3u);
  EXPECT_LE(asked[2] - asked[1], 200);
}

TEST_P(RdkafkaConsumerTest, OneRequestAsksForAllPartitionsOfABroker) {
  Start(1, 3);
  Consume({}, Offset(0));
  consumer_->Assign(kTopic, {1, 2});
  consumer_->Seek(kTopic, 1, Offset(0));
  consumer_->Seek(kTopic, 2, Offset(0));
  EXPECT_THAT(PollFor(2 * kSecond), ElementsAre("@0", "@0", "@0"));
  EXPECT_LE(Times(Api::kFetch).size(), 6u);
}

// Seen: it asks each second, topic or none; what comes of it is read.
TEST_P(RdkafkaConsumerTest, ATopicThatIsMadeLaterIsRead) {
  Start(0);
  consumer_ = &cluster_->AddConsumer(
      "c1", flavour(), {"topic.metadata.propagation.max.ms=1500", "auto.offset.reset=earliest"});
  consumer_->Assign("later", {0});
  EXPECT_THAT(PollFor(4 * kSecond), IsEmpty());
  cluster_->CreateTopic({"later"});
  cluster_->Await(producer_->Send({.topic = "later", .value = "a"}));
  EXPECT_THAT(PollFor(3 * kSecond), ElementsAre("@0"));
}

// Seen, of three batches of a record each whose first value had a bit flipped: without check.crcs
// "l0", "m1", "m2"; with it _BAD_MSG, and the batch again after fetch.error.backoff.ms.
TEST_P(RdkafkaConsumerTest, DamageIsFoundOnlyIfItIsLookedFor) {
  for (const bool looks : {true, false}) {
    Start(3);
    Fault& flip = FlipInFirstAnswer(0, 67, 1);
    Consume({looks ? "check.crcs=true" : "check.crcs=false"}, Offset(0));
    EXPECT_EQ(flip.fired(), 0);
    if (looks) {
      const PollResult told = cluster_->Await(consumer_->Poll(kSecond));
      EXPECT_EQ(told.exception, "_BAD_MSG");
      EXPECT_THAT(told.message,
                  MatchesRegex("MessageSet at offset 0 \\(58 bytes\\) failed CRC32C check "
                               "\\(original 0x[0-9a-f]* != calculated 0x[0-9a-f]*\\)"));
      EXPECT_THAT(PollFor(kSecond), ElementsAre("@0", "@1", "@2"));
      const std::vector<int64_t> asked = Times(Api::kFetch);
      ASSERT_GE(asked.size(), 2u);
      EXPECT_THAT(asked[1] - asked[0], AllOf(Ge(500), Le(510)));
    } else {
      const PollResult first = cluster_->Await(consumer_->Poll(kSecond));
      ASSERT_EQ(first.records.size(), 1u);
      EXPECT_EQ(first.records[0].value, "l0");
      EXPECT_THAT(PollFor(kSecond), ElementsAre("@1", "@2"));
    }
    EXPECT_EQ(flip.fired(), 1);
  }
}

// Seen: with messages before the damaged batch it is asked for again at once.
TEST_P(RdkafkaConsumerTest, BehindMessagesADamagedBatchIsAskedForAtOnce) {
  Start(3);
  FlipInFirstAnswer(1, 67, 1);
  Consume({"check.crcs=true"}, Offset(0));
  EXPECT_THAT(PollFor(kSecond),
              ElementsAre("@0", StartsWith("_BAD_MSG: MessageSet at offset 1 "), "@1", "@2"));
  const std::vector<int64_t> asked = Times(Api::kFetch);
  EXPECT_THAT(asked[1] - asked[0], Le(10));
}

// Seen: a format that does not exist is told, and skipped if it comes first; either way the next
// Fetch waits. A length that no batch has is not told of, but the next Fetch waits.
TEST_P(RdkafkaConsumerTest, ABatchThatIsNoneIsNotRead) {
  Start(3);
  FlipInFirstAnswer(0, 16, 1);
  Consume({}, Offset(0));
  EXPECT_THAT(PollFor(kSecond),
              ElementsAre("_NOT_IMPLEMENTED: Unsupported Message(Set) MagicByte 3 at offset 0",
                          "@1", "@2"));
  Start(3);
  FlipInFirstAnswer(1, 16, 1);
  Consume({}, Offset(0));
  EXPECT_THAT(
      PollFor(kSecond),
      ElementsAre("@0", "_NOT_IMPLEMENTED: Unsupported Message(Set) MagicByte 3 at offset 1", "@1",
                  "@2"));
  EXPECT_THAT(Times(Api::kFetch)[1] - Times(Api::kFetch)[0], Ge(500));
  Start(3);
  FlipInFirstAnswer(1, 11, 58);
  Consume({}, Offset(0));
  EXPECT_THAT(PollFor(kSecond), ElementsAre("@0", "@1", "@2"));
  EXPECT_THAT(Times(Api::kFetch)[1] - Times(Api::kFetch)[0], Ge(500));
}

}  // namespace
}  // namespace norn::model
