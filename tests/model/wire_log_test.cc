#include "model/wire_log.h"

#include <string>
#include <vector>

#include "absl/time/time.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "model/cluster.h"

namespace norn::model {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;
using Frame = WireLog::Frame;

ClusterOptions WithWire() {
  ClusterOptions options;
  options.topics = {{"t"}};
  options.keep_wire = true;
  return options;
}

std::vector<const Frame*> Produces(Cluster& cluster, bool requests) {
  std::vector<const Frame*> frames;
  for (const Frame* frame : cluster.wire().AtThePort())
    if (frame->api == Api::kProduce && frame->is_request == requests) frames.push_back(frame);
  return frames;
}

void SendOne(Cluster& cluster) {
  Producer& producer = cluster.AddProducer("p1", {"linger.ms=0"});
  cluster.Await(producer.Send({.topic = "t", .value = "0123456789"}));
}

TEST(WireLog, HoldsWhatWentOver) {
  Cluster cluster(WithWire());
  SendOne(cluster);
  const auto requests = Produces(cluster, true);
  ASSERT_EQ(requests.size(), 1u);
  EXPECT_EQ(requests[0]->client, "p1");
  EXPECT_EQ(requests[0]->broker, BrokerId(1));
  EXPECT_EQ(requests[0]->version, 13);
  EXPECT_EQ(requests[0]->act, "");
  ASSERT_EQ(requests[0]->batches.size(), 1u);
  const WireLog::Batch& batch = requests[0]->batches[0];
  EXPECT_EQ(batch.topic, "t");
  EXPECT_EQ(batch.records, 1);
  EXPECT_EQ(batch.sequence, Sequence(0));
  EXPECT_EQ(batch.bytes, 78);
  EXPECT_THAT(batch.ids, ElementsAre(RecordId(0)));
  const auto answers = Produces(cluster, false);
  ASSERT_EQ(answers.size(), 1u);
  ASSERT_EQ(answers[0]->answers.size(), 1u);
  EXPECT_EQ(answers[0]->answers[0].error, Error::kNone);
  EXPECT_EQ(answers[0]->answers[0].base_offset, Offset(0));
  // A request passes the port after it was sent, an answer when it is sent.
  EXPECT_GT(requests[0]->at, requests[0]->sent);
  EXPECT_EQ(answers[0]->at, answers[0]->sent);
}

TEST(WireLog, SaysWhatAFaultDid) {
  Cluster cluster(WithWire());
  cluster.faults().On(Api::kProduce).Nth(1).RequestSent().Reset();
  cluster.faults().On(Api::kProduce).Nth(1).RequestReceived().Reset();
  cluster.faults().On(Api::kProduce).Nth(1).ResponseSent().Delay(absl::Seconds(1));
  SendOne(cluster);
  std::vector<std::string> acts;
  for (const Frame* frame : Produces(cluster, true)) acts.emplace_back(frame->act);
  EXPECT_THAT(acts, ElementsAre("rst", "rst", ""));
  ASSERT_EQ(Produces(cluster, false).size(), 1u);
  EXPECT_EQ(Produces(cluster, false)[0]->act, "delay");
}

// A request that is cut reaches the port in part; one that is lost on its way does not.
TEST(WireLog, HasWhatWasCutAndNotWhatWasLost) {
  Cluster cluster(WithWire());
  Producer& producer = cluster.AddProducer("p1", {"linger.ms=0", "request.timeout.ms=1000"});
  cluster.Await(producer.Send({.topic = "t", .value = "warm"}));
  cluster.faults().On(Api::kProduce).Nth(1).RequestSent().CutAfter(10);
  cluster.Await(producer.Send({.topic = "t", .value = "a"}));
  EXPECT_EQ(Produces(cluster, true).size(), 3u);
  EXPECT_EQ(Produces(cluster, true)[1]->act, "cut");

  cluster.network().Cut(cluster.client("p1"), cluster.broker(1));
  producer.Send({.topic = "t", .value = "b"});
  cluster.RunFor(absl::Milliseconds(100));
  EXPECT_EQ(Produces(cluster, true).size(), 3u);
  EXPECT_EQ(cluster.wire().frames().back().at, sim::Time::Max());
}

TEST(WireLog, HearsOfConnectionsTakenAndRefused) {
  Cluster cluster(WithWire());
  cluster.network().Refuse(cluster.broker(1));
  cluster.AddProducer("p1");
  cluster.RunFor(absl::Milliseconds(10));
  ASSERT_FALSE(cluster.wire().connects().empty());
  EXPECT_FALSE(cluster.wire().connects()[0].taken);
  cluster.network().Refuse(cluster.broker(1), false);
  cluster.RunFor(absl::Seconds(2));
  EXPECT_TRUE(cluster.wire().connects().back().taken);
}

TEST(WireLog, ChangesNothingAndIsOnlyKeptWhenAskedFor) {
  Cluster with(WithWire());
  ClusterOptions options = WithWire();
  options.keep_wire = false;
  Cluster without(options);
  SendOne(with);
  SendOne(without);
  EXPECT_EQ(with.run_digest(), without.run_digest());
  EXPECT_THAT(without.wire().frames(), IsEmpty());
}

// As a proxy does: with the client its own way to the broker is gone, and what the broker says
// there later nobody sees.
TEST(WireLog, WhatIsSaidToAClientThatLeftIsNotSeen) {
  Cluster cluster(WithWire());
  Producer& producer =
      cluster.AddProducer("p1", {"request.timeout.ms=3000", "delivery.timeout.ms=20000"});
  cluster.Await(producer.Send({.topic = "t", .value = "0123456789"}));
  cluster.broker(1).Pause();
  producer.Send({.topic = "t", .value = "0123456789"});
  cluster.RunFor(absl::Milliseconds(3200));
  ASSERT_EQ(producer.connection(BrokerId(1)), ConnectionState::kDisconnected);
  producer.Close(absl::ZeroDuration());
  cluster.broker(1).Resume();
  cluster.RunFor(absl::Seconds(1));
  EXPECT_EQ(Produces(cluster, true).size(), 2u);
  EXPECT_EQ(Produces(cluster, false).size(), 1u);
  EXPECT_THAT(cluster.Log("t", 0).records(), SizeIs(2));
}

}  // namespace
}  // namespace norn::model
