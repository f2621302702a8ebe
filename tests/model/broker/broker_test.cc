// What a broker answers to requests of every version that real clients send, byte for byte as
// recorded from Kafka 4.1.1, and how it refuses what is wrong.
#include "model/broker/broker.h"

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/model/broker/wire_client.h"

namespace norn::model {
namespace {

using ::testing::ElementsAre;

constexpr char kTopic[] = "oracle-sixteen-b";  // 16 characters, as the recorded topics' names

// The cluster of the recordings: three brokers on one host, three replicas, leaders in turn.
ClusterOptions Recorded() {
  ClusterOptions options;
  options.brokers = 3;
  options.host = "127.0.0.1";
  options.topics = {{.name = kTopic, .leaders = {1}, .replicas = 3},
                    {.name = "elsewhere", .leaders = {2}}};
  return options;
}

RecordBatch Batch(int32_t records = 1, int32_t bytes = 100) {
  RecordSetBuilder builder;
  for (int32_t i = 0; i < records; ++i)
    builder.Append(0, Payload::Null(), Payload::OfSize(bytes), RecordId(i));
  return RecordBatch(builder.Seal());
}

class BrokerTest : public ::testing::Test {
 protected:
  explicit BrokerTest(ClusterOptions options = Recorded()) : cluster_(std::move(options)) {}

  wire::ProduceRequest Produce(Records records, int16_t acks = -1, const char* topic = kTopic,
                               int32_t partition = 0) const {
    wire::ProduceRequest request;
    request.acks = acks;
    request.timeout_ms = 30000;
    wire::ProduceRequest::Topic named;
    named.name = topic;
    if (const ClusterView::Topic* known = cluster_.view().FindTopic(topic))
      named.topic_id = known->id;
    named.partitions.push_back({PartitionIndex(partition), std::move(records)});
    request.topics.push_back(std::move(named));
    return request;
  }
  static const wire::ProduceResponse::Partition& Only(const wire::ProduceResponse& response) {
    return response.topics[0].partitions[0];
  }
  static wire::MetadataRequest AboutTopic() {
    wire::MetadataRequest request;
    request.topics.emplace();
    wire::MetadataRequest::Topic topic;
    topic.name = kTopic;
    request.topics->push_back(topic);
    request.allow_auto_topic_creation = false;
    return request;
  }
  wire::FetchRequest Fetch(int64_t offset, int32_t max_wait_ms, int32_t session = 0,
                           int32_t epoch = -1) const {
    wire::FetchRequest request;
    request.max_wait_ms = max_wait_ms;
    request.min_bytes = 1;
    request.session_id = session;
    request.session_epoch = epoch;
    wire::FetchRequest::Topic topic;
    topic.topic = kTopic;
    topic.topic_id = cluster_.view().FindTopic(kTopic)->id;
    wire::FetchRequest::Partition partition;
    partition.fetch_offset = Offset(offset);
    partition.partition_max_bytes = 1048576;
    topic.partitions.push_back(partition);
    request.topics.push_back(topic);
    return request;
  }

  Cluster cluster_;
};

// Recording 01: sizes of every answer on a connection, for each client.
TEST_F(BrokerTest, AnswersHaveTheRecordedSizes) {
  WireClient client(cluster_, "norn");
  EXPECT_EQ(SizeOf(client.Ask(Api::kApiVersions, 3, wire::ApiVersionsRequest())), 669);
  EXPECT_EQ(SizeOf(client.Ask(Api::kApiVersions, 4, wire::ApiVersionsRequest())), 790);
  EXPECT_EQ(SizeOf(client.Ask(Api::kMetadata, 13, AboutTopic())), 189);
  EXPECT_EQ(SizeOf(client.Ask(Api::kMetadata, 12, AboutTopic())), 187);
  EXPECT_EQ(SizeOf(client.Ask(Api::kMetadata, 4, AboutTopic())), 178);
  for (const int16_t v : {4, 5})
    EXPECT_EQ(SizeOf(client.Ask(Api::kInitProducerId, v, wire::InitProducerIdRequest())), 26);
  const std::pair<int16_t, int64_t> produce[] = {{7, 68}, {10, 67}, {13, 66}};
  int64_t offset = 0;
  for (const auto& [version, bytes] : produce) {
    const ResponseEnvelope& answer = client.Ask(Api::kProduce, version, Produce(Records(Batch())));
    EXPECT_EQ(SizeOf(answer), bytes) << version;
    const auto& partition = Only(std::get<wire::ProduceResponse>(answer.body));
    EXPECT_EQ(partition.error, Error::kNone) << version;
    EXPECT_EQ(partition.base_offset, Offset(offset++)) << version;
  }
}

// Recording 51: three records of 20 bytes; then nothing, for half a second.
TEST_F(BrokerTest, FetchesHaveTheRecordedSizes) {
  WireClient client(cluster_, "norn");
  client.Ask(Api::kProduce, 13, Produce(Records(Batch(3, 20))));
  const std::pair<int16_t, std::vector<int64_t>> sessionless[] = {{16, {95, 219, 95, 76}},
                                                                  {11, {103, 228, 103, 86}}};
  for (const auto& [version, bytes] : sessionless) {
    const int64_t first = SizeOf(client.Ask(Api::kFetch, version, Fetch(0, 500)));
    EXPECT_EQ(client.last_request_bytes(), bytes[0]);
    EXPECT_EQ(first, bytes[1]);
    const sim::Time asked = cluster_.Now();
    const int64_t idle = SizeOf(client.Ask(Api::kFetch, version, Fetch(3, 500)));
    EXPECT_EQ(client.last_request_bytes(), bytes[2]);
    EXPECT_EQ(idle, bytes[3]);
    EXPECT_GE(cluster_.Now() - asked, absl::Milliseconds(500));
  }
  // Java has a session: idle requests name no partition, and idle answers none either.
  const ResponseEnvelope& full = client.Ask(Api::kFetch, 18, Fetch(0, 500, 0, 0));
  EXPECT_EQ(client.last_request_bytes(), 95);
  EXPECT_EQ(SizeOf(full), 219);
  const int32_t session = std::get<wire::FetchResponse>(full.body).session_id;
  client.Ask(Api::kFetch, 18, Fetch(3, 500, session, 1));
  EXPECT_EQ(client.last_request_bytes(), 95);
  wire::FetchRequest next = Fetch(3, 500, session, 2);
  next.topics.clear();
  EXPECT_EQ(SizeOf(client.Ask(Api::kFetch, 18, next)), 21);
  EXPECT_EQ(client.last_request_bytes(), 44);
}

// B10, recording 53.
TEST_F(BrokerTest, OffsetsAreListedInEachVersion) {
  WireClient client(cluster_, "rdkafka");
  client.Ask(Api::kProduce, 10, Produce(Records(Batch(5))));
  wire::ListOffsetsRequest request;
  wire::ListOffsetsRequest::Topic topic;
  topic.name = kTopic;
  topic.partitions.push_back({PartitionIndex(0), {}, wire::kLatestTimestamp});
  request.topics.push_back(topic);
  for (const int16_t version : {2, 7, 10}) {
    const auto& answer =
        client.AskFor<wire::ListOffsetsResponse>(Api::kListOffsets, version, request);
    EXPECT_EQ(answer.topics[0].partitions[0].offset, Offset(5)) << version;
  }
  request.topics[0].partitions[0].timestamp = 0;
  EXPECT_EQ(client.AskFor<wire::ListOffsetsResponse>(Api::kListOffsets, 7, request)
                .topics[0]
                .partitions[0]
                .offset,
            Offset(0));
}

// A6.1 1, KIP-951: a broker that does not lead says who does, in the versions that have a place for
// it; one NodeEndpoint of that host adds 34 bytes.
TEST_F(BrokerTest, WhoDoesNotLeadSaysWhoDoes) {
  WireClient client(cluster_, "norn");
  const auto ask = [&](int16_t version) -> const ResponseEnvelope& {
    return client.Ask(Api::kProduce, version, Produce(Records(Batch()), -1, "elsewhere"));
  };
  const ResponseEnvelope& v10 = ask(10);
  const auto& told = std::get<wire::ProduceResponse>(v10.body);
  EXPECT_EQ(Only(told).error, Error::kNotLeaderOrFollower);
  EXPECT_EQ(Only(told).base_offset, Offset::None());
  EXPECT_EQ(Only(told).current_leader.leader_id, BrokerId(2));
  ASSERT_EQ(told.node_endpoints.size(), 1u);
  EXPECT_EQ(told.node_endpoints[0].port, 9093);
  const int64_t with_leader = SizeOf(v10);
  const ResponseEnvelope& v9 = ask(9);
  EXPECT_TRUE(Only(std::get<wire::ProduceResponse>(v9.body)).current_leader.leader_id.is_none());
  EXPECT_EQ(with_leader, SizeOf(v9) + 34);
}

TEST_F(BrokerTest, WhatDoesNotExistIsUnknown) {
  WireClient client(cluster_, "norn");
  const auto error = [&](int16_t version, const char* topic, int32_t partition) {
    return Only(client.AskFor<wire::ProduceResponse>(
                    Api::kProduce, version, Produce(Records(Batch()), -1, topic, partition)))
        .error;
  };
  EXPECT_EQ(error(10, "nowhere", 0), Error::kUnknownTopicOrPartition);
  EXPECT_EQ(error(13, "nowhere", 0), Error::kUnknownTopicId);
  EXPECT_EQ(error(10, kTopic, 1), Error::kUnknownTopicOrPartition);
  EXPECT_EQ(error(13, kTopic, 1), Error::kUnknownTopicOrPartition);
}

// ProduceRequest.validateRecords.
TEST_F(BrokerTest, AProduceHasOneBatchAndSaneAcks) {
  WireClient client(cluster_, "norn");
  const auto error = [&](Records records, int16_t acks) {
    return Only(client.AskFor<wire::ProduceResponse>(Api::kProduce, 10,
                                                     Produce(std::move(records), acks)))
        .error;
  };
  EXPECT_EQ(error(Records(Batch()), 2), Error::kInvalidRequiredAcks);
  EXPECT_EQ(error(Records(), 1), Error::kInvalidRecord);
  Records two(Batch());
  two.Add(Batch());
  EXPECT_EQ(error(two, 1), Error::kInvalidRecord);
  EXPECT_EQ(error(Records(Batch()), 1), Error::kNone);
}

// A6.1 4: with acks=0 nothing is answered; a failure closes the connection.
TEST_F(BrokerTest, AcksZeroIsNeverAnswered) {
  WireClient client(cluster_, "norn");
  client.Send(Api::kProduce, 10, Produce(Records(Batch()), 0));
  cluster_.RunFor(absl::Seconds(1));
  EXPECT_TRUE(client.answers().empty());
  EXPECT_FALSE(client.closed());
  EXPECT_EQ(cluster_.Log(kTopic, 0).size(), 1u);
  client.Send(Api::kProduce, 10, Produce(Records(Batch()), 0, "elsewhere"));
  cluster_.RunFor(absl::Seconds(1));
  EXPECT_TRUE(client.answers().empty());
  EXPECT_TRUE(client.closed());
}

// KIP-511: a question about versions in a version nobody knows is answered in version 0; any other
// request closes its connection. Byte 7 is the low byte of the version.
TEST_F(BrokerTest, UnknownVersions) {
  WireClient client(cluster_, "norn");
  client.Send(Api::kApiVersions, 4, wire::ApiVersionsRequest(), {7, 0x40});
  cluster_.RunFor(absl::Seconds(1));
  ASSERT_EQ(client.answers().size(), 1u);
  const ResponseEnvelope& answer = *client.answers()[0];
  EXPECT_EQ(answer.version, 0);
  EXPECT_EQ(std::get<const wire::ApiVersionsResponse*>(answer.body)->error,
            Error::kUnsupportedVersion);
  EXPECT_FALSE(client.closed());
  client.Send(Api::kMetadata, 13, AboutTopic(), {7, 0x40});
  cluster_.RunFor(absl::Seconds(1));
  EXPECT_EQ(client.answers().size(), 1u);
  EXPECT_TRUE(client.closed());
}

TEST_F(BrokerTest, ATopicThatIsCreatedIsLedAndKnown) {
  WireClient client(cluster_, "norn");
  const auto ask = [&] {
    return Only(client.AskFor<wire::ProduceResponse>(Api::kProduce, 10,
                                                     Produce(Records(Batch()), -1, "late")))
        .error;
  };
  EXPECT_EQ(ask(), Error::kUnknownTopicOrPartition);
  cluster_.CreateTopic({.name = "late", .replicas = 3});
  // The brokers hear of it from the controller.
  cluster_.RunFor(absl::Milliseconds(100));
  EXPECT_EQ(ask(), Error::kNone);
  EXPECT_EQ(cluster_.Log("late", 0).size(), 1u);
  wire::MetadataRequest all;
  EXPECT_EQ(client.AskFor<wire::MetadataResponse>(Api::kMetadata, 13, all).topics.size(), 3u);
}

TEST_F(BrokerTest, ASlowBrokerAnswersInOrder) {
  cluster_.SetBrokerLatency(1, absl::Milliseconds(100));
  WireClient client(cluster_, "norn");
  const sim::Time asked = cluster_.Now();
  client.Send(Api::kMetadata, 13, AboutTopic());
  client.Send(Api::kMetadata, 13, AboutTopic());
  cluster_.RunFor(absl::Seconds(1));
  ASSERT_EQ(client.answered_at().size(), 2u);
  EXPECT_GE(client.answered_at()[0] - asked, absl::Milliseconds(100));
  // The second was read as soon as the first was answered: it is not late twice.
  EXPECT_LT(client.answered_at()[1] - asked, absl::Milliseconds(102));
}

// KIP-219: the answer comes at once and says how long the channel stays muted.
class ThrottledTest : public BrokerTest {
 protected:
  static ClusterOptions WithQuota() {
    ClusterOptions options = Recorded();
    options.quotas = {{"norn", 7000}};
    return options;
  }
  ThrottledTest() : BrokerTest(WithQuota()) {}
};

// Recording 55: forty requests of 2126 bytes against 7000 B/s, one every 12 ms as the recorded
// client sent them. The law gives 0 for the first 34, then what the window has not made up for.
TEST_F(ThrottledTest, AnswersSayHowLongTheChannelIsMuted) {
  WireClient client(cluster_, "norn");
  client.Ask(Api::kProduce, 13, Produce(Records(Batch(1, 10))));
  const sim::Time begun = cluster_.Now();
  std::vector<int32_t> throttles;
  sim::Time free_again = begun;
  for (int i = 0; i < 40; ++i) {
    cluster_.RunFor(absl::Milliseconds(12));
    const sim::Time sent = cluster_.Now();
    const size_t before = client.answers().size();
    client.Send(Api::kProduce, 13, Produce(Records(Batch(1, 2000))));
    ASSERT_TRUE(
        cluster_.RunUntil([&] { return client.answers().size() > before; }, absl::Seconds(10)));
    // Nothing is read before the mute ends; the answer itself is not late.
    const sim::Time read = std::max(sent, free_again);
    EXPECT_LT(cluster_.Now() - read, absl::Milliseconds(2)) << i;
    const int32_t ms =
        std::get<wire::ProduceResponse>(client.answers().back()->body).throttle_time_ms;
    free_again = cluster_.Now() + absl::Milliseconds(ms) - absl::Milliseconds(1);
    if (ms > 0) throttles.push_back(ms);
  }
  // The recorded ranges, [0.75 x min - 20 ms, 1.25 x max + 50 ms].
  ASSERT_GE(throttles.size(), 5u);
  EXPECT_LE(throttles.size(), 6u);
  EXPECT_GE(throttles[0], 10);
  EXPECT_LE(throttles[0], 1.25 * 239 + 50);
  for (size_t i = 3; i < throttles.size(); ++i) {
    EXPECT_GE(throttles[i], 0.75 * 1033 - 20);
    EXPECT_LE(throttles[i], 1.25 * 1298 + 50);
  }
  const absl::Duration total = cluster_.Now() - begun;
  EXPECT_GE(total, absl::Milliseconds(2855));
  EXPECT_LE(total, absl::Milliseconds(8510));
}

TEST_F(ThrottledTest, OtherClientsAreLeftAlone) {
  WireClient client(cluster_, "other");
  for (int i = 0; i < 60; ++i)
    EXPECT_EQ(
        client.AskFor<wire::ProduceResponse>(Api::kProduce, 13, Produce(Records(Batch(1, 2000))))
            .throttle_time_ms,
        0);
}

}  // namespace
}  // namespace norn::model
