#include <algorithm>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "google/protobuf/io/tokenizer.h"
#include "google/protobuf/text_format.h"
#include "model/config/properties.h"
#include "scenarios/text/nearest.h"
#include "scenarios/text/script.h"

namespace norn::scenarios {
namespace {

using google::protobuf::FieldDescriptor;
using google::protobuf::Message;
using google::protobuf::Reflection;
using google::protobuf::TextFormat;
using Properties = google::protobuf::RepeatedPtrField<std::string>;

// What is wrong with a value is said here, in our words.
class Silent : public google::protobuf::io::ErrorCollector {
  void AddError(int, google::protobuf::io::ColumnNumber, const std::string&) override {}
};

// One --set at work.
class Overriding {
 public:
  Overriding(std::string_view assignment, Script& script)
      : argument_(absl::StrCat("--set ", std::string(assignment))), script_(script) {}

  absl::Status Refuse(std::string_view why) const {
    return absl::InvalidArgumentError(absl::StrCat(argument_, ": ", std::string(why)));
  }

  // Replaces what `properties` say of the key, and remembers who said it now.
  absl::Status SetProperty(const std::string& path, std::string_view key, std::string_view value,
                           Properties* properties) {
    for (int i = properties->size() - 1; i >= 0; --i) {
      const auto given = model::ParseProperty(properties->Get(i));
      if (!given.ok() || given->key != key) continue;
      *properties->Mutable(i) = model::PrintProperty(key, value);
      Remember(absl::StrCat(path, ".property[", i, "]"));
      return absl::OkStatus();
    }
    *properties->Add() = model::PrintProperty(key, value);
    Remember(absl::StrCat(path, ".property[", properties->size() - 1, "]"));
    return absl::OkStatus();
  }

  // `names` is a path from `message`, whose own path is `path`.
  absl::Status SetField(std::vector<std::string> names, const std::string& value,
                        Message* message) {
    std::string path;
    for (size_t i = 0; i < names.size(); ++i) {
      std::string name = names[i];
      int index = -1;
      if (absl::EndsWith(name, "]")) {
        const size_t bracket = name.find('[');
        if (bracket == std::string::npos ||
            !absl::SimpleAtoi(name.substr(bracket + 1, name.size() - bracket - 2), &index) ||
            index < 0) {
          return Refuse(absl::StrCat("'", name, "' is no element: write steps[0]"));
        }
        name.resize(bracket);
      }
      const FieldDescriptor* field = message->GetDescriptor()->FindFieldByName(name);
      const std::string holder = path.empty() ? "a scenario" : path;
      if (field == nullptr) {
        std::vector<std::string> known;
        for (int k = 0; k < message->GetDescriptor()->field_count(); ++k)
          known.push_back(message->GetDescriptor()->field(k)->name());
        return Refuse(absl::StrCat("no field is called '", name, "' in ", holder,
                                   Remedy(name, known, "its fields are")));
      }
      absl::StrAppend(&path, path.empty() ? "" : ".", names[i]);
      const Reflection* reflection = message->GetReflection();
      if (field->is_repeated()) {
        const int size = reflection->FieldSize(*message, field);
        if (index < 0) {
          return Refuse(absl::StrCat("'", path, "' is a list: say which, as in ", path, "[0]"));
        }
        if (index >= size) {
          return Refuse(absl::StrCat("there is no ", path, ": the scenario has ", size,
                                     size == 1 ? " of them" : " of them, counted from 0"));
        }
      } else if (index >= 0) {
        return Refuse(absl::StrCat("'", name, "' is no list: leave out [", index, "]"));
      }
      const bool is_message = field->message_type() != nullptr;
      const bool is_last = i + 1 == names.size();
      if (is_message && is_last) {
        return Refuse(absl::StrCat("'", path, "' has fields of its own: name one of them"));
      }
      if (!is_message && !is_last) {
        return Refuse(absl::StrCat("'", path, "' is a value and has no fields"));
      }
      if (!is_message) return SetValue(field, index, path, value, message);
      message = field->is_repeated() ? reflection->MutableRepeatedMessage(message, field, index)
                                     : reflection->MutableMessage(message, field);
    }
    return Refuse("name a field before the '='");
  }

 private:
  void Remember(std::string path) { script_.source.overrides[std::move(path)] = argument_; }

  absl::Status SetValue(const FieldDescriptor* field, int index, const std::string& path,
                        const std::string& value, Message* message) {
    const Reflection* reflection = message->GetReflection();
    if (field->type() == FieldDescriptor::TYPE_STRING) {
      if (index >= 0) {
        reflection->SetRepeatedString(message, field, index, value);
      } else {
        reflection->SetString(message, field, value);
      }
      Remember(path);
      return absl::OkStatus();
    }
    // Parsed into a message of its own, so that a value that is none changes nothing.
    std::unique_ptr<Message> scratch(message->New());
    TextFormat::Parser parser;
    Silent silent;
    parser.RecordErrorsTo(&silent);
    if (!parser.ParseFieldValueFromString(value, field, scratch.get())) {
      std::vector<std::string> values;
      if (field->enum_type() != nullptr)
        for (int i = 0; i < field->enum_type()->value_count(); ++i)
          values.push_back(field->enum_type()->value(i)->name());
      if (!values.empty()) {
        return Refuse(
            absl::StrCat("'", value, "' is none of its values", Remedy(value, values, "they are")));
      }
      return Refuse(absl::StrCat("'", value, "' is no ",
                                 field->cpp_type() == FieldDescriptor::CPPTYPE_BOOL
                                     ? "true or false"
                                     : "number, or is out of range"));
    }
    if (index >= 0) {
      if (field->cpp_type() != FieldDescriptor::CPPTYPE_INT32) {
        return Refuse(absl::StrCat("'", path, "' cannot be set from here"));
      }
      reflection->SetRepeatedInt32(message, field, index,
                                   scratch->GetReflection()->GetRepeatedInt32(*scratch, field, 0));
    } else {
      // The field is absent in every other respect, so that merging sets it alone.
      reflection->ClearField(message, field);
      message->MergeFrom(*scratch);
    }
    Remember(path);
    return absl::OkStatus();
  }

  std::string argument_;
  Script& script_;
};

// Splits "client.p1" into its first word and the rest.
std::pair<std::string, std::string> SplitFirst(const std::string& path) {
  const size_t dot = path.find('.');
  if (dot == std::string::npos) return {path, ""};
  return {path.substr(0, dot), path.substr(dot + 1)};
}

}  // namespace

absl::Status Override(std::string_view assignment, Script& script) {
  Overriding overriding(assignment, script);
  const size_t equals = assignment.find('=');
  if (equals == std::string_view::npos || equals == 0) {
    return overriding.Refuse("write PATH=VALUE, as client.linger.ms=20 or cluster.brokers=3");
  }
  const std::string path(assignment.substr(0, equals));
  const std::string value(assignment.substr(equals + 1));
  Scenario& scenario = script.scenario;
  auto [first, rest] = SplitFirst(path);

  // A client's name, behind "client." or alone.
  const auto client_called = [&](const std::string& name) {
    for (int i = 0; i < scenario.clients_size(); ++i)
      if (scenario.clients(i).name() == name) return i;
    return -1;
  };
  const auto set_client = [&](int i, const std::string& key) {
    return overriding.SetProperty(absl::StrCat("clients[", i, "]"), key, value,
                                  scenario.mutable_clients(i)->mutable_property());
  };
  if (first == "client") {
    if (rest.empty()) return overriding.Refuse("name a property: client.linger.ms=20");
    const auto [name, key] = SplitFirst(rest);
    if (const int i = client_called(name); i >= 0 && !key.empty()) return set_client(i, key);
    if (scenario.clients_size() == 0) return overriding.Refuse("the scenario has no client");
    for (int i = 0; i < scenario.clients_size(); ++i) {
      if (absl::Status set = set_client(i, rest); !set.ok()) return set;
    }
    return absl::OkStatus();
  }
  if (const int i = client_called(first); i >= 0 && !rest.empty()) return set_client(i, rest);
  if (first == "broker") {
    if (rest.empty()) return overriding.Refuse("name a property: broker.message.max.bytes=2000000");
    return overriding.SetProperty("cluster", rest, value,
                                  scenario.mutable_cluster()->mutable_property());
  }
  if (first == "topic") {
    std::vector<std::string> names;
    for (int i = 0; i < scenario.cluster().topics_size(); ++i) {
      Topic* topic = scenario.mutable_cluster()->mutable_topics(i);
      names.push_back(topic->name());
      // A topic's name may itself have dots.
      if (!absl::StartsWith(rest, absl::StrCat(topic->name(), "."))) continue;
      return overriding.SetProperty(absl::StrCat("cluster.topics[", i, "]"),
                                    rest.substr(topic->name().size() + 1), value,
                                    topic->mutable_property());
    }
    return overriding.Refuse(
        absl::StrCat("write topic.NAME.PROPERTY=VALUE", ThereAre(names, "topics are")));
  }
  return overriding.SetField(absl::StrSplit(path, '.'), value, &scenario);
}

void AddDefect(std::string name, Script& script) {
  Cluster& cluster = *script.scenario.mutable_cluster();
  script.source.overrides[absl::StrCat("cluster.defect[", cluster.defect_size(), "]")] =
      absl::StrCat("--defect=", name);
  cluster.add_defect(std::move(name));
}

}  // namespace norn::scenarios
