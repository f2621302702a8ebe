#include "tests/tidy/rules.h"

#include <algorithm>
#include <map>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "tests/tidy/lexer.h"
#include "tests/tidy/phrases.h"
#include "tests/tidy/structure.h"

namespace norn::tidy {
namespace {

using Kind = Token::Kind;

// The rules that need more than a phrase.
constexpr std::string_view kHashContainer = "hash-container";
constexpr std::string_view kHashIteration = "hash-iteration";
constexpr std::string_view kPointerKey = "pointer-key";
constexpr std::string_view kOneChoice = "one-choice";
constexpr std::string_view kAwaitBrace = "await-brace";
constexpr std::string_view kCoroutineLambda = "coroutine-lambda";
constexpr std::string_view kIncludeArrow = "include-arrow";
constexpr std::string_view kExcuse = "excuse";

std::string_view RoomOf(std::string_view path) { return path.substr(0, path.find('/')); }

// Whether the list, separated by spaces, holds the room.
bool Contains(std::string_view rooms, std::string_view room) {
  return !room.empty() &&
         (" " + std::string(rooms) + " ").find(" " + std::string(room) + " ") != std::string::npos;
}

bool IsHashType(std::string_view word) {
  static const auto& types = *new std::set<std::string_view>{
      "unordered_map", "unordered_set", "unordered_multimap", "unordered_multiset",
      "flat_hash_map", "flat_hash_set", "node_hash_map",      "node_hash_set"};
  return types.contains(word);
}

// Finds things in one file. Each method is one rule.
class Checker {
 public:
  explicit Checker(const File& file)
      : file_(file),
        room_(RoomOf(file.path)),
        source_(Lex(file.text)),
        tokens_(source_.tokens),
        shape_(tokens_) {}

  std::vector<Finding> Run() {
    Phrases();
    if (Contains(kSimulated, room_)) {
      HashContainers();
      HashIterations();
      PointerKeys();
      Choices();
    }
    AwaitBraces();
    CoroutineLambdas();
    IncludeArrows();
    Excuse();
    std::ranges::stable_sort(findings_, {}, &Finding::line);
    return std::move(findings_);
  }

 private:
  void Report(int line, std::string_view rule, std::string text) {
    findings_.push_back({file_.path, line, std::string(rule), std::move(text)});
  }

  bool Is(size_t i, std::string_view text) const {
    return i < tokens_.size() && tokens_[i].text == text;
  }

  void Phrases() {
    for (size_t i = 0; i < tokens_.size(); ++i) {
      const auto [first, last] = PhrasesByFirstToken().equal_range(tokens_[i].text);
      for (auto it = first; it != last; ++it) {
        const Phrase& phrase = it->second;
        const PhraseRule& rule = *phrase.rule;
        if (!Contains(rule.rooms, room_) || !Stands(phrase.tokens, i)) continue;
        // "::time(" is the global function, not a member of some class.
        if (phrase.text.starts_with("::") && i > 0 && tokens_[i - 1].kind == Kind::kWord) continue;
        Report(tokens_[i].line, rule.name, std::string(phrase.text) + ": " + std::string(rule.why));
      }
    }
  }

  bool Stands(const std::vector<Token>& wanted, size_t at) const {
    const auto same = [](const Token& a, const Token& b) {
      return a.kind == b.kind && a.text == b.text;
    };
    return at + wanted.size() <= tokens_.size() &&
           std::ranges::equal(wanted, std::span(tokens_).subspan(at, wanted.size()), same);
  }

  void HashContainers() {
    for (const Token& token : tokens_) {
      if (token.kind != Kind::kHeader) continue;
      if (token.text == "<unordered_map>" || token.text == "<unordered_set>" ||
          token.text.find("hash_map.h") != std::string::npos ||
          token.text.find("hash_set.h") != std::string::npos) {
        Report(token.line, kHashContainer,
               token.text +
                   ": the order of a hash container is salted, and sooner or later somebody "
                   "iterates. Use std::map or absl::btree_map; where nothing ever iterates, say "
                   "so on this line: // lookup only: REASON");
      }
    }
  }

  void HashIterations() {
    const std::vector<Token> header = Lex(file_.header).tokens;
    std::set<std::string> names = NamesOfTypes(header, IsHashType);
    names.merge(NamesOfTypes(tokens_, IsHashType));
    const auto report = [this](const Token& name) {
      Report(name.line, kHashIteration,
             name.text +
                 ": iterating over a hash container shows its salted order. Use an ordered map, or "
                 "collect the keys and sort them");
    };
    for (size_t i = 0; i + 1 < tokens_.size(); ++i) {
      if (Is(i, "for") && Is(i + 1, "(")) {
        const size_t close = shape_.Match(i + 1);
        const size_t last = close - 1;
        const bool ranged = shape_.FindAtDepth(i + 2, close, ":") < close;
        if (ranged && last < tokens_.size() && names.contains(tokens_[last].text))
          report(tokens_[last]);
      }
      const bool member = Is(i + 1, ".") || Is(i + 1, "->");
      if (member && names.contains(tokens_[i].text) && (Is(i + 2, "begin") || Is(i + 2, "cbegin")))
        report(tokens_[i]);
    }
  }

  void PointerKeys() {
    static const auto& ordered = *new std::set<std::string_view>{
        "map",       "multimap",       "set",       "multiset",       "less",
        "btree_map", "btree_multimap", "btree_set", "btree_multiset", "greater"};
    for (size_t i = 1; i + 2 < tokens_.size(); ++i) {
      if (!Is(i - 1, "::") || !ordered.contains(tokens_[i].text) || !Is(i + 1, "<")) continue;
      size_t end = EndOfTemplateArgument(tokens_, i + 2);
      if (end >= tokens_.size()) continue;
      if (Is(end - 1, "const")) --end;
      const bool smart = Is(i + 4, "unique_ptr") || Is(i + 4, "shared_ptr");
      if (end > i + 2 && (Is(end - 1, "*") || smart)) {
        Report(tokens_[i].line, kPointerKey,
               tokens_[i].text +
                   " keyed by a pointer: addresses differ between runs, and so would the order. "
                   "Key it by an id that the run itself gave");
      }
    }
  }

  void Choices() {
    for (const Choice& choice : shape_.CrowdedChoices()) {
      Report(choice.line, kOneChoice,
             choice.what + ": the second " + choice.kind +
                 " of one full expression; g++ and clang evaluate arguments in opposite order. "
                 "Give each a named local of its own");
    }
  }

  // g++ 12 destroys an aggregate temporary twice when it lives across a co_await.
  void AwaitBraces() {
    for (size_t i = 0; i < tokens_.size(); ++i) {
      if (tokens_[i].text != "co_await" || tokens_[i].kind != Kind::kWord) continue;
      if (i > 0 && Is(i - 1, "operator")) continue;
      const size_t brace = shape_.FindBraceInExpression(i + 1);
      if (brace == tokens_.size()) continue;
      Report(tokens_[brace].line, kAwaitBrace,
             "a brace inside a co_await expression: g++ 12 destroys such a temporary twice. Make "
             "it a named local before, or give the type a constructor and call it with "
             "parentheses");
    }
  }

  // The captures live in the lambda object, which is usually gone before the coroutine resumes.
  void CoroutineLambdas() {
    for (const Lambda& lambda : shape_.Lambdas()) {
      if (!lambda.captures || !lambda.is_coroutine) continue;
      Report(tokens_[lambda.begin].line, kCoroutineLambda,
             "a coroutine that is a lambda with captures: they die with the lambda object, before "
             "the coroutine resumes. Capture nothing and pass parameters, which the "
             "coroutine's frame copies, or use a function");
    }
  }

  void IncludeArrows() {
    static const auto& may_include = *new std::map<std::string_view, std::string_view>{
        {"sim", "sim"},
        {"model", "sim model"},
        {"scenarios", "sim model scenarios"},
        {"tests", "sim model scenarios tests"},
        {"bench", "sim model scenarios bench"},
    };
    const auto allowed = may_include.find(room_);
    if (allowed == may_include.end()) return;
    for (const Token& token : tokens_) {
      if (token.kind != Kind::kHeader || token.text.size() < 2) continue;
      const std::string_view room = RoomOf(std::string_view(token.text).substr(1));
      if (!Contains(kAll, room) || Contains(allowed->second, room)) continue;
      Report(
          token.line, kIncludeArrow,
          token.text + " from " + std::string(room_) +
              ": includes go sim <- model <- scenarios <- tests, bench, never back. Hand in what "
              "is needed from above, or move the noun to the lower room");
    }
  }

  // Takes out what is excused, and complains of excuses that are none.
  void Excuse() {
    const std::vector<std::string> known = RuleNames();
    for (const tidy::Excuse& excuse : source_.excuses) {
      const int line = excuse.above ? LineAfter(excuse.line) : excuse.line;
      const auto excused = [&](const Finding& f) {
        return f.line == line && f.rule == excuse.rule;
      };
      if (excuse.reason.empty()) {
        Report(excuse.line, kExcuse,
               "an excuse without a reason: say behind it why this line is right");
      } else if (std::ranges::find(known, excuse.rule) == known.end()) {
        Report(excuse.line, kExcuse, "there is no rule called '" + excuse.rule + "'");
      } else if (std::erase_if(findings_, excused) == 0 && excuse.rule != kHashContainer) {
        Report(excuse.line, kExcuse,
               "this line breaks no rule called '" + excuse.rule + "': take the excuse away");
      }
    }
  }

  int LineAfter(int line) const {
    const auto next = std::ranges::upper_bound(tokens_, line, {}, &Token::line);
    return next == tokens_.end() ? line : next->line;
  }

  const File& file_;
  const std::string_view room_;
  const Source source_;
  const std::vector<Token>& tokens_;
  const Structure shape_;
  std::vector<Finding> findings_;
};

}  // namespace

std::string Finding::ToString() const {
  std::string s = path + ":" + std::to_string(line) + ": " + text + ". (" + rule + ")";
  if (rule != kExcuse) s += "\n    If the line is right: // norn-tidy: allow(" + rule + ") REASON";
  return s;
}

std::vector<std::string> RuleNames() {
  std::vector<std::string> names;
  for (const PhraseRule& rule : PhraseRules()) names.emplace_back(rule.name);
  for (std::string_view name : {kHashContainer, kHashIteration, kPointerKey, kOneChoice,
                                kAwaitBrace, kCoroutineLambda, kIncludeArrow}) {
    names.emplace_back(name);
  }
  return names;
}

std::vector<Finding> Check(const File& file) { return Checker(file).Run(); }

}  // namespace norn::tidy
