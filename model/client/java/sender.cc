#include "model/client/java/sender.h"

#include <algorithm>
#include <utility>

#include "sim/check.h"

namespace norn::model {
namespace {

using sim::Time;

constexpr sim::Label kSender{"sender"};
constexpr sim::Label kDrained{"batch drained"};
constexpr sim::Label kRetry{"batch put back"};
constexpr sim::Label kAcked{"batch acknowledged"};
constexpr sim::Label kFailed{"batch failed"};
constexpr sim::Label kSplit{"batch split"};
constexpr sim::Label kParts{"parts"};
constexpr sim::Label kBatch{"batch"};
constexpr sim::Label kPartition{"partition"};
constexpr sim::Label kRecords{"records"};
constexpr sim::Label kAttempt{"attempt"};

constexpr char kClosedForcefully[] = "Producer is closed forcefully.";

}  // namespace

Sender::Sender(ClientContext context, const JavaProducerConfig& config, std::string name,
               std::string client_id, ClientLog log, ClientMetadata* metadata,
               Accumulator* accumulator, std::function<void()> on_progress)
    : context_(context),
      config_(config),
      metadata_(metadata),
      accumulator_(accumulator),
      on_progress_(std::move(on_progress)),
      log_(std::move(log)),
      idempotence_(log_, [this](int32_t topic, PartitionIndex p) { return NameOf(topic, p); }),
      network_(context,
               {.name = std::move(name),
                .client_id = std::move(client_id),
                .flavour = config.flavour,
                .config = config,
                .max_in_flight = config.max_in_flight_requests_per_connection,
                .log = log_},
               metadata, this),
      timer_(*context_.sim, kSender, Tick{this}) {
  Wake();
}

std::string Sender::NameOf(int32_t topic, PartitionIndex partition) const {
  return std::string(metadata_->topic(topic).name.text()) + "-" + std::to_string(partition.value());
}

void Sender::Wake() {
  if (!stopped_) timer_.SetNoLaterThan(context_.sim->Now());
}

bool Sender::OneAtATime() const {
  return config_.max_in_flight_requests_per_connection == 1 &&
         !context_.defects.Has(Defect::kKafka3197);
}

bool Sender::idle() const { return !accumulator_->HasQueued() && network_.in_flight() == 0; }

void Sender::Run() {
  if (stopped_) return;
  if (running_) {
    run_again_ = true;
    return;
  }
  running_ = true;
  Time next;
  do {
    run_again_ = false;
    next = Pass();
  } while (run_again_ && !stopped_);
  running_ = false;
  if (!stopped_ && closing_ && idle()) {
    stopped_ = true;
    network_.Close();
  }
  if (stopped_) {
    timer_.Cancel();
  } else if (next < Time::Max()) {
    timer_.Set(context_.WhenWall(next));
  } else {
    timer_.Cancel();
  }
  on_progress_();
}

Time Sender::Pass() {
  if (asleep_until_ > context_.Monotonic()) return Waking();
  if (fatal_ != Error::kNone) {
    AbortAll(fatal_);
    return network_.Poll();
  }
  // Java's thread comes from its poll, which times requests out, before it looks for batches that
  // have expired. Where both fall on one instant, the batch fails by its answer.
  network_.TimeOut();
  if (config_.enable_idempotence && (idempotence_.Settle() || id_in_flight_))
    return AskForProducerId();
  const Time next = SendBatches();
  return std::min(next, network_.Poll());
}

Time Sender::AskForProducerId() {
  const Time now = context_.Wall();
  if (id_in_flight_) return network_.Poll();
  if (id_may_be_sent_) {
    id_may_be_sent_ = false;
    const BrokerId node = std::exchange(awaited_, BrokerId::None());
    if (network_.CanSend(node)) {
      SendInitProducerId(node);
      return network_.Poll();
    }
  }
  Time next = Time::Max();
  if (awaited_.is_none()) {
    awaited_ = network_.LeastLoadedNode();
    if (awaited_.is_none()) {
      // No broker can be asked now. Look again when something happened, or soon.
      id_is_retried_ = true;
      return std::min(network_.Poll(), now + Sleep());
    }
    awaited_until_ = now + config_.request_timeout;
  }
  next = network_.Poll();
  const BrokerId node = awaited_;
  if (network_.Ready(node)) {
    if (id_is_retried_) {
      id_may_be_sent_ = true;
      asleep_until_ = context_.Monotonic() + Sleep();
      return Waking();
    }
    awaited_ = BrokerId::None();
    SendInitProducerId(node);
    return std::min(next, network_.Poll());
  }
  if (network_.state(node) == ConnectionState::kDisconnected || now >= awaited_until_)
    return SleepAndRetry();
  return std::min({next, awaited_until_, network_.Poll()});
}

// retry.backoff.ms; Java's thread takes some time even if that is none.
absl::Duration Sender::Sleep() const {
  return std::max(config_.retry_backoff, absl::Milliseconds(1));
}

// Thread.sleep() does not look at the wall clock.
Time Sender::Waking() const { return context_.Wall() + (asleep_until_ - context_.Monotonic()); }

Time Sender::SleepAndRetry() {
  awaited_ = BrokerId::None();
  id_is_retried_ = true;
  metadata_->RequestUpdate(/*anew=*/true);
  asleep_until_ = context_.Monotonic() + Sleep();
  return Waking();
}

void Sender::SendInitProducerId(BrokerId node) {
  wire::InitProducerIdRequest request;
  request.transaction_timeout_ms = std::numeric_limits<int32_t>::max();
  id_in_flight_ = true;
  network_.Send(node, Api::kInitProducerId, std::move(request), /*expect_answer=*/true,
                [this](Completion how, ResponseEnvelope* response) {
                  id_in_flight_ = false;
                  if (how == Completion::kAnswered) {
                    const auto& answer = std::get<wire::InitProducerIdResponse>(response->body);
                    if (answer.error == Error::kNone) {
                      id_is_retried_ = false;
                      idempotence_.SetProducerId(answer.producer_id, answer.producer_epoch);
                      return;
                    }
                    if (answer.error == Error::kClusterAuthorizationFailed ||
                        answer.error == Error::kTransactionalIdAuthorizationFailed) {
                      // What is there fails; the next may be allowed (recordings 107, 127).
                      AbortAll(answer.error);
                      return;
                    }
                    if (!IsRetriable(answer.error)) {
                      fatal_ = answer.error;
                      return;
                    }
                  }
                  id_is_retried_ = true;
                });
}

// What the producer holds fails.
void Sender::AbortAll(Error error) {
  std::vector<sim::Ref<ProducerBatch>> left = std::move(in_flight_);
  in_flight_.clear();
  accumulator_->TakeAll(&left);
  if (left.empty()) return;
  log_([] { return std::string("Aborting producer batches due to fatal error"); });
  for (const auto& batch : left)
    if (!batch->done())
      Fail(batch, error, ClientError::kNone, std::string(DefaultMessage(error)), false);
}

bool Sender::MayDrain(const ProducerBatch& head) {
  return !config_.enable_idempotence || idempotence_.MayDrain(head);
}

Time Sender::SendBatches() {
  const Time now = context_.Wall();
  Time next = Time::Max();
  accumulator_->Ready(*metadata_, now, &readiness_);
  for (int32_t topic : readiness_.topics_without_leader) {
    metadata_->Want(topic);
    metadata_->RequestUpdate();
  }
  bool sent = false;
  std::vector<std::pair<BrokerId, std::vector<sim::Ref<ProducerBatch>>>> requests;
  for (BrokerId node : readiness_.nodes) {
    const bool ready = network_.Ready(node);
    accumulator_->OnNodeReady(node, now, ready);
    if (!ready) {
      next = std::min(next, network_.ReadyAgainAt(node));
      continue;
    }
    std::vector<sim::Ref<ProducerBatch>> batches;
    if (accumulator_->Drain(node, *metadata_, config_.max_request_size, now, *this, &batches))
      run_again_ = true;
    for (const auto& batch : batches) {
      if (config_.enable_idempotence) idempotence_.OnDrained(batch);
      if (OneAtATime()) accumulator_->Mute(batch->topic, batch->partition, true);
      batch->in_flight = true;
      batch->sent_to = metadata_->EpochOf(batch->topic, batch->partition);
      in_flight_.push_back(batch);
    }
    if (!batches.empty()) requests.emplace_back(node, std::move(batches));
  }
  Expire();
  for (auto& [node, batches] : requests) {
    SendRequest(node, std::move(batches));
    sent = true;
  }
  // Something was sent: another pass at once may send more, up to max.in.flight.
  if (sent) run_again_ = true;
  next = std::min({next, readiness_.next_check, accumulator_->NextExpiry()});
  for (const auto& batch : in_flight_)
    next = std::min(next, batch->created + config_.delivery_timeout);
  return next;
}

void Sender::SendRequest(BrokerId node, std::vector<sim::Ref<ProducerBatch>> batches) {
  wire::ProduceRequest request;
  request.acks = static_cast<int16_t>(config_.acks);
  request.timeout_ms = static_cast<int32_t>(absl::ToInt64Milliseconds(config_.request_timeout));
  for (const auto& batch : batches) {
    const ClientMetadata::Topic& topic = metadata_->topic(batch->topic);
    auto place = std::find_if(request.topics.begin(), request.topics.end(),
                              [&](const auto& t) { return t.topic_id == topic.id; });
    if (place == request.topics.end()) {
      wire::ProduceRequest::Topic named;
      named.name = topic.name;
      named.topic_id = topic.id;
      request.topics.push_back(std::move(named));
      place = request.topics.end() - 1;
    }
    RecordBatch::Options options;
    options.base_timestamp_ms = batch->base_timestamp_ms;
    if (config_.compression_type != Codec::kNone) {
      options.attributes = BatchAttributes().With(config_.compression_type);
      options.compressed_size = batch->compressed.bytes();
    }
    RecordBatch records(batch->records, options);
    if (batch->has_sequence())
      records.SetProducer(batch->producer_id, batch->producer_epoch, batch->base_sequence);
    records.SetAttempt(batch->requests + 1);
    wire::ProduceRequest::Partition partition;
    partition.index = batch->partition;
    partition.records.emplace(std::move(records));
    place->partitions.push_back(std::move(partition));
    ++batch->requests;
    context_.sim->Note(kDrained, {{&kBatch, batch->number},
                                  {&kPartition, batch->partition.value()},
                                  {&kRecords, batch->record_count},
                                  {&kAttempt, batch->requests}});
  }
  const CorrelationId correlation = network_.next_correlation();
  network_.Send(node, Api::kProduce, std::move(request), config_.acks != Acks::kNone,
                [this, node, correlation, batches = std::move(batches)](
                    Completion how, ResponseEnvelope* response) mutable {
                  OnCompletion(node, how, correlation, response, batches);
                });
}

void Sender::OnCompletion(BrokerId node, Completion how, CorrelationId correlation,
                          ResponseEnvelope* response,
                          std::vector<sim::Ref<ProducerBatch>>& batches) {
  if (response == nullptr) {
    Verdict verdict;
    if (how == Completion::kDisconnected) {
      verdict.error = Error::kNetworkException;
      verdict.message = "Disconnected from node " + std::to_string(node.value());
    } else if (how == Completion::kTimedOut) {
      verdict.error = Error::kRequestTimedOut;
      verdict.message =
          "Disconnected from node " + std::to_string(node.value()) + " due to timeout";
    }
    // acks=0: handed to the socket is all there is to know.
    for (const auto& batch : batches) OnVerdict(batch, correlation, verdict, {});
    return;
  }
  const auto& answer = std::get<wire::ProduceResponse>(response->body);
  const bool by_id = response->version >= 13;
  for (const auto& topic : answer.topics) {
    const int32_t number =
        by_id ? metadata_->FindTopic(topic.topic_id) : metadata_->FindTopic(topic.name.text());
    for (const auto& partition : topic.partitions) {
      Verdict verdict;
      verdict.error = partition.error;
      // An answer with a base offset was made after the append: the data may stay.
      if (partition.base_offset < Offset(0)) verdict.answered = Answered::kUpFront;
      verdict.base_offset = partition.base_offset;
      verdict.log_start = partition.log_start_offset;
      verdict.message = partition.error_message;
      verdict.leader = partition.current_leader;
      for (const auto& record : partition.record_errors)
        verdict.refused_records.emplace_back(
            record.batch_index, record.message.value_or(partition.error_message.value_or(
                                    std::string(DefaultMessage(partition.error)))));
      for (const auto& batch : batches)
        if (batch->topic == number && batch->partition == partition.index)
          OnVerdict(batch, correlation, verdict, answer.node_endpoints);
    }
  }
}

void Sender::OnVerdict(const sim::Ref<ProducerBatch>& batch, CorrelationId correlation,
                       const Verdict& verdict, const std::vector<wire::NodeEndpoint>& endpoints) {
  switch (verdict.error) {
    case Error::kNone:
      Complete(batch, verdict.base_offset);
      return;
    case Error::kDuplicateSequenceNumber:
      Complete(batch, Offset::None());
      return;
    case Error::kMessageTooLarge:
      if (batch->record_count > 1 && !batch->done()) {
        Split(batch, correlation, verdict);
        return;
      }
      break;
    default:
      break;
  }
  RetryOrFail(batch, correlation, verdict);
  if (!RefreshesMetadata(verdict.error)) return;
  log_([&] {
    const std::string partition = NameOf(batch->topic, batch->partition);
    if (verdict.error == Error::kUnknownTopicOrPartition) {
      return "Received unknown topic or partition error in produce request on partition " +
             partition +
             ". The topic-partition may not exist or the user may not have Describe access to it";
    }
    return "Received invalid metadata error in produce request on partition " + partition +
           " due to org.apache.kafka.common.errors." + std::string(JavaException(verdict.error)) +
           ": " + verdict.message.value_or(std::string(DefaultMessage(verdict.error))) +
           " Going to request metadata update now";
  });
  if (verdict.error == Error::kNotLeaderOrFollower || verdict.error == Error::kFencedLeaderEpoch)
    metadata_->UpdateLeader(batch->topic, batch->partition, verdict.leader, endpoints);
  metadata_->RequestUpdate();
}

namespace {

// As Java's log shows an error: its name, and what came with it.
std::string Shown(Error error, const std::optional<std::string>& message) {
  return std::string(Name(error)) + (message.has_value() ? ". Error Message: " + *message : "");
}

}  // namespace

void Sender::Split(const sim::Ref<ProducerBatch>& batch, CorrelationId correlation,
                   const Verdict& verdict) {
  log_([&] {
    return "Got error produce response in correlation id " + std::to_string(correlation.value()) +
           " on topic-partition " + NameOf(batch->topic, batch->partition) +
           ", splitting and retrying (" + std::to_string(config_.retries - batch->attempts) +
           " attempts left). Error: " + Shown(verdict.error, verdict.message);
  });
  NoLongerInFlight(batch);
  batch->last_error = Error::kMessageTooLarge;
  const std::vector<sim::Ref<ProducerBatch>> parts = accumulator_->Split(batch);
  if (config_.enable_idempotence && parts.size() > 1) idempotence_.OnSplit(*batch, parts);
  context_.sim->Note(kSplit, {{&kBatch, batch->number},
                              {&kRecords, batch->record_count},
                              {&kParts, static_cast<int64_t>(parts.size())}});
}

void Sender::RetryOrFail(const sim::Ref<ProducerBatch>& batch, CorrelationId correlation,
                         const Verdict& verdict) {
  NoLongerInFlight(batch);
  batch->last_error = verdict.error;
  if (PersistenceAfter(verdict.error, verdict.answered) != Persistence::kNotWritten)
    batch->possibly_written = true;
  if (batch->done()) return;  // it expired while in flight
  const Time now = context_.Wall();
  const bool in_time = now - batch->created < config_.delivery_timeout;
  const bool attempts_left = batch->attempts < config_.retries;
  const auto retriable = [&] {
    return config_.enable_idempotence
               ? idempotence_.MayRetry(verdict.error, *batch, verdict.log_start)
               : IsRetriable(verdict.error);
  };
  if (!in_time || !attempts_left || !retriable()) {
    batch->refused_records = verdict.refused_records;
    Fail(batch, verdict.error, ClientError::kNone,
         verdict.message.value_or(std::string(DefaultMessage(verdict.error))), attempts_left);
    return;
  }
  log_([&] {
    return "Got error produce response with correlation id " + std::to_string(correlation.value()) +
           " on topic-partition " + NameOf(batch->topic, batch->partition) + ", retrying (" +
           std::to_string(config_.retries - batch->attempts - 1) +
           " attempts left). Error: " + Shown(verdict.error, verdict.message);
  });
  context_.sim->Note(kRetry, {{&kBatch, batch->number}, {&kAttempt, batch->requests}},
                     [&] { return std::string(Name(verdict.error)); });
  accumulator_->PutBack(batch, now);
}

void Sender::NoLongerInFlight(const sim::Ref<ProducerBatch>& batch) {
  batch->in_flight = false;
  std::erase(in_flight_, batch);
  if (OneAtATime()) accumulator_->Mute(batch->topic, batch->partition, false);
}

void Sender::Complete(const sim::Ref<ProducerBatch>& batch, Offset base_offset) {
  NoLongerInFlight(batch);
  if (config_.enable_idempotence) idempotence_.OnCompleted(*batch);
  if (batch->done()) return;  // reported failed before; the answer came too late to be told
  context_.sim->Note(kAcked, {{&kBatch, batch->number},
                              {&kPartition, batch->partition.value()},
                              {&kRecords, batch->record_count}});
  DeliveryReport report;
  report.outcome = Outcome::kOk;
  report.at = context_.sim->Now();
  accumulator_->Release(*batch);
  batch->Finish(std::move(report), base_offset);
}

void Sender::Fail(const sim::Ref<ProducerBatch>& batch, Error error, ClientError client_error,
                  std::string message, bool sequence_is_free) {
  context_.sim->Note(kFailed, {{&kBatch, batch->number}, {&kRecords, batch->record_count}},
                     [&] { return message; });
  if (config_.enable_idempotence) idempotence_.OnFailed(*batch, error, sequence_is_free);
  DeliveryReport report;
  report.outcome =
      batch->possibly_written || batch->in_flight ? Outcome::kUnknown : Outcome::kFailed;
  report.error = error;
  report.client_error = client_error;
  report.message = std::move(message);
  report.at = context_.sim->Now();
  accumulator_->Release(*batch);
  batch->Finish(std::move(report), Offset::None());
}

void Sender::Expire() {
  const Time now = context_.Wall();
  expired_.clear();
  for (const auto& batch : in_flight_)
    if (!batch->done() && now - batch->created >= config_.delivery_timeout)
      expired_.push_back(batch);
  accumulator_->TakeExpired(now, &expired_);
  for (const auto& batch : expired_) {
    const int64_t age_ms = (now.nanos() - batch->created.nanos()) / 1'000'000;
    std::string message = "Expiring " + std::to_string(batch->record_count) + " record(s) for " +
                          NameOf(batch->topic, batch->partition) + ":" + std::to_string(age_ms) +
                          " ms has passed since batch creation";
    if (config_.enable_idempotence && batch->attempts > 0) idempotence_.OnExpiredInRetry(*batch);
    // The request of one in flight is not cancelled and holds its slot; the sequence stays used.
    Fail(batch, batch->last_error, ClientError::kTimeout, std::move(message),
         /*sequence_is_free=*/false);
  }
  expired_.clear();
  std::erase_if(in_flight_, [](const auto& batch) { return batch->done(); });
}

void Sender::CloseGracefully() {
  closing_ = true;
  accumulator_->SetClosing();
  Wake();
}

void Sender::CloseNow() {
  if (stopped_) return;
  stopped_ = true;
  timer_.Cancel();
  network_.Close();
  std::vector<sim::Ref<ProducerBatch>> left = std::move(in_flight_);
  in_flight_.clear();
  accumulator_->TakeAll(&left);
  for (const auto& batch : left)
    if (!batch->done())
      Fail(batch, batch->last_error, ClientError::kClosed, kClosedForcefully, false);
}

}  // namespace norn::model
