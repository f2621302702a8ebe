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

// Records through one producer and three brokers, acks=all, explicit partitions, a callback each;
// the world is built once. Argument: 0 keeps the payload's bytes, 1 keeps sizes only.
void BM_Record(benchmark::State& state) {
  ClusterOptions options;
  options.brokers = 3;
  options.topics = {{"topic1", 3}};
  options.keep_history = false;
  Cluster cluster(options);
  Producer& producer = cluster.AddProducer("p1", JavaProducerConfig::Defaults());
  cluster.Await(producer.Send({.topic = "topic1", .partition = 0, .value = "warm"}));
  const std::string bytes(100, 'x');
  const Payload value = state.range(0) == 0 ? Payload(bytes) : Payload::OfSize(100);
  int64_t acknowledged = 0;
  int32_t partition = 0;
  for (auto _ : state) {
    for (int i = 0; i < 10000; ++i) {
      producer.Send({.topic = "topic1", .partition = partition, .value = value},
                    [&acknowledged](const DeliveryReport& report) { acknowledged += report.ok(); });
      partition = partition == 2 ? 0 : partition + 1;
    }
    cluster.Await(producer.Flush());
  }
  if (acknowledged != state.iterations() * 10000) state.SkipWithError("not all acknowledged");
  state.SetItemsProcessed(state.iterations() * 10000);
}
BENCHMARK(BM_Record)->Arg(0)->Arg(1)->Unit(benchmark::kMillisecond)->Iterations(100);

}  // namespace
}  // namespace norn::model
