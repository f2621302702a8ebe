// Every setting of one topic that Norn honours, with Kafka's name and with the unit in the type.
// What a topic does not set it has from the brokers: its max.message.bytes is their
// message.max.bytes.
//
// Settings that act through compaction or tiered storage only are accepted without effect;
// throttled replication and retention are refused by name.
//
// Example:
//   const std::string settings[] = {"flush.messages=1"};
//   auto config = TopicConfig::Parse(BrokerConfig::Defaults(), settings, nullptr);
#ifndef NORN_MODEL_CONFIG_TOPIC_CONFIG_H_
#define NORN_MODEL_CONFIG_TOPIC_CONFIG_H_

#include <cstdint>
#include <iosfwd>
#include <span>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "model/config/broker_config.h"
#include "model/config/notice.h"
#include "model/config/properties.h"

namespace norn::model {

struct TopicConfig {
  int64_t max_message_bytes = BrokerConfig().message_max_bytes;
  int64_t segment_bytes = BrokerConfig().log_segment_bytes;
  absl::Duration segment = BrokerConfig().log_roll;  // segment.ms
  int64_t min_insync_replicas = BrokerConfig().min_insync_replicas;
  bool unclean_leader_election = BrokerConfig().unclean_leader_election;
  // What a record's timestamp may differ from the leader's clock.
  absl::Duration timestamp_before_max = BrokerConfig().log_message_timestamp_before_max;
  absl::Duration timestamp_after_max = BrokerConfig().log_message_timestamp_after_max;
  // message.timestamp.type=LogAppendTime: records are stamped by the leader's clock.
  bool log_append_time = BrokerConfig().log_append_time;
  // When the topic's logs are flushed; `flush` takes part in the broker's task (broker_config.h).
  int64_t flush_messages = BrokerConfig().log_flush_interval_messages;
  absl::Duration flush = BrokerConfig().log_flush_interval;  // flush.ms

  static TopicConfig Defaults(const BrokerConfig& broker);

  // Settings written key=value, or the properties of a whole file. `notices` may be null.
  static absl::StatusOr<TopicConfig> Parse(const BrokerConfig& broker,
                                           std::span<const std::string> settings,
                                           std::vector<Notice>* notices);
  static absl::StatusOr<TopicConfig> Parse(const BrokerConfig& broker,
                                           std::span<const Property> properties,
                                           std::vector<Notice>* notices);

  // What differs from the topics of a broker with default settings.
  std::string PrintNonDefault() const;
  static std::string AllKeys();

  friend bool operator==(const TopicConfig&, const TopicConfig&) = default;
};

std::ostream& operator<<(std::ostream& os, const TopicConfig& config);

}  // namespace norn::model

#endif  // NORN_MODEL_CONFIG_TOPIC_CONFIG_H_
