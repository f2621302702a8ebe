// Holds what happened against what a scenario expects, and says both in words.
//
// It looks at what clients were told and at what the logs hold, at one instant; it changes nothing.
//
// Example:
//   Judge judge(evidence);
//   ExpectationReport verdict = judge.Verdict(expectation);
//   verdict.expected      // "hello is OK"
//   verdict.happened      // "hello is FAILED: TimeoutException: Expiring 1 record(s) ..."
#ifndef NORN_SCENARIOS_STAGE_JUDGE_H_
#define NORN_SCENARIOS_STAGE_JUDGE_H_

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "model/cluster.h"
#include "scenarios/report.h"
#include "scenarios/scenario.pb.h"
#include "scenarios/stage/sends.h"
#include "scenarios/stage/storage.h"

namespace norn::scenarios {

// What a verdict may look at. All outlive the Judge.
struct Evidence {
  model::Cluster& cluster;
  const Sends& sends;
  const std::vector<FlushReport>& flushes;
  const std::map<std::string, int64_t>& fired;                         // faults, how often
  const std::map<std::string, std::vector<std::string>>& read;         // values, by consumer
  const std::map<std::string, std::vector<std::string>>& read_errors;  // likewise
};

class Judge {
 public:
  // As of now.
  explicit Judge(const Evidence& evidence) : evidence_(evidence) {}

  // REQUIRES: MakePlan has accepted the expectation.
  ExpectationReport Verdict(const Expectation& expectation) const;

 private:
  ExpectationReport Of(const OutcomeIs& expected) const;
  ExpectationReport Of(const FlushIs& expected) const;
  ExpectationReport Of(const Stored& expected) const;
  ExpectationReport Of(const NoDuplicates& expected) const;
  ExpectationReport Of(const AllStored& expected) const;
  ExpectationReport Of(const InOrder& expected) const;
  ExpectationReport Of(const ConnectionIs& expected) const;
  ExpectationReport Of(const FaultFired& expected) const;
  ExpectationReport Of(const Consumed& expected) const;
  ExpectationReport Of(const Requests& expected) const;
  ExpectationReport Of(const PartitionIs& expected) const;
  ExpectationReport Of(const NoLostWrites& expected) const;
  ExpectationReport Of(const ReplicasAgree& expected) const;

  bool Matches(const OutcomeIs& expected, const model::History::Sent& sent) const;
  const Storage& storage() const;
  std::string NameOf(model::RecordId id) const;
  std::string PlaceOf(const Storage::Place& place) const;

  const Evidence& evidence_;
  // Not every expectation needs it, and it is a walk over all logs.
  mutable std::optional<Storage> storage_;
};

}  // namespace norn::scenarios

#endif  // NORN_SCENARIOS_STAGE_JUDGE_H_
