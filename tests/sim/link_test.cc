#include "sim/link.h"

#include <cmath>

#include "gtest/gtest.h"
#include "sim/random.h"
#include "sim/time.h"

namespace norn::sim {
namespace {

constexpr Retransmission kTcp{200'000'000, 120'000'000'000, 15};

absl::Duration Ms(int64_t n) { return absl::Milliseconds(n); }

LinkOptions Lossy(Probability loss) {
  LinkOptions options;
  options.latency.min = Ms(1);
  options.loss = loss;
  return options;
}

struct Wire {
  explicit Wire(const LinkOptions& options) : there("a->b", options), back("b->a", options) {}
  Link::Journey Carry(Time now, int64_t bytes, int64_t segments, uint64_t burst) {
    Link::Load load;
    load.bytes = bytes;
    load.segments = segments;
    load.connection = 1;
    load.burst = burst;
    return there.Carry(chance, now, load, back, kTcp);
  }
  Chance chance{7};
  Link there;
  Link back;
};

TEST(LinkTest, LatencyIsAMinimumAndAnExponentialOnTop) {
  LinkOptions options;
  options.latency = {.min = Ms(2), .mean_extra = Ms(1)};
  Wire wire(options);
  double sum = 0;
  for (uint64_t i = 0; i < 10'000; ++i) {
    const Link::Journey journey = wire.Carry(Time::Zero(), 1, 1, i);
    EXPECT_GE(journey.arrives, Time::Zero() + Ms(2));
    EXPECT_EQ(journey.sent, Time::Zero());
    sum += static_cast<double>(journey.arrives.nanos());
  }
  EXPECT_NEAR(sum / 10'000, 3e6, 3e4);
  EXPECT_EQ(wire.there.mean_latency(), 3'000'000);
}

TEST(LinkTest, TheWireIsBusyForSizeByBandwidth) {
  LinkOptions options;
  options.latency.min = Ms(1);
  options.bytes_per_second = 1000;
  Wire wire(options);
  EXPECT_EQ(wire.Carry(Time::Zero(), 3, 1, 0).arrives, Time::Zero() + Ms(4));
  EXPECT_EQ(wire.Carry(Time::Zero(), 4, 1, 1).arrives, Time::Zero() + Ms(8));
  EXPECT_EQ(wire.Carry(Time::Zero() + Ms(50), 1, 1, 2).sent, Time::Zero() + Ms(51));
}

TEST(LinkTest, ALostSegmentIsADelayThatDoubles) {
  Wire wire(Lossy(Probability::Percent(50)));
  // One segment, that nothing follows: 0, 0.2, 0.6, 1.4 s ... with 1/2, 1/4, 1/8 ...
  int delays[4] = {};
  for (uint64_t i = 0; i < 10'000; ++i) {
    const int64_t took = wire.Carry(Time::Zero(), 1, 1, i).arrives.nanos() - 1'000'000;
    for (int n = 0; n < 4; ++n) delays[n] += took == ((int64_t{1} << n) - 1) * 200'000'000;
  }
  EXPECT_NEAR(delays[0], 5000, 200);
  EXPECT_NEAR(delays[1], 2500, 150);
  EXPECT_NEAR(delays[2], 1250, 120);
  EXPECT_NEAR(delays[3], 625, 100);
}

TEST(LinkTest, AnyOfManySegments) {
  for (const int64_t segments : {1, 2, 3, 7, 100, 1000}) {
    Wire wire(Lossy(Probability::PerMillion(1000)));
    int lost = 0;
    for (uint64_t i = 0; i < 20'000; ++i)
      lost += wire.Carry(Time::Zero(), 1, segments, i).arrives != Time::Zero() + Ms(1);
    const double expected = 20'000 * (1 - std::pow(0.999, static_cast<double>(segments)));
    EXPECT_NEAR(lost, expected, 5 * std::sqrt(expected) + 5) << segments;
  }
}

TEST(LinkTest, WhereThreeSegmentsFollowTheHoleIsFilledAfterARoundTrip) {
  Wire wire(Lossy(Probability::PerMillion(100)));
  int round_trip = 0, timeout = 0;
  for (uint64_t i = 0; i < 200'000; ++i) {
    const Time arrives = wire.Carry(Time::Zero(), 1, 10, i).arrives;
    round_trip += arrives == Time::Zero() + Ms(3);
    timeout += arrives == Time::Zero() + Ms(201);
  }
  EXPECT_NEAR(round_trip, 140, 40);
  EXPECT_NEAR(timeout, 60, 30);
}

TEST(LinkTest, InTheEndTheSenderGivesUp) {
  Wire wire(Lossy(Probability::Always()));
  for (const int64_t segments : {1, 2, 1000}) {
    const Link::Journey journey = wire.Carry(Time::Zero(), 1, segments, 0);
    EXPECT_TRUE(journey.gives_up);
    // Of many, the first to be missed is sent again after a round trip, in vain.
    EXPECT_EQ(journey.arrives, Time::Zero() + Ms(segments == 1000 ? 924'602 : 924'600));
  }
}

TEST(LinkTest, Blocked) {
  Link link("a->b", {});
  EXPECT_FALSE(link.blocked());
  link.SetCut(true, false);
  EXPECT_TRUE(link.blocked());
  EXPECT_TRUE(link.cut());
  link.SetCut(false, true);
  EXPECT_TRUE(link.blocked());
  EXPECT_FALSE(link.cut());
}

TEST(LinkDeathTest, NoTimeTravel) {
  LinkOptions options;
  options.latency.min = Ms(-1);
  EXPECT_DEATH(Link("a->b", options), "a->b would deliver before it sends");
}

}  // namespace
}  // namespace norn::sim
