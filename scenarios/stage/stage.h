// One performance of a scenario: builds the cluster, does the steps in their order while workloads
// and faults run beside them, and writes down what came of it.
//
// Example:
//   Report report = Stage(plan, {.seed = 7}).Play();     // what Run() does
#ifndef NORN_SCENARIOS_STAGE_STAGE_H_
#define NORN_SCENARIOS_STAGE_STAGE_H_

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/time/time.h"
#include "model/cluster.h"
#include "scenarios/report.h"
#include "scenarios/run.h"
#include "scenarios/stage/journey.h"
#include "scenarios/stage/judge.h"
#include "scenarios/stage/observer.h"
#include "scenarios/stage/operations.h"
#include "scenarios/stage/sends.h"
#include "scenarios/stage/workload.h"
#include "scenarios/text/plan.h"
#include "sim/disk_faults.h"

namespace norn::scenarios {

class Stage {
 public:
  // `plan` outlives this.
  Stage(const Plan& plan, const RunOptions& options);

  // REQUIRES: not called before.
  Report Play();

 private:
  void SetUp();
  void PlantFaults();
  void PlantAt(const Fault& fault);
  model::FaultRule Rule(const Fault& fault);
  void PlaySteps();
  void AwaitInstant(const Step& step);
  void Settle();
  void WriteReport();
  void AddOperationsOfFaults();
  void NoteOperation(std::string_view kind, int32_t broker);
  // Its place among the report's snapshots.
  size_t Snap();

  // steps.cc: each does its step and says what it saw.
  void Do(const Step& step);
  void Do(const CreateMessage& step);
  void Do(const Connect& step);
  void Do(const Send& step);
  void Do(const Flush& step);
  void Do(const Close& step);
  void Do(const Wait& step);
  void Do(const WaitForSend& step);
  void Do(const Poll& step);
  void Do(const CheckStored& step);
  void Do(const Expectation& step);
  void Do(const Arm& step);
  void Do(const Disarm& step);
  void Do(const UntilFired& step);
  void Do(const Mark& step);
  void Do(const WaitUntil& step);
  void Do(const Purge& step);
  void Do(const Polling& step);
  void Do(const Seek& step);
  void Do(const Position& step);
  template <class Verb>
  void Operate(const Verb& verb, std::string evaluation, std::string result);
  void Give(const Send& step, int32_t number, std::vector<model::RecordId>* given);
  // What a poll returned.
  void Note(const std::string& consumer, const model::PollResult& result);
  // Waits until the application of a client can call again.
  void AwaitReturn(const std::string& client);
  void SayWhatWasSent(const Send& step, const std::vector<model::RecordId>& given);

  // Pumps the clock; false if `predicate` did not come true within `patience`.
  bool Await(const std::function<bool()>& predicate, absl::Duration patience);
  std::map<std::string, int64_t> Fired();
  int64_t TimesFired(const std::string& fault);
  model::Acks AcksOf(const std::string& client) const;
  Evidence Look();
  StepReport& step() { return report_.steps.back(); }

  const Plan& plan_;
  const RunOptions& options_;
  const bool traced_;
  const bool listens_;  // to wires, for the report
  model::Cluster cluster_;
  Sends sends_;
  Journey journey_;
  Observer observer_;
  Operations operations_;
  std::vector<std::unique_ptr<WorkloadRun>> workloads_;
  std::vector<FaultReport> timed_faults_;  // by the fault's place in the scenario
  std::map<std::string, const sim::DiskFault*> disk_faults_;  // by name, once they have begun
  std::map<std::string, int64_t> fired_;                      // as of the last Look()
  std::map<std::string, std::vector<std::string>> read_;
  std::map<std::string, std::vector<std::string>> read_errors_;
  Report report_;
  bool purged_ = false;
};

}  // namespace norn::scenarios

#endif  // NORN_SCENARIOS_STAGE_STAGE_H_
