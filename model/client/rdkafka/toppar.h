// A topic and its partitions as a client keeps them: who leads, and, of a producer, what waits and
// what idempotence must remember (rd_kafka_topic_t, rd_kafka_toppar_t; one struct for both kinds of
// client, as there).
#ifndef NORN_MODEL_CLIENT_RDKAFKA_TOPPAR_H_
#define NORN_MODEL_CLIENT_RDKAFKA_TOPPAR_H_

#include <algorithm>
#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

#include "model/client/rdkafka/message.h"
#include "model/client/rdkafka/partitioner.h"
#include "model/error.h"
#include "model/ids.h"
#include "model/wire/topic.h"
#include "sim/time.h"

namespace norn::model::rdkafka {

class BrokerThread;
struct Topic;

// A producer's id with its epoch; two that differ share no sequence numbers.
struct Pid {
  ProducerId id;
  ProducerEpoch epoch;
  bool valid() const { return !id.is_none(); }
  friend bool operator==(const Pid&, const Pid&) = default;
};

struct Toppar {
  Topic* topic = nullptr;
  PartitionIndex index;
  BrokerId leader;
  LeaderEpoch leader_epoch;        // 2.0 does not ask for it
  BrokerThread* broker = nullptr;  // null: nobody serves it, and only timeouts are looked after
  bool gone = false;               // from the metadata, or with its topic
  // A consumer's: its place among what was assigned, or -1.
  int32_t assigned = -1;

  // The rest is a producer's.
  MessageQueue queue;
  uint64_t last_number = 0;
  int64_t messages_in_flight = 0;
  // How far its thread has taken over what the application put into the queue. Of several put
  // there in the instant in which the thread took them, all but the first may have come too late.
  uint64_t taken = 0;
  uint64_t surely_taken = 0;
  sim::Time last_put;
  uint64_t first_put_then = 0;

  void Put(Message* message, sim::Time now) {
    message->number = ++last_number;
    if (now != last_put || first_put_then == 0) {
      last_put = now;
      first_put_then = last_number;
    }
    queue.PushBack(message);
  }
  void TakeOver(sim::Time now) {
    surely_taken = now == last_put ? std::max(taken, first_put_then) : last_number;
    taken = last_number;
  }

  // Idempotence. Sequences are message numbers counted from `epoch_base`.
  Pid pid;
  uint64_t epoch_base = 0;
  uint64_t acked = 0;  // the highest number acknowledged
  int32_t next_ack_sequence = 0;
  int32_t next_error_sequence = 0;
  bool wait_drain = false;  // nothing is sent before nothing is in flight
};

struct Topic {
  enum class State : uint8_t { kUnknown, kExists, kNotExists, kError };

  TopicName name;
  Uuid id;  // 2.0 does not ask for it
  State state = State::kUnknown;
  Error error = Error::kNone;  // of kNotExists and kError
  sim::Time created;           // locally, by the first message
  std::vector<std::unique_ptr<Toppar>> partitions;
  // Partitions that are gone from the metadata, kept for what is in flight.
  std::vector<std::unique_ptr<Toppar>> removed;
  MessageQueue unassigned;                 // given before anybody knew the partitions
  std::optional<Partitioner> partitioner;  // a producer's
  bool leader_unavailable = false;         // an answer said so: ask soon and often
  bool being_asked = false;                // by a request that nobody forced
  sim::Time cached_until;                  // metadata younger than metadata.max.age.ms
};

}  // namespace norn::model::rdkafka

#endif  // NORN_MODEL_CLIENT_RDKAFKA_TOPPAR_H_
