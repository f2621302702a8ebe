// One life of a broker: serves requests for the partitions it leads.
//
// A connection is muted from the moment a request was read until its answer was sent: one request
// at a time per connection, in order. A request that was read is carried out even if its connection
// ends meanwhile; only the answer has nowhere to go.
//
// A handler runs to completion; what has to wait (the disk, a fetch for data) waits as data.
#ifndef NORN_MODEL_BROKER_BROKER_H_
#define NORN_MODEL_BROKER_BROKER_H_

#include <cstdint>
#include <deque>
#include <list>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "model/broker/cluster_view.h"
#include "model/broker/cost_model.h"
#include "model/broker/partition_log.h"
#include "model/config/broker_config.h"
#include "model/envelope.h"
#include "model/faults.h"
#include "sim/disk.h"
#include "sim/network.h"
#include "sim/node.h"

namespace norn::model {

class Broker final : public sim::Process {
 public:
  struct Options {
    BrokerId id;
    uint16_t port = 9092;
    BrokerConfig config;
    CostModel costs;
  };
  Broker(sim::Node& node, sim::Network& network, sim::Disk& disk, Faults& faults, ClusterView& view,
         Options options);
  ~Broker() override;

  BrokerId id() const { return options_.id; }
  // Null if this broker does not lead it.
  PartitionLog* FindLog(std::string_view topic, PartitionIndex partition);
  // Requests that were read and not answered.
  int64_t requests_in_progress() const { return requests_in_progress_; }

 private:
  class Channel;
  struct ParkedFetch;
  struct Led {
    Uuid topic;
    PartitionIndex partition;
    std::unique_ptr<PartitionLog> log;
  };
  struct Answer {
    uint64_t channel;
    Api api;
    int16_t version;
    CorrelationId correlation;
  };

  void Accept(std::unique_ptr<sim::Socket> socket);
  void OnRequest(Channel& channel, std::unique_ptr<RequestEnvelope> request, int64_t size);
  void OnChannelClosed(Channel& channel);
  Channel* FindChannel(uint64_t id);
  // After its CPU time: does what it asks.
  void Handle(uint64_t channel, std::unique_ptr<RequestEnvelope> request);
  wire::MetadataResponse OnMetadata(const wire::MetadataRequest& request) const;
  wire::InitProducerIdResponse OnInitProducerId();
  wire::ListOffsetsResponse OnListOffsets(const wire::ListOffsetsRequest& request);
  void OnProduce(Answer answer, const wire::ProduceRequest& request);
  void OnFetch(Answer answer, wire::FetchRequest request);
  // The answer as of now, and how many bytes of records it has; true if it must not wait.
  bool ReadForFetch(const wire::FetchRequest& request, wire::FetchResponse* response,
                    int64_t* bytes);
  void FinishFetch(std::list<ParkedFetch>::iterator parked);
  void WakeFetches();
  void Respond(const Answer& answer, wire::ResponseBody body);
  void Unmute(uint64_t channel);
  void Lead(const ClusterView::Topic& topic, PartitionIndex partition);
  Led* FindLed(const Uuid& topic, PartitionIndex partition);
  FaultSite Site(CutPoint point, uint64_t connection, Api api, CorrelationId correlation) const;
  void FlushOldLogs();
  void CloseIdle();

  sim::Node* node_;
  sim::Simulation* sim_;
  sim::Network* network_;
  sim::Disk* disk_;
  Faults* faults_;
  ClusterView* view_;
  Options options_;
  std::vector<sim::Time> io_threads_;  // until when each is busy
  std::vector<Led> led_;
  std::vector<std::unique_ptr<Channel>> channels_;
  std::list<ParkedFetch> parked_fetches_;
  int64_t requests_in_progress_ = 0;
  int64_t next_producer_id_ = 0;
  int64_t producer_ids_left_ = 0;
  sim::TimerId idle_timer_;
};

}  // namespace norn::model

#endif  // NORN_MODEL_BROKER_BROKER_H_
