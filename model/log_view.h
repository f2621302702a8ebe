// What a partition's log holds, record by record, as its disk has it: what a test asserts on.
#ifndef NORN_MODEL_LOG_VIEW_H_
#define NORN_MODEL_LOG_VIEW_H_

#include <cstdint>
#include <optional>
#include <ostream>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "model/history.h"
#include "model/ids.h"
#include "model/record/record_batch.h"
#include "sim/disk.h"

namespace norn::model {

struct StoredRecord {
  Offset offset;
  LeaderEpoch leader_epoch;
  RecordId id;  // which record of the workload it is
  std::optional<std::string> key;
  std::optional<std::string> value;
  int64_t value_size = -1;  // -1: null
  int64_t timestamp_ms = 0;
  ProducerId producer_id;
  ProducerEpoch producer_epoch;
  Sequence sequence;
  Offset batch_base_offset;
  // How it came there: which request of its producer's put it into the leader's log.
  std::string producer;  // the client's name; empty if no history was kept
  BatchOrigin origin;
};

// "p1's request 7 on connection 3, attempt 2"; empty if nobody knows.
std::string Provenance(const StoredRecord& record);

class LogView {
 public:
  LogView(std::string topic, int32_t partition, std::vector<StoredRecord> records)
      : topic_(std::move(topic)), partition_(partition), records_(std::move(records)) {}

  const std::string& topic() const { return topic_; }
  int32_t partition() const { return partition_; }
  // Whose log it is; none: nobody said.
  BrokerId broker() const { return broker_; }
  void SetBroker(BrokerId broker) { broker_ = broker; }
  const std::vector<StoredRecord>& records() const { return records_; }
  size_t size() const { return records_.size(); }
  bool empty() const { return records_.empty(); }
  // Values in the order of the log; "null" for null, "<100 B>" where only the size was kept.
  std::vector<std::string> values() const;
  // Forgets the records from `end` on.
  void CutAt(Offset end);
  // Says who sent each record.
  void SetProducers(const History& history);
  // How often the record is stored.
  int64_t Count(RecordId id) const;

 private:
  std::string topic_;
  int32_t partition_;
  BrokerId broker_;
  std::vector<StoredRecord> records_;
};

// topic1-0: @0 "a", @1 "b"
std::ostream& operator<<(std::ostream& os, const LogView& log);

// Reads the files of a partition's log, in order.
LogView ReadLog(std::string topic, int32_t partition, std::span<sim::Disk::File* const> segments);

}  // namespace norn::model

#endif  // NORN_MODEL_LOG_VIEW_H_
