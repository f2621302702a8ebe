// Whom the controller takes for dead, and when (recordings 80 to 99).
#include <cstdint>
#include <set>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "model/cluster.h"
#include "tests/support/matchers.h"

namespace norn::model {
namespace {

ClusterOptions ThreeReplicas(uint64_t seed) {
  ClusterOptions options;
  options.seed = seed;
  options.brokers = 3;
  options.topics = {{.name = "t", .replicas = 3}};
  return options;
}

// Who is in nobody's ISR.
std::set<int32_t> Missed(const Cluster& cluster) {
  std::set<int32_t> missed = {1, 2, 3};
  for (const BrokerId id : cluster.Partition("t", 0).isr) missed.erase(id.value());
  return missed;
}

// Recordings 86 and 87. A controller that stood still for longer than a session has heard of
// nobody, and what they sent lies in its sockets: it fences one, and hears the others before the
// next. Once in a while it hears all of them before.
TEST(Fencing, AControllerThatWakesFencesOneOfThoseItHasNotHeard) {
  std::set<int32_t> first;
  int nobody = 0;
  for (uint64_t seed = 1; seed <= 60; ++seed) {
    Cluster cluster(ThreeReplicas(seed));
    cluster.RunFor(absl::Seconds(1));
    cluster.controller().Pause();
    cluster.RunFor(absl::Seconds(10));
    cluster.controller().Resume();
    // It is unfenced as soon as its heartbeat is heard; the ISR tells.
    const bool some =
        cluster.RunUntil([&] { return !Missed(cluster).empty(); }, absl::Milliseconds(100));
    const std::set<int32_t> fenced = Missed(cluster);
    if (!some) ++nobody;
    EXPECT_LE(fenced.size(), 1U) << "seed " << seed;
    first.insert(fenced.begin(), fenced.end());
    EXPECT_TRUE(cluster.RunUntil([&] { return Missed(cluster).empty(); }, absl::Seconds(5)));
    EXPECT_LE(cluster.Partition("t", 0).leader_epoch, LeaderEpoch(1)) << "seed " << seed;
  }
  // Any of them.
  EXPECT_EQ(first, (std::set<int32_t>{1, 2, 3}));
  EXPECT_GE(nobody, 4);
  EXPECT_LE(nobody, 24);
}

// Both followers die at once: who is missed first is anybody's guess, and the ISR says so when that
// leaves somebody eligible (recording 99 had {3} and {2} there).
TEST(Fencing, OfTwoThatDieTogetherAnyMayBeFencedFirst) {
  std::set<int32_t> last;
  for (uint64_t seed = 1; seed <= 40; ++seed) {
    ClusterOptions options = ThreeReplicas(seed);
    options.topics.front().config.emplace().min_insync_replicas = 2;
    Cluster cluster(options);
    cluster.RunFor(absl::Seconds(1));
    cluster.broker(2).Kill();
    cluster.broker(3).Kill();
    ASSERT_TRUE(cluster.RunUntil([&] { return Missed(cluster).size() == 2; }, absl::Seconds(20)));
    const PartitionState state = cluster.Partition("t", 0);
    ASSERT_EQ(state.elr.size(), 1U) << "seed " << seed;
    last.insert(state.elr.front().value());
  }
  EXPECT_EQ(last, (std::set<int32_t>{2, 3}));
}

}  // namespace
}  // namespace norn::model
