#include <algorithm>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "scenarios/text/checks.h"
#include "scenarios/text/duration.h"
#include "scenarios/text/fault_rule.h"
#include "scenarios/text/nearest.h"

namespace norn::scenarios {
namespace {

// Which of the points it can have, and what it needs besides.
struct FaultKind {
  const char* field;
  bool on;
  bool at;
  bool can_end;
};

FaultKind KindOf(Fault::WhatCase what) {
  switch (what) {
    case Fault::kDrop:
      return {"drop", true, false, false};
    case Fault::kReset:
      return {"reset", true, false, false};
    case Fault::kDelay:
      return {"delay", true, false, false};
    case Fault::kCut:
      return {"cut", true, false, false};
    case Fault::kCorrupt:
      return {"corrupt", true, false, false};
    case Fault::kHold:
      return {"hold", true, false, false};
    case Fault::kSilence:
      return {"silence", true, false, false};
    case Fault::kAnswer:
      return {"answer", true, false, false};
    case Fault::kRelease:
      return {"release", false, true, false};
    case Fault::kCreateTopic:
      return {"create_topic", false, true, false};
    case Fault::kBrokerLatency:
      return {"broker_latency", false, true, true};
    case Fault::kShutDownBroker:
      return {"shut_down_broker", false, true, true};
    case Fault::kKillController:
      return {"kill_controller", false, true, true};
    case Fault::kStartController:
      return {"start_controller", false, true, false};
    case Fault::kKillBroker:
      return {"kill_broker", true, true, true};
    case Fault::kLosePower:
      return {"lose_power", true, true, true};
    case Fault::kPause:
      return {"pause", true, true, true};
    case Fault::kPartition:
      return {"partition", true, true, true};
    case Fault::kStartBroker:
      return {"start_broker", false, true, false};
    case Fault::kResume:
      return {"resume", false, true, false};
    case Fault::kRepair:
      return {"repair", false, true, false};
    case Fault::kRefuse:
      return {"refuse", false, true, true};
    case Fault::kBlackHole:
      return {"black_hole", false, true, true};
    case Fault::kResetConnections:
      return {"reset_connections", false, true, false};
    case Fault::kStallDisk:
      return {"stall_disk", false, true, false};
    case Fault::kFillDisk:
      return {"fill_disk", false, true, true};
    case Fault::kFailDisk:
      return {"fail_disk", false, true, true};
    case Fault::kRepairDisk:
      return {"repair_disk", false, true, false};
    case Fault::kStepClock:
      return {"step_clock", false, true, false};
    case Fault::kHeal:
      return {"heal", false, true, false};
    case Fault::kExit:
      return {"exit", false, true, true};
    case Fault::kStartClient:
      return {"start_client", false, true, false};
    case Fault::WHAT_NOT_SET:
      break;
  }
  return {nullptr, false, false, false};
}

// There are too many to list.
std::string ErrorRemedy(std::string_view name) {
  const std::vector<std::string> names = ErrorNames();
  std::vector<std::string> as_keys;  // as Nearest looks at what was written
  for (const std::string& known : names)
    as_keys.push_back(absl::StrReplaceAll(absl::AsciiStrToLower(known), {{"_", "."}}));
  const auto near = std::find(as_keys.begin(), as_keys.end(), Nearest(name, as_keys));
  if (near == as_keys.end()) return "; write the name of a code, as NOT_ENOUGH_REPLICAS";
  return absl::StrCat("; did you mean '", names[static_cast<size_t>(near - as_keys.begin())], "'?");
}

void CheckAnswer(const Place& place, const Names& names, const Answer& answer) {
  names.CheckGiven(place.In("error"), answer.error_size() > 0,
                   "answer { error: \"NOT_ENOUGH_REPLICAS\" }");
  for (int i = 0; i < answer.error_size(); ++i)
    if (!ErrorCalled(answer.error(i)).has_value())
      names.diagnosis().Add(
          place.In("error", i),
          absl::StrCat("no error is called '", answer.error(i), "'", ErrorRemedy(answer.error(i))));
  names.CheckDuration(place.In("after"), answer.after());
}

void CheckAction(const Place& place, Names& names, Fault& fault) {
  const bool on = fault.has_on();
  switch (fault.what_case()) {
    case Fault::kDelay:
      if (names.CheckGiven(place.In("delay").In("by"), fault.delay().has_by(),
                           "delay { by: \"1s\" }"))
        names.CheckDuration(place.In("delay").In("by"), fault.delay().by());
      return;
    case Fault::kCut:
      names.CheckGiven(place.In("cut").In("after_bytes"), fault.cut().has_after_bytes(),
                       "cut { after_bytes: 6 }");
      return;
    case Fault::kCorrupt: {
      const Place corrupt = place.In("corrupt");
      names.CheckGiven(corrupt.In("byte"), fault.corrupt().has_byte(), "corrupt { byte: 100 }");
      if (fault.corrupt().mask() < 1 || fault.corrupt().mask() > 255)
        names.diagnosis().Add(
            corrupt.In("mask"),
            absl::StrCat(fault.corrupt().mask(), " is no mask of a byte; take one from 1 to 255"));
      return;
    }
    case Fault::kAnswer:
      return CheckAnswer(place.In("answer"), names, fault.answer());
    case Fault::kRelease:
      return CheckVerb(place.In("release"), names, on, *fault.mutable_release());
    case Fault::kBrokerLatency:
      return CheckVerb(place.In("broker_latency"), names, on, *fault.mutable_broker_latency());
    case Fault::kShutDownBroker:
      return CheckVerb(place.In("shut_down_broker"), names, on, *fault.mutable_shut_down_broker());
    case Fault::kKillController:
      return CheckVerb(place.In("kill_controller"), names, on, *fault.mutable_kill_controller());
    case Fault::kStartController:
      return CheckVerb(place.In("start_controller"), names, on, *fault.mutable_start_controller());
    case Fault::kKillBroker:
      return CheckVerb(place.In("kill_broker"), names, on, *fault.mutable_kill_broker());
    case Fault::kLosePower:
      return CheckVerb(place.In("lose_power"), names, on, *fault.mutable_lose_power());
    case Fault::kPause:
      return CheckVerb(place.In("pause"), names, on, *fault.mutable_pause());
    case Fault::kPartition:
      return CheckVerb(place.In("partition"), names, on, *fault.mutable_partition());
    case Fault::kStartBroker:
      return CheckVerb(place.In("start_broker"), names, on, *fault.mutable_start_broker());
    case Fault::kResume:
      return CheckVerb(place.In("resume"), names, on, *fault.mutable_resume());
    case Fault::kRepair:
      return CheckVerb(place.In("repair"), names, on, *fault.mutable_repair());
    case Fault::kRefuse:
      return CheckVerb(place.In("refuse"), names, on, *fault.mutable_refuse());
    case Fault::kBlackHole:
      return CheckVerb(place.In("black_hole"), names, on, *fault.mutable_black_hole());
    case Fault::kResetConnections:
      return CheckVerb(place.In("reset_connections"), names, on,
                       *fault.mutable_reset_connections());
    case Fault::kStallDisk:
      return CheckVerb(place.In("stall_disk"), names, on, *fault.mutable_stall_disk());
    case Fault::kFillDisk:
      return CheckVerb(place.In("fill_disk"), names, on, *fault.mutable_fill_disk());
    case Fault::kFailDisk:
      return CheckVerb(place.In("fail_disk"), names, on, *fault.mutable_fail_disk());
    case Fault::kRepairDisk:
      return CheckVerb(place.In("repair_disk"), names, on, *fault.mutable_repair_disk());
    case Fault::kStepClock:
      return CheckVerb(place.In("step_clock"), names, on, *fault.mutable_step_clock());
    case Fault::kExit:
      return CheckVerb(place.In("exit"), names, on, *fault.mutable_exit());
    case Fault::kStartClient:
      return CheckVerb(place.In("start_client"), names, on, *fault.mutable_start_client());
    default:
      return;
  }
}

void CheckCutPoint(const Place& place, const Names& names, const CutPoint& on) {
  Diagnosis& diagnosis = names.diagnosis();
  names.CheckGiven(place.In("point"), on.has_point(), "point: RESPONSE_SENT");
  if (on.has_api() && !ApiCalled(on.api()).has_value()) {
    diagnosis.Add(place.In("api"), absl::StrCat("no request here is called '", on.api(), "'",
                                                Remedy(on.api(), ApiNames(), "there are")));
  }
  if (on.has_broker()) names.CheckBroker(place.In("broker"), on.broker());
  // A follower is a client of its leader.
  if (on.has_client() && !(names.has_controller() && names.IsBroker(on.client())))
    names.Client(place.In("client"), on.client(), Names::Kind::kAny);
  if (on.has_topic() && names.CheckTopic(place.In("topic"), on.topic()) && on.has_partition())
    names.CheckPartition(place.In("partition"), on.topic(), on.partition());
  if (on.has_partition()) names.CheckAtLeast(place.In("partition"), on.partition(), 0);
  if (on.has_sequence()) names.CheckAtLeast(place.In("sequence"), on.sequence(), 0);
  if (on.has_producer_id()) names.CheckAtLeast(place.In("producer_id"), on.producer_id(), 0);
  if (on.has_nth() + on.has_first() + on.has_every() + on.always() > 1)
    diagnosis.Add(place, "nth, first, every and always exclude each other: keep one");
  if (on.has_nth()) names.CheckAtLeast(place.In("nth"), on.nth(), 1);
  if (on.has_first()) names.CheckAtLeast(place.In("first"), on.first(), 1);
  if (on.has_every()) names.CheckAtLeast(place.In("every"), on.every(), 1);
  if (on.has_probability()) names.CheckProbability(place.In("probability"), on.probability());
}

void CheckFault(const Place& place, Names& names, Fault& fault) {
  Diagnosis& diagnosis = names.diagnosis();
  const FaultKind kind = KindOf(fault.what_case());
  if (kind.field == nullptr) {
    diagnosis.Add(place, "does nothing; say what happens, as in kill_broker { broker: 1 }");
    return;
  }
  if (fault.when_case() == Fault::WHEN_NOT_SET) {
    diagnosis.Add(place, kind.on ? "never happens; write at: \"10ms\", or on { point: ... }"
                                 : "never happens; write at: \"10ms\"");
    return;
  }
  const Place what = place.In(kind.field);
  if (fault.has_at() && !kind.at) {
    diagnosis.Add(what, absl::StrCat("'", kind.field,
                                     "' is done to a request or an answer: say to which, with "
                                     "on { point: ... }"));
    return;
  }
  if (fault.has_on() && !kind.on) {
    diagnosis.Add(what,
                  absl::StrCat("'", kind.field, "' happens at an instant: write at: \"10ms\""));
    return;
  }
  const size_t mistakes = diagnosis.size();
  CheckAction(place, names, fault);
  if (fault.has_lasts()) {
    names.CheckDuration(place.In("lasts"), fault.lasts());
    if (!kind.can_end)
      diagnosis.Add(place.In("lasts"), absl::StrCat("'", kind.field, "' does not last"));
  }
  if (fault.has_at()) {
    names.CheckDuration(place.In("at"), fault.at());
    return;
  }
  CheckCutPoint(place.In("on"), names, fault.on());
  if (diagnosis.size() > mistakes) return;  // no rule can be made of it
  const std::string mistake = model::Mistake(RuleOf(fault));
  if (!mistake.empty()) diagnosis.Add(place, mistake);
}

}  // namespace

void CheckFaults(const Place& scenario, Names& names, Scenario& completed) {
  std::set<std::string> seen;
  for (int i = 0; i < completed.faults_size(); ++i) {
    Fault& fault = *completed.mutable_faults(i);
    const Place place = scenario.In("faults", i);
    if (fault.has_name() && !seen.insert(fault.name()).second)
      names.diagnosis().Add(place.In("name"), absl::StrCat("a fault before this is called '",
                                                           fault.name(), "', too"));
    CheckFault(place, names, fault);
    if (!fault.has_name()) {
      const FaultKind kind = KindOf(fault.what_case());
      fault.set_name(absl::StrCat("fault ", i + 1, kind.field == nullptr ? "" : ": ",
                                  kind.field == nullptr ? "" : kind.field));
    }
  }
}

void CheckFaultRecords(const Place& scenario, const Names& names, const Scenario& completed) {
  for (int i = 0; i < completed.faults_size(); ++i) {
    const Fault& fault = completed.faults(i);
    if (fault.has_on() && fault.on().has_record())
      names.CheckSend(scenario.In("faults", i).In("on").In("record"), fault.on().record());
  }
}

}  // namespace norn::scenarios
