// What a test says of a partition's log, or of the records a poll returned.
//
//   EXPECT_THAT(cluster.Log("topic1", 0), HasRecords("a", "b"));      // these values, in order
//   EXPECT_THAT(cluster.Log("topic1", 0), IsEmptyLog());
//   EXPECT_THAT(cluster.Log("topic1", 0), HasRecordCount(Ge(1000)));
//   EXPECT_THAT(cluster.Log("topic1", 0), HasKeys("user-1", std::nullopt));
//   EXPECT_THAT(cluster.Log("topic1", 0), StoredOnce("a"));           // wherever
//   EXPECT_THAT(cluster.Await(consumer.Poll(absl::Seconds(1))), HasRecords("a", "b"));
//
// std::nullopt stands for null. Of a record sent as a size alone the value is "<100 B>". What else
// a record carries is reached with gmock's own words:
//
//   EXPECT_THAT(log.records(), Each(Field(&StoredRecord::producer_epoch, ProducerEpoch(0))));
//
// A failure names each difference by offset:
//
//   Expected: has records "a", "b"
//     Actual: topic1-0: @0 "a", @1 "b", @2 "b", duplicate: @2 "b" is record r1 again, first at @1
#ifndef NORN_TESTS_SUPPORT_LOG_MATCHERS_H_
#define NORN_TESTS_SUPPORT_LOG_MATCHERS_H_

#include <cstdint>
#include <optional>
#include <ostream>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "gmock/gmock.h"
#include "model/client/consumer.h"
#include "model/ids.h"
#include "model/log_view.h"
#include "tests/support/record_differences.h"

namespace norn {
namespace support_internal {

enum class Part { kKey, kValue };

// What the matchers compare, from whatever holds records.
std::vector<SeenRecord> See(const model::LogView& log, Part part);
std::vector<SeenRecord> See(const model::PollResult& polled, Part part);
std::vector<SeenRecord> See(const std::vector<model::ConsumedRecord>& records, Part part);

inline Text ToText(std::nullopt_t) { return std::nullopt; }
inline Text ToText(std::string_view text) { return std::string(text); }

class ListMatcher {
 public:
  using is_gtest_matcher = void;
  ListMatcher(Part part, std::vector<Text> expected)
      : part_(part), expected_(std::move(expected)) {}
  template <class Log>
  bool MatchAndExplain(const Log& log, ::testing::MatchResultListener* listener) const {
    return Compare(See(log, part_), listener);
  }
  void DescribeTo(std::ostream* os) const;
  void DescribeNegationTo(std::ostream* os) const;

 private:
  bool Compare(const std::vector<SeenRecord>& seen, ::testing::MatchResultListener* listener) const;
  void Describe(std::ostream* os, const char* verb) const;

  Part part_;
  std::vector<Text> expected_;
};

class CountMatcher {
 public:
  using is_gtest_matcher = void;
  explicit CountMatcher(::testing::Matcher<int64_t> count) : count_(std::move(count)) {}
  template <class Log>
  bool MatchAndExplain(const Log& log, ::testing::MatchResultListener* listener) const {
    return Compare(See(log, Part::kValue), listener);
  }
  void DescribeTo(std::ostream* os) const;
  void DescribeNegationTo(std::ostream* os) const;

 private:
  bool Compare(const std::vector<SeenRecord>& seen, ::testing::MatchResultListener* listener) const;

  ::testing::Matcher<int64_t> count_;
};

// How often one record is there, told by its id or by its value.
class StoredMatcher {
 public:
  using is_gtest_matcher = void;
  StoredMatcher(model::RecordId id, ::testing::Matcher<int64_t> times)
      : id_(id), times_(std::move(times)) {}
  StoredMatcher(std::string_view value, ::testing::Matcher<int64_t> times)
      : value_(value), times_(std::move(times)) {}
  template <class Log>
  bool MatchAndExplain(const Log& log, ::testing::MatchResultListener* listener) const {
    return Compare(See(log, Part::kValue), listener);
  }
  void DescribeTo(std::ostream* os) const;
  void DescribeNegationTo(std::ostream* os) const;

 private:
  bool Compare(const std::vector<SeenRecord>& seen, ::testing::MatchResultListener* listener) const;
  std::string Wanted() const;

  model::RecordId id_;
  Text value_;
  ::testing::Matcher<int64_t> times_;
};

}  // namespace support_internal

// Exactly these values, in this order; each a text or std::nullopt.
template <class... Values>
support_internal::ListMatcher HasRecords(const Values&... values) {
  return {support_internal::Part::kValue, {support_internal::ToText(values)...}};
}
// The same, for values that are in a list already.
inline support_internal::ListMatcher HasRecordsArray(const std::vector<std::string>& values) {
  return {support_internal::Part::kValue, {values.begin(), values.end()}};
}

// Exactly these keys, in this order.
template <class... Keys>
support_internal::ListMatcher HasKeys(const Keys&... keys) {
  return {support_internal::Part::kKey, {support_internal::ToText(keys)...}};
}
inline support_internal::ListMatcher HasKeysArray(const std::vector<std::string>& keys) {
  return {support_internal::Part::kKey, {keys.begin(), keys.end()}};
}

// As many records, whatever they are: a number, or a matcher of one.
inline support_internal::CountMatcher HasRecordCount(::testing::Matcher<int64_t> count) {
  return support_internal::CountMatcher(std::move(count));
}
inline support_internal::ListMatcher IsEmptyLog() { return HasRecords(); }

// The record (of History, where ids are given) or value is there so many times, wherever.
inline support_internal::StoredMatcher Stored(model::RecordId id,
                                              ::testing::Matcher<int64_t> times) {
  return {id, std::move(times)};
}
inline support_internal::StoredMatcher Stored(std::string_view value,
                                              ::testing::Matcher<int64_t> times) {
  return {value, std::move(times)};
}
inline support_internal::StoredMatcher StoredOnce(model::RecordId id) { return Stored(id, 1); }
inline support_internal::StoredMatcher StoredOnce(std::string_view value) {
  return Stored(value, 1);
}
inline support_internal::StoredMatcher NotStored(model::RecordId id) { return Stored(id, 0); }
inline support_internal::StoredMatcher NotStored(std::string_view value) {
  return Stored(value, 0);
}

}  // namespace norn

#endif  // NORN_TESTS_SUPPORT_LOG_MATCHERS_H_
