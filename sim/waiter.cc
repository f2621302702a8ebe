#include "sim/waiter.h"

#include "sim/check.h"

namespace norn::sim {
namespace {

constexpr Label kWakeUp{"wake up"};

}  // namespace

void Waiter::Register() {
  NORN_CHECK(!parked_) << "waits for " << what_->text << " already";
  parked_ = true;
  woken_ = false;
  owner_ = sim_->current_owner();
  previous_parked_ = nullptr;
  next_parked_ = sim_->parked_;
  if (next_parked_ != nullptr) next_parked_->previous_parked_ = this;
  sim_->parked_ = this;
}

void Waiter::Park(WaitList& list) {
  Register();
  list_ = &list;
  previous_ = list.last_;
  next_ = nullptr;
  (list.last_ != nullptr ? list.last_->next_ : list.first_) = this;
  list.last_ = this;
}

void Waiter::ParkUntil(Time at) {
  if (!parked_) Register();
  timer_ = sim_->Schedule(at, owner_, *what_, [this] { Fire(); });
}

void Waiter::Forget() {
  if (!parked_) return;
  parked_ = false;
  if (list_ != nullptr) list_->Remove(this);
  sim_->Cancel(timer_);
  timer_ = TimerId{};
  (previous_parked_ != nullptr ? previous_parked_->next_parked_ : sim_->parked_) = next_parked_;
  if (next_parked_ != nullptr) next_parked_->previous_parked_ = previous_parked_;
}

void Waiter::Wake() {
  if (!parked_ || woken_) return;
  woken_ = true;
  if (list_ != nullptr) list_->Remove(this);
  sim_->Cancel(timer_);
  timer_ = sim_->Schedule(sim_->Now(), owner_, kWakeUp, [this] { Fire(); });
}

void Waiter::Fire() {
  timer_ = TimerId{};
  Forget();
  // The callback may destroy this.
  fire_(arg_);
}

WaitList::~WaitList() {
  while (first_ != nullptr) Remove(first_);
}

void WaitList::Remove(Waiter* waiter) {
  (waiter->previous_ != nullptr ? waiter->previous_->next_ : first_) = waiter->next_;
  (waiter->next_ != nullptr ? waiter->next_->previous_ : last_) = waiter->previous_;
  waiter->list_ = nullptr;
}

void WaitList::WakeOne() {
  if (first_ != nullptr) first_->Wake();
}

void WaitList::WakeAll() {
  while (first_ != nullptr) first_->Wake();
}

}  // namespace norn::sim
