#include "model/record/crc32c.h"

#include <array>
#include <cstddef>
#include <cstring>

#if defined(__x86_64__)
#include <nmmintrin.h>
#endif

namespace norn::model {
namespace {

constexpr uint32_t kPolynomial = 0x82F63B78;  // Castagnoli, bits reversed

using Tables = std::array<std::array<uint32_t, 256>, 8>;

// kTables[k][b]: what byte b does to the checksum when k more bytes follow it.
constexpr Tables kTables = [] {
  Tables tables{};
  for (uint32_t byte = 0; byte < 256; ++byte) {
    uint32_t crc = byte;
    for (int bit = 0; bit < 8; ++bit) crc = (crc >> 1) ^ ((crc & 1) ? kPolynomial : 0);
    tables[0][byte] = crc;
  }
  for (size_t k = 1; k < tables.size(); ++k) {
    for (uint32_t byte = 0; byte < 256; ++byte) {
      uint32_t before = tables[k - 1][byte];
      tables[k][byte] = (before >> 8) ^ tables[0][before & 0xff];
    }
  }
  return tables;
}();

uint32_t ByteOf(const char* p) { return static_cast<unsigned char>(*p); }

#if defined(__x86_64__)
__attribute__((target("sse4.2"))) uint32_t ExtendByInstruction(uint32_t crc,
                                                               std::string_view bytes) {
  uint64_t state = ~crc;
  const char* p = bytes.data();
  size_t left = bytes.size();
  for (; left >= 8; p += 8, left -= 8) {
    uint64_t word = 0;
    std::memcpy(&word, p, 8);
    state = _mm_crc32_u64(state, word);
  }
  auto narrow = static_cast<uint32_t>(state);
  for (; left > 0; ++p, --left) {
    narrow = _mm_crc32_u8(narrow, static_cast<unsigned char>(*p));
  }
  return ~narrow;
}
#endif

using Extend = uint32_t (*)(uint32_t, std::string_view);

Extend FastestWay() {
#if defined(__x86_64__)
  if (__builtin_cpu_supports("sse4.2")) return ExtendByInstruction;
#endif
  return ExtendCrc32cByTables;
}

}  // namespace

uint32_t ExtendCrc32cByTables(uint32_t crc, std::string_view bytes) {
  crc = ~crc;
  const char* p = bytes.data();
  size_t left = bytes.size();
  for (; left >= 8; p += 8, left -= 8) {
    crc = kTables[7][(crc ^ ByteOf(p)) & 0xff] ^ kTables[6][((crc >> 8) ^ ByteOf(p + 1)) & 0xff] ^
          kTables[5][((crc >> 16) ^ ByteOf(p + 2)) & 0xff] ^
          kTables[4][(crc >> 24) ^ ByteOf(p + 3)] ^ kTables[3][ByteOf(p + 4)] ^
          kTables[2][ByteOf(p + 5)] ^ kTables[1][ByteOf(p + 6)] ^ kTables[0][ByteOf(p + 7)];
  }
  for (; left > 0; ++p, --left) crc = (crc >> 8) ^ kTables[0][(crc ^ ByteOf(p)) & 0xff];
  return ~crc;
}

uint32_t ExtendCrc32c(uint32_t crc, std::string_view bytes) {
  static const Extend kExtend = FastestWay();
  return kExtend(crc, bytes);
}

}  // namespace norn::model
