#include "model/config/flavour.h"

#include <ostream>
#include <string>

#include "absl/status/status.h"
#include "model/config/text.h"

namespace norn::model {

std::string_view Name(Flavour flavour) {
  switch (flavour) {
    case Flavour::kJava41:
      return "java-4.1";
    case Flavour::kJava39:
      return "java-3.9";
    case Flavour::kLibrdkafka216:
      return "librdkafka-2.16";
    case Flavour::kLibrdkafka20:
      return "librdkafka-2.0";
  }
  return "?";
}

absl::StatusOr<Flavour> ParseFlavour(std::string_view name) {
  for (Flavour flavour : {Flavour::kJava41, Flavour::kJava39}) {
    if (name == Name(flavour)) return flavour;
  }
  if (name == "librdkafka-2.16" || name == "librdkafka-2.0") {
    return absl::UnimplementedError(
        Cat(name, " is a client flavour that Norn does not model yet; use java-4.1 or java-3.9"));
  }
  return absl::InvalidArgumentError(
      Cat("'", name, "' is not a client flavour; use java-4.1 or java-3.9"));
}

std::ostream& operator<<(std::ostream& os, Flavour flavour) { return os << Name(flavour); }

std::string_view Name(BrokerVersion version) {
  switch (version) {
    case BrokerVersion::kKafka41:
      return "kafka-4.1";
  }
  return "?";
}

std::ostream& operator<<(std::ostream& os, BrokerVersion version) { return os << Name(version); }

}  // namespace norn::model
