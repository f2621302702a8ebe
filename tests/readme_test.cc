// The C++ example of README.md, word for word: it compiles, and does what the README says.
#include "tests/support/norn_test.h"

using namespace norn;
using namespace norn::model;

// The broker appends the record, but its answer is lost on the way back. After request.timeout.ms
// (30 s, which cost microseconds here) the producer sends it again.
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
