#include "tests/support/partition_matchers.h"

#include <algorithm>
#include <map>
#include <optional>
#include <sstream>

#include "tests/support/record_differences.h"

namespace norn::support_internal {
namespace {

using ::testing::MatchResultListener;

std::vector<int32_t> Sorted(const model::BrokerList& brokers) {
  std::vector<int32_t> ids;
  for (const model::BrokerId id : brokers) ids.push_back(id.value());
  std::sort(ids.begin(), ids.end());
  return ids;
}

std::string Listed(const std::vector<int32_t>& ids) {
  std::string text;
  for (const int32_t id : ids) text += (text.empty() ? "" : ", ") + std::to_string(id);
  return text;
}

std::vector<int32_t> Without(const std::vector<int32_t>& all, const std::vector<int32_t>& some) {
  std::vector<int32_t> rest;
  for (const int32_t id : all)
    if (std::find(some.begin(), some.end(), id) == some.end()) rest.push_back(id);
  return rest;
}

std::string TextOf(const model::StoredRecord& record) {
  std::ostringstream text;
  if (record.value.has_value() || record.value_size < 0) {
    text << Quoted(record.value);
  } else {
    text << "<" << record.value_size << " B>";
  }
  text << " of epoch " << record.leader_epoch.value();
  return text.str();
}

std::string NameOf(const model::LogView& log) {
  return log.broker().is_none() ? "the other" : "b" + std::to_string(log.broker().value());
}

bool Same(const model::StoredRecord& a, const model::StoredRecord& b) {
  return a.id == b.id && a.leader_epoch == b.leader_epoch && a.value == b.value && a.key == b.key &&
         a.value_size == b.value_size && a.timestamp_ms == b.timestamp_ms;
}

// Where two logs first hold different records, as far as both go.
struct Difference {
  const model::StoredRecord* a;
  const model::StoredRecord* b;
};
std::optional<Difference> FirstDifference(const model::LogView& a, const model::LogView& b) {
  std::map<int64_t, const model::StoredRecord*> by_offset;
  for (const model::StoredRecord& record : b.records()) by_offset[record.offset.value()] = &record;
  for (const model::StoredRecord& record : a.records()) {
    const auto other = by_offset.find(record.offset.value());
    if (other != by_offset.end() && !Same(record, *other->second))
      return Difference{&record, other->second};
  }
  return std::nullopt;
}

int64_t EndOf(const model::LogView& log) {
  return log.empty() ? 0 : log.records().back().offset.value() + 1;
}
int64_t BeginOf(const model::LogView& log) {
  return log.empty() ? 0 : log.records().front().offset.value();
}

void Say(const Difference& difference, const model::LogView& a, const model::LogView& b,
         MatchResultListener* listener) {
  *listener << "which differs: " << a.topic() << "-" << a.partition() << difference.a->offset
            << " is " << TextOf(*difference.a) << " on " << NameOf(a) << " and "
            << TextOf(*difference.b) << " on " << NameOf(b);
}

}  // namespace

bool LeaderMatcher::MatchAndExplain(const model::PartitionState& partition,
                                    MatchResultListener* listener) const {
  const int32_t leader = partition.leader.is_none() ? 0 : partition.leader.value();
  if (leader == broker_) return true;
  if (leader == 0) {
    *listener << "which nobody leads";
  } else {
    *listener << "which is led by " << leader;
  }
  return false;
}
void LeaderMatcher::DescribeTo(std::ostream* os) const {
  if (broker_ == 0) {
    *os << "has no leader";
  } else {
    *os << "has leader " << broker_;
  }
}
void LeaderMatcher::DescribeNegationTo(std::ostream* os) const {
  if (broker_ == 0) {
    *os << "has a leader";
  } else {
    *os << "has another leader than " << broker_;
  }
}

bool LeaderEpochMatcher::MatchAndExplain(const model::PartitionState& partition,
                                         MatchResultListener* listener) const {
  const int32_t epoch = partition.leader_epoch.value();
  if (epoch_.Matches(epoch)) return true;
  *listener << "which is in leader epoch " << epoch;
  return false;
}
void LeaderEpochMatcher::DescribeTo(std::ostream* os) const {
  *os << "has a leader epoch that ";
  epoch_.DescribeTo(os);
}
void LeaderEpochMatcher::DescribeNegationTo(std::ostream* os) const {
  *os << "has a leader epoch that ";
  epoch_.DescribeNegationTo(os);
}

bool MembersMatcher::MatchAndExplain(const model::PartitionState& partition,
                                     MatchResultListener* listener) const {
  const std::vector<int32_t> there = Sorted(of_ == Of::kIsr ? partition.isr : partition.elr);
  const std::vector<int32_t> lacking = Without(expected_, there);
  const std::vector<int32_t> besides = Without(there, expected_);
  if (lacking.empty() && besides.empty()) return true;
  *listener << "which";
  if (!lacking.empty()) *listener << " lacks " << Listed(lacking);
  if (!lacking.empty() && !besides.empty()) *listener << " and";
  if (!besides.empty()) *listener << " has " << Listed(besides) << " besides";
  return false;
}
std::string MembersMatcher::Wanted() const {
  return std::string(of_ == Of::kIsr ? "ISR" : "ELR") + " {" + Listed(expected_) + "}";
}
void MembersMatcher::DescribeTo(std::ostream* os) const { *os << "has " << Wanted(); }
void MembersMatcher::DescribeNegationTo(std::ostream* os) const {
  *os << "has another than " << Wanted();
}

const char* ReplicaOffsetMatcher::Name() const {
  return which_ == Which::kHighWatermark ? "high watermark" : "log end offset";
}
bool ReplicaOffsetMatcher::MatchAndExplain(const model::Replica* replica,
                                           MatchResultListener* listener) const {
  if (replica == nullptr) {
    *listener << "which is none: the broker is down, or has no replica of it";
    return false;
  }
  const model::PartitionLog& log = replica->log();
  const model::Offset offset =
      which_ == Which::kHighWatermark ? log.high_watermark() : log.log_end();
  if (offset_.Matches(offset.value())) return true;
  *listener << "whose " << Name() << " is " << offset.value() << ": a ";
  switch (replica->role()) {
    case model::Replica::Role::kLeader:
      *listener << "leader";
      break;
    case model::Replica::Role::kFollower:
      *listener << "follower of " << replica->leader().value();
      break;
    case model::Replica::Role::kNone:
      *listener << "replica without a leader";
      break;
  }
  *listener << " in epoch " << replica->leader_epoch().value() << ", its log is "
            << log.log_start().value() << " to " << log.log_end().value() << ", high watermark "
            << log.high_watermark().value();
  return false;
}
void ReplicaOffsetMatcher::DescribeTo(std::ostream* os) const {
  *os << "has a " << Name() << " that ";
  offset_.DescribeTo(os);
}
void ReplicaOffsetMatcher::DescribeNegationTo(std::ostream* os) const {
  *os << "has a " << Name() << " that ";
  offset_.DescribeNegationTo(os);
}

bool InStepMatcher::MatchAndExplain(const model::LogView& log,
                                    MatchResultListener* listener) const {
  if (const auto difference = FirstDifference(log, other_)) {
    Say(*difference, log, other_, listener);
    return false;
  }
  if (EndOf(log) != EndOf(other_)) {
    *listener << "which ends at " << EndOf(log) << ", " << NameOf(other_) << " at "
              << EndOf(other_);
    return false;
  }
  if (BeginOf(log) != BeginOf(other_)) {
    *listener << "which begins at " << BeginOf(log) << ", " << NameOf(other_) << " at "
              << BeginOf(other_);
    return false;
  }
  return true;
}
void InStepMatcher::DescribeTo(std::ostream* os) const { *os << "holds the same as " << other_; }
void InStepMatcher::DescribeNegationTo(std::ostream* os) const {
  *os << "does not hold the same as " << other_;
}

bool AgreeMatcher::MatchAndExplain(const std::vector<model::LogView>& replicas,
                                   MatchResultListener* listener) const {
  for (size_t i = 0; i < replicas.size(); ++i) {
    for (size_t j = i + 1; j < replicas.size(); ++j) {
      const auto difference = FirstDifference(replicas[i], replicas[j]);
      if (!difference.has_value()) continue;
      Say(*difference, replicas[i], replicas[j], listener);
      return false;
    }
  }
  return true;
}

}  // namespace norn::support_internal
