// The life of a small world: build the cluster, do something, destroy it. CPU time of the whole
// model, brokers and network included; virtual time costs nothing.
#include "absl/time/time.h"
#include "benchmark/benchmark.h"
#include "model/cluster.h"

namespace norn::model {
namespace {

// One broker, one producer: connect, send one record, flush.
void BM_MinimalScenario(benchmark::State& state) {
  uint64_t seed = 0;
  uint64_t events = 0;
  for (auto _ : state) {
    Cluster cluster({.seed = ++seed, .topics = {{"topic1"}}});
    Producer& producer = cluster.AddProducer("p1", JavaProducerConfig::Defaults());
    const DeliveryFuture sent = producer.Send({.topic = "topic1", .value = "Hello Kafka"});
    cluster.Await(producer.Flush());
    benchmark::DoNotOptimize(sent.Get());
    events += cluster.sim().events_run();
  }
  state.counters["events"] =
      benchmark::Counter(static_cast<double>(events), benchmark::Counter::kAvgIterations);
}
BENCHMARK(BM_MinimalScenario)->Unit(benchmark::kMicrosecond);

// The same, but the broker dies before the second send, and the flush is given up after 5 s.
void BM_FlushTimeout(benchmark::State& state) {
  uint64_t seed = 0;
  uint64_t events = 0;
  for (auto _ : state) {
    Cluster cluster({.seed = ++seed, .topics = {{"topic1"}}});
    Producer& producer = cluster.AddProducer("p1", JavaProducerConfig::Defaults());
    cluster.Await(producer.Send({.topic = "topic1", .value = "Hello Kafka"}));
    cluster.broker(1).Kill();
    producer.Send({.topic = "topic1", .value = "anybody?"});
    benchmark::DoNotOptimize(cluster.Await(producer.Flush(absl::Seconds(5))));
    events += cluster.sim().events_run();
  }
  state.counters["events"] =
      benchmark::Counter(static_cast<double>(events), benchmark::Counter::kAvgIterations);
}
BENCHMARK(BM_FlushTimeout)->Unit(benchmark::kMicrosecond);

// So many records of 100 bytes in each iteration, to all partitions in turn.
void SendAll(benchmark::State& state, const ClusterOptions& options, bool kept, int records) {
  Cluster cluster(options);
  Producer& producer = cluster.AddProducer("p1", JavaProducerConfig::Defaults());
  cluster.Await(producer.Send({.topic = "topic1", .partition = 0, .value = "warm"}));
  const std::string bytes(100, 'x');
  const Payload value = kept ? Payload(bytes) : Payload::OfSize(100);
  const int32_t partitions = options.topics[0].partitions;
  int64_t acknowledged = 0;
  int32_t partition = 0;
  for (auto _ : state) {
    for (int i = 0; i < records; ++i) {
      producer.Send({.topic = "topic1", .partition = partition, .value = value},
                    [&acknowledged](const DeliveryReport& report) { acknowledged += report.ok(); });
      partition = partition == partitions - 1 ? 0 : partition + 1;
    }
    cluster.Await(producer.Flush());
  }
  if (acknowledged != state.iterations() * records) state.SkipWithError("not all acknowledged");
  state.SetItemsProcessed(state.iterations() * records);
}

// Records through one producer and three brokers, acks=all, explicit partitions, a callback each;
// the world is built once. Arguments: 0 keeps the payload's bytes, 1 keeps sizes only; replicas.
void BM_Record(benchmark::State& state) {
  ClusterOptions options;
  options.brokers = 3;
  options.topics = {{.name = "topic1", .partitions = 3}};
  options.topics[0].replicas = static_cast<int32_t>(state.range(1));
  options.keep_history = false;
  SendAll(state, options, state.range(0) == 0, 10'000);
}
BENCHMARK(BM_Record)
    ->Args({0, 1})
    ->Args({1, 1})
    ->Args({0, 3})
    ->Args({1, 3})
    ->Unit(benchmark::kMillisecond)
    ->Iterations(100);

// The same traffic over more and more brokers, ten partitions and three replicas each: so much at
// once that batches fill on all of them.
void BM_RecordBrokers(benchmark::State& state) {
  ClusterOptions options;
  options.brokers = static_cast<int32_t>(state.range(0));
  options.topics = {{.name = "topic1", .partitions = 10 * options.brokers, .replicas = 3}};
  options.keep_history = false;
  SendAll(state, options, /*kept=*/false, 200'000);
}
BENCHMARK(BM_RecordBrokers)
    ->Arg(3)
    ->Arg(10)
    ->Arg(30)
    ->Arg(100)
    ->Unit(benchmark::kMillisecond)
    ->Iterations(3);

// A second of an idle cluster of three brokers and three replicas.
void BM_IdleSecond(benchmark::State& state) {
  ClusterOptions options;
  options.brokers = 3;
  options.topics = {{.name = "topic1", .partitions = 3, .replicas = 3}};
  Cluster cluster(options);
  cluster.RunFor(absl::Seconds(5));
  const uint64_t before = cluster.sim().events_run();
  for (auto _ : state) cluster.RunFor(absl::Seconds(1));
  state.counters["events"] = benchmark::Counter(
      static_cast<double>(cluster.sim().events_run() - before), benchmark::Counter::kAvgIterations);
}
BENCHMARK(BM_IdleSecond)->Unit(benchmark::kMicrosecond);

}  // namespace
}  // namespace norn::model
