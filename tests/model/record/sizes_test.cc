#include "model/record/sizes.h"

#include "gtest/gtest.h"

namespace norn::model {
namespace {

// The worked examples of the specification, part B2.
TEST(SizesTest, RecordsMeasureWhatKafkasDo) {
  EXPECT_EQ(RecordSize({.value_size = 100}), 109);
  EXPECT_EQ(RecordSize({.offset_delta = 63, .value_size = 100}), 109);
  EXPECT_EQ(RecordSize({.offset_delta = 64, .value_size = 100}), 110);
  EXPECT_EQ(RecordSize({.timestamp_delta_ms = 63, .value_size = 100}), 109);
  EXPECT_EQ(RecordSize({.timestamp_delta_ms = 64, .value_size = 100}), 110);
  EXPECT_EQ(RecordSize({.key_size = 8, .value_size = 100}), 117);
  EXPECT_EQ(RecordSize({}), 7);
  EXPECT_EQ(RecordSize({.value_size = 1000}), 1009);
  EXPECT_EQ(kBatchHeaderSize + RecordSize({.value_size = 100}), 170);
}

TEST(SizesTest, HeadersCount) {
  // Key "h" and value "x": 2 bytes each; a null value takes 1.
  EXPECT_EQ(HeaderSize(1, 1), 4);
  EXPECT_EQ(HeaderSize(1, -1), 3);
  EXPECT_EQ(RecordSize({.header_count = 2, .headers_size = 7}), 14);
}

struct Filled {
  int records;
  int64_t bytes;
};

// Records of one size, null key and one timestamp, into a batch of `limit` bytes.
Filled Fill(int64_t limit, int32_t value_size) {
  Filled filled = {0, 0};
  for (;;) {
    int64_t next = RecordSize({.offset_delta = filled.records, .value_size = value_size});
    int64_t estimate = EstimatedBatchSize(filled.bytes, /*compressed=*/false, /*ratio=*/1);
    if (IsFull(limit, estimate, filled.records)) break;
    if (!HasRoomFor(limit, estimate, filled.records, next)) break;
    filled.bytes += next;
    ++filled.records;
  }
  filled.bytes += kBatchHeaderSize;
  return filled;
}

TEST(SizesTest, SixteenKilobytesFillAsInTheSpecification) {
  EXPECT_EQ(Fill(16384, 100).records, 148);
  EXPECT_EQ(Fill(16384, 100).bytes, 16277);
  EXPECT_EQ(Fill(16384, 10).records, 910);
  EXPECT_EQ(Fill(16384, 10).bytes, 16377);
  EXPECT_EQ(Fill(16384, 1000).records, 16);
  EXPECT_EQ(Fill(16384, 1000).bytes, 16205);
}

// Part A2.2, seen in oracle 17 (batch.size=0) and 29 (max.request.size).
TEST(SizesTest, UpperBoundIsJavas) {
  EXPECT_EQ(BatchSizeUpperBound({.value_size = 10}), 95);
  EXPECT_EQ(BatchSizeUpperBound({.value_size = 1100000}), 1100088);
}

TEST(SizesTest, BatchSizeZeroStillTakesTwoSmallRecords) {
  EXPECT_EQ(Fill(BatchSizeUpperBound({.value_size = 10}), 10).records, 2);
  EXPECT_EQ(Fill(BatchSizeUpperBound({.value_size = 100}), 100).records, 1);
}

TEST(SizesTest, TheFirstRecordAlwaysFits) {
  EXPECT_TRUE(HasRoomFor(0, kBatchHeaderSize, 0, 5000));
  EXPECT_FALSE(HasRoomFor(0, kBatchHeaderSize, 1, 1));
  EXPECT_FALSE(IsFull(0, kBatchHeaderSize, 0));
  EXPECT_TRUE(IsFull(16384, 16384, 3));
}

TEST(SizesTest, CompressedBatchesAreEstimated) {
  EXPECT_EQ(EstimatedBatchSize(10000, true, 1.0f), 61 + 10500);
  EXPECT_EQ(EstimatedBatchSize(10000, true, 0.5f), 61 + 5250);
  EXPECT_EQ(EstimatedBatchSize(10000, false, 0.5f), 10061);
}

}  // namespace
}  // namespace norn::model
