#include "model/config/text.h"

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace norn::model {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

TEST(TextTest, CatJoinsWhateverReadsAsText) {
  const std::string value = "-1";
  EXPECT_EQ(Cat("Invalid value ", value, " for ", std::string_view("linger.ms")),
            "Invalid value -1 for linger.ms");
}

TEST(TextTest, TrimTakesEveryBlankThatJavaTakes) {
  EXPECT_EQ(Trim(" \t\r\n 5 6 \x01"), "5 6");
  EXPECT_EQ(Trim("  "), "");
  EXPECT_EQ(Trim("\xc3\xa9 "), "\xc3\xa9");
}

TEST(TextTest, ListsLoseBlanksAndEmptyItems) {
  EXPECT_THAT(SplitList(" b1:9092 ,, b2:9092,"), ElementsAre("b1:9092", "b2:9092"));
  EXPECT_THAT(SplitList(" , "), IsEmpty());
}

TEST(TextTest, OneLineReplacesLineEnds) {
  EXPECT_EQ(OneLine("acks=1\nlinger.ms=20\n"), "acks=1, linger.ms=20");
  EXPECT_EQ(OneLine(""), "");
  EXPECT_EQ(OneLine("\n"), "");
}

}  // namespace
}  // namespace norn::model
