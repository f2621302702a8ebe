// InitProducerId (api key 22): a producer's id and epoch, without which nothing is idempotent.
//
// Versions 0 to 5 (6, two-phase commit, is unstable in Kafka 4.1 and left out).
#ifndef NORN_MODEL_WIRE_INIT_PRODUCER_ID_H_
#define NORN_MODEL_WIRE_INIT_PRODUCER_ID_H_

#include <cstdint>
#include <optional>
#include <string>

#include "model/error.h"
#include "model/ids.h"
#include "model/wire/api.h"
#include "model/wire/reading.h"

namespace norn::model::wire {

struct InitProducerIdRequest {
  static constexpr MessageInfo kInfo = {Api::kInitProducerId, "InitProducerIdRequest", 0, 5};

  std::optional<std::string> transactional_id = {};
  int32_t transaction_timeout_ms = 0;
  ProducerId producer_id = {};  // what it had, when it asks for the next epoch
  ProducerEpoch producer_epoch = {};

  template <class Self, class V>
  static void Describe(Self& m, V& v) {
    v.Field("TransactionalId", m.transactional_id);
    v.Field("TransactionTimeoutMs", m.transaction_timeout_ms);
    v.Field("ProducerId", m.producer_id, Since(3));
    v.Field("ProducerEpoch", m.producer_epoch, Since(3));
  }
  friend bool operator==(const InitProducerIdRequest&, const InitProducerIdRequest&) = default;
};

struct InitProducerIdResponse {
  static constexpr MessageInfo kInfo = {Api::kInitProducerId, "InitProducerIdResponse", 0, 5};

  int32_t throttle_time_ms = 0;
  Error error = Error::kNone;
  ProducerId producer_id = {};
  ProducerEpoch producer_epoch = ProducerEpoch(0);

  template <class Self, class V>
  static void Describe(Self& m, V& v) {
    v.Field("ThrottleTimeMs", m.throttle_time_ms);
    v.Field("ErrorCode", m.error);
    v.Field("ProducerId", m.producer_id);
    v.Field("ProducerEpoch", m.producer_epoch);
  }
  friend bool operator==(const InitProducerIdResponse&, const InitProducerIdResponse&) = default;
};

}  // namespace norn::model::wire

#endif  // NORN_MODEL_WIRE_INIT_PRODUCER_ID_H_
