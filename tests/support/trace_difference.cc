#include "tests/support/trace_difference.h"

#include <algorithm>
#include <sstream>
#include <string_view>

namespace norn::support_internal {
namespace {

constexpr size_t kEntriesBefore = 5;

// Labels are compared by text: one text may stand in two places.
bool Same(const sim::TraceEntry& a, const sim::TraceEntry& b) {
  if (a.at != b.at || a.event != b.event || a.cause != b.cause || a.owner != b.owner ||
      a.note != b.note || a.text != b.text || a.subject_count != b.subject_count ||
      std::string_view(a.what->text) != b.what->text) {
    return false;
  }
  for (size_t i = 0; i < a.subject_count; ++i) {
    if (a.subjects[i].id != b.subjects[i].id ||
        std::string_view(a.subjects[i].kind->text) != b.subjects[i].kind->text) {
      return false;
    }
  }
  return true;
}

void Print(std::ostream& os, const char* run, const sim::Trace& trace, size_t index) {
  os << "    " << run << ": ";
  if (index < trace.entries().size()) {
    os << trace.entries()[index] << "\n";
  } else {
    os << "nothing more happened\n";
  }
}

// What led to the entry. Of an event the first line would be the entry itself again.
void PrintCauses(std::ostream& os, const char* run, const sim::Trace& trace, size_t index) {
  if (index >= trace.entries().size()) return;
  const sim::TraceEntry& entry = trace.entries()[index];
  const uint64_t cause = entry.note ? entry.event : entry.cause;
  if (cause == 0) return;
  os << "  because of, in the " << run << ":\n";
  trace.PrintCauses(os, cause);
}

}  // namespace

std::optional<size_t> FirstDifference(const sim::Trace& a, const sim::Trace& b) {
  const size_t common = std::min(a.entries().size(), b.entries().size());
  for (size_t i = 0; i < common; ++i)
    if (!Same(a.entries()[i], b.entries()[i])) return i;
  if (a.entries().size() == b.entries().size()) return std::nullopt;
  return common;
}

std::string DescribeDifference(const sim::Trace& a, const sim::Trace& b, size_t index) {
  std::ostringstream os;
  os << "  they differ first in entry " << index << " of the trace:\n";
  Print(os, "first run ", a, index);
  Print(os, "second run", b, index);
  if (index > 0) os << "  before it, in both:\n";
  for (size_t i = index - std::min(index, kEntriesBefore); i < index; ++i)
    os << "    " << a.entries()[i] << "\n";
  PrintCauses(os, "first run", a, index);
  PrintCauses(os, "second run", b, index);
  return os.str();
}

}  // namespace norn::support_internal
