// What all logs of a cluster hold at one instant, and where each record is.
//
// Example:
//   const Storage storage(cluster);
//   storage.PlacesOf(id)          // {{log 0, offset 17}}: stored once
//   storage.logs()[0].values()    // {"Hello Kafka"}
#ifndef NORN_SCENARIOS_STAGE_STORAGE_H_
#define NORN_SCENARIOS_STAGE_STORAGE_H_

#include <cstdint>
#include <string_view>
#include <vector>

#include "model/cluster.h"
#include "model/log_view.h"
#include "scenarios/report.h"

namespace norn::scenarios {

class Storage {
 public:
  explicit Storage(model::Cluster& cluster);

  struct Place {
    size_t log;     // in logs()
    size_t record;  // there
    int64_t offset;
  };
  // In the order of the logs; empty if it is not stored.
  const std::vector<Place>& PlacesOf(model::RecordId id) const;
  // Of all topics, in order, each with its partitions in order.
  const std::vector<model::LogView>& logs() const { return logs_; }
  // REQUIRES: there is such a partition.
  const model::LogView& Log(std::string_view topic, int32_t partition) const;

 private:
  std::vector<model::LogView> logs_;
  std::vector<std::vector<Place>> places_;  // by record
};

// The logs with their batches, for a report.
std::vector<LogReport> ReportLogs(model::Cluster& cluster);
// The same of every replica, committed or not, in the order of assignment.
std::vector<LogReport> ReportReplicas(model::Cluster& cluster);

// What the controller has decided, and what every replica's log holds, now.
SnapshotReport TakeSnapshot(model::Cluster& cluster);

// The value as it was written in the scenario: without the dots that fill it up.
std::string_view WithoutFill(std::string_view value);

}  // namespace norn::scenarios

#endif  // NORN_SCENARIOS_STAGE_STORAGE_H_
