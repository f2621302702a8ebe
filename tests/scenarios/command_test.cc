// The command line: what it prints where, and with which status it ends.
#include "scenarios/command.h"

#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace norn::scenarios {
namespace {

using ::testing::EndsWith;
using ::testing::HasSubstr;
using ::testing::MatchesRegex;
using ::testing::StartsWith;

struct Outcome {
  int status;
  std::string out;
  std::string err;
};

Outcome Norn(const std::vector<std::string>& arguments) {
  std::ostringstream out;
  std::ostringstream err;
  const int status = Command(arguments, out, err);
  return {status, out.str(), err.str()};
}

class CommandTest : public testing::Test {
 protected:
  // Writes a file into a directory of this test and returns its path.
  std::string Write(const std::string& name, const std::string& text) {
    std::filesystem::create_directories(directory_);
    std::ofstream(directory_ + "/" + name) << text;
    return directory_ + "/" + name;
  }

  static constexpr char kGood[] =
      "cluster { topics { name: \"t\" } } clients { name: \"p1\" }\n"
      "steps { send { value: \"a\" } }\nexpect { stored { value: \"a\" } }\n";
  static constexpr char kWrong[] =
      "cluster { topics { name: \"t\" } } clients { name: \"p1\" }\n"
      "steps { send { value: \"a\" } }\nexpect { stored { value: \"b\" } }\n";

  std::string directory_ =
      testing::TempDir() + testing::UnitTest::GetInstance()->current_test_info()->name();
};

TEST_F(CommandTest, RunsAScenarioOfTheLibrary) {
  const Outcome ran = Norn({"run", "hello_kafka", "--seed=7"});
  EXPECT_EQ(ran.status, 0);
  EXPECT_EQ(ran.err, "");
  EXPECT_THAT(ran.out, HasSubstr("message stored in topic\n"));
  EXPECT_THAT(ran.out, MatchesRegex("(.|\n)*\nPASS hello_kafka seed=7 digest=[0-9a-f]{16} "
                                    "run=[0-9a-f]{16}\n"));
  EXPECT_EQ(Norn({"run", "hello_kafka", "--seed=7"}).out, ran.out);
}

TEST_F(CommandTest, RunsAFile) {
  const std::string path = Write("good.textproto", kGood);
  const Outcome ran = Norn({"run", path});
  EXPECT_EQ(ran.status, 0);
  EXPECT_THAT(ran.out, HasSubstr("PASS good seed=1 "));
}

TEST_F(CommandTest, AnExpectationThatDoesNotHoldIsStatusOne) {
  const std::string path = Write("wrong.textproto", kWrong);
  const Outcome ran = Norn({"run", path, "--seed", "3", "--set", "client.linger.ms=7"});
  EXPECT_EQ(ran.status, 1);
  EXPECT_THAT(ran.out, EndsWith("\n  expected: t-0 holds \"b\"\n  happened: t-0 holds \"a\"\n"
                                "  replay:   ./norn run " +
                                path + " --seed=3 --set client.linger.ms=7\n"));
}

// Whether a drawn delay was long enough: a quarter of the seeds.
TEST_F(CommandTest, LooksForWhatSomeSeedMustShow) {
  const std::string race =
      "cluster { topics { name: \"t\" } network { jitter: \"1ms\" } } clients { name: \"p1\" }\n"
      "steps { send { label: \"a\" value: \"a\" } } steps { wait_for_send {} }\n";
  const std::string seldom =
      Write("seldom.textproto",
            race +
                "expect { outcome { send: \"a\" not_after: \"17ms\" } sometimes_not_within: 20 }\n"
                "expect { outcome { send: \"a\" not_after: \"17ms\" } sometimes_within: 20 }\n");
  const Outcome found = Norn({"run", seldom, "--seeds=20"});
  EXPECT_EQ(found.status, 0) << found.out;
  EXPECT_THAT(found.out, HasSubstr("FOUND seldom in "));
  EXPECT_THAT(found.out, HasSubstr("  replay:   ./norn run " + seldom + " --seed="));
  const std::string never =
      Write("never.textproto",
            race + "expect { outcome { send: \"a\" not_after: \"1us\" } sometimes_within: 20 }\n");
  const Outcome missing = Norn({"run", never, "--seeds=20"});
  EXPECT_EQ(missing.status, 1);
  EXPECT_THAT(missing.out, EndsWith("20 passed, 0 failed, and 1 missing\n"));
  EXPECT_EQ(Norn({"run", never, "--seeds=19"}).status, 0);
  EXPECT_EQ(Norn({"run", never}).status, 0);
}

TEST_F(CommandTest, RunsADirectory) {
  Write("a.textproto", kGood);
  Write("b.textproto", kWrong);
  Write("notes.txt", "no scenario");
  const Outcome ran = Norn({"run", directory_});
  EXPECT_EQ(ran.status, 1);
  EXPECT_THAT(ran.out, StartsWith("PASS a seed=1 "));
  EXPECT_THAT(ran.out, HasSubstr("FAIL b seed=1 "));
  EXPECT_THAT(ran.out, EndsWith("\n1 passed, 1 failed\n"));
}

TEST_F(CommandTest, RunsManySeedsAndShowsTheFailures) {
  EXPECT_EQ(Norn({"run", "hello_kafka", "--seeds=5"}).out, "5 passed, 0 failed\n");
  const std::string path = Write("wrong.textproto", kWrong);
  const Outcome ran = Norn({"run", path, "--seed=10", "--seeds=8"});
  EXPECT_EQ(ran.status, 1);
  for (int seed = 10; seed < 18; ++seed)
    EXPECT_THAT(ran.out, HasSubstr("--seed=" + std::to_string(seed) + "\n"));
  EXPECT_THAT(ran.out, EndsWith("0 passed, 8 failed\n"));
}

TEST_F(CommandTest, ADocumentForProgramsHasStandardOutputForItself) {
  const Outcome json = Norn({"run", "hello_kafka", "--format=json"});
  EXPECT_EQ(json.status, 0);
  EXPECT_EQ(json.out.front(), '{');
  EXPECT_THAT(json.out, EndsWith("}\n"));
  EXPECT_THAT(json.err, StartsWith("PASS hello_kafka seed=1 "));
  const Outcome junit = Norn({"run", "hello_kafka", "--format=junit", "--seeds=2"});
  EXPECT_THAT(junit.out, StartsWith("<?xml"));
  EXPECT_THAT(junit.out, EndsWith("</testsuites>\n"));
  EXPECT_THAT(junit.err, EndsWith("2 passed, 0 failed\n"));
}

TEST_F(CommandTest, BadInputIsStatusTwoAndPrintsNothing) {
  const std::string broken = Write("broken.textproto", "steps { snd {} }");
  Write("good.textproto", kGood);
  const std::vector<std::vector<std::string>> all = {
      {},
      {"rn"},
      {"run"},
      {"run", "helo_kafka"},
      {"run", "nothere.textproto"},
      {"run", broken},
      {"run", directory_},  // one of its scenarios is broken: none is run
      {"run", testing::TempDir() + "nothere/"},
      {"run", "hello_kafka", "flush_timeout"},
      {"run", "hello_kafka", "--sede=3"},
      {"run", "hello_kafka", "--seed=x"},
      {"run", "hello_kafka", "--seed"},
      {"run", "hello_kafka", "--seeds=0"},
      {"run", "hello_kafka", "--dump-log=yes"},
      {"run", "hello_kafka", "--format=tble"},
      {"run", "hello_kafka", "--set", "cluster.broker=3"},
      {"run", "hello_kafka", "--set", "client.linger.msx=3"},
      {"run", "hello_kafka", "--set", "cluster.brokers=0"},
      {"list", "all"},
  };
  for (const auto& arguments : all) {
    const Outcome ran = Norn(arguments);
    EXPECT_EQ(ran.status, 2) << testing::PrintToString(arguments);
    EXPECT_EQ(ran.out, "") << testing::PrintToString(arguments);
    EXPECT_NE(ran.err, "") << testing::PrintToString(arguments);
  }
}

TEST_F(CommandTest, BadInputSaysWhatWouldBeRight) {
  const auto said = [](const std::vector<std::string>& arguments) { return Norn(arguments).err; };
  EXPECT_EQ(said({"run", "helo_kafka"}),
            "no scenario is called 'helo_kafka'; did you mean 'hello_kafka'? (`norn list` shows "
            "them)\n");
  EXPECT_EQ(said({"run", "hello_kafka", "--formt=table"}),
            "norn run has no flag '--formt'; did you mean '--format'?\n");
  EXPECT_EQ(said({"run", "hello_kafka", "--format=tble"}),
            "--format=tble is none of the formats; did you mean 'table'?\n");
  EXPECT_EQ(said({"rn"}), "norn has no command 'rn'; did you mean 'run'?\n");
  EXPECT_EQ(said({"run", "no/such.textproto"}),
            "no/such.textproto: there is no such file or directory\n");
}

TEST_F(CommandTest, ListsTheLibrary) {
  const Outcome listed = Norn({"list"});
  EXPECT_EQ(listed.status, 0);
  EXPECT_THAT(listed.out, HasSubstr("\nhello_kafka  "));
  EXPECT_THAT(listed.out, HasSubstr("Hello Kafka: one message from the application to the log"));
}

TEST_F(CommandTest, HelpNamesEveryFlag) {
  for (const auto& arguments : std::vector<std::vector<std::string>>{{"help"}, {"run", "--help"}}) {
    const Outcome helped = Norn(arguments);
    EXPECT_EQ(helped.status, 0);
    for (const char* flag : {"--seed", "--seeds", "--format", "--set", "--dump-log", "--verbose"})
      EXPECT_THAT(helped.out, HasSubstr(flag));
  }
}

TEST_F(CommandTest, DumpsTheLogBeforeTheVerdict) {
  const Outcome ran = Norn({"run", "hello_kafka", "--dump-log"});
  const size_t dump = ran.out.find("baseOffset: 0 lastOffset: 0 count: 1 ");
  ASSERT_NE(dump, std::string::npos);
  EXPECT_LT(dump, ran.out.find("PASS hello_kafka"));
}

TEST_F(CommandTest, DumpsOneReplica) {
  const auto dumped = [](const std::string& which) {
    return Norn({"run", "leader_crash_acks_all_keeps", "--dump-log" + which});
  };
  EXPECT_THAT(dumped("").out, HasSubstr("Dumping b1/topic1-0/00000000000000000000.log\n"));
  EXPECT_THAT(dumped("").out, HasSubstr("Dumping b3/topic1-0/00000000000000000000.log\n"));
  const std::string one = dumped("=topic1-0@2").out;
  EXPECT_THAT(one, HasSubstr("Dumping b2/topic1-0/00000000000000000000.log\n"
                             "Log starting offset: 0\nbaseOffset: 0 "));
  EXPECT_THAT(one, testing::Not(HasSubstr("Dumping b1/")));
  EXPECT_THAT(dumped("=topic1-0").out, HasSubstr("Dumping b1/"));
  EXPECT_EQ(dumped("=topic1-0@4").err, "--dump-log: there is no broker 4\n");
  EXPECT_EQ(dumped("=topic1-1").err, "--dump-log: topic1 has 1 partitions, and none is 1\n");
  EXPECT_EQ(dumped("=orders-0").err,
            "--dump-log: no topic is called 'orders'; topics are: topic1\n");
  EXPECT_EQ(dumped("=topic1").err,
            "--dump-log=topic1 is no log; write TOPIC-PARTITION or TOPIC-PARTITION@BROKER\n");
  EXPECT_EQ(dumped("=topic1").status, 2);
}

TEST_F(CommandTest, SaysByWhichRequestsACopyIsStored) {
  EXPECT_THAT(
      Norn({"run", "ack_lost_stored_twice"}).out,
      testing::ContainsRegex("is stored 2x: @0 by p1's request [0-9]+ on connection [0-9]+, "
                             "attempt 1; @1 by p1's request [0-9]+ on connection [0-9]+, "
                             "attempt 2\n"));
}

}  // namespace
}  // namespace norn::scenarios
