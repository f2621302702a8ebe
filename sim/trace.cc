#include "sim/trace.h"

#include <ostream>

namespace norn::sim {

void Trace::Keep(TraceEntry entry) {
  if (sink_ == TraceSink::kRing && entries_.size() == ring_) entries_.pop_front();
  entries_.push_back(std::move(entry));
}

void Trace::PrintCauses(std::ostream& os, uint64_t event) const {
  for (int depth = 0; event != 0 && depth < 32; ++depth) {
    const TraceEntry* found = nullptr;
    for (const TraceEntry& entry : entries_)
      if (!entry.note && entry.event == event) found = &entry;
    if (found == nullptr) {
      os << "    event " << event << " (no longer kept)\n";
      return;
    }
    os << "    " << *found << "\n";
    event = found->cause;
  }
}

std::ostream& operator<<(std::ostream& os, const TraceEntry& entry) {
  os << entry.at << (entry.note ? "   " : " #") << entry.event << " " << entry.what->text;
  for (size_t i = 0; i < entry.subject_count; ++i)
    os << " " << entry.subjects[i].kind->text << "=" << entry.subjects[i].id;
  if (!entry.text.empty()) os << " " << entry.text;
  if (entry.cause != 0) os << " (because of #" << entry.cause << ")";
  return os;
}

}  // namespace norn::sim
