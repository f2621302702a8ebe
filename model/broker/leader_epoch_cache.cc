#include "model/broker/leader_epoch_cache.h"

#include <algorithm>

#include "sim/check.h"

namespace norn::model {

void LeaderEpochCache::Insert(LeaderEpoch epoch, Offset start) {
  NORN_CHECK(!epoch.is_none()) << "an epoch without number at " << start;
  NORN_CHECK(start >= Offset(0)) << epoch << " begins at " << start;
  while (!entries_.empty() && (entries_.back().epoch >= epoch || entries_.back().start >= start))
    entries_.pop_back();
  entries_.push_back({epoch, start});
}

LeaderEpoch LeaderEpochCache::EpochOf(Offset offset) const {
  const auto next =
      std::upper_bound(entries_.begin(), entries_.end(), offset,
                       [](Offset wanted, const Entry& entry) { return wanted < entry.start; });
  return next == entries_.begin() ? LeaderEpoch::None() : (next - 1)->epoch;
}

LeaderEpochCache::End LeaderEpochCache::EndOffsetFor(LeaderEpoch requested, Offset log_end) const {
  if (requested.is_none() || entries_.empty() || requested > entries_.back().epoch)
    return {LeaderEpoch::None(), Offset::None()};
  if (requested == entries_.back().epoch) return {requested, log_end};
  const auto next =
      std::upper_bound(entries_.begin(), entries_.end(), requested,
                       [](LeaderEpoch wanted, const Entry& entry) { return wanted < entry.epoch; });
  NORN_CHECK(next != entries_.end()) << requested << " is below the latest, and none is above it";
  // There may have been epochs in between; but the log no longer has what they wrote, and a
  // follower is right to begin where this log does.
  if (next == entries_.begin()) return {requested, next->start};
  return {(next - 1)->epoch, next->start};
}

bool LeaderEpochCache::TruncateFromEnd(Offset end) {
  const size_t before = entries_.size();
  while (!entries_.empty() && entries_.back().start >= end) entries_.pop_back();
  return entries_.size() < before;
}

bool LeaderEpochCache::TruncateFromStart(Offset start) {
  const auto next =
      std::upper_bound(entries_.begin(), entries_.end(), start,
                       [](Offset wanted, const Entry& entry) { return wanted < entry.start; });
  if (next == entries_.begin()) return false;
  const bool moves = (next - 1)->start < start;
  const bool drops = next - 1 != entries_.begin();
  (next - 1)->start = start;
  entries_.erase(entries_.begin(), next - 1);
  return moves || drops;
}

}  // namespace norn::model
