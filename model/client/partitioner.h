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

  // Where the next record goes. Drawn among the partitions that have a leader; among all if none
  // has.
  template <class HasLeader>
  PartitionIndex Current(int32_t partitions, HasLeader has_leader) {
    if (current_.is_none() || current_.value() >= partitions) {
      candidates_.clear();
      for (int32_t p = 0; p < partitions; ++p)
        if (has_leader(PartitionIndex(p))) candidates_.push_back(p);
      Draw(partitions);
    }
    return current_;
  }
  PartitionIndex Current(int32_t partitions) {
    return Current(partitions, [](PartitionIndex) { return true; });
  }
  // Moves on to another one that has a leader, if there is one (the sticky choice before KIP-794).
  template <class HasLeader>
  PartitionIndex AnyBut(PartitionIndex last, int32_t partitions, HasLeader has_leader) {
    weights_.clear();
    candidates_.clear();
    for (int32_t p = 0; p < partitions; ++p)
      if (PartitionIndex(p) != last && has_leader(PartitionIndex(p))) candidates_.push_back(p);
    if (!candidates_.empty()) Draw(partitions);
    return current_;
  }
  // `bytes` went to the current partition. Moves on when batch.size bytes did and the open batch
  // there is full or gone (`batch_ended`), at the latest at twice that (KAFKA-14156). With no
  // bytes: looks again, before the next record is placed.
  void Produced(int64_t bytes, int64_t batch_size, bool batch_ended);
  // The next Current() draws.
  bool moves_on() const { return current_.is_none(); }

  // The sender saw these queue lengths of these partitions. Shorter ones become more likely, with
  // weight longest + 1 - length; equal ones are drawn evenly. Of `of` partitions that have queues,
  // those left out are not drawn. Fewer than two queues say nothing, nor do no lengths.
  void SetQueueLengths(std::span<const int32_t> lengths, std::span<const int32_t> partitions,
                       size_t of);

 private:
  void Draw(int32_t partitions);

  sim::Chance* chance_;
  sim::Stream stream_;
  int32_t topic_;
  int64_t draws_ = 0;
  PartitionIndex current_;
  int64_t produced_ = 0;
  std::vector<uint64_t> weights_;    // empty: even
  std::vector<int32_t> weighted_;    // whose weights they are
  std::vector<int32_t> candidates_;  // kept for its memory
};

}  // namespace norn::model

#endif  // NORN_MODEL_CLIENT_PARTITIONER_H_
