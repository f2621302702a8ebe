// What a test says of a partition and its replicas: who leads, who is in sync, how far each is, and
// whether they hold the same.
//
//   EXPECT_THAT(cluster.Partition("t", 0), HasLeader(2));          // or HasNoLeader()
//   EXPECT_THAT(cluster.Partition("t", 0), HasLeaderEpoch(Ge(3)));
//   EXPECT_THAT(cluster.Partition("t", 0), HasIsr({1, 2}));        // in whatever order
//   EXPECT_THAT(cluster.Partition("t", 0), HasElr({3}));
//   EXPECT_THAT(cluster.FindReplica("t", 0, 2), HasHighWatermark(10));
//   EXPECT_THAT(cluster.FindReplica("t", 0, 2), HasLogEndOffset(12));
//   EXPECT_THAT(cluster.Replica("t", 0, 3), IsInStepWith(cluster.Replica("t", 0, 1)));
//   EXPECT_THAT(cluster.Replicas("t", 0), ReplicasAgree());        // as far as each goes
//
// A partition is what the controller has committed; a replica that is found is what a broker's
// process has; a replica that is read is what its disk holds. A failure says what is there:
//
//   Expected: has ISR {1, 2, 3}
//     Actual: leader 1 epoch 0 isr {1, 3} partition epoch 1, which lacks 2
#ifndef NORN_TESTS_SUPPORT_PARTITION_MATCHERS_H_
#define NORN_TESTS_SUPPORT_PARTITION_MATCHERS_H_

#include <cstdint>
#include <initializer_list>
#include <ostream>
#include <string>
#include <utility>
#include <vector>

#include "gmock/gmock.h"
#include "model/broker/replica.h"
#include "model/log_view.h"
#include "model/metadata/partition_state.h"

namespace norn {
namespace support_internal {

class LeaderMatcher {
 public:
  using is_gtest_matcher = void;
  explicit LeaderMatcher(int32_t broker) : broker_(broker) {}  // 0: nobody
  bool MatchAndExplain(const model::PartitionState& partition,
                       ::testing::MatchResultListener* listener) const;
  void DescribeTo(std::ostream* os) const;
  void DescribeNegationTo(std::ostream* os) const;

 private:
  int32_t broker_;
};

class LeaderEpochMatcher {
 public:
  using is_gtest_matcher = void;
  explicit LeaderEpochMatcher(::testing::Matcher<int32_t> epoch) : epoch_(std::move(epoch)) {}
  bool MatchAndExplain(const model::PartitionState& partition,
                       ::testing::MatchResultListener* listener) const;
  void DescribeTo(std::ostream* os) const;
  void DescribeNegationTo(std::ostream* os) const;

 private:
  ::testing::Matcher<int32_t> epoch_;
};

class MembersMatcher {
 public:
  using is_gtest_matcher = void;
  enum class Of { kIsr, kElr };
  MembersMatcher(Of of, std::vector<int32_t> expected) : of_(of), expected_(std::move(expected)) {}
  bool MatchAndExplain(const model::PartitionState& partition,
                       ::testing::MatchResultListener* listener) const;
  void DescribeTo(std::ostream* os) const;
  void DescribeNegationTo(std::ostream* os) const;

 private:
  std::string Wanted() const;

  Of of_;
  std::vector<int32_t> expected_;
};

// One of the offsets of a replica that its broker's process has.
class ReplicaOffsetMatcher {
 public:
  using is_gtest_matcher = void;
  enum class Which { kHighWatermark, kLogEnd };
  ReplicaOffsetMatcher(Which which, ::testing::Matcher<int64_t> offset)
      : which_(which), offset_(std::move(offset)) {}
  bool MatchAndExplain(const model::Replica* replica,
                       ::testing::MatchResultListener* listener) const;
  void DescribeTo(std::ostream* os) const;
  void DescribeNegationTo(std::ostream* os) const;

 private:
  const char* Name() const;

  Which which_;
  ::testing::Matcher<int64_t> offset_;
};

class InStepMatcher {
 public:
  using is_gtest_matcher = void;
  explicit InStepMatcher(model::LogView other) : other_(std::move(other)) {}
  bool MatchAndExplain(const model::LogView& log, ::testing::MatchResultListener* listener) const;
  void DescribeTo(std::ostream* os) const;
  void DescribeNegationTo(std::ostream* os) const;

 private:
  model::LogView other_;
};

class AgreeMatcher {
 public:
  using is_gtest_matcher = void;
  bool MatchAndExplain(const std::vector<model::LogView>& replicas,
                       ::testing::MatchResultListener* listener) const;
  void DescribeTo(std::ostream* os) const { *os << "are replicas that hold the same"; }
  void DescribeNegationTo(std::ostream* os) const { *os << "are replicas that differ"; }
};

}  // namespace support_internal

inline support_internal::LeaderMatcher HasLeader(int32_t broker) {
  return support_internal::LeaderMatcher(broker);
}
inline support_internal::LeaderMatcher HasNoLeader() { return support_internal::LeaderMatcher(0); }
inline support_internal::LeaderEpochMatcher HasLeaderEpoch(::testing::Matcher<int32_t> epoch) {
  return support_internal::LeaderEpochMatcher(std::move(epoch));
}
// These brokers and no others, in whatever order.
inline support_internal::MembersMatcher HasIsr(std::initializer_list<int32_t> brokers) {
  return {support_internal::MembersMatcher::Of::kIsr, brokers};
}
inline support_internal::MembersMatcher HasElr(std::initializer_list<int32_t> brokers) {
  return {support_internal::MembersMatcher::Of::kElr, brokers};
}

inline support_internal::ReplicaOffsetMatcher HasHighWatermark(::testing::Matcher<int64_t> offset) {
  return {support_internal::ReplicaOffsetMatcher::Which::kHighWatermark, std::move(offset)};
}
inline support_internal::ReplicaOffsetMatcher HasLogEndOffset(::testing::Matcher<int64_t> offset) {
  return {support_internal::ReplicaOffsetMatcher::Which::kLogEnd, std::move(offset)};
}

// The same records, of the same epochs, at the same offsets, and neither more nor fewer.
inline support_internal::InStepMatcher IsInStepWith(model::LogView other) {
  return support_internal::InStepMatcher(std::move(other));
}
// At each offset that two of them have they hold the same record, of the same epoch: one may be
// longer than another.
inline support_internal::AgreeMatcher ReplicasAgree() { return {}; }

}  // namespace norn

#endif  // NORN_TESTS_SUPPORT_PARTITION_MATCHERS_H_
