#include "model/client/rdkafka/message.h"

#include <algorithm>
#include <string>
#include <utility>

#include "sim/check.h"

namespace norn::model::rdkafka {
namespace {

// rd_kafka_err2str() of what librdkafka finds itself.
std::string_view Text(ClientError error) {
  switch (error) {
    case ClientError::kMsgTimedOut:
      return "Local: Message timed out";
    case ClientError::kQueueFull:
      return "Local: Queue full";
    case ClientError::kUnknownPartition:
      return "Local: Unknown partition";
    case ClientError::kUnknownTopic:
      return "Local: Unknown topic";
    case ClientError::kPurgeQueue:
      return "Local: Purged in queue";
    case ClientError::kPurgeInflight:
      return "Local: Purged in flight";
    case ClientError::kFatal:
      return "Local: Fatal error";
    case ClientError::kInconsistent:
      return "Local: Inconsistent state";
    case ClientError::kTransport:
      return "Local: Broker transport failure";
    default:
      return "";
  }
}

std::string TextOf(ClientError client_error, Error error) {
  if (client_error != ClientError::kNone) return std::string(Text(client_error));
  return "Broker: " + std::string(DefaultMessage(error));
}

}  // namespace

DeliveryReport ReportOf(const Message& message) {
  DeliveryReport report;
  report.library = ClientLibrary::kLibrdkafka;
  report.error = message.error;
  report.client_error = message.client_error;
  report.status = message.status;
  report.partition = message.partition;
  report.offset = message.offset;
  report.attempts = message.requests;
  report.at = message.at;
  if (message.error == Error::kNone && message.client_error == ClientError::kNone) {
    report.outcome = Outcome::kOk;
  } else {
    report.outcome =
        message.status == DeliveryStatus::kNotPersisted ? Outcome::kFailed : Outcome::kUnknown;
    report.message = TextOf(message.client_error, message.error);
  }
  return report;
}

DeliveryReport RefusedReport(ClientError client_error, Error error, sim::Time at) {
  DeliveryReport report;
  report.library = ClientLibrary::kLibrdkafka;
  report.outcome = Outcome::kFailed;
  report.error = error;
  report.client_error = client_error;
  report.status = DeliveryStatus::kNotPersisted;
  report.refused = true;
  report.message = TextOf(client_error, error);
  report.at = at;
  return report;
}

Message* MessageBlock::Take() {
  NORN_CHECK(!full());
  Message* message = &messages_[static_cast<size_t>(used_++)];
  message->block = this;
  if (live_++ == 0) self_ = sim::Ref<MessageBlock>(this);
  return message;
}

void MessageBlock::Finish(Message* message) {
  NORN_CHECK(message->settled);
  waiters_.WakeAll();
  LetGo(message);
}

void MessageBlock::Abandon(Message* message) { LetGo(message); }

void MessageBlock::LetGo(Message* message) {
  message->key = Payload::Null();
  message->value = Payload::Null();
  message->headers.clear();
  message->bytes.reset();
  message->callback = nullptr;
  // The last statement: this may be the last owner.
  if (--live_ == 0) self_ = nullptr;
}

void MessageQueue::PushBack(Message* message) {
  message->next = nullptr;
  (last_ == nullptr ? first_ : last_->next) = message;
  last_ = message;
  ++count_;
  bytes_ += message->payload_size();
}

Message* MessageQueue::PopFront() {
  Message* message = first_;
  first_ = message->next;
  if (first_ == nullptr) last_ = nullptr;
  --count_;
  bytes_ -= message->payload_size();
  message->next = nullptr;
  return message;
}

void MessageQueue::Append(MessageQueue& other) {
  if (other.empty()) return;
  (last_ == nullptr ? first_ : last_->next) = other.first_;
  last_ = other.last_;
  count_ += std::exchange(other.count_, 0);
  bytes_ += std::exchange(other.bytes_, 0);
  other.first_ = other.last_ = nullptr;
}

void MessageQueue::Merge(MessageQueue& other) {
  if (other.empty()) return;
  if (empty() || last_->number < other.first_->number) {
    Append(other);
    return;
  }
  MessageQueue merged;
  while (!empty() && !other.empty())
    merged.PushBack(first_->number < other.first_->number ? PopFront() : other.PopFront());
  merged.Append(*this);
  merged.Append(other);
  Append(merged);
}

sim::Time MessageQueue::FirstExpiry() const {
  sim::Time first = sim::Time::Max();
  // In order of their numbers, and so of their expiry: each has the same message.timeout.ms.
  if (first_ != nullptr) first = first_->expires;
  return first;
}

}  // namespace norn::model::rdkafka
