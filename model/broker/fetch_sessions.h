// Incremental fetch sessions (KIP-227): the broker remembers which partitions a client fetches, so
// that a request names only those that changed, and an answer only those that have news.
//
// A request of epoch 0 is full and begins a session (if there is room for one more); one of epoch
// -1 is full and begins none; any other must be the next of its session. librdkafka only sends -1.
//
// Example:
//   FetchSessions::Context context = sessions.Begin(request, /*version=*/18, now);
//   ... answer every partition of context.wanted, in their order ...
//   sessions.Finish(context, &response);          // leaves out what has no news
#ifndef NORN_MODEL_BROKER_FETCH_SESSIONS_H_
#define NORN_MODEL_BROKER_FETCH_SESSIONS_H_

#include <cstddef>
#include <cstdint>
#include <map>
#include <vector>

#include "absl/container/inlined_vector.h"
#include "absl/time/time.h"
#include "model/error.h"
#include "model/ids.h"
#include "model/wire/fetch.h"
#include "model/wire/topic.h"
#include "sim/time.h"

namespace norn::model {

class FetchSessions {
 public:
  // min.incremental.fetch.session.eviction.ms: one that was idle for so long makes room for
  // another.
  static constexpr absl::Duration kMayBeEvictedAfter = absl::Minutes(2);

  struct Wanted {
    TopicName topic;
    Uuid topic_id;
    wire::FetchRequest::Partition partition;
  };
  struct Context {
    Error error = Error::kNone;  // then nothing else is told
    int32_t session = 0;         // 0: none
    bool incremental = false;
    absl::InlinedVector<Wanted, 1> wanted;
  };

  // max.incremental.fetch.session.cache.slots
  explicit FetchSessions(int64_t slots) : slots_(slots) {}

  Context Begin(const wire::FetchRequest& request, int16_t version, sim::Time now);
  // `response` has one topic of one partition for each of context.wanted, in order. What remains is
  // what is sent: session, error, and the partitions with news, those of one topic together.
  void Finish(const Context& context, wire::FetchResponse* response);

  size_t size() const { return sessions_.size(); }

 private:
  struct Cached {
    Wanted wanted;
    // As the client was told last; none: tell it again.
    Offset high_watermark;
    Offset log_start;
  };
  struct Session {
    int32_t next_epoch = 1;
    bool by_id = false;
    sim::Time last_used;
    std::vector<Cached> partitions;  // those with news go to the end, so that all get their turn
  };

  int32_t Open(const wire::FetchRequest& request, int16_t version, sim::Time now);
  static void Update(Session& session, const wire::FetchRequest& request);
  static bool IsNews(Cached& cached, const wire::FetchResponse::Partition& answer);

  int64_t slots_;
  int32_t last_id_ = 0;
  std::map<int32_t, Session> sessions_;
};

}  // namespace norn::model

#endif  // NORN_MODEL_BROKER_FETCH_SESSIONS_H_
