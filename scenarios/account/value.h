// A value as JSON has them: what accounts of runs, and recordings of real Kafka, are made of.
//
// Example:
//   Value account = Value::Object();
//   account.Set("answers", Value::Array({0, 17}));
//   account["answers"].items()[1] == Value(17)
//   ParseJson("{\"acks\": [[\"a\", null]]}")             // or an error with line and column
#ifndef NORN_SCENARIOS_ACCOUNT_VALUE_H_
#define NORN_SCENARIOS_ACCOUNT_VALUE_H_

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"

namespace norn::scenarios {

class Value {
 public:
  enum class Kind : uint8_t { kNull, kBool, kNumber, kText, kArray, kObject };

  Value() = default;                                                 // null
  Value(bool value) : kind_(Kind::kBool), number_(value ? 1 : 0) {}  // NOLINT: as JSON writes it
  Value(int value) : kind_(Kind::kNumber), number_(value) {}
  Value(int64_t value) : kind_(Kind::kNumber), number_(static_cast<double>(value)) {}
  Value(size_t value) : kind_(Kind::kNumber), number_(static_cast<double>(value)) {}
  Value(double value) : kind_(Kind::kNumber), number_(value) {}
  Value(std::string value) : kind_(Kind::kText), text_(std::move(value)) {}
  Value(std::string_view value) : Value(std::string(value)) {}
  Value(const char* value) : Value(std::string(value)) {}

  static Value Array(std::vector<Value> items = {});
  static Value Object();
  // Exact, where a double is not.
  static Value Unsigned(uint64_t number);
  // The text, or null if it is empty.
  static Value TextOrNull(std::string_view text) { return text.empty() ? Value() : Value(text); }

  Kind kind() const { return kind_; }
  bool is_null() const { return kind_ == Kind::kNull; }
  bool is_number() const { return kind_ == Kind::kNumber; }
  bool is_array() const { return kind_ == Kind::kArray; }
  bool is_object() const { return kind_ == Kind::kObject; }
  bool boolean() const { return number_ != 0; }
  double number() const { return number_; }
  const std::string& text() const { return text_; }

  // Of an array.
  const std::vector<Value>& items() const { return items_; }
  std::vector<Value>& items() { return items_; }
  void Add(Value item) { items_.push_back(std::move(item)); }
  size_t size() const { return items_.size(); }

  // Of an object, in the order in which they were set. Null where there is none.
  const std::vector<std::pair<std::string, Value>>& fields() const { return fields_; }
  bool Has(std::string_view key) const { return Find(key) != nullptr; }
  const Value& operator[](std::string_view key) const;
  // Replaces what is there.
  void Set(std::string_view key, Value value);

  // Fields of objects may stand in any order.
  friend bool operator==(const Value& a, const Value& b);
  // Any total order; what recordings sort, they sort by Python's, which this is for what they hold.
  friend bool operator<(const Value& a, const Value& b);

  // On one line.
  std::string ToString() const;
  // Objects with a field per line, and arrays with an item per line, where they hold others and are
  // too long to be read at a glance; items stay on one.
  std::string ToLines(int indent = 0) const;

 private:
  const Value* Find(std::string_view key) const;
  // It holds arrays or objects with something in them.
  bool Nests() const;
  void Print(std::string* out) const;

  Kind kind_ = Kind::kNull;
  double number_ = 0;
  std::string text_;
  std::vector<Value> items_;
  std::vector<std::pair<std::string, Value>> fields_;
};

// The text between quotes, escaped; not UTF-8 becomes U+FFFD.
std::string JsonQuote(std::string_view text);

absl::StatusOr<Value> ParseJson(std::string_view text);

}  // namespace norn::scenarios

#endif  // NORN_SCENARIOS_ACCOUNT_VALUE_H_
