#include "model/client/rdkafka/partitioner.h"

#include <set>
#include <string>
#include <vector>

#include "gtest/gtest.h"

namespace norn::model::rdkafka {
namespace {

class PartitionerTest : public ::testing::Test {
 protected:
  Partitioner Make(RdkafkaPartitioner kind, absl::Duration sticky = absl::Milliseconds(10)) {
    return Partitioner(kind, sticky, &chance_, chance_.Resolve("partition"), 0);
  }
  sim::Time At(int64_t ms) { return sim::Time::Zero() + absl::Milliseconds(ms); }

  sim::Chance chance_{1};
};

TEST_F(PartitionerTest, Crc32IsThatOfZlib) {
  EXPECT_EQ(Crc32("123456789"), 0xcbf43926u);
  EXPECT_EQ(Crc32(Payload::Null()), 0u);
}

TEST_F(PartitionerTest, Fnv1aIsNeverNegative) {
  EXPECT_EQ(Fnv1a("kafka"), 0xd33c4e1u);
  EXPECT_EQ(Fnv1a("giberish123456789"), 0x77a58295u);
}

// 28 keys over 7 partitions, as librdkafka 2.0.2 and 2.16.0 placed them (recording 43).
TEST_F(PartitionerTest, KeysGoWhereTheRealOnePutThem) {
  std::vector<std::string> keys;
  for (int i = 0; i < 24; ++i) keys.push_back("key" + std::to_string(i));
  keys.insert(keys.end(), {"a", "order-42", std::string(33, 'x'), "0"});
  const std::vector<int32_t> recorded = {2, 1, 6, 5, 5, 0, 6, 6, 2, 2, 4, 1, 4, 6,
                                         1, 0, 4, 1, 1, 5, 2, 4, 6, 3, 4, 1, 4, 4};
  Partitioner partitioner = Make(RdkafkaPartitioner::kConsistentRandom);
  for (size_t i = 0; i < keys.size(); ++i)
    EXPECT_EQ(partitioner.Choose(keys[i], 7, At(0)).value(), recorded[i]) << keys[i];
}

TEST_F(PartitionerTest, WithoutAKeyMessagesStickForATimeNotForASize) {
  Partitioner partitioner = Make(RdkafkaPartitioner::kConsistentRandom);
  std::set<int32_t> seen;
  for (int64_t window = 0; window < 50; ++window) {
    const PartitionIndex first = partitioner.Choose(Payload::Null(), 7, At(window * 11));
    for (int i = 0; i < 100; ++i)
      EXPECT_EQ(partitioner.Choose(Payload::Null(), 7, At(window * 11 + 9)), first);
    seen.insert(first.value());
  }
  EXPECT_EQ(seen.size(), 7u);
}

TEST_F(PartitionerTest, APureHashSendsAllWithoutAKeyToOnePartition) {
  for (auto kind : {RdkafkaPartitioner::kConsistent, RdkafkaPartitioner::kMurmur2,
                    RdkafkaPartitioner::kFnv1a}) {
    Partitioner partitioner = Make(kind);
    const PartitionIndex first = partitioner.Choose(Payload::Null(), 7, At(0));
    for (int64_t i = 0; i < 100; ++i)
      EXPECT_EQ(partitioner.Choose(Payload::Null(), 7, At(i * 100)), first);
  }
}

TEST_F(PartitionerTest, Murmur2IsJavas) {
  Partitioner partitioner = Make(RdkafkaPartitioner::kMurmur2Random);
  // murmur2("foobar") is -790332482.
  EXPECT_EQ(partitioner.Choose("foobar", 7, At(0)).value(), (-790332482 & 0x7fffffff) % 7);
}

}  // namespace
}  // namespace norn::model::rdkafka
