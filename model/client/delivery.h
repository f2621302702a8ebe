// What becomes of one record given to a producer: a report, some day, through a callback or a
// future.
//
//   DeliveryFuture sent = producer.Send(...);
//   DeliveryReport report = cluster.Await(sent);     // outside of tasks
//   DeliveryReport report = co_await Delivered(&sim, sent);
#ifndef NORN_MODEL_CLIENT_DELIVERY_H_
#define NORN_MODEL_CLIENT_DELIVERY_H_

#include <cstdint>
#include <optional>
#include <utility>

#include "absl/functional/any_invocable.h"
#include "model/outcome.h"
#include "sim/ref.h"
#include "sim/simulation.h"
#include "sim/task.h"

namespace norn::model {

// Called once per record when the client is done with it.
using DeliveryCallback = absl::AnyInvocable<void(const DeliveryReport&)>;

// Who will know: one object for many records (a Java batch) or for one (a librdkafka message).
class DeliverySource : public sim::RefCounted {
 public:
  virtual ~DeliverySource() = default;
  virtual bool Settled(int32_t index) const = 0;
  // REQUIRES: Settled(index).
  virtual DeliveryReport ReportOf(int32_t index) const = 0;
  // Woken when one of them may have settled; not always the same list.
  virtual sim::WaitList& waiters() = 0;
};

// A handle {source, index}: costs nothing until somebody waits.
class DeliveryFuture {
 public:
  DeliveryFuture() = default;
  DeliveryFuture(sim::Ref<DeliverySource> source, int32_t index)
      : source_(std::move(source)), index_(index) {}

  bool settled() const { return source_ && source_->Settled(index_); }
  // The report; nothing as long as the record is under way.
  std::optional<DeliveryReport> Get() const {
    if (!settled()) return std::nullopt;
    return source_->ReportOf(index_);
  }

 private:
  friend sim::Task<DeliveryReport> Delivered(sim::Simulation* sim, DeliveryFuture future);

  sim::Ref<DeliverySource> source_;
  int32_t index_ = 0;
};

// For tasks: waits until the record is settled.
sim::Task<DeliveryReport> Delivered(sim::Simulation* sim, DeliveryFuture future);

// A record that was settled in the very call that sent it.
DeliveryFuture SettledDelivery(DeliveryReport report);

}  // namespace norn::model

#endif  // NORN_MODEL_CLIENT_DELIVERY_H_
