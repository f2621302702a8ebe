#include "scenarios/account/cluster_account.h"

#include <string>

#include "gtest/gtest.h"
#include "scenarios/account/account.h"
#include "tests/scenarios/scripts.h"

namespace norn::scenarios {
namespace {

std::string Replicated(const std::string& story) {
  return R"(
      cluster {
        brokers: 3
        topics { name: "t" leader: 1 replicas: 3 }
        property: "broker.session.timeout.ms=3000"
        property: "broker.heartbeat.interval.ms=500"
        network { jitter: "100us" }
      }
      clients { name: "p1" property: "linger.ms=0" }
      steps { send { label: "w" value: "w" value_size: 10 } }
      steps { wait_for_send {} }
      steps { wait { duration: "1s" } }
      )" +
         story;
}
Value Account(const std::string& story) {
  return AccountOf(scenarios::Run(PlanOf(Replicated(story)),
                                  {.seed = 1, .trace = false, .wire = true, .replay = ""}));
}
std::string Text(const Value& account, const char* key) {
  return account["cluster"][key].ToString();
}

// As recordings 21 and 33 keep it.
TEST(ClusterAccount, TellsOfAFailOver) {
  const Value account = Account(R"(
      steps { kill_broker { broker: 1 } }
      steps { send { label: "a" value: "a" value_size: 10 } }
      steps { wait_for_send {} }
      steps { start_broker { broker: 1 } }
      steps { wait_until { holds { partition { in_sync: 3 } } } }
      steps { wait { duration: "1s" } })");
  const Value& cluster = account["cluster"];
  EXPECT_EQ(Text(account, "acks"), "[[\"w\", null, null, 0], [\"a\", null, null, 1]]");
  EXPECT_EQ(Text(account, "logs_at_kill"), "{\"1\": [\"w\"], \"2\": [\"w\"], \"3\": [\"w\"]}");
  const std::string log = "[[0, \"w\", 0], [1, \"a\", 1]]";
  EXPECT_EQ(Text(account, "logs"), "{\"1\": " + log + ", \"2\": " + log + ", \"3\": " + log + "}");
  EXPECT_EQ(Text(account, "log"), "[[0, \"w\", 0, 0, 0], [1, \"a\", 1, 0, 1]]");
  EXPECT_EQ(Text(account, "offsets"), "{\"leader\": 2, \"epoch\": 1, \"hw\": 2, \"leo\": 2}");
  EXPECT_EQ(cluster["epochs"]["2"].ToString(), "[[0, 0], [1, 1]]");
  EXPECT_EQ(Text(account, "sent"), "2");
  EXPECT_EQ(Text(account, "acked_lost"), "[]");
  EXPECT_EQ(Text(account, "replicas_equal"), "true");
  EXPECT_EQ(Text(account, "errs"), "{}");
  // Times count from the kill.
  EXPECT_GT(cluster["new_leader_ms"]["2"].number(), 2400);
  EXPECT_LT(cluster["new_leader_ms"]["2"].number(), 3600);
  EXPECT_LE(cluster["last_heartbeat_before_kill_ms"].number(), 0);
  EXPECT_GE(cluster["last_heartbeat_before_kill_ms"].number(), -510);
  EXPECT_LT(cluster["last_ack_before_ms"].number(), -900);
  EXPECT_EQ(cluster["series_ms_after_kill"], cluster["series"]);
  EXPECT_TRUE(cluster["series_ms_after_pause"].is_null());
  // 1 was seen at the beginning, and once it was back.
  std::string of_one;
  for (const Value& row : cluster["series"].items())
    if (row.items()[1] == Value(1)) of_one += row.items()[4].ToString();
  EXPECT_EQ(of_one, "[1, 2, 3][2, 3][1, 2, 3]");
}

// As recording 21d: what is acknowledged by a leader that was deposed.
TEST(ClusterAccount, CountsWhatWasAcknowledgedAndIsGone) {
  const Value account =
      AccountOf(scenarios::Run(PlanOf(R"(
      cluster {
        brokers: 3
        topics { name: "t" leader: 1 replicas: 3 }
        property: "broker.session.timeout.ms=3000"
        property: "broker.heartbeat.interval.ms=500"
        network { jitter: "100us" }
      }
      clients { name: "p1" property: "acks=1" property: "enable.idempotence=false" }
      workloads { name: "r" topic: "t" at: "100ms" every: "100ms" count: 80 }
      steps { at: "1s" refuse { controller: true from: "b1" reset: true } }
      steps { wait { duration: "6s" } }
      steps { refuse { controller: true from: "b1" on: false } }
      steps { wait { duration: "3s" } }
      steps { wait_for_send {} })"),
                               {.seed = 1, .trace = false, .wire = true, .replay = ""}));
  const Value& cluster = account["cluster"];
  EXPECT_GT(cluster["acked_lost_n"].number(), 20);
  EXPECT_EQ(cluster["acked_lost"].size(), static_cast<size_t>(cluster["acked_lost_n"].number()));
  EXPECT_EQ(cluster["acked_lost"].items()[0].text().substr(0, 3), "r00");
  EXPECT_EQ(cluster["acked_offset_wrong"].size(), 5u);
  EXPECT_EQ(cluster["acked"], Value(80));
  EXPECT_EQ(cluster["stored"], Value(80 - cluster["acked_lost_n"].number()));
  EXPECT_EQ(Text(account, "errs"), "{\"1:6\": 1}");
  EXPECT_EQ(cluster["old_leader_errors"].items()[0].items()[2], Value(true));
  EXPECT_EQ(cluster["old_leader_acks_after_new_leader"]["n"], cluster["acked_lost_n"]);
  EXPECT_GT(cluster["records_in_logs_at_heal"]["1"].number(),
            cluster["records_in_logs_at_heal"]["2"].number());
}

// As recording 23: what stood at each mark.
TEST(ClusterAccount, StepsAreAsTheyStoodAtTheMarks) {
  const Value account = Account(R"(
      steps { mark { label: "all up" } }
      steps { shut_down_broker { broker: 1 } }
      steps { wait { duration: "1s" } }
      steps { mark { label: "1 gone" } })");
  const Value& steps = account["cluster"]["steps"];
  ASSERT_EQ(steps.size(), 2u);
  EXPECT_EQ(steps.items()[0]["isr"].ToString(), "[1, 2, 3]");
  EXPECT_EQ(steps.items()[1]["leader"], Value(2));
  EXPECT_EQ(steps.items()[1]["isr"].ToString(), "[2, 3]");
  EXPECT_EQ(steps.items()[1]["offline"].ToString(), "[1]");
  EXPECT_EQ(steps.items()[1]["records"].ToString(),
            "{\"1\": [\"w\"], \"2\": [\"w\"], \"3\": [\"w\"]}");
  EXPECT_EQ(account["until"]["all up"]["cluster"]["describe"]["leader"], Value(1));
}

}  // namespace
}  // namespace norn::scenarios
