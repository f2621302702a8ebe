#include "model/cluster_log.h"

#include <algorithm>
#include <utility>
#include <variant>

#include "model/envelope.h"
#include "model/metadata/controller_messages.h"

namespace norn::model {

bool ClusterLog::IsNew(BrokerId broker, int32_t topic, PartitionIndex partition,
                       const PartitionState& state) const {
  const auto last = std::find_if(sights_.rbegin(), sights_.rend(), [&](const Sight& sight) {
    return sight.broker == broker && sight.topic == topic && sight.partition == partition;
  });
  return last == sights_.rend() || last->state.leader != state.leader ||
         last->state.leader_epoch != state.leader_epoch || last->state.isr != state.isr ||
         last->state.elr != state.elr;
}

void ClusterLog::Listens(BrokerId broker, uint32_t life) {
  const auto [known, is_new] = listened_.try_emplace(broker, life);
  if (!is_new && known->second == life) return;
  known->second = life;
  Add(broker, Life::Event::kListens);
}

void ClusterLog::OnFrame(const sim::Message* message, BrokerId from, BrokerId to) {
  Talk talk;
  talk.at = sim_.Now();
  talk.from = from;
  talk.to = to;
  const auto number = [this](const Uuid& id) {
    const ClusterView::Topic* topic = view_.FindTopic(id);
    return topic == nullptr ? -1 : static_cast<int32_t>(topic - view_.topics.data());
  };
  if (const auto* asked = dynamic_cast<const ControllerRequest*>(message)) {
    talk.is_request = true;
    if (std::holds_alternative<AlterPartition>(asked->body)) {
      talk.kind = Talk::Kind::kAlterPartition;
    } else if (!std::holds_alternative<BrokerHeartbeat>(asked->body)) {
      return;
    }
  } else if (const auto* told = dynamic_cast<const ControllerAnswer*>(message)) {
    if (!std::holds_alternative<AlterPartitionAnswer>(told->body)) return;
    talk.kind = Talk::Kind::kAlterPartition;
  } else if (const auto* request = dynamic_cast<const RequestEnvelope*>(message)) {
    const auto* fetch = std::get_if<wire::FetchRequest>(&request->body);
    if (fetch == nullptr) return;
    talk.kind = Talk::Kind::kFetch;
    talk.is_request = true;
    talk.max_bytes = fetch->max_bytes;
    for (const auto& topic : fetch->topics)
      for (const auto& part : topic.partitions)
        talk.parts.push_back(
            {number(topic.topic_id), part.partition, part.fetch_offset, 0, Offset::None()});
  } else if (const auto* response = dynamic_cast<const ResponseEnvelope*>(message)) {
    const auto* fetched = std::get_if<wire::FetchResponse>(&response->body);
    if (fetched == nullptr) return;
    talk.kind = Talk::Kind::kFetch;
    for (const auto& topic : fetched->topics)
      for (const auto& part : topic.partitions)
        talk.parts.push_back({number(topic.topic_id), part.partition_index, Offset::None(),
                              part.records.has_value() ? part.records->SizeInBytes() : 0,
                              part.high_watermark});
  } else {
    return;
  }
  talks_.push_back(std::move(talk));
}

}  // namespace norn::model
