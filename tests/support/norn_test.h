// NORN_TEST(Suite, Name) is a GoogleTest that runs its body with many seeds, and each seed twice:
// both runs must be the same, event for event.
//
//   NORN_TEST(LostAnswer, IsStoredOnce) {
//     Cluster& cluster = Start({.topics = {{"topic1"}}});
//     cluster.faults().On(Api::kProduce).Nth(1).ResponseSent().Drop();
//     Producer& producer = cluster.AddProducer("p1");
//     EXPECT_THAT(cluster.Await(producer.Send({.topic = "topic1", .value = "a"})), IsOk());
//     EXPECT_THAT(cluster.Log("topic1", 0), HasRecords("a"));
//   }
//
// The body is a member of ClusterTest (cluster_test.h): seed(), Start() and StartSimulation() are
// its. NORN_TEST_F(Fixture, Name) is the same with a fixture of yours that derives from
// ClusterTest; one fixture serves TEST_F and NORN_TEST_F side by side.
//
// Of the first seed that fails, what failed is followed by what happened last and the command that
// runs that seed again; where two runs of a seed differ, the first event that differs is named,
// with what led to it. Later seeds are not tried. replay.h has the flags. In Bazel the test depends
// on //tests/support:norn_test, which brings a main() that reads them.
//
// Compared are the worlds made with Start and StartSimulation: their run digests, what clients saw
// and what the logs hold in the end. Not seen are worlds made otherwise, and what differs only from
// one process to the next: for that compare --norn_digests of two processes.
#ifndef NORN_TESTS_SUPPORT_NORN_TEST_H_
#define NORN_TESTS_SUPPORT_NORN_TEST_H_

#include <memory>

#include "gtest/gtest.h"
#include "tests/support/cluster_test.h"

#define NORN_TEST(Suite, Name) NORN_TEST_(Suite, Name, ::norn::ClusterTest, ::testing::Test)
#define NORN_TEST_F(Fixture, Name) NORN_TEST_(Fixture, Name, Fixture, Fixture)

namespace norn::support_internal {

using MakeBody = std::unique_ptr<ClusterTest> (*)();
// Runs the bodies that `make` makes, one for each run; file and line are the test's.
void RunSeeds(MakeBody make, const char* file, int line);

// What GoogleTest runs: all seeds, and nothing of the fixture's own. The fixture is its base only
// so that GoogleTest sees the tests of one suite use one fixture.
template <class Fixture, class Body>
class SeededTest : public Fixture {
 public:
  static Fixture* New(const char* file, int line) {
    const ScopedPlan silent(RunPlan{});
    return new SeededTest(file, line);
  }

 private:
  SeededTest(const char* file, int line) : file_(file), line_(line) {}
  void SetUp() override {}
  void TearDown() override {}
  void TestBody() override {
    RunSeeds([]() -> std::unique_ptr<ClusterTest> { return std::make_unique<Body>(); }, file_,
             line_);
  }

  const char* file_;
  int line_;
};

}  // namespace norn::support_internal

// `Registered` is the fixture GoogleTest is told of.
#define NORN_TEST_(Suite, Name, Fixture, Registered)                                              \
  class Suite##_##Name##_NornTest : public Fixture {                                              \
   private:                                                                                       \
    void TestBody() override;                                                                     \
    void RunTestBody() override { TestBody(); }                                                   \
    static ::testing::TestInfo* const registered_;                                                \
  };                                                                                              \
  ::testing::TestInfo* const Suite##_##Name##_NornTest::registered_ = ::testing::RegisterTest(    \
      #Suite, #Name, nullptr, nullptr, __FILE__, __LINE__, []() -> Registered* {                  \
        using Test = ::norn::support_internal::SeededTest<Registered, Suite##_##Name##_NornTest>; \
        return Test::New(__FILE__, __LINE__);                                                     \
      });                                                                                         \
  void Suite##_##Name##_NornTest::TestBody()

#endif  // NORN_TESTS_SUPPORT_NORN_TEST_H_
