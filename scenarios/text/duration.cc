#include "scenarios/text/duration.h"

#include <cstdint>
#include <optional>
#include <string>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "sim/check.h"
#include "sim/clock.h"

namespace norn::scenarios {
namespace {

constexpr __int128 kLongest = __int128{24 * 365 * 290} * 3600 * 1'000'000'000;

struct Unit {
  std::string_view name;
  int64_t nanos;
};
// A name before those that begin like it.
constexpr Unit kUnits[] = {{"ns", 1},
                           {"us", 1'000},
                           {"ms", 1'000'000},
                           {"s", 1'000'000'000},
                           {"m", 60'000'000'000},
                           {"h", 3'600'000'000'000}};

bool IsDigit(char c) { return c >= '0' && c <= '9'; }

struct Digits {
  __int128 value = 0;
  __int128 scale = 1;  // ten to the number of digits
};

// Takes the digits `text` begins with; nothing if there are none, or far too many.
std::optional<Digits> TakeDigits(std::string_view& text) {
  constexpr size_t kMost = 18;
  Digits digits;
  size_t count = 0;
  for (; count < text.size() && IsDigit(text[count]); ++count) {
    if (count == kMost) return std::nullopt;
    digits.value = digits.value * 10 + (text[count] - '0');
    digits.scale *= 10;
  }
  text.remove_prefix(count);
  if (count == 0) return std::nullopt;
  return digits;
}

absl::Status Refused(std::string_view text, std::string_view why) {
  return absl::InvalidArgumentError(absl::StrCat("\"", std::string(text), "\" ", std::string(why)));
}

absl::Status NoDuration(std::string_view text) {
  return Refused(
      text,
      "is no length of time: write a number with its unit, as 250us, 5ms, 1.5s, 2m or 1h, "
      "without a blank");
}

}  // namespace

absl::StatusOr<absl::Duration> ParseDuration(std::string_view text) {
  if (text == "0") return absl::ZeroDuration();
  if (!text.empty() && text[0] == '-') return Refused(text, "lies in the past: time goes forward");
  __int128 total = 0;
  std::string_view rest = text;
  do {
    const std::optional<Digits> whole = TakeDigits(rest);
    if (!whole.has_value()) return NoDuration(text);
    Digits fraction;
    if (!rest.empty() && rest[0] == '.') {
      rest.remove_prefix(1);
      const std::optional<Digits> behind = TakeDigits(rest);
      if (!behind.has_value()) return NoDuration(text);
      fraction = *behind;
    }
    const Unit* unit = nullptr;
    for (const Unit& known : kUnits)
      if (unit == nullptr && rest.substr(0, known.name.size()) == known.name) unit = &known;
    if (unit == nullptr) return NoDuration(text);
    rest.remove_prefix(unit->name.size());
    if (fraction.value * unit->nanos % fraction.scale != 0)
      return Refused(text, "is no whole number of nanoseconds: round it");
    total += whole->value * unit->nanos + fraction.value * unit->nanos / fraction.scale;
    if (total > kLongest) return Refused(text, "is too long: a run lasts at most 290 years");
  } while (!rest.empty());
  return absl::Nanoseconds(static_cast<int64_t>(total));
}

absl::StatusOr<absl::Duration> ParseSignedDuration(std::string_view text) {
  const bool is_negative = !text.empty() && text[0] == '-';
  const std::string_view length = text.substr(is_negative ? 1 : 0);
  if (!length.empty() && length[0] == '-') return NoDuration(text);
  const absl::StatusOr<absl::Duration> duration = ParseDuration(length);
  if (!duration.ok()) return duration;
  if (*duration > sim::Clock::kMostOffset)
    return Refused(text, "is too long: a clock is off by 30 years at most");
  return is_negative ? -*duration : *duration;
}

absl::Duration SignedDurationOf(std::string_view text) {
  const absl::StatusOr<absl::Duration> duration = ParseSignedDuration(text);
  NORN_CHECK(duration.ok()) << duration.status().ToString();
  return *duration;
}

absl::Duration DurationOf(std::string_view text) {
  const absl::StatusOr<absl::Duration> duration = ParseDuration(text);
  NORN_CHECK(duration.ok()) << duration.status().ToString();
  return *duration;
}

}  // namespace norn::scenarios
