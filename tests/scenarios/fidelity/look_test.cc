#include "scenarios/fidelity/look.h"

#include <string>

#include "gtest/gtest.h"

namespace norn::scenarios {
namespace {

std::string Look(const char* expression) {
  const Value account = *ParseJson(R"({
      "facts": {"acks": [["a-0", null, 0], ["b-0", null, 10], ["c-0", "E", null]], "n": 12,
                "batches": [[3, 90], [1, 2000], [2, 2000]], "faults": {"lost": 3},
                "counts": {"None": 4, "E": 1}},
      "ranges": {"gaps_ms": [5, 7]},
      "since": {"warm": {"facts": {"acks": [["c-0", "E", null]]}, "ranges": {}}},
      "clients": {"p1": {"facts": {"n": 1}, "ranges": {}}, "p20": {"facts": {"n": 2}, "ranges": {}},
                  "x": {"facts": {"n": 3}, "ranges": {}}}})");
  const auto value = LookAt(account, expression);
  return value.ok() ? value->ToString() : std::string(value.status().message());
}

TEST(Look, FindsFactsRangesAndParts) {
  EXPECT_EQ(Look("n"), "12");
  EXPECT_EQ(Look("gaps_ms"), "[5, 7]");
  EXPECT_EQ(Look("since.warm.acks"), "[[\"c-0\", \"E\", null]]");
  EXPECT_EQ(Look("faults.lost"), "3");
  EXPECT_EQ(Look("clients p: n"), "{\"1\": 1, \"20\": 2}");
}

// What is made of the runs of a recording.
TEST(Look, TakesTimesAndOrdersApart) {
  const Value run = *ParseJson(R"({
      "series": [[5, 2, 1, [1, 2]], [7, 1, 1, [1]], [9, 1, 1, [1]], [12, 2, 1, [1]]],
      "rows": [[1, "->", [3]], [2, "<-", [4]], [3, "close FIN"]],
      "errs": {"1:7": 2, "1:19": 12}, "at": {"log": [1, 2]}})");
  const auto look = [&run](const char* expression) {
    const auto value = LookAtFacts(run, expression);
    return value.ok() ? value->ToString() : std::string(value.status().message());
  };
  EXPECT_EQ(look("series | each [1:] | by 0"),
            "{\"1\": [[1, [1]], [1, [1]]], \"2\": [[1, [1, 2]], [1, [1]]]}");
  EXPECT_EQ(look("series | each [1:] | changes | count"), "3");
  EXPECT_EQ(look("series | where 3 is [1] | each [0]"), "[7, 9, 12]");
  EXPECT_EQ(look("series | each [1:] | each sizes | [0]"), "[2, 1, 2]");
  EXPECT_EQ(look("series | each [0] | gaps"), "[2, 2, 3]");
  EXPECT_EQ(look("series | each [0] | most"), "12");
  EXPECT_EQ(look("rows | where 1 not close | each [1:]"), "[[\"->\", [3]], [\"<-\", [4]]]");
  EXPECT_EQ(look("rows | where 1 is -> | each [2]"), "[[3]]");
  EXPECT_EQ(look("errs | keys"), "[\"1:19\", \"1:7\"]");
  EXPECT_EQ(look("errs | values"), "[12, 2]");
  EXPECT_EQ(look("errs | without 1:7"), "{\"1:19\": 12}");
  EXPECT_EQ(look("at | field log"), "[1, 2]");
  EXPECT_EQ(look("at.log[1]"), "2");
}

TEST(Look, SlicesAsPythonDoes) {
  EXPECT_EQ(Look("acks[1]"), "[\"b-0\", null, 10]");
  EXPECT_EQ(Look("acks[-1][0]"), "\"c-0\"");
  EXPECT_EQ(Look("acks[1:][0][1:3]"), "[null, 10]");
  EXPECT_EQ(Look("acks[::2] | each [0]"), "[\"a-0\", \"c-0\"]");
  EXPECT_EQ(Look("acks[:1] | each [:2] | cut 1"), "[[\"a\", null]]");
  EXPECT_EQ(Look("acks[9]"), "null");
  EXPECT_EQ(Look("acks[9:]"), "[]");
}

TEST(Look, MakesSomethingOfWhatItFinds) {
  EXPECT_EQ(Look("acks | count"), "3");
  EXPECT_EQ(Look("gaps_ms | over 6"), "false");
  EXPECT_EQ(Look("n | over 10"), "true");
  EXPECT_EQ(Look("n | at most 10"), "null");
  EXPECT_EQ(Look("n | at most 12"), "12");
  EXPECT_EQ(Look("batches | largest"), "[3, 90]");
  EXPECT_EQ(Look("batches | sort | each [0]"), "[1, 2, 3]");
  EXPECT_EQ(Look("batches | where 1 over 1000 | each [1] | distinct | count | is 1"), "true");
  EXPECT_EQ(Look("counts | some"), "{\"None\": \"some\", \"E\": \"some\"}");
}

TEST(Look, SaysWhatIsWrong) {
  EXPECT_EQ(Look("acked"), "the account has no 'acked'");
  EXPECT_EQ(Look("since.cold.acks"), "the account has no since.cold");
  EXPECT_EQ(Look("acks | reverse"), "nothing is called 'reverse'");
  EXPECT_EQ(Look("n[1]"), "only arrays have items");
}

}  // namespace
}  // namespace norn::scenarios
