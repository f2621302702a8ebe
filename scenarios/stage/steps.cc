#include <algorithm>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "model/client/producer.h"
#include "scenarios/stage/stage.h"
#include "scenarios/stage/storage.h"
#include "scenarios/text/duration.h"
#include "scenarios/text/fault_rule.h"

namespace norn::scenarios {
namespace {

// What Java would wait for ever for.
constexpr absl::Duration kForEver = absl::Hours(1);

std::string Since(sim::Time begun, sim::Time now) {
  return sim::FormatNanos(now.nanos() - begun.nanos());
}

// "message", "3 messages".
std::string Messages(size_t n) { return n == 1 ? "message" : absl::StrCat(n, " messages"); }
// "message", "2 of 3 messages".
std::string Of(size_t some, size_t all) {
  return some == all ? Messages(all) : absl::StrCat(some, " of ", all, " messages");
}

std::string Padded(std::string value, int32_t size) {
  if (static_cast<int32_t>(value.size()) < size) value.resize(static_cast<size_t>(size), '.');
  return value;
}

// What a record is called where a step tells of it.
template <class Record>
std::string Display(const Record& record) {
  if (record.has_value()) return absl::StrCat("\"", record.value(), "\"");
  return record.has_value_size() ? absl::StrCat("<", record.value_size(), " B>") : "null";
}

}  // namespace

void Stage::Do(const Step& what) {
  switch (what.what_case()) {
    case Step::kCreateMessage:
      return Do(what.create_message());
    case Step::kConnect:
      return Do(what.connect());
    case Step::kSend:
      return Do(what.send());
    case Step::kFlush:
      return Do(what.flush());
    case Step::kClose:
      return Do(what.close());
    case Step::kWait:
      return Do(what.wait());
    case Step::kWaitForSend:
      return Do(what.wait_for_send());
    case Step::kPoll:
      return Do(what.poll());
    case Step::kCheckStored:
      return Do(what.check_stored());
    case Step::kCheck:
      return Do(what.check());
    case Step::kArm:
      return Do(what.arm());
    case Step::kExit:
      return Operate(what.exit(), "nothing was flushed or closed", "process ended");
    case Step::kStartBroker:
      return Operate(what.start_broker(), "it boots and reads its logs", "broker started");
    case Step::kKillBroker:
      return Operate(what.kill_broker(), "its kernel closes the connections", "broker killed");
    case Step::kLosePower:
      return Operate(what.lose_power(), "silent at once", "broker without power");
    case Step::kPause:
      return Operate(what.pause(), "it stands still; its kernel goes on", "process paused");
    case Step::kResume:
      return Operate(what.resume(), "it goes on where it stood", "process resumed");
    case Step::kPartition:
      return Operate(what.partition(), "nothing comes through; nobody is told",
                     "network partitioned");
    case Step::kRepair:
      return Operate(what.repair(), "what is sent again comes through", "network repaired");
    case Step::kRefuse:
      return what.refuse().on()
                 ? Operate(what.refuse(), "nothing listens there", "connections refused")
                 : Operate(what.refuse(), "it listens", "connections taken again");
    case Step::kBlackHole:
      return what.black_hole().on()
                 ? Operate(what.black_hole(), "nobody is told", "broker in a black hole")
                 : Operate(what.black_hole(), "what is sent again comes through",
                           "broker reachable again");
    case Step::kResetConnections:
      return Operate(what.reset_connections(), "both ends are told", "connections reset");
    case Step::kStallDisk:
      return Operate(what.stall_disk(), "it writes and syncs nothing", "disk stalled");
    case Step::kHeal:
      return Operate(what.heal(), "what is sent again comes through", "network healed");
    case Step::kRelease:
      return Operate(what.release(), "it goes on in its order", "frames released");
    case Step::kCreateTopic:
      return Operate(what.create_topic(), "every broker knows of it", "topic created");
    case Step::kBrokerLatency:
      return Operate(what.broker_latency(), "later answers wait behind it", "broker slowed");
    case Step::kStartClient:
      return Operate(what.start_client(), "it begins with nothing", "client started");
    case Step::WHAT_NOT_SET:
      NORN_CHECK(!"step") << "step " << step().number << " does nothing";
  }
}

template <class Verb>
void Stage::Operate(const Verb& verb, std::string evaluation, std::string result) {
  step().action = Describe(verb);
  step().evaluation = std::move(evaluation);
  step().result = std::move(result);
  operations_.Do(verb);
}

void Stage::Do(const CreateMessage& message) {
  const std::string text = message.has_value() ? message.value() : Display(message);
  observer_.Created(message.label(), text);
  step().action = absl::StrCat("create message ", Display(message));
  step().evaluation = "in the application's memory, and nowhere else";
  step().result = "message object created";
}

void Stage::Do(const Connect& connect) {
  step().action = absl::StrCat("connect ", connect.client());
  const auto connected = [&] {
    return ConnectionWord(cluster_, connect.client(), std::nullopt) == "Connected";
  };
  const bool done = Await(connected, DurationOf(connect.timeout()));
  const std::string took = Since(step().begun, cluster_.Now());
  step().evaluation = done ? absl::StrCat("a broker answered ApiVersions after ", took)
                           : absl::StrCat("no broker answered within ", took);
  step().result = done ? "producer connected" : "producer not connected";
}

void Stage::Give(const Send& send, int32_t number, std::vector<model::RecordId>* given) {
  const bool numbered = send.count() > 1;
  const auto named = [&](const std::string& text) {
    return numbered && !text.empty() ? absl::StrCat(text, number) : text;
  };
  const std::string value = Padded(named(send.value()), send.value_size());
  model::ProducerRecord record;
  record.topic = send.topic();
  if (send.has_partition()) record.partition = send.partition();
  if (send.has_key()) record.key = model::Payload(std::string_view(send.key()));
  if (send.has_value()) {
    record.value = model::Payload(std::string_view(value));
  } else if (send.has_value_size()) {
    record.value = model::Payload::OfSize(send.value_size());
  }
  if (send.has_compression_ratio()) record.compression_ratio = Millionths(send.compression_ratio());
  const model::RecordId id(cluster_.history().records());
  if (sends_.Send(send.client(), record, named(send.label()), send.label())) given->push_back(id);
}

void Stage::Do(const Send& send) {
  step().action = absl::StrCat("send ", send.label().empty() ? Display(send) : send.label(),
                               send.count() > 1 ? absl::StrCat(" (", send.count(), "x)") : "",
                               " to ", send.topic());
  std::vector<model::RecordId> given;
  for (int32_t i = 0; i < send.count(); ++i) Give(send, i, &given);
  if (given.empty()) {
    step().evaluation = absl::StrCat("the process of ", send.client(), " has ended");
    step().result = absl::StrCat(Messages(static_cast<size_t>(send.count())), " not sent");
    return;
  }
  if (send.has_until_queued()) {
    const auto arrived = [&] {
      const Journey::Where where = journey_.Of(given.back());
      return where.queued || sends_.Gone(given.back()) ||
             cluster_.history().Find(given.back())->report.outcome != model::Outcome::kPending;
    };
    Await(arrived, DurationOf(send.until_queued()));
  }
  SayWhatWasSent(send, given);
}

void Stage::SayWhatWasSent(const Send& send, const std::vector<model::RecordId>& given) {
  const Storage storage(cluster_);
  size_t refused = 0;
  size_t reached = 0;
  for (const model::RecordId id : given) {
    const model::History::Sent& sent = *cluster_.history().Find(id);
    if (sent.report.outcome == model::Outcome::kFailed) ++refused;
    if (traced_ && (journey_.Of(id).queued || !storage.PlacesOf(id).empty())) ++reached;
  }
  const model::RecordId last = given.back();
  const std::string at_broker = traced_ ? observer_.AtBroker(last, storage) : "";
  if (!at_broker.empty() && journey_.Of(last).queued) {
    step().evaluation = absl::StrCat("its request is in the ", at_broker);
  } else if (!at_broker.empty()) {
    step().evaluation = absl::StrCat("it is stored: ", at_broker);
  } else {
    const std::string at_client = observer_.AtClient(last);
    step().evaluation = at_client == Observer::kBlocked
                            ? std::string("send() waits for metadata or for memory")
                            : absl::StrCat("send() returned; it is now: ", at_client);
  }
  if (refused == given.size()) {
    const auto& report = cluster_.history().Find(last)->report;
    step().result = absl::StrCat(Messages(refused), " refused: ", std::string(ErrorName(report)));
  } else if (reached > 0) {
    step().result = absl::StrCat(Of(reached, given.size()), " queued in broker");
  } else if (send.has_until_queued()) {
    step().result = absl::StrCat(Messages(given.size()), " not queued in broker");
  } else {
    step().result = absl::StrCat(Messages(given.size()), " given to producer");
  }
}

void Stage::Do(const Flush& flush) {
  step().action = absl::StrCat("flush ", flush.client(),
                               flush.has_timeout() ? absl::StrCat(" for ", flush.timeout()) : "");
  if (!cluster_.client(flush.client()).alive()) {
    step().evaluation = absl::StrCat("the process of ", flush.client(), " has ended");
    step().result = "nothing flushed";
    return;
  }
  std::vector<model::RecordId> waited_for;
  for (const model::History::Sent& record : cluster_.history().sent())
    if (record.client == flush.client() && record.report.outcome == model::Outcome::kPending)
      waited_for.push_back(record.id);
  model::Producer& producer = cluster_.producer(flush.client());
  auto flushed =
      flush.has_timeout() ? producer.Flush(DurationOf(flush.timeout())) : producer.Flush();
  Await([&] { return flushed.settled(); }, kForEver);
  const std::optional<model::FlushResult> result = flushed.Get();
  FlushReport report{.label = flush.label(), .begun = step().begun, .done = cluster_.Now()};
  report.timed_out = result != model::FlushResult::kDone;
  report.outstanding = sends_.Outstanding(flush.client());
  const std::string took = Since(report.begun, report.done);
  step().evaluation = !report.timed_out ? absl::StrCat("flush() returned after ", took)
                                        : absl::StrCat("flush() did not return within ", took,
                                                       "; under way: ", report.outstanding);
  report_.flushes.push_back(std::move(report));

  const size_t all = waited_for.size();
  const auto done = static_cast<size_t>(std::count_if(
      waited_for.begin(), waited_for.end(),
      [this](model::RecordId id) { return cluster_.history().Find(id)->report.ok(); }));
  if (all == 0) {
    step().result = "nothing was under way";
  } else if (done == 0) {
    step().result = absl::StrCat(Messages(all), " not confirmed sent");
  } else if (AcksOf(flush.client()) == model::Acks::kNone) {
    step().result = absl::StrCat(Of(done, all), " sent, unconfirmed (acks=0)");
  } else {
    step().result = absl::StrCat(Of(done, all), " confirmed sent");
  }
}

model::Acks Stage::AcksOf(const std::string& client) const {
  for (const Plan::Client& known : plan_.clients)
    if (known.name == client)
      return known.rdkafka_producer ? known.rdkafka_producer->acks : known.producer.acks;
  return model::Acks::kAll;
}

void Stage::Do(const Close& close) {
  step().action =
      absl::StrCat("close ", close.client(),
                   close.has_timeout() ? absl::StrCat(" within ", close.timeout()) : "");
  if (!cluster_.client(close.client()).alive()) {
    step().evaluation = absl::StrCat("the process of ", close.client(), " has ended");
    step().result = "nothing closed";
    return;
  }
  model::Producer& producer = cluster_.producer(close.client());
  const auto closed =
      close.has_timeout() ? producer.Close(DurationOf(close.timeout())) : producer.Close();
  Await([&] { return closed.settled(); }, kForEver);
  step().evaluation = absl::StrCat("close() returned after ", Since(step().begun, cluster_.Now()));
  step().result = closed.Get().has_value() ? "producer closed" : "producer not closed";
}

void Stage::Do(const Wait& wait) {
  step().action = absl::StrCat("wait ", wait.duration());
  cluster_.RunFor(DurationOf(wait.duration()));
  step().evaluation = "time has passed";
  step().result = absl::StrCat(wait.duration(), " later");
}

void Stage::Do(const WaitForSend& wait) {
  step().action = absl::StrCat(
      "wait for ", wait.label().empty() ? "every report" : "the report on " + wait.label());
  const bool done = Await([&] { return sends_.Settled(wait.label()); }, DurationOf(wait.timeout()));
  const std::vector<model::RecordId> ids = sends_.Called(wait.label());
  size_t ok = 0;
  size_t told = 0;
  for (const model::RecordId id : ids) {
    const model::DeliveryReport& report = cluster_.history().Find(id)->report;
    if (report.ok()) ++ok;
    if (report.outcome != model::Outcome::kPending) ++told;
  }
  step().evaluation =
      absl::StrCat(done ? "after " : "not all within ", Since(step().begun, cluster_.Now()),
                   ids.empty() ? "" : ": " + observer_.AtClient(ids.back()));
  step().result = ids.empty()         ? "nothing was sent"
                  : told < ids.size() ? absl::StrCat(Of(told, ids.size()), " reported on")
                  : ok == ids.size()  ? absl::StrCat(Messages(ok), " acknowledged")
                  : ok == 0           ? absl::StrCat(Messages(told), " reported failed")
                                      : absl::StrCat(Of(ok, ids.size()), " acknowledged");
}

void Stage::Do(const Poll& poll) {
  step().action = absl::StrCat("poll ", poll.client());
  if (!cluster_.client(poll.client()).alive()) {
    step().evaluation = absl::StrCat("the process of ", poll.client(), " has ended");
    step().result = "nothing read";
    return;
  }
  const auto polled = cluster_.consumer(poll.client()).Poll(DurationOf(poll.timeout()));
  Await([&] { return polled.settled(); }, kForEver);
  const std::optional<model::PollResult> result = polled.Get();
  const std::string took = Since(step().begun, cluster_.Now());
  if (!result.has_value()) {
    step().evaluation = "poll() did not return";
    step().result = "nothing read";
    return;
  }
  for (const model::ConsumedRecord& record : result->records)
    read_[poll.client()].push_back(record.value.value_or("null"));
  step().evaluation = result->exception.empty()
                          ? absl::StrCat("poll() returned after ", took)
                          : absl::StrCat("poll() threw ", result->exception, ": ", result->message);
  step().result = result->records.empty() ? "nothing read"
                                          : absl::StrCat(Messages(result->records.size()), " read");
}

void Stage::Do(const CheckStored& check) {
  step().action =
      absl::StrCat("look into the log", check.label().empty() ? "" : " for " + check.label());
  const Storage storage(cluster_);
  const std::vector<model::RecordId> ids = sends_.Called(check.label());
  size_t stored = 0;
  size_t most = 0;
  size_t acknowledged = 0;
  std::string where;
  for (const model::RecordId id : ids) {
    const size_t copies = storage.PlacesOf(id).size();
    if (copies > 0) ++stored;
    most = std::max(most, copies);
    if (cluster_.history().Find(id)->report.ok()) ++acknowledged;
    if (copies > 0) where = observer_.AtBroker(id, storage);
  }
  if (stored > 0) {
    step().evaluation = where;
    step().result = most > 1
                        ? absl::StrCat(Of(stored, ids.size()), " stored up to ", most, " times")
                        : absl::StrCat(Of(stored, ids.size()), " stored in topic");
    if (most > 1 && ids.size() == 1)
      step().result = absl::StrCat("message stored ", most, " times in topic");
    return;
  }
  step().evaluation = "no log holds it";
  step().result = ids.empty() ? "nothing was sent"
                  : acknowledged == 0
                      ? absl::StrCat(Messages(ids.size()), " neither sent nor stored")
                      : absl::StrCat(Messages(ids.size()), " sent and not stored");
}

void Stage::Do(const Expectation& expectation) {
  const Evidence evidence = Look();
  ExpectationReport verdict = Judge(evidence).Verdict(expectation);
  step().action = absl::StrCat("expect: ", verdict.expected);
  step().evaluation = verdict.happened;
  step().result = verdict.holds ? "holds" : "does not hold";
  verdict.expected = absl::StrCat("step ", step().number, ": ", verdict.expected);
  report_.expectations.push_back(std::move(verdict));
}

void Stage::Do(const Arm& arm) {
  for (const Fault& fault : plan_.scenario.faults())
    if (fault.name() == arm.fault()) cluster_.faults().Add(Rule(fault));
  step().action = absl::StrCat("arm fault '", arm.fault(), "'");
  step().evaluation = "it counts from here";
  step().result = "fault armed";
}

}  // namespace norn::scenarios
