// Bytes to be read once, front to back, by somebody who does not trust them.
//
// A read that wants more than there is gives zeros and marks the input as failed; from then on
// every read does. The first failure is remembered with its place, and the names of the fields
// around it are added on the way out.
//
// Example:
//   Input in(bytes);
//   int32_t index = in.TakeFixed<int32_t>();
//   if (!in.ok()) in.FailedIn("Index");
//   return in.StatusFor("ProduceRequest", 13);      // ... Index: wants 4 bytes at byte 57, 2 are
//   left
#ifndef NORN_MODEL_WIRE_INPUT_H_
#define NORN_MODEL_WIRE_INPUT_H_

#include <cstdint>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "model/record/big_endian.h"

namespace norn::model::wire {

class Input {
 public:
  explicit Input(std::string_view bytes)
      : begin_(bytes.data()), p_(begin_), end_(begin_ + bytes.size()) {}

  bool ok() const { return problem_.empty(); }
  int64_t left() const { return end_ - p_; }

  template <class Int>
  Int TakeFixed() {
    const char* p = Advance(sizeof(Int));
    return p ? GetBigEndian<Int>(p) : Int{0};
  }
  uint32_t TakeUnsignedVarint();
  std::string_view TakeBytes(int64_t size);
  // The next `size` bytes as an input of their own, which tells places as this one does.
  Input TakeSection(int64_t size);

  // `what` continues the name of the field: "wants 4 bytes".
  void Fail(std::string_view what);
  // Failed already: this is the field, or the element, in which it happened.
  void FailedIn(const char* field);
  void FailedIn(int64_t element);
  // A failure of a section is one of the whole.
  void FailAs(const Input& section);

  // REQUIRES: !ok().
  absl::Status StatusFor(std::string_view message, int16_t version) const;

 private:
  Input(const char* begin, const char* p, const char* end) : begin_(begin), p_(p), end_(end) {}
  // The next `size` bytes, or null and a failure.
  const char* Advance(int64_t size);

  const char* begin_;
  const char* p_;
  const char* end_;
  std::string problem_;  // empty: none
  std::string path_;
};

}  // namespace norn::model::wire

#endif  // NORN_MODEL_WIRE_INPUT_H_
