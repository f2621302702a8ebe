// Fetch: what there is at once, or else a wait for it.
#include <algorithm>
#include <utility>

#include "model/broker/broker.h"

namespace norn::model {
namespace {

constexpr sim::Label kFetchWait{"fetch.max.wait.ms"};
constexpr int16_t kFirstWithTopicIds = 13;
constexpr int16_t kFirstWithLeaders = 16;

bool IsOutOfRange(const PartitionLog& log, Offset offset) {
  return offset < log.log_start() || offset > log.log_end();
}

}  // namespace

bool Broker::IsReady(const RequestEnvelope& request, const FetchSessions::Context& context) {
  const auto& fetch = std::get<wire::FetchRequest>(request.body);
  if (fetch.max_wait_ms <= 0 || context.error != Error::kNone || context.wanted.empty())
    return true;
  const bool by_id = request.version >= kFirstWithTopicIds;
  int64_t bytes = 0;
  for (const FetchSessions::Wanted& wanted : context.wanted) {
    const auto& asked = wanted.partition;
    Led* led = nullptr;
    if (Find(by_id, wanted.topic, wanted.topic_id, asked.partition, &led) != Error::kNone)
      return true;
    if (IsOutOfRange(*led->log, asked.fetch_offset)) return true;
    const PartitionLog& log = *led->log;
    bytes +=
        std::min<int64_t>(log.BytesFrom(asked.fetch_offset, fetch.min_bytes, log.high_watermark()),
                          asked.partition_max_bytes);
    if (bytes >= fetch.min_bytes) return true;
  }
  return false;
}

void Broker::Fetch(Work work, const FetchSessions::Context& context) {
  const auto& request = std::get<wire::FetchRequest>(work.request->body);
  const int16_t version = work.request->version;
  const bool by_id = version >= kFirstWithTopicIds;
  wire::FetchResponse response;
  int64_t bytes = 0;
  for (const FetchSessions::Wanted& wanted : context.wanted) {
    const auto& asked = wanted.partition;
    wire::FetchResponse::Partition partition;
    partition.partition_index = asked.partition;
    Led* led = nullptr;
    partition.error = Find(by_id, wanted.topic, wanted.topic_id, asked.partition, &led);
    if (partition.error == Error::kNone && IsOutOfRange(*led->log, asked.fetch_offset))
      partition.error = Error::kOffsetOutOfRange;
    if (partition.error != Error::kNone) {
      partition.high_watermark = Offset::None();
      if (partition.error == Error::kNotLeaderOrFollower && version >= kFirstWithLeaders)
        partition.current_leader = LeaderOf(by_id, wanted.topic, wanted.topic_id, asked.partition,
                                            &response.node_endpoints);
    } else {
      const PartitionLog& log = *led->log;
      partition.high_watermark = log.high_watermark();
      partition.last_stable_offset = log.high_watermark();
      partition.log_start_offset = log.log_start();
      const int64_t room = std::max<int64_t>(request.max_bytes - bytes, 0);
      const int64_t limit = std::min<int64_t>(asked.partition_max_bytes, room);
      // The first that has anything returns at least one whole batch, whatever the limits.
      if (limit > 0 || bytes == 0) {
        partition.records = log.Read(asked.fetch_offset, limit, log.high_watermark());
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

void Broker::OnFetch(Work work) {
  const auto& request = std::get<wire::FetchRequest>(work.request->body);
  FetchSessions::Context context =
      fetch_sessions_.Begin(request, work.request->version, sim_->Now());
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

void Broker::WakeFetches() {
  for (auto parked = parked_fetches_.begin(); parked != parked_fetches_.end();) {
    const auto next = std::next(parked);
    if (IsReady(*parked->work.request, parked->context)) FinishFetch(parked);
    parked = next;
  }
}

}  // namespace norn::model
