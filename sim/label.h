// What an event or a note is called. Labels live in static storage, so that naming an event costs a
// pointer; the hash is of the text alone, equal in every build, and goes into the run digest.
//
//   constexpr Label kLinger{"linger"};
//   sim.After(absl::Milliseconds(5), kLinger, [] { ... });
#ifndef NORN_SIM_LABEL_H_
#define NORN_SIM_LABEL_H_

#include <cstdint>

namespace norn::sim {

struct Label {
  const char* text;
  uint64_t hash;

  constexpr explicit Label(const char* name) : text(name), hash(Hash(name)) {}

  // FNV-1a, 64 bits.
  static constexpr uint64_t Hash(const char* s) {
    uint64_t h = 0xcbf29ce484222325u;
    for (; *s != '\0'; ++s) h = (h ^ static_cast<unsigned char>(*s)) * 0x100000001b3u;
    return h;
  }
};

inline constexpr Label kUnnamed{"unnamed"};

}  // namespace norn::sim

#endif  // NORN_SIM_LABEL_H_
