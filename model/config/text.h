// Small readings of text that configuration needs: joining, trimming, cutting lists.
//
// They take std::string_view, which Debian's Abseil does not convert to its own absl::string_view.
//
// Example:
//   Cat("Invalid value ", value, " for configuration ", key)
//   Trim("  5 ")                    // "5"
//   SplitList("b1:9092, ,b2:9092")  // {"b1:9092", "b2:9092"}
#ifndef NORN_MODEL_CONFIG_TEXT_H_
#define NORN_MODEL_CONFIG_TEXT_H_

#include <string>
#include <string_view>
#include <vector>

namespace norn::model {

template <class... Parts>
std::string Cat(const Parts&... parts) {
  std::string text;
  text.reserve((std::string_view(parts).size() + ...));
  (text.append(std::string_view(parts)), ...);
  return text;
}

// Without the blanks at both ends; a blank is any byte up to the space, as in Java's String.trim().
inline std::string_view Trim(std::string_view text) {
  constexpr auto is_blank = [](char c) { return static_cast<unsigned char>(c) <= ' '; };
  while (!text.empty() && is_blank(text.front())) text.remove_prefix(1);
  while (!text.empty() && is_blank(text.back())) text.remove_suffix(1);
  return text;
}

// The trimmed, non-empty items of a comma-separated list.
inline std::vector<std::string> SplitList(std::string_view text) {
  std::vector<std::string> items;
  while (!text.empty()) {
    const size_t comma = text.find(',');
    const std::string_view item = Trim(text.substr(0, comma));
    if (!item.empty()) items.emplace_back(item);
    text.remove_prefix(comma == std::string_view::npos ? text.size() : comma + 1);
  }
  return items;
}

// "a\nb\n" as "a, b".
inline std::string OneLine(std::string_view lines) {
  std::string text(lines.substr(0, lines.find_last_not_of('\n') + 1));
  for (size_t end = 0; (end = text.find('\n', end)) != std::string::npos; end += 2) {
    text.replace(end, 1, ", ");
  }
  return text;
}

}  // namespace norn::model

#endif  // NORN_MODEL_CONFIG_TEXT_H_
