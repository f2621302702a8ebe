#include "model/client/rdkafka/rdkafka_consumer.h"

#include <algorithm>
#include <utility>

#include "model/client/rdkafka/error_text.h"
#include "sim/check.h"

namespace norn::model {
namespace {

constexpr sim::Label kPollTimeout{"timeout of poll"};
constexpr sim::Label kRead{"records read"};
constexpr sim::Label kRecords{"records"};
constexpr sim::Label kTold{"error callback"};
constexpr sim::Label kPartition{"partition"};

}  // namespace

RdkafkaConsumer::RdkafkaConsumer(ClientContext context, Options options)
    : MainThread(context, {.name = options.name,
                           .config = options.config,
                           .bootstrap = options.bootstrap,
                           .creates_topics = false,
                           .most_response_bytes = options.config.receive_message_max_bytes}),
      options_(std::move(options)),
      owner_(context_.node->owner()),
      poll_timer_(*context_.sim, kPollTimeout, {this}) {
  Begin();
}

// The machine dies: nobody is told anything.
RdkafkaConsumer::~RdkafkaConsumer() { closed_ = true; }

RdkafkaConsumer::Assigned* RdkafkaConsumer::Find(std::string_view topic, int32_t partition) const {
  for (const auto& assigned : assigned_)
    if (assigned->index.value() == partition && assigned->topic->name.text() == topic)
      return assigned.get();
  return nullptr;
}

std::string RdkafkaConsumer::NameOf(const Assigned& assigned) const {
  return std::string(assigned.topic->name.text()) + " [" + std::to_string(assigned.index.value()) +
         "]";
}

void RdkafkaConsumer::Assign(std::string_view topic, const std::vector<int32_t>& partitions) {
  sim::OwnerScope scope(*context_.sim, owner_);
  for (const int32_t partition : partitions) {
    if (Find(topic, partition) != nullptr) continue;
    const auto place = static_cast<int32_t>(assigned_.size());
    assigned_.push_back(std::make_unique<Assigned>(*context_.sim, QueryAgain{this, place},
                                                   ValidateAgain{this, place}));
    Assigned& assigned = *assigned_.back();
    assigned.topic = &TopicOf(topic);
    assigned.index = PartitionIndex(partition);
    assigned.max_bytes = options_.config.fetch_message_max_bytes;
    if (assigned.topic->state == Topic::State::kExists) OnTopic(*assigned.topic);
  }
}

void RdkafkaConsumer::Seek(std::string_view topic, int32_t partition, Offset offset) {
  sim::OwnerScope scope(*context_.sim, owner_);
  Assigned* assigned = Find(topic, partition);
  NORN_CHECK(assigned != nullptr) << topic << "-" << partition << " is not assigned";
  if (assigned->state == Assigned::State::kNone) return;
  ++assigned->version;
  assigned->position = Offset::None();
  StartAt(*assigned, offset);
  // The thread looks at it before the application comes to poll.
  if (assigned->toppar != nullptr && assigned->toppar->broker != nullptr)
    assigned->toppar->broker->WakeNow();
}

Offset RdkafkaConsumer::Position(std::string_view topic, int32_t partition) const {
  const Assigned* assigned = Find(topic, partition);
  NORN_CHECK(assigned != nullptr) << topic << "-" << partition << " is not assigned";
  return assigned->position;
}

// --- The queue.

bool RdkafkaConsumer::IsOutdated(const Event& event) const {
  return event.version != 0 &&
         event.version < assigned_[static_cast<size_t>(event.assigned)]->version;
}

bool RdkafkaConsumer::QueueIsFull() const {
  return static_cast<int64_t>(events_.size()) >= options_.config.queued_min_messages ||
         event_bytes_ >= options_.config.queued_max_messages_kbytes * 1024;
}

void RdkafkaConsumer::Queue(Event event) {
  event_bytes_ += event.bytes;
  events_.push_back(std::move(event));
}

void RdkafkaConsumer::Tell(const Assigned& assigned, uint64_t version, std::string_view error,
                           std::string message) {
  Event event;
  event.version = version;
  event.error = error;
  event.message = std::move(message);
  for (size_t i = 0; i < assigned_.size(); ++i)
    if (assigned_[i].get() == &assigned) event.assigned = static_cast<int32_t>(i);
  Queue(std::move(event));
  AnswerPoll(/*timed_out=*/false);
}

sim::Future<PollResult> RdkafkaConsumer::Poll(absl::Duration timeout) {
  NORN_CHECK(!poll_.has_value()) << "poll() is called by one thread at a time";
  sim::OwnerScope scope(*context_.sim, owner_);
  poll_.emplace(*context_.sim);
  sim::Future<PollResult> future = poll_->future();
  AnswerPoll(/*timed_out=*/timeout <= absl::ZeroDuration());
  if (poll_.has_value() && timeout < absl::InfiniteDuration()) poll_timer_.SetAfter(timeout);
  return future;
}

void RdkafkaConsumer::AnswerPoll(bool timed_out) {
  if (!poll_.has_value()) return;
  PollResult result;
  bool found = false;
  while (!found && !events_.empty()) {
    Event event = std::move(events_.front());
    events_.pop_front();
    event_bytes_ -= event.bytes;
    if (IsOutdated(event)) continue;
    found = true;
    if (event.record.has_value()) {
      assigned_[static_cast<size_t>(event.assigned)]->position = Next(event.record->offset);
      result.records.push_back(*std::move(event.record));
    } else {
      result.exception = std::move(event.error);
      result.message = std::move(event.message);
    }
  }
  if (waits_for_room_ && !QueueIsFull()) {
    waits_for_room_ = false;
    for (Thread& entry : threads_) entry.thread->Wake();
  }
  if (!found && !timed_out) return;
  if (options_.history != nullptr && options_.history->kept()) {
    for (const ConsumedRecord& record : result.records)
      options_.history->OnRead(
          {options_.name, record.topic, record.partition, record.offset, record.id, Now()});
  }
  context_.sim->Note(kRead, {{&kRecords, static_cast<int64_t>(result.records.size())}});
  poll_timer_.Cancel();
  std::optional<sim::Promise<PollResult>> poll = std::move(poll_);
  poll_.reset();
  poll->Set(std::move(result));
}

void RdkafkaConsumer::Close() {
  sim::OwnerScope scope(*context_.sim, owner_);
  for (const auto& assigned : assigned_) {
    assigned->query_timer.Cancel();
    assigned->validate_timer.Cancel();
  }
  End();
}

// --- What the main thread asks and tells.

bool RdkafkaConsumer::Misses(const Topic& topic) const {
  return std::any_of(assigned_.begin(), assigned_.end(), [&](const auto& assigned) {
    return assigned->topic == &topic && assigned->toppar == nullptr;
  });
}

void RdkafkaConsumer::OnTopic(Topic& topic) {
  for (size_t i = 0; i < assigned_.size(); ++i) {
    Assigned& assigned = *assigned_[i];
    if (assigned.topic != &topic || assigned.toppar != nullptr) continue;
    const auto index = static_cast<size_t>(assigned.index.value());
    if (index >= topic.partitions.size()) {
      // Told through the error callback, not by poll().
      context_.sim->Note(kTold, {{&kPartition, assigned.index.value()}}, [&] {
        return NameOf(assigned) + ": desired partition is not available (Local: Unknown partition)";
      });
      continue;
    }
    assigned.toppar = topic.partitions[index].get();
    assigned.toppar->assigned = static_cast<int32_t>(i);
    if (assigned.state == Assigned::State::kStart) {
      Reset(assigned, BrokerId::None(), "no previously committed offset available",
            "Local: No offset stored");
    }
    if (assigned.toppar->broker != nullptr) assigned.toppar->broker->Wake();
  }
}

void RdkafkaConsumer::OnTopicGone(Topic& topic) {
  for (const auto& assigned : assigned_) {
    if (assigned->topic != &topic) continue;
    context_.sim->Note(kTold, {{&kPartition, assigned->index.value()}}, [&] {
      return NameOf(*assigned) + ": topic does not exist (" + rdkafka::ErrorText(topic.error) + ")";
    });
  }
}

void RdkafkaConsumer::OnPartitionGone(Toppar& toppar) {
  if (toppar.assigned < 0) return;
  assigned_[static_cast<size_t>(toppar.assigned)]->toppar = nullptr;
  toppar.assigned = -1;
}

}  // namespace norn::model
