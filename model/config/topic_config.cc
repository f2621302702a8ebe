#include "model/config/topic_config.h"

#include <ostream>
#include <string_view>

#include "model/config/config_table.h"
#include "model/config/text.h"

namespace norn::model {
namespace {

constexpr std::string_view kProgram = "topic";

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

using Table = ConfigTable<TopicConfig>;

ConfigRows<TopicConfig> Rows() {
  using C = TopicConfig;
  using enum ValueType;
  ConfigRows<C> rows;
  rows.Add<&C::max_message_bytes>("max.message.bytes", kInt, AtLeast(0));
  rows.Add<&C::segment_bytes>("segment.bytes", kInt, AtLeast(kLeastSegment));
  rows.Add<&C::segment>("segment.ms", kLong, AtLeast(1));
  rows.Add<&C::min_insync_replicas>("min.insync.replicas", kInt, AtLeast(1));
  rows.Add<&C::unclean_leader_election>("unclean.leader.election.enable", kBoolean);
  rows.Add<&C::timestamp_before_max>("message.timestamp.before.max.ms", kLong, AtLeast(0));
  rows.Add<&C::timestamp_after_max>("message.timestamp.after.max.ms", kLong, AtLeast(0));
  rows.Add<&C::log_append_time>("message.timestamp.type", kTimestampTypes);
  rows.Add<&C::flush_messages>("flush.messages", kLong, AtLeast(1));
  rows.Add<&C::flush>("flush.ms", kLong, AtLeast(0));
  rows.AddFixed("compression.type", kString, kCompressionTypes);
  return rows;
}

const Table& TheTable() {
  static const Table& table =
      *new Table(Name(BrokerVersion::kKafka41), kProgram, TopicConfig(), Rows(), TopicKeys());
  return table;
}

}  // namespace

TopicConfig TopicConfig::Defaults(const BrokerConfig& broker) {
  TopicConfig config;
  config.max_message_bytes = broker.message_max_bytes;
  config.segment_bytes = broker.log_segment_bytes;
  config.segment = broker.log_roll;
  config.min_insync_replicas = broker.min_insync_replicas;
  config.unclean_leader_election = broker.unclean_leader_election;
  config.timestamp_before_max = broker.log_message_timestamp_before_max;
  config.timestamp_after_max = broker.log_message_timestamp_after_max;
  config.log_append_time = broker.log_append_time;
  config.flush_messages = broker.log_flush_interval_messages;
  config.flush = broker.log_flush_interval;
  return config;
}

absl::StatusOr<TopicConfig> TopicConfig::Parse(const BrokerConfig& broker,
                                               std::span<const std::string> settings,
                                               std::vector<Notice>* notices) {
  absl::StatusOr<std::vector<Property>> properties = ParseSettings(settings);
  if (!properties.ok()) return properties.status();
  return Parse(broker, *properties, notices);
}

absl::StatusOr<TopicConfig> TopicConfig::Parse(const BrokerConfig& broker,
                                               std::span<const Property> properties,
                                               std::vector<Notice>* notices) {
  TopicConfig config = Defaults(broker);
  std::vector<Notice> said;
  absl::StatusOr<Given> given = TheTable().Read(properties, config, said);
  if (!given.ok()) return given.status();
  if (given->Has("flush.ms") && config.flush != absl::InfiniteDuration() &&
      broker.log_flush_scheduler_interval == absl::InfiniteDuration()) {
    said.push_back({.kind = Notice::Kind::kWarning,
                    .key = "flush.ms",
                    .new_value = std::to_string(absl::ToInt64Milliseconds(config.flush)),
                    .reason =
                        "the brokers look for logs to flush once, 30 s after their start, and "
                        "never again unless they set log.flush.scheduler.interval.ms"});
  }
  if (notices != nullptr) notices->insert(notices->end(), said.begin(), said.end());
  return config;
}

std::string TopicConfig::PrintNonDefault() const { return TheTable().PrintNonDefault(*this); }

std::string TopicConfig::AllKeys() { return TheTable().AllKeys(); }

std::ostream& operator<<(std::ostream& os, const TopicConfig& config) {
  return os << Name(BrokerVersion::kKafka41) << " " << kProgram << " {"
            << OneLine(config.PrintNonDefault()) << "}";
}

}  // namespace norn::model
