#include "scenarios/report/table.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "scenarios/report/text_table.h"
#include "scenarios/report/verdict.h"

namespace norn::scenarios {
namespace {

constexpr char kLegend[] =
    "connection is the producer's view. The broker's queue is all it has of the message: first "
    "its\n"
    "request queue, then its log, which nothing is ever taken out of. at the producer and at the\n"
    "broker say where the record truly is; what is below the high watermark, consumers can read.\n";

}  // namespace

std::string PrintTable(const Report& report) {
  std::string text = absl::StrCat(
      report.scenario, report.headline.empty() ? "" : absl::StrCat(": ", report.headline), "\n\n");
  for (const std::string& notice : report.notices) absl::StrAppend(&text, notice, "\n");
  if (!report.notices.empty()) absl::StrAppend(&text, "\n");

  TextTable process({"step", "time", "action", "evaluation", "result"});
  process.SetRuled();
  for (const StepReport& step : report.steps)
    process.Add({absl::StrCat(step.number), sim::ToString(step.done), step.action, step.evaluation,
                 step.result});
  absl::StrAppend(&text, "Process table\n\n", process.ToString(), "\n");

  TextTable tracker({"after", "message", "connection", "broker queue", "log", "at the producer",
                     "at the broker"});
  tracker.SetRuled();
  const auto add = [&tracker](std::string when, const Status& status) {
    tracker.Add({std::move(when), status.message, status.connection, status.queue, status.log,
                 status.at_client, status.at_broker});
  };
  add("start", report.before);
  for (const StepReport& step : report.steps) add(absl::StrCat("step ", step.number), step.status);
  absl::StrAppend(&text, "Status tracker\n\n", tracker.ToString(), "\n", kLegend, "\n");
  const std::string expectations = PrintExpectations(report);
  if (!expectations.empty()) absl::StrAppend(&text, expectations, "\n");
  return text + PrintVerdict(report);
}

}  // namespace norn::scenarios
