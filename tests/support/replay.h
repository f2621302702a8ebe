// Which seeds a test program runs, and the command that runs one of them again.
//
//   --norn_seed=N      run this seed only, and keep a trace so that a failed check shows its causes
//   --norn_seeds=N     NORN_TESTs run seeds 1 to N (default 10)
//   --norn_trace=N     a failure shows the last N lines of what happened (default 20)
//   --norn_digests     print the digest of each run: those of two processes, compilers or machines
//                      must be equal
//
// The fixtures bring a main() that reads them (//tests/support:norn_main). A program with a main()
// of its own:
//
//   int main(int argc, char** argv) {
//     norn::InitTests(&argc, argv);
//     return RUN_ALL_TESTS();
//   }
#ifndef NORN_TESTS_SUPPORT_REPLAY_H_
#define NORN_TESTS_SUPPORT_REPLAY_H_

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace norn {

// Reads GoogleTest's and GoogleMock's flags, then all others of the program (absl flags, Norn's
// among them). What is no flag of the program, or has no such value, ends the program with status 2
// and a line that says what would be right.
void InitTests(int* argc, char** argv);

namespace support_internal {

// What NORN_TESTs run: seeds first to last.
struct SeedRange {
  uint64_t first;
  uint64_t last;
};
SeedRange Seeds();
// --norn_seed was given.
bool IsReplay();
// What a plain TEST_F runs: the seed given, or 1.
uint64_t OneSeed();
size_t TraceLines();
bool PrintsDigests();

// How a test is run: the program's path, or if it is empty the label Bazel knows it by, or both
// empty if InitTests was not called.
struct TestProgram {
  std::string path;
  std::string bazel_target;
};
// The one that runs now.
TestProgram ThisProgram();

// One line that runs the seed of that test ("Suite.Name") again; and the same with every way to do
// it, each on a line of its own after "replay:".
std::string ReplayCommand(const TestProgram& program, std::string_view test, uint64_t seed);
std::string ReplayText(const TestProgram& program, std::string_view test, uint64_t seed);

// "Suite.Name" of the test that runs now.
std::string CurrentTest();

}  // namespace support_internal
}  // namespace norn

#endif  // NORN_TESTS_SUPPORT_REPLAY_H_
