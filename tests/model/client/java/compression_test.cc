// Compression as a ratio, and what the client believes of it.
#include <algorithm>
#include <vector>

#include "gtest/gtest.h"
#include "model/client/compressed_size.h"
#include "model/client/java/compression_ratio_estimator.h"
#include "model/cluster.h"

namespace norn::model {
namespace {

TEST(CompressedSize, IsTheSumOfItsRecordsRoundedUp) {
  CompressedSize size;
  size.Add(0, 1000, 400'000);
  EXPECT_EQ(size.bytes(), 400);
  size.Add(1, 1, 400'000);
  EXPECT_EQ(size.bytes(), 401);
  size.Add(2, 100, kIncompressible);
  EXPECT_EQ(size.bytes(), 501);
  EXPECT_EQ(size.RatioOf(1), 400'000);
  EXPECT_EQ(size.RatioOf(2), kIncompressible);
}

// +0.05 or what was seen, -0.005 at most (CompressionRatioEstimator).
TEST(CompressionRatioEstimator, LearnsSlowlyDownAndAtOnceUp) {
  CompressionRatioEstimator estimator;
  EXPECT_FLOAT_EQ(estimator.estimate(), 1.0f);
  for (int i = 0; i < 10; ++i) estimator.Observe(400, 1000);
  EXPECT_NEAR(estimator.estimate(), 0.95, 1e-5);
  for (int i = 0; i < 200; ++i) estimator.Observe(400, 1000);
  EXPECT_FLOAT_EQ(estimator.estimate(), 0.4f) << "not below what is seen";
  estimator.Observe(410, 1000);
  EXPECT_FLOAT_EQ(estimator.estimate(), 0.45f) << "a little worse moves it by a step";
  estimator.Observe(900, 1000);
  EXPECT_FLOAT_EQ(estimator.estimate(), 0.9f);
  estimator.Reset(900, 1000);
  EXPECT_FLOAT_EQ(estimator.estimate(), 1.0f);
}

std::vector<int64_t> RecordsPerBatch(const LogView& log) {
  std::vector<int64_t> per_batch;
  for (const StoredRecord& record : log.records()) {
    if (record.offset == record.batch_base_offset) per_batch.push_back(0);
    ++per_batch.back();
  }
  return per_batch;
}

// A2.2: compressed batches grow towards batch.size by about half a percent a batch.
TEST(Compression, BatchesGrowAsTheEstimateWarmsUp) {
  Cluster cluster({.topics = {{.name = "t", .compression_ratio = 400'000}}});
  Producer& producer =
      cluster.AddProducer("p1", {"linger.ms=1000", "compression.type=lz4", "batch.size=16384"});
  cluster.Await(producer.Send({.topic = "t", .value = Payload::OfSize(100)}));
  for (int round = 0; round < 100; ++round) {
    for (int i = 0; i < 1000; ++i) producer.Send({.topic = "t", .value = Payload::OfSize(100)});
    cluster.Await(producer.Flush());
  }
  const std::vector<int64_t> batches = RecordsPerBatch(cluster.Log("t", 0));
  // 61 + uncompressed x 0.995 x 1.05 + the next record stays within 16384.
  EXPECT_EQ(batches[1], 142);
  const int64_t largest = *std::max_element(batches.begin(), batches.end());
  // 61 + uncompressed x 0.4 x 1.05 + the next record: at most 352 records of 110 bytes. A small
  // batch whose rounding is a little worse moves the estimate up again.
  EXPECT_LE(largest, 352);
  EXPECT_GE(largest, 340);
}

// The estimate was wrong: what compressed well does so no more, and a batch is refused as too
// large. Its records go on in batches of batch.size, and each is told what became of it.
TEST(Compression, AWrongEstimateEndsInASplit) {
  for (uint64_t seed = 1; seed <= 5; ++seed) {
    TopicConfig config;
    config.max_message_bytes = 20000;
    Cluster cluster(
        {.seed = seed, .topics = {{.name = "t", .config = config, .compression_ratio = 200'000}}});
    Producer& producer = cluster.AddProducer("p1", {"linger.ms=1000", "compression.type=gzip"});
    cluster.Await(producer.Send({.topic = "t", .value = Payload::OfSize(100)}));
    for (int round = 0; round < 15; ++round) {
      for (int i = 0; i < 800; ++i) producer.Send({.topic = "t", .value = Payload::OfSize(100)});
      cluster.Await(producer.Flush());
    }
    std::vector<DeliveryFuture> sent;
    int told = 0;
    for (int i = 0; i < 400; ++i)
      sent.push_back(producer.Send(
          {.topic = "t", .value = Payload::OfSize(100), .compression_ratio = kIncompressible},
          [&told](const DeliveryReport& report) { told += report.ok(); }));
    EXPECT_EQ(cluster.Await(producer.Flush()), FlushResult::kDone);
    EXPECT_EQ(told, 400) << "the flush waits for the parts";
    for (size_t i = 0; i < sent.size(); ++i) {
      ASSERT_TRUE(sent[i].settled());
      EXPECT_EQ(sent[i].Get()->offset, Offset(12'001 + static_cast<int64_t>(i)));
    }
    const std::vector<int64_t> batches = RecordsPerBatch(cluster.Log("t", 0));
    // With the estimate at 1 again: 61 + uncompressed x 1.05 + the next record.
    EXPECT_LE(batches[batches.size() - 2], 142);
    EXPECT_EQ(cluster.Log("t", 0).size(), 12'401u);
  }
}

}  // namespace
}  // namespace norn::model
