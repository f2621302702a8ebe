// C++ as a list of tokens: enough of the language to find words, calls and braces, and nothing
// more.
//
// Comments are gone, save the excuses they hold; a string or character literal is one token, so
// what it says is no code; line numbers are kept. Preprocessor lines are tokens like any other, and
// the name in `#include <x>` is one.
//
//   Source source = Lex("x = f(\"absl::Now\");  // norn-tidy: allow(wall-clock) it prints the
//   date\n"); source.tokens   -> x, =, f, (, "absl::Now", ), ; source.excuses  -> {{1,
//   "wall-clock", "it prints the date"}}
#ifndef NORN_TESTS_TIDY_LEXER_H_
#define NORN_TESTS_TIDY_LEXER_H_

#include <string>
#include <string_view>
#include <vector>

namespace norn::tidy {

struct Token {
  enum class Kind {
    kWord,     // an identifier, a keyword or a number
    kMark,     // one punctuation character, or one of "::" and "->"
    kLiteral,  // a string or a character, with its quotes
    kHeader,   // what an #include names, with its quotes or angle brackets
  };
  Kind kind;
  std::string text;
  int line;  // the first line of a file is 1
};

// A comment that begins "norn-tidy: allow(RULE) REASON", or "lookup only: REASON", which excuses
// the rule about hash containers.
struct Excuse {
  int line;
  std::string rule;
  std::string reason;
  // The comment stands alone on its line, so it speaks of the next line of code.
  bool above;
};

struct Source {
  std::vector<Token> tokens;
  std::vector<Excuse> excuses;
};

Source Lex(std::string_view text);

}  // namespace norn::tidy

#endif  // NORN_TESTS_TIDY_LEXER_H_
