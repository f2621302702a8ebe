#include "scenarios/text/duration.h"

#include "gtest/gtest.h"

namespace norn::scenarios {
namespace {

std::string Refusal(std::string_view text) {
  const auto duration = ParseDuration(text);
  return duration.ok() ? "" : std::string(duration.status().message());
}

TEST(Duration, IsANumberWithItsUnit) {
  EXPECT_EQ(DurationOf("250us"), absl::Microseconds(250));
  EXPECT_EQ(DurationOf("5ms"), absl::Milliseconds(5));
  EXPECT_EQ(DurationOf("1.5s"), absl::Milliseconds(1500));
  EXPECT_EQ(DurationOf("2m"), absl::Minutes(2));
  EXPECT_EQ(DurationOf("1h"), absl::Hours(1));
  EXPECT_EQ(DurationOf("1m30s"), absl::Seconds(90));
  EXPECT_EQ(DurationOf("0s"), absl::ZeroDuration());
  EXPECT_EQ(DurationOf("0"), absl::ZeroDuration());
}

TEST(Duration, IsExact) {
  EXPECT_EQ(DurationOf("0.1s"), absl::Milliseconds(100));
  EXPECT_EQ(DurationOf("0.000000001s"), absl::Nanoseconds(1));
  EXPECT_EQ(DurationOf("1.000001ms"), absl::Nanoseconds(1000001));
  EXPECT_EQ(Refusal("0.1ns"), "\"0.1ns\" is no whole number of nanoseconds: round it");
}

TEST(Duration, OfAClockMayBeBelowNothing) {
  EXPECT_EQ(SignedDurationOf("-1m30s"), absl::Seconds(-90));
  EXPECT_EQ(SignedDurationOf("5ms"), absl::Milliseconds(5));
  EXPECT_EQ(SignedDurationOf("0"), absl::ZeroDuration());
  EXPECT_FALSE(ParseSignedDuration("--5s").ok());
  EXPECT_FALSE(ParseSignedDuration("-").ok());
  EXPECT_EQ(ParseSignedDuration("-300000h").status().message(),
            "\"-300000h\" is too long: a clock is off by 30 years at most");
}

TEST(Duration, RefusesWhatIsNone) {
  for (const char* text : {"", "5", "5 ms", "ms", "1d", "five", "5ms ", "1s,", "1.s", ".5s", "+5ms",
                           "inf", "99999999999999999999s"}) {
    EXPECT_EQ(
        Refusal(text),
        "\"" + std::string(text) +
            "\" is no length of time: write a number with its unit, as 250us, 5ms, 1.5s, 2m or "
            "1h, without a blank");
  }
  EXPECT_EQ(Refusal("-1s"), "\"-1s\" lies in the past: time goes forward");
  EXPECT_EQ(Refusal("9999999h"), "\"9999999h\" is too long: a run lasts at most 290 years");
}

}  // namespace
}  // namespace norn::scenarios
