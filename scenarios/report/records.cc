#include "scenarios/report/records.h"

#include <algorithm>
#include <map>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "scenarios/report/text_table.h"
#include "scenarios/report/verdict.h"

namespace norn::scenarios {
namespace {

std::string StoredAt(const RecordReport& record) {
  if (record.stored.empty()) return "not stored";
  std::string text;
  int32_t partition = -1;
  for (const RecordReport::Place& place : record.stored) {
    absl::StrAppend(&text, text.empty() ? "" : ",");
    if (place.partition != partition) absl::StrAppend(&text, record.topic, "-", place.partition);
    absl::StrAppend(&text, "@", place.offset);
    partition = place.partition;
  }
  if (record.stored.size() > 1) absl::StrAppend(&text, " (", record.stored.size(), "x)");
  return text;
}

std::string Partition(const RecordReport& record) {
  if (!record.report.partition.is_none())
    return absl::StrCat(record.topic, "-", record.report.partition.value());
  if (!record.stored.empty())
    return absl::StrCat(record.topic, "-", record.stored.front().partition);
  return absl::StrCat(record.topic, "-?");
}

void AddRow(const RecordReport& record, TextTable* table) {
  const model::DeliveryReport& report = record.report;
  const bool told = report.outcome != model::Outcome::kPending;
  const std::string exception(ErrorName(report));
  table->Add({NameOf(record), record.key.value_or("-"), Partition(record),
              told ? absl::StrCat(report.attempts) : "-", OutcomeWord(report.outcome),
              report.offset.is_none() ? "-" : absl::StrCat("@", report.offset.value()),
              StoredAt(record),
              exception.empty() ? "" : absl::StrCat(exception, ": ", report.message)});
}

std::string Totals(const Report& report) {
  std::map<model::Outcome, int64_t> outcomes;
  int64_t stored = 0;
  int64_t twice = 0;
  for (const RecordReport& record : report.records) {
    ++outcomes[record.report.outcome];
    if (!record.stored.empty()) ++stored;
    if (record.stored.size() > 1) ++twice;
  }
  std::vector<std::string> parts;
  for (const model::Outcome outcome : {model::Outcome::kOk, model::Outcome::kFailed,
                                       model::Outcome::kUnknown, model::Outcome::kPending}) {
    if (outcomes[outcome] > 0)
      parts.push_back(absl::StrCat(outcomes[outcome], " ", OutcomeWord(outcome)));
  }
  const size_t all = report.records.size();
  std::string text = absl::StrCat(all, all == 1 ? " record" : " records");
  if (all > 0) absl::StrAppend(&text, ": ", absl::StrJoin(parts, ", "), "; ", stored, " stored");
  if (twice > 0) absl::StrAppend(&text, ", ", twice, " of them more than once");
  return text + "\n";
}

// Of records that are stored more than once: which requests stored them.
std::string Copies(const Report& report) {
  constexpr int kMost = 10;
  std::string text;
  int shown = 0;
  for (const RecordReport& record : report.records) {
    if (record.stored.size() < 2 || record.stored.front().by.empty() || ++shown > kMost) continue;
    std::vector<std::string> places;
    for (const RecordReport::Place& place : record.stored)
      places.push_back(absl::StrCat("@", place.offset, " by ", place.by));
    absl::StrAppend(&text, NameOf(record), " is stored ", record.stored.size(),
                    "x: ", absl::StrJoin(places, "; "), "\n");
  }
  if (shown > kMost) absl::StrAppend(&text, "... and ", shown - kMost, " more\n");
  return text;
}

std::string Faults(const Report& report) {
  std::string text;
  for (const FaultReport& fault : report.faults) {
    absl::StrAppend(&text, "fault '", fault.name, "' ");
    if (fault.fired == 0) {
      absl::StrAppend(&text, "never fired\n");
    } else {
      absl::StrAppend(&text, "fired ",
                      fault.fired == 1 ? "once" : absl::StrCat(fault.fired, " times"),
                      fault.fired == 1 ? ", at " : ", first at ", sim::ToString(fault.first), "\n");
    }
  }
  return text;
}

}  // namespace

std::string NameOf(const RecordReport& record) {
  return record.label.empty() ? absl::StrCat("r", record.id.value()) : record.label;
}

std::string PrintRecords(const Report& report, size_t most) {
  std::string text = absl::StrCat(
      report.scenario, report.headline.empty() ? "" : absl::StrCat(": ", report.headline), "\n\n");
  for (const std::string& notice : report.notices) absl::StrAppend(&text, notice, "\n");
  if (!report.notices.empty()) absl::StrAppend(&text, "\n");
  if (!report.records.empty()) {
    TextTable table({"record", "key", "partition", "attempts", "outcome", "offset", "stored", ""});
    for (size_t i = 0; i < std::min(most, report.records.size()); ++i)
      AddRow(report.records[i], &table);
    absl::StrAppend(&text, table.ToString());
    if (report.records.size() > most)
      absl::StrAppend(&text, "... and ", report.records.size() - most, " more\n");
    absl::StrAppend(&text, "\n");
  }
  absl::StrAppend(&text, Totals(report), Copies(report), Faults(report));
  absl::StrAppend(&text, "ended at ", sim::ToString(report.ended), "\n\n");
  const std::string expectations = PrintExpectations(report);
  if (!expectations.empty()) absl::StrAppend(&text, expectations, "\n");
  return text + PrintVerdict(report);
}

}  // namespace norn::scenarios
