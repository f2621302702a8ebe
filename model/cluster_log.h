// What happened among brokers, kept as an observer beside the cluster would keep it: what each
// broker told of each partition whenever that changed, when brokers began to listen and ended, and
// what they said to each other and to the controller.
//
// Kept only where the wire log is (ClusterOptions::keep_wire). It listens and sends nothing itself.
//
// Example:
//   for (const ClusterLog::Sight& sight : cluster.log().sights())
//     if (sight.broker == BrokerId(2)) ... sight.at ... sight.state.leader ...
#ifndef NORN_MODEL_CLUSTER_LOG_H_
#define NORN_MODEL_CLUSTER_LOG_H_

#include <cstdint>
#include <map>
#include <utility>
#include <vector>

#include "model/broker/cluster_view.h"
#include "model/ids.h"
#include "model/metadata/metadata_image.h"
#include "model/metadata/partition_state.h"
#include "sim/network.h"
#include "sim/simulation.h"

namespace norn::model {

class ClusterLog {
 public:
  // From this instant on the broker's Metadata says so.
  struct Sight {
    sim::Time at;
    BrokerId broker;
    int32_t topic = 0;
    PartitionIndex partition;
    PartitionState state;
    // Of the replica that leads by then; none if it could not be asked.
    Offset high_watermark;
    Offset log_end;
  };
  struct Life {
    enum class Event : uint8_t { kListens, kGone };  // kGone: after SIGTERM
    sim::Time at;
    BrokerId broker;
    Event event = Event::kListens;
  };
  // A request as it reached its receiver, or an answer as it was sent.
  struct Talk {
    enum class Kind : uint8_t { kHeartbeat, kAlterPartition, kFetch };
    // Of a Fetch, what it says of one partition.
    struct Part {
      int32_t topic = 0;
      PartitionIndex partition;
      Offset offset;          // a request's
      int64_t bytes = 0;      // an answer's records
      Offset high_watermark;  // an answer's
    };
    sim::Time at;
    Kind kind = Kind::kHeartbeat;
    bool is_request = false;
    BrokerId from;  // whoever asks
    BrokerId to;    // none: the controller
    int32_t max_bytes = 0;
    std::vector<Part> parts;
  };

  // Both outlive this.
  ClusterLog(const sim::Simulation& sim, const ClusterView& view) : sim_(sim), view_(view) {}

  const std::vector<Sight>& sights() const { return sights_; }
  const std::vector<Life>& lives() const { return lives_; }
  const std::vector<Talk>& talks() const { return talks_; }

  // Whether `broker` told something else of the partition before.
  bool IsNew(BrokerId broker, int32_t topic, PartitionIndex partition,
             const PartitionState& state) const;
  void Add(Sight sight) { sights_.push_back(std::move(sight)); }
  void Add(BrokerId broker, Life::Event event) { lives_.push_back({sim_.Now(), broker, event}); }
  // The broker can be asked in its `life`.
  void Listens(BrokerId broker, uint32_t life);

  // A frame between brokers (`from` asks), or between one and the controller (`to` is none), at the
  // instant that counts for it.
  void OnFrame(const sim::Message* message, BrokerId from, BrokerId to);

 private:
  const sim::Simulation& sim_;
  const ClusterView& view_;
  std::vector<Sight> sights_;
  std::vector<Life> lives_;
  std::map<BrokerId, uint32_t> listened_;  // in which life it was first seen to listen
  std::vector<Talk> talks_;
};

}  // namespace norn::model

#endif  // NORN_MODEL_CLUSTER_LOG_H_
