#include <set>
#include <string>

#include "absl/strings/str_cat.h"
#include "scenarios/text/checks.h"
#include "scenarios/text/duration.h"
#include "sim/clock.h"

namespace norn::scenarios {
namespace {

// What waits in a broker or in librdkafka is told the time by the simulation itself.
bool MayDrift(const Plan& plan, const std::string& machine) {
  for (const Plan::Client& client : plan.clients)
    if (client.name == machine)
      return !client.rdkafka_producer.has_value() && !client.rdkafka_consumer.has_value();
  return false;
}

}  // namespace

void CheckClocks(const Place& scenario, const Scenario& whole, Names& names, Plan& plan) {
  std::set<std::string> seen;
  for (int i = 0; i < whole.clock_size(); ++i) {
    const Clock& clock = whole.clock(i);
    const Place place = scenario.In("clock", i);
    if (!names.CheckGiven(place.In("machine"), clock.has_machine(), "machine: \"p1\"") ||
        !names.CheckClock(place.In("machine"), clock.machine()))
      continue;
    if (!seen.insert(clock.machine()).second)
      names.diagnosis().Add(place,
                            absl::StrCat("a clock before this is that of ", clock.machine()));
    sim::ClockOptions options;
    if (names.CheckSignedDuration(place.In("offset"), clock.offset()))
      options.offset = SignedDurationOf(clock.offset());
    const int64_t drift = clock.drift_ppm();
    if (drift != 0 && !MayDrift(plan, clock.machine())) {
      names.diagnosis().Add(place.In("drift_ppm"),
                            absl::StrCat("only the clock of a Java client drifts here; give ",
                                         clock.machine(), " an offset, or a step_clock"));
    } else if (drift < -sim::Clock::kMostDriftPpm || drift > sim::Clock::kMostDriftPpm) {
      names.diagnosis().Add(place.In("drift_ppm"),
                            absl::StrCat(drift, " is beyond what Norn takes: ",
                                         sim::Clock::kMostDriftPpm, " either way"));
    } else {
      options.drift_ppm = drift;
    }
    plan.cluster.clocks.emplace(clock.machine(), options);
  }
}

}  // namespace norn::scenarios
