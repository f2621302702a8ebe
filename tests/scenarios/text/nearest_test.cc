#include "scenarios/text/nearest.h"

#include "gtest/gtest.h"

namespace norn::scenarios {
namespace {

TEST(Nearest, RemedyIsWhatWasMeantOrWhatThereIs) {
  EXPECT_EQ(Remedy("snd", {"send", "flush"}, "its fields are"), "; did you mean 'send'?");
  EXPECT_EQ(Remedy("xyzzy", {"send", "flush"}, "its fields are"), "; its fields are: send, flush");
}

TEST(Nearest, NamesThatWereGivenAreListed) {
  EXPECT_EQ(ThereAre({"p1", "p2"}, "clients are"), "; clients are: p1, p2");
  EXPECT_EQ(ThereAre({}, "clients are"), "; there are none");
  const std::string many = ThereAre(std::vector<std::string>(30, "x"), "clients are");
  EXPECT_EQ(many.substr(many.size() - 8), ", x, ...");
}

}  // namespace
}  // namespace norn::scenarios
