#include "sim/task.h"

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "sim/future.h"
#include "sim/simulation.h"

namespace norn::sim {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using Words = std::vector<std::string>;

absl::Duration Ms(int64_t n) { return absl::Milliseconds(n); }

// Says so when it is destroyed.
struct Guard {
  Guard(Words* w, std::string n) : words(w), name(std::move(n)) {}
  Guard(const Guard&) = delete;
  ~Guard() { words->push_back("~" + name); }
  Words* words;
  std::string name;
};

Task<> Say(Simulation* sim, Words* words, std::string name, absl::Duration pause, int times) {
  const Guard guard(words, name);
  for (int i = 0; i < times; ++i) {
    co_await Sleep(sim, pause);
    words->push_back(name + std::to_string(i));
  }
}

TEST(TaskTest, TasksTakeTurns) {
  Simulation sim({});
  Words words;
  TaskGroup tasks(sim);
  tasks.Spawn(Say(&sim, &words, "a", Ms(2), 2));
  tasks.Spawn(Say(&sim, &words, "b", Ms(3), 2));
  EXPECT_EQ(tasks.size(), 2u);
  EXPECT_THAT(words, IsEmpty());  // started by an event
  sim.RunUntilIdle();
  EXPECT_THAT(words, ElementsAre("a0", "b0", "a1", "~a", "b1", "~b"));
  EXPECT_EQ(sim.Now(), Time::Zero() + Ms(6));
  EXPECT_EQ(tasks.size(), 0u);
}

TEST(TaskTest, SleepingForNoTimeIsAnEventToo) {
  Simulation sim({});
  Words words;
  TaskGroup tasks(sim);
  tasks.Spawn(Say(&sim, &words, "a", Ms(0), 2));
  sim.RunUntilIdle();
  EXPECT_EQ(sim.events_run(), 3u);
  EXPECT_EQ(sim.Now(), Time::Zero());
}

TEST(TaskTest, DestroyingATaskCancelsWhatItWaitsFor) {
  Simulation sim({});
  Words words;
  {
    TaskGroup tasks(sim);
    tasks.Spawn(Say(&sim, &words, "a", Ms(2), 5));
    tasks.Spawn(Say(&sim, &words, "b", Ms(3), 5));
    sim.RunFor(Ms(2));
    tasks.Spawn(Say(&sim, &words, "c", Ms(3), 5));  // never started
  }
  EXPECT_THAT(words, ElementsAre("a0", "~b", "~a"));
  EXPECT_EQ(sim.pending_events(), 0u);
  EXPECT_TRUE(sim.Waiting().empty());
  sim.RunUntilIdle();
}

TEST(TaskTest, ATaskThatIsDroppedNeverRuns) {
  Simulation sim({});
  Words words;
  { Task<> task = Say(&sim, &words, "a", Ms(1), 1); }
  sim.RunUntilIdle();
  EXPECT_THAT(words, IsEmpty());
}

Task<int> Add(Simulation* sim, int a, int b, absl::Duration takes) {
  if (takes != absl::ZeroDuration()) co_await Sleep(sim, takes);
  co_return a + b;
}

Task<> AddTwice(Simulation* sim, Words* words, absl::Duration takes) {
  const int three = co_await Add(sim, 1, 2, takes);
  const int seven = co_await Add(sim, three, 4, takes);
  words->push_back(std::to_string(seven));
}

TEST(TaskTest, ATaskIsAwaitedLikeACall) {
  for (const absl::Duration takes : {Ms(0), Ms(5)}) {
    Simulation sim({});
    Words words;
    TaskGroup tasks(sim);
    tasks.Spawn(AddTwice(&sim, &words, takes));
    sim.RunUntilIdle();
    EXPECT_THAT(words, ElementsAre("7"));
    EXPECT_EQ(sim.Now(), Time::Zero() + 2 * takes);
    EXPECT_EQ(sim.events_run(), takes == Ms(0) ? 1u : 3u);
  }
}

Task<> CountTo(Simulation* sim, int n, int* count) {
  while (*count < n) *count = co_await Add(sim, *count, 1, absl::ZeroDuration());
}

TEST(TaskTest, ALoopOfTasksThatNeedNotWaitDoesNotDeepenTheStack) {
  Simulation sim({});
  int count = 0;
  TaskGroup tasks(sim);
  tasks.Spawn(CountTo(&sim, 1'000'000, &count));
  sim.RunUntilIdle();
  EXPECT_EQ(count, 1'000'000);
}

Task<> CountSleepingTo(Simulation* sim, int n, int* count) {
  while (*count < n) *count = co_await Add(sim, *count, 1, absl::Nanoseconds(1));
}

TEST(TaskTest, NorDoesALoopOfTasksThatWait) {
  Simulation sim({});
  int count = 0;
  TaskGroup tasks(sim);
  tasks.Spawn(CountSleepingTo(&sim, 200'000, &count));
  sim.RunUntilIdle();
  EXPECT_EQ(count, 200'000);
}

Task<> Outer(Simulation* sim, Words* words) {
  const Guard guard(words, "outer");
  Task<> inner = Say(sim, words, "inner", Ms(1), 3);
  co_await std::move(inner);
  words->push_back("done");
}

TEST(TaskTest, DestroyingATaskDestroysTheOneItAwaits) {
  Simulation sim({});
  Words words;
  {
    TaskGroup tasks(sim);
    tasks.Spawn(Outer(&sim, &words));
    sim.RunFor(Ms(1));
  }
  EXPECT_THAT(words, ElementsAre("inner0", "~inner", "~outer"));
  TaskGroup tasks(sim);
  words.clear();
  tasks.Spawn(Outer(&sim, &words));
  sim.RunUntilIdle();
  EXPECT_THAT(words, ElementsAre("inner0", "inner1", "inner2", "~inner", "done", "~outer"));
}

Task<> SpawnMore(TaskGroup* tasks, Simulation* sim, Words* words) {
  tasks->Spawn(Say(sim, words, "child", Ms(1), 1));
  words->push_back("parent");
  co_return;
}

TEST(TaskTest, ATaskMaySpawnIntoItsGroup) {
  Simulation sim({});
  Words words;
  TaskGroup tasks(sim);
  tasks.Spawn(SpawnMore(&tasks, &sim, &words));
  sim.RunUntilIdle();
  EXPECT_THAT(words, ElementsAre("parent", "child0", "~child"));
}

Task<> SayOwner(Simulation* sim, std::vector<uint32_t>* owners) {
  owners->push_back(sim->current_owner());
  co_await Sleep(sim, Ms(1));
  owners->push_back(sim->current_owner());
}

TEST(TaskTest, TasksRunAsWhoeverMadeTheirGroup) {
  Simulation sim({});
  const uint32_t owner = sim.AddOwner("b1");
  std::unique_ptr<TaskGroup> tasks;
  {
    OwnerScope scope(sim, owner);
    tasks = std::make_unique<TaskGroup>(sim);
  }
  std::vector<uint32_t> owners;
  tasks->Spawn(SayOwner(&sim, &owners));
  sim.RunUntilIdle();
  EXPECT_THAT(owners, ElementsAre(owner, owner));
}

// Moved and destroyed once, whatever crosses a co_await.
struct Counted {
  explicit Counted(int* l) : live(l) { ++*live; }
  Counted(Counted&& other) noexcept : live(other.live) { ++*live; }
  Counted(const Counted&) = delete;
  ~Counted() { --*live; }
  int* live;
};

Task<Counted> Make(Simulation* sim, int* live) {
  co_await Sleep(sim, Ms(1));
  co_return Counted(live);
}

Task<> Use(Simulation* sim, int* live) {
  const Counted counted = co_await Make(sim, live);
  EXPECT_GE(*live, 1);
}

TEST(TaskTest, ResultsAreDestroyedOnce) {
  Simulation sim({});
  int live = 0;
  {
    TaskGroup tasks(sim);
    tasks.Spawn(Use(&sim, &live));
    sim.RunUntilIdle();
  }
  EXPECT_EQ(live, 0);
}

TEST(TaskTest, ATaskCanBeStartedByHand) {
  Simulation sim({});
  Task<int> task = Add(&sim, 1, 2, Ms(1));
  bool done = false;
  EXPECT_TRUE(task.valid());
  task.Start([](void* flag) { *static_cast<bool*>(flag) = true; }, &done);
  EXPECT_FALSE(task.done());
  sim.RunUntilIdle();
  EXPECT_TRUE(done);
  EXPECT_TRUE(task.done());
  EXPECT_EQ(task.TakeResult(), 3);
  Task<int> moved = std::move(task);
  EXPECT_FALSE(task.valid());
  EXPECT_TRUE(moved.valid());
}

TEST(TaskTest, OneSeedOneDigest) {
  for (const bool shuffle : {false, true}) {
    uint64_t digests[2];
    for (uint64_t& digest : digests) {
      Simulation sim({.seed = 4, .shuffle_ties = shuffle});
      Words words;
      TaskGroup tasks(sim);
      for (int i = 0; i < 10; ++i) {
        std::string name = std::to_string(i);
        tasks.Spawn(Say(&sim, &words, std::move(name), Ms(1 + i % 3), 5));
      }
      sim.RunUntilIdle();
      digest = sim.run_digest();
    }
    EXPECT_EQ(digests[0], digests[1]);
  }
}

}  // namespace
}  // namespace norn::sim
