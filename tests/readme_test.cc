// The C++ example of README.md, word for word, which readme_words_test.cc sees to.
#include "tests/support/norn_test.h"

using namespace norn;
using namespace norn::model;

NORN_TEST(LostAnswer, IsStoredOnceByAnIdempotentProducer) {
  Cluster& cluster = Start({.brokers = 1, .topics = {{"topic1"}}});
  Fault& lost = cluster.faults().On(Api::kProduce).Nth(1).ResponseSent().Drop();

  Producer& producer = cluster.AddProducer("p1", {"linger.ms=5"});
  DeliveryFuture sent = producer.Send({.topic = "topic1", .value = "Hello Kafka"});

  EXPECT_THAT(cluster.Await(sent), IsOk(AfterAttempts(2)));
  EXPECT_THAT(cluster.Log("topic1", 0), HasRecords("Hello Kafka"));
  EXPECT_EQ(lost.fired(), 1);
}

NORN_TEST(LostAnswer, IsStoredTwiceWithoutIdempotence) {
  Cluster& cluster = Start({.brokers = 1, .topics = {{"topic1"}}});
  cluster.faults().On(Api::kProduce).Nth(1).ResponseSent().Drop();

  Producer& producer = cluster.AddProducer("p1", {"enable.idempotence=false"});
  DeliveryFuture sent = producer.Send({.topic = "topic1", .value = "Hello Kafka"});

  EXPECT_THAT(cluster.Await(sent), IsOk());
  EXPECT_THAT(cluster.Log("topic1", 0), HasRecords("Hello Kafka", "Hello Kafka"));
}
