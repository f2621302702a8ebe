// Where a broker listens.
#ifndef NORN_MODEL_BROKER_ADDRESS_H_
#define NORN_MODEL_BROKER_ADDRESS_H_

#include <cstdint>
#include <string>

namespace norn::model {

struct BrokerAddress {
  std::string host;
  uint16_t port = 0;
  friend bool operator==(const BrokerAddress&, const BrokerAddress&) = default;
};

}  // namespace norn::model

#endif  // NORN_MODEL_BROKER_ADDRESS_H_
