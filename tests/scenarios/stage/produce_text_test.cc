#include "scenarios/stage/produce_text.h"

#include "gtest/gtest.h"

namespace norn::scenarios {
namespace {

TEST(ProduceText, ReadsEveryBatchOfARequest) {
  const auto batches = BatchesIn(
      "Produce v13 c5 258 B ProduceRequest{TransactionalId=null, Acks=-1, TimeoutMs=30000, "
      "TopicData=[{TopicId=AAAAAG5vcm4AAAAAAAAAAQ, PartitionData=[{Index=p1, Records=[@0-@1 "
      "pid0/pe2/s17 2 records 97 B]}]}, {TopicId=AAAAAG5vcm4AAAAAAAAAAg, PartitionData=[{Index=p0, "
      "Records=[@0 1 record 79 B]}]}]}");
  ASSERT_EQ(batches.size(), 2u);
  EXPECT_EQ(batches[0].topic, "AAAAAG5vcm4AAAAAAAAAAQ");
  EXPECT_EQ(batches[0].partition, 1);
  EXPECT_EQ(batches[0].records, 2);
  EXPECT_EQ(batches[0].sequence, 17);
  EXPECT_EQ(batches[0].epoch, 2);
  EXPECT_EQ(batches[0].bytes, 97);
  EXPECT_EQ(batches[1].topic, "AAAAAG5vcm4AAAAAAAAAAg");
  EXPECT_EQ(batches[1].partition, 0);
  EXPECT_EQ(batches[1].records, 1);
  EXPECT_EQ(batches[1].sequence, -1);
  EXPECT_EQ(batches[1].epoch, -1);
}

TEST(ProduceText, ReadsEveryPartitionOfAnAnswer) {
  const auto answers = AnswersIn(
      "Produce v13 c5 117 B ProduceResponse{Responses=[{TopicId=AAAAAG5vcm4AAAAAAAAAAQ, "
      "PartitionResponses=[{Index=p1, ErrorCode=NONE, BaseOffset=@7, LogAppendTimeMs=-1}, "
      "{Index=p2, ErrorCode=NOT_LEADER_OR_FOLLOWER, BaseOffset=@-1, LogAppendTimeMs=-1}]}]}");
  ASSERT_EQ(answers.size(), 2u);
  EXPECT_EQ(answers[0].error, "NONE");
  EXPECT_EQ(answers[0].base_offset, 7);
  EXPECT_EQ(answers[1].error, "NOT_LEADER_OR_FOLLOWER");
  EXPECT_EQ(answers[1].base_offset, -1);
}

TEST(ProduceText, WhatHasNoneGivesNone) {
  EXPECT_TRUE(BatchesIn("Metadata v13 c1 53 B MetadataRequest{Topics=[]}").empty());
  EXPECT_TRUE(AnswersIn("").empty());
}

}  // namespace
}  // namespace norn::scenarios
