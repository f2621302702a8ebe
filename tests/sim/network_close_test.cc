// How connections end, and what may be destroyed when.
#include <memory>
#include <string>
#include <utility>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "sim/network.h"
#include "tests/sim/network_world.h"

namespace norn::sim {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

TEST(NetworkCloseTest, ADeadSocketDoesNothing) {
  InEveryWay([](World& world) {
    Peer client(world, world.c);
    client.Connect(world.x);
    world.sim.RunUntilIdle();
    client.Send(1);
    client.socket->Close();
    client.socket->Reset();
    client.socket->PauseReading();
    client.socket->ResumeReading();
    EXPECT_FALSE(client.socket->everything_written());
    world.sim.RunUntilIdle();
    EXPECT_THAT(client.heard, ElementsAre("refused"));
  });
}

TEST(NetworkCloseTest, CloseIsOrderly) {
  InEveryWay([](World& world) {
    Peer client(world, world.c);
    client.Connect(world.s);
    world.sim.RunUntilIdle();
    client.Send(1);
    client.Send(2);
    client.Close();
    client.Send(3);
    world.sim.RunUntilIdle();
    EXPECT_THAT(world.server(0).heard, ElementsAre("frame 1", "frame 2", "closed by peer"));
    EXPECT_THAT(client.heard, ElementsAre("connected"));
    EXPECT_THAT(world.network.Connections(), IsEmpty());
  });
}

TEST(NetworkCloseTest, BothMayCloseAtOnce) {
  InEveryWay([](World& world) {
    Peer client(world, world.c);
    client.Connect(world.s);
    world.sim.RunUntilIdle();
    client.Close();
    world.server(0).Close();
    world.sim.RunUntilIdle();
    EXPECT_THAT(client.heard, ElementsAre("connected"));
    EXPECT_THAT(world.server(0).heard, IsEmpty());
    EXPECT_THAT(world.network.Connections(), IsEmpty());
  });
}

TEST(NetworkCloseTest, ASocketMayBeDestroyedByWhatItIsTold) {
  InEveryWay([](World& world) {
    Peer client(world, world.c);
    client.then = [&](const std::string&) { client.socket.reset(); };
    client.Connect(world.s);
    client.Send(1);
    world.accepted = [](Peer& server) {
      server.then = [&server](const std::string& word) {
        if (word == "frame 1") server.socket.reset();
      };
    };
    world.sim.RunUntilIdle();
    EXPECT_THAT(client.heard, ElementsAre("connected"));
    EXPECT_THAT(world.network.Connections(), IsEmpty());
  });
}

TEST(NetworkCloseTest, WhoDoesNotWantAConnectionDropsItsSocket) {
  Simulation sim({});
  Network network(sim, {});
  Node c(sim, "c");
  Node s(sim, "s");
  for (Node* node : {&c, &s}) {
    node->SetBoot([](Node&) { return std::make_unique<Process>(); });
    node->Start();
  }
  network.Listen(s, 1, [](std::unique_ptr<Socket>) {});
  struct Handler : SocketHandler {
    void OnConnected() override { said += "connected "; }
    void OnFrame(Frame) override { said += "frame "; }
    void OnClosed(CloseReason reason) override { said += Name(reason); }
    std::string said;
  } handler;
  auto socket = network.Connect(c, s, 1, &handler);
  sim.RunUntilIdle();
  EXPECT_EQ(handler.said, "connected closed by peer");
}

TEST(NetworkCloseTest, LateBytesOfAConnectionItsClientGaveUp) {
  // The client's request timed out and it closed the connection, but what its kernel had taken is
  // read by the server. The answer finds nobody, and the server learns of it by a reset.
  InEveryWay([](World& world) {
    world.accepted = [](Peer& server) {
      server.then = [&server](const std::string& word) {
        if (word == "frame 2") server.Send(20);
      };
    };
    Peer client(world, world.c);
    client.Connect(world.s);
    world.sim.RunUntilIdle();
    client.Send(1);
    client.Send(2);
    client.socket->Close();
    world.sim.RunUntilIdle();
    EXPECT_THAT(world.server(0).heard, ElementsAre("frame 1", "frame 2", "closed by peer"));
    EXPECT_THAT(client.heard, ElementsAre("connected"));
  });
}

TEST(NetworkCloseTest, ClosingWithSomethingUnreadIsAReset) {
  InEveryWay([](World& world) {
    Peer client(world, world.c);
    client.Connect(world.s);
    world.sim.RunUntilIdle();
    client.socket->PauseReading();
    world.server(0).Send(1);
    world.sim.RunUntilIdle();
    client.Close();
    world.sim.RunUntilIdle();
    EXPECT_THAT(world.server(0).heard, ElementsAre("reset"));
  });
}

TEST(NetworkCloseTest, AnAnswerToAClosedSocketIsAnsweredWithAReset) {
  InEveryWay([](World& world) {
    Peer client(world, world.c);
    client.Connect(world.s);
    world.sim.RunUntilIdle();
    world.server(0).socket->PauseReading();
    client.Send(1);
    client.Close();
    world.sim.RunUntilIdle();
    // It has not read the end of the stream, so it may still send.
    EXPECT_TRUE(world.server(0).socket->connected());
    world.server(0).Send(2);
    world.sim.RunUntilIdle();
    // A reset is told though it does not read, and frame 1 is gone.
    EXPECT_THAT(world.server(0).heard, ElementsAre("reset"));
    EXPECT_THAT(world.network.Connections(), IsEmpty());
  });
}

TEST(NetworkCloseTest, ResetComesBehindWhatWasSent) {
  InEveryWay([](World& world) {
    Peer client(world, world.c);
    client.Connect(world.s);
    world.sim.RunUntilIdle();
    client.Send(1);
    client.socket->Reset();
    world.sim.RunUntilIdle();
    EXPECT_THAT(world.server(0).heard, ElementsAre("frame 1", "reset"));
    EXPECT_THAT(client.heard, ElementsAre("connected"));
    EXPECT_THAT(world.network.Connections(), IsEmpty());
  });
}

TEST(NetworkCloseTest, AClientThatClosesBeforeItIsConnected) {
  InEveryWay([](World& world) {
    Peer client(world, world.c);
    client.Connect(world.s);
    client.Send(1);
    client.Close();
    world.sim.RunUntilIdle();
    EXPECT_THAT(client.heard, IsEmpty());
    // The server sees a connection that is reset.
    EXPECT_THAT(world.server(0).heard, ElementsAre("reset"));
    EXPECT_THAT(world.network.Connections(), IsEmpty());
  });
}

TEST(NetworkCloseTest, TheNetworkMayGoBeforeItsNodes) {
  Simulation sim({});
  Node c(sim, "c");
  c.SetBoot([](Node&) { return std::make_unique<Process>(); });
  c.Start();
  std::unique_ptr<Socket> socket;
  struct Handler : SocketHandler {
    void OnFrame(Frame) override {}
    void OnClosed(CloseReason) override {}
  } handler;
  {
    Network network(sim, {});
    socket = network.Connect(c, c, 1, &handler);
    socket->Send({.size = 10});
  }
  socket->Send({.size = 10});
  EXPECT_FALSE(socket->connected());
}

TEST(NetworkCloseTest, NodesMayGoBeforeTheirNetwork) {
  Simulation sim({});
  Network network(sim, {});
  auto c = std::make_unique<Node>(sim, "c");
  auto s = std::make_unique<Node>(sim, "s");
  for (Node* node : {c.get(), s.get()}) {
    node->SetBoot([](Node&) { return std::make_unique<Process>(); });
    node->Start();
  }
  struct Handler : SocketHandler {
    void OnConnected() override { said += "connected "; }
    void OnFrame(Frame) override {}
    void OnClosed(CloseReason reason) override { said += Name(reason); }
    std::string said;
  } client, server;
  std::unique_ptr<Socket> accepted;
  network.Listen(*s, 1, [&](std::unique_ptr<Socket> socket) {
    accepted = std::move(socket);
    accepted->SetHandler(&server);
  });
  auto socket = network.Connect(*c, *s, 1, &client);
  sim.RunUntilIdle();
  // As if the process were killed and the machine carried away: what the kernel had sent is on the
  // wire.
  s.reset();
  sim.RunUntilIdle();
  EXPECT_EQ(client.said, "connected closed by peer");
  c.reset();
  sim.RunUntilIdle();
  EXPECT_THAT(network.Connections(), IsEmpty());
}

}  // namespace
}  // namespace norn::sim
