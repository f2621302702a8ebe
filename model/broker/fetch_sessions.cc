#include "model/broker/fetch_sessions.h"

#include <algorithm>
#include <iterator>
#include <limits>
#include <utility>

#include "sim/check.h"

namespace norn::model {
namespace {

constexpr int32_t kInitialEpoch = 0;
constexpr int32_t kFinalEpoch = -1;
constexpr int16_t kFirstWithTopicIds = 13;

int32_t After(int32_t epoch) {
  return epoch == std::numeric_limits<int32_t>::max() ? 1 : epoch + 1;
}

bool IsSame(const FetchSessions::Wanted& a, const TopicName& topic, const Uuid& id,
            PartitionIndex partition) {
  return a.partition.partition == partition && a.topic_id == id &&
         (!id.is_none() || a.topic == topic);
}

}  // namespace

int32_t FetchSessions::Open(const wire::FetchRequest& request, int16_t version, sim::Time now) {
  if (static_cast<int64_t>(sessions_.size()) >= slots_) {
    const auto oldest = std::min_element(
        sessions_.begin(), sessions_.end(),
        [](const auto& a, const auto& b) { return a.second.last_used < b.second.last_used; });
    if (oldest == sessions_.end() || now - oldest->second.last_used <= kMayBeEvictedAfter) return 0;
    sessions_.erase(oldest);
  }
  Session& session = sessions_[++last_id_];
  session.by_id = version >= kFirstWithTopicIds;
  session.last_used = now;
  Update(session, request);
  return last_id_;
}

void FetchSessions::Update(Session& session, const wire::FetchRequest& request) {
  const auto find = [&session](const TopicName& topic, const Uuid& id, PartitionIndex partition) {
    return std::find_if(
        session.partitions.begin(), session.partitions.end(),
        [&](const Cached& cached) { return IsSame(cached.wanted, topic, id, partition); });
  };
  for (const auto& topic : request.topics) {
    for (const auto& partition : topic.partitions) {
      const auto known = find(topic.topic, topic.topic_id, partition.partition);
      if (known != session.partitions.end()) {
        known->wanted.partition = partition;
      } else {
        session.partitions.push_back({{topic.topic, topic.topic_id, partition}, {}, {}});
      }
    }
  }
  for (const auto& topic : request.forgotten_topics) {
    for (const PartitionIndex partition : topic.partitions) {
      const auto known = find(topic.topic, topic.topic_id, partition);
      if (known != session.partitions.end()) session.partitions.erase(known);
    }
  }
}

FetchSessions::Context FetchSessions::Begin(const wire::FetchRequest& request, int16_t version,
                                            sim::Time now) {
  Context context;
  const bool is_full =
      request.session_epoch == kInitialEpoch || request.session_epoch == kFinalEpoch;
  if (is_full) {
    // A full request ends the session it names.
    sessions_.erase(request.session_id);
    if (request.session_epoch == kInitialEpoch && !request.topics.empty())
      context.session = Open(request, version, now);
    for (const auto& topic : request.topics)
      for (const auto& partition : topic.partitions)
        context.wanted.push_back({topic.topic, topic.topic_id, partition});
    return context;
  }
  const auto found = sessions_.find(request.session_id);
  if (found == sessions_.end()) {
    context.error = Error::kFetchSessionIdNotFound;
    return context;
  }
  Session& session = found->second;
  if (session.next_epoch != request.session_epoch) {
    context.error = Error::kInvalidFetchSessionEpoch;
    return context;
  }
  if (session.by_id != (version >= kFirstWithTopicIds)) {
    context.error = Error::kFetchSessionTopicIdError;
    return context;
  }
  Update(session, request);
  session.next_epoch = After(session.next_epoch);
  session.last_used = now;
  for (const Cached& cached : session.partitions) context.wanted.push_back(cached.wanted);
  if (session.partitions.empty()) {
    sessions_.erase(found);
    return context;
  }
  context.session = request.session_id;
  context.incremental = true;
  return context;
}

bool FetchSessions::IsNews(Cached& cached, const wire::FetchResponse::Partition& answer) {
  if (answer.error != Error::kNone) {
    // Once the error is gone the client has to hear from the partition, whatever its state.
    cached.high_watermark = Offset::None();
    return true;
  }
  const bool is_news = (answer.records.has_value() && answer.records->SizeInBytes() > 0) ||
                       cached.high_watermark != answer.high_watermark ||
                       cached.log_start != answer.log_start_offset;
  cached.high_watermark = answer.high_watermark;
  cached.log_start = answer.log_start_offset;
  return is_news;
}

void FetchSessions::Finish(const Context& context, wire::FetchResponse* response) {
  response->error = context.error;
  response->session_id = context.session;
  if (context.error != Error::kNone) return;
  const auto found = sessions_.find(context.session);
  Session* session = found == sessions_.end() ? nullptr : &found->second;
  auto all = std::move(response->topics);
  response->topics.clear();
  std::vector<Cached> with_records;
  for (auto& topic : all) {
    NORN_CHECK(topic.partitions.size() == 1) << "the partitions come one by one";
    wire::FetchResponse::Partition& answer = topic.partitions.front();
    if (session != nullptr) {
      const auto known = std::find_if(
          session->partitions.begin(), session->partitions.end(), [&](const Cached& cached) {
            return IsSame(cached.wanted, topic.topic, topic.topic_id, answer.partition_index);
          });
      if (known != session->partitions.end()) {
        const bool is_news = IsNews(*known, answer);
        if (context.incremental && !is_news) continue;
        if (context.incremental && answer.records.has_value() &&
            answer.records->SizeInBytes() > 0) {
          with_records.push_back(std::move(*known));
          session->partitions.erase(known);
        }
      }
    }
    auto& told = response->topics;
    const bool goes_on =
        !told.empty() && told.back().topic_id == topic.topic_id && told.back().topic == topic.topic;
    if (goes_on) {
      told.back().partitions.push_back(std::move(answer));
    } else {
      told.push_back(std::move(topic));
    }
  }
  if (session != nullptr)
    session->partitions.insert(session->partitions.end(),
                               std::make_move_iterator(with_records.begin()),
                               std::make_move_iterator(with_records.end()));
}

}  // namespace norn::model
