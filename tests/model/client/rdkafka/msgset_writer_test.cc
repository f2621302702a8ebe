#include "model/client/rdkafka/msgset_writer.h"

#include "gtest/gtest.h"
#include "model/client/rdkafka/message.h"
#include "model/client/rdkafka/toppar.h"
#include "model/config/rdkafka_producer_config.h"
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

}  // namespace
}  // namespace norn::model::rdkafka
