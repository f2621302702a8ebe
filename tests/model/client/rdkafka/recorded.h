// For tests that lay the librdkafka client beside recordings of the real one: three brokers, one
// partition led by broker 1, and the Produce requests that crossed the wire.
#ifndef NORN_TESTS_MODEL_CLIENT_RDKAFKA_RECORDED_H_
#define NORN_TESTS_MODEL_CLIENT_RDKAFKA_RECORDED_H_

#include <cstdint>
#include <memory>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include "gtest/gtest.h"
#include "model/cluster.h"

namespace norn::model {

// A record batch as the log holds it.
struct StoredBatch {
  std::string first;
  int32_t records = 0;
  friend bool operator==(const StoredBatch&, const StoredBatch&) = default;
};

class Recorded : public ::testing::TestWithParam<std::tuple<Flavour, uint64_t>> {
 protected:
  Flavour flavour() const { return std::get<0>(GetParam()); }
  uint64_t seed() const { return std::get<1>(GetParam()); }
  bool recent() const { return flavour() == Flavour::kLibrdkafka216; }

  Producer& Start(std::vector<std::string> properties, int32_t partitions = 1,
                  std::vector<int32_t> down = {}) {
    ClusterOptions options;
    options.seed = seed();
    options.brokers = 3;
    options.topics = {{"t", partitions}};
    options.down = std::move(down);
    options.quotas = quotas_;
    cluster_ = std::make_unique<Cluster>(options);
    properties.push_back("bootstrap.servers=b1:9092");
    producer_ = &cluster_->AddProducer("p1", flavour(), properties);
    return *producer_;
  }
  DeliveryFuture Send(const char* value, int32_t partition = 0) {
    sent_at_ = cluster_->Now();
    return producer_->Send({.topic = "t", .partition = partition, .value = value});
  }
  // The record every recording begins with.
  void Warm() {
    const auto report = cluster_->AwaitFor(Send("w"), absl::Seconds(10));
    ASSERT_TRUE(report.has_value());
    ASSERT_TRUE(report->ok()) << *report;
  }
  DeliveryReport ReportOf(const DeliveryFuture& sent, absl::Duration within = absl::Minutes(2)) {
    return cluster_->AwaitFor(sent, within).value_or(DeliveryReport());
  }
  std::vector<std::string> Stored(int32_t partition = 0) {
    return cluster_->Log("t", partition).values();
  }
  void AllBrokers(void (sim::Node::*verb)()) {
    for (int32_t id = 1; id <= 3; ++id) (cluster_->broker(id).*verb)();
  }
  absl::Duration SinceSend(sim::Time at) const { return at - sent_at_; }

  std::vector<ClientQuota> quotas_;  // of the brokers that Start starts
  std::unique_ptr<Cluster> cluster_;
  Producer* producer_ = nullptr;
  sim::Time sent_at_;
};

// A recorded time [min, max] is met within a quarter and some tens of milliseconds: the recording
// machine was a busy one.
inline ::testing::AssertionResult Within(absl::Duration actual, int64_t min_ms, int64_t max_ms) {
  if (actual >= absl::Milliseconds(min_ms * 3 / 4 - 20) &&
      actual <= absl::Milliseconds(max_ms * 5 / 4 + 50))
    return ::testing::AssertionSuccess();
  return ::testing::AssertionFailure() << absl::FormatDuration(actual) << ", recorded were "
                                       << min_ms << " to " << max_ms << " ms";
}

inline std::string NameOf(const ::testing::TestParamInfo<std::tuple<Flavour, uint64_t>>& info) {
  return (std::get<0>(info.param) == Flavour::kLibrdkafka216 ? "recent_" : "old_") +
         std::to_string(std::get<1>(info.param));
}

}  // namespace norn::model

#endif  // NORN_TESTS_MODEL_CLIENT_RDKAFKA_RECORDED_H_
