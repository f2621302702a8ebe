#include "model/broker/controller_channel.h"

#include <string_view>

#include "sim/check.h"

namespace norn::model {
namespace {

constexpr sim::Label kConnect{"controller: connect"};
constexpr sim::Label kWatch{"controller: request timeout"};

// socket.connection.setup.timeout.ms and its maximum.
constexpr Backoff kSetupTimeout{10'000, 30'000};
// What it takes until the first request is on a new connection that replaces a lost one: threads
// that hand over to each other, and the exchange of ApiVersions (not sent here).
constexpr int64_t kHandshakeMin = 12'000'000;
constexpr int64_t kHandshakeMax = 20'000'000;

sim::Stream StreamOf(const sim::Node& node, const ControllerChannel::Options& options,
                     std::string_view what) {
  return node.sim().chance().Resolve("broker/" + node.name() + "/controller/" + options.name + "/" +
                                     std::string(what));
}

}  // namespace

ControllerChannel::ControllerChannel(sim::Node& node, sim::Network& network, Owner* owner,
                                     Options options)
    : sim_(&node.sim()),
      node_(&node),
      network_(&network),
      owner_(owner),
      options_(std::move(options)),
      reconnect_stream_(StreamOf(node, options_, "reconnect")),
      handshake_stream_(StreamOf(node, options_, "handshake")),
      setup_stream_(StreamOf(node, options_, "setup-timeout")),
      connect_(*sim_, kConnect, Tick{this, &ControllerChannel::Connect}),
      watch_(*sim_, kWatch, Tick{this, &ControllerChannel::TimedOut}) {}

void ControllerChannel::Connect() {
  if (socket_ != nullptr) return;
  connected_ = false;
  socket_ = network_->Connect(*node_, *options_.controller, options_.port, this);
  const sim::Key key(draws_++);
  watch_.SetAfter(kSetupTimeout.After(attempts_, sim_->chance(), setup_stream_, key));
}

void ControllerChannel::OnConnected() {
  connected_ = true;
  attempts_ = 0;
  watch_.Cancel();
  owner_->OnReady(*this);
}

absl::Duration ControllerChannel::ReconnectDelay() {
  const sim::Key key(draws_++);
  sim::Chance& chance = sim_->chance();
  absl::Duration delay = options_.reconnect.After(attempts_, chance, reconnect_stream_, key);
  // Each step takes a little longer than its time, so that one that ends with the back-off is late.
  if (options_.retry_step > absl::ZeroDuration())
    delay = absl::Ceil(delay + absl::Milliseconds(1), options_.retry_step);
  const int64_t handshake =
      chance.UniformNanos(handshake_stream_, key, kHandshakeMin, kHandshakeMax);
  return delay + absl::Nanoseconds(handshake);
}

void ControllerChannel::Lost() {
  socket_.reset();
  connected_ = false;
  correlation_ = CorrelationId();
  watch_.Cancel();
  const absl::Duration delay = ReconnectDelay();
  ++attempts_;
  connect_.SetAfter(delay);
  owner_->OnLost(*this);
}

void ControllerChannel::TimedOut() {
  socket_->Close();
  Lost();
}

void ControllerChannel::SendRequest(std::unique_ptr<ControllerRequest> request) {
  NORN_CHECK(connected_);
  NORN_CHECK(!busy());
  request->broker = options_.broker;
  request->correlation = CorrelationId(next_correlation_++);
  correlation_ = request->correlation;
  watch_.SetAfter(options_.request_timeout);
  sim::Frame frame;
  frame.size = SizeOf(*request);
  frame.message = std::move(request);
  socket_->Send(std::move(frame));
}

void ControllerChannel::OnFrame(sim::Frame frame) {
  const auto& answer = static_cast<const ControllerAnswer&>(*frame.message);
  if (answer.correlation != correlation_) return;
  correlation_ = CorrelationId();
  watch_.Cancel();
  owner_->OnAnswer(*this, answer);
}

}  // namespace norn::model
