#include "scenarios/fidelity/verdict.h"

#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <map>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "scenarios/account/account.h"
#include "scenarios/fidelity/look.h"
#include "scenarios/run.h"

namespace norn::scenarios {
namespace {

constexpr size_t kMostDifferences = 8;
constexpr size_t kMostShown = 400;  // characters of a value

std::string Shown(const Value& value) {
  std::string text = value.ToString();
  if (text.size() > kMostShown) text.replace(kMostShown, std::string::npos, " ...");
  return text;
}

// Where two values differ, as paths.
void Differ(const std::string& path, const Value& recorded, const Value& ours,
            std::vector<std::string>* differences) {
  if (recorded == ours || differences->size() >= kMostDifferences) return;
  if (recorded.is_array() && ours.is_array()) {
    const size_t both = std::min(recorded.size(), ours.size());
    if (recorded.size() != ours.size())
      differences->push_back(absl::StrCat(path, ": recorded ", recorded.size(), " items, Norn ",
                                          ours.size(), "\n      recorded ", Shown(recorded),
                                          "\n      Norn     ", Shown(ours)));
    for (size_t i = 0; i < both; ++i)
      Differ(absl::StrCat(path, "[", i, "]"), recorded.items()[i], ours.items()[i], differences);
    return;
  }
  if (recorded.is_object() && ours.is_object()) {
    for (const auto& [key, value] : recorded.fields())
      Differ(absl::StrCat(path, ".", key), value, ours[key], differences);
    for (const auto& [key, value] : ours.fields())
      if (!recorded.Has(key)) Differ(absl::StrCat(path, ".", key), Value(), value, differences);
    return;
  }
  differences->push_back(
      absl::StrCat(path, ": recorded ", Shown(recorded), ", Norn ", Shown(ours)));
}

// A range as a list of numbers, whether it has one or many.
std::vector<Value> Numbers(const Value& value) {
  if (value.is_null()) return {};
  return value.is_array() ? value.items() : std::vector<Value>{value};
}

// "since.cut.cluster.errs | keys" -> "errs"; of one of several partitions, "cluster.t-0.errs" ->
// "errs"; empty: it looks elsewhere.
std::string ClusterKey(const std::string& expression) {
  constexpr std::string_view kCluster = "cluster.";
  const size_t found = expression.find(kCluster);
  if (found == std::string::npos) return "";
  std::string rest = expression.substr(found + kCluster.size());
  const size_t end = rest.find_first_of(".[ ");
  // No key has a dash.
  if (end != std::string::npos && rest[end] == '.' && rest.find('-') < end)
    rest = rest.substr(end + 1);
  return rest.substr(0, rest.find_first_of(".[ "));
}

struct Miss {
  double by = 0;  // how far beyond
  uint64_t seed = 0;
  std::string text;
  int64_t times = 0;
};

class Comparison {
 public:
  Comparison(const Case& one, int64_t seeds) : case_(one) {
    verdict_.seeds = seeds;
    const auto looked_at = [&one](std::string_view part) {
      return std::any_of(one.looks.begin(), one.looks.end(), [part](const auto& look) {
        return std::string_view(look.second).substr(0, part.size()) == part;
      });
    };
    parts_.since = looked_at("since");
    parts_.until = looked_at("until");
    parts_.clients = looked_at("clients");
    parts_.facts = std::any_of(one.looks.begin(), one.looks.end(),
                               [](const auto& look) { return ClusterKey(look.second).empty(); });
    parts_.cluster = std::nullopt;
    for (const auto& [name, expression] : one.looks) {
      const std::string key = ClusterKey(expression);
      if (key.empty()) continue;
      if (!parts_.cluster.has_value()) parts_.cluster.emplace();
      parts_.cluster->insert(key);
    }
  }

  FidelityVerdict Run() {
    if (!case_.plan.has_value()) {
      verdict_.why = "cannot run: " + case_.cannot_run;
      return verdict_;
    }
    for (int64_t seed = 1; seed <= verdict_.seeds && verdict_.why.empty(); ++seed)
      RunSeed(static_cast<uint64_t>(seed));
    if (verdict_.why.empty()) Judge();
    return std::move(verdict_);
  }

 private:
  void RunSeed(uint64_t seed) {
    const Report report =
        scenarios::Run(*case_.plan, {.seed = seed, .trace = false, .wire = true, .replay = ""});
    const Value account = AccountOf(report, parts_);
    Value ours = Value::Object();
    for (const auto& [key, expression] : case_.looks) {
      auto value = LookAt(account, expression);
      if (!value.ok()) {
        verdict_.why = absl::StrCat(key, ": ", std::string(value.status().message()));
        return;
      }
      ours.Set(key, *std::move(value));
    }
    const int recorded = Find(ours);
    const std::string key = absl::StrCat(recorded, FactsOf(ours).ToString());
    auto [place, is_new] = outcomes_.try_emplace(key);
    if (is_new) {
      place->second.seed = seed;
      place->second.equal = recorded >= 0;
      place->second.recorded = recorded;
      if (recorded < 0) Explain(ours, &place->second);
    }
    ++place->second.count;
    const bool alone = CheckAlone(ours, seed);
    const bool in_ranges =
        recorded >= 0 && CheckRanges(case_.outcomes[recorded], ours, seed) && alone;
    if (in_ranges) {
      ++verdict_.agreeing;
    } else if (verdict_.worst_seed == 0) {
      verdict_.worst_seed = seed;
    }
  }

  bool IsFact(const std::string& key) const {
    return !case_.alone.contains(key) &&
           std::none_of(case_.outcomes.begin(), case_.outcomes.end(),
                        [&key](const Case::Outcome& outcome) { return outcome.ranges.Has(key); });
  }
  Value FactsOf(const Value& ours) const {
    Value facts = Value::Object();
    for (const auto& [key, value] : ours.fields())
      if (IsFact(key)) facts.Set(key, value);
    return facts;
  }

  bool Equal(const Case::Outcome& outcome, const Value& ours) const {
    return std::all_of(ours.fields().begin(), ours.fields().end(), [&](const auto& field) {
      return !IsFact(field.first) || outcome.facts[field.first] == field.second;
    });
  }
  int Find(const Value& ours) const {
    for (size_t i = 0; i < case_.outcomes.size(); ++i)
      if (Equal(case_.outcomes[i], ours)) return static_cast<int>(i);
    return -1;
  }

  // Against the recorded outcome that has the fewest differences.
  void Explain(const Value& ours, FidelityVerdict::Seen* seen) const {
    for (size_t i = 0; i < case_.outcomes.size(); ++i) {
      std::vector<std::string> differences;
      for (const auto& [key, value] : ours.fields())
        if (IsFact(key)) Differ(key, case_.outcomes[i].facts[key], value, &differences);
      if (seen->recorded >= 0 && differences.size() >= seen->differences.size()) continue;
      seen->recorded = static_cast<int>(i);
      seen->differences = std::move(differences);
    }
  }

  bool CheckRanges(const Case::Outcome& outcome, const Value& ours, uint64_t seed) {
    bool all = true;
    for (const auto& [key, range] : outcome.ranges.fields()) {
      if (!case_.looks.contains(key)) continue;
      const std::vector<Value> values = Numbers(ours[key]);
      // A recording keeps as many numbers as all its runs had.
      if (values.size() < range.size()) {
        NoteMiss(key,
                 {.by = 1e9,
                  .seed = seed,
                  .text = absl::StrCat(key, ": recorded ", range.size(), " numbers, ", Shown(range),
                                       "; Norn ", values.size(), ", ", Shown(ours[key]))});
        all = false;
        continue;
      }
      const bool is_time = absl::EndsWith(key, "_ms") || case_.times.contains(key);
      for (size_t i = 0; i < range.size(); ++i) {
        const double min = range.items()[i].items()[0].number();
        const double max = range.items()[i].items()[1].number();
        double low = (min < 0 ? min * 1.25 : min * 0.75) - (is_time ? 20 : 0);
        double high = (max < 0 ? max * 0.75 : max * 1.25) + (is_time ? 50 : 0);
        if (const auto law = case_.bounds.find(key); law != case_.bounds.end()) {
          low = law->second.least.value_or(low);
          high = law->second.most.value_or(high);
        }
        const double value = values[i].number();
        if (!values[i].is_null() && value >= low && value <= high) continue;
        all = false;
        const std::string name = range.size() > 1 ? absl::StrCat(key, "[", i, "]") : key;
        NoteMiss(name, {.by = std::max(low - value, value - high),
                        .seed = seed,
                        .text = absl::StrFormat("%s: recorded %s to %s, accepted %s to %s, Norn %s",
                                                name, Value(min).ToString(), Value(max).ToString(),
                                                Value(low).ToString(), Value(high).ToString(),
                                                values[i].ToString())});
      }
    }
    return all;
  }

  // What is compared by itself must have come in some run.
  bool CheckAlone(const Value& ours, uint64_t seed) {
    bool all = true;
    for (const auto& [name, recorded] : case_.alone) {
      ++came_[name][ours[name]];
      if (recorded.contains(ours[name])) continue;
      all = false;
      std::string known;
      for (const auto& [value, count] : recorded)
        absl::StrAppend(&known, known.empty() ? "" : " or ", Shown(value));
      NoteMiss(name,
               {.by = 1,
                .seed = seed,
                .text = absl::StrCat(name, ": recorded ", known, "; Norn ", Shown(ours[name]))});
    }
    return all;
  }
  // A fact of which one value was recorded most often, and that never came so.
  std::string NeverCame() const {
    for (const auto& [name, recorded] : case_.alone) {
      int64_t most = 1;
      for (const auto& [value, count] : recorded) most = std::max(most, count);
      const auto came = came_.find(name);
      if (most == 1 || came == came_.end()) continue;
      const bool given = std::any_of(recorded.begin(), recorded.end(), [&](const auto& one) {
        return one.second == most && came->second.contains(one.first);
      });
      if (!given)
        return absl::StrCat(name, ": what was recorded most often (", most, "x) never came");
    }
    return "";
  }

  void NoteMiss(const std::string& name, Miss miss) {
    Miss& worst = misses_[name];
    const int64_t times = worst.times + 1;
    if (worst.times == 0 || miss.by > worst.by) worst = std::move(miss);
    worst.times = times;
  }

  void Judge() {
    for (auto& [key, seen] : outcomes_) verdict_.seen.push_back(std::move(seen));
    std::stable_sort(verdict_.seen.begin(), verdict_.seen.end(),
                     [](const auto& a, const auto& b) { return a.count > b.count; });
    for (const auto& [name, miss] : misses_)
      verdict_.misses.push_back(
          absl::StrCat(miss.text, " (", miss.times, " seeds, worst ", miss.seed, ")"));
    int64_t most = 0;
    for (const Case::Outcome& outcome : case_.outcomes) most = std::max(most, outcome.count);
    bool given = false;
    int64_t strange = 0;
    std::string how;
    for (const auto& seen : verdict_.seen) {
      if (seen.equal) {
        given = given || case_.outcomes[static_cast<size_t>(seen.recorded)].count == most;
      } else {
        strange += seen.count;
        if (how.empty() && !seen.differences.empty())
          how = seen.differences[0].substr(0, seen.differences[0].find('\n'));
      }
    }
    if (strange > 0) {
      verdict_.why = absl::StrCat(strange, " of ", verdict_.seeds, " seeds differ; ", how);
    } else if (!verdict_.misses.empty()) {
      verdict_.why = verdict_.misses[0];
    } else {
      verdict_.why = given
                         ? NeverCame()
                         : absl::StrCat("the outcome recorded most often (", most, "x) never came");
      verdict_.only_unseen = !verdict_.why.empty();
    }
    verdict_.agrees = verdict_.why.empty();
  }

  const Case& case_;
  AccountParts parts_;
  FidelityVerdict verdict_;
  std::map<std::string, FidelityVerdict::Seen> outcomes_;
  std::map<std::string, Miss> misses_;
  std::map<std::string, std::map<Value, int64_t>> came_;
};

// A verdict on its way from one process to another.
Value Texts(const std::vector<std::string>& texts) {
  Value all = Value::Array();
  for (const std::string& text : texts) all.Add(text);
  return all;
}
std::vector<std::string> Texts(const Value& value) {
  std::vector<std::string> texts;
  for (const Value& text : value.items()) texts.push_back(text.text());
  return texts;
}

std::string Packed(const FidelityVerdict& verdict) {
  Value seen = Value::Array();
  for (const auto& one : verdict.seen)
    seen.Add(Value::Array({one.count, static_cast<int64_t>(one.seed), one.recorded, one.equal,
                           Texts(one.differences)}));
  return Value::Array({verdict.agrees, verdict.why, verdict.seeds, verdict.agreeing,
                       std::move(seen), Texts(verdict.misses),
                       static_cast<int64_t>(verdict.worst_seed), verdict.only_unseen})
      .ToString();
}

FidelityVerdict Unpacked(const Value& value) {
  const std::vector<Value>& parts = value.items();
  FidelityVerdict verdict;
  verdict.agrees = parts[0].boolean();
  verdict.why = parts[1].text();
  verdict.seeds = static_cast<int64_t>(parts[2].number());
  verdict.agreeing = static_cast<int64_t>(parts[3].number());
  for (const Value& one : parts[4].items())
    verdict.seen.push_back({static_cast<int64_t>(one.items()[0].number()),
                            static_cast<uint64_t>(one.items()[1].number()),
                            static_cast<int>(one.items()[2].number()), one.items()[3].boolean(),
                            Texts(one.items()[4])});
  verdict.misses = Texts(parts[5]);
  verdict.worst_seed = static_cast<uint64_t>(parts[6].number());
  verdict.only_unseen = parts[7].boolean();
  return verdict;
}

struct Worker {
  size_t place = 0;
  pid_t process = -1;
  int pipe = -1;
  int errors = -1;
};

std::string ReadAll(int file) {
  std::string text;
  char buffer[65536];
  for (ssize_t n; (n = read(file, buffer, sizeof(buffer))) > 0;)
    text.append(buffer, static_cast<size_t>(n));
  close(file);
  return text;
}

void WriteAll(int file, std::string_view text) {
  while (!text.empty()) {
    const ssize_t n = write(file, text.data(), text.size());
    if (n <= 0) return;
    text.remove_prefix(static_cast<size_t>(n));
  }
}

Worker Begin(const Case& one, size_t place, int64_t seeds) {
  int results[2];
  int errors[2];
  if (pipe(results) != 0 || pipe(errors) != 0) return {};
  const pid_t process = fork();
  if (process == 0) {
    dup2(errors[1], STDERR_FILENO);
    WriteAll(results[1], Packed(Compare(one, seeds)));
    _exit(0);
  }
  close(results[1]);
  close(errors[1]);
  return {place, process, results[0], errors[0]};
}

FidelityVerdict End(const Worker& worker, int64_t seeds) {
  const std::string text = ReadAll(worker.pipe);
  const std::string errors = ReadAll(worker.errors);
  int status = 0;
  waitpid(worker.process, &status, 0);
  const auto value = ParseJson(text);
  if (WIFEXITED(status) && value.ok()) return Unpacked(*value);
  FidelityVerdict verdict;
  verdict.seeds = seeds;
  verdict.why = absl::StrCat("the run broke off: ", errors.substr(0, errors.find('\n')));
  verdict.misses.push_back(errors);
  return verdict;
}

}  // namespace

FidelityVerdict Compare(const Case& one, int64_t seeds) { return Comparison(one, seeds).Run(); }

std::vector<FidelityVerdict> CompareAll(const std::vector<const Case*>& cases, int64_t seeds,
                                        int jobs) {
  std::vector<FidelityVerdict> verdicts(cases.size());
  // Each worker writes little, so that it need not be read before its turn.
  std::vector<Worker> workers;
  for (size_t next = 0; next < cases.size() || !workers.empty();) {
    while (next < cases.size() && workers.size() < static_cast<size_t>(std::max(jobs, 1))) {
      workers.push_back(Begin(*cases[next], next, seeds));
      ++next;
    }
    const Worker first = workers.front();
    workers.erase(workers.begin());
    verdicts[first.place] = End(first, seeds);
  }
  return verdicts;
}

}  // namespace norn::scenarios
