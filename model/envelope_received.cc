// What readers make of damaged frames.
#include <string_view>
#include <type_traits>
#include <utility>

#include "absl/status/statusor.h"
#include "model/envelope.h"
#include "model/frame_reader.h"
#include "model/wire/frame.h"
#include "model/wire/reading.h"

namespace norn::model {

int32_t DamagedSize(int64_t frame_bytes, const FrameDamage& damage) {
  const auto size = static_cast<uint32_t>(frame_bytes - wire::kFrameSizeBytes);
  return static_cast<int32_t>(size ^ (uint32_t{damage.mask} << (8 * (3 - damage.at))));
}

namespace {

// Records of the workload keep who they are as long as their batch's checksum is right: the ids are
// not on the wire.
void Recognize(const wire::ProduceRequest& sent, wire::ProduceRequest* received) {
  for (size_t t = 0; t < received->topics.size() && t < sent.topics.size(); ++t) {
    auto& partitions = received->topics[t].partitions;
    const auto& before = sent.topics[t].partitions;
    for (size_t p = 0; p < partitions.size() && p < before.size(); ++p)
      if (partitions[p].records.has_value() && before[p].records.has_value())
        partitions[p].records->RecognizeRecordsOf(*before[p].records);
  }
}
void Recognize(const wire::FetchResponse& sent, wire::FetchResponse* received) {
  for (size_t t = 0; t < received->topics.size() && t < sent.topics.size(); ++t) {
    auto& partitions = received->topics[t].partitions;
    const auto& before = sent.topics[t].partitions;
    for (size_t p = 0; p < partitions.size() && p < before.size(); ++p)
      if (partitions[p].records.has_value() && before[p].records.has_value())
        partitions[p].records->RecognizeRecordsOf(*before[p].records);
  }
}
template <class M>
void Recognize(const M&, M*) {}

template <class M>
bool ReadBody(std::string_view bytes, int16_t version, const wire::RequestBody& sent,
              wire::RequestBody* body) {
  absl::StatusOr<M> read = wire::Decode<M>(bytes, version);
  if (!read.ok()) return false;
  if (const M* original = std::get_if<M>(&sent)) Recognize(*original, &*read);
  *body = *std::move(read);
  return true;
}

bool ReadBody(Api api, std::string_view bytes, int16_t version, const wire::RequestBody& sent,
              wire::RequestBody* body) {
  switch (api) {
    case Api::kApiVersions:
      if (version < 0 || version > wire::ApiVersionsRequest::kInfo.last_version) {
        *body = wire::ApiVersionsRequest();
        return true;
      }
      return ReadBody<wire::ApiVersionsRequest>(bytes, version, sent, body);
    case Api::kMetadata:
      return ReadBody<wire::MetadataRequest>(bytes, version, sent, body);
    case Api::kInitProducerId:
      return ReadBody<wire::InitProducerIdRequest>(bytes, version, sent, body);
    case Api::kProduce:
      return ReadBody<wire::ProduceRequest>(bytes, version, sent, body);
    case Api::kFetch:
      return ReadBody<wire::FetchRequest>(bytes, version, sent, body);
    case Api::kListOffsets:
      return ReadBody<wire::ListOffsetsRequest>(bytes, version, sent, body);
    case Api::kOffsetForLeaderEpoch:
      return ReadBody<wire::OffsetForLeaderEpochRequest>(bytes, version, sent, body);
    default:
      return false;  // no request, or one whose contents these bytes cannot be
  }
}

}  // namespace

std::unique_ptr<RequestEnvelope> AsReceived(std::unique_ptr<RequestEnvelope> request) {
  if (request->damage.at < 0) return request;
  const std::string bytes = Encode(*request);
  const absl::StatusOr<wire::RequestFrame> frame = wire::DecodeRequestFrame(bytes);
  if (!frame.ok()) return nullptr;
  auto received = std::make_unique<RequestEnvelope>();
  received->api = frame->api;
  received->version = frame->version;
  received->correlation = frame->correlation_id;
  received->client_id = frame->client_id.value_or("");
  received->instead = request->instead;
  if (!ReadBody(frame->api, frame->body, frame->version, request->body, &received->body))
    return nullptr;
  return received;
}

std::unique_ptr<ResponseEnvelope> AsReceived(std::unique_ptr<ResponseEnvelope> response) {
  if (response->damage.at < 0) return response;
  const std::string bytes = Encode(*response);
  const absl::StatusOr<wire::ResponseFrame> frame =
      wire::DecodeResponseFrame(bytes, response->api, response->version);
  if (!frame.ok()) return nullptr;
  const bool readable = std::visit(
      [&](auto& body) {
        using Body = std::decay_t<decltype(body)>;
        if constexpr (std::is_pointer_v<Body>) {
          // Which versions a broker has nobody here asks: it is enough that it can be read.
          return wire::Decode<wire::ApiVersionsResponse>(frame->body, response->version).ok();
        } else {
          absl::StatusOr<Body> read = wire::Decode<Body>(frame->body, response->version);
          if (!read.ok()) return false;
          Recognize(body, &*read);
          body = *std::move(read);
          return true;
        }
      },
      response->body);
  if (!readable) return nullptr;
  response->correlation = frame->correlation_id;
  response->damage = FrameDamage();
  return response;
}

}  // namespace norn::model
