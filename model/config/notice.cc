#include "model/config/notice.h"

#include <algorithm>
#include <ostream>
#include <string_view>
#include <vector>

#include "model/config/text.h"

namespace norn::model {
namespace {

constexpr std::string_view kWithoutEffect = "accepted without effect on the model";

// Keeps the order of first appearance; the lists are short.
void AddOnce(std::vector<std::string>& lines, std::string line) {
  if (std::find(lines.begin(), lines.end(), line) == lines.end()) lines.push_back(std::move(line));
}

}  // namespace

std::string ToString(const Notice& notice) {
  switch (notice.kind) {
    case Notice::Kind::kNoEffect:
      return Cat(notice.key, ": ", kWithoutEffect);
    case Notice::Kind::kWarning:
      return Cat(notice.key, "=", notice.new_value, ": ", notice.reason);
    case Notice::Kind::kOverridden:
    case Notice::Kind::kAdjusted:
      return Cat(notice.key, ": ", notice.old_value, " -> ", notice.new_value, " (", notice.reason,
                 ")");
  }
  return notice.key;
}

std::ostream& operator<<(std::ostream& os, const Notice& notice) { return os << ToString(notice); }

std::string Summary(std::span<const Notice> notices) {
  std::vector<std::string> lines;
  std::vector<std::string> without_effect;
  for (const Notice& notice : notices) {
    if (notice.kind == Notice::Kind::kNoEffect) {
      AddOnce(without_effect, notice.key);
    } else {
      AddOnce(lines, ToString(notice));
    }
  }
  std::string text;
  for (const std::string& line : lines) text += line + "\n";
  for (size_t i = 0; i < without_effect.size(); ++i) {
    text += i == 0 ? Cat(kWithoutEffect, ": ") : std::string(", ");
    text += without_effect[i];
  }
  if (!without_effect.empty()) text += "\n";
  return text;
}

}  // namespace norn::model
