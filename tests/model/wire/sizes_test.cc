// Frame sizes seen on the real wire: the check values of the specification (part B) and the frames
// that real clients and brokers of 4.1.1 exchanged (oracles 01, 51 and 53).
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "gtest/gtest.h"
#include "model/wire/api_versions.h"
#include "model/wire/fetch.h"
#include "model/wire/frame.h"
#include "model/wire/init_producer_id.h"
#include "model/wire/list_offsets.h"
#include "model/wire/metadata.h"
#include "model/wire/offset_for_leader_epoch.h"
#include "model/wire/produce.h"

namespace norn::model::wire {
namespace {

constexpr std::string_view kTenCharacters = "producer-1";
constexpr std::string_view kFiveCharacters = "topic";
constexpr std::string_view kSixteenCharacters = "topic-of-16-char";  // as in the oracles
constexpr std::string_view kNorn = "norn";
constexpr Uuid kTopicId = {1, 2};

// One batch with `records` records of `value_size` bytes.
Records Batch(int records, int32_t value_size) {
  RecordSetBuilder builder;
  for (int i = 0; i < records; ++i) {
    builder.Append(0, Payload::Null(), Payload::OfSize(value_size), RecordId(i));
  }
  return Records(RecordBatch(builder.Seal()));
}

ProduceRequest Produce(std::string_view topic, Records records) {
  ProduceRequest request = {.acks = -1, .timeout_ms = 30000};
  ProduceRequest::Topic entry = {.name = topic, .topic_id = kTopicId};
  entry.partitions.push_back({PartitionIndex(0), std::move(records)});
  request.topics.push_back(std::move(entry));
  return request;
}

ProduceResponse Produced(std::string_view topic) {
  ProduceResponse response;
  ProduceResponse::Topic entry = {.name = topic, .topic_id = kTopicId};
  entry.partitions.emplace_back();
  response.topics.push_back(std::move(entry));
  return response;
}

int64_t ProduceRequestBytes(int16_t version) {
  return RequestFrameSize(Produce(kFiveCharacters, Batch(1, 100)), version, kTenCharacters);
}
int64_t ProduceResponseBytes(int16_t version) {
  return ResponseFrameSize(Produced(kFiveCharacters), version);
}

// Part B4.
TEST(ProduceSizesTest, AreThoseOfTheSpecification) {
  for (int16_t v : {3, 4, 5, 6, 7, 8}) EXPECT_EQ(ProduceRequestBytes(v), 225) << v;
  for (int16_t v : {9, 10, 11, 12}) EXPECT_EQ(ProduceRequestBytes(v), 219) << v;
  EXPECT_EQ(ProduceRequestBytes(13), 229);
  EXPECT_EQ(ProduceResponseBytes(3), 49);
  for (int16_t v : {5, 6, 7}) EXPECT_EQ(ProduceResponseBytes(v), 57) << v;
  EXPECT_EQ(ProduceResponseBytes(8), 63);
  for (int16_t v : {9, 10, 11, 12}) EXPECT_EQ(ProduceResponseBytes(v), 56) << v;
  EXPECT_EQ(ProduceResponseBytes(13), 66);
}

// Part B4: "CurrentLeader with one NodeEndpoint (9-character host) adds 34 B" (oracles 11, 21c).
TEST(ProduceSizesTest, ANewLeaderInTheAnswerAdds34) {
  ProduceResponse response = Produced(kFiveCharacters);
  response.topics[0].partitions[0].error = Error::kNotLeaderOrFollower;
  response.topics[0].partitions[0].current_leader = {BrokerId(2), LeaderEpoch(1)};
  response.node_endpoints = {{.node_id = BrokerId(2), .host = "127.0.0.1", .port = 9092}};
  EXPECT_EQ(ResponseFrameSize(response, 10), 56 + 34);
  EXPECT_EQ(ResponseFrameSize(response, 9), 56);
}

// Oracle 01: java 4.1.1 sends v13, librdkafka 2.16.0 v10, 2.0.2 v7.
TEST(ProduceSizesTest, AreThoseOfRealClients) {
  ProduceRequest request = Produce(kSixteenCharacters, Batch(1, 100));
  EXPECT_EQ(RequestFrameSize(request, 13, kNorn), 223);
  EXPECT_EQ(RequestFrameSize(request, 10, kNorn), 224);
  EXPECT_EQ(RequestFrameSize(request, 7, kNorn), 230);
  ProduceResponse response = Produced(kSixteenCharacters);
  EXPECT_EQ(ResponseFrameSize(response, 13), 66);
  EXPECT_EQ(ResponseFrameSize(response, 10), 67);
  EXPECT_EQ(ResponseFrameSize(response, 7), 68);
}

// Oracle 51: batches of one and three records of 20 bytes, client id "rdkafka".
TEST(ProduceSizesTest, AreThoseOfRealClientsWithOtherBatches) {
  EXPECT_EQ(Batch(1, 20).SizeInBytes(), 88);
  EXPECT_EQ(RequestFrameSize(Produce(kSixteenCharacters, Batch(1, 20)), 10, "rdkafka"), 144);
  EXPECT_EQ(Batch(3, 20).SizeInBytes(), 142);
  EXPECT_EQ(RequestFrameSize(Produce(kSixteenCharacters, Batch(3, 20)), 10, "rdkafka"), 199);
}

// Part B5 and oracle 01.
TEST(ApiVersionsSizesTest, AreThoseOfTheSpecificationAndOfRealClients) {
  EXPECT_EQ(RequestFrameSize(ApiVersionsRequest(), 0, kTenCharacters), 24);
  EXPECT_EQ(RequestFrameSize(ApiVersionsRequest(), 2, kTenCharacters), 24);
  auto request = [](std::string_view name, std::string_view version) {
    return ApiVersionsRequest{std::string(name), std::string(version)};
  };
  EXPECT_EQ(RequestFrameSize(request("librdkafka", "2.15.0"), 3, kTenCharacters), 44);
  EXPECT_EQ(RequestFrameSize(request("apache-kafka-java", "4.1.1"), 4, kNorn), 44);
  EXPECT_EQ(RequestFrameSize(request("librdkafka", "2.16.0"), 3, kNorn), 38);
  EXPECT_EQ(RequestFrameSize(request("librdkafka", "2.0.2"), 3, kNorn), 37);
  EXPECT_EQ(ResponseFrameSize(ApiVersionsOfKafka411(3, 1), 3), 669);
  EXPECT_EQ(ResponseFrameSize(ApiVersionsOfKafka411(4, 1), 4), 790);
}

MetadataRequest AboutTopic(std::string_view topic) {
  MetadataRequest request;
  request.topics.emplace().push_back({.name = TopicName(topic)});
  return request;
}

// Three brokers on 127.0.0.1, one topic of one partition with three replicas in sync.
MetadataResponse ThreeBrokers(std::string_view topic) {
  MetadataResponse response;
  response.cluster_id = "AAAAAAAAAAAAAAAAAAAAAQ";
  MetadataResponse::Partition partition;
  for (int32_t id : {1, 2, 3}) {
    response.brokers.push_back({.node_id = BrokerId(id), .host = "127.0.0.1", .port = 9092});
    partition.replica_nodes.push_back(BrokerId(id));
    partition.isr_nodes.push_back(BrokerId(id));
  }
  MetadataResponse::Topic entry = {.name = TopicName(topic), .topic_id = kTopicId};
  entry.partitions.push_back(std::move(partition));
  response.topics.push_back(std::move(entry));
  return response;
}

// Part B6 and oracle 01; the answers without topics are from oracle 51.
TEST(MetadataSizesTest, AreThoseOfTheSpecificationAndOfRealClients) {
  EXPECT_EQ(RequestFrameSize(AboutTopic(kFiveCharacters), 11, kTenCharacters), 52);
  EXPECT_EQ(RequestFrameSize(AboutTopic(kFiveCharacters), 12, kTenCharacters), 52);
  EXPECT_EQ(RequestFrameSize(AboutTopic(kSixteenCharacters), 13, kNorn), 57);
  EXPECT_EQ(RequestFrameSize(AboutTopic(kSixteenCharacters), 13, "rdkafka"), 60);
  EXPECT_EQ(RequestFrameSize(AboutTopic(kSixteenCharacters), 4, kNorn), 41);
  MetadataResponse response = ThreeBrokers(kSixteenCharacters);
  EXPECT_EQ(ResponseFrameSize(response, 13), 189);
  EXPECT_EQ(ResponseFrameSize(response, 12), 187);
  EXPECT_EQ(ResponseFrameSize(response, 4), 178);

  MetadataRequest no_topics = {.topics = absl::InlinedVector<MetadataRequest::Topic, 1>()};
  EXPECT_EQ(RequestFrameSize(no_topics, 13, "rdkafka"), 26);
  EXPECT_EQ(RequestFrameSize(no_topics, 4, kNorn), 23);
  response.topics.clear();
  EXPECT_EQ(ResponseFrameSize(response, 13), 105);
  EXPECT_EQ(ResponseFrameSize(response, 4), 111);
}

TEST(MetadataSizesTest, APartitionWithThreeReplicasTakes42) {
  MetadataResponse response = ThreeBrokers(kFiveCharacters);
  int64_t with_one = Size(response, 12);
  response.topics[0].partitions.push_back(response.topics[0].partitions[0]);
  EXPECT_EQ(Size(response, 12) - with_one, 42);
}

// Part B7 and oracle 01.
TEST(InitProducerIdSizesTest, AreThoseOfTheSpecificationAndOfRealClients) {
  InitProducerIdRequest request = {.transaction_timeout_ms = 60000};
  EXPECT_EQ(RequestFrameSize(request, 0, kTenCharacters), 30);
  EXPECT_EQ(RequestFrameSize(request, 1, kTenCharacters), 30);
  EXPECT_EQ(RequestFrameSize(request, 3, kTenCharacters), 41);
  EXPECT_EQ(RequestFrameSize(request, 4, kNorn), 35);
  EXPECT_EQ(RequestFrameSize(request, 5, kNorn), 35);
  InitProducerIdResponse response;
  EXPECT_EQ(ResponseFrameSize(response, 0), 24);
  EXPECT_EQ(ResponseFrameSize(response, 1), 24);
  for (int16_t v : {2, 3, 4, 5}) EXPECT_EQ(ResponseFrameSize(response, v), 26) << v;
}

FetchRequest Fetch(std::string_view topic) {
  FetchRequest request;
  FetchRequest::Topic entry = {.topic = topic, .topic_id = kTopicId};
  entry.partitions.emplace_back();
  request.topics.push_back(std::move(entry));
  return request;
}

FetchResponse Fetched(std::string_view topic, Records records) {
  FetchResponse response;
  FetchResponse::Topic entry = {.topic = topic, .topic_id = kTopicId};
  entry.partitions.push_back({.records = std::move(records)});
  response.topics.push_back(std::move(entry));
  return response;
}

// Part B9.
TEST(FetchSizesTest, AreThoseOfTheSpecification) {
  FetchRequest request = Fetch(kFiveCharacters);
  EXPECT_EQ(RequestFrameSize(request, 15, kTenCharacters), 101);
  EXPECT_EQ(RequestFrameSize(request, 18, kTenCharacters), 101);
  EXPECT_EQ(RequestFrameSize(request, 14, kTenCharacters), 101 + 4);
  EXPECT_EQ(RequestFrameSize(FetchRequest(), 15, kTenCharacters), 50);
  request.replica_state = {BrokerId(2), 7};
  EXPECT_EQ(RequestFrameSize(request, 15, kTenCharacters), 101 + 15);

  FetchResponse response = Fetched(kFiveCharacters, Batch(1, 100));
  for (int16_t v : {13, 16, 18}) EXPECT_EQ(ResponseFrameSize(response, v), 75 + 2 + 170) << v;
  response.topics[0].partitions[0].aborted_transactions = {{ProducerId(1), Offset(1)}};
  EXPECT_EQ(ResponseFrameSize(response, 13), 75 + 2 + 170 + 17);
}

// Part B9 and oracle 51: librdkafka asks and is answered in full each time, Java within its
// session.
TEST(FetchSizesTest, AreThoseOfRealClients) {
  EXPECT_EQ(RequestFrameSize(Fetch(kSixteenCharacters), 18, kNorn), 95);
  EXPECT_EQ(RequestFrameSize(Fetch(kSixteenCharacters), 16, kNorn), 95);
  EXPECT_EQ(RequestFrameSize(Fetch(kSixteenCharacters), 11, kNorn), 103);
  EXPECT_EQ(RequestFrameSize(FetchRequest(), 18, kNorn), 44);
  auto answer = [](Records records, int16_t version) {
    return ResponseFrameSize(Fetched(kSixteenCharacters, std::move(records)), version);
  };
  EXPECT_EQ(answer(Records(), 16), 76);
  EXPECT_EQ(answer(Records(), 11), 86);
  EXPECT_EQ(ResponseFrameSize(FetchResponse(), 18), 21);
  EXPECT_EQ(answer(Batch(1, 20), 18), 164);
  EXPECT_EQ(answer(Batch(1, 20), 16), 164);
  EXPECT_EQ(answer(Batch(1, 20), 11), 174);
  EXPECT_EQ(answer(Batch(3, 20), 18), 219);
  EXPECT_EQ(answer(Batch(3, 20), 11), 228);
}

// Oracle 35c: an answer of 1 MiB ends with the beginning of a batch, and that counts.
TEST(FetchSizesTest, ATorsoCounts) {
  Records records = Batch(1, 20);
  records.CutAfter(Batch(3, 20).batches()[0], 100);
  EXPECT_EQ(ResponseFrameSize(Fetched(kFiveCharacters, records), 18), 75 + 2 + 188);
}

// Part B10 and oracle 53, where topics have 20 to 22 characters.
TEST(ListOffsetsSizesTest, AreThoseOfTheSpecificationAndOfRealClients) {
  auto request = [](std::string_view topic) {
    ListOffsetsRequest request = {.replica_id = BrokerId::None()};
    ListOffsetsRequest::Topic entry = {.name = topic};
    entry.partitions.emplace_back();
    request.topics.push_back(std::move(entry));
    return request;
  };
  auto response = [](std::string_view topic) {
    ListOffsetsResponse response;
    ListOffsetsResponse::Topic entry = {.name = topic};
    entry.partitions.emplace_back();
    response.topics.push_back(std::move(entry));
    return response;
  };
  std::string topic(21, 't');
  EXPECT_EQ(RequestFrameSize(request(topic), 10, "consumer-null-1"), 82);
  EXPECT_EQ(RequestFrameSize(request(topic), 7, "rdkafka"), 70);
  EXPECT_EQ(RequestFrameSize(request(topic), 2, "rdkafka"), 69);
  EXPECT_EQ(ResponseFrameSize(response(topic), 10), 66);
  EXPECT_EQ(ResponseFrameSize(response(topic), 7), 66);
  EXPECT_EQ(ResponseFrameSize(response(topic), 2), 65);
}

// Recording 37, where topics have 15 characters and the client id is "c1".
TEST(OffsetForLeaderEpochSizesTest, AreThoseOfRealClients) {
  OffsetForLeaderEpochRequest request = {.replica_id = BrokerId::None()};
  OffsetForLeaderEpochRequest::Topic asked = {.topic = "o37000000000000"};
  asked.partitions.emplace_back();
  request.topics.push_back(std::move(asked));
  OffsetForLeaderEpochResponse response;
  OffsetForLeaderEpochResponse::Topic told = {.topic = "o37000000000000"};
  told.partitions.emplace_back();
  response.topics.push_back(std::move(told));
  EXPECT_EQ(RequestFrameSize(request, 4, "c1"), 54);
  EXPECT_EQ(RequestFrameSize(request, 2, "c1"), 53);
  EXPECT_EQ(ResponseFrameSize(response, 4), 52);
  EXPECT_EQ(ResponseFrameSize(response, 2), 55);
}

// Part B3: no client id is a null, and the header of ApiVersions answers never grows.
TEST(HeaderSizesTest, AreThoseOfTheSpecification) {
  EXPECT_EQ(RequestHeaderSize(Api::kProduce, 8, kTenCharacters), 20);
  EXPECT_EQ(RequestHeaderSize(Api::kProduce, 9, kTenCharacters), 21);
  EXPECT_EQ(RequestHeaderSize(Api::kProduce, 8, std::nullopt), 10);
  EXPECT_EQ(ResponseHeaderSize(Api::kProduce, 8), 4);
  EXPECT_EQ(ResponseHeaderSize(Api::kProduce, 9), 5);
  EXPECT_EQ(ResponseHeaderSize(Api::kApiVersions, 4), 4);
}

}  // namespace
}  // namespace norn::model::wire
