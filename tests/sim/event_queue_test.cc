#include "sim/event_queue.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/sim/event_queue_fixture.h"

namespace norn::sim {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

class EventQueueTest : public EventQueueFixture {};

// --- Order

TEST_F(EventQueueTest, EventsHappenInOrderOfTime) {
  Say(30, "c");
  Say(10, "a");
  Say(20, "b");
  EXPECT_EQ(queue_.NextTime(), At(10));
  EXPECT_THAT(Run(), ElementsAre("a", "b", "c"));
  EXPECT_EQ(queue_.NextTime(), Time::Max());
}

TEST_F(EventQueueTest, EqualTimesHappenInOrderOfScheduling) {
  Say(10, "a");
  Say(5, "first");
  Say(10, "b");
  Push(10, [this] { Say(10, "pushed by c"); });
  Say(10, "d");
  EXPECT_THAT(Run(), ElementsAre("first", "a", "b", "d", "pushed by c"));
}

TEST_F(EventQueueTest, NothingIsPoppedAfterTheLimit) {
  Say(10, "a");
  Say(20, "b");
  Say(21, "c");
  EXPECT_THAT(RunUntil(9), IsEmpty());
  EXPECT_THAT(RunUntil(20), ElementsAre("a", "b"));
  EXPECT_EQ(queue_.size(), 1u);
}

TEST_F(EventQueueTest, AfterALookAheadEarlierEventsMayStillBePushed) {
  Say(int64_t{3600} * 1'000'000'000, "in an hour");
  EXPECT_EQ(queue_.NextTime(), At(int64_t{3600} * 1'000'000'000));
  EXPECT_THAT(RunUntil(1000), IsEmpty());
  for (int64_t at : {1000, 7, 0}) Say(at, std::to_string(at));
  EXPECT_EQ(queue_.NextTime(), At(0));
  EXPECT_THAT(Run(), ElementsAre("0", "7", "1000", "in an hour"));
}

TEST_F(EventQueueTest, ALookThatEndsWithinACrowdDoesNotHideWhatIsPushedBeforeIt) {
  constexpr int64_t kCrowd = int64_t{5} << 40;
  Say(int64_t{1} << 50, "last");
  for (int i = 0; i < 300; ++i) Push(kCrowd + 1'000'000 + i * 1000, [] {});
  for (int64_t limit : {kCrowd, kCrowd + 1, kCrowd + 500'000, kCrowd + 999'999}) {
    EXPECT_THAT(RunUntil(limit), IsEmpty());
    Say(limit, "just");
    Say(limit - 1, "before");
    EXPECT_THAT(RunUntil(limit), ElementsAre("before", "just"));
  }
  EXPECT_THAT(Run(), ElementsAre("last"));
}

TEST_F(EventQueueTest, NeverIsATime) {
  Say(Time::Max().nanos(), "never");
  Say(Time::Max().nanos() - 1, "hardly ever");
  EXPECT_THAT(RunUntil(Time::Max().nanos() - 1), ElementsAre("hardly ever"));
  EXPECT_EQ(queue_.size(), 1u);
  EXPECT_EQ(queue_.NextTime(), Time::Max());
  EXPECT_THAT(Run(), ElementsAre("never"));
}

TEST_F(EventQueueTest, ACrowdWaitingForALaterInstantDoesNotSlowDownThisOne) {
  // Were the crowd sorted as soon as somebody looks, each push before it would move it.
  constexpr int kCrowd = 200'000;
  for (int i = 0; i < kCrowd; ++i) Push(Time::Max().nanos(), [] {});
  for (int i = 0; i < kCrowd; ++i) {
    EXPECT_EQ(queue_.NextTime(), Time::Max());
    Say(i, "a");
    EXPECT_EQ(queue_.NextTime(), At(i));
    ASSERT_TRUE(Step());
  }
  EXPECT_EQ(queue_.size(), size_t{kCrowd});
}

TEST_F(EventQueueTest, WhatIsPushedForATimeThatIsOverIsNext) {
  for (int i = 0; i < 100; ++i) Say(1'000'000 + i, "a");
  EXPECT_THAT(RunUntil(1'000'000), ElementsAre("a"));
  for (int i = 0; i < 100; ++i) Say(i, "late");
  EXPECT_THAT(RunUntil(1'000'000), testing::AllOf(testing::SizeIs(100), testing::Each("late")));
}

TEST_F(EventQueueTest, ThereIsNoTimeBeforeTheBeginning) {
  EXPECT_DEATH(Say(-1, "a"), "'test' was scheduled for T\\+-1ns");
}

// --- Cancelling

TEST_F(EventQueueTest, ACancelledEventDoesNotHappen) {
  Say(10, "a");
  const TimerId b = Say(20, "b");
  EXPECT_TRUE(queue_.IsPending(b));
  EXPECT_TRUE(queue_.Cancel(b));
  EXPECT_FALSE(queue_.IsPending(b));
  EXPECT_FALSE(queue_.Cancel(b));
  EXPECT_THAT(Run(), ElementsAre("a"));
}

TEST_F(EventQueueTest, AStaleTimerNamesNothing) {
  EXPECT_FALSE(queue_.IsPending(TimerId{}));
  EXPECT_FALSE(queue_.Cancel(TimerId{}));
  const TimerId a = Say(10, "a");
  EXPECT_FALSE(queue_.IsPending(TimerId{}));
  Run();
  const TimerId b = Say(20, "b");
  ASSERT_EQ(a.index, b.index);
  EXPECT_FALSE(queue_.IsPending(a));
  EXPECT_FALSE(queue_.Cancel(a));
  EXPECT_THAT(Run(), ElementsAre("b"));
}

TEST_F(EventQueueTest, ATimerIsNotReusedWhenGenerationsRunOut) {
  const TimerId first = Push(0, [] {});
  queue_.Cancel(first);
  for (int i = 0; i < 1 << 23; ++i) {
    const TimerId timer = Push(0, [] {});
    ASSERT_NE(timer, first);
    queue_.Cancel(timer);
  }
  EXPECT_FALSE(queue_.IsPending(first));
}

TEST_F(EventQueueTest, ARunningEventIsNotPending) {
  TimerId self;
  bool pending = true;
  bool cancelled = true;
  self = Push(10, [&] {
    pending = queue_.IsPending(self);
    cancelled = queue_.Cancel(self);
  });
  Run();
  EXPECT_FALSE(pending);
  EXPECT_FALSE(cancelled);
}

TEST_F(EventQueueTest, TimeoutsThatAreCancelledDoNotPileUp) {
  constexpr int kChains = 100;
  std::array<TimerId, kChains> timeouts;
  uint64_t random = 1;
  for (int i = 0; i < kChains; ++i) timeouts[i] = Push(int64_t{30'000'000'000}, [] {});
  size_t bytes = 0;
  for (int64_t i = 0; i < 1'000'000; ++i) {
    random = random * 6364136223846793005u + 1442695040888963407u;
    Push(now_.nanos() + static_cast<int64_t>(random >> 43), [] {});
    ASSERT_TRUE(Step());
    TimerId& timeout = timeouts[(random >> 33) % kChains];
    ASSERT_TRUE(queue_.Cancel(timeout));
    ASSERT_LE(queue_.cancelled(), queue_.size() + EventQueue::kSlack);
    timeout = Push(now_.nanos() + 30'000'000'000, [] {});
    if (i == 1000) bytes = queue_.bytes();
  }
  EXPECT_EQ(queue_.size(), size_t{kChains});
  EXPECT_LE(queue_.bytes(), 2 * bytes);
}

TEST_F(EventQueueTest, EventsOfADeadOwnerVanish) {
  Say(10, "a1", 1);
  Say(20, "b2", 2);
  Say(30, "c1", 1);
  queue_.EraseOwnedBy(1);
  EXPECT_EQ(queue_.size(), 1u);
  EXPECT_THAT(Run(), ElementsAre("b2"));
}

// --- Moving

TEST_F(EventQueueTest, APutBackEventKeepsItsTimer) {
  const TimerId a = Say(10, "a");
  Event* event = queue_.PopNotAfter(At(10));
  EXPECT_EQ(queue_.IdOf(event), a);
  EXPECT_FALSE(queue_.IsPending(a));
  Say(50, "before a");
  queue_.PutBack(event, At(50), ++order_);
  EXPECT_TRUE(queue_.IsPending(a));
  Say(50, "after a");
  EXPECT_THAT(Run(), ElementsAre("before a", "a", "after a"));
  EXPECT_FALSE(queue_.IsPending(a));
}

TEST_F(EventQueueTest, ARescheduledEventKeepsItsTimerAndHappensOnce) {
  const TimerId a = Say(10, "a");
  Say(10, "b");
  // There and back again, more often than a place has placements.
  for (int i = 0; i < 1000; ++i) {
    ASSERT_TRUE(queue_.Reschedule(a, At(i % 3 == 0 ? 10 : 5 + i), ++order_));
    ASSERT_TRUE(queue_.IsPending(a));
    ASSERT_EQ(queue_.size(), 2u);
  }
  EXPECT_TRUE(queue_.Reschedule(a, At(10), ++order_));
  EXPECT_THAT(Run(), ElementsAre("b", "a"));
  EXPECT_FALSE(queue_.Reschedule(a, At(20), ++order_));
}

TEST_F(EventQueueTest, PoppedEventsMayBeReleasedInAnyOrder) {
  Say(10, "a");
  Say(20, "b");
  Event* a = queue_.PopNotAfter(Time::Max());
  Event* b = queue_.PopNotAfter(Time::Max());
  EXPECT_EQ(queue_.TimeOf(a), At(10));
  EXPECT_EQ(queue_.TimeOf(b), At(20));
  queue_.Release(a);
  Say(30, "c");
  b->Run();
  queue_.Release(b);
  EXPECT_THAT(Run(), ElementsAre("b", "c"));
}

// --- Shuffled ties

std::vector<int> ShuffledOrder(uint64_t seed, int count) {
  EventQueue queue({.shuffle_ties = true, .shuffle_seed = seed});
  std::vector<int> ran;
  for (int i = 0; i < count; ++i) {
    // Pairs share an instant with nobody else; the rest share one.
    queue.Push(At(i < 10 ? i / 2 : 1000), {static_cast<uint64_t>(i + 1), 0, &kTest, 0},
               [&ran, i] { ran.push_back(i); });
  }
  while (Event* event = queue.PopNotAfter(Time::Max())) {
    event->Run();
    queue.Release(event);
  }
  return ran;
}

TEST(EventQueueShuffleTest, TheSameSeedGivesTheSameOrder) {
  EXPECT_EQ(ShuffledOrder(7, 1000), ShuffledOrder(7, 1000));
}

TEST(EventQueueShuffleTest, AnotherSeedGivesAnotherOrder) {
  EXPECT_NE(ShuffledOrder(7, 100), ShuffledOrder(8, 100));
}

TEST(EventQueueShuffleTest, OnlyEventsOfOneInstantChangePlaces) {
  std::array<int, 2> swapped{};
  for (uint64_t seed = 0; seed < 200; ++seed) {
    std::vector<int> ran = ShuffledOrder(seed, 40);
    for (int pair = 0; pair < 5; ++pair) {
      EXPECT_THAT((std::vector<int>{ran[2 * pair] / 2, ran[2 * pair + 1] / 2}),
                  ElementsAre(pair, pair));
      ++swapped[ran[2 * pair] % 2];
    }
    std::sort(ran.begin(), ran.end());
    for (int i = 0; i < 40; ++i) ASSERT_EQ(ran[i], i);
  }
  // Either of two comes first about as often.
  EXPECT_GT(swapped[0], 400);
  EXPECT_GT(swapped[1], 400);
}

}  // namespace
}  // namespace norn::sim
