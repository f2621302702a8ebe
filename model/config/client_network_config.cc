#include "model/config/client_network_config.h"

#include <algorithm>

#include "absl/strings/numbers.h"
#include "model/config/text.h"

namespace norn::model {
namespace {

std::string Millis(absl::Duration d) { return std::to_string(absl::ToInt64Milliseconds(d)); }

bool IsDigits(std::string_view text) {
  return !text.empty() &&
         std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
}

// A back-off that starts above its maximum is constant at the maximum, with or without a word.
void CapAtMax(std::string_view key, std::string_view max_key, std::string_view what,
              absl::Duration max, absl::Duration& value, std::vector<Notice>& notices) {
  if (value <= max) return;
  notices.push_back(AdjustedMillis(
      key, value, max,
      Cat("Configuration '", key, "' with value '", Millis(value),
          "' is greater than configuration '", max_key, "' with value '", Millis(max),
          "'. A static ", what, " with value '", Millis(max), "' will be applied.")));
  value = max;
}

}  // namespace

Notice AdjustedMillis(std::string_view key, absl::Duration from, absl::Duration to,
                      std::string reason) {
  return {.kind = Notice::Kind::kAdjusted,
          .key = std::string(key),
          .old_value = Millis(from),
          .new_value = Millis(to),
          .reason = std::move(reason)};
}

std::string CheckBootstrapServers(std::string_view value) {
  constexpr int kMaxPort = 65535;
  constexpr std::string_view kRemedy = "; write host:port, or a broker's name such as b1";
  const std::vector<std::string> servers = SplitList(value);
  if (servers.empty()) {
    return Cat("No resolvable bootstrap urls given in bootstrap.servers", kRemedy,
               ", or remove the key to reach every broker");
  }
  for (std::string_view server : servers) {
    if (server.front() == 'b' && IsDigits(server.substr(1))) continue;
    const size_t colon = server.rfind(':');
    const std::string_view port =
        colon == std::string_view::npos ? std::string_view() : server.substr(colon + 1);
    if (colon == 0 || !IsDigits(port) || server.find(' ') != std::string_view::npos) {
      return Cat("Invalid url in bootstrap.servers: ", server, kRemedy);
    }
    int number = 0;
    if (!absl::SimpleAtoi(absl::string_view(port.data(), port.size()), &number) ||
        number > kMaxPort) {
      return Cat("Invalid port in bootstrap.servers: ", server, "; a port is at most 65535");
    }
  }
  return "";
}

void SettleNetwork(const Given& given, ClientNetworkConfig& config, std::vector<Notice>& notices) {
  constexpr std::string_view kAfterProtocol = "://";
  for (std::string& server : config.bootstrap_servers) {
    const size_t protocol_end = server.find(kAfterProtocol);
    if (protocol_end != std::string::npos) server.erase(0, protocol_end + kAfterProtocol.size());
  }
  CapAtMax("retry.backoff.ms", "retry.backoff.max.ms", "backoff", config.retry_backoff_max,
           config.retry_backoff, notices);
  CapAtMax("socket.connection.setup.timeout.ms", "socket.connection.setup.timeout.max.ms",
           "connection setup timeout", config.socket_connection_setup_timeout_max,
           config.socket_connection_setup_timeout, notices);
  if (given.Has("reconnect.backoff.ms") && !given.Has("reconnect.backoff.max.ms") &&
      config.reconnect_backoff_max != config.reconnect_backoff) {
    notices.push_back(AdjustedMillis(
        "reconnect.backoff.max.ms", config.reconnect_backoff_max, config.reconnect_backoff,
        "Disabling exponential reconnect backoff because reconnect.backoff.ms is set, but "
        "reconnect.backoff.max.ms is not."));
    config.reconnect_backoff_max = config.reconnect_backoff;
  }
  CapAtMax("reconnect.backoff.ms", "reconnect.backoff.max.ms", "backoff",
           config.reconnect_backoff_max, config.reconnect_backoff, notices);
}

}  // namespace norn::model
