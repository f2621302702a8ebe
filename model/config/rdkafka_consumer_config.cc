#include "model/config/rdkafka_consumer_config.h"

#include <algorithm>
#include <limits>
#include <ostream>
#include <string_view>
#include <utility>

#include "model/config/config_table.h"
#include "model/config/text.h"

namespace norn::model {
namespace {

constexpr std::string_view kProgram = "librdkafka consumer";
constexpr int64_t kMaxInt = std::numeric_limits<int32_t>::max();
// What the answer to a Fetch has beside its records, as librdkafka reckons.
constexpr int64_t kMostOverhead = 512;

// The first word of each is the one that is printed.
constexpr Choice kResets[] = {{"earliest", 0}, {"smallest", 0}, {"beginning", 0}, {"latest", 1},
                              {"largest", 1},  {"end", 1},      {"error", 2}};
constexpr Choice kIsolationLevels[] = {{"read_uncommitted", 0}, {"read_committed", 1}};

constexpr RdkafkaAlias kAliases[] = {
    {"max.partition.fetch.bytes", "fetch.message.max.bytes"},
};

using Table = ConfigTable<RdkafkaConsumerConfig>;

ConfigRows<RdkafkaConsumerConfig> Rows(Flavour flavour) {
  using C = RdkafkaConsumerConfig;
  using enum ValueType;
  ConfigRows<C> rows;
  rows.Add<&C::auto_offset_reset>("auto.offset.reset", kResets);
  rows.Add<&C::fetch_min_bytes>("fetch.min.bytes", kInt, {1, 100'000'000});
  rows.Add<&C::fetch_wait_max>("fetch.wait.max.ms", kInt, {0, 300'000});
  rows.Add<&C::fetch_max_bytes>("fetch.max.bytes", kInt, {0, kMaxInt - kMostOverhead});
  rows.Add<&C::fetch_message_max_bytes>("fetch.message.max.bytes", kInt, {1, 1'000'000'000});
  rows.Add<&C::queued_min_messages>("queued.min.messages", kInt, {1, 10'000'000});
  rows.Add<&C::queued_max_messages_kbytes>("queued.max.messages.kbytes", kInt, {1, kMaxInt / 1024});
  rows.Add<&C::fetch_error_backoff>("fetch.error.backoff.ms", kInt, {0, 300'000});
  if (flavour == Flavour::kLibrdkafka216)
    rows.Add<&C::fetch_queue_backoff>("fetch.queue.backoff.ms", kInt, {0, 300'000});
  rows.Add<&C::read_committed>("isolation.level", kIsolationLevels);
  rows.Add<&C::check_crcs>("check.crcs", kBoolean);
  rows.Add<&C::enable_partition_eof>("enable.partition.eof", kBoolean);
  rows.Add<&C::client_rack>("client.rack", kString);
  rows.Add<&C::receive_message_max_bytes>("receive.message.max.bytes", kInt, {1000, kMaxInt});
  AddRdkafkaClientRows(rows, flavour);
  return rows;
}

const Table& TableOf(Flavour flavour) {
  static const auto make = [](Flavour f) {
    return new Table(Name(f), kProgram, RdkafkaConsumerConfig::Defaults(f), Rows(f),
                     RdkafkaConsumerKeys(f));
  };
  if (flavour == Flavour::kLibrdkafka20) {
    static const Table& old = *make(flavour);
    return old;
  }
  static const Table& recent = *make(flavour);
  return recent;
}

// rd_kafka_conf_finalize(): one answer may hold the largest message and what may be queued, and a
// frame may hold the answer.
void SettleSizes(const Given& given, RdkafkaConsumerConfig& config, std::vector<Notice>& notices,
                 RdkafkaRules& rules) {
  constexpr std::string_view kFetch = "fetch.max.bytes";
  constexpr std::string_view kReceive = "receive.message.max.bytes";
  const auto adjust = [&](std::string_view key, int64_t& field, int64_t value,
                          std::string_view reason) {
    if (field == value) return;
    notices.push_back({.kind = Notice::Kind::kAdjusted,
                       .key = std::string(key),
                       .old_value = std::to_string(field),
                       .new_value = std::to_string(value),
                       .reason = std::string(reason)});
    field = value;
  };
  if (!given.Has(kFetch)) {
    adjust(kFetch, config.fetch_max_bytes,
           std::max(std::min(config.fetch_max_bytes, config.queued_max_messages_kbytes * 1024),
                    config.message_max_bytes),
           "at least message.max.bytes, and else no more than queued.max.messages.kbytes");
  } else if (config.fetch_max_bytes < config.message_max_bytes) {
    rules.Broken(Cat("`fetch.max.bytes` must be >= `message.max.bytes`. Here ", given.Show(kFetch),
                     " with ", given.Show("message.max.bytes"), "; raise fetch.max.bytes"));
  }
  if (!given.Has(kReceive)) {
    adjust(kReceive, config.receive_message_max_bytes,
           std::max(config.receive_message_max_bytes, config.fetch_max_bytes + kMostOverhead),
           "512 more than fetch.max.bytes");
  } else if (config.fetch_max_bytes + kMostOverhead > config.receive_message_max_bytes) {
    rules.Broken(Cat("`receive.message.max.bytes` must be >= `fetch.max.bytes` + 512. Here ",
                     given.Show(kReceive), " with ", given.Show(kFetch),
                     "; raise receive.message.max.bytes"));
  }
}

}  // namespace

RdkafkaConsumerConfig RdkafkaConsumerConfig::Defaults(Flavour flavour) {
  RdkafkaConsumerConfig config;
  static_cast<RdkafkaClientConfig&>(config) = RdkafkaClientConfig::Defaults(flavour);
  return config;
}

absl::StatusOr<RdkafkaConsumerConfig> RdkafkaConsumerConfig::Parse(
    Flavour flavour, std::span<const std::string> settings, std::vector<Notice>* notices) {
  absl::StatusOr<std::vector<Property>> properties = ParseSettings(settings);
  if (!properties.ok()) return properties.status();
  return Parse(flavour, *properties, notices);
}

absl::StatusOr<RdkafkaConsumerConfig> RdkafkaConsumerConfig::Parse(
    Flavour flavour, std::span<const Property> properties, std::vector<Notice>* notices) {
  const std::vector<Property> named = RdkafkaProperties(properties, kAliases);
  RdkafkaConsumerConfig config = Defaults(flavour);
  std::vector<Notice> said;
  absl::StatusOr<Given> given = TableOf(flavour).Read(named, config, said);
  if (!given.ok()) return given.status();
  RdkafkaRules rules;
  SettleSizes(*given, config, said, rules);
  CheckRdkafkaClient(*given, config, rules);
  if (absl::Status status = rules.status(); !status.ok()) return status;
  if (notices != nullptr) notices->insert(notices->end(), said.begin(), said.end());
  return config;
}

std::string RdkafkaConsumerConfig::PrintNonDefault() const {
  return TableOf(flavour).PrintNonDefault(*this);
}

std::string RdkafkaConsumerConfig::AllKeys(Flavour flavour) { return TableOf(flavour).AllKeys(); }

std::ostream& operator<<(std::ostream& os, const RdkafkaConsumerConfig& config) {
  return os << Name(config.flavour) << " consumer {" << OneLine(config.PrintNonDefault()) << "}";
}

}  // namespace norn::model
