// Everything that can happen to connections, at random, and what holds nevertheless:
//   (1) what arrives of a stream is a prefix of what was sent, in order, each frame once;
//   (2) after the end of a connection, its handler hears nothing;
//   (3) once all is well again, what is still connected at both ends has arrived as a whole;
//   (4) a connection is forgotten when neither end has it any more;
//   (5) the same seed gives the same run.
#include <algorithm>
#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/time/time.h"
#include "gtest/gtest.h"
#include "sim/network.h"
#include "sim/node.h"
#include "sim/random.h"
#include "sim/simulation.h"

namespace norn::sim {
namespace {

struct Number : Message {
  explicit Number(int64_t number) : n(number) {}
  int64_t n;
};

class Storm {
 public:
  Storm(uint64_t seed, bool shuffle)
      : nagle_(seed % 2 == 0),
        sim_({.seed = seed, .shuffle_ties = shuffle}),
        network_(sim_, Options()),
        choices_(sim_.chance().Resolve("test/storm")) {
    for (int i = 0; i < 3; ++i) {
      nodes_.push_back(std::make_unique<Node>(sim_, "n" + std::to_string(i)));
      nodes_.back()->SetBoot([this](Node& node) {
        network_.Listen(node, 1,
                        [this](std::unique_ptr<Socket> socket) { Accept(std::move(socket)); },
                        {.send_buffer = 3000, .receive_buffer = 5000, .nagle = nagle_});
        return std::make_unique<Process>();
      });
      nodes_.back()->Start();
    }
  }

  void Run() {
    for (int step = 0; step < 400; ++step) {
      Act();
      // Mostly within a way or two, now and then for a retransmission, seldom until somebody gives
      // up.
      const int64_t pace = Pick(100);
      const int64_t most = pace == 0 ? 1'500'000'000 : pace < 10 ? 2'000'000 : 500;
      sim_.RunFor(absl::Microseconds(Pick(most)));
    }
    // All is well again.
    quiet_ = true;
    network_.Heal();
    for (auto& node : nodes_) {
      node->Resume();
      node->Start();
    }
    sim_.RunFor(absl::ZeroDuration());
    for (auto& end : ends_) end->socket->ResumeReading();
    sim_.RunUntilIdle();
    // Half-open connections come to light when somebody speaks.
    for (auto& end : ends_) end->Send(100);
    sim_.RunUntilIdle();

    std::map<uint64_t, std::vector<End*>> connected;
    for (auto& end : ends_)
      if (end->socket->connected()) connected[end->socket->id()].push_back(end.get());
    size_t listed = 0;
    for (const auto& info : network_.Connections()) {
      ++listed;
      if (silenced_.contains(info.id)) continue;
      ASSERT_EQ(connected[info.id].size(), 2u) << "connection " << info.id;
      for (End* end : connected[info.id]) {
        EXPECT_TRUE(end->socket->everything_written());
        const End* const other = connected[info.id][connected[info.id].front() == end ? 1 : 0];
        EXPECT_EQ(end->sent, other->received) << "connection " << info.id;
      }
    }
    EXPECT_GE(listed, connected.size());
    for (auto& end : ends_) end->socket->Close();
    sim_.RunUntilIdle();
    EXPECT_TRUE(network_.Connections().empty());
    EXPECT_EQ(sim_.pending_events(), 0u);
  }

  uint64_t digest() const { return sim_.run_digest(); }

  int64_t frames = 0;
  std::map<std::string, int> seen;  // how often each thing happened

 private:
  struct End : SocketHandler {
    End(Storm* s, bool c) : storm(s), connecting(c) {}
    void Check() {
      EXPECT_FALSE(ended);
      EXPECT_TRUE(socket->local().running());
      EXPECT_EQ(storm->sim_.current_owner(), owner);
    }
    void OnConnected() override {
      Check();
      EXPECT_TRUE(std::exchange(connecting, false));
      ++storm->seen["connected"];
    }
    void OnConnectFailed(ConnectError error) override {
      Check();
      EXPECT_TRUE(connecting);
      ended = true;
      ++storm->seen[Name(error)];
    }
    void OnFrame(Frame frame) override {
      Check();
      EXPECT_FALSE(connecting);
      EXPECT_EQ(static_cast<const Number&>(*frame.message).n, received++);
      ++storm->frames;
      if (!storm->quiet_ && storm->Pick(20) == 0) storm->MisbehaveIn(*this);
    }
    void OnWritten(uint64_t frame) override {
      Check();
      EXPECT_GT(static_cast<int64_t>(frame), written);
      written = static_cast<int64_t>(frame);
      ++storm->seen["written"];
    }
    void OnClosed(CloseReason reason) override {
      Check();
      EXPECT_FALSE(connecting);
      ended = true;
      EXPECT_FALSE(socket->connected());
      ++storm->seen[Name(reason)];
    }
    void Send(int64_t size) {
      Frame frame;
      frame.size = size;
      frame.message = std::make_unique<Number>(sent);
      if (!storm->quiet_ && storm->Pick(30) == 0) frame.extra_delay = absl::Milliseconds(3);
      const bool tell = storm->Pick(4) == 0;
      socket->Send(std::move(frame), tell);
      ++sent;
    }
    Storm* storm;
    bool connecting;
    bool ended = false;
    uint32_t owner = 0;
    int64_t sent = 0;
    int64_t received = 0;
    int64_t written = -1;
    std::unique_ptr<Socket> socket;
  };

  static NetworkOptions Options() {
    NetworkOptions options;
    options.link.latency = {.min = absl::Microseconds(100), .mean_extra = absl::Microseconds(200)};
    options.link.loss = Probability::Percent(1);
    options.link.bytes_per_second = 50'000'000;
    return options;
  }

  int64_t Pick(int64_t n) {
    const uint64_t number = picks_++;
    return static_cast<int64_t>(
        sim_.chance().Uniform(choices_, Key(number), static_cast<uint64_t>(n)));
  }
  Node& PickNode() { return *nodes_[static_cast<size_t>(Pick(3))]; }
  End* PickEnd() {
    if (ends_.empty()) return nullptr;
    const int64_t recent = std::min<int64_t>(static_cast<int64_t>(ends_.size()), 8);
    return ends_[ends_.size() - 1 - static_cast<size_t>(Pick(recent))].get();
  }
  End& NewEnd(bool connecting) {
    ends_.push_back(std::make_unique<End>(this, connecting));
    return *ends_.back();
  }
  void Connect() {
    Node& from = PickNode();
    Node& to = PickNode();
    End& end = NewEnd(true);
    end.socket = network_.Connect(from, to, 1, &end,
                                  {.send_buffer = 4000, .receive_buffer = 2000, .nagle = nagle_});
    end.owner = from.owner();
  }
  void Accept(std::unique_ptr<Socket> socket) {
    End& end = NewEnd(false);
    end.owner = sim_.current_owner();
    end.socket = std::move(socket);
    end.socket->SetHandler(&end);
    ++seen["accepted"];
  }
  void MisbehaveIn(End& end) {
    switch (Pick(8)) {
      case 0:
        return end.socket->Close();
      case 1:
        return end.socket->Reset();
      case 2:
        return end.socket->local().Kill();
      case 3:
        return end.socket->local().LosePower();
      case 4:
        return end.socket->local().Pause();
      case 5:
        return end.socket->PauseReading();
      case 6:
        network_.ResetConnection(end.socket->id());
        return;
      default:
        for (int i = 0; i < 5; ++i) end.Send(1 + Pick(900));
    }
  }
  void Act() {
    End* const end = PickEnd();
    const int64_t what = Pick(40);
    if (what < 4 || end == nullptr) return Connect();
    if (what < 18) {
      for (int64_t i = Pick(6); i >= 0; --i) end->Send(1 + Pick(Pick(8) == 0 ? 20'000 : 800));
      return;
    }
    switch (what) {
      case 18:
      case 19:
        return end->socket->PauseReading();
      case 20:
      case 21:
      case 22:
        return end->socket->ResumeReading();
      case 23:
        return end->socket->Close();
      case 24:
        return end->socket->Reset();
      case 25: {
        Node& node = PickNode();
        node.Kill();
        return node.Start();
      }
      case 26: {
        Node& node = PickNode();
        return Pick(2) == 0 ? node.Kill() : node.LosePower();
      }
      case 27:
        return PickNode().Start();
      case 28:
        return PickNode().Pause();
      case 29:
      case 30:
        return PickNode().Resume();
      case 31: {
        Node& from = PickNode();
        Node& to = PickNode();
        return network_.Cut(from, to);
      }
      case 32:
        return network_.BlackHole(PickNode());
      case 33:
        return Pick(2) == 0 ? network_.Refuse(PickNode()) : network_.BlackHoleConnects(PickNode());
      case 34: {
        const int64_t more = Pick(3000);
        for (const auto& info : network_.Connections()) {
          if (info.id != end->socket->id()) continue;
          const bool silence = Pick(3) == 0;
          if (silence) silenced_[info.id] = true;
          network_.CutAfter(info.id, *info.client, info.bytes_from_client + more,
                            silence ? Network::CutManner::kSilence : Network::CutManner::kReset);
        }
        return;
      }
      case 35:
        network_.Forget(end->socket->id(), end->socket->local());
        return;
      case 36:
        network_.ResetConnection(end->socket->id());
        return;
      default:
        network_.Heal();
        return PickNode().Start();
    }
  }

  const bool nagle_;  // of all sockets
  Simulation sim_;
  std::deque<std::unique_ptr<End>> ends_;
  Network network_;
  std::vector<std::unique_ptr<Node>> nodes_;
  Stream choices_;
  uint64_t picks_ = 0;
  bool quiet_ = false;
  std::map<uint64_t, bool> silenced_;
};

TEST(NetworkRandomTest, WhateverHappens) {
  int64_t frames = 0;
  std::map<std::string, int> seen;
  for (uint64_t seed = 1; seed <= 150; ++seed) {
    for (const bool shuffle : {false, true}) {
      SCOPED_TRACE("seed " + std::to_string(seed) + (shuffle ? ", ties shuffled" : ""));
      uint64_t digests[2];
      for (uint64_t& digest : digests) {
        Storm storm(seed, shuffle);
        storm.Run();
        digest = storm.digest();
        frames += storm.frames;
        for (const auto& [what, count] : storm.seen) seen[what] += count;
        if (testing::Test::HasFailure()) return;
      }
      ASSERT_EQ(digests[0], digests[1]);
    }
  }
  EXPECT_GT(frames, 10'000);
  for (const char* what :
       {"connected", "accepted", "refused", "timed out", "written", "reset", "closed by peer"}) {
    EXPECT_GT(seen[what], 100) << what;
  }
}

}  // namespace
}  // namespace norn::sim
