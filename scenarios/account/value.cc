#include "scenarios/account/value.h"

#include <algorithm>
#include <cmath>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"

namespace norn::scenarios {
namespace {

constexpr int kDeepest = 64;

// Bytes of the UTF-8 character that begins at `text`; 0 if none does.
size_t CharacterLength(std::string_view text) {
  const auto byte = [&text](size_t i) { return static_cast<unsigned char>(text[i]); };
  const unsigned char first = byte(0);
  if (first < 0x80) return 1;
  const size_t length = first >= 0xf0 && first < 0xf5   ? 4
                        : first >= 0xe0 && first < 0xf0 ? 3
                        : first >= 0xc2 && first < 0xe0 ? 2
                                                        : 0;
  if (length == 0 || length > text.size()) return 0;
  for (size_t i = 1; i < length; ++i)
    if ((byte(i) & 0xc0) != 0x80) return 0;
  // Overlong forms and surrogates.
  if ((first == 0xe0 && byte(1) < 0xa0) || (first == 0xed && byte(1) > 0x9f)) return 0;
  if ((first == 0xf0 && byte(1) < 0x90) || (first == 0xf4 && byte(1) > 0x8f)) return 0;
  return length;
}

// Whole numbers as such, else three digits behind the point, which is microseconds of milliseconds.
std::string NumberText(double number) {
  if (number == std::floor(number) && std::fabs(number) < 1e15)
    return absl::StrCat(static_cast<int64_t>(number));
  std::string text = absl::StrFormat("%.3f", number);
  while (text.back() == '0') text.pop_back();
  if (text.back() == '.') text.pop_back();
  return text;
}

class Parser {
 public:
  explicit Parser(std::string_view text) : text_(text) {}

  absl::StatusOr<Value> Parse() {
    Value value;
    if (!Take(&value, 0)) return Mistake();
    SkipBlanks();
    if (at_ < text_.size()) {
      Fail("the value is over, and something follows it");
      return Mistake();
    }
    return value;
  }

 private:
  absl::Status Mistake() const {
    const std::string_view before = text_.substr(0, at_);
    const auto line = 1 + std::count(before.begin(), before.end(), '\n');
    const size_t start = before.rfind('\n') == std::string_view::npos ? 0 : before.rfind('\n') + 1;
    return absl::InvalidArgumentError(absl::StrCat(line, ":", at_ - start + 1, ": ", mistake_));
  }
  bool Fail(std::string_view mistake) {
    if (mistake_.empty()) mistake_ = std::string(mistake);
    return false;
  }
  void SkipBlanks() {
    while (at_ < text_.size() &&
           (text_[at_] == ' ' || text_[at_] == '\n' || text_[at_] == '\t' || text_[at_] == '\r'))
      ++at_;
  }
  bool Skip(char c) {
    SkipBlanks();
    if (at_ >= text_.size() || text_[at_] != c) return false;
    ++at_;
    return true;
  }
  bool Word(std::string_view word, Value value, Value* into) {
    if (text_.substr(at_, word.size()) != word) return Fail("this is no JSON value");
    at_ += word.size();
    *into = std::move(value);
    return true;
  }

  bool Take(Value* into, int depth) {
    if (depth > kDeepest) return Fail("the values are nested too deep");
    SkipBlanks();
    if (at_ >= text_.size()) return Fail("the text ends where a value should be");
    switch (text_[at_]) {
      case '{':
        return TakeObject(into, depth);
      case '[':
        return TakeArray(into, depth);
      case '"': {
        std::string text;
        if (!TakeText(&text)) return false;
        *into = Value(std::move(text));
        return true;
      }
      case 't':
        return Word("true", Value(true), into);
      case 'f':
        return Word("false", Value(false), into);
      case 'n':
        return Word("null", Value(), into);
      default:
        return TakeNumber(into);
    }
  }

  bool TakeObject(Value* into, int depth) {
    ++at_;
    *into = Value::Object();
    if (Skip('}')) return true;
    do {
      SkipBlanks();
      std::string key;
      if (at_ >= text_.size() || text_[at_] != '"') return Fail("a key in quotes should be here");
      if (!TakeText(&key)) return false;
      if (!Skip(':')) return Fail("a colon should be here");
      Value value;
      if (!Take(&value, depth + 1)) return false;
      into->Set(key, std::move(value));
    } while (Skip(','));
    return Skip('}') || Fail("a comma or } should be here");
  }

  bool TakeArray(Value* into, int depth) {
    ++at_;
    *into = Value::Array();
    if (Skip(']')) return true;
    do {
      Value value;
      if (!Take(&value, depth + 1)) return false;
      into->Add(std::move(value));
    } while (Skip(','));
    return Skip(']') || Fail("a comma or ] should be here");
  }

  bool TakeText(std::string* into) {
    for (++at_; at_ < text_.size() && text_[at_] != '"'; ++at_) {
      if (text_[at_] != '\\') {
        into->push_back(text_[at_]);
        continue;
      }
      if (++at_ >= text_.size()) break;
      constexpr std::string_view kEscapes = "\"\\/bfnrt";
      constexpr std::string_view kMeant = "\"\\/\b\f\n\r\t";
      if (const size_t i = kEscapes.find(text_[at_]); i != std::string_view::npos) {
        into->push_back(kMeant[i]);
      } else if (text_[at_] != 'u' || !TakeEscape(into)) {
        return Fail("this escape is none");
      }
    }
    if (at_ >= text_.size()) return Fail("the text ends within quotes");
    ++at_;
    return true;
  }

  // uXXXX, as UTF-8; halves of pairs stay what they are.
  bool TakeEscape(std::string* into) {
    uint32_t code = 0;
    for (int i = 0; i < 4; ++i) {
      if (++at_ >= text_.size()) return false;
      const char c = text_[at_];
      const std::string_view digits = "0123456789abcdef";
      const size_t digit = digits.find(c >= 'A' && c <= 'F' ? static_cast<char>(c + 32) : c);
      if (digit == std::string_view::npos) return false;
      code = code * 16 + static_cast<uint32_t>(digit);
    }
    if (code < 0x80) {
      into->push_back(static_cast<char>(code));
    } else if (code < 0x800) {
      into->push_back(static_cast<char>(0xc0 | code >> 6));
      into->push_back(static_cast<char>(0x80 | (code & 0x3f)));
    } else {
      into->push_back(static_cast<char>(0xe0 | code >> 12));
      into->push_back(static_cast<char>(0x80 | (code >> 6 & 0x3f)));
      into->push_back(static_cast<char>(0x80 | (code & 0x3f)));
    }
    return true;
  }

  bool TakeNumber(Value* into) {
    size_t end = at_;
    while (end < text_.size() &&
           std::string_view("+-.eE0123456789").find(text_[end]) != std::string_view::npos)
      ++end;
    double number = 0;
    if (end == at_ || !absl::SimpleAtod(std::string(text_.substr(at_, end - at_)), &number))
      return Fail("this is no JSON value");
    at_ = end;
    *into = Value(number);
    return true;
  }

  std::string_view text_;
  size_t at_ = 0;
  std::string mistake_;
};

}  // namespace

std::string JsonQuote(std::string_view text) {
  std::string quoted = "\"";
  while (!text.empty()) {
    const size_t length = CharacterLength(text);
    const char c = text[0];
    if (length == 0) {
      quoted += "\\ufffd";
    } else if (c == '"' || c == '\\') {
      quoted += '\\';
      quoted += c;
    } else if (c == '\n') {
      quoted += "\\n";
    } else if (static_cast<unsigned char>(c) < 0x20) {
      absl::StrAppendFormat(&quoted, "\\u%04x", static_cast<unsigned>(c));
    } else {
      quoted.append(text.substr(0, length));
    }
    text.remove_prefix(length == 0 ? 1 : length);
  }
  return quoted + "\"";
}

Value Value::Array(std::vector<Value> items) {
  Value value;
  value.kind_ = Kind::kArray;
  value.items_ = std::move(items);
  return value;
}

Value Value::Unsigned(uint64_t number) {
  Value value(static_cast<double>(number));
  value.text_ = absl::StrCat(number);
  return value;
}

Value Value::Object() {
  Value value;
  value.kind_ = Kind::kObject;
  return value;
}

const Value* Value::Find(std::string_view key) const {
  for (const auto& [name, value] : fields_)
    if (name == key) return &value;
  return nullptr;
}

const Value& Value::operator[](std::string_view key) const {
  static const Value& none = *new Value();
  const Value* found = Find(key);
  return found == nullptr ? none : *found;
}

void Value::Set(std::string_view key, Value value) {
  for (auto& [name, field] : fields_) {
    if (name != key) continue;
    field = std::move(value);
    return;
  }
  fields_.emplace_back(std::string(key), std::move(value));
}

bool operator==(const Value& a, const Value& b) {
  if (a.kind_ != b.kind_ || a.number_ != b.number_ || a.text_ != b.text_ || a.items_ != b.items_)
    return false;
  if (a.fields_.size() != b.fields_.size()) return false;
  return std::all_of(a.fields_.begin(), a.fields_.end(), [&b](const auto& field) {
    const Value* other = b.Find(field.first);
    return other != nullptr && *other == field.second;
  });
}

bool operator<(const Value& a, const Value& b) {
  if (a.kind_ != b.kind_) return a.kind_ < b.kind_;
  if (a.number_ != b.number_) return a.number_ < b.number_;
  if (a.text_ != b.text_) return a.text_ < b.text_;
  if (a.kind_ == Value::Kind::kObject) return a.ToString() < b.ToString();
  return std::lexicographical_compare(a.items_.begin(), a.items_.end(), b.items_.begin(),
                                      b.items_.end());
}

std::string Value::ToString() const {
  std::string text;
  Print(&text);
  return text;
}

void Value::Print(std::string* out) const {
  switch (kind_) {
    case Kind::kNull:
      out->append("null");
      return;
    case Kind::kBool:
      out->append(boolean() ? "true" : "false");
      return;
    case Kind::kNumber:
      out->append(text_.empty() ? NumberText(number_) : text_);
      return;
    case Kind::kText:
      out->append(JsonQuote(text_));
      return;
    case Kind::kArray: {
      const char* between = "[";
      for (const Value& item : items_) {
        out->append(between);
        item.Print(out);
        between = ", ";
      }
      out->append(items_.empty() ? "[]" : "]");
      return;
    }
    case Kind::kObject: {
      const char* between = "{";
      for (const auto& [key, value] : fields_) {
        absl::StrAppend(out, between, JsonQuote(key), ": ");
        value.Print(out);
        between = ", ";
      }
      out->append(fields_.empty() ? "{}" : "}");
      return;
    }
  }
}

bool Value::Nests() const {
  const auto holds_more = [](const Value& value) {
    return !value.items_.empty() || !value.fields_.empty();
  };
  return std::any_of(items_.begin(), items_.end(), holds_more) ||
         std::any_of(fields_.begin(), fields_.end(),
                     [&](const auto& field) { return holds_more(field.second); });
}

std::string Value::ToLines(int indent) const {
  constexpr size_t kGlance = 80;
  const std::string line = ToString();
  if (!Nests() || (kind_ == Kind::kArray && line.size() <= kGlance)) return line;
  const std::string margin(static_cast<size_t>(indent) + 2, ' ');
  std::string text(1, kind_ == Kind::kArray ? '[' : '{');
  const char* between = "\n";
  for (const Value& item : items_) {
    absl::StrAppend(&text, between, margin, item.ToString());
    between = ",\n";
  }
  for (const auto& [key, value] : fields_) {
    absl::StrAppend(&text, between, margin, JsonQuote(key), ": ", value.ToLines(indent + 2));
    between = ",\n";
  }
  return absl::StrCat(text, "\n", std::string(static_cast<size_t>(indent), ' '),
                      kind_ == Kind::kArray ? "]" : "}");
}

absl::StatusOr<Value> ParseJson(std::string_view text) { return Parser(text).Parse(); }

}  // namespace norn::scenarios
