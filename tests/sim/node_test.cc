#include "sim/node.h"

#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "sim/future.h"
#include "sim/simulation.h"
#include "sim/sync.h"

namespace norn::sim {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using Words = std::vector<std::string>;

constexpr Label kWork{"work"};

absl::Duration Ms(int64_t n) { return absl::Milliseconds(n); }

// Says when it is born and destroyed, with the number of its life.
struct Broker : Process {
  Broker(Node& n, Words* w) : node(&n), life(n.life()), words(w) { Say("+"); }
  ~Broker() override {
    Say("-");
    if (last_words) last_words();
  }
  void Say(const std::string& what) { words->push_back(what + std::to_string(life)); }
  Node* node;
  uint32_t life;
  Words* words;
  std::function<void()> last_words;
};

struct World {
  explicit World(uint64_t seed = 1, bool shuffle = false)
      : sim({.seed = seed, .shuffle_ties = shuffle}), b1(sim, "b1") {
    b1.SetBoot([this](Node& node) { return std::make_unique<Broker>(node, &words); });
  }
  Broker& broker() { return *static_cast<Broker*>(b1.process()); }

  Words words;
  Simulation sim;
  Node b1;
};

void InEveryWay(const std::function<void(World&)>& story) {
  for (const bool shuffle : {false, true}) {
    for (uint64_t seed = 1; seed <= 8; ++seed) {
      SCOPED_TRACE("seed " + std::to_string(seed) + (shuffle ? ", ties shuffled" : ""));
      uint64_t digests[2];
      for (uint64_t& digest : digests) {
        World world(seed, shuffle);
        story(world);
        if (testing::Test::HasFailure()) return;
        digest = world.sim.run_digest();
      }
      EXPECT_EQ(digests[0], digests[1]);
    }
  }
}

TEST(NodeTest, LivesFollowEachOther) {
  InEveryWay([](World& world) {
    Node& b1 = world.b1;
    EXPECT_EQ(b1.state(), NodeState::kOff);
    EXPECT_FALSE(b1.powered());
    b1.Kill();
    b1.Pause();
    b1.Resume();
    EXPECT_EQ(b1.life(), 0u);
    b1.Start();
    b1.Start();
    EXPECT_TRUE(b1.running());
    EXPECT_EQ(b1.life(), 1u);
    EXPECT_NE(b1.process(), nullptr);
    b1.Kill();
    EXPECT_EQ(b1.state(), NodeState::kKilled);
    EXPECT_FALSE(b1.alive());
    EXPECT_TRUE(b1.powered());
    EXPECT_EQ(b1.process(), nullptr);
    EXPECT_THAT(world.words, ElementsAre("+1"));  // buried by an event
    world.sim.RunUntilIdle();
    EXPECT_THAT(world.words, ElementsAre("+1", "-1"));
    b1.Start();
    b1.LosePower();
    EXPECT_EQ(b1.state(), NodeState::kOff);
    b1.LosePower();
    b1.Start();
    EXPECT_EQ(b1.life(), 3u);
    EXPECT_THAT(world.words, ElementsAre("+1", "-1", "+2", "-2", "+3"));
  });
}

TEST(NodeTest, APowerLossAfterAKill) {
  World world;
  world.b1.Start();
  world.b1.Kill();
  world.b1.LosePower();
  EXPECT_EQ(world.b1.state(), NodeState::kOff);
  world.sim.RunUntilIdle();
  EXPECT_THAT(world.words, ElementsAre("+1", "-1"));
}

TEST(NodeTest, WhatALifeScheduledDiesWithIt) {
  InEveryWay([](World& world) {
    world.b1.Start();
    int count = 0;
    OwnerScope scope(world.sim, world.b1.owner());
    world.sim.After(Ms(1), [&] { ++count; });
    world.sim.After(Ms(3), [&] { ++count; });
    world.sim.RunFor(Ms(2));
    world.b1.Kill();
    EXPECT_FALSE(world.sim.After(Ms(3), [&] { ++count; }));
    world.sim.RunUntilIdle();
    EXPECT_EQ(count, 1);
    EXPECT_EQ(world.sim.pending_events(), 0u);
  });
}

TEST(NodeTest, ADestructorIsNotHeard) {
  InEveryWay([](World& world) {
    world.b1.Start();
    Simulation& sim = world.sim;
    world.broker().last_words = [&sim] {
      sim.After(Ms(1), [] { ADD_FAILURE() << "scheduled by the dead"; });
    };
    world.b1.LosePower();
    world.b1.Start();
    sim.RunUntilIdle();
    EXPECT_THAT(world.words, ElementsAre("+1", "-1", "+2"));
  });
}

Task<> KillMyself(Node* node, Words* words) {
  co_await Sleep(&node->sim(), Ms(1));
  node->Kill();
  // This frame is whole until it waits; then nothing wakes it again.
  words->push_back("still here");
  co_await Sleep(&node->sim(), Ms(1));
  words->push_back("a ghost");
}

TEST(NodeTest, AKillFromOnesOwnTask) {
  InEveryWay([](World& world) {
    world.b1.Start();
    world.b1.tasks().Spawn(KillMyself(&world.b1, &world.words));
    world.sim.RunUntilIdle();
    EXPECT_THAT(world.words, ElementsAre("+1", "still here", "-1"));
    EXPECT_EQ(world.sim.Now(), Time::Zero() + Ms(1));
  });
}

Task<> RestartMyself(Node* node, Words* words) {
  co_await Sleep(&node->sim(), Ms(1));
  node->Kill();
  node->Start();
  EXPECT_EQ(node->process(), nullptr);  // boots in an event of its own
  words->push_back("still here");
  co_await Sleep(&node->sim(), Ms(1));
  words->push_back("a ghost");
}

TEST(NodeTest, ARestartFromOnesOwnTask) {
  InEveryWay([](World& world) {
    world.b1.Start();
    world.b1.tasks().Spawn(RestartMyself(&world.b1, &world.words));
    world.sim.RunUntilIdle();
    EXPECT_THAT(world.words, ElementsAre("+1", "still here", "-1", "+2"));
  });
}

TEST(NodeTest, ManyLivesInOneEvent) {
  InEveryWay([](World& world) {
    world.b1.Start();
    world.sim.After(Ms(1), [&] {
      for (int i = 0; i < 3; ++i) {
        world.b1.Kill();
        world.b1.Start();
        world.b1.tasks().Spawn(KillMyself(&world.b1, &world.words));
      }
    });
    world.sim.RunUntilIdle();
    // Lives 2 and 3 never booted.
    EXPECT_THAT(world.words, ElementsAre("+1", "-1", "+4", "still here", "-4"));
  });
}

TEST(NodeTest, KilledByItsOwnBootFunction) {
  InEveryWay([](World& world) {
    world.b1.SetBoot([&world](Node& node) {
      auto broker = std::make_unique<Broker>(node, &world.words);
      if (node.life() == 1) node.Kill();
      return broker;
    });
    world.b1.Start();
    EXPECT_EQ(world.b1.process(), nullptr);
    world.sim.RunUntilIdle();
    EXPECT_THAT(world.words, ElementsAre("+1", "-1"));
    world.b1.Start();
    EXPECT_THAT(world.words, ElementsAre("+1", "-1", "+2"));
  });
}

TEST(NodeTest, RestartedByItsOwnBootFunction) {
  InEveryWay([](World& world) {
    world.b1.SetBoot([&world](Node& node) {
      auto broker = std::make_unique<Broker>(node, &world.words);
      if (node.life() == 1) {
        node.Kill();
        node.Start();
      }
      return broker;
    });
    world.b1.Start();
    world.sim.RunUntilIdle();
    EXPECT_THAT(world.words, ElementsAre("+1", "+2", "-1"));
    EXPECT_EQ(world.broker().life, 2u);
  });
}

Task<> Wait(Mailbox<int>* inbox) { co_await inbox->Take(); }

TEST(NodeTest, TasksAreDestroyedBeforeTheProcessTheyUse) {
  struct Server : Process {
    explicit Server(Node& node) : inbox(node.sim(), kWork) { node.tasks().Spawn(Wait(&inbox)); }
    Mailbox<int> inbox;
  };
  for (const bool power : {false, true}) {
    Simulation sim({});
    Node b1(sim, "b1");
    b1.SetBoot([](Node& node) { return std::make_unique<Server>(node); });
    b1.Start();
    sim.RunUntilIdle();
    static_cast<Server*>(b1.process())->inbox.Send(1);
    power ? b1.LosePower() : b1.Kill();
    sim.RunUntilIdle();
    EXPECT_TRUE(sim.Waiting().empty());
  }
}

// --- Paused

Task<> Tick(Node* node, Words* words) {
  for (int i = 0;; ++i) {
    co_await Sleep(&node->sim(), Ms(10));
    words->push_back("tick " + std::to_string(i));
  }
}

TEST(NodeTest, APausedProcessStandsStillWhileTheClockGoesOn) {
  InEveryWay([](World& world) {
    world.b1.Start();
    world.words.clear();
    // From outside; it runs as the node nevertheless.
    world.b1.tasks().Spawn(Tick(&world.b1, &world.words));
    world.sim.RunFor(Ms(15));
    EXPECT_THAT(world.words, ElementsAre("tick 0"));
    world.b1.Pause();
    world.b1.Pause();
    EXPECT_TRUE(world.b1.alive());
    EXPECT_FALSE(world.b1.running());
    EXPECT_NE(world.b1.process(), nullptr);
    world.sim.RunFor(Ms(100));
    EXPECT_THAT(world.words, ElementsAre("tick 0"));
    world.b1.Resume();
    world.b1.Resume();
    world.sim.RunFor(Ms(1));
    EXPECT_THAT(world.words, ElementsAre("tick 0", "tick 1"));
    // Its sleeps are counted from when it woke up.
    world.sim.RunFor(Ms(10));
    EXPECT_THAT(world.words, ElementsAre("tick 0", "tick 1", "tick 2"));
  });
}

TEST(NodeTest, KilledWhilePaused) {
  InEveryWay([](World& world) {
    world.b1.Start();
    world.b1.tasks().Spawn(Tick(&world.b1, &world.words));
    world.b1.Pause();
    world.sim.RunFor(Ms(50));
    world.b1.Kill();
    world.sim.RunUntilIdle();
    EXPECT_THAT(world.words, ElementsAre("+1", "-1"));
    world.b1.Start();
    EXPECT_TRUE(world.b1.running());
  });
}

TEST(NodeTest, PausedBeforeItBoots) {
  World world;
  world.sim.After(Ms(1), [&] {
    world.b1.Start();
    world.b1.Pause();
  });
  world.sim.RunFor(Ms(10));
  EXPECT_THAT(world.words, IsEmpty());
  world.b1.Resume();
  world.sim.RunUntilIdle();
  EXPECT_THAT(world.words, ElementsAre("+1"));
}

// --- Observers

struct Observer : NodeObserver {
  void OnKilled() override { said.push_back("killed"); }
  void OnPowerLost() override { said.push_back("power lost"); }
  void OnResumed() override { said.push_back("resumed"); }
  void OnStarted() override { said.push_back("started"); }
  void OnDestroyed() override { said.push_back("destroyed"); }
  Words said;
};

TEST(NodeTest, ObserversAreToldBeforeTheProcessIsDestroyed) {
  Words words;
  Simulation sim({});
  Observer observer, gone;
  {
    Node b1(sim, "b1");
    b1.SetBoot([&](Node& node) { return std::make_unique<Broker>(node, &words); });
    b1.AddObserver(&observer);
    b1.AddObserver(&gone);
    b1.RemoveObserver(&gone);
    b1.Start();
    b1.Pause();
    b1.Resume();
    b1.Kill();
    EXPECT_THAT(observer.said, ElementsAre("started", "resumed", "killed"));
    EXPECT_THAT(words, ElementsAre("+1"));
    b1.LosePower();
    b1.Start();
    observer.said.clear();
  }
  EXPECT_THAT(observer.said, ElementsAre("killed", "destroyed"));
  EXPECT_THAT(gone.said, IsEmpty());
  EXPECT_THAT(words, ElementsAre("+1", "-1", "+2", "-2"));
  sim.RunUntilIdle();
  EXPECT_EQ(sim.pending_events(), 0u);
}

TEST(NodeDeathTest, TasksNeedAProcess) {
  World world;
  EXPECT_DEATH(world.b1.tasks(), "b1 is off");
  Node bootless(world.sim, "b2");
  EXPECT_DEATH(bootless.Start(), "b2 has no boot function");
}

}  // namespace
}  // namespace norn::sim
