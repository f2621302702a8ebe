#include "tests/support/replay.h"

#include <algorithm>
#include <cstdlib>
#include <iostream>
#include <optional>
#include <utility>
#include <vector>

#include "absl/flags/flag.h"
#include "absl/flags/reflection.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

ABSL_FLAG(std::optional<uint64_t>, norn_seed, std::nullopt, "the one seed to run");
ABSL_FLAG(uint64_t, norn_seeds, 10, "how many seeds each NORN_TEST runs, from 1");
ABSL_FLAG(uint64_t, norn_trace, 20, "how many lines of what happened a failure shows");
ABSL_FLAG(bool, norn_digests, false, "print the digests of each run of a NORN_TEST");

namespace norn {
namespace {

// Empty until InitTests was called.
std::string& ProgramPath() {
  static auto& path = *new std::string;
  return path;
}

[[noreturn]] void Reject(const std::string& why) {
  std::cerr
      << why
      << "\nNorn's flags are --norn_seed=N, --norn_seeds=N, --norn_trace=N and --norn_digests; "
         "--help lists GoogleTest's.\n";
  std::exit(2);
}

// --name=value, --name value, or for a bool --name and --noname.
struct Argument {
  std::string name;
  std::optional<std::string> value;
};

Argument Split(std::string_view argument) {
  argument.remove_prefix(argument.starts_with("--") ? 2 : 1);
  const size_t equals = argument.find('=');
  if (equals == std::string_view::npos) return {std::string(argument), std::nullopt};
  return {std::string(argument.substr(0, equals)), std::string(argument.substr(equals + 1))};
}

// Sets the flag that argv[i] names, and returns the index of the argument after it.
int SetFlag(int argc, char** argv, int i) {
  const std::string given = argv[i];
  if (!given.starts_with("-")) Reject("'" + given + "' is no flag, and tests take nothing else.");
  Argument argument = Split(given);
  ++i;
  absl::CommandLineFlag* flag = absl::FindCommandLineFlag(argument.name);
  if (flag == nullptr && argument.name.starts_with("no") && !argument.value.has_value()) {
    flag = absl::FindCommandLineFlag(argument.name.substr(2));
    if (flag != nullptr && !flag->IsOfType<bool>()) flag = nullptr;
    argument.value = "false";
  }
  if (flag == nullptr) Reject("There is no flag " + given + ".");
  if (!argument.value.has_value()) {
    if (flag->IsOfType<bool>()) {
      argument.value = "true";
    } else if (i < argc) {
      argument.value = argv[i++];
    } else {
      Reject(given + " needs a value: " + given + "=...");
    }
  }
  std::string error;
  if (!flag->ParseFrom(*argument.value, &error)) Reject(error);
  return i;
}

}  // namespace

void InitTests(int* argc, char** argv) {
  ProgramPath() = argv[0];
  ::testing::InitGoogleMock(argc, argv);
  for (int i = 1; i < *argc; ++i) {
    const std::string_view argument = argv[i];
    if (argument == "--help" || argument == "-h" || argument == "-?") {
      std::cout << "Norn's own flags are explained in tests/support/replay.h:\n"
                   "  --norn_seed=N  --norn_seeds=N  --norn_trace=N  --norn_digests\n\n";
      return;
    }
  }
  for (int i = 1; i < *argc;) i = SetFlag(*argc, argv, i);
  *argc = 1;
  argv[1] = nullptr;
  if (absl::GetFlag(FLAGS_norn_seeds) == 0) Reject("--norn_seeds=0 would test nothing: 1 or more.");
}

namespace support_internal {

SeedRange Seeds() {
  const std::optional<uint64_t> given = absl::GetFlag(FLAGS_norn_seed);
  if (given.has_value()) return {*given, *given};
  return {1, absl::GetFlag(FLAGS_norn_seeds)};
}

bool IsReplay() { return absl::GetFlag(FLAGS_norn_seed).has_value(); }

uint64_t OneSeed() { return absl::GetFlag(FLAGS_norn_seed).value_or(1); }

size_t TraceLines() { return static_cast<size_t>(absl::GetFlag(FLAGS_norn_trace)); }

bool PrintsDigests() { return absl::GetFlag(FLAGS_norn_digests); }

TestProgram ThisProgram() {
  // Set by Bazel for the tests it runs, in a directory that is gone afterwards.
  const char* target = std::getenv("TEST_TARGET");
  return {ProgramPath(), target == nullptr || ProgramPath().empty() ? "" : target};
}

namespace {

std::string Direct(const std::string& path, std::string_view test, uint64_t seed) {
  return path + " --gtest_filter=" + std::string(test) + " --norn_seed=" + std::to_string(seed);
}

std::string ByBazel(const TestProgram& program, std::string_view test, uint64_t seed) {
  return "bazel test " + program.bazel_target +
         " --test_output=errors --test_arg=--gtest_filter=" + std::string(test) +
         " --test_arg=--norn_seed=" + std::to_string(seed);
}

// Where Bazel leaves the program of a target of this workspace: //tests:a is bazel-bin/tests/a.
std::string BuiltPath(const std::string& target) {
  if (!target.starts_with("//")) return "";
  std::string path = "bazel-bin/" + target.substr(2);
  std::replace(path.begin(), path.end(), ':', '/');
  return path;
}

}  // namespace

std::string ReplayCommand(const TestProgram& program, std::string_view test, uint64_t seed) {
  if (!program.bazel_target.empty()) return ByBazel(program, test, seed);
  return Direct(program.path.empty() ? "TEST_PROGRAM" : program.path, test, seed);
}

std::string ReplayText(const TestProgram& program, std::string_view test, uint64_t seed) {
  std::string text;
  if (program.path.empty()) {
    text =
        "This program's main() does not read Norn's flags: leave out gtest_main, or call "
        "norn::InitTests in its place. Then\n";
  }
  text += "replay:  " + ReplayCommand(program, test, seed) + "\n";
  const std::string built = BuiltPath(program.bazel_target);
  if (!built.empty()) text += "    or:  " + Direct(built, test, seed) + "\n";
  return text;
}

std::string CurrentTest() {
  const ::testing::TestInfo* test = ::testing::UnitTest::GetInstance()->current_test_info();
  if (test == nullptr) return "*";
  return std::string(test->test_suite_name()) + "." + test->name();
}

}  // namespace support_internal
}  // namespace norn
