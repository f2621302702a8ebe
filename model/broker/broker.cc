#include "model/broker/broker.h"

#include <algorithm>
#include <utility>

#include "model/fault_wire.h"
#include "sim/check.h"

namespace norn::model {
namespace {

using sim::Time;

constexpr sim::Label kHandle{"request handled"};
constexpr sim::Label kLogFlush{"log flush task"};
constexpr sim::Label kHighWatermarkCheckpoint{"high watermark checkpoint"};
constexpr sim::Label kRecoveryPointCheckpoint{"recovery point checkpoint"};
constexpr sim::Label kIsrCheck{"isr check"};
constexpr sim::Label kIdle{"connections.max.idle.ms"};
constexpr sim::Label kThrottled{"throttle ends"};
constexpr sim::Label kRequestRead{"request read"};
constexpr sim::Label kAnswerSent{"answer sent"};
constexpr sim::Label kAnsweredInstead{"answered on the way"};
constexpr sim::Label kGarbage{"unreadable request"};
constexpr sim::Label kThrottle{"client throttled"};
constexpr sim::Label kMillis{"ms"};
constexpr sim::Label kConnection{"connection"};
constexpr sim::Label kCorrelation{"correlation"};
constexpr sim::Label kApi{"api"};

// Whether a broker of 4.1 takes that version of a request.
bool Takes(const RequestEnvelope& request) {
  return std::visit(
      [&request](const auto& body) {
        return wire::HasVersion<std::decay_t<decltype(body)>>(request.version);
      },
      request.body);
}

}  // namespace

Broker::Broker(sim::Node& node, sim::Network& network, sim::Disk& disk, Faults& faults,
               ClusterView& view, Options options)
    : node_(&node),
      sim_(&node.sim()),
      network_(&network),
      disk_(&disk),
      faults_(&faults),
      view_(&view),
      options_(std::move(options)),
      io_threads_(static_cast<size_t>(options_.costs.io_threads)),
      isr_check_(*sim_, kIsrCheck, Tick{this, &Broker::CheckIsrs}),
      high_watermark_checkpoint_(*sim_, kHighWatermarkCheckpoint,
                                 Tick{this, &Broker::CheckpointHighWatermarks}),
      recovery_point_checkpoint_(*sim_, kRecoveryPointCheckpoint,
                                 Tick{this, &Broker::CheckpointRecoveryPoints}),
      fetch_sessions_(options_.config.fetch_session_cache_slots) {
  disk_->Watch(static_cast<sim::Disk::ErrorObserver*>(this));
  if (!HasRoomToStart()) return;
  if (options_.controller == nullptr) {
    for (size_t topic = 0; topic < view_->topics.size(); ++topic)
      OnTopicCreated(static_cast<int32_t>(topic));
    Listen();
    return;
  }
  ControllerLink::Options link;
  link.broker = options_.id;
  link.controller = options_.controller;
  link.port = options_.controller_port;
  link.heartbeat_interval = options_.config.heartbeat_interval;
  link.session_timeout = options_.config.session_timeout;
  link.metadata_publish = options_.costs.metadata_publish;
  if (options_.is_running) {
    link.running_epoch = options_.image.broker(options_.id).epoch;
  } else {
    link.previous_epoch = TakeCleanShutdownEpoch();
  }
  link_ = std::make_unique<ControllerLink>(node, network, &image_,
                                           static_cast<ControllerLink::Owner*>(this), link);
  isr_check_.SetAfter(options_.config.replica_lag_time_max / 2);
  high_watermark_checkpoint_.SetAfter(options_.config.replica_high_watermark_checkpoint_interval);
  recovery_point_checkpoint_.SetAfter(options_.config.log_flush_offset_checkpoint_interval);
  if (options_.is_running) BeginInTheMiddle();
  fetcher_start_ = options_.costs.fetcher_start;
}

// Its followers fetch already.
void Broker::BeginInTheMiddle() {
  image_ = options_.image;
  for (size_t t = 0; t < image_.topics().size(); ++t)
    for (size_t p = 0; p < image_.topics()[t].size(); ++p)
      Host(static_cast<int32_t>(t), PartitionIndex(static_cast<int32_t>(p)), image_.topics()[t][p]);
  Listen();
}

Broker::~Broker() { disk_->Unwatch(static_cast<sim::Disk::ErrorObserver*>(this)); }

void Broker::Listen() {
  if (log_dir_offline_) return;
  sim::SocketOptions buffers;
  if (options_.config.socket_send_buffer_bytes > 0)
    buffers.send_buffer = options_.config.socket_send_buffer_bytes;
  if (options_.config.socket_receive_buffer_bytes > 0)
    buffers.receive_buffer = options_.config.socket_receive_buffer_bytes;
  network_->Listen(
      *node_, options_.port,
      [this](std::unique_ptr<sim::Socket> socket) { Accept(std::move(socket)); }, buffers);
  listens_ = true;
  ShowMetadata();
}

void Broker::OnTopicCreated(int32_t topic) {
  if (log_dir_offline_) return;
  const auto& assignment = view_->topics[static_cast<size_t>(topic)].assignment;
  for (size_t p = 0; p < assignment.size(); ++p) {
    PartitionRecord record;
    record.topic = topic;
    record.partition = PartitionIndex(static_cast<int32_t>(p));
    record.state.replicas = record.state.isr = assignment[p];
    record.state.leader = assignment[p].front();
    image_.Apply(record);
    Host(topic, record.partition, record.state);
  }
}

const Replica* Broker::FindReplica(std::string_view topic, PartitionIndex partition) const {
  const ClusterView::Topic* known = view_->FindTopic(topic);
  return known == nullptr ? nullptr : FindReplica(known->id, partition);
}

Replica* Broker::FindReplica(const Uuid& topic, PartitionIndex partition) const {
  for (const auto& replica : replicas_)
    if (replica->partition() == partition && replica->topic() == topic) return replica.get();
  return nullptr;
}

const ClusterView::Topic* Broker::FindTopic(bool by_id, const TopicName& name,
                                            const Uuid& id) const {
  const ClusterView::Topic* topic = by_id ? view_->FindTopic(id) : view_->FindTopic(name.text());
  if (topic == nullptr) return nullptr;
  return image_.Find(NumberOf(*topic), PartitionIndex(0)) == nullptr ? nullptr : topic;
}

Error Broker::Find(bool by_id, const TopicName& name, const Uuid& id, PartitionIndex partition,
                   Replica** found) {
  *found = by_id ? FindReplica(id, partition) : nullptr;
  if (*found == nullptr) {
    const ClusterView::Topic* topic = FindTopic(by_id, name, id);
    if (topic == nullptr) return by_id ? Error::kUnknownTopicId : Error::kUnknownTopicOrPartition;
    if (image_.Find(NumberOf(*topic), partition) == nullptr) return Error::kUnknownTopicOrPartition;
    if (!by_id) *found = FindReplica(topic->id, partition);
  }
  if (__builtin_expect(log_dir_offline_, 0) && *found != nullptr) return Error::kKafkaStorageError;
  return *found != nullptr && (*found)->leads() ? Error::kNone : Error::kNotLeaderOrFollower;
}

Error Broker::CheckEpoch(LeaderEpoch known, const Replica& replica) {
  if (known.is_none() || known == replica.leader_epoch()) return Error::kNone;
  return known < replica.leader_epoch() ? Error::kFencedLeaderEpoch : Error::kUnknownLeaderEpoch;
}

wire::LeaderIdAndEpoch Broker::LeaderOf(bool by_id, const TopicName& name, const Uuid& id,
                                        PartitionIndex partition,
                                        std::vector<wire::NodeEndpoint>* endpoints) const {
  const ClusterView::Topic* topic = FindTopic(by_id, name, id);
  const PartitionState& state = *image_.Find(NumberOf(*topic), partition);
  const bool is_told =
      std::any_of(endpoints->begin(), endpoints->end(),
                  [&state](const auto& told) { return told.node_id == state.leader; });
  for (const ClusterView::Broker& broker : view_->brokers)
    if (broker.id == state.leader && !is_told)
      endpoints->push_back({state.leader, broker.address.host, broker.address.port, {}});
  return {state.leader, state.leader_epoch};
}

FaultSite Broker::Site(CutPoint point, uint64_t connection, const RequestEnvelope& request) {
  FaultSite site;
  site.point = point;
  site.api = request.api;
  site.broker = options_.id;
  site.connection = connection;
  site.request = &request;
  if (Channel* channel = FindChannel(connection)) {
    site.client = channel->client();
    site.between_brokers = channel->between_brokers();
  }
  return site;
}

void Broker::Accept(std::unique_ptr<sim::Socket> socket) {
  channels_.push_back(std::make_unique<Channel>(static_cast<Channel::Owner*>(this),
                                                std::move(socket),
                                                options_.config.socket_request_max_bytes));
  channels_.back()->last_used = sim_->Now();
  if (options_.config.connections_max_idle < absl::InfiniteDuration() &&
      !sim_->IsPending(idle_timer_))
    idle_timer_ = sim_->After(options_.config.connections_max_idle, kIdle, [this] { CloseIdle(); });
}

// One timer for all: at the earliest moment at which a channel may have been idle for long enough.
void Broker::CloseIdle() {
  const Time now = sim_->Now();
  Time next = Time::Max();
  std::vector<std::unique_ptr<Channel>> idle;
  for (auto& channel : channels_) {
    const Time end = channel->last_used + options_.config.connections_max_idle;
    if (end <= now && !channel->muted()) {
      idle.push_back(std::move(channel));
    } else {
      next = std::min(next, std::max(end, now + absl::Milliseconds(1)));
    }
  }
  std::erase(channels_, nullptr);
  if (next < Time::Max()) idle_timer_ = sim_->At(next, kIdle, [this] { CloseIdle(); });
}

Channel* Broker::FindChannel(uint64_t id) {
  for (auto& channel : channels_)
    if (channel->id() == id) return channel.get();
  return nullptr;
}

void Broker::OnChannelClosed(Channel& channel) {
  // What is parked for it has nobody to answer.
  for (auto parked = parked_fetches_.begin(); parked != parked_fetches_.end();) {
    const auto next = std::next(parked);
    if (parked->work.channel == channel.id()) {
      sim_->Cancel(parked->timer);
      parked_fetches_.erase(parked);
      --requests_in_progress_;
    }
    parked = next;
  }
  std::erase_if(parked_produces_, [&](ParkedProduce& parked) {
    if (parked.work.channel != channel.id()) return false;
    sim_->Cancel(parked.timer);
    --requests_in_progress_;
    return true;
  });
  std::erase_if(channels_, [&channel](const auto& other) { return other.get() == &channel; });
}

void Broker::CloseChannel(Channel& channel) {
  sim_->Note(kGarbage, {{&kConnection, static_cast<int64_t>(channel.id())}});
  channel.socket().Close();
  OnChannelClosed(channel);
}

void Broker::OnRequest(Channel& channel, std::unique_ptr<RequestEnvelope> request, int64_t bytes) {
  channel.last_used = sim_->Now();
  if (__builtin_expect(request->instead.has_value(), 0))
    return AnswerInItsStead(channel, *request, request->instead->error, request->instead->after);
  sim_->Note(kRequestRead, {{&kConnection, static_cast<int64_t>(channel.id())},
                            {&kCorrelation, request->correlation.value()},
                            {&kApi, static_cast<int64_t>(request->api)}});
  FaultVerdict verdict;
  if (__builtin_expect(faults_->listening(), 0)) {
    const FaultSite site = Site(CutPoint::kRequestReceived, channel.id(), *request);
    verdict = faults_->At(site);
    if (sim_->IsDead(node_->owner())) return;
    if (verdict.answered)
      return AnswerInItsStead(channel, *request, verdict.answer, verdict.answer_after);
  }
  channel.Mute();
  ++requests_in_progress_;
  if (verdict.drop || verdict.reset) {
    --requests_in_progress_;
    if (verdict.reset) {
      channel.socket().Reset();
      OnChannelClosed(channel);
    } else {
      channel.Unmute();
    }
    return;
  }
  auto thread = std::min_element(io_threads_.begin(), io_threads_.end());
  const Time start = std::max(*thread, sim_->Now());
  *thread = start.PlusNanos(options_.costs.RequestNanos(bytes));
  sim_->At(*thread + verdict.delay, kHandle,
           [this, work = Work{channel.id(), bytes, std::move(request)}]() mutable {
             Handle(std::move(work));
           });
}

void Broker::AnswerInItsStead(Channel& channel, const RequestEnvelope& request, Error error,
                              absl::Duration after) {
  const auto* produce = std::get_if<wire::ProduceRequest>(&request.body);
  if (produce != nullptr && produce->acks == 0) return;
  auto response = std::make_unique<ResponseEnvelope>();
  response->api = request.api;
  response->version = request.version;
  response->correlation = request.correlation;
  response->body = ErrorAnswer(request, error);
  response->in_its_stead = true;
  sim::Frame frame;
  frame.size = SizeOf(*response);
  frame.extra_delay = after;
  sim_->Note(kAnsweredInstead,
             {{&kConnection, static_cast<int64_t>(channel.id())},
              {&kCorrelation, request.correlation.value()},
              {&kApi, static_cast<int64_t>(request.api)}},
             [&] { return Describe(*response); });
  frame.message = std::move(response);
  channel.socket().Send(std::move(frame));
}

void Broker::Handle(Work work) {
  RequestEnvelope& request = *work.request;
  if (__builtin_expect(!Takes(request), 0)) {
    // Only a question about versions is answered in a version that the broker does not know.
    if (request.api == Api::kApiVersions) {
      wire::ResponseBody answer = ErrorAnswer(request, Error::kUnsupportedVersion);
      request.version = 0;
      return Respond(std::move(work), std::move(answer));
    }
    --requests_in_progress_;
    if (Channel* channel = FindChannel(work.channel)) CloseChannel(*channel);
    return;
  }
  switch (request.api) {
    case Api::kApiVersions: {
      static const auto& versions =
          *new wire::ApiVersionsResponse(wire::ApiVersionsOfKafka411(4, 1));
      static const auto& before_4 =
          *new wire::ApiVersionsResponse(wire::ApiVersionsOfKafka411(3, 1));
      const bool is_new = request.version >= 4;
      Respond(std::move(work), is_new ? &versions : &before_4);
      return;
    }
    case Api::kMetadata: {
      wire::ResponseBody answer = OnMetadata(std::get<wire::MetadataRequest>(request.body));
      Respond(std::move(work), std::move(answer));
      return;
    }
    case Api::kInitProducerId:
      Respond(std::move(work), OnInitProducerId());
      return;
    case Api::kListOffsets: {
      wire::ResponseBody answer = OnListOffsets(std::get<wire::ListOffsetsRequest>(request.body));
      Respond(std::move(work), std::move(answer));
      return;
    }
    case Api::kOffsetForLeaderEpoch: {
      wire::ResponseBody answer =
          OnOffsetForLeaderEpoch(std::get<wire::OffsetForLeaderEpochRequest>(request.body));
      Respond(std::move(work), std::move(answer));
      return;
    }
    case Api::kProduce:
      OnProduce(std::move(work));
      return;
    case Api::kFetch:
      OnFetch(std::move(work));
      return;
    default:
      NORN_CHECK(!"api") << "no client of ours sends " << wire::Name(request.api);
  }
}

int64_t Broker::Throttle(const Work& work, wire::ResponseBody& body) {
  const std::string& client_id = work.request->client_id;
  const int64_t allowed = view_->ProducerByteRate(client_id);
  if (allowed == 0) return 0;
  auto rate = produce_rates_.find(client_id);
  if (rate == produce_rates_.end()) {
    const ByteRate::Options options{options_.config.quota_window_num,
                                    1000 * options_.config.quota_window_size_seconds};
    rate = produce_rates_.emplace(client_id, ByteRate(options)).first;
  }
  const Time now = node_->clock().Wall(sim_->Now());
  rate->second.Record(now, work.bytes - wire::kFrameSizeBytes);
  const int64_t ms = rate->second.ThrottleMs(now, allowed);
  if (ms > 0) {
    std::get<wire::ProduceResponse>(body).throttle_time_ms = static_cast<int32_t>(ms);
    sim_->Note(kThrottle, {{&kConnection, static_cast<int64_t>(work.channel)}, {&kMillis, ms}});
  }
  return ms;
}

void Broker::Respond(Work work, wire::ResponseBody body) {
  --requests_in_progress_;
  int64_t throttle_ms = 0;
  if (__builtin_expect(!view_->quotas.empty(), 0) && work.request->api == Api::kProduce)
    throttle_ms = Throttle(work, body);
  Channel* channel = FindChannel(work.channel);
  if (channel == nullptr) return;
  channel->last_used = sim_->Now();
  const auto* produce = std::get_if<wire::ProduceRequest>(&work.request->body);
  if (produce == nullptr || produce->acks != 0) {
    auto response = std::make_unique<ResponseEnvelope>();
    response->api = work.request->api;
    response->version = work.request->version;
    response->correlation = work.request->correlation;
    response->body = std::move(body);
    if (__builtin_expect(faults_->listening(), 0)) response->request = std::move(work.request);
    sim::Frame frame;
    frame.size = SizeOf(*response);
    frame.extra_delay = absl::Nanoseconds(frame.size * options_.costs.nanos_per_kilobyte / 1024);
    const absl::Duration latency = view_->LatencyOf(options_.id);
    if (latency > absl::ZeroDuration()) frame.extra_delay += latency;
    StrikeFrame(
        *faults_, *network_, channel->socket(),
        [&] { return Site(CutPoint::kResponseSent, work.channel, *response->request); }, *response,
        frame);
    sim_->Note(kAnswerSent,
               {{&kConnection, static_cast<int64_t>(work.channel)},
                {&kCorrelation, response->correlation.value()},
                {&kApi, static_cast<int64_t>(response->api)}},
               [&] { return Describe(*response); });
    frame.message = std::move(response);
    channel->socket().Send(std::move(frame));
    if (sim_->IsDead(node_->owner())) return;
  }
  if (throttle_ms == 0) return channel->Unmute();
  sim_->After(absl::Milliseconds(throttle_ms), kThrottled,
              [this, id = work.channel] { Unmute(id); });
}

void Broker::Unmute(uint64_t id) {
  if (Channel* channel = FindChannel(id)) channel->Unmute();
}

void Broker::FlushOldLogs() {
  if (log_dir_offline_) return;
  Time now = sim_->Now();
  for (const auto& replica : replicas_) {
    PartitionLog& log = replica->log();
    const absl::Duration interval = log.config().flush;
    if (interval < absl::InfiniteDuration() && log.Wall(now) - log.last_flush() >= interval)
      log.Flush(now, nullptr);
  }
  if (options_.config.log_flush_scheduler_interval < absl::InfiniteDuration())
    sim_->After(options_.config.log_flush_scheduler_interval, kLogFlush,
                [this] { FlushOldLogs(); });
}

}  // namespace norn::model
