#include "tests/support/story_difference.h"

#include <memory>
#include <string>
#include <string_view>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/support/cluster_test.h"

namespace norn::support_internal {
namespace {

using model::Cluster;
using model::Producer;
using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

class StoryDifferenceTest : public ClusterTest {
 protected:
  // A cluster to which the value was sent, and acknowledged.
  Cluster& After(std::string_view value) {
    Cluster& cluster = Start({.topics = {{"topic1"}}});
    Producer& producer = cluster.AddProducer("p1");
    cluster.Await(producer.Send({.topic = "topic1", .key = "k", .value = value}));
    return cluster;
  }
};

TEST_F(StoryDifferenceTest, IsNoneBetweenEqualStories) {
  Cluster& a = After("hello");
  Cluster& b = After("hello");
  EXPECT_EQ(FullStoryDigest(a), FullStoryDigest(b));
  EXPECT_THAT(DescribeStoryDifference(a, b), IsEmpty());
}

TEST_F(StoryDifferenceTest, IsFoundInContentsThatMoveNoEvent) {
  Cluster& a = After("hello");
  Cluster& b = After("hullo");
  EXPECT_EQ(a.run_digest(), b.run_digest());
  EXPECT_NE(FullStoryDigest(a), FullStoryDigest(b));
  EXPECT_THAT(DescribeStoryDifference(a, b),
              AllOf(HasSubstr("p1 sent r0 to topic1, key \"k\", value \"hello\": ok p0 @0"),
                    HasSubstr("p1 sent r0 to topic1, key \"k\", value \"hullo\": ok p0 @0")));
}

TEST_F(StoryDifferenceTest, IsFoundInLogs) {
  // Nothing is known of what the clients of these two sent.
  Cluster& a = Start({.topics = {{"topic1"}}, .keep_history = false});
  Cluster& b = Start({.topics = {{"topic1"}}, .keep_history = false});
  Producer& producer = a.AddProducer("p1");
  a.Await(producer.Send({.topic = "topic1", .value = "hello"}));
  EXPECT_NE(FullStoryDigest(a), FullStoryDigest(b));
  EXPECT_THAT(DescribeStoryDifference(a, b), HasSubstr("topic1-0: @0 \"hello\""));
}

}  // namespace
}  // namespace norn::support_internal
