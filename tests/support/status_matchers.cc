#include "tests/support/status_matchers.h"

namespace norn::support_internal {

void ExplainStatus(const absl::Status& status, ::testing::MatchResultListener* listener) {
  *listener << (status.ok() ? "which is OK" : "which is " + status.ToString());
}

bool StatusIsMatcher::MatchStatus(const absl::Status& status,
                                  ::testing::MatchResultListener* listener) const {
  ExplainStatus(status, listener);
  return code_.Matches(status.code()) &&
         (!message_.has_value() || message_->Matches(std::string(status.message())));
}

void StatusIsMatcher::DescribeTo(std::ostream* os) const {
  *os << "has a code that ";
  code_.DescribeTo(os);
  if (!message_.has_value()) return;
  *os << " and a message that ";
  message_->DescribeTo(os);
}

void StatusIsMatcher::DescribeNegationTo(std::ostream* os) const {
  *os << "has a code that ";
  code_.DescribeNegationTo(os);
  if (!message_.has_value()) return;
  *os << " or a message that ";
  message_->DescribeNegationTo(os);
}

}  // namespace norn::support_internal
