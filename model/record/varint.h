// Kafka's variable-length integers: seven bits a byte, lowest first, the top bit says "more
// follows".
//
// Unsigned ones measure strings and arrays of flexible messages. Signed ones (zig-zag: 0, -1, 1, -2
// ... become 0, 1, 2, 3 ...) are inside records; of these, lengths hold 32 bits and timestamps 64.
// The sizes cost about a nanosecond and no branch, because every record of a run pays for six of
// them.
//
// Example:
//   UnsignedVarintSize(127), UnsignedVarintSize(128);   // 1, 2: U(n) in the specification
//   VarintSize(63), VarintSize(64), VarintSize(-1);     // 1, 2, 1: V(n)
#ifndef NORN_MODEL_RECORD_VARINT_H_
#define NORN_MODEL_RECORD_VARINT_H_

#include <bit>
#include <cstdint>

namespace norn::model {

inline constexpr int kMaxVarint32Size = 5;
inline constexpr int kMaxVarint64Size = 10;

constexpr uint64_t ZigZag(int64_t value) {
  return (static_cast<uint64_t>(value) << 1) ^ static_cast<uint64_t>(value >> 63);
}
constexpr int64_t UnZigZag(uint64_t value) {
  return static_cast<int64_t>(value >> 1) ^ -static_cast<int64_t>(value & 1);
}

// Bytes that `value` takes. Most are short, and a branch that is always right costs less than
// counting bits. Beyond, nine 64ths are close enough to a seventh for every width up to 64 bits.
constexpr int UnsignedVarintSize(uint64_t value) {
  if (value < (1u << 7)) return 1;
  if (value < (1u << 14)) return 2;
  return (static_cast<int>(std::bit_width(value)) * 9 + 64) >> 6;
}
constexpr int VarintSize(int64_t value) { return UnsignedVarintSize(ZigZag(value)); }

// Writes `value` at `out` and returns the first byte after it.
constexpr char* PutUnsignedVarint(uint64_t value, char* out) {
  while (value >= 0x80) {
    *out++ = static_cast<char>(value | 0x80);
    value >>= 7;
  }
  *out++ = static_cast<char>(value);
  return out;
}
constexpr char* PutVarint(int64_t value, char* out) {
  return PutUnsignedVarint(ZigZag(value), out);
}

// Reads one number of at most `max_size` bytes from [p, end) into *value and returns the first byte
// after it, or null when the bytes end first or more than `max_size` ask to go on.
constexpr const char* GetUnsignedVarint(const char* p, const char* end, int max_size,
                                        uint64_t* value) {
  uint64_t result = 0;
  for (int i = 0; i < max_size && p != end; ++i) {
    uint64_t byte = static_cast<unsigned char>(*p++);
    result |= (byte & 0x7f) << (7 * i);
    if (byte < 0x80) {
      *value = result;
      return p;
    }
  }
  return nullptr;
}

// The 32-bit forms drop what the fifth byte holds beyond 32 bits, as Kafka does.
constexpr const char* GetUnsignedVarint32(const char* p, const char* end, uint32_t* value) {
  uint64_t wide = 0;
  p = GetUnsignedVarint(p, end, kMaxVarint32Size, &wide);
  *value = static_cast<uint32_t>(wide);
  return p;
}
constexpr const char* GetVarint32(const char* p, const char* end, int32_t* value) {
  uint32_t raw = 0;
  p = GetUnsignedVarint32(p, end, &raw);
  *value = static_cast<int32_t>(UnZigZag(raw));
  return p;
}
constexpr const char* GetVarint64(const char* p, const char* end, int64_t* value) {
  uint64_t raw = 0;
  p = GetUnsignedVarint(p, end, kMaxVarint64Size, &raw);
  *value = UnZigZag(raw);
  return p;
}

}  // namespace norn::model

#endif  // NORN_MODEL_RECORD_VARINT_H_
