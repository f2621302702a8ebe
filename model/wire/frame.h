// Messages as a connection carries them: a 4-byte size, a header, the body.
//
// A request's header has the api, the version, the correlation id and the client's id; a response's
// has the correlation id alone, so only who remembers the request can read the response.
//
// Example:
//   RequestFrameSize(request, 13, "producer-1");                         // what the network
//   charges std::string frame = EncodeRequestFrame(request, 13, CorrelationId(5), "producer-1");
//   absl::StatusOr<RequestFrame> parsed = DecodeRequestFrame(frame);     // then Decode its body
#ifndef NORN_MODEL_WIRE_FRAME_H_
#define NORN_MODEL_WIRE_FRAME_H_

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "model/ids.h"
#include "model/record/big_endian.h"
#include "model/wire/api.h"
#include "model/wire/reading.h"

namespace norn::model::wire {

inline constexpr int64_t kFrameSizeBytes = 4;

// No client id is sent as null. The id keeps its 2-byte length in flexible headers too.
constexpr int64_t RequestHeaderSize(Api api, int16_t version,
                                    std::optional<std::string_view> client_id) {
  return 2 + 2 + 4 + 2 + (client_id ? static_cast<int64_t>(client_id->size()) : 0) +
         (RequestHeaderVersion(api, version) >= 2 ? 1 : 0);
}
constexpr int64_t ResponseHeaderSize(Api api, int16_t version) {
  return 4 + (ResponseHeaderVersion(api, version) >= 1 ? 1 : 0);
}

// The whole frame, the 4 bytes of the size included.
template <class M>
int64_t RequestFrameSize(const M& request, int16_t version,
                         std::optional<std::string_view> client_id) {
  return kFrameSizeBytes + RequestHeaderSize(M::kInfo.api, version, client_id) +
         Size(request, version);
}
template <class M>
int64_t ResponseFrameSize(const M& response, int16_t version) {
  return kFrameSizeBytes + ResponseHeaderSize(M::kInfo.api, version) + Size(response, version);
}

struct RequestFrame {
  Api api = Api::kProduce;
  int16_t version = 0;
  CorrelationId correlation_id = {};
  std::optional<std::string> client_id = {};
  std::string_view body = {};  // within the frame
};

struct ResponseFrame {
  CorrelationId correlation_id = {};
  std::string_view body = {};  // within the frame
};

// One whole frame. The header of a request can be told from its first bytes; that of a response
// cannot.
absl::StatusOr<RequestFrame> DecodeRequestFrame(std::string_view frame);
absl::StatusOr<ResponseFrame> DecodeResponseFrame(std::string_view frame, Api api, int16_t version);

// Writes size and header of a request whose frame takes `frame_size` bytes; returns where the body
// goes.
char* PutRequestHeader(Api api, int16_t version, CorrelationId correlation_id,
                       std::optional<std::string_view> client_id, int64_t frame_size, char* out);
char* PutResponseHeader(Api api, int16_t version, CorrelationId correlation_id, int64_t frame_size,
                        char* out);

template <class M>
std::string EncodeRequestFrame(const M& request, int16_t version, CorrelationId correlation_id,
                               std::optional<std::string_view> client_id) {
  std::string frame(static_cast<size_t>(RequestFrameSize(request, version, client_id)), '\0');
  EncodeTo(request, version,
           PutRequestHeader(M::kInfo.api, version, correlation_id, client_id,
                            static_cast<int64_t>(frame.size()), frame.data()));
  return frame;
}

template <class M>
std::string EncodeResponseFrame(const M& response, int16_t version, CorrelationId correlation_id) {
  std::string frame(static_cast<size_t>(ResponseFrameSize(response, version)), '\0');
  EncodeTo(response, version,
           PutResponseHeader(M::kInfo.api, version, correlation_id,
                             static_cast<int64_t>(frame.size()), frame.data()));
  return frame;
}

}  // namespace norn::model::wire

#endif  // NORN_MODEL_WIRE_FRAME_H_
