// Nagle's algorithm against delayed acknowledgements, as librdkafka 2.0.2 was seen to suffer from
// them: 12 requests, 5 ms from one to the next, to a proxy that had answered before and now did
// not.
#include <string>

#include "gtest/gtest.h"
#include "tests/sim/network_world.h"

namespace norn::sim {
namespace {

constexpr Label kAnswer{"answer"};

// A connection over which a question was asked and answered.
struct Talk {
  explicit Talk(World& world, bool nagle) : world(world), client(world, world.c) {
    SocketOptions options;
    options.nagle = nagle;
    client.Connect(world.s, options);
    client.Send(100);
    world.sim.RunFor(Ms(1));
    world.server(0).Send(100);
    world.sim.RunUntilIdle();
    world.sim.RunFor(Ms(100));
    begin = world.sim.Now();
  }
  // Sends `count` frames, one each 5 ms.
  void Ask(int count, int64_t size = 100) {
    for (int i = 0; i < count; ++i) {
      client.Send(i, size);
      world.sim.RunFor(Ms(5));
    }
    world.sim.RunUntilIdle();
  }
  absl::Duration Arrived(int n) const {
    return world.server(0).When("frame " + std::to_string(n)) - begin;
  }

  World& world;
  Peer client;
  Time begin;
};

// Seen with socket.nagle.disable=true: 0.2, 8.1, 16.7 ms ..., each as it was sent.
TEST(NagleTest, WithoutItEachFrameGoesAtOnce) {
  InEveryWay([](World& world) {
    Talk talk(world, /*nagle=*/false);
    talk.Ask(12);
    for (int i = 0; i < 12; ++i) EXPECT_EQ(talk.Arrived(i), Us(5000 * i + 200)) << i;
  });
}

// Seen with false: the first at 0.2 ms; the second to the ninth together at 41 to 45, when the
// acknowledgement of the first had waited its 40 ms; from then on, acknowledged at once, each as it
// was sent.
TEST(NagleTest, ASmallFrameWaitsForTheDelayedAcknowledgement) {
  InEveryWay([](World& world) {
    Talk talk(world, /*nagle=*/true);
    talk.Ask(12);
    EXPECT_EQ(talk.Arrived(0), Us(200));
    for (int i = 1; i <= 8; ++i) EXPECT_EQ(talk.Arrived(i), Us(200 + 40000 + 200 + 200)) << i;
    for (int i = 9; i < 12; ++i) EXPECT_EQ(talk.Arrived(i), Us(5000 * i + 200)) << i;
  });
}

// Seen with answers after 20 ms: the next ones went at 24 ms, when the answer brought the
// acknowledgement.
TEST(NagleTest, AnAnswerBringsTheAcknowledgement) {
  InEveryWay([](World& world) {
    Talk talk(world, /*nagle=*/true);
    world.sim.After(Ms(20), kAnswer, [&] { world.server(0).Send(0); });
    talk.Ask(6);
    EXPECT_EQ(talk.client.When("frame 0"), talk.begin + Us(20200));
    EXPECT_EQ(talk.Arrived(0), Us(200));
    for (int i = 1; i <= 4; ++i) EXPECT_EQ(talk.Arrived(i), Us(20400)) << i;
    // It answers, so its next acknowledgement waits again.
    EXPECT_EQ(talk.Arrived(5), Us(20400 + 40000 + 400));
  });
}

// A segment's worth does not wait.
TEST(NagleTest, AFullSegmentGoes) {
  InEveryWay([](World& world) {
    Talk talk(world, /*nagle=*/true);
    talk.client.Send(0);
    for (int i = 1; i <= 8; ++i) talk.client.Send(i, 400);
    world.sim.RunUntilIdle();
    // Of 1448 bytes three frames; what is left of a fourth is not worth an event of its own.
    for (int i = 0; i <= 6; ++i) EXPECT_EQ(talk.Arrived(i), Us(200)) << i;
    // What came last is less than a segment more, and its acknowledgement waits.
    for (int i = 7; i <= 8; ++i) EXPECT_EQ(talk.Arrived(i), Us(40600)) << i;
  });
}

TEST(NagleTest, MoreThanASegmentIsAcknowledgedAtOnce) {
  InEveryWay([](World& world) {
    Talk talk(world, /*nagle=*/true);
    talk.client.Send(0, 3000);
    talk.client.Send(1);
    world.sim.RunUntilIdle();
    EXPECT_EQ(talk.Arrived(0), Us(200));
    EXPECT_EQ(talk.Arrived(1), Us(600));
  });
}

TEST(NagleTest, ClosingPushesOutWhatWaits) {
  InEveryWay([](World& world) {
    Talk talk(world, /*nagle=*/true);
    talk.client.Send(0);
    talk.client.Send(1);
    talk.client.Close();
    world.sim.RunUntilIdle();
    EXPECT_EQ(talk.Arrived(1), Us(200));
    EXPECT_TRUE(world.server(0).Heard("closed by peer"));
  });
}

// The kernel has taken it, and its process knows that.
TEST(NagleTest, WhatWaitsIsWritten) {
  InEveryWay([](World& world) {
    Talk talk(world, /*nagle=*/true);
    talk.client.Send(0);
    talk.client.Send(1, 100, FrameFate::kDeliver, absl::ZeroDuration(), /*tell_written=*/true);
    EXPECT_TRUE(talk.client.socket->everything_written());
    world.sim.RunFor(Ms(1));
    EXPECT_TRUE(talk.client.Heard("written 2"));
    EXPECT_FALSE(world.server(0).Heard("frame 1"));
    world.sim.RunUntilIdle();
    EXPECT_TRUE(world.server(0).Heard("frame 1"));
  });
}

// What a box on the way keeps brings no acknowledgement.
TEST(NagleTest, AHeldAnswerBringsNothing) {
  InEveryWay([](World& world) {
    Talk talk(world, /*nagle=*/true);
    world.sim.After(Ms(10), kAnswer,
                    [&] { world.server(0).Send(0, 100, FrameFate::kDeliver, Ms(300)); });
    talk.Ask(3);
    EXPECT_EQ(talk.Arrived(1), Us(40600));
    EXPECT_EQ(talk.Arrived(2), Us(40600));
  });
}

TEST(NagleTest, GoesOnAfterACut) {
  InEveryWay([](World& world) {
    Talk talk(world, /*nagle=*/true);
    world.network.Partition({&world.c}, {&world.s});
    talk.client.Send(0);
    talk.client.Send(1);
    world.sim.RunFor(Ms(150));
    world.network.Repair({&world.c}, {&world.s});
    world.sim.RunUntilIdle();
    EXPECT_LT(talk.Arrived(1), Ms(300));
  });
}

}  // namespace
}  // namespace norn::sim
