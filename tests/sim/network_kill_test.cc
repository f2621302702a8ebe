// Processes that are killed or stand still, and machines without power, as their peers see them.
#include <memory>
#include <string>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/sim/network_world.h"

namespace norn::sim {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;

// --- Killed, paused, without power, cut off: four ways to be silent, told apart.

TEST(NetworkKillTest, TheKernelOfAKilledProcessClosesItsConnections) {
  Connected([](World& world, Peer& client, Peer& server) {
    const Time now = world.sim.Now();
    server.Send(1);
    world.s.Kill();
    EXPECT_FALSE(server.socket->connected());
    server.Send(2);  // the dead send nothing
    world.sim.RunUntilIdle();
    // What its kernel had taken still arrives.
    EXPECT_THAT(client.heard, ElementsAre("connected", "frame 1", "closed by peer"));
    EXPECT_EQ(client.When("closed by peer"), now + Us(200));
    EXPECT_THAT(server.heard, IsEmpty());
    Peer late(world, world.c);
    late.Connect(world.s);
    world.sim.RunUntilIdle();
    EXPECT_THAT(late.heard, ElementsAre("refused"));
    EXPECT_THAT(world.network.Connections(), IsEmpty());
  });
}

TEST(NetworkKillTest, APausedProcessHasAKernelThatGoesOn) {
  Connected([](World& world, Peer& client, Peer& server) {
    world.s.Pause();
    client.Send(1);
    client.Send(2);
    Peer late(world, world.x);
    late.Connect(world.s);
    late.Send(3);
    world.sim.RunFor(absl::Seconds(100));
    // The handshake is completed, the bytes are taken, nobody reads them.
    EXPECT_THAT(client.heard, ElementsAre("connected"));
    EXPECT_THAT(late.heard, ElementsAre("connected"));
    EXPECT_TRUE(late.socket->everything_written());
    EXPECT_THAT(server.heard, IsEmpty());
    EXPECT_THAT(world.servers, SizeIs(1));
    const Time resumed = world.sim.Now();
    world.s.Resume();
    world.sim.RunUntilIdle();
    EXPECT_THAT(server.heard, ElementsAre("frame 1", "frame 2"));
    EXPECT_EQ(server.When("frame 2"), resumed);
    ASSERT_THAT(world.servers, SizeIs(2));
    EXPECT_THAT(world.server(1).heard, ElementsAre("frame 3"));
  });
}

TEST(NetworkKillTest, WithoutPowerThereIsSilenceUntilTheMachineIsBack) {
  Connected([](World& world, Peer& client, Peer& server) {
    server.Send(1);
    world.sim.RunFor(Us(100));
    world.s.LosePower();
    const Time lost = world.sim.Now();
    world.sim.RunFor(absl::Seconds(5));
    // What was on the wire has arrived.
    EXPECT_THAT(client.heard, ElementsAre("connected", "frame 1"));
    client.Send(2);
    world.sim.RunFor(absl::Seconds(5));
    EXPECT_TRUE(client.socket->connected());
    world.s.Start();
    world.sim.RunUntilIdle();
    // Retransmitted at 0.2, 0.6, 1.4, 3.0, 6.2 s.
    EXPECT_THAT(client.heard, ElementsAre("connected", "frame 1", "reset"));
    EXPECT_EQ(client.When("reset"), lost + absl::Seconds(5) + Ms(6200) + Us(400));
    EXPECT_THAT(server.heard, IsEmpty());
    EXPECT_THAT(world.network.Connections(), IsEmpty());
  });
}

TEST(NetworkKillTest, AnIdlePeerOfAMachineWithoutPowerNoticesNothing) {
  Connected([](World& world, Peer& client, Peer&) {
    world.s.LosePower();
    world.sim.RunUntilIdle();
    world.s.Start();
    world.sim.RunUntilIdle();
    EXPECT_THAT(client.heard, ElementsAre("connected"));
    EXPECT_TRUE(client.socket->connected());
    const Time sent = world.sim.Now();
    client.Send(1);
    world.sim.RunUntilIdle();
    EXPECT_EQ(client.When("reset"), sent + Us(400));
  });
}

TEST(NetworkKillTest, CutOffTheProcessRunsAndTheStreamGoesOnLater) {
  Connected([](World& world, Peer& client, Peer& server) {
    world.network.BlackHole(world.s);
    bool ran = false;
    {
      OwnerScope scope(world.sim, world.s.owner());
      world.sim.After(absl::Seconds(1), [&ran] { ran = true; });
    }
    client.Send(1);
    world.sim.RunFor(absl::Seconds(2));
    EXPECT_TRUE(ran);
    EXPECT_THAT(server.heard, IsEmpty());
    world.network.Heal();
    world.sim.RunUntilIdle();
    EXPECT_THAT(server.heard, ElementsAre("frame 1"));
    EXPECT_THAT(client.heard, ElementsAre("connected"));
  });
}

// --- Killed

TEST(NetworkKillTest, WithSomethingUnreadTheKernelOfAKilledProcessResets) {
  Connected([](World& world, Peer& client, Peer& server) {
    server.socket->PauseReading();
    client.Send(1);
    world.sim.RunUntilIdle();
    world.s.Kill();
    world.sim.RunUntilIdle();
    EXPECT_THAT(client.heard, ElementsAre("connected", "reset"));
  });
}

TEST(NetworkKillTest, WhatComesForAKilledProcessIsAnsweredWithAReset) {
  Connected([](World& world, Peer& client, Peer& server) {
    // It crosses with the end of the stream.
    client.socket->PauseReading();
    client.Send(1);
    world.s.Kill();
    world.sim.RunUntilIdle();
    EXPECT_THAT(client.heard, ElementsAre("connected", "reset"));
    EXPECT_THAT(server.heard, IsEmpty());
  });
}

TEST(NetworkKillTest, APausedProcessThatIsKilledNeverReads) {
  Connected([](World& world, Peer& client, Peer& server) {
    world.s.Pause();
    client.Send(1);
    Peer late(world, world.x);
    late.Connect(world.s);
    world.sim.RunUntilIdle();
    world.s.Kill();
    world.sim.RunUntilIdle();
    EXPECT_THAT(client.heard, ElementsAre("connected", "reset"));
    EXPECT_THAT(late.heard, ElementsAre("connected", "reset"));  // it was never accepted
    EXPECT_THAT(server.heard, IsEmpty());
    EXPECT_THAT(world.servers, SizeIs(1));
    EXPECT_THAT(world.network.Connections(), IsEmpty());
  });
}

TEST(NetworkKillTest, AProcessMayKillItselfWhenItIsToldSomething) {
  Connected([](World& world, Peer& client, Peer& server) {
    server.then = [&](const std::string&) { world.s.Kill(); };
    client.Send(1);
    client.Send(2);
    world.sim.RunUntilIdle();
    EXPECT_THAT(server.heard, ElementsAre("frame 1"));
    // Frame 2 was under way, so the orderly end is followed by a reset; the client has read it and
    // let go before.
    EXPECT_THAT(client.heard, ElementsAre("connected", "closed by peer"));
    EXPECT_THAT(world.network.Connections(), IsEmpty());
  });
}

TEST(NetworkKillTest, AProcessMayKillItselfWhenItAccepts) {
  InEveryWay([](World& world) {
    world.accepted = [&](Peer&) { world.s.Kill(); };
    Peer client(world, world.c);
    client.Connect(world.s);
    client.Send(1);
    world.sim.RunUntilIdle();
    EXPECT_THAT(client.heard, ElementsAre("connected", "closed by peer"));
    EXPECT_THAT(world.network.Connections(), IsEmpty());
  });
}

TEST(NetworkKillTest, AProcessMayKillItselfWhenItIsConnected) {
  InEveryWay([](World& world) {
    Peer client(world, world.c);
    client.then = [&](const std::string&) { world.c.LosePower(); };
    client.Connect(world.s);
    client.Send(1);
    world.sim.RunUntilIdle();
    EXPECT_THAT(client.heard, ElementsAre("connected"));
    EXPECT_FALSE(client.socket->connected());
  });
}

TEST(NetworkKillTest, AKillWhileItIsConnecting) {
  InEveryWay([](World& world) {
    Peer client(world, world.c);
    client.Connect(world.s);
    world.sim.RunFor(Us(100));
    world.c.Kill();
    world.sim.RunUntilIdle();
    EXPECT_THAT(client.heard, IsEmpty());
    EXPECT_THAT(world.server(0).heard, ElementsAre("reset"));
    EXPECT_THAT(world.network.Connections(), IsEmpty());
  });
}

TEST(NetworkKillTest, KilledWithATurnDue) {
  Connected([](World& world, Peer& client, Peer& server) {
    server.socket->PauseReading();
    client.Send(1);
    world.sim.RunUntilIdle();
    server.socket->ResumeReading();
    world.s.Kill();
    world.sim.RunUntilIdle();
    EXPECT_THAT(server.heard, IsEmpty());
    EXPECT_THAT(client.heard, ElementsAre("connected", "reset"));
  });
}

TEST(NetworkKillTest, ANewLifeListensAnew) {
  Connected([](World& world, Peer& client, Peer&) {
    world.s.Kill();
    world.s.Start();
    world.sim.RunUntilIdle();
    EXPECT_THAT(client.heard, ElementsAre("connected", "closed by peer"));
    client.Connect(world.s);
    client.Send(1);
    world.sim.RunUntilIdle();
    EXPECT_THAT(client.heard, ElementsAre("connected", "closed by peer", "connected"));
    EXPECT_THAT(world.server(1).heard, ElementsAre("frame 1"));
  });
}

TEST(NetworkKillTest, ALifeThatDoesNotListenRefuses) {
  InEveryWay([](World& world) {
    world.s.SetBoot([](Node&) { return std::make_unique<Process>(); });
    world.s.Kill();
    world.s.Start();
    Peer client(world, world.c);
    client.Connect(world.s);
    world.sim.RunUntilIdle();
    EXPECT_THAT(client.heard, ElementsAre("refused"));
  });
}

// --- Without power

TEST(NetworkKillTest, AMachineThatNeverHadPowerIsSilent) {
  InEveryWay([](World& world) {
    Node dark(world.sim, "dark");
    Peer client(world, world.c);
    client.Connect(dark);
    world.sim.RunUntilIdle();
    EXPECT_THAT(client.heard, ElementsAre("connect timed out"));
    Peer from_the_dark(world, dark);
    from_the_dark.Connect(world.s);
    EXPECT_FALSE(from_the_dark.socket->connected());
    world.sim.RunUntilIdle();
    EXPECT_THAT(from_the_dark.heard, IsEmpty());
    EXPECT_THAT(world.servers, IsEmpty());
  });
}

TEST(NetworkKillTest, WhatWaitedForTheWireIsGoneWithThePower) {
  InEveryWay([](World& world) {
    LinkOptions slow;
    slow.bytes_per_second = 1'000'000;
    world.network.SetLink(world.c, world.s, slow);
    Peer client(world, world.c);
    client.Connect(world.s);
    world.sim.RunUntilIdle();
    client.Send(1, 1000);
    client.Send(2, 1000);
    world.sim.RunFor(Us(1500));
    world.c.LosePower();
    world.sim.RunUntilIdle();
    EXPECT_THAT(world.server(0).heard, ElementsAre("frame 1"));
  });
}

TEST(NetworkKillTest, AConnectThatOutlivesItsServerReachesTheNextLife) {
  InEveryWay([](World& world) {
    // Accepted, but the client never heard of it.
    world.network.Cut(world.s, world.c);
    world.accepted = [](Peer& server) { server.Send(1); };
    Peer client(world, world.c);
    client.Connect(world.s);
    client.Send(5);
    world.sim.RunFor(Ms(300));
    ASSERT_THAT(world.servers, SizeIs(1));
    world.s.LosePower();
    world.network.Heal();
    world.accepted = [](Peer& server) { server.Send(2); };
    world.s.Start();
    world.sim.RunUntilIdle();
    EXPECT_THAT(client.heard, ElementsAre("connected", "frame 2"));
    EXPECT_EQ(client.When("connected"), Time::Zero() + absl::Seconds(1) + Us(400));
    ASSERT_THAT(world.servers, SizeIs(2));
    // Of one id, so either may come first.
    EXPECT_EQ(world.server(0).heard.size() + world.server(1).heard.size(), 1u);
  });
}

TEST(NetworkKillTest, ADestructorThatSendsDuringPowerLossSendsNothing) {
  struct Talker : Process {
    Talker(World* w, Node* n) : world(w), peer(*w, *n), node(n) {}
    ~Talker() override {
      peer.Send(66);
      peer.Close();
      Peer again(*world, *node);
      again.Connect(world->s);
      again.Send(67);
      world->network.Listen(*node, 1, [](std::unique_ptr<Socket>) { ADD_FAILURE(); });
      node->sim().After(Us(1), [] { ADD_FAILURE() << "scheduled by the dead"; });
    }
    World* world;
    Peer peer;
    Node* node;
  };
  for (const bool restart : {false, true}) {
    InEveryWay([restart](World& world) {
      world.x.SetBoot([&world](Node& node) { return std::make_unique<Talker>(&world, &node); });
      world.x.Kill();
      world.x.Start();
      world.sim.RunUntilIdle();
      static_cast<Talker*>(world.x.process())->peer.Connect(world.s);
      world.sim.RunUntilIdle();
      world.x.SetBoot([](Node&) { return std::make_unique<Process>(); });
      world.x.LosePower();
      // The new life begins before the old one is buried: what the old one does is not its doing.
      if (restart) world.x.Start();
      world.sim.RunUntilIdle();
      EXPECT_THAT(world.servers, SizeIs(1));
      EXPECT_THAT(world.server(0).heard, IsEmpty());
    });
  }
}

// --- Paused

TEST(NetworkKillTest, APausedClientIsToldEverythingInOrderAfterwards) {
  InEveryWay([](World& world) {
    world.accepted = [](Peer& server) {
      server.Send(1);
      server.Send(2);
      server.Close();
    };
    Peer client(world, world.c);
    client.Connect(world.s);
    world.c.Pause();
    world.sim.RunFor(absl::Seconds(1));
    EXPECT_THAT(client.heard, IsEmpty());
    world.c.Resume();
    world.sim.RunUntilIdle();
    EXPECT_THAT(client.heard, ElementsAre("connected", "frame 1", "frame 2", "closed by peer"));
  });
}

TEST(NetworkKillTest, APausedClientHearsOfAFailedConnectAfterwards) {
  InEveryWay([](World& world) {
    Peer client(world, world.c);
    client.Connect(world.x);
    world.c.Pause();
    world.sim.RunFor(absl::Seconds(1));
    EXPECT_THAT(client.heard, IsEmpty());
    world.c.Resume();
    world.sim.RunUntilIdle();
    EXPECT_THAT(client.heard, ElementsAre("refused"));
  });
}

TEST(NetworkKillTest, APausedProcessFillsItsBufferAndThenItsPeers) {
  Connected([](World& world, Peer& client, Peer& server) {
    world.s.Pause();
    for (int i = 0; i < 193; ++i) client.Send(i, 1024);
    world.sim.RunFor(absl::Seconds(1));
    EXPECT_FALSE(client.socket->everything_written());
    world.s.Resume();
    world.sim.RunUntilIdle();
    EXPECT_THAT(server.heard, SizeIs(193));
    EXPECT_TRUE(client.socket->everything_written());
  });
}

TEST(NetworkKillTest, PausedTwiceWithinAnInstant) {
  Connected([](World& world, Peer& client, Peer& server) {
    world.s.Pause();
    client.Send(1);
    world.sim.RunFor(Ms(1));
    world.s.Resume();
    world.s.Pause();
    world.sim.RunFor(Ms(1));
    EXPECT_THAT(server.heard, IsEmpty());
    world.s.Resume();
    world.sim.RunUntilIdle();
    EXPECT_THAT(server.heard, ElementsAre("frame 1"));
  });
}

TEST(NetworkKillTest, PausedByTheFirstOfManyFrames) {
  Connected([](World& world, Peer& client, Peer& server) {
    server.then = [&](const std::string& word) {
      if (word == "frame 1") world.s.Pause();
    };
    for (int i = 1; i < 5; ++i) client.Send(i);
    world.sim.RunFor(absl::Seconds(1));
    EXPECT_THAT(server.heard, ElementsAre("frame 1"));
    world.s.Resume();
    world.sim.RunUntilIdle();
    EXPECT_THAT(server.heard, ElementsAre("frame 1", "frame 2", "frame 3", "frame 4"));
  });
}

}  // namespace
}  // namespace norn::sim
