#include "scenarios/report/lines.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "scenarios/report/verdict.h"

namespace norn::scenarios {
namespace {

constexpr char kLegend[] =
    "T+time since the run began | who: b1, ... the brokers, else a client; - nobody | what "
    "happened,\n"
    "to which record, batch, connection, request (correlation) | what it says; = a step begins\n";
// Beyond this a line is cut, unless all is wanted or it is a client's own word.
constexpr size_t kMostText = 100;

constexpr char kLegendOfAll[] =
    "#n an event, <m caused by event m; lines without a # happened during the event above them\n";

class LinePrinter {
 public:
  LinePrinter(const Report& report, bool all) : all_(all) {
    for (const EventReport& event : report.events) width_ = std::max(width_, event.who.size());
  }

  std::string Print(const EventReport& event) const {
    std::string text =
        Head(event.at, event.note ? "" : absl::StrCat("#", event.event, " <", event.cause),
             event.who.empty() ? "-" : event.who);
    absl::StrAppend(&text, event.what, event.about.empty() ? "" : " ", event.about,
                    event.text.empty() ? "" : " ");
    const bool cut = !all_ && event.text.size() > kMostText && event.what != "log";
    absl::StrAppend(&text,
                    cut ? absl::StrCat(event.text.substr(0, kMostText), " ...") : event.text);
    return text + "\n";
  }

  std::string Print(const StepReport& step) const {
    return absl::StrCat(Head(step.begun, "", "="), "step ", step.number, ": ", step.action, "\n");
  }

 private:
  std::string Head(sim::Time at, const std::string& event, const std::string& who) const {
    std::string text = absl::StrFormat("%-12s ", sim::ToString(at));
    if (all_) absl::StrAppendFormat(&text, "%-14s ", event);
    absl::StrAppendFormat(&text, "%-*s ", static_cast<int>(width_), who);
    return text;
  }

  bool all_;
  size_t width_ = 1;
};

}  // namespace

std::string PrintLines(const Report& report, bool all) {
  std::string text = absl::StrCat(
      report.scenario, report.headline.empty() ? "" : absl::StrCat(": ", report.headline), "\n\n",
      kLegend, all ? kLegendOfAll : "", "\n");
  const LinePrinter printer(report, all);
  auto step = report.steps.begin();
  for (size_t i = 0; i <= report.events.size(); ++i) {
    for (; step != report.steps.end() && step->events_before <= i; ++step)
      absl::StrAppend(&text, printer.Print(*step));
    if (i < report.events.size() && (report.events[i].note || all))
      absl::StrAppend(&text, printer.Print(report.events[i]));
  }
  absl::StrAppend(&text, "\n");
  const std::string expectations = PrintExpectations(report);
  if (!expectations.empty()) absl::StrAppend(&text, expectations, "\n");
  return text + PrintVerdict(report);
}

}  // namespace norn::scenarios
