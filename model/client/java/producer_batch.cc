#include "model/client/java/producer_batch.h"

#include "sim/check.h"

namespace norn::model {

ProducerBatch::~ProducerBatch() {
  for (Part& part : parts_) part.batch->split_off_ = nullptr;
}

void ProducerBatch::Finish(DeliveryReport report, Offset base_offset) {
  NORN_CHECK(!done()) << "a batch is done once";
  report.partition = partition;
  report.attempts = requests;
  report_ = std::move(report);
  base_offset_ = base_offset;
  done_ = true;
  waiters_.WakeAll();
  for (ProducerBatch* from = split_off_; from != nullptr; from = from->split_off_)
    from->waiters_.WakeAll();
  // Moved out: a callback may do anything, also drop the last reference to this batch's futures.
  auto callbacks = std::move(callbacks_);
  if (callbacks.empty()) return;
  DeliveryReport each = report_;
  for (auto& [index, callback] : callbacks) {
    if (!base_offset.is_none()) each.offset = base_offset + RecordCount(index);
    callback(each);
  }
}

void ProducerBatch::SplitInto(const std::vector<sim::Ref<ProducerBatch>>& parts) {
  NORN_CHECK(!done());
  auto callback = callbacks_.begin();
  int32_t first = 0;
  for (const auto& part : parts) {
    part->split_off_ = this;
    parts_.push_back({first, part});
    for (; callback != callbacks_.end() && callback->first < first + part->record_count; ++callback)
      part->callbacks_.emplace_back(callback->first - first, std::move(callback->second));
    first += part->record_count;
  }
  NORN_CHECK(first == record_count) << "no record is lost in a split";
  callbacks_.clear();
}

const ProducerBatch::Part& ProducerBatch::PartWith(int32_t index) const {
  size_t i = parts_.size() - 1;
  while (parts_[i].first > index) --i;
  return parts_[i];
}

bool ProducerBatch::Settled(int32_t index) const {
  if (parts_.empty()) return done_;
  const Part& part = PartWith(index);
  return part.batch->Settled(index - part.first);
}

DeliveryReport ProducerBatch::ReportOf(int32_t index) const {
  if (!parts_.empty()) {
    const Part& part = PartWith(index);
    return part.batch->ReportOf(index - part.first);
  }
  NORN_CHECK(done_);
  DeliveryReport report = report_;
  if (!base_offset_.is_none()) report.offset = base_offset_ + RecordCount(index);
  return report;
}

}  // namespace norn::model
