#include "model/faults.h"

#include <utility>

#include "sim/check.h"

namespace norn::model {
namespace {

constexpr sim::Label kFaultFired{"fault fired"};
constexpr sim::Label kFaultNumber{"fault"};
constexpr sim::Label kConnection{"connection"};

bool ActsOnFrame(FaultAction action) { return action <= FaultAction::kAnswer; }

}  // namespace

std::string_view Name(CutPoint point) {
  constexpr std::string_view kNames[] = {"connect",          "connected", "request sent",
                                         "request received", "appended",  "response sent",
                                         "response received"};
  return kNames[static_cast<int>(point)];
}

std::string_view Name(FaultAction action) {
  constexpr std::string_view kNames[] = {
      "drop",         "reset",           "delay",  "cut",         "corrupt",
      "hold",         "silence",         "answer", "kill broker", "lose broker power",
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
  if (rule.point <= CutPoint::kConnected && rule.about.is_set())
    return "no request is under way at " + where + ": leave out what it is about";
  if (rule.about.needs_records() && rule.api.has_value() && rule.api != Api::kProduce)
    return "only Produce carries records: leave out the producer, the sequence and the record";
  const bool frame_is_under_way =
      rule.point == CutPoint::kRequestSent || rule.point == CutPoint::kResponseSent;
  const bool needs_way = rule.action >= FaultAction::kCut && rule.action <= FaultAction::kSilence;
  if (needs_way && ActsOnFrame(rule.action) && !frame_is_under_way)
    return what + " needs a frame under way: request sent, or response sent";
  if (rule.action == FaultAction::kCorrupt && rule.mask == 0)
    return "a mask of 0 flips nothing: give it a bit, as in mask 1";
  if (rule.action == FaultAction::kAnswer) {
    if (rule.point != CutPoint::kRequestSent && rule.point != CutPoint::kRequestReceived)
      return what + " needs a request that nobody has looked at: request sent, or request received";
    if (rule.answers.empty()) return what + " needs an error";
    if (rule.delay < absl::ZeroDuration()) return "the delay of " + what + " is 0 or more";
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

void Faults::Stop() {
  stopped_ = true;
  for (const Fault& fault : faults_) Release(fault.name());
}

std::vector<HeldFrame> Faults::held() const {
  std::vector<HeldFrame> frames;
  for (const Waiting& waiting : waiting_) frames.push_back(waiting.frame);
  return frames;
}

bool Faults::Release(std::string_view name) {
  bool found = false;
  for (Fault& fault : faults_) {
    if (fault.name() != name) continue;
    found = fault.released_ = true;
    for (const Hold& hold : holds_) {
      if (hold.fault != &fault) continue;
      hold.network->Release(hold.connection, *hold.from);
      std::erase_if(waiting_, [&hold](const Waiting& waiting) {
        return waiting.frame.connection == hold.connection && waiting.from == hold.from;
      });
    }
    std::erase_if(holds_, [&fault](const Hold& hold) { return hold.fault == &fault; });
  }
  return found;
}

bool Faults::Matches(const FaultRule& rule, const FaultSite& site) const {
  if (rule.point != site.point) return false;
  if (rule.api && rule.api != site.api) return false;
  if (rule.broker) {
    // Clients name a broker they know by its bootstrap address only with a number below -1.
    const int32_t id = site.broker.value();
    if (rule.broker->value() != (id < 0 ? -1 - id : id)) return false;
  }
  if (rule.client ? *rule.client != site.client : site.between_brokers) return false;
  if (rule.action == FaultAction::kCorrupt) {
    // A frame that does not have the byte cannot be damaged there.
    const int64_t at = rule.bytes < 0 ? site.frame_bytes + rule.bytes : rule.bytes;
    if (at < 0 || at >= site.frame_bytes) return false;
  }
  if (!rule.about.is_set()) return true;
  return site.request != nullptr && rule.about.Matches(*site.request, name_of_topic_);
}

void Faults::Remove(std::string_view name) {
  for (Fault& fault : faults_) fault.removed_ = fault.removed_ || fault.name() == name;
}

FaultVerdict Faults::Strike(const FaultSite& site) {
  FaultVerdict verdict;
  if (stopped_) return verdict;
  for (Fault& fault : faults_) {
    const FaultRule& rule = fault.rule_;
    if (fault.released_ || fault.removed_ || !Matches(rule, site)) continue;
    const int64_t n = ++fault.matched_;
    if (fault.fired_ >= rule.times || n < rule.first || (n - rule.first) % rule.every != 0)
      continue;
    const sim::Key key(static_cast<uint64_t>(fault.number_), static_cast<uint64_t>(n));
    if (!sim_->chance().Bernoulli(stream_, key, rule.probability)) continue;
    const int64_t before = fault.fired_++;
    if (before == 0) fault.first_fired_ = sim_->Now();
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
        verdict.cut = &rule;
        break;
      case FaultAction::kCorrupt:
        verdict.corrupt = &rule;
        break;
      case FaultAction::kHold:
        verdict.hold = &fault;
        break;
      case FaultAction::kSilence:
        verdict.silence = true;
        break;
      case FaultAction::kAnswer: {
        const size_t script = rule.answers.size();
        verdict.answer = rule.answers[static_cast<size_t>(before) % script];
        verdict.answered = verdict.answer != Error::kNone;
        verdict.answer_after = rule.delay;
        break;
      }
      default:
        NORN_CHECK(broker_actions_ != nullptr) << "nobody carries out " << Name(rule.action);
        broker_actions_(fault, site);
    }
  }
  return verdict;
}

}  // namespace norn::model
