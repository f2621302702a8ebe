// What every client stands on, and the words for the state of its connections.
#ifndef NORN_MODEL_CLIENT_CONTEXT_H_
#define NORN_MODEL_CLIENT_CONTEXT_H_

#include <cstdint>
#include <functional>
#include <string_view>

#include "absl/time/time.h"
#include "model/broker_address.h"
#include "model/defects.h"
#include "model/faults.h"
#include "model/wall_clock.h"
#include "sim/network.h"
#include "sim/node.h"
#include "sim/simulation.h"

namespace norn::model {

struct ClientContext {
  sim::Simulation* sim;
  sim::Node* node;

  // What this machine's clocks show. Instants of the one do not compare with those of the other.
  sim::Time Wall() const { return node->clock().Wall(sim->Now()); }
  sim::Time Monotonic() const { return node->clock().Monotonic(sim->Now()); }
  // When to look again: whoever waits for `shown` computes now how long that is, and then waits.
  sim::Time WhenWall(sim::Time shown) const {
    return node->clock().WhenWallShows(shown, sim->Now());
  }
  sim::Time WhenMonotonic(sim::Time shown) const {
    return node->clock().WhenMonotonicShows(shown, sim->Now());
  }
  sim::Network* network;
  Faults* faults;
  // Which machine a broker's address is; null: no such host.
  std::function<sim::Node*(const BrokerAddress&)> resolve;
  // What compression leaves of a topic's data, in millionths (compressed_size.h); empty: nothing is
  // known, and nothing becomes smaller.
  std::function<int32_t(std::string_view topic)> compression_ratio;
  // Virtual time a client spends on one request before its bytes leave.
  absl::Duration request_cost;
  Defects defects = {};
};

enum class ConnectionState : uint8_t { kDisconnected, kConnecting, kCheckingApiVersions, kReady };
constexpr std::string_view Name(ConnectionState state) {
  constexpr std::string_view kNames[] = {"DISCONNECTED", "CONNECTING", "CHECKING_API_VERSIONS",
                                         "READY"};
  return kNames[static_cast<int>(state)];
}

}  // namespace norn::model

#endif  // NORN_MODEL_CLIENT_CONTEXT_H_
