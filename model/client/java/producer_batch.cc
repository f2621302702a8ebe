#include "model/client/java/producer_batch.h"

#include "sim/check.h"

namespace norn::model {
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

}  // namespace norn::model
