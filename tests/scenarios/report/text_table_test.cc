#include "scenarios/report/text_table.h"

#include "gtest/gtest.h"

namespace norn::scenarios {
namespace {

TEST(TextTable, ColumnsLineUp) {
  TextTable table({"record", "outcome", ""});
  table.Add({"hello", "OK", ""});
  table.Add({"a", "FAILED", "why"});
  EXPECT_EQ(table.ToString(),
            "record  outcome\n"
            "hello   OK\n"
            "a       FAILED   why\n");
}

TEST(TextTable, CharactersCountNotBytes) {
  TextTable table({"a", "b"});
  table.SetRuled();
  table.Add({"Grüße", "x"});
  EXPECT_EQ(table.ToString(),
            "a      b\n"
            "-----  -\n"
            "Grüße  x\n");
}

}  // namespace
}  // namespace norn::scenarios
