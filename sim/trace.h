// What happened and because of what: one structured entry per event and per note.
//
// An entry names its time, the event it belongs to, that event's cause (the event that was running
// when it was scheduled), the node, what happened and up to four subjects. Text is built only if a
// sink keeps it. Sinks never draw and never schedule, so tracing a run does not change it.
//
// The run digest folds every entry and is equal for two runs of one seed: between processes,
// compilers and optimisation levels of one version of the program. It is compared, never stored.
#ifndef NORN_SIM_TRACE_H_
#define NORN_SIM_TRACE_H_

#include <array>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <initializer_list>
#include <iosfwd>
#include <string>
#include <utility>

#include "sim/label.h"
#include "sim/time.h"

namespace norn::sim {

enum class TraceSink : uint8_t {
  kNone,    // nothing at all, not even the digest: for measuring what the digest costs
  kDigest,  // the digest only (the default)
  kRing,    // and the last `ring` entries, shown when a check fails
  kFull,    // and every entry
};

// What an entry is about: connection 7, batch 3.
struct Subject {
  const Label* kind;
  int64_t id;
};

struct TraceEntry {
  Time at;
  uint64_t event = 0;  // order of the event during which it happened; 0 = outside of events
  uint64_t cause = 0;  // the event that scheduled it, or for a note a second cause (a join)
  uint32_t owner = 0;  // see node.h; 0 = nobody's
  bool note = false;   // said during an event, rather than the event itself
  const Label* what = &kUnnamed;
  std::array<Subject, 4> subjects{};
  uint8_t subject_count = 0;
  std::string text;  // for people; empty unless a sink keeps entries
};

// Mixes `word` into `digest`; order matters.
inline uint64_t FoldDigest(uint64_t digest, uint64_t word) {
  const unsigned __int128 product =
      static_cast<unsigned __int128>(digest ^ 0x9e3779b97f4a7c15u) * (word ^ 0xd6e8feb86659fd93u);
  return static_cast<uint64_t>(product >> 64) ^ static_cast<uint64_t>(product) ^
         (word << 32 | word >> 32);
}

class Trace {
 public:
  Trace(TraceSink sink, size_t ring) : sink_(sink), ring_(ring) {}

  bool keeps_entries() const { return sink_ >= TraceSink::kRing; }
  bool digests() const { return sink_ != TraceSink::kNone; }
  uint64_t digest() const { return digest_; }
  const std::deque<TraceEntry>& entries() const { return entries_; }

  void Fold(uint64_t word) { digest_ = FoldDigest(digest_, word); }
  void Keep(TraceEntry entry);

  // The kept entries that led to event `event`, the latest first: itself, its cause, and so on.
  void PrintCauses(std::ostream& os, uint64_t event) const;

 private:
  TraceSink sink_;
  size_t ring_;
  uint64_t digest_ = 0x4e6f726e;  // "Norn"
  std::deque<TraceEntry> entries_;
};

std::ostream& operator<<(std::ostream& os, const TraceEntry& entry);

}  // namespace norn::sim

#endif  // NORN_SIM_TRACE_H_
