#include "model/client/rdkafka/idempotence.h"

#include <limits>
#include <utility>
#include <variant>

namespace norn::model::rdkafka {
namespace {

constexpr absl::Duration kRetryAfter = absl::Milliseconds(500);

}  // namespace

void Idempotence::Start() {
  state_ = State::kRequestPid;
  retry_.SetAfter(kRetryAfter);
}

void Idempotence::Seek() {
  if (state_ != State::kRequestPid) return;
  BrokerThread* broker = owner_->AnyBrokerUp();
  if (broker == nullptr) {
    retry_.SetAfter(kRetryAfter);
    return;
  }
  retry_.Cancel();
  state_ = State::kWaitPid;
  wire::InitProducerIdRequest request;
  request.transaction_timeout_ms = -1;
  broker->Enqueue(
      Api::kInitProducerId, std::move(request), /*expect_answer=*/true, broker->Deadline(), nullptr,
      [this](Ending how, bool, ResponseEnvelope* response) { OnAnswer(how, response); });
}

void Idempotence::OnAnswer(Ending how, ResponseEnvelope* response) {
  if (state_ != State::kWaitPid) return;
  if (how == Ending::kAnswered) {
    const auto& answer = std::get<wire::InitProducerIdResponse>(response->body);
    if (answer.error == Error::kNone) {
      pid_ = {answer.producer_id, answer.producer_epoch};
      state_ = State::kAssigned;
      owner_->OnPid();
      return;
    }
    if (answer.error == Error::kClusterAuthorizationFailed ||
        answer.error == Error::kTransactionalIdAuthorizationFailed ||
        answer.error == Error::kInvalidTransactionTimeout ||
        answer.error == Error::kUnsupportedVersion) {
      SetFatal(answer.error);
      return;
    }
  }
  state_ = State::kRequestPid;
  retry_.SetAfter(kRetryAfter);
}

void Idempotence::PartitionDrained() {
  if (--in_flight_partitions_ == 0) OnDrained();
}

void Idempotence::DrainAndBump() {
  state_ = State::kDrainBump;
  if (in_flight_partitions_ == 0) OnDrained();
}

void Idempotence::OnDrained() {
  if (fatal_) return;
  if (state_ == State::kDrainBump && pid_.valid()) {
    // After the last epoch comes the first of the same id, as the real one does it.
    const bool last = pid_.epoch.value() == std::numeric_limits<int16_t>::max();
    pid_.epoch = last ? ProducerEpoch(0) : Next(pid_.epoch);
    state_ = State::kAssigned;
    owner_->OnPid();
  }
}

void Idempotence::SetFatal(Error error) {
  if (fatal_) return;
  fatal_ = true;
  fatal_error_ = error;
  state_ = State::kFatal;
  retry_.Cancel();
  owner_->OnFatal();
}

}  // namespace norn::model::rdkafka
