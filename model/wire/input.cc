#include "model/wire/input.h"

#include "absl/strings/str_cat.h"
#include "model/record/varint.h"

namespace norn::model::wire {

const char* Input::Advance(int64_t size) {
  if (!ok()) return nullptr;
  if (size < 0 || size > left()) {
    Fail(absl::StrCat("wants ", size, " bytes"));
    return nullptr;
  }
  const char* p = p_;
  p_ += size;
  return p;
}

uint32_t Input::TakeUnsignedVarint() {
  if (!ok()) return 0;
  uint32_t value = 0;
  const char* p = GetUnsignedVarint32(p_, end_, &value);
  if (!p) {
    Fail("has a length that does not end");
    return 0;
  }
  p_ = p;
  return value;
}

std::string_view Input::TakeBytes(int64_t size) {
  const char* p = Advance(size);
  return p ? std::string_view(p, static_cast<size_t>(size)) : std::string_view();
}

Input Input::TakeSection(int64_t size) {
  const char* p = Advance(size);
  return p ? Input(begin_, p, p + size) : Input(begin_, p_, p_);
}

void Input::Fail(std::string_view what) {
  if (!ok()) return;
  problem_ = absl::StrCat(std::string(what), " at byte ", p_ - begin_, ", ", left(), " are left");
}

void Input::FailedIn(const char* field) {
  const char* dot = path_.empty() || path_[0] == '[' ? "" : ".";
  path_ = absl::StrCat(field, dot, path_);
}

void Input::FailedIn(int64_t element) {
  path_ = absl::StrCat("[", element, "]", path_.empty() ? "" : ".", path_);
}

void Input::FailAs(const Input& section) {
  if (!ok() || section.ok()) return;
  problem_ = section.problem_;
  path_ = section.path_;
}

absl::Status Input::StatusFor(std::string_view message, int16_t version) const {
  return absl::InvalidArgumentError(absl::StrCat(std::string(message), " v", version, ": ", path_,
                                                 path_.empty() ? "it " : ": ", problem_));
}

}  // namespace norn::model::wire
