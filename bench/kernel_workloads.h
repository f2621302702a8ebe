// The two workloads that every kernel in bench/ runs, written once for all of them.
//
// Hold: each of N chains is one closure of Bytes bytes that schedules its own successor after an
// exponential delay, so N events are pending for ever. Timeouts: each event also arms a timeout of
// 30 s and disarms the one that its predecessor armed, as a client does with every request.
//
// A kernel here has After(nanos, closure), Arm(chain, nanos, closure), which replaces what was
// armed for that chain, and RunSome(), which runs a few hundred events.
#ifndef NORN_BENCH_KERNEL_WORKLOADS_H_
#define NORN_BENCH_KERNEL_WORKLOADS_H_

#include <array>
#include <cstddef>
#include <cstdint>

#include "benchmark/benchmark.h"

namespace norn::bench {

inline constexpr uint64_t kMeanDelay = 2'000'000;    // a request's round trip: 2 ms
inline constexpr int64_t kTimeout = 30'000'000'000;  // and how long it may take: 30 s

// Exponential delays, drawn beforehand so that no kernel is measured drawing them.
class DelayTable {
 public:
  DelayTable() {
    for (int64_t& delay : delays_) delay = Exponential();
  }
  int64_t Next() { return delays_[next_++ % delays_.size()]; }

 private:
  // 63 bits of xorshift64*.
  uint64_t Uniform() {
    state_ ^= state_ >> 12;
    state_ ^= state_ << 25;
    state_ ^= state_ >> 27;
    return state_ * 0x2545f4914f6cdd1du >> 1;
  }
  // Von Neumann's way, which needs comparisons only: the fraction is the first number of a falling
  // run of odd length, the whole part counts the runs of even length before it.
  int64_t Exponential() {
    for (uint64_t whole = 0;; whole += kMeanDelay) {
      const uint64_t first = Uniform();
      bool odd = true;
      uint64_t last = first;
      for (uint64_t next = Uniform(); next < last; next = Uniform()) {
        last = next;
        odd = !odd;
      }
      if (odd) {
        const unsigned __int128 scaled = static_cast<unsigned __int128>(first) * kMeanDelay;
        return static_cast<int64_t>(whole + static_cast<uint64_t>(scaled >> 63));
      }
    }
  }

  uint64_t state_ = 0x4e6f726e;
  size_t next_ = 0;
  std::array<int64_t, 1 << 12> delays_;
};

template <class Kernel, size_t Bytes, bool kTimeouts>
class World {
 public:
  explicit World(size_t chains) : kernel_(chains) {
    for (size_t i = 0; i < chains; ++i) kernel_.After(delays_.Next(), Chain{this, {i}});
  }
  World(const World&) = delete;
  World& operator=(const World&) = delete;

  void RunAtLeastUntil(uint64_t events) {
    while (ran_ < events) kernel_.RunSome();
  }
  uint64_t ran() const { return ran_; }
  Kernel& kernel() { return kernel_; }

 private:
  struct Chain {
    World* world;
    std::array<uint64_t, Bytes / 8 - 1> words;  // words[0] is the chain's number
    void operator()() { world->Next(*this); }
  };
  struct Expired {
    World* world;
    uint64_t chain;
    void operator()() { ++world->expired_; }
  };

  void Next(Chain& chain) {
    ++ran_;
    if constexpr (kTimeouts) kernel_.Arm(chain.words[0], kTimeout, Expired{this, chain.words[0]});
    // The last word changes, so that a copy is a copy.
    if constexpr (Bytes > 16) chain.words.back() += ran_;
    kernel_.After(delays_.Next(), Chain(chain));
  }

  Kernel kernel_;
  DelayTable delays_;
  uint64_t ran_ = 0;
  uint64_t expired_ = 0;
};

// One iteration is one event, after as many events as bring the world into its steady state: who
// never cancels has as many timeouts pending as are armed in the time that one takes.
template <class Kernel, size_t Bytes, bool kTimeouts>
void RunWorld(benchmark::State& state) {
  constexpr uint64_t kBatch = 1024;
  constexpr uint64_t kWarmUp = kTimeouts ? 1 + kTimeout / kMeanDelay : 4;
  const auto chains = static_cast<size_t>(state.range(0));
  World<Kernel, Bytes, kTimeouts> world(chains);
  uint64_t until = kWarmUp * chains;
  world.RunAtLeastUntil(until);
  while (state.KeepRunningBatch(kBatch)) world.RunAtLeastUntil(until += kBatch);
}

}  // namespace norn::bench

#endif  // NORN_BENCH_KERNEL_WORKLOADS_H_
