#include "sim/waiter.h"

#include <functional>
#include <memory>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "sim/simulation.h"

namespace norn::sim {
namespace {

using ::testing::ElementsAre;

constexpr Label kThing{"a thing"};

absl::Duration Ms(int64_t n) { return absl::Milliseconds(n); }

// A waiter that runs a function when its wait ends.
struct Sleeper {
  Sleeper(Simulation& sim, std::function<void()> f)
      : then(std::move(f)),
        waiter(
            sim, kThing, [](void* self) { static_cast<Sleeper*>(self)->then(); }, this) {}
  std::function<void()> then;
  Waiter waiter;
};

TEST(WaiterTest, WakingIsAnEventOfThisInstant) {
  Simulation sim({});
  WaitList list;
  int woken = 0;
  Sleeper sleeper(sim, [&] { ++woken; });
  sleeper.waiter.Park(list);
  EXPECT_FALSE(list.empty());
  sleeper.waiter.Wake();
  sleeper.waiter.Wake();  // waking twice is waking once
  EXPECT_TRUE(list.empty());
  EXPECT_EQ(woken, 0);  // never inline
  sim.RunUntilIdle();
  EXPECT_EQ(woken, 1);
  EXPECT_TRUE(sleeper.waiter.woken());
  EXPECT_EQ(sim.Now(), Time::Zero());
  sleeper.waiter.Wake();  // it waits for nothing
  sim.RunUntilIdle();
  EXPECT_EQ(woken, 1);
}

TEST(WaiterTest, FirstComeFirstWoken) {
  Simulation sim({});
  WaitList list;
  std::vector<int> order;
  Sleeper one(sim, [&] { order.push_back(1); });
  Sleeper two(sim, [&] { order.push_back(2); });
  Sleeper three(sim, [&] { order.push_back(3); });
  for (Sleeper* sleeper : {&one, &two, &three}) sleeper->waiter.Park(list);
  list.WakeOne();
  sim.RunUntilIdle();
  EXPECT_THAT(order, ElementsAre(1));
  two.waiter.Forget();
  one.waiter.Park(list);
  list.WakeAll();
  sim.RunUntilIdle();
  EXPECT_THAT(order, ElementsAre(1, 3, 1));
  list.WakeOne();
  list.WakeAll();
}

TEST(WaiterTest, AWaitEndsByItsTimeOrByAWakeUp) {
  Simulation sim({});
  WaitList list;
  int ended = 0;
  Sleeper sleeper(sim, [&] { ++ended; });
  sleeper.waiter.Park(list);
  sleeper.waiter.ParkUntil(Time::Zero() + Ms(5));
  sim.RunUntilIdle();
  EXPECT_EQ(ended, 1);
  EXPECT_FALSE(sleeper.waiter.woken());
  EXPECT_TRUE(list.empty());
  EXPECT_EQ(sim.Now(), Time::Zero() + Ms(5));
  sleeper.waiter.Park(list);
  sleeper.waiter.ParkUntil(Time::Zero() + Ms(15));
  sim.RunFor(Ms(1));
  list.WakeAll();
  sim.RunUntilIdle();
  EXPECT_EQ(ended, 2);
  EXPECT_TRUE(sleeper.waiter.woken());
  EXPECT_EQ(sim.Now(), Time::Zero() + Ms(6));
}

TEST(WaiterTest, WhoIsDestroyedWaitsNoLonger) {
  Simulation sim({});
  WaitList list;
  for (const bool woken : {false, true}) {
    Sleeper sleeper(sim, [] { ADD_FAILURE(); });
    sleeper.waiter.Park(list);
    if (woken) sleeper.waiter.Wake();
  }
  EXPECT_TRUE(list.empty());
  EXPECT_TRUE(sim.Waiting().empty());
  sim.RunUntilIdle();
}

TEST(WaiterTest, ItMayBeDestroyedInItsCallback) {
  Simulation sim({});
  WaitList list;
  std::unique_ptr<Sleeper> sleeper;
  sleeper = std::make_unique<Sleeper>(sim, [&] { sleeper.reset(); });
  sleeper->waiter.Park(list);
  list.WakeAll();
  sim.RunUntilIdle();
  EXPECT_EQ(sleeper, nullptr);
}

TEST(WaiterTest, ItMayParkAgainInItsCallback) {
  Simulation sim({});
  WaitList list;
  int woken = 0;
  Sleeper sleeper(sim, [&] {
    if (++woken < 3) sleeper.waiter.ParkUntil(sim.Now() + Ms(1));
  });
  sleeper.waiter.Park(list);
  list.WakeAll();
  sim.RunUntilIdle();
  EXPECT_EQ(woken, 3);
  EXPECT_EQ(sim.Now(), Time::Zero() + Ms(2));
}

TEST(WaiterTest, WhoWaitsInAListThatIsDestroyedWaitsForEver) {
  Simulation sim({});
  auto list = std::make_unique<WaitList>();
  Sleeper sleeper(sim, [] { ADD_FAILURE(); });
  sleeper.waiter.Park(*list);
  list.reset();
  sim.RunUntilIdle();
  EXPECT_THAT(sim.Waiting(), ElementsAre("somebody waits for a thing"));
}

TEST(WaiterTest, ItIsWokenAsTheOwnerItParkedAs) {
  Simulation sim({});
  const uint32_t owner = sim.AddOwner("b1");
  WaitList list;
  uint32_t seen = 0;
  Sleeper sleeper(sim, [&] { seen = sim.current_owner(); });
  {
    OwnerScope scope(sim, owner);
    sleeper.waiter.Park(list);
  }
  EXPECT_THAT(sim.Waiting(), ElementsAre("b1 waits for a thing"));
  list.WakeAll();
  sim.SetOwner(owner, Simulation::OwnerState::kPaused);
  sim.RunFor(Ms(1));
  EXPECT_EQ(seen, 0u);
  sim.SetOwner(owner, Simulation::OwnerState::kRuns);
  sim.RunUntilIdle();
  EXPECT_EQ(seen, owner);
}

TEST(WaiterTest, TheDeadAreNotWoken) {
  Simulation sim({});
  const uint32_t owner = sim.AddOwner("b1");
  WaitList list;
  Sleeper one(sim, [] { ADD_FAILURE(); });
  Sleeper two(sim, [] { ADD_FAILURE(); });
  {
    OwnerScope scope(sim, owner);
    one.waiter.Park(list);
    two.waiter.Park(list);
  }
  list.WakeOne();
  sim.SetOwner(owner, Simulation::OwnerState::kDead);
  list.WakeOne();
  sim.EraseOwnedBy(owner);
  sim.RunUntilIdle();
}

TEST(WaiterDeathTest, OneWaitAtATime) {
  Simulation sim({});
  WaitList list;
  Sleeper sleeper(sim, [] {});
  sleeper.waiter.Park(list);
  EXPECT_DEATH(sleeper.waiter.Park(list), "waits for a thing already");
}

}  // namespace
}  // namespace norn::sim
