#include "model/metadata/partition_state.h"

#include <ostream>

namespace norn::model {
namespace {

void Print(std::ostream& os, const BrokerList& brokers) {
  const char* separator = "{";
  for (const BrokerId id : brokers) {
    os << separator << id.value();
    separator = ", ";
  }
  os << (brokers.empty() ? "{}" : "}");
}

}  // namespace

std::ostream& operator<<(std::ostream& os, const PartitionState& state) {
  os << "leader ";
  if (state.leader.is_none()) {
    os << "none";
  } else {
    os << state.leader.value();
  }
  os << " epoch " << state.leader_epoch.value() << " isr ";
  Print(os, state.isr);
  if (!state.elr.empty()) Print(os << " elr ", state.elr);
  Print(os << " replicas ", state.replicas);
  return os << " partition epoch " << state.partition_epoch;
}

}  // namespace norn::model
