// What README.md shows as C++ is compiled and run: each of its blocks stands in readme_test.cc.
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace norn {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

std::string Read(const char* path) {
  std::ifstream in(path);
  return std::string(std::istreambuf_iterator<char>(in), {});
}

std::vector<std::string> CppBlocks(const std::string& text) {
  const std::string kBegin = "\n```cpp\n";
  const std::string kEnd = "\n```\n";
  std::vector<std::string> blocks;
  for (size_t at = text.find(kBegin); at != std::string::npos; at = text.find(kBegin, at)) {
    at += kBegin.size();
    const size_t end = text.find(kEnd, at);
    blocks.push_back(text.substr(at, end - at) + "\n");
  }
  return blocks;
}

TEST(Readme, ShowsWhatIsCompiled) {
  const std::vector<std::string> blocks = CppBlocks(Read("README.md"));
  ASSERT_THAT(blocks, Not(IsEmpty()));
  const std::string compiled = Read("tests/readme_test.cc");
  for (const std::string& block : blocks) {
    EXPECT_THAT(compiled, HasSubstr(block))
        << "README.md and tests/readme_test.cc differ: copy what is right over the other";
  }
}

}  // namespace
}  // namespace norn
