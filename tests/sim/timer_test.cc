#include "sim/timer.h"

#include <functional>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "sim/simulation.h"

namespace norn::sim {
namespace {

using ::testing::ElementsAre;

constexpr Label kLinger{"linger"};

absl::Duration Ms(int64_t n) { return absl::Milliseconds(n); }
Time At(int64_t ms) { return Time::Zero() + Ms(ms); }

TEST(TimerTest, ADeadlineCanBeMovedAndTakenBack) {
  Simulation sim({});
  std::vector<Time> fired;
  Timer timer(sim, kLinger, [&] { fired.push_back(sim.Now()); });
  EXPECT_FALSE(timer.pending());
  timer.SetAfter(Ms(5));
  timer.SetAfter(Ms(7));
  EXPECT_TRUE(timer.pending());
  EXPECT_EQ(timer.at(), At(7));
  EXPECT_EQ(sim.pending_events(), 1u);
  sim.RunUntilIdle();
  EXPECT_THAT(fired, ElementsAre(At(7)));
  EXPECT_FALSE(timer.pending());
  timer.SetAfter(Ms(1));
  timer.Cancel();
  timer.Cancel();
  sim.RunUntilIdle();
  EXPECT_THAT(fired, ElementsAre(At(7)));
}

TEST(TimerTest, NoLaterThan) {
  Simulation sim({});
  std::vector<Time> fired;
  Timer timer(sim, kLinger, [&] { fired.push_back(sim.Now()); });
  timer.SetNoLaterThan(At(5));
  timer.SetNoLaterThan(At(9));
  timer.SetNoLaterThan(At(3));
  sim.RunUntilIdle();
  EXPECT_THAT(fired, ElementsAre(At(3)));
}

TEST(TimerTest, ItMaySetItselfAgain) {
  Simulation sim({});
  int count = 0;
  struct Ticker {
    Simulation* sim;
    int* count;
    Timer<std::function<void()>> timer{*sim, kLinger, [this] {
                                         if (++*count < 3) timer.SetAfter(Ms(1));
                                       }};
  } ticker{&sim, &count};
  ticker.timer.SetAfter(Ms(1));
  sim.RunUntilIdle();
  EXPECT_EQ(count, 3);
  EXPECT_EQ(sim.Now(), At(3));
}

TEST(TimerTest, ItsDestructorCancels) {
  Simulation sim({});
  {
    Timer timer(sim, kLinger, [] { ADD_FAILURE(); });
    timer.SetAfter(Ms(1));
  }
  sim.RunUntilIdle();
}

TEST(TimerTest, SettingItToTheTimeItHasChangesNothing) {
  Simulation sim({});
  std::vector<int> order;
  Timer timer(sim, kLinger, [&] { order.push_back(1); });
  timer.Set(At(5));
  sim.At(At(5), [&] { order.push_back(2); });
  timer.Set(At(5));
  sim.RunUntilIdle();
  EXPECT_THAT(order, ElementsAre(1, 2));
}

}  // namespace
}  // namespace norn::sim
