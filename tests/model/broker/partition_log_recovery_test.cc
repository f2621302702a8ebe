// What a log is after its broker was killed, lost power or was shut down (A6.4).
#include <algorithm>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/time/time.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "model/broker/partition_log.h"
#include "model/wall_clock.h"
#include "sim/node.h"

namespace norn::model {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;
using Entry = LeaderEpochCache::Entry;

constexpr int64_t kExpiration = 24 * 3'600'000;

struct World {
  explicit World(uint64_t seed = 3) : sim({.seed = seed}) {
    node.SetBoot([](sim::Node&) { return std::make_unique<sim::Process>(); });
    node.Start();
  }
  // Small segments: four batches of a record fit.
  std::unique_ptr<PartitionLog> Open(PartitionLog::Checkpoints known = {}) {
    const TopicConfig config = {.segment_bytes = 4 * 171};
    return std::make_unique<PartitionLog>(&disk, "t-0", config, sim.Now(),
                                          absl::Milliseconds(kExpiration), known);
  }
  RecordBatch Batch(int64_t producer = -1, int32_t sequence = 0) const {
    RecordSetBuilder builder;
    builder.Append(0, Payload::Null(), Payload::OfSize(100), RecordId(0));
    RecordBatch batch(builder.Seal(), {.base_timestamp_ms = WallMillis(sim.Now())});
    if (producer >= 0)
      batch.SetProducer(ProducerId(producer), ProducerEpoch(0), Sequence(sequence));
    return batch;
  }
  void Append(PartitionLog& log, int32_t epoch, int64_t producer = -1, int32_t sequence = 0) {
    ASSERT_EQ(log.Append(Batch(producer, sequence), LeaderEpoch(epoch), sim.Now()).error,
              Error::kNone);
  }
  void Kill() {
    node.Kill();
    node.Start();
  }
  void LosePower() {
    node.LosePower();
    node.Start();
  }
  std::vector<std::string> Files(std::string_view suffix) const {
    std::vector<std::string> files = disk.List("t-0/");
    std::erase_if(files, [&](const std::string& file) { return !file.ends_with(suffix); });
    return files;
  }

  sim::Simulation sim;
  sim::Node node{sim, "b1"};
  sim::Disk disk{node, {}};
};

TEST(PartitionLogRecoveryTest, ARolledSegmentIsSyncedInTheBackground) {
  World world;
  const auto log = world.Open();
  for (int i = 0; i < 5; ++i) world.Append(*log, 0);
  EXPECT_THAT(world.Files(".log"), SizeIs(2));
  EXPECT_EQ(log->recovery_point(), Offset(0));
  world.sim.RunFor(absl::Milliseconds(5));
  EXPECT_EQ(log->recovery_point(), Offset(4));
  EXPECT_EQ(world.disk.Find("t-0/00000000000000000000.log")->synced_size(), 4 * 170);
  EXPECT_EQ(world.disk.Find("t-0/00000000000000000004.log")->synced_size(), 0);
}

TEST(PartitionLogRecoveryTest, AFlushMakesAllSegmentsDurable) {
  World world;
  const auto log = world.Open();
  for (int i = 0; i < 10; ++i) world.Append(*log, 0);
  bool done = false;
  log->Flush(world.sim.Now(), [&](sim::DiskError) { done = true; });
  world.sim.RunFor(absl::Milliseconds(50));
  EXPECT_TRUE(done);
  EXPECT_EQ(log->recovery_point(), Offset(10));
  world.LosePower();
  EXPECT_EQ(world.Open()->log_end(), Offset(10));
}

// What was written after a truncation was not part of the sync that began before it.
TEST(PartitionLogRecoveryTest, ASyncOfWhatWasTruncatedMovesNoRecoveryPoint) {
  World world;
  const auto log = world.Open();
  for (int i = 0; i < 3; ++i) world.Append(*log, 0);
  log->Flush(world.sim.Now(), nullptr);
  log->TruncateTo(Offset(1), world.sim.Now());
  for (int i = 0; i < 2; ++i) world.Append(*log, 1);
  world.sim.RunFor(absl::Milliseconds(50));
  EXPECT_EQ(log->recovery_point(), Offset(0));
}

TEST(PartitionLogRecoveryTest, AllSegmentsAreReadAgain) {
  World world;
  {
    const auto log = world.Open();
    for (int i = 0; i < 10; ++i) world.Append(*log, i < 6 ? 1 : 4);
  }
  world.Kill();
  const auto log = world.Open();
  EXPECT_EQ(log->log_end(), Offset(10));
  EXPECT_THAT(log->epochs().entries(),
              ElementsAre(Entry{LeaderEpoch(1), Offset(0)}, Entry{LeaderEpoch(4), Offset(6)}));
  EXPECT_EQ(log->high_watermark(), Offset(0));
  EXPECT_EQ(log->Read(Offset(3), 100'000).batches().size(), 7u);
  world.Append(*log, 4);
  EXPECT_EQ(log->log_end(), Offset(11));
}

// LogLoader: leaderEpochCache.truncateFromEnd(nextOffset).
TEST(PartitionLogRecoveryTest, AnEpochThatWroteNothingIsForgotten) {
  World world;
  {
    const auto log = world.Open();
    world.Append(*log, 1);
    log->BeginEpoch(LeaderEpoch(3));
    world.sim.RunFor(absl::Milliseconds(10));
  }
  world.Kill();
  EXPECT_EQ(world.Open()->epochs().LatestEpoch(), LeaderEpoch(1));
}

// Of what need not be scanned only the checkpoint says who led; the epoch was durable long ago.
TEST(PartitionLogRecoveryTest, EpochsBelowTheRecoveryPointComeFromTheCheckpoint) {
  World world;
  {
    const auto log = world.Open();
    log->BeginEpoch(LeaderEpoch(1));
    for (int i = 0; i < 6; ++i) world.Append(*log, i < 2 ? 1 : 2);
    world.sim.RunFor(absl::Milliseconds(10));
  }
  world.LosePower();
  const auto log = world.Open({.recovery_point = Offset(4)});
  EXPECT_EQ(log->epochs().EpochOf(Offset(1)), LeaderEpoch(1));
  EXPECT_EQ(log->epochs().EpochOf(Offset(3)), LeaderEpoch(2));
  EXPECT_EQ(log->recovery_point(), Offset(4));
}

TEST(PartitionLogRecoveryTest, WithoutCheckpointTheBatchesSayWhoLed) {
  World world;
  {
    const auto log = world.Open();
    for (int i = 0; i < 6; ++i) world.Append(*log, i < 2 ? 1 : 2);
  }
  world.disk.Delete(world.disk.Find("t-0/leader-epoch-checkpoint"));
  const auto log = world.Open({.clean_shutdown = true});
  EXPECT_THAT(log->epochs().entries(),
              ElementsAre(Entry{LeaderEpoch(1), Offset(0)}, Entry{LeaderEpoch(2), Offset(2)}));
  EXPECT_THAT(world.Files("leader-epoch-checkpoint"), SizeIs(1));
}

// After a kill the log is replayed; after an orderly shutdown a snapshot is read, and Kafka's hold
// the last batch of a producer only: a retry of the one before is no longer recognised.
TEST(PartitionLogRecoveryTest, ASnapshotKnowsTheLastBatchOfAProducer) {
  for (const bool orderly : {false, true}) {
    World world;
    {
      const auto log = world.Open();
      for (int32_t i = 0; i < 3; ++i) world.Append(*log, 0, /*producer=*/9, i);
      if (orderly) log->Close(world.sim.Now(), nullptr);
      world.sim.RunFor(absl::Milliseconds(50));
      EXPECT_EQ(log->recovery_point(), orderly ? Offset(3) : Offset(0));
    }
    EXPECT_THAT(world.Files(".snapshot"), SizeIs(orderly ? 1 : 0));
    world.Kill();
    const auto log = world.Open({.clean_shutdown = orderly});
    const sim::Time now = world.sim.Now();
    EXPECT_TRUE(log->Append(world.Batch(9, 2), LeaderEpoch(0), now).duplicate);
    const PartitionLog::Appended older = log->Append(world.Batch(9, 1), LeaderEpoch(0), now);
    EXPECT_EQ(older.duplicate, !orderly);
    EXPECT_EQ(older.error, orderly ? Error::kOutOfOrderSequenceNumber : Error::kNone);
    EXPECT_EQ(log->Append(world.Batch(9, 3), LeaderEpoch(0), now).base_offset, Offset(3));
  }
}

TEST(PartitionLogRecoveryTest, WhatFollowsTheSnapshotIsReplayed) {
  World world;
  {
    const auto log = world.Open();
    for (int32_t i = 0; i < 7; ++i) world.Append(*log, 0, /*producer=*/9, i);
    EXPECT_THAT(world.Files(".snapshot"), ElementsAre("t-0/00000000000000000004.snapshot"));
    world.sim.RunFor(absl::Milliseconds(50));
  }
  world.Kill();
  const auto log = world.Open();
  const sim::Time now = world.sim.Now();
  for (const int32_t known : {3, 4, 5, 6})
    EXPECT_TRUE(log->Append(world.Batch(9, known), LeaderEpoch(0), now).duplicate) << known;
  EXPECT_FALSE(log->Append(world.Batch(9, 2), LeaderEpoch(0), now).duplicate);
}

TEST(PartitionLogRecoveryTest, ASnapshotThatIsNotWholeIsPassedOver) {
  World world;
  {
    const auto log = world.Open();
    for (int32_t i = 0; i < 9; ++i) world.Append(*log, 0, /*producer=*/9, i);
    world.sim.RunFor(absl::Milliseconds(50));
  }
  ASSERT_THAT(world.Files(".snapshot"), SizeIs(2));
  world.disk.Truncate(world.disk.Find("t-0/00000000000000000008.snapshot"), 20);
  const auto log = world.Open();
  EXPECT_TRUE(log->Append(world.Batch(9, 5), LeaderEpoch(0), world.sim.Now()).duplicate);
}

TEST(PartitionLogRecoveryTest, ASnapshotForgetsProducersThatHaveExpired) {
  World world;
  {
    const auto log = world.Open();
    world.Append(*log, 0, /*producer=*/9, 0);
    log->Close(world.sim.Now(), nullptr);
    world.sim.RunFor(absl::Milliseconds(kExpiration));
  }
  world.Kill();
  EXPECT_EQ(world.Open({.clean_shutdown = true})->producers().producers(), 0u);
}

TEST(PartitionLogRecoveryTest, WhatIsDeletedGoesInWholeSegments) {
  World world;
  {
    const auto log = world.Open();
    for (int32_t i = 0; i < 10; ++i) world.Append(*log, i < 3 ? 1 : 2, /*producer=*/9, i);
    log->SetHighWatermark(Offset(9));
    log->DeleteTo(Offset(6));
    EXPECT_EQ(log->log_start(), Offset(6));
    EXPECT_THAT(world.Files(".log"),
                ElementsAre("t-0/00000000000000000004.log", "t-0/00000000000000000008.log"));
    EXPECT_THAT(log->epochs().entries(), ElementsAre(Entry{LeaderEpoch(2), Offset(6)}));
    EXPECT_EQ(log->FindByTime(0).offset, Offset(6));
    EXPECT_EQ(log->Read(Offset(6), 100'000).batches().size(), 4u);
  }
  world.Kill();
  EXPECT_EQ(world.Open()->log_start(), Offset(4));
  EXPECT_EQ(world.Open({.log_start = Offset(6)})->log_start(), Offset(6));
  // The power went with what lay beyond the start.
  const auto anew = world.Open({.log_start = Offset(40)});
  EXPECT_EQ(anew->log_end(), Offset(40));
  EXPECT_THAT(anew->epochs().entries(), IsEmpty());
  EXPECT_THAT(world.Files(".log"), ElementsAre("t-0/00000000000000000040.log"));
}

TEST(PartitionLogRecoveryTest, ATruncationMayReachIntoAnOlderSegment) {
  World world;
  const auto log = world.Open();
  for (int32_t i = 0; i < 10; ++i) world.Append(*log, 1, /*producer=*/9, i);
  log->TruncateTo(Offset(3), world.sim.Now());
  EXPECT_THAT(world.Files(".log"), SizeIs(1));
  EXPECT_THAT(world.Files(".snapshot"), ElementsAre("t-0/00000000000000000003.snapshot"));
  for (int32_t i = 3; i < 12; ++i) world.Append(*log, 2, /*producer=*/9, i);
  EXPECT_EQ(world.Open()->log_end(), Offset(12));
}

// Twenty writes of two producers under five leaders, among them a truncation, a flush and a
// deletion; as many of them as one wants.
struct Story {
  explicit Story(World& world) : world(world), log(world.Open()) {}

  void Tell(int writes) {
    for (; told < writes; ++told) {
      if (told == 3 || told == 9) log->BeginEpoch(LeaderEpoch(told));
      if (told == 8) {
        log->Flush(world.sim.Now(), nullptr);
        world.sim.RunFor(absl::Milliseconds(20));
      }
      if (told == 13) log->TruncateTo(Offset(9), world.sim.Now());
      if (told == 17) {
        log->SetHighWatermark(Offset(6));
        log->DeleteTo(Offset(5));
      }
      const int32_t epoch = told < 3 ? 0 : told < 9 ? 3 : told < 13 ? 9 : told < 17 ? 10 : 14;
      const int64_t producer = told % 3 == 0 ? 5 : 9;
      // As a follower: the truncation has undone sequences, which is not the point here.
      RecordBatch batch = world.Batch(producer, told);
      batch.Place(log->log_end(), LeaderEpoch(epoch));
      log->AppendAsFollower(std::make_shared<const RecordBatch>(std::move(batch)), world.sim.Now());
    }
  }

  World& world;
  std::unique_ptr<PartitionLog> log;
  int told = 0;
};

using Batches = std::vector<std::shared_ptr<const RecordBatch>>;

std::vector<ProducerState::Snapshot::Producer> LastBatches(ProducerState& producers, Offset from) {
  std::vector<ProducerState::Snapshot::Producer> known = producers.TakeSnapshot().producers;
  std::erase_if(known, [from](const auto& producer) { return producer.base_offset < from; });
  return known;
}

// `before` is what the log held; `durable`, up to where it must hold it still.
void CheckReopened(World& world, const Batches& before, Offset durable, Offset log_start) {
  const auto log = world.Open({.recovery_point = durable, .log_start = log_start});
  ASSERT_GE(log->log_end(), durable);
  ASSERT_LE(log->batches().size(), before.size());
  for (size_t i = 0; i < log->batches().size(); ++i) ASSERT_EQ(log->batches()[i], before[i]);
  ProducerState replayed;
  LeaderEpochCache epochs;
  for (const auto& batch : log->batches()) {
    replayed.Update(*batch);
    epochs.Assign(batch->header().partition_leader_epoch, batch->base_offset());
  }
  epochs.TruncateFromStart(log->log_start());
  EXPECT_EQ(log->epochs().entries(), epochs.entries());
  EXPECT_EQ(LastBatches(log->producers(), log->log_start()),
            LastBatches(replayed, log->log_start()));
  // It goes on, and is found again.
  const Offset end = log->log_end();
  world.Append(*log, 20);
  EXPECT_EQ(world.Open({.recovery_point = durable, .log_start = log_start})->log_end(), Next(end));
}

TEST(PartitionLogRecoveryTest, CutAnywhereTheLogIsAPrefixAndKnowsWhatItHolds) {
  int cuts = 0;
  for (int writes = 1; writes <= 20; ++writes) {
    for (int cut = 0;; ++cut) {
      World world;
      Story story(world);
      story.Tell(writes);
      const Batches before = story.log->batches();
      const Offset durable = story.log->recovery_point();
      const Offset log_start = story.log->log_start();
      story.log.reset();
      // Each place where a loss of power may cut a file: before an unsynced write, or inside it.
      std::vector<std::pair<sim::Disk::File*, int64_t>> places;
      for (sim::Disk::File* file : PartitionLog::FilesOf(world.disk, "t-0")) {
        int64_t at = 0;
        for (const sim::Disk::Extent& extent : file->extents()) {
          for (const int64_t size : {at, at + 1, at + extent.size - 1})
            if (size >= file->synced_size()) places.emplace_back(file, size);
          at += extent.size;
        }
      }
      if (cut == static_cast<int>(places.size())) break;
      ++cuts;
      const auto [file, size] = places[static_cast<size_t>(cut)];
      world.disk.Truncate(file, size);
      world.Kill();
      SCOPED_TRACE(std::to_string(writes) + " writes, " + file->name() + " cut at " +
                   std::to_string(size));
      CheckReopened(world, before, durable, log_start);
      if (::testing::Test::HasFatalFailure()) return;
    }
  }
  EXPECT_GT(cuts, 200);
}

TEST(PartitionLogRecoveryTest, ALossOfPowerAtAnyWriteLeavesAPrefix) {
  int lost = 0;
  for (uint64_t seed = 1; seed <= 20; ++seed) {
    for (int writes = 1; writes <= 20; ++writes) {
      World world(seed);
      Story story(world);
      story.Tell(writes);
      // Some of the small files are durable by then, some are not.
      world.sim.RunFor(absl::Microseconds(static_cast<int64_t>(seed) * 150));
      const Batches before = story.log->batches();
      const Offset durable = story.log->recovery_point();
      // The broker's checkpoint of it, had it been written in time.
      const Offset log_start = story.log->log_start();
      story.log.reset();
      world.LosePower();
      SCOPED_TRACE("seed " + std::to_string(seed) + ", " + std::to_string(writes) + " writes");
      if (world.Open()->log_end() < before.back()->next_offset()) ++lost;
      CheckReopened(world, before, durable, log_start);
      if (::testing::Test::HasFatalFailure()) return;
    }
  }
  EXPECT_GT(lost, 100);
}

TEST(PartitionLogRecoveryTest, AKillLosesNothing) {
  for (int writes = 1; writes <= 20; ++writes) {
    World world;
    Story story(world);
    story.Tell(writes);
    const Batches before = story.log->batches();
    const Offset log_start = story.log->log_start();
    const Offset end = story.log->log_end();
    story.log.reset();
    world.Kill();
    CheckReopened(world, before, end, log_start);
  }
}

}  // namespace
}  // namespace norn::model
