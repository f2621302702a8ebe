#include "model/broker/controller_link.h"

#include <algorithm>
#include <utility>

#include "model/error.h"

namespace norn::model {
namespace {

constexpr sim::Label kConnect{"controller: connect"};
constexpr sim::Label kBeatLabel{"controller: heartbeat"};
constexpr sim::Label kRegisterLabel{"controller: register again"};
constexpr sim::Label kWatchLabel{"controller: request timeout"};
constexpr sim::Label kPublishLabel{"metadata published"};

// How soon a refused registration is tried again.
constexpr absl::Duration kRegisterBackoff = absl::Milliseconds(100);

}  // namespace

ControllerLink::ControllerLink(sim::Node& node, sim::Network& network, const MetadataImage* image,
                               Owner* owner, Options options)
    : sim_(&node.sim()),
      node_(&node),
      network_(&network),
      image_(image),
      owner_(owner),
      options_(std::move(options)),
      state_(options_.running_epoch >= 0 ? State::kRunning : State::kRegistering),
      broker_epoch_(options_.running_epoch),
      publish_lag_(sim_->chance().Resolve("broker/" + node.name() + "/metadata-publish")),
      connect_(*sim_, kConnect, Tick{this, &ControllerLink::Connect}),
      beat_(*sim_, kBeatLabel, Tick{this, &ControllerLink::Beat}),
      register_(*sim_, kRegisterLabel, Tick{this, &ControllerLink::Register}),
      watch_(*sim_, kWatchLabel, Tick{this, &ControllerLink::Watch}),
      publish_(*sim_, kPublishLabel, Tick{this, &ControllerLink::Publish}) {
  if (state_ == State::kRunning) {
    // Where between two heartbeats the run begins is anybody's guess.
    sim::Chance& chance = sim_->chance();
    const sim::Stream stream = chance.Resolve("broker/" + node.name() + "/heartbeat-phase");
    const int64_t interval = absl::ToInt64Nanoseconds(options_.heartbeat_interval);
    const int64_t phase = chance.UniformNanos(stream, sim::Key(0), 0, interval);
    beat_.SetAfter(absl::Nanoseconds(phase));
  }
  Connect();
}

void ControllerLink::Connect() {
  if (socket_ != nullptr) return;
  connected_ = false;
  socket_ = network_->Connect(*node_, *options_.controller, options_.port, this);
  watch_.SetAfter(kRequestTimeout);
}

void ControllerLink::OnConnected() {
  connected_ = true;
  watch_.Cancel();
  Fetch();
  if (state_ == State::kRegistering) Register();
  if (state_ != State::kRegistering && state_ != State::kCatchingUp && !beat_.pending()) Beat();
  SendAlterations();
}

// Nothing that is under way will be answered.
void ControllerLink::Lost() {
  socket_.reset();
  connected_ = false;
  outstanding_.fill({});
  watch_.Cancel();
  // The same again; what was asked may have been granted all the same, and is refused then.
  wanted_.insert(wanted_.begin(), asked_.begin(), asked_.end());
  asked_.clear();
  connect_.SetAfter(kReconnectBackoff);
}

void ControllerLink::Watch() {
  if (!connected_) return Lost();
  sim::Time oldest = sim::Time::Max();
  for (const Outstanding& request : outstanding_)
    if (!request.correlation.is_none()) oldest = std::min(oldest, request.since);
  if (oldest == sim::Time::Max()) return;
  if (sim_->Now() - oldest < kRequestTimeout) return watch_.Set(oldest + kRequestTimeout);
  socket_->Close();
  Lost();
}

template <class Body>
void ControllerLink::Send(Kind kind, Body body) {
  auto request = std::make_unique<ControllerRequest>();
  request->broker = options_.broker;
  request->correlation = CorrelationId(next_correlation_++);
  request->body = std::move(body);
  outstanding_[kind] = {request->correlation, sim_->Now()};
  watch_.SetNoLaterThan(sim_->Now() + kRequestTimeout);
  sim::Frame frame;
  frame.size = SizeOf(*request);
  frame.message = std::move(request);
  socket_->Send(std::move(frame));
}

void ControllerLink::Register() {
  if (!connected_ || !outstanding_[kRegister].correlation.is_none()) return;
  Send(kRegister, RegisterBroker{options_.previous_epoch});
}

void ControllerLink::Beat() {
  beat_.SetAfter(options_.heartbeat_interval);
  if (!connected_ || !outstanding_[kHeartbeat].correlation.is_none()) return;
  BrokerHeartbeat heartbeat;
  heartbeat.broker_epoch = broker_epoch_;
  heartbeat.metadata_offset = image_->end();
  heartbeat.want_fence = state_ == State::kCatchingUp;
  heartbeat.want_shut_down = state_ == State::kShuttingDown;
  Send(kHeartbeat, heartbeat);
}

void ControllerLink::Fetch() { Send(kFetch, FetchMetadata{fetched_end()}); }

void ControllerLink::Alter(AlterPartition::Partition partition) {
  wanted_.push_back(std::move(partition));
  SendAlterations();
}

void ControllerLink::SendAlterations() {
  if (!connected_ || wanted_.empty() || !outstanding_[kAlter].correlation.is_none()) return;
  asked_ = std::exchange(wanted_, {});
  AlterPartition request;
  request.broker_epoch = broker_epoch_;
  request.partitions = asked_;
  Send(kAlter, std::move(request));
}

void ControllerLink::ShutDown() {
  state_ = State::kShuttingDown;
  // Behind a heartbeat that is under way the next one goes at once, not after its interval
  // (BrokerLifecycleManager's nextSchedulingShouldBeImmediate).
  beats_again_ = !outstanding_[kHeartbeat].correlation.is_none();
  Beat();
}

void ControllerLink::OnFrame(sim::Frame frame) {
  const auto& answer = static_cast<const ControllerAnswer&>(*frame.message);
  size_t kind = 0;
  while (kind < kKinds && outstanding_[kind].correlation != answer.correlation) ++kind;
  if (kind == kKinds) return;
  outstanding_[kind] = {};
  switch (kind) {
    case kRegister: {
      if (answer.error != Error::kNone) return register_.SetAfter(kRegisterBackoff);
      const auto& told = std::get<BrokerRegistered>(answer.body);
      broker_epoch_ = told.broker_epoch;
      registered_at_ = told.metadata_offset;
      state_ = image_->end() >= registered_at_ ? State::kUnfencing : State::kCatchingUp;
      return Beat();
    }
    case kHeartbeat:
      return OnBeat(answer);
    case kAlter: {
      const std::vector<AlterPartition::Partition> asked = std::exchange(asked_, {});
      const auto& told = std::get<AlterPartitionAnswer>(answer.body);
      if (answer.error != Error::kNone) {
        // This broker is not who the controller takes it for: nothing it asks is granted.
        for (const auto& partition : asked)
          owner_->OnAltered({partition.topic, partition.partition, answer.error, {}});
      }
      for (const auto& partition : told.partitions) owner_->OnAltered(partition);
      return SendAlterations();
    }
    default:
      return OnFetched(std::get<FetchedMetadata>(answer.body));
  }
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
  } else if (state_ == State::kShuttingDown && told.should_shut_down) {
    owner_->OnMayShutDown();
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
  if (connected_) Fetch();
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
    if (connected_) Beat();
  }
}

}  // namespace norn::model
