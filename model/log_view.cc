#include "model/log_view.h"

#include <algorithm>
#include <memory>

namespace norn::model {

std::vector<std::string> LogView::values() const {
  std::vector<std::string> values;
  for (const StoredRecord& record : records_) {
    if (record.value.has_value()) {
      values.push_back(*record.value);
    } else {
      values.push_back(record.value_size < 0 ? "null"
                                             : "<" + std::to_string(record.value_size) + " B>");
    }
  }
  return values;
}

void LogView::SetProducers(const History& history) {
  for (StoredRecord& record : records_)
    if (const History::Sent* sent = history.Find(record.id)) record.producer = sent->client;
}

std::string Provenance(const StoredRecord& record) {
  const BatchOrigin& origin = record.origin;
  if (origin.connection == 0) return "";
  std::string text = record.producer.empty() ? "" : record.producer + "'s ";
  text += "request " + std::to_string(origin.request.value()) + " on connection " +
          std::to_string(origin.connection);
  if (origin.attempt > 0) text += ", attempt " + std::to_string(origin.attempt);
  return text;
}

int64_t LogView::Count(RecordId id) const {
  return std::count_if(records_.begin(), records_.end(),
                       [id](const StoredRecord& record) { return record.id == id; });
}

std::ostream& operator<<(std::ostream& os, const LogView& log) {
  os << log.topic() << "-" << log.partition() << ":";
  if (log.empty()) return os << " empty";
  const char* separator = " ";
  const std::vector<std::string> values = log.values();
  for (size_t i = 0; i < log.size(); ++i) {
    os << separator << log.records()[i].offset << " \"" << values[i] << "\"";
    separator = ", ";
  }
  return os;
}

void LogView::CutAt(Offset end) {
  while (!records_.empty() && records_.back().offset >= end) records_.pop_back();
}

LogView ReadLog(std::string topic, int32_t partition, std::span<sim::Disk::File* const> segments) {
  std::vector<StoredRecord> stored;
  for (const sim::Disk::File* file : segments) {
    for (const sim::Disk::Extent& extent : file->extents()) {
      // As recovery will find it.
      if (extent.torn()) return LogView(std::move(topic), partition, std::move(stored));
      const auto& batch = *static_cast<const RecordBatch*>(extent.content.get());
      for (const RecordView record : batch.records()) {
        StoredRecord one;
        one.offset = batch.base_offset() + RecordCount(record.offset_delta());
        one.leader_epoch = batch.header().partition_leader_epoch;
        one.id = record.id();
        if (!record.key().is_null()) one.key = record.key().ToString();
        if (record.value().is_kept()) one.value = record.value().ToString();
        one.value_size = record.value().wire_size();
        one.timestamp_ms = batch.timestamp_ms(record);
        one.producer_id = batch.header().producer_id;
        one.producer_epoch = batch.header().producer_epoch;
        if (!batch.header().base_sequence.is_none())
          one.sequence = batch.header().base_sequence + RecordCount(record.offset_delta());
        one.batch_base_offset = batch.base_offset();
        one.origin = batch.origin();
        stored.push_back(std::move(one));
      }
    }
  }
  return LogView(std::move(topic), partition, std::move(stored));
}

}  // namespace norn::model
