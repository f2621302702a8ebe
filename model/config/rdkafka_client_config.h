// Every setting that librdkafka's producers and consumers have in common and Norn honours: whom to
// ask, how long to wait, how to reach brokers and when to look at the cluster again. A field is
// named as the key without the unit.
//
// Example:
//   struct PingConfig : RdkafkaClientConfig { int pings = 1; };
//   ConfigRows<PingConfig> rows;
//   AddRdkafkaClientRows(rows, flavour);                  // and rows of its own
#ifndef NORN_MODEL_CONFIG_RDKAFKA_CLIENT_CONFIG_H_
#define NORN_MODEL_CONFIG_RDKAFKA_CLIENT_CONFIG_H_

#include <cstdint>
#include <limits>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "model/config/client_network_config.h"
#include "model/config/config_table.h"
#include "model/config/flavour.h"
#include "model/config/properties.h"

namespace norn::model {

struct RdkafkaClientConfig {
  Flavour flavour = Flavour::kLibrdkafka216;

  // "host:port" or a broker's name, "b1". Empty, as by default: every broker of the cluster.
  std::vector<std::string> bootstrap_servers;
  std::string client_id = "rdkafka";

  // Of one message with its overhead, and of a request; fetch.max.bytes is at least as much.
  int64_t message_max_bytes = 1000000;
  int32_t max_in_flight_requests_per_connection = 1000000;
  absl::Duration retry_backoff = absl::Milliseconds(100);
  absl::Duration retry_backoff_max = absl::Seconds(1);  // 2.0: there is none, nor any growth

  absl::Duration socket_timeout = absl::Minutes(1);
  absl::Duration socket_connection_setup_timeout = absl::Seconds(30);
  absl::Duration api_version_request_timeout = absl::Seconds(10);
  int32_t socket_max_fails = 1;             // timed-out requests that end a connection; 0: none do
  bool socket_nagle_disable = true;         // 2.0: false
  int64_t socket_send_buffer_bytes = 0;     // 0: the operating system's
  int64_t socket_receive_buffer_bytes = 0;  // 0: the operating system's
  absl::Duration reconnect_backoff = absl::Milliseconds(100);
  absl::Duration reconnect_backoff_max = absl::Seconds(10);
  absl::Duration connections_max_idle = absl::ZeroDuration();  // 0: connections stay

  absl::Duration topic_metadata_refresh_interval = absl::Minutes(5);              // infinite: never
  absl::Duration topic_metadata_refresh_fast_interval = absl::Milliseconds(100);  // 2.0: 250 ms
  absl::Duration topic_metadata_propagation_max = absl::Seconds(30);
  absl::Duration metadata_max_age = absl::Minutes(15);
  // When every known broker is down, begin again with the bootstrap servers (2.16 only).
  bool rebootstraps = true;

  static RdkafkaClientConfig Defaults(Flavour flavour);

  friend bool operator==(const RdkafkaClientConfig&, const RdkafkaClientConfig&) = default;
};

inline constexpr Choice kRdkafkaRecoveries[] = {{"none", 0}, {"rebootstrap", 1}};
inline constexpr Choice kRdkafkaOnlyTrue[] = {{"true", 1}};

// Two names of one setting: the one that is not a row, and the row's.
using RdkafkaAlias = std::pair<std::string_view, std::string_view>;

// As the rows want them: under their keys' own names (metadata.broker.list is bootstrap.servers;
// `aliases` are those of one kind of client), and words in lower case where librdkafka does not
// mind (compression.codec=LZ4, but not partitioner=Murmur2).
std::vector<Property> RdkafkaProperties(std::span<const Property> properties,
                                        std::span<const RdkafkaAlias> aliases);

template <class C>
void AddRdkafkaClientRows(ConfigRows<C>& rows, Flavour flavour) {
  using enum ValueType;
  constexpr int64_t kMaxInt = std::numeric_limits<int32_t>::max();
  constexpr int64_t kHour = 3'600'000;
  rows.template Add<&C::message_max_bytes>("message.max.bytes", kInt, {1000, 1'000'000'000});
  rows.template Add<&C::retry_backoff>("retry.backoff.ms", kInt, {1, 300'000});
  rows.template Add<&C::max_in_flight_requests_per_connection>(
      "max.in.flight.requests.per.connection", kInt, {1, 1'000'000});
  rows.template Add<&C::bootstrap_servers>("bootstrap.servers", kList, CheckBootstrapServers);
  rows.template Add<&C::client_id>("client.id", kString);
  rows.template Add<&C::socket_timeout>("socket.timeout.ms", kInt, {10, 300'000});
  rows.template Add<&C::socket_connection_setup_timeout>("socket.connection.setup.timeout.ms", kInt,
                                                         {1000, kMaxInt});
  rows.template Add<&C::api_version_request_timeout>("api.version.request.timeout.ms", kInt,
                                                     {1, 300'000});
  rows.template Add<&C::socket_max_fails>("socket.max.fails", kInt, {0, 1'000'000});
  rows.template Add<&C::socket_nagle_disable>("socket.nagle.disable", kBoolean);
  rows.template Add<&C::socket_send_buffer_bytes>("socket.send.buffer.bytes", kInt,
                                                  {0, 100'000'000});
  rows.template Add<&C::socket_receive_buffer_bytes>("socket.receive.buffer.bytes", kInt,
                                                     {0, 100'000'000});
  rows.template Add<&C::reconnect_backoff>("reconnect.backoff.ms", kInt, {0, kHour});
  rows.template Add<&C::reconnect_backoff_max>("reconnect.backoff.max.ms", kInt, {0, kHour});
  rows.template Add<&C::connections_max_idle>("connections.max.idle.ms", kInt, {0, kMaxInt});
  rows.template Add<&C::topic_metadata_refresh_interval>("topic.metadata.refresh.interval.ms", kInt,
                                                         {-1, kHour});
  rows.template Add<&C::topic_metadata_refresh_fast_interval>(
      "topic.metadata.refresh.fast.interval.ms", kInt, {1, 60'000});
  rows.template Add<&C::topic_metadata_propagation_max>("topic.metadata.propagation.max.ms", kInt,
                                                        {0, kHour});
  rows.template Add<&C::metadata_max_age>("metadata.max.age.ms", kInt, {1, 24 * kHour});
  rows.AddFixed("api.version.request", kBoolean, kRdkafkaOnlyTrue);
  rows.AddFixed("enable.sparse.connections", kBoolean, kRdkafkaOnlyTrue);
  if (flavour == Flavour::kLibrdkafka216) {
    rows.template Add<&C::retry_backoff_max>("retry.backoff.max.ms", kInt, {1, 300'000});
    rows.template Add<&C::rebootstraps>("metadata.recovery.strategy", kRdkafkaRecoveries);
  }
}

// What rd_kafka_new() refuses, in its words, with what was written here.
class RdkafkaRules {
 public:
  void Broken(std::string text);
  absl::Status status() const;

 private:
  std::string text_;
};

// The rules that do not ask whether it is a producer.
void CheckRdkafkaClient(const Given& given, const RdkafkaClientConfig& config, RdkafkaRules& rules);

}  // namespace norn::model

#endif  // NORN_MODEL_CONFIG_RDKAFKA_CLIENT_CONFIG_H_
