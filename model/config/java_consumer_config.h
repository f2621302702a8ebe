// Every setting of a Java consumer that Norn honours, with Kafka's name and default and with the
// unit in the type. The consumer assigns itself partitions and fetches; it joins no group, so group
// keys are refused by name.
//
// As for the producer (java_producer_config.h): a plain struct, defaults without parsing, Parse()
// with the real client's types, ranges and adjustments. Two keys are honoured at one value only:
// isolation.level=read_uncommitted and enable.auto.commit=false.
//
// Example:
//   const std::string settings[] = {"auto.offset.reset=earliest", "max.poll.records=10"};
//   auto config = JavaConsumerConfig::Parse(Flavour::kJava41, settings, nullptr);
#ifndef NORN_MODEL_CONFIG_JAVA_CONSUMER_CONFIG_H_
#define NORN_MODEL_CONFIG_JAVA_CONSUMER_CONFIG_H_

#include <cstdint>
#include <iosfwd>
#include <span>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "model/config/client_network_config.h"
#include "model/config/flavour.h"
#include "model/config/notice.h"
#include "model/config/properties.h"

namespace norn::model {

// Where a consumer begins that has no position, or one outside the log.
enum class OffsetReset { kLatest, kEarliest, kNone };

std::ostream& operator<<(std::ostream& os, OffsetReset reset);  // "latest", "earliest", "none"

struct JavaConsumerConfig : ClientNetworkConfig {
  JavaConsumerConfig() { receive_buffer_bytes = 65536; }

  Flavour flavour = Flavour::kJava41;

  OffsetReset auto_offset_reset = OffsetReset::kLatest;
  // The broker answers once it has this many bytes or after this wait.
  int64_t fetch_min_bytes = 1;
  absl::Duration fetch_max_wait = absl::Milliseconds(500);
  int64_t fetch_max_bytes = 52428800;
  int64_t max_partition_fetch_bytes = 1048576;
  int32_t max_poll_records = 500;
  bool check_crcs = true;

  static JavaConsumerConfig Defaults(Flavour flavour = Flavour::kJava41);

  // As for the producer.
  static absl::StatusOr<JavaConsumerConfig> Parse(Flavour flavour,
                                                  std::span<const std::string> settings,
                                                  std::vector<Notice>* notices);
  static absl::StatusOr<JavaConsumerConfig> Parse(Flavour flavour,
                                                  std::span<const Property> properties,
                                                  std::vector<Notice>* notices);

  std::string PrintNonDefault() const;
  static std::string AllKeys(Flavour flavour = Flavour::kJava41);

  friend bool operator==(const JavaConsumerConfig&, const JavaConsumerConfig&) = default;
};

std::ostream& operator<<(std::ostream& os, const JavaConsumerConfig& config);

}  // namespace norn::model

#endif  // NORN_MODEL_CONFIG_JAVA_CONSUMER_CONFIG_H_
