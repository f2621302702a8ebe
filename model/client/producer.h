// A producer as kafka-clients' KafkaProducer is one: Send, Flush, Close.
//
// Its application is one thread. Where Java's send() blocks (metadata is not known yet,
// buffer.memory is used up) that thread blocks: the call returns here at once, but it, and every
// later call, takes effect only when the one before has returned in Java's sense. The report of
// each record comes through its future and its callback.
//
// Being disconnected is no error for Send: records gather until delivery.timeout.ms.
//
// Example:
//   DeliveryFuture sent = producer.Send({.topic = "topic1", .value = "Hello Kafka"});
//   cluster.Await(producer.Flush());
//   EXPECT_THAT(*sent.Get(), IsOk());
//
// What of Java's producer is not modelled is in the README's fidelity table.
#ifndef NORN_MODEL_CLIENT_PRODUCER_H_
#define NORN_MODEL_CLIENT_PRODUCER_H_

#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/time/time.h"
#include "model/client/accumulator.h"
#include "model/client/metadata.h"
#include "model/client/sender.h"
#include "model/config/java_producer_config.h"
#include "model/history.h"
#include "model/outcome.h"
#include "model/record/payload.h"
#include "sim/future.h"
#include "sim/node.h"
#include "sim/timer.h"

namespace norn::model {

// Views: what they point to must live until Send returns.
struct ProducerRecord {
  std::string_view topic;
  std::optional<int32_t> partition = std::nullopt;  // none: the partitioner chooses
  Payload key = Payload::Null();
  Payload value = Payload::Null();
};

enum class FlushResult : uint8_t {
  kDone,      // every record sent before is acknowledged or has failed: look at its report
  kTimedOut,  // Norn stopped waiting; nothing was given up, the records are still under way
};
std::string_view Name(FlushResult result);
std::ostream& operator<<(std::ostream& os, FlushResult result);

class Producer : public sim::Process {
 public:
  struct Options {
    std::string name;       // of its node
    std::string client_id;  // what requests carry
    JavaProducerConfig config;
    std::vector<BrokerAddress> bootstrap;
    History* history = nullptr;  // null: nothing is kept
  };
  Producer(ClientContext context, Options options);
  ~Producer() override;

  // `callback` is called in the client's I/O thread, before the future's waiters go on. What Java
  // throws or returns as failed future without sending comes the same two ways.
  DeliveryFuture Send(const ProducerRecord& record, DeliveryCallback callback = nullptr);

  // Sends everything without linger and waits until every record given before is done. Java's flush
  // has no timeout and returns no error.
  sim::Future<FlushResult> Flush();
  // The same, with Norn's own patience around it, which Java does not have: after `timeout` the
  // wait ends, the flush does not.
  sim::Future<FlushResult> Flush(absl::Duration timeout);

  // No more records; waits for those under way, at most `timeout`, then fails the rest. The future
  // is set when the producer is closed.
  sim::Future<bool> Close(absl::Duration timeout = absl::InfiniteDuration());

  // For looking at.
  bool closed() const { return closed_; }
  ConnectionState connection(BrokerId broker) const { return sender_.network().state(broker); }
  // Connected to anybody: the lesson's "Connected".
  bool connected() const;
  // Records that wait in the accumulator or in blocked calls; and those on their way.
  int64_t batches_incomplete() const { return accumulator_.incomplete(); }
  bool application_blocked() const { return !calls_.empty(); }
  const ClientMetadata& metadata() const { return metadata_; }
  const Sender& sender() const { return sender_; }

 private:
  // A call of the application that has not returned.
  struct Call {
    enum class Kind : uint8_t { kSend, kFlush, kClose } kind;
    // kSend
    int32_t topic = -1;
    std::optional<int32_t> partition;
    std::optional<std::string> key_bytes;
    std::optional<std::string> value_bytes;
    Payload key;  // as given; points into the strings above where it has bytes
    Payload value;
    RecordId id;
    DeliveryCallback callback;
    sim::Ref<PendingSend> pending;
    sim::Time deadline = sim::Time::Max();  // of max.block.ms, once its turn came
    int64_t asked_at_version = -1;          // of the metadata, when it was last asked for
    bool asked_for_memory = false;
    // kFlush, kClose
    std::optional<sim::Promise<FlushResult>> flushed;
    std::optional<sim::Promise<bool>> closed;
    absl::Duration timeout = absl::InfiniteDuration();
  };
  struct FlushWait {
    int64_t before;  // batches with a lower number are waited for
    sim::Promise<FlushResult> promise;
  };
  struct Tick {
    Producer* producer;
    void operator()() const { producer->Progress(); }
  };
  struct ForceClose {
    Producer* producer;
    void operator()() const;
  };

  enum class Tried : uint8_t { kAppended, kNeedsMetadata, kNeedsMemory, kFailed };
  // Tries to bring one record into a batch. On kFailed `report` says why.
  Tried TryAppend(int32_t topic, std::optional<int32_t> partition, const Payload& key,
                  const Payload& value, RecordId id, DeliveryCallback& callback,
                  sim::Ref<ProducerBatch>* batch, int32_t* index, DeliveryReport* report);
  DeliveryFuture FailNow(DeliveryReport report, DeliveryCallback& callback);
  DeliveryReport BlockedTooLong(const Call& call) const;
  void Progress();
  bool RunCall(Call& call);
  bool RunSend(Call& call);
  void BeginFlush(sim::Promise<FlushResult> promise);
  void SettleFlushes();
  int64_t timestamp_ms() const;

  ClientContext context_;
  Options options_;
  uint32_t owner_;
  ClientMetadata metadata_;
  Accumulator accumulator_;
  Sender sender_;
  std::deque<Call> calls_;
  std::vector<FlushWait> flushes_;
  sim::Timer<Tick> block_timer_;
  sim::Timer<ForceClose> close_timer_;
  std::vector<sim::Promise<bool>> closing_;
  bool closed_ = false;
  bool in_progress_ = false;
};

}  // namespace norn::model

#endif  // NORN_MODEL_CLIENT_PRODUCER_H_
