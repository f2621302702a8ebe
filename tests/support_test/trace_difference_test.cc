#include "tests/support/trace_difference.h"

#include <cstdint>
#include <string>
#include <utility>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "sim/label.h"
#include "sim/time.h"

namespace norn::support_internal {
namespace {

using ::testing::Optional;

constexpr sim::Label kBell{"bell"};
constexpr sim::Label kAlarm{"alarm"};
constexpr sim::Label kTower{"tower"};

sim::TraceEntry Event(int64_t millis, uint64_t event, uint64_t cause = 0,
                      const sim::Label* what = &kBell) {
  sim::TraceEntry entry;
  entry.at = sim::Time::FromNanos(millis * 1'000'000);
  entry.event = event;
  entry.cause = cause;
  entry.what = what;
  return entry;
}

sim::Trace TraceOf(std::initializer_list<sim::TraceEntry> entries) {
  sim::Trace trace(sim::TraceSink::kFull, 0);
  for (const sim::TraceEntry& entry : entries) trace.Keep(entry);
  return trace;
}

TEST(TraceDifference, IsNoneBetweenEqualTraces) {
  EXPECT_EQ(FirstDifference(TraceOf({}), TraceOf({})), std::nullopt);
  EXPECT_EQ(FirstDifference(TraceOf({Event(1, 1)}), TraceOf({Event(1, 1)})), std::nullopt);
}

TEST(TraceDifference, IsTheFirst) {
  const sim::Trace a = TraceOf({Event(1, 1), Event(2, 2), Event(3, 3)});
  EXPECT_THAT(FirstDifference(a, TraceOf({Event(1, 1), Event(9, 2), Event(9, 3)})), Optional(1));
  EXPECT_THAT(FirstDifference(a, TraceOf({Event(1, 1)})), Optional(1));
  EXPECT_THAT(FirstDifference(TraceOf({}), a), Optional(0));
}

TEST(TraceDifference, IsInAnyFieldOfAnEntry) {
  const sim::TraceEntry entry = Event(1, 2, 1);
  const auto differs = [&entry](auto change) {
    sim::TraceEntry other = entry;
    change(other);
    return FirstDifference(TraceOf({entry}), TraceOf({other})).has_value();
  };
  EXPECT_TRUE(differs([](sim::TraceEntry& e) { e.cause = 0; }));
  EXPECT_TRUE(differs([](sim::TraceEntry& e) { e.owner = 3; }));
  EXPECT_TRUE(differs([](sim::TraceEntry& e) { e.note = true; }));
  EXPECT_TRUE(differs([](sim::TraceEntry& e) { e.what = &kAlarm; }));
  EXPECT_TRUE(differs([](sim::TraceEntry& e) { e.text = "loud"; }));
  EXPECT_TRUE(differs([](sim::TraceEntry& e) { e.subjects[e.subject_count++] = {&kTower, 1}; }));
  EXPECT_FALSE(differs([](sim::TraceEntry&) {}));
}

TEST(TraceDifference, ComparesLabelsByText) {
  static constexpr sim::Label kSameBell{"bell"};
  EXPECT_EQ(
      FirstDifference(TraceOf({Event(1, 1, 0, &kBell)}), TraceOf({Event(1, 1, 0, &kSameBell)})),
      std::nullopt);
}

TEST(TraceDifference, IsToldWithWhatCameBeforeAndWhatLedToIt) {
  const sim::Trace a = TraceOf({Event(1, 1), Event(2, 2, 1), Event(3, 3, 2)});
  const sim::Trace b = TraceOf({Event(1, 1), Event(2, 2, 1), Event(4, 3, 1)});
  EXPECT_EQ(DescribeDifference(a, b, 2),
            "  they differ first in entry 2 of the trace:\n"
            "    first run : T+3.000ms #3 bell (because of #2)\n"
            "    second run: T+4.000ms #3 bell (because of #1)\n"
            "  before it, in both:\n"
            "    T+1.000ms #1 bell\n"
            "    T+2.000ms #2 bell (because of #1)\n"
            "  because of, in the first run:\n"
            "    T+2.000ms #2 bell (because of #1)\n"
            "    T+1.000ms #1 bell\n"
            "  because of, in the second run:\n"
            "    T+1.000ms #1 bell\n");
}

TEST(TraceDifference, SaysWhichRunEndedBeforeTheOther) {
  EXPECT_EQ(DescribeDifference(TraceOf({}), TraceOf({Event(1, 1)}), 0),
            "  they differ first in entry 0 of the trace:\n"
            "    first run : nothing more happened\n"
            "    second run: T+1.000ms #1 bell\n");
}

}  // namespace
}  // namespace norn::support_internal
