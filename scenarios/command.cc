#include "scenarios/command.h"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <memory>
#include <optional>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "scenarios/arguments.h"
#include "scenarios/fidelity/fidelity_command.h"
#include "scenarios/library.h"
#include "scenarios/report/dump_log.h"
#include "scenarios/report/json.h"
#include "scenarios/report/junit.h"
#include "scenarios/report/lines.h"
#include "scenarios/report/records.h"
#include "scenarios/report/sometimes.h"
#include "scenarios/report/table.h"
#include "scenarios/report/verdict.h"
#include "scenarios/run.h"
#include "scenarios/text/nearest.h"
#include "scenarios/text/plan.h"

namespace norn::scenarios {
namespace {

namespace fs = std::filesystem;

constexpr char kSuffix[] = ".textproto";
// Of many failures so many are shown whole.
constexpr int64_t kMostShown = 5;

// A scenario that can run, and the words that ask for it.
struct Asked {
  std::string name;  // as it was given: a library's name, or a path
  Plan plan;
};

absl::StatusOr<std::unique_ptr<Script>> LoadFile(const fs::path& path) {
  std::ifstream in(path);
  const std::string text((std::istreambuf_iterator<char>(in)), std::istreambuf_iterator<char>());
  if (!in) return absl::NotFoundError(absl::StrCat(path.string(), ": cannot be read"));
  return ParseScript(path.string(), text, path.parent_path().string());
}

// What `what` stands for: one scenario of the library, or files.
absl::StatusOr<std::vector<std::pair<std::string, std::unique_ptr<Script>>>> Load(
    const std::string& what) {
  std::vector<std::pair<std::string, std::unique_ptr<Script>>> scripts;
  std::error_code error;
  std::vector<fs::path> files;
  if (fs::is_directory(what, error)) {
    for (const auto& entry : fs::directory_iterator(what))
      if (entry.path().extension() == kSuffix) files.push_back(entry.path());
    std::sort(files.begin(), files.end());
    if (files.empty()) return absl::NotFoundError(absl::StrCat(what, ": holds no *", kSuffix));
  } else if (fs::exists(what, error)) {
    files.push_back(what);
  }
  for (const fs::path& file : files) {
    auto script = LoadFile(file);
    if (!script.ok()) return script.status();
    scripts.emplace_back(file.string(), *std::move(script));
  }
  if (!files.empty()) return scripts;
  if (absl::StrContains(what, "/") || absl::EndsWith(what, kSuffix))
    return absl::NotFoundError(absl::StrCat(what, ": there is no such file or directory"));
  auto script = LoadLibrary(what);
  if (!script.ok()) return script.status();
  scripts.emplace_back(what, *std::move(script));
  return scripts;
}

// Whether there is such a log. Topics that are created on the way are as good as others.
absl::Status CheckDump(const DumpChoice& choice, const Plan& plan) {
  std::vector<model::TopicSpec> topics = plan.cluster.topics;
  for (const auto& [name, spec] : plan.created_topics) topics.push_back(spec);
  std::vector<std::string> names;
  for (const model::TopicSpec& topic : topics) {
    names.push_back(topic.name);
    if (topic.name != choice.topic) continue;
    if (choice.partition >= topic.partitions)
      return absl::NotFoundError(absl::StrCat("--dump-log: ", topic.name, " has ", topic.partitions,
                                              " partitions, and none is ", choice.partition));
    if (choice.broker.value_or(1) > plan.cluster.brokers)
      return absl::NotFoundError(absl::StrCat("--dump-log: there is no broker ", *choice.broker));
    return absl::OkStatus();
  }
  return absl::NotFoundError(absl::StrCat("--dump-log: no topic is called '", choice.topic,
                                          "'; topics are: ", absl::StrJoin(names, ", ")));
}

absl::StatusOr<std::vector<Asked>> Prepare(const RunArguments& arguments) {
  auto scripts = Load(arguments.what);
  if (!scripts.ok()) return scripts.status();
  std::vector<Asked> asked;
  std::string mistakes;
  for (auto& [name, script] : *scripts) {
    absl::Status status;
    for (const std::string& set : arguments.sets)
      if (status.ok()) status = Override(set, *script);
    for (const std::string& defect : arguments.defects) AddDefect(defect, *script);
    if (status.ok()) {
      auto plan = MakePlan(*script);
      if (plan.ok() && arguments.dump.has_value()) {
        const absl::Status known = CheckDump(*arguments.dump, *plan);
        if (!known.ok()) plan = known;
      }
      if (plan.ok()) {
        asked.push_back({name, *std::move(plan)});
        continue;
      }
      status = plan.status();
    }
    absl::StrAppend(&mistakes, mistakes.empty() ? "" : "\n", status.message());
  }
  if (!mistakes.empty()) return absl::InvalidArgumentError(mistakes);
  return asked;
}

// Quoted for a shell, where it needs to be.
std::string Quoted(const std::string& word) {
  const bool plain = std::all_of(word.begin(), word.end(), [](char c) {
    return absl::StrContains("_-./=,:@+", std::string(1, c)) || (c >= '0' && c <= '9') ||
           (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
  });
  if (plain && !word.empty()) return word;
  std::string quoted = "'";
  for (const char c : word) quoted += c == '\'' ? std::string("'\\''") : std::string(1, c);
  return quoted + "'";
}

class Runner {
 public:
  Runner(const RunArguments& arguments, std::ostream& out, std::ostream& err)
      : arguments_(arguments), out_(out), err_(err) {}

  int RunAll(const std::vector<Asked>& asked) {
    const bool one = asked.size() == 1 && arguments_.seeds == 1;
    for (const Asked& scenario : asked) {
      const uint64_t first = arguments_.seed.value_or(scenario.plan.scenario.seed());
      Sometimes sometimes;
      for (uint64_t i = 0; i < arguments_.seeds; ++i) RunOne(scenario, first + i, one, sometimes);
      // A single run says of itself what it found.
      if (!one) Aside() << sometimes.Print();
      missing_ += sometimes.missing();
    }
    const Format whole = arguments_.format.value_or(RECORDS);
    if (whole == JSON) out_ << PrintJson(kept_);
    if (whole == JUNIT) out_ << PrintJunit(kept_);
    if (!one) {
      Aside() << passed_ << " passed, " << failed_ << " failed";
      if (missing_ > 0) Aside() << ", and " << missing_ << " missing";
      Aside() << "\n";
    }
    return failed_ == 0 && missing_ == 0 ? kPassed : kFailed;
  }

 private:
  // Where the verdicts go: a document for programs has standard output for itself.
  std::ostream& Aside() {
    const Format format = arguments_.format.value_or(RECORDS);
    return format == JSON || format == JUNIT ? err_ : out_;
  }

  void RunOne(const Asked& scenario, uint64_t seed, bool one, Sometimes& sometimes) {
    const Format format = arguments_.format.value_or(scenario.plan.scenario.format());
    RunOptions options;
    options.seed = seed;
    options.trace = format == TABLE || format == LINES;
    options.wire = format == JSON;
    options.replicas = arguments_.dump_log;
    options.replay = absl::StrCat("./norn run ", Quoted(scenario.name), " --seed=", seed);
    for (const std::string& set : arguments_.sets)
      absl::StrAppend(&options.replay, " --set ", Quoted(set));
    for (const std::string& defect : arguments_.defects)
      absl::StrAppend(&options.replay, " --defect=", Quoted(defect));
    Report report = Run(scenario.plan, options);
    sometimes.Add(report);
    const bool passed = report.passed();
    ++(passed ? passed_ : failed_);
    if (format == JSON || format == JUNIT) {
      err_ << PrintVerdict(report);
      if (!arguments_.format.has_value()) {
        out_ << (format == JSON ? PrintJson({report}) : PrintJunit({report}));
      } else {
        kept_.push_back(std::move(report));
      }
      return;
    }
    const bool whole = one || (!passed && failed_ <= kMostShown);
    if (whole) {
      out_ << Print(report, format);
      if (!one) out_ << "\n";
    } else if (!passed || arguments_.seeds == 1) {
      out_ << PrintVerdict(report);
    }
  }

  std::string Print(const Report& report, Format format) const {
    std::string text = format == TABLE   ? PrintTable(report)
                       : format == LINES ? PrintLines(report, arguments_.verbose)
                                         : PrintRecords(report);
    if (!arguments_.dump_log) return text;
    // The verdict stays at the end.
    const std::string verdict = PrintVerdict(report);
    text.resize(text.size() - verdict.size());
    return absl::StrCat(text, DumpLogs(report, arguments_.dump), "\n", verdict);
  }

  const RunArguments& arguments_;
  std::ostream& out_;
  std::ostream& err_;
  int64_t passed_ = 0;
  int64_t failed_ = 0;
  int64_t missing_ = 0;  // that some run had to show
  std::vector<Report> kept_;
};

int RunCommand(const std::vector<std::string>& arguments, std::ostream& out, std::ostream& err) {
  const auto parsed = ParseRunArguments(arguments);
  if (!parsed.ok()) {
    err << parsed.status().message() << "\n";
    return kBadInput;
  }
  const auto asked = Prepare(*parsed);
  if (!asked.ok()) {
    err << asked.status().message() << "\n";
    return kBadInput;
  }
  return Runner(*parsed, out, err).RunAll(*asked);
}

int ListCommand(std::ostream& out) {
  size_t width = 0;
  for (const LibraryText& text : LibraryTexts()) width = std::max(width, text.name.size());
  for (const LibraryText& text : LibraryTexts()) {
    const std::string story = StoryOf(text.text);
    out << absl::StrFormat("%-*s  %s\n", static_cast<int>(width), text.name,
                           story.substr(0, story.find('\n')));
  }
  return kPassed;
}

int HelpCommand(std::ostream& out) {
  out << "norn runs stories of Kafka on a seeded virtual clock: the same seed, the same run.\n"
         "\n"
         "  norn run NAME         run a scenario that comes with Norn\n"
         "  norn run FILE         run one of your own, a *.textproto\n"
         "  norn run DIR          run all that are in a directory\n"
         "  norn list             show those that come with Norn\n"
         "  norn help             show this\n"
         "\n"
         "Flags of norn run:\n"
      << DescribeRunFlags() << "\nHow far Norn is true:\n"
      << DescribeFidelity()
      << "\n"
         "Exit status: 0 all expectations hold; 1 one does not; 2 something that was given is "
         "wrong,\nand nothing was run. How scenarios are written: scenarios/scenario.proto.\n";
  return kPassed;
}

}  // namespace

int Command(const std::vector<std::string>& arguments, std::ostream& out, std::ostream& err) {
  if (arguments.empty()) {
    HelpCommand(err);
    return kBadInput;
  }
  const std::string& verb = arguments[0];
  const std::vector<std::string> rest(arguments.begin() + 1, arguments.end());
  const bool wants_help = std::any_of(rest.begin(), rest.end(), [](const std::string& word) {
    return word == "--help" || word == "-h";
  });
  if (verb == "help" || verb == "--help" || verb == "-h" || wants_help) return HelpCommand(out);
  if (verb == "run") return RunCommand(rest, out, err);
  if (verb == "fidelity") return FidelityCommand(rest, out, err);
  if (verb == "list") {
    if (rest.empty()) return ListCommand(out);
    err << "norn list takes nothing, and was given '" << rest[0] << "'\n";
    return kBadInput;
  }
  err << "norn has no command '" << verb << "'"
      << Remedy(verb, {"run", "list", "fidelity", "help"}, "its commands are") << "\n";
  return kBadInput;
}

}  // namespace norn::scenarios
