#include "tests/support/log_matchers.h"

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest-spi.h"
#include "gtest/gtest.h"
#include "tests/support_test/explain.h"

namespace norn {
namespace {

using model::ConsumedRecord;
using model::LogView;
using model::Offset;
using model::PollResult;
using model::RecordId;
using model::StoredRecord;
using ::testing::Ge;
using ::testing::Not;

StoredRecord Record(int64_t offset, int64_t id, std::optional<std::string> value) {
  StoredRecord record;
  record.offset = Offset(offset);
  record.id = RecordId(id);
  record.value_size = value.has_value() ? static_cast<int64_t>(value->size()) : -1;
  record.value = std::move(value);
  return record;
}

LogView Log(std::vector<StoredRecord> records) { return LogView("topic1", 0, std::move(records)); }

TEST(HasRecords, TakesValuesInOrder) {
  const LogView log = Log({Record(0, 0, "a"), Record(1, 1, "b")});
  EXPECT_THAT(log, HasRecords("a", "b"));
  EXPECT_THAT(log, HasRecords(std::string("a"), std::string_view("b")));
  EXPECT_THAT(log, HasRecordsArray({"a", "b"}));
  EXPECT_THAT(log, Not(HasRecords("b", "a")));
  EXPECT_THAT(log, Not(HasRecords("a")));
  EXPECT_THAT(log, Not(HasRecords()));
  EXPECT_THAT(Log({}), HasRecords());
}

TEST(HasRecords, KnowsNullAndBareSizes) {
  StoredRecord sized = Record(1, 1, std::nullopt);
  sized.value_size = 100;
  const LogView log = Log({Record(0, 0, std::nullopt), sized});
  EXPECT_THAT(log, HasRecords(std::nullopt, "<100 B>"));
  EXPECT_THAT(log, Not(HasRecords("null", "<100 B>")));
}

TEST(HasRecords, FailsInKafkasWords) {
  const LogView log = Log({Record(0, 0, "a"), Record(1, 1, "b"), Record(2, 1, "b")});
  EXPECT_NONFATAL_FAILURE(
      EXPECT_THAT(log, HasRecords("a", "b")),
      "Expected: has records \"a\", \"b\"\n"
      "  Actual: topic1-0: @0 \"a\", @1 \"b\", @2 \"b\" (of type norn::model::LogView), "
      "duplicate: @2 \"b\" is record r1 again, first at @1");
}

TEST(HasRecords, ListsSeveralDifferencesOnePerLine) {
  EXPECT_EQ(Explain(HasRecords("a", "b"), Log({Record(0, 0, "x"), Record(1, 1, "a")})),
            "\n      unexpected: @0 \"x\""
            "\n      missing: \"b\", expected at index 1, after @1 \"a\"");
}

TEST(HasRecords, StopsAfterADozenDifferences) {
  std::vector<StoredRecord> records;
  for (int64_t i = 0; i < 20; ++i) records.push_back(Record(i, i, "x" + std::to_string(i)));
  const std::string text = Explain(HasRecords("a"), Log(std::move(records)));
  EXPECT_THAT(text, ::testing::HasSubstr("@11 \"x11\"\n      and 9 more differences"));
}

TEST(HasRecords, Describes) {
  EXPECT_EQ(Describe<LogView>(HasRecords("a", std::nullopt)), "has records \"a\", null");
  EXPECT_EQ(DescribeNot<LogView>(HasRecords("a")), "has other than exactly the records \"a\"");
}

TEST(HasRecords, ReadsPollsToo) {
  PollResult polled;
  ConsumedRecord record;
  record.offset = Offset(4);
  record.id = RecordId(2);
  record.key = "k";
  record.value = "a";
  polled.records = {record};
  EXPECT_THAT(polled, HasRecords("a"));
  EXPECT_THAT(polled, HasKeys("k"));
  EXPECT_THAT(polled.records, HasRecords("a"));
  EXPECT_THAT(polled.records, StoredOnce(RecordId(2)));
  EXPECT_EQ(Explain(HasRecords("b", "a"), polled), "missing: \"b\", expected at index 0");
}

TEST(HasKeys, TakesKeysInOrder) {
  StoredRecord keyed = Record(0, 0, "a");
  keyed.key = "user-1";
  const LogView log = Log({keyed, Record(1, 1, "b")});
  EXPECT_THAT(log, HasKeys("user-1", std::nullopt));
  EXPECT_EQ(Describe<LogView>(HasKeys("user-1")), "has keys \"user-1\"");
  EXPECT_EQ(DescribeNot<LogView>(HasKeys("user-1")), "has other than exactly the keys \"user-1\"");
  EXPECT_EQ(Explain(HasKeys("user-1"), log), "unexpected: @1 null");
  EXPECT_THAT(log, Not(HasKeysArray({"user-1"})));
}

TEST(IsEmptyLog, SaysHowFullItIs) {
  EXPECT_THAT(Log({}), IsEmptyLog());
  EXPECT_EQ(Explain(IsEmptyLog(), Log({Record(0, 0, "a")})), "which holds 1 record");
  EXPECT_EQ(Explain(IsEmptyLog(), Log({Record(0, 0, "a"), Record(1, 1, "b")})),
            "which holds 2 records");
  EXPECT_EQ(Describe<LogView>(IsEmptyLog()), "is empty");
  EXPECT_EQ(DescribeNot<LogView>(IsEmptyLog()), "is not empty");
}

TEST(HasRecordCount, TakesANumberOrAMatcher) {
  const LogView log = Log({Record(0, 0, "a"), Record(1, 1, "b")});
  EXPECT_THAT(log, HasRecordCount(2));
  EXPECT_THAT(log, HasRecordCount(Ge(1)));
  EXPECT_EQ(Explain(HasRecordCount(3), log), "which has 2 records");
  EXPECT_EQ(Describe<LogView>(HasRecordCount(Ge(3))), "has a number of records that is >= 3");
  EXPECT_EQ(DescribeNot<LogView>(HasRecordCount(3)),
            "has a number of records that isn't equal to 3");
}

TEST(Stored, CountsByIdOrByValue) {
  const LogView log = Log({Record(0, 0, "a"), Record(1, 1, "b"), Record(2, 0, "a")});
  EXPECT_THAT(log, Stored(RecordId(0), 2));
  EXPECT_THAT(log, Stored("a", 2));
  EXPECT_THAT(log, StoredOnce("b"));
  EXPECT_THAT(log, StoredOnce(RecordId(1)));
  EXPECT_THAT(log, NotStored("c"));
  EXPECT_THAT(log, NotStored(RecordId(7)));
  EXPECT_EQ(Explain(StoredOnce("a"), log), "which holds \"a\" 2 times, at @0 and @2");
  EXPECT_EQ(Explain(StoredOnce(RecordId(7)), log), "which holds record r7 nowhere");
  EXPECT_EQ(Explain(NotStored("b"), log), "which holds \"b\" once, at @1");
  EXPECT_EQ(Describe<LogView>(StoredOnce("a")), "holds \"a\" a number of times that is equal to 1");
  EXPECT_EQ(DescribeNot<LogView>(Stored(RecordId(3), 2)),
            "holds record r3 a number of times that isn't equal to 2");
}

}  // namespace
}  // namespace norn
