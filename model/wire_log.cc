#include "model/wire_log.h"

#include <utility>

namespace norn::model {
namespace {

std::string TopicCalled(const ClusterView& view, const TopicName& name, const Uuid& id) {
  if (const ClusterView::Topic* topic = view.FindTopic(id)) return std::string(topic->name.text());
  return std::string(name.text());
}

}  // namespace

std::string_view ActOf(FaultAction action) {
  switch (action) {
    case FaultAction::kDrop:
      return "drop";
    case FaultAction::kReset:
      return "rst";
    case FaultAction::kDelay:
      return "delay";
    case FaultAction::kCut:
      return "cut";
    case FaultAction::kCorrupt:
      return "flip";
    case FaultAction::kHold:
      return "hold";
    case FaultAction::kSilence:
      return "blackhole";
    case FaultAction::kAnswer:
      return "answer";
    default:
      return "";
  }
}

std::vector<const WireLog::Frame*> WireLog::AtThePort() const {
  std::vector<const Frame*> frames;
  frames.reserve(passed_.size());
  for (const size_t place : passed_) frames.push_back(&frames_[place]);
  return frames;
}

void WireLog::OnStrike(const Fault& fault, const FaultSite& site) {
  const std::string_view act = ActOf(fault.rule().action);
  if (act.empty() || site.request == nullptr) return;
  const bool is_request = site.point < CutPoint::kAppended;
  const Key key(site.connection, site.request->correlation.value(), is_request);
  // Faults on the way strike when the frame is about to be sent, the others when it was read.
  const bool about_to_be_sent =
      site.point == CutPoint::kRequestSent || site.point == CutPoint::kResponseSent;
  const auto place = places_.find(key);
  if (about_to_be_sent) {
    struck_[key] = act;
  } else if (place != places_.end()) {
    frames_[place->second].act = act;
  }
}

bool WireLog::IsAmongBrokers(const Passing& passing, bool sent) const {
  const sim::Node& asks = passing.from_client ? passing.from : passing.to;
  const BrokerId from = broker_of_(asks);
  if (from.is_none()) return false;
  // A proxy at the door of whoever is asked sees requests arrive and answers leave.
  if (sent != passing.from_client)
    cluster_log_->OnFrame(passing.message, from,
                          broker_of_(passing.from_client ? passing.to : passing.from));
  return true;
}

void WireLog::OnSent(const Passing& passing) {
  if (IsAmongBrokers(passing, true)) return;
  if (!passing.from_client && left_.count(passing.connection) > 0) return;
  Frame frame;
  frame.sent = sim_.Now();
  frame.is_request = passing.from_client;
  frame.connection = passing.connection;
  frame.client = passing.from_client ? passing.from.name() : passing.to.name();
  frame.broker = broker_of_(passing.from_client ? passing.to : passing.from);
  frame.bytes = passing.size;
  if (const auto* request = dynamic_cast<const RequestEnvelope*>(passing.message)) {
    frame.api = request->api;
    frame.version = request->version;
    frame.correlation = request->correlation;
    if (const auto* produce = std::get_if<wire::ProduceRequest>(&request->body))
      AddBatches(*produce, frame);
  } else if (const auto* response = dynamic_cast<const ResponseEnvelope*>(passing.message)) {
    if (response->in_its_stead) return;  // it never was at the broker's port
    frame.api = response->api;
    frame.version = response->version;
    frame.correlation = response->correlation;
    AddAnswers(*response, frame);
  } else {
    return;
  }
  const Key key(frame.connection, frame.correlation.value(), frame.is_request);
  if (const auto struck = struck_.find(key); struck != struck_.end()) {
    frame.act = struck->second;
    struck_.erase(struck);
  }
  places_[key] = frames_.size();
  if (!frame.is_request) {
    frame.at = frame.sent;
    passed_.push_back(frames_.size());
  }
  frames_.push_back(std::move(frame));
}

void WireLog::OnArrived(const Passing& passing) {
  if (IsAmongBrokers(passing, false)) return;
  const auto* request = dynamic_cast<const RequestEnvelope*>(passing.message);
  if (request == nullptr) return;
  const auto place = places_.find({passing.connection, request->correlation.value(), true});
  if (place == places_.end() || frames_[place->second].at != sim::Time::Max()) return;
  frames_[place->second].at = sim_.Now();
  passed_.push_back(place->second);
}

void WireLog::OnConnect(uint64_t connection, const sim::Node& from, const sim::Node& to,
                        bool taken) {
  if (!broker_of_(from).is_none()) return;
  connects_.push_back({sim_.Now(), connection, from.name(), broker_of_(to), taken});
}

void WireLog::OnClosed(uint64_t connection, const sim::Node& by) {
  if (broker_of_(by).is_none()) left_.insert(connection);
}

void WireLog::AddBatches(const wire::ProduceRequest& request, Frame& frame) const {
  for (const auto& topic : request.topics) {
    for (const auto& partition : topic.partitions) {
      if (!partition.records.has_value()) continue;
      for (const RecordBatch& sent : partition.records->batches()) {
        Batch& batch = frame.batches.emplace_back();
        batch.topic = TopicCalled(view_, topic.name, topic.topic_id);
        batch.partition = partition.index;
        batch.records = sent.record_count();
        batch.sequence = sent.header().base_sequence;
        batch.epoch = sent.header().producer_epoch;
        batch.producer_id = sent.header().producer_id;
        batch.bytes = sent.SizeInBytes();
        for (const RecordView record : sent.records()) batch.ids.push_back(record.id());
      }
    }
  }
}

void WireLog::AddAnswers(const ResponseEnvelope& response, Frame& frame) const {
  const auto* produce = std::get_if<wire::ProduceResponse>(&response.body);
  if (produce == nullptr) return;
  frame.throttle_ms = produce->throttle_time_ms;
  for (const auto& topic : produce->topics)
    for (const auto& partition : topic.partitions)
      frame.answers.push_back({TopicCalled(view_, topic.name, topic.topic_id), partition.index,
                               partition.error, partition.base_offset,
                               !partition.current_leader.leader_id.is_none()});
}

}  // namespace norn::model
