#include "model/config/config_table.h"

#include <algorithm>
#include <cctype>

#include "absl/strings/numbers.h"
#include "model/config/nearest_key.h"

namespace norn::model {
namespace {

constexpr int64_t kNever = std::numeric_limits<int64_t>::max();
constexpr int64_t kMaxInt = std::numeric_limits<int32_t>::max();
constexpr int64_t kMinInt = std::numeric_limits<int32_t>::min();

std::string_view TypeName(ValueType type) {
  switch (type) {
    case ValueType::kInt:
      return "INT";
    case ValueType::kLong:
      return "LONG";
    case ValueType::kBoolean:
      return "BOOLEAN";
    case ValueType::kString:
      return "STRING";
    case ValueType::kList:
      return "LIST";
    case ValueType::kMillis:
      return "FLOAT";
  }
  return "?";
}

bool IsNumber(ValueType type) { return type == ValueType::kInt || type == ValueType::kLong; }

std::string Lower(std::string_view text) {
  std::string lower(text);
  for (char& c : lower) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  return lower;
}

// A mistake and the line it stands on, so that the report follows the file.
struct Mistake {
  int line;
  bool not_modelled_yet;
  std::string text;
};

std::string Words(std::span<const Choice> choices, bool modelled_only) {
  std::string words;
  for (const Choice& choice : choices) {
    if (modelled_only && !choice.modelled) continue;
    words += words.empty() ? std::string(choice.word) : Cat(", ", choice.word);
  }
  return words;
}

bool MatchesWord(std::string_view word, std::string_view value) {
  return word == value || (word.back() == ':' && value.substr(0, word.size()) == word);
}

// "5", "0.25": milliseconds as microseconds; false if it is no such number. What lies below a
// microsecond is dropped, as the real client drops it.
bool ParseFractionalMillis(std::string_view text, int64_t* micros) {
  const size_t dot = text.find('.');
  std::string digits(text.substr(0, dot));
  std::string_view fraction;
  if (dot != std::string_view::npos) fraction = text.substr(dot + 1);
  if (digits.empty() && fraction.empty()) return false;
  const auto is_digit = [](char c) { return c >= '0' && c <= '9'; };
  if (!std::all_of(fraction.begin(), fraction.end(), is_digit)) return false;
  for (size_t i = 0; i < 3; ++i) digits += i < fraction.size() ? fraction[i] : '0';
  return absl::SimpleAtoi(digits, micros);
}

// What is wrong with `value` for `row`, or its number.
struct Parsed {
  int64_t number = 0;
  bool not_modelled_yet = false;
  std::string mistake;
};

Parsed ParseValue(const ConfigRow& row, std::string_view value) {
  const auto invalid = [&](std::string_view rule) {
    return Parsed{.mistake =
                      Cat("Invalid value ", value, " for configuration ", row.name, ": ", rule)};
  };
  Parsed parsed;
  if (IsNumber(row.type)) {
    // SimpleAtoi skips blanks of its own kind, and value is trimmed of ours; none is inside.
    if (!absl::SimpleAtoi(absl::string_view(value.data(), value.size()), &parsed.number) ||
        (row.type == ValueType::kInt && (parsed.number > kMaxInt || parsed.number < kMinInt))) {
      return invalid(Cat("Not a number of type ", TypeName(row.type), "; write a whole number, as ",
                         row.name, "=", std::to_string(std::max<int64_t>(row.range.min, 1))));
    }
    if (parsed.number < row.range.min) {
      return invalid(Cat("Value must be at least ", std::to_string(row.range.min)));
    }
    if (parsed.number > row.range.max) {
      return invalid(Cat("Value must be no more than ", std::to_string(row.range.max)));
    }
  } else if (row.type == ValueType::kMillis) {
    if (!ParseFractionalMillis(value, &parsed.number)) {
      return invalid(
          Cat("Not a number; write milliseconds, as ", row.name, "=5 or ", row.name, "=0.5"));
    }
    if (parsed.number < row.range.min * 1000) {
      return invalid(Cat("Value must be at least ", std::to_string(row.range.min)));
    }
    if (parsed.number / 1000 > row.range.max) {
      return invalid(Cat("Value must be no more than ", std::to_string(row.range.max)));
    }
  } else if (row.type == ValueType::kBoolean) {
    const std::string word = Lower(value);
    if (word != "true" && word != "false") {
      return invalid("Expected value to be either true or false");
    }
    parsed.number = word == "true";
  }
  if (!row.choices.empty()) {
    const bool by_word = row.type == ValueType::kString;
    const auto choice = std::find_if(row.choices.begin(), row.choices.end(), [&](const Choice& c) {
      return by_word ? MatchesWord(c.word, value) : c.value == parsed.number;
    });
    if (by_word && choice == row.choices.end()) {
      return invalid(Cat("String must be one of: ", Words(row.choices, /*modelled_only=*/false)));
    }
    if (choice == row.choices.end() || !choice->modelled) {
      return {.not_modelled_yet = true,
              .mistake =
                  Cat(row.name, "=", value, " is a setting that Norn does not model yet; use ",
                      row.name, "=", Words(row.choices, /*modelled_only=*/true), " or remove it")};
    }
    parsed.number = choice->value;
  }
  if (row.complain != nullptr) parsed.mistake = row.complain(value);
  return parsed;
}

void AppendList(std::string& text, std::span<const std::string_view> names) {
  constexpr size_t kColumns = 100;
  size_t column = kColumns;
  for (size_t i = 0; i < names.size(); ++i) {
    const std::string item = Cat(names[i], i + 1 < names.size() ? "," : "");
    if (column + 1 + item.size() > kColumns) {
      text += i == 0 ? "  " : "\n  ";
      column = 2;
    } else {
      text += " ";
      ++column;
    }
    text += item;
    column += item.size();
  }
  if (!names.empty()) text += "\n";
}

std::string Padded(std::string_view text, size_t width) {
  std::string padded(text);
  padded.append(std::max(width, text.size()) - text.size() + 1, ' ');
  return padded;
}

std::string Admitted(const ConfigRow& row) {
  if (!row.choices.empty()) {
    const std::string words = Words(row.choices, /*modelled_only=*/true);
    return row.store == nullptr ? Cat("only ", words) : Cat("one of ", words);
  }
  if (!IsNumber(row.type) && row.type != ValueType::kMillis) return "";
  std::string text;
  if (row.range.min > std::numeric_limits<int64_t>::min()) {
    text = Cat("at least ", std::to_string(row.range.min));
  }
  if (row.range.max < kNever) text += Cat(", at most ", std::to_string(row.range.max));
  return text;
}

}  // namespace

namespace config_field {

absl::Duration DurationOfMillis(int64_t millis) {
  if (millis < 0 || millis == kNever) return absl::InfiniteDuration();
  return absl::Milliseconds(millis);
}

std::string PrintFractionalMillis(absl::Duration value) {
  const int64_t micros = absl::ToInt64Microseconds(value);
  std::string text = std::to_string(micros / 1000);
  if (micros % 1000 == 0) return text;
  std::string fraction = std::to_string(1000 + micros % 1000).substr(1);
  fraction.erase(fraction.find_last_not_of('0') + 1);
  return Cat(text, ".", fraction);
}

std::string PrintDuration(absl::Duration value, const ConfigRow& row) {
  if (value != absl::InfiniteDuration()) return std::to_string(absl::ToInt64Milliseconds(value));
  return std::to_string(row.range.min < 0 ? int64_t{-1} : kNever);
}

std::string PrintNumber(int64_t value, const ConfigRow& row) {
  for (const Choice& choice : row.choices) {
    if (choice.value == value) return std::string(choice.word);
  }
  if (row.type == ValueType::kBoolean) return value != 0 ? "true" : "false";
  return std::to_string(value);
}

std::string PrintList(std::span<const std::string> items) {
  std::string text;
  for (const std::string& item : items) text += text.empty() ? item : Cat(",", item);
  return text;
}

}  // namespace config_field

const Property* Given::Find(std::string_view key) const {
  const ConfigTableBase::Entry* entry = table_->Find(key);
  if (entry == nullptr || entry->key_class != KeyClass::kModelled) return nullptr;
  return by_row_[static_cast<size_t>(entry->index)];
}

bool Given::Has(std::string_view key) const { return Find(key) != nullptr; }

std::string Given::Show(std::string_view key) const {
  if (const Property* property = Find(key); property != nullptr) {
    const std::string text = Cat(key, "=", Trim(property->value));
    return property->line == 0 ? text : Cat(text, " (line ", std::to_string(property->line), ")");
  }
  const ConfigTableBase::Entry* entry = table_->Find(key);
  if (entry == nullptr || entry->key_class != KeyClass::kModelled) return std::string(key);
  return Cat(key, "=", table_->DefaultOf(table_->rows_[static_cast<size_t>(entry->index)]),
             " (default)");
}

ConfigTableBase::ConfigTableBase(std::string_view flavour, std::string_view program,
                                 const void* defaults, std::vector<ConfigRow> rows, KafkaKeys keys)
    : flavour_(flavour),
      program_(program),
      defaults_(defaults),
      rows_(std::move(rows)),
      keys_(std::move(keys)) {
  const auto add = [this](std::string_view name, KeyClass key_class, size_t index) {
    entries_.push_back({name, key_class, static_cast<int>(index)});
  };
  for (size_t i = 0; i < rows_.size(); ++i) add(rows_[i].name, KeyClass::kModelled, i);
  // What is left of the effective keys, once the modelled ones are out, is what is refused.
  std::erase_if(keys_.effective, [this](std::string_view name) {
    return std::any_of(rows_.begin(), rows_.end(),
                       [&](const ConfigRow& row) { return row.name == name; });
  });
  std::sort(keys_.effective.begin(), keys_.effective.end());
  std::sort(keys_.no_effect.begin(), keys_.no_effect.end());
  const size_t own = keys_.no_effect.size();
  for (size_t i = 0; i < own; ++i) add(keys_.no_effect[i], KeyClass::kNoEffect, i);
  for (size_t i = 0; i < keys_.plugins.size(); ++i) {
    add(keys_.plugins[i], KeyClass::kNoEffect, own + i);
  }
  for (size_t i = 0; i < keys_.effective.size(); ++i) {
    add(keys_.effective[i], KeyClass::kRefused, i);
  }
  for (const Entry& entry : entries_) names_.push_back(entry.name);
  std::sort(entries_.begin(), entries_.end(),
            [](const Entry& a, const Entry& b) { return a.name < b.name; });
}

const ConfigTableBase::Entry* ConfigTableBase::Find(std::string_view key) const {
  const auto at = std::lower_bound(entries_.begin(), entries_.end(), key,
                                   [](const Entry& e, std::string_view k) { return e.name < k; });
  return at != entries_.end() && at->name == key ? &*at : nullptr;
}

bool ConfigTableBase::HasNoEffectPrefix(std::string_view key) const {
  return std::any_of(
      keys_.no_effect_prefixes.begin(), keys_.no_effect_prefixes.end(),
      [&](std::string_view prefix) { return key.substr(0, prefix.size()) == prefix; });
}

KeyClass ConfigTableBase::Classify(std::string_view key) const {
  if (const Entry* entry = Find(key); entry != nullptr) return entry->key_class;
  return HasNoEffectPrefix(key) ? KeyClass::kNoEffect : KeyClass::kUnknown;
}

std::string ConfigTableBase::DefaultOf(const ConfigRow& row) const {
  return row.print != nullptr ? row.print(defaults_, row)
                              : Words(row.choices, /*modelled_only=*/true);
}

absl::Status ConfigTableBase::Unknown(std::string_view key) const {
  if (const auto java = JavaNameOf(key); java && Find(*java) != nullptr) {
    return absl::InvalidArgumentError(
        Cat(key, " is librdkafka's name; ", flavour_, " calls it ", *java));
  }
  const std::string_view nearest = NearestKey(key, names_);
  const std::string remedy =
      nearest.empty() ? std::string("; remove it") : Cat("; did you mean ", nearest, "?");
  if (const std::string others = ProgramsThatKnow(key); !others.empty()) {
    return absl::InvalidArgumentError(
        Cat(key, " is a Kafka ", others, " key, not a ", program_, " key", remedy));
  }
  return absl::InvalidArgumentError(Cat(key, " is not a Kafka ", program_, " key", remedy));
}

absl::StatusOr<Given> ConfigTableBase::ReadInto(std::span<const Property> properties, void* config,
                                                std::vector<Notice>& notices) const {
  Given given;
  given.table_ = this;
  given.by_row_.resize(rows_.size());
  std::vector<Notice> new_notices;
  std::vector<Mistake> mistakes;

  for (const Property& property : properties) {
    const Entry* entry = Find(property.key);
    if (entry == nullptr && !HasNoEffectPrefix(property.key)) {
      const absl::Status unknown = Unknown(property.key);
      mistakes.push_back({property.line, false, std::string(unknown.message())});
    } else if (entry == nullptr || entry->key_class == KeyClass::kNoEffect) {
      const Notice notice = {.kind = Notice::Kind::kNoEffect, .key = property.key};
      if (std::find(new_notices.begin(), new_notices.end(), notice) == new_notices.end()) {
        new_notices.push_back(notice);
      }
    } else if (entry->key_class == KeyClass::kRefused) {
      mistakes.push_back({property.line, true,
                          Cat(property.key, " is a Kafka ", program_,
                              " key that Norn does not model yet; remove it")});
    } else {
      const Property*& last = given.by_row_[static_cast<size_t>(entry->index)];
      if (last != nullptr) {
        new_notices.push_back({.kind = Notice::Kind::kOverridden,
                               .key = property.key,
                               .old_value = std::string(Trim(last->value)),
                               .new_value = std::string(Trim(property.value)),
                               .reason = "given twice; the last one counts"});
      }
      last = &property;
    }
  }

  for (size_t i = 0; i < rows_.size(); ++i) {
    const Property* property = given.by_row_[i];
    if (property == nullptr) continue;
    const ConfigRow& row = rows_[i];
    const std::string_view value = Trim(property->value);
    Parsed parsed = ParseValue(row, value);
    if (!parsed.mistake.empty()) {
      mistakes.push_back({property->line, parsed.not_modelled_yet, std::move(parsed.mistake)});
    } else if (row.store != nullptr) {
      row.store(config, parsed.number, value);
    }
  }

  if (mistakes.empty()) {
    std::move(new_notices.begin(), new_notices.end(), std::back_inserter(notices));
    return given;
  }
  std::stable_sort(mistakes.begin(), mistakes.end(),
                   [](const Mistake& a, const Mistake& b) { return a.line < b.line; });
  std::string text;
  bool all_not_modelled_yet = true;
  for (const Mistake& mistake : mistakes) {
    if (!text.empty()) text += "\n";
    if (mistake.line > 0) text += Cat("line ", std::to_string(mistake.line), ": ");
    text += mistake.text;
    all_not_modelled_yet = all_not_modelled_yet && mistake.not_modelled_yet;
  }
  if (all_not_modelled_yet) return absl::UnimplementedError(text);
  return absl::InvalidArgumentError(text);
}

std::string ConfigTableBase::PrintChanged(const void* config) const {
  std::string text;
  for (const ConfigRow& row : rows_) {
    if (row.print == nullptr) continue;
    const std::string value = row.print(config, row);
    if (value != DefaultOf(row)) text += PrintProperty(row.name, value) + "\n";
  }
  return text;
}

std::string ConfigTableBase::AllKeys() const {
  size_t name_width = 0;
  size_t default_width = 0;
  for (const ConfigRow& row : rows_) {
    name_width = std::max(name_width, row.name.size());
    default_width = std::max(default_width, DefaultOf(row).size());
  }
  const auto heading = [&](size_t count, std::string_view what) {
    return Cat(flavour_, " ", program_, ": ", std::to_string(count), " keys ", what, "\n");
  };
  std::string text = heading(rows_.size(), "modelled");
  for (const ConfigRow& row : rows_) {
    std::string line = Cat("  ", Padded(row.name, name_width), Padded(TypeName(row.type), 7),
                           Padded(DefaultOf(row), default_width), Admitted(row));
    line.erase(line.find_last_not_of(' ') + 1);
    text += line + "\n";
  }
  std::vector<std::string_view> without_effect = keys_.no_effect;
  without_effect.insert(without_effect.end(), keys_.plugins.begin(), keys_.plugins.end());
  std::vector<std::string> stars;
  for (std::string_view prefix : keys_.no_effect_prefixes) stars.push_back(Cat(prefix, "*"));
  without_effect.insert(without_effect.end(), stars.begin(), stars.end());
  text += heading(without_effect.size(), "accepted without effect on the model");
  AppendList(text, without_effect);
  text += heading(keys_.effective.size(), "refused: not modelled yet");
  AppendList(text, keys_.effective);
  return text;
}

}  // namespace norn::model
