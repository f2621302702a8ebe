// The producer's id and epoch: how they are asked for, and when the epoch is bumped
// (rdkafka_idempotence.c).
//
// The id is asked of any broker that is up; where none is, again after 500 ms, or as soon as a
// Metadata answer came. Whatever tears a hole into a partition's sequence drains all partitions of
// what is in flight and then bumps the epoch, locally; sequences begin again at 0.
#ifndef NORN_MODEL_CLIENT_RDKAFKA_IDEMPOTENCE_H_
#define NORN_MODEL_CLIENT_RDKAFKA_IDEMPOTENCE_H_

#include <cstdint>

#include "model/client/rdkafka/broker_thread.h"
#include "model/client/rdkafka/toppar.h"
#include "model/error.h"
#include "sim/timer.h"

namespace norn::model::rdkafka {

class Idempotence {
 public:
  enum class State : uint8_t {
    kOff,
    kRequestPid,
    kWaitPid,
    kAssigned,
    kDrainBump,  // then the epoch is bumped
    kFatal,
  };
  class Owner {
   public:
    // Any broker that is up; null if none is, and then a connection to one is sought.
    virtual BrokerThread* AnyBrokerUp() = 0;
    // There is a new id or epoch.
    virtual void OnPid() = 0;
    // Nothing can be sent any more.
    virtual void OnFatal() = 0;

   protected:
    ~Owner() = default;
  };
  Idempotence(sim::Simulation& sim, Owner* owner)
      : owner_(owner), retry_(sim, kRetryLabel, Retry{this}) {}

  void Start();
  // A Metadata answer came: an id that is wanted is asked for now.
  void OnMetadata() { Seek(); }
  // None unless sending is allowed.
  Pid current() const { return state_ == State::kAssigned ? pid_ : Pid(); }
  State state() const { return state_; }

  // One partition more, or less, has messages in flight.
  void PartitionInFlight() { ++in_flight_partitions_; }
  void PartitionDrained();
  void DrainAndBump();
  // Nothing can be sent any more.
  void SetFatal(Error error);
  bool fatal() const { return fatal_; }
  Error fatal_error() const { return fatal_error_; }

 private:
  static constexpr sim::Label kRetryLabel{"producer id"};
  struct Retry {
    Idempotence* idempotence;
    void operator()() const { idempotence->Seek(); }
  };
  void Seek();
  void OnAnswer(Ending how, ResponseEnvelope* response);
  void OnDrained();

  Owner* owner_;
  State state_ = State::kOff;
  Pid pid_;
  int32_t in_flight_partitions_ = 0;
  bool fatal_ = false;
  Error fatal_error_ = Error::kNone;
  sim::Timer<Retry> retry_;
};

}  // namespace norn::model::rdkafka

#endif  // NORN_MODEL_CLIENT_RDKAFKA_IDEMPOTENCE_H_
