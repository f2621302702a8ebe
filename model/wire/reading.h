// Each message of the protocol is described once; its size, its bytes, its text and its decoding
// are readings of that description.
//
// A description lists the fields in wire order, under Kafka's names, with the versions that have
// them:
//
//   struct Topic {
//     TopicName name;
//     Uuid topic_id;
//     std::vector<Partition> partitions;
//     LeaderIdAndEpoch leader;
//
//     template <class Self, class V>
//     static void Describe(Self& m, V& v) {
//       v.Field("Name", m.name, Until(12));
//       v.Field("TopicId", m.topic_id, Since(13));
//       v.Field("Partitions", m.partitions);
//       v.Tagged(0, "CurrentLeader", m.leader, Since(10));  // sent only when it is not the default
//     }
//   };
//
// The C++ type says the rest: std::optional is a field that may be null, any container an array,
// Records the bytes of batches, Id and Error their integer. A message is a struct that also has
// `static constexpr MessageInfo kInfo`. Fields a version does not have are not sent, and keep their
// defaults when read. Tags are listed in ascending order. Every member has an initializer, so that
// {.name = "orders"} is complete.
//
// What users call (M is a message):
//   int64_t bytes = Size(request, 13);                        // the body, without header
//   std::string body = Encode(request, 13);
//   absl::StatusOr<ProduceRequest> again = Decode<ProduceRequest>(body, 13);
//   std::string text = Print(request, 13);                    // ProduceRequest{Acks=-1, ...}
//
// Decode never reads outside its bytes; its error tells where it stopped: "ProduceRequest v13:
// TopicData[0].PartitionData[0].Index: wants 4 bytes at byte 57, 2 are left". Kafka's own clients
// drop tags they do not know, and so does Decode.
#ifndef NORN_MODEL_WIRE_READING_H_
#define NORN_MODEL_WIRE_READING_H_

#include <cstdint>
#include <ostream>
#include <sstream>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "model/record/big_endian.h"
#include "model/record/records.h"
#include "model/record/varint.h"
#include "model/wire/api.h"
#include "model/wire/description.h"
#include "model/wire/input.h"
#include "sim/check.h"

namespace norn::model::wire {

// ---- Reading: size ------------------------------------------------------------------------------

template <class T>
int64_t SizeOf(const T& value, Layout layout);

class SizeReading {
 public:
  explicit SizeReading(Layout layout) : layout_(layout) {}

  template <class T>
  void Field(const char*, const T& value, Versions versions = {}) {
    if (versions.Have(layout_.version)) bytes_ += SizeOf(value, layout_);
  }
  template <class T>
  void Tagged(int tag, const char*, const T& value, Versions versions, const T& absent = T()) {
    if (!versions.Have(layout_.version) || value == absent) return;
    int64_t size = SizeOf(value, layout_);
    ++tags_;
    tag_bytes_ += UnsignedVarintSize(static_cast<uint64_t>(tag)) +
                  UnsignedVarintSize(static_cast<uint64_t>(size)) + size;
  }
  int64_t Total() const {
    return layout_.flexible ? bytes_ + UnsignedVarintSize(tags_) + tag_bytes_ : bytes_;
  }

 private:
  Layout layout_;
  int64_t bytes_ = 0;
  uint64_t tags_ = 0;
  int64_t tag_bytes_ = 0;
};

template <class T>
int64_t SizeOf(const T& value, Layout layout) {
  constexpr Kind kKind = KindOf<T>();
  if constexpr (kKind == Kind::kScalar) {
    return sizeof(Scalar<T>);
  } else if constexpr (kKind == Kind::kUuid) {
    return 16;
  } else if constexpr (kKind == Kind::kText) {
    auto size = static_cast<int64_t>(TextOf(value).size());
    return LengthSize<T>(size, layout) + size;
  } else if constexpr (kKind == Kind::kRecords) {
    return LengthSize<T>(value.SizeInBytes(), layout) + value.SizeInBytes();
  } else if constexpr (kKind == Kind::kNullable) {
    return value ? SizeOf(*value, layout) : LengthSize<typename T::value_type>(-1, layout);
  } else if constexpr (kKind == Kind::kArray) {
    int64_t size = LengthSize<T>(static_cast<int64_t>(value.size()), layout);
    for (const auto& element : value) size += SizeOf(element, layout);
    return size;
  } else {
    SizeReading reading(layout);
    T::Describe(value, reading);
    return reading.Total();
  }
}

// ---- Reading: bytes -----------------------------------------------------------------------------

template <class T>
char* Put(const T& value, Layout layout, char* out);

class EncodeReading {
 public:
  EncodeReading(Layout layout, char* out) : layout_(layout), out_(out) {}

  template <class T>
  void Field(const char* name, const T& value, Versions versions = {}) {
    if (!versions.Have(layout_.version)) return;
    if constexpr (kIsNullable<T>) {
      NORN_CHECK(value.has_value() || layout_.version >= versions.first_nullable)
          << name << " must not be null in version " << layout_.version;
    }
    out_ = Put(value, layout_, out_);
  }
  template <class T>
  void Tagged(int, const char*, const T& value, Versions versions, const T& absent = T()) {
    if (versions.Have(layout_.version) && !(value == absent)) ++tags_;
  }
  char* out() const { return out_; }
  int tags() const { return tags_; }

 private:
  Layout layout_;
  char* out_;
  int tags_ = 0;
};

// A second look at a struct that has tags to send.
class EncodeTagsReading {
 public:
  EncodeTagsReading(Layout layout, char* out) : layout_(layout), out_(out) {}

  template <class T>
  void Field(const char*, const T&, Versions = {}) {}
  template <class T>
  void Tagged(int tag, const char* name, const T& value, Versions versions, const T& absent = T()) {
    NORN_CHECK(tag > last_tag_) << name << " has tag " << tag << " after " << last_tag_;
    last_tag_ = tag;
    if (!versions.Have(layout_.version) || value == absent) return;
    out_ = PutUnsignedVarint(static_cast<uint64_t>(tag), out_);
    out_ = PutUnsignedVarint(static_cast<uint64_t>(SizeOf(value, layout_)), out_);
    out_ = Put(value, layout_, out_);
  }
  char* out() const { return out_; }

 private:
  Layout layout_;
  char* out_;
  int last_tag_ = -1;
};

template <class T>
char* PutLength(int64_t length, Layout layout, char* out) {
  if (layout.flexible) return PutUnsignedVarint(static_cast<uint64_t>(length + 1), out);
  if constexpr (KindOf<T>() == Kind::kText) {
    return PutBigEndian(static_cast<int16_t>(length), out);
  } else {
    return PutBigEndian(static_cast<int32_t>(length), out);
  }
}

template <class T>
char* Put(const T& value, Layout layout, char* out) {
  constexpr Kind kKind = KindOf<T>();
  if constexpr (kKind == Kind::kScalar) {
    return PutBigEndian(ToScalar(value), out);
  } else if constexpr (kKind == Kind::kUuid) {
    return PutBigEndian(value.low, PutBigEndian(value.high, out));
  } else if constexpr (kKind == Kind::kText) {
    std::string_view text = TextOf(value);
    out = PutLength<T>(static_cast<int64_t>(text.size()), layout, out);
    return out + text.copy(out, text.size());
  } else if constexpr (kKind == Kind::kRecords) {
    return value.EncodeTo(PutLength<T>(value.SizeInBytes(), layout, out));
  } else if constexpr (kKind == Kind::kNullable) {
    return value ? Put(*value, layout, out) : PutLength<typename T::value_type>(-1, layout, out);
  } else if constexpr (kKind == Kind::kArray) {
    out = PutLength<T>(static_cast<int64_t>(value.size()), layout, out);
    for (const auto& element : value) out = Put(element, layout, out);
    return out;
  } else {
    EncodeReading reading(layout, out);
    T::Describe(value, reading);
    out = reading.out();
    if (!layout.flexible) return out;
    out = PutUnsignedVarint(static_cast<uint64_t>(reading.tags()), out);
    if (reading.tags() == 0) return out;
    EncodeTagsReading tags(layout, out);
    T::Describe(value, tags);
    return tags.out();
  }
}

// ---- Reading: from bytes ------------------------------------------------------------------------

template <class T>
void Take(Input& in, Layout layout, bool may_be_null, T& value);

class DecodeReading {
 public:
  DecodeReading(Layout layout, Input& in) : layout_(layout), in_(in) {}

  template <class T>
  void Field(const char* name, T& value, Versions versions = {}) {
    if (!versions.Have(layout_.version) || !in_.ok()) return;
    Take(in_, layout_, layout_.version >= versions.first_nullable, value);
    if (!in_.ok()) in_.FailedIn(name);
  }
  template <class T>
  void Tagged(int, const char*, T&, Versions, const T& = T()) {}

 private:
  Layout layout_;
  Input& in_;
};

// Reads one tagged field into the member that has its tag, if this version knows it.
class DecodeTagReading {
 public:
  DecodeTagReading(Layout layout, uint32_t tag, Input& in) : layout_(layout), tag_(tag), in_(in) {}

  template <class T>
  void Field(const char*, T&, Versions = {}) {}
  template <class T>
  void Tagged(int tag, const char* name, T& value, Versions versions, const T& = T()) {
    if (static_cast<uint32_t>(tag) != tag_ || !versions.Have(layout_.version)) return;
    Take(in_, layout_, true, value);
    if (in_.ok() && in_.left() > 0) in_.Fail("leaves bytes of its tag over");
    if (!in_.ok()) in_.FailedIn(name);
  }

 private:
  Layout layout_;
  uint32_t tag_;
  Input& in_;
};

// The length in front of a T; -1 is null, which only a field that may be null has.
template <class T>
int64_t TakeLength(Input& in, Layout layout, bool may_be_null) {
  int64_t length = 0;
  if (layout.flexible) {
    length = int64_t{in.TakeUnsignedVarint()} - 1;
  } else if constexpr (KindOf<T>() == Kind::kText) {
    length = in.TakeFixed<int16_t>();
  } else {
    length = in.TakeFixed<int32_t>();
  }
  if (in.ok() && length < (may_be_null ? -1 : 0))
    in.Fail("has no length, or is null where it must not");
  return length;
}

template <class T>
void TakeArray(Input& in, Layout layout, int64_t count, T& value) {
  value.clear();
  // Every element takes a byte at least: a mad count ends here instead of in the allocator.
  if (count > in.left()) return in.Fail("has more elements than bytes are left");
  for (int64_t i = 0; i < count && in.ok(); ++i) {
    Take(in, layout, false, value.emplace_back());
    if (!in.ok()) in.FailedIn(i);
  }
}

template <class T>
void TakeTags(Input& in, Layout layout, T& value) {
  uint32_t count = in.TakeUnsignedVarint();
  for (uint32_t i = 0; i < count && in.ok(); ++i) {
    uint32_t tag = in.TakeUnsignedVarint();
    Input field = in.TakeSection(in.TakeUnsignedVarint());
    if (!in.ok()) return;
    DecodeTagReading reading(layout, tag, field);
    T::Describe(value, reading);
    in.FailAs(field);
  }
}

template <class T>
void Take(Input& in, Layout layout, bool may_be_null, T& value) {
  constexpr Kind kKind = KindOf<T>();
  if constexpr (kKind == Kind::kScalar) {
    value = static_cast<T>(in.TakeFixed<Scalar<T>>());
  } else if constexpr (kKind == Kind::kUuid) {
    value.high = in.TakeFixed<uint64_t>();
    value.low = in.TakeFixed<uint64_t>();
  } else if constexpr (kKind == Kind::kNullable) {
    using Inner = typename T::value_type;
    Input before = in;
    int64_t length = TakeLength<Inner>(in, layout, may_be_null);
    value.reset();
    if (!in.ok() || length < 0) return;
    in = before;
    Take(in, layout, false, value.emplace());
  } else if constexpr (kKind == Kind::kStruct) {
    DecodeReading reading(layout, in);
    T::Describe(value, reading);
    if (layout.flexible && in.ok()) TakeTags(in, layout, value);
  } else {
    int64_t length = TakeLength<T>(in, layout, false);
    if (!in.ok()) return;
    if constexpr (kKind == Kind::kArray) {
      TakeArray(in, layout, length, value);
    } else if constexpr (kKind == Kind::kRecords) {
      value = Records::Parse(in.TakeBytes(length));
    } else {
      value = T(in.TakeBytes(length));
    }
  }
}

// ---- Reading: text ------------------------------------------------------------------------------

template <class T>
void PrintTo(const T& value, Layout layout, std::ostream& os);

class PrintReading {
 public:
  PrintReading(Layout layout, std::ostream& os) : layout_(layout), os_(os) {}

  template <class T>
  void Field(const char* name, const T& value, Versions versions = {}) {
    if (!versions.Have(layout_.version)) return;
    os_ << separator_ << name << '=';
    separator_ = ", ";
    PrintTo(value, layout_, os_);
  }
  template <class T>
  void Tagged(int, const char* name, const T& value, Versions versions, const T& absent = T()) {
    if (!(value == absent)) Field(name, value, versions);
  }

 private:
  Layout layout_;
  std::ostream& os_;
  const char* separator_ = "";
};

template <class T>
void PrintTo(const T& value, Layout layout, std::ostream& os) {
  constexpr Kind kKind = KindOf<T>();
  if constexpr (std::is_same_v<T, bool>) {
    os << (value ? "true" : "false");
  } else if constexpr (std::is_integral_v<T>) {
    os << +value;
  } else if constexpr (kKind == Kind::kText) {
    os << '"' << TextOf(value) << '"';
  } else if constexpr (kKind == Kind::kNullable) {
    if (!value) {
      os << "null";
    } else {
      PrintTo(*value, layout, os);
    }
  } else if constexpr (kKind == Kind::kArray) {
    const char* separator = "";
    os << '[';
    for (const auto& element : value) {
      os << separator;
      separator = ", ";
      PrintTo(element, layout, os);
    }
    os << ']';
  } else if constexpr (kKind == Kind::kStruct) {
    PrintReading reading(layout, os);
    os << '{';
    T::Describe(value, reading);
    os << '}';
  } else {
    os << value;
  }
}

// ---- Whole messages -----------------------------------------------------------------------------

template <class M>
constexpr bool HasVersion(int16_t version) {
  return version >= M::kInfo.first_version && version <= M::kInfo.last_version;
}

template <class M>
Layout LayoutOf(int16_t version) {
  constexpr int16_t kFirstFlexible = FirstFlexibleVersion(M::kInfo.api);
  NORN_CHECK(HasVersion<M>(version)) << M::kInfo.name << " has no version " << version;
  return {version, version >= kFirstFlexible};
}

// The bytes of the body, without header. REQUIRES (as Encode and Print do): M has this version.
template <class M>
int64_t Size(const M& message, int16_t version) {
  return SizeOf(message, LayoutOf<M>(version));
}

// Writes Size() bytes at `out` and returns the first byte after them.
template <class M>
char* EncodeTo(const M& message, int16_t version, char* out) {
  const char* expected_end = out + Size(message, version);
  out = Put(message, LayoutOf<M>(version), out);
  NORN_CHECK(out == expected_end) << M::kInfo.name << " v" << version << " took "
                                  << out - expected_end << " bytes more than its size";
  return out;
}

template <class M>
std::string Encode(const M& message, int16_t version) {
  std::string bytes(static_cast<size_t>(Size(message, version)), '\0');
  EncodeTo(message, version, bytes.data());
  return bytes;
}

// The message that `bytes` are the whole body of.
template <class M>
absl::StatusOr<M> Decode(std::string_view bytes, int16_t version) {
  Input in(bytes);
  M message;
  if (HasVersion<M>(version)) {
    Take(in, LayoutOf<M>(version), false, message);
    if (in.ok() && in.left() > 0) in.Fail("leaves bytes over");
  } else {
    in.Fail("has no such version");
  }
  if (!in.ok()) return in.StatusFor(M::kInfo.name, version);
  return message;
}

template <class M>
std::string Print(const M& message, int16_t version) {
  std::ostringstream os;
  os << M::kInfo.name;
  PrintTo(message, LayoutOf<M>(version), os);
  return os.str();
}

}  // namespace norn::model::wire

#endif  // NORN_MODEL_WIRE_READING_H_
