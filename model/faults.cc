#include "model/faults.h"

#include <utility>

#include "sim/check.h"

namespace norn::model {
namespace {

constexpr sim::Label kFaultFired{"fault fired"};
constexpr sim::Label kFaultNumber{"fault"};
constexpr sim::Label kConnection{"connection"};

bool ActsOnFrame(FaultAction action) { return action <= FaultAction::kCut; }

bool Matches(const FaultRule& rule, const FaultSite& site) {
  return rule.point == site.point && (!rule.api || rule.api == site.api) &&
         (!rule.broker || rule.broker == site.broker) &&
         (!rule.client || *rule.client == site.client);
}

}  // namespace

std::string_view Name(CutPoint point) {
  constexpr std::string_view kNames[] = {"connect",          "connected", "request sent",
                                         "request received", "appended",  "response sent",
                                         "response received"};
  return kNames[static_cast<int>(point)];
}

std::string_view Name(FaultAction action) {
  constexpr std::string_view kNames[] = {"drop",         "reset",           "delay",
                                         "cut",          "kill broker",     "lose broker power",
                                         "pause broker", "partition broker"};
  return kNames[static_cast<int>(action)];
}

std::string Mistake(const FaultRule& rule) {
  const std::string what = "'" + std::string(Name(rule.action)) + "'";
  const std::string where = "'" + std::string(Name(rule.point)) + "'";
  if (rule.first < 1 || rule.every < 1 || rule.times < 1)
    return "nth, every and times count from 1";
  if (rule.point <= CutPoint::kConnected) {
    if (rule.api.has_value()) return "no request is under way at " + where + ": leave out the api";
    if (ActsOnFrame(rule.action) &&
        !(rule.point == CutPoint::kConnected && rule.action == FaultAction::kReset))
      return what + " needs a frame, and there is none at " + where +
             ": use request sent, or act on the broker";
  }
  if (rule.point == CutPoint::kAppended && rule.api.has_value() && rule.api != Api::kProduce)
    return where + " is a step of Produce only";
  const bool frame_is_under_way =
      rule.point == CutPoint::kRequestSent || rule.point == CutPoint::kResponseSent;
  if (rule.action == FaultAction::kCut) {
    if (!frame_is_under_way)
      return what + " needs a frame under way: request sent, or response sent";
    if (rule.bytes < 0) return "the bytes of " + what + " are 0 or more";
  }
  if (rule.action == FaultAction::kDelay) {
    if (rule.delay <= absl::ZeroDuration()) return what + " needs a delay above zero";
    if (rule.point == CutPoint::kResponseReceived)
      return what + " at " + where + " would be the client's own: delay response sent";
  }
  if (rule.action == FaultAction::kPauseBroker && rule.lasts == absl::InfiniteDuration())
    return what + " needs a duration; a broker that never wakes is 'lose broker power'";
  return "";
}

Fault::Fault(FaultRule rule, int64_t number) : rule_(std::move(rule)), number_(number) {
  if (!rule_.name.empty()) return;
  rule_.name = std::string(Name(rule_.action)) + " at ";
  if (rule_.api.has_value()) rule_.name += std::string(Name(*rule_.api)) + " ";
  rule_.name += Name(rule_.point);
}

void CutNextFrame(sim::Network& network, uint64_t connection, const sim::Node& from,
                  int64_t bytes) {
  for (const auto& known : network.Connections()) {
    if (known.id != connection) continue;
    const int64_t begins =
        known.client == &from ? known.bytes_from_client : known.bytes_from_server;
    network.CutAfter(connection, from, begins + bytes, sim::Network::CutManner::kReset);
  }
}

Faults::Faults(sim::Simulation& sim) : sim_(&sim), stream_(sim.chance().Resolve("faults/strike")) {}

FaultBuilder Faults::On(Api api) {
  FaultRule rule;
  rule.api = api;
  return FaultBuilder(this, std::move(rule));
}

FaultBuilder Faults::OnConnect() {
  FaultRule rule;
  rule.point = CutPoint::kConnect;
  return FaultBuilder(this, std::move(rule));
}

FaultBuilder Faults::OnConnected() {
  FaultRule rule;
  rule.point = CutPoint::kConnected;
  return FaultBuilder(this, std::move(rule));
}

Fault& Faults::Add(FaultRule rule) {
  const std::string mistake = Mistake(rule);
  NORN_CHECK(mistake.empty()) << "this fault cannot happen: " << mistake;
  return faults_.emplace_back(std::move(rule), static_cast<int64_t>(faults_.size()));
}

const Fault* Faults::Find(std::string_view name) const {
  for (const Fault& fault : faults_)
    if (fault.name() == name) return &fault;
  return nullptr;
}

void Faults::Remove(std::string_view name) {
  for (Fault& fault : faults_) fault.removed_ = fault.removed_ || fault.name() == name;
}

FaultVerdict Faults::Strike(const FaultSite& site) {
  FaultVerdict verdict;
  if (stopped_) return verdict;
  for (Fault& fault : faults_) {
    const FaultRule& rule = fault.rule_;
    if (fault.removed_ || !Matches(rule, site)) continue;
    const int64_t n = ++fault.matched_;
    if (fault.fired_ >= rule.times || n < rule.first || (n - rule.first) % rule.every != 0)
      continue;
    const sim::Key key(static_cast<uint64_t>(fault.number_), static_cast<uint64_t>(n));
    if (!sim_->chance().Bernoulli(stream_, key, rule.probability)) continue;
    if (fault.fired_++ == 0) fault.first_fired_ = sim_->Now();
    sim_->Note(
        kFaultFired,
        {{&kFaultNumber, fault.number_}, {&kConnection, static_cast<int64_t>(site.connection)}},
        [&fault] { return fault.name(); });
    if (listener_ != nullptr) listener_(fault, site);
    switch (rule.action) {
      case FaultAction::kDrop:
        verdict.drop = true;
        break;
      case FaultAction::kReset:
        verdict.reset = true;
        break;
      case FaultAction::kDelay:
        verdict.delay += rule.delay;
        break;
      case FaultAction::kCut:
        verdict.cut_bytes = rule.bytes;
        break;
      default:
        NORN_CHECK(broker_actions_ != nullptr) << "nobody carries out " << Name(rule.action);
        broker_actions_(fault, site);
    }
  }
  return verdict;
}

}  // namespace norn::model
