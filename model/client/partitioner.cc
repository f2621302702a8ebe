#include "model/client/partitioner.h"

#include <algorithm>

namespace norn::model {

int32_t Murmur2(const Payload& key) {
  constexpr uint32_t kSeed = 0x9747b28c;
  constexpr uint32_t kM = 0x5bd1e995;
  constexpr int kR = 24;
  const int32_t length = key.size();
  const auto byte = [&key](int32_t i) {
    return static_cast<uint32_t>(static_cast<uint8_t>(key.at(i)));
  };
  uint32_t h = kSeed ^ static_cast<uint32_t>(length);
  const int32_t words = length / 4;
  for (int32_t i = 0; i < words; ++i) {
    uint32_t k = byte(4 * i) | byte(4 * i + 1) << 8 | byte(4 * i + 2) << 16 | byte(4 * i + 3) << 24;
    k *= kM;
    k ^= k >> kR;
    k *= kM;
    h = (h * kM) ^ k;
  }
  const int32_t rest = words * 4;
  switch (length % 4) {
    case 3:
      h ^= byte(rest + 2) << 16;
      [[fallthrough]];
    case 2:
      h ^= byte(rest + 1) << 8;
      [[fallthrough]];
    case 1:
      h ^= byte(rest);
      h *= kM;
  }
  h ^= h >> 13;
  h *= kM;
  h ^= h >> 15;
  return static_cast<int32_t>(h);
}

void StickyPartitioner::Draw(int32_t partitions) {
  const sim::Key key(static_cast<uint64_t>(topic_), static_cast<uint64_t>(draws_++));
  if (!weights_.empty()) {
    current_ = PartitionIndex(weighted_[chance_->WeightedPick(stream_, key, weights_)]);
  } else if (!candidates_.empty()) {
    current_ = PartitionIndex(candidates_[chance_->Uniform(stream_, key, candidates_.size())]);
  } else {
    current_ = PartitionIndex(
        static_cast<int32_t>(chance_->Uniform(stream_, key, static_cast<uint64_t>(partitions))));
  }
  produced_ = 0;
}

void StickyPartitioner::Produced(int64_t bytes, int64_t batch_size, bool batch_ended) {
  produced_ += bytes;
  if ((produced_ >= batch_size && batch_ended) || produced_ >= 2 * batch_size)
    current_ = PartitionIndex::None();
}

void StickyPartitioner::SetQueueLengths(std::span<const int32_t> lengths,
                                        std::span<const int32_t> partitions, size_t of) {
  weights_.clear();
  if (lengths.empty() || of < 2) return;
  const int32_t longest = *std::max_element(lengths.begin(), lengths.end());
  const int32_t shortest = *std::min_element(lengths.begin(), lengths.end());
  if (longest == shortest && lengths.size() == of) return;
  for (int32_t length : lengths) weights_.push_back(static_cast<uint64_t>(longest + 1 - length));
  weighted_.assign(partitions.begin(), partitions.end());
}

}  // namespace norn::model
