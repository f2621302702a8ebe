// A value that will be there later. Promise makes it, Future waits for it.
//
// Set wakes those who wait through the queue. A Promise that is dropped without a value leaves its
// Future abandoned: whoever waits is told so, as when the machine that would have answered died.
//
//   Promise<int> promise(sim);
//   Future<int> future = promise.future();
//   promise.Set(7);                      // or: let it go out of scope
//   std::optional<int> n = co_await future;      // nothing if abandoned
//   int m = sim.Await(future);                   // outside of tasks: pumps the clock
#ifndef NORN_SIM_FUTURE_H_
#define NORN_SIM_FUTURE_H_

#include <coroutine>
#include <cstdint>
#include <memory>
#include <optional>
#include <utility>
#include <vector>

#include "absl/functional/any_invocable.h"
#include "sim/check.h"
#include "sim/simulation.h"
#include "sim/task.h"
#include "sim/waiter.h"

namespace norn::sim {

inline constexpr Label kFutureLabel{"a future"};
inline constexpr Label kFutureCallback{"a future's callback"};

template <class T>
class Future;

namespace internal {

template <class T>
struct FutureState {
  explicit FutureState(Simulation& s) : sim(&s) {}
  struct Callback {
    uint32_t owner;
    absl::AnyInvocable<void(const std::optional<T>&)> run;
  };
  Simulation* sim;
  bool settled = false;
  std::optional<T> value;
  WaitList waiters;
  std::vector<Callback> callbacks;
};

}  // namespace internal

// Copyable; all copies see the same value.
template <class T>
class Future {
 public:
  // Nobody's future: never settled.
  Future() = default;

  // Has a value or is abandoned.
  bool settled() const { return state_ != nullptr && state_->settled; }
  bool abandoned() const { return settled() && !state_->value.has_value(); }
  // The value; nothing if it is not there yet, or never will be.
  std::optional<T> Get() const { return settled() ? state_->value : std::nullopt; }

  // Calls `callback` with the value, or nothing if abandoned, in an event of its own, as the owner
  // that is current now.
  void Then(absl::AnyInvocable<void(const std::optional<T>&)> callback) {
    NORN_CHECK(state_ != nullptr) << "a default-made Future has no maker";
    const uint32_t owner = state_->sim->current_owner();
    if (!state_->settled) {
      state_->callbacks.push_back({owner, std::move(callback)});
      return;
    }
    Call(state_, owner, std::move(callback));
  }

  auto operator co_await() const {
    class Awaiter : private CoroutineWaiter {
     public:
      explicit Awaiter(std::shared_ptr<internal::FutureState<T>> state)
          : CoroutineWaiter(*state->sim, kFutureLabel), state_(std::move(state)) {}
      bool await_ready() const { return state_->settled; }
      void await_suspend(std::coroutine_handle<> handle) {
        handle_ = handle;
        waiter_.Park(state_->waiters);
      }
      std::optional<T> await_resume() const { return state_->value; }

     private:
      std::shared_ptr<internal::FutureState<T>> state_;
    };
    NORN_CHECK(state_ != nullptr) << "a default-made Future has no maker";
    return Awaiter(state_);
  }

 private:
  template <class U>
  friend class Promise;
  explicit Future(std::shared_ptr<internal::FutureState<T>> state) : state_(std::move(state)) {}

  static void Call(const std::shared_ptr<internal::FutureState<T>>& state, uint32_t owner,
                   absl::AnyInvocable<void(const std::optional<T>&)> callback) {
    state->sim->Schedule(state->sim->Now(), owner, kFutureCallback,
                         [state, run = std::move(callback)]() mutable { run(state->value); });
  }

  std::shared_ptr<internal::FutureState<T>> state_;
};

// Moves only.
template <class T>
class Promise {
 public:
  explicit Promise(Simulation& sim) : state_(std::make_shared<internal::FutureState<T>>(sim)) {}
  Promise(Promise&&) noexcept = default;
  Promise& operator=(Promise&& other) noexcept {
    if (this != &other) {
      Abandon();
      state_ = std::move(other.state_);
    }
    return *this;
  }
  ~Promise() { Abandon(); }

  Future<T> future() const { return Future<T>(state_); }
  bool settled() const { return state_->settled; }
  // REQUIRES: not set before.
  void Set(T value) {
    NORN_CHECK(!state_->settled) << "a promise is kept once";
    state_->value.emplace(std::move(value));
    Settle();
  }

 private:
  void Abandon() {
    if (state_ != nullptr && !state_->settled) Settle();
  }
  void Settle() {
    state_->settled = true;
    state_->waiters.WakeAll();
    for (auto& callback : state_->callbacks)
      Future<T>::Call(state_, callback.owner, std::move(callback.run));
    state_->callbacks.clear();
  }
  std::shared_ptr<internal::FutureState<T>> state_;
};

}  // namespace norn::sim

#endif  // NORN_SIM_FUTURE_H_
