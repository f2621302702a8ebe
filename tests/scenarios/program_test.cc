// The program as a user meets it: what it answers to bad input, and with which exit status.
#include <sys/wait.h>

#include <array>
#include <cstdio>
#include <fstream>
#include <string>
#include <string_view>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace norn::scenarios {
namespace {

using ::testing::HasSubstr;

struct Result {
  int status;
  std::string output;  // both streams
};

Result Norn(std::string_view arguments) {
  const std::string command = "scenarios/norn " + std::string(arguments) + " 2>&1";
  FILE* pipe = popen(command.c_str(), "r");
  std::string output;
  std::array<char, 4096> buffer;
  while (const size_t n = fread(buffer.data(), 1, buffer.size(), pipe))
    output.append(buffer.data(), n);
  return {WEXITSTATUS(pclose(pipe)), output};
}

std::string Write(const std::string& name, std::string_view text) {
  const std::string path = ::testing::TempDir() + "/" + name;
  std::ofstream(path) << text;
  return path;
}

TEST(Command, BrokenScenarioNamesFileLineFieldAndRemedy) {
  const std::string path = Write("broken.textproto",
                                 "# A broken one.\n"
                                 "cluster { topics { name: \"t\" } }\n"
                                 "clients { name: \"p1\" property: \"linger.msx=5\" }\n"
                                 "steps { send { client: \"p2\" topic: \"t\" value: \"a\" } }\n");
  const Result result = Norn("run " + path);
  EXPECT_EQ(result.status, 2);
  EXPECT_THAT(result.output, HasSubstr("broken.textproto:3:22: clients[0].property[0]"));
  EXPECT_THAT(result.output, HasSubstr("did you mean linger.ms?"));
  EXPECT_THAT(result.output,
              HasSubstr("broken.textproto:4:16: steps[0].send.client: no client is called 'p2'; "
                        "clients are: p1"));
}

TEST(Command, UnknownFieldNamesTheNearest) {
  const Result result =
      Norn("run " + Write("field.textproto", "cluster { topics { nam: \"t\" } }\n"));
  EXPECT_EQ(result.status, 2);
  EXPECT_THAT(result.output, HasSubstr("field.textproto:1:"));
  EXPECT_THAT(result.output, HasSubstr("did you mean 'name'?"));
}

TEST(Command, BadInputIsStatusTwo) {
  for (const char* arguments :
       {"run flush_timeot", "run flush_timeout --seeed=3", "run flush_timeout --seed=x",
        "run flush_timeout --format=xml", "run flush_timeout --set client.linger.msx=3",
        "run flush_timeout --set cluster.brokerz=3", "run /no/such/file.textproto", "walk",
        "run"}) {
    const Result result = Norn(arguments);
    EXPECT_EQ(result.status, 2) << arguments << "\n" << result.output;
    EXPECT_FALSE(result.output.empty()) << arguments;
  }
}

TEST(Command, AnExpectationThatFailsIsStatusOneAndSaysHowToReplay) {
  const Result result = Norn(
      "run disconnect_before_send --seed=4 --set client.delivery.timeout.ms=40000 "
      "--set client.request.timeout.ms=30000");
  EXPECT_EQ(result.status, 1);
  EXPECT_THAT(result.output, HasSubstr("FAIL disconnect_before_send seed=4"));
  EXPECT_THAT(result.output, HasSubstr("expected: "));
  EXPECT_THAT(result.output, HasSubstr("happened: "));
  EXPECT_THAT(result.output, HasSubstr("replay:   ./norn run disconnect_before_send --seed=4 --set "
                                       "client.delivery.timeout.ms=40000"));
}

// The lesson's words, in the lesson's order.
TEST(Command, HelloKafkaTellsTheLesson) {
  const Result result = Norn("run hello_kafka");
  EXPECT_EQ(result.status, 0);
  size_t from = 0;
  for (const char* told :
       {"message object created", "producer connected", "message queued in broker",
        "message confirmed sent", "message stored in topic", "'Hello Kafka'", "Disconnected",
        "Empty", "Contains message", "PASS hello_kafka seed=1 digest="}) {
    const size_t at = result.output.find(told, from);
    ASSERT_NE(at, std::string::npos) << told << " is missing, or out of order, in\n"
                                     << result.output;
    from = at;
  }
}

TEST(Command, TheSameSeedHasTheSameDigests) {
  const Result once = Norn("run lossy_link --seed=7");
  EXPECT_EQ(once.status, 0);
  EXPECT_EQ(once.output, Norn("run lossy_link --seed=7").output);
  EXPECT_NE(once.output, Norn("run lossy_link --seed=8").output);
}

TEST(Command, EveryFormatEndsWithTheVerdict) {
  for (const char* format : {"records", "table", "lines"}) {
    const Result result = Norn(std::string("run flush_timeout --format=") + format);
    EXPECT_EQ(result.status, 0);
    EXPECT_THAT(result.output, HasSubstr("\nPASS flush_timeout seed=1 digest=")) << format;
  }
  EXPECT_THAT(Norn("run flush_timeout --format=json").output, HasSubstr("\"result\": \"PASS\""));
  EXPECT_THAT(Norn("run flush_timeout --format=junit").output, HasSubstr("<testcase classname="));
}

TEST(Command, DumpLogHasTheColumnsOfKafkaDumpLog) {
  EXPECT_THAT(Norn("run hello_kafka --dump-log").output,
              HasSubstr("baseOffset: 0 lastOffset: 0 count: 1 baseSequence: 0 lastSequence: 0 "
                        "producerId: 0 producerEpoch: 0 partitionLeaderEpoch: 0 "
                        "isTransactional: false isControl: false"));
}

TEST(Command, SetChangesTheScenario) {
  EXPECT_THAT(Norn("run disconnect_before_send --set client.delivery.timeout.ms=40000 "
                   "--set client.request.timeout.ms=30000")
                  .output,
              HasSubstr("topic1-0:40000 ms has passed"));
}

TEST(Command, ManySeedsEndWithACount) {
  const Result result = Norn("run flush_timeout --seeds=20");
  EXPECT_EQ(result.status, 0);
  EXPECT_THAT(result.output, HasSubstr("20 passed, 0 failed"));
}

TEST(Command, ListHasALineForEach) {
  const Result result = Norn("list");
  EXPECT_EQ(result.status, 0);
  for (const char* name : {"hello_kafka", "disconnect_before_send", "flush_timeout",
                           "exit_without_flush", "lossy_link"})
    EXPECT_THAT(result.output, HasSubstr(name));
}

}  // namespace
}  // namespace norn::scenarios
