#include "model/client/producer_batch.h"

#include <coroutine>

#include "sim/check.h"

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

}  // namespace

void ProducerBatch::Finish(DeliveryReport report, Offset base_offset) {
  NORN_CHECK(!done_) << "a batch is done once";
  report.partition = partition;
  report.attempts = requests;
  report_ = std::move(report);
  base_offset_ = base_offset;
  done_ = true;
  waiters_.WakeAll();
  // Moved out: a callback may do anything, also drop the last reference to this batch's futures.
  auto callbacks = std::move(callbacks_);
  if (callbacks.empty()) return;
  DeliveryReport each = report_;
  for (auto& [index, callback] : callbacks) {
    if (!base_offset.is_none()) each.offset = base_offset + RecordCount(index);
    callback(each);
  }
}

DeliveryReport ProducerBatch::ReportOf(int32_t index) const {
  NORN_CHECK(done_);
  DeliveryReport report = report_;
  if (!base_offset_.is_none()) report.offset = base_offset_ + RecordCount(index);
  return report;
}

bool DeliveryFuture::settled() const {
  if (pending_ && pending_->failed.has_value()) return true;
  return batch() != nullptr && batch()->done();
}

std::optional<DeliveryReport> DeliveryFuture::Get() const {
  if (!settled()) return std::nullopt;
  if (pending_ && pending_->failed.has_value()) return pending_->failed;
  return batch()->ReportOf(pending_ ? pending_->index : index_);
}

sim::Task<DeliveryReport> Delivered(sim::Simulation* sim, DeliveryFuture future) {
  while (!future.settled()) {
    sim::WaitList* list = nullptr;
    if (future.pending_ && !future.pending_->batch) {
      list = &future.pending_->waiters;
    } else {
      list = future.pending_ ? &future.pending_->batch->waiters() : &future.batch_->waiters();
    }
    Turn turn(sim, list);
    co_await turn;
  }
  std::optional<DeliveryReport> report = future.Get();
  co_return *std::move(report);
}

}  // namespace norn::model
