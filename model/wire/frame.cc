#include "model/wire/frame.h"

#include <limits>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "model/wire/input.h"
#include "sim/check.h"

namespace norn::model::wire {
namespace {

char* PutFrameSize(int64_t frame_size, char* out) {
  NORN_CHECK(frame_size <= std::numeric_limits<int32_t>::max()) << "a frame of " << frame_size;
  return PutBigEndian(static_cast<int32_t>(frame_size - kFrameSizeBytes), out);
}

// Reads the size in front and holds it against what there is.
void TakeFrameSize(Input& in) {
  auto size = in.TakeFixed<int32_t>();
  if (in.ok() && size != in.left()) in.Fail(absl::StrCat("has size ", size));
}

// The tagged fields of a header: none are known.
void SkipTags(Input& in) {
  uint32_t count = in.TakeUnsignedVarint();
  for (uint32_t i = 0; i < count && in.ok(); ++i) {
    in.TakeUnsignedVarint();
    in.TakeBytes(in.TakeUnsignedVarint());
  }
}

}  // namespace

char* PutRequestHeader(Api api, int16_t version, CorrelationId correlation_id,
                       std::optional<std::string_view> client_id, int64_t frame_size, char* out) {
  out = PutFrameSize(frame_size, out);
  out = PutBigEndian(static_cast<int16_t>(api), out);
  out = PutBigEndian(version, out);
  out = PutBigEndian(correlation_id.value(), out);
  out = PutBigEndian(static_cast<int16_t>(client_id ? client_id->size() : -1), out);
  if (client_id) out += client_id->copy(out, client_id->size());
  if (RequestHeaderVersion(api, version) >= 2) *out++ = 0;
  return out;
}

char* PutResponseHeader(Api api, int16_t version, CorrelationId correlation_id, int64_t frame_size,
                        char* out) {
  out = PutFrameSize(frame_size, out);
  out = PutBigEndian(correlation_id.value(), out);
  if (ResponseHeaderVersion(api, version) >= 1) *out++ = 0;
  return out;
}

absl::StatusOr<RequestFrame> DecodeRequestFrame(std::string_view bytes) {
  Input in(bytes);
  RequestFrame frame;
  TakeFrameSize(in);
  frame.api = static_cast<Api>(in.TakeFixed<int16_t>());
  frame.version = in.TakeFixed<int16_t>();
  frame.correlation_id = CorrelationId(in.TakeFixed<int32_t>());
  auto size = in.TakeFixed<int16_t>();
  if (in.ok() && size < -1) in.Fail("has a client id of negative size");
  if (size >= 0) frame.client_id = std::string(in.TakeBytes(size));
  if (in.ok() && RequestHeaderVersion(frame.api, frame.version) >= 2) SkipTags(in);
  if (!in.ok())
    return in.StatusFor("RequestHeader", RequestHeaderVersion(frame.api, frame.version));
  frame.body = in.TakeBytes(in.left());
  return frame;
}

absl::StatusOr<ResponseFrame> DecodeResponseFrame(std::string_view bytes, Api api,
                                                  int16_t version) {
  Input in(bytes);
  ResponseFrame frame;
  TakeFrameSize(in);
  frame.correlation_id = CorrelationId(in.TakeFixed<int32_t>());
  if (in.ok() && ResponseHeaderVersion(api, version) >= 1) SkipTags(in);
  if (!in.ok()) return in.StatusFor("ResponseHeader", ResponseHeaderVersion(api, version));
  frame.body = in.TakeBytes(in.left());
  return frame;
}

}  // namespace norn::model::wire
