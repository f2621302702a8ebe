#include <algorithm>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/strip.h"
#include "scenarios/text/checks.h"
#include "scenarios/text/duration.h"
#include "scenarios/text/nearest.h"

namespace norn::scenarios {
namespace {

bool Contains(const std::vector<std::string>& names, std::string_view name) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

}  // namespace

void Names::Read(const Scenario& scenario) {
  brokers_ = std::max(scenario.cluster().brokers(), 1);
  for (const auto& topic : scenario.cluster().topics())
    topics_.emplace(topic.name(), std::max(topic.partitions(), 1));
  for (const auto& client : scenario.clients()) {
    clients_.push_back(client.name());
    (client.has_consumer() ? consumers_ : producers_).push_back(client.name());
  }
  for (const auto& workload : scenario.workloads()) AddSend(workload.name(), 1);
  for (const auto& fault : scenario.faults())
    if (!fault.name().empty()) {
      faults_.push_back(fault.name());
      if (fault.has_hold()) holds_.push_back(fault.name());
    }
  const auto read_topic = [this](const Topic& topic) {
    topics_.emplace(topic.name(), std::max(topic.partitions(), 1));
  };
  for (const auto& step : scenario.steps())
    if (step.has_create_topic()) read_topic(step.create_topic());
  for (const auto& fault : scenario.faults())
    if (fault.has_create_topic()) read_topic(fault.create_topic());
  has_controller_ = scenario.cluster().controller();
  if (scenario.cluster().has_controller()) return;
  const auto is_replicated = [](const Topic& topic) { return topic.replicas() > 1; };
  for (const auto& topic : scenario.cluster().topics())
    has_controller_ = has_controller_ || is_replicated(topic);
  for (const auto& step : scenario.steps())
    has_controller_ = has_controller_ || is_replicated(step.create_topic());
  for (const auto& fault : scenario.faults())
    has_controller_ = has_controller_ || is_replicated(fault.create_topic());
}

bool Names::CheckController(const Place& place) const {
  if (has_controller_) return true;
  diagnosis_.Add(place,
                 "this cluster has no controller, because no topic has replicas; to have one all "
                 "the same, write cluster { controller: true }");
  return false;
}

bool Names::CheckBroker(const Place& place, int32_t broker) const {
  if (broker >= 1 && broker <= brokers_) return true;
  diagnosis_.Add(
      place, brokers_ == 1
                 ? absl::StrCat("there is no broker ", broker, "; the only one is 1")
                 : absl::StrCat("there is no broker ", broker, "; brokers are 1 to ", brokers_));
  return false;
}

bool Names::CheckTopic(const Place& place, std::string_view topic) const {
  if (topics_.contains(std::string(topic))) return true;
  std::vector<std::string> known;
  for (const auto& [name, partitions] : topics_) known.push_back(name);
  diagnosis_.Add(place, absl::StrCat("no topic is called '", std::string(topic), "'",
                                     ThereAre(known, "topics are")));
  return false;
}

bool Names::CheckPartition(const Place& place, std::string_view topic, int32_t partition) const {
  const int32_t count = topics_.find(std::string(topic))->second;
  if (partition >= 0 && partition < count) return true;
  diagnosis_.Add(place, absl::StrCat("'", std::string(topic), "' has no partition ", partition,
                                     "; it has ", count, count == 1 ? ", numbered 0" : ", from 0"));
  return false;
}

bool Names::IsBroker(std::string_view machine) const {
  int32_t broker = 0;
  return machine.size() > 1 && machine[0] == 'b' &&
         absl::SimpleAtoi(std::string(machine.substr(1)), &broker) && broker >= 1 &&
         broker <= brokers_;
}

bool Names::CheckMachine(const Place& place, std::string_view name) const {
  if (IsBroker(name) || (has_controller_ && name == "c1") || Contains(clients_, name)) return true;
  std::vector<std::string> known;
  for (int32_t id = 1; id <= brokers_; ++id) known.push_back(absl::StrCat("b", id));
  if (has_controller_) known.push_back("c1");
  known.insert(known.end(), clients_.begin(), clients_.end());
  diagnosis_.Add(place, absl::StrCat("no machine is called '", std::string(name), "'",
                                     ThereAre(known, "machines are")));
  return false;
}

bool Names::CheckClock(const Place& place, std::string_view machine) const {
  if (!CheckMachine(place, machine)) return false;
  if (machine != "c1") return true;
  diagnosis_.Add(place, "the controller's clocks change nothing here: name a broker or a client");
  return false;
}

bool Names::CheckSend(const Place& place, std::string_view label) const {
  for (const auto& [name, count] : sends_) {
    if (name == label) return true;
    int32_t number = 0;
    if (count > 1 && label.substr(0, name.size()) == name &&
        absl::SimpleAtoi(std::string(label.substr(name.size())), &number) && number >= 0 &&
        number < count) {
      return true;
    }
  }
  std::vector<std::string> known;
  for (const auto& [name, count] : sends_) known.push_back(name);
  diagnosis_.Add(place, absl::StrCat("nothing that is sent before this is called '",
                                     std::string(label), "'", ThereAre(known, "there are")));
  return false;
}

bool Names::CheckFault(const Place& place, std::string_view name) const {
  if (Contains(faults_, name)) return true;
  diagnosis_.Add(place, absl::StrCat("no fault is called '", std::string(name), "'",
                                     ThereAre(faults_, "faults are")));
  return false;
}

bool Names::CheckHold(const Place& place, std::string_view name) const {
  if (!CheckFault(place, name)) return false;
  if (Contains(holds_, name)) return true;
  diagnosis_.Add(place, absl::StrCat("'", std::string(name), "' holds nothing; give it hold {}"));
  return false;
}

bool Names::CheckDuration(const Place& place, std::string_view text) const {
  const auto duration = ParseDuration(text);
  if (duration.ok()) return true;
  diagnosis_.Add(place, std::string(duration.status().message()));
  return false;
}

bool Names::CheckSignedDuration(const Place& place, std::string_view text) const {
  const auto duration = ParseSignedDuration(text);
  if (duration.ok()) return true;
  diagnosis_.Add(place, std::string(duration.status().message()));
  return false;
}

bool Names::CheckProbability(const Place& place, double probability) const {
  if (probability >= 0 && probability <= 1) return true;
  diagnosis_.Add(place, absl::StrCat(probability,
                                     " is no probability; write one from 0 to 1, as "
                                     "0.05 for five in a hundred"));
  return false;
}

bool Names::CheckCompressionRatio(const Place& place, double ratio) const {
  if (ratio > 0 && ratio <= 2) return true;
  diagnosis_.Add(place, absl::StrCat(ratio,
                                     " is no compression ratio; write what is left of one byte, as "
                                     "0.4"));
  return false;
}

bool Names::CheckAtLeast(const Place& place, int64_t value, int64_t least) const {
  if (value >= least) return true;
  diagnosis_.Add(place, absl::StrCat(value, " is too small; it must be at least ", least));
  return false;
}

bool Names::CheckGiven(const Place& place, bool has, std::string_view example) const {
  if (has) return true;
  diagnosis_.Add(place, absl::StrCat("is missing; write ", std::string(example)));
  return false;
}

std::optional<std::string> Names::Client(const Place& place, const std::string& name,
                                         Kind kind) const {
  const std::vector<std::string>& candidates = kind == Kind::kProducer   ? producers_
                                               : kind == Kind::kConsumer ? consumers_
                                                                         : clients_;
  const std::string what = kind == Kind::kProducer   ? "producer"
                           : kind == Kind::kConsumer ? "consumer"
                                                     : "client";
  if (name.empty()) {
    if (candidates.size() == 1) return candidates[0];
    diagnosis_.Add(place, candidates.empty() ? absl::StrCat("needs a ", what,
                                                            ", and the scenario has none; add "
                                                            "clients { name: \"p1\" }")
                                             : absl::StrCat("say which ", what, ": there are ",
                                                            absl::StrJoin(candidates, ", ")));
    return std::nullopt;
  }
  if (Contains(candidates, name)) return name;
  if (Contains(clients_, name)) {
    diagnosis_.Add(place, absl::StrCat("'", name, "' is no ", what,
                                       ThereAre(candidates, absl::StrCat(what, "s are"))));
  } else {
    diagnosis_.Add(
        place, absl::StrCat("no client is called '", name, "'", ThereAre(clients_, "clients are")));
  }
  return std::nullopt;
}

}  // namespace norn::scenarios
