// The records of one batch, immutable and shared.
//
// A producer fills a RecordSetBuilder and seals it; from then on the RecordSet is one block of
// memory that the client's retries, every replica's log and every fetch answer point to. Copying a
// RecordSet copies a pointer. The size the records have in Kafka's format v2 is exact and always at
// hand.
//
// Cost: 32 bytes a record, plus the payload bytes that were kept, plus 32 for the block; one
// allocation a batch. The count of owners is not atomic: a RecordSet stays within its simulation,
// thus its thread.
//
// Example:
//   RecordSetBuilder builder;
//   builder.Append(/*timestamp_delta_ms=*/0, "user-1", "hello", RecordId(1));
//   builder.Append(2, Payload::Null(), Payload::OfSize(100), RecordId(2));
//   RecordSet records = builder.Seal();              // the builder is empty again
//   for (RecordView record : records) std::cout << record.value();
#ifndef NORN_MODEL_RECORD_RECORD_SET_H_
#define NORN_MODEL_RECORD_RECORD_SET_H_

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "model/ids.h"
#include "model/record/payload.h"
#include "model/record/sizes.h"
#include "sim/check.h"

namespace norn::model {

// A record header: a key, never null, and a value. A view, as Payload is.
struct Header {
  std::string_view key;
  Payload value;
};

namespace record_internal {

struct Row {
  RecordId id;
  int64_t timestamp_delta_ms;
  int32_t key_size;  // -1: null
  int32_t value_size;
  uint32_t kept;     // where kept bytes are: offset in the arena, key first; two flags above it
  uint32_t headers;  // 0: none, else 1 + number of the HeaderList
};
static_assert(sizeof(Row) == 32);

inline constexpr uint32_t kKeyKept = 1u << 31;
inline constexpr uint32_t kValueKept = 1u << 30;
inline constexpr uint32_t kArenaLimit = kValueKept;

struct HeaderList {
  uint32_t first;
  uint32_t count;
};

struct HeaderRow {
  uint32_t key;  // offset in the arena
  int32_t key_size;
  uint32_t value;  // offset in the arena; kNotKept for a bare size or null
  int32_t value_size;
};
inline constexpr uint32_t kNotKept = 0xffffffff;

// The head of the one block: rows, header lists, header rows and arena follow it.
struct Block {
  uint32_t owners;
  int32_t count;
  int64_t size_in_bytes;
  int64_t max_timestamp_delta_ms;
  uint32_t header_lists;
  uint32_t header_rows;
  uint32_t arena_size;
  bool opaque;  // the arena is the records' section itself, not understood

  const Row* rows() const { return reinterpret_cast<const Row*>(this + 1); }
  const HeaderList* lists() const { return reinterpret_cast<const HeaderList*>(rows() + count); }
  const HeaderRow* headers() const {
    return reinterpret_cast<const HeaderRow*>(lists() + header_lists);
  }
  const char* arena() const { return reinterpret_cast<const char*>(headers() + header_rows); }
};

}  // namespace record_internal

// One record of a RecordSet, valid as long as that.
class RecordView {
 public:
  // None when the record was decoded: ids are not on the wire.
  RecordId id() const { return row().id; }
  int32_t offset_delta() const { return index_; }
  int64_t timestamp_delta_ms() const { return row().timestamp_delta_ms; }
  Payload key() const;
  Payload value() const;
  int32_t header_count() const;
  // REQUIRES: 0 <= i < header_count().
  Header header(int32_t i) const;
  int64_t size_in_bytes() const { return RecordSize(shape()); }
  RecordShape shape() const;

  friend bool operator==(const RecordView& a, const RecordView& b);  // on the wire: not of ids

 private:
  friend class RecordSet;
  RecordView(const record_internal::Block* block, int32_t index) : block_(block), index_(index) {}
  const record_internal::Row& row() const { return block_->rows()[index_]; }

  const record_internal::Block* block_;
  int32_t index_;
};

class RecordSet {
 public:
  RecordSet() = default;  // no records
  RecordSet(const RecordSet& other) : block_(other.block_) {
    if (block_) ++block_->owners;
  }
  RecordSet(RecordSet&& other) noexcept : block_(std::exchange(other.block_, nullptr)) {}
  RecordSet& operator=(RecordSet other) noexcept {
    std::swap(block_, other.block_);
    return *this;
  }
  ~RecordSet() {
    if (block_ && --block_->owners == 0) Free(block_);
  }

  // `bytes` as the whole records' section of a batch, not looked into: how a compressed one
  // arrives.
  static RecordSet Opaque(std::string_view bytes);
  // The `count` records that `bytes` hold, and nothing else. An error says which record is wrong.
  static absl::StatusOr<RecordSet> Decode(std::string_view bytes, int32_t count);

  int32_t count() const { return block_ ? block_->count : 0; }
  // What the records take on the wire, uncompressed and without the header of their batch.
  int64_t size_in_bytes() const { return block_ ? block_->size_in_bytes : 0; }
  // The latest timestamp, counted from that of the batch; 0 without records.
  int64_t max_timestamp_delta_ms() const { return block_ ? block_->max_timestamp_delta_ms : 0; }
  bool is_opaque() const { return block_ && block_->opaque; }
  bool SharesStorageWith(const RecordSet& other) const { return block_ == other.block_; }

  // REQUIRES: 0 <= i < count().
  RecordView operator[](int32_t i) const {
    NORN_CHECK(i >= 0 && i < count()) << "record " << i << " of " << count();
    return RecordView(block_, i);
  }

  class Iterator {
   public:
    using value_type = RecordView;
    using difference_type = int32_t;
    RecordView operator*() const { return RecordView(block_, index_); }
    Iterator& operator++() {
      ++index_;
      return *this;
    }
    friend bool operator==(const Iterator& a, const Iterator& b) { return a.index_ == b.index_; }

   private:
    friend class RecordSet;
    Iterator(const record_internal::Block* block, int32_t index) : block_(block), index_(index) {}
    const record_internal::Block* block_;
    int32_t index_;
  };
  Iterator begin() const { return Iterator(block_, 0); }
  Iterator end() const { return Iterator(block_, count()); }

  // Writes size_in_bytes() bytes at `out` and returns the first byte after them.
  char* EncodeTo(char* out) const;

  // Equal on the wire. Ids are not on the wire.
  friend bool operator==(const RecordSet& a, const RecordSet& b);

 private:
  friend class RecordSetBuilder;
  explicit RecordSet(record_internal::Block* block) : block_(block) {}
  static void Free(record_internal::Block* block);

  record_internal::Block* block_ = nullptr;
};

// Collects records. Made once and used for batch after batch, it keeps its memory.
class RecordSetBuilder {
 public:
  // Appends a record whose timestamp lies `timestamp_delta_ms` after that of the batch; its offset
  // delta is count(). Bytes are copied.
  // REQUIRES: the kept bytes of one batch stay below 2^30.
  void Append(int64_t timestamp_delta_ms, const Payload& key, const Payload& value, RecordId id) {
    AppendRow(timestamp_delta_ms, key, value, id, 0, SizeOfNext(timestamp_delta_ms, key, value));
  }
  // The same for whoever has asked already. REQUIRES: `size` is what SizeOfNext gives.
  void AppendOfSize(int64_t size, int64_t timestamp_delta_ms, const Payload& key,
                    const Payload& value, RecordId id) {
    AppendRow(timestamp_delta_ms, key, value, id, 0, size);
  }
  void Append(int64_t timestamp_delta_ms, const Payload& key, const Payload& value,
              std::span<const Header> headers, RecordId id);

  int32_t count() const { return static_cast<int32_t>(rows_.size()); }
  int64_t size_in_bytes() const { return size_in_bytes_; }
  // What Append with the same arguments would add to size_in_bytes().
  int64_t SizeOfNext(int64_t timestamp_delta_ms, const Payload& key, const Payload& value) const {
    return RecordSize({timestamp_delta_ms, count(), key.wire_size(), value.wire_size(), 0, 0});
  }
  int64_t SizeOfNext(int64_t timestamp_delta_ms, const Payload& key, const Payload& value,
                     std::span<const Header> headers) const;

  // The records so far, as a set of their own; the builder is empty again.
  RecordSet Seal();
  void Clear();

 private:
  void AppendRow(int64_t timestamp_delta_ms, const Payload& key, const Payload& value, RecordId id,
                 uint32_t header_list, int64_t size) {
    size_in_bytes_ += size;
    if (timestamp_delta_ms > max_timestamp_delta_ms_ || rows_.empty()) {
      max_timestamp_delta_ms_ = timestamp_delta_ms;
    }
    uint32_t kept = 0;
    if (key.is_kept() || value.is_kept()) kept = Keep(key, value);
    rows_.push_back(
        {id, timestamp_delta_ms, key.wire_size(), value.wire_size(), kept, header_list});
  }
  uint32_t Keep(const Payload& key, const Payload& value);
  uint32_t KeepBytes(std::string_view bytes);

  int64_t size_in_bytes_ = 0;
  int64_t max_timestamp_delta_ms_ = 0;
  std::vector<record_internal::Row> rows_;
  std::vector<record_internal::HeaderList> lists_;
  std::vector<record_internal::HeaderRow> headers_;
  std::vector<char> arena_;
};

}  // namespace norn::model

#endif  // NORN_MODEL_RECORD_RECORD_SET_H_
