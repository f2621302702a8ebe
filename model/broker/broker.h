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
#include <functional>
#include <list>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "model/broker/channel.h"
#include "model/broker/cluster_view.h"
#include "model/broker/cost_model.h"
#include "model/broker/fetch_sessions.h"
#include "model/broker/partition_log.h"
#include "model/broker/quota.h"
#include "model/config/broker_config.h"
#include "model/envelope.h"
#include "model/faults.h"
#include "sim/disk.h"
#include "sim/network.h"
#include "sim/node.h"

namespace norn::model {

class Broker final : public sim::Process, private Channel::Owner {
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

  // Begins to lead what it leads of a topic that is new in the view.
  void OnTopicCreated(const ClusterView::Topic& topic);

 private:
  struct Led {
    Uuid topic;
    PartitionIndex partition;
    std::unique_ptr<PartitionLog> log;
  };
  // A request on its way to its answer.
  struct Work {
    uint64_t channel = 0;
    int64_t bytes = 0;
    std::unique_ptr<RequestEnvelope> request;
  };
  struct ParkedFetch {
    Work work;
    FetchSessions::Context context;
    sim::TimerId timer;
  };

  // --- broker.cc: connections, and what is common to all requests.
  void Accept(std::unique_ptr<sim::Socket> socket);
  void OnRequest(Channel& channel, std::unique_ptr<RequestEnvelope> request,
                 int64_t bytes) override;
  void OnGarbage(Channel& channel) override { CloseChannel(channel); }
  void OnChannelClosed(Channel& channel) override;
  void CloseChannel(Channel& channel);
  Channel* FindChannel(uint64_t id);
  // A box on the way answers: the broker knows nothing of it.
  void AnswerInItsStead(Channel& channel, const RequestEnvelope& request, Error error,
                        absl::Duration after);
  // After its CPU time: does what it asks.
  void Handle(Work work);
  void Respond(Work work, wire::ResponseBody body);
  // How long the quota of whoever sent this wants it to wait, in ms; says so in the answer.
  int64_t Throttle(const Work& work, wire::ResponseBody& body);
  void Unmute(uint64_t channel);
  FaultSite Site(CutPoint point, uint64_t connection, const RequestEnvelope& request);
  void FlushOldLogs();
  void CloseIdle();
  void Lead(const ClusterView::Topic& topic, PartitionIndex partition);
  Led* FindLed(const Uuid& topic, PartitionIndex partition);
  // The partition that a request means, by its topic's id or, in older versions, its name; or why
  // there is none here.
  Error Find(bool by_id, const TopicName& name, const Uuid& id, PartitionIndex partition,
             Led** found);
  // Who leads it instead (KIP-951).
  wire::LeaderIdAndEpoch LeaderOf(bool by_id, const TopicName& name, const Uuid& id,
                                  PartitionIndex partition,
                                  std::vector<wire::NodeEndpoint>* endpoints) const;
  const ClusterView::Topic* FindTopic(bool by_id, const TopicName& name, const Uuid& id) const {
    return by_id ? view_->FindTopic(id) : view_->FindTopic(name.text());
  }

  // --- broker_lookups.cc: what any broker knows.
  wire::MetadataResponse OnMetadata(const wire::MetadataRequest& request) const;
  wire::MetadataResponse::Topic Tell(const ClusterView::Topic& topic) const;
  wire::InitProducerIdResponse OnInitProducerId();
  wire::ListOffsetsResponse OnListOffsets(const wire::ListOffsetsRequest& request);

  // --- broker_produce.cc
  void OnProduce(Work work);
  // What the answer says of one partition; when its bytes are written, and which log must be
  // flushed before.
  wire::ProduceResponse::Partition Append(const Work& work,
                                          const wire::ProduceRequest::Topic& topic,
                                          const wire::ProduceRequest::Partition& sent,
                                          sim::Time* written,
                                          std::vector<PartitionLog*>* flush_first,
                                          std::vector<wire::NodeEndpoint>* endpoints);

  // --- broker_fetch.cc
  void OnFetch(Work work);
  // Answers with what there is.
  void Fetch(Work work, const FetchSessions::Context& context);
  // Enough to read, or an error to tell: it must not wait.
  bool IsReady(const RequestEnvelope& request, const FetchSessions::Context& context);
  void FinishFetch(std::list<ParkedFetch>::iterator parked);
  void WakeFetches();

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
  FetchSessions fetch_sessions_;
  std::map<std::string, ByteRate, std::less<>> produce_rates_;  // by client id
  int64_t requests_in_progress_ = 0;
  int64_t next_producer_id_ = 0;
  int64_t producer_ids_left_ = 0;
  bool flushes_by_time_ = false;
  sim::TimerId idle_timer_;
};

}  // namespace norn::model

#endif  // NORN_MODEL_BROKER_BROKER_H_
