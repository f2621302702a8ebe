// A request or an answer on the simulated wire: Kafka's structs, not bytes, with the size their
// bytes would have. Bytes are made from the same descriptions when somebody asks.
#ifndef NORN_MODEL_ENVELOPE_H_
#define NORN_MODEL_ENVELOPE_H_

#include <cstdint>
#include <string>
#include <variant>

#include "model/ids.h"
#include "model/wire/api.h"
#include "model/wire/api_versions.h"
#include "model/wire/fetch.h"
#include "model/wire/init_producer_id.h"
#include "model/wire/list_offsets.h"
#include "model/wire/metadata.h"
#include "model/wire/produce.h"
#include "sim/network.h"

namespace norn::model {

using wire::Api;

namespace wire {

using RequestBody = std::variant<ApiVersionsRequest, MetadataRequest, InitProducerIdRequest,
                                 ProduceRequest, FetchRequest, ListOffsetsRequest>;

// What a broker of one version says of itself never changes, so it is pointed to.
using ResponseBody =
    std::variant<const ApiVersionsResponse*, MetadataResponse, InitProducerIdResponse,
                 ProduceResponse, FetchResponse, ListOffsetsResponse>;

}  // namespace wire

struct RequestEnvelope : sim::Message {
  Api api = Api::kApiVersions;
  int16_t version = 0;
  CorrelationId correlation;
  std::string client_id;
  wire::RequestBody body;
};

struct ResponseEnvelope : sim::Message {
  Api api = Api::kApiVersions;
  int16_t version = 0;
  CorrelationId correlation;
  wire::ResponseBody body;
};

// Bytes on the wire, the 4-byte size and the header included.
int64_t SizeOf(const RequestEnvelope& request);
int64_t SizeOf(const ResponseEnvelope& response);

// For people: "Produce v13 c5 225 B Acks=-1 TimeoutMs=30000 ...".
std::string Describe(const RequestEnvelope& request);
std::string Describe(const ResponseEnvelope& response);

}  // namespace norn::model

#endif  // NORN_MODEL_ENVELOPE_H_
