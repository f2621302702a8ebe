#include "scenarios/report/json_writer.h"

#include <limits>

#include "gtest/gtest.h"

namespace norn::scenarios {
namespace {

TEST(JsonWriter, NestsAndSeparates) {
  JsonWriter json;
  json.Object();
  json.Key("a").Number(1).Key("b").Array();
  json.FlatArray().Text("x").Null().Bool(true).End();
  json.FlatObject().Key("n").Number(-2).Key("m").FlatArray().End().End();
  json.End();
  json.Key("empty").Object().End();
  json.End();
  EXPECT_EQ(json.ToString(),
            "{\n"
            "  \"a\": 1,\n"
            "  \"b\": [\n"
            "    [\"x\", null, true],\n"
            "    {\"n\": -2, \"m\": []}\n"
            "  ],\n"
            "  \"empty\": {}\n"
            "}\n");
}

TEST(JsonWriter, QuotesWhatMustBe) {
  EXPECT_EQ(JsonQuote("say \"hi\" \\ \n\t"), "\"say \\\"hi\\\" \\\\ \\n\\u0009\"");
  EXPECT_EQ(JsonQuote("Grüße 😀"), "\"Grüße 😀\"");
  // Bytes that are no UTF-8: a lone one, an overlong form, a surrogate, a torn end.
  EXPECT_EQ(JsonQuote("\xff"), "\"\\ufffd\"");
  EXPECT_EQ(JsonQuote("\xc0\xaf"), "\"\\ufffd\\ufffd\"");
  EXPECT_EQ(JsonQuote("\xed\xa0\x80"), "\"\\ufffd\\ufffd\\ufffd\"");
  EXPECT_EQ(JsonQuote("a\xe2\x82"), "\"a\\ufffd\\ufffd\"");
}

TEST(JsonWriter, Numbers) {
  JsonWriter json;
  json.FlatArray();
  json.Unsigned(std::numeric_limits<uint64_t>::max()).Millis(5'250'000).Millis(1'000'999);
  json.Millis(0).TextOrNull("").TextOrNull("x").End();
  EXPECT_EQ(json.ToString(), "[18446744073709551615, 5.25, 1.0, 0.0, null, \"x\"]\n");
}

}  // namespace
}  // namespace norn::scenarios
