#include "model/config/flavour.h"

#include <sstream>
#include <string>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace norn::model {
namespace {

using ::testing::HasSubstr;

TEST(FlavourTest, EveryNameReadsBack) {
  for (Flavour flavour : {Flavour::kJava41, Flavour::kJava39}) {
    EXPECT_EQ(ParseFlavour(Name(flavour)).value(), flavour);
    std::ostringstream printed;
    printed << flavour;
    EXPECT_EQ(printed.str(), Name(flavour));
  }
  EXPECT_EQ(Name(BrokerVersion::kKafka41), "kafka-4.1");
}

TEST(FlavourTest, RealClientsThatAreNotModelledYetAreNamedAsSuch) {
  const absl::Status status = ParseFlavour("librdkafka-2.16").status();
  EXPECT_EQ(status.code(), absl::StatusCode::kUnimplemented);
  EXPECT_EQ(std::string(status.message()),
            "librdkafka-2.16 is a client flavour that Norn does not model yet; use java-4.1 or "
            "java-3.9");
}

TEST(FlavourTest, OtherNamesAreRefusedWithThoseThereAre) {
  const absl::Status status = ParseFlavour("java").status();
  EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument);
  EXPECT_THAT(std::string(status.message()),
              HasSubstr("'java' is not a client flavour; use java-4.1 or java-3.9"));
}

}  // namespace
}  // namespace norn::model
