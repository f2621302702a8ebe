#include "model/record/record_batch.h"

#include <sstream>
#include <string>
#include <vector>

#include "absl/strings/escaping.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "model/record/big_endian.h"
#include "model/record/crc32c.h"

namespace norn::model {
namespace {

using ::testing::HasSubstr;

// What kafka-clients 4.1.1 (MemoryRecordsBuilder) writes for the batches built below.
constexpr char kBatch[] =
    "000000000000000000000055ffffffff02abf7f43800000000000200000000000003e8000000000000042e00"
    "000000000000090002000000050000000328000000046b310a68656c6c6f0402680278026e010e008c010201"
    "01000c001304000000";
constexpr char kTransactional[] =
    "000000000000000000000055ffffffff02d581d62f00100000000200000000000003e8000000000000042e00"
    "000000000000090002000000050000000328000000046b310a68656c6c6f0402680278026e010e008c010201"
    "01000c001304000000";
constexpr char kOne[] =
    "000000000000000000000039ffffffff02ae59b08f00000000000000000000000003e800000000000003e8ff"
    "ffffffffffffffffffffffffff000000010e00000001027600";
constexpr char kCommit[] =
    "0000000000000011000000420000000302e65cc2950030000000000000000000001388000000000000138800"
    "000000000000090002ffffffff000000012000000008000000010c00000000000400";
constexpr char kAbort[] =
    "0000000000000011000000420000000302126214dd0030000000000000000000001388000000000000138800"
    "000000000000090002ffffffff000000012000000008000000000c00000000000400";

std::string Hex(const std::string& bytes) { return absl::BytesToHexString(bytes); }

RecordSet ThreeRecords() {
  RecordSetBuilder builder;
  std::vector<Header> headers = {{"h", "x"}, {"n", Payload::Null()}};
  builder.Append(0, "k1", "hello", headers, RecordId(1));
  builder.Append(70, Payload::Null(), Payload::Null(), RecordId(2));
  builder.Append(-10, "", "", RecordId(3));
  return builder.Seal();
}

RecordBatch SizeOnly(int records, int32_t value_size) {
  RecordSetBuilder builder;
  for (int i = 0; i < records; ++i) {
    builder.Append(i, Payload::Null(), Payload::OfSize(value_size), RecordId(100 + i));
  }
  return RecordBatch(builder.Seal(), {.base_timestamp_ms = 1000});
}

TEST(RecordBatchTest, WritesTheBytesOfKafkasOwnProducer) {
  RecordBatch batch(ThreeRecords(), {.base_timestamp_ms = 1000});
  batch.SetProducer(ProducerId(9), ProducerEpoch(2), Sequence(5));
  EXPECT_EQ(Hex(batch.Encode()), kBatch);

  RecordBatch transactional(ThreeRecords(), {.base_timestamp_ms = 1000,
                                             .attributes = BatchAttributes().WithTransactional()});
  transactional.SetProducer(ProducerId(9), ProducerEpoch(2), Sequence(5));
  EXPECT_EQ(Hex(transactional.Encode()), kTransactional);

  RecordSetBuilder builder;
  builder.Append(0, Payload::Null(), "v", RecordId(1));
  EXPECT_EQ(Hex(RecordBatch(builder.Seal(), {.base_timestamp_ms = 1000}).Encode()), kOne);
}

// Type 0 aborts, 1 commits; the value is version 0 and the coordinator's epoch 4.
RecordBatch Marker(char type) {
  RecordSetBuilder builder;
  std::string key = {0, 0, 0, type};
  std::string value = {0, 0, 0, 0, 0, 4};
  builder.Append(0, key, value, RecordId(1));
  RecordBatch batch(builder.Seal(),
                    {.base_timestamp_ms = 5000,
                     .attributes = BatchAttributes().WithTransactional().WithControl()});
  batch.SetProducer(ProducerId(9), ProducerEpoch(2), Sequence::None());
  batch.Place(Offset(17), LeaderEpoch(3));
  return batch;
}

TEST(RecordBatchTest, TransactionMarkersAreBatchesToo) {
  EXPECT_EQ(Hex(Marker(1).Encode()), kCommit);
  EXPECT_EQ(Hex(Marker(0).Encode()), kAbort);
  EXPECT_EQ(Marker(1).SizeInBytes(), 78);
  EXPECT_TRUE(Marker(1).header().attributes.is_control());
}

TEST(RecordBatchTest, OneRecordOfHundredBytesTakes170) {
  EXPECT_EQ(SizeOnly(1, 100).SizeInBytes(), 170);
  EXPECT_EQ(RecordBatch().SizeInBytes(), 61);
}

TEST(RecordBatchTest, DecodesWhatItEncodes) {
  for (const char* golden : {kBatch, kTransactional, kOne, kCommit, kAbort}) {
    std::string bytes = absl::HexStringToBytes(golden);
    absl::StatusOr<RecordBatch> batch = RecordBatch::Decode(bytes);
    ASSERT_TRUE(batch.ok()) << batch.status();
    EXPECT_EQ(batch->Encode(), bytes);
  }
  RecordBatch batch = SizeOnly(3, 100);
  batch.Place(Offset(17), LeaderEpoch(3));
  absl::StatusOr<RecordBatch> decoded = RecordBatch::Decode(batch.Encode());
  ASSERT_TRUE(decoded.ok()) << decoded.status();
  EXPECT_EQ(*decoded, batch);
}

TEST(RecordBatchTest, KnowsItsOffsetsSequencesAndTimes) {
  RecordBatch batch = SizeOnly(3, 100);
  batch.SetProducer(ProducerId(9), ProducerEpoch(0), Sequence(2147483646));
  batch.Place(Offset(17), LeaderEpoch(3));
  EXPECT_EQ(batch.last_offset(), Offset(19));
  EXPECT_EQ(batch.next_offset(), Offset(20));
  EXPECT_EQ(batch.last_sequence(), Sequence(0));
  EXPECT_EQ(batch.header().max_timestamp_ms, 1002);
  EXPECT_EQ(batch.timestamp_ms(batch.records()[1]), 1001);
  EXPECT_TRUE(SizeOnly(1, 1).last_sequence().is_none());
}

TEST(RecordBatchTest, PlacingLeavesTheChecksumAndTheClientsCopyAlone) {
  RecordBatch sent = SizeOnly(3, 100);
  RecordBatch stored = sent;
  stored.Place(Offset(17), LeaderEpoch(3));
  EXPECT_EQ(sent.base_offset(), Offset(0));
  EXPECT_TRUE(sent.header().partition_leader_epoch.is_none());
  EXPECT_TRUE(stored.records().SharesStorageWith(sent.records()));
  EXPECT_EQ(stored.Encode().substr(16), sent.Encode().substr(16));
}

TEST(RecordBatchTest, LogAppendTimeIsInsideTheChecksum) {
  RecordBatch batch = SizeOnly(2, 10);
  std::string before = batch.Encode();
  batch.SetLogAppendTime(7777);
  EXPECT_EQ(batch.timestamp_ms(batch.records()[0]), 7777);
  EXPECT_NE(batch.Encode().substr(17, 4), before.substr(17, 4));
  EXPECT_EQ(CheckBatch(batch.Encode()), BatchCheck::kValid);
}

TEST(RecordBatchTest, CompressedBatchesHaveTheStatedSize) {
  RecordSet records = ThreeRecords();
  RecordBatch batch(records, {.base_timestamp_ms = 1000,
                              .attributes = BatchAttributes().With(Codec::kLz4),
                              .compressed_size = 33});
  EXPECT_EQ(batch.SizeInBytes(), 61 + 33);
  EXPECT_TRUE(batch.records().SharesStorageWith(records));
  std::string bytes = batch.Encode();
  EXPECT_EQ(bytes.size(), 94u);
  EXPECT_EQ(CheckBatch(bytes), BatchCheck::kValid);
  absl::StatusOr<RecordBatch> decoded = RecordBatch::Decode(bytes);
  ASSERT_TRUE(decoded.ok()) << decoded.status();
  EXPECT_EQ(*decoded, batch);
  EXPECT_EQ(decoded->header().attributes.codec(), Codec::kLz4);
  EXPECT_EQ(decoded->record_count(), 3);
  EXPECT_TRUE(decoded->records().is_opaque());
  EXPECT_EQ(decoded->Encode(), bytes);
}

// Every byte, every bit: what a broker would find.
TEST(RecordBatchTest, DamageIsFoundAsKafkaFindsIt) {
  RecordBatch sent = SizeOnly(2, 20);
  sent.SetProducer(ProducerId(9), ProducerEpoch(0), Sequence(0));
  for (int32_t at = 0; at < sent.SizeInBytes(); ++at) {
    for (int bit = 0; bit < 8; ++bit) {
      RecordBatch batch = sent;
      batch.Damage(at, static_cast<uint8_t>(1 << bit));
      BatchCheck check = batch.Check();
      if (at < 8 || (at >= 12 && at < 16)) {
        EXPECT_EQ(check, BatchCheck::kValid) << "base offset or epoch, byte " << at;
        absl::StatusOr<RecordBatch> received = RecordBatch::Decode(batch.Encode());
        ASSERT_TRUE(received.ok());
        EXPECT_FALSE(received->header() == sent.header());
        EXPECT_EQ(received->records(), sent.records());
      } else if (at < 12) {
        EXPECT_NE(check, BatchCheck::kValid) << "length, byte " << at;
      } else if (at == 16) {
        EXPECT_EQ(check, bit == 1 ? BatchCheck::kOldMagic : BatchCheck::kBadMagic) << bit;
      } else {
        EXPECT_EQ(check, BatchCheck::kBadCrc) << "byte " << at;
      }
      EXPECT_EQ(check, CheckBatch(batch.Encode()));
    }
  }
}

TEST(RecordBatchTest, ADamagedLengthIsTruncatedOrImpossible) {
  auto with_length = [](int32_t length) {
    std::string bytes = SizeOnly(1, 100).Encode();
    PutBigEndian(length, bytes.data() + 8);
    return CheckBatch(bytes);
  };
  EXPECT_EQ(with_length(158), BatchCheck::kValid);
  EXPECT_EQ(with_length(159), BatchCheck::kTruncated);
  EXPECT_EQ(with_length(2147483647), BatchCheck::kTruncated);
  EXPECT_EQ(with_length(157), BatchCheck::kBadCrc);
  EXPECT_EQ(with_length(48), BatchCheck::kBadCrc);
  EXPECT_EQ(with_length(14), BatchCheck::kBadCrc);
  EXPECT_EQ(with_length(13), BatchCheck::kBadLength);
  EXPECT_EQ(with_length(-1), BatchCheck::kBadLength);
}

TEST(RecordBatchTest, ALeaderAnswersByWhatItFound) {
  EXPECT_EQ(ProduceErrorOf(BatchCheck::kValid), Error::kNone);
  EXPECT_EQ(ProduceErrorOf(BatchCheck::kBadCrc), Error::kCorruptMessage);
  EXPECT_EQ(ProduceErrorOf(BatchCheck::kBadLength), Error::kCorruptMessage);
  EXPECT_EQ(ProduceErrorOf(BatchCheck::kBadMagic), Error::kCorruptMessage);
  EXPECT_EQ(ProduceErrorOf(BatchCheck::kOldMagic), Error::kInvalidRecord);
  EXPECT_EQ(ProduceErrorOf(BatchCheck::kTruncated), Error::kInvalidRecord);
  EXPECT_EQ(ProduceErrorOf(BatchCheck::kBadRecords), Error::kInvalidRecord);
}

TEST(RecordBatchTest, ShortOrCutBytesNeverCrash) {
  std::string bytes = SizeOnly(3, 10).Encode();
  for (size_t size = 0; size < bytes.size(); ++size) {
    std::string cut = bytes.substr(0, size);
    EXPECT_EQ(CheckBatch(cut), BatchCheck::kTruncated) << size;
    EXPECT_FALSE(RecordBatch::Decode(cut).ok()) << size;
  }
  EXPECT_THAT(std::string(RecordBatch::Decode(bytes + "x").status().message()),
              HasSubstr("1 bytes are left over"));
  EXPECT_THAT(std::string(RecordBatch::Decode("").status().message()), HasSubstr("truncated"));
}

TEST(RecordBatchTest, AHeaderThatLiesAboutItsRecordsIsFound) {
  std::string bytes = SizeOnly(3, 10).Encode();
  bytes[60] = 4;  // record count
  PutBigEndian(Crc32c(std::string_view(bytes).substr(21)), bytes.data() + 17);
  EXPECT_EQ(CheckBatch(bytes), BatchCheck::kValid);
  EXPECT_THAT(std::string(RecordBatch::Decode(bytes).status().message()), HasSubstr("record 3"));
}

TEST(RecordBatchTest, EqualityIsThatOfTheWire) {
  RecordBatch batch = SizeOnly(2, 20);
  RecordBatch same = SizeOnly(2, 20);
  EXPECT_EQ(batch, same);
  same.Place(Offset(1), LeaderEpoch());
  EXPECT_FALSE(batch == same);
  same = SizeOnly(2, 20);
  same.Damage(3, 1);
  EXPECT_FALSE(batch == same);
}

TEST(RecordBatchTest, PrintsOneLine) {
  std::ostringstream os;
  RecordBatch batch = SizeOnly(3, 100);
  batch.SetProducer(ProducerId(9), ProducerEpoch(0), Sequence(4));
  batch.Place(Offset(17), LeaderEpoch(3));
  os << batch << " | " << SizeOnly(1, 100) << " | " << batch.Check();
  EXPECT_EQ(os.str(), "@17-@19 e3 pid9/pe0/s4 3 records 388 B | @0 1 record 170 B | valid");
}

TEST(RecordBatchDeathTest, MisuseIsOurMistake) {
  EXPECT_DEATH(SizeOnly(1, 1).Damage(1000, 1), "byte 1000");
  EXPECT_DEATH(SizeOnly(1, 1).Damage(0, 0), "no damage");
  EXPECT_DEATH(RecordBatch(ThreeRecords(), {.attributes = BatchAttributes().With(Codec::kGzip)}),
               "compressed size");
  EXPECT_DEATH(RecordBatch(RecordSet::Opaque("x")), "made from records");
}

}  // namespace
}  // namespace norn::model
