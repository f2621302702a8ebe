// A Java consumer whose log is cut below its position (KIP-320), beside recording 37 of
// kafka-clients 4.1.1.
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "model/cluster.h"

namespace norn::model {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

class Truncation : public ::testing::TestWithParam<uint64_t> {
 protected:
  // w is everywhere, x1 and x2 on broker 1 alone, and the consumer has read them.
  void Start(const std::string& policy, bool unclean = true,
             std::vector<std::string> properties = {}) {
    ClusterOptions options;
    options.seed = GetParam();
    options.brokers = 3;
    options.topics = {{.name = "t", .replicas = 2}};
    options.topics[0].config.emplace().unclean_leader_election = true;
    options.keep_wire = true;
    cluster_ = std::make_unique<Cluster>(options);
    producer_ = &cluster_->AddProducer("p1", {"linger.ms=0"});
    properties.push_back("auto.offset.reset=" + policy);
    consumer_ = &cluster_->AddConsumer("c1", properties);
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
    EXPECT_EQ(consumer_->Position("t", 0), Offset(3));
  }
  void LeaderDies() {
    cluster_->broker(1).Kill();
    cluster_->RunUntil([&] { return cluster_->Partition("t", 0).leader != BrokerId(1); },
                       absl::Minutes(1));
  }
  void StaleFollowerLeads() {
    LeaderDies();
    cluster_->broker(2).Start();
    cluster_->RunUntil([&] { return cluster_->Partition("t", 0).leader == BrokerId(2); },
                       absl::Minutes(1));
  }
  void Append(const std::string& value) {
    cluster_->Await(producer_->Send({.topic = "t", .partition = 0, .value = value}));
  }
  // Values, or what poll() threw.
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
  // Of the requests of the consumer.
  std::vector<int64_t> Sizes(Api api, bool is_request = true) {
    std::vector<int64_t> sizes;
    for (const WireLog::Frame& frame : cluster_->wire().frames())
      if (frame.client == "c1" && frame.api == api && frame.is_request == is_request)
        sizes.push_back(frame.bytes);
    return sizes;
  }

  std::unique_ptr<Cluster> cluster_;
  Producer* producer_ = nullptr;
  Consumer* consumer_ = nullptr;
};

INSTANTIATE_TEST_SUITE_P(Seeds, Truncation, ::testing::Values(1, 2, 3));

// 37-overwritten: nothing of the new log is missed. Without validation y1 and y2 would be.
TEST_P(Truncation, GoesBackToWhereTheLogsPart) {
  for (const char* policy : {"earliest", "latest"}) {
    SCOPED_TRACE(policy);
    Start(policy);
    StaleFollowerLeads();
    for (const char* value : {"y1", "y2", "y3"}) Append(value);
    EXPECT_THAT(PollFor(absl::Seconds(10)), ElementsAre("y1", "y2", "y3"));
    EXPECT_EQ(consumer_->Position("t", 0), Offset(4));
  }
}

// 37-cut: the log is shorter than the position. It is never asked for an offset it does not have.
TEST_P(Truncation, IsFoundBeforeAnythingIsFetched) {
  Start("latest");
  StaleFollowerLeads();
  EXPECT_THAT(PollFor(absl::Seconds(10)), IsEmpty());
  EXPECT_EQ(consumer_->Position("t", 0), Offset(1));
  EXPECT_THAT(Sizes(Api::kListOffsets), IsEmpty());
  Append("y1");
  EXPECT_THAT(PollFor(absl::Seconds(2)), ElementsAre("y1"));
}

// 37-cut_none and 37-overwritten_none.
TEST_P(Truncation, WithoutPolicyPollThrows) {
  Start("none");
  StaleFollowerLeads();
  Append("y1");
  const std::string thrown =
      "LogTruncationException: Truncated partitions detected with divergent offsets "
      "{t-0=OffsetAndMetadata{offset=1, leaderEpoch=0, metadata=''}}";
  EXPECT_THAT(PollFor(absl::Seconds(10)), ElementsAre(thrown));
  EXPECT_TRUE(consumer_->Position("t", 0).is_none()) << "position() waits for a valid one";
  // Asked again once the request would have timed out (30 s).
  EXPECT_THAT(PollFor(absl::Seconds(35)), ElementsAre(thrown));
  consumer_->Seek("t", 0, Offset(1));
  EXPECT_THAT(PollFor(absl::Seconds(2)), ElementsAre("y1"));
}

// 37-clean: one question, and on it goes.
TEST_P(Truncation, AfterACleanElectionOneQuestionIsAsked) {
  Start("none", /*unclean=*/false);
  cluster_->RunFor(absl::Seconds(1));
  LeaderDies();
  Append("y1");
  EXPECT_THAT(PollFor(absl::Seconds(10)), ElementsAre("y1"));
  EXPECT_EQ(consumer_->Position("t", 0), Offset(4));
  EXPECT_EQ(Sizes(Api::kOffsetForLeaderEpoch).size(), 1u);
}

// FENCED_LEADER_EPOCH and the like: the metadata is looked at, and the question repeated.
TEST_P(Truncation, AnErrorIsAskedAgain) {
  Start("earliest");
  Fault& fenced = cluster_->faults()
                      .On(Api::kOffsetForLeaderEpoch)
                      .Nth(1)
                      .RequestReceived()
                      .Answer(Error::kUnknownLeaderEpoch);
  Fault& lost = cluster_->faults().On(Api::kOffsetForLeaderEpoch).Nth(2).RequestReceived().Reset();
  StaleFollowerLeads();
  Append("y1");
  EXPECT_THAT(PollFor(absl::Seconds(20)), ElementsAre("y1"));
  EXPECT_EQ(fenced.fired(), 1);
  EXPECT_EQ(lost.fired(), 1);
  EXPECT_GE(Sizes(Api::kOffsetForLeaderEpoch).size(), 3u);
}

// A position that was sought has no epoch: it is not validated, and may be out of range.
TEST_P(Truncation, APositionWithoutEpochIsNotValidated) {
  Start("earliest");
  consumer_->Seek("t", 0, Offset(3));
  StaleFollowerLeads();
  EXPECT_THAT(PollFor(absl::Seconds(10)), ElementsAre("w"));
  EXPECT_THAT(Sizes(Api::kOffsetForLeaderEpoch), IsEmpty());
}

// What was fetched of the old log and not handed out yet is dropped once the consumer has heard of
// the new leader.
TEST_P(Truncation, WhatWasFetchedIsDropped) {
  Start("earliest", /*unclean=*/true, {"max.poll.records=1"});
  for (int i = 3; i <= 50; ++i) Append("x" + std::to_string(i));
  consumer_->Seek("t", 0, Offset(1));
  std::vector<std::string> told;
  const auto poll = [&] {
    for (const ConsumedRecord& record :
         cluster_->Await(consumer_->Poll(absl::Seconds(1))).records) {
      EXPECT_EQ(record.leader_epoch, LeaderEpoch(record.value->front() == 'x' ? 0 : 2));
      told.push_back(*record.value);
    }
    cluster_->RunFor(absl::Milliseconds(50));
  };
  poll();
  EXPECT_THAT(told, ElementsAre("x1"));
  StaleFollowerLeads();
  for (const char* value : {"y1", "y2"}) Append(value);
  while (told.back() != "y2" && told.size() < 60) poll();
  EXPECT_EQ(told.back(), "y2");
  EXPECT_EQ(told[told.size() - 2], "y1");
  EXPECT_LT(told.size(), 40u) << "x50 was fetched with x1, and is gone";
}

}  // namespace
}  // namespace norn::model
