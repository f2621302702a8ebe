// Where each word of a scenario stands, so that whoever finds a mistake can say: this file, this
// line, this field, and what would be right.
//
// A Source is the text with the places the parser found in it. A Place walks it as the message is
// walked; what was not written down has the place of what surrounds it, and what was set on the
// command line has that as its place.
//
// Example:
//   Place step = Place(source).In("steps", 2).In("send");
//   diagnosis.Add(step.In("client"), "no client is called 'p2'; clients are: p1");
//   // crash.textproto:14:18: steps[2].send.client: no client is called 'p2'; clients are: p1
#ifndef NORN_SCENARIOS_TEXT_SOURCE_H_
#define NORN_SCENARIOS_TEXT_SOURCE_H_

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "google/protobuf/descriptor.h"
#include "google/protobuf/text_format.h"

namespace norn::scenarios {

struct Source {
  std::string file;  // as messages name it
  std::string text;
  std::string directory;  // where a path in the text begins; empty: there is none
  google::protobuf::TextFormat::ParseInfoTree places;
  // Field path -> the argument that set it: "cluster.brokers" -> "--set cluster.brokers=3".
  std::map<std::string, std::string> overrides;
};

// The comment at the top of a scenario, without its #. Its first line is the headline.
std::string StoryOf(std::string_view text);

class Place {
 public:
  // The whole scenario.
  explicit Place(const Source& source);

  // A field of the message at this place; of a repeated one, the element `index`.
  // REQUIRES: there is such a field.
  Place In(std::string_view field, int index = -1) const;

  const std::string& path() const { return path_; }
  // Counted from 1; 0 if it is not in the text, or was set on the command line since.
  int line() const { return Argument() == nullptr ? place_.line + 1 : 0; }
  // "crash.textproto:14:18: steps[2].send: " or "--set steps[2].send.count=0: ".
  std::string ToString() const;

 private:
  Place() = default;
  // What set it on the command line; null: nothing did.
  const std::string* Argument() const;

  const Source* source_ = nullptr;
  const google::protobuf::TextFormat::ParseInfoTree* tree_ = nullptr;
  const google::protobuf::Descriptor* type_ = nullptr;
  google::protobuf::TextFormat::ParseLocation place_;
  std::string path_;
};

// Mistakes, in the order in which they are found: all are told, not the first alone.
class Diagnosis {
 public:
  void Add(const Place& place, std::string_view text);
  bool ok() const { return mistakes_.empty(); }
  size_t size() const { return mistakes_.size(); }
  // One line each.
  absl::Status status() const;

 private:
  std::vector<std::string> mistakes_;
};

}  // namespace norn::scenarios

#endif  // NORN_SCENARIOS_TEXT_SOURCE_H_
