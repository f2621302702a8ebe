#include "model/broker/fetch_sessions.h"

#include <utility>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace norn::model {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

constexpr Uuid kTopic{0, 1};

// KIP-227 (FetchManager.newContext, FetchSession.CachedPartition.maybeUpdateResponseData).
class FetchSessionsTest : public ::testing::Test {
 protected:
  static wire::FetchRequest Request(int32_t session, int32_t epoch,
                                    std::vector<int32_t> partitions) {
    wire::FetchRequest request;
    request.session_id = session;
    request.session_epoch = epoch;
    if (partitions.empty()) return request;
    wire::FetchRequest::Topic topic;
    topic.topic_id = kTopic;
    for (const int32_t p : partitions) {
      wire::FetchRequest::Partition partition;
      partition.partition = PartitionIndex(p);
      topic.partitions.push_back(partition);
    }
    request.topics.push_back(topic);
    return request;
  }
  FetchSessions::Context Begin(const wire::FetchRequest& request) {
    return sessions_.Begin(request, 18, sim::Time::Zero());
  }
  // Every partition has this high watermark, and those of `with_records` have a record.
  wire::FetchResponse Finish(const FetchSessions::Context& context, int64_t high_watermark,
                             std::vector<int32_t> with_records = {}, Error error = Error::kNone) {
    wire::FetchResponse response;
    for (const auto& wanted : context.wanted) {
      wire::FetchResponse::Topic topic;
      topic.topic_id = wanted.topic_id;
      wire::FetchResponse::Partition partition;
      partition.partition_index = wanted.partition.partition;
      partition.high_watermark = Offset(high_watermark);
      partition.log_start_offset = Offset(0);
      partition.error = error;
      for (const int32_t p : with_records) {
        if (p != wanted.partition.partition.value()) continue;
        RecordSetBuilder builder;
        builder.Append(0, Payload::Null(), Payload::OfSize(10), RecordId(0));
        partition.records = Records(RecordBatch(builder.Seal()));
      }
      topic.partitions.push_back(partition);
      response.topics.push_back(topic);
    }
    sessions_.Finish(context, &response);
    return response;
  }
  static std::vector<int32_t> Told(const wire::FetchResponse& response) {
    std::vector<int32_t> partitions;
    for (const auto& topic : response.topics)
      for (const auto& partition : topic.partitions)
        partitions.push_back(partition.partition_index.value());
    return partitions;
  }
  FetchSessions sessions_{2};
};

TEST_F(FetchSessionsTest, OnlyNewsIsTold) {
  const wire::FetchResponse full = Finish(Begin(Request(0, 0, {0, 1, 2})), 5);
  EXPECT_THAT(Told(full), ElementsAre(0, 1, 2));
  EXPECT_EQ(full.topics.size(), 1u);  // those of a topic stand together
  ASSERT_NE(full.session_id, 0);
  const wire::FetchResponse idle = Finish(Begin(Request(full.session_id, 1, {})), 5);
  EXPECT_EQ(idle.session_id, full.session_id);
  EXPECT_THAT(Told(idle), IsEmpty());
  EXPECT_THAT(Told(Finish(Begin(Request(full.session_id, 2, {})), 6)), ElementsAre(0, 1, 2));
  EXPECT_THAT(Told(Finish(Begin(Request(full.session_id, 3, {})), 6, {1})), ElementsAre(1));
  // It had its turn, and so is looked at last.
  EXPECT_THAT(Told(Finish(Begin(Request(full.session_id, 4, {})), 7)), ElementsAre(0, 2, 1));
}

TEST_F(FetchSessionsTest, AnErrorIsToldUntilItIsGoneAndThenTheStateIsTold) {
  const int32_t id = Finish(Begin(Request(0, 0, {0})), 5).session_id;
  for (const int32_t epoch : {1, 2})
    EXPECT_THAT(Told(Finish(Begin(Request(id, epoch, {})), 5, {}, Error::kNotLeaderOrFollower)),
                ElementsAre(0));
  EXPECT_THAT(Told(Finish(Begin(Request(id, 3, {})), 5)), ElementsAre(0));
  EXPECT_THAT(Told(Finish(Begin(Request(id, 4, {})), 5)), IsEmpty());
}

TEST_F(FetchSessionsTest, PartitionsComeAndGo) {
  const int32_t id = Finish(Begin(Request(0, 0, {0})), 5).session_id;
  wire::FetchRequest request = Request(id, 1, {1});
  EXPECT_THAT(Told(Finish(Begin(request), 5)), ElementsAre(1));
  request = Request(id, 2, {});
  request.forgotten_topics.push_back({{}, kTopic, {PartitionIndex(0)}});
  EXPECT_THAT(Told(Finish(Begin(request), 6)), ElementsAre(1));
}

TEST_F(FetchSessionsTest, TheEpochMustBeTheNext) {
  const int32_t id = Finish(Begin(Request(0, 0, {0})), 5).session_id;
  EXPECT_EQ(Begin(Request(id, 2, {})).error, Error::kInvalidFetchSessionEpoch);
  EXPECT_EQ(Begin(Request(id + 1, 1, {})).error, Error::kFetchSessionIdNotFound);
  const wire::FetchResponse refused = Finish(Begin(Request(id + 1, 1, {})), 5);
  EXPECT_EQ(refused.error, Error::kFetchSessionIdNotFound);
  EXPECT_EQ(refused.session_id, 0);
  EXPECT_THAT(refused.topics, IsEmpty());
  EXPECT_EQ(Begin(Request(id, 1, {})).error, Error::kNone);
}

TEST_F(FetchSessionsTest, AFullRequestEndsItsSession) {
  const int32_t id = Finish(Begin(Request(0, 0, {0})), 5).session_id;
  EXPECT_EQ(Finish(Begin(Request(id, -1, {0})), 5).session_id, 0);
  EXPECT_EQ(sessions_.size(), 0u);
  // librdkafka begins none.
  EXPECT_EQ(Finish(Begin(Request(0, -1, {0})), 5).session_id, 0);
  EXPECT_EQ(sessions_.size(), 0u);
}

TEST_F(FetchSessionsTest, WhenAllSlotsAreTakenOnlyAnIdleOneMakesRoom) {
  for (int i = 0; i < 2; ++i) EXPECT_NE(Finish(Begin(Request(0, 0, {0})), 5).session_id, 0);
  EXPECT_EQ(Begin(Request(0, 0, {0})).session, 0);
  const sim::Time later =
      sim::Time::Zero() + FetchSessions::kMayBeEvictedAfter + absl::Milliseconds(1);
  EXPECT_NE(sessions_.Begin(Request(0, 0, {0}), 18, later).session, 0);
  EXPECT_EQ(sessions_.size(), 2u);
}

}  // namespace
}  // namespace norn::model
