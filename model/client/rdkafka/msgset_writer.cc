#include "model/client/rdkafka/msgset_writer.h"

#include <algorithm>
#include <limits>
#include <utility>

#include "model/client/compressed_size.h"
#include "model/record/sizes.h"
#include "model/record/varint.h"

namespace norn::model::rdkafka {
namespace {

int32_t SequenceOf(uint64_t offset) {
  return static_cast<int32_t>(offset & std::numeric_limits<int32_t>::max());
}

}  // namespace

int64_t MsgsetWriter::SizeBeforeRecords(const Topic& topic) const {
  const int64_t client = static_cast<int64_t>(config_.client_id.size());
  const int64_t name = static_cast<int64_t>(topic.name.text().size());
  const int64_t header = 4 + 2 + 2 + 4 + 2 + client;  // size, api, version, correlation, client id
  constexpr int64_t kAcksAndTimeout = 2 + 4;
  constexpr int64_t kPartition = 4;
  constexpr int64_t kLength = 4;  // of the records; a varint's place is reserved with as many bytes
  if (config_.flavour == Flavour::kLibrdkafka20) {
    // Version 7: nullable string, arrays of 4 bytes of length.
    return header + 2 + kAcksAndTimeout + 4 + (2 + name) + 4 + kPartition + kLength +
           kBatchHeaderSize;
  }
  // Version 10: flexible.
  const int64_t compact_name = UnsignedVarintSize(static_cast<uint64_t>(name) + 1) + name;
  return header + 1 + 1 + kAcksAndTimeout + 1 + compact_name + 1 + kPartition + kLength +
         kBatchHeaderSize;
}

wire::ProduceRequest MsgsetWriter::Write(Toppar& toppar, const Pid& pid, sim::Time now,
                                         Batch& batch, bool* consistent) {
  *consistent = true;
  const bool compresses = config_.compression_type != Codec::kNone;
  const int64_t limit = std::min(config_.message_max_bytes, config_.batch_size);
  int64_t length = SizeBeforeRecords(*toppar.topic);
  wire::ProduceRequest request;
  Message* first = toppar.queue.first();
  if (first == nullptr || first->backoff_until > now) return request;
  batch.toppar = &toppar;
  batch.pid = pid;
  batch.first_number = first->number;
  const uint64_t must_end = pid.valid() ? first->batch_end : 0;
  const int64_t base_timestamp = first->timestamp_ms;
  int64_t before = 0;
  CompressedSize compressed;
  while (Message* message = toppar.queue.first()) {
    if (must_end != 0) {
      if (message->number > must_end) break;
    } else if (!batch.messages.empty() && (batch.messages.count() == config_.batch_num_messages ||
                                           length + message->size_bound() > limit)) {
      break;
    }
    // A message that began another batch must begin it again.
    if (pid.valid() && !batch.messages.empty() && must_end == 0 && message->batch_end != 0) break;
    if (message->backoff_until > now) break;
    toppar.queue.PopFront();
    batch.messages.PushBack(message);
    batch.last_number = message->number;
    ++message->requests;
    builder_.Append(message->timestamp_ms - base_timestamp, message->key, message->value,
                    message->headers, message->id);
    const int64_t size = builder_.size_in_bytes() - before;
    if (compresses) compressed.Add(builder_.count() - 1, size, message->compression_ratio);
    length += size;
    before += size;
  }
  *consistent = must_end == 0 || batch.last_number == must_end;

  RecordBatch::Options options{.base_timestamp_ms = base_timestamp};
  // The real one compares with `>`; no codec returns data that it cannot make smaller without some
  // bytes of its own on top, so here what is as large as before stands for that.
  if (compresses && compressed.bytes() < before) {
    options.attributes = BatchAttributes().With(config_.compression_type);
    options.compressed_size = compressed.bytes();
  }
  RecordBatch records(builder_.Seal(), options);
  if (pid.valid()) {
    batch.first_sequence = SequenceOf(batch.first_number - toppar.epoch_base);
    batch.next_sequence = SequenceOf(batch.last_number + 1 - toppar.epoch_base);
    records.SetProducer(pid.id, pid.epoch, Sequence(batch.first_sequence));
  }
  records.SetAttempt(first->requests);
  request.acks = static_cast<int16_t>(config_.acks);
  request.timeout_ms = static_cast<int32_t>(absl::ToInt64Milliseconds(config_.request_timeout));
  wire::ProduceRequest::Partition partition;
  partition.index = toppar.index;
  partition.records = Records(std::move(records));
  wire::ProduceRequest::Topic topic;
  topic.name = toppar.topic->name;
  topic.partitions.push_back(std::move(partition));
  request.topics.push_back(std::move(topic));
  return request;
}

}  // namespace norn::model::rdkafka
