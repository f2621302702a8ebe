#include "sim/disk_faults.h"

#include <algorithm>
#include <utility>

#include "sim/check.h"

namespace norn::sim {

const char* Name(DiskError error) {
  switch (error) {
    case DiskError::kNone:
      return "Success";
    case DiskError::kFull:
      return "No space left on device";
    case DiskError::kFailed:
      return "Input/output error";
  }
  return "";
}

DiskFault& DiskFaults::Add(DiskFaultRule rule) {
  NORN_CHECK(rule.nth >= 1) << "the first call is number 1, not " << rule.nth;
  NORN_CHECK(rule.times >= 1) << "a fault that strikes " << rule.times << " times";
  ++active_;
  faults_.push_back(std::unique_ptr<DiskFault>(new DiskFault(std::move(rule))));
  return *faults_.back();
}

DiskFault& DiskFaults::Fill(int64_t limit) {
  limit_ = std::min(limit_, limit);
  faults_.push_back(std::unique_ptr<DiskFault>(new DiskFault({})));
  faults_.back()->fills_ = true;
  return *faults_.back();
}

void DiskFaults::Repair() {
  for (const auto& fault : faults_) fault->over_ = true;
  active_ = 0;
  limit_ = std::numeric_limits<int64_t>::max();
}

void DiskFaults::Fire(DiskFault& fault, Time now) {
  ++fault.fired_;
  fault.first_fired_ = std::min(fault.first_fired_, now);
}

void DiskFaults::OnFull(Time now) {
  for (const auto& fault : faults_)
    if (fault->fills_ && !fault->over_) Fire(*fault, now);
}

// Every fault counts the call, whichever of them it fails by.
DiskError DiskFaults::Strike(DiskCall call, std::string_view file, Time now) {
  bool failed = false;
  for (const auto& fault : faults_) {
    const DiskFaultRule& rule = fault->rule_;
    if (fault->over_ || fault->fills_ || !file.starts_with(rule.file)) continue;
    if (rule.call != DiskCall::kAny && call != DiskCall::kAny && rule.call != call) continue;
    if (++fault->seen_ < rule.nth) continue;
    failed = true;
    Fire(*fault, now);
    if (fault->fired_ < rule.times) continue;
    fault->over_ = true;
    --active_;
  }
  return failed ? DiskError::kFailed : DiskError::kNone;
}

}  // namespace norn::sim
