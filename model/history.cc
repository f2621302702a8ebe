#include "model/history.h"

#include <algorithm>

#include "sim/check.h"

namespace norn::model {

const History::Sent* History::Find(RecordId id) const {
  const auto at =
      std::lower_bound(sent_.begin(), sent_.end(), id,
                       [](const Sent& sent, RecordId wanted) { return sent.id < wanted; });
  return at != sent_.end() && at->id == id ? &*at : nullptr;
}

void History::OnReport(RecordId id, const DeliveryReport& report) {
  auto* sent = const_cast<Sent*>(Find(id));
  NORN_CHECK(sent != nullptr) << "a report for " << id << ", which was never sent";
  NORN_CHECK(sent->report.outcome == Outcome::kPending) << id << " was reported twice";
  sent->report = report;
}

}  // namespace norn::model
