// Norn's own sources break none of the rules of rules.h.
#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "gtest/gtest.h"
#include "tests/tidy/lexer.h"
#include "tests/tidy/rules.h"

namespace norn::tidy {
namespace {

namespace fs = std::filesystem;

// By path, what this test's BUILD.bazel hands it: tests run where the repository's root is
// mirrored.
std::map<std::string, std::string> ReadSources() {
  std::map<std::string, std::string> sources;
  for (const char* room : {"sim", "model", "scenarios", "tests", "bench"}) {
    if (!fs::exists(room)) continue;
    for (const fs::directory_entry& entry : fs::recursive_directory_iterator(room)) {
      const std::string extension = entry.path().extension();
      if (extension != ".h" && extension != ".cc") continue;
      std::ifstream in(entry.path());
      sources[entry.path()] = std::string(std::istreambuf_iterator<char>(in), {});
    }
  }
  return sources;
}

TEST(Tidy, SourcesBreakNoRule) {
  const std::map<std::string, std::string> sources = ReadSources();
  ASSERT_FALSE(sources.empty());
  for (const auto& [path, text] : sources) {
    const std::string header = path.substr(0, path.rfind('.')) + ".h";
    const auto declared = path == header ? sources.end() : sources.find(header);
    for (const Finding& finding :
         Check({path, text, declared == sources.end() ? "" : declared->second})) {
      ADD_FAILURE_AT(finding.path.c_str(), finding.line) << finding.ToString();
    }
  }
}

// The README's table of rules names tests; one that was renamed would go on being claimed.
TEST(Tidy, TestsThatTheFidelityTableNamesExist) {
  const std::map<std::string, std::string> sources = ReadSources();
  std::ifstream in("tests/oracle/behaviours.textproto");
  int named = 0;
  for (std::string line; std::getline(in, line);) {
    constexpr std::string_view kField = "  shown_by: \"";
    if (!line.starts_with(kField)) continue;
    const size_t colon = line.rfind(':');
    const std::string path = line.substr(kField.size(), colon - kField.size());
    const std::string name = line.substr(colon + 1, line.rfind('"') - colon - 1);
    ++named;
    ASSERT_TRUE(sources.contains(path)) << line;
    EXPECT_NE(sources.at(path).find(", " + name + ")"), std::string::npos)
        << path << " has no test called " << name;
  }
  EXPECT_GT(named, 100);
}

// A new package is easily forgotten, and its sources would pass unread.
TEST(Tidy, ReadsEveryPackageThatIsIncluded) {
  const std::map<std::string, std::string> sources = ReadSources();
  for (const auto& [path, text] : sources) {
    for (const Token& token : Lex(text).tokens) {
      if (token.kind != Token::Kind::kHeader || token.text.front() != '"') continue;
      const std::string name = token.text.substr(1, token.text.size() - 2);
      const bool ours =
          std::ranges::any_of(std::vector<std::string>{"sim/", "model/", "scenarios/"},
                              [&](const std::string& room) { return name.starts_with(room); });
      if (!ours || name.ends_with(".pb.h")) continue;
      EXPECT_TRUE(sources.contains(name)) << path << ":" << token.line << " includes " << name
                                          << ", which this test does not see: give its package a "
                                             "filegroup `sources` like that of //sim, and name it "
                                             "in the data of //tests/tidy:tidy_test";
    }
  }
}

}  // namespace
}  // namespace norn::tidy
