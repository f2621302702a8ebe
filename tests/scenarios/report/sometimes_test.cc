#include "scenarios/report/sometimes.h"

#include <string>

#include "gtest/gtest.h"
#include "scenarios/report/verdict.h"

namespace norn::scenarios {
namespace {

using When = ExpectationReport::When;

Report RunOf(uint64_t seed, When when, bool holds) {
  Report report;
  report.scenario = "race";
  report.seed = seed;
  report.replay = "./norn run race --seed=" + std::to_string(seed);
  report.expectations.push_back({.expected = "no record is stored twice",
                                 .happened = holds ? "none is" : "a is",
                                 .holds = holds,
                                 .when = when,
                                 .within = 3});
  return report;
}

TEST(Sometimes, NamesTheFirstRunThatShowsIt) {
  Sometimes sometimes;
  sometimes.Add(RunOf(1, When::kSometimesNot, true));
  sometimes.Add(RunOf(2, When::kSometimesNot, false));
  sometimes.Add(RunOf(3, When::kSometimesNot, false));
  EXPECT_EQ(sometimes.missing(), 0);
  EXPECT_EQ(sometimes.Print(),
            "FOUND race in 2 of 3 seeds: not: no record is stored twice\n"
            "  first:    a is\n"
            "  replay:   ./norn run race --seed=2\n");
}

TEST(Sometimes, IsMissingOnlyIfEnoughSeedsWereRun) {
  Sometimes sometimes;
  for (uint64_t seed = 1; seed <= 2; ++seed) sometimes.Add(RunOf(seed, When::kSometimes, false));
  EXPECT_EQ(sometimes.missing(), 0);
  EXPECT_EQ(sometimes.Print(), "unseen race in 0 of 2 seeds: no record is stored twice\n");
  sometimes.Add(RunOf(3, When::kSometimes, false));
  EXPECT_EQ(sometimes.missing(), 1);
  EXPECT_EQ(sometimes.Print(), "MISSING race in 0 of 3 seeds: no record is stored twice\n");
}

TEST(Sometimes, WhatMustAlwaysHoldIsNoneOfIt) {
  Sometimes sometimes;
  sometimes.Add(RunOf(1, When::kAlways, false));
  EXPECT_EQ(sometimes.Print(), "");
}

TEST(Sometimes, ARunIsNotJudgedByIt) {
  EXPECT_FALSE(RunOf(1, When::kAlways, false).passed());
  for (const bool holds : {false, true}) {
    EXPECT_TRUE(RunOf(1, When::kSometimes, holds).passed());
    EXPECT_TRUE(RunOf(1, When::kSometimesNot, holds).passed());
  }
  EXPECT_EQ(PrintExpectations(RunOf(1, When::kSometimesNot, false)),
            "expected\n  found   not: no record is stored twice\n          but a is\n");
  EXPECT_EQ(PrintExpectations(RunOf(1, When::kSometimesNot, true)),
            "expected\n  mostly  no record is stored twice\n");
}

}  // namespace
}  // namespace norn::scenarios
