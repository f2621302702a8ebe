// What Kafka 4.1.1 was seen doing when something breaks between its brokers (recordings 17 to 35,
// told in words beside them), laid beside the model: each test names its recording, and runs over
// seeds. Timers are those of the recordings: session 3 s, heartbeat 500 ms, replica lag 6 s, unless
// said.
#include <algorithm>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "model/cluster.h"
#include "tests/support/matchers.h"

namespace norn::model {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::Ge;
using ::testing::Le;

constexpr const char* kTopic = "t";

class Recording : public ::testing::TestWithParam<uint64_t> {
 protected:
  struct Setting {
    std::vector<std::string> broker = {"broker.session.timeout.ms=3000",
                                       "broker.heartbeat.interval.ms=500",
                                       "replica.lag.time.max.ms=6000"};
    std::vector<std::string> topic = {};
    bool elr = true;
  };
  // A record "w" is written and replicated first.
  Cluster& Start(const Setting& setting) {
    ClusterOptions options;
    options.seed = GetParam();
    options.brokers = 3;
    options.network.link.latency.mean_extra = absl::Microseconds(100);
    options.elr = setting.elr;
    options.keep_wire = true;
    options.trace = sim::TraceSink::kRing;
    options.broker_config =
        BrokerConfig::Parse(BrokerVersion::kKafka41, setting.broker, nullptr).value();
    TopicSpec topic{.name = kTopic, .leaders = {1}, .replicas = 3};
    topic.config = TopicConfig::Parse(options.broker_config, setting.topic, nullptr).value();
    options.topics = {topic};
    cluster_ = std::make_unique<Cluster>(options);
    return *cluster_;
  }
  Producer& AddProducer(const std::string& name, Flavour flavour,
                        const std::vector<std::string>& properties) {
    Producer& producer = cluster_->AddProducer(name, flavour, properties);
    EXPECT_THAT(cluster_->Await(Send(producer, "w")), IsOk());
    cluster_->RunFor(absl::Seconds(1));
    return producer;
  }
  static DeliveryFuture Send(Producer& producer, std::string_view value) {
    return producer.Send({.topic = kTopic, .partition = 0, .value = value});
  }
  // Each Fetch of a follower is answered 50 ms late.
  void SlowFollowers() {
    for (const char* follower : {"b2", "b3"})
      cluster_->faults()
          .On(Api::kFetch)
          .Client(follower)
          .Always()
          .ResponseSent()
          .Delay(absl::Milliseconds(50));
  }
  PartitionState State() { return cluster_->Partition(kTopic, 0); }
  // How long it takes until then; more than `patience` if it does not happen.
  template <class Predicate>
  absl::Duration Until(Predicate predicate, absl::Duration patience = absl::Seconds(60)) {
    const sim::Time begun = cluster_->Now();
    if (!cluster_->RunUntil(predicate, patience)) return absl::InfiniteDuration();
    return cluster_->Now() - begun;
  }
  std::vector<std::string> OnDisk(int32_t broker) {
    return cluster_->Replica(kTopic, 0, broker).values();
  }
  // The codes that Produce requests were answered with, in order.
  std::vector<std::pair<Error, int64_t>> Answers() const {
    std::vector<std::pair<Error, int64_t>> answers;
    for (const WireLog::Frame* frame : cluster_->wire().AtThePort())
      if (!frame->is_request)
        for (const auto& answer : frame->answers)
          answers.emplace_back(answer.error, answer.base_offset.value());
    return answers;
  }
  int64_t Count(Error error) const {
    const auto answers = Answers();
    return std::count_if(answers.begin(), answers.end(),
                         [error](const auto& answer) { return answer.first == error; });
  }

  std::unique_ptr<Cluster> cluster_;
};

INSTANTIATE_TEST_SUITE_P(Seeds, Recording, ::testing::Range<uint64_t>(1, 21));

// With each follower's Fetch answered 50 ms late, one replication wait is some 56 ms, and requests
// of one connection wait one after another, however many are in flight.
TEST_P(Recording, N17AcksAllIsSerialOnAConnection) {
  for (const char* in_flight : {"1", "5"}) {
    Cluster& cluster = Start({});
    SlowFollowers();
    Producer& producer = AddProducer(
        "p", Flavour::kJava41,
        {std::string("max.in.flight.requests.per.connection=") + in_flight, "batch.size=0"});
    const sim::Time begun = cluster.Now();
    const std::string value(100, 'x');
    std::vector<sim::Time> told;
    for (int i = 0; i < 10; ++i)
      producer.Send({.topic = kTopic, .partition = 0, .value = value},
                    [&](const DeliveryReport& report) {
                      EXPECT_THAT(report, IsOk());
                      told.push_back(cluster.Now());
                    });
    cluster.Await(producer.Flush());
    ASSERT_EQ(told.size(), 10u);
    EXPECT_THAT(told.back() - begun,
                AllOf(Ge(absl::Milliseconds(480)), Le(absl::Milliseconds(760))));
    for (size_t i = 1; i < told.size(); ++i)
      EXPECT_THAT(told[i] - told[i - 1],
                  AllOf(Ge(absl::Milliseconds(40)), Le(absl::Milliseconds(110))))
          << i;
  }
}

TEST_P(Recording, N17AcksOneSeesNothingOfTheFollowers) {
  Cluster& cluster = Start({});
  SlowFollowers();
  Producer& producer =
      AddProducer("p", Flavour::kJava41, {"acks=1", "enable.idempotence=false", "batch.size=0"});
  const sim::Time begun = cluster.Now();
  for (int i = 0; i < 10; ++i) Send(producer, "x");
  cluster.Await(producer.Flush());
  EXPECT_LE(cluster.Now() - begun, absl::Milliseconds(80));
}

// Both followers die with `a` on the leader alone, min.insync.replicas=2.
TEST_P(Recording, N19IsrFallsUnderItsMinimumAfterTheAppend) {
  for (const Flavour flavour : {Flavour::kJava41, Flavour::kLibrdkafka216}) {
    Cluster& cluster = Start({.topic = {"min.insync.replicas=2"}});
    const bool java = flavour == Flavour::kJava41;
    Producer& producer = AddProducer(
        "p", flavour,
        java ? std::vector<std::string>{"request.timeout.ms=9000"}
             : std::vector<std::string>{"request.timeout.ms=9000", "enable.idempotence=true"});
    cluster.broker(2).Kill();
    cluster.broker(3).Kill();
    const DeliveryFuture a = Send(producer, "a");
    const absl::Duration shrunk = Until([&] { return State().isr.size() == 1; });
    EXPECT_THAT(shrunk, AllOf(Ge(absl::Milliseconds(2500)), Le(absl::Milliseconds(3700))));
    EXPECT_EQ(State().leader_epoch, LeaderEpoch(0));
    // The parked request is not answered at the shrink; its own timeout ends it, with its offset.
    cluster.RunFor(absl::Seconds(8) - shrunk);
    EXPECT_EQ(Answers().size(), 1u);
    cluster.RunFor(absl::Seconds(4));
    ASSERT_GE(Answers().size(), 2u);
    EXPECT_EQ(Answers()[1], std::make_pair(Error::kRequestTimedOut, int64_t{1}));
    // Retries, of what is in the log already, too, get 19 and no offset, and nothing is appended.
    EXPECT_GE(Count(Error::kNotEnoughReplicas), 2);
    EXPECT_EQ(Count(Error::kNotEnoughReplicasAfterAppend), 0);
    EXPECT_EQ(Answers()[2], std::make_pair(Error::kNotEnoughReplicas, int64_t{-1}));
    EXPECT_EQ(cluster.FindReplica(kTopic, 0, 1)->log().high_watermark(), Offset(1));
    EXPECT_EQ(cluster.FindReplica(kTopic, 0, 1)->log().log_end(), Offset(2));
    cluster.broker(2).Start();
    EXPECT_THAT(cluster.Await(a), IsOk());
    EXPECT_THAT(cluster.Log(kTopic, 0), HasRecords("w", "a"));
  }
}

// librdkafka without idempotence stores it a second time.
TEST_P(Recording, N19WithoutIdempotenceItIsStoredTwice) {
  Cluster& cluster = Start({.topic = {"min.insync.replicas=2"}});
  Producer& producer = AddProducer("p", Flavour::kLibrdkafka216, {"request.timeout.ms=9000"});
  cluster.broker(2).Kill();
  cluster.broker(3).Kill();
  const DeliveryFuture a = Send(producer, "a");
  cluster.RunFor(absl::Seconds(12));
  cluster.broker(2).Start();
  EXPECT_THAT(cluster.Await(a), IsOk());
  EXPECT_THAT(cluster.Log(kTopic, 0), HasRecords("w", "a", "a"));
}

// The ISR is {1}: acks=1 is acknowledged, above a high watermark that stands still.
TEST_P(Recording, N19bAcksOneUnderTheMinimumStaysAboveTheHighWatermark) {
  Cluster& cluster = Start({.topic = {"min.insync.replicas=2"}});
  Producer& producer =
      AddProducer("p", Flavour::kJava41, {"acks=1", "enable.idempotence=false", "linger.ms=0"});
  cluster.broker(2).Kill();
  cluster.broker(3).Kill();
  Until([&] { return State().isr.size() == 1; });
  cluster.RunFor(absl::Seconds(1));
  const DeliveryReport told = cluster.Await(Send(producer, "x"));
  EXPECT_THAT(told, IsOk());
  EXPECT_EQ(told.offset, Offset(1));
  EXPECT_THAT(cluster.Log(kTopic, 0), HasRecords("w"));
  EXPECT_THAT(OnDisk(1), ElementsAre("w", "x"));
  cluster.broker(2).Start();
  Until([&] { return State().isr.size() == 2; });
  cluster.RunFor(absl::Seconds(1));
  EXPECT_THAT(cluster.Log(kTopic, 0), HasRecords("w", "x"));
}

// Broker defaults: session 9 s, heartbeat 2 s. One record every 50 ms.
TEST_P(Recording, N21LeaderKilled) {
  Cluster& cluster = Start({.broker = {}});
  Producer& java = AddProducer("j", Flavour::kJava41, {});
  int64_t acknowledged = 0;
  sim::Time last_told;
  absl::Duration longest = absl::ZeroDuration();
  const auto told = [&](const DeliveryReport& report) {
    EXPECT_THAT(report, IsOk());
    ++acknowledged;
    longest = std::max(longest, cluster.Now() - last_told);
    last_told = cluster.Now();
  };
  last_told = cluster.Now();
  sim::Time killed;
  absl::Duration led;
  for (int i = 0; i < 260; ++i) {
    java.Send({.topic = kTopic, .partition = 0, .value = "x"}, told);
    cluster.RunFor(absl::Milliseconds(50));
    if (i == 20) {
      killed = cluster.Now();
      cluster.broker(1).Kill();
    }
    if (led == absl::ZeroDuration() && State().leader == BrokerId(2)) led = cluster.Now() - killed;
  }
  cluster.Await(java.Flush());
  EXPECT_THAT(led, AllOf(Ge(absl::Milliseconds(6900)), Le(absl::Milliseconds(10'250))));
  EXPECT_EQ(State().leader_epoch, LeaderEpoch(1));
  EXPECT_THAT(State().isr, ElementsAre(BrokerId(2), BrokerId(3)));
  EXPECT_THAT(longest - led, AllOf(Ge(absl::Milliseconds(-60)), Le(absl::Milliseconds(1500))));
  EXPECT_EQ(acknowledged, 260);
  EXPECT_EQ(cluster.Log(kTopic, 0).size(), 261u);
  // No code in any answer: clients saw a closed connection.
  EXPECT_EQ(Count(Error::kNone), static_cast<int64_t>(Answers().size()));
}

// Paused for 6 s: when it wakes it works off what its sockets hold as if it led.
TEST_P(Recording, N21bLeaderPaused) {
  Cluster& cluster = Start({});
  Producer& acks_one =
      AddProducer("r1", Flavour::kLibrdkafka216, {"acks=1", "socket.timeout.ms=10000"});
  cluster.broker(1).Pause();
  const DeliveryFuture lost = Send(acks_one, "lost");
  const absl::Duration led = Until([&] { return State().leader == BrokerId(2); });
  EXPECT_THAT(led, AllOf(Ge(absl::Milliseconds(2400)), Le(absl::Milliseconds(3500))));
  cluster.RunFor(absl::Seconds(6) - led);
  cluster.broker(1).Resume();
  const sim::Time resumed = cluster.Now();
  EXPECT_THAT(cluster.Await(lost), IsOk());
  EXPECT_LE(cluster.Now() - resumed, absl::Milliseconds(420));
  const absl::Duration back = Until([&] { return State().isr.size() == 3; });
  EXPECT_LE(back, absl::Milliseconds(2700));
  cluster.RunFor(absl::Seconds(1));
  EXPECT_THAT(OnDisk(1), ElementsAre("w"));
  EXPECT_THAT(cluster.Log(kTopic, 0), HasRecords("w"));
}

// SIGTERM: leadership is given away first.
TEST_P(Recording, N21cLeaderShutDownInOrder) {
  Cluster& cluster = Start({});
  Producer& java = AddProducer("j", Flavour::kJava41, {});
  sim::Time last_told = cluster.Now();
  absl::Duration longest;
  const sim::Time begun = cluster.Now();
  sim::Time stopped;
  absl::Duration led;
  for (int i = 0; i < 250; ++i) {
    java.Send({.topic = kTopic, .partition = 0, .value = "x"}, [&](const DeliveryReport& report) {
      EXPECT_THAT(report, IsOk());
      longest = std::max(longest, cluster.Now() - last_told);
      last_told = cluster.Now();
    });
    cluster.RunFor(absl::Milliseconds(20));
    if (i == 50) {
      stopped = cluster.Now();
      cluster.ShutDown(1);
    }
    if (i > 50 && led == absl::ZeroDuration() && State().leader == BrokerId(2))
      led = cluster.Now() - stopped;
  }
  cluster.Await(java.Flush());
  EXPECT_LE(led, absl::Milliseconds(330));
  EXPECT_EQ(State().leader_epoch, LeaderEpoch(1));
  EXPECT_LE(longest, absl::Milliseconds(730));
  EXPECT_FALSE(cluster.broker(1).running());
  EXPECT_EQ(cluster.Log(kTopic, 0).size(), 251u);
  EXPECT_GT(cluster.Now(), begun);
  cluster.broker(1).Start();
  EXPECT_LE(Until([&] { return State().isr.size() == 3; }), absl::Seconds(3));
  EXPECT_EQ(State().leader, BrokerId(2));
}

// Once it may go its controller counts it out: no session has to end (23: offline a moment later).
TEST_P(Recording, WhoWasStoppedIsFencedAtOnce) {
  Cluster& cluster = Start({});
  cluster.ShutDown(1);
  Until([&] { return !cluster.broker(1).running(); });
  EXPECT_FALSE(cluster.IsUp(1));
}

// controlled.shutdown.enable=false: it ends, and its session has to.
TEST_P(Recording, WithoutControlledShutdownTheSessionHasToEnd) {
  Cluster& cluster =
      Start({.broker = {"broker.session.timeout.ms=3000", "broker.heartbeat.interval.ms=500",
                        "controlled.shutdown.enable=false"}});
  cluster.ShutDown(1);
  cluster.RunFor(absl::Seconds(1));
  EXPECT_FALSE(cluster.broker(1).running());
  EXPECT_EQ(State().leader, BrokerId(1));
  EXPECT_THAT(Until([&] { return State().leader == BrokerId(2); }), Le(absl::Seconds(3)));
}

// The leader's link to its controller is cut for 9 s.
TEST_P(Recording, N21dZombieLeader) {
  Cluster& cluster = Start({});
  Producer& acks_one =
      AddProducer("j1", Flavour::kJava41, {"acks=1", "enable.idempotence=false", "linger.ms=0"});
  Producer& acks_all = AddProducer("j", Flavour::kJava41, {"request.timeout.ms=3000"});
  cluster.network().Partition({&cluster.broker(1)}, {&cluster.controller()});
  const sim::Time cut = cluster.Now();
  int64_t lost = 0;
  absl::Duration led;
  DeliveryFuture waits;
  while (cluster.Now() - cut < absl::Seconds(9)) {
    const bool is_zombie = State().leader == BrokerId(2);
    if (is_zombie && led == absl::ZeroDuration()) {
      led = cluster.Now() - cut;
      waits = Send(acks_all, "all");
      // Until its followers have heard of it and have left.
      cluster.RunFor(absl::Milliseconds(600));
    }
    const sim::Time sent = cluster.Now();
    EXPECT_THAT(cluster.Await(Send(acks_one, "x")), IsOk());
    EXPECT_LE(cluster.Now() - sent, absl::Milliseconds(50));
    if (is_zombie) ++lost;
    cluster.RunFor(absl::Milliseconds(100));
  }
  EXPECT_THAT(led, AllOf(Ge(absl::Milliseconds(2400)), Le(absl::Milliseconds(3500))));
  // It does not know, whatever the controller has decided.
  EXPECT_EQ(cluster.FindReplica(kTopic, 0, 1)->leader(), BrokerId(1));
  EXPECT_EQ(cluster.FindReplica(kTopic, 0, 1)->isr().size(), 3u);
  cluster.network().Repair({&cluster.broker(1)}, {&cluster.controller()});
  EXPECT_THAT(cluster.Await(waits), IsOk());
  Until([&] { return State().isr.size() == 3; });
  cluster.RunFor(absl::Seconds(1));
  EXPECT_GE(lost, 40);
  const std::vector<std::string> values = cluster.Log(kTopic, 0).values();
  EXPECT_EQ(std::count(values.begin(), values.end(), "all"), 1);
  EXPECT_EQ(OnDisk(1), OnDisk(2));
  EXPECT_EQ(OnDisk(3), OnDisk(2));
}

// The leader's link to its followers is cut, the one to its controller is not: both leave together,
// at the first of the checks every 3 s that finds them 6 s late; a parked request is acknowledged
// then.
TEST_P(Recording, N21eReplicationLinkCut) {
  Cluster& cluster = Start({});
  Producer& java = AddProducer("j", Flavour::kJava41, {"request.timeout.ms=12000"});
  cluster.network().Partition({&cluster.broker(1)}, {&cluster.broker(2), &cluster.broker(3)});
  const sim::Time cut = cluster.Now();
  const DeliveryFuture parked = Send(java, "a");
  size_t smallest = 3;
  Until([&] {
    const size_t isr = State().isr.size();
    EXPECT_NE(isr, 2u) << "one left before the other";
    smallest = std::min(smallest, isr);
    return isr == 1;
  });
  const absl::Duration shrunk = cluster.Now() - cut;
  EXPECT_THAT(shrunk, AllOf(Ge(absl::Milliseconds(5400)), Le(absl::Milliseconds(9300))));
  EXPECT_EQ(State().leader_epoch, LeaderEpoch(0));
  const sim::Time at = cluster.Now();
  EXPECT_THAT(cluster.Await(parked), IsOk());
  EXPECT_LE(cluster.Now() - at, absl::Milliseconds(20));
}

// kafka-semantics A6.3: the table of recording 23.
TEST_P(Recording, N23LastReplicaStanding) {
  for (const bool elr : {true, false}) {
    Cluster& cluster = Start({.topic = {"min.insync.replicas=2"}, .elr = elr});
    Producer& producer = AddProducer("p", Flavour::kLibrdkafka216, {});
    cluster.ShutDown(1);
    Until([&] { return State().leader == BrokerId(2) && !cluster.broker(1).running(); });
    EXPECT_THAT(State().isr, ElementsAre(BrokerId(2), BrokerId(3)));
    EXPECT_THAT(cluster.Await(Send(producer, "a")), IsOk());
    cluster.RunFor(absl::Seconds(1));
    cluster.ShutDown(2);
    Until([&] { return State().leader == BrokerId(3) && !cluster.broker(2).running(); });
    EXPECT_EQ(State().leader_epoch, LeaderEpoch(2));
    EXPECT_EQ(State().elr, elr ? BrokerList{BrokerId(2)} : BrokerList());
    cluster.broker(3).LosePower();
    Until([&] { return State().leader.is_none(); });
    EXPECT_EQ(State().leader_epoch, LeaderEpoch(3));
    EXPECT_EQ(State().isr.size(), elr ? 0u : 1u);
    if (elr) {
      EXPECT_THAT(State().elr, ElementsAre(BrokerId(2), BrokerId(3)));
      EXPECT_THAT(State().last_known_leader, ElementsAre(BrokerId(3)));
    }
    cluster.broker(1).Start();
    cluster.RunFor(absl::Seconds(3));
    EXPECT_TRUE(State().leader.is_none());
    cluster.broker(2).Start();
    cluster.RunFor(absl::Seconds(3));
    EXPECT_EQ(State().leader, elr ? BrokerId(2) : BrokerId::None());
    // What its disk has kept of a is up to chance.
    const int64_t kept = cluster.Replica(kTopic, 0, 3).Count(RecordId(1));
    cluster.broker(3).Start();
    Until([&] { return State().isr.size() == 3; });
    EXPECT_EQ(State().leader_epoch, LeaderEpoch(4));
    EXPECT_EQ(State().leader, elr ? BrokerId(2) : BrokerId(3));
    cluster.RunFor(absl::Seconds(1));
    EXPECT_EQ(cluster.Log(kTopic, 0).Count(RecordId(1)), elr ? 1 : kept) << "a, with elr=" << elr;
  }
}

// The same with kills: the ELR's other member came back unclean, and the last known leader is
// elected.
TEST_P(Recording, N23AnUncleanReturnCostsThePlaceInTheElr) {
  Cluster& cluster = Start({.topic = {"min.insync.replicas=2"}});
  AddProducer("p", Flavour::kLibrdkafka216, {});
  cluster.broker(1).Kill();
  Until([&] { return State().leader == BrokerId(2); });
  cluster.broker(2).Kill();
  Until([&] { return State().leader == BrokerId(3); });
  cluster.broker(3).LosePower();
  Until([&] { return State().leader.is_none(); });
  cluster.broker(1).Start();
  cluster.broker(2).Start();
  cluster.RunFor(absl::Seconds(5));
  EXPECT_TRUE(State().leader.is_none());
  EXPECT_THAT(State().elr, ElementsAre(BrokerId(3)));
  cluster.broker(3).Start();
  Until([&] { return !State().leader.is_none(); });
  EXPECT_EQ(State().leader, BrokerId(3));
  EXPECT_EQ(State().leader_epoch, LeaderEpoch(4));
}

// min.insync.replicas=1: x1 and x2 are on 1 alone, which dies; 2 is started.
TEST_P(Recording, N23bUncleanElection) {
  for (const bool unclean : {true, false}) {
    Cluster& cluster = Start(
        {.topic = {std::string("unclean.leader.election.enable=") + (unclean ? "true" : "false")}});
    Producer& java = AddProducer("j", Flavour::kJava41, {});
    cluster.broker(2).Kill();
    cluster.broker(3).Kill();
    Until([&] { return State().isr.size() == 1; });
    cluster.RunFor(absl::Milliseconds(200));
    EXPECT_THAT(cluster.Await(Send(java, "x1")), IsOk());
    EXPECT_THAT(cluster.Await(Send(java, "x2")), IsOk());
    cluster.broker(1).Kill();
    Until([&] { return State().leader.is_none(); });
    EXPECT_EQ(State().leader_epoch, LeaderEpoch(1));
    if (!unclean) {
      EXPECT_THAT(State().elr, ElementsAre(BrokerId(1)));
      EXPECT_THAT(State().last_known_leader, ElementsAre(BrokerId(1)));
    }
    const DeliveryFuture y = Send(java, "y");
    cluster.broker(2).Start();
    cluster.RunFor(absl::Seconds(2));
    if (!unclean) {
      EXPECT_TRUE(State().leader.is_none());
      cluster.broker(1).Start();
    }
    EXPECT_THAT(cluster.Await(y), IsOk());
    EXPECT_EQ(State().leader_epoch, LeaderEpoch(2));
    if (!unclean) {
      EXPECT_THAT(cluster.Log(kTopic, 0), HasRecords("w", "x1", "x2", "y"));
      continue;
    }
    EXPECT_EQ(Count(Error::kOutOfOrderSequenceNumber), 1);
    const LogView log = cluster.Log(kTopic, 0);
    EXPECT_THAT(log, HasRecords("w", "y"));
    EXPECT_EQ(log.records()[1].producer_epoch, ProducerEpoch(1));
    EXPECT_EQ(log.records()[1].sequence, Sequence(0));
    EXPECT_EQ(log.records()[1].leader_epoch, LeaderEpoch(2));
    cluster.broker(1).Start();
    Until([&] { return State().isr.size() == 2; });
    cluster.RunFor(absl::Seconds(1));
    EXPECT_THAT(OnDisk(1), ElementsAre("w", "y"));
  }
}

// The answer to b is lost, and the leader is killed: the new one recognises b by what it
// replicated.
TEST_P(Recording, N33ARetryIsRecognisedByTheNextLeader) {
  for (const bool java : {true, false}) {
    Cluster& cluster = Start({});
    Producer& producer =
        java ? AddProducer("p", Flavour::kJava41, {})
             : AddProducer("p", Flavour::kLibrdkafka216, {"enable.idempotence=true"});
    EXPECT_THAT(cluster.Await(Send(producer, "a")), IsOk());
    Fault& lost = cluster.faults().On(Api::kProduce).Nth(1).ResponseSent().Drop();
    const DeliveryFuture b = Send(producer, "b");
    Until([&] { return lost.fired() > 0; });
    cluster.broker(1).Kill();
    const DeliveryReport told = cluster.Await(b);
    EXPECT_THAT(told, IsOk());
    EXPECT_EQ(told.offset, Offset(2));
    EXPECT_THAT(cluster.Log(kTopic, 0), HasRecords("w", "a", "b"));
  }
}

// 5,000 records of 1 KB behind: answers carry exactly a mebibyte, cut inside a batch.
TEST_P(Recording, N35CatchUp) {
  Cluster& cluster = Start({});
  Producer& java = AddProducer("j", Flavour::kJava41, {});
  cluster.broker(3).Kill();
  Until([&] { return State().isr.size() == 2; });
  for (int i = 0; i < 5000; ++i)
    java.Send({.topic = kTopic, .partition = 0, .value = Payload::OfSize(1024)});
  cluster.Await(java.Flush());
  cluster.broker(3).Start();
  const absl::Duration back = Until([&] { return State().isr.size() == 3; });
  EXPECT_LE(back, absl::Milliseconds(3100));
  EXPECT_EQ(cluster.Replica(kTopic, 0, 3).size(), 5001u);
}

}  // namespace
}  // namespace norn::model
