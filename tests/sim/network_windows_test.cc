// Buffers and windows: what a receiver that does not read does to its sender.
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

// Buffers hold 128 KiB at the sender and 64 KiB at the receiver unless a test says otherwise.

TEST(NetworkWindowsTest, WhoDoesNotReadStopsTheSender) {
  Connected([](World& world, Peer& client, Peer& server) {
    server.socket->PauseReading();
    for (int i = 0; i < 150; ++i) client.Send(i, 1024);
    // The sender's kernel holds 128 KiB.
    EXPECT_FALSE(client.socket->everything_written());
    world.sim.RunFor(Us(300));
    EXPECT_FALSE(client.socket->everything_written());
    // 64 KiB have reached the receiver's kernel, and the sender knows.
    world.sim.RunFor(Us(100));
    EXPECT_TRUE(client.socket->everything_written());
    for (int i = 150; i < 193; ++i) client.Send(i, 1024);
    world.sim.RunUntilIdle();
    EXPECT_FALSE(client.socket->everything_written());
    EXPECT_THAT(server.heard, IsEmpty());
    // Nothing happens until it reads.
    world.sim.RunFor(absl::Hours(1));
    server.socket->ResumeReading();
    world.sim.RunUntilIdle();
    EXPECT_TRUE(client.socket->everything_written());
    ASSERT_THAT(server.heard, SizeIs(193));
    for (int i = 0; i < 193; ++i) EXPECT_EQ(server.heard[i], "frame " + std::to_string(i));
  });
}

TEST(NetworkWindowsTest, BytesTakenByTheKernelAreWritten) {
  Connected([](World& world, Peer& client, Peer& server) {
    server.socket->PauseReading();
    const auto send = [&](int n, int64_t size) {
      return client.Send(n, size, FrameFate::kDeliver, absl::ZeroDuration(), true);
    };
    EXPECT_EQ(send(0, 100'000), 0u);
    EXPECT_EQ(client.heard.size(), 1u);  // told in an event, not in the call
    EXPECT_EQ(send(1, 100'000), 1u);     // to 200,000 of 196,608
    EXPECT_EQ(send(2, 100), 2u);
    const Time sent = world.sim.Now();
    world.sim.RunUntilIdle();
    EXPECT_THAT(client.heard, ElementsAre("connected", "written 0"));
    EXPECT_EQ(client.When("written 0"), sent);
    world.sim.RunFor(Ms(50));
    const Time read = world.sim.Now();
    server.socket->ResumeReading();
    world.sim.RunUntilIdle();
    EXPECT_THAT(client.heard, ElementsAre("connected", "written 0", "written 1", "written 2"));
    EXPECT_THAT(server.heard, ElementsAre("frame 0", "frame 1", "frame 2"));
    // The window opens after one way, more bytes take the second, their acknowledgement the third.
    EXPECT_EQ(client.When("written 1"), read + Us(600));
    EXPECT_TRUE(client.socket->everything_written());
  });
}

TEST(NetworkWindowsTest, WrittenIsToldToWhoAsks) {
  Connected([](World& world, Peer& client, Peer&) {
    client.Send(0);
    client.Send(1, 100, FrameFate::kDeliver, absl::ZeroDuration(), true);
    client.Send(2);
    world.sim.RunUntilIdle();
    EXPECT_THAT(client.heard, ElementsAre("connected", "written 1"));
  });
}

TEST(NetworkWindowsTest, BeforeItIsConnectedNothingIsWritten) {
  InEveryWay([](World& world) {
    Peer client(world, world.c);
    client.Connect(world.s);
    client.Send(0, 100, FrameFate::kDeliver, absl::ZeroDuration(), true);
    EXPECT_FALSE(client.socket->everything_written());
    world.sim.RunUntilIdle();
    EXPECT_THAT(client.heard, ElementsAre("connected", "written 0"));
    EXPECT_TRUE(client.socket->everything_written());
  });
}

TEST(NetworkWindowsTest, AFrameLargerThanTheWindowsIsReadInPieces) {
  Connected([](World& world, Peer& client, Peer& server) {
    const Time sent = world.sim.Now();
    const uint64_t before = world.sim.events_run();
    client.Send(1, 1 << 20);
    client.Send(2);
    world.sim.RunUntilIdle();
    EXPECT_THAT(server.heard, ElementsAre("frame 1", "frame 2"));
    // 16 windows of 64 KiB, one per round trip, of which the last ends after one way.
    EXPECT_EQ(server.When("frame 1"), sent + Us(15 * 400 + 200));
    EXPECT_LT(world.sim.events_run() - before, 40u);
  });
}

TEST(NetworkWindowsTest, AWindowIsNotFilledWithCrumbs) {
  // 60 small frames are acknowledged one by one; the large one behind them waits for half a window
  // rather than following each acknowledgement with a little.
  Connected([](World& world, Peer& client, Peer& server) {
    for (int i = 0; i < 60; ++i) client.Send(i, 1000);
    const uint64_t before = world.sim.events_run();
    client.Send(60, 1 << 20);
    world.sim.RunUntilIdle();
    EXPECT_TRUE(server.Heard("frame 60"));
    EXPECT_LT(world.sim.events_run() - before, 60u + 2 * 35u);
  });
}

TEST(NetworkWindowsTest, PausingStopsAfterTheFrameItIsToldOf) {
  Connected([](World& world, Peer& client, Peer& server) {
    server.then = [&](const std::string&) { server.socket->PauseReading(); };
    for (int i = 0; i < 4; ++i) client.Send(i);
    world.sim.RunUntilIdle();
    EXPECT_THAT(server.heard, ElementsAre("frame 0"));
    server.socket->ResumeReading();
    EXPECT_THAT(server.heard, ElementsAre("frame 0"));  // in an event, not in the call
    world.sim.RunUntilIdle();
    EXPECT_THAT(server.heard, ElementsAre("frame 0", "frame 1"));
    client.Close();
    world.sim.RunUntilIdle();
    server.socket->ResumeReading();
    world.sim.RunUntilIdle();
    server.socket->ResumeReading();
    world.sim.RunUntilIdle();
    EXPECT_THAT(server.heard, ElementsAre("frame 0", "frame 1", "frame 2", "frame 3"));
    // The end of the stream is read like everything before it.
    server.socket->ResumeReading();
    world.sim.RunUntilIdle();
    EXPECT_EQ(server.heard.back(), "closed by peer");
  });
}

TEST(NetworkWindowsTest, ResumingInsideAFrameDoesNotRecurse) {
  Connected([](World& world, Peer& client, Peer& server) {
    int depth = 0;
    server.then = [&](const std::string&) {
      EXPECT_EQ(++depth, 1);
      server.socket->PauseReading();
      server.socket->ResumeReading();
      --depth;
    };
    server.socket->PauseReading();
    for (int i = 0; i < 10; ++i) client.Send(i);
    world.sim.RunUntilIdle();
    const uint64_t before = world.sim.events_run();
    server.socket->ResumeReading();
    world.sim.RunUntilIdle();
    EXPECT_THAT(server.heard, SizeIs(10));
    EXPECT_EQ(world.sim.events_run() - before, 10u);  // one frame, one event
  });
}

TEST(NetworkWindowsTest, WhatTheKernelHadNoRoomForDiesWithTheSocket) {
  Connected([](World& world, Peer& client, Peer& server) {
    server.socket->PauseReading();
    client.Send(0, 60'000);
    client.Send(1, 60'000);
    client.Send(2, 60'000);  // of which the kernel takes a part
    client.Send(3, 60'000);
    client.Close();
    world.sim.RunUntilIdle();
    server.socket->ResumeReading();
    world.sim.RunUntilIdle();
    // Two frames, a part of a third, and then the end.
    EXPECT_THAT(server.heard, ElementsAre("frame 0", "frame 1", "closed by peer"));
    EXPECT_THAT(world.network.Connections(), IsEmpty());
  });
}

TEST(NetworkWindowsTest, AWindowUpdateThatIsLostIsAskedFor) {
  Connected([](World& world, Peer& client, Peer& server) {
    server.socket->PauseReading();
    for (int i = 0; i < 100; ++i) client.Send(i, 1024);
    world.sim.RunUntilIdle();
    world.network.Cut(world.s, world.c);
    server.socket->ResumeReading();
    world.sim.RunFor(absl::Seconds(1));
    EXPECT_THAT(server.heard, SizeIs(64));
    world.network.Mend(world.s, world.c);
    world.sim.RunUntilIdle();
    EXPECT_THAT(server.heard, SizeIs(100));
    EXPECT_THAT(client.heard, ElementsAre("connected"));
  });
}

TEST(NetworkWindowsTest, ABlockedSenderNoticesThatNobodyIsThere) {
  Connected([](World& world, Peer& client, Peer& server) {
    server.socket->PauseReading();
    for (int i = 0; i < 100; ++i) client.Send(i, 1024);
    world.sim.RunUntilIdle();
    const Time lost = world.sim.Now();
    world.s.LosePower();
    world.sim.RunFor(Ms(300));
    world.s.Start();
    world.sim.RunUntilIdle();
    EXPECT_THAT(client.heard, ElementsAre("connected", "reset"));
    EXPECT_EQ(client.When("reset"), lost + Ms(600) + Us(400));
  });
}

TEST(NetworkWindowsTest, ABlockedSenderGivesUpWhenItIsCutOff) {
  Connected([](World& world, Peer& client, Peer& server) {
    server.socket->PauseReading();
    for (int i = 0; i < 100; ++i) client.Send(i, 1024);
    world.sim.RunUntilIdle();
    const Time cut = world.sim.Now();
    world.network.BlackHole(world.s);
    world.sim.RunUntilIdle();
    EXPECT_THAT(client.heard, ElementsAre("connected", "timed out"));
    EXPECT_EQ(client.When("timed out"), cut + kGivesUpAfter);
  });
}

TEST(NetworkWindowsTest, BlockedWhileItIsCutOff) {
  // The window closes, then the way; only then there is something to send.
  Connected([](World& world, Peer& client, Peer& server) {
    server.socket->PauseReading();
    for (int i = 0; i < 64; ++i) client.Send(i, 1024);
    world.sim.RunUntilIdle();
    world.network.Cut(world.s, world.c);
    server.socket->ResumeReading();
    world.sim.RunUntilIdle();
    client.Send(64, 1024);
    world.sim.RunFor(absl::Seconds(1));
    world.network.Mend(world.s, world.c);
    world.sim.RunUntilIdle();
    EXPECT_THAT(server.heard, SizeIs(65));
  });
}

TEST(NetworkWindowsTest, ManyFramesBothWaysWithSmallBuffersAndLoss) {
  NetworkOptions options;
  options.link.latency = {.min = Us(50), .mean_extra = Us(300)};
  options.link.loss = Probability::Percent(2);
  options.link.bytes_per_second = 20'000'000;
  InEveryWay(
      [](World& world) {
        SocketOptions small;
        small.send_buffer = 5000;
        small.receive_buffer = 3000;
        Peer client(world, world.c);
        client.Connect(world.s, small);
        world.sim.RunFor(absl::Seconds(10));
        Peer& server = world.server(0);
        int paused = 0;
        const auto moody = [&](Peer& peer) {
          peer.then = [&](const std::string&) {
            if (peer.heard.size() % 7 != 0) return;
            peer.socket->PauseReading();
            ++paused;
            world.sim.After(Us(700), [&peer] { peer.socket->ResumeReading(); });
          };
        };
        moody(client);
        moody(server);
        for (int i = 0; i < 200; ++i) {
          client.Send(i, 1 + 997 * i % 9000);
          server.Send(i, 1 + 499 * i % 9000);
        }
        client.then("");
        world.sim.RunUntilIdle();
        ASSERT_THAT(client.heard, SizeIs(201));
        ASSERT_THAT(server.heard, SizeIs(200));
        for (int i = 0; i < 200; ++i) {
          EXPECT_EQ(client.heard[i + 1], "frame " + std::to_string(i));
          EXPECT_EQ(server.heard[i], "frame " + std::to_string(i));
        }
        EXPECT_GT(paused, 50);
        EXPECT_TRUE(client.socket->everything_written());
        EXPECT_TRUE(server.socket->everything_written());
      },
      options);
}

}  // namespace
}  // namespace norn::sim
