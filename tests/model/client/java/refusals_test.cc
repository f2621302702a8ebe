// What becomes of records that a broker refuses; the number in a comment is a recording's.
#include <memory>
#include <string>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "model/cluster.h"
#include "tests/support/delivery_matchers.h"

namespace norn::model {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

// Two hours ahead of a run that begins with 2025.
constexpr int64_t kAhead = 1735689600000 + 7'200'000;

// 123, KIP-467: the broker names the record, and only that one fails for what it is.
TEST(Refusals, OfABatchTheRecordThatIsWrongIsNamed) {
  Cluster cluster({.topics = {{"t"}}});
  Producer& producer = cluster.AddProducer("p1", {"linger.ms=300"});
  std::vector<DeliveryFuture> sent;
  std::vector<std::string> told;
  for (const char* value : {"a", "b", "c"}) {
    ProducerRecord record{.topic = "t", .partition = 0, .value = value};
    if (std::string(value) == "b") record.timestamp_ms = kAhead;
    sent.push_back(producer.Send(record, [&told](const DeliveryReport& report) {
      told.push_back(std::string(ErrorName(report)));
    }));
  }
  const auto of = [&](int i) { return *cluster.AwaitFor(sent[i], absl::Seconds(5)); };
  EXPECT_EQ(ErrorName(of(1)), "InvalidTimestampException");
  EXPECT_THAT(of(1).message, HasSubstr("of message with offset 1 is out of range"));
  EXPECT_EQ(ErrorName(of(0)), "KafkaException");
  EXPECT_EQ(of(0).message,
            "Failed to append record because it was part of a batch which had one more more "
            "invalid records");
  EXPECT_EQ(ErrorName(of(2)), "KafkaException");
  EXPECT_THAT(told, ElementsAre("KafkaException", "InvalidTimestampException", "KafkaException"));
  EXPECT_TRUE(cluster.Log("t", 0).values().empty());
}

// Several make the exception the one of invalid records.
TEST(Refusals, SeveralRecordsOfABatchAreInvalid) {
  Cluster cluster({.topics = {{"t"}}});
  Producer& producer = cluster.AddProducer("p1", {"linger.ms=300"});
  std::vector<DeliveryFuture> sent;
  for (int i = 0; i < 2; ++i)
    sent.push_back(
        producer.Send({.topic = "t", .partition = 0, .value = "v", .timestamp_ms = kAhead}));
  for (const DeliveryFuture& one : sent)
    EXPECT_EQ(ErrorName(*cluster.AwaitFor(one, absl::Seconds(5))), "InvalidRecordException");
}

// 127: what waits for the id fails, and the producer asks again.
TEST(Refusals, AProducerIdThatIsRefusedFailsOnlyWhatWaits) {
  for (const auto& [error, name] :
       {std::pair(Error::kClusterAuthorizationFailed, "ClusterAuthorizationException"),
        std::pair(Error::kTransactionalIdAuthorizationFailed,
                  "TransactionalIdAuthorizationException")}) {
    Cluster cluster({.topics = {{"t"}}});
    auto first = [&] { return cluster.faults().On(Api::kInitProducerId).Nth(1); };
    first().RequestSent().Delay(absl::Milliseconds(1500));
    first().ResponseSent().Corrupt(14, static_cast<uint8_t>(error));
    Producer& producer = cluster.AddProducer("p1", {});
    const auto send = [&](const char* value) {
      return *cluster.AwaitFor(producer.Send({.topic = "t", .partition = 0, .value = value}),
                               absl::Seconds(10));
    };
    EXPECT_EQ(ErrorName(send("a")), name);
    EXPECT_THAT(send("b"), IsOk(At(0)));
  }
}

}  // namespace
}  // namespace norn::model
