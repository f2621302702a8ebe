#include "model/wire/input.h"

#include <cstdint>
#include <string>
#include <string_view>

#include "gtest/gtest.h"

namespace norn::model::wire {
namespace {

using std::string_view_literals::operator""sv;

TEST(InputTest, ReadsFrontToBack) {
  Input in("\x00\x05\x80\x01-abc"sv);
  EXPECT_EQ(in.TakeFixed<int16_t>(), 5);
  EXPECT_EQ(in.TakeUnsignedVarint(), 128u);
  EXPECT_EQ(in.TakeBytes(1), "-");
  EXPECT_EQ(in.left(), 3);
  EXPECT_EQ(in.TakeBytes(3), "abc");
  EXPECT_TRUE(in.ok());
}

TEST(InputTest, RemembersTheFirstFailureAndItsPlace) {
  Input in("\x00\x05\x07"sv);
  in.TakeFixed<int16_t>();
  EXPECT_EQ(in.TakeFixed<int32_t>(), 0);
  EXPECT_FALSE(in.ok());
  EXPECT_EQ(in.TakeFixed<int8_t>(), 0) << "after a failure nothing is read";
  in.FailedIn("Index");
  in.FailedIn(int64_t{2});
  in.FailedIn("Partitions");
  in.Fail("too late");
  EXPECT_EQ(in.StatusFor("ProduceRequest", 13).message(),
            "ProduceRequest v13: Partitions[2].Index: wants 4 bytes at byte 2, 1 are left");
}

TEST(InputTest, NegativeSizesAreRefused) {
  Input in("abc");
  EXPECT_EQ(in.TakeBytes(-1), "");
  EXPECT_FALSE(in.ok());
}

TEST(InputTest, SectionsAreBoundedAndTellPlacesOfTheWhole) {
  Input in("abcdef");
  in.TakeBytes(2);
  Input section = in.TakeSection(3);
  EXPECT_EQ(section.left(), 3);
  EXPECT_EQ(in.left(), 1);
  section.TakeFixed<int64_t>();
  in.FailAs(section);
  EXPECT_EQ(in.StatusFor("M", 0).message(), "M v0: it wants 8 bytes at byte 2, 3 are left");
}

TEST(InputTest, ASectionLongerThanTheRestIsEmptyAndFails) {
  Input in("abc");
  Input section = in.TakeSection(4);
  EXPECT_FALSE(in.ok());
  EXPECT_EQ(section.left(), 0);
}

TEST(InputTest, EndlessVarintsFail) {
  Input in("\xff\xff\xff\xff\xff\xff\xff"sv);
  EXPECT_EQ(in.TakeUnsignedVarint(), 0u);
  EXPECT_FALSE(in.ok());
}

}  // namespace
}  // namespace norn::model::wire
