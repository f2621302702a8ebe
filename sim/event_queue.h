// What happens next. A total order: by time, then by order of scheduling (or, when ties are
// shuffled, by a draw made from that order). It has no clock, no chance and no owner, and is
// benchmarked alone.
//
// Promised: Push, Cancel and PopNotAfter are O(1) on average however far ahead events lie; no
// allocation per event once the slab has grown to the largest number pending; a cancelled event's
// closure is destroyed at once and what is left of it never outnumbers the live ones by more than
// a constant, so a 30 s timeout that is cancelled after 2 ms does not pile up.
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
#include <new>
#include <type_traits>
#include <utility>
#include <vector>

#include "sim/label.h"
#include "sim/time.h"

namespace norn::sim {

// Names one scheduled event for as long as it is pending; a stale one names nothing. Default: none.
struct TimerId {
  uint32_t index = 0;
  uint32_t generation = 0;
  friend constexpr bool operator==(TimerId, TimerId) = default;
  explicit constexpr operator bool() const { return generation != 0; }
};

// What an event carries besides its closure.
struct EventMeta {
  uint64_t order;      // the n-th event scheduled in this run, from 1
  uint64_t cause;      // order of the event that was running when this one was scheduled; 0 = none
  const Label* label;  // never null
  uint32_t owner;      // who must be alive for it to happen; 0 = nobody (see node.h)
};

// One scheduled event: its closure, kept inline up to kInlineBytes, and its meta data.
class Event {
 public:
  static constexpr size_t kInlineBytes = 48;

  EventMeta meta;

  void Run() { ops_->run(*this); }

 private:
  friend class EventQueue;
  struct Ops {
    void (*run)(Event&);
    void (*destroy)(Event&);
  };
  template <class F>
  static constexpr bool kFitsInline = sizeof(F) <= kInlineBytes && alignof(F) <= 8;

  template <class F>
  F* closure() {
    if constexpr (kFitsInline<F>) {
      return std::launder(reinterpret_cast<F*>(storage_));
    } else {
      return *std::launder(reinterpret_cast<F**>(storage_));
    }
  }
  template <class F>
  static constexpr Ops kOpsOf = {
      [](Event& e) { (*e.closure<F>())(); },
      [](Event& e) {
        if constexpr (kFitsInline<F>) {
          if constexpr (!std::is_trivially_destructible_v<F>) e.closure<F>()->~F();
        } else {
          delete e.closure<F>();
        }
      }};

  const Ops* ops_ = nullptr;
  uint32_t generation_ = 1;
  bool pending_ = false;
  Time at_;
  alignas(8) unsigned char storage_[kInlineBytes];
};

class EventQueue {
 public:
  struct Options {
    // Events of one instant happen in an order drawn from `shuffle_seed` instead of the order in
    // which they were scheduled.
    bool shuffle_ties = false;
    uint64_t shuffle_seed = 0;
  };

  explicit EventQueue(Options options);
  EventQueue(const EventQueue&) = delete;
  EventQueue& operator=(const EventQueue&) = delete;
  ~EventQueue();

  // Schedules `f` for `at`.
  // REQUIRES: `at` is not before the last event popped, nor before the limit of a PopNotAfter that
  // returned null; meta.order grows from call to call.
  template <class F>
  TimerId Push(Time at, const EventMeta& meta, F&& f) {
    using Closure = std::decay_t<F>;
    const uint32_t index = Allocate();
    Event& event = At(index);
    event.meta = meta;
    event.ops_ = &Event::kOpsOf<Closure>;
    if constexpr (Event::kFitsInline<Closure>) {
      ::new (static_cast<void*>(event.storage_)) Closure(std::forward<F>(f));
    } else {
      ::new (static_cast<void*>(event.storage_)) Closure*(new Closure(std::forward<F>(f)));
    }
    Insert(at, index);
    return TimerId{index, event.generation_};
  }

  // Takes a pending event out and destroys its closure. False if `id` names none: it happened, was
  // cancelled, or never was. An event that is running is no longer pending.
  bool Cancel(TimerId id);
  bool IsPending(TimerId id) const;

  // Takes out the first event not later than `limit`, or returns null. The event and its closure
  // stay valid until Release, which the caller owes.
  Event* PopNotAfter(Time limit);
  // When the event that PopNotAfter gave was due.
  Time TimeOf(const Event* event) const { return event->at_; }
  void Release(Event* event);
  TimerId IdOf(const Event* event) const;

  // When the first event is due; Time::Max() if none is pending.
  Time NextTime();

  // Puts a popped event back, now due `at` and scheduled as the `order`-th; its TimerId names it as
  // before. Instead of Release.
  void PutBack(Event* event, Time at, uint64_t order);
  // Moves a pending event likewise. False if `id` names none.
  bool Reschedule(TimerId id, Time at, uint64_t order);

  // Takes out and destroys every pending event of `owner`.
  void EraseOwnedBy(uint32_t owner);

  size_t size() const { return live_; }
  // Remains of cancelled events that still take room.
  size_t cancelled() const;
  // Bytes held for events, live or not.
  size_t bytes() const;

 private:
  struct Key {
    Time at;
    uint64_t tie;
    uint32_t index;
    uint32_t generation;
  };
  static bool Later(const Key& a, const Key& b) {
    return a.at != b.at ? a.at > b.at : a.tie > b.tie;
  }
  static constexpr size_t kPageEvents = 64;

  Event& At(uint32_t index) { return pages_[index / kPageEvents][index % kPageEvents]; }
  const Event& At(uint32_t index) const { return pages_[index / kPageEvents][index % kPageEvents]; }
  uint32_t Allocate();
  void Insert(Time at, uint32_t index);
  void Free(uint32_t index);
  bool Stale(const Key& key) const { return At(key.index).generation_ != key.generation || !At(key.index).pending_; }

  Options options_;
  std::vector<std::unique_ptr<Event[]>> pages_;
  std::vector<uint32_t> free_;
  std::vector<Key> heap_;
  std::vector<uint32_t> popped_;
  size_t live_ = 0;
};

}  // namespace norn::sim

#endif  // NORN_SIM_EVENT_QUEUE_H_
