#include "sim/future.h"

#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "sim/node.h"
#include "sim/simulation.h"
#include "sim/task.h"

namespace norn::sim {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using Values = std::vector<std::optional<int>>;

absl::Duration Ms(int64_t n) { return absl::Milliseconds(n); }

Task<> Collect(Future<int> future, Values* values) {
  const std::optional<int> value = co_await future;
  values->push_back(value);
}

TEST(FutureTest, ValuesAreHandedThroughTheQueue) {
  Simulation sim({});
  Promise<int> promise(sim);
  const Future<int> future = promise.future();
  TaskGroup tasks(sim);
  Values values;
  tasks.Spawn(Collect(future, &values));
  tasks.Spawn(Collect(future, &values));
  sim.RunUntilIdle();
  EXPECT_FALSE(future.settled());
  EXPECT_EQ(future.Get(), std::nullopt);
  promise.Set(7);
  EXPECT_TRUE(future.settled());
  EXPECT_TRUE(promise.settled());
  EXPECT_FALSE(future.abandoned());
  EXPECT_EQ(future.Get(), 7);
  EXPECT_THAT(values, IsEmpty());
  sim.RunUntilIdle();
  EXPECT_THAT(values, ElementsAre(7, 7));
  EXPECT_EQ(tasks.size(), 0u);
}

TEST(FutureTest, WhatIsThereNeedsNoWaiting) {
  Simulation sim({});
  Promise<int> promise(sim);
  promise.Set(7);
  TaskGroup tasks(sim);
  Values values;
  tasks.Spawn(Collect(promise.future(), &values));
  EXPECT_TRUE(sim.Step());
  EXPECT_THAT(values, ElementsAre(7));
  EXPECT_EQ(sim.Await(promise.future()), 7);
}

TEST(FutureTest, CallbacksAreEventsOfThoseWhoAsked) {
  Simulation sim({});
  const uint32_t owner = sim.AddOwner("b1");
  Promise<int> promise(sim);
  std::vector<std::string> said;
  {
    OwnerScope scope(sim, owner);
    promise.future().Then([&](const std::optional<int>& value) {
      EXPECT_EQ(sim.current_owner(), owner);
      said.push_back("before " + std::to_string(*value));
    });
  }
  promise.Set(7);
  promise.future().Then([&](const std::optional<int>& value) {
    EXPECT_EQ(sim.current_owner(), 0u);
    said.push_back("after " + std::to_string(*value));
  });
  EXPECT_THAT(said, IsEmpty());
  sim.RunUntilIdle();
  EXPECT_THAT(said, ElementsAre("before 7", "after 7"));
}

TEST(FutureTest, TheDeadAreNotCalledBack) {
  Simulation sim({});
  const uint32_t owner = sim.AddOwner("b1");
  Promise<int> promise(sim);
  {
    OwnerScope scope(sim, owner);
    promise.future().Then([](const std::optional<int>&) { ADD_FAILURE(); });
  }
  sim.SetOwner(owner, Simulation::OwnerState::kDead);
  promise.Set(7);
  sim.RunUntilIdle();
}

TEST(FutureTest, ADroppedPromiseIsAbandoned) {
  Simulation sim({});
  Values values;
  TaskGroup tasks(sim);
  Future<int> future;
  {
    Promise<int> promise(sim);
    future = promise.future();
    tasks.Spawn(Collect(future, &values));
    future.Then([&](const std::optional<int>& value) { values.push_back(value); });
    sim.RunUntilIdle();
  }
  EXPECT_TRUE(future.abandoned());
  sim.RunUntilIdle();
  EXPECT_THAT(values, ElementsAre(std::nullopt, std::nullopt));
  EXPECT_EQ(sim.AwaitFor(future, Ms(1)), std::nullopt);
}

TEST(FutureTest, APromiseThatIsOverwrittenIsAbandoned) {
  Simulation sim({});
  Promise<int> promise(sim);
  const Future<int> first = promise.future();
  promise = Promise<int>(sim);
  EXPECT_TRUE(first.abandoned());
  EXPECT_FALSE(promise.future().settled());
  Promise<int> moved = std::move(promise);
  const Future<int> second = moved.future();
  moved.Set(1);
  EXPECT_EQ(second.Get(), 1);
}

TEST(FutureTest, ADefaultMadeFutureIsNobodys) {
  Future<int> future;
  EXPECT_FALSE(future.settled());
  EXPECT_FALSE(future.abandoned());
  EXPECT_EQ(future.Get(), std::nullopt);
}

TEST(FutureTest, ThePromisesOfADeadMachineAreAbandoned) {
  // In its burial, an event of its own, and not in a frame of the dying.
  for (const bool shuffle : {false, true}) {
    Simulation sim({.shuffle_ties = shuffle});
    struct Answerer : Process {
      explicit Answerer(Simulation& sim) : promise(sim) {}
      Promise<int> promise;
    };
    Node b1(sim, "b1");
    b1.SetBoot([&sim](Node&) { return std::make_unique<Answerer>(sim); });
    b1.Start();
    const Future<int> future = static_cast<Answerer*>(b1.process())->promise.future();
    Values values;
    TaskGroup tasks(sim);
    tasks.Spawn(Collect(future, &values));
    sim.RunUntilIdle();
    sim.After(Ms(1), [&] {
      b1.Kill();
      EXPECT_FALSE(future.settled());
    });
    sim.RunUntilIdle();
    EXPECT_THAT(values, ElementsAre(std::nullopt));
    EXPECT_EQ(sim.Now(), Time::Zero() + Ms(1));
  }
}

TEST(FutureTest, WhoAwaitsMayBeDestroyed) {
  Simulation sim({});
  Promise<int> promise(sim);
  Values values;
  for (const bool set_first : {false, true}) {
    Promise<int> other(sim);
    auto tasks = std::make_unique<TaskGroup>(sim);
    tasks->Spawn(Collect(other.future(), &values));
    sim.RunUntilIdle();
    if (set_first) other.Set(1);
    tasks.reset();
    sim.RunUntilIdle();
  }
  EXPECT_THAT(values, IsEmpty());
  EXPECT_TRUE(sim.Waiting().empty());
}

TEST(FutureDeathTest, APromiseIsKeptOnce) {
  Simulation sim({});
  Promise<int> promise(sim);
  promise.Set(1);
  EXPECT_DEATH(promise.Set(2), "a promise is kept once");
  EXPECT_DEATH(Future<int>().Then([](const std::optional<int>&) {}), "has no maker");
}

}  // namespace
}  // namespace norn::sim
