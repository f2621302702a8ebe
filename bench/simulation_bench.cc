// The kernel as its users have it: Simulation::After with an absl::Duration, cancellable, counted
// into the run digest, with cause and owner; against std::priority_queue of std::function, which
// has none of that. The argument is the number of events pending.
#include <algorithm>
#include <cstdint>
#include <utility>
#include <vector>

#include "absl/time/time.h"
#include "bench/kernel_workloads.h"
#include "benchmark/benchmark.h"
#include "sim/simulation.h"

namespace norn::bench {
namespace {

constexpr int64_t kSome = 256;

class SimulationKernel {
 public:
  explicit SimulationKernel(size_t chains)
      : some_(absl::Nanoseconds(std::max<int64_t>(
            1, static_cast<int64_t>(kMeanDelay) * kSome / static_cast<int64_t>(chains)))),
        armed_(chains) {}
  template <class F>
  sim::TimerId After(int64_t nanos, F&& f) {
    return sim_.After(absl::Nanoseconds(nanos), std::forward<F>(f));
  }
  template <class F>
  void Arm(size_t chain, int64_t nanos, F&& f) {
    sim_.Cancel(armed_[chain]);
    armed_[chain] = After(nanos, std::forward<F>(f));
  }
  void RunSome() { sim_.RunFor(some_); }

 private:
  absl::Duration some_;
  sim::Simulation sim_{{}};
  std::vector<sim::TimerId> armed_;
};

constexpr int kTimeoutEvents = 1 << 20;

BENCHMARK(RunWorld<SimulationKernel, 48, false>)
    ->Name("BM_Hold")
    ->Arg(10)
    ->Arg(100)
    ->Arg(1000)
    ->Arg(100'000)
    ->Arg(1'000'000);
BENCHMARK(RunWorld<SimulationKernel, 16, false>)
    ->Name("BM_Hold16")
    ->Arg(10)
    ->Arg(100)
    ->Arg(1000)
    ->Arg(1'000'000);
BENCHMARK(RunWorld<SimulationKernel, 48, true>)
    ->Name("BM_Timeout")
    ->Arg(10)
    ->Arg(1000)
    ->Iterations(kTimeoutEvents);

}  // namespace
}  // namespace norn::bench
