// What the controller has decided about one partition (Kafka's PartitionRegistration): who has it,
// who leads it, and who is in sync.
#ifndef NORN_MODEL_METADATA_PARTITION_STATE_H_
#define NORN_MODEL_METADATA_PARTITION_STATE_H_

#include <algorithm>
#include <cstdint>
#include <iosfwd>

#include "absl/container/inlined_vector.h"
#include "model/ids.h"

namespace norn::model {

// A partition rarely has more replicas than this.
using BrokerList = absl::InlinedVector<BrokerId, 3>;

inline bool Contains(const BrokerList& brokers, BrokerId id) {
  return std::find(brokers.begin(), brokers.end(), id) != brokers.end();
}

struct PartitionState {
  BrokerList replicas;  // in the order of assignment: the preferred leader first
  BrokerList isr;
  // KIP-966: eligible to lead though not in sync, since the ISR fell below min.insync.replicas; and
  // who led last, when nobody of either is left.
  BrokerList elr;
  BrokerList last_known_leader;
  BrokerId leader;                            // none: nobody leads
  LeaderEpoch leader_epoch = LeaderEpoch(0);  // one more with each change of the leader
  int32_t partition_epoch = 0;                // one more with each change

  friend bool operator==(const PartitionState&, const PartitionState&) = default;
};

// "leader 1 epoch 2 isr {1, 3} replicas {1, 2, 3} partition epoch 5"
std::ostream& operator<<(std::ostream& os, const PartitionState& state);

}  // namespace norn::model

#endif  // NORN_MODEL_METADATA_PARTITION_STATE_H_
