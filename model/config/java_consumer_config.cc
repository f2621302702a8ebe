#include "model/config/java_consumer_config.h"

#include <ostream>
#include <string_view>

#include "absl/status/status.h"
#include "model/config/config_table.h"
#include "model/config/text.h"

namespace norn::model {
namespace {

constexpr std::string_view kProgram = "consumer";

constexpr Choice kResets[] = {{"latest", static_cast<int64_t>(OffsetReset::kLatest)},
                              {"earliest", static_cast<int64_t>(OffsetReset::kEarliest)},
                              {"none", static_cast<int64_t>(OffsetReset::kNone)},
                              {.word = "by_duration:", .modelled = false}};
constexpr Choice kIsolationLevels[] = {{.word = "read_uncommitted"},
                                       {.word = "read_committed", .modelled = false}};
constexpr Choice kOnlyFalse[] = {{"false", 0}};

using Table = ConfigTable<JavaConsumerConfig>;

ConfigRows<JavaConsumerConfig> Rows(Flavour flavour) {
  using C = JavaConsumerConfig;
  using enum ValueType;
  ConfigRows<C> rows;
  // by_duration came with 4.0 (KIP-1106).
  const std::span<const Choice> resets(kResets);
  rows.Add<&C::auto_offset_reset>("auto.offset.reset",
                                  flavour == Flavour::kJava39 ? resets.first(3) : resets);
  rows.Add<&C::fetch_min_bytes>("fetch.min.bytes", kInt, AtLeast(0));
  rows.Add<&C::fetch_max_wait>("fetch.max.wait.ms", kInt, AtLeast(0));
  rows.Add<&C::fetch_max_bytes>("fetch.max.bytes", kInt, AtLeast(0));
  rows.Add<&C::max_partition_fetch_bytes>("max.partition.fetch.bytes", kInt, AtLeast(0));
  rows.Add<&C::max_poll_records>("max.poll.records", kInt, AtLeast(1));
  rows.Add<&C::check_crcs>("check.crcs", kBoolean);
  rows.Add<&C::bootstrap_servers>("bootstrap.servers", kList, CheckBootstrapServers);
  rows.Add<&C::client_id>("client.id", kString);
  rows.Add<&C::request_timeout>("request.timeout.ms", kInt, AtLeast(0));
  rows.Add<&C::retry_backoff>("retry.backoff.ms", kLong, AtLeast(0));
  rows.Add<&C::retry_backoff_max>("retry.backoff.max.ms", kLong, AtLeast(0));
  rows.Add<&C::reconnect_backoff>("reconnect.backoff.ms", kLong, AtLeast(0));
  rows.Add<&C::reconnect_backoff_max>("reconnect.backoff.max.ms", kLong, AtLeast(0));
  rows.Add<&C::socket_connection_setup_timeout>("socket.connection.setup.timeout.ms", kLong,
                                                AtLeast(0));
  rows.Add<&C::socket_connection_setup_timeout_max>("socket.connection.setup.timeout.max.ms", kLong,
                                                    AtLeast(0));
  rows.Add<&C::metadata_max_age>("metadata.max.age.ms", kLong, AtLeast(0));
  rows.Add<&C::metadata_recovery_strategy>("metadata.recovery.strategy", kMetadataRecoveries);
  if (flavour != Flavour::kJava39)
    rows.Add<&C::metadata_recovery_rebootstrap_trigger>("metadata.recovery.rebootstrap.trigger.ms",
                                                        kLong, AtLeast(0));
  rows.Add<&C::send_buffer_bytes>("send.buffer.bytes", kInt, AtLeast(kOperatingSystemDefault));
  rows.Add<&C::receive_buffer_bytes>("receive.buffer.bytes", kInt,
                                     AtLeast(kOperatingSystemDefault));
  rows.AddFixed("isolation.level", kString, kIsolationLevels);
  rows.AddFixed("enable.auto.commit", kBoolean, kOnlyFalse);
  return rows;
}

const Table& TableOf(Flavour flavour) {
  static const auto make = [](Flavour f) {
    return new Table(Name(f), kProgram, JavaConsumerConfig::Defaults(f), Rows(f), ConsumerKeys(f));
  };
  if (flavour == Flavour::kJava39) {
    static const Table& java39 = *make(flavour);
    return java39;
  }
  static const Table& java41 = *make(Flavour::kJava41);
  return java41;
}

}  // namespace

JavaConsumerConfig JavaConsumerConfig::Defaults(Flavour flavour) {
  JavaConsumerConfig config;
  config.flavour = flavour;
  if (flavour == Flavour::kJava39) config.metadata_recovery_strategy = MetadataRecovery::kNone;
  return config;
}

absl::StatusOr<JavaConsumerConfig> JavaConsumerConfig::Parse(Flavour flavour,
                                                             std::span<const std::string> settings,
                                                             std::vector<Notice>* notices) {
  absl::StatusOr<std::vector<Property>> properties = ParseSettings(settings);
  if (!properties.ok()) return properties.status();
  return Parse(flavour, *properties, notices);
}

absl::StatusOr<JavaConsumerConfig> JavaConsumerConfig::Parse(Flavour flavour,
                                                             std::span<const Property> properties,
                                                             std::vector<Notice>* notices) {
  JavaConsumerConfig config = Defaults(flavour);
  std::vector<Notice> said;
  absl::StatusOr<Given> given = TableOf(flavour).Read(properties, config, said);
  if (!given.ok()) return given.status();
  SettleNetwork(*given, config, said);
  if (notices != nullptr) notices->insert(notices->end(), said.begin(), said.end());
  return config;
}

std::string JavaConsumerConfig::PrintNonDefault() const {
  return TableOf(flavour).PrintNonDefault(*this);
}

std::string JavaConsumerConfig::AllKeys(Flavour flavour) { return TableOf(flavour).AllKeys(); }

std::ostream& operator<<(std::ostream& os, OffsetReset reset) {
  return os << kResets[static_cast<size_t>(reset)].word;
}

std::ostream& operator<<(std::ostream& os, const JavaConsumerConfig& config) {
  return os << Name(config.flavour) << " " << kProgram << " {" << OneLine(config.PrintNonDefault())
            << "}";
}

}  // namespace norn::model
