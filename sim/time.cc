#include "sim/time.h"

#include <cstdio>
#include <ostream>

namespace norn::sim {

std::string FormatNanos(int64_t nanos) {
  struct Unit {
    int64_t nanos;
    const char* name;
  };
  static constexpr Unit kUnits[] = {{1'000'000'000, "s"}, {1'000'000, "ms"}, {1'000, "us"}};
  const bool negative = nanos < 0;
  // The magnitude of the most negative int64 fits in uint64 only.
  const uint64_t size = negative ? 0 - static_cast<uint64_t>(nanos) : static_cast<uint64_t>(nanos);
  char text[48];
  for (const Unit& unit : kUnits) {
    const uint64_t one = static_cast<uint64_t>(unit.nanos);
    if (size >= one) {
      std::snprintf(text, sizeof(text), "%s%llu.%03llu%s", negative ? "-" : "",
                    static_cast<unsigned long long>(size / one),
                    static_cast<unsigned long long>(size % one / (one / 1000)), unit.name);
      return text;
    }
  }
  std::snprintf(text, sizeof(text), "%s%lluns", negative ? "-" : "",
                static_cast<unsigned long long>(size));
  return text;
}

std::string ToString(Time t) {
  return t == Time::Max() ? std::string("T+never") : "T+" + FormatNanos(t.nanos());
}

std::ostream& operator<<(std::ostream& os, Time t) { return os << ToString(t); }

}  // namespace norn::sim
