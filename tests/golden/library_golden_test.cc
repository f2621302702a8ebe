// Every scenario of the library, whole: it holds for 100 seeds, its story is the one on record, and
// it is the same run twice in one process, and in another process.
//
// goldens.txt has a line "NAME DIGEST" per scenario: the story digest of seed 1. It changes when
// behaviour changes, and then the new file is to be read as a change of code is:
//   bazel run --config=opt //tests/golden:library_golden_test --
//   --rewrite=$PWD/tests/golden/goldens.txt
#include <array>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <iostream>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "absl/strings/str_format.h"
#include "gtest/gtest.h"
#include "scenarios/library.h"
#include "scenarios/report/records.h"
#include "scenarios/report/sometimes.h"
#include "scenarios/run.h"
#include "scenarios/text/plan.h"

namespace norn::scenarios {
namespace {

constexpr int kSeeds = 100;

Plan PlanOf(std::string_view name) {
  auto script = LoadLibrary(name);
  EXPECT_TRUE(script.ok()) << script.status();
  auto plan = MakePlan(**script);
  EXPECT_TRUE(plan.ok()) << plan.status();
  return *std::move(plan);
}

std::string Hex(uint64_t digest) { return absl::StrFormat("%016x", digest); }

std::map<std::string, std::string> Goldens() {
  std::map<std::string, std::string> goldens;
  std::ifstream file("tests/golden/goldens.txt");
  std::string name;
  std::string digest;
  while (file >> name >> digest) goldens[name] = digest;
  return goldens;
}

class Library : public ::testing::TestWithParam<std::string> {};
INSTANTIATE_TEST_SUITE_P(All, Library, ::testing::ValuesIn(LibraryNames()),
                         [](const ::testing::TestParamInfo<std::string>& name) {
                           return name.param;
                         });

TEST_P(Library, HoldsForAHundredSeeds) {
  const Plan plan = PlanOf(GetParam());
  Sometimes sometimes;
  for (uint64_t seed = 1; seed <= kSeeds; ++seed) {
    const Report report =
        scenarios::Run(plan, {.seed = seed, .replay = "./norn run " + GetParam()});
    ASSERT_TRUE(report.passed()) << PrintRecords(report);
    sometimes.Add(report);
  }
  EXPECT_EQ(sometimes.missing(), 0) << sometimes.Print();
}

TEST_P(Library, TellsTheStoryOnRecord) {
  const Report report = scenarios::Run(PlanOf(GetParam()), {.seed = 1, .replay = {}});
  const auto goldens = Goldens();
  const auto golden = goldens.find(GetParam());
  ASSERT_NE(golden, goldens.end()) << "no golden yet; the head of this file says how to write it";
  EXPECT_EQ(Hex(report.story_digest), golden->second)
      << "the story changed; if that is meant, the head of this file says how to write the new "
         "one\n"
      << PrintRecords(report);
}

TEST_P(Library, IsTheSameRunTwice) {
  const Plan plan = PlanOf(GetParam());
  for (uint64_t seed = 1; seed <= 10; ++seed) {
    const Report once = scenarios::Run(plan, {.seed = seed, .replay = {}});
    const Report again = scenarios::Run(plan, {.seed = seed, .replay = {}});
    EXPECT_EQ(once.run_digest, again.run_digest) << "seed " << seed;
    const Report traced = scenarios::Run(plan, {.seed = seed, .trace = true, .replay = {}});
    EXPECT_EQ(once.run_digest, traced.run_digest) << "tracing changed the run of seed " << seed;
  }
}

TEST_P(Library, IsTheSameRunInAnotherProcess) {
  const Report report = scenarios::Run(PlanOf(GetParam()), {.seed = 3, .replay = {}});
  const std::string command = "scenarios/norn run " + GetParam() + " --seed=3 --format=records";
  const std::unique_ptr<FILE, int (*)(FILE*)> pipe(popen(command.c_str(), "r"), pclose);
  ASSERT_NE(pipe, nullptr);
  std::string output;
  std::array<char, 4096> buffer;
  while (const size_t n = fread(buffer.data(), 1, buffer.size(), pipe.get()))
    output.append(buffer.data(), n);
  const std::string last = "PASS " + GetParam() + " seed=3 digest=" + Hex(report.story_digest) +
                           " run=" + Hex(report.run_digest);
  EXPECT_NE(output.find(last), std::string::npos) << "expected " << last << "\ngot " << output;
}

int Rewrite(const std::string& path) {
  std::ofstream file(path);
  for (const std::string& name : LibraryNames()) {
    const Report report = scenarios::Run(PlanOf(name), {.seed = 1, .replay = {}});
    file << name << " " << Hex(report.story_digest) << "\n";
  }
  file.close();
  if (!file) std::cerr << "cannot write " << path << "\n";
  return file ? 0 : 2;
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
