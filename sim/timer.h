// One deadline that can be moved and taken back: what a state machine owns instead of a TimerId.
// Its destructor cancels, so the callback may use whatever owns the timer.
//
//   Timer linger(sim, kLinger, [this] { Drain(); });
//   linger.SetAfter(absl::Milliseconds(5));
#ifndef NORN_SIM_TIMER_H_
#define NORN_SIM_TIMER_H_

#include <utility>

#include "sim/simulation.h"

namespace norn::sim {

template <class F>
class Timer {
 public:
  Timer(Simulation& sim, const Label& label, F callback)
      : sim_(&sim), label_(&label), callback_(std::move(callback)) {}
  Timer(const Timer&) = delete;
  Timer& operator=(const Timer&) = delete;
  ~Timer() { Cancel(); }

  // Calls back at `at` and not at the time set before. Already set for that very time: no change.
  void Set(Time at) {
    if (at == at_ && sim_->IsPending(id_)) return;
    Cancel();
    at_ = at;
    id_ = sim_->At(at, *label_, [this] {
      id_ = TimerId{};
      callback_();
    });
  }
  void SetAfter(absl::Duration delay) { Set(sim_->Now() + delay); }
  // Moves the deadline to `at` if that is earlier, or if none is set.
  void SetNoLaterThan(Time at) {
    if (!pending() || at < at_) Set(at);
  }
  void Cancel() {
    if (id_) sim_->Cancel(std::exchange(id_, TimerId{}));
  }
  bool pending() const { return static_cast<bool>(id_) && sim_->IsPending(id_); }
  Time at() const { return at_; }

 private:
  Simulation* sim_;
  const Label* label_;
  F callback_;
  Time at_;
  TimerId id_;
};

template <class F>
Timer(Simulation&, const Label&, F) -> Timer<F>;

}  // namespace norn::sim

#endif  // NORN_SIM_TIMER_H_
