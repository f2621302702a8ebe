// Columns that line up. Cells are text for people; widths count characters, not bytes of UTF-8.
//
// Example:
//   TextTable table({"record", "outcome"});
//   table.Add({"hello", "OK"});
//   table.ToString()        // "record  outcome\nhello   OK\n"
#ifndef NORN_SCENARIOS_REPORT_TEXT_TABLE_H_
#define NORN_SCENARIOS_REPORT_TEXT_TABLE_H_

#include <string>
#include <vector>

namespace norn::scenarios {

class TextTable {
 public:
  explicit TextTable(std::vector<std::string> header) { rows_.push_back(std::move(header)); }

  // REQUIRES: as many cells as the header has.
  void Add(std::vector<std::string> cells);
  // Puts a line of dashes under the header.
  void SetRuled() { ruled_ = true; }
  // Nothing follows the last cell of a line.
  std::string ToString() const;

 private:
  std::vector<std::vector<std::string>> rows_;
  bool ruled_ = false;
};

}  // namespace norn::scenarios

#endif  // NORN_SCENARIOS_REPORT_TEXT_TABLE_H_
