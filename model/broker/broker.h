// One life of a broker: serves requests for the partitions it leads, and follows the leaders of
// those it has a replica of.
//
// What it knows of the cluster is what it has read of the metadata log. A cluster without a
// controller has nothing to read: who leads is as the topics say, for ever.
//
// A connection is muted from the moment a request was read until its answer was sent: one request
// at a time per connection, in order. A request that was read is carried out even if its connection
// ends meanwhile; only the answer has nowhere to go.
//
// The first write or sync that fails takes the log directory offline: from then on whatever is
// asked of a log is answered with KAFKA_STORAGE_ERROR, and a moment later the broker halts.
//
// A handler runs to completion; what has to wait (the disk, a fetch for data, a produce for its
// followers) waits as data.
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

#include "absl/functional/any_invocable.h"
#include "model/broker/channel.h"
#include "model/broker/cluster_view.h"
#include "model/broker/controller_link.h"
#include "model/broker/cost_model.h"
#include "model/broker/fetch_sessions.h"
#include "model/broker/offset_checkpoint.h"
#include "model/broker/partition_log.h"
#include "model/broker/quota.h"
#include "model/broker/replica.h"
#include "model/broker/replica_fetcher.h"
#include "model/config/broker_config.h"
#include "model/envelope.h"
#include "model/faults.h"
#include "model/metadata/metadata_image.h"
#include "sim/disk.h"
#include "sim/network.h"
#include "sim/node.h"
#include "sim/timer.h"

namespace norn::model {

class Broker final : public sim::Process,
                     private Channel::Owner,
                     private ControllerLink::Owner,
                     private sim::Disk::ErrorObserver {
 public:
  struct Options {
    BrokerId id;
    uint16_t port = 9092;
    BrokerConfig config;
    CostModel costs;
    Defects defects;
    // The machine of the controller; null: there is none, and no replication.
    sim::Node* controller = nullptr;
    uint16_t controller_port = 0;
    // What it knows from the start. A broker that `is_running` is part of the cluster already; one
    // that is not has to register first.
    MetadataImage image;
    bool is_running = true;
    std::function<sim::Node*(BrokerId)> machine_of;
    // What it tells clients of the cluster may have changed. Empty: nobody looks.
    std::function<void(const Broker&)> on_metadata;
  };
  Broker(sim::Node& node, sim::Network& network, sim::Disk& disk, Faults& faults, ClusterView& view,
         Options options);
  ~Broker() override;

  BrokerId id() const { return options_.id; }
  // Null if this broker has none.
  const Replica* FindReplica(std::string_view topic, PartitionIndex partition) const;
  const MetadataImage& image() const { return image_; }
  // Requests that were read and not answered.
  int64_t requests_in_progress() const { return requests_in_progress_; }

  // For a cluster without a controller: a topic that is new in the view.
  void OnTopicCreated(int32_t topic);
  // Ends in order (SIGTERM): leadership goes elsewhere first, then `done` is called.
  void ShutDown(absl::AnyInvocable<void()> done);

 private:
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
  // A produce with acks=all whose records are not committed yet.
  struct ParkedProduce {
    struct Wait {
      Replica* replica;
      Offset required;
      size_t topic;      // in the response
      size_t partition;  // there
      bool over = false;
    };
    Work work;
    wire::ProduceResponse response;
    std::vector<Wait> waits;
    sim::Time written;  // the answer is not earlier than this
    sim::TimerId timer;
  };
  struct Tick {
    Broker* broker;
    void (Broker::*what)();
    void operator()() const { (broker->*what)(); }
  };

  // --- broker.cc: connections, and what is common to all requests.
  void BeginInTheMiddle();
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
  Replica* FindReplica(const Uuid& topic, PartitionIndex partition) const;
  // The partition that a request means, by its topic's id or, in older versions, its name; or why
  // nobody leads it here.
  Error Find(bool by_id, const TopicName& name, const Uuid& id, PartitionIndex partition,
             Replica** found);
  // FENCED_LEADER_EPOCH or UNKNOWN_LEADER_EPOCH if whoever asks knows of another epoch.
  static Error CheckEpoch(LeaderEpoch known, const Replica& replica);
  // Who leads it instead (KIP-951).
  wire::LeaderIdAndEpoch LeaderOf(bool by_id, const TopicName& name, const Uuid& id,
                                  PartitionIndex partition,
                                  std::vector<wire::NodeEndpoint>* endpoints) const;
  // Null if this broker has not heard of it.
  const ClusterView::Topic* FindTopic(bool by_id, const TopicName& name, const Uuid& id) const;
  int32_t NumberOf(const ClusterView::Topic& topic) const {
    return static_cast<int32_t>(&topic - view_->topics.data());
  }

  // --- broker_lookups.cc: what any broker knows.
  wire::MetadataResponse OnMetadata(const wire::MetadataRequest& request) const;
  wire::MetadataResponse::Topic Tell(const ClusterView::Topic& topic) const;
  wire::InitProducerIdResponse OnInitProducerId();
  wire::ListOffsetsResponse OnListOffsets(const wire::ListOffsetsRequest& request);
  wire::OffsetForLeaderEpochResponse OnOffsetForLeaderEpoch(
      const wire::OffsetForLeaderEpochRequest& request);

  // --- broker_produce.cc
  void OnProduce(Work work);
  // What the answer says of one partition; when its bytes are written, and which log must be
  // flushed before.
  wire::ProduceResponse::Partition Append(const Work& work,
                                          const wire::ProduceRequest::Topic& topic,
                                          const wire::ProduceRequest::Partition& sent,
                                          sim::Time* written,
                                          std::vector<PartitionLog*>* flush_first,
                                          std::vector<ParkedProduce::Wait>* waits,
                                          std::vector<wire::NodeEndpoint>* endpoints);
  // Answers what is committed, or will never be; `replica`: only what waits for it.
  void CheckProduces(const Replica& replica);
  void TimeOutProduce(std::list<ParkedProduce>::iterator parked);
  void FinishProduce(std::list<ParkedProduce>::iterator parked);
  // At `at`, or now if that is over.
  void RespondAt(sim::Time at, Work work, wire::ProduceResponse response);

  // --- broker_fetch.cc
  void OnFetch(Work work);
  // Answers with what there is.
  void Fetch(Work work, const FetchSessions::Context& context);
  // Enough to read, or an error to tell: it must not wait.
  bool IsReady(const RequestEnvelope& request, const FetchSessions::Context& context);
  // Why nothing can be read there.
  Error Check(bool by_id, const FetchSessions::Wanted& wanted, Replica** replica);
  void FinishFetch(std::list<ParkedFetch>::iterator parked);
  // Those that wait for something of `replica`.
  void WakeFetches(const Replica& replica);
  // A follower says how far it is.
  void NoteFollower(const wire::FetchRequest& request, const FetchSessions::Context& context);

  // --- broker_replication.cc
  void OnMetadata(const std::vector<MetadataRecord>& records) override;
  void OnUnfenced() override { Listen(); }
  void OnAltered(const AlterPartitionAnswer::Partition& answer) override;
  void OnMayShutDown() override;
  void Listen();
  void ShowMetadata() const {
    if (listens_ && options_.on_metadata) options_.on_metadata(*this);
  }
  // -1 if the life before did not end in order.
  int64_t TakeCleanShutdownEpoch();
  void Host(int32_t topic, PartitionIndex partition, const PartitionState& state);
  // Fetches from whoever leads it now, or from nobody.
  void Follow(Replica& replica);
  void Ask(std::optional<AlterPartition::Partition> change);
  // Followers that lag leave the ISR.
  void CheckIsrs();
  void CheckpointHighWatermarks();
  void CheckpointRecoveryPoints();
  void SaveRecoveryPoints();
  void OnHighWatermark(const Replica& replica);

  // --- broker_log_dir.cc
  void OnDiskError(const std::string& file, sim::DiskError error) override;
  bool HasRoomToStart();
  void Halt();

  // What a broker that ended in order leaves behind for its next life (KIP-966).
  static constexpr const char* kCleanShutdown = ".kafka_cleanshutdown";

  sim::Node* node_;
  sim::Simulation* sim_;
  sim::Network* network_;
  sim::Disk* disk_;
  Faults* faults_;
  ClusterView* view_;
  Options options_;
  std::vector<sim::Time> io_threads_;  // until when each is busy
  MetadataImage image_;
  std::vector<std::unique_ptr<Replica>> replicas_;
  std::unique_ptr<ControllerLink> link_;
  std::vector<std::unique_ptr<ReplicaFetcher>> fetchers_;
  absl::Duration fetcher_start_;  // none for those that follow from the beginning
  std::list<ParkedProduce> parked_produces_;
  sim::Timer<Tick> isr_check_;
  sim::Timer<Tick> high_watermark_checkpoint_;
  sim::Timer<Tick> recovery_point_checkpoint_;
  bool ended_in_order_ = false;  // the life before
  bool log_dir_offline_ = false;
  absl::AnyInvocable<void()> shut_down_;
  std::vector<std::unique_ptr<Channel>> channels_;
  std::list<ParkedFetch> parked_fetches_;
  FetchSessions fetch_sessions_;
  std::map<std::string, ByteRate, std::less<>> produce_rates_;  // by client id
  int64_t requests_in_progress_ = 0;
  int64_t next_producer_id_ = 0;
  int64_t producer_ids_left_ = 0;
  bool flushes_by_time_ = false;
  bool listens_ = false;
  sim::TimerId idle_timer_;
};

}  // namespace norn::model

#endif  // NORN_MODEL_BROKER_BROKER_H_
