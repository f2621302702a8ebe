// What every Java client is told about reaching brokers: whom to ask first, and how long to wait,
// back off and keep a connection. Producers and consumers have these settings in common; a field is
// named as Kafka's key, without the unit, and its comment gives the key where that is not plain.
//
// A field holds what is in force, after the client's own adjustments: a back-off is never greater
// than its maximum, for instance.
#ifndef NORN_MODEL_CONFIG_CLIENT_NETWORK_CONFIG_H_
#define NORN_MODEL_CONFIG_CLIENT_NETWORK_CONFIG_H_

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "absl/time/time.h"
#include "model/config/config_table.h"
#include "model/config/notice.h"

namespace norn::model {

// As a socket's buffer size: leave it to the operating system.
inline constexpr int64_t kOperatingSystemDefault = -1;

// What a client does when none of the brokers it knows can be reached (KIP-899).
enum class MetadataRecovery : uint8_t { kNone, kRebootstrap };

struct ClientNetworkConfig {
  // "host:port" or a broker's name, "b1". Empty, as by default: every broker of the cluster.
  std::vector<std::string> bootstrap_servers;

  // What requests carry as client id. Empty, as by default: the client is numbered as Java's is,
  // "producer-1" or "consumer-null-1" (the null is the group it does not have).
  std::string client_id;

  absl::Duration request_timeout = absl::Seconds(30);

  // Exponential, base 2, from the first to the second with +-20 % of jitter.
  absl::Duration retry_backoff = absl::Milliseconds(100);
  absl::Duration retry_backoff_max = absl::Seconds(1);
  absl::Duration reconnect_backoff = absl::Milliseconds(50);
  absl::Duration reconnect_backoff_max = absl::Seconds(1);
  absl::Duration socket_connection_setup_timeout = absl::Seconds(10);
  absl::Duration socket_connection_setup_timeout_max = absl::Seconds(30);

  absl::Duration connections_max_idle = absl::Minutes(9);  // infinite: connections stay
  absl::Duration metadata_max_age = absl::Minutes(5);
  MetadataRecovery metadata_recovery_strategy = MetadataRecovery::kRebootstrap;  // none in java-3.9
  // After so long without metadata all connections are given up for the bootstrap servers.
  absl::Duration metadata_recovery_rebootstrap_trigger = absl::Minutes(5);

  int64_t send_buffer_bytes = 131072;    // or kOperatingSystemDefault
  int64_t receive_buffer_bytes = 32768;  // or kOperatingSystemDefault

  friend bool operator==(const ClientNetworkConfig&, const ClientNetworkConfig&) = default;
};

// The words of metadata.recovery.strategy.
inline constexpr Choice kMetadataRecoveries[] = {
    {"none", static_cast<int64_t>(MetadataRecovery::kNone)},
    {"rebootstrap", static_cast<int64_t>(MetadataRecovery::kRebootstrap)}};

// What is wrong with a value of bootstrap.servers, in the client's words; "" if nothing is.
std::string CheckBootstrapServers(std::string_view value);

// Makes the adjustments that every Java client makes, and tells of each: a back-off above its
// maximum is constant at the maximum, and reconnect.backoff.ms set alone is the maximum, too. The
// protocol before a bootstrap server ("SSL://") is dropped.
void SettleNetwork(const Given& given, ClientNetworkConfig& config, std::vector<Notice>& notices);

// The notice of one adjustment of a number of milliseconds.
Notice AdjustedMillis(std::string_view key, absl::Duration from, absl::Duration to,
                      std::string reason);

}  // namespace norn::model

#endif  // NORN_MODEL_CONFIG_CLIENT_NETWORK_CONFIG_H_
