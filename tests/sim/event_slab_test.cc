#include "sim/event_slab.h"

#include <cstdint>
#include <set>
#include <vector>

#include "gtest/gtest.h"

namespace norn::sim {
namespace {

TEST(EventSlabTest, AnEventNeverMoves) {
  EventSlab slab;
  std::vector<Event*> events;
  for (int i = 0; i < 5000; ++i) events.push_back(&slab.Allocate());
  for (Event* event : events) EXPECT_EQ(&slab.At(event->meta.index), event);
  EXPECT_EQ(std::set<Event*>(events.begin(), events.end()).size(), events.size());
}

TEST(EventSlabTest, WhatWasFreedLastIsUsedFirst) {
  EventSlab slab;
  Event& a = slab.Allocate();
  Event& b = slab.Allocate();
  slab.Free(a);
  slab.Free(b);
  EXPECT_EQ(&slab.Allocate(), &b);
  EXPECT_EQ(&slab.Allocate(), &a);
}

TEST(EventSlabTest, ATimerNamesItsEventWhileThatIsPending) {
  EventSlab slab;
  Event& event = slab.Allocate();
  const uint32_t index = event.meta.index;
  const uint32_t stamp = slab.MarkPending(index);
  const TimerId id = EventSlab::IdOf(index, stamp);
  EXPECT_TRUE(slab.IsPending(id));
  EXPECT_EQ(slab.IdOf(index), id);
  slab.MarkTaken(index);
  EXPECT_FALSE(slab.IsPending(id));
  EXPECT_EQ(slab.IdOf(index), id);
  slab.MarkPutBack(index);
  EXPECT_TRUE(slab.IsPending(id));
  slab.MarkTaken(index);
  slab.Free(event);
  slab.MarkPending(slab.Allocate().meta.index);
  EXPECT_FALSE(slab.IsPending(id));
  EXPECT_FALSE(slab.IsPending(TimerId{}));
  EXPECT_FALSE(slab.IsPending(TimerId{.index = 1 << 20, .generation = 1}));
}

TEST(EventSlabTest, ANewPlacementChangesTheStampAndNotTheTimer) {
  EventSlab slab;
  const uint32_t index = slab.Allocate().meta.index;
  std::set<uint32_t> stamps{slab.MarkPending(index)};
  const TimerId id = slab.IdOf(index);
  while (slab.NextPlacement(index)) {
    EXPECT_TRUE(stamps.insert(slab.Stamp(index)).second);
    EXPECT_TRUE(slab.IsPending(id));
  }
  EXPECT_EQ(stamps.size(), 256u);
  slab.StartPlacements(index);
  EXPECT_EQ(slab.IdOf(index), id);
  EXPECT_TRUE(slab.IsPending(id));
}

TEST(EventSlabTest, APlaceIsGivenUpRatherThanATimerReused) {
  EventSlab slab;
  Event* event = &slab.Allocate();
  const uint32_t index = event->meta.index;
  uint32_t last = 0;
  int used = 0;
  for (; event->meta.index == index; ++used) {
    const TimerId id = EventSlab::IdOf(index, slab.MarkPending(index));
    ASSERT_GT(id.generation, last);
    last = id.generation;
    slab.MarkTaken(index);
    slab.Free(*event);
    event = &slab.Allocate();
  }
  EXPECT_EQ(used, (1 << 23) - 1);
}

TEST(EventSlabTest, SmallWorldsHaveSmallPages) {
  EventSlab slab;
  EXPECT_EQ(slab.bytes(), 0u);
  for (int i = 0; i < 32; ++i) slab.Allocate();
  EXPECT_LE(slab.bytes(), 33 * (sizeof(Event) + 4));
}

}  // namespace
}  // namespace norn::sim
