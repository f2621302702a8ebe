#include "model/outcome.h"

namespace norn::model {

std::string_view JavaException(ClientError error) {
  switch (error) {
    case ClientError::kNone:
      return "";
    case ClientError::kTimeout:
      return "TimeoutException";
    case ClientError::kBufferExhausted:
      return "BufferExhaustedException";
    case ClientError::kRecordTooLarge:
      return "RecordTooLargeException";
    case ClientError::kClosed:
      return "KafkaException";
    case ClientError::kIllegalState:
      return "IllegalStateException";
  }
  return "";
}

std::string_view ExceptionName(const DeliveryReport& report) {
  if (report.client_error != ClientError::kNone) return JavaException(report.client_error);
  return report.error == Error::kNone ? std::string_view() : JavaException(report.error);
}

std::ostream& operator<<(std::ostream& os, const DeliveryReport& report) {
  os << report.outcome;
  if (report.outcome == Outcome::kPending) return os;
  if (report.outcome == Outcome::kOk) {
    os << " " << report.partition;
    if (!report.offset.is_none()) os << " " << report.offset;
  } else {
    os << " " << ExceptionName(report) << ": " << report.message;
  }
  return os << " after " << report.attempts << (report.attempts == 1 ? " attempt" : " attempts");
}

}  // namespace norn::model
