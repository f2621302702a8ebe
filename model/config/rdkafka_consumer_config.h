// Every setting of a librdkafka consumer that Norn honours, with librdkafka's name and default and
// with the unit in the type. The consumer is told its partitions by assign(); the keys of groups
// and commits are accepted and change nothing.
//
// As for librdkafka's producer (rdkafka_producer_config.h): types, ranges and defaults of that
// release (CONFIGURATION.md), both names of a key that has two, the combinations that
// rd_kafka_new() refuses, and what it adjusts by itself.
//
// Example:
//   const std::string settings[] = {"auto.offset.reset=smallest", "fetch.wait.max.ms=100"};
//   auto config = RdkafkaConsumerConfig::Parse(Flavour::kLibrdkafka216, settings, nullptr);
//   config->auto_offset_reset                        // kEarliest
#ifndef NORN_MODEL_CONFIG_RDKAFKA_CONSUMER_CONFIG_H_
#define NORN_MODEL_CONFIG_RDKAFKA_CONSUMER_CONFIG_H_

#include <cstdint>
#include <iosfwd>
#include <span>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "model/config/flavour.h"
#include "model/config/notice.h"
#include "model/config/properties.h"
#include "model/config/rdkafka_client_config.h"

namespace norn::model {

// Where a librdkafka consumer begins that has no position, or one outside the log.
enum class RdkafkaOffsetReset : uint8_t { kEarliest, kLatest, kError };

struct RdkafkaConsumerConfig : RdkafkaClientConfig {
  RdkafkaOffsetReset auto_offset_reset = RdkafkaOffsetReset::kLatest;

  // The broker answers once it has this many bytes or after this wait.
  int64_t fetch_min_bytes = 1;
  absl::Duration fetch_wait_max = absl::Milliseconds(500);
  int64_t fetch_max_bytes = 52428800;
  int64_t fetch_message_max_bytes = 1048576;  // of one partition, to begin with

  // No partition is asked for while this many messages, or this much, wait for the application.
  int64_t queued_min_messages = 100000;
  int64_t queued_max_messages_kbytes = 65536;

  absl::Duration fetch_error_backoff = absl::Milliseconds(500);
  absl::Duration fetch_queue_backoff = absl::Seconds(1);  // 2.16 only

  bool read_committed = true;  // isolation.level
  bool check_crcs = false;
  bool enable_partition_eof = false;
  std::string client_rack;
  int64_t receive_message_max_bytes = 100'000'000;

  static RdkafkaConsumerConfig Defaults(Flavour flavour = Flavour::kLibrdkafka216);

  static absl::StatusOr<RdkafkaConsumerConfig> Parse(Flavour flavour,
                                                     std::span<const std::string> settings,
                                                     std::vector<Notice>* notices);
  static absl::StatusOr<RdkafkaConsumerConfig> Parse(Flavour flavour,
                                                     std::span<const Property> properties,
                                                     std::vector<Notice>* notices);

  std::string PrintNonDefault() const;
  static std::string AllKeys(Flavour flavour = Flavour::kLibrdkafka216);

  friend bool operator==(const RdkafkaConsumerConfig&, const RdkafkaConsumerConfig&) = default;
};

// "librdkafka-2.16 consumer {fetch.wait.max.ms=100}"
std::ostream& operator<<(std::ostream& os, const RdkafkaConsumerConfig& config);

}  // namespace norn::model

#endif  // NORN_MODEL_CONFIG_RDKAFKA_CONSUMER_CONFIG_H_
