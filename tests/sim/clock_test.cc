#include "sim/clock.h"

#include <cstdint>

#include "absl/time/time.h"
#include "gtest/gtest.h"

namespace norn::sim {
namespace {

constexpr Time At(int64_t nanos) { return Time::FromNanos(nanos); }
constexpr int64_t kSecond = 1'000'000'000;

TEST(Clock, WithoutFaultsItShowsTheTime) {
  Clock clock;
  EXPECT_TRUE(clock.exact());
  EXPECT_EQ(clock.Wall(At(123)), At(123));
  EXPECT_EQ(clock.Monotonic(At(123)), At(123));
  EXPECT_EQ(clock.WhenWallShows(At(200), At(123)), At(200));
  EXPECT_EQ(clock.WhenWallShows(At(100), At(123)), At(123));
  clock.Set({});
  EXPECT_TRUE(clock.exact());
}

TEST(Clock, AnOffsetIsTheWallClocksAlone) {
  Clock clock;
  clock.Set({.offset = absl::Seconds(-5)});
  EXPECT_EQ(clock.Wall(At(kSecond)), At(-4 * kSecond));
  EXPECT_EQ(clock.Monotonic(At(kSecond)), At(kSecond));
  EXPECT_EQ(clock.WhenWallShows(At(0), At(kSecond)), At(5 * kSecond));
}

TEST(Clock, ADriftIsBothClocks) {
  Clock clock;
  clock.Set({.drift_ppm = 100});
  EXPECT_EQ(clock.Wall(At(10'000 * kSecond)), At(10'001 * kSecond));
  EXPECT_EQ(clock.Monotonic(At(10'000 * kSecond)), At(10'001 * kSecond));
  // It waits 10,001 of its own seconds in 10,000 true ones.
  EXPECT_EQ(clock.WhenMonotonicShows(At(10'001 * kSecond), At(0)), At(10'000 * kSecond));
}

TEST(Clock, AStepMovesTheWallClockAndNotTheOther) {
  Clock clock;
  clock.Step(absl::Minutes(2));
  EXPECT_FALSE(clock.exact());
  EXPECT_EQ(clock.Wall(At(kSecond)), At(121 * kSecond));
  EXPECT_EQ(clock.Monotonic(At(kSecond)), At(kSecond));
  // What was to be waited for is over.
  EXPECT_EQ(clock.WhenWallShows(At(100 * kSecond), At(kSecond)), At(kSecond));
  clock.Step(absl::Minutes(-2));
  EXPECT_TRUE(clock.exact());
}

TEST(Clock, WhatIsNeverIsNever) {
  Clock clock;
  clock.Set({.offset = absl::Seconds(1), .drift_ppm = -7});
  EXPECT_EQ(clock.WhenWallShows(Time::Max(), At(5)), Time::Max());
}

// For any drift: never backwards, and WhenShows is the first time that shows enough.
TEST(Clock, IsMonotonicAndWaitsExactlyLongEnough) {
  for (const int64_t ppm : {-100'000, -333, -1, 1, 7, 100, 99'999}) {
    Clock clock;
    clock.Set({.offset = absl::Nanoseconds(-12'345), .drift_ppm = ppm});
    Time before = clock.Wall(At(0));
    for (int64_t n = 1; n < 3'000'000; n += 1'237) {
      const Time now = At(n);
      ASSERT_GE(clock.Wall(now), before);
      before = clock.Wall(now);
      const Time wanted = At(n + 1'000'003);
      const Time at = clock.WhenWallShows(wanted, now);
      ASSERT_GE(clock.Wall(at), wanted) << ppm;
      ASSERT_LT(clock.Wall(At(at.nanos() - 1)), wanted) << ppm;
    }
  }
}

}  // namespace
}  // namespace norn::sim
