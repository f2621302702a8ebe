// Fetching: which partitions may be, one request for all of them, and what its answer means
// (rdkafka_fetcher.c, rdkafka_msgset_reader.c).
#include <algorithm>
#include <utility>
#include <variant>

#include "absl/strings/str_cat.h"
#include "model/client/rdkafka/error_text.h"
#include "model/client/rdkafka/rdkafka_consumer.h"

namespace norn::model {
namespace {

using sim::Time;

constexpr absl::Duration kBlocking = absl::Seconds(1);
// A user has to act first: asked again more seldom.
constexpr int64_t kForbiddenFactor = 10;
// A partition's limit grows no further.
constexpr int64_t kMostPartitionBytes = int64_t{1} << 30;

// Errors that pass by themselves, or with another leader.
bool IsAboutLeaders(Error error, bool recent) {
  switch (error) {
    case Error::kUnknownLeaderEpoch:
      return recent;  // the application is told of it by 2.0.2 (recording 125)
    case Error::kOffsetNotAvailable:
    case Error::kUnknownTopicOrPartition:
    case Error::kLeaderNotAvailable:
    case Error::kNotLeaderOrFollower:
    case Error::kBrokerNotAvailable:
    case Error::kReplicaNotAvailable:
    case Error::kKafkaStorageError:
    case Error::kFencedLeaderEpoch:
    case Error::kUnknownTopicId:
      return true;
    default:
      return false;
  }
}

}  // namespace

sim::Time RdkafkaConsumer::FetchableAt(Assigned& assigned, const BrokerThread& thread) {
  const Time now = Now();
  if (assigned.state != Assigned::State::kActive) return Time::Max();
  if (assigned.moved || assigned.version > assigned.fetch_version) {
    assigned.moved = false;
    assigned.fetch_from = assigned.start;
    assigned.fetch_epoch = assigned.start_epoch;
    assigned.fetch_version = assigned.version;
    assigned.eof_told = Offset::None();
    assigned.last_error = Error::kNone;
    // 2.0 waits for the end of what an error had begun (recording 53: 501 to 587 ms).
    if (recent()) assigned.backoff_until = now;
  }
  if (assigned.backoff_until > now) return assigned.backoff_until;
  if (!QueueIsFull()) return now;
  // 2.0 comes by once in each window of its thread.
  if (!recent()) return thread.window_end();
  if (options_.config.fetch_queue_backoff == absl::ZeroDuration()) {
    waits_for_room_ = true;
    return Time::Max();
  }
  assigned.backoff_until = now + options_.config.fetch_queue_backoff;
  return assigned.backoff_until;
}

bool RdkafkaConsumer::InUse(const Toppar& toppar) const {
  if (toppar.assigned < 0) return false;
  const Assigned::State state = assigned_[static_cast<size_t>(toppar.assigned)]->state;
  return state != Assigned::State::kStart && state != Assigned::State::kNone;
}

int RdkafkaConsumer::Serve(BrokerThread& thread, bool, Time* next_turn) {
  const Time now = Now();
  Time first = Time::Max();
  std::vector<int32_t> ready;
  const size_t count = thread.toppars.size();
  for (size_t i = 0; i < count; ++i) {
    const int32_t place = thread.toppars[(thread.next_toppar + i) % count]->assigned;
    if (place < 0) continue;
    const Time at = FetchableAt(*assigned_[static_cast<size_t>(place)], thread);
    if (at <= now) ready.push_back(place);
    first = std::min(first, at);
  }
  if (first == Time::Max()) return 0;
  if (!thread.up()) {
    thread.NeedConnection();
    return 0;
  }
  if (thread.fetching) return 0;
  if (ready.empty()) {
    *next_turn = std::min(*next_turn, first);
    return 0;
  }
  thread.next_toppar = (thread.next_toppar + 1) % count;
  Fetch(thread, ready);
  return 1;
}

void RdkafkaConsumer::Fetch(BrokerThread& thread, const std::vector<int32_t>& places) {
  const RdkafkaConsumerConfig& config = options_.config;
  wire::FetchRequest request;
  request.max_wait_ms = static_cast<int32_t>(absl::ToInt64Milliseconds(config.fetch_wait_max));
  request.min_bytes = static_cast<int32_t>(config.fetch_min_bytes);
  request.max_bytes = static_cast<int32_t>(config.fetch_max_bytes);
  request.isolation_level = config.read_committed ? 1 : 0;
  request.rack_id = config.client_rack;
  std::vector<Asked> asked;
  for (const int32_t place : places) {
    const Assigned& assigned = *assigned_[static_cast<size_t>(place)];
    asked.push_back({place, assigned.fetch_version});
    if (request.topics.empty() || request.topics.back().topic != assigned.topic->name) {
      wire::FetchRequest::Topic topic;
      topic.topic = assigned.topic->name;
      topic.topic_id = assigned.topic->id;
      request.topics.push_back(std::move(topic));
    }
    wire::FetchRequest::Partition wanted;
    wanted.partition = assigned.index;
    wanted.current_leader_epoch = assigned.toppar->leader_epoch;
    wanted.fetch_offset = assigned.fetch_from;
    wanted.partition_max_bytes = static_cast<int32_t>(assigned.max_bytes);
    request.topics.back().partitions.push_back(wanted);
  }
  thread.fetching = true;
  const bool blocking = config.fetch_wait_max >= kBlocking;
  if (blocking) ++thread.blocking_requests;
  thread.Enqueue(Api::kFetch, std::move(request), /*expect_answer=*/true,
                 thread.Deadline() + config.fetch_wait_max, nullptr,
                 [this, thread = &thread, blocking, asked = std::move(asked)](
                     Ending how, bool, ResponseEnvelope* response) {
                   thread->fetching = false;
                   if (blocking) --thread->blocking_requests;
                   if (!closed_) OnFetched(*thread, how, response, asked);
                 });
}

void RdkafkaConsumer::OnFetched(BrokerThread& thread, Ending how, ResponseEnvelope* response,
                                const std::vector<Asked>& asked) {
  // Without an answer the next Fetch goes as soon as there is a connection: no back-off was seen
  // after a reset, in either release.
  if (how != Ending::kAnswered) return;
  const auto& answers = std::get<wire::FetchResponse>(response->body);
  for (const auto& topic : answers.topics) {
    for (const auto& answer : topic.partitions) {
      for (const Asked& question : asked) {
        Assigned& assigned = *assigned_[static_cast<size_t>(question.assigned)];
        const bool same_topic = response->version >= 13 ? assigned.topic->id == topic.topic_id
                                                        : assigned.topic->name == topic.topic;
        if (!same_topic || assigned.index != answer.partition_index) continue;
        TakeAnswer(assigned, thread, question, answers, answer);
      }
    }
  }
  AnswerPoll(/*timed_out=*/false);
}

void RdkafkaConsumer::TakeAnswer(Assigned& assigned, BrokerThread& thread, const Asked& question,
                                 const wire::FetchResponse& answers,
                                 const wire::FetchResponse::Partition& answer) {
  assigned.log_start = answer.log_start_offset;
  // It moved, to another offset or to another broker.
  if (assigned.toppar == nullptr || assigned.toppar->broker != &thread ||
      question.version < assigned.fetch_version)
    return;
  // It will be asked for again once the leader's log is known to be the one that was read.
  if (assigned.state == Assigned::State::kValidate) return;
  const Offset stable = answer.last_stable_offset;
  const Offset end =
      options_.config.read_committed && !stable.is_none() ? stable : answer.high_watermark;
  if (end == assigned.fetch_from && assigned.eof_told != end) {
    assigned.eof_told = end;
    if (!options_.config.enable_partition_eof) return;
    Tell(assigned, question.version, "_PARTITION_EOF",
         "Fetch from broker " + std::to_string(thread.id().value()) +
             " reached end of partition at offset " + std::to_string(assigned.fetch_from.value()) +
             " (HighwaterMark " + std::to_string(answer.high_watermark.value()) + ")");
    return;
  }
  const Error error = answers.error != Error::kNone ? answers.error : answer.error;
  if (error != Error::kNone) {
    OnFetchError(assigned, thread, error, answers, answer);
    return;
  }
  assigned.last_error = Error::kNone;
  if (answer.records.has_value()) TakeRecords(assigned, question, *answer.records);
}

void RdkafkaConsumer::OnFetchError(Assigned& assigned, BrokerThread& thread, Error error,
                                   const wire::FetchResponse& answers,
                                   const wire::FetchResponse::Partition& answer) {
  absl::Duration wait = options_.config.fetch_error_backoff;
  const std::string broker = std::to_string(thread.id().value());
  if (IsAboutLeaders(error, recent())) {
    Toppar& toppar = *assigned.toppar;
    if (!LearnLeader(toppar, answer.current_leader, answers.node_endpoints))
      LeaderUnavailable(toppar);
  } else if (error == Error::kOffsetOutOfRange) {
    assigned.fetch_from = Offset::None();
    assigned.fetch_epoch = LeaderEpoch::None();
    Reset(assigned, thread.id(), "fetch failed due to requested offset not available on the broker",
          rdkafka::ErrorText(error));
  } else if (error == Error::kTopicAuthorizationFailed) {
    wait = std::max(absl::Seconds(1), wait * kForbiddenFactor);
    if (assigned.last_error != error)
      Tell(assigned, assigned.fetch_version, LibrdkafkaName(error),
           "Fetch from broker " + broker + " failed: " + rdkafka::ErrorText(error));
    assigned.last_error = error;
  } else {
    std::string where;
    if (recent())
      where = absl::StrCat(" at offset ", assigned.fetch_from.value(), " (leader epoch ",
                           assigned.fetch_epoch.value(), ")");
    Tell(assigned, assigned.fetch_version, LibrdkafkaName(error),
         "Fetch from broker " + broker + " failed" + where + ": " + rdkafka::ErrorText(error));
  }
  if (options_.config.fetch_error_backoff > absl::ZeroDuration())
    assigned.backoff_until = Now() + wait;
}

void RdkafkaConsumer::TakeRecords(Assigned& assigned, const Asked& question,
                                  const Records& fetched) {
  const std::string topic(assigned.topic->name.text());
  Records unchecked;
  const Records* records = &fetched;
  if (!options_.config.check_crcs && fetched.rest_size() > 0) {
    unchecked = fetched.WithoutChecksums();
    records = &unchecked;
  }
  bool queued = false;
  for (const RecordBatch& batch : records->batches()) {
    for (const RecordView record : batch.records()) {
      const Offset offset = batch.base_offset() + RecordCount(record.offset_delta());
      // The batch may begin before what was asked for.
      if (offset < assigned.fetch_from) continue;
      Event event;
      event.assigned = question.assigned;
      event.version = question.version;
      event.bytes = std::max(record.value().size(), 0);
      ConsumedRecord& consumed = event.record.emplace();
      consumed.topic = topic;
      consumed.partition = assigned.index;
      consumed.offset = offset;
      consumed.id = record.id();
      if (!record.key().is_null()) consumed.key = record.key().ToString();
      if (!record.value().is_null()) consumed.value = record.value().ToString();
      consumed.timestamp_ms = batch.timestamp_ms(record);
      if (recent()) consumed.leader_epoch = batch.header().partition_leader_epoch;
      for (int32_t i = 0; i < record.header_count(); ++i) {
        const Header header = record.header(i);
        consumed.headers.push_back({std::string(header.key), std::nullopt});
        if (!header.value.is_null()) consumed.headers.back().value = header.value.ToString();
      }
      Queue(std::move(event));
      queued = true;
    }
    if (batch.next_offset() <= assigned.fetch_from) continue;
    assigned.fetch_from = batch.next_offset();
    assigned.fetch_epoch = batch.header().partition_leader_epoch;
  }
  if (!TakeUnreadable(assigned, question, *records, queued)) return;
  // Bytes, and no message among them: the limit seems to be too tight.
  if (!queued && records->SizeInBytes() > 0 && assigned.max_bytes < kMostPartitionBytes)
    assigned.max_bytes *= 2;
}

bool RdkafkaConsumer::TakeUnreadable(Assigned& assigned, const Asked& question,
                                     const Records& records, bool queued) {
  const BatchCheck check =
      records.CheckRest(options_.config.check_crcs ? Checksums::kChecked : Checksums::kIgnored);
  const auto back_off = [&] {
    assigned.backoff_until = Now() + options_.config.fetch_error_backoff;
  };
  switch (check) {
    case BatchCheck::kBadCrc: {
      const BatchClaims claims = ClaimsOf(records.rest());
      Tell(assigned, question.version, "_BAD_MSG",
           absl::StrCat("MessageSet at offset ", claims.base_offset.value(), " (", claims.length,
                        " bytes) failed CRC32C check (original 0x",
                        absl::Hex(claims.stored_checksum), " != calculated 0x",
                        absl::Hex(claims.computed_checksum), ")"));
      if (!queued) back_off();
      return false;
    }
    case BatchCheck::kBadMagic: {
      const BatchClaims claims = ClaimsOf(records.rest());
      Tell(assigned, question.version, "_NOT_IMPLEMENTED",
           absl::StrCat("Unsupported Message(Set) MagicByte ", int{claims.magic}, " at offset ",
                        claims.base_offset.value()));
      // It is skipped, unless the messages before it say where to go on.
      if (!queued) assigned.fetch_from = Next(claims.base_offset);
      back_off();
      return false;
    }
    case BatchCheck::kBadLength:
      back_off();
      return false;
    default:
      return true;
  }
}

}  // namespace norn::model
