// What went over the wires between clients and brokers, frame by frame, as a proxy at each broker's
// port would see it: requests in the order in which they reached the port, answers as they left it.
//
// Kept only when asked for (ClusterOptions::keep_wire); then it listens on the network and sends
// nothing itself, so that a run is the same with it and without.
//
// Example:
//   Cluster cluster({.topics = {{"t"}}, .keep_wire = true});
//   ...
//   for (const WireLog::Frame* frame : cluster.wire().AtThePort())
//     if (frame->is_request && frame->api == Api::kProduce) ... frame->batches[0].sequence ...
#ifndef NORN_MODEL_WIRE_LOG_H_
#define NORN_MODEL_WIRE_LOG_H_

#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <tuple>
#include <utility>
#include <vector>

#include "model/broker/cluster_view.h"
#include "model/cluster_log.h"
#include "model/envelope.h"
#include "model/error.h"
#include "model/faults.h"
#include "model/ids.h"
#include "sim/network.h"
#include "sim/simulation.h"

namespace norn::model {

class WireLog : public sim::NetworkTap {
 public:
  // One batch in a Produce request.
  struct Batch {
    std::string topic;
    PartitionIndex partition;
    int32_t records = 0;
    Sequence sequence;    // none without idempotence
    ProducerEpoch epoch;  // the same
    ProducerId producer_id;
    int64_t bytes = 0;
    std::vector<RecordId> ids;
  };
  // One partition in the answer to it.
  struct Answer {
    std::string topic;
    PartitionIndex partition;
    Error error = Error::kNone;
    Offset base_offset;
    bool names_leader = false;  // it says who leads instead (KIP-951)
  };
  struct Frame {
    sim::Time sent;                   // given to its socket
    sim::Time at = sim::Time::Max();  // passed the broker's port; Max(): it has not, or never will
    bool is_request = false;
    uint64_t connection = 0;
    std::string client;
    BrokerId broker;
    Api api = Api::kApiVersions;
    int16_t version = 0;
    CorrelationId correlation;
    int64_t bytes = 0;
    // What a fault did to it: "drop", "rst", "delay", "cut", ...; empty: nothing.
    std::string_view act;
    std::vector<Batch> batches;  // of a Produce request
    std::vector<Answer> answers;
    int32_t throttle_ms = 0;  // of an answer that has it
  };
  // A handshake that reached a broker's machine.
  struct Connect {
    sim::Time at;
    uint64_t connection = 0;
    std::string client;
    BrokerId broker;
    bool taken = false;  // else refused
  };

  using BrokerOf = std::function<BrokerId(const sim::Node&)>;
  // All outlive this. `broker_of` says which broker a machine is; none: it is a client, or the
  // controller. What brokers say goes into `cluster_log`.
  WireLog(const sim::Simulation& sim, const ClusterView& view, BrokerOf broker_of,
          ClusterLog* cluster_log)
      : sim_(sim), view_(view), broker_of_(std::move(broker_of)), cluster_log_(cluster_log) {}

  // As they were given to sockets. References stay valid.
  const std::deque<Frame>& frames() const { return frames_; }
  // Those that passed a broker's port, in that order.
  std::vector<const Frame*> AtThePort() const;
  size_t passed() const { return passed_.size(); }
  const std::deque<Connect>& connects() const { return connects_; }

  // A fault struck: tells the frame it was meant for, if it was meant for one.
  void OnStrike(const Fault& fault, const FaultSite& site);

  void OnSent(const Passing& passing) override;
  void OnArrived(const Passing& passing) override;
  void OnConnect(uint64_t connection, const sim::Node& from, const sim::Node& to,
                 bool taken) override;
  void OnClosed(uint64_t connection, const sim::Node& by) override;

 private:
  // Connection, correlation, whether it is a request.
  using Key = std::tuple<uint64_t, int32_t, bool>;

  // Clients alone are of interest here: what is not between one and a broker goes elsewhere.
  bool IsAmongBrokers(const Passing& passing, bool sent) const;
  void AddBatches(const wire::ProduceRequest& request, Frame& frame) const;
  void AddAnswers(const ResponseEnvelope& response, Frame& frame) const;

  const sim::Simulation& sim_;
  const ClusterView& view_;
  const BrokerOf broker_of_;
  ClusterLog* const cluster_log_;
  std::deque<Frame> frames_;
  std::vector<size_t> passed_;              // the port, in that order
  std::map<Key, size_t> places_;            // the last of its key
  std::map<Key, std::string_view> struck_;  // before they were sent
  std::deque<Connect> connects_;
  // Those that their client closed: a proxy closes its way to the broker then, and what the broker
  // still answers nobody sees.
  std::set<uint64_t> left_;
};

// What a proxy's log calls it: "rst", "drop", "delay", "cut". Empty for what is not done to a
// frame.
std::string_view ActOf(FaultAction action);

}  // namespace norn::model

#endif  // NORN_MODEL_WIRE_LOG_H_
