// What a draw costs. Keys advance as a simulation's do; values are folded into a sum, so that a
// draw may overlap with the next one, as it may between two events.
#include <cstdint>
#include <numeric>
#include <span>
#include <string>
#include <vector>

#include "absl/time/time.h"
#include "benchmark/benchmark.h"
#include "sim/fixed_point.h"
#include "sim/random.h"

namespace norn::sim {
namespace {

// Runs draw(chance, stream, i) for i = 0, 1, 2, ...
template <class Draw>
void Repeat(benchmark::State& state, Draw draw) {
  Chance chance(42);
  const Stream stream = chance.Resolve("link/p1->b2/latency");
  uint64_t i = 0;
  for (auto _ : state) benchmark::DoNotOptimize(draw(chance, stream, i++));
}

void BM_Bits(benchmark::State& state) {
  Repeat(state, [](Chance& c, Stream s, uint64_t i) { return c.Bits(s, {i, 3}); });
}
BENCHMARK(BM_Bits);

// Each key is the draw before: what one draw takes from start to end.
void BM_BitsLatency(benchmark::State& state) {
  uint64_t last = 0;
  Repeat(state, [&](Chance& c, Stream s, uint64_t) { return last = c.Bits(s, {last, 3}); });
}
BENCHMARK(BM_BitsLatency);

void BM_Uniform(benchmark::State& state) {
  Repeat(state, [](Chance& c, Stream s, uint64_t i) { return c.Uniform(s, {i, 3}, 1000); });
}
BENCHMARK(BM_Uniform);

void BM_Bernoulli(benchmark::State& state) {
  const Probability p = Probability::PerMillion(1000);
  Repeat(state, [p](Chance& c, Stream s, uint64_t i) { return c.Bernoulli(s, {i, 3}, p); });
}
BENCHMARK(BM_Bernoulli);

void BM_UniformNanos(benchmark::State& state) {
  Repeat(state, [](Chance& c, Stream s, uint64_t i) {
    return c.UniformNanos(s, {i, 3}, 1000, 9000);
  });
}
BENCHMARK(BM_UniformNanos);

void BM_ExponentialNanos(benchmark::State& state) {
  Repeat(state, [](Chance& c, Stream s, uint64_t i) {
    return c.ExponentialNanos(s, {i, 3}, 2'000'000);
  });
}
BENCHMARK(BM_ExponentialNanos);

void BM_ExponentialDuration(benchmark::State& state) {
  const absl::Duration mean = absl::Milliseconds(2);
  Repeat(state, [mean](Chance& c, Stream s, uint64_t i) { return c.Exponential(s, {i, 3}, mean); });
}
BENCHMARK(BM_ExponentialDuration);

void BM_Normal(benchmark::State& state) {
  Repeat(state, [](Chance& c, Stream s, uint64_t i) { return c.Normal(s, {i, 3}); });
}
BENCHMARK(BM_Normal);

void BM_LogNormalNanos(benchmark::State& state) {
  const Fixed sigma = Fixed::FromRatio(1, 2);
  Repeat(state, [sigma](Chance& c, Stream s, uint64_t i) {
    return c.LogNormalNanos(s, {i, 3}, 2'000'000, sigma);
  });
}
BENCHMARK(BM_LogNormalNanos);

void BM_ParetoNanos(benchmark::State& state) {
  const Fixed alpha = Fixed::FromRatio(3, 2);
  Repeat(state, [alpha](Chance& c, Stream s, uint64_t i) {
    return c.ParetoNanos(s, {i, 3}, 2'000'000, alpha, 2'000'000'000);
  });
}
BENCHMARK(BM_ParetoNanos);

void BM_JitterNanos(benchmark::State& state) {
  Repeat(state, [](Chance& c, Stream s, uint64_t i) {
    return c.JitterNanos(s, {i, 3}, 100'000'000, 200);
  });
}
BENCHMARK(BM_JitterNanos);

void BM_WeightedPickOf8(benchmark::State& state) {
  const std::vector<uint64_t> weights = {5, 1, 4, 2, 8, 5, 7, 1};
  Repeat(state, [&weights](Chance& c, Stream s, uint64_t i) {
    return c.WeightedPick(s, {i, 3}, weights);
  });
}
BENCHMARK(BM_WeightedPickOf8);

void BM_ShuffleOf16(benchmark::State& state) {
  std::vector<int> items(16);
  std::iota(items.begin(), items.end(), 0);
  Repeat(state, [&items](Chance& c, Stream s, uint64_t i) {
    c.Shuffle(s, {i, 3}, std::span<int>(items));
    return items[0];
  });
}
BENCHMARK(BM_ShuffleOf16);

// A world's chance: built, and twenty streams resolved.
void BM_BuildAndResolve20(benchmark::State& state) {
  std::vector<std::string> names;
  for (int i = 0; i < 20; ++i) {
    names.push_back("link/p" + std::to_string(i) + "->b2/latency");
  }
  uint64_t seed = 0;
  for (auto _ : state) {
    Chance chance(seed++);
    for (const std::string& name : names) benchmark::DoNotOptimize(chance.Resolve(name));
  }
}
BENCHMARK(BM_BuildAndResolve20);

// Recording keeps a list and a map, so it is for the one run that is looked at.
void BM_BitsRecorded(benchmark::State& state) {
  Chance chance(42);
  const Stream stream = chance.Resolve("link/p1->b2/latency");
  chance.Record(true);
  uint64_t i = 0;
  for (auto _ : state) benchmark::DoNotOptimize(chance.Bits(stream, {i++ % 10'000}));
}
BENCHMARK(BM_BitsRecorded);

void BM_Log2(benchmark::State& state) {
  uint64_t x = 1;
  for (auto _ : state) benchmark::DoNotOptimize(Log2(x += 0x123456789abcdef));
}
BENCHMARK(BM_Log2);

void BM_TimesExp2(benchmark::State& state) {
  int64_t x = 0;
  for (auto _ : state) benchmark::DoNotOptimize(TimesExp2(1'000'000, x += 0x123456789abcd));
}
BENCHMARK(BM_TimesExp2);

void BM_Sqrt(benchmark::State& state) {
  uint64_t x = 1;
  for (auto _ : state) benchmark::DoNotOptimize(Sqrt(x += 0x123456789abcdef));
}
BENCHMARK(BM_Sqrt);

void BM_CosOfTurn(benchmark::State& state) {
  uint64_t x = 1;
  for (auto _ : state) benchmark::DoNotOptimize(CosOfTurn(x += 0x123456789abcdef));
}
BENCHMARK(BM_CosOfTurn);

}  // namespace
}  // namespace norn::sim
