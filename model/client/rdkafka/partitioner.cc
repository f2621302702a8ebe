#include "model/client/rdkafka/partitioner.h"

#include <array>

#include "model/client/partitioner.h"

namespace norn::model::rdkafka {
namespace {

constexpr std::array<uint32_t, 256> MakeCrcTable() {
  std::array<uint32_t, 256> table = {};
  for (uint32_t i = 0; i < 256; ++i) {
    uint32_t word = i;
    for (int bit = 0; bit < 8; ++bit) word = (word >> 1) ^ ((word & 1) != 0 ? 0xedb88320u : 0u);
    table[i] = word;
  }
  return table;
}
constexpr std::array<uint32_t, 256> kCrcTable = MakeCrcTable();

bool IsPureHash(RdkafkaPartitioner kind) {
  return kind == RdkafkaPartitioner::kConsistent || kind == RdkafkaPartitioner::kMurmur2 ||
         kind == RdkafkaPartitioner::kFnv1a;
}

}  // namespace

uint32_t Crc32(const Payload& key) {
  uint32_t crc = 0xffffffffu;
  for (int64_t i = 0; i < key.size(); ++i)
    crc = kCrcTable[(crc ^ static_cast<unsigned char>(key.at(i))) & 0xff] ^ (crc >> 8);
  return crc ^ 0xffffffffu;
}

uint32_t Fnv1a(const Payload& key) {
  uint32_t hash = 0x811c9dc5u;
  for (int64_t i = 0; i < key.size(); ++i) {
    hash ^= static_cast<unsigned char>(key.at(i));
    hash *= 0x01000193u;
  }
  return static_cast<int32_t>(hash) < 0 ? 0u - hash : hash;
}

PartitionIndex Partitioner::Draw(int32_t partitions) {
  const uint64_t drawn =
      chance_->Uniform(stream_, sim::Key(topic_, draws_++), static_cast<uint64_t>(partitions));
  return PartitionIndex(static_cast<int32_t>(drawn));
}

PartitionIndex Partitioner::Choose(const Payload& key, int32_t partitions, sim::Time now) {
  const auto of_hash = [partitions](uint32_t hash) {
    return PartitionIndex(static_cast<int32_t>(hash % static_cast<uint32_t>(partitions)));
  };
  const bool empty_is_none = kind_ == RdkafkaPartitioner::kConsistentRandom;
  const bool no_key = key.is_null() || (key.size() == 0 && empty_is_none);
  if (no_key && !IsPureHash(kind_) && sticky_linger_ > absl::ZeroDuration()) {
    if (sticky_.is_none() || sticky_.value() >= partitions || now - stuck_since_ > sticky_linger_) {
      sticky_ = Draw(partitions);
      stuck_since_ = now;
    }
    return sticky_;
  }
  switch (kind_) {
    case RdkafkaPartitioner::kRandom:
      return Draw(partitions);
    case RdkafkaPartitioner::kConsistentRandom:
      if (no_key) return Draw(partitions);
      [[fallthrough]];
    case RdkafkaPartitioner::kConsistent:
      return of_hash(Crc32(key));
    case RdkafkaPartitioner::kMurmur2Random:
      if (no_key) return Draw(partitions);
      [[fallthrough]];
    case RdkafkaPartitioner::kMurmur2:
      return of_hash(static_cast<uint32_t>(Murmur2(key)) & 0x7fffffffu);
    case RdkafkaPartitioner::kFnv1aRandom:
      if (no_key) return Draw(partitions);
      [[fallthrough]];
    case RdkafkaPartitioner::kFnv1a:
      return of_hash(Fnv1a(key));
  }
  return Draw(partitions);
}

}  // namespace norn::model::rdkafka
