#include "scenarios/stage/journey.h"

#include <algorithm>
#include <string_view>

#include "sim/label.h"

namespace norn::scenarios {
namespace {

constexpr uint64_t Hash(const char* label) { return sim::Label::Hash(label); }

// What brokers call the steps of a request, in the trace.
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
  Where where;
  const auto index = static_cast<size_t>(id.value());
  if (index >= tracks_.size() || tracks_[index].attempt == 0) return where;
  const Track& track = tracks_[index];
  where.attempt = track.attempt;
  where.in_flight = !answered_.at(track.last) && IsConnected(track.last.first);
  const auto queued = queued_.find(track.last.first);
  if (queued != queued_.end() && queued->second.first == track.last) {
    where.queued = true;
    where.broker = queued->second.second;
  }
  return where;
}

bool Journey::IsConnected(uint64_t connection) const {
  const auto all = cluster_.network().Connections();
  return std::any_of(all.begin(), all.end(), [connection](const auto& known) {
    return known.id == connection && known.established;
  });
}

void Journey::Update() {
  const auto& frames = cluster_.wire().frames();
  for (; frames_seen_ < frames.size(); ++frames_seen_) See(frames[frames_seen_]);
  const auto& entries = cluster_.sim().trace().entries();
  for (; entries_seen_ < entries.size(); ++entries_seen_)
    if (entries[entries_seen_].note) See(entries[entries_seen_]);
}

void Journey::See(const model::WireLog::Frame& frame) {
  if (frame.api != model::Api::kProduce) return;
  const Request request(frame.connection, frame.correlation.value());
  if (!frame.is_request) {
    // What is lost on the way back has not answered anything.
    answered_[request] = frame.act.empty() || frame.act == model::ActOf(model::FaultAction::kDelay);
    return;
  }
  answered_[request] = false;
  for (const model::WireLog::Batch& batch : frame.batches) {
    for (const model::RecordId id : batch.ids) {
      const auto index = static_cast<size_t>(id.value());
      if (index >= tracks_.size()) tracks_.resize(index + 1);
      ++tracks_[index].attempt;
      tracks_[index].last = request;
    }
  }
}

void Journey::See(const sim::TraceEntry& entry) {
  const uint64_t what = entry.what->hash;
  const auto connection = static_cast<uint64_t>(SubjectOf(entry, "connection"));
  if (what == kRequestRead) {
    const Request request(connection, static_cast<int32_t>(SubjectOf(entry, "correlation")));
    if (SubjectOf(entry, "api") == static_cast<int64_t>(model::Api::kProduce))
      queued_[connection] = {request, cluster_.sim().owner_name(entry.owner)};
  } else if (what == kAppend || what == kRefused || what == kAnswerSent) {
    queued_.erase(connection);
  } else if (what == kFaultFired) {
    // What is dropped or reset here never gets any further.
    const model::Fault* fault = cluster_.faults().Find(entry.text);
    if (fault == nullptr || fault->rule().point != model::CutPoint::kRequestReceived) return;
    const model::FaultAction action = fault->rule().action;
    if (action == model::FaultAction::kDrop || action == model::FaultAction::kReset)
      queued_.erase(connection);
  } else if (what == kKilled || what == kPowerLost) {
    // Its request queue dies with a broker.
    std::erase_if(queued_, [&entry](const auto& one) { return one.second.second == entry.text; });
  }
}

}  // namespace norn::scenarios
