#include "scenarios/stage/storage.h"

#include <algorithm>
#include <memory>
#include <string_view>
#include <utility>

#include "absl/strings/str_cat.h"
#include "model/broker/log_segments.h"
#include "model/broker/partition_log.h"
#include "model/broker/replica.h"
#include "model/record/record_batch.h"
#include "sim/check.h"

namespace norn::scenarios {
namespace {

// By the number that the attributes hold.
constexpr std::string_view kCodecs[] = {"none", "gzip", "snappy", "lz4", "zstd"};
constexpr int32_t kCrcAt = 17;  // of a batch, counted from its base offset

uint32_t CrcOf(const model::RecordBatch& batch) {
  const std::string bytes = batch.Encode();
  uint32_t crc = 0;
  for (int32_t i = 0; i < 4; ++i)
    crc = crc << 8 | static_cast<unsigned char>(bytes[static_cast<size_t>(kCrcAt + i)]);
  return crc;
}

BatchReport ReportBatch(const sim::Disk::Extent& extent, model::Offset segment, int64_t position) {
  const auto& batch = *static_cast<const model::RecordBatch*>(extent.content.get());
  const model::BatchHeader& header = batch.header();
  BatchReport report;
  report.segment = segment.value();
  report.position = position;
  report.base_offset = batch.base_offset().value();
  report.last_offset = batch.last_offset().value();
  report.count = batch.record_count();
  report.base_sequence = header.base_sequence.value();
  report.last_sequence = batch.last_sequence().value();
  report.producer_id = header.producer_id.value();
  report.producer_epoch = header.producer_epoch.value();
  report.leader_epoch = header.partition_leader_epoch.value();
  report.timestamp_ms = header.max_timestamp_ms;
  report.log_append_time = header.attributes.is_log_append_time();
  report.size = batch.SizeInBytes();
  report.codec = kCodecs[static_cast<size_t>(header.attributes.codec())];
  report.crc = CrcOf(batch);
  report.torn = extent.torn();
  return report;
}

const std::vector<Storage::Place>& Nowhere() {
  static const auto& nowhere = *new std::vector<Storage::Place>;
  return nowhere;
}

}  // namespace

Storage::Storage(model::Cluster& cluster) {
  places_.resize(static_cast<size_t>(cluster.history().records()));
  for (const auto& topic : cluster.view().topics) {
    for (int32_t p = 0; p < topic.partitions(); ++p) {
      logs_.push_back(cluster.Log(topic.name.text(), p));
      const std::vector<model::StoredRecord>& records = logs_.back().records();
      for (size_t i = 0; i < records.size(); ++i) {
        const auto index = static_cast<size_t>(records[i].id.value());
        if (index < places_.size())
          places_[index].push_back({logs_.size() - 1, i, records[i].offset.value()});
      }
    }
  }
}

const std::vector<Storage::Place>& Storage::PlacesOf(model::RecordId id) const {
  const auto index = static_cast<size_t>(id.value());
  return index < places_.size() ? places_[index] : Nowhere();
}

const model::LogView& Storage::Log(std::string_view topic, int32_t partition) const {
  for (const model::LogView& log : logs_)
    if (log.topic() == topic && log.partition() == partition) return log;
  NORN_CHECK(!"log") << "there is no " << topic << "-" << partition;
  return logs_.front();
}

namespace {

LogReport ReportLog(model::Cluster& cluster, const model::LogView& log, int32_t broker) {
  LogReport report;
  report.topic = log.topic();
  report.partition = log.partition();
  report.broker = broker;
  report.values = log.values();
  for (const model::StoredRecord& record : log.records()) report.ids.push_back(record.id);
  const model::LogSegments segments(&cluster.disk(broker),
                                    absl::StrCat(report.topic, "-", report.partition));
  for (const model::LogSegments::Segment& segment : segments.all()) {
    report.segments.push_back(segment.base.value());
    int64_t position = 0;
    for (const sim::Disk::Extent& extent : segment.file->extents()) {
      report.batches.push_back(ReportBatch(extent, segment.base, position));
      position += extent.kept;
    }
  }
  // Of a broker that never ran.
  if (report.segments.empty()) report.segments.push_back(0);
  return report;
}

}  // namespace

std::vector<LogReport> ReportLogs(model::Cluster& cluster) {
  std::vector<LogReport> reports;
  for (const auto& topic : cluster.view().topics) {
    const std::string name(topic.name.text());
    for (int32_t p = 0; p < topic.partitions(); ++p)
      reports.push_back(
          ReportLog(cluster, cluster.Log(name, p), cluster.SpeaksFor(name, p).value()));
  }
  return reports;
}

std::vector<LogReport> ReportReplicas(model::Cluster& cluster) {
  std::vector<LogReport> reports;
  for (const auto& topic : cluster.view().topics)
    for (int32_t p = 0; p < topic.partitions(); ++p)
      for (const model::LogView& log : cluster.Replicas(topic.name.text(), p))
        reports.push_back(ReportLog(cluster, log, log.broker().value()));
  return reports;
}

SnapshotReport TakeSnapshot(model::Cluster& cluster) {
  const auto numbers = [](const model::BrokerList& brokers) {
    std::vector<int32_t> all;
    for (const model::BrokerId id : brokers) all.push_back(id.value());
    return all;
  };
  SnapshotReport snapshot;
  snapshot.at = cluster.Now();
  for (const auto& topic : cluster.view().topics) {
    for (int32_t p = 0; p < topic.partitions(); ++p) {
      PartitionReport report;
      report.topic_number = static_cast<int32_t>(&topic - cluster.view().topics.data());
      report.topic = std::string(topic.name.text());
      report.partition = p;
      const model::PartitionState state = cluster.Partition(report.topic, p);
      report.leader = state.leader.is_none() ? -1 : state.leader.value();
      report.leader_epoch = state.leader_epoch.value();
      report.replicas = numbers(topic.assignment[static_cast<size_t>(p)]);
      report.isr = numbers(state.isr);
      report.elr = numbers(state.elr);
      report.last_known_leader = numbers(state.last_known_leader);
      const std::string name = absl::StrCat(report.topic, "-", p);
      for (const int32_t id : report.replicas) {
        if (!cluster.IsUp(id)) report.offline.push_back(id);
        ReplicaReport& replica = report.logs.emplace_back();
        replica.broker = id;
        for (const auto& entry : model::PartitionLog::EpochsOf(cluster.disk(id), name))
          replica.epochs.push_back({entry.epoch.value(), entry.start.value()});
        for (const sim::Disk::File* file : model::PartitionLog::FilesOf(cluster.disk(id), name)) {
          for (const sim::Disk::Extent& extent : file->extents()) {
            if (extent.torn()) break;
            const auto& batch = *static_cast<const model::RecordBatch*>(extent.content.get());
            ReplicaBatchReport& stored = replica.batches.emplace_back();
            stored.base_offset = batch.base_offset().value();
            stored.leader_epoch = batch.header().partition_leader_epoch.value();
            stored.producer_epoch = batch.header().producer_epoch.value();
            stored.base_sequence = batch.header().base_sequence.value();
            stored.size = batch.SizeInBytes();
            for (const model::RecordView record : batch.records())
              stored.ids.push_back(record.id());
          }
        }
      }
      if (report.leader > 0) {
        const model::Replica* leader = cluster.FindReplica(report.topic, p, report.leader);
        if (leader != nullptr) {
          report.high_watermark = leader->log().high_watermark().value();
          report.log_end = leader->log().log_end().value();
        }
      }
      snapshot.partitions.push_back(std::move(report));
    }
  }
  return snapshot;
}

std::string_view WithoutFill(std::string_view value) {
  while (!value.empty() && value.back() == '.') value.remove_suffix(1);
  return value;
}

}  // namespace norn::scenarios
