#include "model/ids.h"

#include <sstream>
#include <type_traits>

#include "absl/container/flat_hash_map.h"
#include "gtest/gtest.h"

namespace norn::model {
namespace {

template <class T>
std::string Printed(const T& value) {
  std::ostringstream os;
  os << value;
  return os.str();
}

static_assert(sizeof(BrokerId) == 4);
static_assert(sizeof(ProducerEpoch) == 2);
static_assert(sizeof(Offset) == 8);
static_assert(std::is_trivially_copyable_v<Offset>);
static_assert(std::is_trivially_destructible_v<Offset>);
static_assert(!std::is_convertible_v<int64_t, Offset>);
static_assert(!std::is_convertible_v<Offset, int64_t>);
static_assert(!std::is_constructible_v<Offset, LeaderEpoch>);
static_assert(!std::is_assignable_v<LeaderEpoch&, ProducerEpoch>);
static_assert(Offset(1) < Offset(2));
static_assert(Next(Offset(17)) == Offset(18));

TEST(IdTest, PrintsItsPrefix) {
  EXPECT_EQ(Printed(BrokerId(1)), "b1");
  EXPECT_EQ(Printed(PartitionIndex(0)), "p0");
  EXPECT_EQ(Printed(Offset(17)), "@17");
  EXPECT_EQ(Printed(LeaderEpoch(3)), "e3");
  EXPECT_EQ(Printed(ProducerId(9)), "pid9");
  EXPECT_EQ(Printed(ProducerEpoch(2)), "pe2");
  EXPECT_EQ(Printed(Sequence(5)), "s5");
  EXPECT_EQ(Printed(CorrelationId(7)), "c7");
  EXPECT_EQ(Printed(RecordId(1)), "r1");
  EXPECT_EQ(Printed(RecordCount(1)), "1 record");
  EXPECT_EQ(Printed(RecordCount(0)), "0 records");
}

TEST(IdTest, DefaultIsNoneAsKafkaWritesIt) {
  EXPECT_TRUE(ProducerId().is_none());
  EXPECT_EQ(ProducerEpoch::None().value(), -1);
  EXPECT_FALSE(BrokerId(0).is_none());
}

TEST(IdTest, OffsetsStepByRecords) {
  EXPECT_EQ(Offset(17) + RecordCount(3), Offset(20));
  EXPECT_EQ(Offset(17) - RecordCount(3), Offset(14));
  EXPECT_EQ(RecordsBetween(Offset(17), Offset(20)), RecordCount(3));
}

TEST(IdTest, SequencesWrapToZero) {
  constexpr Sequence kLast(2147483647);
  EXPECT_EQ(Next(kLast), Sequence(0));
  EXPECT_EQ(Sequence(2147483640) + RecordCount(10), Sequence(2));
  EXPECT_EQ(Sequence(2) - RecordCount(10), Sequence(2147483640));
  EXPECT_EQ(Sequence(0) + RecordCount(2147483647), kLast);
  EXPECT_EQ(kLast + RecordCount(2147483647), Sequence(2147483646));
}

TEST(IdTest, OthersStepByOne) {
  EXPECT_EQ(Next(LeaderEpoch(4)), LeaderEpoch(5));
  EXPECT_EQ(Next(ProducerId(9)), ProducerId(10));
  EXPECT_EQ(Next(ProducerEpoch(32766)), ProducerEpoch(32767));
  EXPECT_EQ(Next(CorrelationId(2147483647)), CorrelationId(0));
  EXPECT_EQ(Next(RecordId(1)), RecordId(2));
}

TEST(IdTest, IsAKeyForLookups) {
  absl::flat_hash_map<BrokerId, int> map = {{BrokerId(1), 10}, {BrokerId(2), 20}};
  EXPECT_EQ(map.at(BrokerId(2)), 20);
}

}  // namespace
}  // namespace norn::model
