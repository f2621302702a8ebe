#include "model/client/delivery.h"

#include <coroutine>

namespace norn::model {
namespace {

constexpr sim::Label kDelivery{"a delivery report"};

// Suspends a task until the list is woken.
class Turn : private sim::CoroutineWaiter {
 public:
  Turn(sim::Simulation* sim, sim::WaitList* list) : CoroutineWaiter(*sim, kDelivery), list_(list) {}
  bool await_ready() const { return false; }
  void await_suspend(std::coroutine_handle<> handle) {
    handle_ = handle;
    waiter_.Park(*list_);
  }
  void await_resume() const {}

 private:
  sim::WaitList* list_;
};

class SettledSource final : public DeliverySource {
 public:
  explicit SettledSource(DeliveryReport report) : report_(std::move(report)) {}
  bool Settled(int32_t) const override { return true; }
  DeliveryReport ReportOf(int32_t) const override { return report_; }
  sim::WaitList& waiters() override { return waiters_; }

 private:
  DeliveryReport report_;
  sim::WaitList waiters_;
};

}  // namespace

sim::Task<DeliveryReport> Delivered(sim::Simulation* sim, DeliveryFuture future) {
  while (!future.settled()) {
    Turn turn(sim, &future.source_->waiters());
    co_await turn;
  }
  std::optional<DeliveryReport> report = future.Get();
  co_return *std::move(report);
}

DeliveryFuture SettledDelivery(DeliveryReport report) {
  return DeliveryFuture(sim::Ref<DeliverySource>(new SettledSource(std::move(report))), 0);
}

}  // namespace norn::model
