// Where events lie: pages that never move, so that an event's address is stable, and a free list,
// so that scheduling allocates nothing once as many events were pending before.
//
// A place in the slab is used again and again, hence each has a *stamp*, a number that changes
// whenever what was said about the place before no longer holds:
//
//   placement (8 bits) | generation (24 bits)
//
// (1) The generation is odd while the place holds a pending event and even otherwise. It is what a
//     TimerId remembers. A place whose generations are used up (8 million events) is not used
//     again, so a stale TimerId never becomes true.
// (2) The placement changes when a pending event is moved to another time, so that the event keeps
//     its TimerId while the key that its queue holds becomes stale.
//
// Stamps lie apart from the events: to see whether a key is stale costs four bytes, not a visit to
// the event.
//
// Example:
//   Event& event = slab.Allocate();
//   slab.MarkPending(event.meta.index);
//   TimerId id = slab.IdOf(event.meta.index);  // slab.IsPending(id)
//   slab.MarkTaken(event.meta.index);          // !slab.IsPending(id); the event is still there
//   slab.Free(event);
#ifndef NORN_SIM_EVENT_SLAB_H_
#define NORN_SIM_EVENT_SLAB_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

#include "sim/event.h"

namespace norn::sim {

class EventSlab {
 public:
  EventSlab() = default;
  EventSlab(const EventSlab&) = delete;
  EventSlab& operator=(const EventSlab&) = delete;

  Event& At(uint32_t index) { return pages_[index / kPageEvents].get()[index % kPageEvents]; }

  // A place that is not pending and whose event the caller fills in, but for meta.index.
  Event& Allocate() {
    if (__builtin_expect(free_ == nullptr, 0)) Grow();
    Event& event = *free_;
    free_ = event.next_free_;
    return event;
  }
  // REQUIRES: the event is not pending and its closure is destroyed.
  void Free(Event& event) {
    if (__builtin_expect((stamps_[event.meta.index] & kGenerationMask) == kLastGeneration, 0))
      return;
    event.next_free_ = free_;
    free_ = &event;
  }

  // A new event is there, under a new TimerId. Returns its stamp.
  uint32_t MarkPending(uint32_t index) { return ++stamps_[index]; }
  // It is taken out of the queue. Its TimerId is stale from now on, unless it is put back.
  void MarkTaken(uint32_t index) { ++stamps_[index]; }
  void MarkPutBack(uint32_t index) { --stamps_[index]; }

  uint32_t Stamp(uint32_t index) const { return stamps_[index]; }
  const uint32_t* StampAt(uint32_t index) const { return &stamps_[index]; }
  bool Pending(uint32_t index) const { return (stamps_[index] & 1) != 0; }
  bool IsPending(TimerId id) const {
    // Generations of TimerIds are odd, those of places without an event are not.
    return id && id.index < stamps_.size() &&
           (stamps_[id.index] & kGenerationMask) == id.generation;
  }
  // The TimerId of an event that is pending or taken, given its index, or its stamp while pending.
  static TimerId IdOf(uint32_t index, uint32_t stamp) { return {index, stamp & kGenerationMask}; }
  TimerId IdOf(uint32_t index) const {
    const uint32_t generation = stamps_[index] & kGenerationMask;
    return {index, generation - 1 + (generation & 1)};
  }

  // Makes keys with the present stamp stale, the TimerId stays. False if the placements are used
  // up: the caller must then forget every stale key first and call StartPlacements.
  bool NextPlacement(uint32_t index) {
    if (stamps_[index] >= kLastPlacement) return false;
    stamps_[index] += kPlacement;
    return true;
  }
  void StartPlacements(uint32_t index) { stamps_[index] &= kGenerationMask; }

  // Indices are below this; some below it are of no event, and not pending.
  uint32_t limit() const { return static_cast<uint32_t>(stamps_.size()); }
  size_t bytes() const;

 private:
  static constexpr uint32_t kPageEvents = 1024;
  static constexpr uint32_t kPlacement = 1u << 24;
  static constexpr uint32_t kLastPlacement = 0xffu << 24;
  static constexpr uint32_t kGenerationMask = kPlacement - 1;
  static constexpr uint32_t kLastGeneration = kGenerationMask - 1;

  struct FreePage {
    void operator()(Event* page) const { ::operator delete(page); }
  };
  // Small worlds have small pages: indices stay kPageEvents apart, the first pages are short.
  static uint32_t EventsInPage(size_t page) {
    return page == 0 ? 32 : page == 1 ? 256 : kPageEvents;
  }
  void Grow();

  std::vector<std::unique_ptr<Event, FreePage>> pages_;
  std::vector<uint32_t> stamps_;
  Event* free_ = nullptr;
};

}  // namespace norn::sim

#endif  // NORN_SIM_EVENT_SLAB_H_
