#include "model/client/backoff.h"

#include "gtest/gtest.h"

namespace norn::model {
namespace {

// 100, 200, 400, 800 ms within +-20 %, then about the maximum and never above it
// (ExponentialBackoff of kafka-clients 4.1).
TEST(Backoff, DoublesWithJitterAndIsHeldAtItsMaximum) {
  sim::Chance chance(1);
  const sim::Stream stream = chance.Resolve("backoff");
  const Backoff backoff;
  const int64_t nominal[] = {100, 200, 400, 800, 1000, 1000, 1000};
  for (int attempt = 0; attempt < 7; ++attempt) {
    int64_t least = 1 << 20;
    int64_t most = 0;
    for (int i = 0; i < 500; ++i) {
      const absl::Duration d = backoff.After(attempt, chance, stream, sim::Key(attempt, i));
      const int64_t ms = absl::ToInt64Milliseconds(d);
      ASSERT_EQ(d, absl::Milliseconds(ms)) << "whole milliseconds";
      least = std::min(least, ms);
      most = std::max(most, ms);
    }
    EXPECT_GE(least, nominal[attempt] * 8 / 10);
    EXPECT_LE(most, std::min<int64_t>(nominal[attempt] * 12 / 10, 1000));
    EXPECT_LT(least, nominal[attempt] * 85 / 100) << "the jitter reaches down";
    if (nominal[attempt] < 800) {
      EXPECT_GT(most, nominal[attempt] * 115 / 100) << "and up";
    }
  }
}

TEST(Backoff, OfZeroIsNone) {
  sim::Chance chance(1);
  const Backoff none = Backoff::Of(absl::ZeroDuration(), absl::ZeroDuration());
  EXPECT_EQ(none.After(5, chance, chance.Resolve("backoff"), sim::Key(0)), absl::ZeroDuration());
}

}  // namespace
}  // namespace norn::model
