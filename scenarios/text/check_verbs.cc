#include <string>
#include <string_view>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "scenarios/text/checks.h"

namespace norn::scenarios {
namespace {

// At a cut point the broker is that of the request, and naming another would promise too much.
template <class Verb>
void CheckTarget(const Place& place, const Names& names, bool at_cut_point, Verb& verb) {
  if (at_cut_point) {
    if (verb.has_broker()) {
      names.diagnosis().Add(place.In("broker"),
                            "the broker of the request is meant: leave it out, or filter with "
                            "on { broker }");
    }
    return;
  }
  if (!verb.has_broker() && names.brokers() == 1) verb.set_broker(1);
  if (names.CheckGiven(place.In("broker"), verb.has_broker(), "broker: 1"))
    names.CheckBroker(place.In("broker"), verb.broker());
}

template <class Verb>
void CheckBrokerOrClient(const Place& place, const Names& names, Verb& verb) {
  if (verb.has_broker() + verb.has_client() + verb.controller() > 1) {
    names.diagnosis().Add(place, "name a broker, a client or the controller, one of them");
  } else if (verb.controller()) {
    names.CheckController(place.In("controller"));
  } else if (verb.has_client()) {
    names.Client(place.In("client"), verb.client(), Names::Kind::kAny);
  } else {
    if (!verb.has_broker() && names.brokers() == 1) verb.set_broker(1);
    if (names.CheckGiven(place, verb.has_broker(), "broker: 1 or client: \"p1\""))
      names.CheckBroker(place.In("broker"), verb.broker());
  }
}

template <class Verb>
void CheckSides(const Place& place, const Names& names, const Verb& verb) {
  names.CheckGiven(place.In("a"), verb.a_size() > 0, "a: \"p1\"");
  names.CheckGiven(place.In("b"), verb.b_size() > 0, "b: \"b1\"");
  for (int i = 0; i < verb.a_size(); ++i) names.CheckMachine(place.In("a", i), verb.a(i));
  for (int i = 0; i < verb.b_size(); ++i) {
    names.CheckMachine(place.In("b", i), verb.b(i));
    for (const std::string& other : verb.a())
      if (other == verb.b(i))
        names.diagnosis().Add(place.In("b", i), absl::StrCat("'", other, "' is on both sides"));
  }
}

}  // namespace

void CheckVerb(const Place& place, Names& names, bool at_cut_point, KillBroker& verb) {
  CheckTarget(place, names, at_cut_point, verb);
}
void CheckVerb(const Place& place, Names& names, bool at_cut_point, LosePower& verb) {
  CheckTarget(place, names, at_cut_point, verb);
}
void CheckVerb(const Place& place, Names& names, bool at_cut_point, Pause& verb) {
  if (!at_cut_point) {
    CheckBrokerOrClient(place, names, verb);
  } else if (verb.has_broker() || verb.has_client() || verb.controller()) {
    names.diagnosis().Add(place, "the broker of the request is meant: name nobody");
  }
}
void CheckVerb(const Place& place, Names& names, bool at_cut_point, Partition& verb) {
  if (!at_cut_point) {
    CheckSides(place, names, verb);
  } else if (verb.a_size() > 0 || verb.b_size() > 0 || verb.one_way()) {
    names.diagnosis().Add(place,
                          "the client and the broker of the request are meant, both ways: name "
                          "nobody");
  }
}
void CheckVerb(const Place& place, Names& names, bool, StartBroker& verb) {
  CheckTarget(place, names, false, verb);
}
void CheckVerb(const Place& place, Names& names, bool, Resume& verb) {
  CheckBrokerOrClient(place, names, verb);
}
void CheckVerb(const Place& place, Names& names, bool, Repair& verb) {
  CheckSides(place, names, verb);
}
void CheckVerb(const Place& place, Names& names, bool, Refuse& verb) {
  if (verb.has_broker()) names.CheckBroker(place.In("broker"), verb.broker());
  if (verb.controller()) names.CheckController(place.In("controller"));
  if (verb.controller() && verb.has_broker())
    names.diagnosis().Add(place, "name a broker or the controller, one of them");
  for (int i = 0; i < verb.from_size(); ++i) names.CheckMachine(place.In("from", i), verb.from(i));
  if (verb.reset() && !verb.on())
    names.diagnosis().Add(place.In("reset"),
                          "goes with on: true; what is refused has no connections to reset");
}
void CheckVerb(const Place& place, Names& names, bool, BlackHole& verb) {
  CheckTarget(place, names, false, verb);
}
void CheckVerb(const Place& place, Names& names, bool, ResetConnections& verb) {
  if (names.CheckGiven(place.In("a"), verb.has_a(), "a: \"p1\""))
    names.CheckMachine(place.In("a"), verb.a());
  if (names.CheckGiven(place.In("b"), verb.has_b(), "b: \"b1\""))
    names.CheckMachine(place.In("b"), verb.b());
}
void CheckVerb(const Place& place, Names& names, bool, StallDisk& verb) {
  CheckTarget(place, names, false, verb);
  if (names.CheckGiven(place.In("duration"), verb.has_duration(), "duration: \"1s\""))
    names.CheckDuration(place.In("duration"), verb.duration());
}
void CheckVerb(const Place& place, Names& names, bool, FillDisk& verb) {
  CheckTarget(place, names, false, verb);
  names.CheckAtLeast(place.In("leaving"), verb.leaving(), 0);
}
void CheckVerb(const Place& place, Names& names, bool, FailDisk& verb) {
  CheckTarget(place, names, false, verb);
  names.CheckAtLeast(place.In("nth"), verb.nth(), 1);
  if (verb.has_times()) names.CheckAtLeast(place.In("times"), verb.times(), 1);
  if (!verb.has_file()) return;
  // "orders-0/", or a part of a file's name in it. What is written elsewhere has names of its own.
  const std::string_view file = verb.file();
  const std::string_view log = file.substr(0, file.find('/'));
  const size_t dash = log.rfind('-');
  int32_t partition = 0;
  if (dash == log.npos || !absl::SimpleAtoi(std::string(log.substr(dash + 1)), &partition)) {
    names.diagnosis().Add(
        place.In("file"),
        absl::StrCat("'", verb.file(), "' is no file of a log; write \"orders-0/\""));
  } else if (names.CheckTopic(place.In("file"), log.substr(0, dash))) {
    names.CheckPartition(place.In("file"), log.substr(0, dash), partition);
  }
}
void CheckVerb(const Place& place, Names& names, bool, RepairDisk& verb) {
  CheckTarget(place, names, false, verb);
}
void CheckVerb(const Place& place, Names& names, bool, StepClock& verb) {
  if (names.CheckGiven(place.In("machine"), verb.has_machine(), "machine: \"p1\""))
    names.CheckClock(place.In("machine"), verb.machine());
  if (names.CheckGiven(place.In("by"), verb.has_by(), "by: \"2m\""))
    names.CheckSignedDuration(place.In("by"), verb.by());
}
void CheckVerb(const Place&, Names&, bool, Heal&) {}
void CheckVerb(const Place& place, Names& names, bool, Exit& verb) {
  if (const auto client = names.Client(place.In("client"), verb.client(), Names::Kind::kAny))
    verb.set_client(*client);
}
void CheckVerb(const Place& place, Names& names, bool, StartClient& verb) {
  if (const auto client = names.Client(place.In("client"), verb.client(), Names::Kind::kAny))
    verb.set_client(*client);
}

void CheckVerb(const Place& place, Names& names, bool, ShutDownBroker& verb) {
  CheckTarget(place, names, false, verb);
}
void CheckVerb(const Place& place, Names& names, bool, KillController&) {
  names.CheckController(place);
}
void CheckVerb(const Place& place, Names& names, bool, StartController&) {
  names.CheckController(place);
}

void CheckVerb(const Place& place, Names& names, bool, Release& verb) {
  if (names.CheckGiven(place.In("fault"), verb.has_fault(), "release { fault: \"held\" }"))
    names.CheckHold(place.In("fault"), verb.fault());
}
void CheckVerb(const Place& place, Names& names, bool, BrokerLatency& verb) {
  CheckTarget(place, names, false, verb);
  if (names.CheckGiven(place.In("latency"), verb.has_latency(), "latency: \"100ms\""))
    names.CheckDuration(place.In("latency"), verb.latency());
}

}  // namespace norn::scenarios
