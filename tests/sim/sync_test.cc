#include "sim/sync.h"

#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "sim/node.h"
#include "sim/simulation.h"

namespace norn::sim {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;
using ::testing::UnorderedElementsAre;
using Words = std::vector<std::string>;

constexpr Label kRequests{"requests"};

absl::Duration Ms(int64_t n) { return absl::Milliseconds(n); }

Task<> Serve(Mailbox<int>* inbox, Words* words, std::string name) {
  for (;;) {
    const int n = co_await inbox->Take();
    words->push_back(name + " " + std::to_string(n));
  }
}

TEST(MailboxTest, ItemsKeepTheirOrder) {
  for (const bool shuffle : {false, true}) {
    Simulation sim({.shuffle_ties = shuffle});
    Mailbox<int> inbox(sim, kRequests);
    Words words;
    TaskGroup tasks(sim);
    inbox.Send(1);
    inbox.Send(2);
    tasks.Spawn(Serve(&inbox, &words, "a"));
    sim.RunUntilIdle();
    inbox.Send(3);
    inbox.Send(4);
    EXPECT_EQ(inbox.size(), 2u);
    sim.RunUntilIdle();
    EXPECT_THAT(words, ElementsAre("a 1", "a 2", "a 3", "a 4"));
    EXPECT_THAT(sim.Waiting(), ElementsAre("somebody waits for requests"));
    EXPECT_EQ(inbox.TryTake(), std::nullopt);
    inbox.Send(5);
    EXPECT_EQ(inbox.TryTake(), 5);
    sim.RunUntilIdle();
    EXPECT_THAT(words, SizeIs(4));
  }
}

Task<> ServeSlowly(Simulation* sim, Mailbox<int>* inbox, Words* words, std::string name) {
  for (;;) {
    const int n = co_await inbox->Take();
    words->push_back(name + " " + std::to_string(n));
    co_await Sleep(sim, Ms(1));
  }
}

TEST(MailboxTest, EachItemGoesToOneOfThoseWhoWait) {
  for (const bool shuffle : {false, true}) {
    Simulation sim({.shuffle_ties = shuffle});
    Mailbox<int> inbox(sim, kRequests);
    Words words;
    TaskGroup tasks(sim);
    for (const char* name : {"a", "b", "c"}) tasks.Spawn(ServeSlowly(&sim, &inbox, &words, name));
    sim.RunUntilIdle();
    for (int i = 0; i < 3; ++i) inbox.Send(7);
    sim.RunUntilIdle();
    EXPECT_THAT(words, UnorderedElementsAre("a 7", "b 7", "c 7"));
  }
}

TEST(MailboxTest, WhoDiesBetweenWakeUpAndTurnPassesItOn) {
  Simulation sim({});
  Mailbox<int> inbox(sim, kRequests);
  Words words;
  auto dying = std::make_unique<TaskGroup>(sim);
  TaskGroup living(sim);
  dying->Spawn(Serve(&inbox, &words, "dying"));
  sim.RunUntilIdle();
  living.Spawn(Serve(&inbox, &words, "living"));
  sim.RunUntilIdle();
  inbox.Send(1);
  dying.reset();
  sim.RunUntilIdle();
  EXPECT_THAT(words, ElementsAre("living 1"));
}

TEST(MailboxTest, MovableItems) {
  Simulation sim({});
  Mailbox<std::unique_ptr<int>> inbox(sim, kRequests);
  inbox.Send(std::make_unique<int>(7));
  std::optional<std::unique_ptr<int>> item = inbox.TryTake();
  ASSERT_TRUE(item.has_value());
  EXPECT_EQ(**item, 7);
}

Task<> WaitFor(Signal* signal, Words* words, std::string name) {
  co_await signal->Wait();
  words->push_back(std::move(name));
}

TEST(SignalTest, WakesThoseWhoWaitAtThatMoment) {
  Simulation sim({});
  Signal signal(sim, kRequests);
  Words words;
  TaskGroup tasks(sim);
  signal.Notify();
  tasks.Spawn(WaitFor(&signal, &words, "a"));
  tasks.Spawn(WaitFor(&signal, &words, "b"));
  sim.RunUntilIdle();
  EXPECT_THAT(words, IsEmpty());
  signal.Notify();
  tasks.Spawn(WaitFor(&signal, &words, "late"));
  sim.RunUntilIdle();
  EXPECT_THAT(words, ElementsAre("a", "b"));
}

struct Guard {
  explicit Guard(Words* w) : words(w) {}
  Guard(const Guard&) = delete;
  ~Guard() { words->push_back("~"); }
  Words* words;
};

Task<int> Work(Simulation* sim, Words* words, absl::Duration takes) {
  const Guard guard(words);
  if (takes != absl::ZeroDuration()) co_await Sleep(sim, takes);
  co_return 7;
}

Task<> Limit(Simulation* sim, Words* words, absl::Duration takes, absl::Duration timeout) {
  std::optional<int> result = co_await WithTimeout(sim, Work(sim, words, takes), timeout);
  words->push_back(result ? std::to_string(*result) : "nothing");
}

TEST(WithTimeoutTest, TheResultOrNothing) {
  for (const bool shuffle : {false, true}) {
    Simulation sim({.shuffle_ties = shuffle});
    Words words;
    TaskGroup tasks(sim);
    tasks.Spawn(Limit(&sim, &words, Ms(0), Ms(5)));
    sim.RunUntilIdle();
    EXPECT_THAT(words, ElementsAre("~", "7"));
    EXPECT_EQ(sim.Now(), Time::Zero());
    words.clear();
    tasks.Spawn(Limit(&sim, &words, Ms(3), Ms(5)));
    sim.RunUntilIdle();
    EXPECT_THAT(words, ElementsAre("~", "7"));
    EXPECT_EQ(sim.Now(), Time::Zero() + Ms(3));  // the timeout is gone
    words.clear();
    tasks.Spawn(Limit(&sim, &words, Ms(30), Ms(5)));
    sim.RunUntilIdle();
    EXPECT_THAT(words, ElementsAre("~", "nothing"));
    EXPECT_EQ(sim.Now(), Time::Zero() + Ms(8));  // and so is what was waited for
  }
}

TEST(WithTimeoutTest, BothInOneInstantIsOneOfBoth) {
  for (uint64_t seed = 1; seed <= 20; ++seed) {
    Simulation sim({.seed = seed, .shuffle_ties = true});
    Words words;
    TaskGroup tasks(sim);
    tasks.Spawn(Limit(&sim, &words, Ms(5), Ms(5)));
    sim.RunUntilIdle();
    ASSERT_THAT(words, SizeIs(2));
    EXPECT_EQ(words[0], "~");
  }
}

TEST(WithTimeoutTest, DestroyedWhileItWaits) {
  Simulation sim({});
  Words words;
  {
    TaskGroup tasks(sim);
    tasks.Spawn(Limit(&sim, &words, Ms(30), Ms(50)));
    sim.RunFor(Ms(1));
  }
  EXPECT_THAT(words, ElementsAre("~"));
  EXPECT_EQ(sim.pending_events(), 0u);
}

Task<> LimitFuture(Simulation* sim, Words* words, Future<int> future) {
  auto result = co_await WithTimeout(sim, AsTask(std::move(future)), Ms(5));
  words->push_back(!result ? "late" : !*result ? "abandoned" : std::to_string(**result));
}

TEST(WithTimeoutTest, OverAFuture) {
  Simulation sim({});
  Words words;
  TaskGroup tasks(sim);
  Promise<int> kept(sim), late(sim);
  tasks.Spawn(LimitFuture(&sim, &words, kept.future()));
  tasks.Spawn(LimitFuture(&sim, &words, late.future()));
  {
    Promise<int> dropped(sim);
    tasks.Spawn(LimitFuture(&sim, &words, dropped.future()));
    sim.RunFor(Ms(1));
  }
  kept.Set(7);
  sim.RunUntilIdle();
  EXPECT_THAT(words, ElementsAre("abandoned", "7", "late"));
}

// A stall names machine and want.
TEST(MailboxDeathTest, AStallIsToldByName) {
  Simulation sim({});
  struct Broker : Process {
    Broker(Node& node, Words* words) : inbox(node.sim(), kRequests) {
      node.tasks().Spawn(Serve(&inbox, words, "b1"));
    }
    Mailbox<int> inbox;
  };
  Words words;
  Node b1(sim, "b1");
  b1.SetBoot([&](Node& node) { return std::make_unique<Broker>(node, &words); });
  b1.Start();
  sim.RunUntilIdle();
  EXPECT_THAT(sim.Waiting(), ElementsAre("b1 waits for requests"));
  Promise<int> never(sim);
  EXPECT_DEATH(sim.Await(never.future()), "b1 waits for requests");
}

}  // namespace
}  // namespace norn::sim
