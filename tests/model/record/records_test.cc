#include "model/record/records.h"

#include <sstream>
#include <string>

#include "gtest/gtest.h"

namespace norn::model {
namespace {

RecordBatch Batch(int64_t id, int64_t base_offset) {
  RecordSetBuilder builder;
  builder.Append(0, Payload::Null(), Payload::OfSize(100), RecordId(id));
  RecordBatch batch(builder.Seal());
  batch.Place(Offset(base_offset), LeaderEpoch(3));
  return batch;
}

TEST(RecordsTest, AreBatchesOneAfterTheOther) {
  Records records;
  EXPECT_EQ(records.SizeInBytes(), 0);
  records.Add(Batch(1, 17));
  records.Add(Batch(2, 18));
  EXPECT_EQ(records.SizeInBytes(), 340);
  EXPECT_EQ(records.Encode(), Batch(1, 17).Encode() + Batch(2, 18).Encode());
  Records parsed = Records::Parse(records.Encode());
  EXPECT_EQ(parsed, records);
  EXPECT_EQ(parsed.batches().size(), 2u);
  EXPECT_EQ(parsed.CheckRest(), BatchCheck::kValid);
}

TEST(RecordsTest, AddingSharesTheRecords) {
  RecordBatch batch = Batch(1, 17);
  Records records(batch);
  EXPECT_TRUE(records.batches()[0].records().SharesStorageWith(batch.records()));
}

TEST(RecordsTest, ATorsoIsPartOfTheBytes) {
  for (int32_t kept : {1, 11, 12, 17, 60, 61, 169}) {
    Records records(Batch(1, 17));
    records.CutAfter(Batch(2, 18), kept);
    EXPECT_EQ(records.SizeInBytes(), 170 + kept);
    EXPECT_EQ(records.rest_size(), kept);
    EXPECT_EQ(records.rest(), Batch(2, 18).Encode().substr(0, static_cast<size_t>(kept)));
    EXPECT_EQ(records.CheckRest(), BatchCheck::kTruncated);
    Records parsed = Records::Parse(records.Encode());
    EXPECT_EQ(parsed, records);
    EXPECT_EQ(parsed.batches().size(), 1u);
    EXPECT_EQ(parsed.Encode(), records.Encode());
  }
}

TEST(RecordsTest, WhatIsNoBatchIsTheRest) {
  Records garbage = Records::Parse("this is not a batch");
  EXPECT_TRUE(garbage.batches().empty());
  EXPECT_EQ(garbage.rest(), "this is not a batch");
  EXPECT_EQ(garbage.Encode(), "this is not a batch");
  EXPECT_NE(garbage.CheckRest(), BatchCheck::kValid);
  EXPECT_EQ(Records::Parse("").SizeInBytes(), 0);
}

TEST(RecordsTest, DamageSpoilsTheBatchAndAllBehindIt) {
  RecordBatch damaged = Batch(2, 18);
  damaged.Damage(100, 4);
  Records sent(Batch(1, 17));
  sent.Add(damaged);
  sent.Add(Batch(3, 19));
  EXPECT_TRUE(sent.is_damaged());
  Records received = sent.AsReceived();
  ASSERT_EQ(received.batches().size(), 1u);
  EXPECT_EQ(received.rest_size(), 340);
  EXPECT_EQ(received.CheckRest(), BatchCheck::kBadCrc);
  EXPECT_EQ(received.Encode(), sent.Encode());
}

// A consumer with check.crcs=false.
TEST(RecordsTest, WhoIgnoresChecksumsReadsOnAndKnowsTheRecords) {
  RecordSetBuilder builder;
  builder.Append(0, Payload::Null(), "first", RecordId(2));
  builder.Append(0, "key", "second", RecordId(3));
  RecordBatch damaged(builder.Seal());
  damaged.Place(Offset(18), LeaderEpoch(3));
  damaged.Damage(damaged.SizeInBytes() - 2, 1);  // the last letter of "second"
  Records sent(Batch(1, 17));
  sent.Add(damaged);
  sent.Add(Batch(4, 20));
  const Records received = sent.AsReceived();
  EXPECT_EQ(received.CheckRest(), BatchCheck::kBadCrc);
  const Records read = received.WithoutChecksums();
  EXPECT_EQ(read.CheckRest(Checksums::kIgnored), BatchCheck::kValid);
  EXPECT_EQ(read.SizeInBytes(), sent.SizeInBytes());
  ASSERT_EQ(read.batches().size(), 3u);
  const RecordSet& records = read.batches()[1].records();
  EXPECT_EQ(records[0].value().ToString(), "first");
  EXPECT_EQ(records[1].value().ToString(), "secone");
  EXPECT_EQ(records[0].id(), RecordId(2));
  EXPECT_EQ(records[1].id(), RecordId(3));
  EXPECT_EQ(read.batches()[2].records()[0].id(), RecordId(4));
  // Without anything to ignore it is the same.
  EXPECT_EQ(Records(Batch(1, 17)).WithoutChecksums(), Records(Batch(1, 17)));
}

TEST(RecordsTest, WhatWasCompressedAndIsDamagedCannotBeRead) {
  RecordSetBuilder builder;
  builder.Append(0, Payload::Null(), Payload::OfSize(100), RecordId(2));
  RecordBatch damaged(builder.Seal(),
                      {.attributes = BatchAttributes().With(Codec::kLz4), .compressed_size = 50});
  damaged.Damage(80, 1);
  const Records read = Records(damaged).AsReceived().WithoutChecksums();
  EXPECT_TRUE(read.batches().empty());
  EXPECT_EQ(read.CheckRest(), BatchCheck::kBadCrc);
  EXPECT_EQ(read.CheckRest(Checksums::kIgnored), BatchCheck::kBadRecords);
}

TEST(RecordsTest, ABatchThatCannotBeTrustedSaysWhatItIs) {
  RecordBatch damaged = Batch(2, 18);
  damaged.Damage(100, 4);
  const std::string bytes = damaged.Encode();
  const BatchClaims claims = ClaimsOf(bytes);
  EXPECT_EQ(claims.base_offset, Offset(18));
  EXPECT_EQ(claims.length, 158);
  EXPECT_EQ(claims.magic, 2);
  EXPECT_NE(claims.stored_checksum, claims.computed_checksum);
  const BatchClaims sound = ClaimsOf(Batch(2, 18).Encode());
  EXPECT_EQ(sound.stored_checksum, sound.computed_checksum);
  EXPECT_EQ(sound.stored_checksum, claims.stored_checksum);
  EXPECT_EQ(ClaimsOf(std::string_view(bytes).substr(0, 12)).magic, -1);
}

TEST(RecordsTest, HarmlessDamageKeepsTheRecordsIds) {
  RecordBatch damaged = Batch(7, 18);
  damaged.Damage(15, 1);  // the leader epoch, outside the checksum
  Records received = Records(damaged).AsReceived();
  ASSERT_EQ(received.batches().size(), 1u);
  EXPECT_FALSE(received.is_damaged());
  EXPECT_EQ(received.batches()[0].header().partition_leader_epoch, LeaderEpoch(2));
  EXPECT_EQ(received.batches()[0].records()[0].id(), RecordId(7));
}

TEST(RecordsTest, UndamagedArrivesAsSent) {
  Records sent(Batch(1, 17));
  EXPECT_TRUE(
      sent.AsReceived().batches()[0].records().SharesStorageWith(sent.batches()[0].records()));
}

TEST(RecordsTest, PrintsItsBatches) {
  Records records(Batch(1, 17));
  records.CutAfter(Batch(2, 18), 100);
  std::ostringstream os;
  os << records << ' ' << Records();
  EXPECT_EQ(os.str(), "[@17 e3 1 record 170 B, +100 B] []");
}

TEST(RecordsDeathTest, NothingFollowsATorso) {
  Records records;
  records.CutAfter(Batch(1, 17), 20);
  EXPECT_DEATH(records.Add(Batch(2, 18)), "cannot follow");
}

}  // namespace
}  // namespace norn::model
