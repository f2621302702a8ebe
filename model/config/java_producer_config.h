// Every setting of a Java producer that Norn honours, with Kafka's name and default and with the
// unit in the type. A field is named as Kafka's key without the unit: linger.ms is `linger`.
//
// A plain struct, cheap to copy: Defaults() reads no text. Parse() reads the user's own properties
// as the real client of that version reads them: the same types, ranges and defaults, the same
// forbidden combinations (an error with keys, values and rule), the same silent adjustments (made,
// and told in `notices`). The classes of keys are explained in config_table.h; AllKeys() lists
// them. Passwords and class names are not looked at: a file that loads here may still name a
// missing key store.
//
// Example:
//   const std::string settings[] = {"acks=1", "linger.ms=20"};
//   std::vector<Notice> notices;
//   auto config = JavaProducerConfig::Parse(Flavour::kJava41, settings, &notices);
//   config->linger                  // 20 ms
//   config->enable_idempotence      // false, and notices[0] says that acks=1 turned it off
//   config->PrintNonDefault()       // "acks=1\nenable.idempotence=false\nlinger.ms=20\n"
#ifndef NORN_MODEL_CONFIG_JAVA_PRODUCER_CONFIG_H_
#define NORN_MODEL_CONFIG_JAVA_PRODUCER_CONFIG_H_

#include <cstdint>
#include <iosfwd>
#include <limits>
#include <span>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "model/config/acks.h"
#include "model/config/client_network_config.h"
#include "model/config/flavour.h"
#include "model/config/notice.h"
#include "model/config/properties.h"
#include "model/record/record_batch.h"

namespace norn::model {

struct JavaProducerConfig : ClientNetworkConfig {
  Flavour flavour = Flavour::kJava41;

  Acks acks = Acks::kAll;
  bool enable_idempotence = true;

  // At most 2^31-1 ms, as the client caps it.
  absl::Duration linger = absl::Milliseconds(5);  // 0 in java-3.9
  // Bytes. 0 is allowed: the client then takes 1, and a batch holds what its first record's buffer
  // has room for.
  int64_t batch_size = 16384;
  int64_t buffer_memory = 33554432;
  int64_t max_request_size = 1048576;

  // How well data compresses is no setting but a property of the world (TopicSpec).
  Codec compression_type = Codec::kNone;

  // Records with a key go where those without do.
  bool partitioner_ignore_keys = false;
  // The sticky choice favours partitions with short queues, and leaves out those whose broker has
  // not taken data for longer than the timeout (0: none).
  bool partitioner_adaptive_partitioning = true;
  absl::Duration partitioner_availability_timeout = absl::ZeroDuration();

  absl::Duration max_block = absl::Minutes(1);
  // Of a batch, from its creation. Never less than linger + request_timeout.
  absl::Duration delivery_timeout = absl::Minutes(2);
  int32_t retries = std::numeric_limits<int32_t>::max();
  int32_t max_in_flight_requests_per_connection = 5;

  static JavaProducerConfig Defaults(Flavour flavour = Flavour::kJava41);

  // Reads settings, each written key=value, or the properties of a whole file (ParseProperties),
  // whose lines errors then name. `notices` may be null; they are added only if the result is ok.
  static absl::StatusOr<JavaProducerConfig> Parse(Flavour flavour,
                                                  std::span<const std::string> settings,
                                                  std::vector<Notice>* notices);
  static absl::StatusOr<JavaProducerConfig> Parse(Flavour flavour,
                                                  std::span<const Property> properties,
                                                  std::vector<Notice>* notices);

  // The settings that differ from the flavour's defaults, one key=value per line. Parse reads them
  // back to an equal config.
  std::string PrintNonDefault() const;

  // Every key of the real client by class, for documentation.
  static std::string AllKeys(Flavour flavour);

  friend bool operator==(const JavaProducerConfig&, const JavaProducerConfig&) = default;
};

// "java-4.1 producer {acks=1, linger.ms=20}"
std::ostream& operator<<(std::ostream& os, const JavaProducerConfig& config);

}  // namespace norn::model

#endif  // NORN_MODEL_CONFIG_JAVA_PRODUCER_CONFIG_H_
