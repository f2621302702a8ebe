#include "model/client/java/metadata.h"

#include <algorithm>

#include "sim/check.h"

namespace norn::model {

using sim::Time;

ClientMetadata::ClientMetadata(Options options, sim::Chance* chance, std::string_view client)
    : options_(std::move(options)),
      chance_(chance),
      backoff_stream_(chance->Resolve("client/" + std::string(client) + "/metadata-backoff")) {
  Bootstrap();
}

void ClientMetadata::Bootstrap() {
  nodes_.clear();
  is_bootstrap_ = true;
  // Java numbers them -1, -2, ...; here -1 is no broker, so they begin at -2.
  int32_t id = -2;
  for (const BrokerAddress& address : options_.bootstrap)
    nodes_.push_back({BrokerId(id--), address});
}

void ClientMetadata::Rebootstrap() {
  Bootstrap();
  for (Topic& topic : topics_) topic.partitions.clear();
  ++leaders_version_;
  need_full_ = true;
  ++version_;
}

int32_t ClientMetadata::FindOrAddTopic(std::string_view name) {
  for (last_asked_ = 0; last_asked_ < topics_.size(); ++last_asked_)
    if (topics_[last_asked_].name.text() == name) return static_cast<int32_t>(last_asked_);
  topics_.emplace_back();
  topics_.back().name = TopicName(name);
  return static_cast<int32_t>(last_asked_);
}

int32_t ClientMetadata::FindTopic(const Uuid& id) const {
  for (size_t i = 0; i < topics_.size(); ++i)
    if (topics_[i].id == id) return static_cast<int32_t>(i);
  return -1;
}

int32_t ClientMetadata::FindTopic(std::string_view name) const {
  for (size_t i = 0; i < topics_.size(); ++i)
    if (topics_[i].name.text() == name) return static_cast<int32_t>(i);
  return -1;
}

void ClientMetadata::Want(int32_t topic) {
  Topic& wanted = topics_[static_cast<size_t>(topic)];
  if (wanted.wanted) return;
  wanted.wanted = true;
  wanted.is_new = true;
  RequestUpdateForNewTopics();
}

void ClientMetadata::RequestUpdate(bool anew) {
  need_full_ = true;
  if (anew) equivalent_ = 0;
}

void ClientMetadata::RequestUpdateFor(int32_t topic) {
  if (topics_[static_cast<size_t>(topic)].is_new) {
    RequestUpdateForNewTopics();
  } else {
    RequestUpdate();
  }
}

void ClientMetadata::RequestUpdateForNewTopics() {
  // The question does not wait for the back-off of earlier ones.
  last_refresh_ = kLongAgo;
  need_partial_ = true;
  equivalent_ = 0;
  ++wanted_version_;
}

BrokerId ClientMetadata::LeaderOf(int32_t topic, PartitionIndex partition) const {
  const auto& partitions = topics_[static_cast<size_t>(topic)].partitions;
  const size_t index = static_cast<size_t>(partition.value());
  return index < partitions.size() ? partitions[index].leader : BrokerId::None();
}

LeaderEpoch ClientMetadata::EpochOf(int32_t topic, PartitionIndex partition) const {
  const auto& partitions = topics_[static_cast<size_t>(topic)].partitions;
  const size_t index = static_cast<size_t>(partition.value());
  return index < partitions.size() ? partitions[index].epoch : LeaderEpoch::None();
}

const ClientMetadata::Node* ClientMetadata::FindNode(BrokerId id) const {
  for (const Node& node : nodes_)
    if (node.id == id) return &node;
  return nullptr;
}

absl::Duration ClientMetadata::DrawBackoff(int64_t attempts) {
  const sim::Key key(static_cast<int64_t>(backoff_draws_++));
  return options_.refresh_backoff.After(attempts, *chance_, backoff_stream_, key);
}

Time ClientMetadata::NextUpdate(Time now) {
  const Time expires = last_success_ == kLongAgo ? kLongAgo : last_success_ + options_.max_age;
  const Time due = update_requested() ? now : expires;
  if (due > now || last_refresh_ == kLongAgo) return due;
  if (now - last_refresh_ >= absl::Milliseconds(options_.refresh_backoff.max_ms)) return due;
  if (now >= expires) equivalent_ = 0;
  absl::Duration wait = DrawBackoff(std::max<int64_t>(failures_ - 1, 0));
  if (equivalent_ > 0) wait = std::max(wait, DrawBackoff(equivalent_ - 1));
  return std::max(due, last_refresh_ + wait);
}

wire::MetadataRequest ClientMetadata::MakeRequest(Time now) {
  asked_version_ = wanted_version_;
  asked_partial_ = options_.partial_updates && !need_full_ && last_success_ != kLongAgo &&
                   last_success_ + options_.max_age > now;
  wire::MetadataRequest request;
  request.topics.emplace();
  for (const Topic& topic : topics_) {
    if (!topic.wanted || (asked_partial_ && !topic.is_new)) continue;
    wire::MetadataRequest::Topic asked;
    asked.name = topic.name;
    request.topics->push_back(std::move(asked));
  }
  return request;
}

void ClientMetadata::Learn(Topic& topic, const wire::MetadataResponse::Partition& told) {
  const size_t index = static_cast<size_t>(told.partition_index.value());
  if (topic.epochs_seen.size() <= index) topic.epochs_seen.resize(index + 1);
  LeaderEpoch& seen = topic.epochs_seen[index];
  // An answer of a broker that is behind does not turn the clock back (KAFKA-7738).
  if (told.leader_epoch < seen) return;
  if (told.leader_epoch > seen) equivalent_ = 0;
  seen = told.leader_epoch;
  topic.partitions[index] = {told.leader_id, told.leader_epoch};
}

void ClientMetadata::OnAnswer(const wire::MetadataResponse& answer, Time now) {
  if (answer.brokers.empty()) {
    OnFailure(now);
    return;
  }
  ++version_;
  ++leaders_version_;
  need_partial_ = asked_version_ < wanted_version_;
  last_refresh_ = now;
  failures_ = 0;
  ++equivalent_;
  if (!asked_partial_) {
    need_full_ = false;
    last_success_ = now;
  }
  nodes_.clear();
  is_bootstrap_ = false;
  for (const auto& broker : answer.brokers)
    nodes_.push_back({broker.node_id, {broker.host, static_cast<uint16_t>(broker.port)}});
  for (const auto& told : answer.topics) {
    if (!told.name.has_value()) continue;
    Topic& topic = topics_[static_cast<size_t>(TopicNumber(told.name->text()))];
    topic.is_new = false;
    topic.error = told.error;
    if (told.error != Error::kNone) {
      // What was known of it is gone.
      topic.partitions.clear();
      if (RefreshesMetadata(told.error)) RequestUpdate();
      continue;
    }
    topic.id = told.topic_id;
    topic.partitions.resize(told.partitions.size());
    for (const auto& partition : told.partitions) {
      Learn(topic, partition);
      if (RefreshesMetadata(partition.error)) RequestUpdate();
    }
  }
}

void ClientMetadata::OnFailure(Time now) {
  ++failures_;
  last_refresh_ = now;
  equivalent_ = 0;
}

bool ClientMetadata::UpdateLeader(int32_t topic, PartitionIndex partition,
                                  const wire::LeaderIdAndEpoch& leader,
                                  const std::vector<wire::NodeEndpoint>& endpoints) {
  if (leader.leader_id.is_none() || leader.leader_epoch.is_none()) return false;
  auto& partitions = topics_[static_cast<size_t>(topic)].partitions;
  const size_t index = static_cast<size_t>(partition.value());
  if (index >= partitions.size() || leader.leader_epoch <= partitions[index].epoch) return false;
  const auto named = std::find_if(endpoints.begin(), endpoints.end(), [&](const auto& endpoint) {
    return endpoint.node_id == leader.leader_id;
  });
  const bool known = FindNode(leader.leader_id) != nullptr;
  if (named == endpoints.end() && !known) return false;
  if (!known) nodes_.push_back({named->node_id, {named->host, static_cast<uint16_t>(named->port)}});
  partitions[index] = {leader.leader_id, leader.leader_epoch};
  ++leaders_version_;
  return true;
}

}  // namespace norn::model
