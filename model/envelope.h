// A request or an answer on the simulated wire: Kafka's structs, not bytes, with the size their
// bytes would have. Bytes are made from the same descriptions when somebody asks.
#ifndef NORN_MODEL_ENVELOPE_H_
#define NORN_MODEL_ENVELOPE_H_

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <variant>

#include "absl/time/time.h"
#include "model/error.h"
#include "model/ids.h"
#include "model/wire/api.h"
#include "model/wire/api_versions.h"
#include "model/wire/fetch.h"
#include "model/wire/init_producer_id.h"
#include "model/wire/list_offsets.h"
#include "model/wire/metadata.h"
#include "model/wire/offset_for_leader_epoch.h"
#include "model/wire/produce.h"
#include "sim/network.h"

namespace norn::model {

using wire::Api;

namespace wire {

using RequestBody =
    std::variant<ApiVersionsRequest, MetadataRequest, InitProducerIdRequest, ProduceRequest,
                 FetchRequest, ListOffsetsRequest, OffsetForLeaderEpochRequest>;

// What a broker of one version says of itself never changes, so it is pointed to.
using ResponseBody =
    std::variant<const ApiVersionsResponse*, MetadataResponse, InitProducerIdResponse,
                 ProduceResponse, FetchResponse, ListOffsetsResponse, OffsetForLeaderEpochResponse>;

}  // namespace wire

// One byte flipped on the wire: byte `at` of the frame, its size prefix included, by exclusive or.
struct FrameDamage {
  int64_t at = -1;  // -1: none
  uint8_t mask = 0;

  friend bool operator==(const FrameDamage&, const FrameDamage&) = default;
};

// A box between client and broker answers a request in the broker's stead, which never sees it.
struct AnswerInstead {
  Error error = Error::kNone;
  absl::Duration after = absl::ZeroDuration();
};

// `damage`, `instead` and `request` are the work of faults (faults.h).
struct RequestEnvelope : sim::Message {
  Api api = Api::kApiVersions;
  int16_t version = 0;
  CorrelationId correlation;
  std::string client_id;
  wire::RequestBody body;
  FrameDamage damage;
  std::optional<AnswerInstead> instead;
};

struct ResponseEnvelope : sim::Message {
  Api api = Api::kApiVersions;
  int16_t version = 0;
  CorrelationId correlation;
  wire::ResponseBody body;
  FrameDamage damage;
  // A box on the way made it; no broker did.
  bool in_its_stead = false;
  // What it answers: known only while there are faults, whose filters ask.
  std::unique_ptr<const RequestEnvelope> request;
};

// Bytes on the wire, the 4-byte size and the header included.
int64_t SizeOf(const RequestEnvelope& request);
int64_t SizeOf(const ResponseEnvelope& response);

// The bytes of the frame, with the damage done to them.
std::string Encode(const RequestEnvelope& request);
std::string Encode(const ResponseEnvelope& response);

// What a reader makes of a damaged frame, whose size prefix is whole; null if it can make nothing
// of it, and so closes the connection. A batch of records that is damaged inside is not looked into
// here: its own checksum will tell. A request for a version of ApiVersions that is not known keeps
// the version and has no contents: it can be answered. A response is read as the answer it is,
// whatever its correlation id has become.
std::unique_ptr<RequestEnvelope> AsReceived(std::unique_ptr<RequestEnvelope> request);
std::unique_ptr<ResponseEnvelope> AsReceived(std::unique_ptr<ResponseEnvelope> response);

// What a broker says to a request of which every part fails with `error`: no offset, no records.
wire::ResponseBody ErrorAnswer(const RequestEnvelope& request, Error error);

// For people: "Produce v13 c5 225 B Acks=-1 TimeoutMs=30000 ...".
std::string Describe(const RequestEnvelope& request);
std::string Describe(const ResponseEnvelope& response);

}  // namespace norn::model

#endif  // NORN_MODEL_ENVELOPE_H_
