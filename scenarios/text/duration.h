// Lengths of time as scenarios write them: a number with its unit, "250us", "1.5s", "1m30s".
//
// Exact: what is no whole number of nanoseconds is refused, not rounded. Never negative, and at
// most 290 years, because a run counts nanoseconds in 64 bits.
//
// Example:
//   ParseDuration("1.5s")    // 1.5 seconds
//   ParseDuration("5 ms")    // error: "5 ms" is no length of time: write a number with its unit,
//   ...
#ifndef NORN_SCENARIOS_TEXT_DURATION_H_
#define NORN_SCENARIOS_TEXT_DURATION_H_

#include <cstdint>
#include <string_view>

#include "absl/status/statusor.h"
#include "absl/time/time.h"

namespace norn::scenarios {

absl::StatusOr<absl::Duration> ParseDuration(std::string_view text);

// REQUIRES: ParseDuration accepts it.
absl::Duration DurationOf(std::string_view text);

// The same, or below nothing: "-5s". At most 30 years either way, as a clock may be off.
absl::StatusOr<absl::Duration> ParseSignedDuration(std::string_view text);
// REQUIRES: ParseSignedDuration accepts it.
absl::Duration SignedDurationOf(std::string_view text);

// A part of one, in millionths: 0.4 is 400000.
inline int32_t Millionths(double part) { return static_cast<int32_t>(part * 1e6 + 0.5); }

}  // namespace norn::scenarios

#endif  // NORN_SCENARIOS_TEXT_DURATION_H_
