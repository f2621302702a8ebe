// A consumer's side of a fetch session with one broker: what the broker knows already need not be
// said again (KIP-227, FetchSessionHandler).
//
// The first request names every partition and asks for a session. From then on a request names only
// what changed: positions that moved, partitions that are new or no longer wanted. An error ends
// the session; the next request is a full one.
#ifndef NORN_MODEL_CLIENT_JAVA_FETCH_SESSION_HANDLER_H_
#define NORN_MODEL_CLIENT_JAVA_FETCH_SESSION_HANDLER_H_

#include <cstdint>
#include <vector>

#include "model/error.h"
#include "model/ids.h"
#include "model/wire/fetch.h"

namespace norn::model {

class FetchSessionHandler {
 public:
  struct Wanted {
    TopicName topic;
    Uuid topic_id;
    wire::FetchRequest::Partition partition;
    bool IsOf(const Wanted& other) const {
      return topic_id == other.topic_id && partition.partition == other.partition.partition;
    }
  };

  // Fills session, partitions and forgotten partitions of the next request. `wanted` is all that is
  // to be fetched now.
  void Build(const std::vector<Wanted>& wanted, wire::FetchRequest* request);

  // False: the answer is an error of the session, and holds nothing else.
  bool OnAnswer(const wire::FetchResponse& answer);
  // No answer came: the broker's session, if it has one, is closed by the next request.
  void OnFailure();

  int32_t session_id() const { return session_id_; }
  int32_t session_epoch() const { return session_epoch_; }

 private:
  static constexpr int32_t kInitialEpoch = 0;
  bool is_full() const { return session_epoch_ == kInitialEpoch; }

  int32_t session_id_ = 0;  // 0: none
  int32_t session_epoch_ = kInitialEpoch;
  std::vector<Wanted> known_;  // to the broker
};

}  // namespace norn::model

#endif  // NORN_MODEL_CLIENT_JAVA_FETCH_SESSION_HANDLER_H_
