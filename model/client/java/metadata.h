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
#include "model/wall_clock.h"
#include "model/wire/leader.h"
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
    // A producer asks for new topics alone, unless all are due.
    bool partial_updates = true;
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
    bool is_new = false;                // wanted, and no answer has told of it
    std::vector<Partition> partitions;  // empty: not known
    // The latest epochs ever seen; they outlive what is known of the partitions.
    std::vector<LeaderEpoch> epochs_seen;
  };

  ClientMetadata(Options options, sim::Chance* chance, std::string_view client);

  // A topic's number in this client; a new name gets the next one, and nothing is asked for it yet.
  int32_t TopicNumber(std::string_view name) {
    // Most often the one asked for last.
    if (last_asked_ < topics_.size() && topics_[last_asked_].name.text() == name)
      return static_cast<int32_t>(last_asked_);
    return FindOrAddTopic(name);
  }
  const std::vector<Topic>& topics() const { return topics_; }
  const Topic& topic(int32_t number) const { return topics_[static_cast<size_t>(number)]; }
  // From now on asked for; if it was not, a refresh is due.
  void Want(int32_t topic);
  // Its number, or -1.
  int32_t FindTopic(const Uuid& id) const;
  int32_t FindTopic(std::string_view name) const;

  int32_t PartitionCount(int32_t topic) const {
    return static_cast<int32_t>(topics_[static_cast<size_t>(topic)].partitions.size());
  }
  // None: no leader is known.
  BrokerId LeaderOf(int32_t topic, PartitionIndex partition) const;
  LeaderEpoch EpochOf(int32_t topic, PartitionIndex partition) const;

  // Whom to talk to: the brokers of the last answer, before it the bootstrap addresses.
  const std::vector<Node>& nodes() const { return nodes_; }
  const Node* FindNode(BrokerId id) const;

  // As soon as the back-off allows. `anew`: the back-off of answers that brought nothing new ends.
  void RequestUpdate(bool anew = false);
  // For one topic; a new one does not wait.
  void RequestUpdateFor(int32_t topic);
  bool update_requested() const { return need_full_ || need_partial_; }
  // When a refresh may and should be asked for; not later than `now` if it is due. Java draws the
  // jitter anew at each call.
  sim::Time NextUpdate(sim::Time now);
  bool UpdateIsDue(sim::Time now) { return NextUpdate(now) <= now; }

  // What to ask now. One question at a time: OnAnswer and OnFailure are about the last one.
  wire::MetadataRequest MakeRequest(sim::Time now);
  void OnAnswer(const wire::MetadataResponse& answer, sim::Time now);
  void OnFailure(sim::Time now);
  // Forgets brokers and topics: the bootstrap addresses are asked again (KIP-899).
  void Rebootstrap();
  // An error of leadership named the new leader (KIP-951). True if that is news, and its address is
  // known.
  bool UpdateLeader(int32_t topic, PartitionIndex partition, const wire::LeaderIdAndEpoch& leader,
                    const std::vector<wire::NodeEndpoint>& endpoints);

  // How many answers came.
  int64_t version() const { return version_; }
  // Grows whenever LeaderOf may say something else.
  int64_t leaders_version() const { return leaders_version_; }
  bool is_bootstrap() const { return is_bootstrap_; }

 private:
  void Bootstrap();
  void RequestUpdateForNewTopics();
  absl::Duration DrawBackoff(int64_t attempts);
  void Learn(Topic& topic, const wire::MetadataResponse::Partition& told);
  int32_t FindOrAddTopic(std::string_view name);

  Options options_;
  sim::Chance* chance_;
  sim::Stream backoff_stream_;
  std::vector<Topic> topics_;
  size_t last_asked_ = 0;
  std::vector<Node> nodes_;
  bool is_bootstrap_ = true;
  bool need_full_ = true;  // a client begins by asking
  bool need_partial_ = false;
  bool asked_partial_ = false;
  int64_t wanted_version_ = 0;  // grows with each new topic
  int64_t asked_version_ = 0;
  sim::Time last_success_ = kLongAgo;  // none yet
  sim::Time last_refresh_ = kLongAgo;  // likewise; or a new topic must not wait
  int64_t failures_ = 0;               // in a row
  int64_t equivalent_ = 0;             // answers in a row that brought nothing new
  uint64_t backoff_draws_ = 0;
  int64_t version_ = 0;
  int64_t leaders_version_ = 0;
};

}  // namespace norn::model

#endif  // NORN_MODEL_CLIENT_JAVA_METADATA_H_
