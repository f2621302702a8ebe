// The engine that reads key=value settings into a plain struct, by a table of the keys there are.
//
// A key is in one of three classes:
//   modelled     a row of the table: its type, its range or words, and the field it sets. The model
//                honours it, at least at the words that are marked as modelled.
//   no effect    a real key of the real program that cannot change anything here; accepted, and
//                named in a Notice.
//   refused      a real key that the model does not honour yet, or no key at all. The error says
//                which, and what was probably meant.
// Types, ranges and texts are those of Kafka's ConfigDef: "Invalid value -1 for configuration
// linger.ms: Value must be at least 0". Where one key is given twice the last one counts, as in
// Java, and a Notice says so. All mistakes are reported together, one line each; the status is
// kUnimplemented if each is something Norn does not model yet, and kInvalidArgument otherwise.
//
// Durations are milliseconds in text. Kafka's ways to say never (9223372036854775807, and -1 where
// a key admits it) are absl::InfiniteDuration() in the struct.
//
// Example:
//   struct PingConfig { absl::Duration linger = absl::Milliseconds(5); bool deep = false; };
//   ConfigRows<PingConfig> rows;
//   rows.Add<&PingConfig::linger>("linger.ms", ValueType::kLong, AtLeast(0));
//   rows.Add<&PingConfig::deep>("deep", ValueType::kBoolean);
//   const ConfigTable<PingConfig> table("java-4.1", "ping", PingConfig(), std::move(rows), keys);
//   PingConfig config;
//   absl::StatusOr<Given> given = table.Read(properties, config, notices);
#ifndef NORN_MODEL_CONFIG_CONFIG_TABLE_H_
#define NORN_MODEL_CONFIG_CONFIG_TABLE_H_

#include <cstdint>
#include <limits>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "model/config/kafka_keys.h"
#include "model/config/notice.h"
#include "model/config/properties.h"
#include "model/config/text.h"

namespace norn::model {

// kMillis is a number of milliseconds that may have a fraction, down to the microsecond.
enum class ValueType { kInt, kLong, kBoolean, kString, kList, kMillis };
enum class KeyClass { kModelled, kNoEffect, kRefused, kUnknown };

struct Range {
  int64_t min = std::numeric_limits<int64_t>::min();
  int64_t max = std::numeric_limits<int64_t>::max();
};
constexpr Range AtLeast(int64_t min) { return {.min = min}; }

// A word that a key admits, and the number that stands for it in an enum, a bool or an integer. A
// word that is not modelled is known, so that it is refused as such and not as a typing mistake;
// one that ends in a colon stands for all values that begin with it.
struct Choice {
  std::string_view word;
  int64_t value = 0;
  bool modelled = true;
};

// One modelled key. ConfigRows makes them.
struct ConfigRow {
  // What is wrong with a value beyond its type, range and words; "" if nothing is.
  using Complain = std::string (*)(std::string_view value);

  std::string_view name;
  ValueType type = ValueType::kString;
  Range range = {};
  std::span<const Choice> choices = {};  // empty: any value of the type and range
  Complain complain = nullptr;
  void (*store)(void* config, int64_t number, std::string_view text) = nullptr;
  std::string (*print)(const void* config, const ConfigRow& row) = nullptr;
};

// How each type of field is set from, and printed as, a value.
namespace config_field {

absl::Duration DurationOfMillis(int64_t millis);
std::string PrintFractionalMillis(absl::Duration value);
std::string PrintDuration(absl::Duration value, const ConfigRow& row);
std::string PrintNumber(int64_t value, const ConfigRow& row);
std::string PrintList(std::span<const std::string> items);

template <class T>
void Store(T& field, int64_t number, std::string_view text) {
  if constexpr (std::is_same_v<T, absl::Duration>) {
    field = DurationOfMillis(number);
  } else if constexpr (std::is_same_v<T, std::string>) {
    field = std::string(text);
  } else if constexpr (std::is_same_v<T, std::vector<std::string>>) {
    field = SplitList(text);
  } else {
    field = static_cast<T>(number);
  }
}

template <class T>
std::string Print(const T& field, const ConfigRow& row) {
  if constexpr (std::is_same_v<T, absl::Duration>) {
    return PrintDuration(field, row);
  } else if constexpr (std::is_same_v<T, std::string>) {
    return field;
  } else if constexpr (std::is_same_v<T, std::vector<std::string>>) {
    return PrintList(field);
  } else {
    return PrintNumber(static_cast<int64_t>(field), row);
  }
}

}  // namespace config_field

// Collects the rows of a table over `Config`.
template <class Config>
class ConfigRows {
 public:
  template <auto Field>
  void Add(std::string_view name, ValueType type, Range range = {}) {
    AddRow<Field>({.name = name, .type = type, .range = range});
  }
  // Only these words; their spans outlive the table.
  template <auto Field>
  void Add(std::string_view name, std::span<const Choice> choices) {
    AddRow<Field>({.name = name, .type = ValueType::kString, .choices = choices});
  }
  template <auto Field>
  void Add(std::string_view name, ValueType type, ConfigRow::Complain complain) {
    AddRow<Field>({.name = name, .type = type, .complain = complain});
  }

  // Milliseconds with a fraction, as librdkafka's linger.ms; the range is in whole milliseconds.
  template <auto Field>
  void AddMillis(std::string_view name, Range range) {
    ConfigRow row{.name = name, .type = ValueType::kMillis, .range = range};
    row.store = [](void* config, int64_t micros, std::string_view) {
      static_cast<Config*>(config)->*Field = absl::Microseconds(micros);
    };
    row.print = [](const void* config, const ConfigRow&) {
      return config_field::PrintFractionalMillis(static_cast<const Config*>(config)->*Field);
    };
    rows_.push_back(row);
  }

  // A key that is honoured at the one modelled word of `choices`, and has no field.
  void AddFixed(std::string_view name, ValueType type, std::span<const Choice> choices) {
    rows_.push_back({.name = name, .type = type, .choices = choices});
  }

  std::vector<ConfigRow> Take() && { return std::move(rows_); }

 private:
  template <auto Field>
  void AddRow(ConfigRow row) {
    row.store = [](void* config, int64_t number, std::string_view text) {
      config_field::Store(static_cast<Config*>(config)->*Field, number, text);
    };
    row.print = [](const void* config, const ConfigRow& self) {
      return config_field::Print(static_cast<const Config*>(config)->*Field, self);
    };
    rows_.push_back(row);
  }

  std::vector<ConfigRow> rows_;
};

class ConfigTableBase;

// Which keys the user set, for rules that ask. Lives no longer than the table and the properties it
// was read from.
class Given {
 public:
  bool Has(std::string_view key) const;
  // "linger.ms=20 (line 4)", or "linger.ms=5 (default)" if the user did not set it.
  std::string Show(std::string_view key) const;

 private:
  friend class ConfigTableBase;
  const Property* Find(std::string_view key) const;

  const ConfigTableBase* table_ = nullptr;
  std::vector<const Property*> by_row_;
};

// The part of a table that does not depend on the struct's type.
class ConfigTableBase {
 public:
  KeyClass Classify(std::string_view key) const;

  // Three lists, for people: the modelled keys with type, default and admitted values, those
  // without effect, those refused.
  std::string AllKeys() const;

 protected:
  // `defaults` outlives the table. REQUIRES: every row's key is one of `keys.effective`.
  ConfigTableBase(std::string_view flavour, std::string_view program, const void* defaults,
                  std::vector<ConfigRow> rows, KafkaKeys keys);

  absl::StatusOr<Given> ReadInto(std::span<const Property> properties, void* config,
                                 std::vector<Notice>& notices) const;
  std::string PrintChanged(const void* config) const;

 private:
  friend class Given;
  struct Entry {
    std::string_view name;
    KeyClass key_class;
    int index;  // modelled: its row; else its place among keys of its class
  };

  const Entry* Find(std::string_view key) const;
  bool HasNoEffectPrefix(std::string_view key) const;
  absl::Status Unknown(std::string_view key) const;
  std::string DefaultOf(const ConfigRow& row) const;

  std::string flavour_;
  std::string program_;
  const void* defaults_;
  std::vector<ConfigRow> rows_;
  KafkaKeys keys_;
  std::vector<Entry> entries_;           // by name
  std::vector<std::string_view> names_;  // modelled ones first, refused ones last
};

template <class Config>
class ConfigTable : public ConfigTableBase {
 public:
  // `flavour` and `program` are used in texts only: "java-4.1", "producer".
  ConfigTable(std::string_view flavour, std::string_view program, Config defaults,
              ConfigRows<Config> rows, KafkaKeys keys)
      : ConfigTableBase(flavour, program, &defaults_, std::move(rows).Take(), std::move(keys)),
        defaults_(std::move(defaults)) {}
  ConfigTable(const ConfigTable&) = delete;
  ConfigTable& operator=(const ConfigTable&) = delete;

  // Sets the fields of `config` that `properties` name and leaves the others. On an error `config`
  // is half read and no notice was added.
  absl::StatusOr<Given> Read(std::span<const Property> properties, Config& config,
                             std::vector<Notice>& notices) const {
    return ReadInto(properties, &config, notices);
  }

  // key=value lines, in the table's order, of what differs from the defaults; Read takes them back.
  std::string PrintNonDefault(const Config& config) const { return PrintChanged(&config); }

 private:
  const Config defaults_;
};

}  // namespace norn::model

#endif  // NORN_MODEL_CONFIG_CONFIG_TABLE_H_
