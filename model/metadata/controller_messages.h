// What brokers and the controller say to each other. Kafka's own fields as far as they matter here;
// their sizes on the wire are estimates (SizeOf), because nothing of this path is measured in
// bytes.
#ifndef NORN_MODEL_METADATA_CONTROLLER_MESSAGES_H_
#define NORN_MODEL_METADATA_CONTROLLER_MESSAGES_H_

#include <cstdint>
#include <variant>
#include <vector>

#include "model/error.h"
#include "model/ids.h"
#include "model/metadata/metadata_image.h"
#include "sim/network.h"

namespace norn::model {

// BrokerRegistration (62): a new life of a broker. `previous_epoch` is that of the life before if
// it ended in order, -1 otherwise (KIP-966: an unclean return costs it its place in the ELR).
struct RegisterBroker {
  int64_t previous_epoch = -1;
};
struct BrokerRegistered {
  int64_t broker_epoch = -1;
  int64_t metadata_offset = 0;  // of the record that says so: the broker must have read that far
};

// BrokerHeartbeat (63)
struct BrokerHeartbeat {
  int64_t broker_epoch = -1;
  int64_t metadata_offset = 0;  // how far it has read
  bool want_fence = false;
  bool want_shut_down = false;
};
struct BrokerHeartbeatAnswer {
  bool is_fenced = true;
  bool should_shut_down = false;
};

// AlterPartition (56): a leader asks for another ISR.
struct AlterPartition {
  struct Member {
    BrokerId id;
    int64_t epoch = -1;  // of its registration, as the leader knows it (KIP-903); -1: unknown
  };
  struct Partition {
    int32_t topic = 0;
    PartitionIndex partition = PartitionIndex(0);
    LeaderEpoch leader_epoch;
    int32_t partition_epoch = 0;
    std::vector<Member> isr;
  };
  int64_t broker_epoch = -1;
  std::vector<Partition> partitions;
};
struct AlterPartitionAnswer {
  struct Partition {
    int32_t topic = 0;
    PartitionIndex partition = PartitionIndex(0);
    Error error = Error::kNone;
    PartitionState state = {};  // unless there is an error
  };
  std::vector<Partition> partitions;
};

// Fetch (1) of the metadata log, from `offset` on. It waits until there is something, or for
// max_wait.
struct FetchMetadata {
  int64_t offset = 0;
};
struct FetchedMetadata {
  int64_t offset = 0;
  std::vector<MetadataRecord> records;
};

struct ControllerRequest : sim::Message {
  BrokerId broker;
  CorrelationId correlation;
  std::variant<RegisterBroker, BrokerHeartbeat, AlterPartition, FetchMetadata> body;
};
struct ControllerAnswer : sim::Message {
  CorrelationId correlation;
  Error error = Error::kNone;
  std::variant<BrokerRegistered, BrokerHeartbeatAnswer, AlterPartitionAnswer, FetchedMetadata> body;
};

int64_t SizeOf(const ControllerRequest& request);
int64_t SizeOf(const ControllerAnswer& answer);

}  // namespace norn::model

#endif  // NORN_MODEL_METADATA_CONTROLLER_MESSAGES_H_
