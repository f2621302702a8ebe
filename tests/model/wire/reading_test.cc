#include "model/wire/reading.h"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "model/error.h"
#include "model/wire/fetch.h"
#include "model/wire/produce.h"

namespace norn::model::wire {
namespace {

using std::string_literals::operator""s;
using std::string_view_literals::operator""sv;
using ::testing::HasSubstr;

// One field of every kind. As an Api it pretends to be ListOffsets, which is flexible from 6 on.
struct Sample {
  static constexpr MessageInfo kInfo = {Api::kListOffsets, "Sample", 5, 7};

  struct Inner {
    int8_t number = 0;

    template <class Self, class V>
    static void Describe(Self& m, V& v) {
      v.Field("Number", m.number);
    }
    friend bool operator==(const Inner&, const Inner&) = default;
  };

  bool flag = false;
  Error error = Error::kNone;
  BrokerId broker = {};
  std::string text = {};
  std::optional<std::string> maybe = {};
  std::vector<Inner> inners = {};
  std::optional<std::vector<int32_t>> numbers = {};
  int16_t newer = 0;
  int32_t tagged = 5;
  Inner tagged_inner = {};

  template <class Self, class V>
  static void Describe(Self& m, V& v) {
    v.Field("Flag", m.flag);
    v.Field("ErrorCode", m.error);
    v.Field("Broker", m.broker);
    v.Field("Text", m.text);
    v.Field("Maybe", m.maybe, Always().NullableSince(6));
    v.Field("Inners", m.inners);
    v.Field("Numbers", m.numbers);
    v.Field("Newer", m.newer, Since(7));
    v.Tagged(0, "Tagged", m.tagged, Since(6), 5);
    v.Tagged(3, "TaggedInner", m.tagged_inner, Since(6));
  }
  friend bool operator==(const Sample&, const Sample&) = default;
};

Sample Filled() {
  Sample m = {.flag = true, .error = Error::kRequestTimedOut, .broker = BrokerId(2)};
  m.text = "ab";
  m.maybe = "";
  m.inners = {{1}, {2}};
  m.numbers = {{7}};
  return m;
}

TEST(ReadingTest, ClassicLengthsAreFixed) {
  EXPECT_EQ(Encode(Filled(), 5),
            "\x01\x00\x07\x00\x00\x00\x02"
            "\x00\x02"
            "ab"
            "\x00\x00"
            "\x00\x00\x00\x02\x01\x02"
            "\x00\x00\x00\x01\x00\x00\x00\x07"sv);
}

TEST(ReadingTest, FlexibleLengthsAreVarintsPlusOneAndStructsEndWithTags) {
  EXPECT_EQ(Encode(Filled(), 6),
            "\x01\x00\x07\x00\x00\x00\x02"
            "\x03"
            "ab"
            "\x01"
            "\x03\x01\x00\x02\x00"
            "\x02\x00\x00\x00\x07"
            "\x00"sv);
}

TEST(ReadingTest, NullIsMinusOneOrZero) {
  Sample m = Filled();
  m.numbers = std::nullopt;
  EXPECT_THAT(Encode(m, 5), ::testing::EndsWith("\xff\xff\xff\xff"));
  m.maybe = std::nullopt;
  EXPECT_EQ(Encode(m, 6).substr(10, 1), "\x00"sv);
  EXPECT_EQ(Decode<Sample>(Encode(m, 6), 6).value(), m);
}

TEST(ReadingTest, TagsAreSentOnlyWhenNotDefault) {
  Sample m = Filled();
  int64_t untagged = Size(m, 7);
  m.tagged = 6;
  m.tagged_inner.number = 9;
  std::string bytes = Encode(m, 7);
  EXPECT_EQ(bytes.substr(static_cast<size_t>(untagged) - 1),
            "\x02"
            "\x00\x04\x00\x00\x00\x06"
            "\x03\x02\x09\x00"sv);
  EXPECT_EQ(Decode<Sample>(bytes, 7).value(), m);
  EXPECT_EQ(Size(m, 5), Size(Filled(), 5));
}

TEST(ReadingTest, UnknownTagsAreReadOver) {
  std::string bytes = Encode(Filled(), 6);
  bytes.back() = 2;
  bytes +=
      "\x01\x03xyz"
      "\x7f\x00"sv;
  absl::StatusOr<Sample> decoded = Decode<Sample>(bytes, 6);
  ASSERT_TRUE(decoded.ok()) << decoded.status();
  EXPECT_EQ(*decoded, Filled());
}

TEST(ReadingTest, FieldsOfOtherVersionsKeepTheirDefaults) {
  Sample m = Filled();
  m.newer = 3;
  EXPECT_EQ(Size(m, 7), Size(m, 6) + 2);
  EXPECT_EQ(Decode<Sample>(Encode(m, 6), 6).value().newer, 0);
  EXPECT_EQ(Decode<Sample>(Encode(m, 7), 7).value().newer, 3);
}

TEST(ReadingTest, PrintsKafkasNames) {
  Sample m = Filled();
  EXPECT_EQ(Print(m, 6),
            "Sample{Flag=true, ErrorCode=REQUEST_TIMED_OUT, Broker=b2, Text=\"ab\", Maybe=\"\", "
            "Inners=[{Number=1}, {Number=2}], Numbers=[7]}");
  m.numbers = std::nullopt;
  m.tagged_inner.number = 1;
  EXPECT_THAT(Print(m, 7), HasSubstr("Numbers=null, Newer=0, TaggedInner={Number=1}}"));
}

std::string ErrorOf(std::string_view bytes, int16_t version) {
  return std::string(Decode<Sample>(bytes, version).status().message());
}

TEST(ReadingTest, ErrorsTellThePlace) {
  EXPECT_EQ(ErrorOf("\x01\x00"sv, 5), "Sample v5: ErrorCode: wants 2 bytes at byte 1, 1 are left");
  std::string bytes = Encode(Filled(), 6);
  EXPECT_EQ(ErrorOf(bytes.substr(0, 14), 6),
            "Sample v6: Inners[1].Number: wants 1 bytes at byte 14, 0 are left");
  EXPECT_EQ(ErrorOf(bytes + "x", 6), "Sample v6: it leaves bytes over at byte 22, 1 are left");
  EXPECT_EQ(ErrorOf(bytes, 8), "Sample v8: it has no such version at byte 0, 22 are left");
}

TEST(ReadingTest, NullWhereItMustNotBeIsRefused) {
  std::string bytes = Encode(Filled(), 6);
  bytes[7] = 0;  // Text
  EXPECT_THAT(ErrorOf(bytes, 6), HasSubstr("Text: has no length, or is null"));
  std::string classic = Encode(Filled(), 5);
  classic[11] = classic[12] = '\xff';  // Maybe, nullable from 6 on
  EXPECT_THAT(ErrorOf(classic, 5), HasSubstr("Maybe: has no length, or is null"));
}

TEST(ReadingTest, LengthsBeyondTheBytesAreRefusedBeforeAllocating) {
  std::string bytes = Encode(Filled(), 5);
  bytes[13] = '\x7f';  // two elements become two billion
  EXPECT_THAT(ErrorOf(bytes, 5), HasSubstr("Inners: has more elements than bytes are left"));
}

TEST(ReadingTest, ATagMustHoldItsFieldExactly) {
  std::string bytes = Encode(Filled(), 6);
  bytes.back() = 1;
  EXPECT_THAT(ErrorOf(bytes + "\x00\x05\x00\x00\x00\x06\x00"s, 6),
              HasSubstr("Tagged: leaves bytes of its tag over"));
  EXPECT_THAT(ErrorOf(bytes + "\x00\x03\x00\x00\x00"s, 6), HasSubstr("Tagged: wants 4 bytes"));
  EXPECT_THAT(ErrorOf(bytes + "\x00\x09\x00\x00"s, 6), HasSubstr("wants 9 bytes"));
}

TEST(ReadingTest, RecordsAreSharedWithTheRequest) {
  RecordSetBuilder builder;
  builder.Append(0, Payload::Null(), Payload::OfSize(100), RecordId(1));
  RecordBatch batch(builder.Seal());
  ProduceRequest request;
  request.topics.emplace_back().partitions.push_back({PartitionIndex(0), Records(batch)});
  ProduceRequest sent = request;
  EXPECT_TRUE(sent.topics[0].partitions[0].records->batches()[0].records().SharesStorageWith(
      batch.records()));
  EXPECT_EQ(Print(request, 13),
            "ProduceRequest{TransactionalId=null, Acks=0, TimeoutMs=0, "
            "TopicData=[{TopicId=AAAAAAAAAAAAAAAAAAAAAA, PartitionData=[{Index=p0, Records=[@0 1 "
            "record 170 B]}]}]}");
}

// A damaged batch spoils its partition, never the request that carries it.
TEST(ReadingTest, DamagedRecordsStillParse) {
  RecordSetBuilder builder;
  builder.Append(0, Payload::Null(), Payload::OfSize(100), RecordId(1));
  RecordBatch batch(builder.Seal());
  batch.Damage(100, 1);
  ProduceRequest request;
  request.topics.emplace_back().partitions.push_back({PartitionIndex(0), Records(batch)});
  absl::StatusOr<ProduceRequest> decoded = Decode<ProduceRequest>(Encode(request, 13), 13);
  ASSERT_TRUE(decoded.ok()) << decoded.status();
  EXPECT_EQ(decoded->topics[0].partitions[0].records->CheckRest(), BatchCheck::kBadCrc);
}

TEST(ReadingDeathTest, VersionsThatDoNotExistAreOurMistake) {
  EXPECT_DEATH(Size(Filled(), 4), "Sample has no version 4");
  EXPECT_DEATH(Encode(FetchRequest(), 19), "FetchRequest has no version 19");
  Sample m;
  EXPECT_DEATH(Encode(m, 5), "Maybe must not be null in version 5");
}

}  // namespace
}  // namespace norn::model::wire
