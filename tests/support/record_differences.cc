#include "tests/support/record_differences.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <sstream>

namespace norn::support_internal {
namespace {

// The table of the comparison has a cell for each pair of records; beyond this many the comparison
// stops at the first difference.
constexpr size_t kMaxCells = 4'000'000;

class Comparison {
 public:
  Comparison(const std::vector<Text>& expected, const std::vector<SeenRecord>& seen)
      : expected_(expected), seen_(seen) {}

  std::vector<std::string> Run() {
    while (begin_ < std::min(expected_.size(), seen_.size()) &&
           expected_[begin_] == seen_[begin_].text) {
      ++begin_;
    }
    expected_end_ = expected_.size();
    seen_end_ = seen_.size();
    while (expected_end_ > begin_ && seen_end_ > begin_ &&
           expected_[expected_end_ - 1] == seen_[seen_end_ - 1].text) {
      --expected_end_;
      --seen_end_;
    }
    if (expected_end_ == begin_ && seen_end_ == begin_) return {};
    if ((expected_end_ - begin_ + 1) * (seen_end_ - begin_ + 1) > kMaxCells) {
      SayFirstDifference();
    } else {
      Align();
      SayDifferences();
    }
    SayGaps();
    return std::move(lines_);
  }

 private:
  // Pairs what is equal and in order, as many as possible (a longest common subsequence), and of
  // several that could be paired the earliest: so a second copy is what is left over, not the
  // first.
  void Align() {
    const size_t rows = expected_end_ - begin_ + 1;
    const size_t columns = seen_end_ - begin_ + 1;
    std::vector<uint32_t> common(rows * columns, 0);  // by what is left of each list
    const auto at = [&](size_t e, size_t s) -> uint32_t& {
      return common[(e - begin_) * columns + (s - begin_)];
    };
    for (size_t e = expected_end_; e-- > begin_;) {
      for (size_t s = seen_end_; s-- > begin_;) {
        at(e, s) = expected_[e] == seen_[s].text ? at(e + 1, s + 1) + 1
                                                 : std::max(at(e + 1, s), at(e, s + 1));
      }
    }
    size_t e = begin_;
    size_t s = begin_;
    while (e < expected_end_ || s < seen_end_) {
      if (e < expected_end_ && s < seen_end_ && expected_[e] == seen_[s].text) {
        ++e;
        ++s;
      } else if (s == seen_end_ || (e < expected_end_ && at(e + 1, s) > at(e, s + 1))) {
        steps_.push_back({e++, s, true});
      } else {
        steps_.push_back({e, s++, false});
      }
    }
  }

  void SayDifferences() {
    // What is both missing in one place and too much in another has moved.
    std::vector<Step*> missing;
    for (Step& step : steps_)
      if (step.missing) missing.push_back(&step);
    for (Step& step : steps_) {
      if (step.missing) continue;
      const auto moved = std::find_if(missing.begin(), missing.end(), [&](const Step* m) {
        return !m->said && expected_[m->expected] == seen_[step.seen].text;
      });
      if (moved == missing.end()) continue;
      step.moved_from = *moved;
      (*moved)->said = true;
    }
    for (const Step& step : steps_) {
      if (step.missing) {
        if (!step.said) Say("missing: " + Quoted(expected_[step.expected]) + ", " + Place(step));
      } else if (step.moved_from != nullptr) {
        Say("out of order: " + Seen(step.seen) + ", " + Place(*step.moved_from) +
            (seen_[step.seen].origin.empty() ? "" : "; it came by " + seen_[step.seen].origin));
      } else {
        SayUninvited(step.seen);
      }
    }
  }

  void SayUninvited(size_t s) {
    const SeenRecord* first = nullptr;
    for (size_t i = 0; i < s && first == nullptr; ++i)
      if (seen_[i].id == seen_[s].id && !seen_[s].id.is_none()) first = &seen_[i];
    if (first != nullptr) {
      std::ostringstream line;
      line << "duplicate: " << Seen(s) << " is record " << first->id << " again, first at "
           << first->offset;
      if (!seen_[s].origin.empty())
        line << "; it came by " << seen_[s].origin << ", the first by " << first->origin;
      return Say(line.str());
    }
    for (size_t i = 0; i < s && first == nullptr; ++i)
      if (seen_[i].text == seen_[s].text) first = &seen_[i];
    std::ostringstream line;
    line << "unexpected: " << Seen(s);
    if (first != nullptr) {
      line << " (as at " << first->offset << ", but another record: " << seen_[s].id << ", not "
           << first->id << ")";
    }
    if (!seen_[s].origin.empty()) line << ", which came by " << seen_[s].origin;
    Say(line.str());
  }

  void SayFirstDifference() {
    std::ostringstream line;
    line << "first difference at index " << begin_ << ": "
         << (begin_ < seen_.size() ? Seen(begin_) : std::string("the end")) << ", expected "
         << (begin_ < expected_.size() ? Quoted(expected_[begin_]) : std::string("the end")) << " ("
         << seen_.size() << " records, expected " << expected_.size() << ")";
    Say(line.str());
  }

  // Offsets without records are no difference of values, but they often explain one.
  void SayGaps() {
    for (size_t i = 1; i < seen_.size(); ++i) {
      if (seen_[i].offset == Next(seen_[i - 1].offset)) continue;
      std::ostringstream line;
      line << "offsets: " << seen_[i - 1].offset << " is followed by " << seen_[i].offset;
      Say(line.str());
    }
  }

  struct Step {
    size_t expected;
    size_t seen;
    bool missing;  // or else uninvited
    bool said = false;
    const Step* moved_from = nullptr;
  };

  std::string Place(const Step& step) const {
    std::string place = "expected at index " + std::to_string(step.expected);
    return step.seen == 0 ? place : place + ", after " + Seen(step.seen - 1);
  }

  std::string Seen(size_t s) const {
    std::ostringstream text;
    text << seen_[s].offset << " " << Quoted(seen_[s].text);
    return text.str();
  }

  void Say(std::string line) { lines_.push_back(std::move(line)); }

  const std::vector<Text>& expected_;
  const std::vector<SeenRecord>& seen_;
  // Before and behind these both lists are equal.
  size_t begin_ = 0;
  size_t expected_end_ = 0;
  size_t seen_end_ = 0;
  std::vector<Step> steps_;
  std::vector<std::string> lines_;
};

}  // namespace

std::string Quoted(const Text& text) { return text.has_value() ? "\"" + *text + "\"" : "null"; }

std::vector<std::string> Differences(const std::vector<Text>& expected,
                                     const std::vector<SeenRecord>& seen) {
  return Comparison(expected, seen).Run();
}

}  // namespace norn::support_internal
