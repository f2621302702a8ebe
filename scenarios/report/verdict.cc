#include "scenarios/report/verdict.h"

#include "absl/strings/str_cat.h"

namespace norn::scenarios {

std::string Hex(uint64_t digest) { return absl::StrCat(absl::Hex(digest, absl::kZeroPad16)); }

std::string OutcomeWord(model::Outcome outcome) {
  switch (outcome) {
    case model::Outcome::kOk:
      return "OK";
    case model::Outcome::kFailed:
      return "FAILED";
    case model::Outcome::kUnknown:
      return "UNKNOWN";
    case model::Outcome::kPending:
      break;
  }
  return "PENDING";
}

namespace {

const char* Mark(const ExpectationReport& expectation) {
  switch (expectation.when) {
    case ExpectationReport::When::kAlways:
      return expectation.holds ? "  ok      " : "  FAILED  ";
    case ExpectationReport::When::kSometimes:
      return expectation.holds ? "  found   " : "  seldom  ";
    case ExpectationReport::When::kSometimesNot:
      break;
  }
  return expectation.holds ? "  mostly  " : "  found   not: ";
}

}  // namespace

std::string PrintExpectations(const Report& report) {
  if (report.expectations.empty()) return "";
  std::string text = "expected\n";
  for (const ExpectationReport& expectation : report.expectations) {
    absl::StrAppend(&text, Mark(expectation), expectation.expected, "\n");
    if (!expectation.holds) absl::StrAppend(&text, "          but ", expectation.happened, "\n");
  }
  return text;
}

std::string PrintVerdict(const Report& report) {
  std::string text =
      absl::StrCat(report.passed() ? "PASS " : "FAIL ", report.scenario, " seed=", report.seed,
                   " digest=", Hex(report.story_digest), " run=", Hex(report.run_digest), "\n");
  if (report.passed()) return text;
  for (const ExpectationReport& expectation : report.expectations) {
    if (!expectation.broken()) continue;
    absl::StrAppend(&text, "  expected: ", expectation.expected,
                    "\n  happened: ", expectation.happened, "\n");
  }
  if (!report.replay.empty()) absl::StrAppend(&text, "  replay:   ", report.replay, "\n");
  return text;
}

}  // namespace norn::scenarios
