#include "model/broker/log_segments.h"

#include <limits>
#include <memory>
#include <utility>
#include <vector>

#include "absl/time/time.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "sim/node.h"

namespace norn::model {
namespace {

using ::testing::ElementsAre;

constexpr int64_t kWeek = 604'800'000;

std::shared_ptr<const RecordBatch> Batch(int64_t offset, int64_t timestamp_ms = 1000,
                                         int32_t records = 1) {
  RecordSetBuilder builder;
  for (int32_t i = 0; i < records; ++i)
    builder.Append(0, Payload::Null(), Payload::OfSize(100), RecordId(i));
  RecordBatch batch(builder.Seal(), {.base_timestamp_ms = timestamp_ms});
  batch.Place(Offset(offset), LeaderEpoch(0));
  return std::make_shared<const RecordBatch>(std::move(batch));
}

class LogSegmentsTest : public ::testing::Test {
 protected:
  LogSegmentsTest() {
    node_.SetBoot([](sim::Node&) { return std::make_unique<sim::Process>(); });
    node_.Start();
  }
  LogSegments Open() { return LogSegments(&disk_, "t-0"); }
  bool Rolls(const LogSegments& segments, const RecordBatch& batch, int64_t bytes = 1'000'000) {
    return segments.ShouldRoll(batch, bytes, kWeek, sim_.Now());
  }
  // Two batches in each of three segments: 0 1 | 2 3 | 4 5.
  LogSegments Three() {
    LogSegments segments = Open();
    for (int64_t offset = 0; offset < 6; ++offset) {
      if (offset % 2 == 0) segments.Begin(Offset(offset));
      segments.Append(Batch(offset));
    }
    return segments;
  }
  std::vector<std::string> Files() { return disk_.List("t-0/"); }

  sim::Simulation sim_{{.seed = 3}};
  sim::Node node_{sim_, "b1"};
  sim::Disk disk_{node_, {}};
};

TEST_F(LogSegmentsTest, AreNamedByTheirFirstOffset) {
  Three();
  disk_.Open("t-0/leader-epoch-checkpoint");
  disk_.Open("t-0/00000000000000000004.snapshot");
  EXPECT_THAT(Files(),
              ElementsAre("t-0/00000000000000000000.log", "t-0/00000000000000000002.log",
                          "t-0/00000000000000000004.log", "t-0/00000000000000000004.snapshot",
                          "t-0/leader-epoch-checkpoint"));
  const LogSegments again = Open();
  ASSERT_EQ(again.all().size(), 3u);
  EXPECT_EQ(again.all()[1].base, Offset(2));
  EXPECT_EQ(again.all()[1].first_timestamp_ms, 1000);
}

// LogSegment.shouldRoll: size > segment.bytes - batch.
TEST_F(LogSegmentsTest, EndWhereABatchWouldNotFit) {
  LogSegments segments = Open();
  segments.Begin(Offset(0));
  const int64_t size = Batch(0)->SizeInBytes();
  segments.Append(Batch(0));
  EXPECT_FALSE(Rolls(segments, *Batch(1), 2 * size));
  EXPECT_TRUE(Rolls(segments, *Batch(1), 2 * size - 1));
}

// timeWaitedForRoll: the time of the records counts, from the first batch on, and not the clock's.
TEST_F(LogSegmentsTest, EndByTheTimeOfTheRecords) {
  LogSegments segments = Open();
  segments.Begin(Offset(0));
  EXPECT_FALSE(Rolls(segments, *Batch(0, 1000 + kWeek + 1)));
  segments.Append(Batch(0, 1000));
  segments.Append(Batch(1, 5000));
  EXPECT_FALSE(Rolls(segments, *Batch(2, 1000 + kWeek)));
  EXPECT_TRUE(Rolls(segments, *Batch(2, 1000 + kWeek + 1)));
}

TEST_F(LogSegmentsTest, EndByTheClockIfTheRecordsHaveNoTime) {
  LogSegments segments = Open();
  segments.Begin(Offset(0));
  segments.Append(Batch(0, -1));
  sim_.RunFor(absl::Milliseconds(kWeek));
  EXPECT_FALSE(Rolls(segments, *Batch(1, -1)));
  sim_.RunFor(absl::Milliseconds(1));
  EXPECT_TRUE(Rolls(segments, *Batch(1, -1)));
}

// Indexes hold offsets relative to the segment's, in 31 bits.
TEST_F(LogSegmentsTest, EndWhereOffsetsAreTooFarApart) {
  LogSegments segments = Open();
  segments.Begin(Offset(10));
  const int64_t most = 10 + int64_t{std::numeric_limits<int32_t>::max()};
  EXPECT_FALSE(Rolls(segments, *Batch(most)));
  EXPECT_TRUE(Rolls(segments, *Batch(most + 1)));
}

TEST_F(LogSegmentsTest, AreCutFromTheEnd) {
  LogSegments segments = Three();
  const int64_t size = Batch(0)->SizeInBytes();
  segments.TruncateTo(Offset(5));
  EXPECT_EQ(segments.all().back().file->size(), size);
  segments.TruncateTo(Offset(4));
  EXPECT_EQ(segments.all().back().base, Offset(4));
  EXPECT_EQ(segments.all().back().file->size(), 0);
  segments.TruncateTo(Offset(1));
  EXPECT_THAT(Files(), ElementsAre("t-0/00000000000000000000.log"));
  EXPECT_EQ(segments.all().back().file->size(), size);
}

TEST_F(LogSegmentsTest, AreDeletedWholeFromTheFront) {
  LogSegments segments = Three();
  segments.DeleteBefore(Offset(3));
  EXPECT_THAT(Files(), ElementsAre("t-0/00000000000000000002.log", "t-0/00000000000000000004.log"));
  segments.DeleteBefore(Offset(6));
  EXPECT_THAT(Files(), ElementsAre("t-0/00000000000000000004.log"));
}

}  // namespace
}  // namespace norn::model
