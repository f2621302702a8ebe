// A Java consumer and records that were damaged on their way, as kafka-clients 4.1.1 was seen to
// behave behind a proxy that flipped a bit of the first Fetch answer: three batches of one record
// of 20 bytes, and a byte of the answer by its place in the first or second of them.
#include <memory>
#include <string>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "model/cluster.h"

namespace norn::model {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::StartsWith;

class DamagedRecords : public ::testing::Test {
 protected:
  static constexpr int64_t kBatch = 88;
  // Behind the records the answer has three bytes.
  static int64_t PlaceIn(int batch, int64_t byte) { return -3 - (3 - batch) * kBatch + byte; }
  static constexpr char kFetching[] =
      "Received exception when fetching the next record from t-0. If needed, please seek past the "
      "record to continue consumption. <- ";

  // Flips bits of a byte of the first answer.
  void Start(const char* check_crcs, int64_t place, uint8_t mask) {
    ClusterOptions options;
    options.topics = {{"t"}};
    options.keep_wire = true;
    cluster_ = std::make_unique<Cluster>(options);
    Producer& producer = cluster_->AddProducer("p1");
    for (const char* value :
         {"m0..................", "m1..................", "m2.................."})
      cluster_->Await(producer.Send({.topic = "t", .value = value}));
    flip_ =
        &cluster_->faults().On(Api::kFetch).Client("c1").Nth(1).ResponseSent().Corrupt(place, mask);
    consumer_ = &cluster_->AddConsumer("c1", {std::string("check.crcs=") + check_crcs});
    consumer_->Assign("t", {0});
    consumer_->Seek("t", 0, Offset(0));
  }
  // The values of the next poll(), or what it throws.
  std::vector<std::string> Poll() {
    const PollResult polled = cluster_->Await(consumer_->Poll(absl::Milliseconds(700)));
    std::vector<std::string> told;
    for (const ConsumedRecord& record : polled.records) {
      EXPECT_FALSE(record.id.is_none()) << "whatever became of it, it is known which it was";
      told.push_back(record.value.value_or("null").substr(0, 6));
    }
    if (!polled.exception.empty()) told.push_back(polled.exception + ": " + polled.message);
    return told;
  }
  int Fetches() {
    int fetches = 0;
    for (const WireLog::Frame& frame : cluster_->wire().frames())
      fetches += frame.client == "c1" && frame.api == Api::kFetch && frame.is_request;
    return fetches;
  }
  int64_t Position() { return consumer_->Position("t", 0).value(); }

  std::unique_ptr<Cluster> cluster_;
  Fault* flip_ = nullptr;
  Consumer* consumer_ = nullptr;
};

// Seen: the records before it; then each poll() throws the same at once, the position stays, and
// nothing is fetched any more.
TEST_F(DamagedRecords, AWrongChecksumStopsTheConsumer) {
  Start("true", PlaceIn(2, 71), 1);
  EXPECT_THAT(Poll(), ElementsAre("m0....", "m1...."));
  EXPECT_EQ(Position(), 2);
  const sim::Time then = cluster_->Now();
  const std::vector<std::string> thrown = Poll();
  EXPECT_THAT(thrown,
              ElementsAre(StartsWith(std::string("KafkaException: ") + kFetching +
                                     "KafkaException: Record batch for partition t-0 at offset 2 "
                                     "is invalid, cause: Record is corrupt (stored crc = ")));
  EXPECT_THAT(thrown[0], HasSubstr(", computed crc = "));
  for (int i = 0; i < 3; ++i) EXPECT_EQ(Poll(), thrown);
  EXPECT_EQ(cluster_->Now(), then) << "at once";
  EXPECT_EQ(Position(), 2);
  EXPECT_EQ(Fetches(), 1);
  // "If needed, please seek past the record": or back to it, and it is fetched again.
  consumer_->Seek("t", 0, Offset(2));
  EXPECT_THAT(Poll(), ElementsAre("m2...."));
}

TEST_F(DamagedRecords, TheFirstOfThemIsThrownByTheFirstPoll) {
  Start("true", PlaceIn(0, 67), 1);
  EXPECT_THAT(Poll(),
              ElementsAre(HasSubstr("t-0 at offset 0 is invalid, cause: Record is corrupt")));
  EXPECT_EQ(Position(), 0);
}

// Seen: "l0....", "m1....", "m2....".
TEST_F(DamagedRecords, WithoutCheckCrcsTheDamagedRecordIsHandedOut) {
  Start("false", PlaceIn(0, 67), 1);
  EXPECT_THAT(Poll(), ElementsAre("l0....", "m1....", "m2...."));
  EXPECT_EQ(flip_->fired(), 1);
  EXPECT_THAT(Poll(), IsEmpty());
  EXPECT_EQ(Position(), 3);
}

// A length or a format that no batch has is found whether checksums are looked at or not; the first
// batch's by poll() itself, before there is a record to be fetched.
TEST_F(DamagedRecords, ABatchThatIsNoneStopsTheConsumerInAnyCase) {
  for (const char* check_crcs : {"true", "false"}) {
    Start(check_crcs, PlaceIn(0, 11), 0x4c);
    const std::vector<std::string> thrown = Poll();
    EXPECT_THAT(thrown, ElementsAre("CorruptRecordException: Record size 0 is less than the "
                                    "minimum record overhead (14)"));
    EXPECT_EQ(Poll(), thrown);
    EXPECT_EQ(Fetches(), 1);

    Start(check_crcs, PlaceIn(1, 16), 1);
    EXPECT_THAT(Poll(), ElementsAre("m0...."));
    EXPECT_THAT(Poll(), ElementsAre(std::string("KafkaException: ") + kFetching +
                                    "CorruptRecordException: Invalid magic found in record: 3"));
    EXPECT_EQ(Position(), 1);
  }
}

// A length that reaches beyond the answer: a batch that was cut, as the last of an answer may be.
// It is fetched again; if there is nothing else, poll() says that it gets nowhere.
TEST_F(DamagedRecords, ABatchThatSeemsToBeCutIsFetchedAgain) {
  Start("true", PlaceIn(1, 8), 64);
  EXPECT_THAT(Poll(), ElementsAre("m0...."));
  EXPECT_THAT(Poll(), ElementsAre("m1....", "m2...."));

  Start("true", PlaceIn(0, 8), 64);
  EXPECT_THAT(Poll(),
              ElementsAre("KafkaException: Failed to make progress reading messages at t-0=0. "
                          "Received a non-empty fetch response from the server, but no complete "
                          "records were found."));
}

// The number of bytes that a record says it has.
TEST_F(DamagedRecords, ARecordThatCannotBeReadStopsTheConsumer) {
  Start("false", PlaceIn(1, 61), 2);
  EXPECT_THAT(Poll(), ElementsAre("m0...."));
  EXPECT_THAT(Poll(), ElementsAre(HasSubstr("<- InvalidRecordException: ")));
  EXPECT_EQ(Fetches(), 1);
}

}  // namespace
}  // namespace norn::model
