// Which partition a message goes to when its sender did not say: librdkafka's partitioners.
//
// All hash the key over the number of partitions; they differ in the hash and in what they do
// without a key. Except with the pure hashes (consistent, murmur2, fnv1a), messages without a key
// stick to a partition drawn at random for sticky.partitioning.linger.ms, then to another: by time,
// not by size as Java's (rdkafka_msg.c, rd_kafka_msg_sticky_partition).
#ifndef NORN_MODEL_CLIENT_RDKAFKA_PARTITIONER_H_
#define NORN_MODEL_CLIENT_RDKAFKA_PARTITIONER_H_

#include <cstdint>

#include "absl/time/time.h"
#include "model/config/rdkafka_producer_config.h"
#include "model/ids.h"
#include "model/record/payload.h"
#include "sim/random.h"
#include "sim/time.h"

namespace norn::model::rdkafka {

// CRC-32 as zlib has it: Crc32("123456789") == 0xcbf43926.
uint32_t Crc32(const Payload& key);
// FNV-1a, 32 bits, as librdkafka computes it for sarama's sake: the result's absolute value.
uint32_t Fnv1a(const Payload& key);

// The choices for one topic.
class Partitioner {
 public:
  Partitioner(RdkafkaPartitioner kind, absl::Duration sticky_linger, sim::Chance* chance,
              sim::Stream stream, int32_t topic)
      : kind_(kind),
        sticky_linger_(sticky_linger),
        chance_(chance),
        stream_(stream),
        topic_(topic) {}

  // REQUIRES: partitions > 0.
  PartitionIndex Choose(const Payload& key, int32_t partitions, sim::Time now);

 private:
  PartitionIndex Draw(int32_t partitions);

  RdkafkaPartitioner kind_;
  absl::Duration sticky_linger_;
  sim::Chance* chance_;
  sim::Stream stream_;
  int32_t topic_;
  int64_t draws_ = 0;
  PartitionIndex sticky_;
  sim::Time stuck_since_;
};

}  // namespace norn::model::rdkafka

#endif  // NORN_MODEL_CLIENT_RDKAFKA_PARTITIONER_H_
