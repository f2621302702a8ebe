#include "model/broker/controller_link.h"

#include <algorithm>
#include <utility>

#include "model/error.h"

namespace norn::model {
namespace {

constexpr sim::Label kBeatLabel{"controller: heartbeat"};
constexpr sim::Label kRegisterLabel{"controller: register again"};
constexpr sim::Label kPublishLabel{"metadata published"};

// BrokerLifecycleManager: a refused registration is tried again after 100 x 2^n ms +-2 %, a session
// at most; once the first heartbeat that asks to be let go was answered the next one goes soon.
constexpr int64_t kRegisterBackoffMs = 100;
constexpr int32_t kRegisterJitterPercent = 2;
constexpr absl::Duration kAskedToBeLetGo = absl::Milliseconds(50);

// KafkaRaftClient: controller.quorum.request.timeout.ms, quorum.retry.backoff.ms.
ControllerChannel::Options Log() {
  ControllerChannel::Options options;
  options.name = "raft";
  options.request_timeout = absl::Seconds(2);
  options.reconnect = {50, 500};
  options.retry_step = absl::Milliseconds(20);
  return options;
}

// NodeToControllerChannelManager: controller.socket.timeout.ms, for heartbeats half a session if
// that is less.
ControllerChannel::Options Requests(std::string name, absl::Duration patience) {
  ControllerChannel::Options options;
  options.name = std::move(name);
  options.request_timeout = std::min(absl::Seconds(30), patience);
  options.reconnect = {50, 50};
  return options;
}

ControllerChannel::Options To(const ControllerLink::Options& link,
                              ControllerChannel::Options channel) {
  channel.broker = link.broker;
  channel.controller = link.controller;
  channel.port = link.port;
  return channel;
}

}  // namespace

ControllerLink::ControllerLink(sim::Node& node, sim::Network& network, const MetadataImage* image,
                               Owner* owner, Options options)
    : sim_(&node.sim()),
      image_(image),
      owner_(owner),
      options_(std::move(options)),
      state_(options_.running_epoch >= 0 ? State::kRunning : State::kRegistering),
      broker_epoch_(options_.running_epoch),
      publish_lag_(sim_->chance().Resolve("broker/" + node.name() + "/metadata-publish")),
      register_backoff_(sim_->chance().Resolve("broker/" + node.name() + "/register-backoff")),
      beat_(*sim_, kBeatLabel, Tick{this, &ControllerLink::Beat}),
      register_(*sim_, kRegisterLabel, Tick{this, &ControllerLink::Register}),
      publish_(*sim_, kPublishLabel, Tick{this, &ControllerLink::Publish}),
      log_(node, network, this, To(options_, Log())),
      heartbeats_(node, network, this,
                  To(options_, Requests("heartbeat", options_.session_timeout / 2))),
      alterations_(node, network, this,
                   To(options_, Requests("alter-partition", absl::InfiniteDuration()))) {
  if (state_ == State::kRunning) {
    // Where between two heartbeats the run begins is anybody's guess.
    sim::Chance& chance = sim_->chance();
    const sim::Stream stream = chance.Resolve("broker/" + node.name() + "/heartbeat-phase");
    const int64_t interval = absl::ToInt64Nanoseconds(options_.heartbeat_interval);
    const int64_t phase = chance.UniformNanos(stream, sim::Key(0), 0, interval);
    beat_.SetAfter(absl::Nanoseconds(phase));
  }
  log_.Connect();
  heartbeats_.Connect();
  alterations_.Connect();
}

void ControllerLink::OnReady(ControllerChannel& channel) {
  if (&channel == &log_) return Fetch();
  if (&channel == &alterations_) return SendAlterations();
  if (state_ == State::kRegistering) return Register();
  if (beat_due_ || !beat_.pending()) Beat();
}

void ControllerLink::OnLost(ControllerChannel& channel) {
  // The same again; what was asked may have been granted all the same, and is refused then.
  if (&channel == &alterations_) {
    wanted_.insert(wanted_.begin(), asked_.begin(), asked_.end());
    asked_.clear();
  } else if (&channel == &heartbeats_ && state_ != State::kRegistering) {
    // NodeToControllerRequestThread puts it first in its queue.
    beat_due_ = true;
  }
}

void ControllerLink::Register() {
  if (!heartbeats_.connected() || heartbeats_.busy()) return;
  heartbeats_.Send(RegisterBroker{options_.previous_epoch});
}

void ControllerLink::Beat() {
  beat_.SetAfter(options_.heartbeat_interval);
  if (heartbeats_.busy()) return;
  beat_due_ = !heartbeats_.connected();
  if (beat_due_) return;
  BrokerHeartbeat heartbeat;
  heartbeat.broker_epoch = broker_epoch_;
  heartbeat.metadata_offset = image_->end();
  heartbeat.want_fence = state_ == State::kCatchingUp;
  heartbeat.want_shut_down = state_ == State::kShuttingDown;
  heartbeats_.Send(heartbeat);
}

void ControllerLink::Fetch() { log_.Send(FetchMetadata{fetched_end()}); }

void ControllerLink::Alter(AlterPartition::Partition partition) {
  wanted_.push_back(std::move(partition));
  SendAlterations();
}

void ControllerLink::SendAlterations() {
  if (!alterations_.connected() || alterations_.busy() || wanted_.empty()) return;
  asked_ = std::exchange(wanted_, {});
  AlterPartition request;
  request.broker_epoch = broker_epoch_;
  request.partitions = asked_;
  alterations_.Send(std::move(request));
}

void ControllerLink::ShutDown() {
  state_ = State::kShuttingDown;
  // Behind a heartbeat that is under way the next one goes at once, not after its interval
  // (BrokerLifecycleManager's nextSchedulingShouldBeImmediate).
  beats_again_ = heartbeats_.busy();
  Beat();
}

void ControllerLink::OnAnswer(ControllerChannel& channel, const ControllerAnswer& answer) {
  if (&channel == &log_) return OnFetched(std::get<FetchedMetadata>(answer.body));
  if (&channel == &alterations_) return OnAltered(answer);
  if (state_ == State::kRegistering) return OnRegistered(answer);
  OnBeat(answer);
}

void ControllerLink::OnRegistered(const ControllerAnswer& answer) {
  if (answer.error != Error::kNone) {
    const Backoff backoff{kRegisterBackoffMs, absl::ToInt64Milliseconds(options_.session_timeout),
                          kRegisterJitterPercent};
    const int64_t refused = registrations_refused_++;
    return register_.SetAfter(
        backoff.After(refused, sim_->chance(), register_backoff_, sim::Key(refused)));
  }
  const auto& told = std::get<BrokerRegistered>(answer.body);
  broker_epoch_ = told.broker_epoch;
  registered_at_ = told.metadata_offset;
  state_ = image_->end() >= registered_at_ ? State::kUnfencing : State::kCatchingUp;
  Beat();
}

void ControllerLink::OnAltered(const ControllerAnswer& answer) {
  const std::vector<AlterPartition::Partition> asked = std::exchange(asked_, {});
  const auto& told = std::get<AlterPartitionAnswer>(answer.body);
  if (answer.error != Error::kNone) {
    // This broker is not who the controller takes it for: nothing it asks is granted.
    for (const auto& partition : asked)
      owner_->OnAltered({partition.topic, partition.partition, answer.error, {}});
  }
  for (const auto& partition : told.partitions) owner_->OnAltered(partition);
  SendAlterations();
}

void ControllerLink::OnBeat(const ControllerAnswer& answer) {
  if (answer.error != Error::kNone) return;
  const auto& told = std::get<BrokerHeartbeatAnswer>(answer.body);
  if (beats_again_) {
    beats_again_ = false;
    return Beat();
  }
  if (state_ == State::kUnfencing && !told.is_fenced) {
    state_ = State::kRunning;
    owner_->OnUnfenced();
  } else if (state_ == State::kShuttingDown) {
    if (told.should_shut_down) return owner_->OnMayShutDown();
    if (!std::exchange(told_to_wait_, true)) beat_.SetAfter(kAskedToBeLetGo);
  }
}

void ControllerLink::OnFetched(const FetchedMetadata& fetched) {
  if (fetched.offset == fetched_end() && !fetched.records.empty()) {
    const int64_t shortest = absl::ToInt64Nanoseconds(options_.metadata_publish);
    const sim::Key key(fetched.offset);
    const int64_t lag = shortest == 0 ? 0
                                      : sim_->chance().UniformNanos(publish_lag_, key, shortest,
                                                                    shortest + shortest / 2);
    sim::Time at = sim_->Now().PlusNanos(lag);
    // In their order.
    if (!fetched_.empty()) at = std::max(at, fetched_.back().at);
    const int64_t end = fetched.offset + static_cast<int64_t>(fetched.records.size());
    fetched_.push_back({at, fetched.records, end});
    publish_.Set(fetched_.front().at);
  }
  Fetch();
}

void ControllerLink::Publish() {
  while (!fetched_.empty() && fetched_.front().at <= sim_->Now()) {
    const std::vector<MetadataRecord> records = std::move(fetched_.front().records);
    fetched_.pop_front();
    owner_->OnMetadata(records);
  }
  if (!fetched_.empty()) publish_.Set(fetched_.front().at);
  if (state_ == State::kCatchingUp && image_->end() >= registered_at_) {
    state_ = State::kUnfencing;
    Beat();
  }
}

}  // namespace norn::model
