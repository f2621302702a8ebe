#include "tests/support/log_matchers.h"

#include <algorithm>
#include <cstddef>

namespace norn::support_internal {
namespace {

// More lines than a reader takes in.
constexpr size_t kMaxDifferences = 12;

}  // namespace

std::vector<SeenRecord> See(const model::LogView& log, Part part) {
  std::vector<SeenRecord> seen;
  for (const model::StoredRecord& record : log.records()) {
    Text text = part == Part::kKey ? record.key : record.value;
    if (part == Part::kValue && !text.has_value() && record.value_size >= 0)
      text = "<" + std::to_string(record.value_size) + " B>";
    seen.push_back({record.offset, record.id, std::move(text), model::Provenance(record)});
  }
  return seen;
}

std::vector<SeenRecord> See(const std::vector<model::ConsumedRecord>& records, Part part) {
  std::vector<SeenRecord> seen;
  for (const model::ConsumedRecord& record : records)
    seen.push_back({record.offset, record.id, part == Part::kKey ? record.key : record.value});
  return seen;
}

std::vector<SeenRecord> See(const model::PollResult& polled, Part part) {
  return See(polled.records, part);
}

bool ListMatcher::Compare(const std::vector<SeenRecord>& seen,
                          ::testing::MatchResultListener* listener) const {
  const std::vector<std::string> differences = Differences(expected_, seen);
  if (differences.empty()) return true;
  if (expected_.empty()) {
    *listener << "which holds " << model::RecordCount(static_cast<int64_t>(seen.size()));
    return false;
  }
  const char* separator = differences.size() == 1 ? "" : "\n      ";
  for (size_t i = 0; i < std::min(differences.size(), kMaxDifferences); ++i)
    *listener << separator << differences[i];
  if (differences.size() > kMaxDifferences)
    *listener << separator << "and " << differences.size() - kMaxDifferences << " more differences";
  return false;
}

void ListMatcher::Describe(std::ostream* os, const char* verb) const {
  *os << verb << (part_ == Part::kKey ? " keys" : " records");
  const char* separator = " ";
  for (const Text& text : expected_) {
    *os << separator << Quoted(text);
    separator = ", ";
  }
}

void ListMatcher::DescribeTo(std::ostream* os) const {
  if (expected_.empty()) {
    *os << "is empty";
  } else {
    Describe(os, "has");
  }
}

void ListMatcher::DescribeNegationTo(std::ostream* os) const {
  if (expected_.empty()) {
    *os << "is not empty";
  } else {
    Describe(os, "has other than exactly the");
  }
}

bool CountMatcher::Compare(const std::vector<SeenRecord>& seen,
                           ::testing::MatchResultListener* listener) const {
  const auto count = static_cast<int64_t>(seen.size());
  *listener << "which has " << model::RecordCount(count);
  return count_.Matches(count);
}

void CountMatcher::DescribeTo(std::ostream* os) const {
  *os << "has a number of records that ";
  count_.DescribeTo(os);
}

void CountMatcher::DescribeNegationTo(std::ostream* os) const {
  *os << "has a number of records that ";
  count_.DescribeNegationTo(os);
}

std::string StoredMatcher::Wanted() const {
  return value_.has_value() ? Quoted(value_) : "record " + ::testing::PrintToString(id_);
}

bool StoredMatcher::Compare(const std::vector<SeenRecord>& seen,
                            ::testing::MatchResultListener* listener) const {
  std::vector<model::Offset> offsets;
  for (const SeenRecord& record : seen)
    if (value_.has_value() ? record.text == value_ : record.id == id_)
      offsets.push_back(record.offset);
  *listener << "which holds " << Wanted();
  if (offsets.empty()) {
    *listener << " nowhere";
  } else {
    *listener << (offsets.size() == 1 ? " once" : " " + std::to_string(offsets.size()) + " times");
    const char* separator = ", at ";
    for (model::Offset offset : offsets) {
      *listener << separator << offset;
      separator = " and ";
    }
  }
  return times_.Matches(static_cast<int64_t>(offsets.size()));
}

void StoredMatcher::DescribeTo(std::ostream* os) const {
  *os << "holds " << Wanted() << " a number of times that ";
  times_.DescribeTo(os);
}

void StoredMatcher::DescribeNegationTo(std::ostream* os) const {
  *os << "holds " << Wanted() << " a number of times that ";
  times_.DescribeNegationTo(os);
}

}  // namespace norn::support_internal
