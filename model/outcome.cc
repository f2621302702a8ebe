#include "model/outcome.h"

namespace norn::model {

std::string_view Name(ClientError error) {
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
    case ClientError::kMsgTimedOut:
      return "_MSG_TIMED_OUT";
    case ClientError::kQueueFull:
      return "_QUEUE_FULL";
    case ClientError::kUnknownPartition:
      return "_UNKNOWN_PARTITION";
    case ClientError::kUnknownTopic:
      return "_UNKNOWN_TOPIC";
    case ClientError::kPurgeQueue:
      return "_PURGE_QUEUE";
    case ClientError::kPurgeInflight:
      return "_PURGE_INFLIGHT";
    case ClientError::kFatal:
      return "_FATAL";
    case ClientError::kInconsistent:
      return "_INCONSISTENT";
    case ClientError::kTransport:
      return "_TRANSPORT";
  }
  return "";
}

std::string_view Name(DeliveryStatus status) {
  constexpr std::string_view kNames[] = {"", "NOT_PERSISTED", "POSSIBLY_PERSISTED", "PERSISTED"};
  return kNames[static_cast<int>(status)];
}

std::string_view ErrorName(const DeliveryReport& report) {
  if (report.client_error != ClientError::kNone) return Name(report.client_error);
  if (report.error == Error::kNone) return "";
  return report.library == ClientLibrary::kJava ? JavaException(report.error)
                                                : LibrdkafkaName(report.error);
}

std::ostream& operator<<(std::ostream& os, const DeliveryReport& report) {
  os << report.outcome;
  if (report.outcome == Outcome::kPending) return os;
  if (report.outcome == Outcome::kOk) {
    os << " " << report.partition;
    if (!report.offset.is_none()) os << " " << report.offset;
  } else {
    os << " " << ErrorName(report) << ": " << report.message;
  }
  return os << " after " << report.attempts << (report.attempts == 1 ? " attempt" : " attempts");
}

}  // namespace norn::model
