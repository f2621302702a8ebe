#include "sim/random.h"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <functional>
#include <map>
#include <numeric>
#include <set>
#include <sstream>
#include <string>
#include <vector>

#include "absl/time/time.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace norn::sim {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

constexpr std::string_view kLatency = "link/p1->b2/latency";
constexpr int64_t kMilli = 1'000'000;

std::string Text(const auto& value) {
  std::ostringstream os;
  os << value;
  return os.str();
}

// One draw of each kind, under a few keys, as text: two plays decided alike if their texts are
// equal.
std::vector<std::string> PlayEveryKind(Chance& chance, const std::vector<int>& keys) {
  const Stream stream = chance.Resolve(kLatency);
  std::vector<std::string> play;
  for (const int key : keys) {
    const auto say = [&](const auto& value) { play.push_back(Text(key) + ": " + Text(value)); };
    const std::vector<uint64_t> weights = {1, 0, 3};
    std::vector<int> items = {0, 1, 2, 3, 4, 5, 6, 7};
    say(chance.Bits(stream, {key, 1}));
    say(chance.Uniform(stream, {key, 2}, 1000));
    say(chance.Bernoulli(stream, {key, 3}, 0.5));
    say(chance.WeightedPick(stream, {key, 4}, weights));
    say(chance.Normal(stream, {key, 5}).raw());
    say(chance.UniformDuration(stream, {key, 6}, absl::ZeroDuration(), absl::Seconds(1)));
    say(chance.Exponential(stream, {key, 7}, absl::Milliseconds(2)));
    say(chance.NormalDuration(stream, {key, 8}, absl::Milliseconds(5), absl::Milliseconds(2)));
    say(chance.LogNormal(stream, {key, 9}, absl::Milliseconds(1), Fixed::FromRatio(1, 2)));
    say(chance.Pareto(stream, {key, 10}, absl::Milliseconds(1), Fixed::FromRatio(3, 2),
                      absl::Seconds(1)));
    say(chance.Jitter(stream, {key, 11}, absl::Milliseconds(100), 200));
    chance.Shuffle(stream, {key, 12}, std::span<int>(items));
    say(::testing::PrintToString(items));
  }
  return play;
}

class RandomTest : public ::testing::Test {
 protected:
  Chance chance_{42};
  Stream stream_ = chance_.Resolve(kLatency);
};

// --- Golden values. A change here changes every run of every seed.

TEST(HashNameTest, GoldenValues) {
  EXPECT_EQ(HashName(""), 4550289863622809933u);
  EXPECT_EQ(HashName("a"), 8491328791574744675u);
  EXPECT_EQ(HashName("12345678"), 14102882354931113174u);
  EXPECT_EQ(HashName("link/p1->b2/latency"), 12237001870032438043u);
  EXPECT_EQ(HashName(std::string_view("\xff\0\x80", 3)), 5492183276877118772u);
}

TEST(ChanceGoldenTest, Bits) {
  const auto bits = [](uint64_t seed, std::string_view name, const Key& key) {
    Chance chance(seed);
    const Stream stream = chance.Resolve(name);
    return chance.Bits(stream, key);
  };
  EXPECT_EQ(bits(0, "a", {}), 16404257893074470078u);
  EXPECT_EQ(bits(0, "a", {1}), 13354265544484879049u);
  EXPECT_EQ(bits(0, "a", {0, 1}), 4603921005779930252u);
  EXPECT_EQ(bits(0, "a", {0, 0, 1}), 3555020124149425416u);
  EXPECT_EQ(bits(1, "a", {}), 217055538866985153u);
  EXPECT_EQ(bits(0, "b", {}), 15145797603144791329u);
  EXPECT_EQ(bits(UINT64_MAX, kLatency, {-1, -2, -3}), 15293878980762076977u);
}

TEST(ChanceGoldenTest, EveryKind) {
  Chance chance(42);
  EXPECT_THAT(PlayEveryKind(chance, {17, 18}),
              ElementsAre("17: 16126949789041355160", "17: 802", "17: 0", "17: 0", "17: 2369703880",
                          "17: 971.39803ms", "17: 559.464us", "17: 3.231953ms", "17: 546.481us",
                          "17: 4.173425ms", "17: 95.390614ms", "17: { 6, 0, 4, 3, 1, 5, 7, 2 }",
                          "18: 6256630251306063205", "18: 879", "18: 0", "18: 0", "18: -2226840517",
                          "18: 85.705285ms", "18: 1.084741ms", "18: 5.217946ms", "18: 731.278us",
                          "18: 1.234716ms", "18: 99.968797ms", "18: { 3, 4, 6, 5, 0, 1, 7, 2 }"));
}

// --- Chance is addressed.

TEST_F(RandomTest, EqualNamesGiveEqualHandles) {
  EXPECT_EQ(chance_.Resolve(kLatency), stream_);
  EXPECT_NE(chance_.Resolve("link/p1->b3/latency"), stream_);
  EXPECT_EQ(chance_.Name(stream_), kLatency);
}

TEST_F(RandomTest, NeitherOrderOfResolvingNorOtherDrawsMatter) {
  Chance busy(42);
  for (int i = 0; i < 100; ++i) {
    const Stream other = busy.Resolve("disk/b" + std::to_string(i) + "/sync");
    busy.Bits(other, {i});
    busy.Exponential(other, {i}, absl::Seconds(1));
  }
  const std::vector<std::string> late = PlayEveryKind(busy, {3, 1, 2});
  EXPECT_EQ(late, PlayEveryKind(chance_, {3, 1, 2}));
  EXPECT_EQ(late, PlayEveryKind(chance_, {3, 1, 2})) << "asking again gives the same answers";
}

TEST_F(RandomTest, RemovingOneThingChangesNoOther) {
  std::vector<std::string> all = PlayEveryKind(chance_, {1, 2, 3, 4});
  const std::vector<std::string> without = PlayEveryKind(chance_, {1, 2, 4});
  std::erase_if(all, [](const std::string& line) { return line.starts_with("3:"); });
  EXPECT_EQ(all, without);
}

TEST_F(RandomTest, SeedNameAndEachPartOfTheKeyMatter) {
  const uint64_t here = chance_.Bits(stream_, {1, 2, 3});
  Chance other(43);
  const Stream there = other.Resolve(kLatency);
  EXPECT_NE(other.Bits(there, {1, 2, 3}), here);
  EXPECT_NE(chance_.Bits(chance_.Resolve("x"), {1, 2, 3}), here);
  for (const Key& key : {Key{0, 2, 3}, Key{1, 0, 3}, Key{1, 2}, Key{3, 2, 1}, Key{2, 1, 3}}) {
    EXPECT_NE(chance_.Bits(stream_, key), here) << key;
  }
}

TEST_F(RandomTest, MemoryFollowsTheNumberOfNames) {
  for (int i = 0; i < 100'000; ++i) EXPECT_EQ(chance_.Resolve(kLatency), stream_);
  for (int i = 0; i < 2'000; ++i) chance_.Resolve("stream " + std::to_string(i));
  EXPECT_EQ(chance_.Name(stream_), kLatency);
  const Stream last = chance_.Resolve("stream 1999");
  EXPECT_EQ(chance_.Name(last), "stream 1999");
}

// --- Recording and overriding.

TEST_F(RandomTest, ARecordedScheduleReplaysUnderAnotherSeed) {
  chance_.Record(true);
  const std::vector<std::string> play = PlayEveryKind(chance_, {1, 2, 3});
  const std::vector<Decision> schedule = chance_.Decisions();
  EXPECT_EQ(schedule.size(), play.size());

  Chance replay(7);
  for (const Decision& decision : schedule) replay.Override(decision);
  replay.Record(true);
  EXPECT_EQ(PlayEveryKind(replay, {1, 2, 3}), play);
  EXPECT_EQ(replay.Decisions(), schedule);
  EXPECT_THAT(replay.UnusedOverrides(), IsEmpty());
  EXPECT_NE(PlayEveryKind(replay, {4}), PlayEveryKind(chance_, {4})) << "what is not overridden";
}

TEST_F(RandomTest, RecordingChangesNothing) {
  const std::vector<std::string> play = PlayEveryKind(chance_, {1, 2});
  chance_.Record(true);
  EXPECT_EQ(PlayEveryKind(chance_, {1, 2}), play);
  chance_.Record(false);
  EXPECT_EQ(PlayEveryKind(chance_, {1, 2}), play);
}

TEST_F(RandomTest, DecisionsAreListedInOrderAndOnce) {
  const Stream early = chance_.Resolve("resolved before recording");
  chance_.Bits(early, {1});
  chance_.Record(true);
  chance_.Bernoulli(stream_, {4}, 1.0);
  chance_.ExponentialNanos(early, {2, 3}, 0);
  chance_.Bernoulli(stream_, {4}, 1.0);
  chance_.Uniform(stream_, {4}, 1);
  chance_.Record(false);
  chance_.Bits(early, {9});
  EXPECT_THAT(chance_.Decisions(),
              ElementsAre(Decision{std::string(kLatency), {4}, Kind::kBernoulli, 1},
                          Decision{"resolved before recording", {2, 3}, Kind::kExponential, 0},
                          Decision{std::string(kLatency), {4}, Kind::kUniform, 0}));
}

TEST_F(RandomTest, AnOverrideIsTheResultAndMovesNothingElse) {
  const std::vector<uint64_t> weights = {1, 1, 1};
  const absl::Duration other = chance_.Exponential(stream_, {2}, absl::Milliseconds(1));
  chance_.Override(kLatency, {1}, 5 * kMilli);
  chance_.Override("loss", {1}, 1);
  chance_.Override("leader", {}, 2);
  chance_.Override("order", {}, 0);
  EXPECT_EQ(chance_.Exponential(stream_, {1}, absl::Milliseconds(1)), absl::Milliseconds(5));
  EXPECT_EQ(chance_.Exponential(stream_, {2}, absl::Milliseconds(1)), other);
  EXPECT_TRUE(chance_.Bernoulli(chance_.Resolve("loss"), {1}, 0.0));
  EXPECT_EQ(chance_.WeightedPick(chance_.Resolve("leader"), {}, weights), 2u);
  std::vector<int> items = {1, 2, 3, 4, 5};
  chance_.Shuffle(chance_.Resolve("order"), {}, std::span<int>(items));
  EXPECT_THAT(items, ElementsAre(1, 2, 3, 4, 5));
}

TEST_F(RandomTest, AnOverrideOfOneKindLeavesTheOthersAlone) {
  const uint64_t bits = chance_.Bits(stream_, {1});
  chance_.Override({std::string(kLatency), {1}, Kind::kUniform, 3});
  EXPECT_EQ(chance_.Uniform(stream_, {1}, 10), 3u);
  EXPECT_EQ(chance_.Bits(stream_, {1}), bits);
}

TEST_F(RandomTest, UnusedOverridesAreListed) {
  chance_.Override(kLatency, {1}, 1);
  chance_.Override("nobody", {2}, 2);
  chance_.Override(kLatency, {3}, 3);
  chance_.Uniform(stream_, {1}, 10);
  EXPECT_THAT(chance_.UnusedOverrides(),
              ElementsAre(Decision{"nobody", {2}, Kind::kAny, 2},
                          Decision{std::string(kLatency), {3}, Kind::kAny, 3}));
}

TEST_F(RandomTest, DecisionsReadWell) {
  EXPECT_EQ(Text(Decision{"link/p1->b2/loss", {3, 17}, Kind::kBernoulli, 1}),
            "link/p1->b2/loss 3.17 bernoulli 1");
  EXPECT_EQ(Text(Decision{"s", {}, Kind::kBits, -1}), "s 0 bits 18446744073709551615");
  EXPECT_EQ(Text(Decision{"s", {0, 0, 5}, Kind::kNormal, -1}), "s 0.0.5 normal -1");
  EXPECT_EQ(Text(Decision{"s", {1}, Kind::kAny, 2}), "s 1 any 2");
  EXPECT_EQ(KindName(Kind::kPick), "pick");
}

TEST(KeyTest, PartsLeftOutAreZero) {
  static_assert(Key{7} == Key{7, 0, 0});
  static_assert(Key{} == Key{0});
  static_assert(Key{1, 9} < Key{2});
  EXPECT_EQ(Key(-1).a, UINT64_MAX);
}

TEST(ProbabilityTest, DoublesAreTakenExactly) {
  EXPECT_EQ(Probability(0.5).threshold(), uint64_t{1} << 63);
  EXPECT_EQ(Probability(0.75).threshold(), uint64_t{3} << 62);
  EXPECT_EQ(Probability(0.1).threshold(), 0x1999999999999a00u);
  EXPECT_EQ(Probability(std::ldexp(1.0, -64)).threshold(), 1u);
  EXPECT_EQ(Probability(std::nextafter(1.0, 0.0)).threshold(), UINT64_MAX - 2047);
  EXPECT_TRUE(Probability(0.5).Covers((uint64_t{1} << 63) - 1));
  EXPECT_FALSE(Probability(0.5).Covers(uint64_t{1} << 63));
  EXPECT_TRUE(Probability(1).Covers(UINT64_MAX));
  EXPECT_FALSE(Probability().Covers(0));
  EXPECT_EQ(Probability(std::ldexp(1.0, -65)), Probability::Never());
  EXPECT_EQ(Probability(5e-324), Probability::Never());
  EXPECT_EQ(Probability(-0.0), Probability::Never());
  EXPECT_EQ(Probability(1), Probability::Always());
  EXPECT_EQ(Probability::Ratio(1, 3), Probability::Ratio(2, 6));
  EXPECT_EQ(Probability::PerMillion(500'000), Probability(0.5));
  EXPECT_EQ(Probability::Percent(100), Probability::Always());
  EXPECT_EQ(Probability(), Probability::Ratio(0, 7));
  EXPECT_LT(Probability::Percent(1), Probability::Percent(2));
  EXPECT_EQ(Text(Probability::Percent(25)), "0.25");
  EXPECT_EQ(Text(Probability::Always()), "1");
}

// --- Mistakes of the caller.

using RandomDeathTest = RandomTest;

TEST_F(RandomDeathTest, ParametersOutOfRange) {
  const std::vector<uint64_t> zeros = {0, 0};
  const std::vector<uint64_t> too_much = {UINT64_MAX, 1};
  const Fixed one = Fixed::FromRatio(1, 1);
  EXPECT_DEATH(chance_.Uniform(stream_, {}, 0), "one of nothing");
  EXPECT_DEATH(chance_.UniformNanos(stream_, {}, 2, 1), "upper end below the lower one: 1");
  EXPECT_DEATH(chance_.ExponentialNanos(stream_, {}, -1), "mean below 0: -1");
  EXPECT_DEATH(chance_.NormalDurationNanos(stream_, {}, -1, 1), "mean below 0: -1");
  EXPECT_DEATH(chance_.NormalDurationNanos(stream_, {}, 1, -2), "deviation below 0: -2");
  EXPECT_DEATH(chance_.LogNormalNanos(stream_, {}, -1, one), "median below 0: -1");
  EXPECT_DEATH(chance_.LogNormalNanos(stream_, {}, 1, Fixed::FromRatio(-1, 2)), "sigma below 0");
  EXPECT_DEATH(chance_.ParetoNanos(stream_, {}, -1, one, 1), "scale below 0: -1");
  EXPECT_DEATH(chance_.ParetoNanos(stream_, {}, 2, one, 1), "cap below the scale: 1");
  EXPECT_DEATH(chance_.ParetoNanos(stream_, {}, 1, Fixed(), 1), "alpha not above 0: 0");
  EXPECT_DEATH(chance_.JitterNanos(stream_, {}, -1, 1), "base below 0: -1");
  EXPECT_DEATH(chance_.JitterNanos(stream_, {}, 1, 1001), "per mille: 1001");
  EXPECT_DEATH(chance_.JitterNanos(stream_, {}, 1, -1), "per mille: -1");
  EXPECT_DEATH(chance_.WeightedPick(stream_, {}, zeros), "2 weights that are all 0");
  EXPECT_DEATH(chance_.WeightedPick(stream_, {}, {}), "0 weights that are all 0");
  EXPECT_DEATH(chance_.WeightedPick(stream_, {}, too_much), "the sum of weights passes 2.64");
  EXPECT_DEATH(chance_.Resolve(""), "a stream needs a name");
}

TEST(ProbabilityDeathTest, OutsideOfZeroToOne) {
  EXPECT_DEATH(Probability(-0.1), "from 0 to 1, not -0.1");
  EXPECT_DEATH(Probability(1.5), "from 0 to 1, not 1.5");
  EXPECT_DEATH(Probability(std::nan("")), "from 0 to 1, not");
  EXPECT_DEATH(Probability::Ratio(2, 1), "a probability above 1: 2/1");
  EXPECT_DEATH(Probability::Ratio(1, 0), "a probability of 1/0");
}

TEST_F(RandomDeathTest, OverridesOutOfRange) {
  chance_.Override(kLatency, {1}, 10);
  EXPECT_DEATH(chance_.Uniform(stream_, {1}, 10),
               "an override out of its draw's range: link/p1->b2/latency 1 uniform 10");
  EXPECT_DEATH(chance_.Bernoulli(stream_, {1}, 0.5), "range: .* bernoulli 10");
  EXPECT_DEATH(chance_.UniformNanos(stream_, {1}, 0, 9), "range: .* uniform_duration 10");
  EXPECT_DEATH(chance_.JitterNanos(stream_, {1}, 100, 200), "range: .* jitter 10");
  const std::vector<uint64_t> weights = {1, 0, 1};
  chance_.Override("pick", {}, 1);
  EXPECT_DEATH(chance_.WeightedPick(chance_.Resolve("pick"), {}, weights), "range: pick 0 pick 1");
  chance_.Override("negative", {}, -1);
  EXPECT_DEATH(chance_.ExponentialNanos(chance_.Resolve("negative"), {}, 1), "exponential -1");
}

TEST_F(RandomDeathTest, OneAddressHasOneAnswer) {
  chance_.Override(kLatency, {1}, 1);
  EXPECT_DEATH(chance_.Override(kLatency, {1}, 1), "overridden twice: link/p1->b2/latency 1 any 1");
  chance_.Record(true);
  chance_.ExponentialNanos(stream_, {2}, kMilli);
  EXPECT_DEATH(chance_.ExponentialNanos(stream_, {2}, 1000 * kMilli),
               "one key for two things: link/p1->b2/latency 2 exponential");
}

TEST_F(RandomDeathTest, AHandleBelongsToItsChance) {
  Chance other(43);
  other.Record(true);
  other.Bits(stream_, {});
  EXPECT_DEATH(other.Decisions(), "a stream of another Chance");
}

}  // namespace
}  // namespace norn::sim
