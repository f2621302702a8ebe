#include "tests/support/status_matchers.h"

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "gmock/gmock.h"
#include "gtest/gtest-spi.h"
#include "gtest/gtest.h"
#include "tests/support_test/explain.h"

namespace norn {
namespace {

using ::testing::AnyOf;
using ::testing::ElementsAre;
using ::testing::Gt;
using ::testing::HasSubstr;
using ::testing::Not;

const absl::Status kBad = absl::InvalidArgumentError("linger.ms=x: a number of milliseconds");

TEST(IsOkStatus, TakesStatusAndStatusOr) {
  EXPECT_THAT(absl::OkStatus(), IsOkStatus());
  EXPECT_THAT(absl::StatusOr<int>(3), IsOkStatus());
  EXPECT_THAT(kBad, Not(IsOkStatus()));
  EXPECT_EQ(Explain(IsOkStatus(), kBad),
            "which is INVALID_ARGUMENT: linger.ms=x: a number of milliseconds");
  EXPECT_EQ(Explain(IsOkStatus(), absl::StatusOr<int>(kBad)),
            "which is INVALID_ARGUMENT: linger.ms=x: a number of milliseconds");
  EXPECT_EQ(Describe<absl::Status>(IsOkStatus()), "is OK");
  EXPECT_EQ(DescribeNot<absl::Status>(IsOkStatus()), "is an error");
}

TEST(StatusIs, TakesACodeAndAMessage) {
  EXPECT_THAT(kBad, StatusIs(absl::StatusCode::kInvalidArgument));
  EXPECT_THAT(kBad, StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("linger.ms")));
  EXPECT_THAT(absl::StatusOr<int>(kBad), StatusIs(absl::StatusCode::kInvalidArgument));
  EXPECT_THAT(kBad,
              StatusIs(AnyOf(absl::StatusCode::kNotFound, absl::StatusCode::kInvalidArgument)));
  EXPECT_THAT(absl::OkStatus(), StatusIs(absl::StatusCode::kOk));
  EXPECT_THAT(kBad, Not(StatusIs(absl::StatusCode::kNotFound)));
}

TEST(StatusIs, SaysWhatTheStatusIs) {
  EXPECT_EQ(Explain(StatusIs(absl::StatusCode::kNotFound), kBad),
            "which is INVALID_ARGUMENT: linger.ms=x: a number of milliseconds");
  EXPECT_EQ(Explain(StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("acks")),
                    absl::StatusOr<int>(kBad)),
            "which is INVALID_ARGUMENT: linger.ms=x: a number of milliseconds");
  EXPECT_EQ(Explain(StatusIs(absl::StatusCode::kNotFound), absl::OkStatus()), "which is OK");
  EXPECT_EQ(Describe<absl::Status>(StatusIs(absl::StatusCode::kNotFound)),
            "has a code that is equal to NOT_FOUND");
  EXPECT_EQ(Describe<absl::Status>(StatusIs(absl::StatusCode::kNotFound, HasSubstr("acks"))),
            "has a code that is equal to NOT_FOUND and a message that has substring \"acks\"");
  EXPECT_EQ(DescribeNot<absl::Status>(StatusIs(absl::StatusCode::kNotFound, HasSubstr("acks"))),
            "has a code that isn't equal to NOT_FOUND or a message that has no substring \"acks\"");
}

TEST(IsOkAndHolds, LooksAtTheValue) {
  const absl::StatusOr<int> three = 3;
  EXPECT_THAT(three, IsOkAndHolds(3));
  EXPECT_THAT(three, IsOkAndHolds(Gt(2)));
  EXPECT_THAT(absl::StatusOr<int>(3), IsOkAndHolds(Gt(2)));
  EXPECT_THAT(absl::StatusOr<std::string>("abc"), IsOkAndHolds("abc"));
  EXPECT_THAT(absl::StatusOr<std::vector<int>>({1, 2}), IsOkAndHolds(ElementsAre(1, 2)));
  EXPECT_THAT(absl::StatusOr<int>(kBad), Not(IsOkAndHolds(3)));
}

TEST(IsOkAndHolds, SaysWhatItHolds) {
  EXPECT_EQ(Explain(IsOkAndHolds(Gt(5)), absl::StatusOr<int>(3)), "which holds 3");
  EXPECT_EQ(Explain(IsOkAndHolds(ElementsAre(1)), absl::StatusOr<std::vector<int>>({1, 2})),
            "which holds { 1, 2 }, which has 2 elements");
  EXPECT_EQ(Explain(IsOkAndHolds(3), absl::StatusOr<int>(kBad)),
            "which is INVALID_ARGUMENT: linger.ms=x: a number of milliseconds");
  EXPECT_EQ(Describe<absl::StatusOr<int>>(IsOkAndHolds(3)),
            "is OK and holds a value that is equal to 3");
  EXPECT_EQ(DescribeNot<absl::StatusOr<int>>(IsOkAndHolds(3)),
            "is an error or holds a value that isn't equal to 3");
}

TEST(IsOkAndHolds, FailsReadably) {
  EXPECT_NONFATAL_FAILURE(EXPECT_THAT(absl::StatusOr<int>(kBad), IsOkAndHolds(3)),
                          "which is INVALID_ARGUMENT: linger.ms=x");
}

}  // namespace
}  // namespace norn
