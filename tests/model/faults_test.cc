// Faults at the points of a request's life: which requests they strike, and what becomes of them.
#include "model/faults.h"

#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "model/cluster.h"
#include "tests/model/broker/wire_client.h"

namespace norn::model {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;
using ::testing::StartsWith;

class FaultsTest : public ::testing::Test {
 protected:
  FaultsTest()
      : cluster_({.seed = 5,
                  .brokers = 2,
                  .topics = {{.name = "t", .partitions = 2, .leaders = {1}},
                             {.name = "u", .leaders = {1}}}}) {}

  wire::ProduceRequest Produce(int32_t records = 1, int32_t sequence = -1, const char* topic = "t",
                               int32_t partition = 0) {
    RecordSetBuilder builder;
    for (int32_t i = 0; i < records; ++i)
      builder.Append(0, Payload::Null(), Payload::OfSize(100), RecordId(next_record_++));
    RecordBatch batch(builder.Seal());
    if (sequence >= 0) batch.SetProducer(ProducerId(9), ProducerEpoch(0), Sequence(sequence));
    wire::ProduceRequest request;
    request.acks = -1;
    request.timeout_ms = 30000;
    wire::ProduceRequest::Topic named;
    named.name = topic;
    named.topic_id = cluster_.view().FindTopic(topic)->id;
    named.partitions.push_back({PartitionIndex(partition), Records(batch)});
    request.topics.push_back(std::move(named));
    return request;
  }
  // What the broker says of the one partition in the last answer.
  static Error ErrorIn(const ResponseEnvelope& answer) {
    return std::get<wire::ProduceResponse>(answer.body).topics[0].partitions[0].error;
  }
  std::vector<std::string> Stored(const char* topic = "t", int32_t partition = 0) {
    return cluster_.Log(topic, partition).values();
  }

  Cluster cluster_;
  int64_t next_record_ = 0;
};

// --- Corruption. B1: the checksum covers bytes 21 to the end of the batch; whatever lies before is
// found by other checks, or not at all.

// Every byte of a Produce request, one after the other: either its batch is stored as it was sent,
// or in another place, or it is refused, or the connection is closed, or the broker waits for
// bytes.
TEST_F(FaultsTest, EveryByteOfAProduceRequest) {
  const int16_t kVersion = 10;
  const wire::ProduceRequest sample = Produce();
  const int64_t size = wire::RequestFrameSize(sample, kVersion, "norn");
  const int64_t batch_at = size - 1 - 1 - 1 - 170;  // three empty tag sections end the request
  int closed = 0, corrupt = 0, silent = 0, stored = 0;
  for (int64_t at = 0; at < size; ++at) {
    Cluster cluster({.seed = 5, .topics = {{.name = "t", .leaders = {1}}}});
    WireClient client(cluster, "norn");
    client.Send(Api::kProduce, kVersion, sample, {at, 1});
    cluster.RunFor(absl::Seconds(1));
    const bool is_stored = cluster.Log("t", 0).size() == 1;
    closed += client.closed();
    stored += is_stored;
    silent += client.answers().empty() && !client.closed();
    const bool is_answered = !client.answers().empty();
    const Error error = is_answered ? ErrorIn(*client.answers()[0]) : Error::kNone;
    corrupt += error == Error::kCorruptMessage;
    const int64_t in_batch = at - batch_at;
    if (at < 4) {
      // A size that is larger waits for the rest; one that is smaller, or absurd, ends it all.
      EXPECT_FALSE(is_answered) << at;
    } else if (at >= 8 && at < 12) {
      // The correlation id: the broker does not mind, the client will.
      EXPECT_TRUE(is_stored) << at;
      EXPECT_NE(client.answers()[0]->correlation, CorrelationId(1)) << at;
    } else if (in_batch >= 0 && in_batch < 8) {
      EXPECT_EQ(error, Error::kInvalidRecord) << at;  // the base offset of a producer is 0
    } else if (in_batch >= 8 && in_batch < 12) {
      // The batch's own length: too long is no batch, too short has another checksum, negative is
      // absurd.
      EXPECT_TRUE(error == Error::kCorruptMessage || error == Error::kInvalidRecord) << at;
    } else if (in_batch >= 12 && in_batch < 16) {
      EXPECT_TRUE(is_stored) << at;  // the leader writes its own epoch
      EXPECT_EQ(error, Error::kNone) << at;
    } else if (in_batch == 16) {
      EXPECT_EQ(error, Error::kCorruptMessage) << at;  // magic 3
    } else if (in_batch > 16 && in_batch < 170) {
      EXPECT_EQ(error, Error::kCorruptMessage) << at;
      EXPECT_FALSE(is_stored) << at;
    }
    if (is_stored) {
      EXPECT_EQ(cluster.Log("t", 0).records()[0].id, RecordId(0)) << at;
    }
  }
  EXPECT_GE(corrupt, 170 - 17);
  EXPECT_GT(closed, 5);
  EXPECT_GT(silent, 0);
  EXPECT_GT(stored, 8);
}

// The same for its answer, which has no checksum: what can be read is believed.
TEST_F(FaultsTest, EveryByteOfAnAnswer) {
  std::string outcomes;
  for (int64_t at = 0; at < 66; ++at) {
    Cluster cluster({.seed = 5, .topics = {{.name = "t", .leaders = {1}}}});
    Fault& fault = cluster.faults().On(Api::kProduce).ResponseSent().Corrupt(at);
    Producer& producer = cluster.AddProducer(
        "p1", {"linger.ms=0", "request.timeout.ms=1000", "delivery.timeout.ms=2000"});
    const DeliveryFuture sent = producer.Send({.topic = "t", .value = "a"});
    const DeliveryReport report = cluster.Await(sent);
    EXPECT_EQ(fault.fired(), 1) << at;
    // Whatever the producer believes, the log has the record, and once: it is idempotent.
    EXPECT_THAT(cluster.Log("t", 0).values(), ElementsAre("a")) << at;
    outcomes += report.ok() ? report.offset == Offset(0) ? '=' : '@' : '!';
  }
  // An offset that is not the record's is believed.
  EXPECT_THAT(outcomes, HasSubstr("@"));
  EXPECT_THAT(outcomes, HasSubstr("="));
}

TEST_F(FaultsTest, ABatchDamagedOnTheWireIsRefusedAndSentAgain) {
  Fault& fault = cluster_.faults().On(Api::kProduce).RequestSent().Corrupt(-10, 0x80);
  Producer& producer = cluster_.AddProducer("p1", {"linger.ms=0"});
  const DeliveryReport report =
      cluster_.Await(producer.Send({.topic = "t", .partition = 0, .value = Payload::OfSize(100)}));
  EXPECT_EQ(fault.fired(), 1);
  EXPECT_TRUE(report.ok());
  EXPECT_EQ(report.attempts, 2);
  EXPECT_THAT(Stored(), SizeIs(1));
}

// A larger size makes the broker wait for bytes, and swallow what comes next.
TEST_F(FaultsTest, ADamagedSizeSwallowsWhatFollows) {
  WireClient client(cluster_, "norn");
  client.Send(Api::kProduce, 10, Produce(), {2, 0x10});  // 4096 bytes more
  client.Send(Api::kProduce, 10, Produce());
  cluster_.RunFor(absl::Seconds(1));
  EXPECT_THAT(client.answers(), IsEmpty());
  EXPECT_FALSE(client.closed());
  EXPECT_THAT(Stored(), IsEmpty());
  for (int i = 0; i < 40 && !client.closed(); ++i) {
    client.Send(Api::kProduce, 10, Produce());
    cluster_.RunFor(absl::Milliseconds(10));
  }
  // It ended in the middle of a request, whose bytes are no size.
  EXPECT_TRUE(client.closed());
  EXPECT_THAT(client.answers(), IsEmpty());
}

// --- Which requests.

TEST_F(FaultsTest, FiltersLookIntoTheRequest) {
  Faults& faults = cluster_.faults();
  const Fault& topic = faults.On(Api::kProduce)
                           .Topic("u")
                           .RequestReceived()
                           .Always()
                           .Answer(Error::kKafkaStorageError);
  const Fault& partition = faults.On(Api::kProduce)
                               .Topic("t")
                               .Partition(1)
                               .RequestReceived()
                               .Always()
                               .Answer(Error::kNotEnoughReplicas);
  const Fault& sequence = faults.On(Api::kProduce)
                              .SequenceIs(12)
                              .RequestReceived()
                              .Always()
                              .Answer(Error::kRequestTimedOut);
  const Fault& record = faults.On(Api::kProduce)
                            .Carrying([](RecordId id) { return id == RecordId(8); })
                            .RequestReceived()
                            .Always()
                            .Answer(Error::kUnknownServerError);
  WireClient client(cluster_, "norn");
  // By name and by id.
  for (const int16_t version : {10, 13})
    EXPECT_EQ(ErrorIn(client.Ask(Api::kProduce, version, Produce(1, -1, "u"))),
              Error::kKafkaStorageError);
  EXPECT_EQ(ErrorIn(client.Ask(Api::kProduce, 13, Produce(1, -1, "t", 1))),
            Error::kNotEnoughReplicas);
  EXPECT_EQ(ErrorIn(client.Ask(Api::kProduce, 13, Produce(1, 9))), Error::kNone);
  EXPECT_EQ(ErrorIn(client.Ask(Api::kProduce, 13, Produce(3, 10))), Error::kRequestTimedOut);
  EXPECT_EQ(ErrorIn(client.Ask(Api::kProduce, 13, Produce(3))), Error::kUnknownServerError);
  EXPECT_EQ(ErrorIn(client.Ask(Api::kProduce, 13, Produce())), Error::kNone);
  EXPECT_EQ(topic.fired(), 2);
  EXPECT_EQ(partition.fired(), 1);
  EXPECT_EQ(sequence.fired(), 1);
  EXPECT_EQ(record.fired(), 1);
}

// An answer is about what its request was about.
TEST_F(FaultsTest, FiltersKnowWhatIsAnswered) {
  Fault& lost = cluster_.faults().On(Api::kProduce).SequenceIs(1).ResponseSent().Drop();
  WireClient client(cluster_, "norn");
  client.Send(Api::kProduce, 13, Produce(1, 0));
  client.Send(Api::kProduce, 13, Produce(1, 1));
  client.Send(Api::kProduce, 13, Produce(1, 2));
  cluster_.RunFor(absl::Seconds(1));
  EXPECT_EQ(lost.fired(), 1);
  EXPECT_THAT(Stored(), SizeIs(3));
  ASSERT_THAT(client.answers(), SizeIs(2));
  EXPECT_EQ(client.answers()[1]->correlation, CorrelationId(3));
}

TEST_F(FaultsTest, CountFromTheMomentTheyAreAdded) {
  WireClient client(cluster_, "norn");
  client.Ask(Api::kProduce, 13, Produce());
  const Fault& second = cluster_.faults()
                            .On(Api::kProduce)
                            .Nth(2)
                            .RequestReceived()
                            .Answer(Error::kNotEnoughReplicas);
  EXPECT_EQ(ErrorIn(client.Ask(Api::kProduce, 13, Produce())), Error::kNone);
  EXPECT_EQ(ErrorIn(client.Ask(Api::kProduce, 13, Produce())), Error::kNotEnoughReplicas);
  EXPECT_EQ(ErrorIn(client.Ask(Api::kProduce, 13, Produce())), Error::kNone);
  EXPECT_EQ(second.fired(), 1);
}

// --- Answers in the broker's stead.

// As in the recordings 13 and 71: later requests reach the broker while the first is unanswered,
// and their answers wait behind the first one's.
TEST_F(FaultsTest, ABoxAnswersAndLetsTheNextPass) {
  const Fault& fault = cluster_.faults()
                           .On(Api::kProduce)
                           .RequestReceived()
                           .Answer(Error::kNotEnoughReplicas, absl::Milliseconds(300));
  WireClient client(cluster_, "norn");
  const sim::Time sent = cluster_.Now();
  client.Send(Api::kProduce, 13, Produce(1, 0));
  client.Send(Api::kProduce, 13, Produce(1, 1));
  cluster_.RunFor(absl::Milliseconds(100));
  EXPECT_THAT(client.answers(), IsEmpty());
  EXPECT_THAT(Stored(), SizeIs(1));  // an unknown producer may begin anywhere
  cluster_.RunFor(absl::Seconds(1));
  ASSERT_THAT(client.answers(), SizeIs(2));
  EXPECT_EQ(ErrorIn(*client.answers()[0]), Error::kNotEnoughReplicas);
  EXPECT_EQ(ErrorIn(*client.answers()[1]), Error::kNone);
  EXPECT_GE(client.answered_at()[0] - sent, absl::Milliseconds(300));
  EXPECT_LT(client.answered_at()[1] - sent, absl::Milliseconds(302));
  EXPECT_EQ(fault.fired(), 1);
  const auto& refused = std::get<wire::ProduceResponse>(client.answers()[0]->body);
  EXPECT_EQ(refused.topics[0].partitions[0].base_offset, Offset::None());
  EXPECT_EQ(refused.topics[0].partitions[0].log_append_time_ms, -1);
}

// rd_kafka_mock_push_request_errors: the next requests, one error each; then all is well.
TEST_F(FaultsTest, AScriptOfErrors) {
  const Fault& script =
      cluster_.faults()
          .On(Api::kProduce)
          .RequestReceived()
          .AnswerEach({Error::kNotEnoughReplicas, Error::kNone, Error::kNotLeaderOrFollower});
  WireClient client(cluster_, "norn");
  std::vector<Error> errors;
  for (int i = 0; i < 4; ++i) errors.push_back(ErrorIn(client.Ask(Api::kProduce, 13, Produce())));
  EXPECT_THAT(errors, ElementsAre(Error::kNotEnoughReplicas, Error::kNone,
                                  Error::kNotLeaderOrFollower, Error::kNone));
  EXPECT_EQ(script.fired(), 3);
  EXPECT_THAT(Stored(), SizeIs(2));
}

TEST_F(FaultsTest, EveryApiCanBeRefused) {
  for (const Api api : {Api::kMetadata, Api::kInitProducerId, Api::kApiVersions})
    cluster_.faults().On(api).Client("p1").RequestSent().Answer(Error::kUnknownServerError);
  Producer& producer = cluster_.AddProducer("p1", {"linger.ms=0"});
  EXPECT_TRUE(cluster_.Await(producer.Send({.topic = "t", .value = "a"})).attempts >= 0);
  for (const Fault& fault : cluster_.faults().all()) EXPECT_EQ(fault.fired(), 1) << fault.name();
}

// --- Hold, look, release.

TEST_F(FaultsTest, AHeldRequestWaitsWithAllBehindItUntilItIsReleased) {
  Fault& fault = cluster_.faults().On(Api::kProduce).RequestSent().Named("first").Nth(2).Hold();
  Producer& producer = cluster_.AddProducer("p1", {"linger.ms=0", "enable.idempotence=false"});
  cluster_.Await(producer.Send({.topic = "t", .partition = 0, .value = "w"}));
  EXPECT_THAT(cluster_.faults().held(), IsEmpty());
  for (const char* value : {"a", "b"}) {
    producer.Send({.topic = "t", .partition = 0, .value = value});
    cluster_.RunFor(absl::Milliseconds(20));
  }
  cluster_.RunFor(absl::Seconds(1));
  EXPECT_EQ(fault.fired(), 1);
  const std::vector<HeldFrame> held = cluster_.faults().held();
  ASSERT_THAT(held, SizeIs(2));
  for (const HeldFrame& frame : held) {
    EXPECT_EQ(frame.fault, "first");
    EXPECT_TRUE(frame.is_request);
    EXPECT_THAT(frame.what, StartsWith("Produce v13"));
  }
  EXPECT_THAT(Stored(), ElementsAre("w"));
  EXPECT_TRUE(cluster_.faults().Release("first"));
  EXPECT_THAT(cluster_.faults().held(), IsEmpty());
  EXPECT_EQ(cluster_.Await(producer.Flush()), FlushResult::kDone);
  EXPECT_THAT(Stored(), ElementsAre("w", "a", "b"));
}

// A2.6 (a): what was reported as expired may be stored all the same.
TEST_F(FaultsTest, BytesOfAConnectionThatWasGivenUpArriveAfterAll) {
  cluster_.faults().On(Api::kProduce).RequestSent().Named("late").Hold();
  Producer& producer = cluster_.AddProducer(
      "p1", {"linger.ms=0", "request.timeout.ms=1000", "delivery.timeout.ms=1000", "retries=0",
             "enable.idempotence=false"});
  const DeliveryReport report =
      cluster_.Await(producer.Send({.topic = "t", .partition = 0, .value = "a"}));
  EXPECT_FALSE(report.ok());
  EXPECT_THAT(Stored(), IsEmpty());
  cluster_.RunFor(absl::Seconds(1));
  cluster_.faults().Release("late");
  cluster_.RunFor(absl::Seconds(1));
  EXPECT_THAT(Stored(), ElementsAre("a"));
}

TEST_F(FaultsTest, StopReleasesEverything) {
  cluster_.faults().On(Api::kProduce).ResponseSent().Always().Hold();
  Producer& producer = cluster_.AddProducer("p1", {"linger.ms=0"});
  const DeliveryFuture sent = producer.Send({.topic = "t", .value = "a"});
  cluster_.RunFor(absl::Seconds(1));
  EXPECT_FALSE(sent.settled());
  EXPECT_FALSE(cluster_.faults().held()[0].is_request);
  cluster_.faults().Stop();
  EXPECT_TRUE(cluster_.Await(sent).ok());
}

// --- Silence.

TEST_F(FaultsTest, AConnectionFallsSilentFromAFrameOn) {
  Fault& fault = cluster_.faults().On(Api::kProduce).ResponseSent().Silence();
  Producer& producer =
      cluster_.AddProducer("p1", {"linger.ms=0", "request.timeout.ms=2000", "acks=all"});
  const DeliveryReport report = cluster_.Await(producer.Send({.topic = "t", .value = "a"}));
  EXPECT_EQ(fault.fired(), 1);
  // After its request timeout it comes on another connection, and the broker knows it.
  EXPECT_TRUE(report.ok());
  EXPECT_EQ(report.attempts, 2);
  EXPECT_GE(cluster_.Now() - sim::Time::Zero(), absl::Seconds(2));
  EXPECT_THAT(cluster_.Log("t", report.partition.value()).values(), ElementsAre("a"));
}

TEST(FaultRuleTest, WhatCannotBeIsSaid) {
  FaultRule rule;
  rule.action = FaultAction::kHold;
  rule.point = CutPoint::kRequestReceived;
  EXPECT_EQ(Mistake(rule), "'hold' needs a frame under way: request sent, or response sent");
  rule.action = FaultAction::kAnswer;
  EXPECT_EQ(Mistake(rule), "'answer' needs an error");
  rule.answers = {Error::kNotEnoughReplicas};
  EXPECT_EQ(Mistake(rule), "");
  rule.point = CutPoint::kResponseSent;
  EXPECT_THAT(Mistake(rule), HasSubstr("needs a request that nobody has looked at"));
  rule = FaultRule();
  rule.api = Api::kFetch;
  rule.about.sequence = Sequence(3);
  EXPECT_THAT(Mistake(rule), HasSubstr("only Produce carries records"));
  rule = FaultRule();
  rule.action = FaultAction::kCorrupt;
  rule.mask = 0;
  EXPECT_THAT(Mistake(rule), HasSubstr("a mask of 0 flips nothing"));
}

// A frame that has no such byte is left alone, and does not count.
TEST_F(FaultsTest, OnlyFramesThatHaveTheByteAreDamaged) {
  Fault& fault = cluster_.faults().On(Api::kProduce).ResponseSent().Corrupt(1000);
  WireClient client(cluster_, "norn");
  client.Ask(Api::kProduce, 13, Produce());
  EXPECT_EQ(fault.matched(), 0);
}

}  // namespace
}  // namespace norn::model
