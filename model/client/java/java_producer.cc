#include "model/client/java/java_producer.h"

#include <ostream>
#include <utility>

#include "model/record/sizes.h"
#include "sim/check.h"

namespace norn::model {
namespace {

using sim::Time;

constexpr sim::Label kMaxBlock{"max.block.ms"};
constexpr sim::Label kCloseTimeout{"timeout of close"};
constexpr sim::Label kSend{"send"};
constexpr sim::Label kRecord{"record"};
constexpr sim::Label kBlocked{"send blocks"};

std::string Millis(absl::Duration d) { return std::to_string(absl::ToInt64Milliseconds(d)); }

std::optional<std::string> KeptBytes(const Payload& payload) {
  if (!payload.is_kept()) return std::nullopt;
  return std::string(payload.kept());
}

}  // namespace

void JavaProducer::ForceClose::operator()() const {
  producer->log_([this] {
    return "Proceeding to force close the producer since pending requests could not be completed "
           "within timeout " +
           Millis(producer->close_timeout_) + " ms.";
  });
  producer->sender_.CloseNow();
  producer->Progress();
}

JavaProducer::JavaProducer(ClientContext context, Options options)
    : Producer(*context.node),
      context_(context),
      options_(std::move(options)),
      log_(context_.sim, "[Producer clientId=" + options_.client_id + "] "),
      metadata_({.bootstrap = options_.bootstrap,
                 .max_age = options_.config.metadata_max_age,
                 .refresh_backoff =
                     Backoff::Of(options_.config.retry_backoff, options_.config.retry_backoff_max)},
                &context_.sim->chance(), options_.name),
      accumulator_({.batch_size = std::max<int64_t>(options_.config.batch_size, 1),
                    .buffer_memory = options_.config.buffer_memory,
                    .linger = options_.config.linger,
                    .delivery_timeout = options_.config.delivery_timeout,
                    .retry_backoff = Backoff::Of(options_.config.retry_backoff,
                                                 options_.config.retry_backoff_max),
                    .codec = options_.config.compression_type,
                    .adaptive_partitioning = options_.config.partitioner_adaptive_partitioning,
                    .defects = context.defects,
                    .availability_timeout = options_.config.partitioner_availability_timeout},
                   &context_.sim->chance(), options_.name),
      sender_(context_, options_.config, options_.name, options_.client_id, log_, &metadata_,
              &accumulator_, [this] { Progress(); }),
      block_timer_(*context_.sim, kMaxBlock, Tick{this}),
      close_timer_(*context_.sim, kCloseTimeout, ForceClose{this}) {
  if (options_.config.enable_idempotence)
    log_([] { return std::string("Instantiated an idempotent producer."); });
}

JavaProducer::~JavaProducer() = default;

int64_t JavaProducer::timestamp_ms() const { return WallMillis(context_.Wall()); }

bool JavaProducer::connected() const {
  for (const auto& node : metadata_.nodes())
    if (connection(node.id) == ConnectionState::kReady) return true;
  return false;
}

DeliveryFuture JavaProducer::FailNow(DeliveryReport report, DeliveryCallback& callback) {
  report.at = context_.sim->Now();
  if (callback != nullptr) callback(report);
  return SettledDelivery(std::move(report));
}

void JavaProducer::Remember(const ProducerRecord& record, RecordId id, DeliveryCallback& callback) {
  History::Sent sent;
  sent.id = id;
  sent.client = options_.name;
  sent.topic = std::string(record.topic);
  if (!record.key.is_null()) sent.key = record.key.ToString();
  if (record.value.is_kept()) sent.value = record.value.ToString();
  sent.value_size = record.value.size();
  sent.at = context_.sim->Now();
  options_.history->OnSent(std::move(sent));
  callback = [history = options_.history, id,
              callback = std::move(callback)](const DeliveryReport& report) mutable {
    history->OnReport(id, report);
    if (callback != nullptr) callback(report);
  };
}

DeliveryFuture JavaProducer::Send(const ProducerRecord& record, DeliveryCallback callback) {
  sim::OwnerScope scope(*context_.sim, owner_);
  const RecordId id = options_.history != nullptr ? options_.history->NextId() : RecordId(0);
  if (options_.history != nullptr && options_.history->kept()) Remember(record, id, callback);
  context_.sim->Remark(kSend, {{&kRecord, id.value()}});
  if (closed_) {
    DeliveryReport report;
    report.outcome = Outcome::kFailed;
    report.client_error = ClientError::kIllegalState;
    report.message = "Cannot perform operation after producer has been closed";
    return FailNow(std::move(report), callback);
  }
  NORN_CHECK(record.timestamp_ms.value_or(0) >= 0)
      << "Invalid timestamp: " << *record.timestamp_ms
      << ". Timestamp should always be non-negative or null.";
  const int32_t topic = metadata_.TopicNumber(record.topic);
  const int32_t ratio = options_.config.compression_type == Codec::kNone
                            ? kIncompressible
                            : CompressionRatioOf(record, context_);
  if (calls_.empty()) {
    sim::Ref<ProducerBatch> batch;
    int32_t index = 0;
    const Accumulator::Entry entry{
        record.timestamp_ms.has_value() ? *record.timestamp_ms : timestamp_ms(),
        record.key,
        record.value,
        record.headers,
        id,
        ratio};
    const Tried tried = TryAppend(topic, record.partition, entry, callback, &batch, &index);
    if (tried == Tried::kAppended) return DeliveryFuture(std::move(batch), index);
    if (tried == Tried::kTooLarge) return FailNow(TooLarge(entry), callback);
  }
  // The application's thread blocks here, or has been blocked by an earlier call.
  Call call;
  call.kind = Call::Kind::kSend;
  call.topic = topic;
  call.partition = record.partition;
  call.key_bytes = KeptBytes(record.key);
  call.value_bytes = KeptBytes(record.value);
  call.key = record.key;
  call.value = record.value;
  for (const Header& header : record.headers) {
    call.header_bytes.emplace_back(std::string(header.key), KeptBytes(header.value));
    call.headers.push_back(header);
  }
  call.timestamp_ms = record.timestamp_ms;
  call.compression_ratio = ratio;
  call.id = id;
  call.callback = std::move(callback);
  call.pending = sim::MakeRef<PendingSend>();
  DeliveryFuture future(call.pending, 0);
  calls_.push_back(std::move(call));
  context_.sim->Note(kBlocked, {{&kRecord, id.value()}});
  Progress();
  return future;
}

bool JavaProducer::KnowsPartition(int32_t topic, std::optional<int32_t> partition) const {
  return partition.value_or(0) < metadata_.PartitionCount(topic);
}

DeliveryReport JavaProducer::TooLarge(const Accumulator::Entry& entry) const {
  const JavaProducerConfig& config = options_.config;
  const int64_t size = entry.batch_size_upper_bound();
  DeliveryReport report;
  report.outcome = Outcome::kFailed;
  report.client_error = ClientError::kRecordTooLarge;
  report.message = "The message is " + std::to_string(size) +
                   " bytes when serialized which is larger than " +
                   (size > config.max_request_size
                        ? std::to_string(config.max_request_size) +
                              ", which is the value of the max.request.size configuration."
                        : "the total memory buffer you have configured with the buffer.memory "
                          "configuration.");
  return report;
}

JavaProducer::Tried JavaProducer::TryAppend(int32_t topic, std::optional<int32_t> partition,
                                            const Accumulator::Entry& entry,
                                            DeliveryCallback& callback,
                                            sim::Ref<ProducerBatch>* batch, int32_t* index) {
  if (!KnowsPartition(topic, partition)) return Tried::kNeedsMetadata;
  const JavaProducerConfig& config = options_.config;
  if (!entry.FitsInto(std::min<int64_t>(config.max_request_size, config.buffer_memory)))
    return Tried::kTooLarge;
  PartitionIndex chosen;  // none: the accumulator's sticky choice
  if (partition.has_value()) {
    chosen = PartitionIndex(*partition);
  } else if (!entry.key.is_null() && !config.partitioner_ignore_keys) {
    chosen = PartitionOfKey(entry.key, metadata_.PartitionCount(topic));
  }
  Accumulator::Appended appended =
      accumulator_.Append(topic, chosen, metadata_, context_.Wall(), entry, callback);
  if (!appended.batch) return Tried::kNeedsMemory;
  if (appended.wakes_sender) sender_.Wake();
  *batch = std::move(appended.batch);
  *index = appended.index;
  return Tried::kAppended;
}

Accumulator::Entry JavaProducer::EntryOf(const Call& call) {
  return {*call.timestamp_ms, call.key, call.value, call.headers, call.id, call.compression_ratio};
}

DeliveryReport JavaProducer::BlockedTooLong(const Call& call) const {
  DeliveryReport report;
  report.outcome = Outcome::kFailed;
  const ClientMetadata::Topic& topic = metadata_.topic(call.topic);
  const std::string name(topic.name.text());
  const std::string waited = Millis(options_.config.max_block);
  if (topic.partitions.empty()) {
    report.client_error = ClientError::kTimeout;
    report.error = topic.error;
    report.message = "Topic " + name + " not present in metadata after " + waited + " ms.";
  } else if (call.partition.value_or(0) >= static_cast<int32_t>(topic.partitions.size())) {
    report.client_error = ClientError::kTimeout;
    report.message = "Partition " + std::to_string(*call.partition) + " of topic " + name +
                     " with partition count " + std::to_string(topic.partitions.size()) +
                     " is not present in metadata after " + waited + " ms.";
  } else {
    report.client_error = ClientError::kBufferExhausted;
    const int64_t size = EntryOf(call).batch_size_upper_bound();
    report.message =
        "Failed to allocate " + std::to_string(std::max(options_.config.batch_size, size)) +
        " bytes within the configured max blocking time " + waited +
        " ms. Total memory: " + std::to_string(options_.config.buffer_memory) +
        " bytes. Available memory: " + std::to_string(accumulator_.free_memory()) +
        " bytes. Poolable size: " + std::to_string(options_.config.batch_size) + " bytes";
  }
  return report;
}

// True if the call has returned.
bool JavaProducer::RunSend(Call& call) {
  const Time now = context_.Wall();
  if (call.deadline == Time::Max()) call.deadline = now + options_.config.max_block;
  // The strings may have moved with the call since it was made.
  if (call.key_bytes.has_value()) call.key = Payload(*call.key_bytes);
  if (call.value_bytes.has_value()) call.value = Payload(*call.value_bytes);
  for (size_t i = 0; i < call.headers.size(); ++i) {
    call.headers[i].key = call.header_bytes[i].first;
    if (call.header_bytes[i].second.has_value())
      call.headers[i].value = Payload(*call.header_bytes[i].second);
  }
  sim::Ref<ProducerBatch> batch;
  int32_t index = 0;
  Tried tried = Tried::kNeedsMetadata;
  if (KnowsPartition(call.topic, call.partition)) {
    // Java reads its clock when the wait for metadata is over; the wait for memory comes after.
    if (!call.timestamp_ms.has_value()) call.timestamp_ms = timestamp_ms();
    tried = TryAppend(call.topic, call.partition, EntryOf(call), call.callback, &batch, &index);
  }
  if (tried == Tried::kAppended) {
    call.pending->Reach(std::move(batch), index);
    return true;
  }
  // BufferPool.allocate waits by nanoTime for what metadata has left of the time.
  if (tried == Tried::kNeedsMemory && !call.memory_deadline.has_value())
    call.memory_deadline = context_.Monotonic() + (call.deadline - now);
  const bool too_long = call.memory_deadline.has_value()
                            ? context_.Monotonic() >= *call.memory_deadline
                            : now >= call.deadline;
  if (tried == Tried::kTooLarge || too_long) {
    DeliveryReport report =
        tried == Tried::kTooLarge ? TooLarge(EntryOf(call)) : BlockedTooLong(call);
    report.at = context_.sim->Now();
    call.pending->Fail(report);
    if (call.callback != nullptr) call.callback(report);
    return true;
  }
  // Each answer that does not help is followed by another question.
  if (tried == Tried::kNeedsMetadata && call.asked_at_version != metadata_.version()) {
    call.asked_at_version = metadata_.version();
    metadata_.Want(call.topic);
    metadata_.RequestUpdateFor(call.topic);
    sender_.Wake();
  }
  if (tried == Tried::kNeedsMemory) {
    accumulator_.SetMemoryWanted(true);
    if (!call.asked_for_memory) sender_.Wake();
    call.asked_for_memory = true;
  }
  block_timer_.Set(call.memory_deadline.has_value() ? context_.WhenMonotonic(*call.memory_deadline)
                                                    : context_.WhenWall(call.deadline));
  return false;
}

bool JavaProducer::RunCall(Call& call) {
  switch (call.kind) {
    case Call::Kind::kSend:
      return RunSend(call);
    case Call::Kind::kFlush:
      BeginFlush(*std::move(call.flushed));
      return true;
    case Call::Kind::kClose:
      log_([&call] {
        const bool for_ever = call.timeout == absl::InfiniteDuration();
        return "Closing the Kafka producer with timeoutMillis = " +
               (for_ever ? std::to_string(std::numeric_limits<int64_t>::max())
                         : Millis(call.timeout)) +
               " ms.";
      });
      close_timeout_ = call.timeout;
      closing_.push_back(*std::move(call.closed));
      sender_.CloseGracefully();
      if (call.timeout < absl::InfiniteDuration())
        close_timer_.Set(context_.WhenMonotonic(context_.Monotonic() + call.timeout));
      return true;
  }
  return true;
}

void JavaProducer::Progress() {
  if (in_progress_) return;
  in_progress_ = true;
  sim::OwnerScope scope(*context_.sim, owner_);
  block_timer_.Cancel();
  accumulator_.SetMemoryWanted(false);
  while (!calls_.empty() && RunCall(calls_.front())) calls_.pop_front();
  SettleFlushes();
  if (sender_.stopped()) {
    closed_ = true;
    close_timer_.Cancel();
    for (auto& promise : closing_) promise.Set(true);
    closing_.clear();
  }
  in_progress_ = false;
}

void JavaProducer::BeginFlush(sim::Promise<FlushResult> promise) {
  flushes_.push_back({accumulator_.batches_begun(), std::move(promise)});
  accumulator_.SetFlushing(true);
  sender_.Wake();
}

void JavaProducer::SettleFlushes() {
  if (flushes_.empty()) return;
  const int64_t oldest = accumulator_.OldestIncomplete();
  std::erase_if(flushes_, [oldest](FlushWait& flush) {
    if (oldest < flush.before) return false;
    flush.promise.Set(FlushResult::kDone);
    return true;
  });
  accumulator_.SetFlushing(!flushes_.empty());
}

sim::Future<FlushResult> JavaProducer::Flush() {
  sim::OwnerScope scope(*context_.sim, owner_);
  sim::Promise<FlushResult> promise(*context_.sim);
  sim::Future<FlushResult> future = promise.future();
  if (closed_) {
    promise.Set(FlushResult::kDone);
    return future;
  }
  Call call;
  call.kind = Call::Kind::kFlush;
  call.flushed = std::move(promise);
  calls_.push_back(std::move(call));
  Progress();
  return future;
}

sim::Future<bool> JavaProducer::Close(absl::Duration timeout) {
  sim::OwnerScope scope(*context_.sim, owner_);
  sim::Promise<bool> promise(*context_.sim);
  sim::Future<bool> future = promise.future();
  if (sender_.stopped()) {
    promise.Set(true);
    return future;
  }
  Call call;
  call.kind = Call::Kind::kClose;
  call.closed = std::move(promise);
  call.timeout = timeout;
  calls_.push_back(std::move(call));
  closed_ = true;  // for whoever sends from now on
  Progress();
  return future;
}

}  // namespace norn::model
