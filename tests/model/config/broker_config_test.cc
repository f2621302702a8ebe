#include "model/config/broker_config.h"

#include <limits>
#include <string>
#include <vector>

#include "absl/time/time.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace norn::model {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::StartsWith;

struct Read {
  explicit Read(std::vector<std::string> settings)
      : result(BrokerConfig::Parse(BrokerVersion::kKafka41, settings, &notices)) {}

  const BrokerConfig* operator->() const { return &result.value(); }
  std::string error() const { return std::string(result.status().message()); }

  std::vector<Notice> notices;
  absl::StatusOr<BrokerConfig> result;
};

// As Apache Kafka 4.1.1 reports them.
TEST(BrokerConfigTest, DefaultsAreThoseOfTheRealBroker) {
  const BrokerConfig c = BrokerConfig::Defaults();
  EXPECT_EQ(c.message_max_bytes, 1048588);
  EXPECT_EQ(c.log_flush_interval_messages, std::numeric_limits<int64_t>::max());
  EXPECT_EQ(c.log_flush_interval, absl::InfiniteDuration());
  EXPECT_EQ(c.log_flush_scheduler_interval, absl::InfiniteDuration());
  EXPECT_EQ(c.socket_send_buffer_bytes, 102400);
  EXPECT_EQ(c.socket_receive_buffer_bytes, 102400);
  EXPECT_EQ(c.connections_max_idle, absl::Milliseconds(600000));
  EXPECT_EQ(Read({}).result.value(), c);
  EXPECT_EQ(c.PrintNonDefault(), "");
}

TEST(BrokerConfigTest, EveryModelledKeySetsItsField) {
  const Read c({"message.max.bytes=1", "log.flush.interval.messages=2", "log.flush.interval.ms=3",
                "log.flush.scheduler.interval.ms=4", "socket.send.buffer.bytes=5",
                "socket.receive.buffer.bytes=-1", "connections.max.idle.ms=-1",
                "compression.type=producer"});
  ASSERT_TRUE(c.result.ok()) << c.result.status();
  EXPECT_THAT(c.notices, IsEmpty());
  EXPECT_EQ(c->message_max_bytes, 1);
  EXPECT_EQ(c->log_flush_interval_messages, 2);
  EXPECT_EQ(c->log_flush_interval, absl::Milliseconds(3));
  EXPECT_EQ(c->log_flush_scheduler_interval, absl::Milliseconds(4));
  EXPECT_EQ(c->socket_send_buffer_bytes, 5);
  EXPECT_EQ(c->socket_receive_buffer_bytes, -1);
  EXPECT_EQ(c->connections_max_idle, absl::InfiniteDuration());
}

TEST(BrokerConfigTest, WrongValuesAreRefusedInKafkasWords) {
  EXPECT_EQ(
      Read({"log.flush.interval.messages=0"}).error(),
      "Invalid value 0 for configuration log.flush.interval.messages: Value must be at least 1");
  EXPECT_EQ(Read({"message.max.bytes=-1"}).error(),
            "Invalid value -1 for configuration message.max.bytes: Value must be at least 0");
}

TEST(BrokerConfigTest, WhatWouldHaveAnEffectIsRefusedByName) {
  for (std::string key :
       {"min.insync.replicas", "default.replication.factor", "log.retention.hours",
        "num.io.threads", "broker.id", "node.id", "unclean.leader.election.enable", "log.roll.ms",
        "replica.lag.time.max.ms", "auto.create.topics.enable"}) {
    const Read read({key + "=1"});
    EXPECT_EQ(read.result.status().code(), absl::StatusCode::kUnimplemented);
    EXPECT_EQ(read.error(), key + " is a Kafka broker key that Norn does not model yet; remove it");
  }
  EXPECT_THAT(Read({"compression.type=zstd"}).error(),
              HasSubstr("compression.type=zstd is a setting that Norn does not model yet"));
}

TEST(BrokerConfigTest, WhatCannotHaveOneIsAccepted) {
  const Read read({"listeners=PLAINTEXT://:9092", "log.dirs=/var/lib/kafka",
                   "ssl.keystore.location=x", "listener.name.internal.ssl.keystore.password=secret",
                   "offsets.topic.replication.factor=3", "transaction.state.log.min.isr=2",
                   "group.initial.rebalance.delay.ms=0", "log.cleaner.threads=2"});
  ASSERT_TRUE(read.result.ok()) << read.result.status();
  EXPECT_EQ(read.notices.size(), 8u);
  EXPECT_THAT(Summary(read.notices),
              StartsWith("accepted without effect on the model: listeners, log.dirs"));
}

TEST(BrokerConfigTest, ATopicsKeyIsNamedAsSuch) {
  EXPECT_THAT(Read({"max.message.bytes=1"}).error(),
              HasSubstr("max.message.bytes is a Kafka topic key, not a broker key"));
}

TEST(BrokerConfigTest, AFlushIntervalWithoutSchedulerIsAsUselessAsInKafkaAndSaysSo) {
  const Read alone({"log.flush.interval.ms=1000"});
  EXPECT_EQ(alone->log_flush_interval, absl::Seconds(1));
  EXPECT_EQ(alone->log_flush_scheduler_interval, absl::InfiniteDuration());
  EXPECT_EQ(Summary(alone.notices),
            "log.flush.interval.ms=1000: the broker looks for logs to flush once, 30 s after its "
            "start, and never again unless log.flush.scheduler.interval.ms is set\n");
}

TEST(BrokerConfigTest, TheFlushIntervalIsTheSchedulersUnlessSet) {
  const Read read({"log.flush.scheduler.interval.ms=2000"});
  EXPECT_EQ(read->log_flush_interval, absl::Seconds(2));
  EXPECT_EQ(Summary(read.notices),
            "log.flush.interval.ms: 9223372036854775807 -> 2000 (not set, so it is "
            "log.flush.scheduler.interval.ms)\n");
}

TEST(BrokerConfigTest, WhatIsPrintedGivesTheSameBroker) {
  const Read first({"log.flush.scheduler.interval.ms=2000", "message.max.bytes=5"});
  EXPECT_EQ(BrokerConfig::Parse(BrokerVersion::kKafka41,
                                ParseProperties(first->PrintNonDefault()).value(), nullptr)
                .value(),
            first.result.value());
  EXPECT_THAT(BrokerConfig::AllKeys(), HasSubstr("kafka-4.1 broker: 17 keys modelled"));
}

}  // namespace
}  // namespace norn::model
