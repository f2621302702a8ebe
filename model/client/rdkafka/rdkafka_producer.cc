#include "model/client/rdkafka/rdkafka_producer.h"

#include <algorithm>
#include <cstring>
#include <deque>
#include <utility>

#include "model/record/sizes.h"
#include "sim/check.h"

namespace norn::model {
namespace {

using sim::Time;

constexpr absl::Duration kTick = absl::Seconds(1);
constexpr sim::Label kOperations{"operations of broker threads"};
constexpr sim::Label kUnserved{"messages without a broker"};
constexpr sim::Label kFlushTimeout{"timeout of flush"};
constexpr sim::Label kSend{"send"};
constexpr sim::Label kRecord{"record"};
constexpr sim::Label kFailed{"message failed"};

int64_t KeptSize(const Payload& payload) { return payload.is_kept() ? payload.size() : 0; }

// What headers take in a record.
int32_t HeadersSize(std::span<const Header> headers) {
  int64_t size = 0;
  for (const Header& header : headers)
    size += HeaderSize(static_cast<int32_t>(header.key.size()), header.value.wire_size());
  return static_cast<int32_t>(size);
}

// Payloads and headers are views: copies the bytes they look at.
void KeepBytes(rdkafka::Message& message) {
  int64_t total = KeptSize(message.key) + KeptSize(message.value);
  for (const Header& header : message.headers)
    total += static_cast<int64_t>(header.key.size()) + KeptSize(header.value);
  if (total > 0) message.bytes = std::make_unique<char[]>(static_cast<size_t>(total));
  char* at = message.bytes.get();
  const auto copy = [&at](std::string_view bytes) {
    if (bytes.empty()) return std::string_view("");
    std::memcpy(at, bytes.data(), bytes.size());
    const std::string_view kept(at, bytes.size());
    at += bytes.size();
    return kept;
  };
  if (message.key.is_kept()) message.key = Payload(copy(message.key.kept()));
  if (message.value.is_kept()) message.value = Payload(copy(message.value.kept()));
  for (Header& header : message.headers) {
    header.key = copy(header.key);
    if (header.value.is_kept()) header.value = Payload(copy(header.value.kept()));
  }
}

}  // namespace

RdkafkaProducer::RdkafkaProducer(ClientContext context, Options options)
    : Producer(*context.node),
      MainThread(context, {.name = options.name,
                           .config = options.config,
                           .bootstrap = options.bootstrap,
                           .creates_topics = true}),
      options_(std::move(options)),
      idempotence_(*context_.sim, this),
      writer_(options_.config),
      partition_stream_(context_.sim->chance().Resolve("client/" + options_.name + "/partition")),
      backoff_stream_(context_.sim->chance().Resolve("client/" + options_.name + "/retry-backoff")),
      purge_stream_(context_.sim->chance().Resolve("client/" + options_.name + "/purge-race")),
      operations_timer_(*context_.sim, kOperations, {this}),
      unserved_grid_(context_.sim->Now()),
      unserved_timer_(*context_.sim, kUnserved, {this}) {
  Begin();
  if (idempotent()) idempotence_.Start();
}

RdkafkaProducer::~RdkafkaProducer() {
  // The machine dies: nobody is told anything.
  closed_ = true;
  const auto abandon = [](MessageQueue& queue) {
    while (!queue.empty()) {
      Message* message = queue.PopFront();
      message->block->Abandon(message);
    }
  };
  for (const auto& topic : topics_) {
    abandon(topic->unassigned);
    for (const auto& toppar : topic->partitions) abandon(toppar->queue);
    for (const auto& toppar : topic->removed) abandon(toppar->queue);
  }
  for (const auto& batch : batches_out_) abandon(batch->messages);
  for (Message* message : reports_) message->block->Abandon(message);
}

DeliveryFuture RdkafkaProducer::Refuse(ClientError client_error, Error error, RecordId id,
                                       DeliveryCallback& callback) {
  // No delivery report follows an error of produce(): only the history hears of it.
  callback = nullptr;
  DeliveryReport report = rdkafka::RefusedReport(client_error, error, Now());
  if (options_.history != nullptr && options_.history->kept())
    options_.history->OnReport(id, report);
  return SettledDelivery(std::move(report));
}

rdkafka::Message* RdkafkaProducer::NewMessage(const ProducerRecord& record, RecordId id,
                                              DeliveryCallback callback) {
  if (!block_ || block_->full()) block_ = sim::MakeRef<rdkafka::MessageBlock>();
  Message* message = block_->Take();
  const Time now = Now();
  message->enqueued = now;
  message->expires = now + options_.config.message_timeout;
  message->timestamp_ms = record.timestamp_ms.value_or(WallMillis(context_.Wall()));
  message->id = id;
  message->callback = std::move(callback);
  message->key = record.key;
  message->value = record.value;
  message->headers.assign(record.headers.begin(), record.headers.end());
  message->headers_size = HeadersSize(record.headers);
  if (options_.config.compression_type != Codec::kNone)
    message->compression_ratio = CompressionRatioOf(record, context_);
  KeepBytes(*message);
  return message;
}

DeliveryFuture RdkafkaProducer::Send(const ProducerRecord& record, DeliveryCallback callback) {
  sim::OwnerScope scope(*context_.sim, owner_);
  NORN_CHECK(!closed_) << "a librdkafka producer must not be used once it is destroyed";
  History* const history = options_.history;
  const RecordId id = history != nullptr ? history->NextId() : RecordId(0);
  if (history != nullptr && history->kept()) {
    History::Sent sent;
    sent.id = id;
    sent.client = options_.name;
    sent.topic = std::string(record.topic);
    if (!record.key.is_null()) sent.key = record.key.ToString();
    if (record.value.is_kept()) sent.value = record.value.ToString();
    sent.value_size = record.value.size();
    sent.at = Now();
    history->OnSent(std::move(sent));
    callback = [history, id, callback = std::move(callback)](const DeliveryReport& report) mutable {
      history->OnReport(id, report);
      if (callback != nullptr) callback(report);
    };
  }
  context_.sim->Note(kSend, {{&kRecord, id.value()}});
  const RdkafkaProducerConfig& config = options_.config;
  if (idempotence_.fatal()) return Refuse(ClientError::kFatal, Error::kNone, id, callback);
  const int64_t size = record.key.size() + record.value.size();
  if (size + HeadersSize(record.headers) + Message::kOverhead > config.message_max_bytes)
    return Refuse(ClientError::kNone, Error::kMessageTooLarge, id, callback);
  if ((config.queue_buffering_max_messages > 0 &&
       outstanding_ + 1 > config.queue_buffering_max_messages) ||
      outstanding_bytes_ + size > config.queue_buffering_max_kbytes * 1024)
    return Refuse(ClientError::kQueueFull, Error::kNone, id, callback);

  Topic& topic = TopicOf(record.topic);
  Toppar* toppar = nullptr;
  if (topic.state == Topic::State::kNotExists)
    return Refuse(ClientError::kUnknownTopic, Error::kNone, id, callback);
  if (topic.state == Topic::State::kError)
    return Refuse(ClientError::kNone, topic.error, id, callback);
  const int32_t partitions = static_cast<int32_t>(topic.partitions.size());
  if (topic.state == Topic::State::kExists && partitions > 0) {
    const PartitionIndex index = record.partition.has_value()
                                     ? PartitionIndex(*record.partition)
                                     : topic.partitioner->Choose(record.key, partitions, Now());
    if (index.value() < 0 || index.value() >= partitions)
      return Refuse(ClientError::kUnknownPartition, Error::kNone, id, callback);
    toppar = topic.partitions[static_cast<size_t>(index.value())].get();
  }
  Message* message = NewMessage(record, id, std::move(callback));
  ++outstanding_;
  outstanding_bytes_ += message->payload_size();
  DeliveryFuture future(sim::Ref<rdkafka::MessageBlock>(message->block),
                        message->block->IndexOf(message));
  if (toppar != nullptr) {
    Assign(*toppar, message);
  } else {
    if (record.partition.has_value()) message->partition = PartitionIndex(*record.partition);
    topic.unassigned.PushBack(message);
  }
  return future;
}

void RdkafkaProducer::Assign(Toppar& toppar, Message* message) {
  message->partition = toppar.index;
  toppar.Put(message, Now());
  if (toppar.broker == nullptr) {
    NoteUnservedExpiry(message->expires);
    return;
  }
  toppar.broker->NoteExpiry(message->expires);
  if (!toppar.broker->up()) {
    // The thread finds out that it needs a connection.
    toppar.broker->Wake();
    return;
  }
  toppar.broker->WakeAt(std::max(ReadyAt(toppar, flushing()), Now()));
}

// --- Reports.

void RdkafkaProducer::Report(MessageQueue& queue, ClientError client_error, Error error,
                             std::optional<DeliveryStatus> status) {
  while (!queue.empty()) {
    Message* message = queue.PopFront();
    message->client_error = client_error;
    message->error = error;
    if (status.has_value()) message->status = *status;
    Settle(message);
  }
}

void RdkafkaProducer::Settle(Message* message) {
  message->settled = true;
  message->at = Now();
  if (message->client_error != ClientError::kNone || message->error != Error::kNone) {
    context_.sim->Note(kFailed, {{&kRecord, message->id.value()}},
                       [&] { return std::string(ErrorName(rdkafka::ReportOf(*message))); });
  }
  if (polling_ || flushing()) {
    Deliver(message);
  } else {
    reports_.push_back(message);
  }
}

void RdkafkaProducer::Deliver(Message* message) {
  --outstanding_;
  outstanding_bytes_ -= message->payload_size();
  if (message->callback != nullptr) {
    // Whoever is called may send again.
    DeliveryCallback callback = std::move(message->callback);
    callback(rdkafka::ReportOf(*message));
  }
  message->block->Finish(message);
  if (outstanding_ == 0) SettleFlushes();
}

void RdkafkaProducer::Poll() {
  while (!reports_.empty()) {
    Message* message = reports_.front();
    reports_.pop_front();
    Deliver(message);
  }
}

void RdkafkaProducer::SetPolling(bool polling) {
  sim::OwnerScope scope(*context_.sim, owner_);
  polling_ = polling;
  if (polling) Poll();
}

// --- Flush, purge, destroy.

sim::Future<FlushResult> RdkafkaProducer::Flush(absl::Duration timeout) {
  sim::OwnerScope scope(*context_.sim, owner_);
  sim::Promise<FlushResult> promise(*context_.sim);
  sim::Future<FlushResult> future = promise.future();
  FlushWait wait{++flushes_begun_, std::move(promise), {}};
  if (timeout < absl::InfiniteDuration()) {
    wait.patience = context_.sim->After(timeout, kFlushTimeout,
                                        [this, number = wait.number] { EndFlush(number); });
  }
  flushes_.push_back(std::move(wait));
  // flush() polls by itself.
  Poll();
  if (outstanding_ == 0) {
    SettleFlushes();
  } else {
    for (Thread& entry : threads_)
      if (entry.thread->up()) entry.thread->WakeUp();
  }
  return future;
}

void RdkafkaProducer::SettleFlushes() {
  std::vector<FlushWait> done = std::move(flushes_);
  flushes_.clear();
  for (FlushWait& wait : done) {
    if (wait.patience) context_.sim->Cancel(wait.patience);
    wait.promise.Set(FlushResult::kDone);
  }
}

void RdkafkaProducer::EndFlush(uint64_t number) {
  const auto wait = std::find_if(flushes_.begin(), flushes_.end(),
                                 [number](const FlushWait& w) { return w.number == number; });
  if (wait == flushes_.end()) return;
  wait->promise.Set(FlushResult::kTimedOut);
  flushes_.erase(wait);
}

void RdkafkaProducer::Purge(PurgeOptions what) {
  sim::OwnerScope scope(*context_.sim, owner_);
  // The application's thread reports what no broker thread has taken over, then asks each of these
  // for the rest: its requests, and what no request was made of yet. All of it is gathered before
  // anybody is told, who may send again.
  MessageQueue untaken;
  std::deque<MessageQueue> taken;  // by thread
  if (what.queue) {
    for (const auto& topic : topics_) {
      for (const auto& toppar : topic->partitions) {
        uint64_t last = toppar->taken;
        if (last > toppar->surely_taken &&
            context_.sim->chance().Uniform(purge_stream_, sim::Key(purge_races_++), 2) == 0)
          last = toppar->surely_taken;
        toppar->queue.MoveIf(untaken,
                             [last](const Message& message) { return message.number > last; });
      }
      untaken.Append(topic->unassigned);
    }
    for (const Thread& entry : threads_) {
      MessageQueue& queue = taken.emplace_back();
      for (Toppar* toppar : entry.thread->toppars) queue.Append(toppar->queue);
    }
    for (const auto& topic : topics_)
      for (const auto& toppar : topic->partitions) untaken.Append(toppar->queue);
  }
  const auto report = [this](MessageQueue& purged) {
    Report(purged, ClientError::kPurgeQueue, Error::kNone);
  };
  report(untaken);
  for (size_t i = 0; i < threads_.size(); ++i) {
    if (what.in_flight) threads_[i].thread->PurgeInFlight();
    if (!what.queue) continue;
    threads_[i].thread->PurgeQueued(nullptr, Ending::kPurgedQueue);
    report(taken[i]);
  }
}

sim::Future<bool> RdkafkaProducer::Close(absl::Duration) {
  sim::OwnerScope scope(*context_.sim, owner_);
  sim::Promise<bool> promise(*context_.sim);
  sim::Future<bool> future = promise.future();
  unserved_timer_.Cancel();
  operations_timer_.Cancel();
  End();
  promise.Set(true);
  return future;
}

// --- What the main thread asks and tells.

void RdkafkaProducer::OnNewTopic(Topic& topic, int32_t number) {
  const RdkafkaProducerConfig& config = options_.config;
  topic.partitioner.emplace(config.partitioner, config.sticky_partitioning_linger,
                            &context_.sim->chance(), partition_stream_, number);
}

void RdkafkaProducer::OnTick(Topic& topic) { ExpireMessages(topic.unassigned); }

void RdkafkaProducer::OnTopicGone(Topic& topic) {
  Report(topic.unassigned, ClientError::kNone, topic.error, DeliveryStatus::kNotPersisted);
}

void RdkafkaProducer::OnPartitionGone(Toppar& toppar) {
  if (toppar.topic->state == Topic::State::kError) {
    Report(toppar.queue, ClientError::kNone, toppar.topic->error);
  } else {
    Report(toppar.queue, ClientError::kUnknownPartition, Error::kNone);
  }
}

void RdkafkaProducer::OnDelegated(Toppar& toppar) {
  if (toppar.broker == nullptr) {
    if (!toppar.queue.empty()) NoteUnservedExpiry(toppar.queue.FirstExpiry());
    return;
  }
  // The new leader gets nothing while the old one may still answer.
  if (idempotent()) toppar.wait_drain = true;
  if (!toppar.queue.empty()) toppar.broker->NoteExpiry(toppar.queue.FirstExpiry());
}

void RdkafkaProducer::OnMetadataTaken() {
  if (idempotent()) idempotence_.OnMetadata();
}

void RdkafkaProducer::OnTopic(Topic& topic) {
  const auto partitions = static_cast<int32_t>(topic.partitions.size());
  if (partitions == 0) return;
  MessageQueue lost;
  while (!topic.unassigned.empty()) {
    Message* message = topic.unassigned.PopFront();
    PartitionIndex index = message->partition;
    if (index.is_none()) index = topic.partitioner->Choose(message->key, partitions, Now());
    if (index.value() >= partitions) {
      lost.PushBack(message);
    } else {
      Assign(*topic.partitions[static_cast<size_t>(index.value())], message);
    }
  }
  Report(lost, ClientError::kUnknownPartition, Error::kNone, DeliveryStatus::kNotPersisted);
}

void RdkafkaProducer::NoteUnservedExpiry(Time at) {
  const int64_t width = sim::ToNanos(kTick);
  const int64_t past = (Now().nanos() - unserved_grid_.nanos()) / width + 1;
  const Time next_look = unserved_grid_.PlusNanos(past * width);
  unserved_timer_.SetNoLaterThan(std::max(at, std::min(next_look, at + kTick)));
}

void RdkafkaProducer::ScanUnserved() {
  Time next = Time::Max();
  const auto scan = [&](Toppar& toppar) {
    if (toppar.broker != nullptr) return;
    ExpireMessages(toppar.queue);
    next = std::min(next, toppar.queue.FirstExpiry());
  };
  for (const auto& topic : topics_) {
    for (const auto& toppar : topic->partitions) scan(*toppar);
    for (const auto& toppar : topic->removed) scan(*toppar);
  }
  if (next < Time::Max()) NoteUnservedExpiry(next);
}

// --- For looking at.

ConnectionState RdkafkaProducer::connection(BrokerId broker) const {
  ConnectionState best = ConnectionState::kDisconnected;
  for (const Thread& entry : threads_) {
    const BrokerThread& thread = *entry.thread;
    if (thread.machine() != broker) continue;
    ConnectionState state = ConnectionState::kDisconnected;
    if (thread.state() == BrokerThread::State::kConnect) state = ConnectionState::kConnecting;
    if (thread.state() == BrokerThread::State::kApiVersionQuery)
      state = ConnectionState::kCheckingApiVersions;
    if (thread.up()) state = ConnectionState::kReady;
    best = std::max(best, state);
  }
  return best;
}

}  // namespace norn::model
