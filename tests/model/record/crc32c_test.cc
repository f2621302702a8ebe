#include "model/record/crc32c.h"

#include <cstddef>
#include <string>

#include "gtest/gtest.h"
#include "model/record/payload.h"

namespace norn::model {
namespace {

std::string SomeBytes(int64_t size, uint64_t seed) {
  std::string bytes(static_cast<size_t>(size), '\0');
  PutDerivedBytes(seed, size, bytes.data());
  return bytes;
}

TEST(Crc32cTest, HasTheCheckValue) {
  EXPECT_EQ(Crc32c("123456789"), 0xE3069283u);
  EXPECT_EQ(ExtendCrc32cByTables(0, "123456789"), 0xE3069283u);
  EXPECT_EQ(Crc32c(""), 0u);
}

// Test vectors of RFC 3720, B.4.
TEST(Crc32cTest, HasTheValuesOfIscsi) {
  EXPECT_EQ(Crc32c(std::string(32, '\0')), 0x8A9136AAu);
  EXPECT_EQ(Crc32c(std::string(32, '\xff')), 0x62A8AB43u);
}

TEST(Crc32cTest, BothWaysAgreeAtEveryLengthAndStart) {
  std::string bytes = SomeBytes(300, 7);
  for (size_t start = 0; start < 9; ++start) {
    for (size_t size = 0; start + size <= bytes.size(); size += 1 + size / 16) {
      std::string_view part = std::string_view(bytes).substr(start, size);
      EXPECT_EQ(Crc32c(part), ExtendCrc32cByTables(0, part)) << start << '+' << size;
    }
  }
}

TEST(Crc32cTest, ExtendsOverPieces) {
  std::string bytes = SomeBytes(100, 3);
  for (size_t cut = 0; cut <= bytes.size(); ++cut) {
    std::string_view all = bytes;
    EXPECT_EQ(ExtendCrc32c(Crc32c(all.substr(0, cut)), all.substr(cut)), Crc32c(all)) << cut;
  }
}

TEST(Crc32cTest, FindsEveryFlipWithinAByte) {
  std::string bytes = SomeBytes(64, 1);
  uint32_t good = Crc32c(bytes);
  for (char& byte : bytes) {
    for (int mask = 1; mask < 256; ++mask) {
      byte = static_cast<char>(byte ^ mask);
      EXPECT_NE(Crc32c(bytes), good);
      byte = static_cast<char>(byte ^ mask);
    }
  }
}

}  // namespace
}  // namespace norn::model
