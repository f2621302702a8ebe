// One message of each kind, filled as far as the version allows: what the golden bytes are made of.
#ifndef NORN_TESTS_MODEL_WIRE_GOLDEN_MESSAGES_H_
#define NORN_TESTS_MODEL_WIRE_GOLDEN_MESSAGES_H_

#include <cstdint>

#include "model/wire/api_versions.h"
#include "model/wire/fetch.h"
#include "model/wire/init_producer_id.h"
#include "model/wire/list_offsets.h"
#include "model/wire/metadata.h"
#include "model/wire/offset_for_leader_epoch.h"
#include "model/wire/produce.h"

namespace norn::model::wire {

// Message(static_cast<ProduceRequest*>(nullptr), 13): the pointer only says which.
ProduceRequest Message(ProduceRequest*, int16_t version);
ProduceResponse Message(ProduceResponse*, int16_t version);
FetchRequest Message(FetchRequest*, int16_t version);
FetchResponse Message(FetchResponse*, int16_t version);
MetadataRequest Message(MetadataRequest*, int16_t version);
MetadataResponse Message(MetadataResponse*, int16_t version);
InitProducerIdRequest Message(InitProducerIdRequest*, int16_t version);
InitProducerIdResponse Message(InitProducerIdResponse*, int16_t version);
ListOffsetsRequest Message(ListOffsetsRequest*, int16_t version);
ListOffsetsResponse Message(ListOffsetsResponse*, int16_t version);
OffsetForLeaderEpochRequest Message(OffsetForLeaderEpochRequest*, int16_t version);
OffsetForLeaderEpochResponse Message(OffsetForLeaderEpochResponse*, int16_t version);
ApiVersionsRequest Message(ApiVersionsRequest*, int16_t version);
ApiVersionsResponse Message(ApiVersionsResponse*, int16_t version);

template <class M>
M GoldenMessage(int16_t version) {
  return Message(static_cast<M*>(nullptr), version);
}

}  // namespace norn::model::wire

#endif  // NORN_TESTS_MODEL_WIRE_GOLDEN_MESSAGES_H_
