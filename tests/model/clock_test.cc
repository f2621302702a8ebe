// Machines whose clocks are not right. What Kafka's clients do of it was seen with
// kafka-clients 4.1.1 and librdkafka 2.16.0 under libfaketime (which set CLOCK_REALTIME and left
// CLOCK_MONOTONIC), with delivery.timeout.ms = 12 s and request.timeout.ms = 3 s, in one run each:
//
//   broker away, +20 s after 1 s     J: "Expiring 1 record(s) ...:20997 ms has passed since batch
//                                    creation" 70 ms later; R: _MSG_TIMED_OUT as without the step
//   broker away, -10 s after 1 s     J: "...:12003 ms has passed" after 22.1 s
//   answer lost, +20 s after 1 s     J: TimeoutException "Disconnected from node 1 due to timeout"
//   at
//                                    3.3 s, when the sender's select() returns; at once if send()
//                                    of another record wakes it, which is stored with a timestamp
//                                    20 s ahead
//   answer lost, -10 s after 1 s     J: the connection is closed after 13.0 s, not 3
//
// In the classes of kafka-clients 4.1.1 (javap) whatever waits asks Time.milliseconds(), the wall
// clock: NetworkClient, Sender, RecordAccumulator, Metadata, and Timer, which the consumer's poll()
// is measured by. By nanoTime go BufferPool (the wait for memory), Thread.join() in close() and the
// Selector's idle connections.
#include <cstdint>
#include <string>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "model/cluster.h"
#include "model/wall_clock.h"
#include "tests/support/matchers.h"

namespace norn::model {
namespace {

using ::testing::HasSubstr;

constexpr absl::Duration Ms(int64_t n) { return absl::Milliseconds(n); }

const std::vector<std::string> kScaled = {"linger.ms=0", "request.timeout.ms=3000",
                                          "delivery.timeout.ms=12000"};

// A record of p is on its way, or waits for a broker that is away, since a second.
struct World {
  explicit World(bool answers_are_lost = false, ClusterOptions options = Options())
      : cluster(std::move(options)), p(cluster.AddProducer("p", kScaled)) {
    EXPECT_THAT(cluster.Await(p.Send({.topic = "t", .partition = 0, .value = "warm"})), IsOk());
    if (answers_are_lost) {
      cluster.faults().On(Api::kProduce).Always().ResponseSent().Drop();
    } else {
      cluster.broker(1).Kill();
    }
    begun = cluster.Now();
    cluster.RunFor(Ms(1));
    a = p.Send({.topic = "t", .partition = 0, .value = "a"});
    cluster.RunFor(Ms(1000));
  }
  static ClusterOptions Options() { return {.topics = {{"t"}}}; }
  absl::Duration SinceBegun() const { return cluster.Now() - begun; }

  Cluster cluster;
  Producer& p;
  sim::Time begun;
  DeliveryFuture a;
};

TEST(Clock, AStepForwardExpiresJavasBatchesAtTheNextLook) {
  World world;
  world.cluster.client("p").StepClock(absl::Seconds(20));
  const DeliveryReport report = world.cluster.Await(world.a);
  EXPECT_EQ(report.client_error, ClientError::kTimeout);
  EXPECT_THAT(report.message, HasSubstr(" ms has passed since batch creation"));
  EXPECT_THAT(report.message, HasSubstr("Expiring 1 record(s) for t-0:2"));
  EXPECT_LE(world.SinceBegun(), Ms(2300));  // it looks whenever a back-off ends
}

TEST(Clock, AStepBackDelaysIt) {
  World world;
  world.cluster.client("p").StepClock(absl::Seconds(-10));
  EXPECT_THAT(world.cluster.Await(world.a), HasFailed());
  EXPECT_GE(world.SinceBegun(), Ms(22'000));
  EXPECT_LE(world.SinceBegun(), Ms(22'100));
}

TEST(Clock, ASenderThatSleepsDoesNotSeeAStep) {
  World world(/*answers_are_lost=*/true);
  world.cluster.client("p").StepClock(absl::Seconds(20));
  EXPECT_THAT(world.cluster.Await(world.a), IsUnknown());
  EXPECT_GE(world.SinceBegun(), Ms(2'990));
  EXPECT_LE(world.SinceBegun(), Ms(3'100));
}

TEST(Clock, AnotherRecordWakesItAndIsStampedByTheNewTime) {
  World world(/*answers_are_lost=*/true);
  world.cluster.client("p").StepClock(absl::Seconds(20));
  world.cluster.RunFor(Ms(500));
  world.p.Send({.topic = "t", .partition = 0, .value = "b"});
  EXPECT_THAT(world.cluster.Await(world.a), IsUnknown());
  EXPECT_LE(world.SinceBegun(), Ms(1'520));
  world.cluster.RunFor(Ms(1'000));
  const std::vector<StoredRecord> records = world.cluster.Log("t", 0).records();
  ASSERT_GE(records.size(), 3u);
  EXPECT_EQ(records[2].value, "b");
  EXPECT_GE(records[2].timestamp_ms - records[1].timestamp_ms, 21'490);
  EXPECT_LE(records[2].timestamp_ms - records[1].timestamp_ms, 21'510);
}

// Overdue after 13 s, by the wall; the thread looks each request.timeout.ms, 3 s.
TEST(Clock, AStepBackDelaysTheTimeoutOfARequest) {
  World world(/*answers_are_lost=*/true);
  world.cluster.client("p").StepClock(absl::Seconds(-10));
  ASSERT_TRUE(world.cluster.RunUntil(
      [&] { return world.p.connection(BrokerId(1)) != ConnectionState::kReady; }, Ms(60'000)));
  EXPECT_GE(world.SinceBegun(), Ms(15'000));
  EXPECT_LE(world.SinceBegun(), Ms(15'100));
}

TEST(Clock, LibrdkafkaIsNotMovedByASteppedClock) {
  const auto reported_after = [](absl::Duration step) {
    Cluster cluster({.topics = {{"t"}}});
    Producer& p = cluster.AddProducer("p", Flavour::kLibrdkafka216, {"message.timeout.ms=12000"});
    EXPECT_THAT(cluster.Await(p.Send({.topic = "t", .partition = 0, .value = "warm"})), IsOk());
    cluster.broker(1).Kill();
    cluster.RunFor(Ms(1));
    const DeliveryFuture a = p.Send({.topic = "t", .partition = 0, .value = "a"});
    cluster.RunFor(Ms(1000));
    cluster.client("p").StepClock(step);
    EXPECT_THAT(cluster.Await(a), HasFailed());
    return cluster.Now();
  };
  EXPECT_EQ(reported_after(absl::Seconds(20)), reported_after(absl::ZeroDuration()));
}

TEST(Clock, RecordsCarryTheTimeOfTheirProducersClock) {
  for (const Flavour flavour : {Flavour::kJava41, Flavour::kLibrdkafka216}) {
    Cluster cluster({.topics = {{"t"}}, .clocks = {{"p", {.offset = absl::Seconds(-5)}}}});
    Producer& p = cluster.AddProducer("p", flavour);
    const sim::Time sent = cluster.Now();
    EXPECT_THAT(cluster.Await(p.Send({.topic = "t", .partition = 0, .value = "a"})), IsOk());
    const int64_t stamped = cluster.Log("t", 0).records()[0].timestamp_ms;
    EXPECT_GE(stamped, WallMillis(sent) - 5000);
    EXPECT_LE(stamped, WallMillis(cluster.Now()) - 5000);
  }
}

// A clock that is wrong from the begin changes what is stamped, and no wait.
TEST(Clock, AnOffsetAloneChangesNoEvent) {
  const auto run = [](absl::Duration offset) {
    ClusterOptions options;
    options.topics = {{"t"}};
    options.clocks = {{"p", {.offset = offset}}};
    World world(/*answers_are_lost=*/false, std::move(options));
    EXPECT_THAT(world.cluster.Await(world.a), HasFailed());
    return world.cluster.Now();
  };
  const sim::Time exact = run(absl::ZeroDuration());
  EXPECT_EQ(run(absl::Hours(-24)), exact);
  EXPECT_EQ(run(absl::Minutes(30)), exact);
}

// 10 % fast: twelve of its seconds are 10.9 true ones.
TEST(Clock, AFastClockShortensWhatJavaWaitsFor) {
  ClusterOptions options = World::Options();
  options.clocks = {{"p", {.drift_ppm = 100'000}}};
  World world(/*answers_are_lost=*/false, std::move(options));
  EXPECT_THAT(world.cluster.Await(world.a), HasFailed());
  EXPECT_GE(world.SinceBegun(), Ms(10'900));
  EXPECT_LE(world.SinceBegun(), Ms(10'950));
}

// The wait for metadata goes by the wall clock, that for memory does not (BufferPool.allocate).
TEST(Clock, AStepBackLengthensTheWaitForMetadataAndNotThatForMemory) {
  const auto blocked = [](const char* topic, std::vector<std::string> more, bool fill) {
    Cluster cluster({.topics = {{"t"}}});
    more.insert(more.end(), {"linger.ms=0", "max.block.ms=5000"});
    Producer& p = cluster.AddProducer("p", more);
    EXPECT_THAT(cluster.Await(p.Send({.topic = "t", .partition = 0, .value = "warm"})), IsOk());
    cluster.broker(1).Kill();
    cluster.RunFor(Ms(10));
    if (fill) p.Send({.topic = "t", .partition = 0, .value = Payload::OfSize(900)});
    const sim::Time begun = cluster.Now();
    const DeliveryFuture sent =
        p.Send({.topic = topic, .partition = 0, .value = Payload::OfSize(900)});
    cluster.RunFor(Ms(1000));
    cluster.client("p").StepClock(absl::Seconds(-3));
    EXPECT_THAT(cluster.Await(sent), HasFailed());
    return cluster.Now() - begun;
  };
  EXPECT_EQ(blocked("nowhere", {}, false), Ms(8'000));
  EXPECT_EQ(blocked("t", {"batch.size=1000", "buffer.memory=1500"}, true), Ms(5'000));
}

// org.apache.kafka.common.utils.Timer asks milliseconds() and never goes back.
TEST(Clock, APollLastsAsLongAsTheWallClockSays) {
  for (const int64_t step : {-2, 2}) {
    Cluster cluster({.topics = {{"t"}}});
    Consumer& c = cluster.AddConsumer("c");
    c.Assign("t", {0});
    cluster.Await(c.Poll(Ms(500)));
    const sim::Time begun = cluster.Now();
    const auto polled = c.Poll(Ms(5000));
    cluster.RunFor(Ms(1000));
    cluster.client("c").StepClock(absl::Seconds(step));
    EXPECT_THAT(cluster.Await(polled), HasRecordCount(0));
    const absl::Duration took = cluster.Now() - begun;
    EXPECT_GE(took, Ms(5000 - 1000 * step)) << step;
    EXPECT_LE(took, Ms(5000 - 1000 * step + 510)) << step;  // a fetch waits 500 ms
  }
}

TEST(Clock, ALeaderStampsLogAppendTimeByItsOwnClock) {
  ClusterOptions options;
  options.topics = {{"t"}};
  options.topics[0].config = TopicConfig();
  options.topics[0].config->log_append_time = true;
  options.clocks = {{"b1", {.offset = absl::Seconds(7)}}};
  Cluster cluster(std::move(options));
  Producer& p = cluster.AddProducer("p", {"linger.ms=0"});
  EXPECT_THAT(cluster.Await(p.Send({.topic = "t", .partition = 0, .value = "a"})), IsOk());
  const int64_t stamped = cluster.Log("t", 0).records()[0].timestamp_ms;
  EXPECT_GE(stamped, WallMillis(sim::Time::Zero()) + 7000);
  EXPECT_LE(stamped, WallMillis(cluster.Now()) + 7000);
}

// KIP-937: message.timestamp.after.max.ms is an hour, by the leader's clock.
TEST(Clock, AProducerTwoHoursAheadIsRefusedAndOneWithItsLeaderIsNot) {
  for (const bool leader_too : {false, true}) {
    ClusterOptions options;
    options.topics = {{"t"}};
    options.clocks = {{"p", {.offset = absl::Hours(2)}}};
    if (leader_too) options.clocks["b1"] = {.offset = absl::Hours(2)};
    Cluster cluster(std::move(options));
    Producer& p = cluster.AddProducer("p", {"linger.ms=0"});
    const DeliveryFuture a = p.Send({.topic = "t", .partition = 0, .value = "a"});
    if (leader_too) {
      EXPECT_THAT(cluster.Await(a), IsOk());
    } else {
      EXPECT_THAT(cluster.Await(a), HasFailed(With(Error::kInvalidTimestamp)));
    }
  }
}

// Partition.isFollowerOutOfSync compares wall times: a leader that is set forward takes a follower
// that is a little behind for one that has lagged for ever.
TEST(Clock, ALeaderThatIsSetForwardDropsAFollowerThatIsBehind) {
  for (const bool stepped : {false, true}) {
    ClusterOptions options;
    options.brokers = 3;
    options.topics = {{.name = "t", .replicas = 3}};
    Cluster cluster(std::move(options));
    Producer& p = cluster.AddProducer("p", {"linger.ms=0", "acks=1"});
    EXPECT_THAT(cluster.Await(p.Send({.topic = "t", .partition = 0, .value = "a"})), IsOk());
    cluster.RunFor(absl::Seconds(13));
    // Two seconds before the leader looks, which it does every 15 s.
    cluster.broker(3).Pause();
    EXPECT_THAT(cluster.Await(p.Send({.topic = "t", .partition = 0, .value = "b"})), IsOk());
    if (stepped) cluster.broker(1).StepClock(absl::Minutes(1));
    cluster.RunFor(absl::Seconds(4));
    EXPECT_EQ(cluster.Partition("t", 0).isr.size(), stepped ? 2u : 3u);
  }
}

}  // namespace
}  // namespace norn::model
