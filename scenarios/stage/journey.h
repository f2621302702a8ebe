// Where a record is between send() and the log, followed through the trace of a run: it is in the
// producer's accumulator, in a request on the wire, in a broker's request queue.
//
// A record whose partition nobody but the partitioner knows is not followed: it is simply under
// way. Neither are others of its topic, because which batch holds which cannot be told any more.
//
// Example:
//   Journey journey(cluster, sends);
//   cluster.RunUntil([&] { return journey.Of(id).queued; }, absl::Seconds(1));
#ifndef NORN_SCENARIOS_STAGE_JOURNEY_H_
#define NORN_SCENARIOS_STAGE_JOURNEY_H_

#include <cstdint>
#include <deque>
#include <map>
#include <set>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include "model/cluster.h"
#include "scenarios/report.h"
#include "scenarios/stage/produce_text.h"
#include "scenarios/stage/sends.h"
#include "sim/trace.h"

namespace norn::scenarios {

class Journey {
 public:
  // REQUIRES: the cluster keeps its whole trace; it outlives this.
  Journey(model::Cluster& cluster, const Sends& sends) : cluster_(cluster), sends_(sends) {}

  struct Where {
    bool followed = false;
    bool in_flight = false;  // in a request that its client has sent; else still with the producer
    int32_t attempt = 0;     // requests that have carried it
    bool queued = false;     // a broker has read the request, and has not begun on it
    std::string broker;      // whose queue
  };
  // As of now. All false for a record that was never sent.
  Where Of(model::RecordId id);

  // What was sent and answered so far.
  const std::vector<RequestReport>& requests();
  const std::vector<AnswerReport>& answers();

 private:
  using Client = uint32_t;  // a life of a client
  struct Batch {
    std::string topic;
    int32_t partition = 0;
    std::vector<model::RecordId> records;
  };
  struct Drained {
    int64_t number;
    int32_t partition;
    int32_t records;
  };
  struct Request {
    Client client;
    std::vector<int64_t> batches;
    std::vector<size_t> reports;  // places in requests_
  };

  void Update();
  void See(const sim::TraceEntry& entry);
  void OnSend(Client client, model::RecordId id);
  void OnRequestSent(const sim::TraceEntry& entry);
  void OnRequestRead(const sim::TraceEntry& entry);
  void LeavesQueue(uint64_t connection);
  // The next `count` records that `client` gave for the partition and that were in no batch yet.
  std::vector<model::RecordId> Take(Client client, const std::string& topic, int32_t partition,
                                    int32_t count);
  std::string TopicName(const std::string& id_or_name) const;
  void OnFault(const std::string& name, uint64_t connection);
  Where& At(model::RecordId id);

  model::Cluster& cluster_;
  const Sends& sends_;
  size_t seen_ = 0;  // entries of the trace
  std::vector<Where> where_;
  std::set<std::pair<Client, std::string>> not_followed_;  // topics
  std::map<std::tuple<Client, std::string, int32_t>, std::deque<model::RecordId>> unbatched_;
  std::map<std::pair<Client, int64_t>, Batch> batches_;
  std::vector<Drained> drained_;  // since the last request
  std::string act_;               // of a fault at the request that is about to be sent
  std::map<std::pair<uint64_t, int64_t>, Request> on_the_way_;  // by connection and correlation
  std::map<uint64_t, Request> queued_;                          // by connection
  std::vector<RequestReport> requests_;
  std::vector<AnswerReport> answers_;
};

}  // namespace norn::scenarios

#endif  // NORN_SCENARIOS_STAGE_JOURNEY_H_
