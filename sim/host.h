// A node as the network knows it: who listens there, the links that leave it, and what is wrong
// with it. It tells the network when the node dies, wakes up or goes.
#ifndef NORN_SIM_HOST_H_
#define NORN_SIM_HOST_H_

#include <cstdint>
#include <memory>
#include <utility>
#include <vector>

#include "sim/link.h"
#include "sim/network.h"
#include "sim/node.h"
#include "sim/ref.h"

namespace norn::sim {

struct Listener : RefCounted {
  uint16_t port;
  uint32_t owner;  // the life of the process that listens
  Network::Acceptor acceptor;
  SocketOptions options;
};

class Host final : public NodeObserver {
 public:
  Host(Network* network, const Node* host_node) : node(host_node), network_(network) {}

  bool powered() const { return node != nullptr && node->powered(); }
  bool running() const { return node != nullptr && node->running(); }
  // Null if nobody takes connections to `port` now.
  Listener* ListenerAt(uint16_t port) const {
    if (node == nullptr || !node->alive() || refuses) return nullptr;
    for (const Ref<Listener>& listener : listeners)
      if (listener->port == port && listener->owner == node->owner()) return listener.get();
    return nullptr;
  }

  const Node* node;  // null once it is destroyed
  uint32_t index = 0;
  bool vanishes = false;             // whatever it sends or should receive
  bool refuses = false;              // new connections
  std::vector<const Node*> refused;  // new connections of these
  bool loses_connects = false;       // handshakes vanish
  std::vector<Ref<Listener>> listeners;
  std::vector<std::unique_ptr<Link>> links;  // by index of the host they lead to; null: never used

 private:
  void OnKilled() override { network_->OnKilled(*this); }
  void OnPowerLost() override { network_->OnPowerLost(*this); }
  void OnResumed() override { network_->OnResumed(*this); }
  void OnDestroyed() override {
    network_->OnPowerLost(*this);
    node = nullptr;
    listeners.clear();
  }

  Network* network_;
};

}  // namespace norn::sim

#endif  // NORN_SIM_HOST_H_
