#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "google/protobuf/io/tokenizer.h"
#include "google/protobuf/text_format.h"
#include "scenarios/text/nearest.h"
#include "scenarios/text/script.h"

namespace norn::scenarios {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::DescriptorPool;
using google::protobuf::EnumDescriptor;
using google::protobuf::FieldDescriptor;
using google::protobuf::TextFormat;

// The words between the `n`-th pair of quotes of `text`, counted from 0; empty if there are fewer.
std::string Quoted(std::string_view text, int n) {
  for (size_t begin = 0;; --n) {
    begin = text.find('"', begin);
    if (begin == std::string_view::npos) return "";
    const size_t end = text.find('"', begin + 1);
    if (end == std::string_view::npos) return "";
    if (n == 0) return std::string(text.substr(begin + 1, end - begin - 1));
    begin = end + 1;
  }
}

std::vector<std::string> FieldNames(const Descriptor& type) {
  std::vector<std::string> names;
  for (int i = 0; i < type.field_count(); ++i) names.push_back(type.field(i)->name());
  return names;
}

// An enum of ours that is the type of a field of this name and lacks this value.
const EnumDescriptor* EnumOfField(std::string_view field, const std::string& value) {
  const auto* file = Scenario::descriptor()->file();
  for (int i = 0; i < file->message_type_count(); ++i) {
    const FieldDescriptor* found = file->message_type(i)->FindFieldByName(std::string(field));
    if (found != nullptr && found->enum_type() != nullptr &&
        found->enum_type()->FindValueByName(value) == nullptr) {
      return found->enum_type();
    }
  }
  return nullptr;
}

// "orders.proto's OutcomeIs" is called `outcome` where people write it.
std::string WhatItIs(const Descriptor& type) {
  const auto* file = Scenario::descriptor()->file();
  if (&type == Scenario::descriptor()) return "a scenario";
  for (int i = 0; i < file->message_type_count(); ++i) {
    const Descriptor* holder = file->message_type(i);
    for (int k = 0; k < holder->field_count(); ++k)
      if (holder->field(k)->message_type() == &type)
        return absl::StrCat("`", holder->field(k)->name(), "`");
  }
  return type.name();
}

// The parser's words, in ours, with the remedy where there is one to tell.
std::string Remedied(const std::string& message) {
  if (absl::StrContains(message, "has no field named")) {
    const Descriptor* type =
        DescriptorPool::generated_pool()->FindMessageTypeByName(Quoted(message, 0));
    const std::string field = Quoted(message, 1);
    if (type != nullptr) {
      if (type->field_count() == 0) {
        return absl::StrCat("no field is called '", field, "' in ", WhatItIs(*type),
                            ", which has none");
      }
      return absl::StrCat("no field is called '", field, "' in ", WhatItIs(*type),
                          Remedy(field, FieldNames(*type), "its fields are"));
    }
  }
  if (absl::StrContains(message, "Unknown enumeration value")) {
    const std::string value = Quoted(message, 0);
    const std::string field = Quoted(message, 1);
    if (const EnumDescriptor* type = EnumOfField(field, value)) {
      std::vector<std::string> values;
      for (int i = 0; i < type->value_count(); ++i) values.push_back(type->value(i)->name());
      return absl::StrCat("'", field, "' cannot be ", value, Remedy(value, values, "it is one of"));
    }
  }
  if (absl::StrContains(message, "another member of oneof")) {
    const std::string first = Quoted(message, 0);
    return absl::StrCat("'", first, "' and '", Quoted(message, 1),
                        "' exclude each other here: keep one, or give '", first,
                        "' an entry of its own");
  }
  if (absl::StrContains(message, "is specified multiple times")) {
    return absl::StrCat("'", Quoted(message, 0), "' is given twice: keep one of the two");
  }
  if (absl::EndsWith(message, "got: "))
    return "the text ends here, and something is still open; is a '}' missing?";
  return message;
}

class Collector : public google::protobuf::io::ErrorCollector {
 public:
  explicit Collector(std::string file) : file_(std::move(file)) {}

  void AddError(int line, google::protobuf::io::ColumnNumber column,
                const std::string& message) override {
    // What comes after a first mistake of form is mostly its echo.
    if (!first_.empty()) return;
    first_ = absl::StrCat(file_, line < 0 ? "" : absl::StrCat(":", line + 1, ":", column + 1), ": ",
                          Remedied(message));
  }
  void AddWarning(int, google::protobuf::io::ColumnNumber, const std::string&) override {}

  const std::string& first() const { return first_; }

 private:
  std::string file_;
  std::string first_;
};

}  // namespace

absl::StatusOr<std::unique_ptr<Script>> ParseScript(std::string file, std::string text,
                                                    std::string directory) {
  auto script = std::make_unique<Script>();
  script->source.file = std::move(file);
  script->source.text = std::move(text);
  script->source.directory = std::move(directory);
  Collector collector(script->source.file);
  TextFormat::Parser parser;
  parser.RecordErrorsTo(&collector);
  parser.WriteLocationsTo(&script->source.places);
  if (!parser.ParseFromString(script->source.text, &script->scenario)) {
    return absl::InvalidArgumentError(collector.first().empty()
                                          ? absl::StrCat(script->source.file, ": cannot be read")
                                          : collector.first());
  }
  return script;
}

}  // namespace norn::scenarios
