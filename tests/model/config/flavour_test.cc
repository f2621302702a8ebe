#include "model/config/flavour.h"

#include <sstream>
#include <string>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace norn::model {
namespace {

using ::testing::HasSubstr;

TEST(FlavourTest, EveryNameReadsBack) {
  for (Flavour flavour :
       {Flavour::kJava41, Flavour::kJava39, Flavour::kLibrdkafka216, Flavour::kLibrdkafka20}) {
    EXPECT_EQ(ParseFlavour(Name(flavour)).value(), flavour);
    std::ostringstream printed;
    printed << flavour;
    EXPECT_EQ(printed.str(), Name(flavour));
  }
  EXPECT_EQ(Name(BrokerVersion::kKafka41), "kafka-4.1");
}

TEST(FlavourTest, OtherNamesAreRefusedWithThoseThereAre) {
  const absl::Status status = ParseFlavour("java").status();
  EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument);
  EXPECT_THAT(
      std::string(status.message()),
      HasSubstr("'java' is not a client flavour; use java-4.1, java-3.9, librdkafka-2.16 or "
                "librdkafka-2.0"));
}

}  // namespace
}  // namespace norn::model
