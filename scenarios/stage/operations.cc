#include "scenarios/stage/operations.h"

#include <algorithm>
#include <vector>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "scenarios/text/duration.h"

namespace norn::scenarios {
namespace {

constexpr absl::Duration kLookAgain = absl::Milliseconds(10);
constexpr sim::Label kFaultEnds{"fault ends"};
constexpr sim::Label kAssign{"assign"};

constexpr const char* kController = "c1";

std::string BrokerName(int32_t id) { return absl::StrCat("b", id); }

template <class Verb>
std::string TargetName(const Verb& verb) {
  if (verb.controller()) return kController;
  return verb.has_client() ? verb.client() : BrokerName(verb.broker());
}

}  // namespace

std::string Describe(const StartBroker& verb) {
  return absl::StrCat("start ", BrokerName(verb.broker()));
}
std::string Describe(const StartClient& verb) { return absl::StrCat("start ", verb.client()); }
std::string Describe(const KillBroker& verb) {
  return absl::StrCat("kill ", BrokerName(verb.broker()));
}
std::string Describe(const LosePower& verb) {
  return absl::StrCat("power loss of ", BrokerName(verb.broker()));
}
std::string Describe(const Pause& verb) { return absl::StrCat("pause ", TargetName(verb)); }
std::string Describe(const Resume& verb) { return absl::StrCat("resume ", TargetName(verb)); }
std::string Describe(const Partition& verb) {
  return absl::StrCat(verb.one_way() ? "lose all from " : "partition ",
                      absl::StrJoin(verb.a(), ", "), verb.one_way() ? " to " : " from ",
                      absl::StrJoin(verb.b(), ", "));
}
std::string Describe(const Repair& verb) {
  return absl::StrCat("repair ", absl::StrJoin(verb.a(), ", "), " and ",
                      absl::StrJoin(verb.b(), ", "));
}
std::string Describe(const Refuse& verb) {
  const bool all = !verb.has_broker() && !verb.controller();
  return absl::StrCat(verb.controller() ? kController
                      : all             ? "all brokers"
                                        : BrokerName(verb.broker()),
                      all ? (verb.on() ? " refuse" : " take") : (verb.on() ? " refuses" : " takes"),
                      " connections", verb.from().empty() ? "" : " from ",
                      absl::StrJoin(verb.from(), ", "), verb.on() ? "" : " again",
                      verb.reset() ? ", and reset those they have" : "");
}
std::string Describe(const BlackHole& verb) {
  return absl::StrCat(verb.on() ? "black hole at " : "end of the black hole at ",
                      BrokerName(verb.broker()), verb.connects_only() ? " for connects" : "");
}
std::string Describe(const ResetConnections& verb) {
  return absl::StrCat("reset connections of ", verb.a(), " and ", verb.b());
}
std::string Describe(const StallDisk& verb) {
  return absl::StrCat("stall the disk of ", BrokerName(verb.broker()), " for ", verb.duration());
}
std::string Describe(const FillDisk& verb) {
  return absl::StrCat(
      "fill the disk of ", BrokerName(verb.broker()),
      verb.leaving() == 0 ? std::string() : absl::StrCat(" but for ", verb.leaving(), " bytes"));
}
std::string Describe(const FailDisk& verb) {
  const char* calls = verb.call() == FailDisk::WRITE  ? "writes"
                      : verb.call() == FailDisk::SYNC ? "syncs"
                                                      : "writes and syncs";
  std::string text = absl::StrCat("fail ", calls, " of the disk of ", BrokerName(verb.broker()));
  if (verb.has_file()) absl::StrAppend(&text, " to ", verb.file(), "*");
  if (verb.nth() > 1) absl::StrAppend(&text, " from the ", verb.nth(), ". on");
  if (verb.has_times()) absl::StrAppend(&text, ", ", verb.times(), "x");
  return text;
}
std::string Describe(const RepairDisk& verb) {
  return absl::StrCat("repair the disk of ", BrokerName(verb.broker()));
}
std::string Describe(const StepClock& verb) {
  return absl::StrCat("step the clock of ", verb.machine(), " by ", verb.by());
}
std::string Describe(const Heal&) { return "heal the network"; }
std::string Describe(const Exit& verb) {
  return absl::StrCat("exit ", verb.client(), " without flush");
}

std::string Describe(const Release& verb) {
  return absl::StrCat("release what '", verb.fault(), "' holds");
}
std::string Describe(const Topic& created) { return absl::StrCat("create topic ", created.name()); }
std::string Describe(const BrokerLatency& verb) {
  return absl::StrCat("answers of ", BrokerName(verb.broker()), " take ", verb.latency(), " more");
}

std::string Describe(const ShutDownBroker& verb) {
  return absl::StrCat("shut down ", BrokerName(verb.broker()));
}
std::string Describe(const KillController&) { return "kill the controller"; }
std::string Describe(const StartController&) { return "start a controller"; }

sim::Node& Operations::Machine(std::string_view name) {
  int32_t broker = 0;
  if (name == kController) return cluster_.controller();
  if (name[0] == 'b' && absl::SimpleAtoi(std::string(name.substr(1)), &broker))
    return cluster_.broker(broker);
  return cluster_.client(name);
}

void Operations::Assign(const std::string& consumer) {
  if (!cluster_.client(consumer).alive()) return;
  for (const auto& client : plan_.scenario.clients()) {
    if (client.name() != consumer) continue;
    for (const auto& assign : client.consumer().assign()) {
      std::vector<int32_t> partitions(assign.partition().begin(), assign.partition().end());
      if (partitions.empty()) {
        const model::ClusterView::Topic* topic = cluster_.view().FindTopic(assign.topic());
        const size_t count =
            topic != nullptr
                ? topic->assignment.size()
                : static_cast<size_t>(plan_.created_topics.at(assign.topic()).partitions);
        for (size_t p = 0; p < count; ++p) partitions.push_back(static_cast<int32_t>(p));
      }
      cluster_.consumer(consumer).Assign(assign.topic(), partitions);
    }
  }
}

void Operations::Do(const StartClient& verb) {
  sim::Node& node = cluster_.client(verb.client());
  if (node.alive()) return;
  node.Start();
  // Inside of an event the process begins in the next one.
  cluster_.sim().Schedule(cluster_.Now(), 0, kAssign,
                          [this, client = verb.client()] { Assign(client); });
}

template <class Names>
int32_t Operations::BrokerOf(const Names& names) {
  int32_t broker = 0;
  for (const std::string& name : names)
    if (name[0] == 'b' && absl::SimpleAtoi(name.substr(1), &broker)) return broker;
  return 0;
}

void Operations::Do(const Partition& verb) {
  const int32_t a = BrokerOf(verb.a());
  Note("cut", a > 0 ? a : BrokerOf(verb.b()));
  for (const std::string& a : verb.a()) {
    for (const std::string& b : verb.b()) {
      sim::Node* from[] = {&Machine(a)};
      sim::Node* to[] = {&Machine(b)};
      if (verb.one_way()) {
        cluster_.network().Cut(*from[0], *to[0]);
      } else {
        cluster_.network().Partition(from, to);
      }
    }
  }
}

void Operations::Do(const Repair& verb) {
  const int32_t first = BrokerOf(verb.a());
  Note("heal", first > 0 ? first : BrokerOf(verb.b()));
  for (const std::string& a : verb.a()) {
    for (const std::string& b : verb.b()) {
      sim::Node* from[] = {&Machine(a)};
      sim::Node* to[] = {&Machine(b)};
      cluster_.network().Repair(from, to);
    }
  }
}

void Operations::Do(const Refuse& verb) {
  Note(verb.on() ? "cut" : "heal", verb.controller() ? BrokerOf(verb.from()) : verb.broker());
  if (verb.controller()) return RefuseAt(cluster_.controller(), verb);
  for (int32_t id = 1; id <= cluster_.brokers(); ++id) {
    if (verb.has_broker() && verb.broker() != id) continue;
    RefuseAt(cluster_.broker(id), verb);
  }
}

void Operations::RefuseAt(sim::Node& node, const Refuse& verb) {
  sim::Network& network = cluster_.network();
  for (const std::string& name : verb.from()) network.Refuse(node, Machine(name), verb.on());
  if (verb.from().empty()) network.Refuse(node, verb.on());
  if (!verb.reset()) return;
  first_reset_ = std::min(first_reset_, cluster_.Now());
  for (const std::string& name : verb.from()) network.ResetConnections(Machine(name), node);
  if (!verb.from().empty()) return;
  for (const Plan::Client& client : plan_.clients)
    network.ResetConnections(cluster_.client(client.name), node);
}

void Operations::Do(const BlackHole& verb) {
  Note(verb.on() ? "cut" : "heal", verb.broker());
  sim::Node& node = cluster_.broker(verb.broker());
  if (verb.connects_only()) {
    cluster_.network().BlackHoleConnects(node, verb.on());
  } else {
    cluster_.network().BlackHole(node, verb.on());
  }
}

void Operations::Do(const ResetConnections& verb) {
  first_reset_ = std::min(first_reset_, cluster_.Now());
  cluster_.network().ResetConnections(Machine(verb.a()), Machine(verb.b()));
}

void Operations::Do(const StallDisk& verb) {
  cluster_.disk(verb.broker()).Stall(DurationOf(verb.duration()));
}

const sim::DiskFault& Operations::Do(const FillDisk& verb) {
  return cluster_.disk(verb.broker()).Fill(verb.leaving());
}

const sim::DiskFault& Operations::Do(const FailDisk& verb) {
  sim::DiskFaultRule rule;
  if (verb.call() == FailDisk::WRITE) rule.call = sim::DiskCall::kWrite;
  if (verb.call() == FailDisk::SYNC) rule.call = sim::DiskCall::kSync;
  rule.nth = verb.nth();
  if (verb.has_times()) rule.times = verb.times();
  rule.file = verb.file();
  return cluster_.disk(verb.broker()).Fail(std::move(rule));
}

void Operations::Do(const StepClock& verb) {
  Machine(verb.machine()).StepClock(SignedDurationOf(verb.by()));
}

void Operations::Do(const BrokerLatency& verb) {
  cluster_.SetBrokerLatency(verb.broker(), DurationOf(verb.latency()));
}

template <class Verb>
void Operations::Later(absl::Duration lasts, Verb opposite) {
  cluster_.sim().Schedule(cluster_.Now() + lasts, 0, kFaultEnds,
                          [this, opposite = std::move(opposite)] { Do(opposite); });
}

void Operations::UndoLater(const KillBroker& verb, absl::Duration lasts) {
  StartBroker start;
  start.set_broker(verb.broker());
  Later(lasts, start);
}
void Operations::UndoLater(const LosePower& verb, absl::Duration lasts) {
  StartBroker start;
  start.set_broker(verb.broker());
  Later(lasts, start);
}
void Operations::UndoLater(const Pause& verb, absl::Duration lasts) {
  Resume resume;
  if (verb.controller()) {
    resume.set_controller(true);
  } else if (verb.has_client()) {
    resume.set_client(verb.client());
  } else {
    resume.set_broker(verb.broker());
  }
  Later(lasts, resume);
}
void Operations::UndoLater(const Partition& verb, absl::Duration lasts) {
  Repair repair;
  *repair.mutable_a() = verb.a();
  *repair.mutable_b() = verb.b();
  Later(lasts, repair);
}
void Operations::UndoLater(const Refuse& verb, absl::Duration lasts) {
  Refuse opposite = verb;
  opposite.set_on(!verb.on());
  opposite.clear_reset();
  Later(lasts, opposite);
}
void Operations::UndoLater(const BlackHole& verb, absl::Duration lasts) {
  BlackHole opposite = verb;
  opposite.set_on(!verb.on());
  Later(lasts, opposite);
}
void Operations::UndoLater(const Exit& verb, absl::Duration lasts) {
  StartClient start;
  start.set_client(verb.client());
  Later(lasts, start);
}

void Operations::UndoLater(const ShutDownBroker& verb, absl::Duration lasts) {
  const int32_t broker = verb.broker();
  cluster_.sim().Schedule(cluster_.Now() + lasts, 0, kFaultEnds,
                          [this, broker] { StartOnceEnded(broker); });
}

void Operations::StartOnceEnded(int32_t broker) {
  if (cluster_.broker(broker).alive()) {
    // It is still giving away what it leads; whoever restarts brokers waits for the process to end.
    cluster_.sim().Schedule(cluster_.Now() + kLookAgain, 0, kFaultEnds,
                            [this, broker] { StartOnceEnded(broker); });
    return;
  }
  StartBroker start;
  start.set_broker(broker);
  Do(start);
}

void Operations::UndoLater(const KillController&, absl::Duration lasts) {
  Later(lasts, StartController());
}

void Operations::UndoLater(const FillDisk& verb, absl::Duration lasts) {
  RepairDisk repair;
  repair.set_broker(verb.broker());
  Later(lasts, repair);
}
void Operations::UndoLater(const FailDisk& verb, absl::Duration lasts) {
  RepairDisk repair;
  repair.set_broker(verb.broker());
  Later(lasts, repair);
}

void Operations::UndoLater(const BrokerLatency& verb, absl::Duration lasts) {
  BrokerLatency none = verb;
  none.set_latency("0s");
  Later(lasts, none);
}

}  // namespace norn::scenarios
