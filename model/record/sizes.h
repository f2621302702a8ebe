// How many bytes a record and a batch take, and the rule by which Kafka's Java producer fills a
// batch.
//
// All of it is exact for format v2 (magic 2), the only one since Kafka 0.11 that a producer sends.
//
// Example:
//   RecordSize({.value_size = 100})                                  // 109
//   RecordSize({.offset_delta = 64, .value_size = 100})              // 110
//   BatchSizeUpperBound({.value_size = 10})                          // 95
#ifndef NORN_MODEL_RECORD_SIZES_H_
#define NORN_MODEL_RECORD_SIZES_H_

#include <cstdint>

#include "model/record/varint.h"

namespace norn::model {

inline constexpr int32_t kBatchHeaderSize = 61;
// Base offset and length, which the length itself does not count.
inline constexpr int32_t kLogOverhead = 12;
// The most that length, attributes, timestamp and offset of one record can take.
inline constexpr int32_t kMaxRecordOverhead = 21;

// Everything the size of a record depends on.
struct RecordShape {
  int64_t timestamp_delta_ms = 0;
  int32_t offset_delta = 0;
  int32_t key_size = -1;  // -1: null
  int32_t value_size = -1;
  int32_t header_count = 0;
  int64_t headers_size = 0;  // sum of HeaderSize()
};

// A length and that many bytes; null is the length -1.
constexpr int64_t FieldSize(int32_t size) { return VarintSize(size) + (size > 0 ? size : 0); }

constexpr int64_t HeaderSize(int32_t key_size, int32_t value_size) {
  return FieldSize(key_size) + FieldSize(value_size);
}

// A record without the varint in front that tells this number.
constexpr int64_t RecordBodySize(const RecordShape& r) {
  return 1 + VarintSize(r.timestamp_delta_ms) + VarintSize(r.offset_delta) + FieldSize(r.key_size) +
         FieldSize(r.value_size) + VarintSize(r.header_count) + r.headers_size;
}

constexpr int64_t RecordSize(const RecordShape& r) {
  int64_t body = RecordBodySize(r);
  return VarintSize(body) + body;
}

// What Java reserves for a batch whose first record this is, and holds against max.request.size.
// The deltas are not looked at: their worst case is in kMaxRecordOverhead.
constexpr int64_t BatchSizeUpperBound(const RecordShape& r) {
  return kBatchHeaderSize + kMaxRecordOverhead + FieldSize(r.key_size) + FieldSize(r.value_size) +
         VarintSize(r.header_count) + r.headers_size;
}

// Bytes Java believes an open batch will take, header included, when its records measure
// `records_size` before compression. The ratio is that of the topic so far (1 at first); Java
// computes with 32-bit floats and so do we.
constexpr int64_t EstimatedBatchSize(int64_t records_size, bool compressed, float ratio) {
  constexpr float kSafety = 1.05f;
  if (!compressed) return kBatchHeaderSize + records_size;
  return kBatchHeaderSize +
         static_cast<int32_t>(static_cast<float>(records_size) * ratio * kSafety);
}

// Whether an open batch takes one more record of exactly `record_size` bytes. The first one always
// fits; later ones count uncompressed. `limit` is batch.size, or the first record's upper bound
// where that is more.
constexpr bool HasRoomFor(int64_t limit, int64_t estimated_batch_size, int32_t records_in_batch,
                          int64_t record_size) {
  return records_in_batch == 0 || limit >= estimated_batch_size + record_size;
}

// A batch that cannot take any further record is full and may leave at once.
constexpr bool IsFull(int64_t limit, int64_t estimated_batch_size, int32_t records_in_batch) {
  return records_in_batch > 0 && limit <= estimated_batch_size;
}

}  // namespace norn::model

#endif  // NORN_MODEL_RECORD_SIZES_H_
