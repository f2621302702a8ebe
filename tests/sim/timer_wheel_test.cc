#include "sim/timer_wheel.h"

#include <algorithm>
#include <cstdint>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace norn::sim {
namespace {

using testing::ElementsAre;

class TimerWheelTest : public testing::Test {
 protected:
  void Insert(uint64_t at) { wheel_.Insert({at, next_++, 0}); }
  std::vector<EventKey> TakeFirst() {
    std::vector<EventKey> keys(wheel_.FirstCount());
    EXPECT_EQ(wheel_.TakeFirst(keys.data()), keys.data() + keys.size());
    return keys;
  }
  // What is in the wheel, in order, splitting slots of more than `most` keys.
  std::vector<EventKey> Drain(size_t most) {
    std::vector<EventKey> all;
    while (!wheel_.empty()) {
      if (wheel_.FirstCount() > most && !wheel_.FirstIsInstant()) {
        wheel_.SplitFirst();
        continue;
      }
      const uint64_t start = wheel_.FirstStart();
      const uint64_t end = wheel_.FirstEnd();
      for (const EventKey& key : TakeFirst()) {
        EXPECT_GE(key.at, start);
        EXPECT_LT(key.at, end);
        all.push_back(key);
      }
      EXPECT_EQ(wheel_.cursor(), start);
      if (!wheel_.empty()) {
        EXPECT_GE(wheel_.FirstStart(), end);
      }
    }
    return all;
  }
  static std::vector<uint64_t> Times(const std::vector<EventKey>& keys) {
    std::vector<uint64_t> times;
    for (const EventKey& key : keys) times.push_back(key.at);
    return times;
  }
  uint64_t Random() {
    random_ ^= random_ << 13;
    random_ ^= random_ >> 7;
    random_ ^= random_ << 17;
    return random_;
  }
  // By time and, of equal times, by order of insertion.
  static bool Sorted(const std::vector<EventKey>& keys) {
    return std::is_sorted(keys.begin(), keys.end(), [](const EventKey& a, const EventKey& b) {
      return a.at != b.at ? a.at < b.at : a.index < b.index;
    });
  }

  uint32_t next_ = 0;
  uint64_t random_ = 88172645463325252u;
  TimerWheel wheel_;
};

TEST_F(TimerWheelTest, TheFirstSlotHoldsTheEarliestKeys) {
  EXPECT_TRUE(wheel_.empty());
  for (uint64_t at : {5000u, 70u, 64u, 127u, 4095u}) Insert(at);
  EXPECT_EQ(wheel_.FirstStart(), 64u);
  EXPECT_EQ(wheel_.FirstEnd(), 128u);
  EXPECT_EQ(wheel_.FirstCount(), 3u);
  EXPECT_FALSE(wheel_.FirstIsInstant());
  EXPECT_THAT(Times(TakeFirst()), ElementsAre(64, 70, 127));
  EXPECT_EQ(wheel_.cursor(), 64u);
  EXPECT_THAT(Times(Drain(1)), ElementsAre(4095, 5000));
}

TEST_F(TimerWheelTest, KeysComeOutSortedHoweverTheyAreSplit) {
  for (size_t most : {0, 1, 10, 100, 10'000}) {
    for (int bits : {0, 3, 10, 20, 40, 63}) {
      for (int i = 0; i < 3000; ++i) Insert(wheel_.cursor() + (Random() >> 1 >> (63 - bits)) / 2);
      const std::vector<EventKey> keys = Drain(most);
      EXPECT_EQ(keys.size(), 3000u);
      EXPECT_TRUE(Sorted(keys)) << most << " " << bits;
      wheel_.MoveCursor(0);
    }
  }
}

TEST_F(TimerWheelTest, EqualTimesKeepTheOrderOfInsertion) {
  for (int i = 0; i < 200; ++i) Insert(1'000'000 + i % 2);
  const std::vector<EventKey> keys = Drain(10);
  EXPECT_EQ(keys.size(), 200u);
  EXPECT_TRUE(Sorted(keys));
}

TEST_F(TimerWheelTest, TheCursorMovesBackForWhatIsEarlier) {
  for (int round = 0; round < 50; ++round) {
    for (int i = 0; i < 200; ++i) Insert(wheel_.cursor() + (Random() >> (10 + round)));
    for (int i = 0; i < 3 && !wheel_.FirstIsInstant(); ++i) wheel_.SplitFirst();
    for (int i = 0; i < 10; ++i) {
      wheel_.MoveCursor(wheel_.cursor() - wheel_.cursor() / 8);
      Insert(wheel_.cursor());
      Insert(wheel_.cursor() + wheel_.cursor() / 4);
    }
    const std::vector<EventKey> keys = Drain(20);
    EXPECT_EQ(keys.size(), 220u);
    EXPECT_TRUE(Sorted(keys)) << round;
    wheel_.MoveCursor(Random() >> 20);
  }
}

TEST_F(TimerWheelTest, TheLastTimeIsATime) {
  constexpr uint64_t kLast = (uint64_t{1} << 63) - 1;
  Insert(kLast);
  Insert(0);
  Insert(kLast - 1);
  EXPECT_THAT(Times(Drain(1)), ElementsAre(0, kLast - 1, kLast));
  EXPECT_EQ(wheel_.cursor(), kLast);
}

TEST_F(TimerWheelTest, ErasedKeysLeaveNothing) {
  for (int i = 0; i < 5000; ++i) Insert(Random() >> 30);
  const size_t bytes = wheel_.bytes();
  for (int round = 0; round < 20; ++round) {
    wheel_.EraseIf([](const EventKey& key) { return key.index % 3 != 0; });
    EXPECT_TRUE(wheel_.AnyInFirst([](const EventKey& key) { return key.index % 3 == 0; }));
    EXPECT_FALSE(wheel_.AnyInFirst([](const EventKey& key) { return key.index % 3 != 0; }));
    wheel_.EraseIf([this](const EventKey& key) { return key.index + 3333 < next_; });
    next_ += (3 - next_ % 3) % 3;
    for (int i = 0; i < 3333; ++i) Insert(wheel_.cursor() + (Random() >> 30));
  }
  EXPECT_LE(wheel_.bytes(), bytes * 3 / 2);
  EXPECT_TRUE(Sorted(Drain(10)));
  wheel_.EraseIf([](const EventKey&) { return true; });
  EXPECT_TRUE(wheel_.empty());
}

TEST_F(TimerWheelTest, WhatIsBehindTheCursorIsACheckedMistake) {
  Insert(1000);
  wheel_.SplitFirst();
  EXPECT_DEATH(Insert(100), "100 is behind the cursor at 960");
}

}  // namespace
}  // namespace norn::sim
