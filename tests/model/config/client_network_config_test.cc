#include "model/config/client_network_config.h"

#include <string>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "model/config/java_producer_config.h"

namespace norn::model {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

TEST(ClientNetworkConfigTest, BootstrapServersAreBrokersOrUrls) {
  for (std::string value : {"b1", "b1,b12", "localhost:9092", "PLAINTEXT://localhost:9092",
                            "[::1]:9092", "10.0.0.1:1,,b2", "bar.example.com:9092"}) {
    EXPECT_EQ(CheckBootstrapServers(value), "") << value;
  }
}

TEST(ClientNetworkConfigTest, WrongBootstrapServersAreRefusedInTheClientsWords) {
  for (std::string value :
       {"localhost", "localhost:x", "localhost:", ":9092", "bx", "b", "a b:1"}) {
    EXPECT_EQ(CheckBootstrapServers("b1," + value),
              "Invalid url in bootstrap.servers: " + value +
                  "; write host:port, or a broker's name such as b1");
  }
  for (std::string value : {"localhost:65536", "localhost:99999999999"}) {
    EXPECT_EQ(CheckBootstrapServers(value),
              "Invalid port in bootstrap.servers: " + value + "; a port is at most 65535");
  }
  EXPECT_THAT(CheckBootstrapServers(" , "),
              HasSubstr("No resolvable bootstrap urls given in bootstrap.servers"));
}

TEST(ClientNetworkConfigTest, TheProtocolOfABootstrapServerIsDropped) {
  const std::vector<std::string> settings = {"bootstrap.servers=SSL://localhost:9092,b1"};
  EXPECT_THAT(JavaProducerConfig::Parse(Flavour::kJava41, settings, nullptr)->bootstrap_servers,
              ElementsAre("localhost:9092", "b1"));
}

}  // namespace
}  // namespace norn::model
