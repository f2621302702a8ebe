#include "scenarios/arguments.h"

#include "absl/status/status.h"
#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "scenarios/text/nearest.h"

namespace norn::scenarios {
namespace {

constexpr uint64_t kMostSeeds = 10'000'000;

struct Flag {
  const char* name;
  const char* value;  // what stands behind the =; null: nothing does
  bool value_may_miss;
  const char* help;
  // What is wrong with the value; empty if nothing is.
  std::string (*take)(const std::string& value, RunArguments& into);
};

std::string TakeSeed(const std::string& value, RunArguments& into) {
  uint64_t seed = 0;
  if (!absl::SimpleAtoi(value, &seed)) return "must be a number from 0 to 18446744073709551615";
  into.seed = seed;
  return "";
}

std::string TakeSeeds(const std::string& value, RunArguments& into) {
  if (!absl::SimpleAtoi(value, &into.seeds) || into.seeds == 0 || into.seeds > kMostSeeds)
    return absl::StrCat("must be a number from 1 to ", kMostSeeds);
  return "";
}

std::string TakeFormat(const std::string& value, RunArguments& into) {
  Format format = RECORDS;
  std::vector<std::string> names;
  for (int i = Format_MIN; i <= Format_MAX; ++i)
    names.push_back(absl::AsciiStrToLower(Format_Name(static_cast<Format>(i))));
  if (value != absl::AsciiStrToLower(value) || !Format_Parse(absl::AsciiStrToUpper(value), &format))
    return absl::StrCat("is none of the formats", Remedy(value, names, "they are"));
  into.format = format;
  return "";
}

constexpr Flag kFlags[] = {
    {"seed", "N", false, "the seed of the run, or of the first; by default the scenario's own",
     TakeSeed},
    {"seeds", "N", false, "run each scenario N times, with one seed after the other", TakeSeeds},
    {"format", "F", false, "records, table, lines, json or junit; by default the scenario's own",
     TakeFormat},
    {"set", "PATH=VALUE", false,
     "change the scenario, as often as you like:\n"
     "client.linger.ms=20    a setting of every client; p1.linger.ms=20 of one\n"
     "broker.KEY=VALUE       of every broker; topic.NAME.KEY=VALUE of a topic\n"
     "cluster.brokers=3, steps[2].flush.timeout=1s    any field of the text",
     [](const std::string& value, RunArguments& into) {
       into.sets.push_back(value);
       return std::string();
     }},
    {"defect", "NAME", false, "give the brokers a bug that Kafka once had, as often as you like",
     [](const std::string& value, RunArguments& into) {
       into.defects.push_back(value);
       return std::string();
     }},
    {"dump-log", "LOG", true,
     "append the logs of all brokers in the columns of kafka-dump-log.sh;\n"
     "or one partition's, or one replica's: --dump-log=orders-0@2",
     [](const std::string& value, RunArguments& into) {
       into.dump_log = true;
       if (value.empty()) return std::string();
       into.dump = ParseDumpChoice(value);
       return std::string(into.dump.has_value()
                              ? ""
                              : "is no log; write TOPIC-PARTITION or TOPIC-PARTITION@BROKER");
     }},
    {"verbose", nullptr, false, "with --format=lines: every event of the simulation, and its cause",
     [](const std::string&, RunArguments& into) {
       into.verbose = true;
       return std::string();
     }},
};

absl::Status Mistake(const std::string& text) { return absl::InvalidArgumentError(text); }

}  // namespace

absl::StatusOr<RunArguments> ParseRunArguments(const std::vector<std::string>& arguments) {
  RunArguments run;
  for (size_t i = 0; i < arguments.size(); ++i) {
    const std::string& argument = arguments[i];
    if (!absl::StartsWith(argument, "-")) {
      if (!run.what.empty())
        return Mistake(absl::StrCat("'", argument,
                                    "' is one too many: norn run takes one scenario, "
                                    "file or directory, and has '",
                                    run.what, "'"));
      run.what = argument;
      continue;
    }
    const std::string bare = argument.substr(argument.find_first_not_of('-') == std::string::npos
                                                 ? argument.size()
                                                 : argument.find_first_not_of('-'));
    const size_t equals = bare.find('=');
    const std::string name = bare.substr(0, equals);
    const Flag* found = nullptr;
    std::vector<std::string> names;
    for (const Flag& flag : kFlags) {
      names.emplace_back(flag.name);
      if (name == flag.name) found = &flag;
    }
    if (found == nullptr) {
      const std::string near = Nearest(name, names);
      return Mistake(absl::StrCat(
          "norn run has no flag '--", name, "'",
          near.empty() ? absl::StrCat("; its flags are: --", absl::StrJoin(names, ", --"))
                       : absl::StrCat("; did you mean '--", near, "'?")));
    }
    std::string value;
    if (found->value == nullptr) {
      if (equals != std::string::npos) return Mistake(absl::StrCat("--", name, " takes no value"));
    } else if (equals != std::string::npos) {
      value = bare.substr(equals + 1);
    } else if (found->value_may_miss) {
      // Nothing is said of it.
    } else if (i + 1 < arguments.size()) {
      value = arguments[++i];
    } else {
      return Mistake(absl::StrCat("--", name, " needs a value: --", name, "=", found->value));
    }
    const std::string mistake = found->take(value, run);
    if (!mistake.empty()) return Mistake(absl::StrCat("--", name, "=", value, " ", mistake));
  }
  if (run.what.empty())
    return Mistake(
        "norn run needs a scenario, a file or a directory: norn run hello_kafka; "
        "`norn list` shows what there is");
  return run;
}

std::string DescribeRunFlags() {
  std::string text;
  for (const Flag& flag : kFlags) {
    std::string usage = absl::StrCat(
        "--", flag.name,
        flag.value == nullptr ? ""
                              : absl::StrCat(flag.value_may_miss ? "[=" : "=", flag.value,
                                             flag.value_may_miss ? "]" : ""));
    const std::vector<std::string> lines = absl::StrSplit(flag.help, '\n');
    for (const std::string& line : lines) {
      absl::StrAppendFormat(&text, "  %-18s %s\n", usage, line);
      usage.clear();
    }
  }
  return text;
}

}  // namespace norn::scenarios
