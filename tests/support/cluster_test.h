// A fixture for tests with a Kafka in them: it makes clusters and bare simulations with the test's
// seed, and when the test fails it says what happened last and how to run that seed again.
//
//   TEST_F(ClusterTest, AFlushEndsWhenTheRecordIsStored) {
//     Cluster& cluster = Start({.topics = {{"topic1"}}});
//     Producer& producer = cluster.AddProducer("p1");
//     producer.Send({.topic = "topic1", .value = "Hello Kafka"});
//     cluster.Await(producer.Flush());
//     EXPECT_THAT(cluster.Log("topic1", 0), HasRecords("Hello Kafka"));
//   }
//
// A TEST_F runs once, with seed 1 or the one of --norn_seed. NORN_TEST in norn_test.h runs the same
// fixture over many seeds. A fixture of your own derives from this one and adds words:
//
//   class OutageTest : public ClusterTest {
//    protected:
//     void SetUp() override { Start({.brokers = 3, .topics = {{"t"}}}); }
//     void Crash(int broker) { cluster().broker(broker).Kill(); }
//   };
#ifndef NORN_TESTS_SUPPORT_CLUSTER_TEST_H_
#define NORN_TESTS_SUPPORT_CLUSTER_TEST_H_

#include <cstdint>
#include <memory>
#include <ostream>
#include <string>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "model/cluster.h"
#include "sim/check.h"
#include "sim/simulation.h"
#include "sim/trace.h"
#include "tests/support/matchers.h"

namespace norn {
namespace support_internal {

// How one run of a test goes.
struct RunPlan {
  uint64_t seed = 1;
  sim::TraceSink trace = sim::TraceSink::kRing;
  std::string replay;     // one line
  bool explains = false;  // prints what happened if the test has failed in the end
};

// The plan for fixtures that are made during its life; they read it when they are made, so that a
// fixture needs no constructor that hands it on.
class ScopedPlan {
 public:
  explicit ScopedPlan(RunPlan plan);
  ScopedPlan(const ScopedPlan&) = delete;
  ScopedPlan& operator=(const ScopedPlan&) = delete;
  ~ScopedPlan();

 private:
  RunPlan plan_;
  const RunPlan* before_;
};

class SeedRuns;

// A cluster or a bare simulation that a test started.
struct World {
  std::string name;  // "cluster 1", "simulation 2": in the order in which they were started
  std::unique_ptr<model::Cluster> cluster;
  std::unique_ptr<sim::Simulation> simulation;  // null if there is a cluster

  const sim::Simulation& sim() const { return cluster ? cluster->sim() : *simulation; }
};

}  // namespace support_internal

class ClusterTest : public ::testing::Test {
 public:
  ClusterTest(const ClusterTest&) = delete;
  ClusterTest& operator=(const ClusterTest&) = delete;
  ~ClusterTest() override;

 protected:
  ClusterTest();

  // The seed of this run: every random choice of a test follows from it.
  uint64_t seed() const { return plan_.seed; }

  // A cluster that lives until the end of the test. Its seed is seed(), whatever the options say;
  // it keeps the trace that a failure shows, or more if the options say so.
  model::Cluster& Start(model::ClusterOptions options = {});
  // The same for a world without a Kafka in it.
  sim::Simulation& StartSimulation(sim::Simulation::Options options = {});

  // The cluster started first. REQUIRES: one was started.
  model::Cluster& cluster();

 private:
  friend class support_internal::SeedRuns;  // runs the bodies of NORN_TESTs

  // What NORN_TEST runs: SetUp, the body, TearDown.
  virtual void RunTestBody() {}

  // Says the seed and how to replay when a check fails that is outside of every event.
  class Context : public sim::CheckContext {
   public:
    explicit Context(const ClusterTest& test) : test_(test) {}
    void Explain(std::ostream& os) const override;

   private:
    const ClusterTest& test_;
  };
  // Hears of failed expectations as they happen.
  class Listener;

  // The first call remembers what had happened by then.
  void OnFailure();
  // What happened last in each world: before the first failure, or if there was none until now.
  std::string LastEvents() const;
  std::string LastEventsNow() const;

  support_internal::RunPlan plan_;
  Context context_{*this};
  const sim::CheckContext* context_before_;
  std::unique_ptr<Listener> listener_;
  std::vector<support_internal::World> worlds_;
  std::string events_before_failure_;
};

}  // namespace norn

#endif  // NORN_TESTS_SUPPORT_CLUSTER_TEST_H_
