// Faults are data: what happens, at which step of which request, and to how many of them.
//
// A step of a request's life is a cut point. A fault waits there with a filter (which api, broker,
// client, topic, partition, records; the n-th, the first n, every n-th, or by chance), and can be
// asked whether it fired. It counts from the moment it is added.
// Faults that happen at an instant need no filter: schedule the verb itself, as in
// sim.After(absl::Seconds(1), [&] { cluster.broker(1).Kill(); }).
//
// Example: the answer to the first Produce request is lost on its way back.
//   Fault& lost = cluster.faults().On(Api::kProduce).Nth(1).ResponseSent().Drop();
//   ...
//   EXPECT_EQ(lost.fired(), 1);
//
// Scripts as users of librdkafka's mock cluster know them: the next three requests of an api are
// answered with these errors, each 5 ms after it came, and never reach the broker.
//   cluster.faults().On(Api::kProduce).RequestReceived().AnswerEach(
//       {Error::kNotEnoughReplicas, Error::kRequestTimedOut, Error::kNotLeaderOrFollower},
//       absl::Milliseconds(5));
//
// A frame that is held can be looked at, and waits, with everything behind it, until its release.
//   cluster.faults().On(Api::kProduce).RequestSent().Named("first").Hold();
//   ... cluster.faults().held()[0].what ...
//   cluster.faults().Release("first");
#ifndef NORN_MODEL_FAULTS_H_
#define NORN_MODEL_FAULTS_H_

#include <cstdint>
#include <deque>
#include <functional>
#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/time/time.h"
#include "model/error.h"
#include "model/fault_filter.h"
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
  kDrop,     // it vanishes; its connection goes on
  kReset,    // its connection is reset instead
  kDelay,    // it is late by `delay`; what follows on its connection waits behind it
  kCut,      // of its frame the first `bytes` arrive, then the connection is reset
  kCorrupt,  // byte `bytes` of its frame is flipped by `mask`
  kHold,     // it waits, and what follows on its connection behind it, until Faults::Release
  kSilence,  // it and all that follows on its connection, both ways, vanishes; nobody is told
  kAnswer,   // a box on the way answers it with an error; its broker never sees it
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
  // A follower is the client. Only a rule that names it means it.
  bool between_brokers = false;
  uint64_t connection = 0;
  const RequestEnvelope* request = nullptr;  // that it is about, or is answered; null if unknown
  int64_t frame_bytes = 0;                   // at kRequestSent and kResponseSent
};

struct FaultRule {
  std::string name;  // said in reports; made up from the rest if empty
  CutPoint point = CutPoint::kRequestSent;
  // Which: those that are set must match.
  std::optional<Api> api;
  std::optional<BrokerId> broker;
  // A follower is a client of its leader, called as its machine ("b2"); it has to be named.
  std::optional<std::string> client;
  RequestFilter about;
  // How many of those that match, counted from 1: the `first`-th, then every `every`-th, until it
  // fired `times` times; each only with `probability`.
  int64_t first = 1;
  int64_t every = 1;
  int64_t times = 1;
  sim::Probability probability = sim::Probability::Always();

  FaultAction action = FaultAction::kDrop;
  absl::Duration delay = absl::ZeroDuration();  // of kDelay and kAnswer
  int64_t bytes = 0;  // of kCut and kCorrupt; a negative number counts from the frame's end
  uint8_t mask = 1;   // of kCorrupt
  // Of kAnswer: of the k-th request it strikes, the k-th, and so on round. kNone lets the request
  // pass.
  std::vector<Error> answers;
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
  bool released_ = false;
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
  bool answered = false;  // by the box: with `answer`, after `answer_after`
  Error answer = Error::kNone;
  absl::Duration answer_after = absl::ZeroDuration();
  absl::Duration delay = absl::ZeroDuration();
  const FaultRule* cut = nullptr;
  const FaultRule* corrupt = nullptr;
  Fault* hold = nullptr;
  bool silence = false;
};

// A frame that waits on its way.
struct HeldFrame {
  std::string fault;
  uint64_t connection = 0;
  bool is_request = false;
  int64_t bytes = 0;
  std::string what;  // "Produce v13 c5 225 B ..."
};

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

  // Is there any? If not, nobody needs to know where a request is.
  bool listening() const { return !faults_.empty(); }
  // Asked by clients and brokers at each cut point; StrikeFrame (fault_wire.h) asks for frames.
  FaultVerdict At(const FaultSite& site) {
    if (__builtin_expect(faults_.empty(), 1)) return {};
    return Strike(site);
  }

  // Who carries out what is done to a broker.
  void SetBrokerActions(std::function<void(const Fault&, const FaultSite&)> actions) {
    broker_actions_ = std::move(actions);
  }
  // What topics are called that requests name by id.
  void SetTopicNames(NameOfTopic name_of) { name_of_topic_ = std::move(name_of); }
  // No fault strikes any more, and what is held goes on.
  void Stop();

  // What waits, in the order in which it was sent.
  std::vector<HeldFrame> held() const;
  // Lets go of what the fault of that name holds; it holds nothing any more. False if there is no
  // such fault.
  bool Release(std::string_view name);
  // Who is told of every strike.
  void SetListener(std::function<void(const Fault&, const FaultSite&)> listener) {
    listener_ = std::move(listener);
  }

  // The fault of that name strikes no more. Nothing if there is none.
  void Remove(std::string_view name);

  // In the order in which they were added; references stay valid.
  const std::deque<Fault>& all() const { return faults_; }
  // Null if there is none of that name.
  const Fault* Find(std::string_view name) const;

 private:
  friend class FrameFaults;
  // One direction of a connection that is held up.
  struct Hold {
    Fault* fault;
    sim::Network* network;
    uint64_t connection;
    const sim::Node* from;
  };
  struct Waiting {
    HeldFrame frame;
    const sim::Node* from;
  };

  bool Matches(const FaultRule& rule, const FaultSite& site) const;
  FaultVerdict Strike(const FaultSite& site);

  sim::Simulation* sim_;
  sim::Stream stream_;
  bool stopped_ = false;
  std::deque<Fault> faults_;
  std::vector<Hold> holds_;
  std::vector<Waiting> waiting_;
  NameOfTopic name_of_topic_;
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

  FaultBuilder& Topic(std::string name) { return rule_.about.topic = std::move(name), *this; }
  FaultBuilder& Partition(int32_t p) { return rule_.about.partition = PartitionIndex(p), *this; }
  FaultBuilder& ProducerIdIs(int64_t id) { return rule_.about.producer_id = ProducerId(id), *this; }
  FaultBuilder& SequenceIs(int32_t s) { return rule_.about.sequence = Sequence(s), *this; }
  // With a record of which this is true.
  FaultBuilder& Carrying(std::function<bool(RecordId)> is_meant) {
    return rule_.about.carries = std::move(is_meant), *this;
  }

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
  Fault& Corrupt(int64_t byte, uint8_t mask = 1) {
    return rule_.bytes = byte, rule_.mask = mask, Do(FaultAction::kCorrupt);
  }
  Fault& Hold() { return Do(FaultAction::kHold); }
  Fault& Silence() { return Do(FaultAction::kSilence); }
  Fault& Answer(Error error, absl::Duration after = absl::ZeroDuration()) {
    return rule_.answers = {error}, rule_.delay = after, Do(FaultAction::kAnswer);
  }
  // The next requests, one error for each.
  Fault& AnswerEach(std::vector<Error> errors, absl::Duration after = absl::ZeroDuration()) {
    rule_.times = static_cast<int64_t>(errors.size());
    return rule_.answers = std::move(errors), rule_.delay = after, Do(FaultAction::kAnswer);
  }
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
