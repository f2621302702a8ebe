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
#ifndef NORN_MODEL_CLIENT_JAVA_JAVA_PRODUCER_H_
#define NORN_MODEL_CLIENT_JAVA_JAVA_PRODUCER_H_

#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/time/time.h"
#include "model/client/java/accumulator.h"
#include "model/client/java/metadata.h"
#include "model/client/java/sender.h"
#include "model/client/producer.h"
#include "model/config/java_producer_config.h"
#include "model/history.h"
#include "model/outcome.h"
#include "model/record/payload.h"
#include "sim/future.h"
#include "sim/node.h"
#include "sim/timer.h"

namespace norn::model {

class JavaProducer final : public Producer {
 public:
  struct Options {
    std::string name;       // of its node
    std::string client_id;  // what requests carry
    JavaProducerConfig config;
    std::vector<BrokerAddress> bootstrap;
    History* history = nullptr;  // null: nothing is kept
  };
  JavaProducer(ClientContext context, Options options);
  ~JavaProducer() override;

  DeliveryFuture Send(const ProducerRecord& record, DeliveryCallback callback = nullptr) override;
  using Producer::Flush;
  sim::Future<FlushResult> Flush() override;
  sim::Future<bool> Close(absl::Duration timeout = absl::InfiniteDuration()) override;

  Flavour flavour() const override { return options_.config.flavour; }
  ConnectionState connection(BrokerId broker) const override {
    return sender_.network().state(broker);
  }
  bool connected() const override;
  bool application_blocked() const override { return !calls_.empty(); }

  // For looking at.
  bool closed() const { return closed_; }
  // Records that wait in the accumulator or in blocked calls; and those on their way.
  int64_t batches_incomplete() const { return accumulator_.incomplete(); }
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
    std::vector<std::pair<std::string, std::optional<std::string>>> header_bytes;
    std::vector<Header> headers;          // likewise
    std::optional<int64_t> timestamp_ms;  // the application's, or that of the end of its wait
    int32_t compression_ratio = kIncompressible;
    RecordId id;
    DeliveryCallback callback;
    sim::Ref<PendingSend> pending;
    sim::Time deadline = sim::Time::Max();                    // of max.block.ms, once its turn came
    std::optional<sim::Time> memory_deadline = std::nullopt;  // the same by the monotonic clock
    int64_t asked_at_version = -1;  // of the metadata, when it was last asked for
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
    JavaProducer* producer;
    void operator()() const { producer->Progress(); }
  };
  struct ForceClose {
    JavaProducer* producer;
    void operator()() const;
  };

  enum class Tried : uint8_t { kAppended, kNeedsMetadata, kNeedsMemory, kTooLarge };
  // Tries to bring one record into a batch.
  Tried TryAppend(int32_t topic, std::optional<int32_t> partition, const Accumulator::Entry& entry,
                  DeliveryCallback& callback, sim::Ref<ProducerBatch>* batch, int32_t* index);
  DeliveryReport TooLarge(const Accumulator::Entry& entry) const;
  // Notes the send, and wraps the callback so that the report is noted, too.
  void Remember(const ProducerRecord& record, RecordId id, DeliveryCallback& callback);
  bool KnowsPartition(int32_t topic, std::optional<int32_t> partition) const;
  static Accumulator::Entry EntryOf(const Call& call);
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
  ClientLog log_;
  ClientMetadata metadata_;
  Accumulator accumulator_;
  Sender sender_;
  std::deque<Call> calls_;
  std::vector<FlushWait> flushes_;
  sim::Timer<Tick> block_timer_;
  sim::Timer<ForceClose> close_timer_;
  std::vector<sim::Promise<bool>> closing_;
  absl::Duration close_timeout_;
  bool closed_ = false;
  bool in_progress_ = false;
};

}  // namespace norn::model

#endif  // NORN_MODEL_CLIENT_JAVA_JAVA_PRODUCER_H_
