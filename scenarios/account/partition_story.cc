#include "scenarios/account/partition_story.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "absl/time/time.h"

namespace norn::scenarios {
namespace {

bool IsTrouble(std::string_view kind) {
  return kind != "restart" && kind != "resume" && kind != "heal";
}

}  // namespace

PartitionStory::PartitionStory(const Report& report, const ClusterScope& scope, size_t partition)
    : report_(report),
      scope_(scope),
      partition_(partition),
      now_(Of(std::min(scope.end.snapshot, report.snapshots.size() - 1))),
      origin_(scope.begin.at) {
  if (scope.begin.label.empty()) {
    const auto trouble =
        std::find_if(report.operations.begin(), report.operations.end(),
                     [](const OperationReport& done) { return IsTrouble(done.kind); });
    if (trouble != report.operations.end()) origin_ = trouble->at;
  }
  for (const Sight& sight : report.sights)
    if (IsOf(sight.topic, sight.partition) && sight.at <= scope.end.at) sights_.push_back(&sight);
  for (const Sight* sight : sights_)
    if (sight->at <= origin_ && Leader(*sight) == sight->broker.value())
      old_leader_ = Leader(*sight);
  for (size_t i = 0; i < std::min(scope.end.frames, report.frames.size()); ++i) {
    const Frame& frame = report.frames[i];
    if (!Mine(frame.client)) continue;
    if (frame.api == model::Api::kMetadata && frame.is_request) lookups_.push_back(&frame);
    if (frame.api != model::Api::kProduce) continue;
    const auto here = [&](const auto& part) {
      return part.topic == now_->topic && part.partition.value() == now_->partition;
    };
    if (std::any_of(frame.batches.begin(), frame.batches.end(), here) ||
        std::any_of(frame.answers.begin(), frame.answers.end(), here))
      produce_.push_back(&frame);
  }
  // Of a record that failed before it had a partition, the topic decides.
  const auto here = [&](const RecordReport& record) {
    const model::PartitionIndex chosen = record.report.partition;
    return Mine(record.client) && record.topic == now_->topic &&
           (chosen.is_none() || chosen.value() == now_->partition);
  };
  for (size_t i = 0; i < std::min(scope.end.records, report.records.size()); ++i)
    if (here(report.records[i])) sent_.push_back(&report.records[i]);
  for (size_t i = 0; i < std::min(scope.end.told, report.told.size()); ++i) {
    const RecordReport& record = report.records[static_cast<size_t>(report.told[i].value())];
    if (here(record)) told_.push_back(&record);
  }
}

const PartitionReport* PartitionStory::Of(size_t snapshot) const {
  // A topic that was created later is not there yet.
  static const PartitionReport& none = *new PartitionReport;
  const auto& partitions = report_.snapshots[snapshot].partitions;
  return partition_ < partitions.size() ? &partitions[partition_] : &none;
}

int32_t PartitionStory::Leader(const Sight& sight) {
  return sight.state.leader.is_none() ? -1 : sight.state.leader.value();
}

std::vector<int32_t> PartitionStory::Isr(const Sight& sight) {
  std::vector<int32_t> isr;
  for (const model::BrokerId id : sight.state.isr) isr.push_back(id.value());
  std::sort(isr.begin(), isr.end());
  return isr;
}

int32_t PartitionStory::NewLeader(sim::Time from) const {
  for (const Sight* sight : sights_)
    if (sight->at >= from && Leader(*sight) > 0 && Leader(*sight) != old_leader_)
      return Leader(*sight);
  return 0;
}

std::vector<const PartitionStory::Sight*> PartitionStory::Observed() const {
  constexpr absl::Duration kAsksEach = absl::Milliseconds(20);
  std::vector<const Sight*> observed;
  std::map<model::BrokerId, const Sight*> last;
  for (size_t i = 0; i < sights_.size(); ++i) {
    const Sight& sight = *sights_[i];
    const auto next =
        std::find_if(sights_.begin() + static_cast<ptrdiff_t>(i) + 1, sights_.end(),
                     [&](const Sight* later) { return later->broker == sight.broker; });
    if (next != sights_.end() && (*next)->at - sight.at < kAsksEach) continue;
    const Sight*& before = last[sight.broker];
    const bool same = before != nullptr && Leader(*before) == Leader(sight) &&
                      before->state.leader_epoch == sight.state.leader_epoch &&
                      Isr(*before) == Isr(sight);
    if (same) continue;
    before = &sight;
    observed.push_back(&sight);
  }
  return observed;
}

std::vector<int32_t> PartitionStory::AllReplicas() const {
  std::vector<int32_t> all = now_->replicas;
  std::sort(all.begin(), all.end());
  return all;
}

std::map<std::string, std::vector<int32_t>> PartitionStory::SmallIsrs() const {
  std::map<std::string, std::vector<int32_t>> isrs;
  const std::vector<int32_t> all = AllReplicas();
  const auto add = [&](const std::vector<int32_t>& isr) {
    std::string name;
    for (const int32_t broker : isr) absl::StrAppend(&name, broker);
    if (!isr.empty() && isr != all) isrs[name] = isr;
  };
  for (const int32_t broker : all) add({broker});
  for (const Sight* sight : sights_) add(Isr(*sight));
  return isrs;
}

const OperationReport* PartitionStory::Operation(std::string_view kind, bool last) const {
  const OperationReport* found = nullptr;
  for (const OperationReport& done : report_.operations) {
    if (done.at < scope_.begin.at || done.at > scope_.end.at) continue;
    const bool is = kind == "leader_kill" ? done.kind == "kill" && done.led
                    : kind == "spawn"     ? done.kind == "restart"
                                          : done.kind == kind;
    if (!is) continue;
    found = &done;
    if (!last) break;
  }
  return found;
}

std::optional<sim::Time> PartitionStory::Instant(std::string_view kind) const {
  if (kind == "listening") return Listening();
  if (kind != "send") {
    const OperationReport* done = Operation(kind);
    return done == nullptr ? std::nullopt : std::optional(done->at);
  }
  for (const RecordReport* record : sent_)
    if (record->sent >= origin_) return record->sent;
  return std::nullopt;
}

std::optional<sim::Time> PartitionStory::Spawned(int32_t broker) const {
  for (const OperationReport& done : report_.operations)
    if (done.kind == "restart" && done.broker == broker) return done.at;
  return std::nullopt;
}

std::optional<sim::Time> PartitionStory::Gone() const {
  for (const auto& life : report_.lives)
    if (life.event == model::ClusterLog::Life::Event::kGone && life.at >= origin_) return life.at;
  return std::nullopt;
}

std::optional<sim::Time> PartitionStory::Listening() const {
  for (const auto& life : report_.lives)
    if (life.event == model::ClusterLog::Life::Event::kListens && life.at > origin_) return life.at;
  return std::nullopt;
}

const PartitionReport* PartitionStory::At(const OperationReport& operation) const {
  return operation.snapshot == OperationReport::kNone ? nullptr : Of(operation.snapshot);
}

const PartitionReport* PartitionStory::At(std::string_view kind) const {
  const OperationReport* done = Operation(kind);
  return done == nullptr ? nullptr : At(*done);
}

std::vector<std::pair<const MarkReport*, const PartitionReport*>> PartitionStory::Marks() const {
  std::vector<std::pair<const MarkReport*, const PartitionReport*>> marks;
  for (const MarkReport& mark : report_.marks)
    if (mark.at >= scope_.begin.at && mark.at <= scope_.end.at)
      marks.emplace_back(&mark, Of(mark.snapshot));
  return marks;
}

const ReplicaReport& PartitionStory::Log(int32_t broker) const {
  static const ReplicaReport& none = *new ReplicaReport;
  for (const ReplicaReport& log : now_->logs)
    if (log.broker == broker) return log;
  return none;
}

int32_t PartitionStory::FirstReplica() const {
  return now_->replicas.empty() ? -1
                                : *std::min_element(now_->replicas.begin(), now_->replicas.end());
}

bool PartitionStory::ReplicasAreEqual() const {
  const std::vector<std::string> one = Names(Log(FirstReplica()));
  return std::all_of(now_->logs.begin(), now_->logs.end(),
                     [&](const ReplicaReport& log) { return Names(log) == one; });
}

std::string PartitionStory::NameOf(model::RecordId id) const {
  const auto index = static_cast<size_t>(id.value());
  return index < report_.records.size() ? report_.records[index].name : "";
}

std::vector<std::string> PartitionStory::Names(const ReplicaReport& log) const {
  std::vector<std::string> names;
  for (const ReplicaBatchReport& batch : log.batches)
    for (const model::RecordId id : batch.ids) names.push_back(NameOf(id));
  return names;
}

}  // namespace norn::scenarios
