// A consumer as librdkafka's is one with assign(): it is told its partitions, finds its positions,
// reads ahead, and hands out one message, or one error, for each Poll (rd_kafka_consumer_poll).
//
// Each broker's thread has at most one Fetch under way, for all the partitions it leads that may be
// fetched; no fetch sessions. What comes is queued for the application, whether it polls or not,
// and fetching pauses while the queue is full (queued.min.messages; it counts the messages of all
// partitions, as librdkafka's does, because their queues are forwarded to one).
//
// From 2.1 on (here: 2.16) it finds out when the log was cut below its position (KIP-320): it
// remembers the epoch of the last record that was fetched, and when a partition has a new leader
// epoch nothing is fetched before the leader has said where that epoch ends in its log. What was
// queued before is handed out all the same, unless the log was cut. Not modelled: a race in the
// real one, which asks again a second later if the old leader left the metadata in the same answer.
//
// Two kinds of order numbers keep old things apart: a Seek makes a new version of its partition,
// and messages, errors and Fetch answers of an older one are dropped. The queue still counts such
// messages until the application comes across them.
//
// Seek() before anything was known of a partition is the offset that assign() was given. Without
// one librdkafka asks its group for a committed offset; there are no groups here, so there is none,
// and auto.offset.reset decides, as soon as the partition is known. Nothing is committed.
//
// A damaged batch is handed out as far as it can be read; with check.crcs it is told as _BAD_MSG
// and asked for again, after fetch.error.backoff.ms if nothing came before it. Not modelled: that
// the real ones then go on reading in the middle of its bytes and may end up at an offset of their
// own making, from where auto.offset.reset brings them back; and the different ways in which they
// get stuck in a record whose lengths are wrong (here the batch is asked for again, as most often).
//
// Example:
//   Consumer& consumer = cluster.AddConsumer("c1", Flavour::kLibrdkafka216, {"check.crcs=true"});
//   consumer.Assign("topic1", {0});
//   consumer.Seek("topic1", 0, Offset(0));
//   PollResult polled = cluster.Await(consumer.Poll(absl::Seconds(1)));
//   polled.records[0].value                               // "Hello Kafka"
#ifndef NORN_MODEL_CLIENT_RDKAFKA_RDKAFKA_CONSUMER_H_
#define NORN_MODEL_CLIENT_RDKAFKA_RDKAFKA_CONSUMER_H_

#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/time/time.h"
#include "model/client/consumer.h"
#include "model/client/rdkafka/main_thread.h"
#include "model/config/rdkafka_consumer_config.h"
#include "model/history.h"
#include "sim/future.h"
#include "sim/timer.h"

namespace norn::model {

class RdkafkaConsumer final : public Consumer, private rdkafka::MainThread {
 public:
  struct Options {
    std::string name;  // of its node
    RdkafkaConsumerConfig config;
    std::vector<BrokerAddress> bootstrap;
    History* history = nullptr;  // null: nothing is kept
  };
  RdkafkaConsumer(ClientContext context, Options options);
  ~RdkafkaConsumer() override;

  void Assign(std::string_view topic, const std::vector<int32_t>& partitions) override;
  // Does nothing to a partition whose fetching ended with _AUTO_OFFSET_RESET (_STATE).
  void Seek(std::string_view topic, int32_t partition, Offset offset) override;
  // After the last message that was handed out; none before, and after a Seek.
  Offset Position(std::string_view topic, int32_t partition) const override;
  sim::Future<PollResult> Poll(absl::Duration timeout) override;
  void Close() override;
  Flavour flavour() const override { return options_.config.flavour; }

 private:
  using BrokerThread = rdkafka::BrokerThread;
  using Toppar = rdkafka::Toppar;
  using Topic = rdkafka::Topic;
  using Ending = rdkafka::Ending;

  struct QueryAgain {
    RdkafkaConsumer* consumer;
    int32_t assigned;
    void operator()() const;
  };
  struct ValidateAgain {
    RdkafkaConsumer* consumer;
    int32_t assigned;
    void operator()() const;
  };
  struct PollTimeout {
    RdkafkaConsumer* consumer;
    void operator()() const { consumer->AnswerPoll(/*timed_out=*/true); }
  };

  // One partition of the assignment.
  struct Assigned {
    enum class State : uint8_t {
      kStart,     // nothing is known yet, not even the offset to begin with
      kNone,      // ended by an error
      kQuery,     // an offset will be asked for
      kWait,      // it was
      kActive,    // fetched
      kValidate,  // it will be again, if the leader's log has what was read
    };
    Assigned(sim::Simulation& sim, QueryAgain query, ValidateAgain validate)
        : query_timer(sim, kQueryLabel, query), validate_timer(sim, kValidateLabel, validate) {}
    static constexpr sim::Label kQueryLabel{"query of an offset"};
    static constexpr sim::Label kValidateLabel{"validation of an offset"};

    Topic* topic = nullptr;
    PartitionIndex index;
    Toppar* toppar = nullptr;  // null: not in the metadata
    State state = State::kStart;
    uint64_t version = 1;

    // Where fetching is to begin, as the main thread found; none: not known.
    Offset start;
    LeaderEpoch start_epoch;  // of the record before it; none: not known
    bool moved = false;       // and the broker's thread has not taken notice
    int64_t query = 0;        // the timestamp that stands for what is looked for
    int32_t query_retries = 0;
    sim::Timer<QueryAgain> query_timer;
    bool validating = false;  // a request is under way
    Offset validated;         // what it is about
    LeaderEpoch validated_epoch;
    sim::Timer<ValidateAgain> validate_timer;

    // The broker's thread.
    Offset fetch_from;
    LeaderEpoch fetch_epoch;  // of the record before it
    uint64_t fetch_version = 0;
    sim::Time backoff_until;
    Offset eof_told;  // the end of which the application was told
    Error last_error = Error::kNone;
    Offset log_start;  // by the last answer
    int64_t max_bytes = 0;

    Offset position;
  };
  // What waits for the application.
  struct Event {
    int32_t assigned = -1;
    uint64_t version = 0;  // 0: never too old
    std::optional<ConsumedRecord> record;
    std::string error;
    std::string message;
    int64_t bytes = 0;
  };
  // One partition of a Fetch under way.
  struct Asked {
    int32_t assigned;
    uint64_t version;
  };

  Assigned* Find(std::string_view topic, int32_t partition) const;
  std::string NameOf(const Assigned& assigned) const;
  bool IsOutdated(const Event& event) const;

  // --- The application's side (rdkafka_consumer.cc).
  void AnswerPoll(bool timed_out);
  void Queue(Event event);
  void Tell(const Assigned& assigned, uint64_t version, std::string_view error,
            std::string message);
  bool QueueIsFull() const;

  // --- Where to begin (rdkafka_offsets.cc).
  void Reset(Assigned& assigned, BrokerId broker, std::string_view reason, std::string_view cause);
  void Query(Assigned& assigned);
  void QueryAfter(Assigned& assigned, absl::Duration wait);
  void OnOffset(int32_t place, uint64_t version, BrokerThread& thread, Ending how,
                ResponseEnvelope* response);
  void StartAt(Assigned& assigned, Offset offset, LeaderEpoch epoch = LeaderEpoch::None());

  // --- Whether a new leader has what was read (rdkafka_validation.cc).
  void OnLeader(Toppar& toppar, bool new_epoch) override;
  void Validate(Assigned& assigned);
  void OnEpochEnd(int32_t place, BrokerThread& thread, Ending how, ResponseEnvelope* response);

  // --- Fetching (rdkafka_fetch.cc).
  bool InUse(const Toppar& toppar) const override;
  int Serve(BrokerThread& thread, bool scan, sim::Time* next_turn) override;
  // When it may be fetched: now, at the end of a back-off, or not by the clock.
  sim::Time FetchableAt(Assigned& assigned, const BrokerThread& thread);
  void Fetch(BrokerThread& thread, const std::vector<int32_t>& places);
  void OnFetched(BrokerThread& thread, Ending how, ResponseEnvelope* response,
                 const std::vector<Asked>& asked);
  void TakeAnswer(Assigned& assigned, BrokerThread& thread, const Asked& question,
                  const wire::FetchResponse& answers, const wire::FetchResponse::Partition& answer);
  void OnFetchError(Assigned& assigned, BrokerThread& thread, Error error,
                    const wire::FetchResponse& answers,
                    const wire::FetchResponse::Partition& answer);
  void TakeRecords(Assigned& assigned, const Asked& question, const Records& fetched);
  // What is found behind the batches of `records`, of which messages were `queued` or not. False if
  // that is more than an answer that was cut.
  bool TakeUnreadable(Assigned& assigned, const Asked& question, const Records& records,
                      bool queued);

  // --- What the main thread asks and tells.
  bool GivesUp(const Topic&) const override { return false; }
  bool Misses(const Topic& topic) const override;
  void OnTopic(Topic& topic) override;
  void OnTopicGone(Topic& topic) override;
  void OnPartitionGone(Toppar& toppar) override;

  Options options_;
  const uint32_t owner_;                             // this life of the node
  std::vector<std::unique_ptr<Assigned>> assigned_;  // in the order of Assign
  std::deque<Event> events_;
  int64_t event_bytes_ = 0;
  bool waits_for_room_ = false;  // a partition does, and no clock will wake it
  std::optional<sim::Promise<PollResult>> poll_;
  sim::Timer<PollTimeout> poll_timer_;
};

}  // namespace norn::model

#endif  // NORN_MODEL_CLIENT_RDKAFKA_RDKAFKA_CONSUMER_H_
