// A producer as librdkafka's rd_kafka_t is one: produce, flush, purge, destroy.
//
// Send() is produce(): it never blocks. What is wrong at once comes back as a report that is
// `refused`; all else is told by a delivery report, to an application that polls. By default the
// application polls all the time; SetPolling(false) lets reports pile up, where they count against
// queue.buffering.max.messages.
//
// Flush waits, with linger ignored, until every message is reported, or for its timeout: it gives
// up nothing. Close() is destroy(): what is queued or in flight is lost without a word.
//
// The parts: a thread per broker (broker_thread.h) produces from the partitions it leads
// (toppar.h, msgset_writer.h); the main thread (main_thread.h) asks for metadata and looks every
// second after topics and connections, and here it keeps the producer id (idempotence.h).
//
// Example:
//   Producer& producer = cluster.AddProducer("p1", Flavour::kLibrdkafka216, {"linger.ms=5"});
//   DeliveryFuture sent = producer.Send({.topic = "topic1", .value = "Hello Kafka"});
//   cluster.Await(producer.Flush(absl::Seconds(5)));      // kDone or kTimedOut
//
// What of librdkafka's producer is not modelled is in the README's fidelity table.
#ifndef NORN_MODEL_CLIENT_RDKAFKA_RDKAFKA_PRODUCER_H_
#define NORN_MODEL_CLIENT_RDKAFKA_RDKAFKA_PRODUCER_H_

#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/time/time.h"
#include "model/client/producer.h"
#include "model/client/rdkafka/broker_thread.h"
#include "model/client/rdkafka/idempotence.h"
#include "model/client/rdkafka/main_thread.h"
#include "model/client/rdkafka/message.h"
#include "model/client/rdkafka/msgset_writer.h"
#include "model/client/rdkafka/toppar.h"
#include "model/config/rdkafka_producer_config.h"
#include "model/history.h"
#include "sim/future.h"
#include "sim/timer.h"

namespace norn::model {

class RdkafkaProducer final : public Producer,
                              private rdkafka::MainThread,
                              private rdkafka::Idempotence::Owner {
 public:
  struct Options {
    std::string name;  // of its node
    RdkafkaProducerConfig config;
    std::vector<BrokerAddress> bootstrap;
    History* history = nullptr;  // null: nothing is kept
  };
  RdkafkaProducer(ClientContext context, Options options);
  ~RdkafkaProducer() override;

  DeliveryFuture Send(const ProducerRecord& record, DeliveryCallback callback = nullptr) override;
  sim::Future<FlushResult> Flush() override { return Flush(absl::InfiniteDuration()); }
  sim::Future<FlushResult> Flush(absl::Duration timeout) override;
  sim::Future<bool> Close(absl::Duration timeout = absl::InfiniteDuration()) override;
  void Purge(PurgeOptions what) override;
  void SetPolling(bool polling) override;

  Flavour flavour() const override { return options_.config.flavour; }
  ConnectionState connection(BrokerId broker) const override;
  bool connected() const override { return up_count() > 0; }
  bool application_blocked() const override { return false; }

  // For looking at: messages not reported yet (rd_kafka_outq_len), and whether a fatal error was
  // raised.
  int64_t outstanding() const { return outstanding_; }
  bool fatal() const { return idempotence_.fatal(); }

 private:
  using Message = rdkafka::Message;
  using MessageQueue = rdkafka::MessageQueue;
  using BrokerThread = rdkafka::BrokerThread;
  using Toppar = rdkafka::Toppar;
  using Topic = rdkafka::Topic;
  using Batch = rdkafka::Batch;
  using Ending = rdkafka::Ending;

  template <void (RdkafkaProducer::*Method)()>
  struct Call {
    RdkafkaProducer* producer;
    void operator()() const { (producer->*Method)(); }
  };
  struct FlushWait {
    uint64_t number;
    sim::Promise<FlushResult> promise;
    sim::TimerId patience;
  };
  // What an error of a Produce request leads to.
  struct Verdict {
    bool refresh = false;
    bool leader_told = false;  // the answer says who leads: nobody is asked (recording 21d)
    bool retry = false;
    bool permanent = false;
    bool counts = true;  // as a retry
    DeliveryStatus status = DeliveryStatus::kNotPersisted;
    Error error = Error::kNone;
    ClientError client_error = ClientError::kNone;
    bool move_ack = false;  // what idempotence expects next
    bool move_error = false;
    bool succeeded = false;
  };

  bool idempotent() const { return options_.config.enable_idempotence; }

  // --- The application's side (rdkafka_producer.cc).
  DeliveryFuture Refuse(ClientError client_error, Error error, RecordId id,
                        DeliveryCallback& callback);
  Message* NewMessage(const ProducerRecord& record, RecordId id, DeliveryCallback callback);
  void Assign(Toppar& toppar, Message* message);
  // Ends all of `queue`, in order, each with the status it has, or with `status`.
  void Report(MessageQueue& queue, ClientError client_error, Error error,
              std::optional<DeliveryStatus> status = std::nullopt);
  void Settle(Message* message);
  void Deliver(Message* message);
  void Poll();
  void SettleFlushes();
  void EndFlush(uint64_t number);
  bool flushing() const { return !flushes_.empty(); }

  // --- Producing (rdkafka_produce.cc).
  bool InUse(const Toppar& toppar) const override { return !toppar.queue.empty(); }
  int Serve(BrokerThread& thread, bool scan, sim::Time* next_turn) override;
  int ProduceFrom(Toppar& toppar, BrokerThread& thread, bool scan, sim::Time* next_turn);
  // When the head of the queue may be sent: its linger or back-off is over, or a batch is full.
  sim::Time ReadyAt(const Toppar& toppar, bool ignores_linger) const;
  bool SendBatch(Toppar& toppar, BrokerThread& thread);
  void OnProduceEnd(Batch& batch, BrokerThread& thread, Ending how, bool was_sent,
                    ResponseEnvelope* response);
  void OnProduceSuccess(Batch& batch, Offset base_offset);
  void OnProduceError(Batch& batch, Verdict verdict, bool was_sent);
  Verdict JudgeAnswer(Error error, Offset base_offset) const;
  static Verdict JudgeEnding(Ending how);
  void JudgeIdempotence(const Batch& batch, Verdict& verdict);
  void RetryMessages(Toppar& toppar, MessageQueue& messages, bool counts, DeliveryStatus status);
  int64_t ExpireMessages(MessageQueue& queue);
  void SetFatal(Error error, ClientError client_error);
  Batch* TakeBatch();
  void OnPid() override;
  void OnFatal() override;
  void RefuseTopic(Topic& topic, Error error);
  // What broker threads were asked for meanwhile.
  void ServeOperations();

  // --- What the main thread asks and tells (rdkafka_producer.cc).
  void OnNewTopic(Topic& topic, int32_t number) override;
  void OnTick(Topic& topic) override;
  void OnTopic(Topic& topic) override;
  void OnTopicGone(Topic& topic) override;
  void OnPartitionGone(Toppar& toppar) override;
  void OnDelegated(Toppar& toppar) override;
  void OnMetadataTaken() override;
  BrokerThread* AnyBrokerUp() override { return MainThread::AnyBrokerUp(); }
  void ScanUnserved();
  void NoteUnservedExpiry(sim::Time at);

  Options options_;
  rdkafka::Idempotence idempotence_;
  rdkafka::MsgsetWriter writer_;

  // Messages.
  sim::Ref<rdkafka::MessageBlock> block_;
  int64_t outstanding_ = 0;
  int64_t outstanding_bytes_ = 0;
  bool polling_ = true;
  std::deque<Message*> reports_;
  std::vector<FlushWait> flushes_;
  uint64_t flushes_begun_ = 0;
  std::vector<std::unique_ptr<Batch>> batches_;  // to be used again
  std::vector<std::unique_ptr<Batch>> batches_out_;

  sim::Stream partition_stream_;
  sim::Stream backoff_stream_;
  sim::Stream purge_stream_;
  uint64_t backoffs_ = 0;
  uint64_t purge_races_ = 0;
  // Operations that wait until the answers that have arrived are handled.
  bool purge_asked_ = false;
  std::vector<Topic*> refused_topics_;
  sim::Timer<Call<&RdkafkaProducer::ServeOperations>> operations_timer_;
  sim::Time unserved_grid_;  // when somebody began to look after those without a broker
  sim::Timer<Call<&RdkafkaProducer::ScanUnserved>> unserved_timer_;
};

}  // namespace norn::model

#endif  // NORN_MODEL_CLIENT_RDKAFKA_RDKAFKA_PRODUCER_H_
