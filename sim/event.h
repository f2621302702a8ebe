// One scheduled event: a closure, kept inline up to 48 bytes, and what is known about it.
//
// Events live in an EventSlab and belong to an EventQueue; what runs them sees them between
// EventQueue::PopNotAfter and Release, when their address is stable.
#ifndef NORN_SIM_EVENT_H_
#define NORN_SIM_EVENT_H_

#include <cstddef>
#include <cstdint>
#include <new>
#include <type_traits>
#include <utility>

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
  uint32_t index = 0;  // the slab's, where padding would be: the place of the event in it
};

class Event {
 public:
  static constexpr size_t kInlineBytes = 48;

  EventMeta meta;

  void Run() { ops_->run(*this); }

 private:
  friend class EventQueue;
  friend class EventSlab;

  struct Ops {
    void (*run)(Event&);
    void (*destroy)(Event&);  // null if there is nothing to do
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
  static constexpr Ops OpsOf() {
    Ops ops{[](Event& e) { (*e.closure<F>())(); }, nullptr};
    if constexpr (!kFitsInline<F>) {
      ops.destroy = [](Event& e) { delete e.closure<F>(); };
    } else if constexpr (!std::is_trivially_destructible_v<F>) {
      ops.destroy = [](Event& e) { e.closure<F>()->~F(); };
    }
    return ops;
  }
  template <class F>
  static constexpr Ops kOps = OpsOf<F>();

  template <class F>
  void Emplace(F&& f) {
    using Closure = std::decay_t<F>;
    ops_ = &kOps<Closure>;
    if constexpr (kFitsInline<Closure>) {
      ::new (static_cast<void*>(storage_)) Closure(std::forward<F>(f));
    } else {
      ::new (static_cast<void*>(storage_)) Closure*(new Closure(std::forward<F>(f)));
    }
  }
  void Destroy() {
    if (ops_->destroy != nullptr) ops_->destroy(*this);
  }

  const Ops* ops_;
  union {
    int64_t at_;        // when it is due
    Event* next_free_;  // of a free place
  };
  alignas(8) unsigned char storage_[kInlineBytes];
};

}  // namespace norn::sim

#endif  // NORN_SIM_EVENT_H_
