#include "model/client/java/metadata.h"

#include <string>
#include <vector>

#include "gtest/gtest.h"

namespace norn::model {
namespace {

using sim::Time;

Time At(int64_t ms) { return Time::Zero() + absl::Milliseconds(ms); }

// Broker 1 leads partition 0 of "t" in epoch `epoch`; "u" is unknown.
wire::MetadataResponse Answer(int32_t epoch, bool with_unknown = false) {
  wire::MetadataResponse answer;
  answer.brokers.emplace_back();
  answer.brokers.back().node_id = BrokerId(1);
  answer.brokers.back().host = "b1";
  answer.brokers.back().port = 9092;
  wire::MetadataResponse::Topic topic;
  topic.name = TopicName("t");
  topic.topic_id = Uuid{1, 1};
  topic.partitions.emplace_back();
  topic.partitions.back().leader_id = BrokerId(1);
  topic.partitions.back().leader_epoch = LeaderEpoch(epoch);
  answer.topics.push_back(std::move(topic));
  if (with_unknown) {
    wire::MetadataResponse::Topic unknown;
    unknown.name = TopicName("u");
    unknown.error = Error::kUnknownTopicOrPartition;
    answer.topics.push_back(std::move(unknown));
  }
  return answer;
}

class MetadataTest : public ::testing::Test {
 protected:
  void Tell(const wire::MetadataResponse& answer, int64_t ms) {
    metadata_.MakeRequest(At(ms));
    metadata_.OnAnswer(answer, At(ms));
  }
  // How long after `ms` a refresh may be asked for, at the least and at the most of many draws.
  void ExpectWait(int64_t ms, int64_t nominal) {
    for (int i = 0; i < 100; ++i) {
      const int64_t wait = absl::ToInt64Milliseconds(metadata_.NextUpdate(At(ms)) - At(ms));
      EXPECT_GE(wait, nominal * 8 / 10);
      EXPECT_LE(wait, nominal * 12 / 10);
    }
  }

  sim::Chance chance_{5};
  ClientMetadata metadata_{
      {.bootstrap = {{"boot", 9092}}, .max_age = absl::Minutes(5), .refresh_backoff = {}},
      &chance_,
      "p1"};
  const int32_t t_ = metadata_.TopicNumber("t");
};

TEST_F(MetadataTest, ANewTopicIsAskedForAtOnceAndAlone) {
  metadata_.Want(t_);
  EXPECT_TRUE(metadata_.UpdateIsDue(At(0)));
  Tell(Answer(0), 0);
  EXPECT_EQ(metadata_.LeaderOf(t_, PartitionIndex(0)), BrokerId(1));
  EXPECT_FALSE(metadata_.UpdateIsDue(At(1)));
  metadata_.Want(metadata_.TopicNumber("u"));
  EXPECT_TRUE(metadata_.UpdateIsDue(At(1)));
  const wire::MetadataRequest request = metadata_.MakeRequest(At(1));
  ASSERT_EQ(request.topics->size(), 1u);
  EXPECT_EQ((*request.topics)[0].name->text(), "u");
}

// 100 x 2^n ms, at most 1000, per answer that brings nothing new.
TEST_F(MetadataTest, AnswersWithoutNewsAreFollowedByLongerWaits) {
  metadata_.Want(t_);
  Tell(Answer(0), 0);  // news
  int64_t now = 10'000;
  for (int64_t nominal : {100, 200, 400, 800}) {
    metadata_.RequestUpdate();
    Tell(Answer(0), now);
    metadata_.RequestUpdate();
    ExpectWait(now, nominal);
    now += 10'000;
  }
  Tell(Answer(1), now);  // a new leader's epoch is news
  metadata_.RequestUpdate();
  ExpectWait(now, 100);
}

TEST_F(MetadataTest, FailuresAreFollowedByLongerWaits) {
  metadata_.Want(t_);
  int64_t now = 0;
  for (int64_t nominal : {100, 200, 400, 800}) {
    metadata_.OnFailure(At(now));
    ExpectWait(now, nominal);
    now += 10'000;
  }
}

TEST_F(MetadataTest, AnUnknownTopicIsAskedAgain) {
  metadata_.Want(t_);
  metadata_.Want(metadata_.TopicNumber("u"));
  Tell(Answer(0, /*with_unknown=*/true), 0);
  EXPECT_TRUE(metadata_.update_requested());
}

// KAFKA-7738: an older epoch does not turn the clock back, not even after a new beginning.
TEST_F(MetadataTest, AnOlderEpochIsNotBelieved) {
  metadata_.Want(t_);
  Tell(Answer(3), 0);
  Tell(Answer(2), 1000);
  EXPECT_EQ(metadata_.EpochOf(t_, PartitionIndex(0)), LeaderEpoch(3));
  metadata_.Rebootstrap();
  EXPECT_TRUE(metadata_.is_bootstrap());
  EXPECT_EQ(metadata_.PartitionCount(t_), 0);
  Tell(Answer(2), 2000);
  EXPECT_TRUE(metadata_.LeaderOf(t_, PartitionIndex(0)).is_none());
}

// KIP-951: an error of leadership may name the new leader and where it listens.
TEST_F(MetadataTest, AHintOfTheNewLeaderIsTakenIfItIsNewerAndReachable) {
  metadata_.Want(t_);
  Tell(Answer(3), 0);
  const PartitionIndex p(0);
  std::vector<wire::NodeEndpoint> endpoints(1);
  endpoints[0].node_id = BrokerId(2);
  endpoints[0].host = "b2";
  endpoints[0].port = 9093;
  EXPECT_FALSE(metadata_.UpdateLeader(t_, p, {BrokerId(2), LeaderEpoch(3)}, endpoints));
  EXPECT_FALSE(metadata_.UpdateLeader(t_, p, {BrokerId(2), LeaderEpoch(4)}, {}));
  EXPECT_TRUE(metadata_.UpdateLeader(t_, p, {BrokerId(2), LeaderEpoch(4)}, endpoints));
  EXPECT_EQ(metadata_.LeaderOf(t_, p), BrokerId(2));
  EXPECT_EQ(metadata_.FindNode(BrokerId(2))->address.port, 9093);
}

}  // namespace
}  // namespace norn::model
