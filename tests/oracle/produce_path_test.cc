// What real kafka-clients 4.1.1 did against real Kafka 4.1.1 behind a fault-injecting proxy, and
// the model beside it, over many seeds. Where all recorded runs agreed the model must give exactly
// that; a recorded time [min, max] is met within [0.75 min - 20 ms, 1.25 max + 50 ms], because the
// recording machine was a busy one. The number of each test is the recording's.
#include <memory>
#include <string>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "model/cluster.h"

namespace norn::model {
namespace {

using ::testing::ElementsAre;

// Met if `actual` lies in the recorded range, widened as above.
::testing::AssertionResult Within(absl::Duration actual, int64_t min_ms, int64_t max_ms) {
  const absl::Duration low = absl::Milliseconds(min_ms * 3 / 4 - 20);
  const absl::Duration high = absl::Milliseconds(max_ms * 5 / 4 + 50);
  if (actual >= low && actual <= high) return ::testing::AssertionSuccess();
  return ::testing::AssertionFailure() << absl::FormatDuration(actual) << ", recorded were "
                                       << min_ms << " to " << max_ms << " ms";
}

class Recorded : public ::testing::TestWithParam<uint64_t> {
 protected:
  // Three brokers, one partition, led by broker 1; timeouts scaled as in the recordings.
  void Start(std::vector<std::string> properties, std::vector<int32_t> down = {}) {
    ClusterOptions options;
    options.seed = GetParam();
    options.brokers = 3;
    options.topics = {{"t"}};
    options.down = std::move(down);
    cluster_ = std::make_unique<Cluster>(options);
    properties.push_back("bootstrap.servers=b1:9092");
    producer_ = &cluster_->AddProducer("p1", properties);
  }
  static std::vector<std::string> Scaled() {
    return {"request.timeout.ms=3000", "delivery.timeout.ms=12000", "linger.ms=0"};
  }
  DeliveryFuture Send(const char* value) {
    sent_at_ = cluster_->Now();
    return producer_->Send({.topic = "t", .partition = 0, .value = value});
  }
  // The record every recording begins with.
  void Warm() { ASSERT_TRUE(cluster_->Await(Send("w")).ok()); }
  std::vector<std::string> Stored() { return cluster_->Log("t", 0).values(); }
  absl::Duration SinceSend(sim::Time t) const { return t - sent_at_; }
  void AllBrokers(void (sim::Node::*verb)()) {
    for (int32_t id = 1; id <= 3; ++id) (cluster_->broker(id).*verb)();
  }

  std::unique_ptr<Cluster> cluster_;
  Producer* producer_ = nullptr;
  sim::Time sent_at_;
};
INSTANTIATE_TEST_SUITE_P(Seeds, Recorded, ::testing::Range<uint64_t>(1, 101));

TEST_P(Recorded, J03BrokerNeverUp) {
  Start({"request.timeout.ms=3000", "delivery.timeout.ms=5000", "max.block.ms=3000"}, {1, 2, 3});
  const DeliveryReport report = cluster_->Await(Send("a"));
  EXPECT_EQ(ErrorName(report), "TimeoutException");
  EXPECT_TRUE(Within(SinceSend(report.at), 3000, 3000));
}

// Requests: seq 0 (reset), seq 0; answers: [0, 0]; stored: a; 128 to 188 ms between the requests.
TEST_P(Recorded, J05RequestLost) {
  Start(Scaled());
  Fault& lost = cluster_->faults().On(Api::kProduce).Nth(1).RequestSent().Reset();
  const DeliveryReport report = cluster_->Await(Send("a"));
  EXPECT_EQ(report.attempts, 2);
  EXPECT_EQ(report.offset, Offset(0));
  EXPECT_THAT(Stored(), ElementsAre("a"));
  EXPECT_TRUE(Within(report.at - lost.first_fired(), 128, 188));
}

// Two requests of seq 1, both answered [0, 1]; stored: w a.
TEST_P(Recorded, J27ResponseCut) {
  Start(Scaled());
  Fault& cut = cluster_->faults().On(Api::kProduce).Nth(2).ResponseSent().CutAfter(6);
  Warm();
  const DeliveryReport report = cluster_->Await(Send("a"));
  EXPECT_EQ(cut.fired(), 1);
  EXPECT_EQ(report.attempts, 2);
  EXPECT_EQ(report.offset, Offset(1));
  EXPECT_THAT(Stored(), ElementsAre("w", "a"));
}

TEST_P(Recorded, J67FlushTimesOutWhileTheAnswerIsHeld) {
  Start(Scaled());
  cluster_->faults().On(Api::kProduce).Nth(2).ResponseSent().Delay(absl::Seconds(2));
  Warm();
  const DeliveryFuture sent = Send("a");
  EXPECT_EQ(cluster_->Await(producer_->Flush(absl::Seconds(1))), FlushResult::kTimedOut);
  EXPECT_EQ(cluster_->Await(producer_->Flush()), FlushResult::kDone);
  ASSERT_TRUE(sent.settled());
  EXPECT_TRUE(Within(SinceSend(sent.Get()->at), 2020, 2060));
  EXPECT_THAT(Stored(), ElementsAre("w", "a"));
}

TEST_P(Recorded, J67FlushTimesOutAndTheBrokerComesBack) {
  std::vector<std::string> properties = Scaled();
  properties.push_back("reconnect.backoff.max.ms=500");
  Start(properties);
  Warm();
  AllBrokers(&sim::Node::Kill);
  cluster_->RunFor(absl::Milliseconds(100));
  const DeliveryFuture sent = Send("a");
  EXPECT_EQ(cluster_->Await(producer_->Flush(absl::Seconds(1))), FlushResult::kTimedOut);
  AllBrokers(&sim::Node::Start);
  EXPECT_EQ(cluster_->Await(producer_->Flush()), FlushResult::kDone);
  // Six runs were recorded. About one in a hundred finds all brokers in their back-off just when
  // metadata is due, begins anew with the bootstrap servers (KIP-899), and is a little later.
  EXPECT_TRUE(Within(SinceSend(sent.Get()->at), 1160, 1600));
  EXPECT_THAT(Stored(), ElementsAre("w", "a"));
}

// The answer never comes; close(0) and close(500) fail the record, which is stored.
TEST_P(Recorded, J69CloseWithTimeout) {
  for (const absl::Duration timeout : {absl::ZeroDuration(), absl::Milliseconds(500)}) {
    Start(Scaled());
    cluster_->faults().On(Api::kProduce).Nth(2).ResponseSent().Drop();
    Warm();
    const DeliveryFuture sent = Send("a");
    cluster_->RunFor(absl::Milliseconds(200));
    cluster_->Await(producer_->Close(timeout));
    ASSERT_TRUE(sent.settled());
    EXPECT_EQ(ErrorName(*sent.Get()), "KafkaException");
    EXPECT_EQ(sent.Get()->outcome, Outcome::kUnknown);
    EXPECT_THAT(Stored(), ElementsAre("w", "a"));
  }
}

TEST_P(Recorded, J75DisconnectBeforeSendBackAfter1500) {
  Start({"request.timeout.ms=2000", "delivery.timeout.ms=5000", "linger.ms=0"});
  Warm();
  AllBrokers(&sim::Node::Kill);
  cluster_->RunFor(absl::Milliseconds(100));
  const DeliveryFuture sent = Send("Hello-Kafka");
  EXPECT_EQ(cluster_->Await(producer_->Flush(absl::Seconds(1))), FlushResult::kTimedOut);
  cluster_->RunFor(absl::Milliseconds(500));
  AllBrokers(&sim::Node::Start);
  const DeliveryReport report = cluster_->Await(sent);
  EXPECT_EQ(report.offset, Offset(1));
  EXPECT_TRUE(Within(SinceSend(report.at), 1640, 2510));
  EXPECT_THAT(Stored(), ElementsAre("w", "Hello-Kafka"));
}

TEST_P(Recorded, J75DisconnectBeforeSendStaysDown) {
  Start({"request.timeout.ms=2000", "delivery.timeout.ms=5000", "linger.ms=0"});
  Warm();
  AllBrokers(&sim::Node::Kill);
  cluster_->RunFor(absl::Milliseconds(100));
  const DeliveryFuture sent = Send("Hello-Kafka");
  EXPECT_EQ(cluster_->Await(producer_->Flush(absl::Seconds(1))), FlushResult::kTimedOut);
  const DeliveryReport report = cluster_->Await(sent);
  EXPECT_EQ(ErrorName(report), "TimeoutException");
  EXPECT_EQ(report.outcome, Outcome::kFailed);
  EXPECT_TRUE(Within(SinceSend(report.at), 5010, 5040));
  EXPECT_THAT(Stored(), ElementsAre("w"));
}

}  // namespace
}  // namespace norn::model
