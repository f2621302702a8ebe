#include "model/config/properties.h"

#include <cstdint>
#include <ostream>

#include "absl/status/status.h"
#include "model/config/text.h"

namespace norn::model {
namespace {

constexpr bool IsBlank(char c) { return c == ' ' || c == '\t' || c == '\f'; }
constexpr bool IsLineEnd(char c) { return c == '\n' || c == '\r'; }
constexpr bool IsSeparator(char c) { return c == '=' || c == ':'; }

// Belongs to a key or a value wherever it stands.
constexpr bool IsPlain(char c) { return c > ' ' && c != '\\' && !IsSeparator(c); }

void AppendUtf8(uint32_t c, std::string& out) {
  const auto tail = [&](int shift) { out += static_cast<char>(0x80 | ((c >> shift) & 0x3f)); };
  if (c < 0x80) {
    out += static_cast<char>(c);
  } else if (c < 0x800) {
    out += static_cast<char>(0xc0 | (c >> 6));
    tail(0);
  } else if (c < 0x10000) {
    out += static_cast<char>(0xe0 | (c >> 12));
    tail(6);
    tail(0);
  } else {
    out += static_cast<char>(0xf0 | (c >> 18));
    tail(12);
    tail(6);
    tail(0);
  }
}

// Walks the text once. `line_` is the line of the character at `at_`.
class Reader {
 public:
  explicit Reader(std::string_view text) : text_(text) {}

  absl::StatusOr<std::vector<Property>> All() {
    std::vector<Property> properties;
    while (SkipToKey()) {
      Property property;
      property.line = line_;
      if (absl::Status s = ReadUpTo(/*in_key=*/true, property.key); !s.ok()) return s;
      SkipBlanks();
      if (!AtLogicalEnd() && IsSeparator(text_[at_])) {
        if (property.key.empty()) {
          return absl::InvalidArgumentError(Cat("line ", std::to_string(property.line),
                                                ": no key before '", text_.substr(at_, 1),
                                                "'; write key=value"));
        }
        had_separator_ = true;
        ++at_;
        SkipBlanks();
      }
      if (absl::Status s = ReadUpTo(/*in_key=*/false, property.value); !s.ok()) return s;
      properties.push_back(std::move(property));
    }
    return properties;
  }

  // Whether the last property had = or : or a value after a blank.
  bool had_separator() const { return had_separator_; }

 private:
  bool AtLogicalEnd() const { return at_ >= text_.size() || IsLineEnd(text_[at_]); }

  // Consumes one line end; \r\n is one.
  void TakeLineEnd() {
    if (text_[at_] == '\r' && at_ + 1 < text_.size() && text_[at_ + 1] == '\n') ++at_;
    ++at_;
    ++line_;
  }

  // To the first character of the next key; false at the end of the text.
  bool SkipToKey() {
    while (at_ < text_.size()) {
      if (IsLineEnd(text_[at_])) {
        TakeLineEnd();
      } else if (IsBlank(text_[at_])) {
        ++at_;
      } else if (TakeContinuation()) {
        // Continuing nothing: the next line begins afresh, and may be a comment.
      } else if (text_[at_] == '#' || text_[at_] == '!') {
        while (!AtLogicalEnd()) ++at_;
      } else {
        return true;
      }
    }
    return false;
  }

  // A backslash before a line end joins the next line, without that line's leading blanks.
  bool TakeContinuation() {
    if (at_ >= text_.size() || text_[at_] != '\\') return false;
    if (at_ + 1 < text_.size() && !IsLineEnd(text_[at_ + 1])) return false;
    ++at_;
    if (at_ < text_.size()) TakeLineEnd();
    while (at_ < text_.size() && IsBlank(text_[at_])) ++at_;
    return true;
  }

  void SkipBlanks() {
    while (TakeContinuation() || (at_ < text_.size() && IsBlank(text_[at_]))) {
      if (at_ < text_.size() && IsBlank(text_[at_])) ++at_;
    }
  }

  // A key ends at an unescaped separator or blank, a value at the end of the logical line.
  absl::Status ReadUpTo(bool in_key, std::string& out) {
    while (true) {
      if (TakeContinuation()) continue;
      if (AtLogicalEnd()) return absl::OkStatus();
      const char c = text_[at_];
      if (in_key && (IsSeparator(c) || IsBlank(c))) return absl::OkStatus();
      if (c != '\\') {
        const size_t begin = at_++;
        while (at_ < text_.size() && IsPlain(text_[at_])) ++at_;
        out.append(text_.substr(begin, at_ - begin));
        continue;
      }
      ++at_;
      const char escaped = text_[at_++];
      if (escaped == 'u') {
        if (absl::Status s = ReadUnicode(out); !s.ok()) return s;
      } else {
        out += escaped == 't'   ? '\t'
               : escaped == 'n' ? '\n'
               : escaped == 'r' ? '\r'
               : escaped == 'f' ? '\f'
                                : escaped;
      }
    }
  }

  bool TakeHex4(uint32_t& value) {
    if (text_.size() - at_ < 4) return false;
    value = 0;
    for (const char c : text_.substr(at_, 4)) {
      const char low = static_cast<char>(c | 0x20);
      if (c >= '0' && c <= '9') {
        value = value * 16 + static_cast<uint32_t>(c - '0');
      } else if (low >= 'a' && low <= 'f') {
        value = value * 16 + static_cast<uint32_t>(low - 'a' + 10);
      } else {
        return false;
      }
    }
    at_ += 4;
    return true;
  }

  // The rest of a \uXXXX. Java strings are UTF-16: two escapes may make one character.
  absl::Status ReadUnicode(std::string& out) {
    const auto malformed = [&] {
      return absl::InvalidArgumentError(
          Cat("line ", std::to_string(line_),
              ": malformed \\uXXXX escape; write four hexadecimal digits after \\u"));
    };
    uint32_t unit = 0;
    if (!TakeHex4(unit)) return malformed();
    if (unit >= 0xd800 && unit < 0xe000) {
      uint32_t low = 0;
      if (unit >= 0xdc00 || text_.substr(at_, 2) != "\\u") return malformed();
      at_ += 2;
      if (!TakeHex4(low) || low < 0xdc00 || low >= 0xe000) return malformed();
      unit = 0x10000 + ((unit - 0xd800) << 10) + (low - 0xdc00);
    }
    AppendUtf8(unit, out);
    return absl::OkStatus();
  }

  std::string_view text_;
  size_t at_ = 0;
  int line_ = 1;
  bool had_separator_ = false;
};

}  // namespace

std::ostream& operator<<(std::ostream& os, const Property& property) {
  os << PrintProperty(property.key, property.value);
  if (property.line > 0) os << " (line " << property.line << ")";
  return os;
}

absl::StatusOr<std::vector<Property>> ParseProperties(std::string_view text) {
  return Reader(text).All();
}

absl::StatusOr<Property> ParseProperty(std::string_view line) {
  const auto refused = [&](const std::string& why) {
    return absl::InvalidArgumentError(
        Cat("\"", line, "\" ", why, "; write one setting as key=value, such as linger.ms=5"));
  };
  Reader reader(line);
  absl::StatusOr<std::vector<Property>> all = reader.All();
  if (!all.ok()) return refused(Cat("cannot be read: ", std::string(all.status().message())));
  if (all->empty()) return refused("holds no setting");
  if (all->size() > 1) return refused("holds more than one setting");
  if (!reader.had_separator() && all->front().value.empty()) return refused("has no value");
  all->front().line = 0;
  return std::move(all->front());
}

absl::StatusOr<std::vector<Property>> ParseSettings(std::span<const std::string> settings) {
  std::vector<Property> properties;
  properties.reserve(settings.size());
  for (const std::string& setting : settings) {
    absl::StatusOr<Property> property = ParseProperty(setting);
    if (!property.ok()) return property.status();
    properties.push_back(*std::move(property));
  }
  return properties;
}

std::string PrintProperty(std::string_view key, std::string_view value) {
  std::string out;
  const auto append = [&](char c, bool escape) {
    switch (c) {
      case '\t':
        out += "\\t";
        return;
      case '\n':
        out += "\\n";
        return;
      case '\r':
        out += "\\r";
        return;
      case '\f':
        out += "\\f";
        return;
      default:
        if (escape || c == '\\') out += '\\';
        out += c;
    }
  };
  for (size_t i = 0; i < key.size(); ++i) {
    const char c = key[i];
    append(c, c == ' ' || IsSeparator(c) || (i == 0 && (c == '#' || c == '!')));
  }
  out += '=';
  // A leading blank would be skipped and a leading separator is safe after ours.
  for (size_t i = 0; i < value.size(); ++i) append(value[i], i == 0 && value[i] == ' ');
  return out;
}

}  // namespace norn::model
