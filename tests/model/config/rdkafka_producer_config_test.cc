#include "model/config/rdkafka_producer_config.h"

#include <string>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace norn::model {
namespace {

using ::testing::HasSubstr;

struct Read {
  explicit Read(std::vector<std::string> settings, Flavour flavour = Flavour::kLibrdkafka216)
      : result(RdkafkaProducerConfig::Parse(flavour, settings, &notices)) {}
  const RdkafkaProducerConfig* operator->() const { return &result.value(); }
  std::string error() const { return std::string(result.status().message()); }

  std::vector<Notice> notices;
  absl::StatusOr<RdkafkaProducerConfig> result;
};

TEST(RdkafkaProducerConfigTest, DefaultsAreThoseOfConfigurationMd) {
  const RdkafkaProducerConfig c = RdkafkaProducerConfig::Defaults();
  EXPECT_EQ(c.linger, absl::Milliseconds(5));
  EXPECT_FALSE(c.enable_idempotence);
  EXPECT_EQ(c.message_timeout, absl::Minutes(5));
  EXPECT_EQ(c.max_in_flight_requests_per_connection, 1000000);
  EXPECT_EQ(c, *Read({}).result);
  const RdkafkaProducerConfig old = RdkafkaProducerConfig::Defaults(Flavour::kLibrdkafka20);
  EXPECT_FALSE(old.socket_nagle_disable);
  EXPECT_EQ(old.topic_metadata_refresh_fast_interval, absl::Milliseconds(250));
}

TEST(RdkafkaProducerConfigTest, AKeyWithTwoNamesIsOneKey) {
  const std::pair<const char*, const char*> pairs[] = {
      {"queue.buffering.max.ms=7", "linger.ms=7"},
      {"request.required.acks=1", "acks=1"},
      {"delivery.timeout.ms=9000", "message.timeout.ms=9000"},
      {"message.send.max.retries=3", "retries=3"},
      {"max.in.flight=2", "max.in.flight.requests.per.connection=2"},
      {"metadata.broker.list=b1", "bootstrap.servers=b1"},
      {"compression.codec=lz4", "compression.type=lz4"},
  };
  for (const auto& [one, other] : pairs) EXPECT_EQ(*Read({one}).result, *Read({other}).result);
  EXPECT_EQ(Read({"linger.ms=7", "queue.buffering.max.ms=8"})->linger, absl::Milliseconds(8));
}

TEST(RdkafkaProducerConfigTest, LingerMayHaveAFraction) {
  EXPECT_EQ(Read({"linger.ms=0.5"})->linger, absl::Microseconds(500));
  EXPECT_EQ(Read({"linger.ms=12.25"})->linger, absl::Microseconds(12250));
  EXPECT_EQ(Read({"linger.ms=0.5"})->PrintNonDefault(),
            "linger.ms=0.5\nsticky.partitioning.linger.ms=1\n");
  EXPECT_THAT(Read({"linger.ms=x"}).error(), HasSubstr("Not a number"));
  EXPECT_THAT(Read({"linger.ms=-1"}).error(), HasSubstr("at least 0"));
  EXPECT_THAT(Read({"linger.ms=900001"}).error(), HasSubstr("no more than 900000"));
}

TEST(RdkafkaProducerConfigTest, StickyPartitioningFollowsLingerUnlessItIsSet) {
  EXPECT_EQ(Read({"linger.ms=50"})->sticky_partitioning_linger, absl::Milliseconds(100));
  EXPECT_EQ(Read({"linger.ms=50", "sticky.partitioning.linger.ms=10"})->sticky_partitioning_linger,
            absl::Milliseconds(10));
}

TEST(RdkafkaProducerConfigTest, IdempotenceAdjustsWhatWasNotSetAndRefusesWhatWasSetOtherwise) {
  const Read adjusted({"enable.idempotence=true"});
  EXPECT_EQ(adjusted->max_in_flight_requests_per_connection, 5);
  ASSERT_EQ(adjusted.notices.size(), 1u);
  EXPECT_EQ(adjusted.notices[0].key, "max.in.flight.requests.per.connection");
  EXPECT_THAT(Read({"enable.idempotence=true", "max.in.flight=6"}).error(),
              HasSubstr("`max.in.flight` must be set <= 5 when `enable.idempotence` is true"));
  EXPECT_THAT(Read({"enable.idempotence=true", "acks=1"}).error(),
              HasSubstr("`acks` must be set to `all` when `enable.idempotence` is true"));
  EXPECT_THAT(Read({"enable.idempotence=true", "retries=0"}).error(),
              HasSubstr("`retries` must be set >= 1 when `enable.idempotence` is true"));
  EXPECT_THAT(Read({"enable.gapless.guarantee=true"}).error(),
              HasSubstr("requires `enable.idempotence` to be enabled"));
}

TEST(RdkafkaProducerConfigTest, TimesThatContradictAreRefused) {
  EXPECT_THAT(Read({"message.timeout.ms=100", "linger.ms=100"}).error(),
              HasSubstr("`message.timeout.ms` must be greater than `linger.ms`"));
  EXPECT_THAT(Read({"reconnect.backoff.max.ms=50"}).error(),
              HasSubstr("`reconnect.backoff.max.ms` must be >= `reconnect.backoff.ms`"));
  EXPECT_EQ(Read({"message.timeout.ms=0"})->message_timeout, absl::InfiniteDuration());
}

TEST(RdkafkaProducerConfigTest, KeysAreOfThreeClassesAndNewOnesAreNotOldOnes) {
  const Read quiet({"statistics.interval.ms=1000"});
  ASSERT_EQ(quiet.notices.size(), 1u);
  EXPECT_EQ(quiet.notices[0].kind, Notice::Kind::kNoEffect);
  EXPECT_EQ(Read({"transactional.id=t"}).result.status().code(), absl::StatusCode::kUnimplemented);
  EXPECT_THAT(Read({"max.block.ms=1"}).error(), HasSubstr("not a librdkafka producer key"));
  EXPECT_EQ(Read({"retry.backoff.max.ms=2000"})->retry_backoff_max, absl::Seconds(2));
  EXPECT_FALSE(Read({"retry.backoff.max.ms=2000"}, Flavour::kLibrdkafka20).result.ok());
  EXPECT_FALSE(Read({"metadata.recovery.strategy=none"})->rebootstraps);
}

// Asked of 2.0.2 and of 2.16: the same codecs and the same levels, whichever the codec.
TEST(RdkafkaProducerConfigTest, CodecsAndTheirLevels) {
  for (const Flavour flavour : {Flavour::kLibrdkafka20, Flavour::kLibrdkafka216}) {
    EXPECT_EQ(Read({}, flavour)->compression_type, Codec::kNone);
    EXPECT_EQ(Read({"compression.codec=gzip"}, flavour)->compression_type, Codec::kGzip);
    EXPECT_EQ(Read({"compression.codec=snappy"}, flavour)->compression_type, Codec::kSnappy);
    EXPECT_EQ(Read({"compression.codec=lz4"}, flavour)->compression_type, Codec::kLz4);
    EXPECT_EQ(Read({"compression.type=zstd"}, flavour)->compression_type, Codec::kZstd);
    EXPECT_EQ(Read({"compression.codec=LZ4"}, flavour)->compression_type, Codec::kLz4);
    EXPECT_EQ(Read({"acks=ALL"}, flavour)->acks, Acks::kAll);
    EXPECT_FALSE(Read({"partitioner=Murmur2"}, flavour).result.ok()) << "nor there";
    EXPECT_EQ(Read({"compression.codec=brotli"}, flavour).error(),
              "Invalid value brotli for configuration compression.type: String must be one of: "
              "none, gzip, snappy, lz4, zstd");
    for (const char* level : {"-1", "0", "12"}) {
      const Read read({std::string("compression.level=") + level}, flavour);
      ASSERT_TRUE(read.result.ok()) << read.error();
      ASSERT_EQ(read.notices.size(), 1u) << "it is told that a level changes nothing here";
      EXPECT_EQ(read.notices[0].kind, Notice::Kind::kNoEffect);
    }
    for (const char* level : {"-2", "13"}) {
      EXPECT_EQ(Read({std::string("compression.level=") + level}, flavour).error(),
                std::string("Configuration property \"compression.level\" value ") + level +
                    " is outside allowed range -1..12");
    }
    EXPECT_THAT(Read({"compression.level=best"}, flavour).error(), HasSubstr("Not a number"));
  }
}

TEST(RdkafkaProducerConfigTest, WhatIsPrintedReadsBack) {
  const Read read({"acks=1", "linger.ms=0.25", "message.timeout.ms=0", "partitioner=murmur2_random",
                   "compression.codec=zstd", "socket.nagle.disable=false",
                   "bootstrap.servers=b1,b2:9092"});
  std::vector<std::string> lines;
  const std::string text = read->PrintNonDefault();
  for (size_t at = 0; at < text.size(); at = text.find('\n', at) + 1)
    lines.push_back(text.substr(at, text.find('\n', at) - at));
  EXPECT_EQ(*Read(lines).result, *read.result);
}

}  // namespace
}  // namespace norn::model
