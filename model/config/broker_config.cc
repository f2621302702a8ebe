#include "model/config/broker_config.h"

#include <ostream>
#include <string_view>

#include "model/config/config_table.h"
#include "model/config/text.h"

namespace norn::model {
namespace {

constexpr std::string_view kProgram = "broker";

// Compressed or not is the producer's choice, and ours do not compress.
constexpr Choice kCompressionTypes[] = {
    {.word = "producer"},
    {.word = "uncompressed", .modelled = false},
    {.word = "zstd", .modelled = false},
    {.word = "lz4", .modelled = false},
    {.word = "snappy", .modelled = false},
    {.word = "gzip", .modelled = false},
};

constexpr Choice kTimestampTypes[] = {{.word = "CreateTime", .value = 0},
                                      {.word = "LogAppendTime", .value = 1}};
// More threads than one would fetch the partitions of one broker side by side.
constexpr Choice kReplicaFetchers[] = {{.word = "1", .value = 1}};
// KIP-1030.
constexpr int64_t kLeastSegment = 1048576;

using Table = ConfigTable<BrokerConfig>;

ConfigRows<BrokerConfig> Rows() {
  using C = BrokerConfig;
  using enum ValueType;
  ConfigRows<C> rows;
  rows.Add<&C::message_max_bytes>("message.max.bytes", kInt, AtLeast(0));
  rows.Add<&C::log_segment_bytes>("log.segment.bytes", kInt, AtLeast(kLeastSegment));
  rows.Add<&C::log_message_timestamp_before_max>("log.message.timestamp.before.max.ms", kLong,
                                                 AtLeast(0));
  rows.Add<&C::log_message_timestamp_after_max>("log.message.timestamp.after.max.ms", kLong,
                                                AtLeast(0));
  rows.Add<&C::log_append_time>("log.message.timestamp.type", kTimestampTypes);
  // log.roll.ms itself has no bound in ConfigDef; Kafka looks at the outcome.
  rows.Add<&C::log_roll>("log.roll.ms", kLong, AtLeast(1));
  rows.Add<&C::log_roll_hours>("log.roll.hours", kInt, AtLeast(1));
  rows.Add<&C::producer_id_expiration>("producer.id.expiration.ms", kInt, AtLeast(1));
  rows.Add<&C::log_flush_interval_messages>("log.flush.interval.messages", kLong, AtLeast(1));
  // Kafka sets the next four no bound; where a number below ours has no meaning, we do.
  rows.Add<&C::log_flush_interval>("log.flush.interval.ms", kLong, AtLeast(0));
  rows.Add<&C::log_flush_scheduler_interval>("log.flush.scheduler.interval.ms", kLong, AtLeast(1));
  rows.Add<&C::log_flush_offset_checkpoint_interval>("log.flush.offset.checkpoint.interval.ms",
                                                     kInt, AtLeast(0));
  rows.Add<&C::min_insync_replicas>("min.insync.replicas", kInt, AtLeast(1));
  rows.Add<&C::unclean_leader_election>("unclean.leader.election.enable", kBoolean);
  // Of the waits among these, Kafka bounds only the backoff; below 1 they would spin, or wait for
  // nothing.
  rows.Add<&C::replica_lag_time_max>("replica.lag.time.max.ms", kLong, AtLeast(1));
  rows.Add<&C::replica_fetch_wait_max>("replica.fetch.wait.max.ms", kInt, AtLeast(0));
  rows.Add<&C::replica_fetch_min_bytes>("replica.fetch.min.bytes", kInt, AtLeast(0));
  rows.Add<&C::replica_fetch_max_bytes>("replica.fetch.max.bytes", kInt, AtLeast(0));
  rows.Add<&C::replica_fetch_response_max_bytes>("replica.fetch.response.max.bytes", kInt,
                                                 AtLeast(0));
  rows.Add<&C::replica_fetch_backoff>("replica.fetch.backoff.ms", kInt, AtLeast(0));
  rows.Add<&C::replica_socket_timeout>("replica.socket.timeout.ms", kInt, AtLeast(1));
  rows.Add<&C::replica_high_watermark_checkpoint_interval>(
      "replica.high.watermark.checkpoint.interval.ms", kLong, AtLeast(1));
  rows.AddFixed("num.replica.fetchers", kInt, kReplicaFetchers);
  rows.Add<&C::heartbeat_interval>("broker.heartbeat.interval.ms", kInt, AtLeast(1));
  rows.Add<&C::session_timeout>("broker.session.timeout.ms", kInt, AtLeast(1));
  rows.Add<&C::controlled_shutdown>("controlled.shutdown.enable", kBoolean);
  rows.Add<&C::auto_leader_rebalance>("auto.leader.rebalance.enable", kBoolean);
  rows.Add<&C::leader_imbalance_check_interval_seconds>("leader.imbalance.check.interval.seconds",
                                                        kLong, AtLeast(1));
  rows.Add<&C::socket_send_buffer_bytes>("socket.send.buffer.bytes", kInt, AtLeast(-1));
  rows.Add<&C::socket_receive_buffer_bytes>("socket.receive.buffer.bytes", kInt, AtLeast(-1));
  rows.Add<&C::socket_request_max_bytes>("socket.request.max.bytes", kInt, AtLeast(1));
  rows.Add<&C::fetch_session_cache_slots>("max.incremental.fetch.session.cache.slots", kInt,
                                          AtLeast(0));
  rows.Add<&C::quota_window_num>("quota.window.num", kInt, AtLeast(1));
  rows.Add<&C::quota_window_size_seconds>("quota.window.size.seconds", kInt, AtLeast(1));
  // Any negative number is never.
  rows.Add<&C::connections_max_idle>("connections.max.idle.ms", kLong);
  rows.AddFixed("compression.type", kString, kCompressionTypes);
  return rows;
}

const Table& TheTable() {
  static const Table& table = *new Table(Name(BrokerVersion::kKafka41), kProgram,
                                         BrokerConfig::Defaults(), Rows(), BrokerKeys());
  return table;
}

// log.flush.interval.ms is, unless set, the scheduler's interval; and set alone it waits for a
// scheduler that does not come.
void SettleFlush(const Given& given, BrokerConfig& config, std::vector<Notice>& notices) {
  const bool interval = given.Has("log.flush.interval.ms");
  const bool scheduler = given.Has("log.flush.scheduler.interval.ms");
  const std::string never = std::to_string(std::numeric_limits<int64_t>::max());
  if (scheduler && !interval) {
    config.log_flush_interval = config.log_flush_scheduler_interval;
    notices.push_back(
        {.kind = Notice::Kind::kAdjusted,
         .key = "log.flush.interval.ms",
         .old_value = never,
         .new_value = std::to_string(absl::ToInt64Milliseconds(config.log_flush_interval)),
         .reason = "not set, so it is log.flush.scheduler.interval.ms"});
  }
  if (interval && config.log_flush_interval != absl::InfiniteDuration() &&
      config.log_flush_scheduler_interval == absl::InfiniteDuration()) {
    notices.push_back(
        {.kind = Notice::Kind::kWarning,
         .key = "log.flush.interval.ms",
         .new_value = std::to_string(absl::ToInt64Milliseconds(config.log_flush_interval)),
         .reason = "the broker looks for logs to flush once, 30 s after its start, and never again "
                   "unless log.flush.scheduler.interval.ms is set"});
  }
}

void SettleRoll(const Given& given, BrokerConfig& config, std::vector<Notice>& notices) {
  if (!given.Has("log.roll.hours")) return;
  if (given.Has("log.roll.ms")) {
    notices.push_back({.kind = Notice::Kind::kWarning,
                       .key = "log.roll.hours",
                       .new_value = std::to_string(config.log_roll_hours),
                       .reason = "log.roll.ms is set too, and counts"});
    return;
  }
  const std::string old = std::to_string(absl::ToInt64Milliseconds(config.log_roll));
  config.log_roll = absl::Hours(config.log_roll_hours);
  notices.push_back({.kind = Notice::Kind::kAdjusted,
                     .key = "log.roll.ms",
                     .old_value = old,
                     .new_value = std::to_string(absl::ToInt64Milliseconds(config.log_roll)),
                     .reason = "not set, so it is log.roll.hours"});
}

// Of KafkaConfig.validateValues what concerns replication. A heartbeat that is too slow Kafka only
// complains of.
absl::Status CheckReplication(const BrokerConfig& config, std::vector<Notice>& notices) {
  if (config.replica_fetch_wait_max > config.replica_socket_timeout)
    return absl::InvalidArgumentError(
        "replica.socket.timeout.ms should always be at least replica.fetch.wait.max.ms to prevent "
        "unnecessary socket timeouts");
  if (config.replica_fetch_wait_max > config.replica_lag_time_max)
    return absl::InvalidArgumentError(
        "replica.fetch.wait.max.ms should always be less than or equal to replica.lag.time.max.ms "
        "to prevent frequent changes in ISR");
  if (config.heartbeat_interval * 2 > config.session_timeout) {
    notices.push_back(
        {.kind = Notice::Kind::kWarning,
         .key = "broker.heartbeat.interval.ms",
         .new_value = std::to_string(absl::ToInt64Milliseconds(config.heartbeat_interval)),
         .reason = "more than half of broker.session.timeout.ms: a broker that misses it loses its "
                   "lease"});
  }
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<BrokerConfig> BrokerConfig::Parse(BrokerVersion version,
                                                 std::span<const std::string> settings,
                                                 std::vector<Notice>* notices) {
  absl::StatusOr<std::vector<Property>> properties = ParseSettings(settings);
  if (!properties.ok()) return properties.status();
  return Parse(version, *properties, notices);
}

absl::StatusOr<BrokerConfig> BrokerConfig::Parse(BrokerVersion version,
                                                 std::span<const Property> properties,
                                                 std::vector<Notice>* notices) {
  BrokerConfig config;
  config.version = version;
  std::vector<Notice> said;
  absl::StatusOr<Given> given = TheTable().Read(properties, config, said);
  if (!given.ok()) return given.status();
  SettleFlush(*given, config, said);
  SettleRoll(*given, config, said);
  if (absl::Status checked = CheckReplication(config, said); !checked.ok()) return checked;
  if (notices != nullptr) notices->insert(notices->end(), said.begin(), said.end());
  return config;
}

std::string BrokerConfig::PrintNonDefault() const { return TheTable().PrintNonDefault(*this); }

std::string BrokerConfig::AllKeys() { return TheTable().AllKeys(); }

std::ostream& operator<<(std::ostream& os, const BrokerConfig& config) {
  return os << Name(config.version) << " " << kProgram << " {" << OneLine(config.PrintNonDefault())
            << "}";
}

}  // namespace norn::model
