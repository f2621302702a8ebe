// CRC-32C (Castagnoli), the checksum of a record batch. It finds every error within 32 consecutive
// bits.
//
// The processor's own instruction is used where there is one (chosen once, at run time), tables
// elsewhere; both give the same value.
//
// Example:
//   Crc32c("123456789")                               // 0xE3069283
//   ExtendCrc32c(Crc32c("1234"), "56789")             // the same
#ifndef NORN_MODEL_RECORD_CRC32C_H_
#define NORN_MODEL_RECORD_CRC32C_H_

#include <cstdint>
#include <string_view>

namespace norn::model {

// The checksum of some bytes followed by `bytes`, given `crc`, that of the bytes before.
uint32_t ExtendCrc32c(uint32_t crc, std::string_view bytes);

inline uint32_t Crc32c(std::string_view bytes) { return ExtendCrc32c(0, bytes); }

// The portable way, for the test that holds both against each other.
uint32_t ExtendCrc32cByTables(uint32_t crc, std::string_view bytes);

}  // namespace norn::model

#endif  // NORN_MODEL_RECORD_CRC32C_H_
