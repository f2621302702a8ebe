#include "model/config/kafka_keys.h"

#include <set>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace norn::model {
namespace {

using ::testing::Contains;
using ::testing::Not;

std::set<std::string_view> AllOf(const KafkaKeys& keys) {
  std::set<std::string_view> all(keys.no_effect.begin(), keys.no_effect.end());
  all.insert(keys.effective.begin(), keys.effective.end());
  return all;
}

// The numbers of public keys in the ConfigDefs of kafka-clients 4.1.1 and 3.9.1 and kafka 4.1.1.
TEST(KafkaKeysTest, NoKeyOfTheRealProgramsIsMissing) {
  EXPECT_EQ(AllOf(ProducerKeys(Flavour::kJava41)).size(), 112u);
  EXPECT_EQ(AllOf(ProducerKeys(Flavour::kJava39)).size(), 95u);
  EXPECT_EQ(AllOf(ConsumerKeys(Flavour::kJava41)).size(), 113u);
  EXPECT_EQ(AllOf(BrokerKeys()).size(), 316u);
  EXPECT_EQ(AllOf(TopicKeys()).size(), 33u);
}

TEST(KafkaKeysTest, EachKeyStandsInOneList) {
  for (const KafkaKeys& keys :
       {ProducerKeys(Flavour::kJava41), ProducerKeys(Flavour::kJava39),
        ConsumerKeys(Flavour::kJava41), BrokerKeys(), TopicKeys(),
        RdkafkaProducerKeys(Flavour::kLibrdkafka216), RdkafkaConsumerKeys(Flavour::kLibrdkafka216),
        RdkafkaConsumerKeys(Flavour::kLibrdkafka20)}) {
    std::set<std::string_view> all = AllOf(keys);
    EXPECT_EQ(all.size(), keys.no_effect.size() + keys.effective.size());
    all.insert(keys.plugins.begin(), keys.plugins.end());
    EXPECT_EQ(all.size(), keys.no_effect.size() + keys.effective.size() + keys.plugins.size());
  }
}

TEST(KafkaKeysTest, ReleasesDiffer) {
  const KafkaKeys java39 = ProducerKeys(Flavour::kJava39);
  const KafkaKeys java41 = ProducerKeys(Flavour::kJava41);
  EXPECT_THAT(java39.effective, Not(Contains("transaction.two.phase.commit.enable")));
  EXPECT_THAT(java41.effective, Contains("transaction.two.phase.commit.enable"));
  EXPECT_THAT(java39.no_effect, Not(Contains("sasl.oauthbearer.assertion.file")));
  EXPECT_THAT(java41.no_effect, Contains("sasl.oauthbearer.assertion.file"));
  EXPECT_THAT(java39.no_effect, Contains("auto.include.jmx.reporter"));
  EXPECT_THAT(java41.plugins, Contains("auto.include.jmx.reporter"));
  EXPECT_THAT(RdkafkaConsumerKeys(Flavour::kLibrdkafka216).effective,
              Contains("fetch.queue.backoff.ms"));
  EXPECT_THAT(AllOf(RdkafkaConsumerKeys(Flavour::kLibrdkafka20)),
              Not(Contains("fetch.queue.backoff.ms")));
}

TEST(KafkaKeysTest, ProgramsKnowTheirKeys) {
  EXPECT_EQ(ProgramsThatKnow("linger.ms"), "producer");
  EXPECT_EQ(ProgramsThatKnow("client.id"), "producer and consumer");
  EXPECT_EQ(ProgramsThatKnow("min.insync.replicas"), "broker and topic");
  EXPECT_EQ(ProgramsThatKnow("linger.msx"), "");
}

TEST(KafkaKeysTest, LibrdkafkaNamesHaveJavaNames) {
  EXPECT_EQ(JavaNameOf("queue.buffering.max.ms"), "linger.ms");
  EXPECT_EQ(JavaNameOf("linger.ms"), std::nullopt);
  const KafkaKeys keys = ProducerKeys(Flavour::kJava41);
  for (std::string_view theirs : {"message.timeout.ms", "request.required.acks", "partitioner",
                                  "compression.codec", "metadata.broker.list"}) {
    ASSERT_TRUE(JavaNameOf(theirs).has_value()) << theirs;
    EXPECT_THAT(keys.effective, Contains(*JavaNameOf(theirs)));
  }
}

}  // namespace
}  // namespace norn::model
