#include "scenarios/stage/stage.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "scenarios/stage/storage.h"
#include "scenarios/text/duration.h"
#include "scenarios/text/fault_rule.h"

namespace norn::scenarios {
namespace {

constexpr sim::Label kFault{"fault"};
// A scenario that waits for something that never comes ends all the same.
constexpr absl::Duration kPatience = absl::Hours(1);

bool NeedsTrace(const Plan& plan) {
  return std::any_of(plan.scenario.steps().begin(), plan.scenario.steps().end(),
                     [](const Step& step) { return step.send().has_until_queued(); });
}

bool CountsRequests(const Plan& plan) {
  const Scenario& scenario = plan.scenario;
  return std::any_of(scenario.expect().begin(), scenario.expect().end(),
                     [](const Expectation& expected) { return expected.has_requests(); }) ||
         std::any_of(scenario.steps().begin(), scenario.steps().end(),
                     [](const Step& step) { return step.check().has_requests(); });
}

model::ClusterOptions OptionsFor(const Plan& plan, const RunOptions& options, bool traced) {
  model::ClusterOptions cluster = plan.cluster;
  cluster.seed = options.seed;
  cluster.replay = options.replay;
  if (traced) cluster.trace = sim::TraceSink::kFull;
  cluster.keep_wire = traced || options.wire || CountsRequests(plan);
  return cluster;
}

// The status is about the messages the story makes, if it makes some, and the first producer.
Observer::Options Subject(const Plan& plan) {
  Observer::Options options;
  for (const Step& step : plan.scenario.steps())
    options.only_created = options.only_created || step.has_create_message();
  for (const Plan::Client& client : plan.clients)
    if (client.is_producer && options.producer.empty()) options.producer = client.name;
  return options;
}

EventReport ReportOf(const sim::TraceEntry& entry, const sim::Simulation& sim) {
  EventReport report;
  report.at = entry.at;
  report.event = entry.event;
  report.cause = entry.cause;
  report.note = entry.note;
  report.who = sim.owner_name(entry.owner);
  report.what = entry.what->text;
  for (size_t i = 0; i < entry.subject_count; ++i)
    absl::StrAppend(&report.about, i == 0 ? "" : " ", entry.subjects[i].kind->text, "=",
                    entry.subjects[i].id);
  report.text = entry.text;
  return report;
}

ExpectationReport Judged(const Judge& judge, const Expectation& expectation) {
  ExpectationReport verdict = judge.Verdict(expectation);
  if (expectation.has_sometimes_within()) {
    verdict.when = ExpectationReport::When::kSometimes;
    verdict.within = expectation.sometimes_within();
  } else if (expectation.has_sometimes_not_within()) {
    verdict.when = ExpectationReport::When::kSometimesNot;
    verdict.within = expectation.sometimes_not_within();
  }
  return verdict;
}

}  // namespace

Stage::Stage(const Plan& plan, const RunOptions& options)
    : plan_(plan),
      options_(options),
      traced_(options.trace || NeedsTrace(plan)),
      listens_(traced_ || options.wire),
      cluster_(OptionsFor(plan, options, traced_)),
      sends_(cluster_),
      journey_(cluster_),
      observer_(cluster_, sends_, journey_, Subject(plan)),
      operations_(cluster_, plan) {
  if (!listens_) return;
  operations_.SetListener(
      [this](std::string_view kind, int32_t broker) { NoteOperation(kind, broker); });
}

Report Stage::Play() {
  SetUp();
  PlaySteps();
  Settle();
  WriteReport();
  return std::move(report_);
}

void Stage::SetUp() {
  for (const Plan::Client& client : plan_.clients) {
    if (client.rdkafka_producer.has_value()) {
      cluster_.AddProducer(client.name, *client.rdkafka_producer);
    } else if (client.is_producer) {
      cluster_.AddProducer(client.name, client.producer);
    } else {
      if (client.rdkafka_consumer.has_value()) {
        cluster_.AddConsumer(client.name, *client.rdkafka_consumer);
      } else {
        cluster_.AddConsumer(client.name, client.consumer);
      }
      operations_.Assign(client.name);
    }
    if (client.down) cluster_.client(client.name).Kill();
    report_.clients.push_back(client.name);
  }
  for (const Plan::Link& link : plan_.links) {
    sim::Node& from = operations_.Machine(link.from);
    sim::Node& to = operations_.Machine(link.to);
    cluster_.network().SetLink(from, to, link.options);
  }
  PlantFaults();
  for (const Workload& workload : plan_.scenario.workloads()) {
    workloads_.push_back(std::make_unique<WorkloadRun>(cluster_, sends_, workload));
    workloads_.back()->Start();
  }
}

void Stage::PlantFaults() {
  const auto is_armed_later = [this](const std::string& name) {
    return std::any_of(
        plan_.scenario.steps().begin(), plan_.scenario.steps().end(),
        [&name](const Step& step) { return step.has_arm() && step.arm().fault() == name; });
  };
  for (const Fault& fault : plan_.scenario.faults()) {
    timed_faults_.push_back({.name = fault.name(), .fired = 0, .first = sim::Time::Max()});
    if (fault.has_at()) {
      PlantAt(fault);
    } else if (!is_armed_later(fault.name())) {
      cluster_.faults().Add(Rule(fault));
    }
  }
}

model::FaultRule Stage::Rule(const Fault& fault) {
  return RuleOf(fault, [this](model::RecordId id, std::string_view name) {
    return sends_.IsCalled(id, name);
  });
}

void Stage::PlantAt(const Fault& fault) {
  const size_t place = timed_faults_.size() - 1;
  // Does the verb, counts it, and plans its end.
  const auto plant = [&](const auto& verb, auto later) {
    cluster_.sim().Schedule(sim::Time::Zero() + DurationOf(fault.at()), 0, kFault,
                            [this, &verb, later, place] {
                              FaultReport& report = timed_faults_[place];
                              ++report.fired;
                              report.first = std::min(report.first, cluster_.Now());
                              operations_.Do(verb);
                              later();
                            });
  };
  const auto once = [&](const auto& verb) { plant(verb, [] {}); };
  // A disk's fault strikes when a call fails, not when it begins.
  const auto disk = [&](const auto& verb) {
    const sim::Time at = sim::Time::Zero() + DurationOf(fault.at());
    cluster_.sim().Schedule(at, 0, kFault, [this, &fault, &verb] {
      disk_faults_[fault.name()] = &operations_.Do(verb);
      if (fault.has_lasts()) operations_.UndoLater(verb, DurationOf(fault.lasts()));
    });
  };
  const auto lasting = [&](const auto& verb) {
    if (!fault.has_lasts()) return once(verb);
    plant(verb,
          [this, &verb, lasts = DurationOf(fault.lasts())] { operations_.UndoLater(verb, lasts); });
  };
  switch (fault.what_case()) {
    case Fault::kKillBroker:
      return lasting(fault.kill_broker());
    case Fault::kLosePower:
      return lasting(fault.lose_power());
    case Fault::kPause:
      return lasting(fault.pause());
    case Fault::kPartition:
      return lasting(fault.partition());
    case Fault::kRefuse:
      return lasting(fault.refuse());
    case Fault::kBlackHole:
      return lasting(fault.black_hole());
    case Fault::kExit:
      return lasting(fault.exit());
    case Fault::kBrokerLatency:
      return lasting(fault.broker_latency());
    case Fault::kShutDownBroker:
      return lasting(fault.shut_down_broker());
    case Fault::kKillController:
      return lasting(fault.kill_controller());
    case Fault::kStartController:
      return once(fault.start_controller());
    case Fault::kRelease:
      return once(fault.release());
    case Fault::kCreateTopic:
      return once(fault.create_topic());
    case Fault::kStartBroker:
      return once(fault.start_broker());
    case Fault::kResume:
      return once(fault.resume());
    case Fault::kRepair:
      return once(fault.repair());
    case Fault::kResetConnections:
      return once(fault.reset_connections());
    case Fault::kStallDisk:
      return once(fault.stall_disk());
    case Fault::kFillDisk:
      return disk(fault.fill_disk());
    case Fault::kFailDisk:
      return disk(fault.fail_disk());
    case Fault::kStepClock:
      return once(fault.step_clock());
    case Fault::kRepairDisk:
      return once(fault.repair_disk());
    case Fault::kHeal:
      return once(fault.heal());
    case Fault::kStartClient:
      return once(fault.start_client());
    default:
      NORN_CHECK(!"fault") << "'" << fault.name() << "' does not happen at an instant";
  }
}

bool Stage::Await(const std::function<bool()>& predicate, absl::Duration patience) {
  return cluster_.RunUntil(
      [&] {
        sends_.SeeReturns();
        return predicate();
      },
      patience);
}

void Stage::AwaitInstant(const Step& next) {
  if (next.has_after()) cluster_.RunFor(DurationOf(next.after()));
  if (!next.has_at()) return;
  const sim::Time at = sim::Time::Zero() + DurationOf(next.at());
  if (at >= cluster_.Now()) {
    cluster_.RunFor(at - cluster_.Now());
    return;
  }
  report_.expectations.push_back(
      {.expected = absl::StrCat("step ", report_.steps.size() + 1, " happens at ", next.at()),
       .happened = absl::StrCat("the step before it was done at ", sim::ToString(cluster_.Now()))});
}

void Stage::PlaySteps() {
  if (traced_) report_.before = observer_.Now();
  for (const Step& next : plan_.scenario.steps()) {
    AwaitInstant(next);
    report_.steps.emplace_back();
    step().number = static_cast<int>(report_.steps.size());
    step().begun = cluster_.Now();
    step().events_before = cluster_.sim().trace().entries().size();
    Do(next);
    step().done = cluster_.Now();
    if (traced_) step().status = observer_.Now();
  }
}

void Stage::Settle() {
  const auto is_done = [this] {
    return std::all_of(workloads_.begin(), workloads_.end(),
                       [](const auto& workload) { return workload->done(); }) &&
           sends_.Settled("");
  };
  if (!plan_.scenario.has_run_for()) {
    Await(is_done, kPatience);
    return;
  }
  const sim::Time end = sim::Time::Zero() + DurationOf(plan_.scenario.run_for());
  if (end > cluster_.Now()) cluster_.RunFor(end - cluster_.Now());
}

int64_t Stage::TimesFired(const std::string& fault) {
  int64_t fired = 0;
  for (const FaultReport& timed : timed_faults_)
    if (timed.name == fault) fired += timed.fired;
  if (const auto disk = disk_faults_.find(fault); disk != disk_faults_.end())
    fired += disk->second->fired();
  const model::Fault* rule = cluster_.faults().Find(fault);
  return rule == nullptr ? fired : fired + rule->fired();
}

std::map<std::string, int64_t> Stage::Fired() {
  std::map<std::string, int64_t> fired;
  for (const FaultReport& fault : timed_faults_) fired[fault.name] = TimesFired(fault.name);
  return fired;
}

Evidence Stage::Look() {
  fired_ = Fired();
  return {cluster_, sends_, report_.flushes, fired_, read_, read_errors_};
}

size_t Stage::Snap() {
  if (listens_) report_.snapshots.push_back(TakeSnapshot(cluster_));
  return report_.snapshots.size() - 1;
}

void Stage::NoteOperation(std::string_view kind, int32_t broker) {
  OperationReport report;
  report.kind = std::string(kind);
  report.broker = broker;
  report.at = cluster_.Now();
  report.snapshot = Snap();
  for (const PartitionReport& partition : report_.snapshots.back().partitions)
    report.led = report.led || (broker > 0 && partition.leader == broker);
  report_.operations.push_back(std::move(report));
}

// What faults at a point in the life of a request did to brokers; how things stood then is not
// known.
void Stage::AddOperationsOfFaults() {
  for (const Fault& fault : plan_.scenario.faults()) {
    const model::Fault* rule = fault.has_on() ? cluster_.faults().Find(fault.name()) : nullptr;
    if (rule == nullptr || rule->fired() == 0) continue;
    OperationReport report;
    report.at = rule->first_fired();
    if (fault.has_kill_broker()) {
      report.kind = "kill";
      report.broker = fault.kill_broker().broker();
    } else if (fault.has_lose_power()) {
      report.kind = "power_loss";
      report.broker = fault.lose_power().broker();
    } else if (fault.has_pause()) {
      report.kind = "pause";
    } else if (fault.has_partition()) {
      report.kind = "cut";
    } else {
      continue;
    }
    report_.operations.push_back(std::move(report));
  }
  std::stable_sort(report_.operations.begin(), report_.operations.end(),
                   [](const auto& a, const auto& b) { return a.at < b.at; });
}

void Stage::WriteReport() {
  report_.scenario = plan_.name;
  report_.headline = plan_.headline();
  report_.seed = options_.seed;
  report_.replay = options_.replay;
  report_.ended = cluster_.Now();
  const Evidence evidence = Look();
  const Judge judge(evidence);
  for (const Expectation& expectation : plan_.scenario.expect())
    report_.expectations.push_back(Judged(judge, expectation));
  report_.story_digest = cluster_.StoryDigest();
  report_.run_digest = cluster_.run_digest();

  const Storage storage(cluster_);
  for (const model::History::Sent& sent : cluster_.history().sent()) {
    RecordReport record;
    record.id = sent.id;
    record.label = sends_.LabelOf(sent.id);
    record.name = sent.value.has_value() ? std::string(WithoutFill(*sent.value))
                  : record.label.empty() ? sends_.PlaceOf(sent.id)
                                         : record.label;
    record.client = sent.client;
    record.topic = sent.topic;
    record.key = sent.key;
    record.value = sent.value;
    record.value_size = sent.value_size;
    const Sends::Sent& call = sends_.Of(sent.id);
    record.number = call.number;
    record.sent = sent.at;
    record.returned = call.returned;
    record.told_in_call = call.told_in_call;
    record.report = sent.report;
    const bool copies = storage.PlacesOf(sent.id).size() > 1;
    for (const Storage::Place& place : storage.PlacesOf(sent.id))
      record.stored.push_back(
          {storage.logs()[place.log].partition(), place.offset,
           copies ? model::Provenance(storage.logs()[place.log].records()[place.record])
                  : std::string()});
    report_.records.push_back(std::move(record));
  }
  report_.told = sends_.told();
  if (purged_ && !report_.told_at_purge) report_.told_at_purge = sends_.told().size();
  report_.first_reset = operations_.first_reset();
  report_.logs = ReportLogs(cluster_);
  if (options_.replicas) report_.replicas = ReportReplicas(cluster_);
  for (FaultReport fault : timed_faults_) {
    if (const model::Fault* rule = cluster_.faults().Find(fault.name)) {
      fault.fired += rule->fired();
      fault.first = std::min(fault.first, rule->first_fired());
    }
    if (const auto disk = disk_faults_.find(fault.name); disk != disk_faults_.end()) {
      fault.fired += disk->second->fired();
      fault.first = std::min(fault.first, disk->second->first_fired());
    }
    report_.faults.push_back(std::move(fault));
  }
  const std::string notices = model::Summary(plan_.notices);
  for (size_t begin = 0; begin < notices.size();) {
    const size_t end = std::min(notices.find('\n', begin), notices.size());
    report_.notices.push_back(notices.substr(begin, end - begin));
    begin = end + 1;
  }
  for (const model::WireLog::Frame* frame : cluster_.wire().AtThePort())
    report_.frames.push_back(*frame);
  report_.connects.assign(cluster_.wire().connects().begin(), cluster_.wire().connects().end());
  if (!listens_) return;
  Snap();
  AddOperationsOfFaults();
  report_.sights = cluster_.log().sights();
  report_.lives = cluster_.log().lives();
  report_.talks = cluster_.log().talks();
  if (!options_.trace) return;
  for (const sim::TraceEntry& entry : cluster_.sim().trace().entries())
    report_.events.push_back(ReportOf(entry, cluster_.sim()));
}

Report Run(const Plan& plan, const RunOptions& options) { return Stage(plan, options).Play(); }

}  // namespace norn::scenarios
