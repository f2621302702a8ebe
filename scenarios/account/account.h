// The account of a run: what its clients were told, what they sent, what the logs hold, and when,
// under the keys under which recordings of real Kafka keep the same (README.md of this folder's
// parent explains each). A recording and an account can be laid side by side by a program.
//
// Every key is there for every scenario, with nothing in it where nothing of the kind happened.
// Keys that end in _ms or _range are "ranges": measured, in milliseconds or counts that vary
// between runs of the real thing. All others are "facts", which must be equal.
//
// Example:
//   Value account = AccountOf(report);
//   account["facts"]["acks"]              // [["a", null, null, 0]]
//   account["since"]["warm"]["ranges"]["gaps_ms"]
#ifndef NORN_SCENARIOS_ACCOUNT_ACCOUNT_H_
#define NORN_SCENARIOS_ACCOUNT_ACCOUNT_H_

#include <optional>
#include <set>
#include <string>

#include "scenarios/account/value.h"
#include "scenarios/report.h"

namespace norn::scenarios {

// The parts that somebody will look at, where not all are wanted.
struct AccountParts {
  bool since = true;
  bool until = true;
  bool clients = true;
  bool facts = true;  // and ranges
  // Keys of the cluster's account; nothing: none of it. An empty set: all.
  std::optional<std::set<std::string>> cluster = std::set<std::string>();
};

// {"facts", "ranges", "cluster"} of the whole run (what happened among brokers, cluster_account.h);
// under "since" and "until" the same from each mark on, and up to it; under "clients", where there
// are several, the same of each. Times count from the run's begin, or from the mark. REQUIRES: the
// run's wires were listened to.
Value AccountOf(const Report& report, const AccountParts& parts = {});

}  // namespace norn::scenarios

#endif  // NORN_SCENARIOS_ACCOUNT_ACCOUNT_H_
