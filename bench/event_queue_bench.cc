// The bare queue against the baseline: what the order of events costs, without a simulation around
// it. The argument is the number of events pending.

#include <cstdint>
#include <utility>
#include <vector>

#include "bench/kernel_baseline.h"
#include "bench/kernel_workloads.h"
#include "benchmark/benchmark.h"
#include "sim/event_queue.h"

namespace norn::bench {
namespace {

constexpr int kSome = 256;

class QueueKernel {
 public:
  explicit QueueKernel(size_t chains) : armed_(chains) {}
  template <class F>
  sim::TimerId After(int64_t nanos, F&& f) {
    return queue_.Push(now_.PlusNanos(nanos),
                       sim::EventMeta{order_ + 1, order_++, &sim::kUnnamed, 0}, std::forward<F>(f));
  }
  template <class F>
  void Arm(size_t chain, int64_t nanos, F&& f) {
    queue_.Cancel(armed_[chain]);
    armed_[chain] = After(nanos, std::forward<F>(f));
  }
  void RunSome() {
    for (int i = 0; i < kSome; ++i) {
      sim::Event* event = queue_.PopNotAfter(sim::Time::Max());
      now_ = queue_.TimeOf(event);
      event->Run();
      queue_.Release(event);
    }
  }

 private:
  sim::Time now_;
  uint64_t order_ = 0;
  sim::EventQueue queue_{{}};
  std::vector<sim::TimerId> armed_;
};

class Baseline {
 public:
  explicit Baseline(size_t chains) : armed_(chains) {}
  template <class F>
  void After(int64_t nanos, F&& f) {
    kernel_.After(nanos, std::forward<F>(f));
  }
  // What is in the heap stays there; when it is due it sees that it was replaced.
  template <class F>
  void Arm(size_t chain, int64_t nanos, F&& f) {
    kernel_.After(nanos, [this, chain, armed = ++armed_[chain], f]() mutable {
      if (armed_[chain] == armed) f();
    });
  }
  void RunSome() {
    for (int i = 0; i < kSome; ++i) kernel_.Step();
  }

 private:
  BaselineKernel kernel_;
  std::vector<uint64_t> armed_;
};

// Many enough that the baseline's heap has filled with timeouts nobody needs, few enough for its
// memory: both run the same number.
constexpr int kTimeoutEvents = 1 << 20;

BENCHMARK(RunWorld<QueueKernel, 48, false>)
    ->Name("BM_QueueHold")
    ->Arg(10)
    ->Arg(100)
    ->Arg(1000)
    ->Arg(100'000)
    ->Arg(1'000'000);
BENCHMARK(RunWorld<Baseline, 48, false>)
    ->Name("BM_QueueHoldBaseline")
    ->Arg(10)
    ->Arg(100)
    ->Arg(1000)
    ->Arg(100'000)
    ->Arg(1'000'000);
BENCHMARK(RunWorld<QueueKernel, 16, false>)
    ->Name("BM_QueueHold16")
    ->Arg(10)
    ->Arg(1000)
    ->Arg(1'000'000);
BENCHMARK(RunWorld<Baseline, 16, false>)
    ->Name("BM_QueueHoldBaseline16")
    ->Arg(10)
    ->Arg(1000)
    ->Arg(1'000'000);
BENCHMARK(RunWorld<QueueKernel, 48, true>)
    ->Name("BM_QueueTimeout")
    ->Arg(10)
    ->Arg(1000)
    ->Iterations(kTimeoutEvents);
BENCHMARK(RunWorld<Baseline, 48, true>)
    ->Name("BM_QueueTimeoutBaseline")
    ->Arg(10)
    ->Arg(1000)
    ->Iterations(kTimeoutEvents);

}  // namespace
}  // namespace norn::bench
