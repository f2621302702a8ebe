#include "scenarios/account/account.h"

#include <string>

#include "gtest/gtest.h"
#include "tests/scenarios/scripts.h"

namespace norn::scenarios {
namespace {

Value Account(const std::string& text) {
  return AccountOf(
      scenarios::Run(PlanOf(text), {.seed = 1, .trace = false, .wire = true, .replay = ""}));
}
std::string Fact(const Value& account, const char* key) { return account["facts"][key].ToString(); }

TEST(Account, HasTheFactsOfARecording) {
  const Value account = Account(With(R"(
      faults { name: "lost" on { point: REQUEST_SENT api: "Produce" } reset {} }
      steps { send { label: "a" value: "a" value_size: 10 } }
      steps { flush {} })"));
  EXPECT_EQ(Fact(account, "requests"),
            "[{\"conn\": 1, \"p\": 0, \"n\": 1, \"seq\": 0, \"epoch\": 0, \"bytes\": 78, \"act\": "
            "\"rst\"}, {\"conn\": 2, \"p\": 0, \"n\": 1, \"seq\": 0, \"epoch\": 0, \"bytes\": 78, "
            "\"act\": null}]");
  EXPECT_EQ(Fact(account, "answers"), "[[0, 0]]");
  EXPECT_EQ(Fact(account, "acks"), "[[\"a\", null, null, 0]]");
  EXPECT_EQ(Fact(account, "ack"), "[[0, null, null, 0]]");
  EXPECT_EQ(Fact(account, "sends"), "[[true, null]]");
  EXPECT_EQ(Fact(account, "flushes"), "[[null, 0]]");
  EXPECT_EQ(Fact(account, "stored"), "\"a\"");
  EXPECT_EQ(Fact(account, "faults"), "{\"lost\": 1}");
  EXPECT_EQ(account["ranges"]["gaps_ms"].size(), 1u);
}

TEST(Account, EveryKeyIsThereWhateverHappens) {
  const Value idle = Account(With("steps { heal {} }"));
  const Value busy =
      Account(With("steps { send { value: \"a\" } } steps { mark { label: \"m\" } }"));
  const auto keys = [](const Value& part) {
    std::string names;
    for (const char* side : {"facts", "ranges"})
      for (const auto& [key, value] : part[side].fields()) names += key + " ";
    return names;
  };
  EXPECT_EQ(keys(idle), keys(busy));
  EXPECT_EQ(keys(busy["since"]["m"]), keys(busy));
  EXPECT_EQ(Fact(idle, "requests"), "[]");
  EXPECT_EQ(Fact(idle, "send"), "null");
}

// Java's send() to a topic that is not there blocks, and fails through its future.
TEST(Account, SaysHowLongACallBlocked) {
  const Value account = Account(R"(
      cluster { topics { name: "t" } down: 1 }
      clients { name: "p1" property: "max.block.ms=1000" }
      steps { send { value: "a" } }
      steps { flush { timeout: "1s" } })");
  EXPECT_EQ(Fact(account, "send"), "[true, \"TimeoutException\"]");
  EXPECT_EQ(account["ranges"]["send_blocked_ms"].ToString(), "1000");
  EXPECT_EQ(account["ranges"]["flush_ms"].ToString(), "[0]");
  EXPECT_EQ(account["ranges"]["ack_after_send_ms"].ToString(), "[0]");
}

TEST(Account, MarksAndClientsDivideIt) {
  const Value account = Account(R"(
      cluster { topics { name: "t" } }
      clients { name: "p1" property: "linger.ms=0" }
      clients { name: "p2" property: "linger.ms=0" }
      steps { send { client: "p1" value: "a" } }
      steps { wait_for_send {} }
      steps { mark { label: "warm" } }
      steps { send { client: "p2" value: "b" } }
      steps { wait_for_send {} })");
  EXPECT_EQ(account["since"]["warm"]["facts"]["acks"].ToString(), "[[\"b\", null, null, 1]]");
  EXPECT_EQ(account["until"]["warm"]["facts"]["acks"].ToString(), "[[\"a\", null, null, 0]]");
  EXPECT_EQ(account["clients"]["p2"]["facts"]["acks"].ToString(), "[[\"b\", null, null, 1]]");
  EXPECT_EQ(account["clients"]["p1"]["facts"]["n_requests"].ToString(), "1");
}

}  // namespace
}  // namespace norn::scenarios
