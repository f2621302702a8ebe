#include "sim/disk.h"

#include <functional>
#include <memory>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "sim/node.h"
#include "sim/simulation.h"

namespace norn::sim {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;

constexpr absl::Duration Us(int64_t n) { return absl::Microseconds(n); }
constexpr absl::Duration Ms(int64_t n) { return absl::Milliseconds(n); }

// A machine with a disk that writes a byte in a nanosecond, on top of 10 us, and syncs in 2 ms.
struct World {
  explicit World(uint64_t seed = 1, DiskOptions options = {}, bool shuffle = false)
      : sim({.seed = seed, .shuffle_ties = shuffle}), node(sim, "b1"), disk(node, options) {
    node.SetBoot([](Node&) { return std::make_unique<Process>(); });
    node.Start();
  }
  Time Write(const std::string& file, int64_t size, std::shared_ptr<const void> content = nullptr) {
    return disk.Write(disk.Open(file), size, std::move(content)).at;
  }
  // As the process of the node.
  void AsProcess(const std::function<void()>& f) {
    OwnerScope scope(sim, node.owner());
    f();
  }
  int64_t size(const std::string& file) { return disk.Open(file)->size(); }
  int64_t synced(const std::string& file) { return disk.Open(file)->synced_size(); }

  Simulation sim;
  Node node;
  Disk disk;
};

TEST(DiskTest, AWriteIsThereAtOnceAndTakesItsTime) {
  World world;
  EXPECT_EQ(world.Write("log", 1000), Time::Zero() + Us(11));
  EXPECT_EQ(world.size("log"), 1000);
  // Behind the first one, though to another file.
  EXPECT_EQ(world.Write("index", 2000), Time::Zero() + Us(11 + 12));
  EXPECT_EQ(world.disk.busy_until(), Time::Zero() + Us(23));
  world.sim.RunFor(Ms(1));
  EXPECT_EQ(world.Write("log", 1000), world.sim.Now() + Us(11));
  EXPECT_EQ(world.sim.events_run(), 0u);
  EXPECT_THAT(world.disk.List(), ElementsAre("index", "log"));
}

TEST(DiskTest, WhatWasWrittenWhenSyncWasCalledIsSyncedWhenItIsDone) {
  World world;
  world.Write("log", 1000);
  std::vector<Time> done;
  world.disk.Sync(world.disk.Open("log"), [&] { done.push_back(world.sim.Now()); });
  world.Write("log", 500);
  EXPECT_EQ(world.synced("log"), 0);
  world.sim.RunFor(Us(2010));
  EXPECT_EQ(world.synced("log"), 0);
  world.sim.RunFor(Us(1));
  EXPECT_EQ(world.synced("log"), 1000);
  EXPECT_EQ(world.size("log"), 1500);
  world.sim.RunUntilIdle();
  EXPECT_THAT(done, ElementsAre(Time::Zero() + Us(2011)));
}

TEST(DiskTest, SyncsAreDoneInOrder) {
  for (const bool shuffle : {false, true}) {
    World world(3, {.sync_latency = absl::ZeroDuration()}, shuffle);
    std::vector<int> order;
    for (int i = 0; i < 5; ++i) {
      world.Write("f" + std::to_string(i), 100);
      Disk::File* file = world.disk.Open("f" + std::to_string(i));
      world.disk.Sync(file, [&order, i] { order.push_back(i); });
    }
    world.sim.RunUntilIdle();
    EXPECT_THAT(order, ElementsAre(0, 1, 2, 3, 4));
  }
}

TEST(DiskTest, ASyncOfNoInterestIsNoEvent) {
  World world;
  world.Write("log", 100);
  world.disk.SyncBehind(world.disk.Open("log"));
  world.sim.RunFor(Ms(5));
  EXPECT_EQ(world.sim.events_run(), 0u);
  EXPECT_EQ(world.synced("log"), 100);
}

TEST(DiskTest, ASyncCanBeAwaited) {
  World world;
  world.Write("log", 100);
  EXPECT_EQ(world.sim.Await(world.disk.Sync(world.disk.Open("log"))),
            Time::Zero() + Ms(2) + absl::Nanoseconds(10'100));
}

TEST(DiskTest, AStallHoldsUpWhatComesAndWhatIsUnderWay) {
  World world;
  world.Write("log", 1000);
  Time done;
  world.disk.Sync(world.disk.Open("log"), [&] { done = world.sim.Now(); });
  world.sim.RunFor(Ms(1));
  world.disk.Stall(Ms(100));
  world.disk.Stall(Ms(50));  // within the first
  EXPECT_EQ(world.Write("log", 1000), Time::Zero() + Us(2011) + Ms(100) + Us(11));
  world.sim.RunFor(Ms(10));
  EXPECT_EQ(world.synced("log"), 0);
  world.disk.Stall(Ms(100));  // 10 ms longer than the first
  world.sim.RunUntilIdle();
  EXPECT_EQ(done, Time::Zero() + Us(2011) + Ms(110));
  EXPECT_EQ(world.synced("log"), 1000);
  // An idle disk stalls as well.
  world.sim.RunFor(Ms(1));
  world.disk.Stall(Ms(10));
  EXPECT_EQ(world.Write("log", 1000), world.sim.Now() + Ms(10) + Us(11));
}

TEST(DiskTest, ThePageCacheSurvivesTheProcess) {
  World world;
  world.Write("log", 1000);
  world.node.Kill();
  world.sim.RunUntilIdle();
  EXPECT_EQ(world.size("log"), 1000);
  world.node.Start();
  EXPECT_EQ(world.size("log"), 1000);
}

TEST(DiskTest, TheKernelFinishesTheSyncOfAKilledProcess) {
  World world;
  world.Write("log", 1000);
  auto life = std::make_shared<int>();
  std::weak_ptr<int> alive = life;
  world.AsProcess([&] {
    world.disk.Sync(world.disk.Open("log"),
                    [life = std::move(life)] { ADD_FAILURE() << "the dead are not told"; });
  });
  world.node.Kill();
  EXPECT_FALSE(alive.expired());  // not in a frame of the dying
  world.sim.RunFor(absl::ZeroDuration());
  EXPECT_TRUE(alive.expired());
  world.sim.RunFor(Ms(5));
  EXPECT_EQ(world.synced("log"), 1000);
}

TEST(DiskTest, APausedProcessIsToldAfterwards) {
  World world;
  world.Write("log", 1000);
  Time done;
  world.AsProcess(
      [&] { world.disk.Sync(world.disk.Open("log"), [&] { done = world.sim.Now(); }); });
  world.node.Pause();
  world.sim.RunFor(Ms(50));
  EXPECT_EQ(world.synced("log"), 1000);
  EXPECT_EQ(done, Time::Zero());
  world.node.Resume();
  world.sim.RunUntilIdle();
  EXPECT_EQ(done, Time::Zero() + Ms(50));
}

TEST(DiskTest, WithoutPowerTheSyncedPrefixSurvivesAndChanceTakesOfTheRest) {
  std::set<int64_t> sizes;
  int torn = 0;
  for (uint64_t seed = 1; seed <= 300; ++seed) {
    World world(seed);
    const auto content = std::make_shared<int>();
    world.Write("log", 1000, content);
    world.Write("log", 1000, content);
    world.disk.SyncBehind(world.disk.Open("log"));
    world.sim.RunFor(Ms(5));
    for (int i = 0; i < 3; ++i) world.Write("log", 100, content);
    world.node.LosePower();
    Disk::File* log = world.disk.Find("log");
    ASSERT_NE(log, nullptr);
    EXPECT_GE(log->size(), 2000);
    EXPECT_LE(log->size(), 2300);
    EXPECT_EQ(log->synced_size(), log->size());
    sizes.insert(log->size());
    // Whole writes, then at most one that is torn, and the contents of the lost ones are let go.
    int64_t sum = 0;
    for (const Disk::Extent& extent : log->extents()) {
      EXPECT_GE(extent.kept, 1);
      EXPECT_LE(extent.kept, extent.size);
      EXPECT_TRUE(!extent.torn() || &extent == &log->extents().back());
      sum += extent.kept;
    }
    torn += log->extents().back().torn();
    EXPECT_EQ(sum, log->size());
    EXPECT_EQ(content.use_count(), 1 + static_cast<long>(log->extents().size()));
  }
  EXPECT_TRUE(sizes.contains(2000));
  EXPECT_TRUE(sizes.contains(2100));
  EXPECT_TRUE(sizes.contains(2200));
  EXPECT_TRUE(sizes.contains(2300));
  // Three of four keep less than all, and half of those a piece.
  EXPECT_NEAR(torn, 300 * 3 / 8, 30);
}

TEST(DiskTest, TornTailsCanBeRuledOut) {
  for (uint64_t seed = 1; seed <= 100; ++seed) {
    World world(seed, {.torn_tail = Probability::Never()});
    for (int i = 0; i < 3; ++i) world.Write("log", 100);
    world.node.LosePower();
    EXPECT_EQ(world.size("log") % 100, 0);
  }
}

TEST(DiskTest, FilesSurviveIndependently) {
  std::set<std::pair<int64_t, int64_t>> seen;
  for (uint64_t seed = 1; seed <= 100; ++seed) {
    World world(seed, {.torn_tail = Probability::Never()});
    world.Write("a", 100);
    world.Write("b", 100);
    world.node.LosePower();
    seen.insert({world.size("a"), world.size("b")});
  }
  EXPECT_THAT(seen, SizeIs(4));
}

TEST(DiskTest, WhatOneFileKeepsDoesNotDependOnAnother) {
  for (uint64_t seed = 1; seed <= 20; ++seed) {
    int64_t sizes[2];
    for (const bool other : {false, true}) {
      World world(seed);
      if (other) world.Write("another", 5000);
      for (int i = 0; i < 5; ++i) world.Write("log", 100);
      world.node.LosePower();
      sizes[other] = world.size("log");
    }
    EXPECT_EQ(sizes[0], sizes[1]);
  }
}

TEST(DiskTest, NothingThatWasNotSyncedSurvivesIfSo) {
  for (uint64_t seed = 1; seed <= 20; ++seed) {
    World world(seed, {.keeps_unsynced = false});
    world.Write("log", 100);
    world.disk.Sync(world.disk.Open("log"), [] {});
    world.sim.RunFor(Ms(5));
    world.Write("log", 100);
    world.Write("log", 100);
    world.node.LosePower();
    EXPECT_EQ(world.size("log"), 100);
  }
}

TEST(DiskTest, EachLossOfPowerIsDrawnAnew) {
  std::set<std::pair<int64_t, int64_t>> seen;
  for (uint64_t seed = 1; seed <= 100; ++seed) {
    World world(seed, {.torn_tail = Probability::Never()});
    world.Write("log", 100);
    world.node.LosePower();
    const int64_t first = world.size("log");
    world.node.Start();
    world.Write("log", 100);
    world.node.LosePower();
    seen.insert({first, world.size("log") - first});
  }
  EXPECT_THAT(seen, SizeIs(4));
}

TEST(DiskTest, ASyncCutShortByALossOfPowerSyncsNothing) {
  bool lost_something = false;
  for (uint64_t seed = 1; seed <= 20; ++seed) {
    World world(seed);
    world.Write("log", 1000);
    world.disk.Sync(world.disk.Open("log"),
                    [] { ADD_FAILURE() << "a callback of nobody's, whose sync was not done"; });
    world.sim.RunFor(Ms(1));
    world.node.LosePower();
    lost_something |= world.size("log") < 1000;
    world.sim.RunUntilIdle();
  }
  EXPECT_TRUE(lost_something);
}

TEST(DiskTest, AMachineThatWasKilledFirstLosesItsPageCacheToo) {
  bool lost_something = false;
  for (uint64_t seed = 1; seed <= 20; ++seed) {
    World world(seed);
    world.Write("log", 1000);
    world.node.Kill();
    world.sim.RunFor(Ms(1));
    world.node.LosePower();
    lost_something |= world.size("log") < 1000;
  }
  EXPECT_TRUE(lost_something);
}

TEST(DiskTest, TheDeadWriteNothing) {
  World world;
  const uint32_t dead = world.node.owner();
  world.Write("log", 100);
  world.node.Kill();
  EXPECT_EQ(world.Write("log", 100), world.sim.Now());
  world.node.Start();
  world.sim.RunUntilIdle();
  {
    // A destructor of the life that ended, after the next one began.
    OwnerScope scope(world.sim, dead);
    Disk::File* log = world.disk.Open("log");
    world.Write("log", 100);
    world.disk.Truncate(log, 0);
    world.disk.Delete(log);
    EXPECT_TRUE(world.disk.Sync(log).abandoned());
  }
  EXPECT_EQ(world.size("log"), 100);
  EXPECT_EQ(world.synced("log"), 0);
}

TEST(DiskTest, TruncateTearsAndForgets) {
  World world;
  for (int i = 0; i < 3; ++i) world.Write("log", 100);
  Disk::File* log = world.disk.Open("log");
  world.disk.SyncBehind(log);
  world.disk.Truncate(log, 150);
  ASSERT_THAT(log->extents(), SizeIs(2));
  EXPECT_TRUE(log->extents()[1].torn());
  EXPECT_EQ(log->extents()[1].kept, 50);
  EXPECT_EQ(log->size(), 150);
  // What is written after that is not what the sync was asked for.
  world.Write("log", 100);
  world.sim.RunFor(Ms(5));
  EXPECT_EQ(log->synced_size(), 150);
  world.disk.Truncate(log, 1000);
  EXPECT_EQ(log->size(), 250);
  world.disk.Truncate(log, 100);
  EXPECT_EQ(log->synced_size(), 100);
  world.disk.Truncate(log, 0);
  EXPECT_THAT(log->extents(), IsEmpty());
  EXPECT_EQ(log->synced_size(), 0);
}

TEST(DiskTest, DeletedFilesAreGone) {
  World world;
  world.Write("log", 100);
  int called = 0;
  world.disk.Sync(world.disk.Open("log"), [&] { ++called; });
  world.disk.Delete(world.disk.Open("log"));
  EXPECT_EQ(world.disk.Find("log"), nullptr);
  EXPECT_THAT(world.disk.List(), IsEmpty());
  world.sim.RunUntilIdle();
  EXPECT_EQ(called, 1);
  EXPECT_EQ(world.size("log"), 0);
}

TEST(DiskTest, AFileThatIsReplacedHasItsOldContentOrItsNew) {
  const auto content = std::make_shared<const int>(7);
  for (const absl::Duration wait : {Us(1999), Ms(2)}) {
    World world;
    Disk::File* file = world.disk.Open("checkpoint");
    world.disk.Replace(file, 10, std::make_shared<const int>(5));
    world.sim.RunFor(Ms(5));
    EXPECT_EQ(world.disk.Replace(file, 20, content).at, world.sim.Now() + Ms(2));
    EXPECT_EQ(world.size("checkpoint"), 20);
    EXPECT_EQ(world.synced("checkpoint"), 0);
    // Nobody else waits for it.
    EXPECT_EQ(world.disk.busy_until(), Time::Zero());
    world.sim.RunFor(wait);
    EXPECT_EQ(world.synced("checkpoint"), wait < Ms(2) ? 0 : 20);
    world.node.LosePower();
    EXPECT_EQ(world.size("checkpoint"), wait < Ms(2) ? 10 : 20);
    EXPECT_EQ(world.synced("checkpoint"), world.size("checkpoint"));
    ASSERT_THAT(file->extents(), SizeIs(1));
    EXPECT_EQ(file->extents()[0].content == content, wait >= Ms(2));
  }
}

TEST(DiskTest, OfSeveralReplacementsTheLastThatIsDurableSurvives) {
  World world;
  Disk::File* file = world.disk.Open("checkpoint");
  for (int64_t i = 1; i <= 4; ++i) {
    world.disk.Replace(file, i, nullptr);
    world.sim.RunFor(Us(700));
  }
  // Begun at 0, 0.7, 1.4 and 2.1 ms; it is 2.8 now, and a stall comes too late for the first two.
  world.disk.Stall(Ms(50));
  world.sim.RunFor(Ms(10));
  world.node.LosePower();
  EXPECT_EQ(world.size("checkpoint"), 2);
}

TEST(DiskTest, NamesAreListedByTheirBeginning) {
  World world;
  for (const char* name : {"t-1/b", "t-10/a", "t-1/a", "u"}) world.disk.Open(name);
  EXPECT_THAT(world.disk.List("t-1/"), ElementsAre("t-1/a", "t-1/b"));
  EXPECT_THAT(world.disk.List("x"), IsEmpty());
}

TEST(DiskTest, TheKernelWritesBackAtIntervals) {
  World world(1, {.writeback_interval = Ms(100)});
  world.sim.RunFor(Ms(50));
  world.Write("log", 100);
  EXPECT_EQ(world.synced("log"), 0);
  world.sim.RunFor(Ms(49));
  EXPECT_EQ(world.synced("log"), 0);
  world.sim.RunFor(Ms(1));
  world.Write("log", 100);
  EXPECT_EQ(world.synced("log"), 200);  // written at the tick itself
  world.sim.RunFor(Ms(1));
  world.Write("log", 100);
  EXPECT_EQ(world.synced("log"), 200);
  world.disk.Stall(Ms(500));
  world.sim.RunFor(Ms(400));
  EXPECT_EQ(world.synced("log"), 200);
  world.sim.RunFor(Ms(200));
  EXPECT_EQ(world.synced("log"), 300);
  EXPECT_EQ(world.sim.events_run(), 0u);
}

TEST(DiskTest, OneSeedOneDigest) {
  for (const bool shuffle : {false, true}) {
    uint64_t digests[2];
    for (uint64_t& digest : digests) {
      World world(5, {}, shuffle);
      for (int i = 0; i < 20; ++i) {
        world.Write("f" + std::to_string(i % 3), 100 * (i + 1));
        world.disk.Sync(world.disk.Open("f" + std::to_string(i % 2)), [] {});
        world.sim.RunFor(Us(700));
        if (i % 7 == 6) {
          world.node.LosePower();
          world.node.Start();
        }
      }
      world.sim.RunUntilIdle();
      digest = world.sim.run_digest();
    }
    EXPECT_EQ(digests[0], digests[1]);
  }
}

TEST(DiskTest, TheNodeMayGoFirst) {
  Simulation sim({});
  auto node = std::make_unique<Node>(sim, "b1");
  node->SetBoot([](Node&) { return std::make_unique<Process>(); });
  node->Start();
  Disk disk(*node, {});
  disk.Write(disk.Open("log"), 10, nullptr);
  node.reset();
  EXPECT_EQ(disk.Open("log")->size(), 10);
  disk.Write(disk.Open("log"), 10, nullptr);
  EXPECT_EQ(disk.Open("log")->size(), 10);
}

}  // namespace
}  // namespace norn::sim
