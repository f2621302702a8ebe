// What never changes about a cluster, or changes for everybody at once: which brokers and topics it
// was given, and how they are configured. Who leads what is in each broker's MetadataImage.
#ifndef NORN_MODEL_BROKER_CLUSTER_VIEW_H_
#define NORN_MODEL_BROKER_CLUSTER_VIEW_H_

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "absl/time/time.h"
#include "model/broker/quota.h"
#include "model/broker_address.h"
#include "model/config/topic_config.h"
#include "model/ids.h"
#include "model/metadata/partition_state.h"
#include "model/wire/topic.h"

namespace norn::model {

struct ClusterView {
  struct Broker {
    BrokerId id;
    BrokerAddress address;
    // Each answer is late by this much, and those behind it wait.
    absl::Duration latency = absl::ZeroDuration();
  };
  struct Topic {
    TopicName name;
    Uuid id;
    TopicConfig config;
    std::vector<BrokerList> assignment;  // by partition; the preferred leader first
    // What compression leaves of its records, in millionths. Clients compress, not brokers.
    int32_t compression_ratio = 500'000;

    int32_t partitions() const { return static_cast<int32_t>(assignment.size()); }
  };

  std::string cluster_id = "NornNornNornNornNornNo";  // 22 characters, as Kafka's are
  std::vector<Broker> brokers;
  std::vector<Topic> topics;
  std::vector<ClientQuota> quotas;
  int64_t next_producer_id_block = 0;

  absl::Duration LatencyOf(BrokerId id) const {
    return brokers[static_cast<size_t>(id.value() - 1)].latency;
  }
  // 0: as much as it likes.
  int64_t ProducerByteRate(std::string_view client_id) const {
    int64_t rate = 0;
    for (const ClientQuota& quota : quotas) {
      if (quota.client_id == client_id) return quota.producer_byte_rate;
      if (quota.client_id.empty()) rate = quota.producer_byte_rate;
    }
    return rate;
  }

  const Topic* FindTopic(std::string_view name) const {
    for (const Topic& topic : topics)
      if (topic.name.text() == name) return &topic;
    return nullptr;
  }
  const Topic* FindTopic(const Uuid& id) const {
    for (const Topic& topic : topics)
      if (topic.id == id) return &topic;
    return nullptr;
  }
};

}  // namespace norn::model

#endif  // NORN_MODEL_BROKER_CLUSTER_VIEW_H_
