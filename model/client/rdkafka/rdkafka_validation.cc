// Whether a new leader's log still has what was read (KIP-320; rd_kafka_offset_validate).
#include <string>
#include <utility>
#include <variant>

#include "absl/strings/str_cat.h"
#include "model/client/rdkafka/rdkafka_consumer.h"

namespace norn::model {
namespace {

constexpr absl::Duration kAgain = absl::Milliseconds(500);
constexpr std::string_view kTruncated = "Local: Partition log truncation detected";

// An answer after which the cluster is looked at anew.
bool IsAboutLeaders(Error error) {
  switch (error) {
    case Error::kUnknownLeaderEpoch:
    case Error::kFencedLeaderEpoch:
    case Error::kUnknownTopicOrPartition:
    case Error::kOffsetNotAvailable:
    case Error::kKafkaStorageError:
    case Error::kNotLeaderOrFollower:
    case Error::kLeaderNotAvailable:
    case Error::kReplicaNotAvailable:
      return true;
    default:
      return false;
  }
}

std::string Text(Offset offset, LeaderEpoch epoch) {
  return absl::StrCat("offset ", offset.value(), " (leader epoch ", epoch.value(), ")");
}

std::string EndText(Offset offset, LeaderEpoch epoch) {
  return absl::StrCat("broker end offset is ", offset.value(), " (offset leader epoch ",
                      epoch.value(), ").");
}

}  // namespace

void RdkafkaConsumer::ValidateAgain::operator()() const {
  Assigned& it = *consumer->assigned_[static_cast<size_t>(assigned)];
  if (it.state == Assigned::State::kValidate) consumer->Validate(it);
}

void RdkafkaConsumer::OnLeader(Toppar& toppar, bool new_epoch) {
  if (!recent() || toppar.assigned < 0) return;
  Assigned& assigned = *assigned_[static_cast<size_t>(toppar.assigned)];
  if (!new_epoch && assigned.state != Assigned::State::kValidate) return;
  const bool has_moved = assigned.moved || assigned.version > assigned.fetch_version;
  assigned.validated = has_moved ? assigned.start : assigned.fetch_from;
  assigned.validated_epoch = has_moved ? assigned.start_epoch : assigned.fetch_epoch;
  Validate(assigned);
}

void RdkafkaConsumer::Validate(Assigned& assigned) {
  if (assigned.state != Assigned::State::kActive && assigned.state != Assigned::State::kValidate)
    return;
  BrokerThread* const leader = assigned.toppar == nullptr ? nullptr : assigned.toppar->broker;
  if (leader == nullptr) return;  // again when there is one
  if (assigned.validated_epoch.is_none()) {
    // It was sought, or found by auto.offset.reset.
    assigned.state = Assigned::State::kActive;
    return;
  }
  if (assigned.validating) return;
  assigned.state = Assigned::State::kValidate;
  assigned.validating = true;
  wire::OffsetForLeaderEpochRequest request;
  wire::OffsetForLeaderEpochRequest::Partition wanted;
  wanted.partition = assigned.index;
  wanted.current_leader_epoch = assigned.toppar->leader_epoch;
  wanted.leader_epoch = assigned.validated_epoch;
  wire::OffsetForLeaderEpochRequest::Topic named;
  named.topic = assigned.topic->name;
  named.partitions.push_back(wanted);
  request.topics.push_back(std::move(named));
  leader->Enqueue(Api::kOffsetForLeaderEpoch, std::move(request), /*expect_answer=*/true,
                  leader->Deadline(), nullptr,
                  [this, place = assigned.toppar->assigned, leader](Ending how, bool,
                                                                    ResponseEnvelope* response) {
                    if (!closed_) OnEpochEnd(place, *leader, how, response);
                  });
}

void RdkafkaConsumer::OnEpochEnd(int32_t place, BrokerThread& thread, Ending how,
                                 ResponseEnvelope* response) {
  Assigned& assigned = *assigned_[static_cast<size_t>(place)];
  assigned.validating = false;
  // A Seek was faster.
  if (assigned.state != Assigned::State::kValidate) return;
  const wire::OffsetForLeaderEpochResponse::Partition* answer = nullptr;
  if (how == Ending::kAnswered) {
    for (const auto& topic : std::get<wire::OffsetForLeaderEpochResponse>(response->body).topics)
      for (const auto& partition : topic.partitions)
        if (partition.partition == assigned.index) answer = &partition;
  }
  if (answer == nullptr || answer->error != Error::kNone) {
    if (answer != nullptr && IsAboutLeaders(answer->error))
      AskMetadata(nullptr, {assigned.topic}, /*force=*/true);
    assigned.validate_timer.SetAfter(kAgain);
    return;
  }
  const Offset end = answer->end_offset;
  const std::string end_text = EndText(end, answer->leader_epoch);
  const std::string text = Text(assigned.validated, assigned.validated_epoch);
  if (end.is_none() || answer->leader_epoch.is_none()) {
    Reset(assigned, thread.id(),
          absl::StrCat("No epoch found less or equal to ", text, ": ", end_text,
                       " Reset using configured policy."),
          kTruncated);
  } else if (end >= assigned.validated) {
    assigned.state = Assigned::State::kActive;
    if (assigned.toppar != nullptr && assigned.toppar->broker != nullptr)
      assigned.toppar->broker->Wake();
  } else if (options_.config.auto_offset_reset == RdkafkaOffsetReset::kError) {
    Reset(assigned, thread.id(),
          absl::StrCat("Partition log truncation detected at ", text, ": ", end_text,
                       " Reset to INVALID."),
          kTruncated);
  } else {
    // As a Seek: what is queued is dropped.
    ++assigned.version;
    assigned.position = Offset::None();
    StartAt(assigned, end, answer->leader_epoch);
    if (assigned.toppar != nullptr && assigned.toppar->broker != nullptr)
      assigned.toppar->broker->WakeNow();
  }
}

}  // namespace norn::model
