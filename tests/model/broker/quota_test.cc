#include "model/broker/quota.h"

#include <vector>

#include "absl/time/time.h"
#include "gtest/gtest.h"

namespace norn::model {
namespace {

sim::Time Ms(int64_t ms) { return sim::Time::Zero() + absl::Milliseconds(ms); }

// A6.1 4b: 1000 x bytes / quota - window, where the window is 10 s and what has passed of the
// second.
TEST(ByteRateTest, ThrottlesByTheLaw) {
  ByteRate rate({});
  rate.Record(Ms(0), 70'000);
  EXPECT_EQ(rate.ThrottleMs(Ms(0), 7000), 0);  // exactly ten seconds' worth
  rate.Record(Ms(0), 7);
  EXPECT_EQ(rate.ThrottleMs(Ms(0), 7000), 1);
  rate.Record(Ms(300), 7000);
  EXPECT_EQ(rate.ThrottleMs(Ms(300), 7000), 1001 - 300);
  // With the second second the window is ten again.
  EXPECT_EQ(rate.ThrottleMs(Ms(999), 7000), 1001 - 999);
  EXPECT_EQ(rate.ThrottleMs(Ms(1000), 7000), 1001);
}

TEST(ByteRateTest, RoundsAsJavaDoes) {
  ByteRate rate({});
  rate.Record(Ms(0), 70'003);
  EXPECT_EQ(rate.ThrottleMs(Ms(0), 7000), 0);  // 0.43 ms
  rate.Record(Ms(0), 1);
  EXPECT_EQ(rate.ThrottleMs(Ms(0), 7000), 1);  // 0.57 ms
}

TEST(ByteRateTest, WhatIsOldIsForgotten) {
  ByteRate rate({});
  rate.Record(Ms(0), 1'000'000);
  EXPECT_GT(rate.ThrottleMs(Ms(10'999), 7000), 0);
  EXPECT_EQ(rate.ThrottleMs(Ms(11'000), 7000), 0);
}

TEST(ByteRateTest, ElevenSamplesAreKept) {
  ByteRate rate({});
  // A second's worth each second is never too much, however long it goes on.
  for (int64_t second = 0; second < 40; ++second) {
    rate.Record(Ms(1000 * second), 7000);
    EXPECT_LE(rate.ThrottleMs(Ms(1000 * second), 7000), 1000) << second;
  }
  // Twice as much is.
  for (int64_t second = 40; second < 60; ++second) rate.Record(Ms(1000 * second), 14'000);
  EXPECT_GT(rate.ThrottleMs(Ms(59'000), 7000), 10'000);
}

}  // namespace
}  // namespace norn::model
