// The rules that are words: what must not be written, in which rooms, and why.
#ifndef NORN_TESTS_TIDY_PHRASES_H_
#define NORN_TESTS_TIDY_PHRASES_H_

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "tests/tidy/lexer.h"

namespace norn::tidy {

// Where a run must follow from its seed, and everywhere.
inline constexpr std::string_view kSimulated = "sim model scenarios";
inline constexpr std::string_view kAll = "sim model scenarios tests bench";

struct PhraseRule {
  std::string_view name;
  std::string_view rooms;  // separated by spaces
  std::string_view why;    // and what to write instead
  // Pieces of C++, separated by " | ", each compared token by token.
  std::string_view phrases;
};

const std::vector<PhraseRule>& PhraseRules();

struct Phrase {
  std::string text;
  std::vector<Token> tokens;
  const PhraseRule* rule;
};

// All phrases of all rules, by the text of their first token.
const std::multimap<std::string, Phrase>& PhrasesByFirstToken();

}  // namespace norn::tidy

#endif  // NORN_TESTS_TIDY_PHRASES_H_
