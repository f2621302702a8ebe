// Names that cannot be mistaken for each other. An Offset is not a count, an epoch is not an
// offset, a leader's epoch is not a producer's.
//
// An Id wraps one integer: it is ordered, printed with a prefix, hashed for lookups, and has no
// arithmetic but the named steps at the end of this page. A default Id is none, Kafka's -1.
//
// Example:
//   Offset end = Offset(17) + RecordCount(3);       // @20
//   LeaderEpoch epoch = Next(LeaderEpoch(4));       // e5
//   Sequence first = Next(Sequence(2147483647));    // s0: sequences wrap, nothing else does
#ifndef NORN_MODEL_IDS_H_
#define NORN_MODEL_IDS_H_

#include <compare>
#include <cstdint>
#include <limits>
#include <ostream>
#include <utility>

namespace norn::model {

template <class Tag, class Rep>
class Id {
 public:
  using Value = Rep;

  constexpr Id() = default;
  explicit constexpr Id(Rep value) : value_(value) {}
  static constexpr Id None() { return Id(); }

  constexpr Rep value() const { return value_; }
  constexpr bool is_none() const { return value_ == Rep{-1}; }

  friend constexpr auto operator<=>(const Id&, const Id&) = default;
  friend std::ostream& operator<<(std::ostream& os, Id id) {
    return os << Tag::kPrefix << +id.value_;
  }
  template <class H>
  friend H AbslHashValue(H h, Id id) {
    return H::combine(std::move(h), id.value_);
  }

 private:
  Rep value_ = -1;
};

struct BrokerTag {
  static constexpr char kPrefix[] = "b";
};
struct PartitionTag {
  static constexpr char kPrefix[] = "p";
};
struct OffsetTag {
  static constexpr char kPrefix[] = "@";
};
struct LeaderEpochTag {
  static constexpr char kPrefix[] = "e";
};
struct ProducerTag {
  static constexpr char kPrefix[] = "pid";
};
struct ProducerEpochTag {
  static constexpr char kPrefix[] = "pe";
};
struct SequenceTag {
  static constexpr char kPrefix[] = "s";
};
struct CorrelationTag {
  static constexpr char kPrefix[] = "c";
};
struct RecordTag {
  static constexpr char kPrefix[] = "r";
};

using BrokerId = Id<BrokerTag, int32_t>;
using PartitionIndex = Id<PartitionTag, int32_t>;
using Offset = Id<OffsetTag, int64_t>;
using LeaderEpoch = Id<LeaderEpochTag, int32_t>;
using ProducerId = Id<ProducerTag, int64_t>;
using ProducerEpoch = Id<ProducerEpochTag, int16_t>;
using Sequence = Id<SequenceTag, int32_t>;
using CorrelationId = Id<CorrelationTag, int32_t>;
// Which record of the workload this is, the same wherever it is stored and however often it was
// sent. Kafka has no such name, so it is never on the wire.
using RecordId = Id<RecordTag, int64_t>;

// How many records: the only thing that may be added to an Offset or a Sequence.
class RecordCount {
 public:
  explicit constexpr RecordCount(int64_t value) : value_(value) {}
  constexpr int64_t value() const { return value_; }
  friend constexpr auto operator<=>(const RecordCount&, const RecordCount&) = default;
  friend std::ostream& operator<<(std::ostream& os, RecordCount count) {
    return os << count.value_ << (count.value_ == 1 ? " record" : " records");
  }

 private:
  int64_t value_;
};

constexpr Offset operator+(Offset offset, RecordCount count) {
  return Offset(offset.value() + count.value());
}
constexpr Offset operator-(Offset offset, RecordCount count) {
  return Offset(offset.value() - count.value());
}
// Records from `from` to just before `to`; negative when `to` lies before `from`.
constexpr RecordCount RecordsBetween(Offset from, Offset to) {
  return RecordCount(to.value() - from.value());
}

// Sequences run from 0 to 2^31-1 and begin again at 0, whatever the step.
// REQUIRES: the sequence is not none; the count is 0 to 2^31-1.
constexpr Sequence operator+(Sequence sequence, RecordCount count) {
  constexpr int64_t kRound = int64_t{std::numeric_limits<int32_t>::max()} + 1;
  return Sequence(static_cast<int32_t>((sequence.value() + count.value()) % kRound));
}
constexpr Sequence operator-(Sequence sequence, RecordCount count) {
  constexpr int64_t kRound = int64_t{std::numeric_limits<int32_t>::max()} + 1;
  return Sequence(static_cast<int32_t>((sequence.value() - count.value() + kRound) % kRound));
}

constexpr Offset Next(Offset offset) { return Offset(offset.value() + 1); }
constexpr Sequence Next(Sequence sequence) { return sequence + RecordCount(1); }
constexpr LeaderEpoch Next(LeaderEpoch epoch) { return LeaderEpoch(epoch.value() + 1); }
constexpr ProducerId Next(ProducerId id) { return ProducerId(id.value() + 1); }
constexpr RecordId Next(RecordId id) { return RecordId(id.value() + 1); }

// A producer's last epoch is 32767; after it comes a new producer id, which is the caller's
// business. REQUIRES: epoch < 32767.
constexpr ProducerEpoch Next(ProducerEpoch epoch) {
  return ProducerEpoch(static_cast<int16_t>(epoch.value() + 1));
}
// Correlation ids only have to differ within one connection: they begin again at 0.
constexpr CorrelationId Next(CorrelationId id) {
  return CorrelationId(id.value() == std::numeric_limits<int32_t>::max() ? 0 : id.value() + 1);
}

}  // namespace norn::model

#endif  // NORN_MODEL_IDS_H_
