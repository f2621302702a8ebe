// Fetch: what there is at once, or else a wait for it.
#include <algorithm>
#include <utility>

#include "model/broker/broker.h"

namespace norn::model {
namespace {

constexpr sim::Label kFetchWait{"fetch.max.wait.ms"};
constexpr int16_t kFirstWithTopicIds = 13;
constexpr int16_t kFirstWithLeaders = 16;

// How far a request may read: a follower to the end, a consumer what is committed.
Offset Bound(const PartitionLog& log, bool is_follower) {
  return is_follower ? log.log_end() : log.high_watermark();
}

bool IsFollower(const wire::FetchRequest& fetch) {
  return !fetch.replica_state.replica_id.is_none();
}

bool IsOutOfRange(const PartitionLog& log, Offset offset) {
  return offset < log.log_start() || offset > log.log_end();
}

}  // namespace

bool Broker::IsReady(const RequestEnvelope& request, const FetchSessions::Context& context) {
  const auto& fetch = std::get<wire::FetchRequest>(request.body);
  if (fetch.max_wait_ms <= 0 || context.error != Error::kNone || context.wanted.empty())
    return true;
  const bool by_id = request.version >= kFirstWithTopicIds;
  const bool is_follower = IsFollower(fetch);
  int64_t bytes = 0;
  for (const FetchSessions::Wanted& wanted : context.wanted) {
    const auto& asked = wanted.partition;
    Replica* replica = nullptr;
    if (Check(by_id, wanted, &replica) != Error::kNone) return true;
    const PartitionLog& log = replica->log();
    if (replica->FindDivergence(asked.fetch_offset, asked.last_fetched_epoch)) return true;
    bytes += std::min<int64_t>(
        log.BytesFrom(asked.fetch_offset, fetch.min_bytes, Bound(log, is_follower)),
        asked.partition_max_bytes);
    if (bytes >= fetch.min_bytes) return true;
  }
  return false;
}

Error Broker::Check(bool by_id, const FetchSessions::Wanted& wanted, Replica** replica) {
  const auto& asked = wanted.partition;
  Error error = Find(by_id, wanted.topic, wanted.topic_id, asked.partition, replica);
  // Who knows of a later epoch than this broker is told so before anything else.
  if (error == Error::kNone || (error == Error::kNotLeaderOrFollower && *replica != nullptr)) {
    const Error epoch = CheckEpoch(asked.current_leader_epoch, **replica);
    if (epoch != Error::kNone) error = epoch;
  }
  // A log that is another one is told so, however long it is.
  if (error == Error::kNone && IsOutOfRange((*replica)->log(), asked.fetch_offset) &&
      !(*replica)->FindDivergence(asked.fetch_offset, asked.last_fetched_epoch))
    error = Error::kOffsetOutOfRange;
  return error;
}

void Broker::Fetch(Work work, const FetchSessions::Context& context) {
  const auto& request = std::get<wire::FetchRequest>(work.request->body);
  const int16_t version = work.request->version;
  const bool by_id = version >= kFirstWithTopicIds;
  const bool is_follower = IsFollower(request);
  wire::FetchResponse response;
  int64_t bytes = 0;
  for (const FetchSessions::Wanted& wanted : context.wanted) {
    const auto& asked = wanted.partition;
    wire::FetchResponse::Partition partition;
    partition.partition_index = asked.partition;
    Replica* replica = nullptr;
    partition.error = Check(by_id, wanted, &replica);
    if (partition.error != Error::kNone) {
      partition.high_watermark = Offset::None();
      const bool is_elsewhere = partition.error == Error::kNotLeaderOrFollower ||
                                partition.error == Error::kFencedLeaderEpoch;
      if (is_elsewhere && version >= kFirstWithLeaders)
        partition.current_leader = LeaderOf(by_id, wanted.topic, wanted.topic_id, asked.partition,
                                            &response.node_endpoints);
    } else {
      const PartitionLog& log = replica->log();
      partition.high_watermark = log.high_watermark();
      partition.last_stable_offset = log.high_watermark();
      partition.log_start_offset = log.log_start();
      const auto divergence = replica->FindDivergence(asked.fetch_offset, asked.last_fetched_epoch);
      const int64_t room = std::max<int64_t>(request.max_bytes - bytes, 0);
      const int64_t limit = std::min<int64_t>(asked.partition_max_bytes, room);
      if (divergence.has_value()) {
        partition.diverging_epoch = {divergence->epoch, divergence->end};
      } else if (limit > 0 || bytes == 0) {
        // The first that has anything returns at least one whole batch, whatever the limits.
        partition.records = log.Read(asked.fetch_offset, limit, Bound(log, is_follower));
        bytes += partition.records->SizeInBytes();
      }
    }
    wire::FetchResponse::Topic told;
    told.topic = wanted.topic;
    told.topic_id = wanted.topic_id;
    told.partitions.push_back(std::move(partition));
    response.topics.push_back(std::move(told));
  }
  fetch_sessions_.Finish(context, &response);
  Respond(std::move(work), std::move(response));
}

void Broker::NoteFollower(const wire::FetchRequest& request,
                          const FetchSessions::Context& context) {
  const BrokerId follower = request.replica_state.replica_id;
  for (const FetchSessions::Wanted& wanted : context.wanted) {
    const auto& asked = wanted.partition;
    Replica* replica = nullptr;
    if (Check(/*by_id=*/true, wanted, &replica) != Error::kNone) continue;
    // How far a log goes that is not the leader's says nothing (KAFKA-13141).
    if (replica->FindDivergence(asked.fetch_offset, asked.last_fetched_epoch) &&
        !replica->defects().Has(Defect::kKafka13141))
      continue;
    const bool moved = replica->OnFollowerFetch(follower, asked.fetch_offset,
                                                request.replica_state.replica_epoch, sim_->Now());
    Ask(replica->Expanded(follower));
    if (moved) OnHighWatermark(*replica);
  }
}

void Broker::OnFetch(Work work) {
  const auto& request = std::get<wire::FetchRequest>(work.request->body);
  FetchSessions::Context context =
      fetch_sessions_.Begin(request, work.request->version, node_->clock().Wall(sim_->Now()));
  if (IsFollower(request)) {
    if (Channel* channel = FindChannel(work.channel)) channel->SetBetweenBrokers();
    NoteFollower(request, context);
  }
  // Nobody is there any more to wait.
  if (IsReady(*work.request, context) || FindChannel(work.channel) == nullptr) {
    Fetch(std::move(work), context);
    return;
  }
  const absl::Duration patience = absl::Milliseconds(request.max_wait_ms);
  parked_fetches_.push_back({std::move(work), std::move(context), {}});
  const auto parked = std::prev(parked_fetches_.end());
  parked->timer = sim_->After(patience, kFetchWait, [this, parked] { FinishFetch(parked); });
}

void Broker::FinishFetch(std::list<ParkedFetch>::iterator parked) {
  sim_->Cancel(parked->timer);
  ParkedFetch done = std::move(*parked);
  parked_fetches_.erase(parked);
  Fetch(std::move(done.work), done.context);
}

void Broker::WakeFetches(const Replica& replica) {
  for (auto parked = parked_fetches_.begin(); parked != parked_fetches_.end();) {
    const auto next = std::next(parked);
    const auto& wanted = parked->context.wanted;
    const bool waits = std::any_of(wanted.begin(), wanted.end(), [&](const auto& partition) {
      return partition.partition.partition == replica.partition() &&
             (partition.topic_id == replica.topic() || partition.topic == replica.name());
    });
    if (waits && IsReady(*parked->work.request, parked->context)) FinishFetch(parked);
    parked = next;
  }
}

}  // namespace norn::model
