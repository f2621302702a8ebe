// Fixed-width integers as Kafka writes them: highest byte first, whatever the machine.
//
// Example:
//   char* end = PutBigEndian<int32_t>(170, out);        // 00 00 00 aa
//   int32_t length = GetBigEndian<int32_t>(bytes.data() + 8);
#ifndef NORN_MODEL_RECORD_BIG_ENDIAN_H_
#define NORN_MODEL_RECORD_BIG_ENDIAN_H_

#include <cstddef>
#include <type_traits>

namespace norn::model {

// Writes sizeof(Int) bytes at `out` and returns the first byte after them.
template <class Int>
constexpr char* PutBigEndian(Int value, char* out) {
  auto bits = static_cast<std::make_unsigned_t<Int>>(value);
  for (size_t i = 0; i < sizeof(Int); ++i) {
    out[i] = static_cast<char>(bits >> (8 * (sizeof(Int) - 1 - i)));
  }
  return out + sizeof(Int);
}

// REQUIRES: sizeof(Int) bytes at `p`.
template <class Int>
constexpr Int GetBigEndian(const char* p) {
  std::make_unsigned_t<Int> bits = 0;
  for (size_t i = 0; i < sizeof(Int); ++i) {
    bits = static_cast<decltype(bits)>((bits << (sizeof(Int) > 1 ? 8 : 0)) |
                                       static_cast<unsigned char>(p[i]));
  }
  return static_cast<Int>(bits);
}

}  // namespace norn::model

#endif  // NORN_MODEL_RECORD_BIG_ENDIAN_H_
