// Where a partition is read from: offsets that are asked for, and what becomes of one that is of no
// use (rdkafka_offset.c, rdkafka_partition.c).
#include <utility>
#include <variant>

#include "model/client/rdkafka/error_text.h"
#include "model/client/rdkafka/rdkafka_consumer.h"

namespace norn::model {
namespace {

constexpr sim::Label kReset{"offset reset"};
constexpr sim::Label kPartition{"partition"};

constexpr absl::Duration kAfterError = absl::Milliseconds(100);
constexpr absl::Duration kLater = absl::Milliseconds(500);
constexpr int32_t kRetries = 2;  // RD_KAFKA_REQUEST_DEFAULT_RETRIES

std::string_view PlaceName(int64_t timestamp) {
  return timestamp == wire::kEarliestTimestamp ? "BEGINNING" : "END";
}

// An answer after which the cluster is looked at anew.
bool IsAboutLeaders(Error error) {
  switch (error) {
    case Error::kNotLeaderOrFollower:
    case Error::kReplicaNotAvailable:
    case Error::kKafkaStorageError:
    case Error::kOffsetNotAvailable:
    case Error::kLeaderNotAvailable:
    case Error::kFencedLeaderEpoch:
      return true;
    default:
      return false;
  }
}

}  // namespace

void RdkafkaConsumer::QueryAgain::operator()() const {
  consumer->Query(*consumer->assigned_[static_cast<size_t>(assigned)]);
}

void RdkafkaConsumer::StartAt(Assigned& assigned, Offset offset, LeaderEpoch epoch) {
  assigned.query_timer.Cancel();
  assigned.query_retries = 0;
  assigned.start = offset;
  assigned.start_epoch = epoch;
  assigned.moved = true;
  assigned.state = Assigned::State::kActive;
}

void RdkafkaConsumer::Reset(Assigned& assigned, BrokerId broker, std::string_view reason,
                            std::string_view cause) {
  context_.sim->Note(kReset, {{&kPartition, assigned.index.value()}},
                     [&] { return std::string(reason); });
  if (options_.config.auto_offset_reset == RdkafkaOffsetReset::kError) {
    assigned.state = Assigned::State::kNone;
    std::string message = std::string(reason) + ": " + std::string(cause);
    if (!broker.is_none()) message += " (broker " + std::to_string(broker.value()) + ")";
    Tell(assigned, 0, "_AUTO_OFFSET_RESET", std::move(message));
    return;
  }
  if (options_.config.auto_offset_reset == RdkafkaOffsetReset::kEarliest) {
    // The last answer to a Fetch said it already, unless it was an error.
    if (!assigned.log_start.is_none()) {
      StartAt(assigned, assigned.log_start);
      return;
    }
    assigned.query = wire::kEarliestTimestamp;
  } else {
    assigned.query = wire::kLatestTimestamp;
  }
  QueryAfter(assigned, kAfterError);
}

void RdkafkaConsumer::QueryAfter(Assigned& assigned, absl::Duration wait) {
  assigned.state = Assigned::State::kQuery;
  assigned.query_timer.SetNoLaterThan(Now() + wait);
}

void RdkafkaConsumer::Query(Assigned& assigned) {
  BrokerThread* const leader = assigned.toppar == nullptr ? nullptr : assigned.toppar->broker;
  if (leader == nullptr) {
    QueryAfter(assigned, kLater);
    return;
  }
  assigned.query_timer.Cancel();
  assigned.state = Assigned::State::kWait;
  wire::ListOffsetsRequest request;
  request.replica_id = BrokerId::None();
  request.isolation_level = options_.config.read_committed ? 1 : 0;
  wire::ListOffsetsRequest::Partition wanted;
  wanted.partition_index = assigned.index;
  wanted.current_leader_epoch = assigned.toppar->leader_epoch;
  wanted.timestamp = assigned.query;
  wire::ListOffsetsRequest::Topic named;
  named.name = assigned.topic->name;
  named.partitions.push_back(wanted);
  request.topics.push_back(std::move(named));
  leader->Enqueue(Api::kListOffsets, std::move(request), /*expect_answer=*/true, leader->Deadline(),
                  nullptr,
                  [this, place = assigned.toppar->assigned, version = assigned.version, leader](
                      Ending how, bool, ResponseEnvelope* response) {
                    if (!closed_) OnOffset(place, version, *leader, how, response);
                  });
}

void RdkafkaConsumer::OnOffset(int32_t place, uint64_t version, BrokerThread& thread, Ending how,
                               ResponseEnvelope* response) {
  Assigned& assigned = *assigned_[static_cast<size_t>(place)];
  const bool led = assigned.toppar != nullptr && assigned.toppar->broker == &thread;
  if (version < assigned.version || !led) {
    // Asks again even if a Seek said in between where to go, and so undoes it: both releases were
    // seen to (an answer 600 ms late, the Seek before it).
    if (how != Ending::kDestroyed || !led) QueryAfter(assigned, kLater);
    return;
  }
  if (how != Ending::kAnswered) {
    // The request itself is tried again; then it is made anew.
    const bool retries = assigned.query_retries < kRetries;
    ++assigned.query_retries;
    QueryAfter(assigned, retries ? options_.config.retry_backoff : kLater);
    return;
  }
  const auto& answers = std::get<wire::ListOffsetsResponse>(response->body);
  const wire::ListOffsetsResponse::Partition* answer = nullptr;
  for (const auto& topic : answers.topics)
    for (const auto& partition : topic.partitions)
      if (partition.partition_index == assigned.index) answer = &partition;
  // An answer to nothing that was asked is as good as none.
  const Error error = answer == nullptr ? Error::kUnknownTopicOrPartition : answer->error;
  if (error == Error::kNone) {
    StartAt(assigned, answer->offset);
    return;
  }
  if (IsAboutLeaders(error)) {
    AskMetadata(nullptr, {assigned.topic}, /*force=*/true);
    QueryAfter(assigned, kLater);
  } else if (error == Error::kRequestTimedOut) {
    QueryAfter(assigned, options_.config.retry_backoff);
  } else {
    const std::string cause = rdkafka::ErrorText(error);
    Reset(assigned, thread.id(), "failed to query logical offset", cause);
    Tell(assigned, 0, LibrdkafkaName(error),
         "Failed to query logical offset " + std::string(PlaceName(assigned.query)) + ": " + cause);
  }
}

}  // namespace norn::model
