// What a test says of an absl::Status or absl::StatusOr: how configs and scenarios answer what
// comes in from outside. (Debian's Abseil has no status matchers of its own.)
//
//   EXPECT_THAT(status, IsOkStatus());
//   EXPECT_THAT(JavaProducerConfig::Parse(Flavour::kJava41, settings, nullptr),
//               StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("linger.ms")));
//   EXPECT_THAT(ParseNumber("3"), IsOkAndHolds(Gt(2)));
//
// IsOk() without "Status" is what a DeliveryReport is: see delivery_matchers.h.
#ifndef NORN_TESTS_SUPPORT_STATUS_MATCHERS_H_
#define NORN_TESTS_SUPPORT_STATUS_MATCHERS_H_

#include <optional>
#include <ostream>
#include <string>
#include <type_traits>
#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "gmock/gmock.h"

namespace norn {
namespace support_internal {

inline const absl::Status& StatusOf(const absl::Status& status) { return status; }
template <class T>
const absl::Status& StatusOf(const absl::StatusOr<T>& result) {
  return result.status();
}

// Says what the status is where gmock, which prints a StatusOr as bytes, does not.
void ExplainStatus(const absl::Status& status, ::testing::MatchResultListener* listener);

class IsOkStatusMatcher {
 public:
  using is_gtest_matcher = void;
  template <class StatusOrResult>
  bool MatchAndExplain(const StatusOrResult& result,
                       ::testing::MatchResultListener* listener) const {
    const absl::Status& status = StatusOf(result);
    if (!status.ok()) ExplainStatus(status, listener);
    return status.ok();
  }
  void DescribeTo(std::ostream* os) const { *os << "is OK"; }
  void DescribeNegationTo(std::ostream* os) const { *os << "is an error"; }
};

class StatusIsMatcher {
 public:
  using is_gtest_matcher = void;
  explicit StatusIsMatcher(
      ::testing::Matcher<absl::StatusCode> code,
      std::optional<::testing::Matcher<const std::string&>> message = std::nullopt)
      : code_(std::move(code)), message_(std::move(message)) {}

  template <class StatusOrResult>
  bool MatchAndExplain(const StatusOrResult& result,
                       ::testing::MatchResultListener* listener) const {
    return MatchStatus(StatusOf(result), listener);
  }
  void DescribeTo(std::ostream* os) const;
  void DescribeNegationTo(std::ostream* os) const;

 private:
  bool MatchStatus(const absl::Status& status, ::testing::MatchResultListener* listener) const;

  ::testing::Matcher<absl::StatusCode> code_;
  std::optional<::testing::Matcher<const std::string&>> message_;
};

// `Result` is absl::StatusOr<T>, const or a reference to one.
template <class Result>
class IsOkAndHoldsImpl : public ::testing::MatcherInterface<Result> {
 public:
  using Value = typename std::remove_reference_t<Result>::value_type;
  template <class ValueMatcher>
  explicit IsOkAndHoldsImpl(const ValueMatcher& value)
      : value_(::testing::SafeMatcherCast<const Value&>(value)) {}

  bool MatchAndExplain(Result result, ::testing::MatchResultListener* listener) const override {
    if (!result.ok()) {
      ExplainStatus(result.status(), listener);
      return false;
    }
    ::testing::StringMatchResultListener inner;
    const bool matches = value_.MatchAndExplain(*result, &inner);
    *listener << "which holds " << ::testing::PrintToString(*result);
    if (!inner.str().empty()) *listener << ", " << inner.str();
    return matches;
  }
  void DescribeTo(std::ostream* os) const override {
    *os << "is OK and holds a value that ";
    value_.DescribeTo(os);
  }
  void DescribeNegationTo(std::ostream* os) const override {
    *os << "is an error or holds a value that ";
    value_.DescribeNegationTo(os);
  }

 private:
  ::testing::Matcher<const Value&> value_;
};

template <class ValueMatcher>
class IsOkAndHoldsMatcher {
 public:
  explicit IsOkAndHoldsMatcher(ValueMatcher value) : value_(std::move(value)) {}
  template <class Result>
  operator ::testing::Matcher<Result>() const {
    return ::testing::Matcher<Result>(new IsOkAndHoldsImpl<const Result&>(value_));
  }

 private:
  ValueMatcher value_;
};

}  // namespace support_internal

// A Status that is OK, a StatusOr that holds a value.
inline support_internal::IsOkStatusMatcher IsOkStatus() { return {}; }

// A status of that code, or of one that the matcher takes; and with such a message.
inline support_internal::StatusIsMatcher StatusIs(::testing::Matcher<absl::StatusCode> code) {
  return support_internal::StatusIsMatcher(std::move(code));
}
inline support_internal::StatusIsMatcher StatusIs(::testing::Matcher<absl::StatusCode> code,
                                                  ::testing::Matcher<const std::string&> message) {
  return support_internal::StatusIsMatcher(std::move(code), std::move(message));
}

// A StatusOr that holds such a value.
template <class ValueMatcher>
support_internal::IsOkAndHoldsMatcher<std::decay_t<ValueMatcher>> IsOkAndHolds(
    ValueMatcher&& value) {
  return support_internal::IsOkAndHoldsMatcher<std::decay_t<ValueMatcher>>(
      std::forward<ValueMatcher>(value));
}

}  // namespace norn

#endif  // NORN_TESTS_SUPPORT_STATUS_MATCHERS_H_
