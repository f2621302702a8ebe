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

// Whose words a report is in.
enum class ClientLibrary : uint8_t { kJava, kLibrdkafka };

// Failures that the client makes itself and that have no code in the protocol. First Java's, then
// librdkafka's.
enum class ClientError : uint8_t {
  kNone,
  kTimeout,           // TimeoutException: metadata, or a batch that expired
  kBufferExhausted,   // BufferExhaustedException: no memory within max.block.ms
  kRecordTooLarge,    // RecordTooLargeException, found before anything was sent
  kClosed,            // KafkaException: the producer was closed before it was done
  kIllegalState,      // IllegalStateException: sent after the producer was closed
  kMsgTimedOut,       // _MSG_TIMED_OUT: message.timeout.ms is over
  kQueueFull,         // _QUEUE_FULL: produce() found queue.buffering.max.* used up
  kUnknownPartition,  // _UNKNOWN_PARTITION
  kUnknownTopic,      // _UNKNOWN_TOPIC
  kPurgeQueue,        // _PURGE_QUEUE: purge() took it before it was sent
  kPurgeInflight,     // _PURGE_INFLIGHT: purge() gave it up in flight
  kFatal,             // _FATAL: the idempotent producer cannot go on
  kInconsistent,      // _INCONSISTENT: a retried batch could not be rebuilt
  kTransport,         // _TRANSPORT: the connection ended
};
inline constexpr ClientError kLastClientError = ClientError::kTransport;
// "TimeoutException", "_MSG_TIMED_OUT"; empty for kNone.
std::string_view Name(ClientError error);

// What librdkafka says of where a record may be (rd_kafka_msg_status_t). Java says nothing.
enum class DeliveryStatus : uint8_t { kNone, kNotPersisted, kPossiblyPersisted, kPersisted };
// "NOT_PERSISTED"; empty for kNone.
std::string_view Name(DeliveryStatus status);

struct DeliveryReport {
  Outcome outcome = Outcome::kPending;
  ClientLibrary library = ClientLibrary::kJava;
  Error error = Error::kNone;  // the last one a broker answered, or NETWORK_EXCEPTION
  ClientError client_error = ClientError::kNone;
  DeliveryStatus status = DeliveryStatus::kNone;
  // librdkafka: produce() itself returned the error; there was no delivery report.
  bool refused = false;
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
// What the library calls the error: the class Java's client would throw or hand to a callback,
// librdkafka's name of its code; empty if there is none.
std::string_view ErrorName(const DeliveryReport& report);

}  // namespace norn::model

#endif  // NORN_MODEL_OUTCOME_H_
