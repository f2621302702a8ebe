#include "model/config/topic_config.h"

#include <limits>
#include <sstream>
#include <string>
#include <vector>

#include "absl/time/time.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace norn::model {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;

struct Read {
  explicit Read(std::vector<std::string> settings, const BrokerConfig& broker = {})
      : result(TopicConfig::Parse(broker, settings, &notices)) {}

  const TopicConfig* operator->() const { return &result.value(); }
  std::string error() const { return std::string(result.status().message()); }

  std::vector<Notice> notices;
  absl::StatusOr<TopicConfig> result;
};

BrokerConfig Broker(std::vector<std::string> settings) {
  return BrokerConfig::Parse(BrokerVersion::kKafka41, settings, nullptr).value();
}

TEST(TopicConfigTest, DefaultsAreThoseOfTheRealBroker) {
  const TopicConfig c = TopicConfig::Defaults(BrokerConfig::Defaults());
  EXPECT_EQ(c.max_message_bytes, 1048588);
  EXPECT_EQ(c.flush_messages, std::numeric_limits<int64_t>::max());
  EXPECT_EQ(c.flush, absl::InfiniteDuration());
  EXPECT_EQ(c.segment, absl::Milliseconds(604800000));
  EXPECT_EQ(c.min_insync_replicas, 1);
  EXPECT_FALSE(c.unclean_leader_election);
  EXPECT_EQ(Read({}).result.value(), c);
  EXPECT_EQ(c, TopicConfig());
}

TEST(TopicConfigTest, WhatATopicDoesNotSetItHasFromTheBrokers) {
  const BrokerConfig broker = Broker({"message.max.bytes=1000", "log.flush.interval.messages=7",
                                      "log.flush.scheduler.interval.ms=2000"});
  const Read inherited({}, broker);
  EXPECT_EQ(inherited->max_message_bytes, 1000);
  EXPECT_EQ(inherited->flush_messages, 7);
  EXPECT_EQ(inherited->flush, absl::Seconds(2));
  const Read own(
      {"max.message.bytes=2000", "flush.messages=1", "flush.ms=5", "compression.type=producer"},
      broker);
  EXPECT_EQ(own->max_message_bytes, 2000);
  EXPECT_EQ(own->timestamp_after_max, absl::Hours(1));
  EXPECT_EQ(own->flush_messages, 1);
  EXPECT_EQ(own->flush, absl::Milliseconds(5));
  EXPECT_THAT(own.notices, IsEmpty());
}

// KIP-937, KIP-1030.
TEST(TopicConfigTest, ClocksAndSegments) {
  const BrokerConfig broker =
      Broker({"log.message.timestamp.type=LogAppendTime", "log.segment.bytes=2000000",
              "log.message.timestamp.before.max.ms=1000"});
  const Read inherited({}, broker);
  EXPECT_TRUE(inherited->log_append_time);
  EXPECT_EQ(inherited->segment_bytes, 2'000'000);
  EXPECT_EQ(inherited->timestamp_before_max, absl::Seconds(1));
  const Read own({"message.timestamp.type=CreateTime", "segment.bytes=1048576",
                  "message.timestamp.after.max.ms=9223372036854775807"},
                 broker);
  EXPECT_FALSE(own->log_append_time);
  EXPECT_EQ(own->segment_bytes, 1'048'576);
  EXPECT_EQ(own->timestamp_after_max, absl::InfiniteDuration());
  EXPECT_EQ(Read({"segment.bytes=1000"}).error(),
            "Invalid value 1000 for configuration segment.bytes: Value must be at least 1048576");
}

TEST(TopicConfigTest, ReplicationAndTheAgeOfSegments) {
  const BrokerConfig broker =
      Broker({"min.insync.replicas=2", "unclean.leader.election.enable=true", "log.roll.ms=5000"});
  const Read inherited({}, broker);
  EXPECT_EQ(inherited->min_insync_replicas, 2);
  EXPECT_TRUE(inherited->unclean_leader_election);
  EXPECT_EQ(inherited->segment, absl::Seconds(5));
  const Read own(
      {"min.insync.replicas=1", "unclean.leader.election.enable=false", "segment.ms=604800000"},
      broker);
  EXPECT_EQ(own->min_insync_replicas, 1);
  EXPECT_FALSE(own->unclean_leader_election);
  EXPECT_EQ(own->segment, absl::Hours(168));
  EXPECT_EQ(Read({"min.insync.replicas=0"}).error(),
            "Invalid value 0 for configuration min.insync.replicas: Value must be at least 1");
}

TEST(TopicConfigTest, WrongValuesAreRefusedInKafkasWords) {
  EXPECT_EQ(Read({"flush.messages=0"}).error(),
            "Invalid value 0 for configuration flush.messages: Value must be at least 1");
  EXPECT_EQ(Read({"flush.mss=0"}).error(),
            "flush.mss is not a Kafka topic key; did you mean flush.ms?");
}

TEST(TopicConfigTest, WhatWouldHaveAnEffectIsRefusedByName) {
  for (std::string key : {"retention.ms", "cleanup.policy", "segment.jitter.ms",
                          "leader.replication.throttled.replicas"}) {
    EXPECT_EQ(Read({key + "=1"}).error(),
              key + " is a Kafka topic key that Norn does not model yet; remove it");
  }
}

TEST(TopicConfigTest, AFlushTimeNeedsTheBrokersScheduler) {
  EXPECT_THAT(Summary(Read({"flush.ms=1000"}).notices),
              HasSubstr("flush.ms=1000: the brokers look for logs to flush once"));
  EXPECT_THAT(Read({"flush.ms=1000"}, Broker({"log.flush.scheduler.interval.ms=100"})).notices,
              IsEmpty());
}

TEST(TopicConfigTest, WhatIsPrintedGivesTheSameTopic) {
  const Read first({"flush.messages=3", "index.interval.bytes=4096"});
  EXPECT_EQ(Summary(first.notices), "accepted without effect on the model: index.interval.bytes\n");
  std::ostringstream printed;
  printed << first.result.value();
  EXPECT_EQ(printed.str(), "kafka-4.1 topic {flush.messages=3}");
  EXPECT_EQ(Read({"flush.messages=3"}).result.value(), first.result.value());
  EXPECT_THAT(TopicConfig::AllKeys(), HasSubstr("kafka-4.1 topic: 11 keys modelled"));
}

}  // namespace
}  // namespace norn::model
