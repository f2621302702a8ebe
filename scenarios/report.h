// What one run of a scenario came to, as plain data: what each step did, what became of each
// record, what the logs hold, which expectations held. Everything that is printed of a run is a
// reading of it (scenarios/report), and a program may read it as well.
//
// Example:
//   const Report report = Run(plan, {.seed = 7});
//   if (!report.passed()) std::cerr << PrintRecords(report);
#ifndef NORN_SCENARIOS_REPORT_H_
#define NORN_SCENARIOS_REPORT_H_

#include <algorithm>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "model/cluster_log.h"
#include "model/ids.h"
#include "model/outcome.h"
#include "model/wire_log.h"
#include "sim/time.h"

namespace norn::scenarios {

// Where the messages of the steps are, at one instant: in the lesson's words, and as it truly is.
struct Status {
  std::string message;     // None, 'Hello Kafka', 3 messages
  std::string connection;  // Disconnected, Connecting, Connected: as the producer sees it
  // Empty, Contains message. A broker's queue is its request queue and then the log: Kafka takes
  // nothing out of it again.
  std::string queue;
  std::string log;
  std::string at_client;  // application, accumulator, in flight, acknowledged
  std::string at_broker;  // request queue, log
};

struct StepReport {
  int number = 0;  // from 1
  sim::Time begun;
  sim::Time done;
  std::string action;        // what was done: send hello to topic1
  std::string evaluation;    // what could then be seen
  std::string result;        // in a few words: message queued in broker
  size_t events_before = 0;  // how many of the report's events came before it
  Status status;             // after it; empty unless the run was traced
};

struct RecordReport {
  struct Place {
    int32_t partition;
    int64_t offset;
    // How it came there: "p1's request 7 on connection 3, attempt 2"; only of what has copies.
    std::string by = {};
  };
  model::RecordId id;
  std::string label;  // what the scenario calls it; empty: it has no name
  std::string name;   // what recordings call it: its value, else its label, else "orders0042"
  std::string client;
  std::string topic;
  std::optional<std::string> key;
  std::optional<std::string> value;  // none: null, or a size alone
  int64_t value_size = 0;
  int64_t number = 0;  // among those its client was given, from 0
  sim::Time sent;
  sim::Time returned = sim::Time::Max();  // when send() did; Max(): it has not
  bool told_in_call = false;              // send() had not returned when the report came
  model::DeliveryReport report;
  std::vector<Place> stored;
};

struct BatchReport {
  int64_t segment = 0;   // the offset that names its log file
  int64_t position = 0;  // of its first byte in that file
  int64_t base_offset = 0;
  int64_t last_offset = 0;
  int32_t count = 0;
  int32_t base_sequence = -1;
  int32_t last_sequence = -1;
  int64_t producer_id = -1;
  int16_t producer_epoch = -1;
  int32_t leader_epoch = -1;
  int64_t timestamp_ms = 0;
  bool log_append_time = false;  // the leader's clock gave it
  int64_t size = 0;
  std::string_view codec = "none";  // as compression.type names it
  uint32_t crc = 0;
  bool torn = false;  // a power loss left only its beginning
};

struct LogReport {
  std::string topic;
  int32_t partition = 0;
  int32_t broker = 0;  // whose it is
  std::vector<std::string> values;
  std::vector<model::RecordId> ids;
  std::vector<int64_t> segments;  // its files, by the offset that names them
  std::vector<BatchReport> batches;
};

struct FaultReport {
  std::string name;
  int64_t fired = 0;
  sim::Time first;  // when; Time::Max() if it did not
};

struct ExpectationReport {
  // In each run; or in some run out of `within` seeds: that it holds, or that it does not.
  enum class When : uint8_t { kAlways, kSometimes, kSometimesNot };

  std::string expected;  // "outcome of hello is OK"
  std::string happened;
  bool holds = false;
  When when = When::kAlways;
  int32_t within = 0;

  // This run is at fault.
  bool broken() const { return when == When::kAlways && !holds; }
  // This run shows what some run must.
  bool found() const {
    return when == When::kSometimes ? holds : when == When::kSometimesNot && !holds;
  }
};

struct FlushReport {
  std::string label;
  std::string client;
  sim::Time begun;
  sim::Time done;
  bool timed_out = false;
  std::string error;        // as the client calls it: "TIMEOUT", "_TIMED_OUT"; empty: none
  int64_t outstanding = 0;  // records without a report when it returned
};

struct CloseReport {
  std::string client;
  sim::Time begun;
  sim::Time done;
};

// What a consumer was handed, an error it was told, or a position it was asked for.
struct ReadReport {
  enum class Kind : uint8_t { kRecord, kError, kPosition };
  Kind kind = Kind::kRecord;
  std::string client;
  std::string topic;
  int32_t partition = -1;
  int64_t offset = -1;
  model::RecordId id;
  std::string text;  // the value, or the error's name
  sim::Time at;
};

// One batch of a replica's log, as it lies on the disk.
struct ReplicaBatchReport {
  int64_t base_offset = 0;
  int32_t leader_epoch = -1;
  int16_t producer_epoch = -1;
  int32_t base_sequence = -1;
  int64_t size = 0;
  std::vector<model::RecordId> ids;
};
struct ReplicaReport {
  int32_t broker = 0;
  std::vector<ReplicaBatchReport> batches;
  struct Epoch {
    int32_t epoch;
    int64_t start;
  };
  std::vector<Epoch> epochs;
};
// What the controller has decided about a partition, and what its replicas hold; at one instant.
struct PartitionReport {
  std::string topic;
  int32_t topic_number = -1;  // as in sights and talks
  int32_t partition = 0;
  int32_t leader = -1;
  int32_t leader_epoch = 0;
  std::vector<int32_t> replicas;
  std::vector<int32_t> isr;
  std::vector<int32_t> elr;
  std::vector<int32_t> last_known_leader;
  std::vector<int32_t> offline;
  // Of the leader; -1 if it cannot be asked.
  int64_t high_watermark = -1;
  int64_t log_end = -1;
  std::vector<ReplicaReport> logs;
};
struct SnapshotReport {
  sim::Time at;
  std::vector<PartitionReport> partitions;
};

// What was done to a machine.
struct OperationReport {
  std::string kind;    // kill, power_loss, sigterm, pause, resume, cut, heal, restart
  int32_t broker = 0;  // 0: none is named
  sim::Time at;
  bool led = false;  // the broker led a partition
  static constexpr size_t kNone = static_cast<size_t>(-1);
  size_t snapshot = kNone;  // of just before it, among the report's
};

// Where a run stood at a `mark` step: how many there were of each.
struct MarkReport {
  std::string label;
  sim::Time at;
  size_t frames = 0;
  size_t connects = 0;
  size_t records = 0;
  size_t told = 0;
  size_t flushes = 0;
  size_t closes = 0;
  size_t reads = 0;
  size_t snapshot = 0;  // its place among the report's; beyond them: the last

  // Behind everything.
  static MarkReport End() {
    constexpr size_t kAll = static_cast<size_t>(-1);
    return {"", sim::Time::Max(), kAll, kAll, kAll, kAll, kAll, kAll, kAll, kAll};
  }
};

// One thing that happened; of those with `note` false, that something was due.
struct EventReport {
  sim::Time at;
  uint64_t event = 0;
  uint64_t cause = 0;
  bool note = false;
  std::string who;  // empty: nobody's, such as the steps themselves
  std::string what;
  std::string about;  // "connection=1 correlation=5"
  std::string text;
};

struct Report {
  std::string scenario;
  std::string headline;
  uint64_t seed = 0;
  std::string replay;  // the command that runs it again
  sim::Time ended;
  uint64_t story_digest = 0;
  uint64_t run_digest = 0;

  Status before;  // the first step; empty unless the run was traced
  std::vector<StepReport> steps;
  std::vector<RecordReport> records;  // as they were sent
  std::vector<model::RecordId> told;  // in the order in which their producers reported on them
  std::vector<LogReport> logs;
  std::vector<LogReport> replicas;  // of all brokers; only if that was asked for
  std::vector<std::string> clients;
  std::vector<FlushReport> flushes;
  std::vector<CloseReport> closes;
  std::vector<ReadReport> reads;
  std::vector<MarkReport> marks;
  sim::Time first_reset = sim::Time::Max();  // of connections, by a step or a fault with an instant
  // How many reports had come at the first mark after a purge; nothing if nobody purged.
  std::optional<size_t> told_at_purge;
  std::vector<FaultReport> faults;
  std::vector<ExpectationReport> expectations;
  std::vector<std::string> notices;  // what reading the configurations did

  // Empty unless the run was traced.
  std::vector<EventReport> events;

  // Empty unless the run's wires were listened to: what passed the brokers' ports, in that order.
  std::vector<model::WireLog::Frame> frames;
  std::vector<model::WireLog::Connect> connects;
  // The same: at each mark and operation, and at the end.
  std::vector<SnapshotReport> snapshots;
  std::vector<OperationReport> operations;
  std::vector<model::ClusterLog::Sight> sights;
  std::vector<model::ClusterLog::Life> lives;
  std::vector<model::ClusterLog::Talk> talks;

  bool passed() const {
    return std::none_of(expectations.begin(), expectations.end(),
                        [](const ExpectationReport& e) { return e.broken(); });
  }
};

}  // namespace norn::scenarios

#endif  // NORN_SCENARIOS_REPORT_H_
