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
               std::string client_id, ClientMetadata* metadata, Accumulator* accumulator,
               std::function<void()> on_progress)
    : context_(context),
      config_(config),
      metadata_(metadata),
      accumulator_(accumulator),
      on_progress_(std::move(on_progress)),
      network_(context,
               {.name = name,
                .client_id = std::move(client_id),
                .flavour = config.flavour,
                .config = config,
                .max_in_flight = config.max_in_flight_requests_per_connection},
               metadata, this),
      retry_backoff_(Backoff::Of(config.retry_backoff, config.retry_backoff_max)),
      retry_stream_(context_.sim->chance().Resolve("client/" + name + "/producer-id-backoff")),
      timer_(*context_.sim, kSender, Tick{this}) {
  Wake();
}

void Sender::Wake() {
  if (!stopped_) timer_.SetNoLaterThan(context_.sim->Now());
}

bool Sender::idle() const { return !accumulator_->HasQueued() && requests_in_flight_ == 0; }

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
    timer_.Set(std::max(next, context_.sim->Now()));
  } else {
    timer_.Cancel();
  }
  on_progress_();
}

Time Sender::Pass() {
  if (config_.enable_idempotence && (idempotence_.Settle() || id_in_flight_)) {
    // Nothing can be drained without a producer id; metadata is asked for beside it.
    const Time next = network_.Poll();
    Expire();
    if (AskForProducerId()) return std::min({next, accumulator_->NextExpiry(), network_.Poll()});
    const Time again = std::max(id_not_before_, context_.sim->Now() + absl::Milliseconds(1));
    return std::min({next, accumulator_->NextExpiry(), again});
  }
  const Time next = SendBatches();
  return std::min(next, network_.Poll());
}

// True if the answer is under way or a connection is being made; false: ask again later.
bool Sender::AskForProducerId() {
  if (id_in_flight_) return true;
  if (context_.sim->Now() < id_not_before_) return false;
  const BrokerId node = network_.LeastLoadedNode();
  if (node.is_none()) {
    id_not_before_ = context_.sim->Now() + config_.reconnect_backoff;
    return false;
  }
  if (!network_.CanSend(node)) {
    if (!network_.AnyConnecting()) network_.Connect(node);
    return true;
  }
  wire::InitProducerIdRequest request;
  request.transaction_timeout_ms = std::numeric_limits<int32_t>::max();
  id_in_flight_ = true;
  network_.Send(node, Api::kInitProducerId, std::move(request), /*expect_answer=*/true,
                [this](Completion how, ResponseEnvelope* response) {
                  id_in_flight_ = false;
                  if (how == Completion::kAnswered) {
                    const auto& answer = std::get<wire::InitProducerIdResponse>(response->body);
                    if (answer.error == Error::kNone) {
                      id_failures_ = 0;
                      idempotence_.SetProducerId(answer.producer_id, answer.producer_epoch);
                      return;
                    }
                  }
                  const sim::Key key(static_cast<int64_t>(retry_draws_++));
                  const absl::Duration wait = retry_backoff_.After(
                      id_failures_++, context_.sim->chance(), retry_stream_, key);
                  id_not_before_ = context_.sim->Now() + wait;
                });
  return true;
}

bool Sender::MayDrain(const ProducerBatch& head) {
  return !config_.enable_idempotence || idempotence_.MayDrain(head);
}

Time Sender::SendBatches() {
  const Time now = context_.sim->Now();
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
      if (config_.max_in_flight_requests_per_connection == 1)
        accumulator_->Mute(batch->topic, batch->partition, true);
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
  ++requests_in_flight_;
  network_.Send(node, Api::kProduce, std::move(request), config_.acks != Acks::kNone,
                [this, node, batches = std::move(batches)](Completion how,
                                                           ResponseEnvelope* response) mutable {
                  --requests_in_flight_;
                  OnCompletion(node, how, response, batches);
                });
}

void Sender::OnCompletion(BrokerId node, Completion how, ResponseEnvelope* response,
                          std::vector<sim::Ref<ProducerBatch>>& batches) {
  const std::string destination = std::to_string(node.value());
  for (const auto& batch : batches) {
    if (how == Completion::kDisconnected) {
      RetryOrFail(batch, Error::kNetworkException, Answered::kAfterWait,
                  "Disconnected from node " + destination);
    } else if (how == Completion::kTimedOut) {
      RetryOrFail(batch, Error::kRequestTimedOut, Answered::kAfterWait,
                  "Disconnected from node " + destination + " due to timeout");
    } else if (response == nullptr) {
      Complete(batch, Offset::None());  // acks=0: handed to the socket is all there is to know
    }
  }
  if (response == nullptr) return;
  const auto& answer = std::get<wire::ProduceResponse>(response->body);
  for (const auto& topic : answer.topics) {
    const int32_t number = metadata_->FindTopic(topic.topic_id);
    for (const auto& partition : topic.partitions)
      for (const auto& batch : batches)
        if (batch->topic == number && batch->partition == partition.index)
          OnPartitionAnswer(batch, partition);
  }
}

void Sender::OnPartitionAnswer(const sim::Ref<ProducerBatch>& batch,
                               const wire::ProduceResponse::Partition& answer) {
  switch (answer.error) {
    case Error::kNone:
      Complete(batch, answer.base_offset);
      return;
    case Error::kDuplicateSequenceNumber:
      Complete(batch, Offset::None());
      return;
    case Error::kMessageTooLarge:
      if (batch->record_count > 1 && !batch->done()) {
        Split(batch);
        return;
      }
      [[fallthrough]];
    default:
      // An answer with a base offset was made after the append: the data may stay.
      RetryOrFail(batch, answer.error,
                  answer.base_offset >= Offset(0) ? Answered::kAfterWait : Answered::kUpFront,
                  answer.error_message.value_or(std::string(DefaultMessage(answer.error))));
  }
}

void Sender::Split(const sim::Ref<ProducerBatch>& batch) {
  NoLongerInFlight(batch);
  batch->last_error = Error::kMessageTooLarge;
  const std::vector<sim::Ref<ProducerBatch>> parts = accumulator_->Split(batch);
  if (config_.enable_idempotence && parts.size() > 1) idempotence_.OnSplit(*batch, parts);
  context_.sim->Note(kSplit, {{&kBatch, batch->number},
                              {&kRecords, batch->record_count},
                              {&kParts, static_cast<int64_t>(parts.size())}});
}

void Sender::RetryOrFail(const sim::Ref<ProducerBatch>& batch, Error error, Answered answered,
                         std::string message) {
  NoLongerInFlight(batch);
  batch->last_error = error;
  if (PersistenceAfter(error, answered) != Persistence::kNotWritten) batch->possibly_written = true;
  if (RefreshesMetadata(error)) metadata_->RequestUpdate();
  if (batch->done()) return;  // it expired while in flight
  const Time now = context_.sim->Now();
  const bool in_time = now - batch->created < config_.delivery_timeout;
  const bool attempts_left = batch->attempts < config_.retries;
  const bool retriable =
      config_.enable_idempotence ? idempotence_.MayRetry(error, *batch) : IsRetriable(error);
  if (!in_time || !attempts_left || !retriable) {
    Fail(batch, error, ClientError::kNone, std::move(message), attempts_left);
    return;
  }
  context_.sim->Note(kRetry, {{&kBatch, batch->number}, {&kAttempt, batch->requests}},
                     [&] { return message; });
  accumulator_->PutBack(batch, now);
}

void Sender::NoLongerInFlight(const sim::Ref<ProducerBatch>& batch) {
  batch->in_flight = false;
  std::erase(in_flight_, batch);
  if (config_.max_in_flight_requests_per_connection == 1)
    accumulator_->Mute(batch->topic, batch->partition, false);
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
  if (config_.enable_idempotence) idempotence_.OnFailed(*batch, sequence_is_free);
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
  const Time now = context_.sim->Now();
  expired_.clear();
  for (const auto& batch : in_flight_)
    if (!batch->done() && now - batch->created >= config_.delivery_timeout)
      expired_.push_back(batch);
  accumulator_->TakeExpired(now, &expired_);
  for (const auto& batch : expired_) {
    const ClientMetadata::Topic& topic = metadata_->topic(batch->topic);
    const int64_t age_ms = (now.nanos() - batch->created.nanos()) / 1'000'000;
    std::string message = "Expiring " + std::to_string(batch->record_count) + " record(s) for " +
                          std::string(topic.name.text()) + "-" +
                          std::to_string(batch->partition.value()) + ":" + std::to_string(age_ms) +
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
