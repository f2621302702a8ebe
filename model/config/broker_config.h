// Every setting of a broker that Norn honours, with Kafka's name and default and with the unit in
// the type. Settings of encryption, listeners, directories, metrics and of what no client here may
// ask for (groups, transactions, tiered storage) are accepted without effect; those of retention,
// throttled replication and threads are refused by name, because they would have one.
//
// A plain struct; Parse() reads server.properties as the client configs are read.
//
// When a log is flushed: after log_flush_interval_messages records, at once; or by a task that
// first looks kLogInitialTaskDelay after the broker starts, then every
// log_flush_scheduler_interval, and flushes what was last flushed log_flush_interval ago. By
// default that task looks once and never again: log.flush.interval.ms alone does nearly nothing, in
// Kafka as here, and a Notice says so.
//
// Example:
//   const std::string settings[] = {"log.flush.interval.messages=1"};
//   auto config = BrokerConfig::Parse(BrokerVersion::kKafka41, settings, nullptr);
#ifndef NORN_MODEL_CONFIG_BROKER_CONFIG_H_
#define NORN_MODEL_CONFIG_BROKER_CONFIG_H_

#include <cstdint>
#include <iosfwd>
#include <limits>
#include <span>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "model/config/flavour.h"
#include "model/config/notice.h"
#include "model/config/properties.h"

namespace norn::model {

struct BrokerConfig {
  // Of log.initial.task.delay.ms, which Kafka keeps to itself.
  static constexpr absl::Duration kLogInitialTaskDelay = absl::Seconds(30);

  BrokerVersion version = BrokerVersion::kKafka41;

  int64_t message_max_bytes = 1048588;  // of a batch, as a topic's max.message.bytes
  // A batch larger than a segment is refused (RECORD_LIST_TOO_LARGE).
  int64_t log_segment_bytes = 1073741824;
  // What a record's timestamp may differ from the leader's clock; infinite: anything.
  absl::Duration log_message_timestamp_before_max = absl::InfiniteDuration();
  absl::Duration log_message_timestamp_after_max = absl::Hours(1);
  bool log_append_time = false;  // log.message.timestamp.type=LogAppendTime
  // A segment whose first record is so much older than the next begins no more: a new one does.
  // log.roll.hours, unless log.roll.ms is set.
  absl::Duration log_roll = absl::Hours(168);
  int64_t log_roll_hours = 168;
  // A producer that has appended nothing for so long is forgotten, at the next check.
  absl::Duration producer_id_expiration = absl::Hours(24);

  int64_t log_flush_interval_messages = std::numeric_limits<int64_t>::max();
  absl::Duration log_flush_interval = absl::InfiniteDuration();
  absl::Duration log_flush_scheduler_interval = absl::InfiniteDuration();

  // Recovery points are checkpointed so often (log.flush.offset.checkpoint.interval.ms).
  absl::Duration log_flush_offset_checkpoint_interval = absl::Seconds(60);

  // Replication. What a topic does not set of the first two it has from here.
  int64_t min_insync_replicas = 1;
  bool unclean_leader_election = false;  // unclean.leader.election.enable
  // A follower that has not been at the leader's log end for so long leaves the ISR.
  absl::Duration replica_lag_time_max = absl::Seconds(30);
  absl::Duration replica_fetch_wait_max = absl::Milliseconds(500);
  int64_t replica_fetch_min_bytes = 1;
  int64_t replica_fetch_max_bytes = 1048576;  // of one partition
  int64_t replica_fetch_response_max_bytes = 10485760;
  absl::Duration replica_fetch_backoff = absl::Seconds(1);
  absl::Duration replica_socket_timeout = absl::Seconds(30);
  absl::Duration replica_high_watermark_checkpoint_interval = absl::Seconds(5);

  // Membership, and what the controller does of its own accord. Norn's brokers and controllers are
  // configured alike.
  absl::Duration heartbeat_interval = absl::Seconds(2);  // broker.heartbeat.interval.ms
  absl::Duration session_timeout = absl::Seconds(9);     // broker.session.timeout.ms
  bool controlled_shutdown = true;                       // controlled.shutdown.enable
  bool auto_leader_rebalance = true;                     // auto.leader.rebalance.enable
  int64_t leader_imbalance_check_interval_seconds = 300;

  int64_t socket_send_buffer_bytes = 102400;     // -1: the operating system's default
  int64_t socket_receive_buffer_bytes = 102400;  // the same
  int64_t socket_request_max_bytes = 104857600;  // a larger request closes its connection
  absl::Duration connections_max_idle = absl::Minutes(10);  // infinite: connections stay

  int64_t fetch_session_cache_slots = 1000;  // max.incremental.fetch.session.cache.slots
  // Of the rates that quotas look at: so many samples, each so long.
  int64_t quota_window_num = 11;
  int64_t quota_window_size_seconds = 1;

  static BrokerConfig Defaults() { return BrokerConfig(); }

  // Settings written key=value, or the properties of a whole file. `notices` may be null.
  static absl::StatusOr<BrokerConfig> Parse(BrokerVersion version,
                                            std::span<const std::string> settings,
                                            std::vector<Notice>* notices);
  static absl::StatusOr<BrokerConfig> Parse(BrokerVersion version,
                                            std::span<const Property> properties,
                                            std::vector<Notice>* notices);

  std::string PrintNonDefault() const;
  static std::string AllKeys();

  friend bool operator==(const BrokerConfig&, const BrokerConfig&) = default;
};

std::ostream& operator<<(std::ostream& os, const BrokerConfig& config);

}  // namespace norn::model

#endif  // NORN_MODEL_CONFIG_BROKER_CONFIG_H_
