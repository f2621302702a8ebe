#include <algorithm>

#include "absl/strings/str_cat.h"
#include "model/error.h"
#include "model/outcome.h"
#include "scenarios/text/checks.h"
#include "scenarios/text/fault_rule.h"
#include "scenarios/text/nearest.h"

namespace norn::scenarios {
namespace {

// Every exception and every code that a report can carry.
const std::vector<std::string>& ErrorNames() {
  static const auto& names = *[] {
    auto* all = new std::vector<std::string>;
    for (int i = 1; i <= static_cast<int>(model::kLastClientError); ++i)
      all->emplace_back(model::Name(static_cast<model::ClientError>(i)));
    for (const model::Error error : model::AllErrors()) {
      if (error == model::Error::kNone) continue;
      all->emplace_back(model::JavaException(error));
      all->emplace_back(model::Name(error));
      if (model::LibrdkafkaName(error) != model::Name(error))
        all->emplace_back(model::LibrdkafkaName(error));
    }
    return all;
  }();
  return names;
}

void Check(const Place& place, const Names& names, const OutcomeIs& outcome) {
  Diagnosis& diagnosis = names.diagnosis();
  if (outcome.has_send()) names.CheckSend(place.In("send"), outcome.send());
  const auto& known = ErrorNames();
  if (outcome.has_error() &&
      std::find(known.begin(), known.end(), outcome.error()) == known.end()) {
    const std::string near = Nearest(outcome.error(), known);
    diagnosis.Add(
        place.In("error"),
        absl::StrCat("no exception and no code of Kafka is called '", outcome.error(), "'",
                     near.empty() ? "; write one as TimeoutException or "
                                    "NOT_LEADER_OR_FOLLOWER"
                                  : absl::StrCat("; did you mean '", near, "'?")));
  }
  if (outcome.is_size() == 0 && !outcome.has_error() && !outcome.has_message() &&
      !outcome.has_attempts() && !outcome.has_not_before() && !outcome.has_not_after()) {
    diagnosis.Add(place, "expects nothing; write is: OK");
  }
  if (outcome.has_attempts()) names.CheckAtLeast(place.In("attempts"), outcome.attempts(), 0);
  if (outcome.has_not_before()) names.CheckDuration(place.In("not_before"), outcome.not_before());
  if (outcome.has_not_after()) names.CheckDuration(place.In("not_after"), outcome.not_after());
}

void Check(const Place& place, const Names& names, const FlushIs& flush) {
  names.CheckGiven(place.In("is"), flush.has_is(), "is: TIMED_OUT");
  const auto& labels = names.flushes();
  if (flush.has_label()) {
    if (std::find(labels.begin(), labels.end(), flush.label()) == labels.end())
      names.diagnosis().Add(place.In("label"),
                            absl::StrCat("no flush before this is called '", flush.label(), "'",
                                         ThereAre(labels, "there are")));
  } else if (names.flush_steps() != 1) {
    names.diagnosis().Add(place, names.flush_steps() == 0
                                     ? "no step before this flushes"
                                     : "say which flush, with label: give the step one, too");
  }
}

void Check(const Place& place, const Names& names, Stored& stored) {
  if (!stored.has_topic() && names.topics().size() == 1)
    stored.set_topic(names.topics().begin()->first);
  if (names.CheckGiven(place.In("topic"), stored.has_topic(), "topic: \"topic1\"") &&
      names.CheckTopic(place.In("topic"), stored.topic()))
    names.CheckPartition(place.In("partition"), stored.topic(), stored.partition());
  if (stored.has_broker()) names.CheckBroker(place.In("broker"), stored.broker());
  if ((stored.value_size() > 0) + stored.has_count() + stored.has_at_most() + stored.nothing() != 1)
    names.diagnosis().Add(place,
                          "expects exactly one thing: value: \"a\" (one or more), count: 3, "
                          "at_most: 3, or nothing: true");
  if (stored.has_count()) names.CheckAtLeast(place.In("count"), stored.count(), 0);
  if (stored.has_at_most()) names.CheckAtLeast(place.In("at_most"), stored.at_most(), 0);
}

void Check(const Place& place, const Names& names, PartitionIs& partition) {
  names.CheckController(place);
  if (!partition.has_topic() && names.topics().size() == 1)
    partition.set_topic(names.topics().begin()->first);
  if (names.CheckGiven(place.In("topic"), partition.has_topic(), "topic: \"topic1\"") &&
      names.CheckTopic(place.In("topic"), partition.topic()))
    names.CheckPartition(place.In("partition"), partition.topic(), partition.partition());
  if (partition.leader() != 0) names.CheckBroker(place.In("leader"), partition.leader());
  for (int i = 0; i < partition.isr_size(); ++i)
    names.CheckBroker(place.In("isr", i), partition.isr(i));
  for (int i = 0; i < partition.elr_size(); ++i)
    names.CheckBroker(place.In("elr", i), partition.elr(i));
  if (!partition.has_leader() && !partition.has_leader_epoch() && partition.isr_size() == 0 &&
      partition.elr_size() == 0 && !partition.has_in_sync())
    names.diagnosis().Add(place, "expects nothing; write leader: 2, isr: 2, or in_sync: 3");
}

bool IsCode(const std::string& name) {
  const auto& errors = model::AllErrors();
  return std::any_of(errors.begin(), errors.end(),
                     [&name](model::Error error) { return model::Name(error) == name; });
}

void Check(const Place& place, Names& names, Requests& requests) {
  Diagnosis& diagnosis = names.diagnosis();
  if (const auto client = names.Client(place.In("client"), requests.client(), Names::Kind::kAny))
    requests.set_client(*client);
  if (!ApiCalled(requests.api()).has_value())
    diagnosis.Add(place.In("api"), absl::StrCat("no request here is called '", requests.api(), "'",
                                                Remedy(requests.api(), ApiNames(), "there are")));
  if (requests.has_answer() && !IsCode(requests.answer()))
    diagnosis.Add(place.In("answer"),
                  absl::StrCat("no code of Kafka is called '", requests.answer(),
                               "'; write one as NOT_LEADER_OR_FOLLOWER"));
  if (!requests.has_at_least() && !requests.has_at_most())
    diagnosis.Add(place, "expects nothing; write at_least: 1, or at_most: 3");
  if (requests.has_at_least()) names.CheckAtLeast(place.In("at_least"), requests.at_least(), 0);
  if (requests.has_at_most())
    names.CheckAtLeast(place.In("at_most"), requests.at_most(), requests.at_least());
}

}  // namespace

void CheckExpectation(const Place& place, Names& names, Expectation& what) {
  switch (what.what_case()) {
    case Expectation::kOutcome:
      return Check(place.In("outcome"), names, what.outcome());
    case Expectation::kFlush:
      return Check(place.In("flush"), names, what.flush());
    case Expectation::kStored:
      return Check(place.In("stored"), names, *what.mutable_stored());
    case Expectation::kAllStored:
      if (what.all_stored().has_send())
        names.CheckSend(place.In("all_stored").In("send"), what.all_stored().send());
      return;
    case Expectation::kPartition:
      return Check(place.In("partition"), names, *what.mutable_partition());
    case Expectation::kReplicasAgree:
    case Expectation::kNoLostWrites:
    case Expectation::kNoDuplicates:
    case Expectation::kInOrder:
      return;
    case Expectation::kConnection: {
      const Place at = place.In("connection");
      ConnectionIs& connection = *what.mutable_connection();
      if (const auto client =
              names.Client(at.In("client"), connection.client(), Names::Kind::kProducer))
        connection.set_client(*client);
      if (connection.has_broker()) names.CheckBroker(at.In("broker"), connection.broker());
      names.CheckGiven(at.In("is"), connection.has_is(), "is: CONNECTED");
      return;
    }
    case Expectation::kFaultFired:
      if (names.CheckGiven(place.In("fault_fired").In("fault"), what.fault_fired().has_fault(),
                           "fault: \"name\""))
        names.CheckFault(place.In("fault_fired").In("fault"), what.fault_fired().fault());
      return;
    case Expectation::kConsumed: {
      const Place at = place.In("consumed");
      Consumed& consumed = *what.mutable_consumed();
      if (const auto client =
              names.Client(at.In("client"), consumed.client(), Names::Kind::kConsumer))
        consumed.set_client(*client);
      const int kinds = (consumed.has_count() ? 1 : 0) + (consumed.value_size() > 0 ? 1 : 0) +
                        (consumed.error_size() > 0 ? 1 : 0);
      if (kinds > 1)
        names.diagnosis().Add(at, "expects values, their count or errors, not two of these");
      if (kinds == 0)
        names.diagnosis().Add(at, "expects nothing; write value: \"a\", count: 0 or error: \"E\"");
      return;
    }
    case Expectation::kRequests:
      return Check(place.In("requests"), names, *what.mutable_requests());
    case Expectation::WHAT_NOT_SET:
      names.diagnosis().Add(place,
                            "expects nothing; write expect { outcome { send: \"a\" is: OK } }");
  }
}

void CheckSometimes(const Place& place, Names& names, const Expectation& expectation, bool of_run) {
  const auto check = [&](const char* field, bool given, int32_t within) {
    if (!given) return;
    if (!of_run) {
      names.diagnosis().Add(place.In(field),
                            "belongs to an expectation of the whole run: expect { ... }");
    } else {
      names.CheckAtLeast(place.In(field), within, 2);
    }
  };
  check("sometimes_within", expectation.has_sometimes_within(), expectation.sometimes_within());
  check("sometimes_not_within", expectation.has_sometimes_not_within(),
        expectation.sometimes_not_within());
  if (expectation.has_sometimes_within() && expectation.has_sometimes_not_within())
    names.diagnosis().Add(place, "is sought both to hold and not to; write it as two expectations");
}

}  // namespace norn::scenarios
