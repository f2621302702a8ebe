// One of a broker's connections to the controller: connects, and connects again after a back-off;
// carries one request at a time, and gives the connection up when one is not answered in time.
//
// A process that stood still finds that its request is overdue before it reads what lies in its
// socket (the signal that wakes it ends the wait for the socket with nothing read; here, what came
// due while a node was paused goes first), so that the answer goes with the connection. Timed in
// six resumes after 6 s: the connection of the metadata fetch was given up 2 to 7 ms after the
// process went on, and the fetch on a new one left at 73 to 84 ms.
#ifndef NORN_MODEL_BROKER_CONTROLLER_CHANNEL_H_
#define NORN_MODEL_BROKER_CONTROLLER_CHANNEL_H_

#include <cstdint>
#include <memory>
#include <string>
#include <utility>

#include "absl/time/time.h"
#include "model/client/backoff.h"
#include "model/ids.h"
#include "model/metadata/controller_messages.h"
#include "sim/network.h"
#include "sim/node.h"
#include "sim/random.h"
#include "sim/timer.h"

namespace norn::model {

class ControllerChannel final : private sim::SocketHandler {
 public:
  class Owner {
   public:
    // It is connected, and nothing is under way.
    virtual void OnReady(ControllerChannel& channel) = 0;
    virtual void OnAnswer(ControllerChannel& channel, const ControllerAnswer& answer) = 0;
    // What was under way, if anything was, will not be answered.
    virtual void OnLost(ControllerChannel& channel) = 0;

   protected:
    ~Owner() = default;
  };
  struct Options {
    std::string name;  // Kafka's, for its stream
    BrokerId broker;
    sim::Node* controller = nullptr;
    uint16_t port = 0;
    absl::Duration request_timeout;
    Backoff reconnect;
    // It looks whether it may connect again each so often; zero: as soon as it may.
    absl::Duration retry_step;
  };
  ControllerChannel(sim::Node& node, sim::Network& network, Owner* owner, Options options);

  void Connect();
  bool connected() const { return connected_; }
  bool busy() const { return !correlation_.is_none(); }
  // REQUIRES: connected(), not busy().
  template <class Body>
  void Send(Body body) {
    auto request = std::make_unique<ControllerRequest>();
    request->body = std::move(body);
    SendRequest(std::move(request));
  }

 private:
  struct Tick {
    ControllerChannel* channel;
    void (ControllerChannel::*what)();
    void operator()() const { (channel->*what)(); }
  };

  void OnConnected() override;
  void OnConnectFailed(sim::ConnectError) override { Lost(); }
  void OnFrame(sim::Frame frame) override;
  void OnClosed(sim::CloseReason) override { Lost(); }

  void SendRequest(std::unique_ptr<ControllerRequest> request);
  // The connection, or the request that is under way, takes too long.
  void TimedOut();
  void Lost();
  absl::Duration ReconnectDelay();

  sim::Simulation* sim_;
  sim::Node* node_;
  sim::Network* network_;
  Owner* owner_;
  Options options_;
  sim::Stream reconnect_stream_;
  sim::Stream handshake_stream_;
  sim::Stream setup_stream_;
  std::unique_ptr<sim::Socket> socket_;
  bool connected_ = false;
  int64_t attempts_ = 0;  // since it was connected last
  int64_t draws_ = 0;
  int32_t next_correlation_ = 0;
  CorrelationId correlation_;  // of the request under way
  sim::Timer<Tick> connect_;
  sim::Timer<Tick> watch_;
};

}  // namespace norn::model

#endif  // NORN_MODEL_BROKER_CONTROLLER_CHANNEL_H_
