// How the Java producer fills, splits and spreads its batches, seen in the log.
#include <algorithm>
#include <memory>
#include <string>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "model/cluster.h"

namespace norn::model {
namespace {

using ::testing::Each;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

std::vector<int64_t> BatchSizes(const LogView& log) {
  std::vector<int64_t> records;
  for (const StoredRecord& record : log.records()) {
    if (record.offset == record.batch_base_offset) records.push_back(0);
    ++records.back();
  }
  return records;
}

TopicSpec TopicOf(int64_t max_message_bytes) {
  TopicConfig config;
  config.max_message_bytes = max_message_bytes;
  return {.name = "t", .config = config};
}

class BatchingSeeds : public ::testing::TestWithParam<uint64_t> {
 protected:
  Cluster& Start(TopicSpec topic, int32_t brokers = 1) {
    cluster_ = std::make_unique<Cluster>(
        ClusterOptions{.seed = GetParam(), .brokers = brokers, .topics = {std::move(topic)}});
    return *cluster_;
  }
  std::unique_ptr<Cluster> cluster_;
};
INSTANTIATE_TEST_SUITE_P(Seeds, BatchingSeeds, ::testing::Range<uint64_t>(1, 11));

// A2.5: no compression, batch.size above what the topic takes: a split yields the same batch, which
// is sent again and again until delivery.timeout.ms. It is not a retry: there is no back-off.
TEST(Batching, TooLargeForTheTopicLoopsUntilDeliveryTimeout) {
  Cluster cluster({.seed = 1, .topics = {TopicOf(100'000)}});
  Fault& produced =
      cluster.faults().On(Api::kProduce).Every(1).RequestReceived().Delay(absl::Milliseconds(20));
  Producer& producer =
      cluster.AddProducer("p1", {"request.timeout.ms=3000", "delivery.timeout.ms=12000",
                                 "linger.ms=1000", "batch.size=1000000"});
  std::vector<DeliveryFuture> sent;
  for (int i = 0; i < 2000; ++i)
    sent.push_back(producer.Send({.topic = "t", .partition = 0, .value = Payload::OfSize(500)}));
  const DeliveryReport first = cluster.Await(sent.front());
  EXPECT_EQ(ErrorName(first), "TimeoutException");
  EXPECT_GT(produced.fired(), 100);
  EXPECT_GT(first.attempts, 100);
  EXPECT_TRUE(cluster.Await(sent.back()).ok());
  // The first batch took what fits 1000000 bytes; the rest is stored once.
  EXPECT_EQ(cluster.Log("t", 0).size(), 40u);
}

TEST_P(BatchingSeeds, ASingleRecordThatIsTooLargeForTheTopicFails) {
  Cluster& cluster = Start(TopicOf(1000));
  Producer& producer = cluster.AddProducer("p1");
  const DeliveryReport report =
      cluster.Await(producer.Send({.topic = "t", .value = Payload::OfSize(2000)}));
  EXPECT_EQ(ErrorName(report), "RecordTooLargeException");
  EXPECT_EQ(report.outcome, Outcome::kFailed);
}

// D2: 500 ms of linger, batch.size 16 KB, 24 KB/s without keys: the fixed KIP-794 rule makes 12 KB
// batches only (KAFKA-14156), and moves on after one or two of them.
TEST_P(BatchingSeeds, TwelveKilobytesALingerStayWhole) {
  Cluster& cluster = Start({.name = "t", .partitions = 3});
  Producer& producer = cluster.AddProducer("p1", {"linger.ms=500", "batch.size=16384"});
  cluster.Await(producer.Send({.topic = "t", .partition = 0, .value = Payload::OfSize(10)}));
  for (int i = 0; i < 2400; ++i) {
    producer.Send({.topic = "t", .value = Payload::OfSize(90)});  // 24 KB a second, about
    cluster.RunFor(absl::Microseconds(4123));
  }
  cluster.Await(producer.Flush());
  std::vector<int64_t> sizes;
  for (int32_t p = 0; p < 3; ++p)
    for (int64_t records : BatchSizes(cluster.Log("t", p)))
      if (records > 1) sizes.push_back(records);
  std::sort(sizes.begin(), sizes.end());
  // One batch was cut short by the flush.
  for (size_t i = 1; i < sizes.size(); ++i) EXPECT_NEAR(static_cast<double>(sizes[i]), 122, 2);
}

// D2, A2.4: 16 partitions on 3 brokers with data in all are three requests.
TEST_P(BatchingSeeds, SixteenPartitionsAreThreeRequests) {
  Cluster& cluster = Start({.name = "t", .partitions = 16}, /*brokers=*/3);
  Producer& producer = cluster.AddProducer("p1", {"linger.ms=500"});
  cluster.Await(producer.Send({.topic = "t", .partition = 0, .value = Payload::OfSize(10)}));
  Fault& produced =
      cluster.faults().On(Api::kProduce).Every(1).RequestReceived().Delay(absl::Nanoseconds(1));
  for (int32_t p = 0; p < 16; ++p)
    for (int i = 0; i < 10; ++i)
      producer.Send({.topic = "t", .partition = p, .value = Payload::OfSize(100)});
  cluster.RunFor(absl::Seconds(2));
  EXPECT_EQ(produced.fired(), 3);
  for (int32_t p = 0; p < 16; ++p) EXPECT_EQ(cluster.Log("t", p).size(), p == 0 ? 11u : 10u);
}

TEST_P(BatchingSeeds, KeysAreIgnoredWhenAsked) {
  Cluster& cluster = Start({.name = "t", .partitions = 50});
  Producer& producer = cluster.AddProducer("p1", {"partitioner.ignore.keys=true", "linger.ms=100"});
  cluster.Await(producer.Send({.topic = "t", .partition = 0, .value = "w"}));
  std::vector<DeliveryFuture> sent;
  for (int i = 0; i < 20; ++i) {
    const std::string key = "key" + std::to_string(i);
    sent.push_back(producer.Send({.topic = "t", .key = std::string_view(key), .value = "v"}));
  }
  cluster.Await(producer.Flush());
  std::vector<PartitionIndex> partitions;
  for (const DeliveryFuture& each : sent) partitions.push_back(each.Get()->partition);
  EXPECT_THAT(partitions, Each(partitions[0])) << "they stick together";
}

// Headers travel, and count: 11 + 10 bytes of payload with one header of 3 and 5 bytes.
TEST_P(BatchingSeeds, HeadersAndTimestampsReachTheConsumer) {
  Cluster& cluster = Start({.name = "t"});
  Producer& producer = cluster.AddProducer("p1", {"linger.ms=20"});
  const Header headers[] = {{"one", "value"}, {"two", Payload::Null()}};
  producer.Send({.topic = "t", .value = "a", .timestamp_ms = 5000, .headers = headers});
  producer.Send({.topic = "t", .value = "b", .timestamp_ms = 4000});
  cluster.Await(producer.Flush());
  Consumer& consumer = cluster.AddConsumer("c1", {"auto.offset.reset=earliest"});
  consumer.Assign("t", {0});
  const PollResult polled = cluster.Await(consumer.Poll(absl::Seconds(5)));
  ASSERT_EQ(polled.records.size(), 2u);
  EXPECT_THAT(polled.records[0].headers, ElementsAre(ConsumedRecord::Header{"one", "value"},
                                                     ConsumedRecord::Header{"two", std::nullopt}));
  EXPECT_EQ(polled.records[0].timestamp_ms, 5000);
  EXPECT_EQ(polled.records[1].timestamp_ms, 4000) << "earlier than the batch's first";
}

// A2.2: the bound that max.request.size is held against counts the headers: 61 + 21 + 1 + (1 + 10)
// + 1 + (1 + 3) + (1 + 5).
TEST_P(BatchingSeeds, TheUpperBoundOfARecordCountsItsHeaders) {
  Cluster& cluster = Start({.name = "t"});
  const Header headers[] = {{"one", "value"}};
  for (const int64_t limit : {105, 104}) {
    Producer& producer = cluster.AddProducer("p" + std::to_string(limit),
                                             {"max.request.size=" + std::to_string(limit)});
    const DeliveryReport report = cluster.Await(
        producer.Send({.topic = "t", .value = Payload::OfSize(10), .headers = headers}));
    EXPECT_EQ(report.ok(), limit == 105) << report;
    if (!report.ok()) {
      EXPECT_THAT(report.message, HasSubstr("The message is 105 bytes when serialized"));
    }
  }
}

}  // namespace
}  // namespace norn::model
