#include "model/client/producer.h"

#include <memory>
#include <ostream>

#include "model/client/compressed_size.h"
#include "sim/check.h"

namespace norn::model {
namespace {

constexpr sim::Label kFlushTimeout{"timeout of flush"};

}  // namespace

int32_t CompressionRatioOf(const ProducerRecord& record, const ClientContext& context) {
  if (record.compression_ratio.has_value()) return *record.compression_ratio;
  return context.compression_ratio ? context.compression_ratio(record.topic) : kIncompressible;
}

std::string_view Name(FlushResult result) {
  return result == FlushResult::kDone ? "done" : "timed out";
}
std::ostream& operator<<(std::ostream& os, FlushResult result) { return os << Name(result); }

sim::Future<FlushResult> Producer::Flush(absl::Duration timeout) {
  sim::OwnerScope scope(*sim_, owner_);
  auto promise = std::make_shared<sim::Promise<FlushResult>>(*sim_);
  sim::Future<FlushResult> future = promise->future();
  const sim::TimerId patience = sim_->After(timeout, kFlushTimeout, [promise] {
    if (!promise->settled()) promise->Set(FlushResult::kTimedOut);
  });
  Flush().Then([promise, patience, sim = sim_](const std::optional<FlushResult>& result) {
    sim->Cancel(patience);
    if (result.has_value() && !promise->settled()) promise->Set(*result);
  });
  return future;
}

void Producer::Purge(PurgeOptions) {
  NORN_CHECK(!"purge") << flavour() << " has no purge(): it is librdkafka's";
}

void Producer::SetPolling(bool) {
  NORN_CHECK(!"polling") << flavour() << " needs no polling: it calls back by itself";
}

}  // namespace norn::model
