// Every setting of a librdkafka producer that Norn honours, with librdkafka's name and default and
// with the unit in the type. A field is named as the key without the unit: message.timeout.ms is
// `message_timeout`.
//
// Parse() reads a librdkafka application's own properties: types, ranges and defaults of that
// release (CONFIGURATION.md), both names of a key that has two (queue.buffering.max.ms is
// linger.ms, compression.codec is compression.type), the combinations that rd_kafka_new()
// refuses, and what it adjusts by itself (made, and told in `notices`). The classes of keys are
// explained in config_table.h; AllKeys() lists them.
//
// Example:
//   const std::string settings[] = {"enable.idempotence=true", "queue.buffering.max.ms=0.5"};
//   std::vector<Notice> notices;
//   auto config = RdkafkaProducerConfig::Parse(Flavour::kLibrdkafka216, settings, &notices);
//   config->linger                                   // 500 us
//   config->max_in_flight_requests_per_connection    // 5, and a notice says so
#ifndef NORN_MODEL_CONFIG_RDKAFKA_PRODUCER_CONFIG_H_
#define NORN_MODEL_CONFIG_RDKAFKA_PRODUCER_CONFIG_H_

#include <cstdint>
#include <iosfwd>
#include <limits>
#include <span>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "model/config/acks.h"
#include "model/config/flavour.h"
#include "model/config/notice.h"
#include "model/config/properties.h"
#include "model/config/rdkafka_client_config.h"
#include "model/record/record_batch.h"

namespace norn::model {

enum class RdkafkaPartitioner : uint8_t {
  kRandom,
  kConsistent,        // CRC32 of the key; without a key all go to one partition
  kConsistentRandom,  // CRC32 of the key; null and empty keys at random
  kMurmur2,           // Java's hash; without a key all go to one partition
  kMurmur2Random,     // Java's hash; null keys at random
  kFnv1a,
  kFnv1aRandom,
};

struct RdkafkaProducerConfig : RdkafkaClientConfig {
  Acks acks = Acks::kAll;
  bool enable_idempotence = false;
  bool enable_gapless_guarantee = false;

  absl::Duration linger = absl::Milliseconds(5);  // to the microsecond
  int64_t batch_num_messages = 10000;
  int64_t batch_size = 1000000;  // bytes, with the request's own

  int64_t queue_buffering_max_messages = 100000;  // 0: no limit
  int64_t queue_buffering_max_kbytes = 1048576;
  int32_t queue_buffering_backpressure_threshold = 1;  // requests waiting to be written

  // Of one message, from produce(). Infinite if set to 0.
  absl::Duration message_timeout = absl::Minutes(5);
  absl::Duration request_timeout = absl::Seconds(30);  // what the broker is told
  int32_t retries = std::numeric_limits<int32_t>::max();

  // Its level, compression.level, is checked and changes nothing: how small data becomes is a
  // property of the data (model/client/compressed_size.h).
  Codec compression_type = Codec::kNone;
  RdkafkaPartitioner partitioner = RdkafkaPartitioner::kConsistentRandom;
  // How long messages without a key stick to one partition; 0: each goes its own way.
  absl::Duration sticky_partitioning_linger = absl::Milliseconds(10);

  static RdkafkaProducerConfig Defaults(Flavour flavour = Flavour::kLibrdkafka216);

  // As JavaProducerConfig::Parse.
  static absl::StatusOr<RdkafkaProducerConfig> Parse(Flavour flavour,
                                                     std::span<const std::string> settings,
                                                     std::vector<Notice>* notices);
  static absl::StatusOr<RdkafkaProducerConfig> Parse(Flavour flavour,
                                                     std::span<const Property> properties,
                                                     std::vector<Notice>* notices);

  std::string PrintNonDefault() const;
  static std::string AllKeys(Flavour flavour);

  friend bool operator==(const RdkafkaProducerConfig&, const RdkafkaProducerConfig&) = default;
};

// "librdkafka-2.16 producer {acks=1, linger.ms=20}"
std::ostream& operator<<(std::ostream& os, const RdkafkaProducerConfig& config);

}  // namespace norn::model

#endif  // NORN_MODEL_CONFIG_RDKAFKA_PRODUCER_CONFIG_H_
