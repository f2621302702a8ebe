// A broker's life as the controller sees it: registration, heartbeats, the metadata it reads, and
// the ISRs it asks for (Kafka's BrokerLifecycleManager and AlterPartitionManager).
//
// A broker that starts registers, reads the metadata log up to its registration, and asks to be
// unfenced; only then do clients find it. What is read is published to the broker a moment later,
// and to each broker at a moment of its own (MetadataLoader): whoever has heard of a new leader may
// find that the leader has not. As in Kafka there are three connections: metadata is fetched on
// one, registration and heartbeats have one, and changes of ISRs.
#ifndef NORN_MODEL_BROKER_CONTROLLER_LINK_H_
#define NORN_MODEL_BROKER_CONTROLLER_LINK_H_

#include <cstdint>
#include <deque>
#include <vector>

#include "absl/time/time.h"
#include "model/broker/controller_channel.h"
#include "model/ids.h"
#include "model/metadata/controller_messages.h"
#include "model/metadata/metadata_image.h"
#include "sim/network.h"
#include "sim/node.h"
#include "sim/random.h"
#include "sim/time.h"
#include "sim/timer.h"

namespace norn::model {

class ControllerLink final : private ControllerChannel::Owner {
 public:
  class Owner {
   public:
    virtual void OnMetadata(const std::vector<MetadataRecord>& records) = 0;
    // It may serve clients.
    virtual void OnUnfenced() = 0;
    virtual void OnAltered(const AlterPartitionAnswer::Partition& answer) = 0;
    virtual void OnMayShutDown() = 0;

   protected:
    ~Owner() = default;
  };
  struct Options {
    BrokerId broker;
    sim::Node* controller = nullptr;
    uint16_t port = 0;
    absl::Duration heartbeat_interval;
    absl::Duration session_timeout;
    absl::Duration metadata_publish;  // CostModel's
    // Of the life before, if that ended in order; else -1.
    int64_t previous_epoch = -1;
    // The cluster runs already, and this broker is in it: no registration. -1: it has to register.
    int64_t running_epoch = -1;
  };
  // `image` is what OnMetadata has applied.
  ControllerLink(sim::Node& node, sim::Network& network, const MetadataImage* image, Owner* owner,
                 Options options);

  int64_t broker_epoch() const { return broker_epoch_; }
  bool running() const { return state_ == State::kRunning; }
  // At once if no other such request is under way; else with the next.
  void Alter(AlterPartition::Partition partition);
  // Leadership goes elsewhere; OnMayShutDown is called when it has.
  void ShutDown();

 private:
  enum class State : uint8_t { kRegistering, kCatchingUp, kUnfencing, kRunning, kShuttingDown };
  struct Tick {
    ControllerLink* link;
    void (ControllerLink::*what)();
    void operator()() const { (link->*what)(); }
  };

  void OnReady(ControllerChannel& channel) override;
  void OnAnswer(ControllerChannel& channel, const ControllerAnswer& answer) override;
  void OnLost(ControllerChannel& channel) override;

  void Register();
  void Beat();
  void Fetch();
  void SendAlterations();
  void OnRegistered(const ControllerAnswer& answer);
  void OnBeat(const ControllerAnswer& answer);
  void OnAltered(const ControllerAnswer& answer);
  void OnFetched(const FetchedMetadata& fetched);
  void Publish();
  // How far the log has been read.
  int64_t fetched_end() const { return fetched_.empty() ? image_->end() : fetched_.back().end; }

  // Read, and to be published then.
  struct Fetched {
    sim::Time at;
    std::vector<MetadataRecord> records;
    int64_t end;
  };

  sim::Simulation* sim_;
  const MetadataImage* image_;
  Owner* owner_;
  Options options_;
  State state_;
  int64_t broker_epoch_;
  int64_t registered_at_ = 0;  // how far the log must be read to know of the registration
  bool beats_again_ = false;   // once the heartbeat that is under way was answered
  bool beat_due_ = false;      // as soon as there is a connection
  bool told_to_wait_ = false;  // when it first asked to be let go
  std::deque<Fetched> fetched_;
  sim::Stream publish_lag_;
  sim::Stream register_backoff_;
  int64_t registrations_refused_ = 0;
  std::vector<AlterPartition::Partition> wanted_;  // not asked for yet
  std::vector<AlterPartition::Partition> asked_;   // under way
  sim::Timer<Tick> beat_;
  sim::Timer<Tick> register_;
  sim::Timer<Tick> publish_;
  ControllerChannel log_;
  ControllerChannel heartbeats_;
  ControllerChannel alterations_;
};

}  // namespace norn::model

#endif  // NORN_MODEL_BROKER_CONTROLLER_LINK_H_
