// Where a record is between send() and the log: with its producer, in a request on the wire, in a
// broker's request queue. It is read from the wire log and from what brokers note in the trace.
//
// Example:
//   Journey journey(cluster);
//   cluster.RunUntil([&] { return journey.Of(id).queued; }, absl::Seconds(1));
#ifndef NORN_SCENARIOS_STAGE_JOURNEY_H_
#define NORN_SCENARIOS_STAGE_JOURNEY_H_

#include <cstdint>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "model/cluster.h"
#include "sim/trace.h"

namespace norn::scenarios {

class Journey {
 public:
  // REQUIRES: the cluster keeps its wire log, and its whole trace; it outlives this.
  explicit Journey(model::Cluster& cluster) : cluster_(cluster) {}

  struct Where {
    bool in_flight = false;  // in a request that may still be answered; else with the producer
    int32_t attempt = 0;     // requests that have carried it
    bool queued = false;     // a broker has read the request, and has not begun on it
    std::string broker;      // whose queue
  };
  // As of now. All false for a record that was never sent.
  Where Of(model::RecordId id);

 private:
  using Request = std::pair<uint64_t, int32_t>;  // connection and correlation
  struct Track {
    int32_t attempt = 0;
    Request last;  // that carried it
  };

  void Update();
  void See(const model::WireLog::Frame& frame);
  void See(const sim::TraceEntry& entry);
  bool IsConnected(uint64_t connection) const;

  model::Cluster& cluster_;
  size_t frames_seen_ = 0;
  size_t entries_seen_ = 0;
  std::vector<Track> tracks_;         // by record
  std::map<Request, bool> answered_;  // Produce requests
  // What each broker has read and not begun on: one request per connection.
  std::map<uint64_t, std::pair<Request, std::string>> queued_;
};

}  // namespace norn::scenarios

#endif  // NORN_SCENARIOS_STAGE_JOURNEY_H_
