// How librdkafka makes requests of messages; the number in a comment is a recording's.
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/model/client/rdkafka/recorded.h"
#include "tests/support/delivery_matchers.h"

namespace norn::model {
namespace {

using ::testing::IsEmpty;
using ::testing::Not;

using Produce = Recorded;

INSTANTIATE_TEST_SUITE_P(Flavours, Produce,
                         ::testing::Combine(::testing::Values(Flavour::kLibrdkafka216,
                                                              Flavour::kLibrdkafka20),
                                            ::testing::Range<uint64_t>(1, 6)),
                         NameOf);

// 01
TEST_P(Produce, OneRecordIsPersisted) {
  Start({});
  const DeliveryReport report = ReportOf(Send("Hello Kafka"));
  EXPECT_TRUE(report.ok()) << report;
  EXPECT_EQ(report.status, DeliveryStatus::kPersisted);
  EXPECT_EQ(report.offset, Offset(0));
  EXPECT_EQ(Stored(), std::vector<std::string>{"Hello Kafka"});
}

// 45
TEST_P(Produce, ABatchLeavesWhenItsFirstMessageHasLingered) {
  for (const char* linger : {"0", "5", "100"}) {
    Start({std::string("linger.ms=") + linger});
    Warm();
    const DeliveryReport report = ReportOf(Send("a"));
    EXPECT_TRUE(Within(SinceSend(report.at), std::stoi(linger), std::stoi(linger))) << report;
    EXPECT_GE(SinceSend(report.at), absl::Milliseconds(std::stoi(linger)));
  }
}

// 09
TEST_P(Produce, ProducePartitionsGoInRequestsOfTheirOwn) {
  Start({"linger.ms=500"}, /*partitions=*/16);
  Warm();
  Fault& counted =
      cluster_->faults().On(Api::kProduce).Always().RequestSent().Delay(absl::Nanoseconds(1));
  for (int i = 0; i < 10; ++i)
    for (int32_t p = 0; p < 16; ++p) Send("a", p);
  EXPECT_EQ(cluster_->Await(producer_->Flush()), FlushResult::kDone);
  EXPECT_EQ(counted.fired(), 16);
}

// 09, one_lingers
TEST_P(Produce, APartitionDoesNotRideWithItsNeighbour) {
  Start({"linger.ms=500"}, /*partitions=*/16);
  Warm();
  DeliveryFuture first = Send("a", 3);
  const sim::Time at = cluster_->Now();
  cluster_->RunFor(absl::Milliseconds(350));
  DeliveryFuture second = Send("b", 0);
  EXPECT_TRUE(Within(ReportOf(first).at - at, 500, 500));
  EXPECT_TRUE(Within(ReportOf(second).at - at, 850, 900));
}

// Seen of 2.0.2 with answers that a proxy held for 300 ms and records 5 ms apart: the first request
// at 0.2 ms, the next eight together at 41 to 45 ms, when the delayed acknowledgement of the first
// had come, the last three as they were sent. With socket.nagle.disable=true, and with 2.16, whose
// default that is, each as it was sent.
TEST_P(Produce, TheOlderOneWritesWithNagleOn) {
  for (const char* disabled : {"", "true", "false"}) {
    std::vector<std::string> properties = {"linger.ms=0"};
    if (*disabled != '\0') properties.push_back(std::string("socket.nagle.disable=") + disabled);
    ClusterOptions options;
    options.seed = seed();
    options.topics = {{"t"}};
    options.keep_wire = true;
    Cluster cluster(options);
    Producer& producer = cluster.AddProducer("p1", flavour(), properties);
    const auto send = [&] { return producer.Send({.topic = "t", .value = "0123456789"}); };
    for (int i = 0; i < 5; ++i) cluster.Await(send());
    cluster.faults().On(Api::kProduce).Always().ResponseSent().Delay(absl::Milliseconds(300));
    cluster.RunFor(absl::Seconds(1));
    const sim::Time begin = cluster.Now();
    for (int i = 0; i < 12; ++i) {
      send();
      cluster.RunFor(absl::Milliseconds(5));
    }
    cluster.RunFor(absl::Seconds(5));
    std::vector<int64_t> at;
    for (const WireLog::Frame* frame : cluster.wire().AtThePort())
      if (frame->is_request && frame->api == Api::kProduce && frame->sent >= begin)
        at.push_back(absl::ToInt64Milliseconds(frame->at - begin));
    const bool nagle = *disabled == '\0' ? !recent() : disabled == std::string("false");
    if (nagle) {
      EXPECT_EQ(at, (std::vector<int64_t>{0, 40, 40, 40, 40, 40, 40, 40, 40, 45, 50, 55}));
    } else {
      EXPECT_EQ(at, (std::vector<int64_t>{0, 5, 10, 15, 20, 25, 30, 35, 40, 45, 50, 55}));
    }
  }
}

// Its batches have the size that the codec left, are stored as they came, and are read. What the
// broker refuses as too large is what the codec left, too.
TEST_P(Produce, CompressedRecordsAreStoredAndRead) {
  ClusterOptions options;
  options.seed = seed();
  TopicSpec topic = {.name = "t", .compression_ratio = 100'000};
  topic.config.emplace().max_message_bytes = 2000;
  options.topics = {topic};
  options.keep_wire = true;
  Cluster cluster(options);
  Producer& producer =
      cluster.AddProducer("p1", flavour(), {"compression.codec=lz4", "linger.ms=100"});
  const auto send = [&](int records, std::optional<int32_t> ratio) {
    std::vector<DeliveryFuture> sent;
    for (int i = 0; i < records; ++i) {
      sent.push_back(
          producer.Send({.topic = "t", .value = Payload::OfSize(100), .compression_ratio = ratio}));
    }
    cluster.Await(producer.Flush());
    return *sent.back().Get();
  };
  EXPECT_TRUE(send(100, std::nullopt).ok());
  EXPECT_EQ(send(100, 900'000).error, Error::kMessageTooLarge);
  std::vector<std::pair<int32_t, int64_t>> batches;
  for (const WireLog::Frame* frame : cluster.wire().AtThePort())
    for (const WireLog::Batch& batch : frame->batches)
      batches.emplace_back(batch.records, batch.bytes);
  // A record takes 109 bytes, and from the 65th on, whose offset delta has two, 110: of 10936 bytes
  // there is left a tenth, or nine.
  EXPECT_EQ(batches,
            (std::vector<std::pair<int32_t, int64_t>>{{100, 61 + 1094}, {100, 61 + 9843}}));
  Consumer& consumer = cluster.AddConsumer("c1", flavour());
  consumer.Assign("t", {0});
  consumer.Seek("t", 0, Offset(0));
  for (int i = 0; i < 100; ++i)
    EXPECT_EQ(cluster.Await(consumer.Poll(absl::Seconds(2))).records.size(), 1u) << i;
  EXPECT_EQ(cluster.Log("t", 0).size(), 100u);
}

// 11 and 45
TEST_P(Produce, AFullBatchDoesNotLinger) {
  Start({"linger.ms=3000", "batch.size=16384"});
  Warm();
  Fault& counted =
      cluster_->faults().On(Api::kProduce).Always().RequestSent().Delay(absl::Nanoseconds(1));
  std::vector<DeliveryFuture> sent;
  const sim::Time begin = cluster_->Now();
  for (int i = 0; i < 200; ++i)
    sent.push_back(producer_->Send({.topic = "t", .partition = 0, .value = Payload::OfSize(100)}));
  EXPECT_LT(ReportOf(sent[147]).at - begin, absl::Milliseconds(50));
  EXPECT_GT(ReportOf(sent[148]).at - begin, absl::Milliseconds(2999));
  EXPECT_EQ(counted.fired(), 2);
}

// 49
TEST_P(Produce, TheNextMessageIsReckonedAtItsLargest) {
  // The 8th record of 100 bytes: before it the request holds its own bytes and 7 x 109, and 136 is
  // the most it may take. A topic of one byte has 15 fewer than the recorded one of 16.
  const int threshold = recent() ? 1016 - 15 : 1023 - 15;
  for (const int size : {threshold - 1, threshold}) {
    Start({"linger.ms=100", "batch.size=" + std::to_string(size)});
    Warm();
    Fault& counted =
        cluster_->faults().On(Api::kProduce).Always().RequestSent().Delay(absl::Nanoseconds(1));
    for (int i = 0; i < 8; ++i)
      producer_->Send({.topic = "t", .partition = 0, .value = Payload::OfSize(100)});
    cluster_->Await(producer_->Flush());
    EXPECT_EQ(counted.fired(), size < threshold ? 2 : 1);
  }
}

// 31
TEST_P(Produce, WithoutAcksAMessageMayBePersisted) {
  Start({"acks=0"});
  const DeliveryReport report = ReportOf(Send("a"));
  EXPECT_TRUE(report.ok());
  EXPECT_EQ(report.status, DeliveryStatus::kPossiblyPersisted);
  EXPECT_TRUE(report.offset.is_none());
}

// 59
TEST_P(Produce, APartitionThatIsNotThereIsUnknown) {
  Start({"linger.ms=0"}, /*partitions=*/2);
  const DeliveryReport late = ReportOf(Send("a", 9));  // nobody knew yet
  EXPECT_EQ(late.client_error, ClientError::kUnknownPartition);
  EXPECT_FALSE(late.refused);
  const DeliveryReport at_once = ReportOf(Send("b", 9));
  EXPECT_EQ(at_once.client_error, ClientError::kUnknownPartition);
  EXPECT_TRUE(at_once.refused);
}

// 29: a record of 1 MB is refused by the call; one that only the broker finds too large is
// reported, and sent once.
TEST_P(Produce, ARecordMayBeTooLargeForTheClientOrForTheBroker) {
  Start({"linger.ms=0"});
  const ProducerRecord megabyte{.topic = "t", .partition = 0, .value = Payload::OfSize(1'000'000)};
  const DeliveryReport refused = *producer_->Send(megabyte).Get();
  EXPECT_THAT(refused, WasRefused("MSG_SIZE_TOO_LARGE"));

  Start({"linger.ms=0", "message.max.bytes=5000000"});
  Fault& counted =
      cluster_->faults().On(Api::kProduce).Always().RequestSent().Delay(absl::Nanoseconds(1));
  const ProducerRecord larger{.topic = "t", .partition = 0, .value = Payload::OfSize(1'100'000)};
  const DeliveryReport reported = ReportOf(producer_->Send(larger));
  EXPECT_THAT(reported, Not(WasRefused()));
  EXPECT_THAT(reported, HasFailed("MSG_SIZE_TOO_LARGE"));
  EXPECT_THAT(reported, HasStatus(DeliveryStatus::kNotPersisted));
  EXPECT_EQ(counted.fired(), 1);
  EXPECT_THAT(Stored(), IsEmpty());
}

// 47: a message each 2 ms with linger 20. Without idempotence requests overlap and every batch
// holds what came in 20 ms, whatever the way is; with it the next batch waits for the answer, and
// so a slow way makes the batches larger.
TEST_P(Produce, ASlowWayFillsIdempotentBatchesAlone) {
  const auto requests = [&](const char* idempotence, int delay_ms) {
    Start({"linger.ms=20", std::string("enable.idempotence=") + idempotence});
    Warm();
    cluster_->faults()
        .On(Api::kProduce)
        .Always()
        .ResponseSent()
        .Delay(absl::Milliseconds(delay_ms));
    Fault& counted =
        cluster_->faults().On(Api::kProduce).Always().RequestSent().Delay(absl::Nanoseconds(1));
    for (int i = 0; i < 400; ++i) {
      producer_->Send({.topic = "t", .partition = 0, .value = Payload::OfSize(100)});
      cluster_->RunFor(absl::Milliseconds(2));
    }
    cluster_->Await(producer_->Flush());
    return counted.fired();
  };
  EXPECT_NEAR(requests("false", 1), 38, 4);  // recorded without delay: 41 and 42
  EXPECT_NEAR(requests("true", 1), 38, 4);   // 40 to 43
  EXPECT_NEAR(requests("false", 100), 38, 4);
  EXPECT_LE(requests("true", 100), 9);
}

// 55: the broker says how long it looks at nothing more; librdkafka sends on all the same, and
// every record is stored. 36 requests of 2 KB fill ten seconds of 7000 bytes each.
TEST_P(Produce, AThrottledProducerIsSlowedDownAndLosesNothing) {
  quotas_ = {{.client_id = "", .producer_byte_rate = 7000}};
  Start({"linger.ms=0", "batch.num.messages=1"});
  Warm();
  Fault& counted =
      cluster_->faults().On(Api::kProduce).Always().RequestSent().Delay(absl::Nanoseconds(1));
  std::vector<DeliveryFuture> sent;
  const sim::Time begin = cluster_->Now();
  for (int i = 0; i < 40; ++i)
    sent.push_back(producer_->Send({.topic = "t", .partition = 0, .value = Payload::OfSize(2000)}));
  EXPECT_LT(ReportOf(sent[30]).at - begin, absl::Milliseconds(100));
  EXPECT_EQ(counted.fired(), 40);
  EXPECT_TRUE(Within(ReportOf(sent[39]).at - begin, 4968, 5222));
  for (const DeliveryFuture& one : sent) EXPECT_TRUE(one.Get()->ok());
}

TEST_P(Produce, WhatIsWrongAtOnceIsReturnedAndNotReported) {
  Start({"queue.buffering.max.messages=2", "message.max.bytes=1000"});
  int reports = 0;
  const auto count = [&](const DeliveryReport&) { ++reports; };
  const DeliveryReport large =
      *producer_->Send({.topic = "t", .value = Payload::OfSize(965)}, count).Get();
  EXPECT_EQ(ErrorName(large), "MSG_SIZE_TOO_LARGE");
  EXPECT_TRUE(large.refused);
  producer_->Send({.topic = "t", .value = Payload::OfSize(964)});
  producer_->Send({.topic = "t", .value = "b"});
  const DeliveryReport full = *producer_->Send({.topic = "t", .value = "c"}, count).Get();
  EXPECT_EQ(ErrorName(full), "_QUEUE_FULL");
  EXPECT_TRUE(full.refused);
  cluster_->Await(producer_->Flush());
  EXPECT_EQ(reports, 0);
}

TEST_P(Produce, ReportsThatNobodyPollsCountAsQueued) {
  Start({"queue.buffering.max.messages=2", "linger.ms=0"});
  producer_->SetPolling(false);
  Send("a");
  Send("b");
  cluster_->RunFor(absl::Seconds(5));
  EXPECT_EQ(Stored().size(), 2u);
  EXPECT_EQ(Send("c").Get()->client_error, ClientError::kQueueFull);
  producer_->SetPolling(true);
  EXPECT_TRUE(ReportOf(Send("d")).ok());
}

TEST_P(Produce, HeadersTravelWithTheirMessage) {
  const Header headers[] = {{"trace", "abc"}, {"none", Payload::Null()}};
  for (const bool with : {false, true}) {
    Start({"message.max.bytes=1000"});
    Warm();
    const auto of = [&](int32_t size) {
      ProducerRecord record{.topic = "t", .partition = 0, .value = Payload::OfSize(size)};
      if (with) record.headers = headers;
      return record;
    };
    EXPECT_TRUE(ReportOf(producer_->Send(of(10))).ok());
    // A header is a size, the key, a size, the value: 1 + 5 + 1 + 3 and 1 + 4 + 1.
    const int32_t fits = 1000 - 36 - (with ? 16 : 0);
    EXPECT_FALSE(producer_->Send(of(fits)).settled());
    EXPECT_TRUE(producer_->Send(of(fits + 1)).Get()->refused);
  }
}

TEST_P(Produce, DestroyLosesWhatIsQueuedWithoutAWord) {
  Start({"linger.ms=100"});
  Warm();
  int reports = 0;
  for (int i = 0; i < 100; ++i)
    producer_->Send({.topic = "t", .partition = 0, .value = "x"},
                    [&](const DeliveryReport&) { ++reports; });
  producer_->Close();
  cluster_->RunFor(absl::Minutes(1));
  EXPECT_EQ(reports, 0);
  EXPECT_EQ(Stored().size(), 1u);
}

TEST_P(Produce, FlushIgnoresLingerAndGivesUpNothing) {
  Start({"linger.ms=8000"});
  Warm();
  DeliveryFuture sent = Send("a");
  EXPECT_EQ(cluster_->Await(producer_->Flush(absl::Seconds(1))), FlushResult::kDone);
  EXPECT_TRUE(sent.Get()->ok());
  EXPECT_LT(SinceSend(cluster_->Now()), absl::Milliseconds(50));

  AllBrokers(&sim::Node::Pause);
  DeliveryFuture held = Send("b");
  const sim::Time before = cluster_->Now();
  EXPECT_EQ(cluster_->Await(producer_->Flush(absl::Seconds(1))), FlushResult::kTimedOut);
  EXPECT_EQ(cluster_->Now() - before, absl::Seconds(1));
  EXPECT_FALSE(held.settled());
  AllBrokers(&sim::Node::Resume);
  EXPECT_TRUE(ReportOf(held).ok());
}

}  // namespace
}  // namespace norn::model
