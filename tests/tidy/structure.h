// The brackets of a file and what stands between them: which braces are bodies and which are
// values, which brackets begin lambdas, where one expression ends. Found from the tokens alone, so
// it is a good guess and no parser.
#ifndef NORN_TESTS_TIDY_STRUCTURE_H_
#define NORN_TESTS_TIDY_STRUCTURE_H_

#include <cstddef>
#include <functional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "tests/tidy/lexer.h"

namespace norn::tidy {

// A draw, schedule or wait that is not the first of its full expression.
struct Choice {
  int line;
  std::string what;  // "Uniform"
  std::string kind;  // "draw", "schedule" or "wait"
};

struct Lambda {
  size_t begin;  // index of its "["
  bool captures;
  bool is_coroutine;
};

class Structure {
 public:
  // REQUIRES: the tokens outlive this and stay as they are.
  explicit Structure(const std::vector<Token>& tokens);

  // The bracket that closes the one at `open`, or tokens.size() when none does.
  size_t Match(size_t open) const { return match_[open]; }

  // The first such token in [from, to) that is inside no further bracket, or `to`.
  size_t FindAtDepth(size_t from, size_t to, std::string_view text) const;

  // The first brace of the expression that begins here, or tokens.size().
  size_t FindBraceInExpression(size_t from) const;

  std::vector<Choice> CrowdedChoices() const;
  std::vector<Lambda> Lambdas() const;

 private:
  bool Is(size_t i, std::string_view text) const {
    return i < tokens_.size() && tokens_[i].text == text;
  }
  bool IsOneOf(size_t i, const std::set<std::string_view>& texts) const {
    return i < tokens_.size() && texts.contains(tokens_[i].text);
  }
  void MatchBrackets();
  bool BeginsBody(size_t brace, bool inside_value) const;
  // "draw", "schedule" or "wait" if a call of one stands here, else "".
  std::string_view ChoiceAt(size_t i) const;

  const std::vector<Token>& tokens_;
  std::vector<size_t> match_;
  std::vector<bool> is_body_;
};

// Where the template argument that begins here ends: its "," or ">".
size_t EndOfTemplateArgument(const std::vector<Token>& tokens, size_t from);

// Names declared with a type whose own name satisfies the predicate, or with an alias of such a
// type.
std::set<std::string> NamesOfTypes(const std::vector<Token>& tokens,
                                   const std::function<bool(std::string_view)>& is_type);

}  // namespace norn::tidy

#endif  // NORN_TESTS_TIDY_STRUCTURE_H_
