#include "scenarios/fidelity/verdict.h"

#include <string>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/scenarios/scripts.h"

namespace norn::scenarios {
namespace {

using ::testing::HasSubstr;

// What Norn gives is one record acknowledged at offset 0, some milliseconds after the send.
Case Of(const std::string& outcomes) {
  Case one;
  one.name = "99-J";
  one.plan = PlanOf(With("steps { send { value: \"a\" } }"));
  one.looks = {{"acks", "acks"}, {"reported_after_ms", "reported_after_ms"}};
  const auto recorded = ParseJson(outcomes);
  EXPECT_TRUE(recorded.ok()) << recorded.status();
  for (const Value& outcome : recorded->items())
    one.outcomes.push_back(
        {static_cast<int64_t>(outcome["count"].number()), outcome["facts"], outcome["ranges"]});
  return one;
}

constexpr char kSame[] = R"({"count": 8, "facts": {"acks": [["a", null, null, 0]]},
                             "ranges": {"reported_after_ms": [[1, 200]]}})";
constexpr char kOther[] = R"({"count": 8, "facts": {"acks": [["a", null, null, 7]]},
                              "ranges": {"reported_after_ms": [[1, 200]]}})";
constexpr char kOnce[] = R"({"count": 1, "facts": {"acks": [["a", null, null, 7]]},
                             "ranges": {"reported_after_ms": [[1, 200]]}})";

TEST(Verdict, WhatIsAsRecordedAgrees) {
  const FidelityVerdict verdict = Compare(Of(std::string("[") + kSame + "]"), 5);
  EXPECT_TRUE(verdict.agrees) << verdict.why;
  EXPECT_EQ(verdict.agreeing, 5);
}

TEST(Verdict, WhatCameOnceIsNotRequired) {
  EXPECT_TRUE(Compare(Of(std::string("[") + kSame + ", " + kOnce + "]"), 5).agrees);
}

TEST(Verdict, WhatNobodySawDiffers) {
  const FidelityVerdict verdict = Compare(Of(std::string("[") + kOther + "]"), 5);
  EXPECT_FALSE(verdict.agrees);
  EXPECT_EQ(verdict.why, "5 of 5 seeds differ; acks[0][3]: recorded 7, Norn 0");
}

TEST(Verdict, WhatCameMostOftenMustCome) {
  std::string most = kOther;
  most.replace(most.find("8"), 1, "9");
  const FidelityVerdict verdict = Compare(Of("[" + most + ", " + kSame + "]"), 5);
  EXPECT_EQ(verdict.why, "the outcome recorded most often (9x) never came");
}

TEST(Verdict, RangesAreWidened) {
  std::string late = kSame;
  late.replace(late.find("[1, 200]"), 8, "[900, 950]");
  const FidelityVerdict verdict = Compare(Of("[" + late + "]"), 3);
  EXPECT_FALSE(verdict.agrees);
  EXPECT_THAT(verdict.why,
              HasSubstr("reported_after_ms: recorded 900 to 950, accepted 655 to 1237.5, Norn "));
  EXPECT_THAT(verdict.why, HasSubstr("(3 seeds, worst "));
}

// Of a recording that keeps its runs: a fact that is compared by itself.
TEST(Verdict, WhatIsComparedAloneNeedNotComeWithTheRest) {
  Case one = Of(std::string("[") + kSame + "]");
  one.looks["n"] = "n_requests";
  one.alone["n"] = {{Value(1), 2}, {Value(5), 1}};
  EXPECT_TRUE(Compare(one, 5).agrees);
  one.alone["n"] = {{Value(1), 1}, {Value(5), 2}};
  EXPECT_EQ(Compare(one, 5).why, "n: what was recorded most often (2x) never came");
  EXPECT_TRUE(Compare(one, 5).only_unseen);
  one.alone["n"] = {{Value(5), 1}};
  EXPECT_THAT(Compare(one, 5).why, HasSubstr("n: recorded 5; Norn 1"));
  EXPECT_FALSE(Compare(one, 5).only_unseen);
}

TEST(Verdict, BoundsThatFollowFromRulesStandBeforeThoseMeasured) {
  std::string late = kSame;
  late.replace(late.find("[1, 200]"), 8, "[900, 950]");
  Case one = Of("[" + late + "]");
  one.bounds["reported_after_ms"] = {0, 100};
  EXPECT_TRUE(Compare(one, 3).agrees);
}

TEST(Verdict, WhatCannotRunDoesNotAgree) {
  Case one = Of(std::string("[") + kSame + "]");
  one.plan.reset();
  one.cannot_run = "no scenario tells it yet";
  EXPECT_EQ(Compare(one, 5).why, "cannot run: no scenario tells it yet");
}

TEST(Verdict, ProcessesOfTheirOwnSayTheSame) {
  const Case same = Of(std::string("[") + kSame + "]");
  const Case other = Of(std::string("[") + kOther + "]");
  const auto verdicts = CompareAll({&same, &other, &same}, 5, 2);
  EXPECT_TRUE(verdicts[0].agrees);
  EXPECT_EQ(verdicts[1].why, Compare(other, 5).why);
  EXPECT_EQ(verdicts[1].seen.size(), 1u);
  EXPECT_TRUE(verdicts[2].agrees);
}

}  // namespace
}  // namespace norn::scenarios
