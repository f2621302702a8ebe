// What `norn run` was asked for.
//
// Written here and not with absl/flags, because that ends the program with status 1 at an unknown
// flag, and cannot take one flag several times.
//
// Example:
//   ParseRunArguments({"hello_kafka", "--seed=7", "--set", "cluster.brokers=3"})
#ifndef NORN_SCENARIOS_ARGUMENTS_H_
#define NORN_SCENARIOS_ARGUMENTS_H_

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "scenarios/report/dump_log.h"
#include "scenarios/scenario.pb.h"

namespace norn::scenarios {

struct RunArguments {
  std::string what;  // a name, a file or a directory
  std::optional<uint64_t> seed;
  uint64_t seeds = 1;  // runs of each scenario, with one seed after the other
  std::optional<Format> format;
  std::vector<std::string> sets;  // PATH=VALUE
  std::vector<std::string> defects;
  bool dump_log = false;
  std::optional<DumpChoice> dump;  // which logs; by default all
  bool verbose = false;
};

absl::StatusOr<RunArguments> ParseRunArguments(const std::vector<std::string>& arguments);

// The flags with what they mean, one line each, for the help text.
std::string DescribeRunFlags();

}  // namespace norn::scenarios

#endif  // NORN_SCENARIOS_ARGUMENTS_H_
