#include "tests/support/record_differences.h"

#include <string>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace norn::support_internal {
namespace {

using model::Offset;
using model::RecordId;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

// Records with offsets and ids from 0.
std::vector<SeenRecord> Log(const std::vector<std::string>& texts) {
  std::vector<SeenRecord> seen;
  for (const std::string& text : texts) {
    const auto n = static_cast<int64_t>(seen.size());
    seen.push_back({Offset(n), RecordId(n), text});
  }
  return seen;
}

TEST(RecordDifferences, NoneBetweenEqualLists) {
  EXPECT_THAT(Differences({}, {}), IsEmpty());
  EXPECT_THAT(Differences({"a", "b"}, Log({"a", "b"})), IsEmpty());
}

TEST(RecordDifferences, SaysWhereAMissingRecordWasExpected) {
  EXPECT_THAT(Differences({"a", "b", "c"}, Log({"a", "c"})),
              ElementsAre("missing: \"b\", expected at index 1, after @0 \"a\""));
  EXPECT_THAT(Differences({"a"}, Log({})), ElementsAre("missing: \"a\", expected at index 0"));
}

TEST(RecordDifferences, SaysWhatIsThereUninvited) {
  EXPECT_THAT(Differences({"a"}, Log({"a", "x"})), ElementsAre("unexpected: @1 \"x\""));
}

TEST(RecordDifferences, TellsARecordStoredAgainFromAnEqualOne) {
  std::vector<SeenRecord> again = Log({"a", "b", "b", "c"});
  again[2].id = RecordId(1);
  EXPECT_THAT(Differences({"a", "b", "c"}, again),
              ElementsAre("duplicate: @2 \"b\" is record r1 again, first at @1"));
  EXPECT_THAT(Differences({"a", "b", "c"}, Log({"a", "b", "b", "c"})),
              ElementsAre("unexpected: @2 \"b\" (as at @1, but another record: r2, not r1)"));
}

TEST(RecordDifferences, SaysHowItCameThereIfThatIsKnown) {
  std::vector<SeenRecord> seen = Log({"a", "a", "x"});
  seen[1].id = RecordId(0);
  seen[0].origin = "p1's request 4 on connection 2, attempt 1";
  seen[1].origin = "p1's request 5 on connection 3, attempt 2";
  seen[2].origin = "p2's request 9 on connection 4, attempt 1";
  EXPECT_THAT(
      Differences({"a"}, seen),
      ElementsAre(
          "duplicate: @1 \"a\" is record r0 again, first at @0; it came by p1's request 5 on "
          "connection 3, attempt 2, the first by p1's request 4 on connection 2, attempt 1",
          "unexpected: @2 \"x\", which came by p2's request 9 on connection 4, attempt 1"));
}

TEST(RecordDifferences, SaysWhatIsOutOfOrderOnce) {
  EXPECT_THAT(Differences({"a", "b", "c"}, Log({"b", "a", "c"})),
              ElementsAre("out of order: @0 \"b\", expected at index 1, after @1 \"a\""));
}

TEST(RecordDifferences, ComeInTheOrderOfTheLog) {
  EXPECT_THAT(
      Differences({"a", "b", "c"}, Log({"x", "a", "c", "y"})),
      ElementsAre("unexpected: @0 \"x\"", "missing: \"b\", expected at index 1, after @1 \"a\"",
                  "unexpected: @3 \"y\""));
}

TEST(RecordDifferences, TellNullFromTheWordNull) {
  std::vector<SeenRecord> seen = Log({"null"});
  EXPECT_THAT(Differences({std::nullopt}, seen),
              ElementsAre("unexpected: @0 \"null\"",
                          "missing: null, expected at index 0, after @0 \"null\""));
  seen[0].text = std::nullopt;
  EXPECT_THAT(Differences({std::nullopt}, seen), IsEmpty());
}

TEST(RecordDifferences, MentionGapsOfOffsetsOnlyBesideADifference) {
  std::vector<SeenRecord> seen = Log({"a", "b"});
  seen[1].offset = Offset(5);
  EXPECT_THAT(Differences({"a", "b"}, seen), IsEmpty());
  EXPECT_THAT(Differences({"a"}, seen),
              ElementsAre("unexpected: @5 \"b\"", "offsets: @0 is followed by @5"));
}

// A table of all pairs of two long lists would not fit: the first difference must do.
TEST(RecordDifferences, OfLongListsAreTheFirst) {
  std::vector<Text> expected(5000, "a");
  std::vector<SeenRecord> seen = Log(std::vector<std::string>(5000, "b"));
  EXPECT_THAT(Differences(expected, seen),
              ElementsAre("first difference at index 0: @0 \"b\", expected \"a\" (5000 records, "
                          "expected 5000)"));
  // Where most is equal, length is no matter.
  seen = Log(std::vector<std::string>(5000, "a"));
  seen[4000].text = "b";
  EXPECT_THAT(Differences(expected, seen),
              ElementsAre("unexpected: @4000 \"b\"",
                          "missing: \"a\", expected at index 4000, after @4000 \"b\""));
}

}  // namespace
}  // namespace norn::support_internal
