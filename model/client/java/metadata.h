// What a client believes of the cluster: brokers, topics, leaders. It may be stale; the last answer
// of a broker says what it says.
//
// Pure state, as Java's Metadata: it knows when a refresh is due, not how to ask for one.
#ifndef NORN_MODEL_CLIENT_JAVA_METADATA_H_
#define NORN_MODEL_CLIENT_JAVA_METADATA_H_

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "absl/time/time.h"
#include "model/broker_address.h"
#include "model/client/backoff.h"
#include "model/error.h"
#include "model/ids.h"
#include "model/wire/metadata.h"
#include "sim/random.h"
#include "sim/time.h"

namespace norn::model {

class ClientMetadata {
 public:
  struct Options {
    std::vector<BrokerAddress> bootstrap;  // asked until the first answer
    absl::Duration max_age;
    Backoff refresh_backoff;
  };
  struct Node {
    BrokerId id;
    BrokerAddress address;
  };
  struct Partition {
    BrokerId leader;  // none: no leader is known
    LeaderEpoch epoch;
  };
  struct Topic {
    TopicName name;
    Uuid id;
    Error error = Error::kNone;
    bool wanted = false;
    std::vector<Partition> partitions;  // empty: not known
  };

  ClientMetadata(Options options, sim::Chance* chance, std::string_view client);

  // A topic's number in this client; a new name gets the next one, and nothing is asked for it yet.
  int32_t TopicNumber(std::string_view name);
  const std::vector<Topic>& topics() const { return topics_; }
  const Topic& topic(int32_t number) const { return topics_[static_cast<size_t>(number)]; }
  // From now on asked for; if it was not, a refresh is due.
  void Want(int32_t topic);
  // Its number, or -1.
  int32_t FindTopic(const Uuid& id) const;

  int32_t PartitionCount(int32_t topic) const {
    return static_cast<int32_t>(topics_[static_cast<size_t>(topic)].partitions.size());
  }
  // None: no leader is known.
  BrokerId LeaderOf(int32_t topic, PartitionIndex partition) const;
  LeaderEpoch EpochOf(int32_t topic, PartitionIndex partition) const;

  // Whom to talk to: the brokers of the last answer, before it the bootstrap addresses.
  const std::vector<Node>& nodes() const { return nodes_; }
  const Node* FindNode(BrokerId id) const;

  // As soon as the back-off allows.
  void RequestUpdate() { update_requested_ = true; }
  bool update_requested() const { return update_requested_; }
  // When a refresh may and should be asked for; not later than `now` if it is due.
  sim::Time NextUpdate(sim::Time now);
  bool UpdateIsDue(sim::Time now) { return NextUpdate(now) <= now; }

  wire::MetadataRequest MakeRequest() const;
  void OnAnswer(const wire::MetadataResponse& answer, sim::Time now);
  void OnFailure(sim::Time now);
  // How many answers came.
  int64_t version() const { return version_; }

 private:
  Options options_;
  sim::Chance* chance_;
  sim::Stream backoff_stream_;
  std::vector<Topic> topics_;
  std::vector<Node> nodes_;
  bool update_requested_ = true;  // a client begins by asking
  sim::Time last_success_;
  sim::Time last_attempt_ = sim::Time::FromNanos(-1);  // none yet
  sim::Time not_before_;
  int64_t failures_ = 0;
  uint64_t backoff_draws_ = 0;
  int64_t version_ = 0;
};

}  // namespace norn::model

#endif  // NORN_MODEL_CLIENT_JAVA_METADATA_H_
