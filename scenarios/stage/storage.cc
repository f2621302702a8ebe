#include "scenarios/stage/storage.h"

#include <memory>
#include <string_view>
#include <utility>

#include "absl/strings/str_cat.h"
#include "model/broker/log_segments.h"
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

std::string_view WithoutFill(std::string_view value) {
  while (!value.empty() && value.back() == '.') value.remove_suffix(1);
  return value;
}

}  // namespace norn::scenarios
