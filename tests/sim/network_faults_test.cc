// What becomes of connections when the wire between them is cut, loses, refuses or resets.
#include <cstdint>
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

// --- Partitions

TEST(NetworkFaultsTest, AStreamGoesOnAtTheFirstRetransmissionAfterTheRepair) {
  Connected([](World& world, Peer& client, Peer& server) {
    world.network.Partition({&world.c}, {&world.s});
    const Time sent = world.sim.Now();
    client.Send(1);
    // Retransmitted after 0.2, 0.6, 1.4, 3.0 s ...; repaired in the middle of that.
    world.sim.RunFor(Ms(700));
    client.Send(2);
    world.network.Repair({&world.c}, {&world.s});
    client.Send(3);
    world.sim.RunFor(Ms(699));
    EXPECT_THAT(server.heard, IsEmpty());
    world.sim.RunUntilIdle();
    EXPECT_THAT(server.heard, ElementsAre("frame 1", "frame 2", "frame 3"));
    EXPECT_EQ(server.When("frame 1"), sent + Ms(1400) + Us(200));
    EXPECT_EQ(server.When("frame 3"), sent + Ms(1400) + Us(200));
    // The back-off begins anew.
    Node* const c[] = {&world.c};
    Node* const s[] = {&world.s};
    world.network.Partition(c, s);
    const Time again = world.sim.Now();
    client.Send(4);
    world.sim.RunFor(Ms(100));
    world.network.Heal();
    world.sim.RunUntilIdle();
    EXPECT_EQ(server.When("frame 4"), again + Ms(200) + Us(200));
  });
}

TEST(NetworkFaultsTest, WhatIsUnderWayIsLostToo) {
  Connected([](World& world, Peer& client, Peer& server) {
    const Time sent = world.sim.Now();
    client.Send(1);
    world.sim.RunFor(Us(100));
    world.network.Cut(world.c, world.s);
    world.sim.RunFor(Ms(1));
    world.network.Mend(world.c, world.s);
    world.sim.RunUntilIdle();
    EXPECT_EQ(server.When("frame 1"), sent + Ms(200) + Us(200));
    EXPECT_THAT(server.heard, SizeIs(1));
  });
}

TEST(NetworkFaultsTest, ACutShorterThanTheWayIsNotNoticed) {
  Connected([](World& world, Peer& client, Peer& server) {
    const Time sent = world.sim.Now();
    client.Send(1);
    world.network.Cut(world.c, world.s);
    world.sim.RunFor(Us(100));
    world.network.Mend(world.c, world.s);
    world.sim.RunUntilIdle();
    EXPECT_EQ(server.When("frame 1"), sent + Us(200));
  });
}

TEST(NetworkFaultsTest, InTheEndTheSenderGivesUpAndTheReceiverNoticesNothing) {
  Connected([](World& world, Peer& client, Peer& server) {
    world.network.Cut(world.c, world.s);
    world.network.Cut(world.s, world.c);
    const Time sent = world.sim.Now();
    client.Send(1);
    world.sim.RunUntilIdle();
    EXPECT_THAT(client.heard, ElementsAre("connected", "timed out"));
    EXPECT_EQ(client.When("timed out"), sent + kGivesUpAfter);
    EXPECT_THAT(server.heard, IsEmpty());
    EXPECT_TRUE(server.socket->connected());
    // It learns of it by its own traffic: half-open.
    world.network.Heal();
    server.Send(2);
    world.sim.RunUntilIdle();
    EXPECT_THAT(server.heard, ElementsAre("reset"));
    EXPECT_THAT(world.network.Connections(), IsEmpty());
  });
}

TEST(NetworkFaultsTest, OneWayCutForTheDataOfTheSender) {
  Connected([](World& world, Peer& client, Peer& server) {
    world.network.Cut(world.c, world.s);
    client.Send(1);
    world.sim.RunFor(absl::Seconds(10));
    EXPECT_THAT(server.heard, IsEmpty());
    EXPECT_FALSE(client.Heard("timed out"));
    world.sim.RunUntilIdle();
    EXPECT_TRUE(client.Heard("timed out"));
    EXPECT_THAT(server.heard, IsEmpty());
  });
}

TEST(NetworkFaultsTest, OneWayCutForTheAcknowledgements) {
  // Data arrives, once; its sender never learns of it and gives up. The receiver notices nothing.
  Connected([](World& world, Peer& client, Peer& server) {
    world.network.Cut(world.s, world.c);
    const Time sent = world.sim.Now();
    client.Send(1);
    world.sim.RunFor(Ms(100));
    EXPECT_THAT(server.heard, ElementsAre("frame 1"));
    // Before the first timeout the sender does not know, and goes on.
    client.Send(2);
    world.sim.RunFor(Ms(50));
    EXPECT_THAT(server.heard, ElementsAre("frame 1", "frame 2"));
    world.sim.RunUntilIdle();
    EXPECT_EQ(client.When("timed out"), sent + kGivesUpAfter);
    EXPECT_THAT(server.heard, ElementsAre("frame 1", "frame 2"));
    EXPECT_TRUE(server.socket->connected());
    // What the server sends then comes to nobody, and nobody answers.
    const Time answered = world.sim.Now();
    server.Send(3);
    world.sim.RunUntilIdle();
    EXPECT_EQ(server.When("timed out"), answered + kGivesUpAfter);
    EXPECT_THAT(world.network.Connections(), IsEmpty());
  });
}

TEST(NetworkFaultsTest, AcknowledgementsComeBackWithTheWayBack) {
  Connected([](World& world, Peer& client, Peer& server) {
    world.network.Cut(world.s, world.c);
    client.Send(1);
    world.sim.RunFor(absl::Seconds(2));
    // In back-off nothing new is sent.
    client.Send(2);
    world.sim.RunFor(Ms(500));
    EXPECT_THAT(server.heard, ElementsAre("frame 1"));
    world.network.Mend(world.s, world.c);
    world.sim.RunUntilIdle();
    EXPECT_THAT(server.heard, ElementsAre("frame 1", "frame 2"));
    EXPECT_THAT(client.heard, ElementsAre("connected"));
    const Time now = world.sim.Now();
    client.Send(3);
    world.sim.RunUntilIdle();
    EXPECT_EQ(server.When("frame 3"), now + Us(200));
  });
}

TEST(NetworkFaultsTest, APartitionIsBetweenTwoSetsOnly) {
  Connected([](World& world, Peer& client, Peer& server) {
    Peer other(world, world.x);
    other.Connect(world.s);
    world.sim.RunUntilIdle();
    world.network.Partition({&world.c}, {&world.s});
    other.Send(1);
    client.Send(2);
    world.sim.RunFor(absl::Seconds(1));
    EXPECT_THAT(server.heard, IsEmpty());
    EXPECT_THAT(world.server(1).heard, ElementsAre("frame 1"));
  });
}

TEST(NetworkFaultsTest, ABlackHoleSwallowsBothWaysAndMayEnd) {
  Connected([](World& world, Peer& client, Peer& server) {
    world.network.BlackHole(world.s);
    client.Send(1);
    server.Send(2);
    Peer late(world, world.x);
    late.Connect(world.s);
    world.sim.RunFor(absl::Seconds(2));
    EXPECT_THAT(server.heard, IsEmpty());
    EXPECT_THAT(client.heard, ElementsAre("connected"));
    world.network.BlackHole(world.s, false);
    world.sim.RunFor(absl::Seconds(10));
    EXPECT_THAT(server.heard, ElementsAre("frame 1"));
    EXPECT_THAT(client.heard, ElementsAre("connected", "frame 2"));
    EXPECT_THAT(late.heard, ElementsAre("connected"));
  });
}

TEST(NetworkFaultsTest, TheEndOfStreamIsRetransmittedToo) {
  Connected([](World& world, Peer& client, Peer& server) {
    const Time closed = world.sim.Now();
    world.network.Cut(world.c, world.s);
    client.Send(1);
    client.Close();
    world.sim.RunFor(Ms(500));
    EXPECT_THAT(server.heard, IsEmpty());
    world.network.Heal();
    world.sim.RunUntilIdle();
    EXPECT_THAT(server.heard, ElementsAre("frame 1", "closed by peer"));
    EXPECT_EQ(server.When("closed by peer"), closed + Ms(600) + Us(200));
    EXPECT_THAT(world.network.Connections(), IsEmpty());
  });
}

TEST(NetworkFaultsTest, AResetThatIsLostLeavesTheOtherEndHalfOpen) {
  Connected([](World& world, Peer& client, Peer& server) {
    world.network.Cut(world.c, world.s);
    client.socket->Reset();
    world.sim.RunUntilIdle();
    EXPECT_THAT(server.heard, IsEmpty());
    // Its own data meets nobody; the answer to that is lost as well, until the way is mended.
    const Time sent = world.sim.Now();
    server.Send(1);
    world.sim.RunFor(Ms(900));
    world.network.Mend(world.c, world.s);
    world.sim.RunUntilIdle();
    EXPECT_THAT(server.heard, ElementsAre("reset"));
    EXPECT_EQ(server.When("reset"), sent + Ms(1400) + Us(400));
  });
}

// --- Handshakes

TEST(NetworkFaultsTest, ConnectsAreRetriedAndTimeOut) {
  InEveryWay([](World& world) {
    world.network.Cut(world.c, world.s);
    Peer client(world, world.c);
    client.Connect(world.s);
    world.sim.RunUntilIdle();
    EXPECT_THAT(client.heard, ElementsAre("connect timed out"));
    EXPECT_EQ(client.When("connect timed out"), Time::Zero() + absl::Seconds(127));
    EXPECT_THAT(world.servers, IsEmpty());
    EXPECT_THAT(world.network.Connections(), IsEmpty());
  });
}

TEST(NetworkFaultsTest, AConnectSucceedsAtTheFirstRetryAfterTheRepair) {
  InEveryWay([](World& world) {
    world.network.BlackHoleConnects(world.s);
    Peer client(world, world.c);
    client.Connect(world.s);
    client.Send(1);
    // At 1, 3, 7 s.
    world.sim.RunFor(absl::Seconds(4));
    world.network.BlackHoleConnects(world.s, false);
    world.sim.RunUntilIdle();
    EXPECT_EQ(client.When("connected"), Time::Zero() + absl::Seconds(7) + Us(400));
    EXPECT_THAT(world.server(0).heard, ElementsAre("frame 1"));
  });
}

TEST(NetworkFaultsTest, OnlyHandshakesVanishInABlackHoleForConnects) {
  Connected([](World& world, Peer& client, Peer& server) {
    world.network.BlackHoleConnects(world.s);
    client.Send(1);
    server.Send(2);
    world.sim.RunUntilIdle();
    EXPECT_THAT(server.heard, ElementsAre("frame 1"));
    EXPECT_THAT(client.heard, ElementsAre("connected", "frame 2"));
  });
}

TEST(NetworkFaultsTest, ALostSynAckMakesTheClientAskAgain) {
  InEveryWay([](World& world) {
    world.network.Cut(world.s, world.c);
    world.accepted = [](Peer& server) { server.Send(5); };
    Peer client(world, world.c);
    client.Connect(world.s);
    world.sim.RunFor(Ms(500));
    ASSERT_THAT(world.servers, SizeIs(1));
    world.network.Heal();
    world.sim.RunUntilIdle();
    // The end that was accepted is used; what it sent comes behind the SYN-ACK, by its own timer.
    ASSERT_THAT(world.servers, SizeIs(1));
    EXPECT_THAT(client.heard, ElementsAre("connected", "frame 5"));
    EXPECT_EQ(client.When("connected"), Time::Zero() + absl::Seconds(1) + Us(400));
    client.Send(1);
    world.sim.RunUntilIdle();
    EXPECT_THAT(world.server(0).heard, ElementsAre("frame 1"));
  });
}

TEST(NetworkFaultsTest, RefusedAsIfNobodyListened) {
  Connected([](World& world, Peer& client, Peer&) {
    world.network.Refuse(world.s);
    Peer late(world, world.x);
    late.Connect(world.s);
    client.Send(1);
    world.sim.RunUntilIdle();
    EXPECT_THAT(late.heard, ElementsAre("refused"));
    EXPECT_THAT(world.server(0).heard, ElementsAre("frame 1"));
    world.network.Heal();
    Peer later(world, world.x);
    later.Connect(world.s);
    world.sim.RunUntilIdle();
    EXPECT_THAT(later.heard, ElementsAre("connected"));
  });
}

TEST(NetworkFaultsTest, SomeAreRefusedAndOthersAreNot) {
  Connected([](World& world, Peer&, Peer&) {
    world.network.Refuse(world.s, world.x, true);
    Peer refused(world, world.x);
    refused.Connect(world.s);
    Peer taken(world, world.c);
    taken.Connect(world.s);
    world.sim.RunUntilIdle();
    EXPECT_THAT(refused.heard, ElementsAre("refused"));
    EXPECT_THAT(taken.heard, ElementsAre("connected"));
    world.network.Refuse(world.s, world.x, false);
    Peer later(world, world.x);
    later.Connect(world.s);
    world.sim.RunUntilIdle();
    EXPECT_THAT(later.heard, ElementsAre("connected"));
  });
}

TEST(NetworkFaultsTest, ARefusalMayBeLostToo) {
  InEveryWay([](World& world) {
    world.network.Refuse(world.s);
    world.network.Cut(world.s, world.c);
    Peer client(world, world.c);
    client.Connect(world.s);
    world.sim.RunFor(Ms(100));
    world.network.Mend(world.s, world.c);
    world.sim.RunUntilIdle();
    EXPECT_THAT(client.heard, ElementsAre("refused"));
    EXPECT_EQ(client.When("refused"), Time::Zero() + absl::Seconds(1) + Us(400));
  });
}

// --- Loss

TEST(NetworkFaultsTest, LossIsADelay) {
  NetworkOptions options;
  options.link.loss = Probability::Percent(10);
  InEveryWay(
      [](World& world) {
        Peer client(world, world.c);
        client.Connect(world.s);
        for (int i = 0; i < 500; ++i) {
          world.sim.RunFor(Ms(1));
          client.Send(i);
        }
        const uint64_t events = world.sim.events_run();
        world.sim.RunUntilIdle();
        ASSERT_THAT(world.server(0).heard, SizeIs(500));
        for (int i = 0; i < 500; ++i)
          EXPECT_EQ(world.server(0).heard[i], "frame " + std::to_string(i));
        EXPECT_GE(world.server(0).times.back() - Time::Zero(), Ms(500));
        EXPECT_LT(events, 510u);
      },
      options);
}

TEST(NetworkFaultsTest, ALinkThatLosesEverythingTimesOut) {
  Connected([](World& world, Peer& client, Peer& server) {
    LinkOptions nothing;
    nothing.loss = Probability::Always();
    world.network.SetLink(world.c, world.s, nothing);
    const Time sent = world.sim.Now();
    client.Send(1);
    Peer late(world, world.c);
    late.Connect(world.s);
    world.sim.RunUntilIdle();
    EXPECT_EQ(client.When("timed out"), sent + kGivesUpAfter);
    EXPECT_EQ(late.When("connect timed out"), sent + absl::Seconds(127));
    EXPECT_THAT(server.heard, IsEmpty());
  });
}

TEST(NetworkFaultsTest, OfManySegmentsOneIsLostEasily) {
  // 1 % of the segments, of which a frame has a hundred: two thirds of the frames lose one, nearly
  // always one that three others follow, which costs them a round trip and no timeout.
  NetworkOptions options;
  options.link.loss = Probability::Percent(1);
  World world({.seed = 3}, options);
  Peer client(world, world.c);
  SocketOptions buffers;
  buffers.send_buffer = buffers.receive_buffer = 1 << 20;
  world.s.Kill();
  world.s.SetBoot([&](Node&) {
    world.Listen(buffers);
    return std::make_unique<Process>();
  });
  world.s.Start();
  world.sim.RunUntilIdle();
  client.Connect(world.s, buffers);
  world.sim.RunUntilIdle();
  int at_once = 0, after_a_round_trip = 0, later = 0;
  for (int i = 0; i < 1000; ++i) {
    const Time sent = world.sim.Now();
    client.Send(i, 100 * 1448);
    world.sim.RunUntilIdle();
    const absl::Duration took = world.server(0).times.back() - sent;
    ++(took == Us(200) ? at_once : took == Us(600) ? after_a_round_trip : later);
  }
  EXPECT_NEAR(at_once, 366, 50);  // 0.99^100
  EXPECT_NEAR(after_a_round_trip, 610, 50);
  EXPECT_LT(later, 60);
}

// --- A box on the way that holds

TEST(NetworkFaultsTest, WhatIsHeldWaitsForItsReleaseAndWhatFollowsBehindIt) {
  Connected([](World& world, Peer& client, Peer& server) {
    const uint64_t id = client.socket->id();
    client.Send(1);
    EXPECT_TRUE(world.network.Hold(id, world.c));
    client.Send(2);
    client.Send(3);
    server.Send(7);
    world.sim.RunFor(absl::Seconds(100));
    // What was under way before, and the other direction, go on; nobody retransmits or gives up.
    EXPECT_THAT(server.heard, ElementsAre("frame 1"));
    EXPECT_EQ(client.heard.back(), "frame 7");
    EXPECT_TRUE(client.socket->everything_written());
    client.Send(4);
    EXPECT_TRUE(world.network.Release(id, world.c));
    world.sim.RunUntilIdle();
    EXPECT_THAT(server.heard, ElementsAre("frame 1", "frame 2", "frame 3", "frame 4"));
  });
}

TEST(NetworkFaultsTest, BytesOfAClosedConnectionArriveAtTheRelease) {
  Connected([](World& world, Peer& client, Peer& server) {
    const uint64_t id = client.socket->id();
    world.network.Hold(id, world.c);
    client.Send(1);
    client.Close();
    world.sim.RunFor(absl::Seconds(10));
    EXPECT_THAT(server.heard, IsEmpty());
    EXPECT_TRUE(world.network.Release(id, world.c));
    world.sim.RunUntilIdle();
    EXPECT_THAT(server.heard, ElementsAre("frame 1", "closed by peer"));
  });
}

TEST(NetworkFaultsTest, HealReleases) {
  Connected([](World& world, Peer& client, Peer& server) {
    world.network.Hold(client.socket->id(), world.c);
    client.Send(1);
    world.sim.RunFor(absl::Seconds(1));
    world.network.Heal();
    world.sim.RunUntilIdle();
    EXPECT_THAT(server.heard, ElementsAre("frame 1"));
  });
}

TEST(NetworkFaultsTest, WhatIsHeldIsGoneWithItsConnection) {
  Connected([](World& world, Peer& client, Peer& server) {
    const uint64_t id = client.socket->id();
    world.network.Hold(id, world.c);
    client.Send(1);
    world.sim.RunFor(absl::Seconds(1));
    world.network.ResetConnection(id);
    world.sim.RunUntilIdle();
    EXPECT_THAT(server.heard, ElementsAre("reset"));
    world.network.Release(id, world.c);
    world.sim.RunUntilIdle();
    EXPECT_THAT(server.heard, ElementsAre("reset"));
  });
}

}  // namespace
}  // namespace norn::sim
