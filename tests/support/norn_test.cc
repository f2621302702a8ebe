#include "tests/support/norn_test.h"

#include <cstddef>
#include <cstdint>
#include <exception>
#include <iostream>
#include <optional>
#include <sstream>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "gtest/gtest-spi.h"
#include "sim/label.h"
#include "sim/trace.h"
#include "tests/support/replay.h"
#include "tests/support/story_difference.h"
#include "tests/support/trace_difference.h"

namespace norn::support_internal {
namespace {

// How often two traced runs are compared to find a difference that two untraced ones had.
constexpr int kTracedRuns = 4;

// Expectations that fail while it lives are kept here and nowhere else.
class Silence : public ::testing::ScopedFakeTestPartResultReporter {
 public:
  Silence(::testing::TestPartResultArray* results, std::function<void()> on_failure)
      : ScopedFakeTestPartResultReporter(INTERCEPT_ONLY_CURRENT_THREAD, results),
        on_failure_(std::move(on_failure)) {}
  void ReportTestPartResult(const ::testing::TestPartResult& result) override {
    ScopedFakeTestPartResultReporter::ReportTestPartResult(result);
    if (result.failed()) on_failure_();
  }

 private:
  std::function<void()> on_failure_;
};

struct WorldDigest {
  std::string name;
  uint64_t run = 0;    // of every event
  uint64_t story = 0;  // of what clients saw and what the logs hold; a bare simulation has none

  friend bool operator==(const WorldDigest&, const WorldDigest&) = default;
};

std::ostream& operator<<(std::ostream& os, const WorldDigest& digest) {
  os << digest.name << ": run digest " << std::hex << digest.run;
  if (digest.story != 0) os << ", story digest " << digest.story;
  return os << std::dec;
}

// A run that is over. Its worlds are still there to be looked at.
struct Run {
  std::unique_ptr<ClusterTest> test;
  std::vector<WorldDigest> digests;
  std::string failure;  // of a silent run: the first

  bool EqualTo(const Run& other) const { return digests == other.digests; }
};

}  // namespace

class SeedRuns {
 public:
  SeedRuns(MakeBody make, const char* file, int line)
      : make_(make), file_(file), line_(line), test_name_(CurrentTest()) {}

  void RunAll() {
    const SeedRange seeds = Seeds();
    for (uint64_t seed = seeds.first;; ++seed) {
      if (!RunTwice(seed, seeds.first) || seed == seeds.last) return;
    }
  }

 private:
  // False if the seed failed or the test was skipped.
  bool RunTwice(uint64_t seed, uint64_t first_seed) {
    // One that is replayed keeps a ring, so that a failed check shows what led to it.
    const Run first = Play(seed, IsReplay() ? sim::TraceSink::kRing : sim::TraceSink::kDigest);
    if (::testing::Test::HasFailure()) {
      ExplainFailure(first, seed, first_seed);
      return false;
    }
    if (::testing::Test::IsSkipped()) return false;
    const Run second = PlaySilently(seed, sim::TraceSink::kDigest);
    if (!second.EqualTo(first) || !second.failure.empty()) {
      ReportDifference(first, second, seed);
      return false;
    }
    if (PrintsDigests())
      for (const WorldDigest& digest : first.digests)
        std::cout << test_name_ << " seed " << seed << " " << digest << "\n";
    return true;
  }

  Run Play(uint64_t seed, sim::TraceSink trace) {
    Run run;
    Play(seed, trace, &run.test, [] { return HasFatalFailureOrSkip(); });
    run.digests = DigestsOf(*run.test);
    return run;
  }

  Run PlaySilently(uint64_t seed, sim::TraceSink trace) {
    Run run;
    ::testing::TestPartResultArray results;
    {
      const Silence silence(&results, [&run] {
        if (run.test != nullptr) run.test->OnFailure();
      });
      Play(seed, trace, &run.test, [&results] { return EndsTest(results); });
      run.digests = DigestsOf(*run.test);
    }
    for (int i = 0; i < results.size() && run.failure.empty(); ++i) {
      const ::testing::TestPartResult& result = results.GetTestPartResult(i);
      if (!result.failed()) continue;
      std::ostringstream failure;
      failure << (result.file_name() == nullptr ? "" : result.file_name()) << ":"
              << result.line_number() << ": " << result.message();
      run.failure = failure.str();
    }
    return run;
  }

  // As GoogleTest would: no body after a SetUp that failed, TearDown in any case.
  template <class Ended>
  void Play(uint64_t seed, sim::TraceSink trace, std::unique_ptr<ClusterTest>* test, Ended ended) {
    RunPlan plan;
    plan.seed = seed;
    plan.trace = trace;
    plan.replay = ReplayCommand(ThisProgram(), test_name_, seed);
    const ScopedPlan scope(std::move(plan));
    *test = make_();
    try {
      (*test)->SetUp();
      if (!ended()) (*test)->RunTestBody();
      (*test)->TearDown();
    } catch (const std::exception& thrown) {
      ADD_FAILURE_AT(file_, line_) << "the body threw: " << thrown.what();
    }
  }

  static bool HasFatalFailureOrSkip() {
    return ::testing::Test::HasFatalFailure() || ::testing::Test::IsSkipped();
  }
  static bool EndsTest(const ::testing::TestPartResultArray& results) {
    for (int i = 0; i < results.size(); ++i) {
      const ::testing::TestPartResult& result = results.GetTestPartResult(i);
      if (result.fatally_failed() || result.skipped()) return true;
    }
    return false;
  }

  static std::vector<WorldDigest> DigestsOf(const ClusterTest& test) {
    std::vector<WorldDigest> digests;
    for (const World& world : test.worlds_) {
      digests.push_back({world.name, world.sim().run_digest(),
                         world.cluster == nullptr ? 0 : FullStoryDigest(*world.cluster)});
    }
    return digests;
  }

  // What failed is said already; says with which seed, what happened before, and how to replay.
  void ExplainFailure(const Run& failed, uint64_t seed, uint64_t first_seed) {
    const Run traced = PlaySilently(seed, sim::TraceSink::kRing);
    ::testing::Test::RecordProperty("replay", ReplayCommand(ThisProgram(), test_name_, seed));
    std::cout << "seed " << seed << " fails";
    if (!IsReplay()) {
      std::cout << " (";
      if (seed > first_seed + 1)
        std::cout << "seeds " << first_seed << " to " << seed - 1 << " pass, ";
      if (seed == first_seed + 1) std::cout << "seed " << first_seed << " passes, ";
      std::cout << "later ones were not tried)";
    }
    std::cout << "\n" << traced.test->LastEvents();
    if (!traced.EqualTo(failed)) {
      std::cout << "beware: that was a second run of the seed, and it differs from the first. The "
                   "body is not deterministic.\n";
    }
    std::cout << ReplayText(ThisProgram(), test_name_, seed) << std::flush;
  }

  void ReportDifference(const Run& first, const Run& second, uint64_t seed) {
    std::ostringstream os;
    os << "two runs of seed " << seed << " differ:\n";
    if (second.failure.empty()) {
      PrintDigests(os, "first run ", first);
      PrintDigests(os, "second run", second);
    } else {
      os << "    the first passes, the second fails:\n" << second.failure << "\n";
    }
    DescribeFirstDifference(os, seed);
    os << "What a run does must follow from seed() and nothing else. Look for state that outlives "
          "the body (static, global), the wall clock, chance that is not the simulation's, the "
          "order of a hash container or of pointers, and memory that was never set.\n"
       << ReplayText(ThisProgram(), test_name_, seed);
    ADD_FAILURE_AT(file_, line_) << os.str();
  }

  static void PrintDigests(std::ostream& os, const char* which, const Run& run) {
    if (run.digests.empty()) os << "    " << which << ": nothing was started\n";
    for (const WorldDigest& digest : run.digests) os << "    " << which << ": " << digest << "\n";
  }

  // Runs again with full traces, until two runs differ in them.
  void DescribeFirstDifference(std::ostream& os, uint64_t seed) {
    const Run one = PlaySilently(seed, sim::TraceSink::kFull);
    for (int i = 1; i < kTracedRuns; ++i) {
      const Run other = PlaySilently(seed, sim::TraceSink::kFull);
      if (DescribeFirstDifference(os, one, other)) return;
    }
    os << "  " << kTracedRuns
       << " more runs, traced, were equal: the difference comes and goes, or no world has it.\n";
  }

  static bool DescribeFirstDifference(std::ostream& os, const Run& one, const Run& other) {
    const auto& worlds = one.test->worlds_;
    const auto& others = other.test->worlds_;
    for (size_t i = 0; i < std::min(worlds.size(), others.size()); ++i) {
      const sim::Trace& a = worlds[i].sim().trace();
      const sim::Trace& b = others[i].sim().trace();
      if (const std::optional<size_t> index = FirstDifference(a, b)) {
        os << "Two more runs, traced, of " << worlds[i].name << ":\n"
           << DescribeDifference(a, b, *index);
        return true;
      }
    }
    for (size_t i = 0; i < std::min(worlds.size(), others.size()); ++i) {
      if (worlds[i].cluster == nullptr || others[i].cluster == nullptr) continue;
      const std::string difference =
          DescribeStoryDifference(*worlds[i].cluster, *others[i].cluster);
      if (difference.empty()) continue;
      os << "All events of " << worlds[i].name << " are equal, but\n" << difference;
      return true;
    }
    if (worlds.size() == others.size()) return false;
    os << "One more run started " << worlds.size() << " worlds, another " << others.size() << ".\n";
    return true;
  }

  const MakeBody make_;
  const char* const file_;
  const int line_;
  const std::string test_name_;
};

void RunSeeds(MakeBody make, const char* file, int line) { SeedRuns(make, file, line).RunAll(); }

}  // namespace norn::support_internal
