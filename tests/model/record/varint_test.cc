#include "model/record/varint.h"

#include <cstdint>
#include <limits>
#include <string>

#include "gtest/gtest.h"

namespace norn::model {
namespace {

TEST(VarintTest, SizesStepWhereTheSpecificationSays) {
  EXPECT_EQ(UnsignedVarintSize(0), 1);
  EXPECT_EQ(UnsignedVarintSize(127), 1);
  EXPECT_EQ(UnsignedVarintSize(128), 2);
  EXPECT_EQ(UnsignedVarintSize(16383), 2);
  EXPECT_EQ(UnsignedVarintSize(16384), 3);
  EXPECT_EQ(UnsignedVarintSize((1 << 21) - 1), 3);
  EXPECT_EQ(UnsignedVarintSize(1 << 21), 4);
  EXPECT_EQ(VarintSize(63), 1);
  EXPECT_EQ(VarintSize(64), 2);
  EXPECT_EQ(VarintSize(-64), 1);
  EXPECT_EQ(VarintSize(-65), 2);
  EXPECT_EQ(VarintSize(8191), 2);
  EXPECT_EQ(VarintSize(8192), 3);
}

// Every power of two and its neighbours, both signs.
TEST(VarintTest, SizeIsWhatIsWrittenAndReadsBack) {
  for (int bit = 0; bit < 64; ++bit) {
    for (uint64_t near : {uint64_t{1} << bit, (uint64_t{1} << bit) - 1, ~(uint64_t{1} << bit)}) {
      char bytes[kMaxVarint64Size];
      char* end = PutUnsignedVarint(near, bytes);
      EXPECT_EQ(end - bytes, UnsignedVarintSize(near)) << near;
      uint64_t read = 0;
      EXPECT_EQ(GetUnsignedVarint(bytes, end, kMaxVarint64Size, &read), end) << near;
      EXPECT_EQ(read, near);
      auto value = static_cast<int64_t>(near);
      end = PutVarint(value, bytes);
      EXPECT_EQ(end - bytes, VarintSize(value)) << value;
      int64_t back = 0;
      EXPECT_EQ(GetVarint64(bytes, end, &back), end) << value;
      EXPECT_EQ(back, value);
    }
  }
}

TEST(VarintTest, ZigZagKeepsSmallNumbersSmall) {
  EXPECT_EQ(ZigZag(0), 0u);
  EXPECT_EQ(ZigZag(-1), 1u);
  EXPECT_EQ(ZigZag(1), 2u);
  EXPECT_EQ(ZigZag(std::numeric_limits<int64_t>::min()), std::numeric_limits<uint64_t>::max());
}

TEST(VarintTest, CutOrEndlessNumbersAreRefused) {
  std::string endless(20, '\xff');
  const char* p = endless.data();
  uint32_t u32 = 0;
  int64_t i64 = 0;
  EXPECT_EQ(GetUnsignedVarint32(p, p + 4, &u32), nullptr);
  EXPECT_EQ(GetUnsignedVarint32(p, p + 20, &u32), nullptr);
  EXPECT_EQ(GetVarint64(p, p + 9, &i64), nullptr);
  EXPECT_EQ(GetVarint64(p, p + 20, &i64), nullptr);
  EXPECT_EQ(GetVarint64(p, p, &i64), nullptr);
}

}  // namespace
}  // namespace norn::model
