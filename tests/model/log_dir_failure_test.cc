// What a broker does when its disk is full or fails. Seen on Apache Kafka 4.1.1: the log directory
// of one of three brokers on a tmpfs of 64 MB, filled up to 96 kB, twenty records of 10,000 bytes,
// one every 50 ms; six runs (java and librdkafka; acks=all, 1 and 0; the leader's disk, a
// follower's). Every one of them went alike:
//
//   +0 ms    "Error while appending records to t-0 in dir ...": java.io.IOException: No space left
//   on
//            device. The log's file is 94,208 bytes long: nine whole batches, and 3,482 bytes of
//            the tenth.
//   +6 ms    the answer: error 56, base offset -1. (acks=0: the connection is closed, +13 ms.) The
//            producer asks for metadata at once, is answered, and sends again 100 ms later.
//   +30 ms   "Shutdown broker because all log dirs in ... have failed". Nothing is answered any
//   more. +350 ms  the connections are closed, the process has ended with status 1. +3 s
//   (broker.session.timeout.ms) the controller elects another leader, in epoch 1.
//
// Started again on the full disk the broker ends before it has registered (an InternalError out of
// a mapped index: "Fatal error during broker startup"). Started once there is room: "Corruption
// found in segment 0, truncating to offset 10", and it is back in the ISR.
#include <cstdint>
#include <string>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "model/cluster.h"
#include "sim/disk.h"
#include "tests/support/matchers.h"

namespace norn::model {
namespace {

using ::testing::ElementsAre;
using ::testing::SizeIs;

constexpr int64_t kRecord = 10'000;

ClusterOptions ThreeReplicas() {
  ClusterOptions options;
  options.brokers = 3;
  options.topics = {{.name = "t", .replicas = 3}};
  options.keep_wire = true;
  return options;
}

std::vector<DeliveryFuture> SendSome(Cluster& cluster, Producer& producer, int count) {
  std::vector<DeliveryFuture> sent;
  for (int i = 0; i < count; ++i) {
    sent.push_back(
        producer.Send({.topic = "t", .partition = 0, .value = Payload::OfSize(kRecord)}));
    cluster.RunFor(absl::Milliseconds(50));
  }
  return sent;
}

// The errors and base offsets of answers to Produce requests, of one partition, as they left.
struct Answer {
  sim::Time at;
  Error error;
  Offset base_offset;
};
std::vector<Answer> Answers(const Cluster& cluster) {
  std::vector<Answer> answers;
  for (const WireLog::Frame* frame : cluster.wire().AtThePort())
    if (!frame->is_request)
      for (const WireLog::Answer& answer : frame->answers)
        answers.push_back({frame->at, answer.error, answer.base_offset});
  return answers;
}

TEST(LogDirFailure, ALeaderWithAFullDiskRefusesOneRecordAndHalts) {
  Cluster cluster(ThreeReplicas());
  Producer& producer = cluster.AddProducer("p", {"linger.ms=0"});
  ASSERT_THAT(cluster.Await(producer.Send({.topic = "t", .partition = 0, .value = "warm"})),
              IsOk(At(0)));
  const sim::DiskFault& full = cluster.disk(1).Fill(9 * 10'072 + 3'482);
  const std::vector<DeliveryFuture> sent = SendSome(cluster, producer, 20);
  EXPECT_EQ(full.fired(), 1);
  const sim::Time failed = full.first_fired();

  // A piece of the tenth lies there, and is no record.
  EXPECT_THAT(cluster.Replica("t", 0, 1), HasRecordCount(10));
  const auto files = PartitionLog::FilesOf(cluster.disk(1), "t-0");
  ASSERT_THAT(files, SizeIs(1));
  EXPECT_EQ(files[0]->extents().back().kept, 3'482);
  EXPECT_TRUE(files[0]->extents().back().torn());

  EXPECT_EQ(cluster.broker(1).state(), sim::NodeState::kKilled);
  for (const DeliveryFuture& one : sent) EXPECT_THAT(cluster.Await(one), IsOk());
  EXPECT_GE(cluster.Now() - failed, absl::Seconds(7));
  EXPECT_EQ(cluster.Partition("t", 0).leader_epoch, LeaderEpoch(1));
  EXPECT_THAT(cluster.Log("t", 0), HasRecordCount(21));
}

TEST(LogDirFailure, ItsProducerIsToldStorageErrorAndThenNothing) {
  Cluster cluster(ThreeReplicas());
  Producer& producer = cluster.AddProducer("p", {"linger.ms=0"});
  const sim::DiskFault& full = cluster.disk(1).Fill(5'000);
  const DeliveryFuture sent =
      producer.Send({.topic = "t", .partition = 0, .value = Payload::OfSize(kRecord)});
  ASSERT_TRUE(cluster.RunUntil([&] { return full.fired() > 0; }, absl::Seconds(5)));
  const sim::Time failed = cluster.Now();
  cluster.RunFor(absl::Milliseconds(20));
  ASSERT_THAT(Answers(cluster), SizeIs(1));
  EXPECT_EQ(Answers(cluster)[0].error, Error::kKafkaStorageError);
  EXPECT_EQ(Answers(cluster)[0].base_offset, Offset::None());
  // It halts; its kernel goes on taking what is sent.
  cluster.RunFor(absl::Milliseconds(10));
  EXPECT_EQ(cluster.broker(1).state(), sim::NodeState::kPaused);
  cluster.RunFor(absl::Milliseconds(310));
  EXPECT_EQ(cluster.broker(1).state(), sim::NodeState::kPaused);
  EXPECT_THAT(Answers(cluster), SizeIs(1));
  ASSERT_TRUE(cluster.RunUntil([&] { return !cluster.broker(1).alive(); }, absl::Seconds(1)));
  EXPECT_EQ(cluster.Now() - failed, absl::Milliseconds(350));
  // The second attempt was under way, the third went to the new leader.
  EXPECT_THAT(cluster.Await(sent), IsOk(AfterAttempts(3)));
}

TEST(LogDirFailure, WithoutAcksTheConnectionIsClosed) {
  Cluster cluster(ThreeReplicas());
  Producer& producer = cluster.AddProducer("p", {"linger.ms=0", "acks=0"});
  ASSERT_THAT(cluster.Await(producer.Send({.topic = "t", .partition = 0, .value = "warm"})),
              IsOk());
  cluster.RunFor(absl::Milliseconds(10));
  const sim::DiskFault& full = cluster.disk(1).Fill(5'000);
  EXPECT_THAT(cluster.Await(
                  producer.Send({.topic = "t", .partition = 0, .value = Payload::OfSize(kRecord)})),
              IsOk());  // it was handed to the socket
  ASSERT_TRUE(cluster.RunUntil([&] { return full.fired() > 0; }, absl::Seconds(5)));
  cluster.RunFor(absl::Milliseconds(5));
  EXPECT_FALSE(producer.connection(BrokerId(1)) == ConnectionState::kReady);
  EXPECT_TRUE(cluster.broker(1).running());
}

TEST(LogDirFailure, AFollowerWithAFullDiskHaltsAndLeavesTheIsr) {
  Cluster cluster(ThreeReplicas());
  Producer& producer = cluster.AddProducer("p", {"linger.ms=0"});
  const sim::DiskFault& full = cluster.disk(2).Fill(5 * 10'072 + 100);
  const std::vector<DeliveryFuture> sent = SendSome(cluster, producer, 10);
  EXPECT_EQ(full.fired(), 1);
  for (const DeliveryFuture& one : sent) EXPECT_THAT(cluster.Await(one), IsOk());
  EXPECT_EQ(cluster.broker(2).state(), sim::NodeState::kKilled);
  const PartitionState now = cluster.Partition("t", 0);
  EXPECT_EQ(now.leader, BrokerId(1));
  EXPECT_EQ(now.leader_epoch, LeaderEpoch(0));
  EXPECT_THAT(now.isr, ElementsAre(BrokerId(1), BrokerId(3)));
  EXPECT_THAT(cluster.Replica("t", 0, 2), HasRecordCount(5));
}

TEST(LogDirFailure, ABrokerDoesNotStartOnAFullDiskAndComesBackOnceThereIsRoom) {
  Cluster cluster(ThreeReplicas());
  Producer& producer = cluster.AddProducer("p", {"linger.ms=0"});
  cluster.disk(1).Fill(2 * 10'072 + 3'000);
  const std::vector<DeliveryFuture> sent = SendSome(cluster, producer, 5);
  for (const DeliveryFuture& one : sent) ASSERT_THAT(cluster.Await(one), IsOk());

  cluster.broker(1).Start();
  cluster.RunFor(absl::Seconds(15));
  EXPECT_EQ(cluster.broker(1).state(), sim::NodeState::kKilled);
  EXPECT_THAT(cluster.Partition("t", 0).isr, SizeIs(2));

  cluster.disk(1).Repair();
  cluster.broker(1).Start();
  ASSERT_TRUE(cluster.RunUntil([&] { return cluster.Partition("t", 0).isr.size() == 3; },
                               absl::Seconds(60)));
  EXPECT_THAT(cluster.Replica("t", 0, 1), HasRecordCount(5));
}

// UnifiedLog.maybeHandleIOException: "The log dir is already offline due to a previous IO
// exception".
TEST(LogDirFailure, OtherPartitionsOfTheDirectoryAreRefusedToo) {
  ClusterOptions options;
  options.topics = {{.name = "t", .partitions = 2}};
  options.keep_wire = true;
  options.costs.log_dir_failure = absl::Seconds(1);
  Cluster cluster(std::move(options));
  Producer& producer =
      cluster.AddProducer("p", {"linger.ms=0", "retries=0", "enable.idempotence=false"});
  ASSERT_THAT(cluster.Await(producer.Send({.topic = "t", .partition = 1, .value = "a"})), IsOk());
  cluster.disk(1).Fail({.call = sim::DiskCall::kWrite, .times = 1, .file = "t-0/"});
  EXPECT_THAT(cluster.Await(producer.Send({.topic = "t", .partition = 0, .value = "b"})),
              IsUnknown(With(Error::kKafkaStorageError)));
  EXPECT_THAT(cluster.Await(producer.Send({.topic = "t", .partition = 1, .value = "c"})),
              IsUnknown(With(Error::kKafkaStorageError)));
  Consumer& consumer = cluster.AddConsumer("c");
  consumer.Assign("t", {1});
  EXPECT_THAT(cluster.Await(consumer.Poll(absl::Milliseconds(500))), HasRecordCount(0));
  EXPECT_THAT(cluster.Replica("t", 1, 1), HasRecords("a"));
}

// With flush.messages the append is the sync, too: it has failed, though the records are in the
// log.
TEST(LogDirFailure, ASyncThatFailsRefusesWhatWaitsForIt) {
  ClusterOptions options;
  options.topics = {{.name = "t"}};
  options.topics[0].config = TopicConfig();
  options.topics[0].config->flush_messages = 1;
  Cluster cluster(std::move(options));
  Producer& producer =
      cluster.AddProducer("p", {"linger.ms=0", "retries=0", "enable.idempotence=false"});
  const sim::DiskFault& fault =
      cluster.disk(1).Fail({.call = sim::DiskCall::kSync, .file = "t-0/"});
  EXPECT_THAT(cluster.Await(producer.Send({.topic = "t", .partition = 0, .value = "a"})),
              IsUnknown(With(Error::kKafkaStorageError)));
  EXPECT_EQ(fault.fired(), 1);
  EXPECT_THAT(cluster.Replica("t", 0, 1), HasRecords("a"));
  cluster.RunFor(absl::Seconds(1));
  EXPECT_EQ(cluster.broker(1).state(), sim::NodeState::kKilled);
}

// The thread that writes checkpoints fails the directory as an append does.
TEST(LogDirFailure, ACheckpointThatFindsNoRoomEndsTheBrokerToo) {
  Cluster cluster(ThreeReplicas());
  cluster.disk(3).Fill(0);
  cluster.RunFor(absl::Milliseconds(4'900));
  EXPECT_TRUE(cluster.broker(3).running());
  cluster.RunFor(absl::Milliseconds(500));
  EXPECT_EQ(cluster.broker(3).state(), sim::NodeState::kKilled);
}

// A shutdown that could not be carried out in order leaves no mark that it was.
TEST(LogDirFailure, AShutdownOnAFailingDiskIsNotInOrder) {
  Cluster cluster(ThreeReplicas());
  Producer& producer = cluster.AddProducer("p", {"linger.ms=0"});
  ASSERT_THAT(cluster.Await(producer.Send({.topic = "t", .partition = 0, .value = "a"})), IsOk());
  cluster.disk(1).Fail({.call = sim::DiskCall::kSync, .times = 1, .file = "t-0/0"});
  cluster.ShutDown(1);
  cluster.RunFor(absl::Seconds(5));
  EXPECT_FALSE(cluster.broker(1).alive());
  EXPECT_EQ(cluster.disk(1).Find(".kafka_cleanshutdown"), nullptr);
}

// A kill within the time that a halt takes is not followed by another one.
TEST(LogDirFailure, ABrokerThatWasStartedAnewMeanwhileIsLeftAlone) {
  Cluster cluster(ThreeReplicas());
  Producer& producer = cluster.AddProducer("p", {"linger.ms=0"});
  const sim::DiskFault& fault = cluster.disk(1).Fail({.times = 1, .file = "t-0/"});
  const DeliveryFuture sent = producer.Send({.topic = "t", .partition = 0, .value = "a"});
  ASSERT_TRUE(cluster.RunUntil([&] { return fault.fired() > 0; }, absl::Seconds(5)));
  cluster.RunFor(absl::Milliseconds(100));
  cluster.broker(1).Kill();
  cluster.broker(1).Start();
  cluster.RunFor(absl::Seconds(1));
  EXPECT_TRUE(cluster.broker(1).running());
  EXPECT_THAT(cluster.Await(sent), IsOk());
}

}  // namespace
}  // namespace norn::model
