#include "scenarios/stage/judge.h"

#include <algorithm>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "scenarios/stage/observer.h"
#include "scenarios/text/duration.h"
#include "sim/check.h"

namespace norn::scenarios {
namespace {

constexpr size_t kMostShown = 12;  // values or records in one line

Outcome Word(model::Outcome outcome) {
  switch (outcome) {
    case model::Outcome::kOk:
      return OK;
    case model::Outcome::kFailed:
      return FAILED;
    case model::Outcome::kUnknown:
      return UNKNOWN;
    case model::Outcome::kPending:
      break;
  }
  return PENDING;
}

std::string Attempts(int64_t n) { return absl::StrCat(n, n == 1 ? " attempt" : " attempts"); }

// What was told of a record, in one line.
std::string Told(const model::History::Sent& sent) {
  const model::DeliveryReport& report = sent.report;
  std::string text = Outcome_Name(Word(report.outcome));
  if (report.outcome == model::Outcome::kPending) return text + ": nothing was reported";
  if (!report.ok())
    absl::StrAppend(&text, " (", std::string(ErrorName(report)), ": ", report.message, ")");
  absl::StrAppend(&text, " after ", absl::FormatDuration(report.at - sent.at), " and ",
                  Attempts(report.attempts));
  return text;
}

// "a", "b", ... (20 values)
std::string Values(const std::vector<std::string>& values) {
  if (values.empty()) return "nothing";
  std::vector<std::string> shown;
  for (size_t i = 0; i < std::min(values.size(), kMostShown); ++i)
    shown.push_back(absl::StrCat("\"", values[i], "\""));
  std::string text = absl::StrJoin(shown, ", ");
  if (values.size() > kMostShown) absl::StrAppend(&text, ", ... (", values.size(), " values)");
  return text;
}

std::vector<std::string> Unfilled(const std::vector<std::string>& values) {
  std::vector<std::string> unfilled;
  for (const std::string& value : values) unfilled.emplace_back(WithoutFill(value));
  return unfilled;
}

template <class Repeated>
std::vector<std::string> ToVector(const Repeated& repeated) {
  return {repeated.begin(), repeated.end()};
}

std::string Describe(const OutcomeIs& expected) {
  std::string text =
      expected.has_send() ? absl::StrCat(expected.send(), " is ") : "every record is ";
  std::vector<std::string> outcomes;
  for (int i = 0; i < expected.is_size(); ++i) outcomes.push_back(Outcome_Name(expected.is(i)));
  absl::StrAppend(&text, outcomes.empty() ? "reported" : absl::StrJoin(outcomes, " or "));
  if (expected.has_error()) absl::StrAppend(&text, " with ", expected.error());
  if (expected.has_message())
    absl::StrAppend(&text, " and a message that has \"", expected.message(), "\"");
  if (expected.has_attempts()) absl::StrAppend(&text, " after ", Attempts(expected.attempts()));
  if (expected.has_not_before()) absl::StrAppend(&text, ", not before ", expected.not_before());
  if (expected.has_not_after()) absl::StrAppend(&text, ", not after ", expected.not_after());
  return text;
}

}  // namespace

ExpectationReport Judge::Verdict(const Expectation& expectation) const {
  switch (expectation.what_case()) {
    case Expectation::kOutcome:
      return Of(expectation.outcome());
    case Expectation::kFlush:
      return Of(expectation.flush());
    case Expectation::kStored:
      return Of(expectation.stored());
    case Expectation::kNoDuplicates:
      return Of(expectation.no_duplicates());
    case Expectation::kAllStored:
      return Of(expectation.all_stored());
    case Expectation::kInOrder:
      return Of(expectation.in_order());
    case Expectation::kConnection:
      return Of(expectation.connection());
    case Expectation::kFaultFired:
      return Of(expectation.fault_fired());
    case Expectation::kConsumed:
      return Of(expectation.consumed());
    case Expectation::kRequests:
      return Of(expectation.requests());
    case Expectation::kPartition:
      return Of(expectation.partition());
    case Expectation::kNoLostWrites:
      return Of(expectation.no_lost_writes());
    case Expectation::kReplicasAgree:
      return Of(expectation.replicas_agree());
    case Expectation::WHAT_NOT_SET:
      break;
  }
  NORN_CHECK(!"expectation") << "this expects nothing";
  return {};
}

const Storage& Judge::storage() const {
  if (!storage_.has_value()) storage_.emplace(evidence_.cluster);
  return *storage_;
}

std::string Judge::NameOf(model::RecordId id) const {
  const std::string& label = evidence_.sends.LabelOf(id);
  return label.empty() ? absl::StrCat("r", id.value()) : label;
}

std::string Judge::PlaceOf(const Storage::Place& place) const {
  const model::LogView& log = storage().logs()[place.log];
  return absl::StrCat(log.topic(), "-", log.partition(), "@", place.offset);
}

bool Judge::Matches(const OutcomeIs& expected, const model::History::Sent& sent) const {
  const model::DeliveryReport& report = sent.report;
  const Outcome outcome = Word(report.outcome);
  if (expected.is_size() > 0 &&
      std::find(expected.is().begin(), expected.is().end(), outcome) == expected.is().end())
    return false;
  if (expected.has_error() && expected.error() != ErrorName(report) &&
      expected.error() != model::Name(report.error))
    return false;
  if (expected.has_message() && !absl::StrContains(report.message, expected.message()))
    return false;
  if (expected.has_attempts() && report.attempts != expected.attempts()) return false;
  const bool told = outcome != PENDING;
  const absl::Duration waited = told ? report.at - sent.at : absl::InfiniteDuration();
  if (expected.has_not_before() && (!told || waited < DurationOf(expected.not_before())))
    return false;
  return !expected.has_not_after() || waited <= DurationOf(expected.not_after());
}

ExpectationReport Judge::Of(const OutcomeIs& expected) const {
  ExpectationReport verdict{.expected = Describe(expected), .happened = {}};
  const std::vector<model::RecordId> ids = evidence_.sends.Called(expected.send());
  std::vector<std::string> wrong;
  const model::History& history = evidence_.cluster.history();
  for (const model::RecordId id : ids)
    if (!Matches(expected, *history.Find(id)))
      wrong.push_back(absl::StrCat(NameOf(id), " is ", Told(*history.Find(id))));
  verdict.holds = wrong.empty() && !ids.empty();
  if (ids.empty()) {
    verdict.happened = "nothing was sent";
  } else if (!wrong.empty()) {
    verdict.happened = wrong.front();
    if (ids.size() > 1)
      absl::StrAppend(&verdict.happened, " (", wrong.size(), " of ", ids.size(), " are not so)");
  } else {
    verdict.happened = ids.size() == 1
                           ? absl::StrCat(NameOf(ids[0]), " is ", Told(*history.Find(ids[0])))
                           : absl::StrCat("so are all ", ids.size());
  }
  return verdict;
}

ExpectationReport Judge::Of(const FlushIs& expected) const {
  const std::string name =
      expected.has_label() ? absl::StrCat("flush ", expected.label()) : "the flush";
  const auto words = [](bool timed_out) { return timed_out ? "times out" : "is done"; };
  ExpectationReport verdict{.expected = absl::StrCat(name, " ", words(expected.is() == TIMED_OUT)),
                            .happened = absl::StrCat(name, " was never called")};
  for (const FlushReport& flush : evidence_.flushes) {
    if (expected.has_label() && flush.label != expected.label()) continue;
    verdict.holds = flush.timed_out == (expected.is() == TIMED_OUT);
    verdict.happened =
        absl::StrCat(name, flush.timed_out ? " timed out" : " was done", " after ",
                     absl::FormatDuration(flush.done - flush.begun), ", ", flush.outstanding,
                     flush.outstanding == 1 ? " record" : " records", " under way");
  }
  return verdict;
}

ExpectationReport Judge::Of(const Stored& expected) const {
  const model::LogView log =
      expected.has_broker()
          ? evidence_.cluster.Replica(expected.topic(), expected.partition(), expected.broker())
          : storage().Log(expected.topic(), expected.partition());
  const std::string name = absl::StrCat(
      log.topic(), "-", log.partition(),
      expected.has_broker() ? absl::StrCat(" on b", expected.broker()) : "", " holds ");
  const auto records = [](int64_t n) { return absl::StrCat(n, n == 1 ? " record" : " records"); };
  const std::vector<std::string> values = Unfilled(log.values());
  ExpectationReport verdict;
  if (expected.has_count()) {
    verdict.expected = name + records(expected.count());
    verdict.happened = name + records(static_cast<int64_t>(log.size()));
    verdict.holds = static_cast<int64_t>(log.size()) == expected.count();
  } else if (expected.has_at_most()) {
    verdict.expected = absl::StrCat(name, "at most ", records(expected.at_most()));
    verdict.happened = name + records(static_cast<int64_t>(log.size()));
    verdict.holds = static_cast<int64_t>(log.size()) <= expected.at_most();
  } else {
    const std::vector<std::string> wanted = Unfilled(ToVector(expected.value()));
    verdict.expected = name + Values(wanted);
    verdict.happened = name + Values(values);
    verdict.holds = values == wanted;
  }
  return verdict;
}

ExpectationReport Judge::Of(const PartitionIs& expected) const {
  const model::PartitionState state =
      evidence_.cluster.Partition(expected.topic(), expected.partition());
  const auto list = [](auto ids) {
    std::sort(ids.begin(), ids.end());
    return absl::StrCat("{", absl::StrJoin(ids, ","), "}");
  };
  const auto numbers = [](const model::BrokerList& brokers) {
    std::vector<int32_t> ids;
    for (const model::BrokerId id : brokers) ids.push_back(id.value());
    return ids;
  };
  const int32_t leader = state.leader.is_none() ? 0 : state.leader.value();
  std::vector<std::string> wanted;
  std::vector<std::string> found;
  bool holds = true;
  const auto compare = [&](bool is_asked, std::string_view what, const std::string& one,
                           const std::string& other) {
    if (!is_asked) return;
    wanted.push_back(absl::StrCat(std::string(what), " ", one));
    found.push_back(absl::StrCat(std::string(what), " ", other));
    holds = holds && one == other;
  };
  compare(expected.has_leader(), "leader", absl::StrCat(expected.leader()), absl::StrCat(leader));
  compare(expected.has_leader_epoch(), "leader epoch", absl::StrCat(expected.leader_epoch()),
          absl::StrCat(state.leader_epoch.value()));
  compare(expected.isr_size() > 0, "isr",
          list(std::vector<int32_t>(expected.isr().begin(), expected.isr().end())),
          list(numbers(state.isr)));
  compare(expected.elr_size() > 0, "elr",
          list(std::vector<int32_t>(expected.elr().begin(), expected.elr().end())),
          list(numbers(state.elr)));
  compare(expected.has_in_sync(), "in sync", absl::StrCat(expected.in_sync()),
          absl::StrCat(state.isr.size()));
  const std::string name = absl::StrCat(expected.topic(), "-", expected.partition(), " has ");
  return {.expected = name + absl::StrJoin(wanted, ", "),
          .happened = name + absl::StrJoin(found, ", "),
          .holds = holds};
}

ExpectationReport Judge::Of(const NoLostWrites&) const {
  ExpectationReport verdict{.expected = "every acknowledged record is stored", .happened = {}};
  std::vector<std::string> lost;
  for (const model::RecordId id : evidence_.sends.Called("")) {
    const model::History::Sent& sent = *evidence_.cluster.history().Find(id);
    // With acks=0 a report says that it was sent, and where it is stored nobody was told.
    if (!sent.report.ok() || sent.report.offset.is_none() || !storage().PlacesOf(id).empty())
      continue;
    lost.push_back(absl::StrCat(NameOf(id), " was acknowledged at offset ",
                                sent.report.offset.value(), " of ", sent.topic, "-",
                                sent.report.partition.value(), " and is stored nowhere"));
  }
  verdict.holds = lost.empty();
  verdict.happened = lost.empty() ? "so it is" : lost.front();
  if (lost.size() > 1) absl::StrAppend(&verdict.happened, " (", lost.size(), " are lost)");
  return verdict;
}

ExpectationReport Judge::Of(const ReplicasAgree&) const {
  ExpectationReport verdict{
      .expected = "the replicas in every ISR hold the same", .happened = "they do", .holds = true};
  model::Cluster& cluster = evidence_.cluster;
  for (const auto& topic : cluster.view().topics) {
    const std::string name(topic.name.text());
    for (int32_t p = 0; p < topic.partitions(); ++p) {
      const model::PartitionState state = cluster.Partition(name, p);
      for (const model::BrokerId other : state.isr) {
        const model::BrokerId one = state.isr.front();
        const model::LogView a = cluster.Replica(name, p, one.value());
        const model::LogView b = cluster.Replica(name, p, other.value());
        for (size_t i = 0; i < std::min(a.size(), b.size()); ++i) {
          const model::StoredRecord& x = a.records()[i];
          const model::StoredRecord& y = b.records()[i];
          if (x.id == y.id && x.leader_epoch == y.leader_epoch) continue;
          verdict.holds = false;
          verdict.happened =
              absl::StrCat(name, "-", p, "@", x.offset.value(), " is ", NameOf(x.id), " of epoch ",
                           x.leader_epoch.value(), " on b", one.value(), " and ", NameOf(y.id),
                           " of epoch ", y.leader_epoch.value(), " on b", other.value());
          return verdict;
        }
      }
    }
  }
  return verdict;
}

ExpectationReport Judge::Of(const NoDuplicates&) const {
  ExpectationReport verdict{.expected = "no record is stored twice", .happened = {}};
  std::vector<std::string> twice;
  for (const model::RecordId id : evidence_.sends.Called("")) {
    const auto& places = storage().PlacesOf(id);
    if (places.size() < 2) continue;
    std::vector<std::string> where;
    for (const Storage::Place& place : places) where.push_back(PlaceOf(place));
    twice.push_back(absl::StrCat(NameOf(id), " is stored at ", absl::StrJoin(where, " and ")));
  }
  verdict.holds = twice.empty();
  verdict.happened = twice.empty() ? "none is" : twice.front();
  if (twice.size() > 1)
    absl::StrAppend(&verdict.happened, " (", twice.size(), " are stored more than once)");
  return verdict;
}

ExpectationReport Judge::Of(const AllStored& expected) const {
  ExpectationReport verdict{
      .expected = expected.has_send()
                      ? absl::StrCat("every record of ", expected.send(), " is stored")
                      : "every record is stored",
      .happened = {}};
  const std::vector<model::RecordId> ids = evidence_.sends.Called(expected.send());
  std::vector<std::string> missing;
  for (const model::RecordId id : ids)
    if (storage().PlacesOf(id).empty()) missing.push_back(NameOf(id));
  verdict.holds = missing.empty() && !ids.empty();
  if (ids.empty()) {
    verdict.happened = "nothing was sent";
  } else if (missing.empty()) {
    verdict.happened = absl::StrCat("so are all ", ids.size());
  } else {
    verdict.happened = absl::StrCat(missing.size(), " of ", ids.size(), " are not: ");
    if (missing.size() > kMostShown) {
      missing.resize(kMostShown);
      missing.push_back("...");
    }
    absl::StrAppend(&verdict.happened, absl::StrJoin(missing, ", "));
  }
  return verdict;
}

ExpectationReport Judge::Of(const InOrder&) const {
  ExpectationReport verdict{
      .expected = "each partition holds each client's records in the order in which they were sent",
      .happened = "it does",
      .holds = true};
  for (size_t i = 0; i < storage().logs().size(); ++i) {
    std::map<std::string, model::RecordId> latest;  // by client
    for (const model::StoredRecord& record : storage().logs()[i].records()) {
      const auto& places = storage().PlacesOf(record.id);
      const bool first = !places.empty() && places.front().log == i &&
                         places.front().offset == record.offset.value();
      if (!first) continue;
      const std::string& client = evidence_.cluster.history().Find(record.id)->client;
      const auto [last, is_new] = latest.emplace(client, record.id);
      if (!is_new && record.id < last->second) {
        verdict.holds = false;
        verdict.happened =
            absl::StrCat(NameOf(record.id), " was sent before ", NameOf(last->second),
                         " and is stored behind it, at ", PlaceOf(places.front()));
        return verdict;
      }
      last->second = record.id;
    }
  }
  return verdict;
}

ExpectationReport Judge::Of(const ConnectionIs& expected) const {
  const std::string name =
      absl::StrCat(expected.client(), " is ",
                   expected.has_broker() ? absl::StrCat("to b", expected.broker(), " ") : "");
  const std::string wanted = expected.is() == CONNECTED    ? "Connected"
                             : expected.is() == CONNECTING ? "Connecting"
                                                           : "Disconnected";
  std::optional<int32_t> broker;
  if (expected.has_broker()) broker = expected.broker();
  const std::string found = ConnectionWord(evidence_.cluster, expected.client(), broker);
  return {.expected = name + wanted, .happened = name + found, .holds = found == wanted};
}

ExpectationReport Judge::Of(const FaultFired& expected) const {
  const auto found = evidence_.fired.find(expected.fault());
  const int64_t fired = found == evidence_.fired.end() ? 0 : found->second;
  const auto times = [](int64_t n) {
    return n == 0 ? std::string("never") : n == 1 ? "once" : absl::StrCat(n, " times");
  };
  return {.expected = absl::StrCat("fault '", expected.fault(), "' fires ",
                                   expected.has_times() ? times(expected.times()) : "once or more"),
          .happened = absl::StrCat("it fired ", times(fired)),
          .holds = expected.has_times() ? fired == expected.times() : fired > 0};
}

ExpectationReport Judge::Of(const Requests& expected) const {
  int64_t count = 0;
  for (const model::WireLog::Frame& frame : evidence_.cluster.wire().frames()) {
    if (frame.client != expected.client() || model::wire::Name(frame.api) != expected.api() ||
        frame.at == sim::Time::Max())
      continue;
    if (!expected.has_answer()) {
      count += frame.is_request;
    } else if (!frame.is_request) {
      count += std::any_of(frame.answers.begin(), frame.answers.end(), [&](const auto& answer) {
        return model::Name(answer.error) == expected.answer();
      });
    }
  }
  std::string bounds;
  if (expected.has_at_least()) absl::StrAppend(&bounds, "at least ", expected.at_least());
  if (expected.has_at_most())
    absl::StrAppend(&bounds, bounds.empty() ? "" : " and ", "at most ", expected.at_most());
  const std::string answered =
      expected.has_answer() ? absl::StrCat(" with ", expected.answer()) : "";
  return {.expected = absl::StrCat(bounds, " ", expected.api(), " requests of ", expected.client(),
                                   expected.has_answer() ? " are answered" : "", answered),
          .happened = absl::StrCat("there were ", count),
          .holds = (!expected.has_at_least() || count >= expected.at_least()) &&
                   (!expected.has_at_most() || count <= expected.at_most())};
}

ExpectationReport Judge::Of(const Consumed& expected) const {
  if (expected.error_size() > 0) {
    const std::vector<std::string> wanted = ToVector(expected.error());
    const auto told = evidence_.read_errors.find(expected.client());
    const std::vector<std::string> errors =
        told == evidence_.read_errors.end() ? std::vector<std::string>() : told->second;
    return {.expected = absl::StrCat(expected.client(), " is told ", Values(wanted)),
            .happened = absl::StrCat(expected.client(), " was told ", Values(errors)),
            .holds = errors == wanted};
  }
  const auto found = evidence_.read.find(expected.client());
  const std::vector<std::string> values =
      found == evidence_.read.end() ? std::vector<std::string>() : Unfilled(found->second);
  if (expected.has_count()) {
    return {.expected = absl::StrCat(expected.client(), " reads ", expected.count(), " records"),
            .happened = absl::StrCat(expected.client(), " has read ", values.size()),
            .holds = static_cast<int64_t>(values.size()) == expected.count()};
  }
  const std::vector<std::string> wanted = Unfilled(ToVector(expected.value()));
  return {.expected = absl::StrCat(expected.client(), " reads ", Values(wanted)),
          .happened = absl::StrCat(expected.client(), " has read ", Values(values)),
          .holds = values == wanted};
}

}  // namespace norn::scenarios
