// What becomes of connections when the wire between them is cut, loses, refuses or resets.
#include <cstdint>
#include <string>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/sim/network_world.h"

namespace norn::sim {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;

// After the first and 15 retransmissions: 0.2 + 0.4 + ... + 102.4 + 6 * 120 s.
constexpr absl::Duration kGivesUpAfter = Ms(924'600);

class Faults : public testing::Test {
 protected:
  // The story begins with an established connection.
  static void Connected(const std::function<void(World&, Peer&, Peer&)>& story,
                        NetworkOptions options = {}) {
    InEveryWay(
        [&story](World& world) {
          Peer client(world, world.c);
          client.Connect(world.s);
          world.sim.RunUntilIdle();
          ASSERT_THAT(client.heard, ElementsAre("connected"));
          story(world, client, world.server(0));
        },
        options);
  }
};

// --- Partitions

TEST_F(Faults, AStreamGoesOnAtTheFirstRetransmissionAfterTheRepair) {
  Connected([](World& world, Peer& client, Peer& server) {
    Node* const c[] = {&world.c};
    Node* const s[] = {&world.s};
    world.network.Partition(c, s);
    const Time sent = world.sim.Now();
    client.Send(1);
    // Retransmitted after 0.2, 0.6, 1.4, 3.0 s ...; repaired in the middle of that.
    world.sim.RunFor(Ms(700));
    client.Send(2);
    world.network.Repair(c, s);
    client.Send(3);
    world.sim.RunFor(Ms(699));
    EXPECT_THAT(server.heard, IsEmpty());
    world.sim.RunUntilIdle();
    EXPECT_THAT(server.heard, ElementsAre("frame 1", "frame 2", "frame 3"));
    EXPECT_EQ(server.When("frame 1"), sent + Ms(1400) + Us(200));
    EXPECT_EQ(server.When("frame 3"), sent + Ms(1400) + Us(200));
    // The back-off begins anew.
    world.network.Partition(c, s);
    const Time again = world.sim.Now();
    client.Send(4);
    world.sim.RunFor(Ms(100));
    world.network.Heal();
    world.sim.RunUntilIdle();
    EXPECT_EQ(server.When("frame 4"), again + Ms(200) + Us(200));
  });
}

TEST_F(Faults, WhatIsUnderWayIsLostToo) {
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

TEST_F(Faults, ACutShorterThanTheWayIsNotNoticed) {
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

TEST_F(Faults, InTheEndTheSenderGivesUpAndTheReceiverNoticesNothing) {
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

TEST_F(Faults, OneWayCutForTheDataOfTheSender) {
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

TEST_F(Faults, OneWayCutForTheAcknowledgements) {
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

TEST_F(Faults, AcknowledgementsComeBackWithTheWayBack) {
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

TEST_F(Faults, APartitionIsBetweenTwoSetsOnly) {
  Connected([](World& world, Peer& client, Peer& server) {
    Peer other(world, world.x);
    other.Connect(world.s);
    world.sim.RunUntilIdle();
    Node* const cx[] = {&world.c};
    Node* const s[] = {&world.s};
    world.network.Partition(cx, s);
    other.Send(1);
    client.Send(2);
    world.sim.RunFor(absl::Seconds(1));
    EXPECT_THAT(server.heard, IsEmpty());
    EXPECT_THAT(world.server(1).heard, ElementsAre("frame 1"));
  });
}

TEST_F(Faults, ABlackHoleSwallowsBothWaysAndMayEnd) {
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

TEST_F(Faults, TheEndOfStreamIsRetransmittedToo) {
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

TEST_F(Faults, AResetThatIsLostLeavesTheOtherEndHalfOpen) {
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

TEST_F(Faults, ConnectsAreRetriedAndTimeOut) {
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

TEST_F(Faults, AConnectSucceedsAtTheFirstRetryAfterTheRepair) {
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

TEST_F(Faults, OnlyHandshakesVanishInABlackHoleForConnects) {
  Connected([](World& world, Peer& client, Peer& server) {
    world.network.BlackHoleConnects(world.s);
    client.Send(1);
    server.Send(2);
    world.sim.RunUntilIdle();
    EXPECT_THAT(server.heard, ElementsAre("frame 1"));
    EXPECT_THAT(client.heard, ElementsAre("connected", "frame 2"));
  });
}

TEST_F(Faults, ALostSynAckMakesTheClientAskAgain) {
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

TEST_F(Faults, RefusedAsIfNobodyListened) {
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

TEST_F(Faults, ARefusalMayBeLostToo) {
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

// --- Single connections

TEST_F(Faults, AResetFromOutsideHitsBothEndsAtOnce) {
  Connected([](World& world, Peer& client, Peer& server) {
    Peer other(world, world.x);
    other.Connect(world.s);
    world.sim.RunUntilIdle();
    client.Send(1);
    server.Send(2);
    const Time now = world.sim.Now();
    EXPECT_EQ(world.network.ResetConnections(world.c, world.s), 1);
    EXPECT_THAT(client.heard, ElementsAre("connected"));  // in an event, not in the call
    EXPECT_FALSE(client.socket->connected());
    client.Send(3);
    world.sim.RunUntilIdle();
    EXPECT_THAT(client.heard, ElementsAre("connected", "reset"));
    EXPECT_THAT(server.heard, ElementsAre("reset"));
    EXPECT_EQ(client.When("reset"), now);
    EXPECT_EQ(server.When("reset"), now);
    EXPECT_TRUE(other.socket->connected());
    EXPECT_EQ(world.network.ResetConnections(world.c, world.s), 0);
    EXPECT_FALSE(world.network.ResetConnection(1));
    EXPECT_TRUE(world.network.ResetConnection(2));
    world.sim.RunUntilIdle();
    EXPECT_THAT(other.heard, ElementsAre("connected", "reset"));
    EXPECT_THAT(world.network.Connections(), IsEmpty());
  });
}

TEST_F(Faults, AResetFromInsideAHandler) {
  Connected([](World& world, Peer& client, Peer& server) {
    server.then = [&](const std::string&) { world.network.ResetConnection(1); };
    client.Send(1);
    client.Send(2);
    world.sim.RunUntilIdle();
    EXPECT_EQ(server.heard[0], "frame 1");
    EXPECT_EQ(server.heard.back(), "reset");
    EXPECT_THAT(client.heard, ElementsAre("connected", "reset"));
  });
}

TEST_F(Faults, AConnectThatIsResetIsRefused) {
  InEveryWay([](World& world) {
    Peer client(world, world.c);
    client.Connect(world.s);
    EXPECT_TRUE(world.network.ResetConnection(1));
    world.sim.RunUntilIdle();
    EXPECT_THAT(client.heard, ElementsAre("refused"));
    EXPECT_THAT(world.servers, IsEmpty());
  });
}

TEST_F(Faults, CutAfterSomeBytesWithAReset) {
  Connected([](World& world, Peer& client, Peer& server) {
    client.Send(1, 100);
    client.Send(2, 100);
    EXPECT_TRUE(world.network.CutAfter(1, world.c, 250, Network::CutManner::kReset));
    world.sim.RunUntilIdle();
    EXPECT_THAT(server.heard, ElementsAre("frame 1", "frame 2"));
    // In the middle of this one.
    client.Send(3, 100);
    client.Send(4, 100);
    world.sim.RunUntilIdle();
    EXPECT_THAT(server.heard, ElementsAre("frame 1", "frame 2", "reset"));
    EXPECT_THAT(client.heard, ElementsAre("connected", "reset"));
    EXPECT_FALSE(world.network.CutAfter(1, world.c, 250, Network::CutManner::kReset));
  });
}

TEST_F(Faults, CutAtTheEndOfAFrameDeliversIt) {
  Connected([](World& world, Peer& client, Peer& server) {
    EXPECT_TRUE(world.network.CutAfter(1, world.c, 100, Network::CutManner::kReset));
    client.Send(1, 100);
    client.Send(2, 100);
    world.sim.RunUntilIdle();
    EXPECT_THAT(server.heard, ElementsAre("frame 1", "reset"));
  });
}

TEST_F(Faults, CutAfterSomeBytesWithSilence) {
  Connected([](World& world, Peer& client, Peer& server) {
    EXPECT_TRUE(world.network.CutAfter(1, world.c, 150, Network::CutManner::kSilence));
    const Time sent = world.sim.Now();
    client.Send(1, 100);
    client.Send(2, 100);
    world.sim.RunUntilIdle();
    EXPECT_THAT(server.heard, ElementsAre("frame 1"));
    EXPECT_EQ(client.When("timed out"), sent + kGivesUpAfter);
    server.Send(3);
    world.sim.RunUntilIdle();
    EXPECT_THAT(server.heard, ElementsAre("frame 1", "timed out"));
    // Other connections between the two are unhurt.
    Peer other(world, world.c);
    other.Connect(world.s);
    world.sim.RunUntilIdle();
    EXPECT_THAT(other.heard, ElementsAre("connected"));
  });
}

TEST_F(Faults, CutWhatTheServerSends) {
  Connected([](World& world, Peer& client, Peer& server) {
    EXPECT_TRUE(world.network.CutAfter(1, world.s, 10, Network::CutManner::kReset));
    client.Send(1, 100);
    world.sim.RunUntilIdle();
    server.Send(2, 100);
    world.sim.RunUntilIdle();
    EXPECT_THAT(server.heard, ElementsAre("frame 1", "reset"));
    EXPECT_THAT(client.heard, ElementsAre("connected", "reset"));
  });
}

TEST_F(Faults, ACutInThePastIsTooLateAndHealingTakesOneBack) {
  Connected([](World& world, Peer& client, Peer& server) {
    client.Send(1, 100);
    world.sim.RunUntilIdle();
    EXPECT_FALSE(world.network.CutAfter(1, world.c, 99, Network::CutManner::kReset));
    EXPECT_TRUE(world.network.CutAfter(1, world.c, 150, Network::CutManner::kReset));
    world.network.Heal();
    client.Send(2, 100);
    world.sim.RunUntilIdle();
    EXPECT_THAT(server.heard, ElementsAre("frame 1", "frame 2"));
    EXPECT_TRUE(world.network.CutAfter(1, world.c, 200, Network::CutManner::kReset));
    world.sim.RunUntilIdle();
    EXPECT_THAT(server.heard, ElementsAre("frame 1", "frame 2", "reset"));
  });
}

TEST_F(Faults, HalfOpen) {
  Connected([](World& world, Peer& client, Peer& server) {
    EXPECT_TRUE(world.network.Forget(1, world.s));
    world.sim.RunUntilIdle();
    EXPECT_THAT(server.heard, IsEmpty());
    EXPECT_FALSE(server.socket->connected());
    EXPECT_TRUE(client.socket->connected());
    client.Send(1);
    world.sim.RunUntilIdle();
    EXPECT_THAT(client.heard, ElementsAre("connected", "reset"));
    EXPECT_THAT(server.heard, IsEmpty());
    EXPECT_FALSE(world.network.Forget(1, world.s));
  });
}

// --- Single frames

TEST_F(Faults, AFrameMayVanishWhileItsStreamGoesOn) {
  Connected([](World& world, Peer& client, Peer& server) {
    client.Send(1);
    client.Send(2, 100, FrameFate::kVanish);
    client.Send(3);
    world.sim.RunUntilIdle();
    EXPECT_THAT(server.heard, ElementsAre("frame 1", "frame 3"));
    server.socket->PauseReading();
    client.Send(4);
    client.Send(5, 100, FrameFate::kVanish);
    client.Send(6);
    world.sim.RunUntilIdle();
    server.socket->ResumeReading();
    world.sim.RunUntilIdle();
    EXPECT_THAT(server.heard, ElementsAre("frame 1", "frame 3", "frame 4", "frame 6"));
  });
}

TEST_F(Faults, AFrameMayBeReplacedByAReset) {
  Connected([](World& world, Peer& client, Peer& server) {
    const Time sent = world.sim.Now();
    client.Send(1);
    client.Send(2, 100, FrameFate::kReset);
    client.Send(3);
    world.sim.RunUntilIdle();
    EXPECT_THAT(server.heard, ElementsAre("frame 1", "reset"));
    EXPECT_THAT(client.heard, ElementsAre("connected", "reset"));
    EXPECT_EQ(client.When("reset"), sent + Us(200));
    EXPECT_THAT(world.network.Connections(), IsEmpty());
  });
}

// --- Loss

TEST_F(Faults, LossIsADelay) {
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

TEST_F(Faults, ALinkThatLosesEverythingTimesOut) {
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

TEST_F(Faults, OfManySegmentsOneIsLostEasily) {
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

}  // namespace
}  // namespace norn::sim
