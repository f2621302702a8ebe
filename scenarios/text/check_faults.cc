#include <set>

#include "absl/strings/str_cat.h"
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
  if (on.has_client()) names.Client(place.In("client"), on.client(), Names::Kind::kAny);
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

}  // namespace norn::scenarios
