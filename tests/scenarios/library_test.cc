// The scenarios that come with Norn, as texts; what they tell is in tests/golden.
#include "scenarios/library.h"

#include <algorithm>
#include <string>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "scenarios/run.h"
#include "scenarios/text/plan.h"

namespace norn::scenarios {
namespace {

class LibraryTest : public testing::TestWithParam<std::string> {
 protected:
  LibraryTest() : script_(LoadLibrary(GetParam())) {}
  const absl::StatusOr<std::unique_ptr<Script>> script_;
};

TEST_P(LibraryTest, HasAStoryWithAHeadline) {
  ASSERT_TRUE(script_.ok()) << script_.status();
  const std::string story = StoryOf((*script_)->source.text);
  EXPECT_GE(std::count(story.begin(), story.end(), '\n'), 3) << story;
  const std::string headline = story.substr(0, story.find('\n'));
  EXPECT_EQ(headline.back(), '.');
  EXPECT_LE(headline.size(), 100u);
}

TEST_P(LibraryTest, ExpectsSomething) {
  ASSERT_TRUE(script_.ok());
  EXPECT_GE((*script_)->scenario.expect_size(), 2);
}

TEST_P(LibraryTest, AnotherSeedIsAnotherRun) {
  ASSERT_TRUE(script_.ok());
  const auto plan = MakePlan(**script_);
  ASSERT_TRUE(plan.ok()) << plan.status();
  const auto digest = [&plan](uint64_t seed) {
    return scenarios::Run(*plan, {.seed = seed, .trace = false, .replay = ""}).run_digest;
  };
  bool differs = false;
  for (uint64_t seed = 2; seed < 12; ++seed) differs = differs || digest(seed) != digest(1);
  EXPECT_TRUE(differs) << "nothing in it is left to chance";
}

INSTANTIATE_TEST_SUITE_P(All, LibraryTest, testing::ValuesIn(LibraryNames()),
                         [](const auto& info) { return info.param; });

TEST(Library, HasTheLesson) { EXPECT_THAT(LibraryNames(), testing::Contains("hello_kafka")); }

TEST(Library, AWrongNameIsToldTheNearest) {
  EXPECT_EQ(
      LoadLibrary("flush_timout").status().message(),
      "no scenario is called 'flush_timout'; did you mean 'flush_timeout'? (`norn list` shows "
      "them)");
}

}  // namespace
}  // namespace norn::scenarios
