// Records that arrive at a rate, whatever becomes of those before them (an open loop).
//
// The instants of a clock-like arrival are exact: record i of 3 per second comes i/3 s after the
// beginning, rounded down to a nanosecond, and errors do not add up. Independent arrivals, keys and
// sizes are drawn by the record's number, so that a change to one leaves the others as they were.
//
// Example:
//   WorkloadRun run(cluster, sends, workload);
//   run.Start();
//   cluster.RunUntil([&] { return run.done(); }, absl::Hours(1));
#ifndef NORN_SCENARIOS_STAGE_WORKLOAD_H_
#define NORN_SCENARIOS_STAGE_WORKLOAD_H_

#include <cstdint>
#include <string>

#include "model/cluster.h"
#include "scenarios/scenario.pb.h"
#include "scenarios/stage/sends.h"
#include "sim/random.h"

namespace norn::scenarios {

class WorkloadRun {
 public:
  // All outlive this. REQUIRES: MakePlan has accepted the workload.
  WorkloadRun(model::Cluster& cluster, Sends& sends, const Workload& workload);
  WorkloadRun(const WorkloadRun&) = delete;
  WorkloadRun& operator=(const WorkloadRun&) = delete;

  void Start();
  // Everything was given to the producer.
  bool done() const { return done_; }

 private:
  // The instant of record `next_`; after the end, none.
  sim::Time NextArrival() const;
  void Arrive();
  void ScheduleNext();
  int32_t SizeOf(int64_t record);

  model::Cluster& cluster_;
  Sends& sends_;
  const Workload& workload_;
  sim::Stream arrivals_;
  sim::Stream keys_;
  sim::Stream sizes_;
  sim::Time begin_;
  sim::Time last_;
  int32_t partitions_;
  int64_t next_ = 0;
  bool done_ = false;
};

}  // namespace norn::scenarios

#endif  // NORN_SCENARIOS_STAGE_WORKLOAD_H_
