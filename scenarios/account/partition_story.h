// What a report holds of one partition, put in order for an account: who led and when, what was
// sent, told and stored, and what was done to machines meanwhile.
//
// "The origin" is where times count from: the mark at which the scope begins; if it begins with the
// run, the first that was done to a machine; the run's begin if nothing was.
#ifndef NORN_SCENARIOS_ACCOUNT_PARTITION_STORY_H_
#define NORN_SCENARIOS_ACCOUNT_PARTITION_STORY_H_

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "scenarios/account/cluster_account.h"
#include "scenarios/report.h"

namespace norn::scenarios {

class PartitionStory {
 public:
  using Sight = model::ClusterLog::Sight;
  using Frame = model::WireLog::Frame;

  // `partition`: its place in snapshots. Both outlive this.
  PartitionStory(const Report& report, const ClusterScope& scope, size_t partition);

  static double Millis(sim::Time from, sim::Time to) {
    return static_cast<double>((to.nanos() - from.nanos()) / 1000) / 1000;
  }
  // -1: nobody.
  static int32_t Leader(const Sight& sight);
  static std::vector<int32_t> Isr(const Sight& sight);  // sorted

  const Report& report() const { return report_; }
  sim::Time origin() const { return origin_; }
  // At the end of the scope.
  const PartitionReport& now() const { return *now_; }
  // Who led just before the origin; -1: nobody.
  int32_t old_leader() const { return old_leader_; }
  const std::vector<const Sight*>& sights() const { return sights_; }
  // Those that somebody who asks every broker each 20 ms for leader, epoch and ISR sees as changes.
  std::vector<const Sight*> Observed() const;
  const std::vector<const Frame*>& produce() const { return produce_; }  // and their answers
  const std::vector<const Frame*>& lookups() const { return lookups_; }  // asked for metadata
  const std::vector<const RecordReport*>& sent() const { return sent_; }
  const std::vector<const RecordReport*>& told() const { return told_; }

  bool IsOf(int32_t topic, model::PartitionIndex partition) const {
    return topic == now_->topic_number && partition.value() == now_->partition;
  }
  // The first sight at or after `from` that is so.
  template <class Predicate>
  std::optional<sim::Time> First(sim::Time from, Predicate is) const {
    for (const Sight* sight : sights_)
      if (sight->at >= from && is(*sight)) return sight->at;
    return std::nullopt;
  }
  // The first other than the old one that anybody told of after `from`; 0: none.
  int32_t NewLeader(sim::Time from) const;
  std::vector<int32_t> AllReplicas() const;
  // ISRs other than all replicas and nobody, by name ("12"), and {the old leader} in any case.
  std::map<std::string, std::vector<int32_t>> SmallIsrs() const;

  // The first such operation within the scope, or the last; null: there was none. "leader_kill" is
  // a kill of who led, "spawn" another word for "restart".
  const OperationReport* Operation(std::string_view kind, bool last = false) const;
  // Its instant; of "send", the first send() at or after the origin.
  std::optional<sim::Time> Instant(std::string_view kind) const;
  std::optional<sim::Time> Spawned(int32_t broker) const;
  // When a process that was told to stop had; when one that was started could be asked.
  std::optional<sim::Time> Gone() const;
  std::optional<sim::Time> Listening() const;
  // As it stood just before the operation; null if that is not known.
  const PartitionReport* At(const OperationReport& operation) const;
  const PartitionReport* At(std::string_view kind) const;
  std::vector<std::pair<const MarkReport*, const PartitionReport*>> Marks() const;

  // The log of a broker, empty if it has none.
  const ReplicaReport& Log(int32_t broker) const;
  int32_t FirstReplica() const;  // by number
  bool ReplicasAreEqual() const;
  std::string NameOf(model::RecordId id) const;
  std::vector<std::string> Names(const ReplicaReport& log) const;

 private:
  const PartitionReport* Of(size_t snapshot) const;
  bool Mine(std::string_view client) const {
    return scope_.client.empty() || scope_.client == client;
  }

  const Report& report_;
  const ClusterScope& scope_;
  const size_t partition_;
  const PartitionReport* now_;
  sim::Time origin_;
  int32_t old_leader_ = -1;
  std::vector<const Sight*> sights_;
  std::vector<const Frame*> produce_;
  std::vector<const Frame*> lookups_;
  std::vector<const RecordReport*> sent_;
  std::vector<const RecordReport*> told_;
};

}  // namespace norn::scenarios

#endif  // NORN_SCENARIOS_ACCOUNT_PARTITION_STORY_H_
