// Produce: checks, appends, waits for the disk, answers.
#include <algorithm>
#include <utility>

#include "model/broker/broker.h"
#include "sim/check.h"

namespace norn::model {
namespace {

using sim::Time;

constexpr sim::Label kWaitsForReplicas{"waits for replicas"};
constexpr sim::Label kRequestTimeout{"request.timeout.ms at the broker"};
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

// An append that could not be synced has failed, though its records are in the log.
void Refuse(wire::ProduceResponse& response, Error error) {
  for (auto& topic : response.topics) {
    for (auto& partition : topic.partitions) {
      if (partition.error != Error::kNone) continue;
      partition.error = error;
      partition.base_offset = Offset::None();
    }
  }
}

}  // namespace

wire::ProduceResponse::Partition Broker::Append(const Work& work,
                                                const wire::ProduceRequest::Topic& topic,
                                                const wire::ProduceRequest::Partition& sent,
                                                Time* written,
                                                std::vector<PartitionLog*>* flush_first,
                                                std::vector<ParkedProduce::Wait>* waits,
                                                std::vector<wire::NodeEndpoint>* endpoints) {
  const int16_t version = work.request->version;
  const int16_t acks = std::get<wire::ProduceRequest>(work.request->body).acks;
  const bool by_id = version >= kFirstWithTopicIds;
  wire::ProduceResponse::Partition answer;
  answer.index = sent.index;
  answer.base_offset = Offset::None();
  Replica* replica = nullptr;
  answer.error = Find(by_id, topic.name, topic.topic_id, sent.index, &replica);
  if (answer.error == Error::kNotLeaderOrFollower && version >= kFirstWithLeaders)
    answer.current_leader = LeaderOf(by_id, topic.name, topic.topic_id, sent.index, endpoints);
  if (answer.error == Error::kNone)
    answer.error = CheckForm(sent.records, version, replica->log().config());
  if (answer.error == Error::kNone && (acks < -1 || acks > 1))
    answer.error = Error::kInvalidRequiredAcks;
  // Before anything is looked at: also a duplicate of what is stored is refused.
  if (answer.error == Error::kNone && acks == -1) answer.error = replica->CheckMinIsr();
  if (answer.error == Error::kNone) {
    RecordBatch batch = sent.records->batches().front();
    const RecordCount records(batch.record_count());
    batch.SetRequest(work.channel, work.request->correlation);
    PartitionLog& log = replica->log();
    PartitionLog::Appended appended =
        log.Append(std::move(batch), replica->leader_epoch(), sim_->Now());
    answer.error = appended.error;
    answer.base_offset = appended.base_offset;
    answer.log_append_time_ms = appended.log_append_time_ms;
    answer.record_errors = std::move(appended.record_errors);
    answer.error_message = std::move(appended.message);
    if (appended.error == Error::kNone) {
      answer.log_start_offset = log.log_start();
      if (!appended.duplicate) *written = std::max(*written, appended.written);
      if (appended.flush_first) flush_first->push_back(&log);
      sim_->Note(kAppend, {{&kConnection, static_cast<int64_t>(work.channel)},
                           {&kPartition, sent.index.value()},
                           {&kOffset, appended.base_offset.value()},
                           {&kRecords, appended.duplicate ? 0 : records.value()}});
      const bool moved = replica->AdvanceHighWatermark(sim_->Now());
      const Offset required = appended.base_offset + records;
      if (acks == -1 && log.high_watermark() < required)
        waits->push_back({replica, required, 0, 0});
      if (moved) {
        OnHighWatermark(*replica);
      } else if (!parked_fetches_.empty()) {
        WakeFetches(*replica);
      }
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
  std::vector<ParkedProduce::Wait> waits;
  for (const auto& topic : request.topics) {
    wire::ProduceResponse::Topic told;
    told.name = topic.name;
    told.topic_id = topic.topic_id;
    for (const auto& sent : topic.partitions) {
      const size_t waiting = waits.size();
      told.partitions.push_back(
          Append(work, topic, sent, &written, &flush_first, &waits, &response.node_endpoints));
      if (waits.size() > waiting) {
        waits.back().topic = response.topics.size();
        waits.back().partition = told.partitions.size() - 1;
      }
      failed = failed || told.partitions.back().error != Error::kNone;
    }
    response.topics.push_back(std::move(told));
  }

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
      if (log != last) log->Flush(sim_->Now(), nullptr);
    last->Flush(sim_->Now(), [this, work = std::move(work),
                              response = std::move(response)](sim::DiskError error) mutable {
      if (error != sim::DiskError::kNone) Refuse(response, Error::kKafkaStorageError);
      Respond(std::move(work), std::move(response));
    });
    return;
  }
  if (waits.empty()) return RespondAt(written, std::move(work), std::move(response));
  sim_->Note(kWaitsForReplicas, {{&kConnection, static_cast<int64_t>(work.channel)}});
  const absl::Duration patience = absl::Milliseconds(request.timeout_ms);
  parked_produces_.push_back(
      {std::move(work), std::move(response), std::move(waits), written, sim::TimerId()});
  const auto parked = std::prev(parked_produces_.end());
  parked->timer =
      sim_->After(patience, kRequestTimeout, [this, parked] { TimeOutProduce(parked); });
}

void Broker::RespondAt(Time at, Work work, wire::ProduceResponse response) {
  if (at <= sim_->Now()) return Respond(std::move(work), std::move(response));
  sim_->At(at, kAnswerReady,
           [this, work = std::move(work), response = std::move(response)]() mutable {
             Respond(std::move(work), std::move(response));
           });
}

void Broker::CheckProduces(const Replica& replica) {
  for (auto parked = parked_produces_.begin(); parked != parked_produces_.end();) {
    const auto next = std::next(parked);
    bool over = true;
    for (ParkedProduce::Wait& wait : parked->waits) {
      if (wait.over) continue;
      const std::optional<Error> result =
          wait.replica == &replica ? replica.CommittedUpTo(wait.required) : std::nullopt;
      if (!result.has_value()) {
        over = false;
        continue;
      }
      wait.over = true;
      // The offset stays: it was appended there, whatever becomes of it.
      parked->response.topics[wait.topic].partitions[wait.partition].error = *result;
    }
    if (over) FinishProduce(parked);
    parked = next;
  }
}

// The data stays in the log, and may be committed yet.
void Broker::TimeOutProduce(std::list<ParkedProduce>::iterator parked) {
  for (const ParkedProduce::Wait& wait : parked->waits)
    if (!wait.over)
      parked->response.topics[wait.topic].partitions[wait.partition].error =
          Error::kRequestTimedOut;
  FinishProduce(parked);
}

void Broker::FinishProduce(std::list<ParkedProduce>::iterator parked) {
  sim_->Cancel(parked->timer);
  ParkedProduce done = std::move(*parked);
  parked_produces_.erase(parked);
  const auto& request = std::get<wire::ProduceRequest>(done.work.request->body);
  const bool by_id = done.work.request->version >= kFirstWithTopicIds;
  for (const ParkedProduce::Wait& wait : done.waits) {
    auto& told = done.response.topics[wait.topic].partitions[wait.partition];
    if (told.error != Error::kNotLeaderOrFollower || done.work.request->version < kFirstWithLeaders)
      continue;
    const auto& topic = request.topics[wait.topic];
    told.current_leader =
        LeaderOf(by_id, topic.name, topic.topic_id, told.index, &done.response.node_endpoints);
  }
  RespondAt(done.written, std::move(done.work), std::move(done.response));
}

}  // namespace norn::model
