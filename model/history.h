// What clients saw: every record they were given, and what they were told of it. The judge of a run
// looks at this and at the final logs, never inside a broker.
#ifndef NORN_MODEL_HISTORY_H_
#define NORN_MODEL_HISTORY_H_

#include <cstdint>
#include <deque>
#include <optional>
#include <string>

#include "model/ids.h"
#include "model/outcome.h"
#include "model/record/payload.h"
#include "sim/time.h"

namespace norn::model {

class History {
 public:
  struct Sent {
    RecordId id;
    std::string client;
    std::string topic;
    std::optional<std::string> key;
    std::optional<std::string> value;  // as text; nothing if null
    int64_t value_size = 0;
    sim::Time at;
    DeliveryReport report;  // pending until the client is done with it
  };
  struct Read {
    std::string client;
    std::string topic;
    PartitionIndex partition;
    Offset offset;
    RecordId id;
    sim::Time at;
  };

  // Ids are given out here, from 0, in the order of the calls to Send.
  RecordId NextId() { return RecordId(next_id_++); }
  int64_t records() const { return next_id_; }

  // What is kept can be a lot; a benchmark keeps nothing.
  void SetKept(bool kept) { kept_ = kept; }
  bool kept() const { return kept_; }

  void OnSent(Sent sent) { sent_.push_back(std::move(sent)); }
  void OnReport(RecordId id, const DeliveryReport& report);
  void OnRead(Read read) { reads_.push_back(std::move(read)); }

  // In the order in which they were sent. References stay valid.
  const std::deque<Sent>& sent() const { return sent_; }
  const std::deque<Read>& reads() const { return reads_; }
  // Null if it was not kept.
  const Sent* Find(RecordId id) const;

 private:
  int64_t next_id_ = 0;
  bool kept_ = true;
  std::deque<Sent> sent_;
  std::deque<Read> reads_;
};

}  // namespace norn::model

#endif  // NORN_MODEL_HISTORY_H_
