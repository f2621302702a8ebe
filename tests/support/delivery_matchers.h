// What a test says of a DeliveryReport: what became of one record, as far as its producer knows.
//
//   EXPECT_THAT(report, IsOk());
//   EXPECT_THAT(report, IsOk(At(17)));                      // acknowledged, as offset 17
//   EXPECT_THAT(report, IsOk(AfterAttempts(2)));            // and sent twice for it
//   EXPECT_THAT(report, HasFailed("TimeoutException"));     // and was certainly not written
//   EXPECT_THAT(report, HasFailed(Error::kMessageTooLarge));
//   EXPECT_THAT(report, HasFailed(HasSubstr("larger than")));   // its message
//   EXPECT_THAT(report, HasFailed("TimeoutException", HasSubstr("120000 ms has passed")));
//   EXPECT_THAT(report, IsUnknown());                       // failed, and may have been written
//
//   EXPECT_THAT(report, HasStatus(DeliveryStatus::kPersisted)); // librdkafka's word for it
//   EXPECT_THAT(report, WasRefused("_QUEUE_FULL"));         // produce() itself returned an error
//
// HasFailed and IsUnknown are strict: a report whose record may be in the log after all does not
// "fail". Where both are right, say AnyOf(HasFailed(...), IsUnknown(...)).
#ifndef NORN_TESTS_SUPPORT_DELIVERY_MATCHERS_H_
#define NORN_TESTS_SUPPORT_DELIVERY_MATCHERS_H_

#include <cstdint>
#include <string>
#include <type_traits>
#include <utility>

#include "gmock/gmock.h"
#include "model/error.h"
#include "model/ids.h"
#include "model/outcome.h"

namespace norn {

using DeliveryMatcher = ::testing::Matcher<const model::DeliveryReport&>;

// Parts of a report, for the matchers below; AllOf(At(0), OnPartition(2)) joins them.
DeliveryMatcher At(model::Offset offset);
DeliveryMatcher At(int64_t offset);
DeliveryMatcher OnPartition(int32_t partition);
// As many Produce requests carried the record.
DeliveryMatcher AfterAttempts(::testing::Matcher<int> attempts);

// What went wrong: a broker's error, the client's own,
DeliveryMatcher With(model::Error error);
DeliveryMatcher With(model::ClientError error);
// either by name, as Java ("TimeoutException") or the protocol ("NETWORK_EXCEPTION") has it,
DeliveryMatcher With(std::string name);
inline DeliveryMatcher With(const char* name) { return With(std::string(name)); }
// or the message the application reads.
DeliveryMatcher WithMessage(::testing::Matcher<std::string> message);
// Any other matcher is one of strings, and about the message.
template <class Message, class = std::enable_if_t<!std::is_convertible_v<Message, std::string> &&
                                                  !std::is_same_v<Message, DeliveryMatcher>>>
DeliveryMatcher With(const Message& message) {
  return WithMessage(::testing::SafeMatcherCast<std::string>(message));
}
inline DeliveryMatcher With(DeliveryMatcher part) { return part; }

DeliveryMatcher HasOutcome(model::Outcome outcome);
// The outcome, and the part too.
DeliveryMatcher HasOutcome(model::Outcome outcome, DeliveryMatcher part);

// Acknowledged.
inline DeliveryMatcher IsOk() { return HasOutcome(model::Outcome::kOk); }
inline DeliveryMatcher IsOk(DeliveryMatcher part) {
  return HasOutcome(model::Outcome::kOk, std::move(part));
}

// Failed, and no attempt wrote it. `what`, if given, is anything With takes.
inline DeliveryMatcher HasFailed() { return HasOutcome(model::Outcome::kFailed); }
template <class What>
DeliveryMatcher HasFailed(const What& what) {
  return HasOutcome(model::Outcome::kFailed, With(what));
}
template <class What>
DeliveryMatcher HasFailed(const What& what, ::testing::Matcher<std::string> message) {
  return ::testing::AllOf(HasFailed(what), WithMessage(std::move(message)));
}

// Reported as failed, though an attempt may have written it. `what` and `message` as above.
inline DeliveryMatcher IsUnknown() { return HasOutcome(model::Outcome::kUnknown); }
template <class What>
DeliveryMatcher IsUnknown(const What& what) {
  return HasOutcome(model::Outcome::kUnknown, With(what));
}
template <class What>
DeliveryMatcher IsUnknown(const What& what, ::testing::Matcher<std::string> message) {
  return ::testing::AllOf(IsUnknown(what), WithMessage(std::move(message)));
}

// What librdkafka says of where the record may be.
DeliveryMatcher HasStatus(model::DeliveryStatus status);
// An error that produce() itself returned: no delivery report follows it. `what` as above.
DeliveryMatcher WasRefused();
template <class What>
DeliveryMatcher WasRefused(const What& what) {
  return ::testing::AllOf(WasRefused(), With(what));
}

// Still under way.
inline DeliveryMatcher IsPending() { return HasOutcome(model::Outcome::kPending); }

}  // namespace norn

#endif  // NORN_TESTS_SUPPORT_DELIVERY_MATCHERS_H_
