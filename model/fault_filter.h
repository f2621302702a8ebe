// Which requests a fault is about, by what is inside them: topic, partition, and of Produce
// requests the batches. Whatever is set must hold of one and the same partition of the request.
//
// Example:
//   RequestFilter filter{.topic = "orders", .sequence = Sequence(3)};
//   filter.Matches(request, names);        // a Produce to orders with a batch that has sequence 3
#ifndef NORN_MODEL_FAULT_FILTER_H_
#define NORN_MODEL_FAULT_FILTER_H_

#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "model/ids.h"
#include "model/wire/topic.h"

namespace norn::model {

struct RequestEnvelope;

// What a topic is called that a request names by its id; "" if there is none.
using NameOfTopic = std::function<std::string_view(const Uuid&)>;

struct RequestFilter {
  std::optional<std::string> topic = {};
  std::optional<PartitionIndex> partition = {};
  // Of Produce only:
  std::optional<ProducerId> producer_id = {};
  std::optional<Sequence> sequence = {};       // one of a batch's
  std::function<bool(RecordId)> carries = {};  // a record of which this is true

  bool is_set() const { return topic || partition || needs_records(); }
  bool needs_records() const { return producer_id || sequence || carries; }
  bool Matches(const RequestEnvelope& request, const NameOfTopic& name_of) const;
};

}  // namespace norn::model

#endif  // NORN_MODEL_FAULT_FILTER_H_
