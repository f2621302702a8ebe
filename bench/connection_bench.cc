// What connections cost: a frame there and back, many frames one way, a handshake, and a small
// world from its first line to its last.
#include <memory>
#include <utility>
#include <vector>

#include "absl/time/time.h"
#include "benchmark/benchmark.h"
#include "sim/network.h"
#include "sim/node.h"
#include "sim/simulation.h"

namespace norn::sim {
namespace {

// A handler that does one thing with a frame.
struct Peer : SocketHandler {
  void OnFrame(Frame frame) override {
    ++received;
    if (left > 0) {
      --left;
      frame.size = size;
      socket->Send(std::move(frame));
    }
  }
  void OnClosed(CloseReason) override {}
  std::unique_ptr<Socket> socket;
  int64_t size = 200;
  int64_t left = 0;  // frames it still answers
  int64_t received = 0;
};

struct Pair {
  explicit Pair(NetworkOptions options = {})
      : sim({}), network(sim, options), c(sim, "c"), s(sim, "s") {
    for (Node* node : {&c, &s}) {
      node->SetBoot([](Node&) { return std::make_unique<Process>(); });
      node->Start();
    }
    network.Listen(s, 9092, [this](std::unique_ptr<Socket> socket) {
      server.socket = std::move(socket);
      server.socket->SetHandler(&server);
    });
  }
  void Connect() {
    client.socket = network.Connect(c, s, 9092, &client);
    sim.RunUntilIdle();
  }
  void Send() {
    Frame frame;
    frame.size = client.size;
    client.socket->Send(std::move(frame));
  }

  Peer client, server;
  Simulation sim;
  Network network;
  Node c, s;
};

// One frame under way at any time. Items are frames.
void BM_ConnectionPingPong(benchmark::State& state) {
  Pair pair;
  pair.Connect();
  for (auto _ : state) {
    pair.client.left = 500;
    pair.server.left = 500;
    pair.Send();
    pair.sim.RunUntilIdle();
  }
  state.SetItemsProcessed(pair.client.received + pair.server.received);
}
BENCHMARK(BM_ConnectionPingPong);

// A burst of frames of the given size. Items are frames.
void OneWay(benchmark::State& state, NetworkOptions options) {
  Pair pair(options);
  pair.Connect();
  pair.client.size = state.range(0);
  for (auto _ : state) {
    for (int i = 0; i < 50; ++i) pair.Send();
    pair.sim.RunUntilIdle();
  }
  state.SetItemsProcessed(pair.server.received);
}
void BM_ConnectionOneWay(benchmark::State& state) { OneWay(state, {}); }
BENCHMARK(BM_ConnectionOneWay)->Arg(200)->Arg(16'384)->Arg(1 << 20);

// The same with a latency that is drawn, a bandwidth and loss: three reasons to look closer.
void BM_ConnectionOneWayLossy(benchmark::State& state) {
  NetworkOptions options;
  options.link.latency.mean_extra = absl::Microseconds(100);
  options.link.bytes_per_second = 1'000'000'000;
  options.link.loss = Probability::PerMillion(1000);
  OneWay(state, options);
}
BENCHMARK(BM_ConnectionOneWayLossy)->Arg(200)->Arg(16'384);

// Handshake, and both ends closed.
void BM_ConnectAndClose(benchmark::State& state) {
  Pair pair;
  for (auto _ : state) {
    pair.Connect();
    pair.client.socket.reset();
    pair.sim.RunUntilIdle();
  }
  state.SetItemsProcessed(state.iterations());
}
BENCHMARK(BM_ConnectAndClose);

// A world of `brokers` and a client, each connected to each, one frame to every broker and its
// answer.
void BM_SmallWorld(benchmark::State& state) {
  const auto brokers = static_cast<size_t>(state.range(0));
  for (auto _ : state) {
    Simulation sim({});
    Network network(sim, {});
    std::vector<std::unique_ptr<Node>> nodes;
    std::vector<std::unique_ptr<Peer>> peers;
    const auto accept = [&peers](std::unique_ptr<Socket> socket) {
      peers.push_back(std::make_unique<Peer>());
      peers.back()->left = 1;
      peers.back()->socket = std::move(socket);
      peers.back()->socket->SetHandler(peers.back().get());
    };
    for (size_t i = 0; i <= brokers; ++i) {
      nodes.push_back(std::make_unique<Node>(sim, "b1"));
      nodes.back()->SetBoot([](Node&) { return std::make_unique<Process>(); });
      nodes.back()->Start();
      network.Listen(*nodes.back(), 9092, accept);
    }
    for (size_t i = 0; i < brokers; ++i) {
      auto peer = std::make_unique<Peer>();
      peer->socket = network.Connect(*nodes.back(), *nodes[i], 9092, peer.get());
      Frame frame;
      frame.size = 200;
      peer->socket->Send(std::move(frame));
      peers.push_back(std::move(peer));
    }
    sim.RunUntilIdle();
    benchmark::DoNotOptimize(sim.run_digest());
    peers.clear();
  }
  state.SetItemsProcessed(state.iterations());
}
BENCHMARK(BM_SmallWorld)->Arg(1)->Arg(3);

}  // namespace
}  // namespace norn::sim
