#include "scenarios/text/duration.h"

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "sim/check.h"

namespace norn::scenarios {
namespace {

constexpr absl::Duration kLongest = absl::Hours(24 * 365 * 290);

absl::Status Refused(std::string_view text, std::string_view why) {
  return absl::InvalidArgumentError(absl::StrCat("\"", std::string(text), "\" ", std::string(why)));
}

}  // namespace

absl::StatusOr<absl::Duration> ParseDuration(std::string_view text) {
  absl::Duration duration;
  const bool infinite = text.find("inf") != std::string_view::npos;
  if (infinite || !absl::ParseDuration(std::string(text), &duration)) {
    return Refused(text,
                   "is no length of time: write a number with its unit, as 250us, 5ms, 1.5s, 2m or "
                   "1h, without a blank");
  }
  if (duration < absl::ZeroDuration()) return Refused(text, "lies in the past: time goes forward");
  if (duration > kLongest) return Refused(text, "is too long: a run lasts at most 290 years");
  if (duration != absl::Trunc(duration, absl::Nanoseconds(1))) {
    return Refused(text, "is no whole number of nanoseconds: round it");
  }
  return duration;
}

absl::Duration DurationOf(std::string_view text) {
  const absl::StatusOr<absl::Duration> duration = ParseDuration(text);
  NORN_CHECK(duration.ok()) << duration.status().ToString();
  return *duration;
}

}  // namespace norn::scenarios
