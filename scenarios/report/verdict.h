// How the print of a run ends: whether its expectations held, and how to see it again.
//
//   PASS hello_kafka seed=1 digest=5c1f1a6d0b6de3a1 run=97a3c2d6e5f40b18
//
//   FAIL hello_kafka seed=1 digest=5c1f1a6d0b6de3a1 run=97a3c2d6e5f40b18
//     expected: hello is OK
//     happened: hello is FAILED (TimeoutException: ...) after 120s and 0 attempts
//     replay:   ./norn run hello_kafka --seed=1
//
// `digest` is that of the story: what clients saw and what the logs hold. It is equal wherever and
// by whatever version of the program the same happens. `run` is that of every event.
#ifndef NORN_SCENARIOS_REPORT_VERDICT_H_
#define NORN_SCENARIOS_REPORT_VERDICT_H_

#include <cstdint>
#include <string>

#include "scenarios/report.h"

namespace norn::scenarios {

// 16 hexadecimal digits.
std::string Hex(uint64_t digest);

// "FAILED", as scenarios write it.
std::string OutcomeWord(model::Outcome outcome);

// The expectations, one line each; empty if there are none.
std::string PrintExpectations(const Report& report);
// The last lines, as above.
std::string PrintVerdict(const Report& report);

}  // namespace norn::scenarios

#endif  // NORN_SCENARIOS_REPORT_VERDICT_H_
