#include "model/controller/partition_change.h"

#include <algorithm>

namespace norn::model {
namespace {

BrokerList Without(const BrokerList& brokers, BrokerId one, BrokerId other) {
  BrokerList rest;
  for (const BrokerId id : brokers)
    if (id != one && id != other) rest.push_back(id);
  return rest;
}

class Builder {
 public:
  Builder(const PartitionState& before, const PartitionChange& change, const ElectionRules& rules,
          const MetadataImage& image)
      : before_(before), change_(change), rules_(rules), image_(image), after_(before) {}

  std::optional<PartitionState> Build() {
    target_isr_ = change_.isr.has_value() ? *change_.isr
                                          : Without(before_.isr, change_.leaves, change_.unclean);
    UpdateElr();
    Elect();
    // Without an ELR the last member stays: somebody has to be known to have everything.
    if (!target_isr_.empty() || rules_.eligible_leader_replicas) after_.isr = target_isr_;
    if (rules_.eligible_leader_replicas && after_.isr.empty() && !before_.leader.is_none() &&
        after_.leader.is_none())
      after_.last_known_leader = {before_.leader};
    if (after_ == before_) return std::nullopt;
    if (after_.leader != before_.leader)
      after_.leader_epoch = LeaderEpoch(before_.leader_epoch.value() + 1);
    ++after_.partition_epoch;
    return after_;
  }

 private:
  bool IsAcceptable(BrokerId id) const {
    if (id == change_.leaves || id == change_.unclean) return false;
    return id == change_.returns || image_.IsActive(id);
  }
  bool MayLead(BrokerId id) const {
    if (!IsAcceptable(id)) return false;
    if (Contains(target_isr_, id)) return true;
    return target_isr_.empty() && Contains(after_.elr, id);
  }

  void UpdateElr() {
    if (!rules_.eligible_leader_replicas) return;
    const auto enough = static_cast<size_t>(std::min<int64_t>(
        rules_.min_insync_replicas, static_cast<int64_t>(before_.replicas.size())));
    if (target_isr_.size() >= enough) {
      after_.elr.clear();
      after_.last_known_leader.clear();
      return;
    }
    // Whoever was in sync, or eligible, when the ISR became too small, and ended in order.
    BrokerList elr;
    for (const BrokerList* from : {&before_.elr, &before_.isr})
      for (const BrokerId id : *from)
        if (!Contains(target_isr_, id) && id != change_.unclean && !Contains(elr, id))
          elr.push_back(id);
    std::sort(elr.begin(), elr.end());
    after_.elr = elr;
  }

  void Elect() {
    if (change_.preferred) {
      const BrokerId preferred = before_.replicas.front();
      if (MayLead(preferred)) after_.leader = preferred;
      return;
    }
    if (!before_.leader.is_none() && MayLead(before_.leader)) return;
    for (const BrokerId id : before_.replicas) {
      if (!MayLead(id)) continue;
      const bool in_sync = Contains(target_isr_, id);
      after_.leader = id;
      if (!in_sync) LeadAlone(id);
      return;
    }
    if (rules_.eligible_leader_replicas && after_.elr.empty() &&
        before_.last_known_leader.size() == 1 && target_isr_.empty() &&
        IsAcceptable(before_.last_known_leader.front())) {
      after_.leader = before_.last_known_leader.front();
      return LeadAlone(after_.leader);
    }
    if (rules_.unclean) {
      for (const BrokerId id : before_.replicas) {
        if (!IsAcceptable(id)) continue;
        after_.leader = id;
        after_.elr.clear();
        return LeadAlone(id);
      }
    }
    after_.leader = BrokerId::None();
  }

  // It was not in sync: nobody else can be.
  void LeadAlone(BrokerId id) {
    target_isr_ = {id};
    after_.elr = Without(after_.elr, id, BrokerId::None());
    after_.last_known_leader.clear();
  }

  const PartitionState& before_;
  const PartitionChange& change_;
  const ElectionRules& rules_;
  const MetadataImage& image_;
  PartitionState after_;
  BrokerList target_isr_;
};

}  // namespace

std::optional<PartitionState> Change(const PartitionState& before, const PartitionChange& change,
                                     const ElectionRules& rules, const MetadataImage& image) {
  return Builder(before, change, rules, image).Build();
}

}  // namespace norn::model
