// What the formats say of runs that go wrong; of one that goes well, see tests/golden.
#include <string>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "scenarios/account/value.h"
#include "scenarios/report/dump_log.h"
#include "scenarios/report/json.h"
#include "scenarios/report/junit.h"
#include "scenarios/report/lines.h"
#include "scenarios/report/records.h"
#include "scenarios/report/table.h"
#include "scenarios/report/verdict.h"
#include "tests/scenarios/scripts.h"

namespace norn::scenarios {
namespace {

using ::testing::EndsWith;
using ::testing::HasSubstr;

Report Failing() {
  const Plan plan = PlanOf(R"(# A broker that is not there.
      cluster { topics { name: "t" } down: 1 }
      clients { name: "p1" property: "max.block.ms=1000" property: "ssl.key.password=x" }
      steps { send { label: "a" value: "a <&>" } }
      expect { outcome { send: "a" is: OK } }
      expect { stored { nothing: true } })");
  return scenarios::Run(plan, {.seed = 7, .trace = true, .replay = "./norn run t --seed=7"});
}

TEST(Verdict, AFailureSaysWhatWasExpectedWhatHappenedAndHowToSeeItAgain) {
  const Report report = Failing();
  const std::string head =
      "FAIL t seed=7 digest=" + Hex(report.story_digest) + " run=" + Hex(report.run_digest) + "\n";
  EXPECT_EQ(PrintVerdict(report),
            head +
                "  expected: a is OK\n"
                "  happened: a is FAILED (TimeoutException: Topic t not present in metadata after "
                "1000 ms.) after 1s and 0 attempts\n"
                "  replay:   ./norn run t --seed=7\n");
}

TEST(Verdict, EveryFormatForPeopleEndsWithIt) {
  const Report report = Failing();
  const std::string verdict = PrintVerdict(report);
  EXPECT_THAT(PrintRecords(report), EndsWith(verdict));
  EXPECT_THAT(PrintTable(report), EndsWith(verdict));
  EXPECT_THAT(PrintLines(report, false), EndsWith(verdict));
  EXPECT_THAT(PrintLines(report, true), EndsWith(verdict));
}

TEST(Records, SayWhyARecordFailedAndWhatHasNoEffect) {
  const std::string text = PrintRecords(Failing());
  EXPECT_THAT(text, HasSubstr("t: A broker that is not there.\n"));
  EXPECT_THAT(text, HasSubstr("accepted without effect on the model: ssl.key.password\n"));
  EXPECT_THAT(text,
              HasSubstr("a       -    t-?        0         FAILED   -       not stored  "
                        "TimeoutException: Topic t not present in metadata after 1000 ms.\n"));
  EXPECT_THAT(text, HasSubstr("1 record: 1 FAILED; 0 stored\n"));
  EXPECT_THAT(text, HasSubstr("  FAILED  a is OK\n          but a is FAILED (TimeoutException"));
  EXPECT_THAT(text, HasSubstr("  ok      t-0 holds nothing\n"));
}

TEST(Records, MostOfManyAreOnlyCounted) {
  const Report report = RunText(With("steps { send { value: \"a\" count: 50 } }"));
  const std::string text = PrintRecords(report, 3);
  EXPECT_THAT(text, HasSubstr("a2      -    t-0        1         OK       @2      t-0@2\n"
                              "... and 47 more\n"));
  EXPECT_EQ(text.find("a3 "), std::string::npos);
  EXPECT_THAT(text, HasSubstr("50 records: 50 OK; 50 stored\n"));
}

TEST(Records, SayHowOftenARecordIsStored) {
  const Report report = RunText(R"(
      cluster { topics { name: "t" } }
      clients { name: "p1" property: "linger.ms=0" property: "enable.idempotence=false" }
      faults { name: "lost" on { point: RESPONSE_SENT api: "Produce" } reset {} }
      steps { send { value: "a" } })");
  const std::string text = PrintRecords(report);
  EXPECT_THAT(text, HasSubstr("t-0@0,@1 (2x)"));
  EXPECT_THAT(text, HasSubstr("1 record: 1 OK; 1 stored, 1 of them more than once\n"));
  EXPECT_THAT(text, HasSubstr("fault 'lost' fired once, at T+"));
}

TEST(Junit, EscapesAndCounts) {
  Report failing = Failing();
  failing.expectations[0].expected = "a <b> & \"c\"";
  const std::string text = PrintJunit({failing, RunText(With("steps { heal {} }"))});
  EXPECT_THAT(text, HasSubstr("<testsuite name=\"norn\" tests=\"2\" failures=\"1\" errors=\"0\">"));
  EXPECT_THAT(text,
              HasSubstr("<failure message=\"expected a &lt;b&gt; &amp; &quot;c&quot;\">FAIL"));
  EXPECT_THAT(text,
              HasSubstr("  <testcase classname=\"norn.t\" name=\"seed 1\" time=\"0.000\"/>\n"));
}

TEST(Json, OfSeveralRunsIsAnArray) {
  const Report report = RunText(With("steps { heal {} }"));
  EXPECT_EQ(PrintJson({report, report}).substr(0, 6), "[\n  {\n");
  EXPECT_EQ(PrintJson({}), "[]\n");
}

// What an account holds: tests/scenarios/account.
TEST(Json, HasTheAccountAndEveryRecord) {
  const auto json = ParseJson(PrintJson({RunText(With("steps { send { value: \"a\" } }"))}));
  ASSERT_TRUE(json.ok()) << json.status();
  EXPECT_EQ((*json)["facts"]["stored"], Value("a"));
  EXPECT_TRUE((*json)["ranges"].Has("gaps_ms"));
  EXPECT_EQ((*json)["records"].items()[0]["outcome"], Value("OK"));
  EXPECT_EQ((*json)["result"], Value("PASS"));
}

TEST(DumpLog, HasTheColumnsOfKafkasTool) {
  const Report report = RunText(With("steps { send { value: \"a\" count: 2 } }"));
  EXPECT_THAT(
      DumpLogs(report),
      testing::MatchesRegex(
          "Dumping t-0/00000000000000000000.log\nLog starting offset: 0\n"
          "baseOffset: 0 lastOffset: 1 count: 2 baseSequence: 0 lastSequence: 1 producerId: 0 "
          "producerEpoch: 0 partitionLeaderEpoch: 0 isTransactional: false isControl: false "
          "deleteHorizonMs: OptionalLong.empty position: 0 CreateTime: [0-9]* size: [0-9]* "
          "magic: 2 compresscodec: none crc: [0-9]* isvalid: true\n"));
}

TEST(DumpLog, NamesTheCodec) {
  const Report report = RunText(
      "cluster { topics { name: \"t\" } }\n"
      "clients { name: \"p1\" property: \"compression.type=lz4\" }\n"
      "steps { send { value: \"a\" } }\n");
  EXPECT_THAT(DumpLogs(report), testing::HasSubstr(" magic: 2 compresscodec: lz4 crc: "));
}

// A record more than segment.ms younger than the first begins a file of its own.
TEST(DumpLog, ShowsEachSegment) {
  const Report report = RunText(
      "cluster { topics { name: \"t\" property: \"segment.ms=1000\" } }\n"
      "clients { name: \"p1\" }\n"
      "steps { send { value: \"a\" } }\nsteps { wait { duration: \"2s\" } }\n"
      "steps { send { value: \"b\" } }\nexpect { stored { value: \"a\" value: \"b\" } }");
  const std::string text = DumpLogs(report);
  EXPECT_THAT(text, HasSubstr("t-0/00000000000000000000.log\nLog starting offset: 0\n"
                              "baseOffset: 0 "));
  EXPECT_THAT(text, HasSubstr("t-0/00000000000000000001.log\nLog starting offset: 1\n"
                              "baseOffset: 1 "));
  EXPECT_THAT(report.logs[0].values, testing::ElementsAre("a", "b"));
}

}  // namespace
}  // namespace norn::scenarios
