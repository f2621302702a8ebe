#include "model/config/java_producer_config.h"

#include <limits>
#include <sstream>
#include <string>
#include <vector>

#include "absl/time/time.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace norn::model {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::SizeIs;
using ::testing::StartsWith;

constexpr Flavour kBoth[] = {Flavour::kJava41, Flavour::kJava39};

// The config that settings give to a client, and what was said about them.
struct Read {
  Read(Flavour flavour, std::vector<std::string> settings)
      : result(JavaProducerConfig::Parse(flavour, settings, &notices)) {}

  const JavaProducerConfig& operator*() const { return result.value(); }
  const JavaProducerConfig* operator->() const { return &result.value(); }
  std::string error() const { return std::string(result.status().message()); }
  std::string said() const { return Summary(notices); }

  std::vector<Notice> notices;
  absl::StatusOr<JavaProducerConfig> result;
};

Read Java41(std::vector<std::string> settings) { return {Flavour::kJava41, std::move(settings)}; }
Read Java39(std::vector<std::string> settings) { return {Flavour::kJava39, std::move(settings)}; }

// Defaults as kafka-clients 4.1.1 and 3.9.1 report them.
TEST(JavaProducerConfigTest, DefaultsAreThoseOfTheRealClients) {
  for (Flavour flavour : kBoth) {
    const JavaProducerConfig c = JavaProducerConfig::Defaults(flavour);
    EXPECT_EQ(c.flavour, flavour);
    EXPECT_EQ(c.acks, Acks::kAll);
    EXPECT_TRUE(c.enable_idempotence);
    EXPECT_EQ(c.batch_size, 16384);
    EXPECT_EQ(c.buffer_memory, 33554432);
    EXPECT_EQ(c.max_request_size, 1048576);
    EXPECT_EQ(c.max_block, absl::Milliseconds(60000));
    EXPECT_EQ(c.delivery_timeout, absl::Milliseconds(120000));
    EXPECT_EQ(c.request_timeout, absl::Milliseconds(30000));
    EXPECT_EQ(c.retries, 2147483647);
    EXPECT_EQ(c.retry_backoff, absl::Milliseconds(100));
    EXPECT_EQ(c.retry_backoff_max, absl::Milliseconds(1000));
    EXPECT_EQ(c.max_in_flight_requests_per_connection, 5);
    EXPECT_THAT(c.bootstrap_servers, IsEmpty());
    EXPECT_EQ(c.client_id, "");
    EXPECT_EQ(c.reconnect_backoff, absl::Milliseconds(50));
    EXPECT_EQ(c.reconnect_backoff_max, absl::Milliseconds(1000));
    EXPECT_EQ(c.socket_connection_setup_timeout, absl::Milliseconds(10000));
    EXPECT_EQ(c.socket_connection_setup_timeout_max, absl::Milliseconds(30000));
    EXPECT_EQ(c.connections_max_idle, absl::Milliseconds(540000));
    EXPECT_EQ(c.metadata_max_age, absl::Milliseconds(300000));
    EXPECT_EQ(c.send_buffer_bytes, 131072);
    EXPECT_EQ(c.receive_buffer_bytes, 32768);
    EXPECT_EQ(c.PrintNonDefault(), "");
    EXPECT_EQ(*Read(flavour, {}), c);
  }
  EXPECT_EQ(JavaProducerConfig::Defaults(Flavour::kJava41).linger, absl::Milliseconds(5));
  EXPECT_EQ(JavaProducerConfig::Defaults(Flavour::kJava39).linger, absl::ZeroDuration());
  EXPECT_EQ(JavaProducerConfig(), JavaProducerConfig::Defaults());
}

TEST(JavaProducerConfigTest, EveryModelledKeySetsItsField) {
  const Read c = Java41({
      "acks=-1",
      "enable.idempotence=false",
      "linger.ms=1",
      "batch.size=2",
      "buffer.memory=3",
      "max.request.size=4",
      "max.block.ms=5",
      "delivery.timeout.ms=600",
      "request.timeout.ms=7",
      "retries=8",
      "retry.backoff.ms=9",
      "retry.backoff.max.ms=10",
      "max.in.flight.requests.per.connection=11",
      "bootstrap.servers=b1, localhost:9092",
      "client.id=it",
      "reconnect.backoff.ms=12",
      "reconnect.backoff.max.ms=13",
      "socket.connection.setup.timeout.ms=14",
      "socket.connection.setup.timeout.max.ms=15",
      "connections.max.idle.ms=16",
      "metadata.max.age.ms=17",
      "metadata.recovery.strategy=none",
      "metadata.recovery.rebootstrap.trigger.ms=21",
      "send.buffer.bytes=18",
      "receive.buffer.bytes=19",
      "compression.type=lz4",
      "partitioner.ignore.keys=true",
      "partitioner.adaptive.partitioning.enable=false",
      "partitioner.availability.timeout.ms=20",
      "transaction.two.phase.commit.enable=false",
  });
  ASSERT_TRUE(c.result.ok()) << c.result.status();
  EXPECT_THAT(c.notices, IsEmpty());
  EXPECT_EQ(c->acks, Acks::kAll);
  EXPECT_EQ(c->metadata_recovery_strategy, MetadataRecovery::kNone);
  EXPECT_EQ(c->metadata_recovery_rebootstrap_trigger, absl::Milliseconds(21));
  EXPECT_EQ(c->compression_type, Codec::kLz4);
  EXPECT_TRUE(c->partitioner_ignore_keys);
  EXPECT_FALSE(c->partitioner_adaptive_partitioning);
  EXPECT_EQ(c->partitioner_availability_timeout, absl::Milliseconds(20));
  EXPECT_FALSE(c->enable_idempotence);
  EXPECT_EQ(c->linger, absl::Milliseconds(1));
  EXPECT_EQ(c->batch_size, 2);
  EXPECT_EQ(c->buffer_memory, 3);
  EXPECT_EQ(c->max_request_size, 4);
  EXPECT_EQ(c->max_block, absl::Milliseconds(5));
  EXPECT_EQ(c->delivery_timeout, absl::Milliseconds(600));
  EXPECT_EQ(c->request_timeout, absl::Milliseconds(7));
  EXPECT_EQ(c->retries, 8);
  EXPECT_EQ(c->retry_backoff, absl::Milliseconds(9));
  EXPECT_EQ(c->retry_backoff_max, absl::Milliseconds(10));
  EXPECT_EQ(c->max_in_flight_requests_per_connection, 11);
  EXPECT_THAT(c->bootstrap_servers, ElementsAre("b1", "localhost:9092"));
  EXPECT_EQ(c->client_id, "it");
  EXPECT_EQ(c->reconnect_backoff, absl::Milliseconds(12));
  EXPECT_EQ(c->reconnect_backoff_max, absl::Milliseconds(13));
  EXPECT_EQ(c->socket_connection_setup_timeout, absl::Milliseconds(14));
  EXPECT_EQ(c->socket_connection_setup_timeout_max, absl::Milliseconds(15));
  EXPECT_EQ(c->connections_max_idle, absl::Milliseconds(16));
  EXPECT_EQ(c->metadata_max_age, absl::Milliseconds(17));
  EXPECT_EQ(c->send_buffer_bytes, 18);
  EXPECT_EQ(c->receive_buffer_bytes, 19);
}

TEST(JavaProducerConfigTest, AcksAreWords) {
  EXPECT_EQ(Java41({"acks=all"})->acks, Acks::kAll);
  EXPECT_EQ(Java41({"acks=-1"})->acks, Acks::kAll);
  EXPECT_EQ(Java41({"acks=0"})->acks, Acks::kNone);
  EXPECT_EQ(Java41({"acks=1"})->acks, Acks::kLeader);
  EXPECT_EQ(Java41({"acks=2"}).error(),
            "Invalid value 2 for configuration acks: String must be one of: all, -1, 0, 1");
  EXPECT_EQ(Java41({"acks=ALL"}).error(),
            "Invalid value ALL for configuration acks: String must be one of: all, -1, 0, 1");
}

// Lowest value and type of each number, as the ConfigDef of kafka-clients has them.
TEST(JavaProducerConfigTest, RangesAreThoseOfTheRealClients) {
  const struct {
    std::string key;
    int64_t least;
    bool is_int;
  } numbers[] = {
      {"linger.ms", 0, false},
      {"batch.size", 0, true},
      {"buffer.memory", 0, false},
      {"max.request.size", 0, true},
      {"max.block.ms", 0, false},
      {"delivery.timeout.ms", 0, true},
      {"request.timeout.ms", 0, true},
      {"retries", 0, true},
      {"retry.backoff.ms", 0, false},
      {"retry.backoff.max.ms", 0, false},
      {"max.in.flight.requests.per.connection", 1, true},
      {"reconnect.backoff.ms", 0, false},
      {"reconnect.backoff.max.ms", 0, false},
      {"metadata.max.age.ms", 0, false},
      {"send.buffer.bytes", -1, true},
      {"receive.buffer.bytes", -1, true},
  };
  for (const auto& [key, least, is_int] : numbers) {
    const std::string below = std::to_string(least - 1);
    EXPECT_EQ(Java41({key + "=" + below}).error(),
              "Invalid value " + below + " for configuration " + key + ": Value must be at least " +
                  std::to_string(least));
    EXPECT_THAT(Java41({key + "=" + std::to_string(least)}).error(),
                Not(HasSubstr("Invalid value")));
    const std::string beyond_int = "2147483648";
    if (is_int) {
      EXPECT_THAT(Java41({key + "=" + beyond_int}).error(),
                  StartsWith("Invalid value " + beyond_int + " for configuration " + key +
                             ": Not a number of type INT"));
    } else {
      EXPECT_TRUE(Java41({key + "=" + beyond_int}).result.ok()) << key;
    }
  }
}

TEST(JavaProducerConfigTest, NeverIsInfinite) {
  EXPECT_EQ(Java41({"connections.max.idle.ms=-1"})->connections_max_idle, absl::InfiniteDuration());
  EXPECT_EQ(Java41({"max.block.ms=9223372036854775807"})->max_block, absl::InfiniteDuration());
}

TEST(JavaProducerConfigTest, SettingsThatAreNotModelledYetAreRefusedByName) {
  EXPECT_EQ(Java41({"transactional.id=x"}).error(),
            "transactional.id is a Kafka producer key that Norn does not model yet; remove it");
  for (std::string key : {"partitioner.class", "metadata.max.idle.ms"}) {
    const Read read = Java41({key + "=1"});
    EXPECT_EQ(read.result.status().code(), absl::StatusCode::kUnimplemented);
    EXPECT_THAT(read.error(), HasSubstr(key));
  }
  EXPECT_EQ(Java41({"compression.type=brotli"}).error(),
            "Invalid value brotli for configuration compression.type: String must be one of: none, "
            "gzip, snappy, lz4, zstd");
}

TEST(JavaProducerConfigTest, NearMissesAreGuessed) {
  EXPECT_EQ(Java41({"linger.msx=5"}).error(),
            "linger.msx is not a Kafka producer key; did you mean linger.ms?");
  EXPECT_THAT(Java41({"ack=1"}).error(), HasSubstr("did you mean acks?"));
  EXPECT_THAT(Java41({"batch.sise=1"}).error(), HasSubstr("did you mean batch.size?"));
  EXPECT_THAT(Java41({"delivery.timeout=1"}).error(),
              HasSubstr("did you mean delivery.timeout.ms"));
  EXPECT_THAT(Java41({"enable.idempotance=true"}).error(),
              HasSubstr("did you mean enable.idempotence?"));
  EXPECT_THAT(Java41({"max.inflight.requests.per.connection=1"}).error(),
              HasSubstr("did you mean max.in.flight.requests.per.connection?"));
  EXPECT_THAT(Java41({"ssl.truststore.loction=x"}).error(),
              HasSubstr("did you mean ssl.truststore.location?"));
  EXPECT_EQ(Java41({"max.in.flight=1"}).error(),
            "max.in.flight is librdkafka's name; java-4.1 calls it "
            "max.in.flight.requests.per.connection");
  EXPECT_EQ(Java41({"group.id=g"}).error(),
            "group.id is a Kafka consumer key, not a producer key; remove it");
}

TEST(JavaProducerConfigTest, IdempotenceAskedForRefusesWhatContradictsIt) {
  for (Flavour flavour : kBoth) {
    const Read acks(flavour, {"enable.idempotence=true", "acks=1"});
    EXPECT_EQ(acks.result.status().code(), absl::StatusCode::kInvalidArgument);
    EXPECT_EQ(acks.error(),
              "Must set acks to all in order to use the idempotent producer. Otherwise we cannot "
              "guarantee idempotence. Here acks=1 with enable.idempotence=true; set acks=all, or "
              "set enable.idempotence=false");
    EXPECT_EQ(
        Read(flavour, {"enable.idempotence=true", "retries=0"}).error(),
        "Must set retries to non-zero when using the idempotent producer. Here retries=0 with "
        "enable.idempotence=true; remove retries, or set enable.idempotence=false");
  }
  const std::vector<std::string> in_flight = {"enable.idempotence=true",
                                              "max.in.flight.requests.per.connection=6"};
  EXPECT_THAT(Java41(in_flight).error(),
              StartsWith("To use the idempotent producer, max.in.flight.requests.per.connection "
                         "must be set to at most 5. Current value is 6. Here "
                         "max.in.flight.requests.per.connection=6 with enable.idempotence=true; "
                         "lower it to 5"));
  EXPECT_THAT(Java39(in_flight).error(),
              StartsWith("Must set max.in.flight.requests.per.connection to at most 5 to use the "
                         "idempotent producer. Here max.in.flight.requests.per.connection=6"));
}

TEST(JavaProducerConfigTest, EveryContradictionIsToldAndNoNotice) {
  const Read read = Java41({"enable.idempotence=true", "acks=0", "retries=0",
                            "delivery.timeout.ms=1", "ssl.protocol=x"});
  EXPECT_THAT(read.error(), AllOf(HasSubstr("Must set retries"), HasSubstr("\nMust set acks"),
                                  HasSubstr("\ndelivery.timeout.ms should")));
  EXPECT_THAT(read.notices, IsEmpty());
}

TEST(JavaProducerConfigTest, IdempotenceByDefaultIsDroppedSilentlyButHereItIsSaid) {
  for (Flavour flavour : kBoth) {
    const Read acks(flavour, {"acks=1"});
    EXPECT_FALSE(acks->enable_idempotence);
    EXPECT_THAT(acks.notices,
                ElementsAre(Notice{.kind = Notice::Kind::kAdjusted,
                                   .key = "enable.idempotence",
                                   .old_value = "true",
                                   .new_value = "false",
                                   .reason = "Idempotence will be disabled because acks is set to "
                                             "1, not set to 'all'."}));
    const Read retries(flavour, {"retries=0"});
    EXPECT_FALSE(retries->enable_idempotence);
    EXPECT_EQ(retries.said(),
              "enable.idempotence: true -> false (Idempotence will be disabled because retries is "
              "set to 0.)\n");
    EXPECT_THAT(Read(flavour, {"acks=0", "retries=0"}).notices, SizeIs(2));
  }
}

TEST(JavaProducerConfigTest, MoreThanFiveInFlightDropIdempotenceIn39AndAreRefusedIn41) {
  const std::string six = "max.in.flight.requests.per.connection=6";
  const Read java39 = Java39({six});
  EXPECT_FALSE(java39->enable_idempotence);
  EXPECT_EQ(java39->max_in_flight_requests_per_connection, 6);
  EXPECT_THAT(java39.said(), HasSubstr("is set to 6, which is greater than 5. Please note that in "
                                       "v4.0.0 and onward, this will become an error."));
  EXPECT_THAT(Java41({six}).error(),
              HasSubstr("with enable.idempotence=true (default); lower it to 5, or set "
                        "enable.idempotence=false"));
  EXPECT_FALSE(Java41({six, "acks=1"}).result.ok()) << "as the real 4.1.1: acks=1 is no excuse";
  EXPECT_TRUE(Java39({six, "acks=1"}).result.ok());
  for (Flavour flavour : kBoth) {
    EXPECT_TRUE(Read(flavour, {six, "enable.idempotence=false"}).result.ok());
  }
}

TEST(JavaProducerConfigTest, IdempotenceOffNeedsNothing) {
  const Read read = Java41({"enable.idempotence=false", "acks=0", "retries=0"});
  ASSERT_TRUE(read.result.ok()) << read.result.status();
  EXPECT_THAT(read.notices, IsEmpty());
}

TEST(JavaProducerConfigTest, ADeliveryTimeoutThatIsTooShortIsRefused) {
  EXPECT_EQ(Java41({"delivery.timeout.ms=30004"}).error(),
            "delivery.timeout.ms should be equal to or larger than linger.ms + request.timeout.ms. "
            "Here delivery.timeout.ms=30004 with linger.ms=5 (default) and "
            "request.timeout.ms=30000 (default); raise delivery.timeout.ms to at least 30005, "
            "remove it, or lower request.timeout.ms");
  EXPECT_TRUE(Java41({"delivery.timeout.ms=30005"}).result.ok());
  EXPECT_TRUE(Java39({"delivery.timeout.ms=30000"}).result.ok());
  EXPECT_FALSE(Java39({"delivery.timeout.ms=29999"}).result.ok());
}

TEST(JavaProducerConfigTest, ADeliveryTimeoutThatWasNotSetIsRaised) {
  const Read read = Java41({"linger.ms=100000"});
  EXPECT_EQ(read->delivery_timeout, absl::Milliseconds(130000));
  EXPECT_EQ(read.said(),
            "delivery.timeout.ms: 120000 -> 130000 (delivery.timeout.ms should be equal to or "
            "larger than linger.ms + request.timeout.ms. Setting it to 130000.)\n");
  EXPECT_EQ(Java41({"request.timeout.ms=120000"})->delivery_timeout, absl::Milliseconds(120005));
  EXPECT_THAT(Java39({"request.timeout.ms=120000"}).notices, IsEmpty());
}

// linger.ms is a LONG, but the client adds and keeps it as an int.
TEST(JavaProducerConfigTest, LingerIsAtMostAnInt) {
  for (std::string linger : {"3000000000", "9223372036854775807"}) {
    const Read read = Java41({"linger.ms=" + linger});
    EXPECT_EQ(read->linger, absl::Milliseconds(2147483647));
    EXPECT_EQ(read->delivery_timeout, absl::Milliseconds(2147483647));
    EXPECT_THAT(read.said(), HasSubstr("linger.ms: " + linger + " -> 2147483647"));
  }
  EXPECT_EQ(Java41({"request.timeout.ms=2147483647"})->delivery_timeout,
            absl::Milliseconds(2147483647));
}

TEST(JavaProducerConfigTest, ABackoffAboveItsMaximumIsConstant) {
  const Read retry = Java41({"retry.backoff.ms=5000"});
  EXPECT_EQ(retry->retry_backoff, absl::Seconds(1));
  EXPECT_EQ(retry.said(),
            "retry.backoff.ms: 5000 -> 1000 (Configuration 'retry.backoff.ms' with value '5000' is "
            "greater than configuration 'retry.backoff.max.ms' with value '1000'. A static backoff "
            "with value '1000' will be applied.)\n");
  EXPECT_EQ(Java41({"retry.backoff.max.ms=10"})->retry_backoff, absl::Milliseconds(10));
  EXPECT_THAT(Java41({"socket.connection.setup.timeout.ms=40000"}).said(),
              HasSubstr("A static connection setup timeout with value '30000' will be applied."));
  EXPECT_EQ(
      Java41({"reconnect.backoff.ms=5000", "reconnect.backoff.max.ms=1000"})->reconnect_backoff,
      absl::Seconds(1));
}

TEST(JavaProducerConfigTest, ReconnectBackoffSetAloneIsItsOwnMaximum) {
  for (int64_t ms : {5, 2000}) {
    const Read read = Java41({"reconnect.backoff.ms=" + std::to_string(ms)});
    EXPECT_EQ(read->reconnect_backoff, absl::Milliseconds(ms));
    EXPECT_EQ(read->reconnect_backoff_max, absl::Milliseconds(ms));
    EXPECT_THAT(read.said(), HasSubstr("Disabling exponential reconnect backoff because "
                                       "reconnect.backoff.ms is set"));
  }
  EXPECT_EQ(Java41({"reconnect.backoff.max.ms=3000"})->reconnect_backoff, absl::Milliseconds(50));
}

TEST(JavaProducerConfigTest, LinesOfAFileAreNamed) {
  const auto properties = ParseProperties("# ours\nenable.idempotence=true\n\nacks = 1\n").value();
  const auto config = JavaProducerConfig::Parse(Flavour::kJava41, properties, nullptr);
  EXPECT_THAT(std::string(config.status().message()),
              HasSubstr("Here acks=1 (line 4) with enable.idempotence=true (line 2)"));
}

TEST(JavaProducerConfigTest, WhatIsPrintedGivesTheSameClient) {
  const std::vector<std::vector<std::string>> clients = {
      {"acks=1", "linger.ms=20"},
      {"max.in.flight.requests.per.connection=6", "enable.idempotence=false"},
      {"linger.ms=3000000000"},
      {"reconnect.backoff.ms=2000"},
      {"retry.backoff.ms=5000", "connections.max.idle.ms=-1"},
      {"max.block.ms=9223372036854775807", "client.id=a\\\\ b", "bootstrap.servers=b1,b2"},
  };
  for (Flavour flavour : kBoth) {
    for (const auto& settings : clients) {
      const Read first(flavour, settings);
      ASSERT_TRUE(first.result.ok()) << first.result.status();
      const auto again = JavaProducerConfig::Parse(
          flavour, ParseProperties(first->PrintNonDefault()).value(), nullptr);
      EXPECT_EQ(again.value(), *first) << first->PrintNonDefault();
    }
  }
  EXPECT_EQ(Java41({"linger.ms=20", "acks=1"})->PrintNonDefault(),
            "acks=1\nenable.idempotence=false\nlinger.ms=20\n");
  std::ostringstream printed;
  printed << *Java39({"acks=1"});
  EXPECT_EQ(printed.str(), "java-3.9 producer {acks=1, enable.idempotence=false}");
}

TEST(JavaProducerConfigTest, ANullForNoticesIsFine) {
  const std::vector<std::string> settings = {"acks=1", "ssl.protocol=TLS"};
  EXPECT_TRUE(JavaProducerConfig::Parse(Flavour::kJava41, settings, nullptr).ok());
}

TEST(JavaProducerConfigTest, AllKeysListsWhatTheRealClientHas) {
  const std::string java41 = JavaProducerConfig::AllKeys(Flavour::kJava41);
  EXPECT_THAT(java41, AllOf(HasSubstr("java-4.1 producer: 30 keys modelled"),
                            HasSubstr("linger.ms                                LONG    5 "),
                            HasSubstr("compression.type"), HasSubstr("only false"),
                            HasSubstr("java-4.1 producer: 3 keys refused: not modelled yet")));
  EXPECT_THAT(JavaProducerConfig::AllKeys(Flavour::kJava39),
              HasSubstr("java-3.9 producer: 28 keys modelled"));
}

}  // namespace
}  // namespace norn::model
