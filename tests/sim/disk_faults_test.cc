// Disks that are full, and disks that fail.
#include "sim/disk_faults.h"

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "sim/disk.h"
#include "sim/node.h"
#include "sim/simulation.h"

namespace norn::sim {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::Pair;
using ::testing::SizeIs;

struct World : Disk::ErrorObserver {
  explicit World(DiskOptions options = {})
      : sim({.seed = 1}), node(sim, "b1"), disk(node, options) {
    node.SetBoot([](Node&) { return std::make_unique<Process>(); });
    node.Start();
    disk.Watch(static_cast<Disk::ErrorObserver*>(this));
  }
  DiskError Write(const std::string& file, int64_t size) {
    return disk.Write(disk.Open(file), size, nullptr).error;
  }
  DiskError Replace(const std::string& file, int64_t size) {
    return disk.Replace(disk.Open(file), size, nullptr).error;
  }
  DiskError Sync(const std::string& file) {
    DiskError result = DiskError::kNone;
    disk.Sync(disk.Open(file), [&result](DiskError error) { result = error; });
    sim.RunUntilIdle();
    return result;
  }
  void OnDiskError(const std::string& file, DiskError error) override {
    told.emplace_back(file, error);
  }

  Simulation sim;
  Node node;
  Disk disk;
  std::vector<std::pair<std::string, DiskError>> told;
};

// write(2) on a full tmpfs: 94,208 bytes of a log that should have had 100,798 (Kafka 4.1.1).
TEST(DiskFaults, AWriteThatFindsTooLittleRoomLeavesAPiece) {
  World world({.capacity = 1000});
  EXPECT_EQ(world.Write("log", 600), DiskError::kNone);
  EXPECT_EQ(world.disk.room(), 400);
  EXPECT_EQ(world.Write("log", 600), DiskError::kFull);
  const Disk::File& log = *world.disk.Open("log");
  EXPECT_EQ(log.size(), 1000);
  ASSERT_THAT(log.extents(), SizeIs(2));
  EXPECT_EQ(log.extents()[1].size, 600);
  EXPECT_EQ(log.extents()[1].kept, 400);
  EXPECT_TRUE(log.extents()[1].torn());
  // Nothing is left for a piece of the next.
  EXPECT_EQ(world.Write("log", 1), DiskError::kFull);
  EXPECT_THAT(log.extents(), SizeIs(2));
  EXPECT_THAT(world.told,
              ElementsAre(Pair("log", DiskError::kFull), Pair("log", DiskError::kFull)));
}

TEST(DiskFaults, RoomComesBackWithWhatIsCutOrDeleted) {
  World world({.capacity = 1000});
  world.Write("a", 500);
  world.Write("b", 500);
  EXPECT_EQ(world.disk.room(), 0);
  world.disk.Truncate(world.disk.Open("a"), 200);
  EXPECT_EQ(world.disk.room(), 300);
  world.disk.Delete(world.disk.Open("b"));
  EXPECT_EQ(world.disk.room(), 800);
  EXPECT_EQ(world.Write("c", 800), DiskError::kNone);
  // Nothing was synced, and chance keeps what it wants.
  world.node.LosePower();
  EXPECT_EQ(world.disk.used(), world.disk.Open("a")->size() + world.disk.Open("c")->size());
}

TEST(DiskFaults, AReplacementNeedsRoomBesideWhatItReplaces) {
  World world({.capacity = 1000});
  EXPECT_EQ(world.Replace("checkpoint", 600), DiskError::kNone);
  EXPECT_EQ(world.Replace("checkpoint", 500), DiskError::kFull);
  EXPECT_EQ(world.disk.Open("checkpoint")->size(), 600);
  EXPECT_EQ(world.Replace("checkpoint", 400), DiskError::kNone);
  EXPECT_EQ(world.disk.used(), 400);
}

TEST(DiskFaults, WhatOthersTookIsFreeAgainAfterARepair) {
  World world;
  world.Write("log", 100);
  const DiskFault& full = world.disk.Fill(50);
  EXPECT_EQ(world.disk.room(), 50);
  EXPECT_EQ(full.fired(), 0);
  world.sim.RunFor(absl::Seconds(1));
  EXPECT_EQ(world.Write("log", 100), DiskError::kFull);
  EXPECT_EQ(full.fired(), 1);
  EXPECT_EQ(full.first_fired(), Time::Zero() + absl::Seconds(1));
  world.disk.Repair();
  EXPECT_EQ(world.Write("log", 100), DiskError::kNone);
  EXPECT_EQ(full.fired(), 1);
}

TEST(DiskFaults, TheNthWriteFailsAndAllAfterIt) {
  World world;
  const DiskFault& fault = world.disk.Fail({.call = DiskCall::kWrite, .nth = 3});
  EXPECT_EQ(world.Write("log", 10), DiskError::kNone);
  EXPECT_EQ(world.Sync("log"), DiskError::kNone);
  EXPECT_EQ(world.Write("log", 10), DiskError::kNone);
  EXPECT_EQ(world.Write("log", 10), DiskError::kFailed);
  EXPECT_EQ(world.disk.Open("log")->size(), 20);
  EXPECT_EQ(world.Write("log", 10), DiskError::kFailed);
  EXPECT_EQ(world.Sync("log"), DiskError::kNone);
  EXPECT_EQ(fault.fired(), 2);
  world.disk.Repair();
  EXPECT_EQ(world.Write("log", 10), DiskError::kNone);
}

TEST(DiskFaults, SoManyFailAndNoMore) {
  World world;
  const DiskFault& fault = world.disk.Fail({.call = DiskCall::kWrite, .nth = 2, .times = 2});
  std::vector<DiskError> seen;
  for (int i = 0; i < 5; ++i) seen.push_back(world.Write("log", 10));
  using enum DiskError;
  EXPECT_THAT(seen, ElementsAre(kNone, kFailed, kFailed, kNone, kNone));
  EXPECT_EQ(fault.fired(), 2);
}

TEST(DiskFaults, OnlyFilesOfThatNameAreMeant) {
  World world;
  const DiskFault& fault = world.disk.Fail({.file = "orders-0/"});
  EXPECT_EQ(world.Write("orders-1/log", 10), DiskError::kNone);
  EXPECT_EQ(world.Replace("checkpoint", 10), DiskError::kNone);
  EXPECT_EQ(world.Write("orders-0/log", 10), DiskError::kFailed);
  EXPECT_EQ(world.Replace("orders-0/snapshot", 10), DiskError::kFailed);
  EXPECT_EQ(fault.fired(), 2);
}

TEST(DiskFaults, ASyncThatFailsHasSyncedNothingAndSaysSoWhenItReturns) {
  World world;
  world.disk.Fail({.call = DiskCall::kSync, .times = 1});
  world.Write("log", 10);
  world.disk.SyncBehind(world.disk.Open("log"));  // nobody waits, but whoever watches is told
  EXPECT_THAT(world.told, IsEmpty());
  world.sim.RunUntilIdle();
  EXPECT_THAT(world.told, ElementsAre(Pair("log", DiskError::kFailed)));
  EXPECT_EQ(world.disk.Open("log")->synced_size(), 0);
  EXPECT_EQ(world.Sync("log"), DiskError::kNone);
  EXPECT_EQ(world.disk.Open("log")->synced_size(), 10);
}

TEST(DiskFaults, ACallerThatAsksOnlyForSuccessIsNotCalled) {
  World world;
  world.disk.Fail({.call = DiskCall::kSync, .times = 1});
  world.Write("log", 10);
  int called = 0;
  world.disk.Sync(world.disk.Open("log"), [&called] { ++called; });
  world.disk.Sync(world.disk.Open("log"), [&called] { called += 10; });
  world.sim.RunUntilIdle();
  EXPECT_EQ(called, 10);
}

TEST(DiskFaults, ADeadProcessIsToldNothing) {
  World world;
  world.disk.Fail({});
  world.node.Kill();
  EXPECT_EQ(world.Write("log", 10), DiskError::kNone);
  EXPECT_THAT(world.told, IsEmpty());
}

TEST(DiskFaults, AnObserverThatWasReplacedTakesNobodyElseAway) {
  World world;
  struct Other : Disk::ErrorObserver {
    void OnDiskError(const std::string&, DiskError) override { ++told; }
    int told = 0;
  } other;
  world.disk.Watch(&other);
  world.disk.Unwatch(static_cast<Disk::ErrorObserver*>(nullptr));
  world.disk.Fail({});
  world.Write("log", 1);
  EXPECT_EQ(other.told, 1);
  world.disk.Unwatch(&other);
  world.Write("log", 1);
  EXPECT_EQ(other.told, 1);
}

}  // namespace
}  // namespace norn::sim
