#include "scenarios/report/json.h"

#include "absl/strings/str_cat.h"
#include "scenarios/account/account.h"
#include "scenarios/account/value.h"
#include "scenarios/report/records.h"
#include "scenarios/report/verdict.h"

namespace norn::scenarios {
namespace {

Value Millis(sim::Time time) { return static_cast<double>(time.nanos() / 1000) / 1000; }
Value Millis(sim::Time from, sim::Time to) {
  return static_cast<double>((to.nanos() - from.nanos()) / 1000) / 1000;
}
Value TextOrNull(const std::optional<std::string>& text) {
  return text.has_value() ? Value(*text) : Value();
}

Value Of(const RecordReport& record) {
  const model::DeliveryReport& told = record.report;
  const bool pending = told.outcome == model::Outcome::kPending;
  Value value = Value::Object();
  value.Set("record", NameOf(record));
  value.Set("client", record.client);
  value.Set("topic", record.topic);
  value.Set("partition", told.partition.is_none() ? Value() : Value(told.partition.value()));
  value.Set("key", TextOrNull(record.key));
  value.Set("outcome", OutcomeWord(told.outcome));
  value.Set("attempts", told.attempts);
  value.Set("error", Value::TextOrNull(ErrorName(told)));
  value.Set("status", Value::TextOrNull(model::Name(told.status)));
  value.Set("message", Value::TextOrNull(told.message));
  value.Set("sent_ms", Millis(record.sent));
  value.Set("told_ms", pending ? Value() : Millis(told.at));
  Value places = Value::Array();
  for (const RecordReport::Place& place : record.stored)
    places.Add(Value::Array({place.partition, place.offset}));
  value.Set("stored_at", std::move(places));
  return value;
}

Value Of(const FlushReport& flush) {
  Value value = Value::Object();
  value.Set("label", Value::TextOrNull(flush.label));
  value.Set("client", flush.client);
  value.Set("begun_ms", Millis(flush.begun));
  value.Set("took_ms", Millis(flush.begun, flush.done));
  value.Set("timed_out", flush.timed_out);
  return value;
}

Value Of(const FaultReport& fault) {
  Value value = Value::Object();
  value.Set("fault", fault.name);
  value.Set("fired", fault.fired);
  value.Set("first_ms", fault.fired == 0 ? Value() : Millis(fault.first));
  return value;
}

Value Of(const ExpectationReport& expectation) {
  Value value = Value::Object();
  value.Set("holds", expectation.holds);
  value.Set("expected", expectation.expected);
  value.Set("happened", expectation.happened);
  if (expectation.when != ExpectationReport::When::kAlways) {
    const bool holds = expectation.when == ExpectationReport::When::kSometimes;
    value.Set(holds ? "sometimes_within" : "sometimes_not_within", expectation.within);
  }
  return value;
}

template <class Part>
Value All(const std::vector<Part>& parts) {
  Value all = Value::Array();
  for (const Part& part : parts) all.Add(Of(part));
  return all;
}

Value Of(const Report& report) {
  Value value = Value::Object();
  value.Set("scenario", report.scenario);
  value.Set("seed", Value::Unsigned(report.seed));
  value.Set("result", report.passed() ? "PASS" : "FAIL");
  value.Set("digest", Hex(report.story_digest));
  value.Set("run", Hex(report.run_digest));
  value.Set("ended_ms", Millis(report.ended));
  const Value account = AccountOf(report);
  for (const auto& [key, part] : account.fields()) value.Set(key, part);
  value.Set("records", All(report.records));
  value.Set("flushes", All(report.flushes));
  value.Set("faults", All(report.faults));
  value.Set("expectations", All(report.expectations));
  Value notices = Value::Array();
  for (const std::string& notice : report.notices) notices.Add(notice);
  value.Set("notices", std::move(notices));
  return value;
}

}  // namespace

std::string PrintJson(const std::vector<Report>& reports) {
  if (reports.size() == 1) return Of(reports[0]).ToLines() + "\n";
  std::string text = "[";
  for (const Report& report : reports)
    absl::StrAppend(&text, &report == &reports[0] ? "\n  " : ",\n  ", Of(report).ToLines(2));
  return absl::StrCat(text, reports.empty() ? "]\n" : "\n]\n");
}

}  // namespace norn::scenarios
