// A small world for tests of the network: a client machine "c", a server machine "s" that listens
// at port 9092, and a third, "x". Who is told what is written down in words.
//
//   InEveryWay([](World& world) {
//     Peer client(world, world.c);
//     client.Connect(world.s);
//     client.Send(1);
//     world.sim.RunUntilIdle();
//     EXPECT_THAT(client.heard, ElementsAre("connected"));
//     EXPECT_THAT(world.server(0).heard, ElementsAre("frame 1"));
//   });
#ifndef NORN_TESTS_SIM_NETWORK_WORLD_H_
#define NORN_TESTS_SIM_NETWORK_WORLD_H_

#include <algorithm>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/time/time.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "sim/network.h"
#include "sim/node.h"
#include "sim/simulation.h"

namespace norn::sim {

struct World;

struct Number : Message {
  explicit Number(int number) : n(number) {}
  int n;
};

// Says what it is told: "connected", "frame 7", "written 0", "closed by peer", "reset", "timed
// out", "refused", "connect timed out".
class Peer final : public SocketHandler {
 public:
  Peer(World& world, Node& node) : world_(&world), node_(&node) {}

  void Connect(Node& to, SocketOptions options = {});
  void Accept(std::unique_ptr<Socket> accepted);
  uint64_t Send(int n, int64_t size = 100, FrameFate fate = FrameFate::kDeliver,
                absl::Duration extra_delay = absl::ZeroDuration(), bool tell_written = false);
  void Close() { socket->Close(); }

  void OnConnected() override { Hear("connected"); }
  void OnConnectFailed(ConnectError error) override {
    Hear(error == ConnectError::kRefused ? "refused" : "connect timed out");
  }
  void OnFrame(Frame frame) override {
    Hear("frame " + std::to_string(static_cast<const Number&>(*frame.message).n));
  }
  void OnWritten(uint64_t frame) override { Hear("written " + std::to_string(frame)); }
  void OnClosed(CloseReason reason) override { Hear(Name(reason)); }

  // When it first heard `word`; Time::Max() if never.
  Time When(const std::string& word) const {
    for (size_t i = 0; i < heard.size(); ++i)
      if (heard[i] == word) return times[i];
    return Time::Max();
  }
  bool Heard(const std::string& word) const { return When(word) != Time::Max(); }

  uint64_t id = 0;
  std::unique_ptr<Socket> socket;
  std::vector<std::string> heard;
  std::vector<Time> times;
  std::function<void(const std::string&)> then;  // called after each word

 private:
  void Hear(std::string word);

  World* world_;
  Node* node_;
};

struct World {
  explicit World(Simulation::Options options = {}, NetworkOptions network_options = {})
      : sim(std::move(options)),
        network(sim, std::move(network_options)),
        c(sim, "c"),
        s(sim, "s"),
        x(sim, "x") {
    for (Node* node : {&c, &s, &x}) {
      node->SetBoot([this](Node& booted) {
        if (&booted == &s) Listen();
        return std::make_unique<Process>();
      });
      node->Start();
    }
  }

  void Listen(SocketOptions options = {}) {
    listening = options;
    network.Listen(
        s, 9092,
        [this](std::unique_ptr<Socket> socket) {
          // By id: under shuffled ties they may be accepted in another order.
          auto at = servers.begin();
          while (at != servers.end() && (*at)->id < socket->id()) ++at;
          Peer& peer = **servers.insert(at, std::make_unique<Peer>(*this, s));
          peer.Accept(std::move(socket));
          if (accepted) accepted(peer);
        },
        options);
  }
  // Of the connections that were accepted the `i`-th, by id.
  Peer& server(size_t i) {
    if (i >= servers.size()) {
      ADD_FAILURE() << "only " << servers.size() << " connections were accepted";
      servers.push_back(std::make_unique<Peer>(*this, s));
    }
    return *servers[std::min(i, servers.size() - 1)];
  }
  Time After(absl::Duration d) const { return sim.Now() + d; }

  Simulation sim;
  SocketOptions listening;
  std::vector<std::unique_ptr<Peer>> servers;
  std::function<void(Peer&)> accepted;
  Network network;
  Node c, s, x;
};

inline void Peer::Connect(Node& to, SocketOptions options) {
  socket = world_->network.Connect(*node_, to, 9092, this, options);
}

inline void Peer::Accept(std::unique_ptr<Socket> accepted) {
  socket = std::move(accepted);
  id = socket->id();
  socket->SetHandler(this);
}

inline uint64_t Peer::Send(int n, int64_t size, FrameFate fate, absl::Duration extra_delay,
                           bool tell_written) {
  Frame frame;
  frame.size = size;
  frame.message = std::make_unique<Number>(n);
  frame.fate = fate;
  frame.extra_delay = extra_delay;
  return socket->Send(std::move(frame), tell_written);
}

inline void Peer::Hear(std::string word) {
  heard.push_back(word);
  times.push_back(world_->sim.Now());
  // Whoever is told something is told as itself, and while it runs.
  EXPECT_EQ(world_->sim.current_owner(), node_->owner()) << word;
  EXPECT_TRUE(node_->running()) << word;
  if (then) then(word);
}

// Tells `story` with ties in order and shuffled, with several seeds, and each twice: a run and its
// repetition have one digest.
inline void InEveryWay(const std::function<void(World&)>& story, NetworkOptions options = {}) {
  for (const bool shuffle : {false, true}) {
    for (uint64_t seed = 1; seed <= 5; ++seed) {
      SCOPED_TRACE("seed " + std::to_string(seed) + (shuffle ? ", ties shuffled" : ""));
      uint64_t digests[2];
      for (uint64_t& digest : digests) {
        World world({.seed = seed, .shuffle_ties = shuffle}, options);
        story(world);
        digest = world.sim.run_digest();
        if (testing::Test::HasFailure()) return;
      }
      EXPECT_EQ(digests[0], digests[1]);
    }
  }
}

// The same for a story that begins with an established connection, which nobody has used.
inline void Connected(const std::function<void(World&, Peer& client, Peer& server)>& story,
                      NetworkOptions options = {}) {
  InEveryWay(
      [&story](World& world) {
        Peer client(world, world.c);
        client.Connect(world.s);
        world.sim.RunUntilIdle();
        ASSERT_THAT(client.heard, testing::ElementsAre("connected"));
        story(world, client, world.server(0));
      },
      options);
}

inline constexpr absl::Duration Us(int64_t n) { return absl::Microseconds(n); }
inline constexpr absl::Duration Ms(int64_t n) { return absl::Milliseconds(n); }

// When a sender gives up: 0.2 + 0.4 + ... + 102.4 + 6 * 120 s, of which the last is after the 15th
// retransmission.
inline constexpr absl::Duration kGivesUpAfter = Ms(924'600);

}  // namespace norn::sim

#endif  // NORN_TESTS_SIM_NETWORK_WORLD_H_
