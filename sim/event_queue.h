// What happens next. A total order: by time, then by order of scheduling (or, when ties are
// shuffled, by a draw made from that order). It has no clock, no chance and no owner, and is
// benchmarked alone.
//
// Promised: Push, Cancel and PopNotAfter are O(1) on average however far ahead events lie; no
// allocation per event once as many were pending before; a cancelled event's closure is destroyed
// at once, and what is left of it (16 bytes) never outnumbers the live ones by more than kSlack, so
// a 30 s timeout that is cancelled after 2 ms does not pile up. Event addresses are stable.
//
// Not promised: speed for very many events at one instant whose ties are shuffled, where new ones
// are pushed for that instant: each costs a walk over those that remain.
//
// How: events lie in an EventSlab; their order is kept in keys. The next few keys are *near*: a
// sorted array to pop from. The others are in a TimerWheel, whose first slot is taken into the
// array when that is empty. A push is near if it is earlier than what the array covers.
//
// Closures and their destructors may call anything here but the destructor; a destructor that runs
// within Cancel, too.
//
// Example:
//   EventQueue queue({});
//   TimerId id = queue.Push(Time::FromNanos(5), meta, [] { ... });
//   while (Event* e = queue.PopNotAfter(Time::Max())) { e->Run(); queue.Release(e); }
#ifndef NORN_SIM_EVENT_QUEUE_H_
#define NORN_SIM_EVENT_QUEUE_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <utility>

#include "sim/event.h"
#include "sim/event_slab.h"
#include "sim/time.h"
#include "sim/timer_wheel.h"

namespace norn::sim {

class EventQueue {
 public:
  struct Options {
    // Events of one instant happen in an order drawn from `shuffle_seed` instead of the order in
    // which they were scheduled.
    bool shuffle_ties = false;
    uint64_t shuffle_seed = 0;
  };
  // How many more cancelled events than live ones may take room.
  static constexpr size_t kSlack = 64;

  explicit EventQueue(Options options);
  EventQueue(const EventQueue&) = delete;
  EventQueue& operator=(const EventQueue&) = delete;
  // Destroys the closures that are pending, and what their destructors push.
  ~EventQueue();

  // Schedules `f` for `at`, which may be any time: one that is over (only a clock would know) comes
  // next. REQUIRES: `at` is not negative; meta.order grows from call to call, over Push, PutBack
  // and Reschedule.
  template <class F>
  TimerId Push(Time at, const EventMeta& meta, F&& f) {
    Event& event = slab_.Allocate();
    event.meta.order = meta.order;
    event.meta.cause = meta.cause;
    event.meta.label = meta.label;
    event.meta.owner = meta.owner;
    event.Emplace(std::forward<F>(f));
    event.at_ = at.nanos();
    const uint32_t index = event.meta.index;
    const uint32_t stamp = slab_.MarkPending(index);
    Insert({static_cast<uint64_t>(at.nanos()), index, stamp});
    return EventSlab::IdOf(index, stamp);
  }

  // Takes a pending event out and destroys its closure. False if `id` names none: it happened, was
  // cancelled, or never was. An event that is running is no longer pending.
  bool Cancel(TimerId id);
  bool IsPending(TimerId id) const { return slab_.IsPending(id); }

  // Takes out the first event not later than `limit`, or returns null. The event and its closure
  // stay valid until Release, which the caller owes.
  Event* PopNotAfter(Time limit) {
    while (head_ != tail_ || Refill(limit)) {
      const EventKey key = near_[head_];
      if (static_cast<int64_t>(key.at) > limit.nanos()) return nullptr;
      ++head_;
      if (!IsStale(key)) {
        // The event after next is fetched while two others run.
        if (head_ + kAhead < tail_) {
          const uint32_t index = near_[head_ + kAhead].index;
          const char* event = reinterpret_cast<const char*>(&slab_.At(index));
          __builtin_prefetch(event);
          __builtin_prefetch(event + 64);
          __builtin_prefetch(slab_.StampAt(index));
        }
        slab_.MarkTaken(key.index);
        --live_;
        popped_at_ = static_cast<int64_t>(key.at);
        return &slab_.At(key.index);
      }
      --cancelled_;
    }
    return nullptr;
  }
  // When the event that PopNotAfter gave was due.
  Time TimeOf(const Event* event) const { return Time::FromNanos(event->at_); }
  TimerId IdOf(const Event* event) const { return slab_.IdOf(event->meta.index); }
  void Release(Event* event) {
    event->Destroy();
    Free(*event);
  }

  // When the first event is due; Time::Max() if none is pending.
  Time NextTime();

  // Puts a popped event back, now due `at` and scheduled as the `order`-th; its TimerId names it as
  // before. Instead of Release.
  void PutBack(Event* event, Time at, uint64_t order);
  // Moves a pending event likewise. False if `id` names none.
  bool Reschedule(TimerId id, Time at, uint64_t order);

  // Takes out and destroys every pending event of `owner`, and what their destructors push for it.
  void EraseOwnedBy(uint32_t owner);

  size_t size() const { return live_; }
  // Remains of cancelled events that still take room.
  size_t cancelled() const { return cancelled_; }
  // Bytes held for events, live or not.
  size_t bytes() const {
    return slab_.bytes() + wheel_.bytes() + near_capacity_ * sizeof(EventKey);
  }

 private:
  // A refill of the near array goes on until it has kEnoughNear keys; up to kFewNear may always be
  // in it, see ManyNear.
  static constexpr uint32_t kEnoughNear = 8;
  static constexpr uint32_t kFewNear = 32;
  static constexpr uint32_t kAhead = 4;

  bool IsStale(EventKey key) const { return slab_.Stamp(key.index) != key.stamp; }
  uint64_t Tie(EventKey key);

  void Insert(EventKey key);
  [[noreturn]] void FailNegative(EventKey key);
  void InsertNear(EventKey key);
  EventKey* PlaceAmongTies(EventKey* begin, EventKey* end, EventKey key);
  uint32_t ManyNear() const;
  void MakeRoom();
  void SpillFrom(uint32_t first);
  void ReserveNear(uint32_t capacity);
  bool Refill(Time limit);
  void SplitFirst();
  void ShuffleTies(EventKey* first, EventKey* end);
  void EraseStaleNear();
  void EraseStale();
  void Free(Event& event) {
    slab_.Free(event);
    if (__builtin_expect(cancelled_ > live_ + kSlack, 0)) EraseStale();
  }
  template <class Predicate>
  void Destroy(Predicate predicate);

  Options options_;
  EventSlab slab_;
  size_t live_ = 0;
  size_t cancelled_ = 0;
  int64_t popped_at_ = 0;  // time of the last event popped

  // Keys earlier than horizon_ are near, in [head_, tail_), by time and tie. The others are in the
  // wheel, whose cursor is not later than the horizon.
  uint64_t horizon_;
  std::unique_ptr<EventKey[]> near_;
  uint32_t near_capacity_ = 0;
  uint32_t near_limit_ = 0;  // where tail_ has to stop; not above near_capacity_
  uint32_t head_ = 0;
  uint32_t tail_ = 0;
  TimerWheel wheel_;
};

}  // namespace norn::sim

#endif  // NORN_SIM_EVENT_QUEUE_H_
