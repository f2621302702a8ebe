#include "model/broker/offset_checkpoint.h"

#include <memory>

#include "absl/time/time.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "sim/node.h"

namespace norn::model {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using Entry = OffsetCheckpoint::Entry;

class OffsetCheckpointTest : public ::testing::Test {
 protected:
  OffsetCheckpointTest() {
    node_.SetBoot([](sim::Node&) { return std::make_unique<sim::Process>(); });
    node_.Start();
  }
  OffsetCheckpoint Open() { return {&disk_, OffsetCheckpoint::kHighWatermarks}; }

  sim::Simulation sim_{{.seed = 3}};
  sim::Node node_{sim_, "b1"};
  sim::Disk disk_{node_, {}};
};

TEST_F(OffsetCheckpointTest, KnowsNothingAtFirst) {
  EXPECT_THAT(Open().offsets(), IsEmpty());
  EXPECT_EQ(Open().Find("t-0"), Offset(0));
}

TEST_F(OffsetCheckpointTest, HoldsWhatWasWrittenLast) {
  Open().Write({{"t-0", Offset(5)}, {"t-1", Offset(7)}});
  Open().Write({{"t-1", Offset(8)}});
  EXPECT_THAT(Open().offsets(), ElementsAre(Entry{"t-1", Offset(8)}));
  EXPECT_EQ(Open().Find("t-1"), Offset(8));
  EXPECT_EQ(Open().Find("t-0"), Offset(0));
  // "0\n1\nt 1 8\n", as Kafka writes it.
  EXPECT_EQ(disk_.Find("replication-offset-checkpoint")->size(), 10);
}

TEST_F(OffsetCheckpointTest, SurvivesAKill) {
  Open().Write({{"t-0", Offset(5)}});
  node_.Kill();
  node_.Start();
  EXPECT_EQ(Open().Find("t-0"), Offset(5));
}

TEST_F(OffsetCheckpointTest, HasTheOldContentOrTheNewAfterALossOfPower) {
  for (const bool in_time : {false, true}) {
    Open().Write({{"t-0", Offset(5)}});
    sim_.RunFor(absl::Milliseconds(10));
    const sim::Time durable = Open().Write({{"t-0", Offset(9)}}).at;
    sim_.RunFor(durable - sim_.Now() - absl::Nanoseconds(in_time ? 0 : 1));
    node_.LosePower();
    node_.Start();
    EXPECT_EQ(Open().Find("t-0"), in_time ? Offset(9) : Offset(5));
  }
}

}  // namespace
}  // namespace norn::model
