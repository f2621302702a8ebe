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

// Java computes initial x 2^n x (1 - 0.2 + 0.4 u) in doubles and cuts to whole milliseconds. With
// values so large that a millisecond is less than a millionth, whole numbers give the same.
TEST(Backoff, AgreesWithTheFormulaInDoublesWithinOnePpm) {
  sim::Chance chance(11);
  const sim::Stream stream = chance.Resolve("backoff");
  for (int64_t initial_ms : {3'000'000, 7'654'321}) {
    const Backoff backoff{.initial_ms = initial_ms, .max_ms = 1'000'000'000};
    for (int64_t attempts = 0; attempts < 12; ++attempts) {
      for (int64_t i = 0; i < 100; ++i) {
        const sim::Key key(initial_ms, attempts, i);
        double nominal_ms = static_cast<double>(initial_ms);
        for (int64_t n = 0; n < attempts; ++n) nominal_ms *= 2;
        nominal_ms = std::min(nominal_ms, 1e9);
        const auto width = static_cast<uint64_t>(nominal_ms * 1e6 * 0.4);
        const double u = static_cast<double>(chance.Uniform(stream, key, width + 1)) /
                         static_cast<double>(width);
        const double expected = std::min(nominal_ms * (0.8 + 0.4 * u), 1e9);
        const double given =
            absl::ToDoubleMilliseconds(backoff.After(attempts, chance, stream, key));
        EXPECT_NEAR(given / expected, 1, 1e-6) << initial_ms << " x 2^" << attempts;
      }
    }
  }
}

}  // namespace
}  // namespace norn::model
