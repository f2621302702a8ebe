// What is done to the machines and the network of a run: kill, pause, partition, and their
// opposites. Steps do it when their turn comes, faults at their instant.
//
// Example:
//   Operations operations(cluster, plan);
//   operations.Do(kill);                        // KillBroker{broker: 1}
//   Describe(kill);                             // "kill b1"
//   operations.UndoLater(kill, absl::Seconds(1));
#ifndef NORN_SCENARIOS_STAGE_OPERATIONS_H_
#define NORN_SCENARIOS_STAGE_OPERATIONS_H_

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <utility>

#include "absl/time/time.h"
#include "model/cluster.h"
#include "scenarios/scenario.pb.h"
#include "scenarios/text/plan.h"

namespace norn::scenarios {

// For people: "kill b1", "partition p1 from b1, b2".
std::string Describe(const StartBroker& verb);
std::string Describe(const StartClient& verb);
std::string Describe(const KillBroker& verb);
std::string Describe(const LosePower& verb);
std::string Describe(const Pause& verb);
std::string Describe(const Resume& verb);
std::string Describe(const Partition& verb);
std::string Describe(const Repair& verb);
std::string Describe(const Refuse& verb);
std::string Describe(const BlackHole& verb);
std::string Describe(const ResetConnections& verb);
std::string Describe(const StallDisk& verb);
std::string Describe(const FillDisk& verb);
std::string Describe(const FailDisk& verb);
std::string Describe(const RepairDisk& verb);
std::string Describe(const StepClock& verb);
std::string Describe(const Heal& verb);
std::string Describe(const Exit& verb);
std::string Describe(const Release& verb);
std::string Describe(const Topic& created);
std::string Describe(const BrokerLatency& verb);
std::string Describe(const ShutDownBroker& verb);
std::string Describe(const KillController& verb);
std::string Describe(const StartController& verb);

class Operations {
 public:
  // Both outlive this.
  Operations(model::Cluster& cluster, const Plan& plan) : cluster_(cluster), plan_(plan) {}

  // Is told of each operation just before it is done: its kind and broker (OperationReport).
  void SetListener(std::function<void(std::string_view, int32_t)> listener) {
    listener_ = std::move(listener);
  }

  // REQUIRES (all): MakePlan has accepted the verb.
  void Do(const StartBroker& verb) {
    Note("restart", verb.broker());
    cluster_.broker(verb.broker()).Start();
  }
  void Do(const StartClient& verb);
  void Do(const KillBroker& verb) {
    Note("kill", verb.broker());
    cluster_.broker(verb.broker()).Kill();
  }
  void Do(const LosePower& verb) {
    Note("power_loss", verb.broker());
    cluster_.broker(verb.broker()).LosePower();
  }
  void Do(const Pause& verb) {
    Note("pause", verb.broker());
    Target(verb).Pause();
  }
  void Do(const Resume& verb) {
    Note("resume", verb.broker());
    Target(verb).Resume();
  }
  void Do(const Partition& verb);
  void Do(const Repair& verb);
  void Do(const Refuse& verb);
  void Do(const BlackHole& verb);
  void Do(const ResetConnections& verb);
  void Do(const StallDisk& verb);
  // These two tell how often they strike.
  const sim::DiskFault& Do(const FillDisk& verb);
  const sim::DiskFault& Do(const FailDisk& verb);
  void Do(const StepClock& verb);
  void Do(const RepairDisk& verb) { cluster_.disk(verb.broker()).Repair(); }
  void Do(const Heal&) {
    Note("heal", 0);
    cluster_.network().Heal();
  }
  void Do(const Exit& verb) { cluster_.client(verb.client()).Kill(); }
  void Do(const Release& verb) { cluster_.faults().Release(verb.fault()); }
  void Do(const Topic& created) { cluster_.CreateTopic(plan_.created_topics.at(created.name())); }
  void Do(const BrokerLatency& verb);
  void Do(const ShutDownBroker& verb) {
    Note("sigterm", verb.broker());
    cluster_.ShutDown(verb.broker());
  }
  void Do(const KillController&) { cluster_.controller().Kill(); }
  void Do(const StartController&) { cluster_.controller().Start(); }

  // When connections were first reset; Max(): never.
  sim::Time first_reset() const { return first_reset_; }

  // Does the verb's opposite after `lasts`. REQUIRES: it has one.
  void UndoLater(const KillBroker& verb, absl::Duration lasts);
  void UndoLater(const LosePower& verb, absl::Duration lasts);
  void UndoLater(const Pause& verb, absl::Duration lasts);
  void UndoLater(const Partition& verb, absl::Duration lasts);
  void UndoLater(const Refuse& verb, absl::Duration lasts);
  void UndoLater(const BlackHole& verb, absl::Duration lasts);
  void UndoLater(const Exit& verb, absl::Duration lasts);
  void UndoLater(const BrokerLatency& verb, absl::Duration lasts);
  void UndoLater(const ShutDownBroker& verb, absl::Duration lasts);
  void UndoLater(const KillController& verb, absl::Duration lasts);
  void UndoLater(const FillDisk& verb, absl::Duration lasts);
  void UndoLater(const FailDisk& verb, absl::Duration lasts);

  // "b2", "c1", or a client's name. REQUIRES: there is such a machine.
  sim::Node& Machine(std::string_view name);
  // Tells a consumer which partitions it reads. Nothing if it is not alive.
  void Assign(const std::string& consumer);

 private:
  void RefuseAt(sim::Node& node, const Refuse& verb);
  void Note(std::string_view kind, int32_t broker) const {
    if (listener_) listener_(kind, broker);
  }
  // The first broker that is named; 0: none is.
  template <class Names>
  static int32_t BrokerOf(const Names& names);
  template <class Verb>
  sim::Node& Target(const Verb& verb) {
    if (verb.controller()) return cluster_.controller();
    return verb.has_client() ? cluster_.client(verb.client()) : cluster_.broker(verb.broker());
  }
  template <class Verb>
  void Later(absl::Duration lasts, Verb opposite);
  void StartOnceEnded(int32_t broker);

  model::Cluster& cluster_;
  const Plan& plan_;
  std::function<void(std::string_view, int32_t)> listener_;
  sim::Time first_reset_ = sim::Time::Max();
};

}  // namespace norn::scenarios

#endif  // NORN_SCENARIOS_STAGE_OPERATIONS_H_
