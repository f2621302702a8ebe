// Faults of single connections and of single frames.
#include <string>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/sim/network_world.h"

namespace norn::sim {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

// --- Single connections

TEST(NetworkCutTest, AResetFromOutsideHitsBothEndsAtOnce) {
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

TEST(NetworkCutTest, AResetFromInsideAHandler) {
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

TEST(NetworkCutTest, AConnectThatIsResetIsRefused) {
  InEveryWay([](World& world) {
    Peer client(world, world.c);
    client.Connect(world.s);
    EXPECT_TRUE(world.network.ResetConnection(1));
    world.sim.RunUntilIdle();
    EXPECT_THAT(client.heard, ElementsAre("refused"));
    EXPECT_THAT(world.servers, IsEmpty());
  });
}

TEST(NetworkCutTest, CutAfterSomeBytesWithAReset) {
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

TEST(NetworkCutTest, CutAtTheEndOfAFrameDeliversIt) {
  Connected([](World& world, Peer& client, Peer& server) {
    EXPECT_TRUE(world.network.CutAfter(1, world.c, 100, Network::CutManner::kReset));
    client.Send(1, 100);
    client.Send(2, 100);
    world.sim.RunUntilIdle();
    EXPECT_THAT(server.heard, ElementsAre("frame 1", "reset"));
  });
}

TEST(NetworkCutTest, CutAfterSomeBytesWithSilence) {
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

TEST(NetworkCutTest, CutWhatTheServerSends) {
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

TEST(NetworkCutTest, ACutInThePastIsTooLateAndHealingTakesOneBack) {
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

TEST(NetworkCutTest, HalfOpen) {
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

TEST(NetworkCutTest, AFrameMayVanishWhileItsStreamGoesOn) {
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

TEST(NetworkCutTest, AFrameMayBeReplacedByAReset) {
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

}  // namespace
}  // namespace norn::sim
