#include "model/broker/leader_epoch_cache.h"

#include <initializer_list>
#include <utility>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace norn::model {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using Entry = LeaderEpochCache::Entry;
using End = LeaderEpochCache::End;

Entry At(int32_t epoch, int64_t start) { return {LeaderEpoch(epoch), Offset(start)}; }

LeaderEpochCache Cache(std::initializer_list<std::pair<int32_t, int64_t>> entries) {
  LeaderEpochCache cache;
  for (const auto& [epoch, start] : entries) cache.Assign(LeaderEpoch(epoch), Offset(start));
  return cache;
}

End EndOf(const LeaderEpochCache& cache, int32_t epoch, int64_t log_end = 11) {
  return cache.EndOffsetFor(LeaderEpoch(epoch), Offset(log_end));
}

constexpr End kNone = {LeaderEpoch::None(), Offset::None()};

// After Kafka's LeaderEpochFileCacheTest.
TEST(LeaderEpochCacheTest, AnEpochKeepsItsFirstOffset) {
  LeaderEpochCache cache;
  EXPECT_TRUE(cache.LatestEpoch().is_none());
  EXPECT_TRUE(cache.Assign(LeaderEpoch(2), Offset(6)));
  EXPECT_FALSE(cache.Assign(LeaderEpoch(2), Offset(7)));
  EXPECT_THAT(cache.entries(), ElementsAre(At(2, 6)));
  EXPECT_EQ(cache.LatestEpoch(), LeaderEpoch(2));
}

TEST(LeaderEpochCacheTest, AnEpochThatWroteNothingGivesWay) {
  EXPECT_THAT(Cache({{2, 6}, {3, 9}, {4, 9}}).entries(), ElementsAre(At(2, 6), At(4, 9)));
}

TEST(LeaderEpochCacheTest, WhatIsContradictedGoes) {
  EXPECT_THAT(Cache({{2, 6}, {3, 8}, {4, 11}, {3, 9}}).entries(), ElementsAre(At(2, 6), At(3, 9)));
  EXPECT_THAT(Cache({{2, 6}, {3, 8}, {4, 11}, {5, 7}}).entries(), ElementsAre(At(2, 6), At(5, 7)));
  EXPECT_THAT(Cache({{2, 6}, {2, 4}}).entries(), ElementsAre(At(2, 4)));
}

TEST(LeaderEpochCacheTest, AnEpochEndsWhereTheNextBegins) {
  const LeaderEpochCache cache = Cache({{2, 6}, {4, 8}, {7, 10}});
  EXPECT_EQ(EndOf(cache, 2), (End{LeaderEpoch(2), Offset(8)}));
  EXPECT_EQ(EndOf(cache, 3), (End{LeaderEpoch(2), Offset(8)}));
  EXPECT_EQ(EndOf(cache, 4), (End{LeaderEpoch(4), Offset(10)}));
  EXPECT_EQ(EndOf(cache, 6), (End{LeaderEpoch(4), Offset(10)}));
  EXPECT_EQ(EndOf(cache, 7), (End{LeaderEpoch(7), Offset(11)}));
}

TEST(LeaderEpochCacheTest, OfAnEpochAboveTheLatestNothingIsKnown) {
  EXPECT_EQ(EndOf(Cache({{2, 6}}), 3), kNone);
  EXPECT_EQ(EndOf(LeaderEpochCache(), 0), kNone);
  EXPECT_EQ(Cache({{2, 6}}).EndOffsetFor(LeaderEpoch::None(), Offset(9)), kNone);
}

TEST(LeaderEpochCacheTest, AnEpochBeforeTheFirstEndsWhereTheFirstBegins) {
  EXPECT_EQ(EndOf(Cache({{5, 6}, {6, 9}}), 4), (End{LeaderEpoch(4), Offset(6)}));
}

TEST(LeaderEpochCacheTest, EveryOffsetHasTheEpochThatWroteIt) {
  const LeaderEpochCache cache = Cache({{2, 6}, {4, 8}});
  EXPECT_TRUE(cache.EpochOf(Offset(5)).is_none());
  EXPECT_EQ(cache.EpochOf(Offset(7)), LeaderEpoch(2));
  EXPECT_EQ(cache.EpochOf(Offset(8)), LeaderEpoch(4));
}

TEST(LeaderEpochCacheTest, TruncatedFromTheEnd) {
  LeaderEpochCache cache = Cache({{2, 6}, {3, 8}, {4, 11}});
  EXPECT_FALSE(cache.TruncateFromEnd(Offset(12)));
  EXPECT_TRUE(cache.TruncateFromEnd(Offset(11)));
  EXPECT_THAT(cache.entries(), ElementsAre(At(2, 6), At(3, 8)));
  EXPECT_FALSE(cache.TruncateFromEnd(Offset(9)));
  EXPECT_TRUE(cache.TruncateFromEnd(Offset(0)));
  EXPECT_THAT(cache.entries(), IsEmpty());
}

TEST(LeaderEpochCacheTest, TruncatedFromTheStart) {
  LeaderEpochCache cache = Cache({{2, 6}, {3, 8}, {4, 11}});
  EXPECT_FALSE(cache.TruncateFromStart(Offset(6)));
  EXPECT_TRUE(cache.TruncateFromStart(Offset(7)));
  EXPECT_THAT(cache.entries(), ElementsAre(At(2, 7), At(3, 8), At(4, 11)));
  EXPECT_TRUE(cache.TruncateFromStart(Offset(8)));
  EXPECT_THAT(cache.entries(), ElementsAre(At(3, 8), At(4, 11)));
  EXPECT_TRUE(cache.TruncateFromStart(Offset(20)));
  EXPECT_THAT(cache.entries(), ElementsAre(At(4, 20)));
}

}  // namespace
}  // namespace norn::model
