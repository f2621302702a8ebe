// Writes JSON: what is written through it is well-formed. Objects and arrays are one value per
// line, but for those marked as flat, which stay on one.
//
// Example:
//   JsonWriter json;
//   json.Object();
//   json.Key("stored").Text("a");
//   json.Key("answers").Array();
//   json.FlatArray().Number(0).Number(17).End();
//   json.End().End();
//   json.ToString()     // {"stored": "a", "answers": [[0, 17]]}, on four lines
#ifndef NORN_SCENARIOS_REPORT_JSON_WRITER_H_
#define NORN_SCENARIOS_REPORT_JSON_WRITER_H_

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace norn::scenarios {

class JsonWriter {
 public:
  JsonWriter& Object() { return Begin('{', '}', false); }
  JsonWriter& Array() { return Begin('[', ']', false); }
  JsonWriter& FlatObject() { return Begin('{', '}', true); }
  JsonWriter& FlatArray() { return Begin('[', ']', true); }
  JsonWriter& End();

  // REQUIRES: in an object; a value follows.
  JsonWriter& Key(std::string_view key);
  JsonWriter& Text(std::string_view text);
  JsonWriter& Number(int64_t number);
  JsonWriter& Unsigned(uint64_t number);
  // Milliseconds with microseconds behind the point: 5.25 for 5,250,000 ns. Rounded down.
  JsonWriter& Millis(int64_t nanos);
  JsonWriter& Bool(bool value) { return Raw(value ? "true" : "false"); }
  JsonWriter& Null() { return Raw("null"); }
  // The text, or null if it is empty.
  JsonWriter& TextOrNull(std::string_view text) { return text.empty() ? Null() : Text(text); }

  // REQUIRES: everything that was begun has ended.
  std::string ToString() const;

 private:
  struct Open {
    char close;
    bool flat;
    bool empty = true;
  };
  JsonWriter& Begin(char open, char close, bool flat);
  JsonWriter& Raw(std::string_view value);
  void BeforeValue();

  std::string text_;
  std::vector<Open> open_;
  bool after_key_ = false;
};

// The text between quotes, escaped; not UTF-8 becomes U+FFFD.
std::string JsonQuote(std::string_view text);

}  // namespace norn::scenarios

#endif  // NORN_SCENARIOS_REPORT_JSON_WRITER_H_
