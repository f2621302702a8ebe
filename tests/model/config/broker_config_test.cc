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
  EXPECT_EQ(c.log_roll, absl::Milliseconds(604800000));
  EXPECT_EQ(c.log_flush_offset_checkpoint_interval, absl::Milliseconds(60000));
  EXPECT_EQ(c.min_insync_replicas, 1);
  EXPECT_FALSE(c.unclean_leader_election);
  EXPECT_EQ(c.replica_lag_time_max, absl::Milliseconds(30000));
  EXPECT_EQ(c.replica_fetch_wait_max, absl::Milliseconds(500));
  EXPECT_EQ(c.replica_fetch_min_bytes, 1);
  EXPECT_EQ(c.replica_fetch_max_bytes, 1048576);
  EXPECT_EQ(c.replica_fetch_response_max_bytes, 10485760);
  EXPECT_EQ(c.replica_fetch_backoff, absl::Milliseconds(1000));
  EXPECT_EQ(c.replica_socket_timeout, absl::Milliseconds(30000));
  EXPECT_EQ(c.replica_high_watermark_checkpoint_interval, absl::Milliseconds(5000));
  EXPECT_EQ(c.heartbeat_interval, absl::Milliseconds(2000));
  EXPECT_EQ(c.session_timeout, absl::Milliseconds(9000));
  EXPECT_TRUE(c.controlled_shutdown);
  EXPECT_TRUE(c.auto_leader_rebalance);
  EXPECT_EQ(c.leader_imbalance_check_interval_seconds, 300);
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

TEST(BrokerConfigTest, EveryKeyOfReplicationSetsItsField) {
  const Read c({"min.insync.replicas=2", "unclean.leader.election.enable=true",
                "replica.lag.time.max.ms=6000", "replica.fetch.wait.max.ms=100",
                "replica.fetch.min.bytes=7", "replica.fetch.max.bytes=8",
                "replica.fetch.response.max.bytes=9", "replica.fetch.backoff.ms=10",
                "replica.socket.timeout.ms=1100",
                "replica.high.watermark.checkpoint.interval.ms=12", "num.replica.fetchers=1",
                "broker.heartbeat.interval.ms=500", "broker.session.timeout.ms=3000",
                "controlled.shutdown.enable=false", "auto.leader.rebalance.enable=false",
                "leader.imbalance.check.interval.seconds=13", "log.roll.ms=14",
                "log.flush.offset.checkpoint.interval.ms=15"});
  ASSERT_TRUE(c.result.ok()) << c.result.status();
  EXPECT_THAT(c.notices, IsEmpty());
  EXPECT_EQ(c->min_insync_replicas, 2);
  EXPECT_TRUE(c->unclean_leader_election);
  EXPECT_EQ(c->replica_lag_time_max, absl::Seconds(6));
  EXPECT_EQ(c->replica_fetch_wait_max, absl::Milliseconds(100));
  EXPECT_EQ(c->replica_fetch_min_bytes, 7);
  EXPECT_EQ(c->replica_fetch_max_bytes, 8);
  EXPECT_EQ(c->replica_fetch_response_max_bytes, 9);
  EXPECT_EQ(c->replica_fetch_backoff, absl::Milliseconds(10));
  EXPECT_EQ(c->replica_socket_timeout, absl::Milliseconds(1100));
  EXPECT_EQ(c->replica_high_watermark_checkpoint_interval, absl::Milliseconds(12));
  EXPECT_EQ(c->heartbeat_interval, absl::Milliseconds(500));
  EXPECT_EQ(c->session_timeout, absl::Seconds(3));
  EXPECT_FALSE(c->controlled_shutdown);
  EXPECT_FALSE(c->auto_leader_rebalance);
  EXPECT_EQ(c->leader_imbalance_check_interval_seconds, 13);
  EXPECT_EQ(c->log_roll, absl::Milliseconds(14));
  EXPECT_EQ(c->log_flush_offset_checkpoint_interval, absl::Milliseconds(15));
}

// KafkaConfig.validateValues.
TEST(BrokerConfigTest, WaitsOfReplicationMustFitIntoEachOther) {
  EXPECT_THAT(Read({"replica.fetch.wait.max.ms=500", "replica.lag.time.max.ms=499"}).error(),
              StartsWith("replica.fetch.wait.max.ms should always be less than or equal to "
                         "replica.lag.time.max.ms"));
  EXPECT_THAT(Read({"replica.socket.timeout.ms=499"}).error(),
              StartsWith("replica.socket.timeout.ms should always be at least "
                         "replica.fetch.wait.max.ms"));
  EXPECT_THAT(Summary(Read({"broker.session.timeout.ms=3000"}).notices),
              HasSubstr("more than half of broker.session.timeout.ms"));
}

TEST(BrokerConfigTest, HoursToRollCountUnlessMillisecondsAreSet) {
  const Read hours({"log.roll.hours=2"});
  EXPECT_EQ(hours->log_roll, absl::Hours(2));
  EXPECT_EQ(Summary(hours.notices),
            "log.roll.ms: 604800000 -> 7200000 (not set, so it is log.roll.hours)\n");
  const Read both({"log.roll.hours=2", "log.roll.ms=1000"});
  EXPECT_EQ(both->log_roll, absl::Seconds(1));
  EXPECT_THAT(Summary(both.notices), HasSubstr("log.roll.ms is set too, and counts"));
}

TEST(BrokerConfigTest, MoreFetchersThanOneAreNotModelled) {
  const Read read({"num.replica.fetchers=2"});
  EXPECT_EQ(read.result.status().code(), absl::StatusCode::kUnimplemented);
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
       {"default.replication.factor", "log.retention.hours", "num.io.threads", "broker.id",
        "node.id", "log.roll.jitter.ms", "replica.selector.class", "auto.create.topics.enable"}) {
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
  EXPECT_THAT(BrokerConfig::AllKeys(), HasSubstr("kafka-4.1 broker: 36 keys modelled"));
}

}  // namespace
}  // namespace norn::model
