// Which leader wrote which part of a partition's log: for each epoch the offset it began at. With
// it two replicas find where their logs part (KIP-101, KIP-279); Kafka's LeaderEpochFileCache.
//
// Pure state; whoever owns it keeps it on disk. An epoch begins at the log end of its leader and
// may have written nothing yet, so the last entry may lie at the log end.
//
// Invariant: (1) epochs and start offsets both increase strictly from entry to entry.
//
// Example:
//   LeaderEpochCache epochs;
//   epochs.Assign(LeaderEpoch(1), Offset(0));
//   epochs.Assign(LeaderEpoch(3), Offset(7));
//   epochs.EndOffsetFor(LeaderEpoch(2), log_end);   // {e1, @7}: what e1 wrote ends there
#ifndef NORN_MODEL_BROKER_LEADER_EPOCH_CACHE_H_
#define NORN_MODEL_BROKER_LEADER_EPOCH_CACHE_H_

#include <vector>

#include "model/ids.h"

namespace norn::model {

class LeaderEpochCache {
 public:
  struct Entry {
    LeaderEpoch epoch;
    Offset start;
    friend bool operator==(const Entry&, const Entry&) = default;
  };
  struct End {
    LeaderEpoch epoch;  // none: the epoch asked for is not known, nor is a later one
    Offset end;
    friend bool operator==(const End&, const End&) = default;
  };

  // `epoch` writes from `start` on. Entries this contradicts go: those of its epoch or a later one,
  // and those that begin there or later (an epoch that wrote nothing). Says whether anything
  // changed. REQUIRES: neither is none.
  bool Assign(LeaderEpoch epoch, Offset start) {
    if (!entries_.empty() && entries_.back().epoch == epoch && entries_.back().start <= start)
      return false;
    Insert(epoch, start);
    return true;
  }

  // None if no epoch is known.
  LeaderEpoch LatestEpoch() const {
    return entries_.empty() ? LeaderEpoch::None() : entries_.back().epoch;
  }
  // Of the record at `offset`; none if it lies before the first entry.
  LeaderEpoch EpochOf(Offset offset) const;

  // The largest known epoch that is not above `requested`, and where it ends: at the start of the
  // next, or at `log_end` if it is the latest. Before the first known epoch: `requested` itself,
  // with the start of the first. Above the latest, or with none known: none, none.
  End EndOffsetFor(LeaderEpoch requested, Offset log_end) const;

  // The log ends at `end` now: entries that begin there or later go. Says whether any went.
  bool TruncateFromEnd(Offset end);
  // The log begins at `start` now: the entry that covers it begins there, those before it go. Says
  // whether anything changed.
  bool TruncateFromStart(Offset start);
  void Clear() { entries_.clear(); }

  const std::vector<Entry>& entries() const { return entries_; }

 private:
  void Insert(LeaderEpoch epoch, Offset start);

  std::vector<Entry> entries_;
};

}  // namespace norn::model

#endif  // NORN_MODEL_BROKER_LEADER_EPOCH_CACHE_H_
