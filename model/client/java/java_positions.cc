// Where a partition is fetched from: offsets that are asked for, and whether a position still means
// the same when somebody else leads (OffsetFetcher, SubscriptionState).
#include <string>
#include <utility>
#include <variant>

#include "absl/strings/str_cat.h"
#include "model/client/java/java_consumer.h"

namespace norn::model {

using sim::Time;

std::string JavaConsumer::NameOf(const Partition& partition) const {
  return absl::StrCat(std::string(metadata_.topic(partition.topic).name.text()), "-",
                      partition.index.value());
}

void JavaConsumer::SetPosition(Partition& partition, Offset offset, LeaderEpoch epoch) {
  partition.position = offset;
  partition.position_epoch = epoch;
  partition.leader = {metadata_.LeaderOf(partition.topic, partition.index),
                      metadata_.EpochOf(partition.topic, partition.index)};
  partition.awaits_validation = false;
  partition.not_before = kLongAgo;
  partition.fetch_from = offset;
  partition.buffered.clear();
  partition.unreadable.reset();
}

void JavaConsumer::SendListOffsets(BrokerId node) {
  if (!network_.Ready(node)) return;
  const Time now = context_.Wall();
  std::vector<std::pair<int32_t, PartitionIndex>> asked;
  wire::ListOffsetsRequest request;
  request.replica_id = BrokerId::None();
  request.timeout_ms =
      static_cast<int32_t>(absl::ToInt64Milliseconds(options_.config.request_timeout));
  for (Partition& partition : partitions_) {
    if (partition.in_flight || !partition.position.is_none() || partition.not_before > now ||
        metadata_.LeaderOf(partition.topic, partition.index) != node)
      continue;
    if (options_.config.auto_offset_reset == OffsetReset::kNone) {
      exception_ = "NoOffsetForPartitionException";
      message_ =
          "Undefined offset with no reset policy for partitions: [" + NameOf(partition) + "]";
      return;
    }
    partition.in_flight = true;
    asked.emplace_back(partition.topic, partition.index);
    const TopicName name = metadata_.topic(partition.topic).name;
    if (request.topics.empty() || request.topics.back().name != name) {
      wire::ListOffsetsRequest::Topic named;
      named.name = name;
      request.topics.push_back(std::move(named));
    }
    wire::ListOffsetsRequest::Partition wanted;
    wanted.partition_index = partition.index;
    wanted.current_leader_epoch = metadata_.EpochOf(partition.topic, partition.index);
    wanted.timestamp = options_.config.auto_offset_reset == OffsetReset::kEarliest
                           ? wire::kEarliestTimestamp
                           : wire::kLatestTimestamp;
    request.topics.back().partitions.push_back(wanted);
  }
  if (asked.empty()) return;
  network_.Send(node, Api::kListOffsets, std::move(request), /*expect_answer=*/true,
                [this, asked](Completion how, ResponseEnvelope* response) {
                  OnOffsets(how, response, asked);
                });
}

void JavaConsumer::OnOffsets(Completion how, ResponseEnvelope* response,
                             const std::vector<std::pair<int32_t, PartitionIndex>>& asked) {
  for (const auto& [topic, index] : asked) {
    Partition& partition = *Find(topic, index);
    partition.in_flight = false;
    if (how != Completion::kAnswered) Retry(partition, Error::kNetworkException);
  }
  if (how != Completion::kAnswered) return;
  for (const auto& topic : std::get<wire::ListOffsetsResponse>(response->body).topics) {
    const int32_t number = metadata_.TopicNumber(topic.name.text());
    for (const auto& answer : topic.partitions) {
      Partition* partition = Find(number, answer.partition_index);
      if (partition == nullptr || !partition->position.is_none()) continue;
      if (answer.error != Error::kNone) {
        Retry(*partition, answer.error);
        continue;
      }
      // Without an epoch, so that it is not validated.
      SetPosition(*partition, answer.offset, LeaderEpoch::None());
    }
  }
}

// --- Validation (KIP-320).

void JavaConsumer::LookAtLeaders() {
  if (divergent_.has_value() && exception_.empty()) {
    exception_ = "LogTruncationException";
    message_ = "Truncated partitions detected with divergent offsets {" + *divergent_ + "}";
    divergent_.reset();
  }
  if (looked_at_ == metadata_.leaders_version()) return;
  looked_at_ = metadata_.leaders_version();
  for (Partition& partition : partitions_) LookAtLeader(partition);
}

void JavaConsumer::LookAtLeader(Partition& partition) {
  const Leader now = {metadata_.LeaderOf(partition.topic, partition.index),
                      metadata_.EpochOf(partition.topic, partition.index)};
  // While nobody leads, the old leader stays the one to ask.
  if (partition.position.is_none() || now.id.is_none() || now == partition.leader) return;
  partition.leader = now;
  partition.not_before = kLongAgo;
  // Nothing is known of the log before a position that was sought or reset to.
  partition.awaits_validation = !partition.position_epoch.is_none() && !now.epoch.is_none();
  if (!partition.awaits_validation) return;
  // What was fetched may be what is gone.
  partition.fetch_from = partition.position;
  partition.buffered.clear();
  partition.unreadable.reset();
}

void JavaConsumer::SendValidations() {
  const Time now = context_.Wall();
  for (const ClientMetadata::Node& node : std::vector(metadata_.nodes())) {
    std::vector<Validated> asked;
    wire::OffsetForLeaderEpochRequest request;
    request.replica_id = BrokerId::None();
    for (Partition& partition : partitions_) {
      if (!partition.awaits_validation || partition.not_before > now ||
          partition.leader.id != node.id)
        continue;
      asked.push_back({partition.topic, partition.index, partition.position,
                       partition.position_epoch, partition.leader});
      const TopicName name = metadata_.topic(partition.topic).name;
      if (request.topics.empty() || request.topics.back().topic != name) {
        wire::OffsetForLeaderEpochRequest::Topic named;
        named.topic = name;
        request.topics.push_back(std::move(named));
      }
      wire::OffsetForLeaderEpochRequest::Partition wanted;
      wanted.partition = partition.index;
      wanted.current_leader_epoch = partition.leader.epoch;
      wanted.leader_epoch = partition.position_epoch;
      request.topics.back().partitions.push_back(wanted);
    }
    if (asked.empty() || !network_.Ready(node.id)) continue;
    for (const Validated& each : asked)
      Find(each.topic, each.index)->not_before = now + options_.config.request_timeout;
    network_.Send(node.id, Api::kOffsetForLeaderEpoch, std::move(request), /*expect_answer=*/true,
                  [this, asked](Completion how, ResponseEnvelope* response) {
                    OnEpochEnds(how, response, asked);
                  });
  }
}

void JavaConsumer::OnEpochEnds(Completion how, ResponseEnvelope* response,
                               const std::vector<Validated>& asked) {
  const Time again = context_.Wall() + options_.config.retry_backoff;
  const wire::OffsetForLeaderEpochResponse* answers =
      how == Completion::kAnswered ? &std::get<wire::OffsetForLeaderEpochResponse>(response->body)
                                   : nullptr;
  for (const Validated& each : asked) {
    Partition& partition = *Find(each.topic, each.index);
    // The position moved, or somebody else leads: the answer is to another question.
    if (!partition.awaits_validation || partition.position != each.position ||
        partition.position_epoch != each.epoch || partition.leader != each.leader)
      continue;
    const wire::OffsetForLeaderEpochResponse::Partition* answer = nullptr;
    if (answers != nullptr) {
      for (const auto& topic : answers->topics)
        for (const auto& told : topic.partitions)
          if (told.partition == each.index && topic.topic == metadata_.topic(each.topic).name)
            answer = &told;
    }
    if (answer != nullptr && answer->error == Error::kNone) {
      Validate(partition, answer->leader_epoch, answer->end_offset);
      continue;
    }
    partition.not_before = again;
    metadata_.RequestUpdate();
  }
}

void JavaConsumer::Validate(Partition& partition, LeaderEpoch epoch, Offset end) {
  const bool is_known = !epoch.is_none() && !end.is_none();
  if (is_known && end >= partition.position) {
    partition.awaits_validation = false;
    partition.not_before = kLongAgo;
    return;
  }
  const std::string text = "Truncation detected for partition " + NameOf(partition) +
                           " at offset " +
                           PositionText(partition, partition.position, partition.position_epoch);
  if (options_.config.auto_offset_reset == OffsetReset::kNone) {
    // The position stays, and is asked about again when the request would have timed out.
    log_([&] { return text + ", but no reset policy is set"; });
    if (!divergent_.has_value()) divergent_.emplace();
    if (is_known)
      absl::StrAppend(&*divergent_, divergent_->empty() ? "" : ", ", NameOf(partition),
                      "=OffsetAndMetadata{offset=", end.value(), ", leaderEpoch=", epoch.value(),
                      ", metadata=''}");
    return;
  }
  if (!is_known) {
    log_([&] { return text + ", resetting offset"; });
    partition.position = Offset::None();
    partition.awaits_validation = false;
    partition.not_before = kLongAgo;
    return;
  }
  log_([&] {
    return text + ", resetting offset to the first offset known to diverge " +
           PositionText(partition, end, epoch);
  });
  const Leader leader = partition.leader;
  SetPosition(partition, end, epoch);
  partition.leader = leader;
}

std::string JavaConsumer::PositionText(const Partition& partition, Offset offset,
                                       LeaderEpoch epoch) const {
  const ClientMetadata::Node* node = metadata_.FindNode(partition.leader.id);
  std::string leader = "Optional.empty";
  if (node != nullptr)
    leader = absl::StrCat("Optional[", node->address.host, ":", node->address.port,
                          " (id: ", node->id.value(), " rack: null)]");
  return absl::StrCat("FetchPosition{offset=", offset.value(), ", offsetEpoch=Optional[",
                      epoch.value(), "], currentLeader=LeaderAndEpoch{leader=", leader,
                      ", epoch=", partition.leader.epoch.value(), "}}");
}

}  // namespace norn::model
