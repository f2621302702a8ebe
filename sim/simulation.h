// The one object each part of a world is handed: clock, queue of events, chance, trace.
//
// Single-threaded. Two Simulations share nothing, so a test may run thousands side by side. The
// same seed gives the same run, event for event, on every machine.
//
// Example:
//   sim::Simulation sim({.seed = 42});
//   sim.After(absl::Milliseconds(5), [] { ... });
//   sim.RunUntilIdle();                        // returns when nothing is left to happen
//   EXPECT_EQ(sim.Now(), sim::Time::Zero() + absl::Milliseconds(5));
//
// Only the outermost caller pumps the clock: Run*, Step and Await called from inside an event are a
// failed check.
#ifndef NORN_SIM_SIMULATION_H_
#define NORN_SIM_SIMULATION_H_

#include <cstdint>
#include <functional>
#include <initializer_list>
#include <string>
#include <utility>
#include <vector>

#include "sim/check.h"
#include "sim/event_queue.h"
#include "sim/label.h"
#include "sim/random.h"
#include "sim/time.h"
#include "sim/trace.h"

namespace norn::sim {

class Waiter;

// Bounds that turn an endless run into a message which names the label that repeats.
struct Limits {
  uint64_t events_at_one_instant = 1'000'000;
  uint64_t pending_events = 20'000'000;
  uint64_t events = 2'000'000'000;
};

class Simulation final : public CheckContext {
 public:
  struct Options {
    uint64_t seed = 1;
    // Events of one instant happen in a drawn order instead of the order of scheduling.
    bool shuffle_ties = false;
    TraceSink trace = TraceSink::kDigest;
    size_t trace_ring = 256;
    Limits limits = {};
    // How to run this again; printed when a check fails.
    std::string replay = {};
  };

  explicit Simulation(Options options);
  Simulation(const Simulation&) = delete;
  Simulation& operator=(const Simulation&) = delete;
  ~Simulation();

  Time Now() const { return now_; }
  uint64_t seed() const { return options_.seed; }
  Chance& chance() { return chance_; }

  // Schedules `f`, owned by whoever is running now. REQUIRES: `at` is not before Now().
  // Returns no timer, and forgets `f`, if the owner is dead.
  template <class F>
  TimerId At(Time at, const Label& label, F&& f) {
    return Schedule(at, owner_, label, std::forward<F>(f));
  }
  template <class F>
  TimerId At(Time at, F&& f) {
    return Schedule(at, owner_, kUnnamed, std::forward<F>(f));
  }
  // The same, `delay` from now. A negative delay is a failed check.
  template <class F>
  TimerId After(absl::Duration delay, const Label& label, F&& f) {
    return Schedule(now_.PlusNanos(ToNanos(delay)), owner_, label, std::forward<F>(f));
  }
  template <class F>
  TimerId After(absl::Duration delay, F&& f) {
    return Schedule(now_.PlusNanos(ToNanos(delay)), owner_, kUnnamed, std::forward<F>(f));
  }
  // The same for an owner other than the one running: how a network hands a frame to a node.
  template <class F>
  TimerId Schedule(Time at, uint32_t owner, const Label& label, F&& f) {
    if (__builtin_expect(owner != 0 && owners_[owner] == OwnerState::kDead, 0)) return TimerId{};
    if (__builtin_expect(at < now_, 0)) FailPast(at, label);
    return queue_.Push(at, EventMeta{++scheduled_, event_, &label, owner}, std::forward<F>(f));
  }
  // False if it happened already, was cancelled, or never was.
  bool Cancel(TimerId id) { return queue_.Cancel(id); }
  bool IsPending(TimerId id) const { return queue_.IsPending(id); }

  // Runs what is due in the next `duration` and leaves the clock at its end.
  void RunFor(absl::Duration duration);
  // Runs until `predicate` holds (asked first, then after every event). False, with the clock at
  // the deadline, if it never did; false, with the clock at the last event, if nothing is left.
  bool RunUntil(const std::function<bool()>& predicate, absl::Duration deadline);
  // Runs until nothing is pending.
  void RunUntilIdle();
  // Runs the next event; false if there is none.
  bool Step();
  // When the next event is due; Time::Max() if none is.
  Time NextEventTime() { return queue_.NextTime(); }
  // True while an event runs.
  bool pumping() const { return pumping_; }

  // Pumps the clock until `future` is ready and returns its value. If nothing is left that could
  // make it ready, or it is abandoned, that is a failed check which lists who waits for what: ask
  // future.Get() where that is to be expected.
  template <class Future>
  auto Await(Future future) {
    if (!PumpUntilReady([](const void* f) { return static_cast<const Future*>(f)->settled(); },
                        &future)) {
      FailStalled();
    }
    auto value = future.Get();
    NORN_CHECK(value.has_value()) << "awaited something whose maker died before it was done";
    return *std::move(value);
  }
  // The same, giving up after `within`: nothing if it was not ready by then, or was abandoned.
  template <class Future>
  auto AwaitFor(Future future, absl::Duration within) {
    RunUntil([&future] { return future.settled(); }, within);
    return future.Get();
  }

  // Says that something happened during the running event. `text()` gives a std::string and is
  // called only if a sink keeps entries. `join` is a second cause, as an event's order.
  template <class TextFn>
  void Note(const Label& what, std::initializer_list<Subject> subjects, TextFn&& text,
            uint64_t join = 0) {
    if (!trace_.digests()) return;
    FoldNote(what, subjects);
    if (__builtin_expect(trace_.keeps_entries(), 0)) KeepNote(what, subjects, text(), join);
  }
  void Note(const Label& what, std::initializer_list<Subject> subjects) {
    Note(what, subjects, [] { return std::string(); });
  }
  // The same for what follows from notes that are made anyway: it is not folded into the digest,
  // and costs nothing unless a sink keeps entries.
  void Remark(const Label& what, std::initializer_list<Subject> subjects) {
    if (__builtin_expect(trace_.keeps_entries(), 0)) KeepNote(what, subjects, std::string(), 0);
  }

  const Trace& trace() const { return trace_; }
  uint64_t run_digest() const { return trace_.digest(); }
  uint64_t events_run() const { return events_run_; }
  // The event that is running, by its order of scheduling; 0 outside of events.
  uint64_t current_event() const { return event_; }
  size_t pending_events() const { return queue_.size(); }

  // Who waits for what, one line each: what a stall report shows.
  std::vector<std::string> Waiting() const;
  void Explain(std::ostream& os) const override;

  // --- For node.h: owners are lives of nodes. An owner runs, is paused (what is due for it waits)
  // --- or is dead (what it schedules, and what was scheduled for it, vanishes).
  enum class OwnerState : uint8_t { kRuns, kPaused, kDead };
  uint32_t AddOwner(std::string name);
  void SetOwner(uint32_t owner, OwnerState state);
  OwnerState owner_state(uint32_t owner) const { return owners_[owner]; }
  bool IsDead(uint32_t owner) const { return owner != 0 && owners_[owner] == OwnerState::kDead; }
  uint32_t current_owner() const { return owner_; }
  const std::string& owner_name(uint32_t owner) const { return owner_names_[owner]; }
  // Removes what is pending for a dead owner.
  void EraseOwnedBy(uint32_t owner);

 private:
  friend class OwnerScope;
  friend class Waiter;

  bool RunOne(Time limit);
  bool PumpUntilReady(bool (*ready)(const void*), const void* what);
  void NotNow(Event* event);
  void KeepEvent(const EventMeta& meta);
  void FoldNote(const Label& what, std::initializer_list<Subject> subjects);
  void KeepNote(const Label& what, std::initializer_list<Subject> subjects, std::string text,
                uint64_t join);
  [[noreturn]] void FailPast(Time at, const Label& label) const;
  [[noreturn]] void FailStalled() const;
  [[noreturn]] void FailLimits(const Label& label) const;

  Options options_;
  Time now_;
  uint64_t scheduled_ = 0;  // events scheduled so far
  uint64_t event_ = 0;      // the one running
  uint32_t owner_ = 0;      // and whose it is
  bool pumping_ = false;
  uint64_t events_run_ = 0;
  uint64_t instant_began_ = 0;  // how many had run when it did
  Chance chance_;
  Trace trace_;
  std::vector<OwnerState> owners_;
  std::vector<std::string> owner_names_;
  // Events that came due while their owner was paused, in the order in which they came due. They
  // lie at the end of time meanwhile, so that they can still be cancelled.
  std::vector<std::pair<uint32_t, TimerId>> deferred_;
  Waiter* parked_ = nullptr;  // everyone who waits, for Waiting()
  EventQueue queue_;
};

// Acts as `owner` until the end of the scope: what is scheduled meanwhile is its. How a test body's
// call into a node's object becomes that node's doing.
class OwnerScope {
 public:
  OwnerScope(Simulation& sim, uint32_t owner) : sim_(sim), before_(sim.owner_) {
    sim.owner_ = owner;
  }
  OwnerScope(const OwnerScope&) = delete;
  OwnerScope& operator=(const OwnerScope&) = delete;
  ~OwnerScope() { sim_.owner_ = before_; }

 private:
  Simulation& sim_;
  uint32_t before_;
};

}  // namespace norn::sim

#endif  // NORN_SIM_SIMULATION_H_
