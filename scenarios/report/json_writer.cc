#include "scenarios/report/json_writer.h"

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "sim/check.h"

namespace norn::scenarios {
namespace {

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

void JsonWriter::BeforeValue() {
  if (after_key_) {
    after_key_ = false;
    return;
  }
  if (open_.empty()) return;
  if (!open_.back().empty) text_ += open_.back().flat ? ", " : ",";
  if (!open_.back().flat) {
    text_ += '\n';
    text_.append(2 * open_.size(), ' ');
  }
  open_.back().empty = false;
}

JsonWriter& JsonWriter::Begin(char open, char close, bool flat) {
  BeforeValue();
  text_ += open;
  // What lies in something flat is flat.
  open_.push_back({close, flat || (!open_.empty() && open_.back().flat)});
  return *this;
}

JsonWriter& JsonWriter::End() {
  NORN_CHECK(!open_.empty() && !after_key_) << "there is nothing to end";
  const Open last = open_.back();
  open_.pop_back();
  if (!last.flat && !last.empty) {
    text_ += '\n';
    text_.append(2 * open_.size(), ' ');
  }
  text_ += last.close;
  return *this;
}

JsonWriter& JsonWriter::Key(std::string_view key) {
  NORN_CHECK(!open_.empty() && open_.back().close == '}')
      << key << " is a key outside of an object";
  BeforeValue();
  absl::StrAppend(&text_, JsonQuote(key), ": ");
  after_key_ = true;
  return *this;
}

JsonWriter& JsonWriter::Raw(std::string_view value) {
  BeforeValue();
  text_ += value;
  return *this;
}

JsonWriter& JsonWriter::Text(std::string_view text) { return Raw(JsonQuote(text)); }
JsonWriter& JsonWriter::Number(int64_t number) { return Raw(absl::StrCat(number)); }
JsonWriter& JsonWriter::Unsigned(uint64_t number) { return Raw(absl::StrCat(number)); }

JsonWriter& JsonWriter::Millis(int64_t nanos) {
  const int64_t micros = nanos / 1000;
  std::string text = absl::StrFormat("%d.%03d", micros / 1000, micros % 1000);
  while (text.back() == '0') text.pop_back();
  if (text.back() == '.') text += '0';
  return Raw(text);
}

std::string JsonWriter::ToString() const {
  NORN_CHECK(open_.empty()) << open_.size() << " objects or arrays have not ended";
  return text_ + "\n";
}

}  // namespace norn::scenarios
