// A Kafka consumer, whichever library it comes from, used with assign(): it is told its partitions,
// finds its positions, fetches, and hands records out through Poll. (Groups and commits are not
// modelled.)
//
// Example:
//   consumer.Assign("topic1", {0});
//   PollResult polled = cluster.Await(consumer.Poll(absl::Seconds(1)));
//   polled.records[0].value                               // "Hello Kafka"
#ifndef NORN_MODEL_CLIENT_CONSUMER_H_
#define NORN_MODEL_CLIENT_CONSUMER_H_

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/time/time.h"
#include "model/config/flavour.h"
#include "model/ids.h"
#include "sim/future.h"
#include "sim/node.h"

namespace norn::model {

struct ConsumedRecord {
  std::string topic;
  PartitionIndex partition;
  Offset offset;
  RecordId id;
  std::optional<std::string> key;
  std::optional<std::string> value;
  int64_t timestamp_ms = 0;
  LeaderEpoch leader_epoch;  // of the leader that wrote it
  struct Header {
    std::string key;
    std::optional<std::string> value;  // none: null
    friend bool operator==(const Header&, const Header&) = default;
  };
  std::vector<Header> headers;
};

struct PollResult {
  std::vector<ConsumedRecord> records;  // Java: at most max.poll.records; librdkafka: one
  // What poll() would throw or report instead, by the library's own name and in its words; empty if
  // nothing.
  std::string exception;
  std::string message;
};

class Consumer : public sim::Process {
 public:
  // Adds partitions of a topic to what is read.
  virtual void Assign(std::string_view topic, const std::vector<int32_t>& partitions) = 0;
  // REQUIRES: the partition is assigned.
  virtual void Seek(std::string_view topic, int32_t partition, Offset offset) = 0;
  // None while it is not known. REQUIRES: the partition is assigned.
  virtual Offset Position(std::string_view topic, int32_t partition) const = 0;

  // Returns records as soon as there are some, else after `timeout` without any. Java asks brokers
  // only while a call waits; librdkafka reads ahead. REQUIRES: no other Poll waits.
  virtual sim::Future<PollResult> Poll(absl::Duration timeout) = 0;
  virtual void Close() = 0;

  virtual Flavour flavour() const = 0;
};

}  // namespace norn::model

#endif  // NORN_MODEL_CLIENT_CONSUMER_H_
