// What is printed of a run, format by format, is what is stored beside this test: text that a
// person would like to read. Whoever changes it rewrites the files and reads the difference as
// code:
//   bazel run --config=opt //tests/golden:formats_golden_test -- --rewrite=$PWD/tests/golden
//
// The run digest is left out: an inner event may change without anything that is told changing.
#include <fstream>
#include <iostream>
#include <iterator>
#include <regex>
#include <sstream>
#include <string>
#include <string_view>

#include "gtest/gtest.h"
#include "scenarios/command.h"

namespace norn::scenarios {
namespace {

struct Print {
  const char* file;
  std::string scenario;
  std::string format;
};
const Print kPrints[] = {
    {"hello_kafka.records.txt", "hello_kafka", "records"},
    {"hello_kafka.table.txt", "hello_kafka", "table"},
    {"hello_kafka.lines.txt", "hello_kafka", "lines"},
    {"hello_kafka.json.txt", "hello_kafka", "json"},
    {"hello_kafka.junit.txt", "hello_kafka", "junit"},
    {"disconnect_before_send.table.txt", "disconnect_before_send", "table"},
};

std::string TextOf(const Print& print) {
  std::ostringstream out;
  std::ostringstream err;
  const int status =
      Command({"run", print.scenario, "--seed=1", "--format=" + print.format}, out, err);
  EXPECT_EQ(status, kPassed) << err.str();
  const std::regex in_verdict("run=[0-9a-f]{16}");
  const std::regex in_json("\"run\": \"[0-9a-f]{16}\"");
  const std::string text = std::regex_replace(out.str(), in_verdict, "run=(not stored)");
  return std::regex_replace(text, in_json, "\"run\": \"(not stored)\"");
}

class Formats : public ::testing::TestWithParam<Print> {};
INSTANTIATE_TEST_SUITE_P(All, Formats, ::testing::ValuesIn(kPrints),
                         [](const ::testing::TestParamInfo<Print>& info) {
                           return info.param.scenario + "_" + info.param.format;
                         });

TEST_P(Formats, PrintWhatIsOnRecord) {
  std::ifstream in(std::string("tests/golden/") + GetParam().file);
  const std::string golden((std::istreambuf_iterator<char>(in)), std::istreambuf_iterator<char>());
  EXPECT_EQ(golden, TextOf(GetParam()))
      << GetParam().file
      << " differs; if that is meant, the head of this test says how to write the "
      << "new one";
}

int Rewrite(const std::string& directory) {
  for (const Print& print : kPrints) {
    const std::string path = directory + "/" + print.file;
    std::ofstream file(path);
    file << TextOf(print);
    file.close();
    if (!file) {
      std::cerr << "cannot write " << path << "\n";
      return 2;
    }
  }
  return 0;
}

}  // namespace
}  // namespace norn::scenarios

int main(int argc, char** argv) {
  ::testing::InitGoogleTest(&argc, argv);
  constexpr std::string_view kRewrite = "--rewrite=";
  if (argc > 1 && std::string_view(argv[1]).substr(0, kRewrite.size()) == kRewrite)
    return norn::scenarios::Rewrite(argv[1] + kRewrite.size());
  return RUN_ALL_TESTS();
}
