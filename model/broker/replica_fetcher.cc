#include "model/broker/replica_fetcher.h"

#include <algorithm>
#include <limits>
#include <utility>

#include "model/fault_wire.h"
#include "sim/check.h"

namespace norn::model {
namespace {

using sim::Time;

constexpr sim::Label kRetry{"replica.fetch.backoff.ms"};
constexpr sim::Label kTimeout{"replica.socket.timeout.ms"};
constexpr sim::Label kTruncated{"log truncated"};
constexpr sim::Label kReplicated{"replicated"};
constexpr sim::Label kPartition{"partition"};
constexpr sim::Label kOffset{"offset"};
constexpr sim::Label kRecords{"records"};

constexpr int16_t kFetchVersion = 17;
constexpr int16_t kListOffsetsVersion = 8;

}  // namespace

ReplicaFetcher::ReplicaFetcher(sim::Node& node, sim::Network& network, Faults& faults,
                               const ControllerLink* link, Options options)
    : sim_(&node.sim()),
      node_(&node),
      network_(&network),
      faults_(&faults),
      link_(link),
      options_(std::move(options)),
      client_id_("broker-" + std::to_string(options_.self.value()) + "-fetcher-0"),
      started_(sim_->Now() + options_.start_delay),
      retry_(*sim_, kRetry, Tick{this, &ReplicaFetcher::Pass}),
      timeout_(*sim_, kTimeout, Tick{this, &ReplicaFetcher::TimedOut}) {}

void ReplicaFetcher::Add(Replica* replica) {
  Remove(replica);
  followed_.push_back({replica, std::max(sim_->Now(), started_)});
  Pass();
}

void ReplicaFetcher::Remove(Replica* replica) {
  std::erase_if(followed_, [replica](const Followed& f) { return f.replica == replica; });
  std::erase_if(lost_, [replica](const Asked& asked) { return asked.replica == replica; });
}

void ReplicaFetcher::RemoveAll() {
  followed_.clear();
  lost_.clear();
  asked_offset_.clear();
  retry_.Cancel();
}

void ReplicaFetcher::Delay(Replica* replica) {
  for (Followed& followed : followed_)
    if (followed.replica == replica)
      followed.not_before = sim_->Now() + options_.config.replica_fetch_backoff;
}

// Connects, asks, or waits, whichever is next.
void ReplicaFetcher::Pass() {
  if (followed_.empty() || !outstanding_.is_none()) return;
  Time next = Time::Max();
  for (const Followed& followed : followed_) next = std::min(next, followed.not_before);
  if (next > sim_->Now()) return retry_.Set(next);
  if (socket_ == nullptr) {
    connected_ = false;
    socket_ = network_->Connect(*node_, *options_.machine, options_.port, this);
    timeout_.SetAfter(options_.config.replica_socket_timeout);
    return;
  }
  if (connected_) Fetch();
}

void ReplicaFetcher::OnConnected() {
  connected_ = true;
  timeout_.Cancel();
  Pass();
}

void ReplicaFetcher::Lost() {
  socket_.reset();
  connected_ = false;
  outstanding_ = CorrelationId::None();
  timeout_.Cancel();
  asked_.clear();
  asked_offset_.clear();
  lost_.clear();
  for (Followed& followed : followed_)
    followed.not_before = sim_->Now() + options_.config.replica_fetch_backoff;
  Pass();
}

void ReplicaFetcher::TimedOut() {
  if (socket_ != nullptr) socket_->Close();
  Lost();
}

FaultSite ReplicaFetcher::Site(CutPoint point, const RequestEnvelope& request) const {
  FaultSite site;
  site.point = point;
  site.api = request.api;
  site.broker = options_.leader;
  site.client = node_->name();
  site.between_brokers = true;
  site.connection = socket_->id();
  site.request = &request;
  return site;
}

void ReplicaFetcher::Send(Api api, int16_t version, wire::RequestBody body) {
  auto request = std::make_unique<RequestEnvelope>();
  request->api = api;
  request->version = version;
  request->correlation = CorrelationId(next_correlation_++);
  request->client_id = client_id_;
  request->body = std::move(body);
  outstanding_ = request->correlation;
  timeout_.SetAfter(options_.config.replica_socket_timeout);
  sim::Frame frame;
  frame.size = SizeOf(*request);
  // What was appended is on its way to the disk, and the thread with it.
  if (written_ > sim_->Now()) frame.extra_delay = written_ - sim_->Now();
  StrikeFrame(
      *faults_, *network_, *socket_, [&] { return Site(CutPoint::kRequestSent, *request); },
      *request, frame);
  frame.message = std::move(request);
  socket_->Send(std::move(frame));
}

void ReplicaFetcher::Fetch() {
  if (!lost_.empty()) {
    const Asked lost = lost_.front();
    lost_.erase(lost_.begin());
    return AskForOffset(lost);
  }
  wire::FetchRequest fetch;
  fetch.replica_state = {options_.self, link_->broker_epoch()};
  fetch.max_wait_ms =
      static_cast<int32_t>(absl::ToInt64Milliseconds(options_.config.replica_fetch_wait_max));
  fetch.min_bytes = static_cast<int32_t>(options_.config.replica_fetch_min_bytes);
  fetch.max_bytes = static_cast<int32_t>(options_.config.replica_fetch_response_max_bytes);
  fetch.session_epoch = -1;
  asked_.clear();
  for (const Followed& followed : followed_) {
    if (followed.not_before > sim_->Now()) continue;
    Replica& replica = *followed.replica;
    const PartitionLog& log = replica.log();
    wire::FetchRequest::Partition partition;
    partition.partition = replica.partition();
    partition.current_leader_epoch = replica.leader_epoch();
    partition.fetch_offset = log.log_end();
    partition.last_fetched_epoch = replica.LastFetchedEpoch();
    partition.log_start_offset = log.log_start();
    partition.partition_max_bytes = static_cast<int32_t>(options_.config.replica_fetch_max_bytes);
    Asked asked;
    asked.replica = &replica;
    asked.epoch = replica.leader_epoch();
    asked.offset = log.log_end();
    asked_.push_back(asked);
    if (fetch.topics.empty() || fetch.topics.back().topic_id != replica.topic()) {
      fetch.topics.emplace_back();
      fetch.topics.back().topic_id = replica.topic();
    }
    fetch.topics.back().partitions.push_back(std::move(partition));
  }
  Send(Api::kFetch, kFetchVersion, std::move(fetch));
}

void ReplicaFetcher::OnFrame(sim::Frame frame) {
  std::unique_ptr<ResponseEnvelope> answer(static_cast<ResponseEnvelope*>(frame.message.release()));
  if (answer->damage.at >= 0) answer = AsReceived(std::move(answer));
  if (answer == nullptr) return TimedOut();
  outstanding_ = CorrelationId::None();
  timeout_.Cancel();
  if (const auto* fetched = std::get_if<wire::FetchResponse>(&answer->body)) {
    OnFetched(*fetched);
  } else {
    OnOffsets(std::get<wire::ListOffsetsResponse>(answer->body));
  }
  Pass();
}

void ReplicaFetcher::OnFetched(const wire::FetchResponse& response) {
  // In the order in which they were asked for.
  const std::vector<Asked> asked = std::exchange(asked_, {});
  for (const auto& topic : response.topics) {
    for (const auto& partition : topic.partitions) {
      for (const Asked& one : asked)
        if (one.replica->topic() == topic.topic_id &&
            one.replica->partition() == partition.partition_index)
          OnPartition(one, partition);
    }
  }
}

void ReplicaFetcher::OnPartition(const Asked& asked, const wire::FetchResponse::Partition& answer) {
  const bool is_followed =
      std::any_of(followed_.begin(), followed_.end(),
                  [&asked](const Followed& f) { return f.replica == asked.replica; });
  Replica& replica = *asked.replica;
  // The answer means a log that is no longer what it was.
  if (!is_followed || replica.leader_epoch() != asked.epoch ||
      replica.log().log_end() != asked.offset)
    return;
  PartitionLog& log = replica.log();
  if (answer.error == Error::kOffsetOutOfRange) return lost_.push_back(asked);
  if (answer.error != Error::kNone) return Delay(&replica);
  if (!answer.diverging_epoch.epoch.is_none() || !answer.diverging_epoch.end_offset.is_none()) {
    replica.TruncateTo({answer.diverging_epoch.epoch, answer.diverging_epoch.end_offset},
                       sim_->Now());
    Truncated(replica);
    return;
  }
  int64_t bytes = 0;
  int64_t records = 0;
  if (answer.records.has_value()) {
    for (const RecordBatch& batch : answer.records->batches()) {
      if (batch.base_offset() < log.log_end()) continue;
      // What is damaged on the way is not appended; the log asks for it again.
      if (batch.Check() != BatchCheck::kValid) return Delay(&replica);
      const sim::Disk::Done appended =
          log.AppendAsFollower(std::make_shared<const RecordBatch>(batch), sim_->Now());
      if (!appended.ok()) return Remove(&replica);  // it has failed, and is not followed any more
      written_ = std::max(written_, appended.at);
      bytes += batch.SizeInBytes();
      records += batch.record_count();
    }
  }
  if (records > 0) {
    sim_->Note(kReplicated, {{&kPartition, replica.partition().value()},
                             {&kOffset, log.log_end().value()},
                             {&kRecords, records}});
    written_ = std::max(written_, sim_->Now()).PlusNanos(options_.costs.RequestNanos(bytes));
  }
  log.SetHighWatermark(std::min(answer.high_watermark, log.log_end()));
  if (answer.log_start_offset > log.log_start()) log.DeleteTo(answer.log_start_offset);
}

void ReplicaFetcher::Truncated(const Replica& replica) {
  sim_->Note(kTruncated, {{&kPartition, replica.partition().value()},
                          {&kOffset, replica.log().log_end().value()}});
  options_.on_truncated();
}

void ReplicaFetcher::AskForOffset(const Asked& asked) {
  wire::ListOffsetsRequest request;
  request.replica_id = options_.self;
  wire::ListOffsetsRequest::Topic topic;
  topic.name = asked.replica->name();
  wire::ListOffsetsRequest::Partition partition;
  partition.partition_index = asked.replica->partition();
  partition.current_leader_epoch = asked.replica->leader_epoch();
  partition.timestamp = asked.for_start ? wire::kEarliestTimestamp : wire::kLatestTimestamp;
  topic.partitions.push_back(partition);
  request.topics.push_back(std::move(topic));
  asked_offset_ = {asked};
  Send(Api::kListOffsets, kListOffsetsVersion, std::move(request));
}

// fetchOffsetAndTruncate: a leader whose log is shorter is followed down to its end; one that has
// deleted what this log ends with, from its start.
void ReplicaFetcher::OnOffsets(const wire::ListOffsetsResponse& response) {
  const std::vector<Asked> asked = std::exchange(asked_offset_, {});
  if (asked.empty()) return;
  Replica& replica = *asked.front().replica;
  if (replica.leader_epoch() != asked.front().epoch) return;
  const auto& told = response.topics.front().partitions.front();
  if (told.error != Error::kNone) return Delay(&replica);
  PartitionLog& log = replica.log();
  if (asked.front().for_start) {
    log.TruncateFullyAndStartAt(told.offset);
  } else if (told.offset < log.log_end()) {
    log.TruncateTo(std::max(told.offset, log.log_start()), sim_->Now());
  } else {
    lost_.push_back(asked.front());
    lost_.back().for_start = true;
    return;
  }
  Truncated(replica);
}

}  // namespace norn::model
