// How a list of records differs from the one a test expected, in Kafka's words: what is missing,
// what is there uninvited, what is there twice, what came out of order.
//
//   Differences({"a", "b"}, {{Offset(0), RecordId(0), "a"}, {Offset(1), RecordId(0), "a"}})
//   // duplicate: @1 "a" is record r0 again, first at @0
//   (and by which requests of whom, where that is known)
//   // missing: "b", expected at index 1, after @0 "a"
//
// Indexes count from 0, as offsets do.
#ifndef NORN_TESTS_SUPPORT_RECORD_DIFFERENCES_H_
#define NORN_TESTS_SUPPORT_RECORD_DIFFERENCES_H_

#include <optional>
#include <ostream>
#include <string>
#include <vector>

#include "model/ids.h"

namespace norn::support_internal {

// A key or value; null if nothing.
using Text = std::optional<std::string>;

// "text" in quotes, or null.
std::string Quoted(const Text& text);

struct SeenRecord {
  model::Offset offset;
  model::RecordId id;
  Text text;
  // "p1's request 7 on connection 3, attempt 2": how it came there; empty if nobody knows.
  std::string origin = {};
};

// One line for each difference, in the order of what was seen; none if the texts are equal.
std::vector<std::string> Differences(const std::vector<Text>& expected,
                                     const std::vector<SeenRecord>& seen);

}  // namespace norn::support_internal

#endif  // NORN_TESTS_SUPPORT_RECORD_DIFFERENCES_H_
