// What a matcher says, for tests of what matchers say.
#ifndef NORN_TESTS_SUPPORT_TEST_EXPLAIN_H_
#define NORN_TESTS_SUPPORT_TEST_EXPLAIN_H_

#include <string>

#include "gmock/gmock.h"

namespace norn {

// What follows the printed value in a failure; "matches" if it does.
template <class Value, class Matcher>
std::string Explain(const Matcher& matcher, const Value& value) {
  ::testing::StringMatchResultListener listener;
  const ::testing::Matcher<const Value&> typed(matcher);
  return typed.MatchAndExplain(value, &listener) ? "matches" : listener.str();
}

// What follows "Expected: " in a failure, also of Not(matcher).
template <class Value, class Matcher>
std::string Describe(const Matcher& matcher) {
  return ::testing::DescribeMatcher<const Value&>(matcher);
}
template <class Value, class Matcher>
std::string DescribeNot(const Matcher& matcher) {
  return ::testing::DescribeMatcher<const Value&>(matcher, /*negation=*/true);
}

}  // namespace norn

#endif  // NORN_TESTS_SUPPORT_TEST_EXPLAIN_H_
