// The shapes of chance: the generator has none, the distributions have theirs. Seeds are fixed, so
// a threshold that holds once holds for ever; each is one that fair chance would rarely pass.
#include <algorithm>
#include <cmath>
#include <cstdint>
#include <functional>
#include <map>
#include <numeric>
#include <set>
#include <span>
#include <string>
#include <vector>

#include "gtest/gtest.h"
#include "sim/fixed_point.h"
#include "sim/random.h"

namespace norn::sim {
namespace {

constexpr int64_t kMilli = 1'000'000;

// Standard deviations between the sum of squares and what equally likely cells would give.
double ChiSquareSigmas(const std::vector<uint64_t>& cells) {
  const double total = static_cast<double>(std::accumulate(cells.begin(), cells.end(), 0ull));
  const double expected = total / static_cast<double>(cells.size());
  double sum = 0;
  for (const uint64_t cell : cells) {
    const double off = static_cast<double>(cell) - expected;
    sum += off * off / expected;
  }
  const double freedom = static_cast<double>(cells.size() - 1);
  return (sum - freedom) / std::sqrt(2 * freedom);
}

// Kolmogorov and Smirnov: the largest distance between the samples' distribution and `cdf`, times
// the root of their number. Above 1.63 in one of a hundred tests, above 1.95 in one of a thousand.
double Distance(std::vector<double> samples, const std::function<double(double)>& cdf) {
  std::sort(samples.begin(), samples.end());
  const double n = static_cast<double>(samples.size());
  double worst = 0;
  for (size_t i = 0; i < samples.size(); ++i) {
    const double at = cdf(samples[i]);
    worst = std::max(worst, std::fabs(at - static_cast<double>(i) / n));
    worst = std::max(worst, std::fabs(at - static_cast<double>(i + 1) / n));
  }
  return worst * std::sqrt(n);
}

double NormalCdf(double x) { return std::erfc(-x / std::sqrt(2.0)) / 2; }

struct Moments {
  double mean;
  double variance;
};
Moments MomentsOf(const std::vector<double>& samples) {
  const double n = static_cast<double>(samples.size());
  const double mean = std::accumulate(samples.begin(), samples.end(), 0.0) / n;
  double squares = 0;
  for (const double x : samples) squares += (x - mean) * (x - mean);
  return {mean, squares / n};
}

class RandomShapeTest : public ::testing::Test {
 protected:
  std::vector<double> Sample(int n, const std::function<double(const Key&)>& draw) {
    std::vector<double> samples;
    for (int i = 0; i < n; ++i) samples.push_back(draw({i / 16, i % 16}));
    return samples;
  }

  Chance chance_{42};
  Stream stream_ = chance_.Resolve("link/p1->b2/latency");
};

// --- The generator.

TEST(MixTest, EveryBitOfTheAddressMovesHalfOfTheOutcome) {
  constexpr int kTrials = 1024;
  double worst = 0;
  for (int word = 0; word < 5; ++word) {
    for (int bit = 0; bit < (word == 4 ? 40 : 64); ++bit) {
      std::vector<int> flips(64);
      for (int i = 0; i < kTrials; ++i) {
        // Keys as simulations have them: small numbers.
        uint64_t address[5] = {HashName("stream") + static_cast<uint64_t>(i % 7),
                               static_cast<uint64_t>(i), static_cast<uint64_t>(i % 37),
                               static_cast<uint64_t>(i >> 8), 0};
        const auto mix = [&] {
          return internal::Mix(address[0], {address[1], address[2], address[3]}, address[4]);
        };
        const uint64_t before = mix();
        address[word] ^= uint64_t{1} << bit;
        const uint64_t difference = before ^ mix();
        for (int out = 0; out < 64; ++out) flips[out] += (difference >> out) & 1;
      }
      for (const int count : flips) {
        worst = std::max(worst, std::fabs(count - kTrials / 2.0) / std::sqrt(kTrials / 4.0));
      }
    }
  }
  EXPECT_LT(worst, 5.2);  // the worst of 18944 fair coins is above that in one of 250 tests
}

// Pairs of bytes of neighbours, in 2^16 cells.
TEST(MixTest, NeighboursAreUncorrelated) {
  const std::map<std::string, std::function<uint64_t(uint64_t)>> rows = {
      {"a", [](uint64_t i) { return internal::Mix(99, {i}, 0); }},
      {"b",
       [](uint64_t i) {
         return internal::Mix(99, {0, i}, 0);
       }},
      {"c",
       [](uint64_t i) {
         return internal::Mix(99, {0, 0, i}, 0);
       }},
      {"draw",
       [](uint64_t i) {
         return internal::Mix(99, {4, 5, 6}, i);
       }},
      {"stream",
       [](uint64_t i) {
         return internal::Mix(99 + i, {4, 5, 6}, 0);
       }},
      {"grid",
       [](uint64_t i) {
         return internal::Mix(99, {i % 16, i / 16 % 16, i / 256}, 0);
       }},
      // A stream whose number has no randomness of its own: the steps of b are then a power of two.
      {"poor stream",
       [](uint64_t i) {
         return internal::Mix(uint64_t{1} << 40, {0, i}, 0);
       }},
  };
  constexpr uint64_t kRow = 1 << 18;
  for (const auto& [name, row] : rows) {
    std::vector<uint64_t> values(kRow);
    for (uint64_t i = 0; i < kRow; ++i) values[i] = row(i);
    for (const uint64_t lag : {1, 2, 16, 256}) {
      for (const int shift : {0, 28, 56}) {
        std::vector<uint64_t> cells(1 << 16);
        for (uint64_t i = lag; i < kRow; ++i) {
          ++cells[((values[i - lag] >> shift) & 255) << 8 | ((values[i] >> shift) & 255)];
        }
        EXPECT_LT(std::fabs(ChiSquareSigmas(cells)), 4.2)
            << "neighbours in " << name << " at " << lag << ", bits from " << shift;
      }
    }
  }
}

TEST(MixTest, NeighbouringSeedsAndNamesAreUncorrelated) {
  std::vector<uint64_t> seeds(1 << 16);
  std::vector<uint64_t> names(1 << 16);
  for (uint64_t i = 0; i < 1 << 18; ++i) {
    Chance a(i);
    Chance b(i + 1);
    const Stream in_a = a.Resolve("s");
    const Stream in_b = b.Resolve("s");
    ++seeds[(a.Bits(in_a, {}) & 255) << 8 | (b.Bits(in_b, {}) & 255)];
    ++names[(HashName("p" + std::to_string(i)) & 255) << 8 |
            (HashName("p" + std::to_string(i + 1)) >> 56)];
  }
  EXPECT_LT(std::fabs(ChiSquareSigmas(seeds)), 4.2);
  EXPECT_LT(std::fabs(ChiSquareSigmas(names)), 4.2);
}

// Of 200,000 random numbers of 32 bits 4.66 pairs are expected to be equal.
TEST(HashNameTest, HalvesOfHashesCollideNoMoreThanChance) {
  std::set<uint32_t> low;
  std::set<uint32_t> high;
  for (int p = 0; p < 200; ++p) {
    for (int b = 0; b < 1000; ++b) {
      const uint64_t hash = HashName("link/p" + std::to_string(p) + "->b" + std::to_string(b));
      low.insert(static_cast<uint32_t>(hash));
      high.insert(static_cast<uint32_t>(hash >> 32));
    }
  }
  EXPECT_GT(low.size(), 200'000u - 15);
  EXPECT_GT(high.size(), 200'000u - 15);
}

// --- Distributions.

TEST_F(RandomShapeTest, KindsAtOneAddressAreIndependent) {
  // Were both made of one word, what happens one time in a hundred would always be far out.
  std::vector<double> samples;
  for (int i = 0; i < 200'000; ++i) {
    if (!chance_.Bernoulli(stream_, {i}, Probability::Percent(1))) continue;
    samples.push_back(static_cast<double>(chance_.ExponentialNanos(stream_, {i}, kMilli)));
  }
  EXPECT_LT(Distance(samples, [](double x) { return 1 - std::exp(-x / kMilli); }), 1.63);
}

TEST_F(RandomShapeTest, UniformIsFair) {
  std::vector<uint64_t> cells(10);
  for (int i = 0; i < 100'000; ++i) ++cells[chance_.Uniform(stream_, {i}, 10)];
  EXPECT_LT(std::fabs(ChiSquareSigmas(cells)), 3);
}

TEST_F(RandomShapeTest, UniformRejectsWhatWouldMakeSomeLikelier) {
  // Without rejection every third value, of three quarters of 2^64, would be twice as likely.
  std::vector<uint64_t> cells(3);
  for (int i = 0; i < 100'000; ++i) ++cells[chance_.Uniform(stream_, {i}, uint64_t{3} << 62) % 3];
  EXPECT_LT(std::fabs(ChiSquareSigmas(cells)), 3);
  EXPECT_EQ(chance_.Uniform(stream_, {}, 1), 0u);
}

TEST_F(RandomShapeTest, UniformDurationIncludesBothEnds) {
  std::vector<uint64_t> cells(5);
  for (int i = 0; i < 50'000; ++i) ++cells[chance_.UniformNanos(stream_, {i}, -2, 2) + 2];
  EXPECT_LT(std::fabs(ChiSquareSigmas(cells)), 3);
  EXPECT_EQ(chance_.UniformNanos(stream_, {}, 7, 7), 7);
  EXPECT_NE(chance_.UniformNanos(stream_, {}, INT64_MIN, INT64_MAX), 0);
}

TEST_F(RandomShapeTest, BernoulliHappensAsOftenAsItShould) {
  for (const double p : {0.001, 0.3, 0.5, 0.97}) {
    int happened = 0;
    for (int i = 0; i < 100'000; ++i) happened += chance_.Bernoulli(stream_, {i}, p);
    EXPECT_NEAR(happened, 100'000 * p, 3 * std::sqrt(100'000 * p * (1 - p))) << p;
  }
  for (int i = 0; i < 10'000; ++i) {
    EXPECT_FALSE(chance_.Bernoulli(stream_, {i}, 0.0));
    EXPECT_TRUE(chance_.Bernoulli(stream_, {i}, 1.0));
  }
}

TEST_F(RandomShapeTest, ExponentialHasItsShape) {
  const std::vector<double> samples = Sample(100'000, [&](const Key& key) {
    return static_cast<double>(chance_.ExponentialNanos(stream_, key, kMilli)) / kMilli;
  });
  const Moments moments = MomentsOf(samples);
  EXPECT_NEAR(moments.mean, 1, 0.01);
  EXPECT_NEAR(moments.variance, 1, 0.035);
  EXPECT_LT(Distance(samples, [](double x) { return 1 - std::exp(-x); }), 1.63);
}

TEST_F(RandomShapeTest, ExponentialRoundsAndSaturates) {
  EXPECT_EQ(chance_.ExponentialNanos(stream_, {}, 0), 0);
  double sum = 0;
  bool saturated = false;
  for (int i = 0; i < 100'000; ++i) {
    sum += static_cast<double>(chance_.ExponentialNanos(stream_, {i}, 3));
    const int64_t huge = chance_.ExponentialNanos(stream_, {i}, INT64_MAX);
    ASSERT_GE(huge, 0);
    saturated |= huge == INT64_MAX;
  }
  EXPECT_NEAR(sum / 100'000, 3, 0.03) << "rounding to nearest keeps the mean of a small one";
  EXPECT_TRUE(saturated);
  EXPECT_EQ(internal::ExponentialOf(0, kMilli), 44'361'420) << "the largest: 64 ln 2";
  EXPECT_EQ(internal::ExponentialOf(UINT64_MAX, kMilli), 0);
}

TEST_F(RandomShapeTest, NormalHasItsShape) {
  const std::vector<double> samples =
      Sample(100'000, [&](const Key& key) { return chance_.Normal(stream_, key).ToDouble(); });
  const Moments moments = MomentsOf(samples);
  EXPECT_NEAR(moments.mean, 0, 0.01);
  EXPECT_NEAR(moments.variance, 1, 0.015);
  EXPECT_LT(Distance(samples, NormalCdf), 1.63);
  const auto far =
      std::count_if(samples.begin(), samples.end(), [](double x) { return std::fabs(x) > 3; });
  EXPECT_NEAR(static_cast<double>(far), 270, 50);
}

TEST_F(RandomShapeTest, NormalDurationIsNeverNegative) {
  const std::vector<double> samples = Sample(100'000, [&](const Key& key) {
    return static_cast<double>(chance_.NormalDurationNanos(stream_, key, 2 * kMilli, kMilli)) /
           kMilli;
  });
  EXPECT_LT(Distance(samples, [](double x) { return x < 0 ? 0 : NormalCdf(x - 2); }), 8)
      << "apart from what was clamped";
  const auto clamped = std::count(samples.begin(), samples.end(), 0.0);
  EXPECT_NEAR(static_cast<double>(clamped), 100'000 * NormalCdf(-2), 150);
  EXPECT_GE(*std::min_element(samples.begin(), samples.end()), 0);
  EXPECT_EQ(chance_.NormalDurationNanos(stream_, {}, 5, 0), 5);
  EXPECT_GE(chance_.NormalDurationNanos(stream_, {}, INT64_MAX, INT64_MAX), 0);
}

TEST_F(RandomShapeTest, LogNormalHasItsShape) {
  const std::vector<double> samples = Sample(100'000, [&](const Key& key) {
    const int64_t nanos = chance_.LogNormalNanos(stream_, key, kMilli, Fixed::FromRatio(3, 4));
    return std::log(static_cast<double>(nanos) / kMilli) / 0.75;
  });
  EXPECT_LT(Distance(samples, NormalCdf), 1.63);
  EXPECT_EQ(chance_.LogNormalNanos(stream_, {}, kMilli, Fixed()), kMilli);
  for (int i = 0; i < 100; ++i) {  // so wide that it vanishes or saturates
    const int64_t wild = chance_.LogNormalNanos(stream_, {i}, kMilli, Fixed::FromRaw(INT64_MAX));
    EXPECT_TRUE(wild == 0 || wild == INT64_MAX) << wild;
  }
}

TEST_F(RandomShapeTest, ParetoHasItsShape) {
  const int64_t cap = 1'000'000 * kMilli;
  const std::vector<double> samples = Sample(100'000, [&](const Key& key) {
    const int64_t nanos = chance_.ParetoNanos(stream_, key, kMilli, Fixed::FromRatio(3, 2), cap);
    return static_cast<double>(nanos) / kMilli;
  });
  EXPECT_LT(Distance(samples, [](double x) { return 1 - std::pow(x, -1.5); }), 1.63);
  EXPECT_GE(*std::min_element(samples.begin(), samples.end()), 1);
}

TEST_F(RandomShapeTest, ParetoStopsAtItsCap) {
  int capped = 0;
  for (int i = 0; i < 10'000; ++i) {
    const int64_t nanos =
        chance_.ParetoNanos(stream_, {i}, kMilli, Fixed::FromRatio(1, 1), 10 * kMilli);
    EXPECT_GE(nanos, kMilli);
    EXPECT_LE(nanos, 10 * kMilli);
    capped += nanos == 10 * kMilli;
  }
  EXPECT_NEAR(capped, 1000, 90);
  EXPECT_EQ(chance_.ParetoNanos(stream_, {}, 5, Fixed::FromRatio(1, 1), 5), 5);
  EXPECT_EQ(chance_.ParetoNanos(stream_, {}, 1, Fixed::FromRaw(1), kMilli), kMilli);
}

TEST_F(RandomShapeTest, JitterStaysWithinItsShare) {
  std::vector<uint64_t> cells(41);
  for (int i = 0; i < 41'000; ++i) ++cells[chance_.JitterNanos(stream_, {i}, 100, 200) - 80];
  EXPECT_LT(std::fabs(ChiSquareSigmas(cells)), 3);
  EXPECT_EQ(chance_.JitterNanos(stream_, {}, 100, 0), 100);
  EXPECT_EQ(chance_.JitterNanos(stream_, {}, 0, 1000), 0);
  EXPECT_GE(chance_.JitterNanos(stream_, {}, INT64_MAX, 1000), 0);
}

TEST_F(RandomShapeTest, WeightedPickFollowsTheWeights) {
  const std::vector<uint64_t> weights = {0, 10, 0, 30, 60, 0};
  std::vector<int> picked(weights.size());
  for (int i = 0; i < 100'000; ++i) ++picked[chance_.WeightedPick(stream_, {i}, weights)];
  for (size_t i = 0; i < weights.size(); ++i) {
    EXPECT_NEAR(picked[i], static_cast<double>(weights[i]) * 1000, 450) << i;
    EXPECT_EQ(picked[i] == 0, weights[i] == 0) << i;
  }
}

TEST_F(RandomShapeTest, ShuffleMakesEveryOrderEquallyLikely) {
  std::map<std::vector<int>, uint64_t> orders;
  for (int i = 0; i < 48'000; ++i) {
    std::vector<int> items = {0, 1, 2, 3};
    chance_.Shuffle(stream_, {i}, std::span<int>(items));
    ++orders[items];
  }
  std::vector<uint64_t> cells;
  for (const auto& [order, count] : orders) cells.push_back(count);
  EXPECT_EQ(cells.size(), 24u);
  EXPECT_LT(std::fabs(ChiSquareSigmas(cells)), 3);
  std::vector<int> none;
  chance_.Shuffle(stream_, {}, std::span<int>(none));
}

}  // namespace
}  // namespace norn::sim
