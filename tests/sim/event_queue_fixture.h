// A queue, somebody who runs its events, and events that say a word when they happen.
#ifndef NORN_TESTS_SIM_EVENT_QUEUE_FIXTURE_H_
#define NORN_TESTS_SIM_EVENT_QUEUE_FIXTURE_H_

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "gtest/gtest.h"
#include "sim/event_queue.h"

namespace norn::sim {

inline constexpr Label kTest{"test"};

inline Time At(int64_t nanos) { return Time::FromNanos(nanos); }

class EventQueueFixture : public testing::Test {
 protected:
  template <class F>
  TimerId Push(int64_t at, F&& f, uint32_t owner = 0) {
    return queue_.Push(At(at), {++order_, 0, &kTest, owner}, std::forward<F>(f));
  }
  TimerId Say(int64_t at, std::string word, uint32_t owner = 0) {
    return Push(
        at, [this, word] { said_.push_back(word); }, owner);
  }
  // Runs the next event; false if none is due by `limit`.
  bool Step(Time limit = Time::Max()) {
    Event* event = queue_.PopNotAfter(limit);
    if (event == nullptr) return false;
    now_ = queue_.TimeOf(event);
    event->Run();
    queue_.Release(event);
    return true;
  }
  std::vector<std::string> RunUntil(int64_t limit) {
    while (Step(At(limit))) {
    }
    return std::exchange(said_, {});
  }
  std::vector<std::string> Run() { return RunUntil(Time::Max().nanos()); }

  uint64_t order_ = 0;
  Time now_;
  std::vector<std::string> said_;
  EventQueue queue_{{}};
};

}  // namespace norn::sim

#endif  // NORN_TESTS_SIM_EVENT_QUEUE_FIXTURE_H_
