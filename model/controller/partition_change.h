// How one partition's state follows from what happened to its replicas: elections, the ISR, and the
// replicas that are eligible to lead (Kafka's PartitionChangeBuilder; KIP-966).
//
// Pure functions of the state before.
//
// A leader is kept as long as it may lead. Else, in order: the first replica, as assigned, that is
// active and in the ISR (or, if that is empty, in the ELR); with the ELR, if that is empty, too,
// the last known leader, once it is active; with unclean elections the first active replica, which
// loses what it does not have. Else nobody leads, and the leader epoch goes up all the same.
#ifndef NORN_MODEL_CONTROLLER_PARTITION_CHANGE_H_
#define NORN_MODEL_CONTROLLER_PARTITION_CHANGE_H_

#include <cstdint>
#include <optional>

#include "model/ids.h"
#include "model/metadata/metadata_image.h"
#include "model/metadata/partition_state.h"

namespace norn::model {

struct ElectionRules {
  int32_t min_insync_replicas = 1;
  bool unclean = false;                  // unclean.leader.election.enable
  bool eligible_leader_replicas = true;  // eligible.leader.replicas.version=1
};

struct PartitionChange {
  BrokerId leaves = {};   // is fenced, or shuts down: out of the ISR, and may not lead
  BrokerId unclean = {};  // came back without having ended in order: out of ISR and ELR
  BrokerId returns = {};  // counts as active, though the image does not say so yet
  std::optional<BrokerList> isr = std::nullopt;  // what its leader asked for
  bool preferred = false;  // give the partition to the first of its replicas, if that is in sync
};

// None if nothing changes.
std::optional<PartitionState> Change(const PartitionState& before, const PartitionChange& change,
                                     const ElectionRules& rules, const MetadataImage& image);

}  // namespace norn::model

#endif  // NORN_MODEL_CONTROLLER_PARTITION_CHANGE_H_
