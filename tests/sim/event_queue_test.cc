#include "sim/event_queue.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace norn::sim {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

constexpr Label kTest{"test"};

Time At(int64_t nanos) { return Time::FromNanos(nanos); }

class EventQueueTest : public testing::Test {
 protected:
  template <class F>
  TimerId Push(int64_t at, F&& f, uint32_t owner = 0) {
    return queue_.Push(At(at), {++order_, 0, &kTest, owner}, std::forward<F>(f));
  }
  TimerId Say(int64_t at, std::string word, uint32_t owner = 0) {
    return Push(
        at, [this, word] { said_.push_back(word); }, owner);
  }
  // Runs the next event; false if none is due by `limit`.
  bool Step(Time limit = Time::Max()) {
    Event* event = queue_.PopNotAfter(limit);
    if (event == nullptr) return false;
    now_ = queue_.TimeOf(event);
    event->Run();
    queue_.Release(event);
    return true;
  }
  std::vector<std::string> RunUntil(int64_t limit) {
    while (Step(At(limit))) {
    }
    return std::exchange(said_, {});
  }
  std::vector<std::string> Run() { return RunUntil(Time::Max().nanos()); }

  uint64_t order_ = 0;
  Time now_;
  std::vector<std::string> said_;
  EventQueue queue_{{}};
};

// --- Order
// ----------------------------------------------------------------------------------------

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
// -----------------------------------------------------------------------------------

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
// ---------------------------------------------------------------------------------------

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
// --------------------------------------------------------------------------------

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

// --- Closures
// -------------------------------------------------------------------------------------

TEST_F(EventQueueTest, ClosuresMayBeLargeOrMoveOnly) {
  std::array<uint64_t, 20> large;
  large.fill(7);
  auto word = std::make_unique<std::string>("moved");
  Push(10, [this, large] { said_.push_back(std::to_string(large[19])); });
  Push(20, [this, word = std::move(word)] { said_.push_back(*word); });
  struct alignas(64) Aligned {
    std::vector<std::string>* said;
    void operator()() {
      said->push_back(reinterpret_cast<uintptr_t>(this) % 64 == 0 ? "aligned" : "askew");
    }
  };
  Push(30, Aligned{&said_});
  EXPECT_THAT(Run(), ElementsAre("7", "moved", "aligned"));
}

// Says when it is destroyed (but not when it was moved from), then does something.
struct Last {
  std::function<void()> f;
  Last(std::function<void()> then) : f(std::move(then)) {}  // NOLINT
  Last(Last&& other) noexcept : f(std::exchange(other.f, nullptr)) {}
  ~Last() {
    if (f) f();
  }
  void operator()() const {}
};

TEST_F(EventQueueTest, AClosureIsDestroyedOnceAndAtOnce) {
  int destroyed = 0;
  const auto count = [&destroyed] { ++destroyed; };
  const TimerId a = Push(10, Last(count));
  Push(20, Last(count));
  Push(30, Last(count), 1);
  EXPECT_EQ(destroyed, 0);
  queue_.Cancel(a);
  EXPECT_EQ(destroyed, 1);
  Event* event = queue_.PopNotAfter(Time::Max());
  event->Run();
  EXPECT_EQ(destroyed, 1);
  queue_.Release(event);
  EXPECT_EQ(destroyed, 2);
  queue_.EraseOwnedBy(1);
  EXPECT_EQ(destroyed, 3);
}

TEST_F(EventQueueTest, ADestructorMayPushAndCancelAndAsk) {
  const TimerId b = Say(20, "b");
  TimerId a;
  bool pending = true;
  a = Push(10, Last([&] {
             pending = queue_.IsPending(a) || queue_.Cancel(a);
             queue_.Cancel(b);
             for (int i = 0; i < 100; ++i) Say(30, "c");
           }));
  EXPECT_TRUE(queue_.Cancel(a));
  EXPECT_FALSE(pending);
  EXPECT_THAT(Run(), testing::AllOf(testing::SizeIs(100), testing::Each("c")));
}

TEST_F(EventQueueTest, ErasingAnOwnerErasesWhatItsDestructorsPush) {
  int destroyed = 0;
  Say(5, "other");
  for (int i = 0; i < 10; ++i) {
    Push(10, Last([this, &destroyed] {
           ++destroyed;
           Push(20, Last([this, &destroyed] {
                  ++destroyed;
                  Say(30, "too late", 1);
                  Say(30, "not its own", 2);
                }),
                1);
         }),
         1);
  }
  queue_.EraseOwnedBy(1);
  EXPECT_EQ(destroyed, 20);
  EXPECT_EQ(queue_.size(), 11u);
}

TEST(EventQueueEndTest, TheEndDestroysWhatDestructorsPush) {
  int destroyed = 0;
  {
    std::function<void(int)> push;
    EventQueue queue({});
    push = [&](int more) {
      queue.Push(At(1), {1, 0, &kTest, 0}, Last([&, more] {
                   ++destroyed;
                   if (more > 0) push(more - 1);
                 }));
    };
    for (int i = 0; i < 40; ++i) push(i);
  }
  EXPECT_EQ(destroyed, 40 * 41 / 2);
}

TEST(EventQueueEndTest, ADestructorThatPushesForEverIsToldByItsLabel) {
  EXPECT_DEATH(
      {
        std::function<void()> push;
        EventQueue queue({});
        push = [&] { queue.Push(At(1), {1, 0, &kTest, 0}, Last(push)); };
        push();
      },
      "destroyed schedule more and more.*'test'");
}

}  // namespace
}  // namespace norn::sim
