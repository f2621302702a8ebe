#include "model/config/nearest_key.h"

#include <algorithm>
#include <cctype>
#include <string>
#include <utility>
#include <vector>

namespace norn::model {
namespace {

// Longer keys are not compared with the keys there are: no near miss is that long.
constexpr size_t kMaxComparedKey = 80;
constexpr int kMaxDistance = 3;
constexpr size_t kShortestAbbreviation = 5;

// LINGER_MS, as some write it in an environment, is linger.ms in other clothes.
std::string Plain(std::string_view key) {
  std::string plain(key);
  for (char& c : plain) {
    c = c == '_' || c == '-' ? '.' : static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  }
  return plain;
}

// Insertions, deletions, replacements and swaps of neighbours between two short words; gives up
// above `limit` and returns limit + 1.
int EditDistance(std::string_view a, std::string_view b, int limit) {
  const int gap = static_cast<int>(a.size()) - static_cast<int>(b.size());
  if (gap > limit || -gap > limit) return limit + 1;
  std::vector<int> before(b.size() + 1), last(b.size() + 1), row(b.size() + 1);
  for (size_t j = 0; j <= b.size(); ++j) last[j] = static_cast<int>(j);
  for (size_t i = 1; i <= a.size(); ++i) {
    row[0] = static_cast<int>(i);
    for (size_t j = 1; j <= b.size(); ++j) {
      row[j] = std::min({last[j] + 1, row[j - 1] + 1, last[j - 1] + (a[i - 1] != b[j - 1])});
      if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1]) {
        row[j] = std::min(row[j], before[j - 2] + 1);
      }
    }
    std::swap(before, last);
    std::swap(last, row);
  }
  return std::min(last[b.size()], limit + 1);
}

}  // namespace

std::string_view NearestKey(std::string_view key, std::span<const std::string_view> names) {
  if (key.empty() || key.size() > kMaxComparedKey) return {};
  const std::string plain = Plain(key);
  // A short word may differ in one letter, a long one in three.
  int best = std::min(kMaxDistance, 1 + static_cast<int>(plain.size()) / 6) + 1;
  std::string_view nearest;
  for (std::string_view name : names) {
    const int distance = EditDistance(plain, name, best);
    if (distance >= best) continue;
    best = distance;
    nearest = name;
  }
  if (!nearest.empty() || plain.size() < kShortestAbbreviation) return nearest;
  // "linger" and "sasl.jaas" are abbreviations rather than mistypings.
  const std::string beginning = plain + ".";
  for (std::string_view name : names) {
    if (name.substr(0, beginning.size()) == beginning) return name;
  }
  return {};
}

}  // namespace norn::model
