// Connections, metadata, what the client writes into its log, and fetch sessions: whole clusters,
// laid beside recordings of kafka-clients 4.1.1.
#include <memory>
#include <string>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "model/cluster.h"

namespace norn::model {
namespace {

using ::testing::Contains;
using ::testing::HasSubstr;
using ::testing::StartsWith;

// A client knows a bootstrap address by a number below -1.
constexpr BrokerId kBootstrap(-2);

class Connections : public ::testing::TestWithParam<uint64_t> {
 protected:
  Cluster& Start(ClusterOptions options = {}) {
    options.seed = GetParam();
    if (options.topics.empty()) options.topics = {{"t"}};
    options.trace = sim::TraceSink::kFull;
    cluster_ = std::make_unique<Cluster>(std::move(options));
    return *cluster_;
  }
  // The texts of the notes called `what`.
  std::vector<std::string> Notes(std::string_view what) {
    std::vector<std::string> texts;
    for (const sim::TraceEntry& entry : cluster_->sim().trace().entries())
      if (entry.what->text == what) texts.push_back(entry.text);
    return texts;
  }
  std::vector<std::string> Log() { return Notes("log"); }
  std::unique_ptr<Cluster> cluster_;
};
INSTANTIATE_TEST_SUITE_P(Seeds, Connections, ::testing::Range<uint64_t>(1, 11));

// Recording 41: TCP connects, ApiVersions is never answered. Each attempt costs request.timeout.ms,
// two sleeps of retry.backoff.ms in the thread that wants a producer id, and the reconnect
// back-off.
TEST_P(Connections, AStalledHandshakeIsTriedAgainAndAgain) {
  Cluster& cluster = Start();
  cluster.faults().On(Api::kApiVersions).Always().ResponseSent().Drop();
  Producer& producer =
      cluster.AddProducer("p1", {"request.timeout.ms=3000", "delivery.timeout.ms=12000",
                                 "max.block.ms=20000", "bootstrap.servers=b1:9092"});
  const DeliveryFuture sent = producer.Send({.topic = "t", .value = "a"});
  std::vector<int64_t> connects_ms;
  ConnectionState before = ConnectionState::kDisconnected;
  for (int64_t ms = 0; ms < 20'000; ++ms) {
    const ConnectionState now = producer.connection(kBootstrap);
    if (before == ConnectionState::kDisconnected && now != before) connects_ms.push_back(ms);
    before = now;
    cluster.RunFor(absl::Milliseconds(1));
  }
  ASSERT_GE(connects_ms.size(), 6u);
  // Recorded: 1.0-1.8, 4.2-5.0, 7.4-8.2, 10.6-11.5, 14.0-15.0, 18.0-18.7 s after the JVM's start.
  const int64_t recorded[][2] = {
      {3150, 3250}, {3150, 3350}, {3150, 3450}, {3300, 3600}, {3600, 4250}};
  for (size_t i = 0; i < 5; ++i) {
    const int64_t gap = connects_ms[i + 1] - connects_ms[i];
    EXPECT_GE(gap, recorded[i][0]) << i;
    EXPECT_LE(gap, recorded[i][1]) << i;
  }
  EXPECT_EQ(ErrorName(cluster.Await(sent)), "TimeoutException");
}

// Recording 21b: a broker stands still with five requests in flight; the record after them wakes
// Java's thread a last time, and request.timeout.ms later it looks and finds the first overdue. Not
// 3 s after that was sent.
TEST_P(Connections, AnOverdueRequestIsFoundWhenTheThreadLooks) {
  Cluster& cluster = Start();
  Producer& producer = cluster.AddProducer("p1", {"request.timeout.ms=3000"});
  cluster.Await(producer.Send({.topic = "t", .value = "w"}));
  cluster.broker(1).Pause();
  const sim::Time first = cluster.Now();
  for (int i = 0; i < 6; ++i) {
    producer.Send({.topic = "t", .value = "a"});
    cluster.RunFor(absl::Milliseconds(100));
  }
  // With linger.ms=5 the sixth is looked at 505 ms after the first was sent.
  ASSERT_TRUE(cluster.RunUntil(
      [&] { return producer.connection(BrokerId(1)) == ConnectionState::kDisconnected; },
      absl::Seconds(10)));
  EXPECT_GE(cluster.Now() - first, absl::Milliseconds(3500));
  EXPECT_LE(cluster.Now() - first, absl::Milliseconds(3510));
}

// One request alone is found at its time.
TEST_P(Connections, ARequestAloneIsOverdueAtItsTime) {
  Cluster& cluster = Start();
  Producer& producer = cluster.AddProducer("p1", {"request.timeout.ms=3000", "linger.ms=0"});
  cluster.Await(producer.Send({.topic = "t", .value = "w"}));
  cluster.broker(1).Pause();
  const sim::Time sent = cluster.Now();
  producer.Send({.topic = "t", .value = "a"});
  ASSERT_TRUE(cluster.RunUntil(
      [&] { return producer.connection(BrokerId(1)) == ConnectionState::kDisconnected; },
      absl::Seconds(10)));
  EXPECT_GE(cluster.Now() - sent, absl::Milliseconds(3000));
  EXPECT_LE(cluster.Now() - sent, absl::Milliseconds(3002));
}

// Recording 57: metadata of an unknown topic is asked again after 100 x 2^n ms, at most 1000.
TEST_P(Connections, MetadataOfAnUnknownTopicIsAskedWithABackoff) {
  Cluster& cluster = Start();
  Fault& asked =
      cluster.faults().On(Api::kMetadata).Always().RequestReceived().Delay(absl::Nanoseconds(1));
  Producer& producer = cluster.AddProducer("p1", {"max.block.ms=4000"});
  cluster.RunFor(absl::Milliseconds(100));
  const int64_t before = asked.fired();
  const DeliveryReport report = cluster.Await(producer.Send({.topic = "nobody", .value = "a"}));
  EXPECT_EQ(report.message, "Topic nobody not present in metadata after 4000 ms.");
  // At 0, and after 100, 200, 400, 800, 1000, 1000 with jitter.
  EXPECT_GE(asked.fired() - before, 6);
  EXPECT_LE(asked.fired() - before, 9);
}

// Recording 59; an answer that brings nothing new is no success: the questions become rarer.
TEST_P(Connections, APartitionOutOfRangeBlocksAndAsksLessAndLess) {
  Cluster& cluster = Start({.topics = {{"t", 2}}});
  Fault& asked =
      cluster.faults().On(Api::kMetadata).Always().RequestReceived().Delay(absl::Nanoseconds(1));
  Producer& producer = cluster.AddProducer("p1", {"max.block.ms=3000"});
  cluster.Await(producer.Send({.topic = "t", .partition = 0, .value = "w"}));
  const int64_t before = asked.fired();
  const DeliveryReport report =
      cluster.Await(producer.Send({.topic = "t", .partition = 9, .value = "a"}));
  EXPECT_EQ(report.message,
            "Partition 9 of topic t with partition count 2 is not present in metadata after 3000 "
            "ms.");
  EXPECT_GE(asked.fired() - before, 4);
  EXPECT_LE(asked.fired() - before, 8);
}

// The lines an operator of the real client knows.
TEST_P(Connections, TheLogIsWordedAsTheRealClients) {
  Cluster& cluster = Start();
  cluster.faults().On(Api::kProduce).Nth(1).ResponseSent().Reset();
  Producer& producer = cluster.AddProducer("p1");
  ASSERT_TRUE(cluster.Await(producer.Send({.topic = "t", .value = "a"})).ok());
  cluster.Await(producer.Close());
  const std::vector<std::string> log = Log();
  EXPECT_THAT(log, Contains("[Producer clientId=producer-1] Instantiated an idempotent producer."));
  EXPECT_THAT(log, Contains("[Producer clientId=producer-1] ProducerId set to 0 with epoch 0"));
  EXPECT_THAT(log, Contains("[Producer clientId=producer-1] Cluster ID: NornNornNornNornNornNo"));
  EXPECT_THAT(log, Contains("[Producer clientId=producer-1] Node 1 disconnected."));
  EXPECT_THAT(log, Contains(AllOf(
                       StartsWith("[Producer clientId=producer-1] Got error produce response with "
                                  "correlation id "),
                       HasSubstr(" on topic-partition t-0, retrying (2147483646 attempts left). "
                                 "Error: NETWORK_EXCEPTION. Error Message: Disconnected from node "
                                 "1"))));
  EXPECT_THAT(log, Contains("[Producer clientId=producer-1] Closing the Kafka producer with "
                            "timeoutMillis = 9223372036854775807 ms."));
}

// KIP-899: when no broker that is known can be reached, the bootstrap servers are asked anew, and
// what was known is forgotten: send() blocks until there is metadata again.
TEST_P(Connections, AClientThatReachesNobodyBeginsAnew) {
  Cluster& cluster = Start();
  Producer& producer = cluster.AddProducer("p1", {"bootstrap.servers=b1:9092"});
  ASSERT_TRUE(cluster.Await(producer.Send({.topic = "t", .value = "w"})).ok());
  cluster.broker(1).Kill();
  const DeliveryFuture queued = producer.Send({.topic = "t", .value = "a"});
  cluster.RunFor(absl::Seconds(5));
  EXPECT_THAT(Log(), Contains("[Producer clientId=producer-1] Rebootstrapping with [b1:9092]"));
  const DeliveryFuture blocked = producer.Send({.topic = "t", .value = "b"});
  EXPECT_TRUE(producer.application_blocked());
  cluster.broker(1).Start();
  EXPECT_TRUE(cluster.Await(queued).ok());
  EXPECT_TRUE(cluster.Await(blocked).ok());
}

TEST_P(Connections, Java39SpeaksItsOwnVersionsAndDoesNotRebootstrap) {
  Cluster& cluster = Start();
  Producer& producer = cluster.AddProducer("p1", Flavour::kJava39, {});
  ASSERT_TRUE(cluster.Await(producer.Send({.topic = "t", .value = "a"})).ok());
  Consumer& consumer = cluster.AddConsumer("c1", Flavour::kJava39, {"auto.offset.reset=earliest"});
  consumer.Assign("t", {0});
  ASSERT_EQ(cluster.Await(consumer.Poll(absl::Seconds(5))).records.size(), 1u);
  const std::vector<std::string> sent = Notes("request sent");
  EXPECT_THAT(sent, Contains(StartsWith("Metadata v12 ")));
  EXPECT_THAT(sent, Contains(StartsWith("Produce v11 ")));
  EXPECT_THAT(sent, Contains(StartsWith("ListOffsets v9 ")));
  EXPECT_THAT(sent, Contains(StartsWith("Fetch v17 ")));
  cluster.broker(1).Kill();
  cluster.RunFor(absl::Seconds(5));
  EXPECT_THAT(Log(), Not(Contains(HasSubstr("Rebootstrapping"))));
}

// Recording 51: idle, a Java consumer asks about each 500 ms with 44 bytes and is answered with 21;
// a position that moved costs a full request once.
TEST_P(Connections, AnIdleConsumerFetchesInASession) {
  Cluster& cluster = Start();
  Producer& producer = cluster.AddProducer("p1");
  cluster.Await(producer.Send({.topic = "t", .value = "a"}));
  Consumer& consumer = cluster.AddConsumer("c1", {"auto.offset.reset=earliest", "client.id=norn"});
  consumer.Assign("t", {0});
  ASSERT_EQ(cluster.Await(consumer.Poll(absl::Seconds(5))).records.size(), 1u);
  cluster.Await(consumer.Poll(absl::Seconds(5)));
  int idle = 0;
  int full = 0;
  for (const std::string& request : Notes("request sent")) {
    if (request.rfind("Fetch", 0) != 0) continue;
    idle += request.find(" 44 B ") != std::string::npos;
    full += request.find(" 95 B ") != std::string::npos;
  }
  EXPECT_EQ(full, 2) << "the first, and one after the position moved";
  EXPECT_GE(idle, 8);
  EXPECT_LE(idle, 10);
  EXPECT_THAT(Notes("answer sent"), Contains(AllOf(StartsWith("Fetch"), HasSubstr(" 21 B "))));
}

// Recording 53: without a reset policy poll() throws, and the position stays.
TEST_P(Connections, AnOffsetOutOfRangeIsResetOrTold) {
  Cluster& cluster = Start();
  Producer& producer = cluster.AddProducer("p1");
  for (int i = 0; i < 5; ++i) cluster.Await(producer.Send({.topic = "t", .value = "m"}));
  Consumer& none = cluster.AddConsumer("none", {"auto.offset.reset=none"});
  none.Assign("t", {0});
  none.Seek("t", 0, Offset(100));
  const PollResult polled = cluster.Await(none.Poll(absl::Seconds(2)));
  EXPECT_EQ(polled.exception, "OffsetOutOfRangeException");
  EXPECT_EQ(polled.message, "Fetch position 100 is out of range for partition t-0");
  EXPECT_EQ(none.Position("t", 0), Offset(100));
  Consumer& earliest = cluster.AddConsumer("earliest", {"auto.offset.reset=earliest"});
  earliest.Assign("t", {0});
  earliest.Seek("t", 0, Offset(100));
  EXPECT_EQ(cluster.Await(earliest.Poll(absl::Seconds(2))).records.size(), 5u);
  EXPECT_EQ(earliest.Position("t", 0), Offset(5));
}

}  // namespace
}  // namespace norn::model
