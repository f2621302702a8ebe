#include "scenarios/report/lines.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "scenarios/report/verdict.h"

namespace norn::scenarios {
namespace {

constexpr char kLegend[] =
    "T+time since the run began | who: b1, ... the brokers, else a client; - nobody | what happened,\n"
    "to which record, batch, connection, request (correlation) | what it says\n";
constexpr char kLegendOfAll[] =
    "#n an event, <m caused by event m; lines without a # happened during the event above them\n";

std::string Line(const EventReport& event, int width, bool all) {
  std::string text = absl::StrFormat("%-*s ", 12, sim::ToString(event.at));
  if (all) {
    absl::StrAppend(&text, event.note ? absl::StrFormat("%14s ", "")
                                      : absl::StrFormat("%-14s ", absl::StrCat("#", event.event, " <",
                                                                              event.cause)));
  }
  absl::StrAppendFormat(&text, "%-*s ", width, event.who.empty() ? "-" : event.who);
  absl::StrAppend(&text, event.what, event.about.empty() ? "" : " ", event.about,
                  event.text.empty() ? "" : " ", event.text);
  return text + "\n";
}

}  // namespace

std::string PrintLines(const Report& report, bool all) {
  std::string text = absl::StrCat(
      report.scenario, report.headline.empty() ? "" : absl::StrCat(": ", report.headline), "\n\n",
      kLegend, all ? kLegendOfAll : "", "\n");
  size_t width = 1;
  for (const EventReport& event : report.events) width = std::max(width, event.who.size());
  for (const EventReport& event : report.events)
    if (event.note || all) absl::StrAppend(&text, Line(event, static_cast<int>(width), all));
  absl::StrAppend(&text, "\n");
  const std::string expectations = PrintExpectations(report);
  if (!expectations.empty()) absl::StrAppend(&text, expectations, "\n");
  return text + PrintVerdict(report);
}

}  // namespace norn::scenarios
