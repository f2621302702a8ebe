// What Norn's kernel is measured against: the one a competent person writes in an hour, a
// std::priority_queue of std::function.
//
// It does less: no digest, no cause, no owner, no cancelling. A timeout that was answered stays in
// the heap until it is due and then finds out that nobody needs it. Clocks of shared machines are
// noisy, so what bench/ promises is a ratio to this, taken in one run.
//
// Example:
//   BaselineKernel kernel;
//   kernel.After(5'000'000, [] { ... });
//   while (kernel.Step()) {
//   }
#ifndef NORN_BENCH_KERNEL_BASELINE_H_
#define NORN_BENCH_KERNEL_BASELINE_H_

#include <cstdint>
#include <functional>
#include <queue>
#include <utility>
#include <vector>

namespace norn::bench {

class BaselineKernel {
 public:
  int64_t now() const { return now_; }

  // Schedules `f` for `delay` nanoseconds from now.
  void After(int64_t delay, std::function<void()> f) {
    queue_.push(Entry{now_ + delay, ++scheduled_, std::move(f)});
  }

  // Runs the next event; false if there is none.
  bool Step() {
    if (queue_.empty()) return false;
    // top() is const because a key must not change; moving the closure out leaves the key alone.
    Entry entry = std::move(const_cast<Entry&>(queue_.top()));
    queue_.pop();
    now_ = entry.at;
    entry.f();
    return true;
  }

 private:
  struct Entry {
    int64_t at;
    uint64_t order;
    std::function<void()> f;
    friend bool operator<(const Entry& a, const Entry& b) {
      return a.at != b.at ? a.at > b.at : a.order > b.order;
    }
  };

  int64_t now_ = 0;
  uint64_t scheduled_ = 0;
  std::priority_queue<Entry> queue_;
};

}  // namespace norn::bench

#endif  // NORN_BENCH_KERNEL_BASELINE_H_
