// Each defect in three runs: with it the scenario fails, and names the promise and the offset;
// without it the scenario passes; with it, but without what triggers it, the promise is kept.
#include "model/defects.h"

#include <functional>
#include <memory>
#include <string>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "scenarios/library.h"
#include "scenarios/run.h"
#include "scenarios/text/plan.h"
#include "scenarios/text/script.h"

namespace norn::scenarios {
namespace {

using ::testing::HasSubstr;

struct Case {
  model::Defect defect;
  const char* scenario;
  const char* promise;  // as the report says it
  const char* broken;   // how it says that it is
  const char* trigger;  // the fault, or the step, that brings it out
};

constexpr Case kCases[] = {
    {model::Defect::kKip101, "kip_101_truncates_to_high_watermark",
     "every acknowledged record is stored",
     "m was acknowledged at offset 0 of topic1-0 and is stored nowhere", "second_crash"},
    {model::Defect::kKip279, "kip_279_truncates_without_epoch",
     "the replicas in every ISR hold the same",
     "topic1-0@1 is x of epoch 0 on b1 and y of epoch 2 on b2", "second_leads"},
    {model::Defect::kKafka7128, "kafka_7128_joins_before_the_epoch",
     "every acknowledged record is stored",
     "b was acknowledged at offset 1 of topic1-0 and is stored nowhere", "answers_lost"},
    {model::Defect::kKafka13141, "kafka_13141_counts_a_diverged_follower",
     "topic1-0 holds \"w\", \"y\"", "topic1-0 holds \"w\", \"x0\", \"x1\", \"x2\"", "answers_lost"},
    {model::Defect::kKafka15583, "appended_then_under_min_isr_times_out",
     "at most 0 Produce requests of p1 are answered with NOT_ENOUGH_REPLICAS_AFTER_APPEND",
     "there were ", "kill b3"},
    {model::Defect::kKafka5494, "ack_lost_idempotent_stored_once", "no record is stored twice",
     "is stored at topic1-0@0 and topic1-0@1", "lost"},
    {model::Defect::kKip903, "kip_903_joins_as_who_it_was", "every acknowledged record is stored",
     " was acknowledged at offset ", "power"},
    {model::Defect::kKafka3197, "kafka_3197_one_in_flight_keeps_the_order",
     "each partition holds each client's records in the order in which they were sent",
     "second was sent before third and is stored behind it", "stands_still"},
    {model::Defect::kKip480, "kip_480_a_slow_broker_does_not_get_nearly_all",
     "topic1-0 holds at most 12000 records", "topic1-0 holds 1", "broker_latency"},
    {model::Defect::kKafka14156, "kafka_14156_batches_are_whole",
     "at most 43 Produce requests of p1", "there were ", "no key"},
};

class DefectTest : public testing::TestWithParam<Case> {
 protected:
  static constexpr uint64_t kSeeds = 10;

  // The scenario, without its trigger if that is not wanted.
  std::unique_ptr<Script> Load(bool with_trigger) const {
    auto script = *LoadLibrary(GetParam().scenario);
    if (with_trigger) return script;
    Scenario& scenario = script->scenario;
    const std::string trigger = GetParam().trigger;
    EraseIf(scenario.mutable_faults(), [&](const Fault& f) { return f.name() == trigger; });
    EraseIf(scenario.mutable_steps(), [&](const Step& step) {
      return step.until_fired().fault() == trigger || step.arm().fault() == trigger ||
             (trigger == "kill b3" && step.kill_broker().broker() == 3) ||
             (trigger == "broker_latency" && step.has_broker_latency()) ||
             (trigger == "kill b3" && step.has_wait_until()) || step.what_case() == Step::kCheck;
    });
    EraseIf(scenario.mutable_expect(),
            [&](const Expectation& e) { return e.fault_fired().fault() == trigger; });
    // Where the partition is told, none is chosen.
    if (trigger == "no key") scenario.mutable_workloads(0)->set_partition(0);
    return script;
  }
  template <class Repeated, class Predicate>
  static void EraseIf(Repeated* repeated, Predicate predicate) {
    for (int i = repeated->size() - 1; i >= 0; --i)
      if (predicate(repeated->Get(i))) repeated->DeleteSubrange(i, 1);
  }
  static Report RunIt(const Script& script, uint64_t seed) {
    const auto plan = MakePlan(script);
    EXPECT_TRUE(plan.ok()) << plan.status();
    return scenarios::Run(*plan, {.seed = seed, .trace = false, .replay = ""});
  }
  // What the report says of the promise.
  static const ExpectationReport& Promise(const Report& report) {
    for (const ExpectationReport& expectation : report.expectations)
      if (expectation.expected == GetParam().promise) return expectation;
    ADD_FAILURE() << "nobody promises: " << GetParam().promise;
    return report.expectations.front();
  }
};

TEST_P(DefectTest, WithItThePromiseIsBroken) {
  const auto script = Load(true);
  AddDefect(std::string(model::Name(GetParam().defect)), *script);
  for (uint64_t seed = 1; seed <= kSeeds; ++seed) {
    const Report report = RunIt(*script, seed);
    EXPECT_FALSE(Promise(report).holds) << seed;
    EXPECT_THAT(Promise(report).happened, HasSubstr(GetParam().broken)) << seed;
  }
}

TEST_P(DefectTest, WithoutItTheScenarioPasses) {
  const auto script = Load(true);
  for (uint64_t seed = 1; seed <= kSeeds; ++seed)
    EXPECT_TRUE(RunIt(*script, seed).passed()) << seed;
}

TEST_P(DefectTest, WithItAndWithoutTheTriggerThePromiseIsKept) {
  const auto script = Load(false);
  AddDefect(std::string(model::Name(GetParam().defect)), *script);
  for (uint64_t seed = 1; seed <= kSeeds; ++seed) {
    const Report report = RunIt(*script, seed);
    EXPECT_TRUE(Promise(report).holds) << seed << ": " << Promise(report).happened;
  }
}

INSTANTIATE_TEST_SUITE_P(All, DefectTest, testing::ValuesIn(kCases), [](const auto& info) {
  std::string name(model::Name(info.param.defect));
  name.erase(name.find('-'), 1);
  return name;
});

TEST(Defects, AWrongNameIsToldTheNearest) {
  auto script = *LoadLibrary("hello_kafka");
  AddDefect("kip-278", *script);
  const auto plan = MakePlan(*script);
  ASSERT_FALSE(plan.ok());
  EXPECT_THAT(
      std::string(plan.status().message()),
      HasSubstr("--defect=kip-278: no defect is called 'kip-278'; did you mean 'kip-279'?"));
}

}  // namespace
}  // namespace norn::scenarios
