// The account of what happened among brokers: who led and who was in sync as each broker told it,
// how long clients had to wait, what every replica holds, and what was acknowledged and is gone;
// under the keys of recordings that put faults between brokers (README.md of this folder's parent
// explains each).
//
// It is one object, where such recordings keep facts and times together. Of several partitions it
// is an object of these: "orders-0", "orders-1".
#ifndef NORN_SCENARIOS_ACCOUNT_CLUSTER_ACCOUNT_H_
#define NORN_SCENARIOS_ACCOUNT_CLUSTER_ACCOUNT_H_

#include <set>
#include <string>

#include "scenarios/account/value.h"
#include "scenarios/report.h"

namespace norn::scenarios {

// What an account is about.
struct ClusterScope {
  // Times count from there if it is a mark; else from the first that was done to a machine.
  MarkReport begin;
  // Logs are as they were then.
  MarkReport end;
  std::string client;            // empty: all
  std::set<std::string> wanted;  // only these keys; empty: all
};

// REQUIRES: the run's wires were listened to.
Value ClusterAccountOf(const Report& report, const ClusterScope& scope);

}  // namespace norn::scenarios

#endif  // NORN_SCENARIOS_ACCOUNT_CLUSTER_ACCOUNT_H_
