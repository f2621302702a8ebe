// Waiting is one thing: a Waiter that someone wakes, through the queue, never inline.
//
// A Waiter parks (on a WaitList, or for a timer), is woken at most once per parking, and then runs
// its callback in an event of its own, as the owner it parked as. Destroying it takes it out of
// wherever it is: that is how a coroutine that is destroyed stops waiting. Coroutines are its first
// user (task.h); nothing in it knows of them.
#ifndef NORN_SIM_WAITER_H_
#define NORN_SIM_WAITER_H_

#include "sim/label.h"
#include "sim/simulation.h"

namespace norn::sim {

class WaitList;

class Waiter {
 public:
  // Calls fire(arg) when woken. `what` is said in a stall report: "b1 waits for requests".
  Waiter(Simulation& sim, const Label& what, void (*fire)(void*), void* arg)
      : sim_(&sim), what_(&what), fire_(fire), arg_(arg) {}
  Waiter(const Waiter&) = delete;
  Waiter& operator=(const Waiter&) = delete;
  ~Waiter() { Forget(); }

  // Waits in `list` until it is woken there. REQUIRES: it waits for nothing yet.
  void Park(WaitList& list);
  // Waits until `at`, unless it is woken before.
  void ParkUntil(Time at);
  // Stops waiting; no callback comes.
  void Forget();
  // Ends the wait now: the callback runs in an event of this instant. Waking twice is waking once.
  void Wake();
  // After the wait: true if Wake ended it, false if its time came.
  bool woken() const { return woken_; }
  Simulation& sim() const { return *sim_; }

 private:
  friend class Simulation;
  friend class WaitList;

  void Register();
  void Fire();

  Simulation* sim_;
  const Label* what_;
  void (*fire_)(void*);
  void* arg_;
  uint32_t owner_ = 0;
  bool parked_ = false;
  bool woken_ = false;
  TimerId timer_;  // of ParkUntil, or of the wake-up under way
  WaitList* list_ = nullptr;
  Waiter* next_ = nullptr;  // in list_
  Waiter* previous_ = nullptr;
  Waiter* next_parked_ = nullptr;  // in Simulation::parked_
  Waiter* previous_parked_ = nullptr;
};

// Who waits here, first come first woken. Whoever is still in it when it is destroyed waits for
// ever, and a stall report says so.
class WaitList {
 public:
  WaitList() = default;
  WaitList(const WaitList&) = delete;
  WaitList& operator=(const WaitList&) = delete;
  ~WaitList();

  bool empty() const { return first_ == nullptr; }
  void WakeOne();
  void WakeAll();

 private:
  friend class Waiter;
  void Remove(Waiter* waiter);

  Waiter* first_ = nullptr;
  Waiter* last_ = nullptr;
};

}  // namespace norn::sim

#endif  // NORN_SIM_WAITER_H_
