// Faults are data: what happens, at which step of which request, and to how many of them.
//
// A step of a request's life is a cut point. A fault waits there with a filter (which api, broker,
// client; the n-th, the first n, every n-th, or by chance), and can be asked whether it fired.
// Faults that happen at an instant need no filter: schedule the verb itself, as in
// sim.After(absl::Seconds(1), [&] { cluster.broker(1).Kill(); }).
//
// Example: the answer to the first Produce request is lost on its way back.
//   Fault& lost = cluster.faults().On(Api::kProduce).Nth(1).ResponseSent().Drop();
//   ...
//   EXPECT_EQ(lost.fired(), 1);
#ifndef NORN_MODEL_FAULTS_H_
#define NORN_MODEL_FAULTS_H_

#include <cstdint>
#include <deque>
#include <functional>
#include <limits>
#include <optional>
#include <string>
#include <string_view>

#include "absl/time/time.h"
#include "model/ids.h"
#include "model/wire/api.h"
#include "sim/network.h"
#include "sim/random.h"
#include "sim/simulation.h"

namespace norn::model {

using wire::Api;

// In the order of a request's life.
enum class CutPoint : uint8_t {
  kConnect,           // a client is about to open a connection
  kConnected,         // it is open, nothing was sent on it
  kRequestSent,       // the client has handed the request to its socket
  kRequestReceived,   // the broker has read it and done nothing yet
  kAppended,          // its records are in the leader's log; no answer was made (Produce only)
  kResponseSent,      // the broker has handed the answer to its socket
  kResponseReceived,  // the client has read the answer and not looked at it yet
};
std::string_view Name(CutPoint point);

enum class FaultAction : uint8_t {
  // To the frame or request itself:
  kDrop,   // it vanishes; its connection goes on
  kReset,  // its connection is reset instead
  kDelay,  // it is late by `delay`; what follows on its connection waits behind it
  kCut,    // of its frame the first `bytes` arrive, then the connection is reset
  // To the broker it goes to:
  kKillBroker,
  kLoseBrokerPower,
  kPauseBroker,
  kPartitionBroker,  // from that client, both ways
};
std::string_view Name(FaultAction action);

// Where a request is in its life.
struct FaultSite {
  CutPoint point;
  std::optional<Api> api;  // none at kConnect and kConnected
  BrokerId broker;
  std::string_view client;
  uint64_t connection = 0;
  CorrelationId correlation;  // of the request or answer, where there is one
};

struct FaultRule {
  std::string name;  // said in reports; made up from the rest if empty
  CutPoint point = CutPoint::kRequestSent;
  // Which: those that are set must match.
  std::optional<Api> api;
  std::optional<BrokerId> broker;
  std::optional<std::string> client;
  // How many of those that match, counted from 1: the `first`-th, then every `every`-th, until it
  // fired `times` times; each only with `probability`.
  int64_t first = 1;
  int64_t every = 1;
  int64_t times = 1;
  sim::Probability probability = sim::Probability::Always();

  FaultAction action = FaultAction::kDrop;
  absl::Duration delay = absl::ZeroDuration();  // of kDelay
  int64_t bytes = 0;                            // of kCut
  // Of kKillBroker, kLoseBrokerPower, kPauseBroker, kPartitionBroker: after this it is undone
  // (restarted, resumed, healed). Infinite: never.
  absl::Duration lasts = absl::InfiniteDuration();
};

// Why `rule` makes no sense (an action that its cut point cannot carry, a count below one), with
// the remedy; empty if it does.
std::string Mistake(const FaultRule& rule);

// A rule at work.
class Fault {
 public:
  explicit Fault(FaultRule rule, int64_t number);
  const FaultRule& rule() const { return rule_; }
  const std::string& name() const { return rule_.name; }
  // Sites that matched its filter, and how often it struck.
  int64_t matched() const { return matched_; }
  int64_t fired() const { return fired_; }
  // When it first struck; Time::Max() if it did not.
  sim::Time first_fired() const { return first_fired_; }

 private:
  friend class Faults;
  FaultRule rule_;
  int64_t number_;
  bool removed_ = false;
  int64_t matched_ = 0;
  int64_t fired_ = 0;
  sim::Time first_fired_ = sim::Time::Max();
};

// What the faults at one site make of it. Several may strike; drop and reset win over the rest.
struct FaultVerdict {
  bool drop = false;
  bool reset = false;
  int64_t cut_bytes = -1;
  absl::Duration delay = absl::ZeroDuration();
};

// Carries out a kCut on the frame that `from` sends next on `connection`.
void CutNextFrame(sim::Network& network, uint64_t connection, const sim::Node& from, int64_t bytes);

class FaultBuilder;

class Faults {
 public:
  explicit Faults(sim::Simulation& sim);

  // Begins the description of a fault; ends with what happens, as in the example above.
  FaultBuilder On(Api api);
  FaultBuilder OnConnect();    // before a connection is opened
  FaultBuilder OnConnected();  // between the handshake and the first request
  // REQUIRES: Mistake(rule) is empty.
  Fault& Add(FaultRule rule);

  // Asked by clients and brokers at each cut point.
  FaultVerdict At(const FaultSite& site) {
    if (__builtin_expect(faults_.empty(), 1)) return {};
    return Strike(site);
  }

  // Who carries out what is done to a broker.
  void SetBrokerActions(std::function<void(const Fault&, const FaultSite&)> actions) {
    broker_actions_ = std::move(actions);
  }
  // Who is told of every strike.
  void SetListener(std::function<void(const Fault&, const FaultSite&)> listener) {
    listener_ = std::move(listener);
  }
  // No fault strikes any more.
  void Stop() { stopped_ = true; }

  // The fault of that name strikes no more. Nothing if there is none.
  void Remove(std::string_view name);

  // In the order in which they were added; references stay valid.
  const std::deque<Fault>& all() const { return faults_; }
  // Null if there is none of that name.
  const Fault* Find(std::string_view name) const;

 private:
  FaultVerdict Strike(const FaultSite& site);

  sim::Simulation* sim_;
  sim::Stream stream_;
  bool stopped_ = false;
  std::deque<Fault> faults_;
  std::function<void(const Fault&, const FaultSite&)> broker_actions_;
  std::function<void(const Fault&, const FaultSite&)> listener_;
};

// Reads like a sentence: On(Api::kProduce).Nth(1).ResponseSent().Drop().
class FaultBuilder {
 public:
  FaultBuilder(Faults* faults, FaultRule rule) : faults_(faults), rule_(std::move(rule)) {}

  FaultBuilder& Named(std::string name) { return rule_.name = std::move(name), *this; }
  FaultBuilder& Broker(int id) { return rule_.broker = BrokerId(id), *this; }
  FaultBuilder& Client(std::string name) { return rule_.client = std::move(name), *this; }

  FaultBuilder& Nth(int64_t n) { return rule_.first = n, rule_.times = 1, *this; }
  FaultBuilder& First(int64_t n) { return rule_.first = 1, rule_.times = n, *this; }
  FaultBuilder& Every(int64_t n) { return rule_.first = rule_.every = n, Always(); }
  FaultBuilder& Always() { return rule_.times = std::numeric_limits<int64_t>::max(), *this; }
  FaultBuilder& WithProbability(double p) {
    return rule_.probability = sim::Probability(p), Always();
  }

  FaultBuilder& RequestSent() { return rule_.point = CutPoint::kRequestSent, *this; }
  FaultBuilder& RequestReceived() { return rule_.point = CutPoint::kRequestReceived, *this; }
  FaultBuilder& Appended() { return rule_.point = CutPoint::kAppended, *this; }
  FaultBuilder& ResponseSent() { return rule_.point = CutPoint::kResponseSent, *this; }
  FaultBuilder& ResponseReceived() { return rule_.point = CutPoint::kResponseReceived, *this; }

  Fault& Drop() { return Do(FaultAction::kDrop); }
  Fault& Reset() { return Do(FaultAction::kReset); }
  Fault& Delay(absl::Duration d) { return rule_.delay = d, Do(FaultAction::kDelay); }
  Fault& CutAfter(int64_t bytes) { return rule_.bytes = bytes, Do(FaultAction::kCut); }
  Fault& KillBroker(absl::Duration restart_after = absl::InfiniteDuration()) {
    return rule_.lasts = restart_after, Do(FaultAction::kKillBroker);
  }
  Fault& LoseBrokerPower(absl::Duration restart_after = absl::InfiniteDuration()) {
    return rule_.lasts = restart_after, Do(FaultAction::kLoseBrokerPower);
  }
  Fault& PauseBroker(absl::Duration for_how_long) {
    return rule_.lasts = for_how_long, Do(FaultAction::kPauseBroker);
  }
  Fault& PartitionBroker(absl::Duration for_how_long = absl::InfiniteDuration()) {
    return rule_.lasts = for_how_long, Do(FaultAction::kPartitionBroker);
  }

 private:
  Fault& Do(FaultAction action) {
    rule_.action = action;
    return faults_->Add(rule_);
  }
  Faults* faults_;
  FaultRule rule_;
};

}  // namespace norn::model

#endif  // NORN_MODEL_FAULTS_H_
