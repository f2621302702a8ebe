// What a record costs before anything is simulated: appending, sealing, stamping, measuring.
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "benchmark/benchmark.h"
#include "model/record/crc32c.h"
#include "model/record/record_batch.h"
#include "model/record/record_set.h"
#include "model/record/records.h"
#include "model/wire/fetch.h"
#include "model/wire/frame.h"
#include "model/wire/produce.h"
#include "model/wire/reading.h"

namespace norn::model {
namespace {

constexpr int kRecordsPerBatch = 148;  // of 100 bytes in 16 KiB

RecordSet SizeOnlySet(RecordSetBuilder& builder, int records) {
  for (int i = 0; i < records; ++i) {
    builder.Append(0, Payload::Null(), Payload::OfSize(100), RecordId(i));
  }
  return builder.Seal();
}

// Per record, the share of sealing and freeing the batch included.
void BM_AppendSizeOnly(benchmark::State& state) {
  RecordSetBuilder builder;
  for (auto _ : state) benchmark::DoNotOptimize(SizeOnlySet(builder, kRecordsPerBatch));
  state.SetItemsProcessed(state.iterations() * kRecordsPerBatch);
}
BENCHMARK(BM_AppendSizeOnly);

void BM_AppendHundredBytesKept(benchmark::State& state) {
  RecordSetBuilder builder;
  std::string value(100, 'v');
  for (auto _ : state) {
    for (int i = 0; i < kRecordsPerBatch; ++i) {
      builder.Append(0, Payload::Null(), value, RecordId(i));
    }
    benchmark::DoNotOptimize(builder.Seal());
  }
  state.SetItemsProcessed(state.iterations() * kRecordsPerBatch);
}
BENCHMARK(BM_AppendHundredBytesKept);

// The producer's question before each append.
void BM_SizeOfNext(benchmark::State& state) {
  RecordSetBuilder builder;
  builder.Append(0, Payload::Null(), Payload::OfSize(100), RecordId(0));
  Payload value = Payload::OfSize(100);
  benchmark::DoNotOptimize(value);
  for (auto _ : state) benchmark::DoNotOptimize(builder.SizeOfNext(3, Payload::Null(), value));
}
BENCHMARK(BM_SizeOfNext);

void BM_SealOneRecord(benchmark::State& state) {
  RecordSetBuilder builder;
  for (auto _ : state) benchmark::DoNotOptimize(SizeOnlySet(builder, 1));
}
BENCHMARK(BM_SealOneRecord);

RecordBatch Batch(int records) {
  RecordSetBuilder builder;
  return RecordBatch(SizeOnlySet(builder, records));
}

// What each replica's log does with a batch: a copy, stamped.
void BM_CopyAndPlaceBatch(benchmark::State& state) {
  RecordBatch batch = Batch(kRecordsPerBatch);
  int64_t offset = 0;
  for (auto _ : state) {
    RecordBatch copy = batch;
    copy.Place(Offset(offset++), LeaderEpoch(3));
    benchmark::DoNotOptimize(copy);
  }
}
BENCHMARK(BM_CopyAndPlaceBatch);

// The alternative to the intrusive count, for comparison.
void BM_CopySharedPtr(benchmark::State& state) {
  auto shared = std::make_shared<RecordBatch>();
  for (auto _ : state) {
    std::shared_ptr<RecordBatch> copy = shared;
    benchmark::DoNotOptimize(copy);
  }
}
BENCHMARK(BM_CopySharedPtr);

void BM_EncodeBatch(benchmark::State& state) {
  RecordBatch batch = Batch(kRecordsPerBatch);
  std::string bytes(static_cast<size_t>(batch.SizeInBytes()), '\0');
  for (auto _ : state) benchmark::DoNotOptimize(batch.EncodeTo(bytes.data()));
  state.SetBytesProcessed(state.iterations() * batch.SizeInBytes());
}
BENCHMARK(BM_EncodeBatch);

void BM_DecodeBatch(benchmark::State& state) {
  std::string bytes = Batch(kRecordsPerBatch).Encode();
  for (auto _ : state) benchmark::DoNotOptimize(RecordBatch::Decode(bytes));
  state.SetBytesProcessed(state.iterations() * static_cast<int64_t>(bytes.size()));
}
BENCHMARK(BM_DecodeBatch);

void BM_Crc32c(benchmark::State& state) {
  std::string bytes(16384, 'x');
  for (auto _ : state) benchmark::DoNotOptimize(Crc32c(bytes));
  state.SetBytesProcessed(state.iterations() * static_cast<int64_t>(bytes.size()));
}
BENCHMARK(BM_Crc32c);

void BM_Crc32cByTables(benchmark::State& state) {
  std::string bytes(16384, 'x');
  for (auto _ : state) benchmark::DoNotOptimize(ExtendCrc32cByTables(0, bytes));
  state.SetBytesProcessed(state.iterations() * static_cast<int64_t>(bytes.size()));
}
BENCHMARK(BM_Crc32cByTables);

wire::ProduceRequest Produce(const RecordBatch& batch, const TopicName& topic) {
  wire::ProduceRequest request;
  request.acks = -1;
  request.timeout_ms = 30000;
  wire::ProduceRequest::Topic& entry = request.topics.emplace_back();
  entry.name = topic;
  entry.topic_id = Uuid{0, 77};
  entry.partitions.push_back({PartitionIndex(0), Records(batch)});
  return request;
}

void BM_BuildProduceRequest(benchmark::State& state) {
  RecordBatch batch = Batch(kRecordsPerBatch);
  TopicName topic("a-topic-of-more-than-sixteen-bytes");
  for (auto _ : state) benchmark::DoNotOptimize(Produce(batch, topic));
}
BENCHMARK(BM_BuildProduceRequest);

void BM_ProduceRequestFrameSize(benchmark::State& state) {
  wire::ProduceRequest request = Produce(Batch(kRecordsPerBatch), "topic");
  auto version = static_cast<int16_t>(state.range(0));
  for (auto _ : state) {
    benchmark::DoNotOptimize(request);
    benchmark::DoNotOptimize(wire::RequestFrameSize(request, version, "producer-1"));
  }
}
BENCHMARK(BM_ProduceRequestFrameSize)->Arg(7)->Arg(10)->Arg(13);

void BM_ProduceResponseFrameSize(benchmark::State& state) {
  wire::ProduceResponse response;
  response.topics.emplace_back().partitions.emplace_back();
  for (auto _ : state) {
    benchmark::DoNotOptimize(response);
    benchmark::DoNotOptimize(wire::ResponseFrameSize(response, 13));
  }
}
BENCHMARK(BM_ProduceResponseFrameSize);

void BM_FetchResponseFrameSize(benchmark::State& state) {
  wire::FetchResponse response;
  response.topics.emplace_back().partitions.emplace_back().records = Records(Batch(1));
  for (auto _ : state) {
    benchmark::DoNotOptimize(response);
    benchmark::DoNotOptimize(wire::ResponseFrameSize(response, 18));
  }
}
BENCHMARK(BM_FetchResponseFrameSize);

void BM_EncodeProduceRequest(benchmark::State& state) {
  wire::ProduceRequest request = Produce(Batch(1), "topic");
  for (auto _ : state) benchmark::DoNotOptimize(wire::Encode(request, 13));
}
BENCHMARK(BM_EncodeProduceRequest);

}  // namespace
}  // namespace norn::model
