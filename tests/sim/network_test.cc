#include "sim/network.h"

#include <cstdint>
#include <string>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/sim/network_world.h"

namespace norn::sim {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;

TEST(NetworkTest, AConnectionTakesARoundTrip) {
  InEveryWay([](World& world) {
    Peer client(world, world.c);
    client.Connect(world.s);
    EXPECT_EQ(client.socket->id(), 1u);
    EXPECT_FALSE(client.socket->connected());
    world.sim.RunFor(Us(200));
    ASSERT_THAT(world.servers, SizeIs(1));
    EXPECT_TRUE(world.server(0).socket->connected());
    EXPECT_FALSE(client.socket->connected());
    world.sim.RunUntilIdle();
    EXPECT_THAT(client.heard, ElementsAre("connected"));
    EXPECT_EQ(client.When("connected"), Time::Zero() + Us(400));
    EXPECT_TRUE(client.socket->connected());
    EXPECT_EQ(&client.socket->remote(), &world.s);
    EXPECT_EQ(&world.server(0).socket->remote(), &world.c);
    EXPECT_EQ(&world.server(0).socket->local(), &world.s);
    EXPECT_EQ(world.server(0).socket->id(), 1u);
  });
}

TEST(NetworkTest, AFrameIsOneEvent) {
  InEveryWay([](World& world) {
    Peer client(world, world.c);
    client.Connect(world.s);
    world.sim.RunUntilIdle();
    const uint64_t before = world.sim.events_run();
    for (int i = 0; i < 10; ++i) client.Send(i);
    world.sim.RunUntilIdle();
    EXPECT_EQ(world.sim.events_run(), before + 10);
    EXPECT_EQ(world.server(0).When("frame 9"), Time::Zero() + Us(600));
  });
}

TEST(NetworkTest, FramesAreNumberedAndKeepTheirOrder) {
  NetworkOptions options;
  options.link.latency = {.min = Us(100), .mean_extra = Ms(1)};
  InEveryWay(
      [](World& world) {
        Peer client(world, world.c);
        client.Connect(world.s);
        // Before it is connected as well.
        for (int i = 0; i < 100; ++i) EXPECT_EQ(client.Send(i), static_cast<uint64_t>(i));
        world.sim.RunFor(Ms(50));
        for (int i = 100; i < 200; ++i) client.Send(i);
        world.sim.RunUntilIdle();
        ASSERT_THAT(world.server(0).heard, SizeIs(200));
        for (int i = 0; i < 200; ++i)
          EXPECT_EQ(world.server(0).heard[i], "frame " + std::to_string(i));
      },
      options);
}

TEST(NetworkTest, TwoFramesOfOneInstantKeepTheirOrderUnderShuffledTies) {
  InEveryWay([](World& world) {
    Peer client(world, world.c);
    Peer other(world, world.c);
    client.Connect(world.s);
    other.Connect(world.s);
    world.sim.RunUntilIdle();
    for (int i = 0; i < 20; ++i) {
      client.Send(i);
      other.Send(i);
    }
    world.sim.RunUntilIdle();
    for (size_t peer = 0; peer < 2; ++peer) {
      ASSERT_THAT(world.server(peer).heard, SizeIs(20));
      for (int i = 0; i < 20; ++i)
        EXPECT_EQ(world.server(peer).heard[i], "frame " + std::to_string(i));
    }
  });
}

TEST(NetworkTest, TheServerMaySpeakFirst) {
  InEveryWay([](World& world) {
    world.accepted = [](Peer& server) { server.Send(7); };
    Peer client(world, world.c);
    client.Connect(world.s);
    world.sim.RunUntilIdle();
    // The frame arrives in the instant of the SYN-ACK, and behind it.
    EXPECT_THAT(client.heard, ElementsAre("connected", "frame 7"));
    EXPECT_EQ(client.When("frame 7"), Time::Zero() + Us(400));
  });
}

TEST(NetworkTest, WhereNobodyListensAConnectionIsRefusedAfterARoundTrip) {
  InEveryWay([](World& world) {
    Peer client(world, world.c);
    client.Connect(world.x);
    world.sim.RunUntilIdle();
    EXPECT_THAT(client.heard, ElementsAre("refused"));
    EXPECT_EQ(client.When("refused"), Time::Zero() + Us(400));
    EXPECT_FALSE(client.socket->connected());
    EXPECT_THAT(world.network.Connections(), IsEmpty());
  });
}

TEST(NetworkTest, ConnectionsAreListedById) {
  InEveryWay([](World& world) {
    Peer one(world, world.c), two(world, world.x);
    one.Connect(world.s);
    two.Connect(world.s);
    one.Send(1, 70);
    auto infos = world.network.Connections();
    ASSERT_THAT(infos, SizeIs(2));
    EXPECT_FALSE(infos[0].established);
    world.sim.RunUntilIdle();
    world.server(0).Send(2, 50);
    infos = world.network.Connections();
    ASSERT_THAT(infos, SizeIs(2));
    EXPECT_EQ(infos[0].id, 1u);
    EXPECT_EQ(infos[0].client, &world.c);
    EXPECT_EQ(infos[0].server, &world.s);
    EXPECT_TRUE(infos[0].established);
    EXPECT_EQ(infos[0].bytes_from_client, 70);
    EXPECT_EQ(infos[0].bytes_from_server, 50);
    EXPECT_EQ(infos[1].id, 2u);
    one.Close();
    world.sim.RunUntilIdle();
    infos = world.network.Connections();
    ASSERT_THAT(infos, SizeIs(1));
    EXPECT_EQ(infos[0].id, 2u);
  });
}

TEST(NetworkTest, ObjectsOfConnectionsAreUsedAgain) {
  InEveryWay([](World& world) {
    for (int i = 0; i < 50; ++i) {
      Peer client(world, world.c);
      client.Connect(world.s);
      EXPECT_EQ(client.socket->id(), static_cast<uint64_t>(i + 1));
      client.Send(i);
      client.Send(i, 200'000);
      if (i % 3 == 0) world.sim.RunFor(Us(500));
      if (i % 3 == 1) world.sim.RunUntilIdle();
      if (i % 2 == 0) client.Close();
      if (i % 5 == 0) client.socket->Reset();
    }
    world.sim.RunUntilIdle();
    EXPECT_THAT(world.network.Connections(), IsEmpty());
  });
}

TEST(NetworkTest, TimeOnTheWireIsSizeByBandwidthAndIsShared) {
  NetworkOptions options;
  options.link.bytes_per_second = 1'000'000;  // a byte is a microsecond
  InEveryWay(
      [](World& world) {
        Peer one(world, world.c), two(world, world.c), three(world, world.x);
        for (Peer* peer : {&one, &two, &three}) peer->Connect(world.s);
        world.sim.RunUntilIdle();
        const Time start = world.sim.Now();
        // Two connections of one link queue behind each other; another link is its own.
        one.Send(1, 1000);
        two.Send(2, 500);
        three.Send(3, 100);
        one.Send(4, 1000);
        world.sim.RunUntilIdle();
        EXPECT_EQ(world.server(0).When("frame 1"), start + Us(1000 + 200));
        EXPECT_EQ(world.server(1).When("frame 2"), start + Us(1500 + 200));
        EXPECT_EQ(world.server(2).When("frame 3"), start + Us(100 + 200));
        EXPECT_EQ(world.server(0).When("frame 4"), start + Us(2500 + 200));
        // The other direction is its own as well.
        const Time then = world.sim.Now();
        world.server(0).Send(5, 300);
        world.sim.RunUntilIdle();
        EXPECT_EQ(one.When("frame 5"), then + Us(300 + 200));
      },
      options);
}

TEST(NetworkTest, EachDirectionOfEachPairHasItsLink) {
  InEveryWay([](World& world) {
    LinkOptions slow;
    slow.latency.min = Ms(5);
    world.network.SetLink(world.c, world.s, slow);
    Peer client(world, world.c);
    client.Connect(world.s);
    world.sim.RunUntilIdle();
    EXPECT_EQ(client.When("connected"), Time::Zero() + Us(5200));
    // For what is sent from now on; and still nothing overtakes.
    client.Send(1);
    LinkOptions fast;
    fast.latency.min = Us(10);
    world.network.SetLink(world.c, world.s, fast);
    client.Send(2);
    world.sim.RunUntilIdle();
    EXPECT_EQ(world.server(0).When("frame 1"), Time::Zero() + Us(10200));
    EXPECT_EQ(world.server(0).When("frame 2"), Time::Zero() + Us(10200));
    EXPECT_EQ(world.server(0).heard[0], "frame 1");
  });
}

TEST(NetworkTest, ExtraDelayHoldsUpWhatFollows) {
  InEveryWay([](World& world) {
    Peer client(world, world.c);
    client.Connect(world.s);
    world.sim.RunUntilIdle();
    const Time start = world.sim.Now();
    client.Send(1, 100, FrameFate::kDeliver, Ms(30));
    client.Send(2);
    world.sim.RunFor(Ms(10));
    world.server(0).Send(3);
    world.sim.RunUntilIdle();
    EXPECT_EQ(world.server(0).When("frame 1"), start + Us(30200));
    EXPECT_EQ(world.server(0).When("frame 2"), start + Us(30200));
    EXPECT_EQ(client.When("frame 3"), start + Us(10200));
  });
}

TEST(NetworkTest, OneDrawOfLatencyDoesNotMoveAnother) {
  // A frame more on connection 1 leaves connection 2 as it was.
  NetworkOptions options;
  options.link.latency = {.min = Us(100), .mean_extra = Ms(1)};
  std::vector<Time> seen;
  for (const int extra_frames : {0, 3}) {
    World world({.seed = 9}, options);
    Peer one(world, world.c), two(world, world.c);
    one.Connect(world.s);
    two.Connect(world.s);
    world.sim.RunFor(absl::Seconds(1));
    for (int i = 0; i < extra_frames; ++i) one.Send(100 + i);
    two.Send(1);
    world.sim.RunUntilIdle();
    for (const auto& server : world.servers)
      if (server->Heard("frame 1")) seen.push_back(server->When("frame 1"));
  }
  ASSERT_THAT(seen, SizeIs(2));
  EXPECT_EQ(seen[0], seen[1]);
}

TEST(NetworkTest, ANodeMayTalkToItself) {
  InEveryWay([](World& world) {
    Peer client(world, world.s);
    client.Connect(world.s);
    client.Send(1);
    world.sim.RunUntilIdle();
    EXPECT_THAT(client.heard, ElementsAre("connected"));
    EXPECT_THAT(world.server(0).heard, ElementsAre("frame 1"));
    world.s.Kill();
    world.sim.RunUntilIdle();
    EXPECT_THAT(world.network.Connections(), IsEmpty());
  });
}

}  // namespace
}  // namespace norn::sim
