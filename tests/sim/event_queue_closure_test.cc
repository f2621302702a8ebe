// What the queue does with closures: sizes, when they are destroyed, and what destructors may do.

#include <array>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "sim/event_queue.h"
#include "tests/sim/event_queue_fixture.h"

namespace norn::sim {
namespace {

using testing::ElementsAre;

class EventQueueClosureTest : public EventQueueFixture {};

TEST_F(EventQueueClosureTest, ClosuresMayBeLargeOrMoveOnly) {
  std::array<uint64_t, 20> large;
  large.fill(7);
  auto word = std::make_unique<std::string>("moved");
  Push(10, [this, large] { said_.push_back(std::to_string(large[19])); });
  Push(20, [this, word = std::move(word)] { said_.push_back(*word); });
  struct alignas(64) Aligned {
    std::vector<std::string>* said;
    void operator()() {
      said->push_back(reinterpret_cast<uintptr_t>(this) % 64 == 0 ? "aligned" : "askew");
    }
  };
  Push(30, Aligned{&said_});
  EXPECT_THAT(Run(), ElementsAre("7", "moved", "aligned"));
}

// Says when it is destroyed (but not when it was moved from), then does something.
struct Last {
  std::function<void()> f;
  Last(std::function<void()> then) : f(std::move(then)) {}  // NOLINT
  Last(Last&& other) noexcept : f(std::exchange(other.f, nullptr)) {}
  ~Last() {
    if (f) f();
  }
  void operator()() const {}
};

TEST_F(EventQueueClosureTest, AClosureIsDestroyedOnceAndAtOnce) {
  int destroyed = 0;
  const auto count = [&destroyed] { ++destroyed; };
  const TimerId a = Push(10, Last(count));
  Push(20, Last(count));
  Push(30, Last(count), 1);
  EXPECT_EQ(destroyed, 0);
  queue_.Cancel(a);
  EXPECT_EQ(destroyed, 1);
  Event* event = queue_.PopNotAfter(Time::Max());
  event->Run();
  EXPECT_EQ(destroyed, 1);
  queue_.Release(event);
  EXPECT_EQ(destroyed, 2);
  queue_.EraseOwnedBy(1);
  EXPECT_EQ(destroyed, 3);
}

TEST_F(EventQueueClosureTest, ADestructorMayPushAndCancelAndAsk) {
  const TimerId b = Say(20, "b");
  TimerId a;
  bool pending = true;
  a = Push(10, Last([&] {
             pending = queue_.IsPending(a) || queue_.Cancel(a);
             queue_.Cancel(b);
             for (int i = 0; i < 100; ++i) Say(30, "c");
           }));
  EXPECT_TRUE(queue_.Cancel(a));
  EXPECT_FALSE(pending);
  EXPECT_THAT(Run(), testing::AllOf(testing::SizeIs(100), testing::Each("c")));
}

TEST_F(EventQueueClosureTest, ErasingAnOwnerErasesWhatItsDestructorsPush) {
  int destroyed = 0;
  Say(5, "other");
  for (int i = 0; i < 10; ++i) {
    Push(10, Last([this, &destroyed] {
           ++destroyed;
           Push(20, Last([this, &destroyed] {
                  ++destroyed;
                  Say(30, "too late", 1);
                  Say(30, "not its own", 2);
                }),
                1);
         }),
         1);
  }
  queue_.EraseOwnedBy(1);
  EXPECT_EQ(destroyed, 20);
  EXPECT_EQ(queue_.size(), 11u);
}

TEST(EventQueueEndTest, TheEndDestroysWhatDestructorsPush) {
  int destroyed = 0;
  {
    std::function<void(int)> push;
    EventQueue queue({});
    push = [&](int more) {
      queue.Push(At(1), {1, 0, &kTest, 0}, Last([&, more] {
                   ++destroyed;
                   if (more > 0) push(more - 1);
                 }));
    };
    for (int i = 0; i < 40; ++i) push(i);
  }
  EXPECT_EQ(destroyed, 40 * 41 / 2);
}

TEST(EventQueueEndTest, ADestructorThatPushesForEverIsToldByItsLabel) {
  EXPECT_DEATH(
      {
        std::function<void()> push;
        EventQueue queue({});
        push = [&] { queue.Push(At(1), {1, 0, &kTest, 0}, Last(push)); };
        push();
      },
      "destroyed schedule more and more.*'test'");
}

}  // namespace
}  // namespace norn::sim
