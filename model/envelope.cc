#include "model/envelope.h"

#include <string_view>
#include <type_traits>
#include <utility>

#include "model/wire/frame.h"
#include "model/wire/reading.h"

namespace norn::model {

int64_t SizeOf(const RequestEnvelope& request) {
  return std::visit(
      [&](const auto& body) -> int64_t {
        return wire::RequestFrameSize(body, request.version, request.client_id);
      },
      request.body);
}

int64_t SizeOf(const ResponseEnvelope& response) {
  return std::visit(
      [&](const auto& body) -> int64_t {
        if constexpr (std::is_pointer_v<std::decay_t<decltype(body)>>) {
          return wire::ResponseFrameSize(*body, response.version);
        } else {
          return wire::ResponseFrameSize(body, response.version);
        }
      },
      response.body);
}

namespace {

void Flip(const FrameDamage& damage, std::string* bytes) {
  if (damage.at < 0) return;
  char& byte = (*bytes)[static_cast<size_t>(damage.at)];
  byte = static_cast<char>(byte ^ damage.mask);
}

}  // namespace

std::string Encode(const RequestEnvelope& request) {
  std::string bytes = std::visit(
      [&](const auto& body) {
        return wire::EncodeRequestFrame(body, request.version, request.correlation,
                                        request.client_id);
      },
      request.body);
  Flip(request.damage, &bytes);
  return bytes;
}

std::string Encode(const ResponseEnvelope& response) {
  std::string bytes = std::visit(
      [&](const auto& body) {
        if constexpr (std::is_pointer_v<std::decay_t<decltype(body)>>) {
          return wire::EncodeResponseFrame(*body, response.version, response.correlation);
        } else {
          return wire::EncodeResponseFrame(body, response.version, response.correlation);
        }
      },
      response.body);
  Flip(response.damage, &bytes);
  return bytes;
}

namespace {

std::string Head(Api api, int16_t version, CorrelationId correlation, int64_t size) {
  return std::string(wire::Name(api)) + " v" + std::to_string(version) + " c" +
         std::to_string(correlation.value()) + " " + std::to_string(size) + " B ";
}

}  // namespace

std::string Describe(const RequestEnvelope& request) {
  return Head(request.api, request.version, request.correlation, SizeOf(request)) +
         std::visit([&](const auto& body) { return wire::Print(body, request.version); },
                    request.body);
}

std::string Describe(const ResponseEnvelope& response) {
  const std::string head =
      Head(response.api, response.version, response.correlation, SizeOf(response));
  return head + std::visit(
                    [&](const auto& body) -> std::string {
                      if constexpr (std::is_pointer_v<std::decay_t<decltype(body)>>) {
                        return std::to_string(body->api_keys.size()) + " apis";
                      } else {
                        return wire::Print(body, response.version);
                      }
                    },
                    response.body);
}

}  // namespace norn::model
