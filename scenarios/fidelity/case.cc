#include "scenarios/fidelity/case.h"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <set>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "google/protobuf/text_format.h"
#include "scenarios/fidelity/look.h"
#include "scenarios/text/script.h"

namespace norn::scenarios {
namespace {

namespace fs = std::filesystem;

absl::StatusOr<std::string> ReadFile(const fs::path& path) {
  std::ifstream in(path);
  if (!in) return absl::NotFoundError(absl::StrCat(path.string(), ": cannot be read"));
  return std::string(std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>());
}

template <class Message>
absl::Status ParseMessage(const fs::path& path, Message* message) {
  const auto text = ReadFile(path);
  if (!text.ok()) return text.status();
  google::protobuf::TextFormat::Parser parser;
  if (parser.ParseFromString(*text, message)) return absl::OkStatus();
  return absl::InvalidArgumentError(absl::StrCat(
      path.string(), ": is no ", Message::descriptor()->name(), "; the lines above say why"));
}

// Recordings call flavours by a letter for the library; what follows it is in the client's
// properties.
std::string FlavourOf(const std::string& letters) {
  return letters[0] == 'J' ? "java-4.1" : letters[0] == 'R' ? "librdkafka-2.16" : "librdkafka-2.0";
}

bool Concerns(const google::protobuf::RepeatedPtrField<std::string>& flavours,
              const std::string& flavour) {
  return flavours.empty() || std::find(flavours.begin(), flavours.end(), flavour) != flavours.end();
}

std::string PropertyText(const Value& value) {
  return value.kind() == Value::Kind::kText ? value.text() : value.ToString();
}

// The scenario as the clients of the recording were configured.
absl::StatusOr<Plan> PlanOf(const fs::path& folder, const Variant& variant, const Case& one,
                            const Value& config) {
  const fs::path file = folder / (variant.scenario() + ".textproto");
  const auto text = ReadFile(file);
  if (!text.ok()) return text.status();
  auto script = ParseScript(file.string(), *text, folder.string());
  if (!script.ok()) return script.status();
  std::vector<std::string> sets(variant.set().begin(), variant.set().end());
  for (const Adjustment& adjust : variant.adjust())
    if (Concerns(adjust.flavour(), one.flavour))
      sets.insert(sets.end(), adjust.set().begin(), adjust.set().end());
  for (const std::string& set : sets)
    if (const absl::Status status = Override(set, **script); !status.ok()) return status;
  Scenario& scenario = (*script)->scenario;
  if (static_cast<size_t>(scenario.clients_size()) != config.size())
    return absl::InvalidArgumentError(absl::StrCat(file.string(), ": has ", scenario.clients_size(),
                                                   " clients, and the recording has ",
                                                   config.size()));
  for (int i = 0; i < scenario.clients_size(); ++i) {
    Client& client = *scenario.mutable_clients(i);
    if (!client.has_flavour()) client.set_flavour(FlavourOf(one.flavour));
    for (const auto& [key, value] : config.items()[static_cast<size_t>(i)].fields()) {
      // What the scenario says itself goes before.
      const bool said = std::any_of(
          client.property().begin(), client.property().end(),
          [&key = key](const std::string& line) { return absl::StartsWith(line, key + "="); });
      if (!said) client.add_property(absl::StrCat(key, "=", PropertyText(value)));
    }
  }
  auto plan = MakePlan(**script);
  if (plan.ok()) plan->name = one.name;
  return plan;
}

std::map<std::string, std::string> LooksOf(const CaseBook& book, const Case& one) {
  std::set<std::string> keys;
  for (const Case::Outcome& outcome : one.outcomes) {
    for (const auto& [key, value] : outcome.facts.fields()) keys.insert(key);
    for (const auto& [key, value] : outcome.ranges.fields()) keys.insert(key);
  }
  std::map<std::string, std::string> looks;
  for (const std::string& key : keys) looks[key] = key;
  for (const Look& look : book.look()) {
    if (!Concerns(look.flavour(), one.flavour)) continue;
    if (look.given()) {
      looks.erase(look.fact());
    } else if (keys.contains(look.fact())) {
      looks[look.fact()] = look.as();
    }
  }
  return looks;
}

// "at_14s[0] | count" -> "at_14s"
std::string KeyOf(const std::string& path) { return path.substr(0, path.find_first_of(".[ ")); }

// The least and the most of each place, as far as all runs go.
Value Widest(const std::vector<Value>& runs) {
  Value ranges = Value::Array();
  for (size_t place = 0;; ++place) {
    double least = 0, most = 0;
    for (const Value& run : runs) {
      const std::vector<Value> numbers =
          run.is_array() ? run.items() : std::vector<Value>(run.is_null() ? 0 : 1, run);
      if (place >= numbers.size()) return ranges;
      const double number = numbers[place].number();
      least = &run == &runs[0] ? number : std::min(least, number);
      most = &run == &runs[0] ? number : std::max(most, number);
    }
    ranges.Add(Value::Array({least, most}));
  }
}

std::vector<Value> RunsOf(const Value& recorded) {
  std::vector<Value> runs;
  for (const Value& outcome : recorded["outcomes"].items()) runs.push_back(outcome["facts"]);
  return runs;
}

// Of all cases that the look is for.
std::vector<Value> PooledRuns(const Look& look, const Value& recording) {
  std::vector<Value> runs;
  for (const Value& other : recording["cases"].items()) {
    if (!Concerns(look.flavour(), other["flavour"].text()) ||
        !Concerns(look.variant(), other["variant"].text()))
      continue;
    const std::vector<Value> more = RunsOf(other);
    runs.insert(runs.end(), more.begin(), more.end());
  }
  return runs;
}

// Of a recording that keeps each run as it was: what the book's looks make of the runs.
absl::Status ReadRuns(const CaseBook& book, const Value& recording, const Value& recorded,
                      Case* one) {
  const std::string variant = recorded["variant"].text();
  const std::vector<Value> runs = RunsOf(recorded);
  std::vector<Look> looks;
  std::set<std::string> looked_at;
  for (const Look& look : book.look()) {
    if (!Concerns(look.flavour(), one->flavour) || !Concerns(look.variant(), variant)) continue;
    if (look.given() && !look.has_because())
      return absl::InvalidArgumentError(
          absl::StrCat(look.fact(), " is given: say why, with because: \"...\""));
    const std::string key = KeyOf(look.fact());
    const bool known =
        std::any_of(runs.begin(), runs.end(), [&key](const Value& run) { return run.Has(key); });
    if (!known) continue;
    looked_at.insert(key);
    if (!look.given()) looks.push_back(look);
  }
  for (const Value& run : runs) {
    for (const auto& [key, value] : run.fields()) {
      if (!looked_at.insert(key).second) continue;
      Look& look = looks.emplace_back();
      look.set_fact(key);
    }
  }
  std::vector<Value> facts(runs.size(), Value::Object());
  Value ranges = Value::Object();
  for (const Look& look : looks) {
    const std::string then = look.has_both() ? " | " + look.both() : "";
    const std::string name = look.fact() + then;
    one->looks[name] = (look.has_as() ? look.as() : "cluster." + look.fact()) + then;
    std::vector<Value> values;
    for (const Value& run : look.pooled() ? PooledRuns(look, recording) : runs) {
      auto value = LookAtFacts(run, name);
      if (!value.ok())
        return absl::InvalidArgumentError(
            absl::StrCat(name, ": ", std::string(value.status().message())));
      values.push_back(*std::move(value));
    }
    if (look.has_range()) {
      ranges.Set(name, Widest(values));
      if (look.range() == MS) one->times.insert(name);
      Case::Bounds& bounds = one->bounds[name];
      if (look.has_at_least()) bounds.least = look.at_least();
      if (look.has_at_most()) bounds.most = look.at_most();
    } else if (look.alone()) {
      for (const Value& value : values) ++one->alone[name][value];
    } else {
      for (size_t i = 0; i < runs.size(); ++i) facts[i].Set(name, values[i]);
    }
  }
  for (Value& run : facts) {
    const auto same = std::find_if(one->outcomes.begin(), one->outcomes.end(),
                                   [&run](const auto& known) { return known.facts == run; });
    if (same != one->outcomes.end()) {
      ++same->count;
    } else {
      one->outcomes.push_back({1, std::move(run), ranges});
    }
  }
  return absl::OkStatus();
}

absl::Status LoadFolder(const fs::path& folder, std::vector<Case>* cases) {
  CaseBook book;
  if (const absl::Status status = ParseMessage(folder / "book.textproto", &book); !status.ok())
    return status;
  const auto text = ReadFile(folder / "recording.json");
  if (!text.ok()) return text.status();
  const auto recording = ParseJson(*text);
  if (!recording.ok())
    return absl::InvalidArgumentError(absl::StrCat((folder / "recording.json").string(), ":",
                                                   std::string(recording.status().message())));
  std::set<std::string> agreed;
  if (const auto list = ReadFile(folder / "agreed.txt"); list.ok())
    for (const auto& name : absl::StrSplit(*list, '\n')) agreed.emplace(name);

  for (const Value& recorded : (*recording)["cases"].items()) {
    Case& one = cases->emplace_back();
    one.number = (*recording)["scenario"].text();
    one.flavour = recorded["flavour"].text();
    const std::string variant = recorded["variant"].text();
    one.name = absl::StrCat(one.number, variant.empty() ? "" : "-", variant, "-", one.flavour);
    one.about = (*recording)["about"].text();
    one.version = (*recording)["versions"][one.flavour.substr(0, 1)].text();
    one.folder = folder.string();
    one.agreed = agreed.contains(one.name);
    if (book.runs()) {
      const absl::Status status = ReadRuns(book, *recording, recorded, &one);
      if (!status.ok())
        return absl::InvalidArgumentError(absl::StrCat((folder / "book.textproto").string(), ": ",
                                                       std::string(status.message())));
    }
    for (const Value& outcome : recorded["outcomes"].items())
      if (!book.runs())
        one.outcomes.push_back(
            {static_cast<int64_t>(outcome["count"].number()), outcome["facts"], outcome["ranges"]});
    if (!book.runs()) one.looks = LooksOf(book, one);
    one.behaviours.assign(book.behaviour().begin(), book.behaviour().end());
    one.cannot_run = "no scenario tells it yet";
    for (const Variant& told : book.variants()) {
      if (told.name() != variant) continue;
      one.behaviours.insert(one.behaviours.end(), told.behaviour().begin(), told.behaviour().end());
      auto plan = PlanOf(folder, told, one, recorded["config"]);
      one.cannot_run = std::string(plan.status().message());
      if (plan.ok()) one.plan = *std::move(plan);
    }
  }
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<Cases> LoadCases(const std::string& directory, const std::string& number) {
  Cases all;
  std::error_code error;
  const fs::path root(directory);
  std::vector<fs::path> folders;
  for (const auto& entry : fs::directory_iterator(root / "cases", error)) {
    const std::string name = entry.path().filename().string();
    if (number.empty() || absl::StartsWith(name, number + "-")) folders.push_back(entry.path());
  }
  if (folders.empty())
    return absl::NotFoundError(absl::StrCat((root / "cases").string(), ": no recordings",
                                            number.empty() ? "" : " of number ", number,
                                            " are there; --cases=DIR says where they are"));
  std::sort(folders.begin(), folders.end());
  if (const absl::Status status = ParseMessage(root / "behaviours.textproto", &all.behaviours);
      !status.ok())
    return status;
  for (const fs::path& folder : folders)
    if (const absl::Status status = LoadFolder(folder, &all.cases); !status.ok()) return status;
  return all;
}

}  // namespace norn::scenarios
