// Lays Norn beside a recording: the same scenario over many seeds, and whether what came of it is
// what came of it in reality.
//
// A case agrees if Norn gives nothing but recorded outcomes, the most frequent of them among these,
// and every range lies where it was measured, widened to [0.75 min - 20 ms, 1.25 max + 50 ms]
// (counts: [0.75 min, 1.25 max]), because a few runs on a busy machine do not show the whole of it.
// One that came once in several runs is allowed and not required.
#ifndef NORN_SCENARIOS_FIDELITY_VERDICT_H_
#define NORN_SCENARIOS_FIDELITY_VERDICT_H_

#include <cstdint>
#include <string>
#include <vector>

#include "scenarios/fidelity/case.h"

namespace norn::scenarios {

struct FidelityVerdict {
  bool agrees = false;
  std::string why;  // it does not, in one line
  // The one thing against it: what was recorded most often never came. More seeds may show it.
  bool only_unseen = false;
  int64_t seeds = 0;
  int64_t agreeing = 0;  // seeds

  // What Norn gave, the most frequent first.
  struct Seen {
    int64_t count = 0;
    uint64_t seed = 0;   // the first that gave it
    int recorded = -1;   // the outcome of the recording that it is, or is nearest to
    bool equal = false;  // facts are as recorded
    // "requests[2].seq: recorded 1, Norn 0", one line each.
    std::vector<std::string> differences;
  };
  std::vector<Seen> seen;
  // Ranges that were left, with the worst of them and its seed.
  std::vector<std::string> misses;
  uint64_t worst_seed = 0;  // to look at
};

// Runs seeds 1 to `seeds`.
FidelityVerdict Compare(const Case& one, int64_t seeds);

// The same of each, in processes of their own, so that one that fails a check is a finding and not
// the end; `jobs` at a time.
std::vector<FidelityVerdict> CompareAll(const std::vector<const Case*>& cases, int64_t seeds,
                                        int jobs);

}  // namespace norn::scenarios

#endif  // NORN_SCENARIOS_FIDELITY_VERDICT_H_
