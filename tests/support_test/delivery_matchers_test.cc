#include "tests/support/delivery_matchers.h"

#include <optional>
#include <string>

#include "gmock/gmock.h"
#include "gtest/gtest-spi.h"
#include "gtest/gtest.h"
#include "tests/support_test/explain.h"

namespace norn {
namespace {

using model::ClientError;
using model::DeliveryReport;
using model::DeliveryStatus;
using model::Error;
using model::Offset;
using model::Outcome;
using model::PartitionIndex;
using ::testing::AllOf;
using ::testing::AnyOf;
using ::testing::Ge;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::Optional;

DeliveryReport Acked() {
  DeliveryReport report;
  report.outcome = Outcome::kOk;
  report.partition = PartitionIndex(0);
  report.offset = Offset(17);
  report.attempts = 1;
  return report;
}

DeliveryReport Expired(Outcome outcome) {
  DeliveryReport report;
  report.outcome = outcome;
  report.client_error = ClientError::kTimeout;
  report.message = "Expiring 1 record(s) for topic1-0:120000 ms has passed";
  return report;
}

DeliveryReport TooLarge() {
  DeliveryReport report;
  report.outcome = Outcome::kFailed;
  report.error = Error::kMessageTooLarge;
  report.partition = PartitionIndex(0);
  report.message = "The request included a message larger than the max message size";
  report.attempts = 1;
  return report;
}

TEST(IsOk, TakesWhatWasAcknowledged) {
  EXPECT_THAT(Acked(), IsOk());
  EXPECT_THAT(std::optional<DeliveryReport>(Acked()), Optional(IsOk()));
  EXPECT_THAT(DeliveryReport(), Not(IsOk()));
  EXPECT_THAT(Expired(Outcome::kUnknown), Not(IsOk()));
}

TEST(IsOk, SaysWhatTheOtherOutcomesMean) {
  EXPECT_EQ(Explain(IsOk(), DeliveryReport()), "which is still under way");
  EXPECT_EQ(Explain(IsOk(), TooLarge()), "which failed, and was not written by any attempt");
  EXPECT_EQ(Explain(HasFailed(), Acked()), "which was acknowledged");
  EXPECT_EQ(Explain(HasFailed(), Expired(Outcome::kUnknown)),
            "which is not known to have failed: it was reported so, but an attempt may have "
            "written it");
  EXPECT_NONFATAL_FAILURE(EXPECT_THAT(Expired(Outcome::kFailed), IsOk()),
                          "Expected: is ok\n"
                          "  Actual: failed TimeoutException: Expiring 1 record(s) for "
                          "topic1-0:120000 ms has passed after 0 attempts");
}

TEST(IsOk, LooksAtParts) {
  EXPECT_THAT(Acked(), IsOk(At(17)));
  EXPECT_THAT(Acked(), IsOk(At(Offset(17))));
  EXPECT_THAT(Acked(), IsOk(AllOf(At(17), OnPartition(0), AfterAttempts(1))));
  EXPECT_THAT(Acked(), IsOk(AfterAttempts(Ge(1))));
  EXPECT_EQ(Explain(IsOk(At(18)), Acked()), "which is at @17");
  EXPECT_EQ(Explain(IsOk(OnPartition(2)), Acked()), "which is on partition p0");
  EXPECT_EQ(Explain(IsOk(AfterAttempts(2)), Acked()), "whose attempts are 1");
  EXPECT_EQ(Describe<DeliveryReport>(IsOk(At(18))), "is ok at @18");
  EXPECT_EQ(DescribeNot<DeliveryReport>(IsOk(At(18))), "is not ok or not at @18");
  EXPECT_EQ(Describe<DeliveryReport>(IsOk(OnPartition(2))), "is ok on partition p2");
  EXPECT_EQ(Describe<DeliveryReport>(IsOk(AfterAttempts(2))),
            "is ok after a number of attempts that is equal to 2");
}

TEST(IsOk, SaysThatAReportWithoutOffsetHasNone) {
  DeliveryReport unacked = Acked();  // as with acks=0
  unacked.offset = Offset();
  unacked.partition = PartitionIndex();
  EXPECT_EQ(Explain(IsOk(At(0)), unacked), "which has no offset");
  EXPECT_EQ(Explain(IsOk(OnPartition(0)), unacked), "which was given no partition");
}

TEST(HasFailed, NamesTheErrorAsJavaOrTheProtocolDoes) {
  EXPECT_THAT(TooLarge(), HasFailed());
  EXPECT_THAT(TooLarge(), HasFailed(Error::kMessageTooLarge));
  EXPECT_THAT(TooLarge(), HasFailed("MESSAGE_TOO_LARGE"));
  EXPECT_THAT(TooLarge(), HasFailed("RecordTooLargeException"));
  EXPECT_THAT(Expired(Outcome::kFailed), HasFailed("TimeoutException"));
  EXPECT_THAT(Expired(Outcome::kFailed), HasFailed(ClientError::kTimeout));
  EXPECT_EQ(Explain(HasFailed(Error::kNotLeaderOrFollower), TooLarge()),
            "whose error is RecordTooLargeException (MESSAGE_TOO_LARGE)");
  EXPECT_EQ(Explain(HasFailed("KafkaException"), Expired(Outcome::kFailed)),
            "whose error is TimeoutException");
  EXPECT_EQ(Describe<DeliveryReport>(HasFailed(Error::kMessageTooLarge)),
            "is failed with error MESSAGE_TOO_LARGE");
  EXPECT_EQ(Describe<DeliveryReport>(HasFailed("TimeoutException")),
            "is failed with error TimeoutException");
}

TEST(HasFailed, MatchesTheMessage) {
  EXPECT_THAT(TooLarge(), HasFailed(HasSubstr("larger than")));
  EXPECT_THAT(TooLarge(), HasFailed(Error::kMessageTooLarge, HasSubstr("larger than")));
  EXPECT_THAT(TooLarge(), AllOf(HasFailed(), OnPartition(0)));
  EXPECT_EQ(Explain(HasFailed(HasSubstr("smaller")), TooLarge()),
            "whose message is \"The request included a message larger than the max message "
            "size\"");
  EXPECT_EQ(Describe<DeliveryReport>(HasFailed(HasSubstr("smaller"))),
            "is failed with a message that has substring \"smaller\"");
}

TEST(HasFailed, IsStrictAboutWhatMayHaveBeenWritten) {
  EXPECT_THAT(Expired(Outcome::kUnknown), Not(HasFailed("TimeoutException")));
  EXPECT_THAT(Expired(Outcome::kUnknown), IsUnknown());
  EXPECT_THAT(Expired(Outcome::kUnknown), IsUnknown("TimeoutException"));
  EXPECT_THAT(Expired(Outcome::kUnknown), IsUnknown(HasSubstr("120000 ms")));
  EXPECT_THAT(Expired(Outcome::kUnknown), IsUnknown("TimeoutException", HasSubstr("120000")));
  EXPECT_THAT(Expired(Outcome::kUnknown), AnyOf(HasFailed(), IsUnknown()));
  EXPECT_EQ(Explain(IsUnknown(), TooLarge()), "which failed, and was not written by any attempt");
}

TEST(HasOutcome, TakesEach) {
  EXPECT_THAT(DeliveryReport(), HasOutcome(Outcome::kPending));
  EXPECT_THAT(DeliveryReport(), IsPending());
  EXPECT_THAT(Acked(), HasOutcome(Outcome::kOk, At(17)));
  EXPECT_EQ(Describe<DeliveryReport>(IsUnknown()), "is unknown");
  EXPECT_EQ(DescribeNot<DeliveryReport>(IsUnknown()), "is not unknown");
}

TEST(HasStatus, IsLibrdkafkasWord) {
  DeliveryReport report = Acked();
  EXPECT_EQ(Explain(HasStatus(DeliveryStatus::kPersisted), report), "which has no status");
  report.status = DeliveryStatus::kPossiblyPersisted;
  EXPECT_THAT(report, HasStatus(DeliveryStatus::kPossiblyPersisted));
  EXPECT_THAT(report, IsOk(HasStatus(DeliveryStatus::kPossiblyPersisted)));
  EXPECT_EQ(Explain(HasStatus(DeliveryStatus::kPersisted), report), "which is POSSIBLY_PERSISTED");
  EXPECT_EQ(Describe<DeliveryReport>(HasStatus(DeliveryStatus::kPersisted)),
            "with status PERSISTED");
}

TEST(WasRefused, IsAnErrorOfTheCall) {
  DeliveryReport report = TooLarge();
  EXPECT_EQ(Explain(WasRefused(), report), "which was taken, and is failed");
  report.refused = true;
  EXPECT_THAT(report, WasRefused());
  EXPECT_THAT(report, WasRefused(Error::kMessageTooLarge));
  EXPECT_THAT(report, Not(WasRefused("TimeoutException")));
}

}  // namespace
}  // namespace norn
