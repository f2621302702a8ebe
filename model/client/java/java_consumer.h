// A consumer as kafka-clients' KafkaConsumer is one with assign(): it is told its partitions, finds
// its positions, fetches, and hands records out through Poll. (Groups and commits are not
// modelled.)
//
// It has one Fetch under way per broker, in a session (KIP-227).
//
// A position remembers the epoch of the record before it and who led the partition. When somebody
// else does, or again, nothing is fetched or handed out before the new leader has said where that
// epoch ends in its log: if that is below the position, the log was cut there (KIP-320), and the
// consumer goes back to it, or, with auto.offset.reset=none, poll() throws.
//
// What it cannot read (check.crcs=true: a batch whose checksum is wrong) stops it: the records
// before are handed out, then each poll() throws at once and nothing is fetched, until a Seek.
//
// Example:
//   consumer.Assign("topic1", {0});
//   PollResult polled = cluster.Await(consumer.Poll(absl::Seconds(1)));
//   polled.records[0].value                               // "Hello Kafka"
#ifndef NORN_MODEL_CLIENT_JAVA_JAVA_CONSUMER_H_
#define NORN_MODEL_CLIENT_JAVA_JAVA_CONSUMER_H_

#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/time/time.h"
#include "model/client/consumer.h"
#include "model/client/java/fetch_session_handler.h"
#include "model/client/java/metadata.h"
#include "model/client/java/network_client.h"
#include "model/client/java/unreadable_records.h"
#include "model/config/java_consumer_config.h"
#include "model/history.h"
#include "sim/future.h"
#include "sim/node.h"
#include "sim/timer.h"

namespace norn::model {

class JavaConsumer final : public Consumer, private NetworkClient::Owner {
 public:
  struct Options {
    std::string name;
    std::string client_id;
    JavaConsumerConfig config;
    std::vector<BrokerAddress> bootstrap;
    History* history = nullptr;
  };
  JavaConsumer(ClientContext context, Options options);
  ~JavaConsumer() override;

  void Assign(std::string_view topic, const std::vector<int32_t>& partitions) override;
  void Seek(std::string_view topic, int32_t partition, Offset offset) override;
  Offset Position(std::string_view topic, int32_t partition) const override;
  sim::Future<PollResult> Poll(absl::Duration timeout) override;
  void Close() override;
  Flavour flavour() const override { return options_.config.flavour; }

 private:
  // Of a partition, as of the moment at which the position was last looked at.
  struct Leader {
    BrokerId id;  // none: not known
    LeaderEpoch epoch;
    friend bool operator==(const Leader&, const Leader&) = default;
  };
  struct Partition {
    int32_t topic;
    PartitionIndex index;
    Offset position;             // none: to be found by auto.offset.reset
    LeaderEpoch position_epoch;  // of the record before it; none: not known
    Leader leader;
    bool awaits_validation = false;
    Offset fetch_from;                // what the next request asks for
    bool in_flight = false;           // a ListOffsets that names it
    sim::Time not_before = kLongAgo;  // after an error, or while an answer may come
    std::deque<ConsumedRecord> buffered;
    // What was found behind them. It stays, and is thrown by each poll() that comes to it, until a
    // seek drops what was fetched.
    std::optional<UnreadableRecords> unreadable;

    // Nothing is fetched while the application has not taken what was.
    bool holds_fetched() const { return !buffered.empty() || unreadable.has_value(); }
  };
  // One broker that is fetched from.
  struct Source {
    BrokerId broker;
    FetchSessionHandler session;
    bool in_flight = false;
  };
  struct Asked {
    int32_t topic;
    PartitionIndex index;
    Offset from;
  };
  // A position whose validation was asked for.
  struct Validated {
    int32_t topic;
    PartitionIndex index;
    Offset position;
    LeaderEpoch epoch;
    Leader leader;
  };
  struct Tick {
    JavaConsumer* consumer;
    void operator()() const { consumer->Run(); }
  };

  void OnNetwork() override { Run(); }
  void Run();
  void SendFetches();
  void SendFetch(Source& source, const std::vector<Asked>& asked);
  void OnFetched(BrokerId broker, Completion how, ResponseEnvelope* response,
                 const std::vector<Asked>& asked);
  void OnOutOfRange(Partition& partition);
  Source& SourceOf(BrokerId broker);
  void Take(Partition& partition, const Records& fetched);
  void AnswerPoll(bool timed_out);
  void Retry(Partition& partition, Error error);

  // --- Where to fetch from (java_positions.cc).
  void SetPosition(Partition& partition, Offset offset, LeaderEpoch epoch);
  void SendListOffsets(BrokerId node);
  void OnOffsets(Completion how, ResponseEnvelope* response,
                 const std::vector<std::pair<int32_t, PartitionIndex>>& asked);
  // The metadata may say something else than the positions.
  void LookAtLeaders();
  void LookAtLeader(Partition& partition);
  void SendValidations();
  void OnEpochEnds(Completion how, ResponseEnvelope* response, const std::vector<Validated>& asked);
  void Validate(Partition& partition, LeaderEpoch epoch, Offset end);
  std::string NameOf(const Partition& partition) const;
  std::string PositionText(const Partition& partition, Offset offset, LeaderEpoch epoch) const;

  Partition* Find(int32_t topic, PartitionIndex index);
  const Partition* Find(std::string_view topic, int32_t partition) const;

  ClientContext context_;
  Options options_;
  uint32_t owner_;
  ClientLog log_;
  ClientMetadata metadata_;
  NetworkClient network_;
  std::vector<Partition> partitions_;
  std::vector<Source> sources_;
  int64_t looked_at_ = -1;  // the leaders' version of the metadata
  // poll() is to throw that partitions were truncated: where they part, of those of which it is
  // known.
  std::optional<std::string> divergent_;
  std::optional<sim::Promise<PollResult>> poll_;
  sim::Time poll_deadline_;
  std::string exception_;
  std::string message_;
  sim::Timer<Tick> timer_;
  bool running_ = false;
  bool run_again_ = false;
};

}  // namespace norn::model

#endif  // NORN_MODEL_CLIENT_JAVA_JAVA_CONSUMER_H_
