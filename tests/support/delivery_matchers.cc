#include "tests/support/delivery_matchers.h"

#include <ostream>
#include <string_view>

namespace norn {
namespace {

using model::ClientError;
using model::DeliveryReport;
using model::DeliveryStatus;
using model::Error;
using model::Outcome;
using ::testing::MakeMatcher;
using ::testing::MatcherInterface;
using ::testing::MatchResultListener;

using ReportMatcherInterface = MatcherInterface<const DeliveryReport&>;

// What an outcome says of the log, which its name does not.
std::string_view Meaning(Outcome outcome) {
  switch (outcome) {
    case Outcome::kPending:
      return "which is still under way";
    case Outcome::kOk:
      return "which was acknowledged";
    case Outcome::kFailed:
      return "which failed, and was not written by any attempt";
    case Outcome::kUnknown:
      return "which is not known to have failed: it was reported so, but an attempt may have "
             "written it";
  }
  return "";
}

class OutcomeMatcher : public ReportMatcherInterface {
 public:
  explicit OutcomeMatcher(Outcome outcome) : outcome_(outcome) {}
  bool MatchAndExplain(const DeliveryReport& report, MatchResultListener* listener) const override {
    if (report.outcome == outcome_) return true;
    *listener << Meaning(report.outcome);
    return false;
  }
  void DescribeTo(std::ostream* os) const override { *os << "is " << outcome_; }
  void DescribeNegationTo(std::ostream* os) const override { *os << "is not " << outcome_; }

 private:
  Outcome outcome_;
};

class WithPart : public ReportMatcherInterface {
 public:
  WithPart(Outcome outcome, DeliveryMatcher part)
      : outcome_(MakeMatcher(new OutcomeMatcher(outcome))), part_(std::move(part)) {}
  bool MatchAndExplain(const DeliveryReport& report, MatchResultListener* listener) const override {
    return outcome_.MatchAndExplain(report, listener) && part_.MatchAndExplain(report, listener);
  }
  void DescribeTo(std::ostream* os) const override {
    outcome_.DescribeTo(os);
    *os << " ";
    part_.DescribeTo(os);
  }
  void DescribeNegationTo(std::ostream* os) const override {
    outcome_.DescribeNegationTo(os);
    *os << " or not ";
    part_.DescribeTo(os);
  }

 private:
  DeliveryMatcher outcome_;
  DeliveryMatcher part_;
};

// One field of the report: what it is called, what it should be.
class FieldMatcher : public ReportMatcherInterface {
 public:
  // Says what is wrong with the report, or nothing.
  using Complaint = std::string (*)(const DeliveryReport& report, const std::string& wanted);
  FieldMatcher(std::string description, std::string wanted, Complaint complaint)
      : description_(std::move(description)), wanted_(std::move(wanted)), complaint_(complaint) {}
  bool MatchAndExplain(const DeliveryReport& report, MatchResultListener* listener) const override {
    const std::string complaint = complaint_(report, wanted_);
    *listener << complaint;
    return complaint.empty();
  }
  void DescribeTo(std::ostream* os) const override { *os << description_; }
  void DescribeNegationTo(std::ostream* os) const override { *os << "not " << description_; }

 private:
  std::string description_;
  std::string wanted_;
  Complaint complaint_;
};

// One field of the report that a matcher of its own judges.
template <class T>
class MatchedField : public ReportMatcherInterface {
 public:
  MatchedField(std::string description, T DeliveryReport::*field, std::string complaint,
               ::testing::Matcher<T> inner)
      : description_(std::move(description)),
        field_(field),
        complaint_(std::move(complaint)),
        inner_(std::move(inner)) {}
  bool MatchAndExplain(const DeliveryReport& report, MatchResultListener* listener) const override {
    if (inner_.Matches(report.*field_)) return true;
    *listener << complaint_ << ::testing::PrintToString(report.*field_);
    return false;
  }
  void DescribeTo(std::ostream* os) const override {
    *os << description_ << " that ";
    inner_.DescribeTo(os);
  }
  void DescribeNegationTo(std::ostream* os) const override {
    *os << description_ << " that ";
    inner_.DescribeNegationTo(os);
  }

 private:
  std::string description_;
  T DeliveryReport::*field_;
  std::string complaint_;
  ::testing::Matcher<T> inner_;
};

// How the client names what went wrong, and how the protocol does.
std::string Failure(const DeliveryReport& report) {
  const std::string_view exception = model::ErrorName(report);
  std::string text(exception.empty() ? "no error" : exception);
  if (report.error != Error::kNone) text += " (" + std::string(Name(report.error)) + ")";
  return text;
}

std::string WrongOffset(const DeliveryReport& report, const std::string& wanted) {
  const std::string actual = ::testing::PrintToString(report.offset);
  if (actual == wanted) return "";
  return report.offset.is_none() ? "which has no offset" : "which is at " + actual;
}

std::string WrongPartition(const DeliveryReport& report, const std::string& wanted) {
  const std::string actual = ::testing::PrintToString(report.partition);
  if (actual == wanted) return "";
  return report.partition.is_none() ? "which was given no partition"
                                    : "which is on partition " + actual;
}

std::string WrongName(const DeliveryReport& report, const std::string& wanted) {
  const bool named = model::ErrorName(report) == wanted ||
                     (report.error != Error::kNone && Name(report.error) == wanted);
  return named ? "" : "whose error is " + Failure(report);
}

std::string WrongStatus(const DeliveryReport& report, const std::string& wanted) {
  if (Name(report.status) == wanted) return "";
  return report.status == DeliveryStatus::kNone ? "which has no status"
                                                : "which is " + std::string(Name(report.status));
}

std::string NotRefused(const DeliveryReport& report, const std::string&) {
  return report.refused ? ""
                        : "which was taken, and is " + ::testing::PrintToString(report.outcome);
}

}  // namespace

DeliveryMatcher At(model::Offset offset) {
  const std::string wanted = ::testing::PrintToString(offset);
  return MakeMatcher(new FieldMatcher("at " + wanted, wanted, WrongOffset));
}

DeliveryMatcher At(int64_t offset) { return At(model::Offset(offset)); }

DeliveryMatcher OnPartition(int32_t partition) {
  const std::string wanted = ::testing::PrintToString(model::PartitionIndex(partition));
  return MakeMatcher(new FieldMatcher("on partition " + wanted, wanted, WrongPartition));
}

DeliveryMatcher AfterAttempts(::testing::Matcher<int> attempts) {
  return MakeMatcher(new MatchedField<int>("after a number of attempts", &DeliveryReport::attempts,
                                           "whose attempts are ", std::move(attempts)));
}

DeliveryMatcher With(Error error) {
  return MakeMatcher(new FieldMatcher("with error " + std::string(Name(error)),
                                      std::string(Name(error)), WrongName));
}

DeliveryMatcher With(ClientError error) { return With(std::string(Name(error))); }

DeliveryMatcher With(std::string name) {
  return MakeMatcher(new FieldMatcher("with error " + name, name, WrongName));
}

DeliveryMatcher WithMessage(::testing::Matcher<std::string> message) {
  return MakeMatcher(new MatchedField<std::string>("with a message", &DeliveryReport::message,
                                                   "whose message is ", std::move(message)));
}

DeliveryMatcher HasStatus(DeliveryStatus status) {
  const std::string wanted(Name(status));
  return MakeMatcher(new FieldMatcher("with status " + wanted, wanted, WrongStatus));
}

DeliveryMatcher WasRefused() {
  return MakeMatcher(new FieldMatcher("was refused by the call", "", NotRefused));
}

DeliveryMatcher HasOutcome(Outcome outcome) { return MakeMatcher(new OutcomeMatcher(outcome)); }

DeliveryMatcher HasOutcome(Outcome outcome, DeliveryMatcher part) {
  return MakeMatcher(new WithPart(outcome, std::move(part)));
}

}  // namespace norn
