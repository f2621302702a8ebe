// Which real program a part of the model behaves like, pinned by version: two Java clients that
// read the same properties do not do the same thing.
//
// Defaults, rules and texts of a flavour are those of the release named beside it, asked of that
// release itself.
//
// Example:
//   absl::StatusOr<Flavour> flavour = ParseFlavour("java-3.9");
//   Name(Flavour::kJava41)        // "java-4.1"
//   ParseFlavour("java-2.8")      // error: names the flavours there are
#ifndef NORN_MODEL_CONFIG_FLAVOUR_H_
#define NORN_MODEL_CONFIG_FLAVOUR_H_

#include <iosfwd>
#include <string_view>

#include "absl/status/statusor.h"

namespace norn::model {

enum class Flavour {
  kJava41,         // kafka-clients 4.1.1
  kJava39,         // kafka-clients 3.9.1
  kLibrdkafka216,  // librdkafka 2.16.0
  kLibrdkafka20,   // librdkafka 2.0.2
};

// Two libraries, each with versions.
constexpr bool IsJava(Flavour flavour) { return flavour <= Flavour::kJava39; }

std::string_view Name(Flavour flavour);
absl::StatusOr<Flavour> ParseFlavour(std::string_view name);
std::ostream& operator<<(std::ostream& os, Flavour flavour);

enum class BrokerVersion {
  kKafka41,  // Apache Kafka 4.1.1
};

std::string_view Name(BrokerVersion version);
std::ostream& operator<<(std::ostream& os, BrokerVersion version);

}  // namespace norn::model

#endif  // NORN_MODEL_CONFIG_FLAVOUR_H_
