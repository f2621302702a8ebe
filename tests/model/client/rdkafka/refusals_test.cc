// What librdkafka gives up, and for good, when a broker refuses; the number in a comment is a
// recording's.
#include <string>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/model/client/rdkafka/recorded.h"
#include "tests/support/delivery_matchers.h"

namespace norn::model {
namespace {

using ::testing::ElementsAre;

class Refusals : public Recorded {
 protected:
  void StartIdempotent(std::vector<std::string> more = {}) {
    std::vector<std::string> all = {"socket.timeout.ms=6000", "message.timeout.ms=12000",
                                    "linger.ms=0", "enable.idempotence=true"};
    all.insert(all.end(), more.begin(), more.end());
    Start(all);
  }
  void RefuseNext(Error error) {
    cluster_->faults()
        .On(Api::kProduce)
        .Nth(1)
        .RequestSent()
        .Answer(error, absl::Milliseconds(300));
  }
};

INSTANTIATE_TEST_SUITE_P(Flavours, Refusals,
                         ::testing::Combine(::testing::Values(Flavour::kLibrdkafka216,
                                                              Flavour::kLibrdkafka20),
                                            ::testing::Range<uint64_t>(1, 6)),
                         NameOf);

// 100-7, 100-20: a may have been stored, b behind it is out of order. 2.0.2 counts a as
// acknowledged, so b is the one that comes next, and nothing goes any more.
TEST_P(Refusals, WhatMayBeStoredCountsAsAcknowledgedIn202) {
  StartIdempotent();
  Warm();
  RefuseNext(Error::kNotEnoughReplicasAfterAppend);
  DeliveryFuture a = Send("a");
  cluster_->RunFor(absl::Milliseconds(10));
  DeliveryFuture b = Send("b");
  if (recent()) {
    EXPECT_THAT(ReportOf(a), IsOk());
    EXPECT_THAT(ReportOf(b), IsOk());
    EXPECT_THAT(Stored(), ElementsAre("w", "a", "b"));
    return;
  }
  EXPECT_EQ(ErrorName(ReportOf(b)), "OUT_OF_ORDER_SEQUENCE_NUMBER");
  EXPECT_EQ(ErrorName(ReportOf(a)), "_PURGE_QUEUE");
  EXPECT_EQ(ReportOf(a).status, DeliveryStatus::kPossiblyPersisted);
  EXPECT_EQ(ErrorName(ReportOf(Send("c"))), "_FATAL");
  EXPECT_THAT(Stored(), ElementsAre("w"));
}

// 100-45: what the answers that are there put back is purged with the rest.
TEST_P(Refusals, AFatalErrorPurgesWhatComesBackInItsInstant) {
  StartIdempotent();
  Warm();
  RefuseNext(Error::kOutOfOrderSequenceNumber);
  DeliveryFuture a = Send("a");
  cluster_->RunFor(absl::Milliseconds(10));
  DeliveryFuture b = Send("b");
  EXPECT_EQ(ErrorName(ReportOf(a)), "OUT_OF_ORDER_SEQUENCE_NUMBER");
  EXPECT_EQ(ErrorName(ReportOf(b)), "_PURGE_QUEUE");
  EXPECT_EQ(ReportOf(b).status, DeliveryStatus::kNotPersisted);
}

// 107, 127
TEST_P(Refusals, AProducerWithoutAnIdIsAtItsEnd) {
  for (const Error error :
       {Error::kClusterAuthorizationFailed, Error::kTransactionalIdAuthorizationFailed}) {
    StartIdempotent();
    cluster_->faults()
        .On(Api::kInitProducerId)
        .Nth(1)
        .ResponseSent()
        .Corrupt(14, static_cast<uint8_t>(error));
    EXPECT_EQ(ErrorName(ReportOf(Send("a"))), "_PURGE_QUEUE");
    EXPECT_LE(SinceSend(cluster_->Now()), absl::Seconds(2));
    EXPECT_EQ(ErrorName(ReportOf(Send("b"))), "_FATAL");
  }
}

// 100-29, 113-29: the topic is closed to the application, and what waits for it fails alike.
TEST_P(Refusals, ATopicThatMayNotBeWrittenIsClosed) {
  Start({"linger.ms=0", "max.in.flight.requests.per.connection=1", "batch.num.messages=1"});
  Warm();
  RefuseNext(Error::kTopicAuthorizationFailed);
  DeliveryFuture a = Send("a");
  cluster_->RunFor(absl::Milliseconds(10));
  DeliveryFuture b = Send("b");  // a request already, that waits to be written
  DeliveryFuture c = Send("c");
  EXPECT_EQ(ErrorName(ReportOf(a)), "TOPIC_AUTHORIZATION_FAILED");
  EXPECT_EQ(ErrorName(ReportOf(Send("d"))), "TOPIC_AUTHORIZATION_FAILED");
  EXPECT_TRUE(ReportOf(Send("d")).refused);
  EXPECT_EQ(ErrorName(ReportOf(b)), "TOPIC_AUTHORIZATION_FAILED");
  EXPECT_EQ(ErrorName(ReportOf(c)), "TOPIC_AUTHORIZATION_FAILED");
  EXPECT_THAT(Stored(), ElementsAre("w"));
  EXPECT_EQ(ReportOf(c).status, DeliveryStatus::kNotPersisted);
}

// 113: the request that waits to be written is taken back, so the order and the epoch stay.
TEST_P(Refusals, WithOneInFlightAnErrorTakesBackTheRequestBehindIt) {
  StartIdempotent({"max.in.flight.requests.per.connection=1", "batch.num.messages=1"});
  Warm();
  RefuseNext(Error::kNotEnoughReplicas);
  Send("a");
  cluster_->RunFor(absl::Milliseconds(10));
  Send("b");
  EXPECT_THAT(ReportOf(Send("c")), IsOk());
  const LogView log = cluster_->Log("t", 0);
  EXPECT_THAT(log.values(), ElementsAre("w", "a", "b", "c"));
  EXPECT_EQ(log.records()[3].producer_epoch, ProducerEpoch(0));
  EXPECT_EQ(log.records()[3].sequence, Sequence(3));
}

// 105: seen were 190 to 284 ms from one connection to the next, 2.16 begins anew with its bootstrap
// brokers after 50.
TEST_P(Refusals, AHandshakeThatFailsIsTriedAgain) {
  ClusterOptions options;
  options.seed = seed();
  options.topics = {{"t"}};
  cluster_ = std::make_unique<Cluster>(options);
  cluster_->faults().On(Api::kApiVersions).Nth(1).ResponseSent().Reset();
  producer_ = &cluster_->AddProducer("p1", flavour(), {"linger.ms=0"});
  const DeliveryReport report = ReportOf(Send("a"));
  EXPECT_TRUE(report.ok());
  EXPECT_TRUE(Within(SinceSend(report.at), recent() ? 55 : 190, recent() ? 60 : 300));
}

}  // namespace
}  // namespace norn::model
