// What waiting costs: coroutines beside plain callbacks that do the same.
#include <optional>
#include <utility>

#include "absl/time/time.h"
#include "benchmark/benchmark.h"
#include "sim/future.h"
#include "sim/simulation.h"
#include "sim/sync.h"
#include "sim/task.h"

namespace norn::sim {
namespace {

constexpr Label kItems{"items"};
constexpr int kTurns = 1000;

// The baseline: an event that schedules the next.
struct Callback {
  Simulation* sim;
  int* left;
  void operator()() const {
    if (--*left > 0) sim->After(absl::Microseconds(1), kItems, *this);
  }
};
void BM_CallbackLoop(benchmark::State& state) {
  Simulation sim({});
  for (auto _ : state) {
    int left = kTurns;
    sim.After(absl::Microseconds(1), kItems, Callback{&sim, &left});
    sim.RunUntilIdle();
  }
  state.SetItemsProcessed(state.iterations() * kTurns);
}
BENCHMARK(BM_CallbackLoop);

Task<> SleepLoop(Simulation* sim) {
  for (int i = 0; i < kTurns; ++i) co_await Sleep(sim, absl::Microseconds(1));
}
void BM_TaskSleepLoop(benchmark::State& state) {
  Simulation sim({});
  TaskGroup tasks(sim);
  for (auto _ : state) {
    tasks.Spawn(SleepLoop(&sim));
    sim.RunUntilIdle();
  }
  state.SetItemsProcessed(state.iterations() * kTurns);
}
BENCHMARK(BM_TaskSleepLoop);

void BM_TaskSpawn(benchmark::State& state) {
  Simulation sim({});
  TaskGroup tasks(sim);
  for (auto _ : state) {
    for (int i = 0; i < kTurns; ++i) tasks.Spawn([]() -> Task<> { co_return; }());
    sim.RunUntilIdle();
  }
  state.SetItemsProcessed(state.iterations() * kTurns);
}
BENCHMARK(BM_TaskSpawn);

Task<> Serve(Mailbox<int>* in, Mailbox<int>* out) {
  for (int i = 0; i < kTurns; ++i) {
    const int item = co_await in->Take();
    out->Send(item);
  }
}
// An item goes to and fro between two tasks. Items are turns of either.
void BM_MailboxPingPong(benchmark::State& state) {
  Simulation sim({});
  Mailbox<int> ping(sim, kItems), pong(sim, kItems);
  for (auto _ : state) {
    TaskGroup tasks(sim);
    tasks.Spawn(Serve(&ping, &pong));
    tasks.Spawn(Serve(&pong, &ping));
    ping.Send(1);
    sim.RunUntilIdle();
    ping.TryTake();
  }
  state.SetItemsProcessed(state.iterations() * kTurns * 2);
}
BENCHMARK(BM_MailboxPingPong);

Task<int> Add(int a, int b) { co_return a + b; }
Task<> CallLoop(int* sum) {
  for (int i = 0; i < kTurns; ++i) *sum = co_await Add(*sum, i);
}
// A task that awaits one which need not wait: a call.
void BM_TaskCall(benchmark::State& state) {
  Simulation sim({});
  TaskGroup tasks(sim);
  int sum = 0;
  for (auto _ : state) {
    tasks.Spawn(CallLoop(&sum));
    sim.RunUntilIdle();
    benchmark::DoNotOptimize(sum);
    sum = 0;
  }
  state.SetItemsProcessed(state.iterations() * kTurns);
}
BENCHMARK(BM_TaskCall);

Task<> AwaitLoop(Simulation* sim) {
  for (int i = 0; i < kTurns; ++i) {
    Promise<int> promise(*sim);
    Future<int> future = promise.future();
    sim->After(absl::Microseconds(1), kItems,
               [promise = std::move(promise)]() mutable { promise.Set(1); });
    std::optional<int> value = co_await future;
    benchmark::DoNotOptimize(value);
  }
}
// A promise, kept by an event, awaited: two events and one allocation.
void BM_FutureAwait(benchmark::State& state) {
  Simulation sim({});
  TaskGroup tasks(sim);
  for (auto _ : state) {
    tasks.Spawn(AwaitLoop(&sim));
    sim.RunUntilIdle();
  }
  state.SetItemsProcessed(state.iterations() * kTurns);
}
BENCHMARK(BM_FutureAwait);

Task<int> Short(Simulation* sim) {
  co_await Sleep(sim, absl::Microseconds(1));
  co_return 1;
}
Task<> TimeoutLoop(Simulation* sim) {
  for (int i = 0; i < kTurns; ++i) {
    std::optional<int> value = co_await WithTimeout(sim, Short(sim), absl::Seconds(30));
    benchmark::DoNotOptimize(value);
  }
}
// A timeout that is armed and taken back.
void BM_WithTimeout(benchmark::State& state) {
  Simulation sim({});
  TaskGroup tasks(sim);
  for (auto _ : state) {
    tasks.Spawn(TimeoutLoop(&sim));
    sim.RunUntilIdle();
  }
  state.SetItemsProcessed(state.iterations() * kTurns);
}
BENCHMARK(BM_WithTimeout);

}  // namespace
}  // namespace norn::sim
