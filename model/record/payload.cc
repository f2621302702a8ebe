#include "model/record/payload.h"

#include <bit>
#include <ostream>

#include "absl/strings/escaping.h"

namespace norn::model {

char* PutDerivedBytes(uint64_t seed, int64_t size, char* out) {
  int64_t i = 0;
  for (; i + 8 <= size; i += 8) {
    uint64_t word = DerivedWord(seed, i >> 3);
    if constexpr (std::endian::native == std::endian::little) {
      std::memcpy(out, &word, 8);
      out += 8;
    } else {
      for (int k = 0; k < 8; ++k) *out++ = static_cast<char>(word >> (8 * k));
    }
  }
  for (; i < size; ++i) *out++ = DerivedByte(seed, i);
  return out;
}

std::string Payload::ToString() const {
  std::string bytes(static_cast<size_t>(size()), '\0');
  CopyTo(bytes.data());
  return bytes;
}

bool operator==(const Payload& a, const Payload& b) {
  if (a.size_ != b.size_) return false;
  if (a.is_kept() && b.is_kept()) return a.kept() == b.kept();
  if (!a.is_kept() && !b.is_kept() && a.seed_ == b.seed_) return true;
  for (int32_t i = 0; i < a.size(); ++i) {
    if (a.at(i) != b.at(i)) return false;
  }
  return true;
}

std::ostream& operator<<(std::ostream& os, const Payload& payload) {
  constexpr size_t kShown = 32;
  if (payload.is_null()) return os << "null";
  if (!payload.is_kept()) return os << '<' << payload.size() << " bytes>";
  std::string_view shown = payload.kept().substr(0, kShown);
  os << '"' << absl::CHexEscape({shown.data(), shown.size()}) << '"';
  if (shown.size() < payload.kept().size()) os << "... (" << payload.size() << " bytes)";
  return os;
}

}  // namespace norn::model
