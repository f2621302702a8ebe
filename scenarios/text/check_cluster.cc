#include <optional>
#include <set>
#include <utility>

#include "absl/strings/str_cat.h"
#include "model/config/properties.h"
#include "model/defects.h"
#include "scenarios/text/checks.h"
#include "scenarios/text/duration.h"
#include "scenarios/text/nearest.h"
#include "scenarios/text/settings.h"

namespace norn::scenarios {
namespace {

constexpr int32_t kMostBrokers = 1000;
constexpr int32_t kMostPartitions = 100'000;

// Sets `duration` from the text of a field that may be left out.
void Take(const Names& names, const Place& place, bool has, const std::string& text,
          absl::Duration* duration) {
  if (has && names.CheckDuration(place, text)) *duration = DurationOf(text);
}

// A network and one of its links have these fields in common.
template <class Way>
void TakeLink(const Place& place, const Names& names, const Way& from, sim::LinkOptions* link) {
  Take(names, place.In("latency"), from.has_latency(), from.latency(), &link->latency.min);
  Take(names, place.In("jitter"), from.has_jitter(), from.jitter(), &link->latency.mean_extra);
  if (from.has_loss() && names.CheckProbability(place.In("loss"), from.loss())) {
    link->loss = sim::Probability(from.loss());
  }
  if (from.has_bytes_per_second() &&
      names.CheckAtLeast(place.In("bytes_per_second"), from.bytes_per_second(), 0)) {
    link->bytes_per_second = from.bytes_per_second();
  }
}

void CheckNetwork(const Place& place, const Network& from, Names& names, Plan& plan) {
  TakeLink(place, names, from, &plan.cluster.network.link);
  for (int i = 0; i < from.links_size(); ++i) {
    const Link& link = from.links(i);
    const Place at = place.In("links", i);
    sim::LinkOptions options = plan.cluster.network.link;
    TakeLink(at, names, link, &options);
    if (names.CheckGiven(at.In("from"), link.has_from(), "from: \"b1\""))
      names.CheckMachine(at.In("from"), link.from());
    if (names.CheckGiven(at.In("to"), link.has_to(), "to: \"p1\""))
      names.CheckMachine(at.In("to"), link.to());
    plan.links.push_back({link.from(), link.to(), options});
  }
}

void CheckDisk(const Place& place, const Disk& from, Names& names, Plan& plan) {
  sim::DiskOptions& disk = plan.cluster.disk;
  Take(names, place.In("write_latency"), from.has_write_latency(), from.write_latency(),
       &disk.write_latency);
  Take(names, place.In("sync_latency"), from.has_sync_latency(), from.sync_latency(),
       &disk.sync_latency);
  Take(names, place.In("writeback_interval"), from.has_writeback_interval(),
       from.writeback_interval(), &disk.writeback_interval);
  if (from.has_writeback_interval() && disk.writeback_interval <= absl::ZeroDuration())
    names.diagnosis().Add(place.In("writeback_interval"), "must be longer than nothing");
  if (names.CheckAtLeast(place.In("bytes_per_second"), from.bytes_per_second(), 1))
    disk.bytes_per_second = from.bytes_per_second();
  if (from.has_capacity() && names.CheckAtLeast(place.In("capacity"), from.capacity(), 1))
    disk.capacity = from.capacity();
  if (names.CheckProbability(place.In("torn_tail"), from.torn_tail()))
    disk.torn_tail = sim::Probability(from.torn_tail());
  disk.keeps_unsynced = from.keeps_unsynced();
}

void CheckCosts(const Place& place, const Costs& from, Names& names, Plan& plan) {
  model::CostModel& costs = plan.cluster.costs;
  if (names.CheckAtLeast(place.In("io_threads"), from.io_threads(), 1))
    costs.io_threads = from.io_threads();
  if (names.CheckAtLeast(place.In("nanos_per_kilobyte"), from.nanos_per_kilobyte(), 0))
    costs.nanos_per_kilobyte = from.nanos_per_kilobyte();
  Take(names, place.In("per_request"), from.has_per_request(), from.per_request(),
       &costs.per_request);
  Take(names, place.In("client_per_request"), from.has_client_per_request(),
       from.client_per_request(), &costs.client_per_request);
  Take(names, place.In("metadata_publish"), from.has_metadata_publish(), from.metadata_publish(),
       &costs.metadata_publish);
  Take(names, place.In("fetcher_start"), from.has_fetcher_start(), from.fetcher_start(),
       &costs.fetcher_start);
}

// Kafka's own rule for names of topics.
bool IsTopicName(std::string_view name) {
  if (name.empty() || name.size() > 249 || name == "." || name == "..") return false;
  for (const char c : name) {
    const bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
    if (!letter && !(c >= '0' && c <= '9') && c != '.' && c != '_' && c != '-') return false;
  }
  return true;
}

// Nothing if it has no name.
std::optional<model::TopicSpec> SpecOf(const Place& place, const Topic& topic, Names& names,
                                       Plan& plan, std::set<std::string>& seen) {
  if (!names.CheckGiven(place.In("name"), topic.has_name(), "name: \"topic1\""))
    return std::nullopt;
  if (!IsTopicName(topic.name())) {
    names.diagnosis().Add(place.In("name"),
                          absl::StrCat("'", topic.name(),
                                       "' cannot be a topic's name: Kafka takes 1 to 249 "
                                       "letters, digits, '.', '_' and '-'"));
  }
  if (!seen.insert(topic.name()).second) {
    names.diagnosis().Add(place.In("name"),
                          absl::StrCat("a topic before this is called '", topic.name(), "', too"));
  }
  names.CheckAtLeast(place.In("partitions"), topic.partitions(), 1);
  if (topic.partitions() > kMostPartitions)
    names.diagnosis().Add(place.In("partitions"),
                          absl::StrCat("is more than Norn takes: ", kMostPartitions));
  model::TopicSpec spec{.name = topic.name(), .partitions = topic.partitions()};
  if (names.CheckCompressionRatio(place.In("compression_ratio"), topic.compression_ratio()))
    spec.compression_ratio = Millionths(topic.compression_ratio());
  for (int i = 0; i < topic.leader_size(); ++i)
    if (names.CheckBroker(place.In("leader", i), topic.leader(i)))
      spec.leaders.push_back(topic.leader(i));
  names.CheckAtLeast(place.In("replicas"), topic.replicas(), 1);
  if (topic.replicas() > names.brokers())
    names.diagnosis().Add(
        place.In("replicas"),
        absl::StrCat(topic.replicas(), " is more than there are brokers: ", names.brokers()));
  spec.replicas = topic.replicas();
  const Settings settings(place, topic.property(), names.diagnosis());
  auto config =
      model::TopicConfig::Parse(plan.cluster.broker_config, settings.properties(), &plan.notices);
  if (config.ok()) {
    spec.config = *std::move(config);
  } else {
    settings.Refuse(config.status());
  }
  return spec;
}

void CheckTopics(const Place& scenario, const Scenario& whole, Names& names, Plan& plan) {
  std::set<std::string> seen;
  const Cluster& from = whole.cluster();
  for (int i = 0; i < from.topics_size(); ++i)
    if (auto spec =
            SpecOf(scenario.In("cluster").In("topics", i), from.topics(i), names, plan, seen))
      plan.cluster.topics.push_back(*std::move(spec));
  const auto created = [&](const Place& place, const Topic& topic) {
    if (auto spec = SpecOf(place.In("create_topic"), topic, names, plan, seen))
      plan.created_topics.emplace(topic.name(), *std::move(spec));
  };
  for (int i = 0; i < whole.steps_size(); ++i)
    if (whole.steps(i).has_create_topic())
      created(scenario.In("steps", i), whole.steps(i).create_topic());
  for (int i = 0; i < whole.faults_size(); ++i)
    if (whole.faults(i).has_create_topic())
      created(scenario.In("faults", i), whole.faults(i).create_topic());
}

void CheckQuotas(const Place& place, const Cluster& from, const Names& names, Plan& plan) {
  std::set<std::string> seen;
  for (int i = 0; i < from.quotas_size(); ++i) {
    const Quota& quota = from.quotas(i);
    const Place at = place.In("quotas", i);
    if (names.CheckGiven(at.In("producer_byte_rate"), quota.has_producer_byte_rate(),
                         "producer_byte_rate: 1000000"))
      names.CheckAtLeast(at.In("producer_byte_rate"), quota.producer_byte_rate(), 1);
    if (!seen.insert(quota.client_id()).second)
      names.diagnosis().Add(at, "a quota before this is for the same clients");
    plan.cluster.quotas.push_back({quota.client_id(), quota.producer_byte_rate()});
  }
}

}  // namespace

void CheckCluster(const Place& scenario, const Scenario& whole, Names& names, Plan& plan) {
  const Place place = scenario.In("cluster");
  const Cluster& from = whole.cluster();
  plan.cluster.shuffle_ties = whole.shuffle_ties();
  names.CheckAtLeast(place.In("brokers"), from.brokers(), 1);
  if (from.brokers() > kMostBrokers)
    names.diagnosis().Add(place.In("brokers"),
                          absl::StrCat("is more than Norn takes: ", kMostBrokers));
  plan.cluster.brokers = from.brokers();
  for (int i = 0; i < from.down_size(); ++i)
    if (names.CheckBroker(place.In("down", i), from.down(i)))
      plan.cluster.down.push_back(from.down(i));

  const Settings settings(place, from.property(), names.diagnosis());
  auto config = model::BrokerConfig::Parse(model::BrokerVersion::kKafka41, settings.properties(),
                                           &plan.notices);
  if (config.ok()) {
    plan.cluster.broker_config = *std::move(config);
  } else {
    settings.Refuse(config.status());
  }
  plan.cluster.host = from.host();
  if (from.has_host() && from.host().empty())
    names.diagnosis().Add(place.In("host"), "is empty; write host: \"127.0.0.1\"");
  if (from.has_controller() && !from.controller())
    for (const Topic& topic : from.topics())
      if (topic.replicas() > 1)
        names.diagnosis().Add(place.In("controller"),
                              absl::StrCat("has to be: '", topic.name(), "' has replicas"));
  plan.cluster.controller = names.has_controller();
  plan.cluster.elr = from.elr();
  for (int i = 0; i < from.defect_size(); ++i) {
    if (const auto defect = model::DefectCalled(from.defect(i))) {
      plan.cluster.defects.Add(*defect);
      continue;
    }
    std::vector<std::string> known;
    for (const model::Defect defect : model::kAllDefects) known.emplace_back(model::Name(defect));
    names.diagnosis().Add(place.In("defect", i),
                          absl::StrCat("no defect is called '", from.defect(i), "'",
                                       Remedy(from.defect(i), known, "there are")));
  }
  CheckQuotas(place, from, names, plan);
  CheckTopics(scenario, whole, names, plan);
  if (from.has_network()) CheckNetwork(place.In("network"), from.network(), names, plan);
  if (from.has_disk()) CheckDisk(place.In("disk"), from.disk(), names, plan);
  if (from.has_costs()) CheckCosts(place.In("costs"), from.costs(), names, plan);
}

}  // namespace norn::scenarios
