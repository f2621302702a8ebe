#include "model/record/record_set.h"

#include <limits>
#include <string>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace norn::model {
namespace {

using ::testing::HasSubstr;

std::string Encoded(const RecordSet& records) {
  std::string bytes(static_cast<size_t>(records.size_in_bytes()), '\0');
  records.EncodeTo(bytes.data());
  return bytes;
}

RecordSet OneOfEach() {
  RecordSetBuilder builder;
  std::vector<Header> headers = {
      {"h", "x"}, {"n", Payload::Null()}, {"", Payload::OfSize(3)}, {"e", ""}};
  builder.Append(0, "key", "value", RecordId(1));
  builder.Append(5, Payload::Null(), Payload::OfSize(100), RecordId(2));
  builder.Append(-3, Payload::OfSize(8), Payload::Null(), RecordId(3));
  builder.Append(70, "", "with headers", headers, RecordId(4));
  builder.Append(9, Payload::OfSize(4), "kept", RecordId(5));
  return builder.Seal();
}

TEST(RecordSetTest, GivesBackWhatWasAppended) {
  RecordSet records = OneOfEach();
  ASSERT_EQ(records.count(), 5);
  EXPECT_EQ(records[0].id(), RecordId(1));
  EXPECT_EQ(records[0].key(), "key");
  EXPECT_EQ(records[0].value(), "value");
  EXPECT_TRUE(records[1].key().is_null());
  EXPECT_EQ(records[1].value().size(), 100);
  EXPECT_FALSE(records[1].value().is_kept());
  EXPECT_EQ(records[1].value().at(42), MaterializeByte(RecordId(2), 42));
  EXPECT_EQ(records[2].timestamp_delta_ms(), -3);
  EXPECT_TRUE(records[2].value().is_null());
  EXPECT_EQ(records[4].key().size(), 4);
  EXPECT_EQ(records[4].value(), "kept");
  ASSERT_EQ(records[3].header_count(), 4);
  EXPECT_EQ(records[3].header(0).key, "h");
  EXPECT_EQ(records[3].header(0).value, "x");
  EXPECT_TRUE(records[3].header(1).value.is_null());
  EXPECT_EQ(records[3].header(2).key, "");
  EXPECT_EQ(records[3].header(2).value.size(), 3);
  EXPECT_EQ(records[0].header_count(), 0);
  int32_t delta = 0;
  for (RecordView record : records) EXPECT_EQ(record.offset_delta(), delta++);
  EXPECT_EQ(delta, 5);
}

TEST(RecordSetTest, SizeIsKeptWhileAppending) {
  RecordSetBuilder builder;
  Payload value = Payload::OfSize(100);
  for (int i = 0; i < 148; ++i) {
    int64_t next = builder.SizeOfNext(0, Payload::Null(), value);
    int64_t before = builder.size_in_bytes();
    builder.Append(0, Payload::Null(), value, RecordId(i));
    EXPECT_EQ(builder.size_in_bytes(), before + next);
  }
  EXPECT_EQ(builder.size_in_bytes(), 16277 - kBatchHeaderSize);
  RecordSet records = builder.Seal();
  int64_t sum = 0;
  for (RecordView record : records) sum += record.size_in_bytes();
  EXPECT_EQ(sum, records.size_in_bytes());
  EXPECT_EQ(static_cast<int64_t>(Encoded(records).size()), sum);
}

TEST(RecordSetTest, LatestTimestampIsKnown) {
  EXPECT_EQ(OneOfEach().max_timestamp_delta_ms(), 70);
  RecordSetBuilder builder;
  builder.Append(-5, "k", "v", RecordId(1));
  EXPECT_EQ(builder.Seal().max_timestamp_delta_ms(), -5);
}

TEST(RecordSetTest, CopiesShare) {
  RecordSet records = OneOfEach();
  RecordSet copy = records;
  EXPECT_TRUE(copy.SharesStorageWith(records));
  RecordSet moved = std::move(records);
  EXPECT_EQ(moved, copy);
  copy = RecordSet();
  EXPECT_EQ(copy.count(), 0);
  EXPECT_EQ(copy.size_in_bytes(), 0);
  EXPECT_EQ(moved.count(), 5);
}

TEST(RecordSetTest, ABuilderBeginsAnewAfterSealing) {
  RecordSetBuilder builder;
  builder.Append(1, "a", "b", RecordId(1));
  RecordSet first = builder.Seal();
  EXPECT_EQ(builder.count(), 0);
  EXPECT_EQ(builder.size_in_bytes(), 0);
  EXPECT_EQ(builder.Seal().count(), 0);
  builder.Append(2, "c", "d", RecordId(2));
  RecordSet second = builder.Seal();
  EXPECT_EQ(first[0].value(), "b");
  EXPECT_EQ(second[0].value(), "d");
}

TEST(RecordSetTest, DecodesWhatItEncodes) {
  RecordSet records = OneOfEach();
  absl::StatusOr<RecordSet> decoded = RecordSet::Decode(Encoded(records), records.count());
  ASSERT_TRUE(decoded.ok()) << decoded.status();
  EXPECT_EQ(*decoded, records);
  EXPECT_TRUE((*decoded)[0].id().is_none());
  EXPECT_EQ((*decoded)[1].value(), records[1].value());
  EXPECT_EQ(Encoded(*decoded), Encoded(records));
}

TEST(RecordSetTest, DiffersByEveryField) {
  auto one = [](int64_t timestamp, const Payload& key, const Payload& value,
                std::vector<Header> headers) {
    RecordSetBuilder builder;
    builder.Append(timestamp, key, value, headers, RecordId(1));
    return builder.Seal();
  };
  RecordSet base = one(1, "k", "v", {{"h", "x"}});
  EXPECT_EQ(base, one(1, "k", "v", {{"h", "x"}}));
  EXPECT_FALSE(base == one(2, "k", "v", {{"h", "x"}}));
  EXPECT_FALSE(base == one(1, "l", "v", {{"h", "x"}}));
  EXPECT_FALSE(base == one(1, "k", "w", {{"h", "x"}}));
  EXPECT_FALSE(base == one(1, "k", "v", {{"h", "y"}}));
  EXPECT_FALSE(base == one(1, "k", "v", {{"g", "x"}}));
  EXPECT_FALSE(base == one(1, "k", "v", {}));
}

// A split batch re-appends views: derived bytes stay those of their record.
TEST(RecordSetTest, RecordsSurviveReappending) {
  RecordSet records = OneOfEach();
  RecordSetBuilder builder;
  for (RecordView r : records) {
    std::vector<Header> headers;
    for (int32_t i = 0; i < r.header_count(); ++i) headers.push_back(r.header(i));
    builder.Append(r.timestamp_delta_ms(), r.key(), r.value(), headers, r.id());
  }
  EXPECT_EQ(builder.Seal(), records);
}

TEST(RecordSetTest, DecodingSaysWhatIsWrong) {
  RecordSet records = OneOfEach();
  std::string bytes = Encoded(records);
  auto error = [](std::string_view bytes, int32_t count) {
    return std::string(RecordSet::Decode(bytes, count).status().message());
  };
  EXPECT_THAT(error(bytes, 6), HasSubstr("record 5"));
  EXPECT_THAT(error(bytes, 4), HasSubstr("left over after 4 records"));
  EXPECT_THAT(error(bytes.substr(0, bytes.size() - 1), 5), HasSubstr("record 4"));
  EXPECT_THAT(error(bytes, std::numeric_limits<int32_t>::max()), HasSubstr("record 5"));
  std::string shifted = bytes;
  shifted[3] = 2;  // offset delta 1
  EXPECT_THAT(error(shifted, 5), HasSubstr("record 0: its offset delta is 1"));
}

TEST(RecordSetTest, DecodingNeverReadsOutside) {
  std::string bytes = Encoded(OneOfEach());
  for (size_t size = 0; size < bytes.size(); ++size) {
    std::string cut = bytes.substr(0, size);
    EXPECT_FALSE(RecordSet::Decode(cut, 5).ok()) << size;
  }
  for (size_t at = 0; at < bytes.size(); ++at) {
    for (int mask : {1, 0x40, 0x80, 0xff}) {
      std::string damaged = bytes;
      damaged[at] = static_cast<char>(damaged[at] ^ mask);
      absl::StatusOr<RecordSet> decoded = RecordSet::Decode(damaged, 5);
      if (decoded.ok()) {
        EXPECT_EQ(Encoded(*decoded), damaged) << at;
      }
    }
  }
}

TEST(RecordSetTest, NumbersLongerThanNeededAreRefused) {
  // Length 7, attributes, timestamp 0 in two bytes, offset 0, null, null, no headers.
  std::string bytes = std::string("\x0e\x00\x80\x00\x00\x01\x01\x00", 8);
  EXPECT_THAT(std::string(RecordSet::Decode(bytes, 1).status().message()),
              HasSubstr("shortest form"));
}

TEST(RecordSetTest, OpaqueSetsAreBytes) {
  RecordSet opaque = RecordSet::Opaque("compressed");
  EXPECT_TRUE(opaque.is_opaque());
  EXPECT_EQ(opaque.count(), 0);
  EXPECT_EQ(opaque.size_in_bytes(), 10);
  EXPECT_EQ(Encoded(opaque), "compressed");
  EXPECT_EQ(opaque, RecordSet::Opaque("compressed"));
  EXPECT_FALSE(opaque == RecordSet::Opaque("something!"));
}

TEST(RecordSetDeathTest, ReadingPastTheEndIsOurMistake) {
  RecordSet records = OneOfEach();
  EXPECT_DEATH(records[5], "record 5 of 5");
  EXPECT_DEATH(records[0].header(0), "header 0 of 0");
}

}  // namespace
}  // namespace norn::model
