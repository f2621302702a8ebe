// Who leads a partition and where that broker listens: what an error of leadership carries, so that
// a client need not ask for metadata first (KIP-951). Sent as tagged fields, and only with such an
// error.
#ifndef NORN_MODEL_WIRE_LEADER_H_
#define NORN_MODEL_WIRE_LEADER_H_

#include <cstdint>
#include <optional>
#include <string>

#include "model/ids.h"
#include "model/wire/reading.h"

namespace norn::model::wire {

struct LeaderIdAndEpoch {
  BrokerId leader_id = {};
  LeaderEpoch leader_epoch = {};

  template <class Self, class V>
  static void Describe(Self& m, V& v) {
    v.Field("LeaderId", m.leader_id);
    v.Field("LeaderEpoch", m.leader_epoch);
  }
  friend bool operator==(const LeaderIdAndEpoch&, const LeaderIdAndEpoch&) = default;
};

struct NodeEndpoint {
  BrokerId node_id = BrokerId(0);
  std::string host = {};
  int32_t port = 0;
  std::optional<std::string> rack = {};

  template <class Self, class V>
  static void Describe(Self& m, V& v) {
    v.Field("NodeId", m.node_id);
    v.Field("Host", m.host);
    v.Field("Port", m.port);
    v.Field("Rack", m.rack);
  }
  friend bool operator==(const NodeEndpoint&, const NodeEndpoint&) = default;
};

}  // namespace norn::model::wire

#endif  // NORN_MODEL_WIRE_LEADER_H_
