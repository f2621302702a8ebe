#include "scenarios/report/junit.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "scenarios/report/verdict.h"

namespace norn::scenarios {
namespace {

std::string Seconds(sim::Time time) {
  const int64_t millis = time.millis();
  return absl::StrFormat("%d.%03d", millis / 1000, millis % 1000);
}

}  // namespace

std::string XmlEscape(std::string_view text) {
  std::string escaped;
  for (const char c : text) {
    switch (c) {
      case '<':
        escaped += "&lt;";
        break;
      case '>':
        escaped += "&gt;";
        break;
      case '&':
        escaped += "&amp;";
        break;
      case '"':
        escaped += "&quot;";
        break;
      case '\n':
        escaped += "&#10;";
        break;
      default:
        escaped += static_cast<unsigned char>(c) < 0x20 ? '?' : c;
    }
  }
  return escaped;
}

std::string PrintJunit(const std::vector<Report>& reports) {
  const auto failures = std::count_if(reports.begin(), reports.end(),
                                      [](const Report& report) { return !report.passed(); });
  std::string text = absl::StrCat(
      "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites>\n<testsuite name=\"norn\" tests=\"",
      reports.size(), "\" failures=\"", failures, "\" errors=\"0\">\n");
  for (const Report& report : reports) {
    absl::StrAppend(&text, "  <testcase classname=\"norn.", XmlEscape(report.scenario),
                    "\" name=\"seed ", report.seed, "\" time=\"", Seconds(report.ended), "\"");
    if (report.passed()) {
      absl::StrAppend(&text, "/>\n");
      continue;
    }
    absl::StrAppend(&text, ">\n");
    const auto broken = std::find_if(report.expectations.begin(), report.expectations.end(),
                                     [](const ExpectationReport& e) { return e.broken(); });
    absl::StrAppend(&text, "    <failure message=\"expected ", XmlEscape(broken->expected), "\">",
                    XmlEscape(PrintVerdict(report)), "</failure>\n  </testcase>\n");
  }
  return text + "</testsuite>\n</testsuites>\n";
}

}  // namespace norn::scenarios
