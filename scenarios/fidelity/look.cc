#include "scenarios/fidelity/look.h"

#include <algorithm>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"

namespace norn::scenarios {
namespace {

absl::Status Mistake(const std::string& text) { return absl::InvalidArgumentError(text); }

std::string Trimmed(const std::string& text) {
  const size_t begin = text.find_first_not_of(' ');
  return begin == std::string::npos ? ""
                                    : text.substr(begin, text.find_last_not_of(' ') - begin + 1);
}

// "[1:]", "[-1]", "[::10]", as Python reads them; several may follow each other.
absl::StatusOr<Value> Sliced(Value value, std::string_view slices) {
  while (!slices.empty()) {
    const size_t end = slices.find(']');
    if (slices[0] != '[' || end == std::string_view::npos)
      return Mistake(absl::StrCat("'", std::string(slices), "' is no slice: write [1:] or [-1]"));
    const std::vector<std::string> parts =
        absl::StrSplit(std::string(slices.substr(1, end - 1)), ':');
    slices.remove_prefix(end + 1);
    if (!value.is_array()) return Mistake("only arrays have items");
    const auto size = static_cast<int64_t>(value.size());
    const auto number = [&](size_t i, int64_t otherwise) {
      int64_t n = otherwise;
      if (i < parts.size() && !parts[i].empty() && !absl::SimpleAtoi(parts[i], &n)) n = otherwise;
      return n < 0 ? std::max<int64_t>(n + size, 0) : n;
    };
    if (parts.size() == 1) {
      const int64_t at = number(0, 0);
      if (at >= size) return Value();
      value = Value(value.items()[static_cast<size_t>(at)]);
      continue;
    }
    Value some = Value::Array();
    const int64_t step = std::max<int64_t>(parts.size() > 2 ? number(2, 1) : 1, 1);
    for (int64_t i = number(0, 0); i < std::min(number(1, size), size); i += step)
      some.Add(value.items()[static_cast<size_t>(i)]);
    value = std::move(some);
  }
  return value;
}

Value Cut(const Value& value, size_t length) {
  if (value.kind() == Value::Kind::kText) return value.text().substr(0, length);
  if (!value.is_array()) return value;
  Value cut = Value::Array();
  for (const Value& item : value.items()) cut.Add(Cut(item, length));
  return cut;
}

// Texts without their quotes.
std::string Printed(const Value& value) {
  return value.kind() == Value::Kind::kText ? value.text() : value.ToString();
}

absl::StatusOr<Value> Made(Value value, const std::string& what) {
  const std::vector<std::string> words = absl::StrSplit(what, ' ');
  double number = 0;
  const bool has_number = absl::SimpleAtod(words.back(), &number);
  std::vector<Value>& items = value.items();
  if (!what.empty() && what[0] == '[') return Sliced(std::move(value), what);
  if (words[0] == "each" && words.size() > 1) {
    Value all = Value::Array();
    for (const Value& item : items) {
      auto made = Made(item, what.substr(5));
      if (!made.ok()) return made.status();
      all.Add(*std::move(made));
    }
    return all;
  }
  if (what == "count") return static_cast<int64_t>(value.size() + value.fields().size());
  if (what == "keys" || what == "values") {
    std::vector<std::pair<std::string, Value>> fields = value.fields();
    std::sort(fields.begin(), fields.end());
    Value all = Value::Array();
    for (auto& [key, field] : fields) all.Add(what == "keys" ? Value(key) : std::move(field));
    return all;
  }
  if (words[0] == "field" && words.size() == 2) return Value(value[words[1]]);
  if (words[0] == "without" && words.size() == 2) {
    Value rest = Value::Object();
    for (const auto& [key, field] : value.fields())
      if (key != words[1]) rest.Set(key, field);
    return rest;
  }
  if (what == "changes") {
    items.erase(std::unique(items.begin(), items.end()), items.end());
    return value;
  }
  if (what == "least" || what == "most") {
    if (items.empty()) return Value();
    return what == "least" ? *std::min_element(items.begin(), items.end())
                           : *std::max_element(items.begin(), items.end());
  }
  if (words[0] == "sorted" && words.size() == 2) {
    Value field = value[words[1]];
    std::sort(field.items().begin(), field.items().end());
    value.Set(words[1], std::move(field));
    return value;
  }
  if (what == "sizes") {
    for (Value& item : items)
      if (item.is_array()) item = static_cast<int64_t>(item.size());
    return value;
  }
  if (what == "gaps") {
    Value gaps = Value::Array();
    for (size_t i = 1; i < items.size(); ++i) gaps.Add(items[i].number() - items[i - 1].number());
    return gaps;
  }
  if (words[0] == "where" && words.size() == 4 && words[2] == "is") {
    size_t at = 0;
    if (!absl::SimpleAtoi(words[1], &at)) return Mistake(absl::StrCat("'", what, "': which item?"));
    std::erase_if(items, [&](const Value& item) {
      return at >= item.size() || Printed(item.items()[at]) != words[3];
    });
    return value;
  }
  if (words[0] == "where" && words.size() == 4 && words[2] == "not") {
    size_t at = 0;
    if (!absl::SimpleAtoi(words[1], &at)) return Mistake(absl::StrCat("'", what, "': which item?"));
    std::erase_if(items, [&](const Value& item) {
      return at < item.size() && absl::StartsWith(Printed(item.items()[at]), words[3]);
    });
    return value;
  }
  if (words[0] == "by" && words.size() == 2) {
    size_t at = 0;
    if (!absl::SimpleAtoi(words[1], &at)) return Mistake(absl::StrCat("'", what, "': which item?"));
    std::map<std::string, Value> groups;
    for (Value& item : items) {
      if (at >= item.size()) continue;
      const std::string key = Printed(item.items()[at]);
      item.items().erase(item.items().begin() + static_cast<ptrdiff_t>(at));
      groups.try_emplace(key, Value::Array()).first->second.Add(std::move(item));
    }
    Value grouped = Value::Object();
    for (auto& [key, group] : groups) grouped.Set(key, std::move(group));
    return grouped;
  }
  if (what == "sort" || what == "distinct") {
    std::sort(items.begin(), items.end());
    if (what == "distinct") items.erase(std::unique(items.begin(), items.end()), items.end());
    return value;
  }
  if (what == "largest") {
    if (items.empty()) return Value();
    return *std::max_element(items.begin(), items.end(), [](const Value& a, const Value& b) {
      return a.items()[0] < b.items()[0];
    });
  }
  if (what == "some") {
    if (value.fields().size() < 2) return value;
    Value some = Value::Object();
    for (const auto& [key, count] : value.fields()) some.Set(key, "some");
    return some;
  }
  if (!has_number) return Mistake(absl::StrCat("nothing is called '", what, "'"));
  if (words[0] == "where" && words.size() == 4 && words[2] == "over") {
    size_t at = 0;
    if (!absl::SimpleAtoi(words[1], &at)) return Mistake(absl::StrCat("'", what, "': which item?"));
    std::erase_if(items, [&](const Value& item) {
      return at >= item.size() || item.items()[at].number() <= number;
    });
    return value;
  }
  if (words[0] == "cut") return Cut(value, static_cast<size_t>(number));
  if (words[0] == "over") return value.number() > number;
  if (words[0] == "is") return value == Value(number);
  if (absl::StartsWith(what, "at most")) return value.number() > number ? Value() : value;
  return Mistake(absl::StrCat("nothing is called '", what, "'"));
}

// `part` is an account, or a part of one.
absl::StatusOr<Value> At(const Value& part, std::string path) {
  const size_t bracket = path.find('[');
  const std::string slices = bracket == std::string::npos ? "" : path.substr(bracket);
  if (bracket != std::string::npos) path.resize(bracket);
  std::vector<std::string> names = absl::StrSplit(path, '.');
  const Value* at = &part;
  size_t i = 0;
  for (; i + 2 < names.size() && names[i] != "cluster" && (*at)[names[i]].is_object(); i += 2) {
    if (!(*at)[names[i]].Has(names[i + 1]))
      return Mistake(absl::StrCat("the account has no ", names[i], ".", names[i + 1]));
    at = &(*at)[names[i]][names[i + 1]];
  }
  if (names[i] == "cluster" && at->Has("cluster")) {
    const Value* value = &(*at)["cluster"];
    for (++i; i < names.size(); ++i) {
      if (!value->Has(names[i]))
        return Mistake(absl::StrCat("the account has no '", absl::StrJoin(names, "."), "'"));
      value = &(*value)[names[i]];
    }
    return Sliced(*value, slices);
  }
  const Value& facts = (*at)["facts"];
  const Value& found = facts.Has(names[i]) ? facts[names[i]] : (*at)["ranges"][names[i]];
  if (!facts.Has(names[i]) && !(*at)["ranges"].Has(names[i]))
    return Mistake(absl::StrCat("the account has no '", absl::StrJoin(names, "."), "'"));
  const Value* value = &found;
  for (++i; i < names.size(); ++i) value = &(*value)[names[i]];
  return Sliced(*value, slices);
}

absl::StatusOr<Value> Look(const Value& part, std::string_view expression) {
  std::vector<std::string> stages = absl::StrSplit(std::string(expression), '|');
  auto value = At(part, Trimmed(stages[0]));
  for (size_t i = 1; i < stages.size() && value.ok(); ++i)
    value = Made(*std::move(value), Trimmed(stages[i]));
  return value;
}

}  // namespace

absl::StatusOr<Value> LookAtFacts(const Value& facts, std::string_view expression) {
  Value account = Value::Object();
  account.Set("facts", facts);
  return Look(account, expression);
}

absl::StatusOr<Value> LookAt(const Value& account, std::string_view expression) {
  constexpr std::string_view kClients = "clients ";
  const size_t colon = expression.find(": ");
  if (expression.substr(0, kClients.size()) != kClients || colon == std::string_view::npos)
    return Look(account, expression);
  const std::string_view prefix = expression.substr(kClients.size(), colon - kClients.size());
  Value all = Value::Object();
  for (const auto& [name, part] : account["clients"].fields()) {
    if (std::string_view(name).substr(0, prefix.size()) != prefix) continue;
    auto value = Look(part, expression.substr(colon + 2));
    if (!value.ok()) return value;
    all.Set(name.substr(prefix.size()), *std::move(value));
  }
  return all;
}

}  // namespace norn::scenarios
