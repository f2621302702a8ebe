// Produce: checks, appends, waits for the disk, answers.
#include <algorithm>
#include <utility>

#include "model/broker/broker.h"
#include "sim/check.h"

namespace norn::model {
namespace {

using sim::Time;

constexpr sim::Label kAnswerReady{"answer ready"};
constexpr sim::Label kAppend{"append"};
constexpr sim::Label kRefused{"append refused"};
constexpr sim::Label kConnection{"connection"};
constexpr sim::Label kOffset{"offset"};
constexpr sim::Label kRecords{"records"};
constexpr sim::Label kPartition{"partition"};
constexpr sim::Label kError{"error"};

constexpr int16_t kFirstWithTopicIds = 13;
constexpr int16_t kFirstWithLeaders = 10;
constexpr int16_t kFirstWithZstd = 7;

// Exactly one batch, of today's format (Kafka's ProduceRequest.validateRecords).
Error CheckForm(const std::optional<Records>& records, int16_t version, const TopicConfig& topic) {
  if (!records.has_value()) return Error::kInvalidRecord;
  if (records->batches().empty() && records->rest_size() > 0) {
    const BatchCheck check = records->CheckRest();
    // Its size is looked at before its checksum.
    if (check == BatchCheck::kBadCrc && records->rest_size() > topic.max_message_bytes)
      return Error::kMessageTooLarge;
    return ProduceErrorOf(check);
  }
  if (records->batches().size() != 1 || records->rest_size() > 0) return Error::kInvalidRecord;
  const bool is_zstd = records->batches()[0].header().attributes.codec() == Codec::kZstd;
  return is_zstd && version < kFirstWithZstd ? Error::kUnsupportedCompressionType : Error::kNone;
}

}  // namespace

wire::ProduceResponse::Partition Broker::Append(const Work& work,
                                                const wire::ProduceRequest::Topic& topic,
                                                const wire::ProduceRequest::Partition& sent,
                                                Time* written,
                                                std::vector<PartitionLog*>* flush_first,
                                                std::vector<wire::NodeEndpoint>* endpoints) {
  const int16_t version = work.request->version;
  const int16_t acks = std::get<wire::ProduceRequest>(work.request->body).acks;
  const bool by_id = version >= kFirstWithTopicIds;
  wire::ProduceResponse::Partition answer;
  answer.index = sent.index;
  answer.base_offset = Offset::None();
  Led* led = nullptr;
  answer.error = Find(by_id, topic.name, topic.topic_id, sent.index, &led);
  if (answer.error == Error::kNotLeaderOrFollower && version >= kFirstWithLeaders)
    answer.current_leader = LeaderOf(by_id, topic.name, topic.topic_id, sent.index, endpoints);
  if (answer.error == Error::kNone)
    answer.error = CheckForm(sent.records, version, led->log->config());
  if (answer.error == Error::kNone && (acks < -1 || acks > 1))
    answer.error = Error::kInvalidRequiredAcks;
  if (answer.error == Error::kNone) {
    const RecordBatch& batch = sent.records->batches().front();
    PartitionLog::Appended appended = led->log->Append(batch, LeaderEpoch(0), sim_->Now());
    answer.error = appended.error;
    answer.base_offset = appended.base_offset;
    answer.log_append_time_ms = appended.log_append_time_ms;
    answer.record_errors = std::move(appended.record_errors);
    answer.error_message = std::move(appended.message);
    if (appended.error == Error::kNone) {
      answer.log_start_offset = led->log->log_start();
      // With one replica what is written is committed.
      led->log->SetHighWatermark(led->log->log_end());
      if (!appended.duplicate) *written = std::max(*written, appended.written);
      if (appended.flush_first) flush_first->push_back(led->log.get());
      sim_->Note(kAppend, {{&kConnection, static_cast<int64_t>(work.channel)},
                           {&kPartition, sent.index.value()},
                           {&kOffset, appended.base_offset.value()},
                           {&kRecords, appended.duplicate ? 0 : batch.record_count()}});
      return answer;
    }
  }
  sim_->Note(kRefused,
             {{&kConnection, static_cast<int64_t>(work.channel)},
              {&kPartition, sent.index.value()},
              {&kError, static_cast<int64_t>(answer.error)}},
             [&] { return std::string(Name(answer.error)); });
  return answer;
}

void Broker::OnProduce(Work work) {
  const auto& request = std::get<wire::ProduceRequest>(work.request->body);
  wire::ProduceResponse response;
  Time written = sim_->Now();
  bool failed = false;
  std::vector<PartitionLog*> flush_first;
  for (const auto& topic : request.topics) {
    wire::ProduceResponse::Topic told;
    told.name = topic.name;
    told.topic_id = topic.topic_id;
    for (const auto& sent : topic.partitions) {
      told.partitions.push_back(
          Append(work, topic, sent, &written, &flush_first, &response.node_endpoints));
      failed = failed || told.partitions.back().error != Error::kNone;
    }
    response.topics.push_back(std::move(told));
  }
  WakeFetches();

  FaultVerdict verdict;
  if (__builtin_expect(faults_->listening(), 0)) {
    verdict = faults_->At(Site(CutPoint::kAppended, work.channel, *work.request));
    if (sim_->IsDead(node_->owner())) return;
  }
  if (verdict.reset || (request.acks == 0 && failed)) {
    // With acks=0 a closed connection is the only way to say that something went wrong.
    --requests_in_progress_;
    if (Channel* channel = FindChannel(work.channel)) {
      if (verdict.reset) {
        channel->socket().Reset();
      } else {
        channel->socket().Close();
      }
      OnChannelClosed(*channel);
    }
    return;
  }
  if (verdict.drop) {
    --requests_in_progress_;
    Unmute(work.channel);
    return;
  }
  if (request.acks == 0) return Respond(std::move(work), std::move(response));
  written = written + verdict.delay;
  if (!flush_first.empty()) {
    // The call that appends returns when the disk has synced; the last file's sync ends the wait.
    PartitionLog* const last = flush_first.back();
    for (PartitionLog* log : flush_first)
      if (log != last) log->Flush(sim_->Now(), [] {});
    last->Flush(sim_->Now(),
                [this, work = std::move(work), response = std::move(response)]() mutable {
                  Respond(std::move(work), std::move(response));
                });
    return;
  }
  if (written <= sim_->Now()) {
    Respond(std::move(work), std::move(response));
    return;
  }
  sim_->At(written, kAnswerReady,
           [this, work = std::move(work), response = std::move(response)]() mutable {
             Respond(std::move(work), std::move(response));
           });
}

}  // namespace norn::model
