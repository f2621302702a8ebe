#include "model/client/rdkafka/msgset_writer.h"

#include <string>
#include <utility>
#include <vector>

#include "gtest/gtest.h"
#include "model/client/rdkafka/message.h"
#include "model/client/rdkafka/toppar.h"
#include "model/config/rdkafka_producer_config.h"
#include "model/record/record_batch.h"
#include "model/record/sizes.h"
#include "sim/ref.h"

namespace norn::model::rdkafka {
namespace {

class MsgsetWriterTest : public ::testing::Test {
 protected:
  MsgsetWriterTest() {
    topic_.name = TopicName("t");
    toppar_.topic = &topic_;
    toppar_.index = PartitionIndex(0);
  }
  // Each message keeps its block alive until it is settled, or nobody will settle it.
  ~MsgsetWriterTest() override {
    while (toppar_.queue.first() != nullptr) block_->Abandon(toppar_.queue.PopFront());
  }
  Message* Put(const char* value) {
    Message* message = block_->Take();
    message->value = Payload(value);
    toppar_.Put(message, now_);
    return message;
  }
  // What a request would hold now; puts it back.
  bool Write(const Pid& pid, int64_t* messages) {
    Batch batch;
    bool consistent = false;
    writer_.Write(toppar_, pid, now_, batch, &consistent);
    *messages = batch.messages.count();
    toppar_.queue.Merge(batch.messages);
    return consistent;
  }

  const RdkafkaProducerConfig config_;
  const Pid pid_{ProducerId(7), ProducerEpoch(0)};
  const sim::Time now_ = sim::Time::FromNanos(1);
  MsgsetWriter writer_{config_};
  sim::Ref<MessageBlock> block_ = sim::MakeRef<MessageBlock>();
  Topic topic_;
  Toppar toppar_;
};

// The broker knows a batch by its first and last sequence: a retry that took in what came since
// would be another one.
TEST_F(MsgsetWriterTest, ARetryIsTheSameBatchAgain) {
  Message* first = Put("a");
  Put("b");
  Put("c");
  int64_t messages = 0;
  EXPECT_TRUE(Write(pid_, &messages));
  EXPECT_EQ(messages, 3);
  first->batch_end = 2;
  EXPECT_TRUE(Write(pid_, &messages));
  EXPECT_EQ(messages, 2);
  // Without idempotence nobody minds.
  EXPECT_TRUE(Write(Pid(), &messages));
  EXPECT_EQ(messages, 3);
}

// The last of its batch is gone: nothing that may be sent (fatal, _INCONSISTENT).
TEST_F(MsgsetWriterTest, ABatchThatCannotBeRebuiltIsInconsistent) {
  Message* first = Put("a");
  int64_t messages = 0;
  first->batch_end = 2;
  EXPECT_FALSE(Write(pid_, &messages));
  EXPECT_TRUE(Write(Pid(), &messages));
}

// A batch that is still to be retried begins where it began, not inside another.
TEST_F(MsgsetWriterTest, ABatchEndsBeforeTheNextRetry) {
  Put("a");
  Put("b")->batch_end = 3;
  Put("c");
  int64_t messages = 0;
  EXPECT_TRUE(Write(pid_, &messages));
  EXPECT_EQ(messages, 1);
}

class CompressingWriterTest : public MsgsetWriterTest {
 protected:
  // The batch that a producer with these properties would send now.
  RecordBatch BatchWith(std::vector<std::string> properties) {
    const RdkafkaProducerConfig config =
        RdkafkaProducerConfig::Parse(Flavour::kLibrdkafka216, properties, nullptr).value();
    MsgsetWriter writer(config);
    Batch batch;
    bool consistent = false;
    const wire::ProduceRequest request = writer.Write(toppar_, pid_, now_, batch, &consistent);
    toppar_.queue.Merge(batch.messages);
    return request.topics[0].partitions[0].records->batches()[0];
  }
  void PutRecords(int count, int32_t ratio) {
    for (int i = 0; i < count; ++i) {
      Message* message = Put("");
      message->value = Payload::OfSize(100);
      message->compression_ratio = ratio;
    }
  }
};

// rd_kafka_msgset_writer_finalize: messages are gathered as if there were no codec, and then what
// was gathered is compressed. Asked of 2.0.2 and 2.16 with batch.size=1050, a name of 18 to 20
// bytes and records of 100: 8 to a batch with each codec as without.
TEST_F(CompressingWriterTest, ACodecComesAfterTheBatchWasFilled) {
  PutRecords(30, 400'000);
  const RecordBatch plain = BatchWith({"batch.size=1050"});
  EXPECT_EQ(plain.header().attributes.codec(), Codec::kNone);
  for (const auto& [word, codec] : {std::pair("gzip", Codec::kGzip),
                                    {"snappy", Codec::kSnappy},
                                    {"lz4", Codec::kLz4},
                                    {"zstd", Codec::kZstd}}) {
    const RecordBatch batch =
        BatchWith({"batch.size=1050", std::string("compression.codec=") + word});
    EXPECT_EQ(batch.header().attributes.codec(), codec);
    EXPECT_EQ(batch.record_count(), plain.record_count());
    EXPECT_EQ(batch.SizeInBytes() - kBatchHeaderSize,
              (plain.SizeInBytes() - kBatchHeaderSize) * 2 / 5 + 1);
  }
}

// Asked of both: a record of 10 bytes, which no codec makes smaller, has 78 bytes and attributes 0.
TEST_F(CompressingWriterTest, WhatDoesNotBecomeSmallerIsSentAsItWas) {
  PutRecords(3, kIncompressible);
  EXPECT_EQ(BatchWith({"compression.codec=lz4"}), BatchWith({}));
  // One that shrinks makes up for two that do not.
  toppar_.queue.first()->compression_ratio = 500'000;
  EXPECT_EQ(BatchWith({"compression.codec=lz4"}).header().attributes.codec(), Codec::kLz4);
}

// Asked of both: the retry of an idempotent batch has the bytes of the first attempt.
TEST_F(CompressingWriterTest, ARetryIsTheSameBatchAgain) {
  PutRecords(3, 300'000);
  const RecordBatch sent = BatchWith({"compression.codec=zstd"});
  toppar_.queue.first()->batch_end = 3;
  PutRecords(3, 900'000);
  EXPECT_EQ(BatchWith({"compression.codec=zstd"}), sent);
}

}  // namespace
}  // namespace norn::model::rdkafka
