// Messages with random content, for tests: one more reading of the descriptions. A seed gives the
// same message on every machine.
#ifndef NORN_TESTS_MODEL_WIRE_RANDOM_MESSAGE_H_
#define NORN_TESTS_MODEL_WIRE_RANDOM_MESSAGE_H_

#include <cstddef>
#include <cstdint>
#include <string>
#include <type_traits>

#include "model/record/payload.h"
#include "model/record/records.h"
#include "model/wire/reading.h"

namespace norn::model::wire {

class Dice {
 public:
  explicit Dice(uint64_t seed) : seed_(seed) {}
  uint64_t Next() { return DerivedWord(seed_, count_++); }
  // 0 to n-1.
  int64_t Below(int64_t n) { return static_cast<int64_t>(Next() % static_cast<uint64_t>(n)); }
  bool OneIn(int64_t n) { return Below(n) == 0; }
  std::string Bytes(int64_t size) {
    std::string bytes(static_cast<size_t>(size), '\0');
    for (char& c : bytes) c = static_cast<char>(Next());
    return bytes;
  }

 private:
  uint64_t seed_;
  int64_t count_ = 0;
};

inline RecordBatch RandomBatch(Dice& dice) {
  RecordSetBuilder builder;
  for (int64_t n = dice.Below(4); n > 0; --n) {
    std::string key = dice.Bytes(dice.Below(10));
    int64_t delta = dice.Below(200) - 100;
    RecordId id(dice.Below(1000));
    auto size = static_cast<int32_t>(dice.Below(150));
    Payload value = dice.OneIn(4) ? Payload::Null() : Payload::OfSize(size);
    builder.Append(delta, dice.OneIn(2) ? Payload(key) : Payload::Null(), value, id);
  }
  RecordBatch batch(builder.Seal(), {.base_timestamp_ms = dice.Below(1000000)});
  batch.Place(Offset(dice.Below(1000)), LeaderEpoch(static_cast<int32_t>(dice.Below(9))));
  return batch;
}

inline Records RandomRecords(Dice& dice) {
  Records records;
  for (int64_t n = dice.Below(3); n > 0; --n) records.Add(RandomBatch(dice));
  if (dice.OneIn(4)) records.CutAfter(RandomBatch(dice), static_cast<int32_t>(1 + dice.Below(60)));
  return records;
}

template <class T>
void Randomize(Dice& dice, Layout layout, bool may_be_null, T& value);

class RandomReading {
 public:
  RandomReading(Dice& dice, Layout layout) : dice_(dice), layout_(layout) {}

  template <class T>
  void Field(const char*, T& value, Versions versions = {}) {
    if (!versions.Have(layout_.version)) return;
    Randomize(dice_, layout_, layout_.version >= versions.first_nullable, value);
  }
  template <class T>
  void Tagged(int, const char*, T& value, Versions versions, const T& = T()) {
    if (!versions.Have(layout_.version) || dice_.OneIn(2)) return;
    Randomize(dice_, layout_, true, value);
  }

 private:
  Dice& dice_;
  Layout layout_;
};

template <class T>
void Randomize(Dice& dice, Layout layout, bool may_be_null, T& value) {
  constexpr Kind kKind = KindOf<T>();
  if constexpr (std::is_same_v<T, bool>) {
    value = dice.OneIn(2);
  } else if constexpr (kKind == Kind::kScalar) {
    value = static_cast<T>(static_cast<Scalar<T>>(dice.Next()));
  } else if constexpr (kKind == Kind::kUuid) {
    value.high = dice.Next();
    value.low = dice.Next();
  } else if constexpr (kKind == Kind::kText) {
    value = T(dice.Bytes(dice.Below(dice.OneIn(10) ? 300 : 20)));
  } else if constexpr (kKind == Kind::kRecords) {
    value = RandomRecords(dice);
  } else if constexpr (kKind == Kind::kNullable) {
    value.reset();
    if (may_be_null && dice.OneIn(4)) return;
    Randomize(dice, layout, false, value.emplace());
  } else if constexpr (kKind == Kind::kArray) {
    value.clear();
    for (int64_t n = dice.Below(4); n > 0; --n) {
      Randomize(dice, layout, false, value.emplace_back());
    }
  } else {
    RandomReading reading(dice, layout);
    T::Describe(value, reading);
  }
}

template <class M>
M RandomMessage(uint64_t seed, int16_t version) {
  Dice dice(seed);
  M message;
  Randomize(dice, LayoutOf<M>(version), false, message);
  return message;
}

}  // namespace norn::model::wire

#endif  // NORN_TESTS_MODEL_WIRE_RANDOM_MESSAGE_H_
