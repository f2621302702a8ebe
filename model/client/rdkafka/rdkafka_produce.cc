// Producing: from partition queues to requests, and what their ends mean (rdkafka_broker.c,
// rdkafka_request.c).
#include <algorithm>
#include <limits>
#include <utility>
#include <variant>

#include "model/client/rdkafka/rdkafka_producer.h"
#include "sim/check.h"

namespace norn::model {
namespace {

using rdkafka::Ending;
using rdkafka::Pid;
using sim::Time;

constexpr sim::Label kDrained{"produce request made"};
constexpr sim::Label kRetry{"messages put back"};
constexpr sim::Label kAcked{"messages acknowledged"};
constexpr sim::Label kPartition{"partition"};
constexpr sim::Label kRecords{"records"};
constexpr sim::Label kNumber{"first message"};

constexpr int64_t kIdempotentInFlight = 5;  // messages of a partition
constexpr absl::Duration kLastChance = absl::Milliseconds(100);
constexpr int64_t kJitterPercent = 20;

}  // namespace

int RdkafkaProducer::Serve(BrokerThread& thread, bool scan, Time* next_turn) {
  if (thread.toppars.empty()) return 0;
  const Pid pid = idempotence_.current();
  if (idempotent() && !pid.valid() && !scan) return 0;
  int made = 0;
  const size_t count = thread.toppars.size();
  const size_t first = thread.next_toppar % count;
  for (size_t i = 0; i < count && i < thread.toppars.size(); ++i)
    made +=
        ProduceFrom(*thread.toppars[(first + i) % thread.toppars.size()], thread, scan, next_turn);
  if (!thread.toppars.empty()) thread.next_toppar = (first + 1) % thread.toppars.size();
  return made;
}

sim::Time RdkafkaProducer::ReadyAt(const Toppar& toppar, bool ignores_linger) const {
  const Message* head = toppar.queue.first();
  if (head == nullptr) return Time::Max();
  const Time now = Now();
  if (head->backoff_until > now) return head->backoff_until;
  const RdkafkaProducerConfig& config = options_.config;
  if (ignores_linger || toppar.queue.count() >= config.batch_num_messages ||
      toppar.queue.bytes() >= config.batch_size)
    return now;
  return head->enqueued + config.linger;
}

int RdkafkaProducer::ProduceFrom(Toppar& toppar, BrokerThread& thread, bool scan, Time* next_turn) {
  const Time now = Now();
  if (scan && !toppar.queue.empty()) {
    const int64_t expired = ExpireMessages(toppar.queue);
    if (!toppar.queue.empty()) thread.NoteExpiry(toppar.queue.FirstExpiry());
    if (idempotent()) {
      if (!idempotence_.current().valid()) return 0;
      if (expired > 0) {
        // A hole in the sequence.
        idempotence_.DrainAndBump();
        return 0;
      }
    }
  }
  const Pid pid = idempotence_.current();
  if (idempotent() && !pid.valid()) return 0;
  if (idempotence_.fatal() || toppar.topic->state == Topic::State::kError) return 0;
  int64_t may_make =
      options_.config.queue_buffering_backpressure_threshold - thread.queued_requests();
  if (may_make <= 0 && !idempotent()) return 0;
  if (may_make > 0) toppar.TakeOver(now);
  const Time ready_at = ReadyAt(toppar, flushing());

  if (idempotent()) {
    if (toppar.pid != pid) thread.PurgeQueued(&toppar, Ending::kRetry);
    if (toppar.wait_drain) {
      if (toppar.messages_in_flight > 0) {
        thread.PurgeQueued(&toppar, Ending::kRetry);
        return 0;
      }
      toppar.wait_drain = false;
    }
    may_make = std::min(may_make, kIdempotentInFlight - toppar.messages_in_flight);
    if (may_make <= 0) return 0;
  }
  if (toppar.queue.empty()) return 0;
  if (idempotent() && toppar.pid != pid) {
    // Sequences begin again, once nothing of the old ones is under way.
    if (toppar.messages_in_flight > 0) return 0;
    toppar.pid = pid;
    toppar.epoch_base = toppar.queue.first()->number;
    toppar.next_ack_sequence = 0;
    toppar.next_error_sequence = 0;
  }
  if (!thread.up()) {
    thread.NeedConnection();
    return 0;
  }
  if (ready_at > now) {
    *next_turn = std::min(*next_turn, ready_at);
    return 0;
  }
  int made = 0;
  while (made < may_make && SendBatch(toppar, thread)) ++made;
  *next_turn = std::min(*next_turn, ReadyAt(toppar, flushing()));
  // What is ready and may not go yet waits for an answer, not for the clock.
  if (*next_turn <= now) *next_turn = Time::Max();
  return made;
}

rdkafka::Batch* RdkafkaProducer::TakeBatch() {
  if (batches_.empty()) {
    batches_out_.push_back(std::make_unique<Batch>());
  } else {
    batches_out_.push_back(std::move(batches_.back()));
    batches_.pop_back();
  }
  return batches_out_.back().get();
}

bool RdkafkaProducer::SendBatch(Toppar& toppar, BrokerThread& thread) {
  const Time now = Now();
  if (toppar.queue.empty() || toppar.queue.first()->backoff_until > now) return false;
  Batch* const batch = TakeBatch();
  bool consistent = true;
  wire::ProduceRequest request =
      writer_.Write(toppar, idempotence_.current(), now, *batch, &consistent);
  if (!consistent) {
    toppar.queue.Merge(batch->messages);
    batches_.push_back(std::move(batches_out_.back()));
    batches_out_.pop_back();
    SetFatal(Error::kNone, ClientError::kInconsistent);
    return false;
  }
  const int64_t count = batch->messages.count();
  if (toppar.messages_in_flight == 0 && idempotent()) idempotence_.PartitionInFlight();
  toppar.messages_in_flight += count;
  context_.sim->Note(kDrained, {{&kPartition, toppar.index.value()},
                                {&kRecords, count},
                                {&kNumber, static_cast<int64_t>(batch->first_number)}});
  const Time expires =
      std::min(std::max(batch->messages.first()->expires, now + kLastChance), thread.Deadline());
  thread.Enqueue(
      Api::kProduce, std::move(request), options_.config.acks != Acks::kNone, expires, &toppar,
      [this, batch, thread = &thread](Ending how, bool was_sent, ResponseEnvelope* response) {
        OnProduceEnd(*batch, *thread, how, was_sent, response);
      });
  return true;
}

void RdkafkaProducer::OnProduceEnd(Batch& batch, BrokerThread& thread, Ending how, bool was_sent,
                                   ResponseEnvelope* response) {
  Toppar& toppar = *batch.toppar;
  toppar.messages_in_flight -= batch.messages.count();
  NORN_CHECK(toppar.messages_in_flight >= 0);
  const bool drained = toppar.messages_in_flight == 0;
  if (how == Ending::kDestroyed && closed_) return;  // destroy() tells nobody
  if (how != Ending::kAnswered) {
    OnProduceError(batch, JudgeEnding(how), was_sent);
  } else if (response == nullptr) {
    // acks=0: the bytes are on their way, and that is all there will be to know.
    Report(batch.messages, ClientError::kNone, Error::kNone, DeliveryStatus::kPossiblyPersisted);
  } else {
    const auto& answer = std::get<wire::ProduceResponse>(response->body);
    const wire::ProduceResponse::Partition& partition = answer.topics[0].partitions[0];
    if (partition.error == Error::kNone) {
      OnProduceSuccess(batch, partition.base_offset);
    } else {
      Verdict verdict = JudgeAnswer(partition.error, partition.base_offset);
      verdict.leader_told = LearnLeader(toppar, partition.current_leader, answer.node_endpoints);
      OnProduceError(batch, verdict, true);
    }
  }
  if (drained && idempotent()) idempotence_.PartitionDrained();
  // Nobody will serve what came back to a partition that has left; it goes with its last request.
  if (drained && toppar.gone) Report(toppar.queue, ClientError::kUnknownPartition, Error::kNone);
  const auto out = std::find_if(batches_out_.begin(), batches_out_.end(),
                                [&](const auto& held) { return held.get() == &batch; });
  std::swap(*out, batches_out_.back());
  batches_.push_back(std::move(batches_out_.back()));
  batches_out_.pop_back();
  if (toppar.broker != nullptr && !toppar.queue.empty()) {
    toppar.broker->NoteExpiry(toppar.queue.FirstExpiry());
    if (toppar.broker != &thread || how != Ending::kAnswered) toppar.broker->Wake();
  } else if (!toppar.queue.empty()) {
    NoteUnservedExpiry(toppar.queue.FirstExpiry());
  }
}

void RdkafkaProducer::OnProduceSuccess(Batch& batch, Offset base_offset) {
  Toppar& toppar = *batch.toppar;
  context_.sim->Note(kAcked, {{&kPartition, toppar.index.value()},
                              {&kRecords, batch.messages.count()},
                              {&kNumber, static_cast<int64_t>(batch.first_number)}});
  if (idempotent()) {
    if (toppar.acked + 1 < batch.first_number) {
      // Earlier ones whose answer was lost must be in the log: acknowledged with these.
      MessageQueue earlier;
      toppar.queue.MoveIf(
          earlier, [&](const Message& message) { return message.number <= batch.last_number; });
      Report(earlier, ClientError::kNone, Error::kNone, DeliveryStatus::kPersisted);
    } else if (batch.first_sequence != toppar.next_ack_sequence &&
               batch.first_sequence == toppar.next_error_sequence) {
      SetFatal(Error::kNone, ClientError::kInconsistent);
    }
    if (toppar.next_error_sequence == toppar.next_ack_sequence)
      toppar.next_error_sequence = batch.next_sequence;
    toppar.next_ack_sequence = batch.next_sequence;
    toppar.acked = std::max(toppar.acked, batch.last_number);
  }
  int64_t index = 0;
  while (!batch.messages.empty()) {
    Message* message = batch.messages.PopFront();
    message->status = DeliveryStatus::kPersisted;
    if (base_offset >= Offset(0)) message->offset = base_offset + RecordCount(index);
    ++index;
    Settle(message);
  }
}

// --- What an end means (rd_kafka_handle_Produce_error, rd_kafka_err_action).

RdkafkaProducer::Verdict RdkafkaProducer::JudgeEnding(Ending how) {
  Verdict verdict;
  switch (how) {
    case Ending::kTransport:
    case Ending::kDestroyed:  // the broker was let go, not the producer
      verdict.refresh = true;
      verdict.status = DeliveryStatus::kPossiblyPersisted;
      verdict.client_error = ClientError::kTransport;
      return verdict;
    case Ending::kTimedOut:
      verdict.retry = true;
      verdict.status = DeliveryStatus::kPossiblyPersisted;
      verdict.client_error = ClientError::kMsgTimedOut;
      return verdict;
    case Ending::kTimedOutQueue:
      verdict.retry = true;
      verdict.client_error = ClientError::kMsgTimedOut;
      return verdict;
    case Ending::kPurgedInFlight:
      verdict.permanent = true;
      verdict.status = DeliveryStatus::kPossiblyPersisted;
      verdict.client_error = ClientError::kPurgeInflight;
      return verdict;
    case Ending::kPurgedQueue:
      verdict.permanent = true;
      verdict.client_error = ClientError::kPurgeQueue;
      return verdict;
    case Ending::kRetry:
    case Ending::kAnswered:
      verdict.retry = true;
      verdict.client_error = ClientError::kTransport;
      return verdict;
  }
  return verdict;
}

RdkafkaProducer::Verdict RdkafkaProducer::JudgeAnswer(Error error, Offset) const {
  Verdict verdict;
  verdict.error = error;
  switch (error) {
    case Error::kUnknownTopicOrPartition:
    case Error::kLeaderNotAvailable:
    case Error::kNotLeaderOrFollower:
    case Error::kBrokerNotAvailable:
    case Error::kReplicaNotAvailable:
      verdict.refresh = true;
      verdict.counts = false;
      return verdict;
    case Error::kKafkaStorageError:
      verdict.refresh = true;
      return verdict;
    case Error::kNotEnoughReplicas:
      verdict.retry = true;
      return verdict;
    case Error::kRequestTimedOut:
    case Error::kNotEnoughReplicasAfterAppend:
      verdict.retry = true;
      verdict.status = DeliveryStatus::kPossiblyPersisted;
      return verdict;
    case Error::kCorruptMessage:
      verdict.retry = recent();
      verdict.permanent = !recent();
      return verdict;
    case Error::kOutOfOrderSequenceNumber:
    case Error::kDuplicateSequenceNumber:
      verdict.permanent = true;
      verdict.status = DeliveryStatus::kPossiblyPersisted;
      return verdict;
    default:
      verdict.permanent = true;
      return verdict;
  }
}

void RdkafkaProducer::JudgeIdempotence(const Batch& batch, Verdict& verdict) {
  Toppar& toppar = *batch.toppar;
  batch.messages.first()->batch_end = batch.messages.last()->number;
  const auto permanent = [&] {
    verdict.retry = verdict.refresh = false;
    verdict.permanent = true;
    verdict.status = DeliveryStatus::kPossiblyPersisted;
  };
  const auto again = [&] {
    verdict.permanent = false;
    verdict.retry = true;
    verdict.counts = false;
    verdict.status = DeliveryStatus::kNotPersisted;
    verdict.move_error = true;
    idempotence_.DrainAndBump();
  };
  if (batch.pid != toppar.pid) {
    permanent();
    return;
  }
  switch (verdict.error) {
    case Error::kOutOfOrderSequenceNumber:
      if (batch.first_sequence == toppar.next_ack_sequence) {
        // The first in flight: client and broker disagree, and nobody can tell what is stored.
        SetFatal(verdict.error, ClientError::kNone);
        permanent();
        verdict.move_error = true;
      } else if (batch.first_sequence > toppar.next_ack_sequence) {
        again();  // one before it failed
      } else {
        SetFatal(verdict.error, ClientError::kNone);
        permanent();
      }
      return;
    case Error::kDuplicateSequenceNumber:
      verdict.succeeded = true;
      verdict.permanent = false;
      verdict.status = DeliveryStatus::kPersisted;
      verdict.move_ack = verdict.move_error = true;
      return;
    case Error::kUnknownProducerId:
      if (batch.messages.first()->retries == 0 &&
          toppar.next_error_sequence == batch.first_sequence) {
        again();
        return;
      }
      SetFatal(verdict.error, ClientError::kNone);
      permanent();
      verdict.move_error = true;
      return;
    default:
      return;
  }
}

void RdkafkaProducer::OnProduceError(Batch& batch, Verdict verdict, bool was_sent) {
  Toppar& toppar = *batch.toppar;
  if (idempotent()) JudgeIdempotence(batch, verdict);
  bool done = false;
  if (verdict.refresh || verdict.retry) {
    if (verdict.refresh && !verdict.leader_told) LeaderUnavailable(toppar);
    if (!was_sent) verdict.counts = false;
    // Not counted means that it cannot have been stored.
    if (!verdict.counts) verdict.status = DeliveryStatus::kNotPersisted;
    if (idempotent()) {
      // 2.0.2 takes what may have been stored for acknowledged: the next in flight is then the one
      // that comes next, and an OUT_OF_ORDER_SEQUENCE_NUMBER for it fatal (recording 100;
      // librdkafka 4438).
      verdict.move_ack = !recent() && verdict.status == DeliveryStatus::kPossiblyPersisted;
      verdict.move_error = true;
      toppar.wait_drain = true;
    }
    RetryMessages(toppar, batch.messages, verdict.counts, verdict.status);
    done = batch.messages.empty();
  }
  if (!done && verdict.permanent && idempotent()) {
    if (options_.config.enable_gapless_guarantee) SetFatal(verdict.error, verdict.client_error);
    if (!idempotence_.fatal()) idempotence_.DrainAndBump();
    verdict.move_ack = false;
    verdict.move_error = true;
  }
  if (verdict.move_ack) toppar.next_ack_sequence = batch.next_sequence;
  if (verdict.move_error) toppar.next_error_sequence = batch.next_sequence;
  if (done) return;
  if (verdict.error == Error::kTopicAuthorizationFailed) RefuseTopic(*toppar.topic, verdict.error);
  if (verdict.succeeded) {
    Report(batch.messages, ClientError::kNone, Error::kNone, DeliveryStatus::kPersisted);
  } else {
    Report(batch.messages, verdict.client_error, verdict.error, verdict.status);
  }
}

void RdkafkaProducer::RetryMessages(Toppar& toppar, MessageQueue& messages, bool counts,
                                    DeliveryStatus status) {
  const RdkafkaProducerConfig& config = options_.config;
  const Time now = Now();
  const int64_t initial_ms = absl::ToInt64Milliseconds(config.retry_backoff);
  // One draw for the batch: its messages stay together.
  const int64_t percent =
      100 - kJitterPercent +
      static_cast<int64_t>(context_.sim->chance().Uniform(
          backoff_stream_, sim::Key(backoffs_++), static_cast<uint64_t>(2 * kJitterPercent + 1)));
  MessageQueue again;
  messages.MoveIf(again, [&](Message& message) {
    const int64_t retries = int64_t{message.retries} + (counts ? 1 : 0);
    if (retries > config.retries) return false;
    message.retries = static_cast<int32_t>(retries);
    absl::Duration wait = config.retry_backoff;
    if (recent()) {
      const int64_t doublings = std::clamp<int64_t>(retries - 1, 0, 30);
      wait = std::min(absl::Microseconds((initial_ms << doublings) * percent * 10),
                      config.retry_backoff_max);
    }
    message.backoff_until = now + wait;
    // What may have been stored once stays so.
    if (status != DeliveryStatus::kNotPersisted) message.status = status;
    return true;
  });
  if (again.empty()) return;
  context_.sim->Note(kRetry, {{&kPartition, toppar.index.value()},
                              {&kRecords, again.count()},
                              {&kNumber, static_cast<int64_t>(again.first()->number)}});
  toppar.queue.Merge(again);
}

int64_t RdkafkaProducer::ExpireMessages(MessageQueue& queue) {
  const Time now = Now();
  if (queue.FirstExpiry() > now) return 0;
  MessageQueue expired;
  queue.MoveIf(expired, [now](const Message& message) { return message.expires <= now; });
  const int64_t count = expired.count();
  Report(expired, ClientError::kMsgTimedOut, Error::kNone);
  return count;
}

void RdkafkaProducer::SetFatal(Error error, ClientError client_error) {
  if (idempotence_.fatal()) return;
  idempotence_.SetFatal(error);
  (void)client_error;
}

// What waits is given up; what is in flight still gets its answer. The threads are asked for it,
// and do it when they have handled the answers that are there already: what these put back goes
// too.
void RdkafkaProducer::OnFatal() {
  purge_asked_ = true;
  operations_timer_.SetAfter(absl::ZeroDuration());
}

// The topic is closed to the application at once; its partitions leave their threads by an
// operation, as in a purge.
void RdkafkaProducer::RefuseTopic(Topic& topic, Error error) {
  if (topic.state == Topic::State::kError && topic.error == error) return;
  topic.state = Topic::State::kError;
  topic.error = error;
  refused_topics_.push_back(&topic);
  // Nothing is written before that: what waits to be goes back.
  for (const auto& toppar : topic.partitions)
    if (toppar->broker != nullptr) toppar->broker->PurgeQueued(toppar.get(), Ending::kRetry);
  operations_timer_.SetAfter(absl::ZeroDuration());
}

void RdkafkaProducer::ServeOperations() {
  if (std::exchange(purge_asked_, false)) Purge({.queue = true, .in_flight = false});
  for (Topic* topic : std::exchange(refused_topics_, {})) {
    if (topic->state != Topic::State::kError) continue;
    RemovePartitions(*topic, 0);
    Report(topic->unassigned, ClientError::kNone, topic->error);
  }
}

void RdkafkaProducer::OnPid() {
  for (Thread& entry : threads_) entry.thread->WakeUp();
}

}  // namespace norn::model
