#include "model/client/java/java_consumer.h"

#include <algorithm>

#include "sim/check.h"

namespace norn::model {
namespace {

using sim::Time;

constexpr sim::Label kConsumer{"consumer"};
constexpr sim::Label kRead{"records handed out"};
constexpr sim::Label kRecords{"records"};

// What Java asks at most per broker beside a fetch: one Fetch and a few small requests.
constexpr int32_t kMaxInFlight = 100;

}  // namespace

JavaConsumer::JavaConsumer(ClientContext context, Options options)
    : context_(context),
      options_(std::move(options)),
      owner_(context_.node->owner()),
      log_(context_.sim, "[Consumer clientId=" + options_.client_id + ", groupId=null] "),
      metadata_({.bootstrap = options_.bootstrap,
                 .max_age = options_.config.metadata_max_age,
                 .refresh_backoff =
                     Backoff::Of(options_.config.retry_backoff, options_.config.retry_backoff_max),
                 .partial_updates = false},
                &context_.sim->chance(), options_.name),
      network_(context_,
               {.name = options_.name,
                .client_id = options_.client_id,
                .flavour = options_.config.flavour,
                .config = options_.config,
                .max_in_flight = kMaxInFlight,
                .log = log_},
               &metadata_, this),
      timer_(*context_.sim, kConsumer, Tick{this}) {}

JavaConsumer::~JavaConsumer() = default;

JavaConsumer::Partition* JavaConsumer::Find(int32_t topic, PartitionIndex index) {
  for (Partition& partition : partitions_)
    if (partition.topic == topic && partition.index == index) return &partition;
  return nullptr;
}

const JavaConsumer::Partition* JavaConsumer::Find(std::string_view topic, int32_t index) const {
  for (const Partition& partition : partitions_)
    if (metadata_.topic(partition.topic).name.text() == topic && partition.index.value() == index)
      return &partition;
  return nullptr;
}

void JavaConsumer::Assign(std::string_view topic, const std::vector<int32_t>& partitions) {
  const int32_t number = metadata_.TopicNumber(topic);
  metadata_.Want(number);
  for (int32_t index : partitions) {
    if (Find(number, PartitionIndex(index)) != nullptr) continue;
    Partition partition;
    partition.topic = number;
    partition.index = PartitionIndex(index);
    partitions_.push_back(std::move(partition));
  }
}

void JavaConsumer::Seek(std::string_view topic, int32_t partition, Offset offset) {
  Partition* found = Find(metadata_.TopicNumber(topic), PartitionIndex(partition));
  NORN_CHECK(found != nullptr) << topic << "-" << partition << " is not assigned";
  SetPosition(*found, offset, LeaderEpoch::None());
}

Offset JavaConsumer::Position(std::string_view topic, int32_t partition) const {
  const Partition* found = Find(topic, partition);
  NORN_CHECK(found != nullptr) << topic << "-" << partition << " is not assigned";
  return found->awaits_validation ? Offset::None() : found->position;
}

sim::Future<PollResult> JavaConsumer::Poll(absl::Duration timeout) {
  NORN_CHECK(!poll_.has_value()) << "poll() is called by one thread at a time";
  sim::OwnerScope scope(*context_.sim, owner_);
  poll_.emplace(*context_.sim);
  sim::Future<PollResult> future = poll_->future();
  poll_deadline_ = context_.Wall() + timeout;
  Run();
  return future;
}

void JavaConsumer::Close() {
  network_.Close();
  timer_.Cancel();
}

void JavaConsumer::Run() {
  if (running_) {
    run_again_ = true;
    return;
  }
  running_ = true;
  Time next;
  do {
    run_again_ = false;
    next = Time::Max();
    if (!poll_.has_value()) break;
    LookAtLeaders();
    SendValidations();
    SendFetches();
    next = std::min(network_.Poll(), poll_deadline_);
    AnswerPoll(context_.Wall() >= poll_deadline_);
  } while (run_again_);
  for (const Partition& partition : partitions_) {
    if (partition.not_before > context_.Wall()) next = std::min(next, partition.not_before);
    // It may be the connection that is waited for.
    if (partition.awaits_validation)
      next = std::min(next, context_.Wall() + options_.config.retry_backoff);
  }
  running_ = false;
  if (poll_.has_value() && next < Time::Max()) {
    timer_.Set(context_.WhenWall(next));
  } else {
    timer_.Cancel();
  }
}

void JavaConsumer::AnswerPoll(bool timed_out) {
  if (!poll_.has_value()) return;
  PollResult result;
  if (!exception_.empty()) {
    result.exception = std::exchange(exception_, {});
    result.message = std::exchange(message_, {});
  } else {
    for (Partition& partition : partitions_) {
      while (!partition.buffered.empty() &&
             static_cast<int32_t>(result.records.size()) < options_.config.max_poll_records) {
        partition.position = Next(partition.buffered.front().offset);
        partition.position_epoch = partition.buffered.front().leader_epoch;
        result.records.push_back(std::move(partition.buffered.front()));
        partition.buffered.pop_front();
      }
      if (!partition.buffered.empty() || !partition.unreadable.has_value()) continue;
      // What was fetched of other partitions waits behind it.
      if (result.records.empty()) {
        result.exception = partition.unreadable->exception;
        result.message = partition.unreadable->message;
      }
      break;
    }
    if (result.records.empty() && result.exception.empty() && !timed_out) return;
  }
  if (options_.history != nullptr && options_.history->kept()) {
    for (const ConsumedRecord& record : result.records)
      options_.history->OnRead({options_.name, record.topic, record.partition, record.offset,
                                record.id, context_.sim->Now()});
  }
  context_.sim->Note(kRead, {{&kRecords, static_cast<int64_t>(result.records.size())}});
  // The next fetch is under way while the application works on these.
  SendFetches();
  std::optional<sim::Promise<PollResult>> poll = std::move(poll_);
  poll_.reset();
  poll->Set(std::move(result));
}

JavaConsumer::Source& JavaConsumer::SourceOf(BrokerId broker) {
  for (Source& source : sources_)
    if (source.broker == broker) return source;
  sources_.emplace_back();
  sources_.back().broker = broker;
  return sources_.back();
}

void JavaConsumer::SendFetches() {
  const Time now = context_.Wall();
  for (const ClientMetadata::Node& node : std::vector(metadata_.nodes())) {
    std::vector<Asked> asked;
    bool needs_offsets = false;
    bool buffered = false;
    for (Partition& partition : partitions_) {
      const BrokerId leader = partition.position.is_none()
                                  ? metadata_.LeaderOf(partition.topic, partition.index)
                                  : partition.leader.id;
      if (leader.is_none()) {
        metadata_.RequestUpdate();
        continue;
      }
      if (leader != node.id) continue;
      buffered = buffered || partition.holds_fetched();
      if (partition.in_flight || partition.awaits_validation || partition.holds_fetched() ||
          partition.not_before > now)
        continue;
      if (partition.position.is_none()) {
        needs_offsets = true;
      } else {
        asked.push_back({partition.topic, partition.index, partition.fetch_from});
      }
    }
    if (needs_offsets) SendListOffsets(node.id);
    if (asked.empty()) continue;
    // One Fetch per broker at a time. Since 4.1 none either while records of that broker wait for
    // the application: the partitions left out would lose their place in the session.
    Source& source = SourceOf(node.id);
    if (source.in_flight || (buffered && options_.config.flavour != Flavour::kJava39)) continue;
    if (network_.Ready(node.id)) SendFetch(source, asked);
  }
}

void JavaConsumer::SendFetch(Source& source, const std::vector<Asked>& asked) {
  wire::FetchRequest request;
  request.max_wait_ms =
      static_cast<int32_t>(absl::ToInt64Milliseconds(options_.config.fetch_max_wait));
  request.min_bytes = static_cast<int32_t>(options_.config.fetch_min_bytes);
  request.max_bytes = static_cast<int32_t>(options_.config.fetch_max_bytes);
  std::vector<FetchSessionHandler::Wanted> wanted;
  for (const Asked& each : asked) {
    const ClientMetadata::Topic& known = metadata_.topic(each.topic);
    FetchSessionHandler::Wanted want;
    want.topic = known.name;
    want.topic_id = known.id;
    want.partition.partition = each.index;
    want.partition.current_leader_epoch = Find(each.topic, each.index)->leader.epoch;
    want.partition.fetch_offset = each.from;
    want.partition.partition_max_bytes =
        static_cast<int32_t>(options_.config.max_partition_fetch_bytes);
    wanted.push_back(std::move(want));
  }
  source.session.Build(wanted, &request);
  source.in_flight = true;
  network_.Send(source.broker, Api::kFetch, std::move(request), /*expect_answer=*/true,
                [this, broker = source.broker, asked](Completion how, ResponseEnvelope* response) {
                  OnFetched(broker, how, response, asked);
                });
}

void JavaConsumer::Retry(Partition& partition, Error error) {
  if (RefreshesMetadata(error)) metadata_.RequestUpdate();
  partition.not_before = context_.Wall() + options_.config.retry_backoff;
}

void JavaConsumer::OnFetched(BrokerId broker, Completion how, ResponseEnvelope* response,
                             const std::vector<Asked>& asked) {
  Source& source = SourceOf(broker);
  source.in_flight = false;
  if (how != Completion::kAnswered) {
    source.session.OnFailure();
    return;
  }
  auto& answers = std::get<wire::FetchResponse>(response->body);
  const int32_t session_id = source.session.session_id();
  const int32_t session_epoch = source.session.session_epoch();
  if (!source.session.OnAnswer(answers)) {
    log_([&] {
      return "Node " + std::to_string(broker.value()) +
             " was unable to process the fetch request with (sessionId=" +
             std::to_string(session_id) + ", epoch=" + std::to_string(session_epoch) +
             "): " + std::string(Name(answers.error)) + ".";
    });
    return;
  }
  for (const auto& topic : answers.topics) {
    const int32_t number = response->version >= 13 ? metadata_.FindTopic(topic.topic_id)
                                                   : metadata_.FindTopic(topic.topic.text());
    for (const auto& answer : topic.partitions) {
      Partition* partition = Find(number, answer.partition_index);
      const auto question = std::find_if(asked.begin(), asked.end(), [&](const Asked& each) {
        return each.topic == number && each.index == answer.partition_index;
      });
      // The position may have moved by a seek since: the answer is to another question.
      if (partition == nullptr || question == asked.end() ||
          partition->fetch_from != question->from || partition->position.is_none())
        continue;
      const bool has_hint =
          answer.error == Error::kNotLeaderOrFollower || answer.error == Error::kFencedLeaderEpoch;
      if (has_hint && metadata_.UpdateLeader(number, answer.partition_index, answer.current_leader,
                                             answers.node_endpoints)) {
        metadata_.RequestUpdate();
        LookAtLeader(*partition);
        continue;
      }
      // Nor is what comes during a validation taken.
      if (partition->awaits_validation) continue;
      if (answer.error == Error::kOffsetOutOfRange) {
        OnOutOfRange(*partition);
      } else if (answer.error != Error::kNone) {
        Retry(*partition, answer.error);
      } else if (answer.records.has_value()) {
        Take(*partition, *answer.records);
      }
    }
  }
}

void JavaConsumer::OnOutOfRange(Partition& partition) {
  const std::string text = "Fetch position " + std::to_string(partition.fetch_from.value()) +
                           " is out of range for partition " + NameOf(partition);
  if (options_.config.auto_offset_reset != OffsetReset::kNone) {
    log_([&] { return text + ", resetting offset"; });
    partition.position = Offset::None();
    return;
  }
  // The position stays; the application is told at each poll.
  log_([&] {
    return text + ", raising error to the application since no reset policy is configured";
  });
  exception_ = "OffsetOutOfRangeException";
  message_ = text;
  partition.not_before = context_.Wall() + options_.config.retry_backoff;
}

void JavaConsumer::Take(Partition& partition, const Records& fetched) {
  const std::string topic(metadata_.topic(partition.topic).name.text());
  const Checksums checksums =
      options_.config.check_crcs ? Checksums::kChecked : Checksums::kIgnored;
  Records unchecked;
  const Records* records = &fetched;
  if (fetched.rest_size() > 0) {
    if (checksums == Checksums::kIgnored) {
      unchecked = fetched.WithoutChecksums();
      records = &unchecked;
    }
    partition.unreadable =
        FindUnreadable(*records, checksums, topic + "-" + std::to_string(partition.index.value()),
                       partition.fetch_from);
  }
  for (const RecordBatch& batch : records->batches()) {
    for (const RecordView record : batch.records()) {
      const Offset offset = batch.base_offset() + RecordCount(record.offset_delta());
      // The batch may begin before the position.
      if (offset < partition.fetch_from) continue;
      ConsumedRecord consumed;
      consumed.topic = topic;
      consumed.partition = partition.index;
      consumed.offset = offset;
      consumed.id = record.id();
      if (!record.key().is_null()) consumed.key = record.key().ToString();
      if (!record.value().is_null()) consumed.value = record.value().ToString();
      consumed.timestamp_ms = batch.timestamp_ms(record);
      consumed.leader_epoch = batch.header().partition_leader_epoch;
      for (int32_t i = 0; i < record.header_count(); ++i) {
        const Header header = record.header(i);
        consumed.headers.push_back({std::string(header.key), std::nullopt});
        if (!header.value.is_null()) consumed.headers.back().value = header.value.ToString();
      }
      partition.buffered.push_back(std::move(consumed));
    }
    partition.fetch_from = batch.next_offset();
  }
}

}  // namespace norn::model
