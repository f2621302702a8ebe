#include "tests/tidy/lexer.h"

#include <algorithm>
#include <cctype>
#include <cstddef>
#include <utility>

namespace norn::tidy {
namespace {

bool IsWordCharacter(char c) { return std::isalnum(static_cast<unsigned char>(c)) || c == '_'; }

std::string_view Trim(std::string_view s) {
  while (!s.empty() && std::isspace(static_cast<unsigned char>(s.front()))) s.remove_prefix(1);
  while (!s.empty() && std::isspace(static_cast<unsigned char>(s.back()))) s.remove_suffix(1);
  return s;
}

class Lexer {
 public:
  explicit Lexer(std::string_view text) : text_(text) {}

  Source Run() {
    while (at_ < text_.size()) {
      const char c = text_[at_];
      if (std::isspace(static_cast<unsigned char>(c))) {
        Skip(1);
      } else if (Rest("//")) {
        LineComment();
      } else if (Rest("/*")) {
        const size_t end = text_.find("*/", at_ + 2);
        Skip((end == std::string_view::npos ? text_.size() : end + 2) - at_);
      } else if (c == '"' || c == '\'') {
        Take(Token::Kind::kLiteral, LiteralLength(at_, c));
      } else if (IsWordCharacter(c)) {
        WordOrPrefixedLiteral();
      } else if ((c == '<') && AfterInclude()) {
        const size_t end = text_.find('>', at_);
        Take(Token::Kind::kHeader, (end == std::string_view::npos ? text_.size() : end + 1) - at_);
      } else {
        Take(Token::Kind::kMark, Rest("::") || Rest("->") ? 2 : 1);
      }
    }
    return std::move(source_);
  }

 private:
  bool Rest(std::string_view prefix) const { return text_.substr(at_).starts_with(prefix); }

  void Skip(size_t count) {
    count = std::min(count, text_.size() - at_);
    line_ += static_cast<int>(std::ranges::count(text_.substr(at_, count), '\n'));
    at_ += count;
  }

  void Take(Token::Kind kind, size_t count) {
    count = std::min(count, text_.size() - at_);
    if (kind == Token::Kind::kLiteral && AfterInclude()) kind = Token::Kind::kHeader;
    source_.tokens.push_back({kind, std::string(text_.substr(at_, count)), line_});
    Skip(count);
  }

  bool AfterInclude() const {
    const std::vector<Token>& tokens = source_.tokens;
    return tokens.size() >= 2 && tokens.back().text == "include" &&
           tokens[tokens.size() - 2].text == "#";
  }

  size_t LiteralLength(size_t from, char quote) const {
    size_t end = from + 1;
    while (end < text_.size() && text_[end] != quote && text_[end] != '\n') {
      end += text_[end] == '\\' ? 2 : 1;
    }
    return end + 1 - from;
  }

  void WordOrPrefixedLiteral() {
    size_t end = at_;
    // 1'000'000 is one number, and its quotes begin no character.
    const bool number = std::isdigit(static_cast<unsigned char>(text_[at_]));
    while (end < text_.size() &&
           (IsWordCharacter(text_[end]) || (number && (text_[end] == '\'' || text_[end] == '.')))) {
      ++end;
    }
    const std::string_view word = text_.substr(at_, end - at_);
    if (end < text_.size() && text_[end] == '"') {
      if (word == "R" || word == "u8R" || word == "LR" || word == "uR" || word == "UR") {
        const size_t open = text_.find('(', end);
        if (open != std::string_view::npos) {
          const std::string close = ")" + std::string(text_.substr(end + 1, open - end - 1)) + "\"";
          const size_t last = text_.find(close, open);
          Take(Token::Kind::kLiteral,
               (last == std::string_view::npos ? text_.size() : last + close.size()) - at_);
          return;
        }
      } else if (word == "u8" || word == "L" || word == "u" || word == "U") {
        Take(Token::Kind::kLiteral, end - at_ + LiteralLength(end, '"'));
        return;
      }
    }
    Take(Token::Kind::kWord, end - at_);
  }

  void LineComment() {
    const size_t end = std::min(text_.find('\n', at_), text_.size());
    const std::string_view comment = text_.substr(at_, end - at_);
    const bool above = source_.tokens.empty() || source_.tokens.back().line != line_;
    std::string_view words = Trim(comment.substr(2));
    const auto take = [&words](std::string_view prefix) {
      if (!words.starts_with(prefix)) return false;
      words.remove_prefix(prefix.size());
      return true;
    };
    if (take("norn-tidy: allow(")) {
      const size_t close = std::min(words.find(')'), words.size());
      const std::string_view reason = close < words.size() ? Trim(words.substr(close + 1)) : "";
      std::string rule(Trim(words.substr(0, close)));
      std::ranges::replace(rule, '_', '-');
      source_.excuses.push_back({line_, std::move(rule), std::string(reason), above});
    } else if (take("lookup only:")) {
      source_.excuses.push_back({line_, "hash-container", std::string(Trim(words)), above});
    }
    Skip(end - at_);
  }

  std::string_view text_;
  size_t at_ = 0;
  int line_ = 1;
  Source source_;
};

}  // namespace

Source Lex(std::string_view text) { return Lexer(text).Run(); }

}  // namespace norn::tidy
