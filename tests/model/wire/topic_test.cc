#include "model/wire/topic.h"

#include <map>
#include <sstream>
#include <string>
#include <utility>

#include "gtest/gtest.h"

namespace norn::model {
namespace {

TEST(TopicNameTest, IsItsText) {
  TopicName name("orders");
  EXPECT_EQ(name.text(), "orders");
  EXPECT_EQ(name, TopicName(std::string_view("orders")));
  EXPECT_FALSE(name == TopicName("payments"));
  EXPECT_LT(name, TopicName("payments"));
  EXPECT_EQ(TopicName(), TopicName(""));
  EXPECT_EQ(TopicName().text(), "");
}

TEST(TopicNameTest, CopiesShareTheirText) {
  TopicName name("a-topic-of-more-than-sixteen-bytes");
  TopicName copy = name;
  EXPECT_EQ(copy.text().data(), name.text().data());
  TopicName moved = std::move(name);
  EXPECT_EQ(moved.text().data(), copy.text().data());
  copy = moved;
  copy = TopicName("other");
  EXPECT_EQ(moved.text(), "a-topic-of-more-than-sixteen-bytes");
}

TEST(TopicNameTest, OrdersByTextNotByAddress) {
  std::map<TopicName, int> map = {{"b", 2}, {"a", 1}, {"c", 3}};
  EXPECT_EQ(map.begin()->second, 1);
  EXPECT_EQ(map.at("c"), 3);
}

TEST(UuidTest, PrintsAsKafkaPrintsIt) {
  // org.apache.kafka.common.Uuid.toString() of the same bits.
  EXPECT_EQ(ToString(Uuid{0x0102030405060708, 0x090a0b0c0d0e0f10}), "AQIDBAUGBwgJCgsMDQ4PEA");
  std::ostringstream os;
  os << Uuid{0, 1} << ' ' << TopicName("orders");
  EXPECT_EQ(os.str(), "AAAAAAAAAAAAAAAAAAAAAQ orders");
  EXPECT_TRUE(Uuid().is_none());
  EXPECT_LT(Uuid(), (Uuid{0, 1}));
}

}  // namespace
}  // namespace norn::model
