// What became of one record, in two readings: what the client told its application (error, message,
// offset), and what can be known of the record from outside.
//
//   ok       acknowledged
//   failed   reported failed, and certain not to be written by any of its attempts
//   unknown  reported failed, though an attempt may have been written: lost answers, closed
//            connections, timeouts in flight (the ambiguity list after the error table of the
//            protocol's guide). A test must not take it for "not stored"
//
// Example:
//   DeliveryReport report = cluster.Await(producer.Send({.topic = "topic1", .value = "Hello
//   Kafka"})); EXPECT_THAT(report, IsOk());
#ifndef NORN_MODEL_OUTCOME_H_
#define NORN_MODEL_OUTCOME_H_

#include <cstdint>
#include <ostream>
#include <string>
#include <string_view>

#include "model/error.h"
#include "model/ids.h"
#include "sim/time.h"

namespace norn::model {

enum class Outcome : uint8_t { kPending, kOk, kFailed, kUnknown };
constexpr std::string_view Name(Outcome outcome) {
  constexpr std::string_view kNames[] = {"pending", "ok", "failed", "unknown"};
  return kNames[static_cast<int>(outcome)];
}
inline std::ostream& operator<<(std::ostream& os, Outcome outcome) { return os << Name(outcome); }

// Failures that the client makes itself and that have no code in the protocol.
enum class ClientError : uint8_t {
  kNone,
  kTimeout,          // TimeoutException: metadata, or a batch that expired
  kBufferExhausted,  // BufferExhaustedException: no memory within max.block.ms
  kRecordTooLarge,   // RecordTooLargeException, found before anything was sent
  kClosed,           // KafkaException: the producer was closed before it was done
  kIllegalState,     // IllegalStateException: sent after the producer was closed
};
std::string_view JavaException(ClientError error);

struct DeliveryReport {
  Outcome outcome = Outcome::kPending;
  Error error = Error::kNone;  // the last one a broker answered, or NETWORK_EXCEPTION
  ClientError client_error = ClientError::kNone;
  std::string message;       // the real client's own words; empty if ok
  PartitionIndex partition;  // none if the record never got one
  Offset offset;             // none unless ok, and with acks=0 not even then
  int attempts = 0;          // Produce requests that carried it
  sim::Time at;              // when the client was done with it

  bool ok() const { return outcome == Outcome::kOk; }
  friend bool operator==(const DeliveryReport&, const DeliveryReport&) = default;
};

// "failed TimeoutException: Expiring 1 record(s) for topic1-0:120000 ms has passed ..."
std::ostream& operator<<(std::ostream& os, const DeliveryReport& report);
// The class Java's client would throw or hand to a callback; empty if there is none.
std::string_view ExceptionName(const DeliveryReport& report);

}  // namespace norn::model

#endif  // NORN_MODEL_OUTCOME_H_
