#include "model/config/config_table.h"

#include <string>
#include <vector>

#include "absl/time/time.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace norn::model {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

enum class Colour { kRed = 7, kGreen = 8 };

struct PingConfig {
  absl::Duration linger = absl::Milliseconds(5);
  absl::Duration idle = absl::Minutes(9);
  int64_t size = 16384;
  int32_t retries = 3;
  bool deep = false;
  Colour colour = Colour::kRed;
  std::string name;
  std::vector<std::string> servers;

  friend bool operator==(const PingConfig&, const PingConfig&) = default;
};

constexpr Choice kColours[] = {
    {"red", 7}, {"rouge", 7}, {"green", 8}, {.word = "mix:", .modelled = false}};
constexpr Choice kOnlyTrue[] = {{"true", 1}};

std::string NoSpace(std::string_view value) {
  return value.find(' ') == std::string_view::npos ? "" : "name has a space; take it out";
}

const ConfigTable<PingConfig>& Table() {
  static const ConfigTable<PingConfig>& table = *[] {
    using C = PingConfig;
    using enum ValueType;
    ConfigRows<C> rows;
    rows.Add<&C::linger>("linger.ms", kLong, AtLeast(0));
    rows.Add<&C::idle>("idle.ms", kLong);
    rows.Add<&C::size>("batch.size", kInt, {.min = 0, .max = 1000000});
    rows.Add<&C::retries>("retries", kInt, AtLeast(0));
    rows.Add<&C::deep>("deep", kBoolean);
    rows.Add<&C::colour>("colour", kColours);
    rows.Add<&C::name>("name", kString, NoSpace);
    rows.Add<&C::servers>("servers", kList);
    rows.AddFixed("fixed", kBoolean, kOnlyTrue);
    KafkaKeys keys = {.no_effect = {"ssl.protocol", "key.serializer"},
                      .no_effect_prefixes = {"metrics.context."},
                      .plugins = {"use.latest.version"},
                      .effective = {"linger.ms", "idle.ms", "batch.size", "retries", "deep",
                                    "colour", "name", "servers", "fixed", "transactional.id"}};
    return new ConfigTable<C>("ping-1.0", "ping", C(), std::move(rows), std::move(keys));
  }();
  return table;
}

// What reading `text` gives, or the error.
struct Outcome {
  PingConfig config;
  std::vector<Notice> notices;
  absl::Status status;
  std::string error() const { return std::string(status.message()); }
};

Outcome Read(std::string_view text) {
  Outcome outcome;
  outcome.status =
      Table().Read(ParseProperties(text).value(), outcome.config, outcome.notices).status();
  return outcome;
}

std::string ErrorOf(std::string_view text) {
  std::string error = Read(text).error();
  const std::string line = "line 1: ";
  return error.substr(0, line.size()) == line ? error.substr(line.size()) : error;
}

TEST(ConfigTableTest, EachTypeSetsItsField) {
  const PingConfig c = Read(
                           "linger.ms=20\nbatch.size=+7\nretries=0\ndeep=TRUE\ncolour=green\n"
                           "name=n\nservers= a ,b\nfixed=true")
                           .config;
  EXPECT_EQ(c.linger, absl::Milliseconds(20));
  EXPECT_EQ(c.size, 7);
  EXPECT_EQ(c.retries, 0);
  EXPECT_TRUE(c.deep);
  EXPECT_EQ(c.colour, Colour::kGreen);
  EXPECT_EQ(c.name, "n");
  EXPECT_THAT(c.servers, ElementsAre("a", "b"));
  EXPECT_EQ(Read("colour=rouge").config.colour, Colour::kRed);
}

TEST(ConfigTableTest, WhatIsNotGivenStaysAsItWas) {
  EXPECT_EQ(Read("").config, PingConfig());
  EXPECT_TRUE(Read("").status.ok());
}

TEST(ConfigTableTest, ValuesAreTrimmed) {
  EXPECT_EQ(Read("linger.ms=  7 \t\n").config.linger, absl::Milliseconds(7));
  EXPECT_EQ(Read("name= n \n").config.name, "n");
}

TEST(ConfigTableTest, KafkasWordsForNeverAreInfinite) {
  EXPECT_EQ(Read("linger.ms=9223372036854775807").config.linger, absl::InfiniteDuration());
  EXPECT_EQ(Read("linger.ms=9223372036854775806").config.linger,
            absl::Milliseconds(9223372036854775806));
  EXPECT_EQ(Read("idle.ms=-1").config.idle, absl::InfiniteDuration());
}

TEST(ConfigTableTest, WrongNumbersAreRefusedInKafkasWords) {
  const std::string remedy = "; write a whole number, as linger.ms=1";
  for (std::string value : {"abc", "", "5.0", "5ms", "9223372036854775808", "0x10", "1 0", "--1"}) {
    EXPECT_EQ(ErrorOf("linger.ms=" + value), "Invalid value " + value +
                                                 " for configuration linger.ms: Not a number of "
                                                 "type LONG" +
                                                 remedy);
  }
  EXPECT_EQ(ErrorOf("retries=3000000000"),
            "Invalid value 3000000000 for configuration retries: Not a number of type INT; write a "
            "whole number, as retries=1");
  EXPECT_EQ(ErrorOf("linger.ms=-1"),
            "Invalid value -1 for configuration linger.ms: Value must be at least 0");
  EXPECT_EQ(ErrorOf("batch.size=1000001"),
            "Invalid value 1000001 for configuration batch.size: Value must be no more than "
            "1000000");
}

TEST(ConfigTableTest, WrongWordsAreRefusedInKafkasWords) {
  EXPECT_EQ(ErrorOf("deep=yes"),
            "Invalid value yes for configuration deep: Expected value to be either true or false");
  EXPECT_EQ(ErrorOf("colour=RED"),
            "Invalid value RED for configuration colour: String must be one of: red, rouge, green, "
            "mix:");
  EXPECT_EQ(ErrorOf("name=a b"), "name has a space; take it out");
}

TEST(ConfigTableTest, AValueThatIsNotModelledYetIsRefusedAsSuch) {
  const Outcome outcome = Read("colour=mix:red,green");
  EXPECT_EQ(outcome.status.code(), absl::StatusCode::kUnimplemented);
  EXPECT_EQ(outcome.error(),
            "line 1: colour=mix:red,green is a setting that Norn does not model yet; use "
            "colour=red, rouge, green or remove it");
  EXPECT_EQ(ErrorOf("fixed=false"),
            "fixed=false is a setting that Norn does not model yet; use fixed=true or remove it");
}

TEST(ConfigTableTest, AKeyThatIsNotModelledYetIsRefusedAsSuch) {
  const Outcome outcome = Read("transactional.id=x");
  EXPECT_EQ(outcome.status.code(), absl::StatusCode::kUnimplemented);
  EXPECT_EQ(outcome.error(),
            "line 1: transactional.id is a Kafka ping key that Norn does not model yet; remove it");
}

TEST(ConfigTableTest, AnUnknownKeyIsRefusedWithTheNearestOne) {
  EXPECT_EQ(ErrorOf("linger.msx=5"), "linger.msx is not a Kafka ping key; did you mean linger.ms?");
  EXPECT_EQ(ErrorOf("lniger.ms=5"), "lniger.ms is not a Kafka ping key; did you mean linger.ms?");
  EXPECT_EQ(ErrorOf("LINGER_MS=5"), "LINGER_MS is not a Kafka ping key; did you mean linger.ms?");
  EXPECT_EQ(ErrorOf("linger=5"), "linger is not a Kafka ping key; did you mean linger.ms?");
  EXPECT_EQ(ErrorOf("ssl.protocl=5"),
            "ssl.protocl is not a Kafka ping key; did you mean ssl.protocol?");
  EXPECT_EQ(ErrorOf("entirely.different=5"),
            "entirely.different is not a Kafka ping key; remove it");
  EXPECT_EQ(ErrorOf(std::string(1000, 'x') + "=5"),
            std::string(1000, 'x') + " is not a Kafka ping key; remove it");
}

TEST(ConfigTableTest, AKeyOfAnotherProgramIsNamedAsSuch) {
  EXPECT_EQ(ErrorOf("group.id=g"), "group.id is a Kafka consumer key, not a ping key; remove it");
  EXPECT_EQ(ErrorOf("queue.buffering.max.ms=5"),
            "queue.buffering.max.ms is librdkafka's name; ping-1.0 calls it linger.ms");
}

TEST(ConfigTableTest, KeysWithoutEffectAreNamedOnceAndTheirValuesForgotten) {
  const Outcome outcome =
      Read("ssl.protocol=secret\nmetrics.context.a=1\nuse.latest.version=1\nssl.protocol=other");
  ASSERT_TRUE(outcome.status.ok());
  EXPECT_EQ(Summary(outcome.notices),
            "accepted without effect on the model: ssl.protocol, metrics.context.a, "
            "use.latest.version\n");
  EXPECT_EQ(outcome.notices.size(), 3u);
}

TEST(ConfigTableTest, OfTwoLinesForOneKeyTheLastCounts) {
  const Outcome outcome = Read("linger.ms=nonsense\nlinger.ms= 20 ");
  ASSERT_TRUE(outcome.status.ok()) << "Java never sees the first: " << outcome.status;
  EXPECT_EQ(outcome.config.linger, absl::Milliseconds(20));
  EXPECT_THAT(outcome.notices, ElementsAre(Notice{.kind = Notice::Kind::kOverridden,
                                                  .key = "linger.ms",
                                                  .old_value = "nonsense",
                                                  .new_value = "20",
                                                  .reason = "given twice; the last one counts"}));
}

TEST(ConfigTableTest, AllMistakesAreToldInTheOrderOfTheFile) {
  const Outcome outcome = Read("linger.ms=-1\nssl.protocol=x\nnonsense.key=1\nretries=x\n");
  EXPECT_EQ(outcome.status.code(), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(outcome.error(),
            "line 1: Invalid value -1 for configuration linger.ms: Value must be at least 0\n"
            "line 3: nonsense.key is not a Kafka ping key; remove it\n"
            "line 4: Invalid value x for configuration retries: Not a number of type INT; write a "
            "whole number, as retries=1");
  EXPECT_THAT(outcome.notices, IsEmpty());
}

TEST(ConfigTableTest, OneRealMistakeOutweighsWhatIsNotModelledYet) {
  EXPECT_EQ(Read("transactional.id=x\nlinger.ms=-1").status.code(),
            absl::StatusCode::kInvalidArgument);
}

TEST(ConfigTableTest, GivenKnowsWhatTheUserSaid) {
  PingConfig config;
  std::vector<Notice> notices;
  const std::vector<Property> properties = {{"linger.ms", " 20 ", 4}, {"retries", "1", 0}};
  const Given given = Table().Read(properties, config, notices).value();
  EXPECT_TRUE(given.Has("linger.ms"));
  EXPECT_FALSE(given.Has("batch.size"));
  EXPECT_FALSE(given.Has("nonsense"));
  EXPECT_EQ(given.Show("linger.ms"), "linger.ms=20 (line 4)");
  EXPECT_EQ(given.Show("retries"), "retries=1");
  EXPECT_EQ(given.Show("batch.size"), "batch.size=16384 (default)");
}

TEST(ConfigTableTest, WhatDiffersFromTheDefaultsReadsBack) {
  const std::string text =
      "linger.ms=9223372036854775807\nidle.ms=-1\nbatch.size=0\nretries=9\ndeep=true\n"
      "colour=green\nname=a\\\\b\nservers=a:1,b:2\n";
  const Outcome outcome = Read(text);
  ASSERT_TRUE(outcome.status.ok()) << outcome.status;
  EXPECT_EQ(Table().PrintNonDefault(outcome.config), text);
  EXPECT_EQ(Read(Table().PrintNonDefault(outcome.config)).config, outcome.config);
  EXPECT_EQ(Table().PrintNonDefault(PingConfig()), "");
}

TEST(ConfigTableTest, EveryKeyHasAClass) {
  EXPECT_EQ(Table().Classify("linger.ms"), KeyClass::kModelled);
  EXPECT_EQ(Table().Classify("ssl.protocol"), KeyClass::kNoEffect);
  EXPECT_EQ(Table().Classify("metrics.context.a"), KeyClass::kNoEffect);
  EXPECT_EQ(Table().Classify("use.latest.version"), KeyClass::kNoEffect);
  EXPECT_EQ(Table().Classify("transactional.id"), KeyClass::kRefused);
  EXPECT_EQ(Table().Classify("linger"), KeyClass::kUnknown);
}

TEST(ConfigTableTest, TheThreeListsArePrinted) {
  EXPECT_EQ(Table().AllKeys(),
            "ping-1.0 ping: 9 keys modelled\n"
            "  linger.ms  LONG    5      at least 0\n"
            "  idle.ms    LONG    540000\n"
            "  batch.size INT     16384  at least 0, at most 1000000\n"
            "  retries    INT     3      at least 0\n"
            "  deep       BOOLEAN false\n"
            "  colour     STRING  red    one of red, rouge, green\n"
            "  name       STRING\n"
            "  servers    LIST\n"
            "  fixed      BOOLEAN true   only true\n"
            "ping-1.0 ping: 4 keys accepted without effect on the model\n"
            "  key.serializer, ssl.protocol, use.latest.version, metrics.context.*\n"
            "ping-1.0 ping: 1 keys refused: not modelled yet\n"
            "  transactional.id\n");
}

}  // namespace
}  // namespace norn::model
