#include "model/client/java/fetch_session_handler.h"

#include <algorithm>
#include <limits>

namespace norn::model {
namespace {

void Name(const FetchSessionHandler::Wanted& wanted, wire::FetchRequest* request) {
  if (request->topics.empty() || request->topics.back().topic_id != wanted.topic_id) {
    wire::FetchRequest::Topic topic;
    topic.topic = wanted.topic;
    topic.topic_id = wanted.topic_id;
    request->topics.push_back(std::move(topic));
  }
  request->topics.back().partitions.push_back(wanted.partition);
}

void Forget(const FetchSessionHandler::Wanted& known, wire::FetchRequest* request) {
  auto& forgotten = request->forgotten_topics;
  if (forgotten.empty() || forgotten.back().topic_id != known.topic_id) {
    wire::FetchRequest::ForgottenTopic topic;
    topic.topic = known.topic;
    topic.topic_id = known.topic_id;
    forgotten.push_back(std::move(topic));
  }
  forgotten.back().partitions.push_back(known.partition.partition);
}

}  // namespace

void FetchSessionHandler::Build(const std::vector<Wanted>& wanted, wire::FetchRequest* request) {
  request->session_id = session_id_;
  request->session_epoch = session_epoch_;
  if (is_full()) {
    known_ = wanted;
    for (const Wanted& each : wanted) Name(each, request);
    return;
  }
  const auto find = [](const std::vector<Wanted>& in, const Wanted& what) {
    return std::find_if(in.begin(), in.end(),
                        [&](const Wanted& other) { return other.IsOf(what); });
  };
  // What the broker knows, in its order: changed, unchanged, or no longer wanted.
  std::vector<Wanted> now;
  for (const Wanted& known : known_) {
    const auto found = find(wanted, known);
    if (found == wanted.end()) {
      Forget(known, request);
      continue;
    }
    if (found->partition != known.partition) Name(*found, request);
    now.push_back(*found);
  }
  for (const Wanted& each : wanted) {
    if (find(known_, each) != known_.end()) continue;
    Name(each, request);
    now.push_back(each);
  }
  known_ = std::move(now);
}

bool FetchSessionHandler::OnAnswer(const wire::FetchResponse& answer) {
  if (answer.error != Error::kNone) {
    // A session the broker does not know needs no closing.
    if (answer.error == Error::kFetchSessionIdNotFound) session_id_ = 0;
    session_epoch_ = kInitialEpoch;
    return false;
  }
  if (answer.session_id == 0) {
    // The broker has no room for a session, or has closed it.
    session_id_ = 0;
    session_epoch_ = kInitialEpoch;
  } else {
    session_id_ = answer.session_id;
    session_epoch_ = session_epoch_ == std::numeric_limits<int32_t>::max() ? 1 : session_epoch_ + 1;
  }
  return true;
}

void FetchSessionHandler::OnFailure() { session_epoch_ = kInitialEpoch; }

}  // namespace norn::model
