// The .properties format, in which Kafka's configuration is written, read as java.util.Properties
// reads it: key=value, key: value or key value; lines that begin with # or ! are comments; a
// backslash at the end of a line continues it; \t \n \r \f and \uXXXX are escapes and any other
// escaped character stands for itself, so "a\=b" is a key with an equals sign.
//
// As in Java a "#" after a value belongs to the value, blanks at a value's end are kept (typed keys
// trim them later), and a key alone has the empty value. Unlike Java, which keeps the last, all
// lines of a key are returned, in order; and a text that ends in a lone backslash ends in nothing,
// where Java makes of it an empty key. Bytes above 127 are passed through: the text is UTF-8.
//
// Example:
//   ParseProperties("acks = all\n# comment\nlinger.ms: 5\n")
//       // {{"acks", "all", 1}, {"linger.ms", "5", 3}}
//   ParseProperty("linger.ms=5")    // {"linger.ms", "5", 0}
#ifndef NORN_MODEL_CONFIG_PROPERTIES_H_
#define NORN_MODEL_CONFIG_PROPERTIES_H_

#include <iosfwd>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"

namespace norn::model {

struct Property {
  std::string key;
  std::string value;
  int line = 0;  // where its key begins, counted from 1; 0: it did not come from a text of lines

  friend bool operator==(const Property&, const Property&) = default;
};

std::ostream& operator<<(std::ostream& os, const Property& property);

// Every property of `text`, in order. The only text refused is one with a broken \u escape or
// without a key before its separator; the error names the line.
absl::StatusOr<std::vector<Property>> ParseProperties(std::string_view text);

// The one property that `line` holds, with line 0. Refuses text that holds none, more than one, or
// a key without a separator: who writes a single setting means key=value.
absl::StatusOr<Property> ParseProperty(std::string_view line);

// Each of `settings` as ParseProperty reads it.
absl::StatusOr<std::vector<Property>> ParseSettings(std::span<const std::string> settings);

// "key=value" such that ParseProperties reads it back.
std::string PrintProperty(std::string_view key, std::string_view value);

}  // namespace norn::model

#endif  // NORN_MODEL_CONFIG_PROPERTIES_H_
