#include "scenarios/account/value.h"

#include <limits>

#include "gtest/gtest.h"

namespace norn::scenarios {
namespace {

TEST(Value, PrintsWhatItReads) {
  for (const char* text :
       {"null", "true", "-1", "2.5", "\"a\\\"b\"", "[]", "{}", "[1, [null, \"x\"], {\"k\": []}]",
        "{\"a\": 1, \"b\": {\"c\": [false]}}"}) {
    const auto value = ParseJson(text);
    ASSERT_TRUE(value.ok()) << text << ": " << value.status();
    EXPECT_EQ(value->ToString(), text);
  }
  EXPECT_EQ(ParseJson("\"\\u00e9\\n\"")->text(), "é\n");
}

TEST(Value, MistakesHaveAPlace) {
  EXPECT_EQ(ParseJson("[1,\n 2").status().message(), "2:3: a comma or ] should be here");
  EXPECT_EQ(ParseJson("{a: 1}").status().message(), "1:2: a key in quotes should be here");
  EXPECT_EQ(ParseJson("[nul]").status().message(), "1:2: this is no JSON value");
  EXPECT_EQ(ParseJson("1 2").status().message(),
            "1:3: the value is over, and something follows it");
}

TEST(Value, FieldsMayStandInAnyOrder) {
  EXPECT_TRUE(*ParseJson("{\"a\": 1, \"b\": 2}") == *ParseJson("{\"b\": 2, \"a\": 1}"));
  EXPECT_FALSE(*ParseJson("{\"a\": 1}") == *ParseJson("{\"a\": null}"));
  EXPECT_FALSE(Value(0) == Value(false));
}

TEST(Value, LinesHoldWhatCanBeReadAtAGlance) {
  Value value = Value::Object();
  value.Set("short", Value::Array({Value::Array({1, 2})}));
  value.Set("flat", *ParseJson("{\"n\": 1}"));
  Value rows = Value::Array();
  for (int i = 0; i < 3; ++i) rows.Add(Value::Array({std::string(30, 'x'), Value()}));
  value.Set("rows", rows);
  const std::string row = "\"" + std::string(30, 'x') + "\"";
  EXPECT_EQ(value.ToLines(),
            "{\n"
            "  \"short\": [[1, 2]],\n"
            "  \"flat\": {\"n\": 1},\n"
            "  \"rows\": [\n"
            "    [" +
                row + ", null],\n    [" + row + ", null],\n    [" + row +
                ", null]\n"
                "  ]\n"
                "}");
}

TEST(Value, NumbersAreExactToAMicrosecond) {
  EXPECT_EQ(Value(5.25).ToString(), "5.25");
  EXPECT_EQ(Value(1.0009).ToString(), "1.001");
  EXPECT_EQ(Value(1790000000000.0).ToString(), "1790000000000");
  EXPECT_EQ(Value::Unsigned(std::numeric_limits<uint64_t>::max()).ToString(),
            "18446744073709551615");
}

TEST(Value, QuotesWhatMustBe) {
  EXPECT_EQ(JsonQuote("say \"hi\" \\ \n\t"), "\"say \\\"hi\\\" \\\\ \\n\\u0009\"");
  EXPECT_EQ(JsonQuote("Grüße 😀"), "\"Grüße 😀\"");
  // Bytes that are no UTF-8: a lone one, an overlong form, a surrogate, a torn end.
  EXPECT_EQ(JsonQuote("\xff"), "\"\\ufffd\"");
  EXPECT_EQ(JsonQuote("\xc0\xaf"), "\"\\ufffd\\ufffd\"");
  EXPECT_EQ(JsonQuote("\xed\xa0\x80"), "\"\\ufffd\\ufffd\\ufffd\"");
  EXPECT_EQ(JsonQuote("a\xe2\x82"), "\"a\\ufffd\\ufffd\"");
}

}  // namespace
}  // namespace norn::scenarios
