// Whom a leader serves: those that mean the same leader epoch (KIP-320), and what a new leader does
// not know yet.
#include <cstdint>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/model/broker/wire_client.h"

namespace norn::model {
namespace {

// Broker 2 leads with epoch 1, after broker 1 has ended in order.
class LeaderFencing : public ::testing::Test {
 protected:
  explicit LeaderFencing(absl::Duration publish = absl::Milliseconds(2))
      : cluster_(Options(publish)) {
    Producer& producer = cluster_.AddProducer("p");
    for (int i = 0; i < 3; ++i)
      cluster_.Await(producer.Send({.topic = "t", .partition = 0, .value = "a"}));
    cluster_.ShutDown(1);
    cluster_.RunUntil([&] { return cluster_.Partition("t", 0).leader == BrokerId(2); },
                      absl::Seconds(10));
  }
  static ClusterOptions Options(absl::Duration publish) {
    ClusterOptions options;
    options.brokers = 3;
    options.topics = {{.name = "t", .replicas = 3}};
    options.costs.metadata_publish = publish;
    return options;
  }
  void LetItLead() {
    cluster_.RunUntil([&] { return cluster_.FindReplica("t", 0, 2)->leads(); }, absl::Seconds(2));
  }

  Error Fetch(WireClient& client, int32_t epoch, int64_t offset) {
    wire::FetchRequest request;
    request.max_bytes = 1 << 20;
    request.session_epoch = -1;
    request.topics.emplace_back();
    request.topics[0].topic_id = cluster_.view().topics[0].id;
    wire::FetchRequest::Partition partition;
    partition.current_leader_epoch = LeaderEpoch(epoch);
    partition.fetch_offset = Offset(offset);
    partition.partition_max_bytes = 1 << 20;
    request.topics[0].partitions.push_back(partition);
    const auto& answer = client.AskFor<wire::FetchResponse>(Api::kFetch, 17, request);
    return answer.topics[0].partitions[0].error;
  }
  Error Latest(WireClient& client, int32_t epoch) {
    wire::ListOffsetsRequest request;
    request.topics.emplace_back();
    request.topics[0].name = TopicName("t");
    wire::ListOffsetsRequest::Partition partition;
    partition.partition_index = PartitionIndex(0);
    partition.current_leader_epoch = LeaderEpoch(epoch);
    partition.timestamp = wire::kLatestTimestamp;
    request.topics[0].partitions.push_back(partition);
    const auto& answer = client.AskFor<wire::ListOffsetsResponse>(Api::kListOffsets, 8, request);
    return answer.topics[0].partitions[0].error;
  }

  // Where the log of broker 2 ends what `epoch` wrote.
  wire::OffsetForLeaderEpochResponse::Partition EndOf(WireClient& client, int32_t current,
                                                      int32_t epoch, int16_t version = 4) {
    wire::OffsetForLeaderEpochRequest request;
    request.topics.emplace_back();
    request.topics[0].topic = TopicName("t");
    wire::OffsetForLeaderEpochRequest::Partition partition;
    partition.current_leader_epoch = LeaderEpoch(current);
    partition.leader_epoch = LeaderEpoch(epoch);
    request.topics[0].partitions.push_back(partition);
    return client
        .AskFor<wire::OffsetForLeaderEpochResponse>(Api::kOffsetForLeaderEpoch, version, request)
        .topics[0]
        .partitions[0];
  }

  Cluster cluster_;
};

// KIP-320; Partition.lastOffsetForLeaderEpoch. Recording 37 has the first, with 75 as well.
TEST_F(LeaderFencing, ALeaderSaysWhereAnEpochEnds) {
  LetItLead();
  cluster_.RunFor(absl::Seconds(2));
  WireClient client(cluster_, "norn", 2);
  const auto of_0 = EndOf(client, 1, 0);
  EXPECT_EQ(of_0.error, Error::kNone);
  EXPECT_EQ(of_0.leader_epoch, LeaderEpoch(0));
  EXPECT_EQ(of_0.end_offset, Offset(3));
  const auto of_1 = EndOf(client, 1, 1, 2);
  EXPECT_EQ(of_1.leader_epoch, LeaderEpoch(1));
  EXPECT_EQ(of_1.end_offset, Offset(3));
  const auto unknown = EndOf(client, 1, 2);
  EXPECT_EQ(unknown.error, Error::kNone);
  EXPECT_TRUE(unknown.leader_epoch.is_none());
  EXPECT_TRUE(unknown.end_offset.is_none());
}

TEST_F(LeaderFencing, WhereAnEpochEndsOnlyALeaderOfTheSameEpochSays) {
  LetItLead();
  cluster_.RunFor(absl::Seconds(2));
  WireClient leader(cluster_, "norn", 2);
  EXPECT_EQ(EndOf(leader, 0, 0).error, Error::kFencedLeaderEpoch);
  EXPECT_EQ(EndOf(leader, 2, 0).error, Error::kUnknownLeaderEpoch);
  EXPECT_EQ(EndOf(leader, -1, 0).error, Error::kNone);
  WireClient follower(cluster_, "norn", 3);
  EXPECT_EQ(EndOf(follower, 1, 0).error, Error::kNotLeaderOrFollower);
}

TEST_F(LeaderFencing, AnotherLeaderEpochIsRefused) {
  LetItLead();
  cluster_.RunFor(absl::Seconds(2));
  WireClient client(cluster_, "norn", 2);
  EXPECT_EQ(Fetch(client, 0, 0), Error::kFencedLeaderEpoch);
  EXPECT_EQ(Fetch(client, 1, 0), Error::kNone);
  EXPECT_EQ(Fetch(client, 2, 0), Error::kUnknownLeaderEpoch);
  EXPECT_EQ(Latest(client, 0), Error::kFencedLeaderEpoch);
  EXPECT_EQ(Latest(client, 2), Error::kUnknownLeaderEpoch);
  EXPECT_EQ(Latest(client, 1), Error::kNone);
}

TEST_F(LeaderFencing, AFetchOutsideOfTheLogIsOutOfRange) {
  LetItLead();
  cluster_.RunFor(absl::Seconds(2));
  WireClient client(cluster_, "norn", 2);
  EXPECT_EQ(Fetch(client, 1, 3), Error::kNone);
  EXPECT_EQ(Fetch(client, 1, 4), Error::kOffsetOutOfRange);
}

// Its high watermark may be that of a moment ago: what is committed, it learns from its followers.
TEST_F(LeaderFencing, ANewLeaderDoesNotSayWhereItsLogEndsUntilItKnows) {
  WireClient client(cluster_, "norn", 2);
  cluster_.broker(3).Pause();
  LetItLead();
  EXPECT_EQ(Latest(client, 1), Error::kOffsetNotAvailable);
  cluster_.broker(3).Resume();
  cluster_.RunFor(absl::Seconds(3));
  EXPECT_EQ(Latest(client, 1), Error::kNone);
}

class ALeaderThatHasNotHeard : public LeaderFencing {
 protected:
  ALeaderThatHasNotHeard() : LeaderFencing(absl::Milliseconds(500)) {}
};

TEST_F(ALeaderThatHasNotHeard, IsNone) {
  WireClient client(cluster_, "norn", 2);
  constexpr int32_t kAny = -1;
  EXPECT_EQ(Fetch(client, kAny, 0), Error::kNotLeaderOrFollower);
  EXPECT_EQ(Latest(client, kAny), Error::kNotLeaderOrFollower);
  // Whoever has heard more is told so.
  EXPECT_EQ(Fetch(client, 1, 0), Error::kUnknownLeaderEpoch);
  EXPECT_EQ(Latest(client, 1), Error::kUnknownLeaderEpoch);
  LetItLead();
  EXPECT_EQ(Fetch(client, 1, 0), Error::kNone);
}

}  // namespace
}  // namespace norn::model
