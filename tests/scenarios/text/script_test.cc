#include "scenarios/text/script.h"

#include "gtest/gtest.h"
#include "tests/scenarios/scripts.h"

namespace norn::scenarios {
namespace {

TEST(Script, MistakesOfFormNameLineColumnAndRemedy) {
  EXPECT_EQ(MistakesIn("cluster { topics { name: \"t\" } }\nsteps { snd {} }"),
            "t.textproto:2:13: no field is called 'snd' in `steps`; did you mean 'send'?");
  EXPECT_EQ(MistakesIn("cluster { colour: 3 }"),
            "t.textproto:1:17: no field is called 'colour' in `cluster`; its fields are: brokers, "
            "topics, property, down, network, disk, costs, host, quotas, controller, elr, defect");
  EXPECT_EQ(MistakesIn("steps { heal { now: true } }"),
            "t.textproto:1:19: no field is called 'now' in `heal`, which has none");
  EXPECT_EQ(MistakesIn("expect { outcome { is: OKAY } }"),
            "t.textproto:1:29: 'is' cannot be OKAY; it is one of: OK, FAILED, UNKNOWN, PENDING");
  EXPECT_EQ(MistakesIn("steps {\n  flush {}\n  wait { duration: \"1s\" }\n}"),
            "t.textproto:3:8: 'wait' and 'flush' exclude each other here: keep one, or give 'wait' "
            "an entry of its own");
  EXPECT_EQ(MistakesIn("seed: 1\nseed: 2"),
            "t.textproto:2:5: 'seed' is given twice: keep one of the two");
  EXPECT_EQ(MistakesIn("cluster { brokers: \"three\" }"),
            "t.textproto:1:20: Expected integer, got: \"three\"");
  EXPECT_EQ(MistakesIn("cluster { brokers: 3\n"),
            "t.textproto:2:1: the text ends here, and something is still open; is a '}' missing?");
}

TEST(Script, StoryIsTheCommentAtTheTop) {
  EXPECT_EQ(StoryOf("# A headline.\n#\n# And more.\nseed: 1\n# no part of it\n"),
            "A headline.\n\nAnd more.");
  EXPECT_EQ(StoryOf("seed: 1\n"), "");
}

TEST(Override, SetsAFieldByItsPath) {
  const std::string text = With("steps { flush {} } steps { send { value: \"a\" } }");
  const Plan plan = PlanOf(
      text, {"seed=7", "cluster.brokers=3", "steps[0].flush.timeout=1.5s", "steps[1].send.value=b",
             "format=TABLE", "shuffle_ties=true", "cluster.network.loss=0.25"});
  EXPECT_EQ(plan.scenario.seed(), 7u);
  EXPECT_EQ(plan.cluster.brokers, 3);
  EXPECT_EQ(plan.scenario.steps(0).flush().timeout(), "1.5s");
  EXPECT_EQ(plan.scenario.steps(1).send().value(), "b");
  EXPECT_EQ(plan.scenario.format(), TABLE);
  EXPECT_TRUE(plan.cluster.shuffle_ties);
  EXPECT_EQ(plan.cluster.network.link.loss, sim::Probability(0.25));
}

TEST(Override, SetsPropertiesOfOneAndOfAll) {
  const std::string text = With("clients { name: \"p2\" } steps { wait { duration: \"1s\" } }");
  const Plan all = PlanOf(text, {"client.linger.ms=20"});
  EXPECT_EQ(all.clients[0].producer.linger, absl::Milliseconds(20));
  EXPECT_EQ(all.clients[1].producer.linger, absl::Milliseconds(20));
  for (const char* set : {"client.p2.linger.ms=20", "p2.linger.ms=20"}) {
    const Plan one = PlanOf(text, {set});
    EXPECT_EQ(one.clients[0].producer.linger, absl::ZeroDuration());
    EXPECT_EQ(one.clients[1].producer.linger, absl::Milliseconds(20));
  }
  const Plan rest = PlanOf(text, {"broker.message.max.bytes=1000", "topic.t.flush.messages=1"});
  EXPECT_EQ(rest.cluster.broker_config.message_max_bytes, 1000);
  EXPECT_EQ(rest.cluster.topics[0].config->flush_messages, 1);
}

TEST(Override, ReplacesAPropertyThatTheScenarioSets) {
  const Plan plan = PlanOf(With("steps { flush {} }"), {"client.linger.ms=20"});
  EXPECT_TRUE(plan.notices.empty());  // nothing is given twice
  EXPECT_EQ(plan.scenario.clients(0).property_size(), 1);
}

TEST(Override, MistakesNameTheArgument) {
  const std::string text = With("steps { flush {} }");
  const auto mistake = [&text](const char* set) { return MistakesIn(text, {set}); };
  EXPECT_EQ(mistake("nonsense"),
            "--set nonsense: write PATH=VALUE, as client.linger.ms=20 or cluster.brokers=3");
  EXPECT_EQ(mistake("cluster.broker=3"),
            "--set cluster.broker=3: no field is called 'broker' in cluster; did you mean "
            "'brokers'?");
  EXPECT_EQ(mistake("cluster.brokers=abc"),
            "--set cluster.brokers=abc: 'abc' is no number, or is out of range");
  EXPECT_EQ(mistake("cluster.brokers=0"),
            "--set cluster.brokers=0: 0 is too small; it must be at least 1");
  EXPECT_EQ(mistake("cluster=3"),
            "--set cluster=3: 'cluster' has fields of its own: name one of them");
  EXPECT_EQ(mistake("seed.x=3"), "--set seed.x=3: 'seed' is a value and has no fields");
  EXPECT_EQ(mistake("steps.flush.timeout=3s"),
            "--set steps.flush.timeout=3s: 'steps' is a list: say which, as in steps[0]");
  EXPECT_EQ(mistake("steps[4].flush.timeout=3s"),
            "--set steps[4].flush.timeout=3s: there is no steps[4]: the scenario has 1 of them");
  EXPECT_EQ(mistake("cluster[0].brokers=3"),
            "--set cluster[0].brokers=3: 'cluster' is no list: leave out [0]");
  EXPECT_EQ(
      mistake("format=FAST"),
      "--set format=FAST: 'FAST' is none of its values; they are: RECORDS, TABLE, LINES, JSON, "
      "JUNIT");
  EXPECT_EQ(mistake("steps[0].flush.timeout=3"),
            "--set steps[0].flush.timeout=3: \"3\" is no length of time: write a number with its "
            "unit, as 250us, 5ms, 1.5s, 2m or 1h, without a blank");
  EXPECT_EQ(mistake("client.linger.msx=3"),
            "--set client.linger.msx=3: linger.msx is not a Kafka producer key; did you mean "
            "linger.ms?");
  EXPECT_EQ(mistake("topic.x.flush.ms=1"),
            "--set topic.x.flush.ms=1: write topic.NAME.PROPERTY=VALUE; topics are: t");
}

TEST(Override, AContradictionIsToldInKafkasWords) {
  EXPECT_EQ(MistakesIn(With("steps { flush {} }"), {"p1.enable.idempotence=true", "p1.acks=1"}),
            "--set p1.acks=1: Must set acks to all in order to use the idempotent producer. "
            "Otherwise we cannot guarantee idempotence. Here acks=1 with enable.idempotence=true; "
            "set acks=all, or set enable.idempotence=false");
}

}  // namespace
}  // namespace norn::scenarios
