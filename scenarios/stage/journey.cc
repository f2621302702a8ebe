#include "scenarios/stage/journey.h"

#include <algorithm>

#include "model/client/partitioner.h"
#include "model/error.h"
#include "sim/label.h"

namespace norn::scenarios {
namespace {

constexpr uint64_t Hash(const char* label) { return sim::Label::Hash(label); }

// What the model calls the steps of the way, in its trace.
constexpr uint64_t kSend = Hash("send");
constexpr uint64_t kDrained = Hash("batch drained");
constexpr uint64_t kPutBack = Hash("batch put back");
constexpr uint64_t kRequestSent = Hash("request sent");
constexpr uint64_t kRequestRead = Hash("request read");
constexpr uint64_t kAppend = Hash("append");
constexpr uint64_t kRefused = Hash("append refused");
constexpr uint64_t kAnswerSent = Hash("answer sent");
constexpr uint64_t kFaultFired = Hash("fault fired");
constexpr uint64_t kKilled = Hash("killed");
constexpr uint64_t kPowerLost = Hash("power lost");

int64_t SubjectOf(const sim::TraceEntry& entry, std::string_view kind) {
  for (size_t i = 0; i < entry.subject_count; ++i)
    if (entry.subjects[i].kind->text == kind) return entry.subjects[i].id;
  return -1;
}

}  // namespace

Journey::Where Journey::Of(model::RecordId id) {
  Update();
  return At(id);
}

const std::vector<RequestReport>& Journey::requests() {
  Update();
  return requests_;
}
const std::vector<AnswerReport>& Journey::answers() {
  Update();
  return answers_;
}

Journey::Where& Journey::At(model::RecordId id) {
  const auto index = static_cast<size_t>(id.value());
  if (index >= where_.size()) where_.resize(index + 1);
  return where_[index];
}

void Journey::Update() {
  const auto& entries = cluster_.sim().trace().entries();
  for (; seen_ < entries.size(); ++seen_)
    if (entries[seen_].note) See(entries[seen_]);
}

void Journey::See(const sim::TraceEntry& entry) {
  const uint64_t what = entry.what->hash;
  const auto connection = static_cast<uint64_t>(SubjectOf(entry, "connection"));
  const bool is_produce = SubjectOf(entry, "api") == static_cast<int64_t>(model::Api::kProduce);
  if (what == kSend) {
    OnSend(entry.owner, model::RecordId(SubjectOf(entry, "record")));
  } else if (what == kDrained) {
    drained_.push_back({SubjectOf(entry, "batch"),
                        static_cast<int32_t>(SubjectOf(entry, "partition")),
                        static_cast<int32_t>(SubjectOf(entry, "records"))});
  } else if (what == kFaultFired) {
    OnFault(entry.text, connection);
  } else if (what == kPutBack) {
    for (const model::RecordId id : batches_[{entry.owner, SubjectOf(entry, "batch")}].records)
      At(id).in_flight = false;
  } else if (what == kRequestSent) {
    if (is_produce) OnRequestSent(entry);
    drained_.clear();
    act_.clear();
  } else if (what == kRequestRead) {
    if (is_produce) OnRequestRead(entry);
  } else if (what == kAppend || what == kRefused) {
    LeavesQueue(connection);
  } else if (what == kAnswerSent) {
    LeavesQueue(connection);
    if (!is_produce) return;
    for (const AnswerInText& answer : AnswersIn(entry.text)) {
      for (const model::Error error : model::AllErrors())
        if (model::Name(error) == answer.error)
          answers_.push_back({static_cast<int32_t>(error), answer.base_offset});
    }
  } else if (what == kKilled || what == kPowerLost) {
    // Its request queue dies with a broker.
    std::vector<uint64_t> lost;
    for (const auto& [id, request] : queued_)
      if (!request.batches.empty()) {
        const auto& records = batches_[{request.client, request.batches[0]}].records;
        if (!records.empty() && At(records[0]).broker == entry.text) lost.push_back(id);
      }
    for (const uint64_t id : lost) LeavesQueue(id);
  }
}

void Journey::OnSend(Client client, model::RecordId id) {
  const model::History::Sent* sent = cluster_.history().Find(id);
  const auto* topic = cluster_.view().FindTopic(sent->topic);
  std::optional<int32_t> partition;
  if (sends_.Of(id).partition >= 0) partition = sends_.Of(id).partition;
  if (!partition.has_value() && topic != nullptr) {
    const auto count = static_cast<int32_t>(topic->leaders.size());
    if (sent->key.has_value()) {
      partition = model::PartitionOfKey(model::Payload(*sent->key), count).value();
    } else if (count == 1) {
      partition = 0;
    }
  }
  if (!partition.has_value()) not_followed_.insert({client, sent->topic});
  if (not_followed_.contains({client, sent->topic})) return;
  At(id).followed = true;
  unbatched_[{client, sent->topic, *partition}].push_back(id);
}

std::vector<model::RecordId> Journey::Take(Client client, const std::string& topic,
                                           int32_t partition, int32_t count) {
  std::vector<model::RecordId> taken;
  auto& queue = unbatched_[{client, topic, partition}];
  while (static_cast<int32_t>(taken.size()) < count && !queue.empty()) {
    const model::RecordId id = queue.front();
    queue.pop_front();
    // One that was reported on without having been in a request was refused, or expired waiting.
    const bool gone = cluster_.history().Find(id)->report.outcome != model::Outcome::kPending &&
                      At(id).attempt == 0 && cluster_.history().Find(id)->report.attempts == 0;
    if (!gone) taken.push_back(id);
  }
  return taken;
}

void Journey::OnRequestSent(const sim::TraceEntry& entry) {
  const auto connection = static_cast<uint64_t>(SubjectOf(entry, "connection"));
  Request request{entry.owner, {}, {}};
  for (const BatchInText& sent : BatchesIn(entry.text)) {
    const std::string topic = TopicName(sent.topic);
    request.reports.push_back(requests_.size());
    requests_.push_back({connection, topic, sent.partition, sent.records, sent.sequence, sent.epoch,
                         sent.bytes, act_});
    const auto drained =
        std::find_if(drained_.begin(), drained_.end(), [&sent](const Drained& one) {
          return one.partition == sent.partition && one.records == sent.records;
        });
    if (drained == drained_.end()) continue;
    const int64_t number = drained->number;
    drained_.erase(drained);
    Batch& batch = batches_[{entry.owner, number}];
    if (batch.topic.empty()) {
      batch.topic = topic;
      batch.partition = sent.partition;
      if (!not_followed_.contains({entry.owner, topic}))
        batch.records = Take(entry.owner, topic, sent.partition, sent.records);
    }
    for (const model::RecordId id : batch.records) {
      At(id).in_flight = true;
      ++At(id).attempt;
    }
    request.batches.push_back(number);
  }
  on_the_way_[{connection, SubjectOf(entry, "correlation")}] = std::move(request);
}

void Journey::OnRequestRead(const sim::TraceEntry& entry) {
  const auto connection = static_cast<uint64_t>(SubjectOf(entry, "connection"));
  const auto found = on_the_way_.find({connection, SubjectOf(entry, "correlation")});
  if (found == on_the_way_.end()) return;
  for (const int64_t number : found->second.batches) {
    for (const model::RecordId id : batches_[{found->second.client, number}].records) {
      At(id).queued = true;
      At(id).broker = cluster_.sim().owner_name(entry.owner);
    }
  }
  queued_[connection] = std::move(found->second);
  on_the_way_.erase(found);
}

void Journey::LeavesQueue(uint64_t connection) {
  const auto found = queued_.find(connection);
  if (found == queued_.end()) return;
  for (const int64_t number : found->second.batches)
    for (const model::RecordId id : batches_[{found->second.client, number}].records)
      At(id).queued = false;
  queued_.erase(found);
}

std::string Journey::TopicName(const std::string& id_or_name) const {
  for (const auto& topic : cluster_.view().topics)
    if (ToString(topic.id) == id_or_name) return std::string(topic.name.text());
  return id_or_name;
}

void Journey::OnFault(const std::string& name, uint64_t connection) {
  const model::Fault* fault = cluster_.faults().Find(name);
  if (fault == nullptr) return;
  const model::FaultAction action = fault->rule().action;
  // The proxy behind the recordings calls a reset by the flag that TCP sets.
  const std::string act =
      action == model::FaultAction::kReset ? "rst" : std::string(model::Name(action));
  if (fault->rule().point == model::CutPoint::kRequestSent) act_ = act;
  if (fault->rule().point != model::CutPoint::kRequestReceived) return;
  const auto found = queued_.find(connection);
  if (found == queued_.end()) return;
  for (const size_t place : found->second.reports) requests_[place].act = act;
  // What is dropped or reset here never gets any further.
  LeavesQueue(connection);
}

}  // namespace norn::scenarios
