#include "model/broker/broker.h"

#include <algorithm>

#include "sim/check.h"

namespace norn::model {
namespace {

using sim::Time;

constexpr sim::Label kHandle{"request handled"};
constexpr sim::Label kAnswerReady{"answer ready"};
constexpr sim::Label kFetchWait{"fetch.max.wait.ms"};
constexpr sim::Label kLogFlush{"log flush task"};
constexpr sim::Label kIdle{"connections.max.idle.ms"};
constexpr sim::Label kAppend{"append"};
constexpr sim::Label kRefused{"append refused"};
constexpr sim::Label kRequestRead{"request read"};
constexpr sim::Label kAnswerSent{"answer sent"};
constexpr sim::Label kConnection{"connection"};
constexpr sim::Label kCorrelation{"correlation"};
constexpr sim::Label kApi{"api"};
constexpr sim::Label kOffset{"offset"};
constexpr sim::Label kRecords{"records"};
constexpr sim::Label kPartition{"partition"};
constexpr sim::Label kError{"error"};

constexpr int64_t kProducerIdBlock = 1000;

}  // namespace

class Broker::Channel final : public sim::SocketHandler {
 public:
  Channel(Broker* broker, std::unique_ptr<sim::Socket> socket)
      : broker(broker), socket(std::move(socket)), id(this->socket->id()) {
    last_used = broker->sim_->Now();
    this->socket->SetHandler(this);
  }
  void OnFrame(sim::Frame frame) override {
    last_used = broker->sim_->Now();
    std::unique_ptr<RequestEnvelope> request(
        static_cast<RequestEnvelope*>(frame.message.release()));
    broker->OnRequest(*this, std::move(request), frame.size);
  }
  void OnClosed(sim::CloseReason) override { broker->OnChannelClosed(*this); }

  Broker* const broker;
  std::unique_ptr<sim::Socket> socket;
  const uint64_t id;
  Time last_used;
  bool muted = false;
};

struct Broker::ParkedFetch {
  Answer answer;
  wire::FetchRequest request;
  sim::TimerId timer;
};

Broker::Broker(sim::Node& node, sim::Network& network, sim::Disk& disk, Faults& faults,
               ClusterView& view, Options options)
    : node_(&node),
      sim_(&node.sim()),
      network_(&network),
      disk_(&disk),
      faults_(&faults),
      view_(&view),
      options_(std::move(options)),
      io_threads_(static_cast<size_t>(options_.costs.io_threads)) {
  for (const ClusterView::Topic& topic : view_->topics)
    for (size_t p = 0; p < topic.leaders.size(); ++p)
      if (topic.leaders[p] == options_.id) Lead(topic, PartitionIndex(static_cast<int32_t>(p)));
  sim::SocketOptions buffers;
  if (options_.config.socket_send_buffer_bytes > 0)
    buffers.send_buffer = options_.config.socket_send_buffer_bytes;
  if (options_.config.socket_receive_buffer_bytes > 0)
    buffers.receive_buffer = options_.config.socket_receive_buffer_bytes;
  network_->Listen(
      node, options_.port,
      [this](std::unique_ptr<sim::Socket> socket) { Accept(std::move(socket)); }, buffers);
  const bool flushes_by_time = std::any_of(led_.begin(), led_.end(), [](const Led& led) {
    return led.log->config().flush < absl::InfiniteDuration();
  });
  if (flushes_by_time)
    sim_->After(BrokerConfig::kLogInitialTaskDelay, kLogFlush, [this] { FlushOldLogs(); });
}

Broker::~Broker() = default;

void Broker::Lead(const ClusterView::Topic& topic, PartitionIndex partition) {
  std::string name(topic.name.text());
  name += "-" + std::to_string(partition.value());
  led_.push_back(
      {topic.id, partition, std::make_unique<PartitionLog>(disk_, std::move(name), topic.config)});
}

PartitionLog* Broker::FindLog(std::string_view topic, PartitionIndex partition) {
  const ClusterView::Topic* known = view_->FindTopic(topic);
  if (known == nullptr) return nullptr;
  Led* led = FindLed(known->id, partition);
  return led == nullptr ? nullptr : led->log.get();
}

Broker::Led* Broker::FindLed(const Uuid& topic, PartitionIndex partition) {
  for (Led& led : led_)
    if (led.topic == topic && led.partition == partition) return &led;
  return nullptr;
}

FaultSite Broker::Site(CutPoint point, uint64_t connection, Api api,
                       CorrelationId correlation) const {
  FaultSite site;
  site.point = point;
  site.api = api;
  site.correlation = correlation;
  site.broker = options_.id;
  site.connection = connection;
  for (const auto& channel : channels_)
    if (channel->id == connection) site.client = channel->socket->remote().name();
  return site;
}

void Broker::Accept(std::unique_ptr<sim::Socket> socket) {
  channels_.push_back(std::make_unique<Channel>(this, std::move(socket)));
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
    if (end <= now && !channel->muted) {
      idle.push_back(std::move(channel));
    } else {
      next = std::min(next, std::max(end, now + absl::Milliseconds(1)));
    }
  }
  std::erase(channels_, nullptr);
  if (next < Time::Max()) idle_timer_ = sim_->At(next, kIdle, [this] { CloseIdle(); });
}

Broker::Channel* Broker::FindChannel(uint64_t id) {
  for (auto& channel : channels_)
    if (channel->id == id) return channel.get();
  return nullptr;
}

void Broker::OnChannelClosed(Channel& channel) {
  // What is parked for it has nobody to answer.
  for (auto parked = parked_fetches_.begin(); parked != parked_fetches_.end();) {
    const auto next = std::next(parked);
    if (parked->answer.channel == channel.id) {
      sim_->Cancel(parked->timer);
      parked_fetches_.erase(parked);
      --requests_in_progress_;
    }
    parked = next;
  }
  std::erase_if(channels_, [&channel](const auto& other) { return other.get() == &channel; });
}

void Broker::OnRequest(Channel& channel, std::unique_ptr<RequestEnvelope> request, int64_t size) {
  channel.muted = true;
  channel.socket->PauseReading();
  ++requests_in_progress_;
  sim_->Note(kRequestRead, {{&kConnection, static_cast<int64_t>(channel.id)},
                            {&kCorrelation, request->correlation.value()},
                            {&kApi, static_cast<int64_t>(request->api)}});
  const FaultVerdict verdict =
      faults_->At(Site(CutPoint::kRequestReceived, channel.id, request->api, request->correlation));
  if (verdict.drop || verdict.reset) {
    --requests_in_progress_;
    if (verdict.reset) {
      channel.socket->Reset();
      OnChannelClosed(channel);
    } else {
      Unmute(channel.id);
    }
    return;
  }
  auto thread = std::min_element(io_threads_.begin(), io_threads_.end());
  const Time start = std::max(*thread, sim_->Now());
  *thread = start.PlusNanos(options_.costs.RequestNanos(size));
  sim_->At(*thread + verdict.delay, kHandle,
           [this, id = channel.id, request = std::move(request)]() mutable {
             Handle(id, std::move(request));
           });
}

void Broker::Handle(uint64_t channel, std::unique_ptr<RequestEnvelope> request) {
  const Answer answer{channel, request->api, request->version, request->correlation};
  switch (request->api) {
    case Api::kApiVersions: {
      static const auto& versions =
          *new wire::ApiVersionsResponse(wire::ApiVersionsOfKafka411(4, 1));
      Respond(answer, &versions);
      return;
    }
    case Api::kMetadata:
      Respond(answer, OnMetadata(std::get<wire::MetadataRequest>(request->body)));
      return;
    case Api::kInitProducerId:
      Respond(answer, OnInitProducerId());
      return;
    case Api::kListOffsets:
      Respond(answer, OnListOffsets(std::get<wire::ListOffsetsRequest>(request->body)));
      return;
    case Api::kProduce:
      OnProduce(answer, std::get<wire::ProduceRequest>(request->body));
      return;
    case Api::kFetch:
      OnFetch(answer, std::move(std::get<wire::FetchRequest>(request->body)));
      return;
    default:
      NORN_CHECK(!"api") << "no client of ours sends " << wire::Name(request->api);
  }
}

wire::MetadataResponse Broker::OnMetadata(const wire::MetadataRequest& request) const {
  wire::MetadataResponse response;
  response.cluster_id = view_->cluster_id;
  response.controller_id = view_->brokers.front().id;
  for (const ClusterView::Broker& broker : view_->brokers) {
    wire::MetadataResponse::Broker told;
    told.node_id = broker.id;
    told.host = broker.address.host;
    told.port = broker.address.port;
    response.brokers.push_back(std::move(told));
  }
  if (!request.topics.has_value()) return response;
  for (const auto& asked : *request.topics) {
    wire::MetadataResponse::Topic told;
    told.name = asked.name;
    const ClusterView::Topic* topic =
        asked.name.has_value() ? view_->FindTopic(asked.name->text()) : nullptr;
    if (topic == nullptr) {
      told.error = Error::kUnknownTopicOrPartition;
      response.topics.push_back(std::move(told));
      continue;
    }
    told.topic_id = topic->id;
    for (size_t p = 0; p < topic->leaders.size(); ++p) {
      wire::MetadataResponse::Partition partition;
      partition.partition_index = PartitionIndex(static_cast<int32_t>(p));
      partition.leader_id = topic->leaders[p];
      partition.leader_epoch = LeaderEpoch(0);
      partition.replica_nodes.push_back(topic->leaders[p]);
      partition.isr_nodes.push_back(topic->leaders[p]);
      told.partitions.push_back(std::move(partition));
    }
    response.topics.push_back(std::move(told));
  }
  return response;
}

wire::InitProducerIdResponse Broker::OnInitProducerId() {
  if (producer_ids_left_ == 0) {
    next_producer_id_ = view_->next_producer_id_block;
    view_->next_producer_id_block += kProducerIdBlock;
    producer_ids_left_ = kProducerIdBlock;
  }
  --producer_ids_left_;
  wire::InitProducerIdResponse response;
  response.producer_id = ProducerId(next_producer_id_++);
  return response;
}

wire::ListOffsetsResponse Broker::OnListOffsets(const wire::ListOffsetsRequest& request) {
  wire::ListOffsetsResponse response;
  for (const auto& topic : request.topics) {
    wire::ListOffsetsResponse::Topic told;
    told.name = topic.name;
    for (const auto& asked : topic.partitions) {
      wire::ListOffsetsResponse::Partition partition;
      partition.partition_index = asked.partition_index;
      PartitionLog* log = FindLog(topic.name.text(), asked.partition_index);
      if (log == nullptr) {
        partition.error = view_->FindTopic(topic.name.text()) == nullptr
                              ? Error::kUnknownTopicOrPartition
                              : Error::kNotLeaderOrFollower;
      } else {
        NORN_CHECK(asked.timestamp == wire::kLatestTimestamp ||
                   asked.timestamp == wire::kEarliestTimestamp);
        const bool latest = asked.timestamp == wire::kLatestTimestamp;
        partition.offset = latest ? log->high_watermark() : log->log_start();
        partition.leader_epoch = LeaderEpoch(0);
      }
      told.partitions.push_back(std::move(partition));
    }
    response.topics.push_back(std::move(told));
  }
  return response;
}

void Broker::OnProduce(Answer answer, const wire::ProduceRequest& request) {
  wire::ProduceResponse response;
  Time written = sim_->Now();
  bool failed = false;
  std::vector<PartitionLog*> flush_first;
  for (const auto& topic : request.topics) {
    wire::ProduceResponse::Topic told;
    told.name = topic.name;
    told.topic_id = topic.topic_id;
    for (const auto& sent : topic.partitions) {
      wire::ProduceResponse::Partition partition;
      partition.index = sent.index;
      partition.base_offset = Offset::None();
      Led* led = FindLed(topic.topic_id, sent.index);
      if (request.acks < -1 || request.acks > 1) {
        partition.error = Error::kInvalidRequiredAcks;
      } else if (led == nullptr) {
        partition.error = view_->FindTopic(topic.topic_id) == nullptr ? Error::kUnknownTopicId
                                                                      : Error::kNotLeaderOrFollower;
      } else {
        NORN_CHECK(sent.records.has_value() && sent.records->batches().size() == 1)
            << "a produce request has one batch per partition";
        const RecordBatch& batch = sent.records->batches().front();
        const PartitionLog::Appended appended = led->log->Append(batch, LeaderEpoch(0));
        partition.error = appended.error;
        partition.base_offset = appended.base_offset;
        if (appended.error == Error::kNone) {
          partition.log_start_offset = led->log->log_start();
          if (!appended.duplicate) written = std::max(written, appended.written);
          if (appended.flush_first) flush_first.push_back(led->log.get());
          sim_->Note(kAppend, {{&kConnection, static_cast<int64_t>(answer.channel)},
                               {&kPartition, sent.index.value()},
                               {&kOffset, appended.base_offset.value()},
                               {&kRecords, appended.duplicate ? 0 : batch.record_count()}});
        } else {
          sim_->Note(kRefused,
                     {{&kConnection, static_cast<int64_t>(answer.channel)},
                      {&kPartition, sent.index.value()},
                      {&kError, static_cast<int64_t>(appended.error)}},
                     [&] { return std::string(Name(appended.error)); });
        }
      }
      failed = failed || partition.error != Error::kNone;
      told.partitions.push_back(std::move(partition));
    }
    response.topics.push_back(std::move(told));
  }
  WakeFetches();

  const FaultVerdict verdict =
      faults_->At(Site(CutPoint::kAppended, answer.channel, answer.api, answer.correlation));
  if (sim_->IsDead(node_->owner())) return;
  if (verdict.reset || (request.acks == 0 && failed)) {
    // With acks=0 a closed connection is the only way to say that something went wrong.
    --requests_in_progress_;
    if (Channel* channel = FindChannel(answer.channel)) {
      if (verdict.reset) {
        channel->socket->Reset();
      } else {
        channel->socket->Close();
      }
      OnChannelClosed(*channel);
    }
    return;
  }
  if (verdict.drop || request.acks == 0) {
    --requests_in_progress_;
    Unmute(answer.channel);
    return;
  }
  written = written + verdict.delay;
  if (!flush_first.empty()) {
    // The call that appends returns when the disk has synced; the last file's sync ends the wait.
    for (PartitionLog* log : flush_first) {
      const bool last = log == flush_first.back();
      log->Flush(sim_->Now(), [this, last, answer, response]() mutable {
        if (last) Respond(answer, std::move(response));
      });
    }
    return;
  }
  if (written <= sim_->Now()) {
    Respond(answer, std::move(response));
    return;
  }
  sim_->At(written, kAnswerReady, [this, answer, response = std::move(response)]() mutable {
    Respond(answer, std::move(response));
  });
}

bool Broker::ReadForFetch(const wire::FetchRequest& request, wire::FetchResponse* response,
                          int64_t* bytes) {
  bool at_once = request.max_wait_ms <= 0;
  *bytes = 0;
  for (const auto& topic : request.topics) {
    wire::FetchResponse::Topic told;
    told.topic = topic.topic;
    told.topic_id = topic.topic_id;
    for (const auto& asked : topic.partitions) {
      wire::FetchResponse::Partition partition;
      partition.partition_index = asked.partition;
      Led* led = FindLed(topic.topic_id, asked.partition);
      if (led == nullptr) {
        partition.error = view_->FindTopic(topic.topic_id) == nullptr ? Error::kUnknownTopicId
                                                                      : Error::kNotLeaderOrFollower;
        partition.high_watermark = Offset::None();
        at_once = true;
      } else {
        const PartitionLog& log = *led->log;
        partition.high_watermark = log.high_watermark();
        partition.last_stable_offset = log.high_watermark();
        partition.log_start_offset = log.log_start();
        if (asked.fetch_offset < log.log_start() || asked.fetch_offset > log.log_end()) {
          partition.error = Error::kOffsetOutOfRange;
          partition.high_watermark = Offset::None();
          at_once = true;
        } else {
          const int64_t room = std::max<int64_t>(request.max_bytes - *bytes, 0);
          const int64_t limit = std::min<int64_t>(asked.partition_max_bytes, room);
          // The first that has anything returns at least one whole batch, whatever the limits.
          if (limit > 0 || *bytes == 0) {
            partition.records = log.Read(asked.fetch_offset, limit);
            *bytes += partition.records->SizeInBytes();
          }
        }
      }
      told.partitions.push_back(std::move(partition));
    }
    response->topics.push_back(std::move(told));
  }
  return at_once || *bytes >= request.min_bytes;
}

void Broker::OnFetch(Answer answer, wire::FetchRequest request) {
  wire::FetchResponse response;
  int64_t bytes = 0;
  if (ReadForFetch(request, &response, &bytes)) {
    Respond(answer, std::move(response));
    return;
  }
  const absl::Duration patience = absl::Milliseconds(request.max_wait_ms);
  parked_fetches_.push_back({answer, std::move(request), {}});
  const auto parked = std::prev(parked_fetches_.end());
  parked->timer = sim_->After(patience, kFetchWait, [this, parked] { FinishFetch(parked); });
}

void Broker::FinishFetch(std::list<ParkedFetch>::iterator parked) {
  wire::FetchResponse response;
  int64_t bytes = 0;
  ReadForFetch(parked->request, &response, &bytes);
  const Answer answer = parked->answer;
  sim_->Cancel(parked->timer);
  parked_fetches_.erase(parked);
  Respond(answer, std::move(response));
}

void Broker::WakeFetches() {
  for (auto parked = parked_fetches_.begin(); parked != parked_fetches_.end();) {
    const auto next = std::next(parked);
    wire::FetchResponse response;
    int64_t bytes = 0;
    if (ReadForFetch(parked->request, &response, &bytes)) FinishFetch(parked);
    parked = next;
  }
}

void Broker::Respond(const Answer& answer, wire::ResponseBody body) {
  --requests_in_progress_;
  Channel* channel = FindChannel(answer.channel);
  if (channel == nullptr) return;
  auto response = std::make_unique<ResponseEnvelope>();
  response->api = answer.api;
  response->version = answer.version;
  response->correlation = answer.correlation;
  response->body = std::move(body);
  sim::Frame frame;
  frame.size = SizeOf(*response);
  frame.extra_delay = absl::Nanoseconds(frame.size * options_.costs.nanos_per_kilobyte / 1024);
  const FaultVerdict verdict =
      faults_->At(Site(CutPoint::kResponseSent, answer.channel, answer.api, answer.correlation));
  if (verdict.reset) {
    frame.fate = sim::FrameFate::kReset;
  } else if (verdict.drop) {
    frame.fate = sim::FrameFate::kVanish;
  }
  frame.extra_delay += verdict.delay;
  sim_->Note(kAnswerSent,
             {{&kConnection, static_cast<int64_t>(answer.channel)},
              {&kCorrelation, answer.correlation.value()},
              {&kApi, static_cast<int64_t>(answer.api)}},
             [&] { return Describe(*response); });
  frame.message = std::move(response);
  channel->last_used = sim_->Now();
  if (verdict.cut_bytes >= 0) CutNextFrame(*network_, answer.channel, *node_, verdict.cut_bytes);
  channel->socket->Send(std::move(frame));
  Unmute(answer.channel);
}

void Broker::Unmute(uint64_t id) {
  Channel* channel = FindChannel(id);
  if (channel == nullptr) return;
  channel->muted = false;
  channel->socket->ResumeReading();
}

void Broker::FlushOldLogs() {
  Time now = sim_->Now();
  for (Led& led : led_) {
    const absl::Duration interval = led.log->config().flush;
    if (interval < absl::InfiniteDuration() && now - led.log->last_flush() >= interval)
      led.log->Flush(now, [] {});
  }
  if (options_.config.log_flush_scheduler_interval < absl::InfiniteDuration())
    sim_->After(options_.config.log_flush_scheduler_interval, kLogFlush,
                [this] { FlushOldLogs(); });
}

}  // namespace norn::model
