#include "model/config/properties.h"

#include <string>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace norn::model {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

// "{key}{value}" of each property, as what java.util.Properties makes of a text was written down.
std::string Read(std::string_view text) {
  const auto properties = ParseProperties(text);
  if (!properties.ok()) return std::string(properties.status().message());
  std::string out;
  for (const Property& property : *properties) {
    if (!out.empty()) out += " ";
    out += "{" + property.key + "}{" + property.value + "}";
  }
  return out;
}

TEST(PropertiesTest, KeyAndValueArePartedByEqualsColonOrBlank) {
  EXPECT_EQ(Read("a=1"), "{a}{1}");
  EXPECT_EQ(Read("a = 1"), "{a}{1}");
  EXPECT_EQ(Read("a:1"), "{a}{1}");
  EXPECT_EQ(Read("a : 1"), "{a}{1}");
  EXPECT_EQ(Read("a 1"), "{a}{1}");
  EXPECT_EQ(Read("a\t=\t1"), "{a}{1}");
  EXPECT_EQ(Read("\f a=1"), "{a}{1}");
}

TEST(PropertiesTest, OnlyTheFirstSeparatorParts) {
  EXPECT_EQ(Read("a==1"), "{a}{=1}");
  EXPECT_EQ(Read("a=:1"), "{a}{:1}");
  EXPECT_EQ(Read("a = = 1"), "{a}{= 1}");
}

TEST(PropertiesTest, AKeyAloneHasTheEmptyValue) {
  EXPECT_EQ(Read("a"), "{a}{}");
  EXPECT_EQ(Read("a="), "{a}{}");
}

TEST(PropertiesTest, BlanksBeforeAreSkippedAndBehindAreKept) {
  EXPECT_EQ(Read("  a=1  "), "{a}{1  }");
}

TEST(PropertiesTest, CommentsAreWholeLines) {
  EXPECT_EQ(Read("# c"), "");
  EXPECT_EQ(Read("! c"), "");
  EXPECT_EQ(Read("  # c\na=1"), "{a}{1}");
  EXPECT_EQ(Read("a=1 # x"), "{a}{1 # x}");
  EXPECT_EQ(Read("# c \\\na=1"), "{a}{1}") << "a comment does not continue";
  EXPECT_EQ(Read("   "), "");
}

TEST(PropertiesTest, ABackslashContinuesTheLine) {
  EXPECT_EQ(Read("a=1\\\n  2"), "{a}{12}");
  EXPECT_EQ(Read("a=1\\\r\n  2"), "{a}{12}");
  EXPECT_EQ(Read("a\\\n  b=1"), "{ab}{1}");
  EXPECT_EQ(Read("a\\\n=1"), "{a}{1}");
  EXPECT_EQ(Read("a=\\\n\\\nb"), "{a}{b}");
  EXPECT_EQ(Read("a=1\\\n# not comment"), "{a}{1# not comment}");
  EXPECT_EQ(Read("a=1\\\n\nb=2"), "{a}{1} {b}{2}");
  EXPECT_EQ(Read("a=1\\\n   \nb=2"), "{a}{1} {b}{2}");
  EXPECT_EQ(Read("a=b\\"), "{a}{b}");
  EXPECT_EQ(Read(" \\\n!c\na=1"), "{a}{1}") << "an empty line continued is no line";
}

TEST(PropertiesTest, AnEscapedBackslashDoesNotContinue) {
  EXPECT_EQ(Read("a=1\\\\\nb=2"), "{a}{1\\} {b}{2}");
}

TEST(PropertiesTest, AnyLineEndEndsALine) {
  EXPECT_EQ(Read("a=1\r\nb=2\rc=3"), "{a}{1} {b}{2} {c}{3}");
  EXPECT_EQ(Read("a=1\n\n\nb=2"), "{a}{1} {b}{2}");
}

TEST(PropertiesTest, Escapes) {
  EXPECT_EQ(Read("a\\=b=1"), "{a=b}{1}");
  EXPECT_EQ(Read("a\\ b=1"), "{a b}{1}");
  EXPECT_EQ(Read("a\\:b:1"), "{a:b}{1}");
  EXPECT_EQ(Read("\\#a=1"), "{#a}{1}");
  EXPECT_EQ(Read("a=x\\ty\\n\\z"), "{a}{x\ty\nz}");
  EXPECT_EQ(Read("a=\\u0041x"), "{a}{Ax}");
  EXPECT_EQ(Read("a=\\u00e9"), "{a}{\xc3\xa9}");
  EXPECT_EQ(Read("a=\\u20AC"), "{a}{\xe2\x82\xac}");
  EXPECT_EQ(Read("a=\\ud83d\\ude00"), "{a}{\xf0\x9f\x98\x80}");
}

TEST(PropertiesTest, BytesAboveAsciiPass) { EXPECT_EQ(Read("a=\xc3\xa9"), "{a}{\xc3\xa9}"); }

TEST(PropertiesTest, BrokenEscapesAreErrorsWithALine) {
  const std::string remedy =
      "line 2: malformed \\uXXXX escape; write four hexadecimal digits after \\u";
  EXPECT_EQ(Read("a=1\nb=\\u12"), remedy);
  EXPECT_EQ(Read("a=1\nb=\\uzzzz"), remedy);
  EXPECT_EQ(Read("a=1\nb=\\ude00"), remedy);
  EXPECT_EQ(Read("a=1\nb=\\ud83dx"), remedy);
  EXPECT_EQ(Read("a=1\nb=\\ud83d\\u0041"), remedy);
}

TEST(PropertiesTest, AValueWithoutAKeyIsAnErrorWithALine) {
  EXPECT_EQ(Read("a=1\n =1"), "line 2: no key before '='; write key=value");
}

TEST(PropertiesTest, ADuplicateIsKeptForTheReaderToJudge) {
  EXPECT_EQ(Read("a=1\na=2"), "{a}{1} {a}{2}");
}

TEST(PropertiesTest, LinesAreCountedWhereKeysBegin) {
  EXPECT_THAT(ParseProperties("\n# c\na=1\\\n  2\r\nb=3\r\rc=4").value(),
              ElementsAre(Property{"a", "12", 3}, Property{"b", "3", 5}, Property{"c", "4", 7}));
}

TEST(PropertiesTest, ASingleSettingIsOneKeyWithAValue) {
  EXPECT_EQ(ParseProperty("linger.ms = 5").value(), (Property{"linger.ms", "5", 0}));
  EXPECT_EQ(ParseProperty("client.id=").value(), (Property{"client.id", "", 0}));
  const auto refusal = [](std::string_view line) {
    return std::string(ParseProperty(line).status().message());
  };
  EXPECT_EQ(refusal("linger.ms"),
            "\"linger.ms\" has no value; write one setting as key=value, such as linger.ms=5");
  EXPECT_THAT(refusal(""), HasSubstr("\"\" holds no setting"));
  EXPECT_THAT(refusal("# linger.ms=5"), HasSubstr("holds no setting"));
  EXPECT_THAT(refusal("a=1\nb=2"), HasSubstr("holds more than one setting"));
  EXPECT_THAT(refusal("a=\\u1"), HasSubstr("cannot be read: line 1: malformed"));
}

TEST(PropertiesTest, SettingsAreReadOneByOne) {
  EXPECT_THAT(ParseSettings(std::vector<std::string>{"a=1", "b=2"}).value(),
              ElementsAre(Property{"a", "1", 0}, Property{"b", "2", 0}));
  EXPECT_FALSE(ParseSettings(std::vector<std::string>{"a=1", "b"}).ok());
}

TEST(PropertiesTest, WhatIsPrintedReadsBack) {
  const Property odd[] = {{"a b=c:d", "1", 1},      {"#a", "  # x ", 1}, {"a\\b", "=\t\n\r\f\\", 1},
                          {"a\tb", ":\xc3\xa9", 1}, {"!", "", 1},        {"a", "x\\u0041", 1}};
  for (const Property& property : odd) {
    const std::string text = PrintProperty(property.key, property.value);
    EXPECT_THAT(ParseProperties(text).value(), ElementsAre(property)) << text;
  }
}

}  // namespace
}  // namespace norn::model
