// From a partition's queue to the batch of one ProduceRequest (rdkafka_msgset_writer.c).
//
// Messages are taken while there are fewer than batch.num.messages and while what the request holds
// so far, counted from its 4-byte size on, plus the most the next message may take, is no more than
// message.max.bytes and batch.size. The first always fits. A message whose retry back-off is not
// over ends the batch.
//
// A codec comes after that: limits count what messages take uncompressed, there is no estimate as
// in Java, and how full a batch is does not depend on how well it compresses. What does not become
// smaller is sent as it was, without the codec's bit.
//
// With idempotence a retried batch must be the very batch it was: the broker would not recognise
// another. So the limits do not count then, and a batch that cannot be rebuilt is fatal. (No
// application is known to get there: whatever takes messages out of a queue takes a whole batch of
// it, or its first ones, and with them what the batch has to be. The real one says of its check
// that failing it would most likely be a bug in the client.)
#ifndef NORN_MODEL_CLIENT_RDKAFKA_MSGSET_WRITER_H_
#define NORN_MODEL_CLIENT_RDKAFKA_MSGSET_WRITER_H_

#include <cstdint>

#include "model/client/rdkafka/message.h"
#include "model/client/rdkafka/toppar.h"
#include "model/config/rdkafka_producer_config.h"
#include "model/record/record_batch.h"
#include "model/record/record_set.h"
#include "model/wire/produce.h"
#include "sim/time.h"

namespace norn::model::rdkafka {

// The messages of one request, until it ends.
struct Batch {
  Toppar* toppar = nullptr;
  MessageQueue messages;
  uint64_t first_number = 0;
  uint64_t last_number = 0;
  int32_t first_sequence = 0;
  int32_t next_sequence = 0;  // what the batch after it begins with
  Pid pid;
};

class MsgsetWriter {
 public:
  explicit MsgsetWriter(const RdkafkaProducerConfig& config) : config_(config) {}

  // Takes messages from the head of `toppar`'s queue into `batch`, and returns the request that
  // carries them. No message is taken if all are backing off. `pid` is none without idempotence.
  // `*consistent` is false if a retried batch could not be rebuilt: nothing may be sent then.
  wire::ProduceRequest Write(Toppar& toppar, const Pid& pid, sim::Time now, Batch& batch,
                             bool* consistent);

  // Bytes of a request before its first record.
  int64_t SizeBeforeRecords(const Topic& topic) const;

 private:
  const RdkafkaProducerConfig& config_;
  RecordSetBuilder builder_;
};

}  // namespace norn::model::rdkafka

#endif  // NORN_MODEL_CLIENT_RDKAFKA_MSGSET_WRITER_H_
