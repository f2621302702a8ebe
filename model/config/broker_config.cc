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
  rows.Add<&C::producer_id_expiration>("producer.id.expiration.ms", kInt, AtLeast(1));
  rows.Add<&C::log_flush_interval_messages>("log.flush.interval.messages", kLong, AtLeast(1));
  // Kafka sets the next four no bound; where a number below ours has no meaning, we do.
  rows.Add<&C::log_flush_interval>("log.flush.interval.ms", kLong, AtLeast(0));
  rows.Add<&C::log_flush_scheduler_interval>("log.flush.scheduler.interval.ms", kLong, AtLeast(1));
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
