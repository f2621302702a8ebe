// How many replicas must have a record before the producer hears of it; the number on the wire.
// Every client library has the setting, called acks.
#ifndef NORN_MODEL_CONFIG_ACKS_H_
#define NORN_MODEL_CONFIG_ACKS_H_

#include <cstdint>
#include <ostream>

namespace norn::model {

enum class Acks : int16_t { kAll = -1, kNone = 0, kLeader = 1 };

// "all", "0", "1"
inline std::ostream& operator<<(std::ostream& os, Acks acks) {
  return os << (acks == Acks::kAll ? "all" : acks == Acks::kNone ? "0" : "1");
}

}  // namespace norn::model

#endif  // NORN_MODEL_CONFIG_ACKS_H_
