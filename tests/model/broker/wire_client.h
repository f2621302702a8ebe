// A client that says what a test wants it to say, in whatever version, and keeps what it is told:
// what brokers answer to each kind of client, without the client.
//
// Example:
//   WireClient client(cluster, "norn");
//   const ResponseEnvelope& answer = client.Ask(Api::kMetadata, 4, request);
//   EXPECT_EQ(SizeOf(answer), 178);
#ifndef NORN_TESTS_MODEL_BROKER_WIRE_CLIENT_H_
#define NORN_TESTS_MODEL_BROKER_WIRE_CLIENT_H_

#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/time/time.h"
#include "model/cluster.h"
#include "model/envelope.h"
#include "sim/check.h"
#include "sim/network.h"
#include "sim/node.h"

namespace norn::model {

class WireClient final : public sim::SocketHandler {
 public:
  WireClient(Cluster& cluster, std::string client_id, int32_t broker = 1)
      : cluster_(cluster), client_id_(std::move(client_id)), node_(cluster.sim(), "wire") {
    node_.SetBoot([](sim::Node&) { return std::make_unique<sim::Process>(); });
    node_.Start();
    const uint16_t port = cluster.view().brokers[static_cast<size_t>(broker - 1)].address.port;
    socket_ = cluster.network().Connect(node_, cluster.broker(broker), port, this);
    cluster.RunFor(absl::Milliseconds(10));
  }

  void Send(Api api, int16_t version, wire::RequestBody body, FrameDamage damage = {}) {
    auto request = std::make_unique<RequestEnvelope>();
    request->api = api;
    request->version = version;
    request->correlation = CorrelationId(next_correlation_++);
    request->client_id = client_id_;
    request->body = std::move(body);
    request->damage = damage;
    last_request_bytes_ = SizeOf(*request);
    sim::Frame frame;
    frame.size = last_request_bytes_;
    frame.message = std::move(request);
    socket_->Send(std::move(frame));
  }

  // The answer to it. REQUIRES: one comes within a second.
  const ResponseEnvelope& Ask(Api api, int16_t version, wire::RequestBody body) {
    const size_t before = answers_.size();
    Send(api, version, std::move(body));
    cluster_.RunUntil([&] { return answers_.size() > before || closed_; }, absl::Seconds(1));
    NORN_CHECK(answers_.size() > before) << "no answer to " << wire::Name(api) << " v" << version;
    return *answers_.back();
  }
  template <class M>
  const M& AskFor(Api api, int16_t version, wire::RequestBody body) {
    return std::get<M>(Ask(api, version, std::move(body)).body);
  }

  int64_t last_request_bytes() const { return last_request_bytes_; }
  const std::vector<std::unique_ptr<ResponseEnvelope>>& answers() const { return answers_; }
  const std::vector<sim::Time>& answered_at() const { return answered_at_; }
  bool closed() const { return closed_; }

  void OnFrame(sim::Frame frame) override {
    answers_.emplace_back(static_cast<ResponseEnvelope*>(frame.message.release()));
    answered_at_.push_back(cluster_.Now());
  }
  void OnClosed(sim::CloseReason) override { closed_ = true; }

 private:
  Cluster& cluster_;
  std::string client_id_;
  sim::Node node_;
  std::unique_ptr<sim::Socket> socket_;
  int32_t next_correlation_ = 1;
  int64_t last_request_bytes_ = 0;
  std::vector<std::unique_ptr<ResponseEnvelope>> answers_;
  std::vector<sim::Time> answered_at_;
  bool closed_ = false;
};

}  // namespace norn::model

#endif  // NORN_TESTS_MODEL_BROKER_WIRE_CLIENT_H_
