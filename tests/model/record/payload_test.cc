#include "model/record/payload.h"

#include <sstream>
#include <string>

#include "absl/strings/escaping.h"
#include "gtest/gtest.h"

namespace norn::model {
namespace {

std::string Printed(const Payload& payload) {
  std::ostringstream os;
  os << payload;
  return os.str();
}

TEST(PayloadTest, NullIsNotEmpty) {
  EXPECT_TRUE(Payload().is_null());
  EXPECT_EQ(Payload::Null().wire_size(), -1);
  EXPECT_EQ(Payload::Null().size(), 0);
  EXPECT_FALSE(Payload("").is_null());
  EXPECT_FALSE(Payload(std::string_view()).is_null());
  EXPECT_FALSE(Payload("") == Payload::Null());
  EXPECT_TRUE(Payload("") == Payload::OfSize(0));
}

TEST(PayloadTest, SizesHaveBytesOfTheirRecord) {
  Payload value = Payload::OfSize(100, PayloadSeed(RecordId(7), kValuePart));
  std::string bytes = value.ToString();
  ASSERT_EQ(bytes.size(), 100u);
  for (int i = 0; i < 100; ++i) EXPECT_EQ(bytes[i], MaterializeByte(RecordId(7), i)) << i;
  EXPECT_TRUE(value == Payload(bytes));
  EXPECT_FALSE(value == Payload::OfSize(100, PayloadSeed(RecordId(8), kValuePart)));
  EXPECT_FALSE(value == Payload::OfSize(100, PayloadSeed(RecordId(7), kKeyPart)));
}

// Runs are compared between machines, so the bytes are part of the contract.
TEST(PayloadTest, DerivedBytesAreTheSameEverywhere) {
  std::string bytes = Payload::OfSize(9, PayloadSeed(RecordId(1), kValuePart)).ToString();
  EXPECT_EQ(absl::BytesToHexString(bytes), "1a9e74c46401a9f435");
}

TEST(PayloadTest, PrintsWhatAPersonCanRead) {
  EXPECT_EQ(Printed(Payload::Null()), "null");
  EXPECT_EQ(Printed("hello"), "\"hello\"");
  EXPECT_EQ(Printed(std::string_view("\x01", 1)), "\"\\x01\"");
  EXPECT_EQ(Printed(Payload::OfSize(100)), "<100 bytes>");
  EXPECT_EQ(Printed(std::string(40, 'a')), '"' + std::string(32, 'a') + "\"... (40 bytes)");
}

}  // namespace
}  // namespace norn::model
