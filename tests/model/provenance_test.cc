// Which request put a record into the log: its producer, its connection, its attempt.
#include <string>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "model/cluster.h"
#include "tests/support/matchers.h"

namespace norn::model {
namespace {

using ::testing::HasSubstr;
using ::testing::MatchesRegex;

// The answer to the first request is lost with its connection; without idempotence the record is
// stored by two requests.
class Twice : public ::testing::TestWithParam<Flavour> {};

TEST_P(Twice, EachCopyNamesTheRequestThatBroughtIt) {
  Cluster cluster({.brokers = 3, .topics = {{.name = "t", .replicas = 3}}, .keep_wire = true});
  cluster.faults().On(Api::kProduce).Nth(1).ResponseSent().Reset();
  Producer& producer =
      cluster.AddProducer("p1", GetParam(), {"linger.ms=0", "enable.idempotence=false"});
  EXPECT_THAT(cluster.Await(producer.Send({.topic = "t", .partition = 0, .value = "a"})), IsOk());
  const LogView log = cluster.Log("t", 0);
  ASSERT_EQ(log.size(), 2u);
  std::vector<const WireLog::Frame*> requests;
  for (const WireLog::Frame* frame : cluster.wire().AtThePort())
    if (frame->is_request && frame->api == Api::kProduce) requests.push_back(frame);
  ASSERT_EQ(requests.size(), 2u);
  for (size_t i = 0; i < 2; ++i) {
    const StoredRecord& record = log.records()[i];
    EXPECT_EQ(record.producer, "p1");
    EXPECT_EQ(record.origin.connection, requests[i]->connection);
    EXPECT_EQ(record.origin.request, requests[i]->correlation);
    EXPECT_EQ(record.origin.attempt, static_cast<int32_t>(i) + 1);
  }
  EXPECT_NE(log.records()[0].origin.connection, log.records()[1].origin.connection);
  EXPECT_THAT(Provenance(log.records()[1]),
              MatchesRegex("p1's request [0-9]+ on connection [0-9]+, attempt 2"));
  // A follower has it from its leader, and so do lives to come.
  for (const LogView& replica : cluster.Replicas("t", 0)) {
    ASSERT_EQ(replica.size(), 2u);
    EXPECT_EQ(Provenance(replica.records()[1]), Provenance(log.records()[1]));
  }
  ::testing::StringMatchResultListener said;
  EXPECT_FALSE(HasRecords("a").MatchAndExplain(log, &said));
  EXPECT_THAT(said.str(), HasSubstr("duplicate: @1 \"a\" is record r0 again, first at @0; it came "
                                    "by p1's request "));
  EXPECT_THAT(said.str(), HasSubstr(", attempt 2, the first by p1's request "));
}

INSTANTIATE_TEST_SUITE_P(Flavours, Twice,
                         ::testing::Values(Flavour::kJava41, Flavour::kLibrdkafka216),
                         [](const auto& info) {
                           return info.param == Flavour::kJava41 ? "Java" : "Librdkafka";
                         });

// A duplicate that the broker recognises is not stored, and what is stays the first attempt's.
TEST(Provenance, IsOfTheRequestThatWasAppended) {
  Cluster cluster({.topics = {{"t"}}});
  cluster.faults().On(Api::kProduce).Nth(1).ResponseSent().Reset();
  Producer& producer = cluster.AddProducer("p1", {"linger.ms=0"});
  EXPECT_THAT(cluster.Await(producer.Send({.topic = "t", .partition = 0, .value = "a"})),
              IsOk(AfterAttempts(2)));
  const LogView log = cluster.Log("t", 0);
  ASSERT_EQ(log.size(), 1u);
  EXPECT_EQ(log.records()[0].origin.attempt, 1);
}

// Without a history nobody knows the names; what came by which request is known all the same.
TEST(Provenance, NeedsNoHistory) {
  Cluster cluster({.topics = {{"t"}}, .keep_history = false});
  Producer& producer = cluster.AddProducer("p1", {"linger.ms=0"});
  EXPECT_THAT(cluster.Await(producer.Send({.topic = "t", .partition = 0, .value = "a"})), IsOk());
  const LogView log = cluster.Log("t", 0);
  ASSERT_EQ(log.size(), 1u);
  EXPECT_THAT(Provenance(log.records()[0]),
              MatchesRegex("request [0-9]+ on connection [0-9]+, attempt 1"));
}

}  // namespace
}  // namespace norn::model
