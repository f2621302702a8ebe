#include "tests/tidy/structure.h"

#include <map>

namespace norn::tidy {
namespace {

using Kind = Token::Kind;

bool IsOpen(const Token& t) {
  return t.kind == Kind::kMark && (t.text == "(" || t.text == "[" || t.text == "{");
}
bool IsClose(const Token& t) {
  return t.kind == Kind::kMark && (t.text == ")" || t.text == "]" || t.text == "}");
}

// The calls of sim::Chance that decide something.
const std::set<std::string_view>& Draws() {
  static const auto& draws = *new std::set<std::string_view>{"Bits",
                                                             "Uniform",
                                                             "UniformNanos",
                                                             "UniformDuration",
                                                             "Bernoulli",
                                                             "WeightedPick",
                                                             "Shuffle",
                                                             "Normal",
                                                             "NormalDuration",
                                                             "Exponential",
                                                             "ExponentialNanos",
                                                             "NormalDurationNanos",
                                                             "LogNormal",
                                                             "LogNormalNanos",
                                                             "Pareto",
                                                             "ParetoNanos",
                                                             "Jitter",
                                                             "JitterNanos",
                                                             "Draw"};
  return draws;
}

// The calls of sim::Simulation that put something into the queue.
const std::set<std::string_view>& Schedules() {
  static const auto& schedules = *new std::set<std::string_view>{"At", "After", "Schedule"};
  return schedules;
}

// Words that may stand before a call. Any other makes it a declaration, as `int` does in
// `int Draw(Key k)`.
const std::set<std::string_view>& Keywords() {
  static const auto& words =
      *new std::set<std::string_view>{"return", "co_return", "co_await", "co_yield", "else", "do",
                                      "throw",  "case",      "and",      "or",       "not"};
  return words;
}

}  // namespace

Structure::Structure(const std::vector<Token>& tokens)
    : tokens_(tokens), match_(tokens.size(), tokens.size()), is_body_(tokens.size(), false) {
  MatchBrackets();
}

void Structure::MatchBrackets() {
  std::vector<size_t> open;
  for (size_t i = 0; i < tokens_.size(); ++i) {
    if (IsOpen(tokens_[i])) {
      if (tokens_[i].text == "{") {
        const bool inside_value = !open.empty() && Is(open.back(), "{") && !is_body_[open.back()];
        is_body_[i] = BeginsBody(i, inside_value || (!open.empty() && Is(open.back(), "(")));
      }
      open.push_back(i);
    } else if (IsClose(tokens_[i]) && !open.empty()) {
      match_[open.back()] = i;
      open.pop_back();
    }
  }
}

// Whether the brace begins statements or declarations, rather than a value. `inside_value`: within
// parentheses or another value, where only a lambda has a body.
bool Structure::BeginsBody(size_t brace, bool inside_value) const {
  if (brace == 0) return true;
  const Token& before = tokens_[brace - 1];
  if (before.kind == Kind::kLiteral) return true;  // extern "C" {
  static const auto& words = *new std::set<std::string_view>{
      "else", "do", "try", "const", "mutable", "noexcept", "override", "final", "volatile"};
  if (before.text == ")" || before.text == "]" || words.contains(before.text)) return true;
  if (before.kind == Kind::kMark && before.text != ">" && before.text != "&" &&
      before.text != "*") {
    return !inside_value &&
           (before.text == ";" || before.text == "{" || before.text == "}" || before.text == ":");
  }
  // A name: `Type {` is a value, unless it ends `-> Type {` or `struct Type : Base {`.
  static const auto& heads =
      *new std::set<std::string_view>{"struct", "class", "union", "enum", "namespace"};
  for (size_t i = brace; i-- > 0;) {
    const Token& t = tokens_[i];
    if (t.text == "->" || heads.contains(t.text)) return true;
    const bool of_a_type = (t.kind == Kind::kWord && !Keywords().contains(t.text)) ||
                           t.text == "::" || t.text == "<" || t.text == ">" || t.text == "*" ||
                           t.text == "&" || t.text == "," || t.text == ":";
    if (!of_a_type) return false;
  }
  return false;
}

size_t Structure::FindAtDepth(size_t from, size_t to, std::string_view text) const {
  for (size_t i = from; i < to; ++i) {
    if (Is(i, text)) return i;
    if (IsOpen(tokens_[i])) i = match_[i];
  }
  return to;
}

size_t Structure::FindBraceInExpression(size_t from) const {
  int depth = 0;
  for (size_t i = from; i < tokens_.size(); ++i) {
    const Token& t = tokens_[i];
    if (t.kind != Kind::kMark) continue;
    if (t.text == "{") return i;
    if (t.text == ";" || t.text == "}") break;
    if (t.text == "," && depth == 0) break;
    if (t.text == "(" || t.text == "[") ++depth;
    if ((t.text == ")" || t.text == "]") && --depth < 0) break;
  }
  return tokens_.size();
}

std::string_view Structure::ChoiceAt(size_t i) const {
  const Token& t = tokens_[i];
  if (t.kind != Kind::kWord) return "";
  if (t.text == "co_await") return i > 0 && Is(i - 1, "operator") ? "" : "wait";
  if (!Is(i + 1, "(")) return "";
  const size_t close = match_[i + 1];
  if (i > 0) {
    const Token& before = tokens_[i - 1];
    const bool declares = (before.kind == Kind::kWord && !Keywords().contains(before.text)) ||
                          before.text == ">" || before.text == "&" || before.text == "*" ||
                          before.text == "~";
    if (declares) return "";
  }
  // With one argument it is something else of that name: a table's At(key).
  if (FindAtDepth(i + 2, close, ",") == close) return "";
  if (Draws().contains(t.text)) return "draw";
  if (Schedules().contains(t.text)) return "schedule";
  return "";
}

std::vector<Choice> Structure::CrowdedChoices() const {
  // One frame per open brace. A value's choices belong to the expression around it; a body's are
  // its own.
  struct Frame {
    bool body = true;
    int depth = 0;                              // of parentheses inside this frame
    std::map<std::string_view, int> seen = {};  // choices of the full expression so far
    std::vector<std::pair<int, std::map<std::string_view, int>>> alternatives =
        {};  // of "?", by depth
  };
  std::vector<Frame> frames(1);
  std::set<size_t> conditions;  // the ")" that end them, each the end of a full expression
  std::vector<Choice> crowded;
  for (size_t i = 0; i < tokens_.size(); ++i) {
    Frame& frame = frames.back();
    if (const std::string_view kind = ChoiceAt(i); !kind.empty()) {
      if (++frame.seen[kind] > 1)
        crowded.push_back({tokens_[i].line, tokens_[i].text, std::string(kind)});
      continue;
    }
    if (IsOneOf(i, {"if", "while", "for", "switch"})) {
      const size_t open = Is(i + 1, "constexpr") ? i + 2 : i + 1;
      if (Is(open, "(")) conditions.insert(match_[open]);
    }
    if (tokens_[i].kind != Kind::kMark) continue;
    const std::string& mark = tokens_[i].text;
    if (mark == "(" || mark == "[") {
      ++frame.depth;
    } else if (mark == ")" || mark == "]") {
      --frame.depth;
      if (conditions.contains(i)) frame.seen.clear();
    } else if (mark == ";" || (mark == "," && frame.depth == 0 && frame.body)) {
      frame.seen.clear();
      frame.alternatives.clear();
    } else if (mark == "?") {
      // Only one of the two is evaluated, so the second starts with what came before both.
      frame.alternatives.push_back({frame.depth, frame.seen});
    } else if (mark == ":") {
      if (!frame.alternatives.empty() && frame.alternatives.back().first == frame.depth) {
        frame.seen = frame.alternatives.back().second;
        frame.alternatives.pop_back();
      }
    } else if (mark == "{") {
      Frame inner;
      inner.body = is_body_[i];
      if (!inner.body) inner.seen = frame.seen;
      frames.push_back(inner);
    } else if (mark == "}" && frames.size() > 1) {
      const Frame inner = frame;
      frames.pop_back();
      Frame& outer = frames.back();
      if (!inner.body) {
        outer.seen = inner.seen;
      } else if (outer.depth == 0) {
        outer.seen.clear();
      }
    }
  }
  return crowded;
}

std::vector<Lambda> Structure::Lambdas() const {
  std::vector<Lambda> lambdas;
  std::vector<std::pair<size_t, size_t>> bodies;
  for (size_t i = 0; i < tokens_.size(); ++i) {
    if (!Is(i, "[") || Is(i + 1, "[")) continue;
    // After a value a bracket is a subscript.
    if (i > 0) {
      const Token& before = tokens_[i - 1];
      if (before.text == ")" || before.text == "]" || before.text == "[" ||
          before.kind == Kind::kLiteral)
        continue;
      if (before.kind == Kind::kWord && !Keywords().contains(before.text)) continue;
    }
    const size_t end_of_captures = match_[i];
    size_t brace = end_of_captures + 1;
    while (brace < tokens_.size() && !Is(brace, "{") && !IsOneOf(brace, {";", ")", "}", ","})) {
      brace = IsOpen(tokens_[brace]) ? match_[brace] + 1 : brace + 1;
    }
    if (!Is(brace, "{")) continue;
    lambdas.push_back({i, end_of_captures > i + 1, false});
    bodies.emplace_back(brace, match_[brace]);
  }
  for (size_t i = 0; i < tokens_.size(); ++i) {
    if (tokens_[i].kind != Kind::kWord || !IsOneOf(i, {"co_await", "co_return", "co_yield"}))
      continue;
    // The innermost lambda around it: the last to begin before it and end after it.
    for (size_t l = bodies.size(); l-- > 0;) {
      if (bodies[l].first < i && i < bodies[l].second) {
        lambdas[l].is_coroutine = true;
        break;
      }
    }
  }
  return lambdas;
}

size_t EndOfTemplateArgument(const std::vector<Token>& tokens, size_t from) {
  int depth = 0;
  for (size_t i = from; i < tokens.size(); ++i) {
    const std::string& text = tokens[i].text;
    if (depth == 0 && (text == "," || text == ">")) return i;
    if (text == "<" || text == "(") ++depth;
    if (text == ">" || text == ")") --depth;
    if (text == ";" || text == "{") break;
  }
  return tokens.size();
}

std::set<std::string> NamesOfTypes(const std::vector<Token>& tokens,
                                   const std::function<bool(std::string_view)>& is_type) {
  std::set<std::string> aliases;
  std::set<std::string> names;
  for (size_t i = 0; i < tokens.size(); ++i) {
    if (tokens[i].kind != Kind::kWord) continue;
    size_t next = i + 1;
    if (is_type(tokens[i].text)) {
      if (next >= tokens.size() || tokens[next].text != "<") continue;
      // `using Index = absl::flat_hash_map<...>`: walk back over the qualification to the "=".
      size_t start = i;
      while (start >= 2 && tokens[start - 1].text == "::") start -= 2;
      if (start >= 3 && tokens[start - 1].text == "=" && tokens[start - 3].text == "using") {
        aliases.insert(tokens[start - 2].text);
      }
      do {
        next = EndOfTemplateArgument(tokens, next + 1);
      } while (next < tokens.size() && tokens[next].text == ",");
      ++next;
    } else if (!aliases.contains(tokens[i].text)) {
      continue;
    }
    while (next < tokens.size() &&
           (tokens[next].text == "&" || tokens[next].text == "*" || tokens[next].text == "const")) {
      ++next;
    }
    if (next < tokens.size() && tokens[next].kind == Kind::kWord) names.insert(tokens[next].text);
  }
  return names;
}

}  // namespace norn::tidy
