#include "model/wire/topic.h"

#include <ostream>

#include "absl/strings/escaping.h"
#include "model/record/big_endian.h"

namespace norn::model {

std::ostream& operator<<(std::ostream& os, const TopicName& name) { return os << name.text(); }

std::string ToString(const Uuid& id) {
  char bytes[16];
  PutBigEndian(id.low, PutBigEndian(id.high, bytes));
  return absl::WebSafeBase64Escape({bytes, sizeof(bytes)});
}

std::ostream& operator<<(std::ostream& os, const Uuid& id) { return os << ToString(id); }

}  // namespace norn::model
