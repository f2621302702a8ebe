// librdkafka consumers whose log is cut below their position: 2.16 finds out (KIP-320), 2.0.2 does
// not. Beside recording 37.
#include <memory>
#include <string>
#include <tuple>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "model/cluster.h"
#include "tests/model/client/rdkafka/recorded.h"

namespace norn::model {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

class RdkafkaTruncation : public ::testing::TestWithParam<std::tuple<Flavour, uint64_t>> {
 protected:
  bool recent() const { return std::get<0>(GetParam()) == Flavour::kLibrdkafka216; }

  // w is everywhere, x1 and x2 on broker 1 alone, and the consumer has read them.
  void Start(const std::string& policy, bool unclean = true) {
    ClusterOptions options;
    options.seed = std::get<1>(GetParam());
    options.brokers = 3;
    options.topics = {{.name = "t", .replicas = 2}};
    options.topics[0].config.emplace().unclean_leader_election = true;
    options.keep_wire = true;
    cluster_ = std::make_unique<Cluster>(options);
    producer_ = &cluster_->AddProducer("p1", {"linger.ms=0"});
    consumer_ =
        &cluster_->AddConsumer("c1", std::get<0>(GetParam()), {"auto.offset.reset=" + policy});
    consumer_->Assign("t", {0});
    consumer_->Seek("t", 0, Offset(0));
    Append("w");
    cluster_->RunFor(absl::Seconds(1));
    if (unclean) {
      cluster_->broker(2).Kill();
      cluster_->RunUntil([&] { return cluster_->Partition("t", 0).isr.size() == 1; },
                         absl::Minutes(1));
    }
    Append("x1");
    Append("x2");
    EXPECT_THAT(PollFor(absl::Seconds(2)), ElementsAre("w", "x1", "x2"));
  }
  void LeaderDies() {
    cluster_->broker(1).Kill();
    cluster_->RunUntil([&] { return cluster_->Partition("t", 0).leader != BrokerId(1); },
                       absl::Minutes(1));
  }
  // If `hears_late`, the consumer cannot reach it until the records y are there.
  void StaleFollowerLeads(bool hears_late) {
    LeaderDies();
    if (hears_late) {
      for (const Api api : {Api::kFetch, Api::kOffsetForLeaderEpoch})
        cluster_->faults()
            .On(api)
            .Client("c1")
            .Broker(2)
            .Always()
            .RequestSent()
            .Named(std::string(wire::Name(api)))
            .Hold();
    }
    cluster_->broker(2).Start();
    cluster_->RunUntil([&] { return cluster_->Partition("t", 0).leader == BrokerId(2); },
                       absl::Minutes(1));
    if (!hears_late) return;
    for (const char* value : {"y1", "y2", "y3"}) Append(value);
    cluster_->RunFor(absl::Seconds(3));
    cluster_->faults().Release("Fetch");
    cluster_->faults().Release("OffsetForLeaderEpoch");
  }
  void Append(const std::string& value) {
    cluster_->Await(producer_->Send({.topic = "t", .partition = 0, .value = value}));
  }
  std::vector<std::string> PollFor(absl::Duration time) {
    std::vector<std::string> told;
    const sim::Time end = cluster_->Now() + time;
    do {
      const PollResult polled = cluster_->Await(consumer_->Poll(end - cluster_->Now()));
      for (const ConsumedRecord& record : polled.records) told.push_back(*record.value);
      if (!polled.exception.empty()) told.push_back(polled.exception + ": " + polled.message);
    } while (cluster_->Now() < end);
    return told;
  }
  size_t Count(Api api) {
    size_t count = 0;
    for (const WireLog::Frame& frame : cluster_->wire().frames())
      count += frame.client == "c1" && frame.api == api && frame.is_request;
    return count;
  }

  std::unique_ptr<Cluster> cluster_;
  Producer* producer_ = nullptr;
  Consumer* consumer_ = nullptr;
};

INSTANTIATE_TEST_SUITE_P(Flavours, RdkafkaTruncation,
                         ::testing::Combine(::testing::Values(Flavour::kLibrdkafka216,
                                                              Flavour::kLibrdkafka20),
                                            ::testing::Range<uint64_t>(1, 4)),
                         NameOf);

// 37-overwritten_earliest: 2.0.2 goes on at its offset, and never sees what lies below.
TEST_P(RdkafkaTruncation, OverwrittenRecordsAreReadAgainOrMissed) {
  Start("earliest");
  StaleFollowerLeads(/*hears_late=*/true);
  if (recent()) {
    EXPECT_THAT(PollFor(absl::Seconds(10)), ElementsAre("y1", "y2", "y3"));
    EXPECT_EQ(Count(Api::kOffsetForLeaderEpoch), 1u);
  } else {
    EXPECT_THAT(PollFor(absl::Seconds(10)), ElementsAre("y3"));
    EXPECT_EQ(Count(Api::kOffsetForLeaderEpoch), 0u);
  }
  EXPECT_EQ(consumer_->Position("t", 0), Offset(4));
}

// 37-cut_earliest: 2.0.2 finds its offset out of range, and begins from the beginning.
TEST_P(RdkafkaTruncation, AShorterLogIsReadFromWhereItPartsOrFromTheBeginning) {
  Start("earliest");
  StaleFollowerLeads(/*hears_late=*/false);
  if (recent()) {
    EXPECT_THAT(PollFor(absl::Seconds(10)), IsEmpty());
  } else {
    EXPECT_THAT(PollFor(absl::Seconds(10)), ElementsAre("w"));
  }
  Append("y1");
  EXPECT_THAT(PollFor(absl::Seconds(2)), ElementsAre("y1"));
}

// 37-cut_none
TEST_P(RdkafkaTruncation, WithoutPolicyItIsTold) {
  Start("error");
  StaleFollowerLeads(/*hears_late=*/false);
  if (recent()) {
    EXPECT_THAT(
        PollFor(absl::Seconds(10)),
        ElementsAre("_AUTO_OFFSET_RESET: Partition log truncation detected at offset 3 (leader "
                    "epoch 0): broker end offset is 1 (offset leader epoch 0). Reset to INVALID.: "
                    "Local: Partition log truncation detected (broker 2)"));
  } else {
    EXPECT_THAT(
        PollFor(absl::Seconds(10)),
        ElementsAre("_AUTO_OFFSET_RESET: fetch failed due to requested offset not available "
                    "on the broker: Broker: Offset out of range (broker 2)"));
  }
  EXPECT_EQ(consumer_->Position("t", 0), Offset(3));
}

// 37-clean
TEST_P(RdkafkaTruncation, AfterACleanElectionItGoesOn) {
  Start("error", /*unclean=*/false);
  cluster_->RunFor(absl::Seconds(1));
  LeaderDies();
  Append("y1");
  EXPECT_THAT(PollFor(absl::Seconds(10)), ElementsAre("y1"));
  EXPECT_EQ(Count(Api::kOffsetForLeaderEpoch), recent() ? 1u : 0u);
}

// Answered with an error, or not at all, it is asked again 500 ms later.
TEST_P(RdkafkaTruncation, AnErrorIsAskedAgain) {
  if (!recent()) GTEST_SKIP() << "it does not ask";
  Start("earliest");
  Fault& fenced = cluster_->faults()
                      .On(Api::kOffsetForLeaderEpoch)
                      .Nth(1)
                      .RequestReceived()
                      .Answer(Error::kUnknownLeaderEpoch);
  Fault& lost = cluster_->faults().On(Api::kOffsetForLeaderEpoch).Nth(2).RequestReceived().Reset();
  StaleFollowerLeads(/*hears_late=*/false);
  Append("y1");
  EXPECT_THAT(PollFor(absl::Seconds(20)), ElementsAre("y1"));
  EXPECT_EQ(fenced.fired(), 1);
  EXPECT_EQ(lost.fired(), 1);
}

}  // namespace
}  // namespace norn::model
