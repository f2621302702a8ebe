// One message of a librdkafka producer, from produce() to its delivery report, and the queues in
// which messages wait in the order of their numbers (rd_kafka_msg_t, rd_kafka_msgq_t).
//
// Messages lie 64 to a block, which is also what their futures point to: a message costs no
// allocation of its own unless it has bytes to keep. A queue links messages and owns none.
#ifndef NORN_MODEL_CLIENT_RDKAFKA_MESSAGE_H_
#define NORN_MODEL_CLIENT_RDKAFKA_MESSAGE_H_

#include <array>
#include <cstdint>
#include <memory>
#include <vector>

#include "model/client/compressed_size.h"
#include "model/client/delivery.h"
#include "model/error.h"
#include "model/ids.h"
#include "model/outcome.h"
#include "model/record/payload.h"
#include "model/record/record_set.h"
#include "sim/ref.h"
#include "sim/time.h"
#include "sim/waiter.h"

namespace norn::model::rdkafka {

class MessageBlock;

struct Message {
  MessageBlock* block = nullptr;
  Message* next = nullptr;  // in its queue
  // Counted from 1 within its partition, given when the partition is known; 0 before.
  uint64_t number = 0;
  // Idempotence: the last message of the batch this one began. A retry must be that batch again.
  uint64_t batch_end = 0;
  sim::Time enqueued;
  sim::Time expires;
  sim::Time backoff_until;
  int64_t timestamp_ms = 0;
  RecordId id;
  Payload key;  // kept bytes are in `bytes`
  Payload value;
  std::vector<Header> headers;
  int32_t headers_size = 0;                     // on the wire
  int32_t compression_ratio = kIncompressible;  // in millionths; for a codec to use
  std::unique_ptr<char[]> bytes;
  DeliveryCallback callback;
  PartitionIndex partition;
  int32_t retries = 0;
  int32_t requests = 0;  // Produce requests that carried it
  DeliveryStatus status = DeliveryStatus::kNotPersisted;
  // How it ended.
  bool settled = false;
  ClientError client_error = ClientError::kNone;
  Error error = Error::kNone;
  Offset offset;
  sim::Time at;

  // What the queue's limits and batch.size count.
  int64_t payload_size() const { return key.size() + value.size(); }
  // The most it may take in a request: 36 bytes of varints at their longest, as librdkafka reckons
  // for record format v2 (RD_KAFKAP_MESSAGE_V2_MAX_OVERHEAD).
  int64_t size_bound() const { return payload_size() + headers_size + kOverhead; }

  static constexpr int64_t kOverhead = 36;
};

// What the application is told of a settled message, in librdkafka's words.
DeliveryReport ReportOf(const Message& message);
// An error that produce() itself returned.
DeliveryReport RefusedReport(ClientError client_error, Error error, sim::Time at);

class MessageBlock final : public DeliverySource {
 public:
  static constexpr int32_t kMessages = 64;

  bool full() const { return used_ == kMessages; }
  // REQUIRES: !full().
  Message* Take();
  int32_t IndexOf(const Message* message) const {
    return static_cast<int32_t>(message - messages_.data());
  }
  // The message is settled and left its last queue: wakes who waits, lets go of its bytes.
  void Finish(Message* message);
  // Nobody will ever settle it: its producer is gone.
  void Abandon(Message* message);

  bool Settled(int32_t index) const override { return At(index).settled; }
  DeliveryReport ReportOf(int32_t index) const override { return rdkafka::ReportOf(At(index)); }
  sim::WaitList& waiters() override { return waiters_; }

 private:
  void LetGo(Message* message);
  const Message& At(int32_t index) const { return messages_[static_cast<size_t>(index)]; }

  std::array<Message, kMessages> messages_;
  int32_t used_ = 0;
  int32_t live_ = 0;
  sim::Ref<MessageBlock> self_;  // held while a message of it is in a queue
  sim::WaitList waiters_;
};

class MessageQueue {
 public:
  MessageQueue() = default;
  MessageQueue(const MessageQueue&) = delete;
  MessageQueue& operator=(const MessageQueue&) = delete;

  bool empty() const { return first_ == nullptr; }
  int64_t count() const { return count_; }
  int64_t bytes() const { return bytes_; }
  Message* first() const { return first_; }
  Message* last() const { return last_; }

  void PushBack(Message* message);
  // REQUIRES: !empty().
  Message* PopFront();
  // All of `other`, behind what is here.
  void Append(MessageQueue& other);
  // All of `other` at its place by number. REQUIRES: both are in order.
  void Merge(MessageQueue& other);
  // Moves those for which `take` holds to the end of `out`, in order.
  template <class Take>
  void MoveIf(MessageQueue& out, Take take) {
    MessageQueue kept;
    while (!empty()) {
      Message* message = PopFront();
      (take(*message) ? out : kept).PushBack(message);
    }
    Append(kept);
  }
  // When the first of them expires; Time::Max() if there is none.
  sim::Time FirstExpiry() const;

 private:
  Message* first_ = nullptr;
  Message* last_ = nullptr;
  int64_t count_ = 0;
  int64_t bytes_ = 0;
};

}  // namespace norn::model::rdkafka

#endif  // NORN_MODEL_CLIENT_RDKAFKA_MESSAGE_H_
