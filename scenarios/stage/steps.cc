#include <algorithm>
#include <optional>

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
    case Step::kDisarm:
      return Do(what.disarm());
    case Step::kUntilFired:
      return Do(what.until_fired());
    case Step::kMark:
      return Do(what.mark());
    case Step::kPurge:
      return Do(what.purge());
    case Step::kPolling:
      return Do(what.polling());
    case Step::kSeek:
      return Do(what.seek());
    case Step::kPosition:
      return Do(what.position());
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
    case Step::kFillDisk:
      return Operate(what.fill_disk(), "whoever writes finds no room", "disk full");
    case Step::kFailDisk:
      return Operate(what.fail_disk(), "whoever writes is told", "disk fails");
    case Step::kRepairDisk:
      return Operate(what.repair_disk(), "what is lost stays lost", "disk works again");
    case Step::kStepClock:
      return Operate(what.step_clock(), "whoever looks sees another time", "clock stepped");
    case Step::kHeal:
      return Operate(what.heal(), "what is sent again comes through", "network healed");
    case Step::kRelease:
      return Operate(what.release(), "it goes on in its order", "frames released");
    case Step::kCreateTopic:
      return Operate(what.create_topic(), "every broker knows of it", "topic created");
    case Step::kBrokerLatency:
      return Operate(what.broker_latency(), "later answers wait behind it", "broker slowed");
    case Step::kShutDownBroker:
      return Operate(what.shut_down_broker(), "it gives away what it leads, and ends",
                     "broker shutting down");
    case Step::kKillController:
      return Operate(what.kill_controller(), "nobody is fenced or elected", "controller killed");
    case Step::kStartController:
      return Operate(what.start_controller(), "it has heard of nobody yet", "controller started");
    case Step::kWaitUntil:
      return Do(what.wait_until());
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
  const bool numbered = send.count() > 1 && send.numbered();
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
  if (send.has_timestamp_ms()) record.timestamp_ms = send.timestamp_ms();
  const model::RecordId id(cluster_.history().records());
  if (sends_.Send(send.client(), record, named(send.label()), send.label())) given->push_back(id);
}

void Stage::AwaitReturn(const std::string& client) {
  const auto returned = [&] {
    return !cluster_.client(client).alive() || !cluster_.producer(client).application_blocked();
  };
  if (!returned()) Await(returned, kForEver);
}

void Stage::Do(const Send& send) {
  step().action = absl::StrCat("send ", send.label().empty() ? Display(send) : send.label(),
                               send.count() > 1 ? absl::StrCat(" (", send.count(), "x)") : "",
                               " to ", send.topic());
  std::vector<model::RecordId> given;
  for (int32_t i = 0; i < send.count(); ++i) {
    Give(send, i, &given);
    if (!send.in_background() && !send.has_until_queued()) AwaitReturn(send.client());
  }
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
  // Where the records are is for a table, and looking into every log is dear.
  std::optional<Storage> storage;
  if (traced_) storage.emplace(cluster_);
  size_t refused = 0;
  size_t reached = 0;
  for (const model::RecordId id : given) {
    const model::History::Sent& sent = *cluster_.history().Find(id);
    if (sent.report.outcome == model::Outcome::kFailed) ++refused;
    if (traced_ && (journey_.Of(id).queued || !storage->PlacesOf(id).empty())) ++reached;
  }
  const model::RecordId last = given.back();
  const std::string at_broker = traced_ ? observer_.AtBroker(last, *storage) : "";
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
  FlushReport report;
  report.label = flush.label();
  report.client = flush.client();
  report.begun = step().begun;
  report.done = cluster_.Now();
  report.timed_out = result != model::FlushResult::kDone;
  if (report.timed_out) report.error = IsJava(producer.flavour()) ? "TIMEOUT" : "_TIMED_OUT";
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
  report_.closes.push_back({close.client(), step().begun, cluster_.Now()});
  step().evaluation = absl::StrCat("close() returned after ", Since(step().begun, cluster_.Now()));
  step().result = closed.Get().has_value() ? "producer closed" : "producer not closed";
}

void Stage::Do(const Wait& wait) {
  step().action = absl::StrCat("wait ", wait.duration(),
                               wait.has_up_to() ? absl::StrCat(" to ", wait.up_to()) : "");
  absl::Duration duration = DurationOf(wait.duration());
  if (wait.has_up_to()) {
    sim::Chance& chance = cluster_.sim().chance();
    const sim::Key address(step().number);
    duration = chance.UniformDuration(chance.Resolve("scenario/wait"), address, duration,
                                      DurationOf(wait.up_to()));
  }
  cluster_.RunFor(duration);
  step().evaluation = "time has passed";
  step().result = absl::StrCat(
      wait.has_up_to() ? Since(step().begun, cluster_.Now()) : wait.duration(), " later");
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
  const sim::Time end = cluster_.Now() + DurationOf(poll.timeout());
  // librdkafka hands errors out among the messages, and its applications go on.
  const bool stops = IsJava(cluster_.consumer(poll.client()).flavour());
  size_t records = 0;
  std::string exception;
  do {
    const auto polled = cluster_.consumer(poll.client()).Poll(end - cluster_.Now());
    Await([&] { return polled.settled(); }, kForEver);
    const std::optional<model::PollResult> result = polled.Get();
    if (!result.has_value()) {
      step().evaluation = "poll() did not return";
      step().result = "nothing read";
      return;
    }
    Note(poll.client(), *result);
    records += result->records.size();
    if (!result->exception.empty())
      exception = absl::StrCat(stops ? "poll() threw " : "poll() returned ", result->exception,
                               ": ", result->message);
  } while (poll.whole() && (exception.empty() || !stops) && cluster_.Now() < end);
  step().evaluation = exception.empty() ? absl::StrCat("poll() returned after ",
                                                       Since(step().begun, cluster_.Now()))
                                        : exception;
  step().result = records == 0 ? "nothing read" : absl::StrCat(Messages(records), " read");
}

void Stage::Note(const std::string& consumer, const model::PollResult& result) {
  for (const model::ConsumedRecord& record : result.records) {
    read_[consumer].push_back(record.value.value_or("null"));
    ReadReport report;
    report.client = consumer;
    report.topic = record.topic;
    report.partition = record.partition.value();
    report.offset = record.offset.value();
    report.id = record.id;
    report.text = record.value.value_or("null");
    report.at = cluster_.Now();
    report_.reads.push_back(std::move(report));
  }
  if (result.exception.empty()) return;
  read_errors_[consumer].push_back(result.exception);
  ReadReport report;
  report.kind = ReadReport::Kind::kError;
  report.client = consumer;
  report.text = result.exception;
  report.at = cluster_.Now();
  report_.reads.push_back(std::move(report));
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

void Stage::Do(const WaitUntil& wait) {
  ExpectationReport verdict;
  const auto holds = [&] {
    const Evidence evidence = Look();
    verdict = Judge(evidence).Verdict(wait.holds());
    return verdict.holds;
  };
  const bool done = Await(holds, DurationOf(wait.timeout()));
  step().action = absl::StrCat("wait until: ", verdict.expected);
  step().evaluation = verdict.happened;
  step().result = absl::StrCat(done ? "holds after " : "does not hold within ",
                               Since(step().begun, cluster_.Now()));
  verdict.expected =
      absl::StrCat("step ", step().number, ": ", verdict.expected, " within ", wait.timeout());
  report_.expectations.push_back(std::move(verdict));
}

void Stage::Do(const Mark& mark) {
  MarkReport report;
  report.label = mark.label();
  report.at = cluster_.Now();
  report.frames = cluster_.wire().passed();
  report.connects = cluster_.wire().connects().size();
  report.records = static_cast<size_t>(sends_.count());
  report.told = sends_.told().size();
  report.flushes = report_.flushes.size();
  report.closes = report_.closes.size();
  report.reads = report_.reads.size();
  report.snapshot = Snap();
  report_.marks.push_back(std::move(report));
  if (purged_ && !report_.told_at_purge) report_.told_at_purge = sends_.told().size();
  step().action = absl::StrCat("mark '", mark.label(), "'");
  step().evaluation = "nothing is done";
  step().result = "marked";
}

void Stage::Do(const UntilFired& wait) {
  step().action = absl::StrCat("wait until fault '", wait.fault(), "' strikes",
                               wait.times() > 1 ? absl::StrCat(" ", wait.times(), " times") : "");
  const auto struck = [&] { return TimesFired(wait.fault()) >= wait.times(); };
  const bool done = Await(struck, DurationOf(wait.timeout()));
  step().evaluation = absl::StrCat(done ? "it has after " : "it has not within ",
                                   Since(step().begun, cluster_.Now()));
  step().result = absl::StrCat("fired ", TimesFired(wait.fault()), "x");
}

void Stage::Do(const Disarm& disarm) {
  cluster_.faults().Remove(disarm.fault());
  step().action = absl::StrCat("disarm fault '", disarm.fault(), "'");
  step().evaluation = absl::StrCat("it has struck ", TimesFired(disarm.fault()), "x");
  step().result = "fault disarmed";
}

void Stage::Do(const Purge& purge) {
  step().action = absl::StrCat("purge ", purge.client(), purge.queue() ? " queue" : "",
                               purge.in_flight() ? " in flight" : "");
  if (!cluster_.client(purge.client()).alive()) {
    step().evaluation = absl::StrCat("the process of ", purge.client(), " has ended");
    step().result = "nothing purged";
    return;
  }
  const int64_t before = sends_.Outstanding(purge.client());
  cluster_.producer(purge.client()).Purge({.queue = purge.queue(), .in_flight = purge.in_flight()});
  purged_ = true;
  step().evaluation = absl::StrCat("before it, under way: ", before);
  step().result = "purged";
}

void Stage::Do(const Polling& polling) {
  step().action = absl::StrCat(polling.on() ? "poll " : "stop polling ", polling.client());
  step().evaluation = polling.on() ? "reports are told again" : "no report is told";
  step().result = polling.on() ? "application polls" : "application does not poll";
  if (cluster_.client(polling.client()).alive())
    cluster_.producer(polling.client()).SetPolling(polling.on());
}

void Stage::Do(const Seek& seek) {
  step().action = absl::StrCat("seek ", seek.client(), " to ", seek.topic(), "-", seek.partition(),
                               "@", seek.offset());
  step().evaluation = "the next poll reads from there";
  step().result = "position set";
  // A client that was started a moment ago is told its partitions now.
  cluster_.RunFor(absl::Nanoseconds(1));
  if (cluster_.client(seek.client()).alive())
    cluster_.consumer(seek.client())
        .Seek(seek.topic(), seek.partition(), model::Offset(seek.offset()));
}

void Stage::Do(const Position& position) {
  step().action = absl::StrCat("position of ", position.client(), " in ", position.topic(), "-",
                               position.partition());
  step().evaluation = absl::StrCat("the process of ", position.client(), " has ended");
  step().result = "no position";
  if (!cluster_.client(position.client()).alive()) return;
  const model::Consumer& consumer = cluster_.consumer(position.client());
  const model::Offset offset = consumer.Position(position.topic(), position.partition());
  // The clients' own "none".
  const int64_t none = IsJava(consumer.flavour()) ? -1 : -1001;
  ReadReport report;
  report.kind = ReadReport::Kind::kPosition;
  report.client = position.client();
  report.topic = position.topic();
  report.partition = position.partition();
  report.offset = offset.is_none() ? none : offset.value();
  report.at = cluster_.Now();
  report_.reads.push_back(std::move(report));
  step().evaluation = offset.is_none() ? "it has none" : absl::StrCat("@", offset.value());
  step().result = offset.is_none() ? "no position" : absl::StrCat("at @", offset.value());
}

void Stage::Do(const Arm& arm) {
  for (const Fault& fault : plan_.scenario.faults())
    if (fault.name() == arm.fault()) cluster_.faults().Add(Rule(fault));
  step().action = absl::StrCat("arm fault '", arm.fault(), "'");
  step().evaluation = "it counts from here";
  step().result = "fault armed";
}

}  // namespace norn::scenarios
