#include "scenarios/text/source.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "scenarios/scenario.pb.h"
#include "sim/check.h"

namespace norn::scenarios {

std::string StoryOf(std::string_view text) {
  std::vector<std::string> lines;
  const std::vector<std::string> all = absl::StrSplit(std::string(text), '\n');
  for (std::string line : all) {
    if (line.empty() || line[0] != '#') break;
    line.erase(0, line.size() > 1 && line[1] == ' ' ? 2 : 1);
    lines.push_back(std::move(line));
  }
  return absl::StrJoin(lines, "\n");
}

Place::Place(const Source& source)
    : source_(&source), tree_(&source.places), type_(Scenario::descriptor()) {
  place_.line = -1;
  place_.column = -1;
}

Place Place::In(std::string_view field, int index) const {
  NORN_CHECK(type_ != nullptr) << path_ << " has no fields, so not " << field;
  const auto* descriptor = type_->FindFieldByName(std::string(field));
  NORN_CHECK(descriptor != nullptr) << type_->full_name() << " has no field " << field;
  Place inner = *this;
  inner.path_ = absl::StrCat(path_, path_.empty() ? "" : ".", std::string(field));
  if (index >= 0) absl::StrAppend(&inner.path_, "[", index, "]");
  inner.type_ = descriptor->message_type();
  inner.tree_ = nullptr;
  // A list as a whole has no place of its own.
  if (tree_ == nullptr || (descriptor->is_repeated() && index < 0)) return inner;
  const auto found = tree_->GetLocation(descriptor, index);
  if (found.line < 0) return inner;
  inner.place_ = found;
  if (inner.type_ != nullptr) inner.tree_ = tree_->GetTreeForNested(descriptor, index);
  return inner;
}

const std::string* Place::Argument() const {
  // What was set as a whole covers what is in it.
  for (const auto& [path, argument] : source_->overrides) {
    if (path_ == path || absl::StartsWith(path_, absl::StrCat(path, ".")) ||
        absl::StartsWith(path_, absl::StrCat(path, "[")))
      return &argument;
  }
  return nullptr;
}

std::string Place::ToString() const {
  if (const std::string* argument = Argument()) return absl::StrCat(*argument, ": ");
  std::string text = source_->file;
  if (place_.line >= 0) absl::StrAppend(&text, ":", place_.line + 1, ":", place_.column + 1);
  absl::StrAppend(&text, ": ");
  if (!path_.empty()) absl::StrAppend(&text, path_, ": ");
  return text;
}

void Diagnosis::Add(const Place& place, std::string_view text) {
  std::string mistake = absl::StrCat(place.ToString(), std::string(text));
  // One cause met on two ways is told once.
  if (std::find(mistakes_.begin(), mistakes_.end(), mistake) == mistakes_.end()) {
    mistakes_.push_back(std::move(mistake));
  }
}

absl::Status Diagnosis::status() const {
  if (ok()) return absl::OkStatus();
  return absl::InvalidArgumentError(absl::StrJoin(mistakes_, "\n"));
}

}  // namespace norn::scenarios
