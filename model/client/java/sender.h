// The producer's background thread: takes batches from the accumulator to the brokers and deals
// with what they answer (Java's Sender).
//
// It is a state machine, not a thread: each pass does all that can be done now and sets a timer for
// the next thing that becomes due.
#ifndef NORN_MODEL_CLIENT_JAVA_SENDER_H_
#define NORN_MODEL_CLIENT_JAVA_SENDER_H_

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "model/client/java/accumulator.h"
#include "model/client/java/client_log.h"
#include "model/client/java/idempotence.h"
#include "model/client/java/metadata.h"
#include "model/client/java/network_client.h"
#include "model/client/java/producer_batch.h"
#include "model/config/java_producer_config.h"
#include "sim/timer.h"

namespace norn::model {

class Sender final : public NetworkClient::Owner, private Accumulator::Gate {
 public:
  // `on_progress` is called after a pass that may let the application go on: batches are done,
  // metadata came.
  Sender(ClientContext context, const JavaProducerConfig& config, std::string name,
         std::string client_id, ClientLog log, ClientMetadata* metadata, Accumulator* accumulator,
         std::function<void()> on_progress);

  // There may be something to do: a pass follows in an event of this instant.
  void Wake();
  // From now on everything is sendable; the sender stops when nothing is left.
  void CloseGracefully();
  // Fails all that is not done ("Producer is closed forcefully.") and stops.
  void CloseNow();
  bool stopped() const { return stopped_; }
  // Nothing is queued, nothing in flight.
  bool idle() const;

  void OnNetwork() override { Run(); }
  const Idempotence& idempotence() const { return idempotence_; }
  const NetworkClient& network() const { return network_; }

 private:
  struct Tick {
    Sender* sender;
    void operator()() const { sender->Run(); }
  };

  void Run();
  sim::Time Pass();
  // A step of awaiting a broker and asking it for a producer id; nothing else is done meanwhile.
  sim::Time AskForProducerId();
  void SendInitProducerId(BrokerId node);
  // The thread sleeps for retry.backoff.ms, and tries again.
  sim::Time SleepAndRetry();
  sim::Time Waking() const;  // when it sleeps no more, by the wall clock
  absl::Duration Sleep() const;
  void AbortAll(Error error);
  sim::Time SendBatches();
  void SendRequest(BrokerId node, std::vector<sim::Ref<ProducerBatch>> batches);
  void OnCompletion(BrokerId node, Completion how, CorrelationId correlation,
                    ResponseEnvelope* response, std::vector<sim::Ref<ProducerBatch>>& batches);
  // What was said of one batch: by the broker, or by the client for it.
  struct Verdict {
    Error error = Error::kNone;
    Answered answered = Answered::kAfterWait;
    Offset base_offset;
    Offset log_start;
    std::optional<std::string> message;
    wire::LeaderIdAndEpoch leader;
    std::vector<std::pair<int32_t, std::string>> refused_records = {};
  };
  void OnVerdict(const sim::Ref<ProducerBatch>& batch, CorrelationId correlation,
                 const Verdict& verdict, const std::vector<wire::NodeEndpoint>& endpoints);
  // The broker found it too large: its records go on in smaller batches.
  void Split(const sim::Ref<ProducerBatch>& batch, CorrelationId correlation,
             const Verdict& verdict);
  // The attempt failed: retry it, or report it.
  void RetryOrFail(const sim::Ref<ProducerBatch>& batch, CorrelationId correlation,
                   const Verdict& verdict);
  std::string NameOf(int32_t topic, PartitionIndex partition) const;
  void Complete(const sim::Ref<ProducerBatch>& batch, Offset base_offset);
  void Fail(const sim::Ref<ProducerBatch>& batch, Error error, ClientError client_error,
            std::string message, bool sequence_is_free);
  void Expire();
  // max.in.flight=1 promises order: nothing of a partition is drained while a batch of it is out.
  bool OneAtATime() const;
  void NoLongerInFlight(const sim::Ref<ProducerBatch>& batch);
  bool MayDrain(const ProducerBatch& head) override;

  ClientContext context_;
  JavaProducerConfig config_;
  ClientMetadata* metadata_;
  Accumulator* accumulator_;
  std::function<void()> on_progress_;
  ClientLog log_;
  Idempotence idempotence_;
  NetworkClient network_;
  // Asking for a producer id, as Java's thread does it: one step at a time, with sleeps in which
  // not even the network is looked at.
  sim::Time asleep_until_ = kLongAgo;  // by the monotonic clock
  BrokerId awaited_;                   // none: no broker is chosen
  sim::Time awaited_until_;
  bool id_is_retried_ = false;
  bool id_may_be_sent_ = false;  // the sleep before a retry is over
  bool id_in_flight_ = false;
  Error fatal_ = Error::kNone;  // no producer id will ever be given
  bool running_ = false;
  bool run_again_ = false;
  bool closing_ = false;
  bool stopped_ = false;
  std::vector<sim::Ref<ProducerBatch>> in_flight_;  // in the order of their first sending
  sim::Timer<Tick> timer_;
  // Kept for their memory.
  Accumulator::Readiness readiness_;
  std::vector<sim::Ref<ProducerBatch>> expired_;
};

}  // namespace norn::model

#endif  // NORN_MODEL_CLIENT_JAVA_SENDER_H_
