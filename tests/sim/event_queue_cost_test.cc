// What the queue costs in memory: allocations, counted in operator new, and bytes.

#include <array>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <new>

#include "gtest/gtest.h"
#include "sim/event_queue.h"

namespace {

uint64_t allocations = 0;

void* CountedAllocation(size_t size, size_t alignment) {
  ++allocations;
  void* memory = std::aligned_alloc(alignment, (size + alignment - 1) / alignment * alignment);
  if (memory == nullptr) std::abort();
  return memory;
}

}  // namespace

void* operator new(size_t size) { return CountedAllocation(size, alignof(std::max_align_t)); }
void* operator new(size_t size, std::align_val_t alignment) {
  return CountedAllocation(size, static_cast<size_t>(alignment));
}
// Where g++ inlines these it takes free() for a mistake.
[[gnu::noinline]] void operator delete(void* memory) noexcept { std::free(memory); }
[[gnu::noinline]] void operator delete(void* memory, size_t) noexcept { std::free(memory); }
[[gnu::noinline]] void operator delete(void* memory, std::align_val_t) noexcept {
  std::free(memory);
}
[[gnu::noinline]] void operator delete(void* memory, size_t, std::align_val_t) noexcept {
  std::free(memory);
}

namespace norn::sim {
namespace {

constexpr Label kTest{"test"};

Time At(int64_t nanos) { return Time::FromNanos(nanos); }

// A closure of 48 bytes that schedules its successor.
struct Hold {
  EventQueue* queue;
  uint64_t* order;
  uint64_t random;
  int64_t at;
  std::array<uint64_t, 2> load;
  void operator()() {
    random = random * 6364136223846793005u + 1442695040888963407u;
    Hold next = *this;
    next.at = at + static_cast<int64_t>(random >> 43);
    queue->Push(At(next.at), {++*order, 0, &kTest, 0}, next);
  }
};
static_assert(sizeof(Hold) == Event::kInlineBytes);

void RunHold(size_t pending, int events, EventQueue* queue, uint64_t* order) {
  for (size_t i = queue->size(); i < pending; ++i) Hold{queue, order, i, 0, {}}();
  for (int i = 0; i < events; ++i) {
    Event* event = queue->PopNotAfter(Time::Max());
    event->Run();
    queue->Release(event);
  }
}

TEST(EventQueueCostTest, TheSteadyStateAllocatesNothing) {
  for (size_t pending : {1, 10, 100, 1000, 10'000}) {
    EventQueue queue({});
    uint64_t order = 0;
    RunHold(pending, 500'000, &queue, &order);
    const uint64_t before = allocations;
    RunHold(pending, 500'000, &queue, &order);
    EXPECT_EQ(allocations - before, 0u) << pending << " pending";
  }
}

TEST(EventQueueCostTest, AMillionEventsTakeAtMost128BytesEach) {
  EventQueue queue({});
  uint64_t order = 0;
  RunHold(1'000'000, 1'000'000, &queue, &order);
  EXPECT_LE(queue.bytes(), 128u * 1'000'000);
  EXPECT_LE(sizeof(Event), 96u);
}

TEST(EventQueueCostTest, AnEmptyQueueAllocatesNothingAndASmallOneLittle) {
  const uint64_t before = allocations;
  EventQueue queue({});
  EXPECT_EQ(allocations - before, 0u);
  uint64_t order = 0;
  RunHold(20, 1000, &queue, &order);
  EXPECT_LE(queue.bytes(), 8192u);
}

}  // namespace
}  // namespace norn::sim
