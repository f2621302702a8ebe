// Which partition a record goes to when its sender did not say: Java's built-in partitioner.
//
// A record with a key: murmur2 of the key over the number of partitions. Without: stick to one
// partition until about batch.size bytes went there, then draw the next, favouring partitions whose
// queues are short (KIP-794).
#ifndef NORN_MODEL_CLIENT_PARTITIONER_H_
#define NORN_MODEL_CLIENT_PARTITIONER_H_

#include <cstdint>
#include <span>
#include <vector>

#include "model/ids.h"
#include "model/record/payload.h"
#include "sim/random.h"

namespace norn::model {

// 32-bit murmur2 with Kafka's seed: Murmur2("foobar") == -790332482.
int32_t Murmur2(const Payload& key);

// REQUIRES: partitions > 0; key is not null.
inline PartitionIndex PartitionOfKey(const Payload& key, int32_t partitions) {
  return PartitionIndex((Murmur2(key) & 0x7fffffff) % partitions);
}

// The sticky choice for records without a key, one per topic.
class StickyPartitioner {
 public:
  // `stream` decides; `topic` keeps one topic's draws apart from another's.
  StickyPartitioner(sim::Chance* chance, sim::Stream stream, int32_t topic)
      : chance_(chance), stream_(stream), topic_(topic) {}

  // Where the next record goes.
  PartitionIndex Current(int32_t partitions);
  // `bytes` went to the current partition. Moves on when batch.size bytes did and the open batch
  // there is full or gone (`batch_ended`), at the latest at twice that (KAFKA-14156).
  void Produced(int64_t bytes, int64_t batch_size, bool batch_ended);
  // The sender saw these queue lengths, one per partition with a leader. Shorter ones become more
  // likely, with weight longest + 1 - length; equal ones are drawn evenly.
  void SetQueueLengths(std::span<const int32_t> lengths);

 private:
  void Draw(int32_t partitions);

  sim::Chance* chance_;
  sim::Stream stream_;
  int32_t topic_;
  int64_t draws_ = 0;
  PartitionIndex current_;
  int64_t produced_ = 0;
  std::vector<uint64_t> weights_;  // empty: even
};

}  // namespace norn::model

#endif  // NORN_MODEL_CLIENT_PARTITIONER_H_
