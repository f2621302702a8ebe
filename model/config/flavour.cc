#include "model/config/flavour.h"

#include <ostream>
#include <string>

#include "absl/status/status.h"
#include "model/config/text.h"

namespace norn::model {
namespace {

constexpr Flavour kFlavours[] = {Flavour::kJava41, Flavour::kJava39, Flavour::kLibrdkafka216,
                                 Flavour::kLibrdkafka20};

}  // namespace

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
  std::string known;
  for (Flavour flavour : kFlavours) {
    if (name == Name(flavour)) return flavour;
    known += Cat(known.empty() ? "" : flavour == kFlavours[3] ? " or " : ", ", Name(flavour));
  }
  return absl::InvalidArgumentError(Cat("'", name, "' is not a client flavour; use ", known));
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
