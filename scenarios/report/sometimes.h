// What some run of a scenario must show: looked for over the seeds that were run.
//
// Example:
//   Sometimes sometimes;
//   for (uint64_t seed = 1; seed <= 100; ++seed) sometimes.Add(Run(plan, {.seed = seed}));
//   std::cout << sometimes.Print();    // FOUND race in 5 of 100 seeds: not: no record is stored
//   twice return sometimes.missing() == 0;   // is there anything that no run has shown?
#ifndef NORN_SCENARIOS_REPORT_SOMETIMES_H_
#define NORN_SCENARIOS_REPORT_SOMETIMES_H_

#include <cstdint>
#include <string>
#include <vector>

#include "scenarios/report.h"

namespace norn::scenarios {

class Sometimes {
 public:
  // The next run of the same scenario.
  void Add(const Report& report);

  // For each thing that is looked for, whether and how often it was found, and how to see it. Empty
  // if nothing is.
  std::string Print() const;
  // How many were looked for in as many seeds as they may take, and not found.
  int64_t missing() const;

 private:
  struct Sought {
    ExpectationReport what;
    std::string scenario;
    int64_t seeds = 0;
    int64_t found = 0;
    std::string replay;  // of the first run that showed it

    bool missing() const { return found == 0 && seeds >= what.within; }
  };
  std::vector<Sought> sought_;
};

}  // namespace norn::scenarios

#endif  // NORN_SCENARIOS_REPORT_SOMETIMES_H_
