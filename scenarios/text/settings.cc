#include "scenarios/text/settings.h"

#include <algorithm>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_split.h"

namespace norn::scenarios {
namespace {

bool IsKeyChar(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' ||
         c == '_' || c == '-';
}

// Where `text` mentions `key`, as a whole word; npos if it does not.
size_t Mention(std::string_view text, std::string_view key) {
  for (size_t at = text.find(key); at != std::string_view::npos; at = text.find(key, at + 1)) {
    const size_t end = at + key.size();
    const bool begins = at == 0 || !IsKeyChar(text[at - 1]);
    const bool ends = end == text.size() || !IsKeyChar(text[end]) ||
                      (text[end] == '.' && (end + 1 == text.size() || text[end + 1] == ' '));
    if (begins && ends) return at;
  }
  return std::string_view::npos;
}

}  // namespace

Settings::Settings(const Place& holder,
                   const google::protobuf::RepeatedPtrField<std::string>& property,
                   Diagnosis& diagnosis)
    : holder_(holder), diagnosis_(diagnosis) {
  for (int i = 0; i < property.size(); ++i) {
    const Place place = holder.In("property", i);
    auto parsed = model::ParseProperty(property.Get(i));
    if (!parsed.ok()) {
      diagnosis.Add(place, std::string(parsed.status().message()));
      continue;
    }
    parsed->line = place.line();
    written_.push_back({parsed->key, place});
    properties_.push_back(*std::move(parsed));
  }
}

void Settings::AddFile(const Place& named_at, std::vector<model::Property> of_file) {
  std::erase_if(of_file, [this](const model::Property& property) {
    return std::any_of(written_.begin(), written_.end(),
                       [&](const Written& own) { return own.key == property.key; });
  });
  of_file_ = true;
  for (model::Property& own : properties_) own.line = 0;
  for (const model::Property& property : of_file) written_.push_back({property.key, named_at});
  properties_.insert(properties_.begin(), of_file.begin(), of_file.end());
}

void Settings::Refuse(const absl::Status& status) const {
  const std::vector<std::string> lines = absl::StrSplit(status.message(), '\n');
  for (const std::string& line : lines) {
    const Written* about = nullptr;
    size_t first = std::string::npos;
    for (const Written& written : written_) {
      const size_t at = Mention(line, written.key);
      if (at < first) {
        first = at;
        about = &written;
      }
    }
    // The place says the line already, unless it is that of a file.
    const size_t begin = !of_file_ && absl::StartsWith(line, "line ") ? line.find(": ") : line.npos;
    diagnosis_.Add(about == nullptr ? holder_ : about->place,
                   begin == line.npos ? line : line.substr(begin + 2));
  }
}

}  // namespace norn::scenarios
