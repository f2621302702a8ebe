#include "sim/simulation.h"

#include <algorithm>
#include <memory>
#include <set>
#include <sstream>
#include <string>
#include <utility>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "sim/future.h"
#include "sim/task.h"
#include "sim/waiter.h"

namespace norn::sim {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

constexpr Label kTick{"tick"};
constexpr Label kTock{"tock"};
constexpr Label kThing{"thing"};

absl::Duration Ms(int64_t n) { return absl::Milliseconds(n); }
Time At(int64_t ms) { return Time::Zero() + Ms(ms); }

TEST(SimulationTest, HappensInOrderOfTimeAndThenOfScheduling) {
  Simulation sim({.seed = 42});
  std::vector<int> order;
  sim.After(Ms(5), [&] { order.push_back(3); });
  sim.After(Ms(1), [&] {
    order.push_back(1);
    sim.After(Ms(4), [&] { order.push_back(4); });
  });
  sim.At(At(1), [&] { order.push_back(2); });
  sim.RunUntilIdle();
  EXPECT_THAT(order, ElementsAre(1, 2, 3, 4));
  EXPECT_EQ(sim.Now(), At(5));
  EXPECT_EQ(sim.events_run(), 4u);
  EXPECT_EQ(sim.pending_events(), 0u);
  EXPECT_EQ(sim.NextEventTime(), Time::Max());
}

TEST(SimulationTest, CancelledIsCancelled) {
  Simulation sim({});
  bool happened = false;
  const TimerId id = sim.After(Ms(1), [&] { happened = true; });
  EXPECT_TRUE(sim.IsPending(id));
  EXPECT_TRUE(sim.Cancel(id));
  EXPECT_FALSE(sim.Cancel(id));
  EXPECT_FALSE(sim.IsPending(id));
  sim.RunUntilIdle();
  EXPECT_FALSE(happened);
  EXPECT_FALSE(sim.Cancel(TimerId{}));
}

TEST(SimulationTest, AnEventThatRunsIsNoLongerPending) {
  Simulation sim({});
  TimerId id;
  id = sim.After(Ms(1), [&] {
    EXPECT_FALSE(sim.IsPending(id));
    EXPECT_FALSE(sim.Cancel(id));
    EXPECT_TRUE(sim.pumping());
    EXPECT_NE(sim.current_event(), 0u);
  });
  sim.RunUntilIdle();
  EXPECT_FALSE(sim.pumping());
  EXPECT_EQ(sim.current_event(), 0u);
}

TEST(SimulationTest, RunForLeavesTheClockAtItsEnd) {
  Simulation sim({});
  int count = 0;
  for (int i = 1; i <= 3; ++i) sim.After(Ms(i), [&] { ++count; });
  sim.RunFor(Ms(2));
  EXPECT_EQ(count, 2);
  EXPECT_EQ(sim.Now(), At(2));
  sim.RunFor(Ms(10));
  EXPECT_EQ(count, 3);
  EXPECT_EQ(sim.Now(), At(12));
  sim.RunFor(absl::ZeroDuration());
  sim.After(Ms(7), [&] { ++count; });
  sim.RunFor(absl::InfiniteDuration());
  EXPECT_EQ(sim.Now(), At(19));
}

TEST(SimulationTest, RunUntilAsksFirstAndAfterEveryEvent) {
  Simulation sim({});
  int count = 0;
  for (int i = 1; i <= 5; ++i) sim.After(Ms(i), [&] { ++count; });
  EXPECT_TRUE(sim.RunUntil([] { return true; }, Ms(100)));
  EXPECT_EQ(sim.Now(), At(0));
  EXPECT_TRUE(sim.RunUntil([&] { return count == 3; }, Ms(100)));
  EXPECT_EQ(sim.Now(), At(3));
  // The deadline comes first.
  EXPECT_FALSE(sim.RunUntil([&] { return count == 5; }, Ms(1)));
  EXPECT_EQ(sim.Now(), At(4));
  // Nothing is left: the clock stays at the last event.
  EXPECT_FALSE(sim.RunUntil([] { return false; }, Ms(1000)));
  EXPECT_EQ(sim.Now(), At(5));
}

TEST(SimulationTest, StepRunsOne) {
  Simulation sim({});
  int count = 0;
  sim.After(Ms(1), [&] { ++count; });
  sim.After(Ms(1), [&] { ++count; });
  EXPECT_EQ(sim.NextEventTime(), At(1));
  EXPECT_TRUE(sim.Step());
  EXPECT_EQ(count, 1);
  EXPECT_TRUE(sim.Step());
  EXPECT_FALSE(sim.Step());
}

std::vector<int> OrderOfTies(uint64_t seed, bool shuffle) {
  Simulation sim({.seed = seed, .shuffle_ties = shuffle});
  std::vector<int> order;
  for (int i = 0; i < 6; ++i) sim.After(Ms(1), [&order, i] { order.push_back(i); });
  sim.RunUntilIdle();
  return order;
}

TEST(SimulationTest, TiesCanBeShuffled) {
  EXPECT_THAT(OrderOfTies(1, false), ElementsAre(0, 1, 2, 3, 4, 5));
  std::set<std::vector<int>> orders;
  for (uint64_t seed = 1; seed <= 50; ++seed) {
    std::vector<int> order = OrderOfTies(seed, true);
    EXPECT_EQ(order, OrderOfTies(seed, true));
    orders.insert(order);
    std::sort(order.begin(), order.end());
    EXPECT_THAT(order, ElementsAre(0, 1, 2, 3, 4, 5));
  }
  EXPECT_GT(orders.size(), 40u);
}

uint64_t Digest(Simulation::Options options, absl::Duration delay, const Label& label,
                int64_t subject) {
  Simulation sim(std::move(options));
  sim.After(Ms(1), label, [&] {
    sim.After(delay, kTock, [&] { sim.Note(kThing, {{&kThing, subject}}); });
  });
  sim.RunUntilIdle();
  return sim.run_digest();
}

TEST(SimulationTest, TheDigestKnowsTimesLabelsAndSubjects) {
  const uint64_t digest = Digest({}, Ms(2), kTick, 7);
  EXPECT_EQ(digest, Digest({}, Ms(2), kTick, 7));
  EXPECT_EQ(digest, Digest({.trace = TraceSink::kFull}, Ms(2), kTick, 7));
  EXPECT_NE(digest, Digest({}, Ms(3), kTick, 7));
  EXPECT_NE(digest, Digest({}, Ms(2), kTock, 7));
  EXPECT_NE(digest, Digest({}, Ms(2), kTick, 8));
}

TEST(SimulationTest, TheTraceTellsCauses) {
  Simulation sim({.trace = TraceSink::kFull});
  sim.After(Ms(1), kTick, [&] {
    sim.After(Ms(1), kTock, [&] {
      sim.Note(kThing, {{&kThing, 3}}, [] { return std::string("text"); });
    });
  });
  sim.RunUntilIdle();
  const auto& entries = sim.trace().entries();
  ASSERT_THAT(entries, SizeIs(3));
  EXPECT_EQ(entries[0].what, &kTick);
  EXPECT_EQ(entries[0].cause, 0u);
  EXPECT_EQ(entries[1].what, &kTock);
  EXPECT_EQ(entries[1].cause, entries[0].event);
  EXPECT_TRUE(entries[2].note);
  EXPECT_EQ(entries[2].event, entries[1].event);
  EXPECT_EQ(entries[2].subjects[0].id, 3);
  EXPECT_EQ(entries[2].text, "text");
  std::ostringstream causes;
  sim.trace().PrintCauses(causes, entries[1].event);
  EXPECT_THAT(causes.str(), HasSubstr("tock"));
  EXPECT_THAT(causes.str(), HasSubstr("tick"));
}

TEST(SimulationTest, NoTextIsBuiltUnlessSomebodyListens) {
  Simulation sim({});
  sim.Note(kThing, {}, []() -> std::string {
    ADD_FAILURE();
    return "";
  });
}

TEST(SimulationTest, TheRingKeepsTheLast) {
  Simulation sim({.trace = TraceSink::kRing, .trace_ring = 3});
  for (int i = 0; i < 10; ++i) sim.After(Ms(i), [] {});
  sim.RunUntilIdle();
  ASSERT_THAT(sim.trace().entries(), SizeIs(3));
  EXPECT_EQ(sim.trace().entries().back().at, At(9));
}

// --- Owners

TEST(SimulationTest, OfTheDeadNothingHappens) {
  Simulation sim({});
  const uint32_t owner = sim.AddOwner("b1");
  int count = 0;
  {
    OwnerScope scope(sim, owner);
    sim.After(Ms(1), [&] { ++count; });
    sim.After(Ms(3), [&] { ++count; });
  }
  sim.RunFor(Ms(2));
  EXPECT_EQ(count, 1);
  sim.SetOwner(owner, Simulation::OwnerState::kDead);
  OwnerScope scope(sim, owner);
  auto content = std::make_shared<int>();
  EXPECT_FALSE(sim.After(Ms(1), [content] {}));
  EXPECT_EQ(content.use_count(), 1);
  sim.EraseOwnedBy(owner);
  EXPECT_EQ(sim.pending_events(), 0u);
  sim.RunUntilIdle();
  EXPECT_EQ(count, 1);
}

TEST(SimulationTest, WhatIsScheduledByAnEventBelongsToItsOwner) {
  Simulation sim({});
  const uint32_t owner = sim.AddOwner("b1");
  uint32_t seen = 0;
  sim.Schedule(At(1), owner, kTick, [&] { sim.After(Ms(1), [&] { seen = sim.current_owner(); }); });
  sim.RunUntilIdle();
  EXPECT_EQ(seen, owner);
  EXPECT_EQ(sim.current_owner(), 0u);
}

TEST(SimulationTest, WhatComesDueForWhoIsPausedWaits) {
  Simulation sim({});
  const uint32_t owner = sim.AddOwner("b1");
  std::vector<int> order;
  TimerId cancelled;
  {
    OwnerScope scope(sim, owner);
    sim.After(Ms(1), [&] { order.push_back(1); });
    sim.After(Ms(2), [&] { order.push_back(2); });
    cancelled = sim.After(Ms(3), [&] { order.push_back(3); });
    sim.After(Ms(50), [&] { order.push_back(50); });
  }
  sim.After(Ms(4), [&] { order.push_back(4); });
  sim.SetOwner(owner, Simulation::OwnerState::kPaused);
  sim.RunFor(Ms(10));
  EXPECT_THAT(order, ElementsAre(4));
  EXPECT_TRUE(sim.IsPending(cancelled));
  EXPECT_TRUE(sim.Cancel(cancelled));
  sim.SetOwner(owner, Simulation::OwnerState::kRuns);
  sim.RunFor(absl::ZeroDuration());
  EXPECT_THAT(order, ElementsAre(4, 1, 2));
  sim.RunUntilIdle();
  EXPECT_THAT(order, ElementsAre(4, 1, 2, 50));
}

TEST(SimulationTest, AWorldInWhichAllArePausedIsIdle) {
  Simulation sim({});
  const uint32_t owner = sim.AddOwner("b1");
  sim.Schedule(At(1), owner, kTick, [] { ADD_FAILURE(); });
  sim.SetOwner(owner, Simulation::OwnerState::kPaused);
  sim.RunUntilIdle();
  EXPECT_EQ(sim.Now(), At(1));
  EXPECT_FALSE(sim.RunUntil([] { return false; }, Ms(100)));
  EXPECT_EQ(sim.Now(), At(1));
}

TEST(SimulationTest, ClosuresAreDestroyedWithTheSimulationAndMaySchedule) {
  auto content = std::make_shared<int>();
  {
    Simulation sim({});
    Promise<int> promise(sim);
    for (int i = 0; i < 100; ++i) {
      promise.future().Then([content](const std::optional<int>&) { ADD_FAILURE(); });
    }
    sim.After(Ms(1), [&sim, promise = std::move(promise)]() mutable {
      sim.After(Ms(1), [promise = std::move(promise)] { ADD_FAILURE(); });
    });
    EXPECT_TRUE(sim.Step());
  }
  EXPECT_EQ(content.use_count(), 1);
}

// --- Awaiting and stalls

TEST(SimulationTest, AwaitPumpsTheClock) {
  Simulation sim({});
  Promise<int> promise(sim);
  const Future<int> future = promise.future();
  sim.After(Ms(5), [&] { promise.Set(7); });
  EXPECT_EQ(sim.AwaitFor(future, Ms(2)), std::nullopt);
  EXPECT_EQ(sim.Now(), At(2));
  EXPECT_EQ(sim.Await(future), 7);
  EXPECT_EQ(sim.Now(), At(5));
}

// --- What stops a run. Each says which and by whom.

void Nest(Simulation& sim) {
  sim.After(Ms(1), [&sim] { sim.RunFor(Ms(1)); });
  sim.RunUntilIdle();
}

void SpinInOneInstant() {
  Simulation sim({.seed = 99, .limits = {.events_at_one_instant = 100}, .replay = "norn run it"});
  struct Spin {
    Simulation* sim;
    void operator()() const { sim->After(absl::ZeroDuration(), kTick, Spin{sim}); }
  };
  sim.After(Ms(3), kTock, Spin{&sim});
  sim.RunUntilIdle();
}

void ScheduleTooMany() {
  Simulation sim({.limits = {.pending_events = 100}});
  for (int i = 0; i < 200; ++i) sim.After(Ms(i), kTick, [] {});
  sim.RunUntilIdle();
}

void RunTooLong() {
  Simulation sim({.limits = {.events = 100}});
  struct Again {
    Simulation* sim;
    void operator()() const { sim->After(Ms(1), kTick, Again{sim}); }
  };
  sim.After(Ms(1), kTick, Again{&sim});
  sim.RunUntilIdle();
}

Task<> WaitFor(Future<int> future) { co_await future; }

void Stall() {
  Simulation sim({});
  const uint32_t owner = sim.AddOwner("b1");
  Promise<int> promise(sim);
  TaskGroup tasks(sim);
  tasks.Spawn(WaitFor(promise.future()));
  {
    OwnerScope scope(sim, owner);
    TaskGroup of_b1(sim);
    of_b1.Spawn(WaitFor(promise.future()));
    sim.Await(promise.future());
  }
}

using SimulationDeathTest = ::testing::Test;

TEST(SimulationDeathTest, OnlyTheOutermostCallerPumpsTheClock) {
  Simulation sim({.trace = TraceSink::kRing});
  EXPECT_DEATH(Nest(sim), "from inside an event.*outermost caller pumps");
}

TEST(SimulationDeathTest, LimitsNameTheLabelThatRepeats) {
  EXPECT_DEATH(SpinInOneInstant(), "more than 100 events at one instant.*'tick'");
  EXPECT_DEATH(SpinInOneInstant(), "seed 99, T.3.000ms, event.*replay: norn run it");
  EXPECT_DEATH(ScheduleTooMany(), "more than 100 pending events.*'tick'");
  EXPECT_DEATH(RunTooLong(), "more than 100 events in one run.*'tick'");
}

TEST(SimulationDeathTest, AStallSaysWhoWaitsForWhat) {
  EXPECT_DEATH(Stall(),
               "nothing is left to happen.*somebody waits for a future.*b1 waits for a fut");
}

TEST(SimulationDeathTest, ThePastIsClosed) {
  Simulation sim({});
  sim.RunFor(Ms(5));
  EXPECT_DEATH(sim.At(At(4), kTick, [] {}), "'tick' was scheduled for T.4.000ms.*before now");
  EXPECT_DEATH(sim.After(Ms(-1), kTick, [] {}), "before now");
  EXPECT_DEATH(sim.RunFor(Ms(-1)), "the clock does not go back");
}

TEST(SimulationDeathTest, WhoAwaitsTheAbandonedIsToldSo) {
  Simulation sim({});
  Future<int> future;
  {
    Promise<int> promise(sim);
    future = promise.future();
  }
  EXPECT_DEATH(sim.Await(future), "whose maker died");
}

TEST(SimulationTest, WaitingListsThoseWhoWaitInOrder) {
  Simulation sim({});
  EXPECT_THAT(sim.Waiting(), IsEmpty());
  WaitList list;
  Waiter one(
      sim, kTick, [](void*) {}, nullptr);
  Waiter two(
      sim, kTock, [](void*) {}, nullptr);
  one.Park(list);
  two.Park(list);
  EXPECT_THAT(sim.Waiting(), ElementsAre("somebody waits for tick", "somebody waits for tock"));
  one.Forget();
  EXPECT_THAT(sim.Waiting(), ElementsAre("somebody waits for tock"));
}

TEST(SimulationTest, TwoSimulationsShareNothing) {
  Simulation one({.seed = 1});
  Simulation two({.seed = 1});
  int order = 0;
  one.After(Ms(1), [&] {
    // Another world may be run from inside an event of this one.
    two.After(Ms(7), [&] { EXPECT_EQ(++order, 1); });
    two.RunUntilIdle();
    EXPECT_EQ(++order, 2);
  });
  one.RunUntilIdle();
  EXPECT_EQ(order, 2);
  EXPECT_EQ(one.Now(), At(1));
  EXPECT_EQ(two.Now(), At(7));
}

}  // namespace
}  // namespace norn::sim
