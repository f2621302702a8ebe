// A coroutine its owner may destroy at any co_await. Destroying it cancels what it waits for: that
// is how a machine dies.
//
//   sim::Task<> Serve(sim::Simulation* sim, sim::Mailbox<int>* inbox) {
//     for (;;) {
//       const int n = co_await inbox->Take();
//       co_await sim::Sleep(sim, absl::Milliseconds(n));
//     }
//   }
//
// Four manners for authors:
//   (1) Parameters by value or by a pointer that outlives the task; never a capturing lambda, whose
//       captures die before the coroutine does.
//   (2) Nothing built with braces inside a co_await expression: g++ 12 destroys it twice. Name a
//       local first.
//   (3) After each co_await the world has changed: look again.
//   (4) A Task has an owner: another task that awaits it, or a TaskGroup. One that is dropped never
//       runs.
//
// A Task starts when it is awaited (inline, like a call) or spawned (in an event of its own). Its
// result is a return, not a wake-up, so the awaiting task goes on inline.
#ifndef NORN_SIM_TASK_H_
#define NORN_SIM_TASK_H_

#include <coroutine>
#include <exception>
#include <optional>
#include <utility>

#include "sim/check.h"
#include "sim/simulation.h"
#include "sim/waiter.h"

namespace norn::sim {

template <class T = void>
class Task;

namespace internal {

class TaskPromiseBase {
 public:
  std::suspend_always initial_suspend() noexcept { return {}; }
  void unhandled_exception() noexcept { std::terminate(); }

  // Who is told when the coroutine is done. It may destroy the coroutine.
  void* done_arg = nullptr;
  void (*done)(void*) = nullptr;

  struct Final {
    bool await_ready() noexcept { return false; }
    template <class P>
    void await_suspend(std::coroutine_handle<P> h) noexcept {
      // Copied first: the call may destroy the frame in which the promise lives.
      void (*const done)(void*) = h.promise().done;
      if (done != nullptr) done(h.promise().done_arg);
    }
    void await_resume() noexcept {}
  };
  Final final_suspend() noexcept { return {}; }
};

template <class T>
class TaskPromise : public TaskPromiseBase {
 public:
  Task<T> get_return_object();
  template <class U>
  void return_value(U&& value) {
    result.emplace(std::forward<U>(value));
  }
  T TakeResult() { return *std::move(result); }
  std::optional<T> result;
};

template <>
class TaskPromise<void> : public TaskPromiseBase {
 public:
  Task<void> get_return_object();
  void return_void() {}
  void TakeResult() {}
};

}  // namespace internal

template <class T>
class [[nodiscard]] Task {
 public:
  using promise_type = internal::TaskPromise<T>;
  using Handle = std::coroutine_handle<promise_type>;

  Task() = default;
  explicit Task(Handle handle) : handle_(handle) {}
  Task(Task&& other) noexcept : handle_(std::exchange(other.handle_, {})) {}
  Task& operator=(Task&& other) noexcept {
    if (this != &other) {
      Destroy();
      handle_ = std::exchange(other.handle_, {});
    }
    return *this;
  }
  ~Task() { Destroy(); }

  bool valid() const { return static_cast<bool>(handle_); }
  bool done() const { return handle_ && handle_.done(); }

  // Runs the coroutine up to its first wait; done(arg) is called when it ends, at once or later,
  // and may destroy this Task.
  void Start(void (*done)(void*), void* arg) {
    handle_.promise().done = done;
    handle_.promise().done_arg = arg;
    handle_.resume();
  }
  // REQUIRES: done().
  T TakeResult() { return handle_.promise().TakeResult(); }

  // co_await task: runs it as a part of the awaiting one.
  auto operator co_await() && {
    class Awaiter {
     public:
      explicit Awaiter(Handle child) : child_(child) {}
      bool await_ready() { return false; }
      bool await_suspend(std::coroutine_handle<> parent) {
        parent_ = parent;
        child_.promise().done = [](void* self) { static_cast<Awaiter*>(self)->Done(); };
        child_.promise().done_arg = this;
        child_.resume();
        // Done without a wait: go on without suspending, so that loops do not deepen the stack.
        suspended_ = !finished_;
        return suspended_;
      }
      T await_resume() { return child_.promise().TakeResult(); }

     private:
      void Done() {
        finished_ = true;
        if (suspended_) parent_.resume();
      }
      Handle child_;
      std::coroutine_handle<> parent_;
      bool finished_ = false;
      bool suspended_ = false;
    };
    return Awaiter(handle_);
  }

 private:
  void Destroy() {
    if (handle_) std::exchange(handle_, {}).destroy();
  }
  Handle handle_;
};

namespace internal {
template <class T>
Task<T> TaskPromise<T>::get_return_object() {
  return Task<T>(std::coroutine_handle<TaskPromise<T>>::from_promise(*this));
}
inline Task<void> TaskPromise<void>::get_return_object() {
  return Task<void>(std::coroutine_handle<TaskPromise<void>>::from_promise(*this));
}
}  // namespace internal

// Owns running tasks. Each starts in an event of its own, as whoever made the group, and is dropped
// when it ends; destroying the group destroys those that still wait. A group must not be destroyed
// by one of its own tasks.
class TaskGroup {
 public:
  explicit TaskGroup(Simulation& sim) : sim_(&sim), owner_(sim.current_owner()) {}
  TaskGroup(const TaskGroup&) = delete;
  TaskGroup& operator=(const TaskGroup&) = delete;
  ~TaskGroup();

  void Spawn(Task<> task);
  size_t size() const { return size_; }

 private:
  struct Running;
  static void Ended(void* running);
  void Drop(Running* running);

  Simulation* sim_;
  uint32_t owner_;
  Running* first_ = nullptr;
  size_t size_ = 0;
};

// A suspended coroutine that a Waiter resumes: the base of everything that can be awaited.
class CoroutineWaiter {
 public:
  CoroutineWaiter(Simulation& sim, const Label& what)
      : waiter_(
            sim, what, [](void* self) { static_cast<CoroutineWaiter*>(self)->handle_.resume(); },
            this) {}
  CoroutineWaiter(const CoroutineWaiter&) = delete;
  CoroutineWaiter& operator=(const CoroutineWaiter&) = delete;

 protected:
  ~CoroutineWaiter() = default;
  std::coroutine_handle<> handle_;
  Waiter waiter_;
};

// co_await Sleep(sim, d): goes on `d` from now, in an event of its own even if d is zero.
class Sleep : private CoroutineWaiter {
 public:
  Sleep(Simulation* sim, absl::Duration d);
  bool await_ready() const { return false; }
  void await_suspend(std::coroutine_handle<> handle) {
    handle_ = handle;
    waiter_.ParkUntil(until_);
  }
  void await_resume() const {}

 private:
  Time until_;
};

}  // namespace norn::sim

#endif  // NORN_SIM_TASK_H_
