// The key or the value of a record: null, bytes, or a size whose bytes nobody needed to keep.
//
// A run of a million records of 100 bytes is about sizes, so a Payload may be a size alone. It
// still has bytes: they are derived from the id of its record, byte by byte, when somebody asks (a
// checksum, a real socket). The same record has the same bytes in every log and in every run.
//
// A Payload is a view: bytes it was given must outlive it. A RecordSet copies what it keeps.
//
// Example:
//   builder.Append(0, Payload::Null(), Payload::OfSize(100), RecordId(7));
//   builder.Append(0, "user-1", "hello", RecordId(8));
#ifndef NORN_MODEL_RECORD_PAYLOAD_H_
#define NORN_MODEL_RECORD_PAYLOAD_H_

#include <cstdint>
#include <cstring>
#include <iosfwd>
#include <string>
#include <string_view>

#include "model/ids.h"

namespace norn::model {

// Which bytes of a record: each part has bytes of its own. Header k's value is kHeaderPart + k.
inline constexpr int kKeyPart = 0;
inline constexpr int kValuePart = 1;
inline constexpr int kBlobPart =
    2;  // what a compressed batch puts on the wire, by its first record
inline constexpr int kHeaderPart = 3;

// What the bytes of one part of one record are derived from.
constexpr uint64_t PayloadSeed(RecordId id, int part) {
  return static_cast<uint64_t>(id.value()) * 0x9e3779b97f4a7c15 +
         static_cast<uint64_t>(part) * 0xd1342543de82ef95;
}

// Bytes 8k to 8k+7 of what `seed` stands for, first byte lowest (the finalizer of splitmix64).
constexpr uint64_t DerivedWord(uint64_t seed, int64_t k) {
  uint64_t z = seed + static_cast<uint64_t>(k) * 0x9e3779b97f4a7c15;
  z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
  z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
  return z ^ (z >> 31);
}

constexpr char DerivedByte(uint64_t seed, int64_t i) {
  return static_cast<char>(DerivedWord(seed, i >> 3) >> (8 * (i & 7)));
}

// Byte `i` of the value of record `id`, had it been kept as a size alone.
constexpr char MaterializeByte(RecordId id, int64_t i) {
  return DerivedByte(PayloadSeed(id, kValuePart), i);
}

// Writes bytes [0, size) of what `seed` stands for at `out`; returns the first byte after them.
char* PutDerivedBytes(uint64_t seed, int64_t size, char* out);

class Payload {
 public:
  constexpr Payload() = default;  // null
  constexpr Payload(std::string_view bytes)
      : bytes_(bytes.data() ? bytes.data() : ""), size_(static_cast<int32_t>(bytes.size())) {}
  constexpr Payload(const char* text) : Payload(std::string_view(text)) {}
  Payload(const std::string& bytes) : Payload(std::string_view(bytes)) {}

  static constexpr Payload Null() { return Payload(); }
  // `size` bytes that are derived from `seed`; a RecordSet seeds its own by their record.
  static constexpr Payload OfSize(int32_t size, uint64_t seed = 0) {
    Payload payload;
    payload.size_ = size;
    payload.seed_ = seed;
    return payload;
  }

  constexpr bool is_null() const { return size_ < 0; }
  constexpr bool is_kept() const { return bytes_ != nullptr; }
  constexpr int32_t size() const { return size_ < 0 ? 0 : size_; }
  // The size as Kafka writes it: -1 for null.
  constexpr int32_t wire_size() const { return size_; }

  // REQUIRES: is_kept(), which neither null nor a bare size is.
  constexpr std::string_view kept() const { return {bytes_, static_cast<size_t>(size_)}; }

  // What is on the wire. REQUIRES: 0 <= i < size().
  constexpr char at(int64_t i) const { return bytes_ ? bytes_[i] : DerivedByte(seed_, i); }
  // Writes all of it at `out` and returns the first byte after it.
  char* CopyTo(char* out) const {
    if (!bytes_) return PutDerivedBytes(seed_, size(), out);
    std::memcpy(out, bytes_, static_cast<size_t>(size_));
    return out + size_;
  }
  std::string ToString() const;

  // Equal on the wire, however kept.
  friend bool operator==(const Payload& a, const Payload& b);

 private:
  const char* bytes_ = nullptr;
  uint64_t seed_ = 0;
  int32_t size_ = -1;
};

// null, "text" (cut after 32 bytes, what cannot be printed as \x..) or <100 bytes>.
std::ostream& operator<<(std::ostream& os, const Payload& payload);

}  // namespace norn::model

#endif  // NORN_MODEL_RECORD_PAYLOAD_H_
