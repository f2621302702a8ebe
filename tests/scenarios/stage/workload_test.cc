#include "scenarios/stage/workload.h"

#include <algorithm>
#include <set>
#include <string>

#include "gtest/gtest.h"
#include "tests/scenarios/scripts.h"

namespace norn::scenarios {
namespace {

Report RunWorkload(const std::string& workload, uint64_t seed = 1) {
  return RunText(
      "cluster { topics { name: \"t\" partitions: 3 } } clients { name: \"p1\" } "
      "workloads { " +
          workload + " }",
      seed);
}

int64_t SentAt(const Report& report, size_t i) { return report.records[i].sent.nanos(); }

TEST(Workload, AClocksInstantsAreExact) {
  const Report report = RunWorkload("per_second: 3 count: 7 at: \"1s\"");
  ASSERT_EQ(report.records.size(), 7u);
  EXPECT_EQ(SentAt(report, 0), 1'000'000'000);
  EXPECT_EQ(SentAt(report, 1), 1'333'333'333);
  EXPECT_EQ(SentAt(report, 2), 1'666'666'666);
  EXPECT_EQ(SentAt(report, 3), 2'000'000'000);
  EXPECT_EQ(SentAt(report, 6), 3'000'000'000);
  EXPECT_EQ(SentAt(RunWorkload("every: \"2ms\" count: 3"), 2), 4'000'000);
}

TEST(Workload, EndsAfterItsDuration) {
  EXPECT_EQ(RunWorkload("every: \"10ms\" duration: \"100ms\"").records.size(), 10u);
}

TEST(Workload, IndependentArrivalsComeAtTheirPaceOnAverage) {
  const Report report = RunWorkload("per_second: 1000 count: 4000 arrivals: EXPONENTIAL");
  const double seconds = static_cast<double>(SentAt(report, 3999)) / 1e9;
  EXPECT_NEAR(seconds, 4.0, 0.25);
  EXPECT_NE(SentAt(report, 1) - SentAt(report, 0), SentAt(report, 2) - SentAt(report, 1));
  EXPECT_NE(SentAt(RunWorkload("per_second: 1000 count: 9 arrivals: EXPONENTIAL", 2), 8),
            SentAt(report, 8));
}

TEST(Workload, KeysSizesAndPartitions) {
  const Report report = RunWorkload(
      "per_second: 1000 count: 300 key { uniform: 5 } size { uniform { min: 10 max: 20 } }");
  std::set<std::string> keys;
  int64_t smallest = 100;
  int64_t largest = 0;
  for (const RecordReport& record : report.records) {
    keys.insert(record.key.value_or("none"));
    smallest = std::min(smallest, record.value_size);
    largest = std::max(largest, record.value_size);
    EXPECT_FALSE(record.value.has_value());
  }
  EXPECT_EQ(keys, (std::set<std::string>{"k0", "k1", "k2", "k3", "k4"}));
  EXPECT_EQ(smallest, 10);
  EXPECT_EQ(largest, 20);
  const Report round = RunWorkload("per_second: 1000 count: 6 round_robin: true");
  for (size_t i = 0; i < 6; ++i) EXPECT_EQ(round.records[i].stored[0].partition, i % 3);
  EXPECT_EQ(round.records[0].value_size, 100);
  EXPECT_FALSE(round.records[0].key.has_value());
}

// A decision is addressed by the record's number: fewer records leave the others as they were.
TEST(Workload, OneRecordMoreMovesNoOther) {
  const std::string drawn =
      " arrivals: EXPONENTIAL key { uniform: 1000 } size { exponential { mean: 50 } }";
  const Report few = RunWorkload("per_second: 100 count: 10" + drawn);
  const Report more = RunWorkload("per_second: 100 count: 11" + drawn);
  for (size_t i = 0; i < 10; ++i) {
    EXPECT_EQ(few.records[i].sent, more.records[i].sent);
    EXPECT_EQ(few.records[i].key, more.records[i].key);
    EXPECT_EQ(few.records[i].value_size, more.records[i].value_size);
  }
}

}  // namespace
}  // namespace norn::scenarios
