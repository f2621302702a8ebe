// Ways for tasks to wait: Mailbox (someone sends), Signal (something changed), WithTimeout (the
// first of a task and a time). Every wake-up is an event.
//
//   Mailbox<Request> inbox(sim, kRequests);
//   const Request request = co_await inbox.Take();
//
//   std::optional<Reply> reply = co_await WithTimeout(sim, Call(peer), absl::Seconds(1));
#ifndef NORN_SIM_SYNC_H_
#define NORN_SIM_SYNC_H_

#include <coroutine>
#include <deque>
#include <optional>
#include <type_traits>
#include <utility>

#include "sim/future.h"
#include "sim/task.h"
#include "sim/waiter.h"

namespace norn::sim {

// Items in the order in which they were sent. Several may wait; each item goes to one of them.
template <class T>
class Mailbox {
 public:
  // `what` is said in a stall report: "b1 waits for requests".
  Mailbox(Simulation& sim, const Label& what) : sim_(&sim), what_(&what) {}

  void Send(T item) {
    items_.push_back(std::move(item));
    takers_.WakeOne();
  }
  std::optional<T> TryTake() {
    if (items_.empty()) return std::nullopt;
    T item = std::move(items_.front());
    items_.pop_front();
    return item;
  }
  size_t size() const { return items_.size(); }

  Task<T> Take() {
    while (items_.empty()) {
      Arrival arrival(*this);
      co_await arrival;
    }
    std::optional<T> item = TryTake();
    co_return *std::move(item);
  }

 private:
  class Arrival : private CoroutineWaiter {
   public:
    explicit Arrival(Mailbox& box) : CoroutineWaiter(*box.sim_, *box.what_), box_(&box) {}
    // A taker that dies between its wake-up and its turn passes the wake-up on.
    ~Arrival() {
      if (waiting_ && waiter_.woken() && box_->size() > 0) box_->takers_.WakeOne();
    }
    bool await_ready() const { return false; }
    void await_suspend(std::coroutine_handle<> handle) {
      handle_ = handle;
      waiting_ = true;
      waiter_.Park(box_->takers_);
    }
    void await_resume() { waiting_ = false; }

   private:
    Mailbox* box_;
    bool waiting_ = false;
  };

  Simulation* sim_;
  const Label* what_;
  std::deque<T> items_;
  WaitList takers_;
};

// "Something changed, look again." Notify wakes everyone who waits at that moment.
class Signal {
 public:
  Signal(Simulation& sim, const Label& what) : sim_(&sim), what_(&what) {}

  void Notify() { waiters_.WakeAll(); }

  // co_await signal.Wait()
  auto Wait() {
    class Awaiter : private CoroutineWaiter {
     public:
      explicit Awaiter(Signal& signal)
          : CoroutineWaiter(*signal.sim_, *signal.what_), signal_(&signal) {}
      bool await_ready() const { return false; }
      void await_suspend(std::coroutine_handle<> handle) {
        handle_ = handle;
        waiter_.Park(signal_->waiters_);
      }
      void await_resume() const {}

     private:
      Signal* signal_;
    };
    return Awaiter(*this);
  }

 private:
  Simulation* sim_;
  const Label* what_;
  WaitList waiters_;
};

inline constexpr Label kTimeout{"a timeout"};

// co_await WithTimeout(sim, task, d): the task's result, or nothing if `d` passed first; the task
// is destroyed then, which cancels what it waits for.
template <class T>
class WithTimeout : private CoroutineWaiter {
 public:
  static_assert(!std::is_void_v<T>, "a timeout over a task without result cannot be told from it");
  WithTimeout(Simulation* sim, Task<T> task, absl::Duration d)
      : CoroutineWaiter(*sim, kTimeout), task_(std::move(task)), until_(sim->Now() + d) {}

  bool await_ready() const { return false; }
  bool await_suspend(std::coroutine_handle<> handle) {
    handle_ = handle;
    task_.Start([](void* self) { static_cast<WithTimeout*>(self)->Finished(); }, this);
    if (finished_) return false;
    suspended_ = true;
    waiter_.ParkUntil(until_);
    return true;
  }
  std::optional<T> await_resume() {
    if (finished_) return task_.TakeResult();
    task_ = Task<T>();
    return std::nullopt;
  }

 private:
  void Finished() {
    finished_ = true;
    if (!suspended_) return;
    waiter_.Forget();
    handle_.resume();
  }
  Task<T> task_;
  Time until_;
  bool finished_ = false;
  bool suspended_ = false;
};

// A future as a task, to be given to WithTimeout.
template <class T>
Task<std::optional<T>> AsTask(Future<T> future) {
  std::optional<T> value = co_await future;
  co_return value;
}

}  // namespace norn::sim

#endif  // NORN_SIM_SYNC_H_
