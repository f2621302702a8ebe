#include "scenarios/fidelity/fidelity_command.h"

#include <unistd.h>

#include <algorithm>
#include <fstream>
#include <map>

#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "scenarios/account/account.h"
#include "scenarios/fidelity/case.h"
#include "scenarios/fidelity/look.h"
#include "scenarios/fidelity/table.h"
#include "scenarios/fidelity/verdict.h"
#include "scenarios/report/json.h"
#include "scenarios/report/lines.h"
#include "scenarios/report/records.h"
#include "scenarios/report/table.h"
#include "scenarios/run.h"
#include "scenarios/text/nearest.h"

namespace norn::scenarios {
namespace {

// By default; so many that what came to real clients in most runs comes, too.
constexpr int64_t kEnoughSeeds = 200;

struct Arguments {
  std::vector<std::string> filters;
  std::string directory = "tests/oracle";
  int64_t seeds = kEnoughSeeds;
  int64_t jobs = std::max<int64_t>(1, sysconf(_SC_NPROCESSORS_ONLN));
  std::optional<uint64_t> seed;
  std::string format;
  bool verbose = false;
  bool accept = false;
  bool check = false;
  bool claimed = false;
};

std::string Parse(const std::vector<std::string>& words, Arguments* into) {
  for (const std::string& word : words) {
    if (!absl::StartsWith(word, "--")) {
      into->filters.push_back(word);
      continue;
    }
    const size_t equals = word.find('=');
    const std::string name = word.substr(2, equals == std::string::npos ? equals : equals - 2);
    const std::string value = equals == std::string::npos ? "" : word.substr(equals + 1);
    uint64_t seed = 0;
    if (name == "cases" && !value.empty()) {
      into->directory = value;
    } else if (name == "seeds" && absl::SimpleAtoi(value, &into->seeds) && into->seeds > 0) {
    } else if (name == "jobs" && absl::SimpleAtoi(value, &into->jobs) && into->jobs > 0) {
    } else if (name == "seed" && absl::SimpleAtoi(value, &seed)) {
      into->seed = seed;
    } else if (name == "format" && (value == "lines" || value == "table" || value == "json" ||
                                    value == "records" || value == "facts")) {
      into->format = value;
    } else if (name == "verbose" && value.empty()) {
      into->verbose = true;
    } else if (name == "accept" && value.empty()) {
      into->accept = true;
    } else if (name == "check" && value.empty()) {
      into->check = true;
    } else if (name == "claimed" && value.empty()) {
      into->claimed = true;
    } else {
      return absl::StrCat("norn fidelity does not understand '", word, "'\n\n", DescribeFidelity());
    }
  }
  return "";
}

// "13" is a recording, "13-NOT_LEADER" and "13-NOT_LEADER-J" parts of it, "J" a flavour, "A2.4" a
// behaviour.
bool Asked(const Case& one, const std::vector<std::string>& filters) {
  return filters.empty() ||
         std::any_of(filters.begin(), filters.end(), [&one](const std::string& filter) {
           return one.name == filter || absl::StartsWith(one.name, filter + "-") ||
                  one.flavour == filter ||
                  std::find(one.behaviours.begin(), one.behaviours.end(), filter) !=
                      one.behaviours.end();
         });
}

void PrintCase(const Case& one, const FidelityVerdict& verdict, bool details, std::ostream& out) {
  out << absl::StrFormat("%-6s %-28s ", verdict.agrees ? "agrees" : "DIFFERS", one.name)
      << (verdict.agrees ? one.about.substr(0, 90) : verdict.why) << "\n";
  if (!details || verdict.agrees) return;
  for (const auto& seen : verdict.seen) {
    out << "  " << seen.count << " of " << verdict.seeds << " seeds, first " << seen.seed << ": ";
    if (seen.recorded < 0) {
      out << "no outcome was recorded\n";
      continue;
    }
    const Case::Outcome& outcome = one.outcomes[static_cast<size_t>(seen.recorded)];
    out << (seen.equal ? "as recorded " : "nearest to what was recorded ") << outcome.count << "x"
        << (seen.equal ? "\n" : ", but\n");
    for (const std::string& difference : seen.differences) out << "    " << difference << "\n";
  }
  for (const std::string& miss : verdict.misses) out << "    " << miss << "\n";
  if (one.plan.has_value())
    out << "  look:   ./norn fidelity " << one.name
        << " --seed=" << std::max<uint64_t>(verdict.worst_seed, 1)
        << " --format=lines   (or table, json, facts)\n";
  out << "\n";
}

// What is compared, side by side.
void PrintFacts(const Case& one, const Value& account, std::ostream& out) {
  for (const auto& [key, expression] : one.looks) {
    const auto value = LookAt(account, expression);
    out << key << (expression == key ? "" : absl::StrCat("  (", expression, ")")) << "\n";
    for (const Case::Outcome& outcome : one.outcomes) {
      const bool is_range = outcome.ranges.Has(key);
      out << "  recorded " << outcome.count << "x  "
          << (is_range ? outcome.ranges[key] : outcome.facts[key]).ToString() << "\n";
    }
    out << "  Norn         "
        << (value.ok() ? value->ToString() : std::string(value.status().message())) << "\n";
  }
}

int ShowSeed(const Case& one, const Arguments& arguments, std::ostream& out, std::ostream& err) {
  if (!one.plan.has_value()) {
    err << one.name << " cannot run: " << one.cannot_run << "\n";
    return 1;
  }
  const std::string& format = arguments.format;
  const uint64_t seed = arguments.seed.value_or(1);
  const Report report =
      Run(*one.plan, {.seed = seed,
                      .trace = format == "lines" || format == "table",
                      .wire = true,
                      .replay = absl::StrCat("./norn fidelity ", one.name, " --seed=", seed)});
  if (format == "lines") {
    out << PrintLines(report, arguments.verbose);
  } else if (format == "table") {
    out << PrintTable(report);
  } else if (format == "json") {
    out << PrintJson({report});
  } else if (format == "records") {
    out << PrintRecords(report);
  } else {
    PrintFacts(one, AccountOf(report), out);
  }
  return 0;
}

// Writes beside each recording which of its cases agree, for the tests to hold them to it.
std::string Accept(const std::vector<const Case*>& cases,
                   const std::vector<FidelityVerdict>& verdicts) {
  std::map<std::string, std::string> lists;
  for (size_t i = 0; i < cases.size(); ++i) {
    std::string& list = lists[cases[i]->folder];
    if (verdicts[i].agrees) absl::StrAppend(&list, cases[i]->name, "\n");
  }
  for (const auto& [folder, list] : lists) {
    std::ofstream file(folder + "/agreed.txt");
    file << list;
    file.close();
    if (!file) return absl::StrCat("cannot write ", folder, "/agreed.txt");
  }
  return "";
}

}  // namespace

int FidelityCommand(const std::vector<std::string>& words, std::ostream& out, std::ostream& err) {
  Arguments arguments;
  if (const std::string mistake = Parse(words, &arguments); !mistake.empty()) {
    err << mistake;
    return 2;
  }
  const auto all = LoadCases(arguments.directory);
  if (!all.ok()) {
    err << all.status().message() << "\n";
    return 2;
  }
  std::vector<const Case*> asked;
  std::vector<std::string> names;
  for (const Case& one : all->cases) {
    names.push_back(one.name);
    if (Asked(one, arguments.filters)) asked.push_back(&one);
  }
  if (asked.empty()) {
    err << "no case is called '" << arguments.filters[0] << "'"
        << Remedy(arguments.filters[0], names, "cases are") << "\n";
    return 2;
  }
  if (arguments.claimed) {
    std::vector<bool> agreed;
    for (const Case& one : all->cases) agreed.push_back(one.agreed);
    out << PrintFidelityTable(*all, agreed);
    return 0;
  }
  if (arguments.seed.has_value() || !arguments.format.empty()) {
    if (asked.size() == 1) return ShowSeed(*asked[0], arguments, out, err);
    err << "--seed and --format look at one case, and " << asked.size() << " are meant\n";
    return 2;
  }
  const std::vector<FidelityVerdict> verdicts =
      CompareAll(asked, arguments.seeds, static_cast<int>(arguments.jobs));
  bool lost = false;
  std::vector<bool> agrees;
  for (size_t i = 0; i < asked.size(); ++i) {
    agrees.push_back(verdicts[i].agrees);
    // What is rare, fewer seeds need not show.
    const bool too_few = verdicts[i].only_unseen && arguments.seeds < kEnoughSeeds;
    const bool lost_it = asked[i]->agreed && !verdicts[i].agrees && !too_few;
    lost = lost || lost_it;
    const bool whole = arguments.filters.empty() && !arguments.verbose && !arguments.check;
    if (!whole || lost_it)
      PrintCase(*asked[i], verdicts[i], arguments.verbose || lost_it || asked.size() <= 12, out);
    if (lost_it) out << "  It agreed before (" << asked[i]->folder << "/agreed.txt).\n\n";
  }
  if (arguments.accept) {
    if (!arguments.filters.empty()) {
      err << "--accept takes all cases, without a filter\n";
      return 2;
    }
    if (const std::string mistake = Accept(asked, verdicts); !mistake.empty()) {
      err << mistake << "\n";
      return 2;
    }
  }
  if (arguments.filters.empty()) {
    out << PrintFidelityTable(*all, agrees);
  } else {
    out << asked.size() << " cases, " << std::count(agrees.begin(), agrees.end(), true)
        << " agree\n";
  }
  // A test asks only that nothing that agreed is lost.
  if (arguments.check) return lost ? 1 : 0;
  return std::all_of(agrees.begin(), agrees.end(), [](bool agree) { return agree; }) ? 0 : 1;
}

std::string DescribeFidelity() {
  return "  norn fidelity             run every case that was recorded on real Kafka; print the "
         "table\n"
         "  norn fidelity 13 J A2.4   only recordings, cases, flavours or rules so called, case by "
         "case\n"
         "  --verbose                 what differs, of every case\n"
         "  --seeds=N                 seeds 1 to N of each; 200\n"
         "  --seed=N --format=F       one seed of one case: lines, table, json, records, or "
         "facts,\n"
         "                            which lays what is compared side by side\n"
         "  --accept                  write which agree to the agreed.txt beside each recording\n"
         "  --check                   status 1 only if one that agreed does no more; below 200 "
         "seeds it need\n"
         "                            not show what was recorded most often\n"
         "  --claimed                 the table from the agreed.txt files; runs nothing\n"
         "  --cases=DIR               where the recordings are; tests/oracle\n"
         "  --jobs=N                  processes at once\n";
}

}  // namespace norn::scenarios
