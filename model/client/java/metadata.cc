#include "model/client/java/metadata.h"

#include <algorithm>

#include "sim/check.h"

namespace norn::model {

using sim::Time;

ClientMetadata::ClientMetadata(Options options, sim::Chance* chance, std::string_view client)
    : options_(std::move(options)),
      chance_(chance),
      backoff_stream_(chance->Resolve("client/" + std::string(client) + "/metadata-backoff")) {
  // Java numbers them -1, -2, ...; here -1 is no broker, so they begin at -2.
  int32_t id = -2;
  for (const BrokerAddress& address : options_.bootstrap)
    nodes_.push_back({BrokerId(id--), address});
}

int32_t ClientMetadata::TopicNumber(std::string_view name) {
  for (size_t i = 0; i < topics_.size(); ++i)
    if (topics_[i].name.text() == name) return static_cast<int32_t>(i);
  topics_.emplace_back();
  topics_.back().name = TopicName(name);
  return static_cast<int32_t>(topics_.size() - 1);
}

int32_t ClientMetadata::FindTopic(const Uuid& id) const {
  for (size_t i = 0; i < topics_.size(); ++i)
    if (topics_[i].id == id) return static_cast<int32_t>(i);
  return -1;
}

void ClientMetadata::Want(int32_t topic) {
  Topic& wanted = topics_[static_cast<size_t>(topic)];
  if (wanted.wanted) return;
  wanted.wanted = true;
  update_requested_ = true;
  // The new topic's first question does not wait for the back-off of earlier ones.
  last_attempt_ = Time::FromNanos(-1);
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

Time ClientMetadata::NextUpdate(Time now) {
  Time due = now;
  if (!update_requested_) due = last_success_ + options_.max_age;
  if (last_attempt_ < Time::Zero()) return due;
  return std::max(due, not_before_);
}

wire::MetadataRequest ClientMetadata::MakeRequest() const {
  wire::MetadataRequest request;
  request.topics.emplace();
  for (const Topic& topic : topics_) {
    if (!topic.wanted) continue;
    wire::MetadataRequest::Topic asked;
    asked.name = topic.name;
    request.topics->push_back(std::move(asked));
  }
  return request;
}

void ClientMetadata::OnAnswer(const wire::MetadataResponse& answer, Time now) {
  ++version_;
  bool complete = true;
  nodes_.clear();
  for (const auto& broker : answer.brokers)
    nodes_.push_back({broker.node_id, {broker.host, static_cast<uint16_t>(broker.port)}});
  for (const auto& told : answer.topics) {
    if (!told.name.has_value()) continue;
    Topic& topic = topics_[static_cast<size_t>(TopicNumber(told.name->text()))];
    topic.error = told.error;
    if (told.error != Error::kNone) {
      complete = false;
      // What was known stays known: a broker that has not heard of the topic may be behind.
      continue;
    }
    topic.id = told.topic_id;
    topic.partitions.resize(told.partitions.size());
    for (const auto& partition : told.partitions) {
      Partition& known = topic.partitions[static_cast<size_t>(partition.partition_index.value())];
      // An answer of a broker that is behind does not turn the clock back (KAFKA-7738).
      if (partition.leader_epoch < known.epoch) continue;
      known = {partition.leader_id, partition.leader_epoch};
      if (partition.leader_id.is_none()) complete = false;
    }
  }
  failures_ = complete ? 0 : failures_ + 1;
  last_attempt_ = now;
  last_success_ = now;
  const sim::Key key(static_cast<int64_t>(backoff_draws_++));
  not_before_ = now + options_.refresh_backoff.After(std::max<int64_t>(failures_ - 1, 0), *chance_,
                                                     backoff_stream_, key);
  update_requested_ = !complete;
}

void ClientMetadata::OnFailure(Time now) {
  ++failures_;
  last_attempt_ = now;
  const sim::Key key(static_cast<int64_t>(backoff_draws_++));
  not_before_ = now + options_.refresh_backoff.After(failures_ - 1, *chance_, backoff_stream_, key);
  update_requested_ = true;
}

}  // namespace norn::model
