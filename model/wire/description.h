// What a message's description is made of: versions, and what a C++ type is on the wire.
//
// A description lists the fields in wire order, under Kafka's names, with the versions that have
// them; reading.h shows one and reads it.
#ifndef NORN_MODEL_WIRE_DESCRIPTION_H_
#define NORN_MODEL_WIRE_DESCRIPTION_H_

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>

#include "model/ids.h"
#include "model/record/records.h"
#include "model/record/varint.h"
#include "model/wire/api.h"
#include "model/wire/topic.h"

namespace norn::model::wire {

struct MessageInfo {
  Api api;
  const char* name;
  int16_t first_version;
  int16_t last_version;
};

// The versions that have a field, and those in which it may be null (if its type may).
struct Versions {
  int16_t first = 0;
  int16_t last = 32767;
  int16_t first_nullable = 0;

  constexpr bool Have(int16_t version) const { return version >= first && version <= last; }
  constexpr Versions NullableSince(int16_t version) const { return {first, last, version}; }
};
constexpr Versions Always() { return {}; }
constexpr Versions Since(int16_t version) { return {.first = version}; }
constexpr Versions Until(int16_t version) { return {.last = version}; }
constexpr Versions Between(int16_t first, int16_t last) { return {.first = first, .last = last}; }

// How the message at hand is laid out.
struct Layout {
  int16_t version;
  bool flexible;
};

// ---- What a C++ type is on the wire -------------------------------------------------------------

enum class Kind { kScalar, kUuid, kText, kRecords, kNullable, kArray, kStruct };

template <class T>
struct ScalarOf {
  using type = T;
};
template <class T>
requires std::is_enum_v<T>
struct ScalarOf<T> {
  using type = std::underlying_type_t<T>;
};
template <class Tag, class Rep>
struct ScalarOf<Id<Tag, Rep>> {
  using type = Rep;
};
template <>
struct ScalarOf<bool> {
  using type = int8_t;
};
template <class T>
using Scalar = typename ScalarOf<T>::type;

template <class T>
inline constexpr bool kIsNullable = false;
template <class T>
inline constexpr bool kIsNullable<std::optional<T>> = true;

template <class T>
constexpr Kind KindOf() {
  if constexpr (std::is_integral_v<Scalar<T>>) {
    return Kind::kScalar;
  } else if constexpr (std::is_same_v<T, Uuid>) {
    return Kind::kUuid;
  } else if constexpr (std::is_same_v<T, std::string> || std::is_same_v<T, TopicName>) {
    return Kind::kText;
  } else if constexpr (std::is_same_v<T, Records>) {
    return Kind::kRecords;
  } else if constexpr (kIsNullable<T>) {
    return Kind::kNullable;
  } else if constexpr (requires(T t) { t.emplace_back(); }) {
    return Kind::kArray;
  } else {
    return Kind::kStruct;
  }
}

inline std::string_view TextOf(const std::string& text) { return text; }
inline std::string_view TextOf(const TopicName& name) { return name.text(); }

template <class T>
Scalar<T> ToScalar(const T& value) {
  if constexpr (requires { value.value(); }) {
    return value.value();
  } else {
    return static_cast<Scalar<T>>(value);
  }
}

// Bytes of a length in front of text (2 when not flexible), arrays and records (4); -1 is null.
template <class T>
int64_t LengthSize(int64_t length, Layout layout) {
  if (layout.flexible) return UnsignedVarintSize(static_cast<uint64_t>(length + 1));
  return KindOf<T>() == Kind::kText ? 2 : 4;
}

}  // namespace norn::model::wire

#endif  // NORN_MODEL_WIRE_DESCRIPTION_H_
