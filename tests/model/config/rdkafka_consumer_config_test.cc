#include "model/config/rdkafka_consumer_config.h"

#include <string>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace norn::model {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;

struct Read {
  explicit Read(std::vector<std::string> settings, Flavour flavour = Flavour::kLibrdkafka216)
      : result(RdkafkaConsumerConfig::Parse(flavour, settings, &notices)) {}
  const RdkafkaConsumerConfig* operator->() const { return &result.value(); }
  std::string error() const { return std::string(result.status().message()); }

  std::vector<Notice> notices;
  absl::StatusOr<RdkafkaConsumerConfig> result;
};

TEST(RdkafkaConsumerConfigTest, DefaultsAreThoseOfConfigurationMd) {
  const RdkafkaConsumerConfig c = RdkafkaConsumerConfig::Defaults();
  EXPECT_EQ(c.client_id, "rdkafka");
  EXPECT_EQ(c.auto_offset_reset, RdkafkaOffsetReset::kLatest);
  EXPECT_EQ(c.fetch_wait_max, absl::Milliseconds(500));
  EXPECT_EQ(c.fetch_min_bytes, 1);
  EXPECT_EQ(c.fetch_max_bytes, 52428800);
  EXPECT_EQ(c.fetch_message_max_bytes, 1048576);
  EXPECT_EQ(c.queued_min_messages, 100000);
  EXPECT_EQ(c.queued_max_messages_kbytes, 65536);
  EXPECT_EQ(c.fetch_error_backoff, absl::Milliseconds(500));
  EXPECT_EQ(c.fetch_queue_backoff, absl::Seconds(1));
  EXPECT_TRUE(c.read_committed);
  EXPECT_FALSE(c.check_crcs);
  EXPECT_FALSE(c.enable_partition_eof);
  EXPECT_EQ(c.socket_timeout, absl::Minutes(1));
  EXPECT_EQ(c, *Read({}).result);
  EXPECT_FALSE(RdkafkaConsumerConfig::Defaults(Flavour::kLibrdkafka20).rebootstraps);
}

TEST(RdkafkaConsumerConfigTest, EveryModelledKeySetsItsField) {
  const Read read({"auto.offset.reset=error", "fetch.wait.max.ms=10", "fetch.min.bytes=2",
                   "fetch.max.bytes=2000000", "fetch.message.max.bytes=3", "queued.min.messages=4",
                   "queued.max.messages.kbytes=5", "fetch.error.backoff.ms=6",
                   "fetch.queue.backoff.ms=7", "isolation.level=read_uncommitted",
                   "check.crcs=true", "enable.partition.eof=true", "client.rack=r1",
                   "receive.message.max.bytes=3000000", "client.id=c", "socket.timeout.ms=6000",
                   "message.max.bytes=1001"});
  EXPECT_EQ(read->auto_offset_reset, RdkafkaOffsetReset::kError);
  EXPECT_EQ(read->fetch_wait_max, absl::Milliseconds(10));
  EXPECT_EQ(read->fetch_min_bytes, 2);
  EXPECT_EQ(read->fetch_max_bytes, 2000000);
  EXPECT_EQ(read->fetch_message_max_bytes, 3);
  EXPECT_EQ(read->queued_min_messages, 4);
  EXPECT_EQ(read->queued_max_messages_kbytes, 5);
  EXPECT_EQ(read->fetch_error_backoff, absl::Milliseconds(6));
  EXPECT_EQ(read->fetch_queue_backoff, absl::Milliseconds(7));
  EXPECT_FALSE(read->read_committed);
  EXPECT_TRUE(read->check_crcs);
  EXPECT_TRUE(read->enable_partition_eof);
  EXPECT_EQ(read->client_rack, "r1");
  EXPECT_EQ(read->receive_message_max_bytes, 3000000);
  EXPECT_EQ(read->client_id, "c");
  EXPECT_EQ(read->socket_timeout, absl::Seconds(6));
  EXPECT_EQ(read->message_max_bytes, 1001);
  EXPECT_THAT(read.notices, IsEmpty());
  const std::vector<std::string> spelled[] = {{"smallest", "earliest", "beginning"},
                                              {"largest", "latest", "end"}};
  for (const std::string& word : spelled[0])
    EXPECT_EQ(Read({"auto.offset.reset=" + word})->auto_offset_reset,
              RdkafkaOffsetReset::kEarliest);
  for (const std::string& word : spelled[1])
    EXPECT_EQ(Read({"auto.offset.reset=" + word})->auto_offset_reset, RdkafkaOffsetReset::kLatest);
  EXPECT_EQ(Read({"max.partition.fetch.bytes=9"})->fetch_message_max_bytes, 9);
  EXPECT_EQ(Read({"metadata.broker.list=b2"})->bootstrap_servers, std::vector<std::string>({"b2"}));
}

// rd_kafka_new() of 2.16.0 and 2.0.2 was asked.
TEST(RdkafkaConsumerConfigTest, SizesAreAdjustedOrRefusedAsTheLibraryDoes) {
  EXPECT_EQ(Read({"queued.max.messages.kbytes=10"})->fetch_max_bytes, 1000000);
  EXPECT_EQ(Read({"queued.max.messages.kbytes=1", "message.max.bytes=2000"})->fetch_max_bytes,
            2000);
  EXPECT_EQ(Read({"fetch.max.bytes=200000000"})->receive_message_max_bytes, 200000512);
  const Read large({"message.max.bytes=200000000"});
  EXPECT_EQ(large->fetch_max_bytes, 200000000);
  EXPECT_EQ(large->receive_message_max_bytes, 200000512);
  EXPECT_EQ(large.notices.size(), 2u);
  EXPECT_THAT(Read({"fetch.max.bytes=100"}).error(),
              HasSubstr("`fetch.max.bytes` must be >= `message.max.bytes`"));
  EXPECT_THAT(Read({"receive.message.max.bytes=2000"}).error(),
              HasSubstr("`receive.message.max.bytes` must be >= `fetch.max.bytes` + 512"));
  EXPECT_THAT(Read({"fetch.wait.max.ms=300001"}).error(), HasSubstr("no more than 300000"));
  EXPECT_THAT(Read({"fetch.min.bytes=0"}).error(), HasSubstr("at least 1"));
}

TEST(RdkafkaConsumerConfigTest, OtherKeysAreAcceptedOrRefusedByName) {
  const Read groups({"group.id=g", "enable.auto.commit=true", "broker.address.family=v4",
                     "session.timeout.ms=6000", "acks=1"});
  ASSERT_TRUE(groups.result.ok()) << groups.error();
  EXPECT_EQ(groups.notices.size(), 5u) << "each is said to change nothing";
  EXPECT_THAT(Read({"auto.offset.reset=none"}).error(), HasSubstr("auto.offset.reset"));
  EXPECT_THAT(Read({"fetch.max.wait.ms=5"}).error(), HasSubstr("fetch.max.wait.ms"));
  EXPECT_THAT(Read({"metadata.recovery.rebootstrap.trigger.ms=5"}).error(),
              HasSubstr("does not model yet"));
  EXPECT_THAT(Read({"fetch.queue.backoff.ms=5"}, Flavour::kLibrdkafka20).error(),
              HasSubstr("fetch.queue.backoff.ms"));
}

TEST(RdkafkaConsumerConfigTest, WhatIsPrintedGivesTheSameConsumer) {
  const Read read({"auto.offset.reset=beginning", "fetch.wait.max.ms=10", "client.id=c"});
  EXPECT_EQ(read->PrintNonDefault(),
            "auto.offset.reset=earliest\nfetch.wait.max.ms=10\nclient.id=c\n");
}

}  // namespace
}  // namespace norn::model
