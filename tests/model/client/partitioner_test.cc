#include "model/client/partitioner.h"

#include <map>

#include "gtest/gtest.h"

namespace norn::model {
namespace {

// The vectors of Kafka's own UtilsTest.testMurmur2.
TEST(Murmur2, HasKafkasValues) {
  EXPECT_EQ(Murmur2("21"), -973932308);
  EXPECT_EQ(Murmur2("foobar"), -790332482);
  EXPECT_EQ(Murmur2("a-little-bit-long-string"), -985981536);
  EXPECT_EQ(Murmur2("a-little-bit-longer-string"), -1486304829);
  EXPECT_EQ(Murmur2("lkjh234lh9fiuh90y23oiuhsafujhadof229phr9h19h89h8"), -58897971);
  EXPECT_EQ(Murmur2("abc"), 479470107);
}

TEST(PartitionOfKey, IsPositive) {
  EXPECT_EQ(PartitionOfKey("foobar", 7), PartitionIndex((-790332482 & 0x7fffffff) % 7));
}

class StickyPartitionerTest : public ::testing::Test {
 protected:
  sim::Chance chance_{1};
  StickyPartitioner sticky_{&chance_, chance_.Resolve("sticky"), 0};
};

TEST_F(StickyPartitionerTest, StaysUntilBatchSizeBytesWentThere) {
  const PartitionIndex first = sticky_.Current(1000);
  sticky_.Produced(100, /*batch_size=*/200, /*batch_ended=*/true);
  EXPECT_EQ(sticky_.Current(1000), first);
  sticky_.Produced(100, 200, /*batch_ended=*/true);
  EXPECT_NE(sticky_.Current(1000), first);
}

// KAFKA-14156: the switch waits for the end of a batch, so that batches are not cut short.
TEST_F(StickyPartitionerTest, WaitsForTheEndOfABatchButNotBeyondTwiceItsSize) {
  const PartitionIndex first = sticky_.Current(1000);
  sticky_.Produced(250, 200, /*batch_ended=*/false);
  EXPECT_EQ(sticky_.Current(1000), first);
  sticky_.Produced(150, 200, /*batch_ended=*/false);
  EXPECT_NE(sticky_.Current(1000), first);
}

// Queue lengths 0, 3, 1 weigh 4, 1, 3 (KIP-794).
TEST_F(StickyPartitionerTest, FavoursShortQueues) {
  const int32_t lengths[] = {0, 3, 1};
  const int32_t partitions[] = {0, 1, 2};
  sticky_.SetQueueLengths(lengths, partitions, 3);
  std::map<int32_t, int> drawn;
  for (int i = 0; i < 8000; ++i) {
    ++drawn[sticky_.Current(3).value()];
    sticky_.Produced(400, 200, true);
  }
  EXPECT_NEAR(drawn[0], 4000, 200);
  EXPECT_NEAR(drawn[1], 1000, 200);
  EXPECT_NEAR(drawn[2], 3000, 200);
}

TEST_F(StickyPartitionerTest, EqualQueuesAreDrawnEvenly) {
  const int32_t lengths[] = {2, 2};
  const int32_t partitions[] = {0, 1};
  sticky_.SetQueueLengths(lengths, partitions, 2);
  int first = 0;
  for (int i = 0; i < 1000; ++i) {
    first += sticky_.Current(2) == PartitionIndex(0);
    sticky_.Produced(400, 200, true);
  }
  EXPECT_NEAR(first, 500, 60);
}

// partitioner.availability.timeout.ms: what is left out is not drawn, however even the rest is.
TEST_F(StickyPartitionerTest, APartitionThatIsLeftOutIsNotDrawn) {
  const int32_t lengths[] = {2, 2};
  const int32_t partitions[] = {0, 2};
  sticky_.SetQueueLengths(lengths, partitions, 3);
  for (int i = 0; i < 100; ++i) {
    EXPECT_NE(sticky_.Current(3), PartitionIndex(1));
    sticky_.Produced(400, 200, true);
  }
}

TEST_F(StickyPartitionerTest, DrawsAmongThePartitionsThatHaveALeader) {
  const auto only_two = [](PartitionIndex p) { return p == PartitionIndex(2); };
  EXPECT_EQ(sticky_.Current(3, only_two), PartitionIndex(2));
}

}  // namespace
}  // namespace norn::model
