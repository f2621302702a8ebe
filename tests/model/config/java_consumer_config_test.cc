#include "model/config/java_consumer_config.h"

#include <sstream>
#include <string>
#include <vector>

#include "absl/time/time.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace norn::model {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::StartsWith;

struct Read {
  explicit Read(std::vector<std::string> settings)
      : result(JavaConsumerConfig::Parse(Flavour::kJava41, settings, &notices)) {}

  const JavaConsumerConfig* operator->() const { return &result.value(); }
  std::string error() const { return std::string(result.status().message()); }

  std::vector<Notice> notices;
  absl::StatusOr<JavaConsumerConfig> result;
};

// As kafka-clients 4.1.1 reports them.
TEST(JavaConsumerConfigTest, DefaultsAreThoseOfTheRealClient) {
  const JavaConsumerConfig c = JavaConsumerConfig::Defaults();
  EXPECT_EQ(c.auto_offset_reset, OffsetReset::kLatest);
  EXPECT_EQ(c.fetch_min_bytes, 1);
  EXPECT_EQ(c.fetch_max_wait, absl::Milliseconds(500));
  EXPECT_EQ(c.fetch_max_bytes, 52428800);
  EXPECT_EQ(c.max_partition_fetch_bytes, 1048576);
  EXPECT_EQ(c.max_poll_records, 500);
  EXPECT_TRUE(c.check_crcs);
  EXPECT_THAT(c.bootstrap_servers, IsEmpty());
  EXPECT_EQ(c.client_id, "");
  EXPECT_EQ(c.request_timeout, absl::Milliseconds(30000));
  EXPECT_EQ(c.retry_backoff, absl::Milliseconds(100));
  EXPECT_EQ(c.retry_backoff_max, absl::Milliseconds(1000));
  EXPECT_EQ(c.reconnect_backoff, absl::Milliseconds(50));
  EXPECT_EQ(c.reconnect_backoff_max, absl::Milliseconds(1000));
  EXPECT_EQ(c.socket_connection_setup_timeout, absl::Milliseconds(10000));
  EXPECT_EQ(c.socket_connection_setup_timeout_max, absl::Milliseconds(30000));
  EXPECT_EQ(c.connections_max_idle, absl::Milliseconds(540000));
  EXPECT_EQ(c.metadata_max_age, absl::Milliseconds(300000));
  EXPECT_EQ(c.send_buffer_bytes, 131072);
  EXPECT_EQ(c.receive_buffer_bytes, 65536);
  EXPECT_EQ(Read({}).result.value(), c);
  EXPECT_EQ(c.PrintNonDefault(), "");
}

TEST(JavaConsumerConfigTest, EveryModelledKeySetsItsField) {
  const Read c({"auto.offset.reset=earliest",
                "fetch.min.bytes=2",
                "fetch.max.wait.ms=3",
                "fetch.max.bytes=4",
                "max.partition.fetch.bytes=5",
                "max.poll.records=6",
                "check.crcs=false",
                "bootstrap.servers=b1,b2",
                "client.id=it",
                "request.timeout.ms=7",
                "retry.backoff.ms=8",
                "retry.backoff.max.ms=9",
                "reconnect.backoff.ms=10",
                "reconnect.backoff.max.ms=11",
                "socket.connection.setup.timeout.ms=12",
                "socket.connection.setup.timeout.max.ms=13",
                "metadata.max.age.ms=14",
                "send.buffer.bytes=15",
                "receive.buffer.bytes=-1",
                "isolation.level=read_uncommitted",
                "enable.auto.commit=false"});
  ASSERT_TRUE(c.result.ok()) << c.result.status();
  EXPECT_THAT(c.notices, IsEmpty());
  EXPECT_EQ(c->auto_offset_reset, OffsetReset::kEarliest);
  EXPECT_EQ(c->fetch_min_bytes, 2);
  EXPECT_EQ(c->fetch_max_wait, absl::Milliseconds(3));
  EXPECT_EQ(c->fetch_max_bytes, 4);
  EXPECT_EQ(c->max_partition_fetch_bytes, 5);
  EXPECT_EQ(c->max_poll_records, 6);
  EXPECT_FALSE(c->check_crcs);
  EXPECT_THAT(c->bootstrap_servers, ElementsAre("b1", "b2"));
  EXPECT_EQ(c->client_id, "it");
  EXPECT_EQ(c->request_timeout, absl::Milliseconds(7));
  EXPECT_EQ(c->retry_backoff, absl::Milliseconds(8));
  EXPECT_EQ(c->retry_backoff_max, absl::Milliseconds(9));
  EXPECT_EQ(c->reconnect_backoff, absl::Milliseconds(10));
  EXPECT_EQ(c->reconnect_backoff_max, absl::Milliseconds(11));
  EXPECT_EQ(c->socket_connection_setup_timeout, absl::Milliseconds(12));
  EXPECT_EQ(c->socket_connection_setup_timeout_max, absl::Milliseconds(13));
  EXPECT_EQ(c->metadata_max_age, absl::Milliseconds(14));
  EXPECT_EQ(c->send_buffer_bytes, 15);
  EXPECT_EQ(c->receive_buffer_bytes, kOperatingSystemDefault);
  EXPECT_EQ(Read({"auto.offset.reset=none"})->auto_offset_reset, OffsetReset::kNone);
}

TEST(JavaConsumerConfigTest, WrongValuesAreRefusedInKafkasWords) {
  EXPECT_THAT(Read({"auto.offset.reset=Earliest"}).error(),
              StartsWith("Invalid value Earliest for configuration auto.offset.reset: String must "
                         "be one of: latest, earliest, none"));
  EXPECT_EQ(Read({"max.poll.records=0"}).error(),
            "Invalid value 0 for configuration max.poll.records: Value must be at least 1");
  EXPECT_THAT(Read({"fetch.max.bytes=5000000000"}).error(), HasSubstr("Not a number of type INT"));
  EXPECT_EQ(Read({"isolation.level=x"}).error(),
            "Invalid value x for configuration isolation.level: String must be one of: "
            "read_uncommitted, read_committed");
}

TEST(JavaConsumerConfigTest, WhatIsNotModelledYetIsRefusedByName) {
  EXPECT_EQ(Read({"isolation.level=read_committed"}).error(),
            "isolation.level=read_committed is a setting that Norn does not model yet; use "
            "isolation.level=read_uncommitted or remove it");
  EXPECT_THAT(Read({"auto.offset.reset=by_duration:PT1H"}).error(),
              HasSubstr("auto.offset.reset=by_duration:PT1H is a setting that Norn does not model "
                        "yet; use auto.offset.reset=latest, earliest, none"));
  EXPECT_THAT(Read({"enable.auto.commit=true"}).error(), HasSubstr("does not model yet"));
  for (std::string key :
       {"group.id", "group.instance.id", "group.protocol", "session.timeout.ms",
        "heartbeat.interval.ms", "max.poll.interval.ms", "partition.assignment.strategy",
        "auto.commit.interval.ms", "client.rack", "connections.max.idle.ms"}) {
    const Read read({key + "=1"});
    EXPECT_EQ(read.result.status().code(), absl::StatusCode::kUnimplemented);
    EXPECT_EQ(read.error(),
              key + " is a Kafka consumer key that Norn does not model yet; remove it");
  }
}

TEST(JavaConsumerConfigTest, KeysWithoutEffectAreListed) {
  const Read read(
      {"key.deserializer=x", "sasl.jaas.config=secret", "exclude.internal.topics=true"});
  ASSERT_TRUE(read.result.ok()) << read.result.status();
  EXPECT_EQ(Summary(read.notices),
            "accepted without effect on the model: key.deserializer, sasl.jaas.config, "
            "exclude.internal.topics\n");
}

TEST(JavaConsumerConfigTest, KeysOfAProducerAreNamedAsSuch) {
  EXPECT_EQ(Read({"linger.ms=5"}).error(),
            "linger.ms is a Kafka producer key, not a consumer key; remove it");
}

TEST(JavaConsumerConfigTest, BackoffsAreAdjustedAsInAnyJavaClient) {
  const Read read({"reconnect.backoff.ms=2000"});
  EXPECT_EQ(read->reconnect_backoff_max, absl::Seconds(2));
  EXPECT_THAT(Summary(read.notices), HasSubstr("Disabling exponential reconnect backoff"));
}

// KIP-899 made rebootstrap the default in 4.0; KIP-1106 added by_duration.
TEST(JavaConsumerConfigTest, Java39HasItsOwnDefaultsAndWords) {
  const auto java39 =
      JavaConsumerConfig::Parse(Flavour::kJava39, std::vector<std::string>(), nullptr);
  ASSERT_TRUE(java39.ok()) << java39.status();
  EXPECT_EQ(java39->metadata_recovery_strategy, MetadataRecovery::kNone);
  EXPECT_EQ(JavaConsumerConfig().metadata_recovery_strategy, MetadataRecovery::kRebootstrap);
  const std::vector<std::string> by_duration = {"auto.offset.reset=by_duration:PT1H"};
  EXPECT_EQ(JavaConsumerConfig::Parse(Flavour::kJava39, by_duration, nullptr).status().code(),
            absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(JavaConsumerConfig::Parse(Flavour::kJava41, by_duration, nullptr).status().code(),
            absl::StatusCode::kUnimplemented);
}

TEST(JavaConsumerConfigTest, WhatIsPrintedGivesTheSameConsumer) {
  const Read first({"auto.offset.reset=none", "check.crcs=false", "client.id=c"});
  const auto again = JavaConsumerConfig::Parse(
      Flavour::kJava41, ParseProperties(first->PrintNonDefault()).value(), nullptr);
  EXPECT_EQ(again.value(), first.result.value());
  std::ostringstream printed;
  printed << first.result.value();
  EXPECT_EQ(printed.str(),
            "java-4.1 consumer {auto.offset.reset=none, check.crcs=false, client.id=c}");
  EXPECT_THAT(JavaConsumerConfig::AllKeys(), HasSubstr("java-4.1 consumer: 23 keys modelled"));
}

}  // namespace
}  // namespace norn::model
