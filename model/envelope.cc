#include "model/envelope.h"

#include <type_traits>

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
