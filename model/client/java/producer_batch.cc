#include "model/client/java/producer_batch.h"

#include <algorithm>

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
    TellOf(index, &each);
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
  TellOf(index, &report);
  return report;
}

void ProducerBatch::TellOf(int32_t index, DeliveryReport* report) const {
  if (!base_offset_.is_none()) report->offset = base_offset_ + RecordCount(index);
  if (refused_records.empty()) return;
  // Of one refused record the code says what is wrong with it; several are invalid.
  report->error = refused_records.size() == 1 ? report_.error : Error::kInvalidRecord;
  report->client_error = ClientError::kNone;
  const auto refused = std::find_if(refused_records.begin(), refused_records.end(),
                                    [index](const auto& one) { return one.first == index; });
  if (refused != refused_records.end()) {
    report->message = refused->second;
  } else {
    // A plain KafkaException.
    report->client_error = ClientError::kClosed;
    report->message =
        "Failed to append record because it was part of a batch which had one more more invalid "
        "records";
  }
}

}  // namespace norn::model
