// The parts of MakePlan: each looks at one part of a scenario, adds what is wrong with it to a
// Diagnosis, and fills in defaults.
#ifndef NORN_SCENARIOS_TEXT_CHECKS_H_
#define NORN_SCENARIOS_TEXT_CHECKS_H_

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/time/time.h"
#include "scenarios/scenario.pb.h"
#include "scenarios/text/plan.h"
#include "scenarios/text/source.h"

namespace norn::scenarios {

// What a scenario gives names to, and questions about them.
class Names {
 public:
  Names(const Scenario& scenario, Diagnosis& diagnosis) : diagnosis_(diagnosis) { Read(scenario); }

  // Each adds a mistake, and returns false, if there is no such thing.
  bool CheckBroker(const Place& place, int32_t broker) const;
  bool CheckTopic(const Place& place, std::string_view topic) const;
  // REQUIRES: the topic exists.
  bool CheckPartition(const Place& place, std::string_view topic, int32_t partition) const;
  bool CheckMachine(const Place& place, std::string_view name) const;
  // One whose clock tells something.
  bool CheckClock(const Place& place, std::string_view machine) const;
  bool CheckSend(const Place& place, std::string_view label) const;
  bool CheckFault(const Place& place, std::string_view name) const;
  // One that holds frames.
  bool CheckHold(const Place& place, std::string_view name) const;
  bool CheckDuration(const Place& place, std::string_view text) const;
  // One that may be below nothing: of a clock.
  bool CheckSignedDuration(const Place& place, std::string_view text) const;
  bool CheckProbability(const Place& place, double probability) const;
  // What compression leaves of data, as a part of it.
  bool CheckCompressionRatio(const Place& place, double ratio) const;
  // A count or size that is at least `least`.
  bool CheckAtLeast(const Place& place, int64_t value, int64_t least) const;
  // A field that must be there: `has` says whether it is.
  bool CheckGiven(const Place& place, bool has, std::string_view example) const;

  // The client that is meant, the only one if none is named.
  enum class Kind { kProducer, kConsumer, kAny };
  std::optional<std::string> Client(const Place& place, const std::string& name, Kind kind) const;

  int32_t brokers() const { return brokers_; }
  // "b2"
  bool IsBroker(std::string_view machine) const;
  bool has_controller() const { return has_controller_; }
  bool CheckController(const Place& place) const;
  const std::map<std::string, int32_t>& topics() const { return topics_; }
  const std::vector<std::string>& clients() const { return clients_; }
  const std::vector<std::string>& flushes() const { return flushes_; }
  int flush_steps() const { return flush_steps_; }
  Diagnosis& diagnosis() const { return diagnosis_; }

  // Sends are named as they are met. One of several records also makes the names "a0", "a1", ...
  void AddSend(std::string label, int32_t count) {
    if (!label.empty()) sends_[std::move(label)] = count;
  }
  void AddFlush(std::string label) {
    ++flush_steps_;
    if (!label.empty()) flushes_.push_back(std::move(label));
  }

 private:
  void Read(const Scenario& scenario);

  Diagnosis& diagnosis_;
  int32_t brokers_ = 1;
  bool has_controller_ = false;
  std::map<std::string, int32_t> topics_;  // with their partitions
  std::vector<std::string> clients_;
  std::vector<std::string> producers_;
  std::vector<std::string> consumers_;
  std::map<std::string, int32_t> sends_;
  std::vector<std::string> flushes_;
  int flush_steps_ = 0;
  std::vector<std::string> faults_;
  std::vector<std::string> holds_;  // the faults that hold frames
};

// cluster { }, into options.
void CheckCluster(const Place& scenario, const Scenario& from, Names& names, Plan& plan);
// clock { }, the same. REQUIRES: the clients are in the plan.
void CheckClocks(const Place& scenario, const Scenario& from, Names& names, Plan& plan);
// clients { }, into plan.clients.
void CheckClients(const Place& scenario, const Script& script, Names& names, Plan& plan);
// steps { }: completes them.
void CheckSteps(const Place& scenario, Names& names, Scenario& completed);
void CheckWorkloads(const Place& scenario, Names& names, Scenario& completed);
void CheckFaults(const Place& scenario, Names& names, Scenario& completed);
// What of the faults can be known only after the steps: which records there are.
void CheckFaultRecords(const Place& scenario, const Names& names, const Scenario& completed);
// One expectation, of the end or of a step.
void CheckExpectation(const Place& place, Names& names, Expectation& completed);
// Whether it may be judged over many seeds: `of_run` if it is an expectation of the whole run.
void CheckSometimes(const Place& place, Names& names, const Expectation& expectation, bool of_run);

// The verbs that steps and faults share. Each checks the machines named, and fills in what follows.
void CheckVerb(const Place& place, Names& names, bool at_cut_point, KillBroker& verb);
void CheckVerb(const Place& place, Names& names, bool at_cut_point, LosePower& verb);
void CheckVerb(const Place& place, Names& names, bool at_cut_point, Pause& verb);
void CheckVerb(const Place& place, Names& names, bool at_cut_point, Partition& verb);
void CheckVerb(const Place& place, Names& names, bool at_cut_point, StartBroker& verb);
void CheckVerb(const Place& place, Names& names, bool at_cut_point, Resume& verb);
void CheckVerb(const Place& place, Names& names, bool at_cut_point, Repair& verb);
void CheckVerb(const Place& place, Names& names, bool at_cut_point, Refuse& verb);
void CheckVerb(const Place& place, Names& names, bool at_cut_point, BlackHole& verb);
void CheckVerb(const Place& place, Names& names, bool at_cut_point, ResetConnections& verb);
void CheckVerb(const Place& place, Names& names, bool at_cut_point, StallDisk& verb);
void CheckVerb(const Place& place, Names& names, bool at_cut_point, FillDisk& verb);
void CheckVerb(const Place& place, Names& names, bool at_cut_point, FailDisk& verb);
void CheckVerb(const Place& place, Names& names, bool at_cut_point, RepairDisk& verb);
void CheckVerb(const Place& place, Names& names, bool at_cut_point, StepClock& verb);
void CheckVerb(const Place& place, Names& names, bool at_cut_point, Heal& verb);
void CheckVerb(const Place& place, Names& names, bool at_cut_point, Exit& verb);
void CheckVerb(const Place& place, Names& names, bool at_cut_point, StartClient& verb);
void CheckVerb(const Place& place, Names& names, bool at_cut_point, ShutDownBroker& verb);
void CheckVerb(const Place& place, Names& names, bool at_cut_point, KillController& verb);
void CheckVerb(const Place& place, Names& names, bool at_cut_point, StartController& verb);
void CheckVerb(const Place& place, Names& names, bool at_cut_point, Release& verb);
void CheckVerb(const Place& place, Names& names, bool at_cut_point, BrokerLatency& verb);

}  // namespace norn::scenarios

#endif  // NORN_SCENARIOS_TEXT_CHECKS_H_
