#include "scenarios/report/text_table.h"

#include <algorithm>
#include <string_view>
#include <utility>

#include "sim/check.h"

namespace norn::scenarios {
namespace {

constexpr size_t kGap = 2;

size_t Width(std::string_view text) {
  return static_cast<size_t>(std::count_if(text.begin(), text.end(), [](char c) {
    return (static_cast<unsigned char>(c) & 0xc0) != 0x80;  // not the first byte of a character
  }));
}

}  // namespace

void TextTable::Add(std::vector<std::string> cells) {
  NORN_CHECK(cells.size() == rows_[0].size()) << cells.size() << " cells for " << rows_[0].size();
  rows_.push_back(std::move(cells));
}

std::string TextTable::ToString() const {
  std::vector<size_t> widths(rows_[0].size());
  for (const auto& row : rows_)
    for (size_t i = 0; i < row.size(); ++i) widths[i] = std::max(widths[i], Width(row[i]));
  std::string text;
  for (size_t r = 0; r < rows_.size(); ++r) {
    std::string line;
    for (size_t i = 0; i < rows_[r].size(); ++i) {
      line += rows_[r][i];
      line.append(widths[i] - Width(rows_[r][i]) + kGap, ' ');
    }
    line.resize(line.find_last_not_of(' ') + 1);
    text += line + "\n";
    if (r > 0 || !ruled_) continue;
    for (size_t i = 0; i < widths.size(); ++i)
      text += std::string(widths[i], '-') + (i + 1 < widths.size() ? "  " : "\n");
  }
  return text;
}

}  // namespace norn::scenarios
