#include <fstream>
#include <iterator>
#include <set>

#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "model/config/flavour.h"
#include "model/config/properties.h"
#include "scenarios/text/checks.h"
#include "scenarios/text/settings.h"

namespace norn::scenarios {
namespace {

constexpr int kPort = 9092;

// Names become machines, file paths and words of reports.
bool IsClientName(std::string_view name) {
  if (name.empty() || name.size() > 64) return false;
  for (const char c : name) {
    const bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
    if (!letter && !(c >= '0' && c <= '9') && c != '_' && c != '-') return false;
  }
  return true;
}

void CheckName(const Place& place, const Client& client, std::set<std::string>& seen,
               Diagnosis& diagnosis) {
  const std::string& name = client.name();
  if (!IsClientName(name)) {
    diagnosis.Add(place, absl::StrCat("'", name,
                                      "' cannot be a client's name: take letters, "
                                      "digits, '_' and '-'"));
    return;
  }
  int32_t number = 0;
  if (name[0] == 'b' && absl::SimpleAtoi(name.substr(1), &number)) {
    diagnosis.Add(place, absl::StrCat("'", name, "' is how brokers are called; take another name"));
  }
  if (!seen.insert(name).second) {
    diagnosis.Add(place, absl::StrCat("a client before this is called '", name, "', too"));
  }
}

void AddFile(const Place& place, const Client& client, const Source& source, Diagnosis& diagnosis,
             Settings& settings) {
  const std::string& path = client.properties_file();
  const std::string file = absl::StartsWith(path, "/") || source.directory.empty()
                               ? path
                               : source.directory + "/" + path;
  std::ifstream in(file);
  if (!in) {
    diagnosis.Add(place, absl::StrCat("there is no file ", file,
                                      " that can be read; the path counts from the scenario's "
                                      "directory"));
    return;
  }
  const std::string text((std::istreambuf_iterator<char>(in)), std::istreambuf_iterator<char>());
  auto properties = model::ParseProperties(text);
  if (!properties.ok()) {
    diagnosis.Add(place, absl::StrCat(file, ": ", std::string(properties.status().message())));
    return;
  }
  settings.AddFile(place, *std::move(properties));
}

// A production file names production's brokers. If none of them exists here, all of ours are meant;
// if some do, the rest is a slip.
void CheckBootstrap(const Place& place, const Names& names, std::vector<std::string>* servers,
                    std::vector<model::Notice>* notices) {
  std::vector<std::string> unknown;
  for (const std::string& server : *servers) {
    const size_t colon = server.rfind(':');
    const std::string host = server.substr(0, colon);
    int32_t id = 0;
    if (host.empty() || host[0] != 'b' || !absl::SimpleAtoi(host.substr(1), &id) || id < 1 ||
        id > names.brokers()) {
      unknown.push_back(server);
      continue;
    }
    int port = kPort;
    if (colon != std::string::npos &&
        (!absl::SimpleAtoi(server.substr(colon + 1), &port) || port != kPort)) {
      names.diagnosis().Add(place, absl::StrCat("bootstrap.servers: brokers listen on port ", kPort,
                                                "; write ", host, ":", kPort));
    }
  }
  if (unknown.empty()) return;
  if (unknown.size() < servers->size()) {
    names.diagnosis().Add(
        place, absl::StrCat("bootstrap.servers: no broker is called ", absl::StrJoin(unknown, ", "),
                            "; brokers are b1 to b", names.brokers()));
    return;
  }
  notices->push_back(
      {.kind = model::Notice::Kind::kAdjusted,
       .key = "bootstrap.servers",
       .old_value = absl::StrJoin(*servers, ","),
       .new_value = names.brokers() == 1 ? "b1" : absl::StrCat("b1 to b", names.brokers()),
       .reason = "no broker here has these names: all are asked"});
  servers->clear();
}

template <class Config>
void TakeConfig(const Place& place, const Settings& settings, model::Flavour flavour,
                const Names& names, Plan& plan, Config* into) {
  auto config = Config::Parse(flavour, settings.properties(), &plan.notices);
  if (!config.ok()) {
    settings.Refuse(config.status());
    return;
  }
  *into = *std::move(config);
  CheckBootstrap(place, names, &into->bootstrap_servers, &plan.notices);
}

void CheckAssignments(const Place& client, const Client& from, const Names& names) {
  const Place place = client.In("consumer");
  if (from.consumer().assign_size() == 0) {
    names.diagnosis().Add(place, "reads nothing; write consumer { assign { topic: \"topic1\" } }");
  }
  for (int i = 0; i < from.consumer().assign_size(); ++i) {
    const Assignment& assign = from.consumer().assign(i);
    const Place at = place.In("assign", i);
    if (!names.CheckGiven(at.In("topic"), assign.has_topic(), "topic: \"topic1\"")) continue;
    if (!names.CheckTopic(at.In("topic"), assign.topic())) continue;
    for (int p = 0; p < assign.partition_size(); ++p)
      names.CheckPartition(at.In("partition", p), assign.topic(), assign.partition(p));
  }
}

}  // namespace

void CheckClients(const Place& scenario, const Script& script, Names& names, Plan& plan) {
  Diagnosis& diagnosis = names.diagnosis();
  std::set<std::string> seen;
  for (int i = 0; i < script.scenario.clients_size(); ++i) {
    const Client& from = script.scenario.clients(i);
    const Place place = scenario.In("clients", i);
    if (names.CheckGiven(place.In("name"), from.has_name(), "name: \"p1\""))
      CheckName(place.In("name"), from, seen, diagnosis);
    const auto flavour = model::ParseFlavour(from.flavour());
    if (!flavour.ok()) {
      diagnosis.Add(place.In("flavour"), std::string(flavour.status().message()));
      continue;
    }
    Settings settings(place, from.property(), diagnosis);
    if (from.has_properties_file())
      AddFile(place.In("properties_file"), from, script.source, diagnosis, settings);
    Plan::Client client;
    client.name = from.name();
    client.is_producer = !from.has_consumer();
    client.down = from.down();
    if (!client.is_producer) CheckAssignments(place, from, names);
    if (!client.is_producer && !model::IsJava(*flavour)) {
      client.rdkafka_consumer.emplace();
      TakeConfig(place, settings, *flavour, names, plan, &*client.rdkafka_consumer);
    } else if (!model::IsJava(*flavour)) {
      client.rdkafka_producer.emplace();
      TakeConfig(place, settings, *flavour, names, plan, &*client.rdkafka_producer);
    } else if (client.is_producer) {
      TakeConfig(place, settings, *flavour, names, plan, &client.producer);
    } else {
      TakeConfig(place, settings, *flavour, names, plan, &client.consumer);
    }
    plan.clients.push_back(std::move(client));
  }
}

}  // namespace norn::scenarios
