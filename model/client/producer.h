// A Kafka producer, whichever library it comes from: Send, Flush, Close.
//
// Being disconnected is no error for Send: records gather until the library gives them up. What
// becomes of each is told through its future and its callback.
//
// Example:
//   DeliveryFuture sent = producer.Send({.topic = "topic1", .value = "Hello Kafka"});
//   cluster.Await(producer.Flush());
//   EXPECT_THAT(*sent.Get(), IsOk());
//
// What of the real producers is not modelled is in the README's fidelity table.
#ifndef NORN_MODEL_CLIENT_PRODUCER_H_
#define NORN_MODEL_CLIENT_PRODUCER_H_

#include <cstdint>
#include <iosfwd>
#include <optional>
#include <span>
#include <string_view>

#include "absl/time/time.h"
#include "model/client/context.h"
#include "model/client/delivery.h"
#include "model/config/flavour.h"
#include "model/ids.h"
#include "model/record/payload.h"
#include "model/record/record_set.h"
#include "sim/future.h"
#include "sim/node.h"

namespace norn::model {

// Views: what they point to must live until Send returns.
struct ProducerRecord {
  std::string_view topic;
  std::optional<int32_t> partition = std::nullopt;  // none: the partitioner chooses
  Payload key = Payload::Null();
  Payload value = Payload::Null();
  // Milliseconds since 1970, as the application may set it; none: the time of the call.
  // REQUIRES: not negative.
  std::optional<int64_t> timestamp_ms = std::nullopt;
  std::span<const Header> headers = {};
  // What compression leaves of it, in millionths; none: as of its topic's data.
  std::optional<int32_t> compression_ratio = std::nullopt;
};

// What compression leaves of `record` in the world of `context`, in millionths.
int32_t CompressionRatioOf(const ProducerRecord& record, const ClientContext& context);

enum class FlushResult : uint8_t {
  kDone,      // every record sent before is acknowledged or has failed: look at its report
  kTimedOut,  // the wait ended first; nothing was given up, the records are still under way
};
std::string_view Name(FlushResult result);
std::ostream& operator<<(std::ostream& os, FlushResult result);

class Producer : public sim::Process {
 public:
  // What a library answers in the call itself is a report that is settled at once. Java hands most
  // of it to the callback too; librdkafka's produce() returns an error (DeliveryReport::refused)
  // and never calls back.
  virtual DeliveryFuture Send(const ProducerRecord& record,
                              DeliveryCallback callback = nullptr) = 0;

  // Sends what lingers and waits until every record given before is done. Java's flush has no
  // timeout and returns no error; librdkafka's has one, and gives nothing up when it is over.
  virtual sim::Future<FlushResult> Flush() = 0;
  // With patience. To Java's client it is Norn's own, as if another thread had called flush(): the
  // wait ends, the flush does not. librdkafka's flush itself ends.
  virtual sim::Future<FlushResult> Flush(absl::Duration timeout);

  // No more records. Java waits for those under way, at most `timeout`, then fails the rest;
  // librdkafka's destroy() waits for nothing: what is under way is lost without a word.
  virtual sim::Future<bool> Close(absl::Duration timeout = absl::InfiniteDuration()) = 0;

  // librdkafka's rd_kafka_purge(): fails what is queued, what is in flight, or both, now.
  // REQUIRES: the library has it (Java has not).
  struct PurgeOptions {
    bool queue = true;
    bool in_flight = true;
  };
  virtual void Purge(PurgeOptions what);

  // librdkafka tells of deliveries only to an application that polls, and counts those it could not
  // tell. By default the application polls all the time. REQUIRES: as for Purge.
  virtual void SetPolling(bool polling);

  virtual Flavour flavour() const = 0;
  // For looking at.
  virtual ConnectionState connection(BrokerId broker) const = 0;
  // Connected to anybody: the lesson's "Connected".
  virtual bool connected() const = 0;
  // A call of the application has not returned.
  virtual bool application_blocked() const = 0;

 protected:
  explicit Producer(sim::Node& node) : sim_(&node.sim()), owner_(node.owner()) {}

  sim::Simulation* const sim_;
  const uint32_t owner_;  // this life of the node
};

}  // namespace norn::model

#endif  // NORN_MODEL_CLIENT_PRODUCER_H_
