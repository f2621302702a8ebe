// What makes a Java producer idempotent: its producer id and epoch, and per partition which
// sequence comes next, which was acknowledged last, and which batches are under way
// (TransactionManager without transactions).
//
// Pure state. A batch gets its sequence when it is first drained and keeps it in retries, unless
// the epoch is bumped for its partition: then all that are under way there are numbered anew from
// 0.
#ifndef NORN_MODEL_CLIENT_JAVA_IDEMPOTENCE_H_
#define NORN_MODEL_CLIENT_JAVA_IDEMPOTENCE_H_

#include <cstdint>
#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "model/client/java/client_log.h"
#include "model/client/java/producer_batch.h"
#include "model/error.h"
#include "model/ids.h"
#include "sim/ref.h"

namespace norn::model {

class Idempotence {
 public:
  // `partition_name` gives "t-0" for the log.
  using PartitionName = std::function<std::string(int32_t topic, PartitionIndex partition)>;
  explicit Idempotence(ClientLog log = ClientLog(), PartitionName partition_name = nullptr)
      : log_(std::move(log)), partition_name_(std::move(partition_name)) {}

  bool has_producer_id() const { return !producer_id_.is_none(); }
  ProducerId producer_id() const { return producer_id_; }
  ProducerEpoch epoch() const { return epoch_; }
  void SetProducerId(ProducerId id, ProducerEpoch epoch);

  // May the head of its partition's queue be drained now? (A2.4 of the protocol's guide.)
  bool MayDrain(const ProducerBatch& head) const;
  // Gives a batch that is being drained its sequence, if it has none.
  void OnDrained(const sim::Ref<ProducerBatch>& batch);

  // The batch was acknowledged.
  void OnCompleted(const ProducerBatch& batch);
  // The batch failed for good with `error`. `not_written`: an answer said so, and attempts were
  // left, so its sequence can be given to others, in a new epoch. A sequence out of order leaves a
  // gap in the log, and asks for a new epoch, too.
  void OnFailed(const ProducerBatch& batch, Error error, bool not_written);
  // The batch was too large and is divided into `parts`, which share its sequences.
  void OnSplit(const ProducerBatch& batch, const std::vector<sim::Ref<ProducerBatch>>& parts);
  // The batch expired while it was being retried: whether its sequence is used up is not known.
  void OnExpiredInRetry(const ProducerBatch& batch);

  // Whether `error` may be answered by a retry; may ask for a new epoch. `log_start` is what the
  // answer said of the log, none if nothing.
  bool MayRetry(Error error, const ProducerBatch& batch, Offset log_start = Offset::None());

  // Once per pass of the sender: settles what drained partitions left open, bumps the epoch if that
  // was asked for. True if a new producer id must be asked for first (epochs are used up).
  bool Settle();

  // Under way, oldest first: drained and not done, in flight or waiting for a retry.
  int64_t under_way() const;

 private:
  struct Partition {
    int32_t topic;
    PartitionIndex index;
    ProducerId producer_id;
    ProducerEpoch epoch;
    Sequence next = Sequence(0);
    Sequence last_acknowledged;  // none: nothing was, in this epoch
    bool unresolved = false;
    Sequence after_unresolved;  // the first sequence behind the batch that expired
    bool renumber = false;      // at the next bump
    std::vector<sim::Ref<ProducerBatch>> under_way;  // by sequence
  };
  Partition* Find(int32_t topic, PartitionIndex index);
  const Partition* Find(int32_t topic, PartitionIndex index) const;
  Partition& FindOrAdd(int32_t topic, PartitionIndex index);
  bool IsStale(const Partition& partition) const {
    return partition.producer_id != producer_id_ || partition.epoch != epoch_;
  }
  static bool IsNext(const Partition& partition, Sequence sequence);
  static void Remove(Partition& partition, const ProducerBatch& batch);
  void AskForBump(Partition& partition);

  ClientLog log_;
  PartitionName partition_name_;
  ProducerId producer_id_;
  ProducerEpoch epoch_;
  bool bump_wanted_ = false;
  std::vector<Partition> partitions_;
};

}  // namespace norn::model

#endif  // NORN_MODEL_CLIENT_JAVA_IDEMPOTENCE_H_
