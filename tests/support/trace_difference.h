// Where two runs of one seed part: the first entry that differs between their traces, in words.
#ifndef NORN_TESTS_SUPPORT_TRACE_DIFFERENCE_H_
#define NORN_TESTS_SUPPORT_TRACE_DIFFERENCE_H_

#include <cstddef>
#include <optional>
#include <string>

#include "sim/trace.h"

namespace norn::support_internal {

// The index of the first entry that is not the same in both, or is in one only; nothing if the
// traces are equal. REQUIRES: both keep every entry.
std::optional<size_t> FirstDifference(const sim::Trace& a, const sim::Trace& b);

// That entry in both runs, the entries before it, and what led to it in either.
std::string DescribeDifference(const sim::Trace& a, const sim::Trace& b, size_t index);

}  // namespace norn::support_internal

#endif  // NORN_TESTS_SUPPORT_TRACE_DIFFERENCE_H_
