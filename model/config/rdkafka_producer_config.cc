#include "model/config/rdkafka_producer_config.h"

#include <algorithm>
#include <ostream>
#include <string_view>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/numbers.h"
#include "absl/strings/string_view.h"
#include "model/config/client_network_config.h"
#include "model/config/config_table.h"
#include "model/config/text.h"

namespace norn::model {
namespace {

constexpr std::string_view kProgram = "librdkafka producer";
constexpr int32_t kMaxInFlightForIdempotence = 5;
constexpr int64_t kMaxInt = std::numeric_limits<int32_t>::max();

constexpr Choice kAcks[] = {{"all", -1}, {"-1", -1}, {"0", 0}, {"1", 1}};
constexpr Choice kCompressionTypes[] = {
    {"none", 0}, {"gzip", 1}, {"snappy", 2}, {"lz4", 3}, {"zstd", 4}};
constexpr Choice kPartitioners[] = {
    {"random", 0},         {"consistent", 1}, {"consistent_random", 2}, {"murmur2", 3},
    {"murmur2_random", 4}, {"fnv1a", 5},      {"fnv1a_random", 6}};
constexpr Choice kOnlyFalse[] = {{"false", 0}};
constexpr Choice kOnlyFifo[] = {{.word = "fifo"}, {.word = "lifo", .modelled = false}};

constexpr RdkafkaAlias kAliases[] = {
    {"request.required.acks", "acks"},
    {"queue.buffering.max.ms", "linger.ms"},
    {"delivery.timeout.ms", "message.timeout.ms"},
    {"message.send.max.retries", "retries"},
    {"compression.codec", "compression.type"},
};

using Table = ConfigTable<RdkafkaProducerConfig>;

ConfigRows<RdkafkaProducerConfig> Rows(Flavour flavour) {
  using C = RdkafkaProducerConfig;
  using enum ValueType;
  ConfigRows<C> rows;
  rows.Add<&C::acks>("acks", kAcks);
  rows.Add<&C::enable_idempotence>("enable.idempotence", kBoolean);
  rows.Add<&C::enable_gapless_guarantee>("enable.gapless.guarantee", kBoolean);
  rows.AddMillis<&C::linger>("linger.ms", {0, 900'000});
  rows.Add<&C::batch_num_messages>("batch.num.messages", kInt, {1, 1'000'000});
  rows.Add<&C::batch_size>("batch.size", kInt, {1, kMaxInt});
  rows.Add<&C::queue_buffering_max_messages>("queue.buffering.max.messages", kInt, {0, kMaxInt});
  rows.Add<&C::queue_buffering_max_kbytes>("queue.buffering.max.kbytes", kInt, {1, kMaxInt});
  rows.Add<&C::queue_buffering_backpressure_threshold>("queue.buffering.backpressure.threshold",
                                                       kInt, {1, 1'000'000});
  rows.Add<&C::message_timeout>("message.timeout.ms", kInt, {0, kMaxInt});
  rows.Add<&C::request_timeout>("request.timeout.ms", kInt, {1, 900'000});
  rows.Add<&C::retries>("retries", kInt, {0, kMaxInt});
  rows.Add<&C::compression_type>("compression.type", kCompressionTypes);
  rows.Add<&C::partitioner>("partitioner", kPartitioners);
  rows.Add<&C::sticky_partitioning_linger>("sticky.partitioning.linger.ms", kInt, {0, 900'000});
  AddRdkafkaClientRows(rows, flavour);
  rows.AddFixed("queuing.strategy", kString, kOnlyFifo);
  rows.AddFixed("delivery.report.only.error", kBoolean, kOnlyFalse);
  return rows;
}

const Table& TableOf(Flavour flavour) {
  static const auto make = [](Flavour f) {
    return new Table(Name(f), kProgram, RdkafkaProducerConfig::Defaults(f), Rows(f),
                     RdkafkaProducerKeys(f));
  };
  if (flavour == Flavour::kLibrdkafka20) {
    static const Table& old = *make(flavour);
    return old;
  }
  static const Table& recent = *make(flavour);
  return recent;
}

Notice Adjusted(std::string_view key, std::string from, std::string to, std::string reason) {
  return {.kind = Notice::Kind::kAdjusted,
          .key = std::string(key),
          .old_value = std::move(from),
          .new_value = std::move(to),
          .reason = std::move(reason)};
}

// rd_kafka_conf_finalize() and rd_kafka_topic_conf_finalize(): what idempotence needs is set if the
// user did not set it, and an error if he set it otherwise.
void SettleIdempotence(const Given& given, RdkafkaProducerConfig& config,
                       std::vector<Notice>& notices, RdkafkaRules& rules) {
  const auto contradiction = [&](std::string_view rule, std::string_view key,
                                 std::string_view remedy) {
    rules.Broken(Cat(rule, ". Here ", given.Show(key), " with ", given.Show("enable.idempotence"),
                     "; ", remedy, ", or set enable.idempotence=false"));
  };
  if (!config.enable_idempotence) {
    if (config.enable_gapless_guarantee) {
      rules.Broken(
          "`enable.gapless.guarantee` requires `enable.idempotence` to be enabled; set "
          "enable.idempotence=true, or remove enable.gapless.guarantee");
    }
    return;
  }
  constexpr std::string_view kInFlight = "max.in.flight.requests.per.connection";
  if (given.Has(kInFlight)) {
    if (config.max_in_flight_requests_per_connection > kMaxInFlightForIdempotence) {
      contradiction("`max.in.flight` must be set <= 5 when `enable.idempotence` is true", kInFlight,
                    "lower it to 5");
    }
  } else {
    notices.push_back(Adjusted(
        kInFlight, std::to_string(config.max_in_flight_requests_per_connection),
        std::to_string(kMaxInFlightForIdempotence), "enable.idempotence=true allows at most 5"));
    config.max_in_flight_requests_per_connection = kMaxInFlightForIdempotence;
  }
  if (given.Has("retries") && config.retries < 1) {
    contradiction("`retries` must be set >= 1 when `enable.idempotence` is true", "retries",
                  "remove retries");
  }
  constexpr std::string_view kThreshold = "queue.buffering.backpressure.threshold";
  if (given.Has(kThreshold) && config.queue_buffering_backpressure_threshold > 1) {
    contradiction(
        "`queue.buffering.backpressure.threshold` must be set to 1 when `enable.idempotence` is "
        "true",
        kThreshold, "lower it to 1");
  }
  if (config.acks != Acks::kAll) {
    contradiction("`acks` must be set to `all` when `enable.idempotence` is true", "acks",
                  "set acks=all");
  }
}

void SettleTimes(const Given& given, RdkafkaProducerConfig& config, std::vector<Notice>& notices,
                 RdkafkaRules& rules) {
  if (config.message_timeout <= config.linger && given.Has("linger.ms")) {
    rules.Broken(Cat("`message.timeout.ms` must be greater than `linger.ms`. Here ",
                     given.Show("message.timeout.ms"), " with ", given.Show("linger.ms"),
                     "; lower linger.ms"));
  }
  if (!given.Has("sticky.partitioning.linger.ms") && given.Has("linger.ms")) {
    const absl::Duration twice = std::min(2 * config.linger, absl::Milliseconds(900'000));
    const absl::Duration whole = absl::Trunc(twice, absl::Milliseconds(1));
    if (whole != config.sticky_partitioning_linger) {
      notices.push_back(AdjustedMillis("sticky.partitioning.linger.ms",
                                       config.sticky_partitioning_linger, whole,
                                       "twice linger.ms unless it is set"));
    }
    config.sticky_partitioning_linger = whole;
  }
}

// One range for all codecs; each then takes what it can make of it (gzip up to 9, snappy nothing).
void CheckCompressionLevel(std::span<const Property> properties, RdkafkaRules& rules) {
  constexpr std::string_view kLevel = "compression.level";
  for (const Property& property : properties) {
    if (property.key != kLevel) continue;
    const std::string_view value = Trim(property.value);
    int64_t level = 0;
    if (!absl::SimpleAtoi(absl::string_view(value.data(), value.size()), &level)) {
      rules.Broken(Cat("Invalid value ", value, " for configuration ", kLevel,
                       ": Not a number of type int; write a whole number from -1 to 12"));
    } else if (level < -1 || level > 12) {
      rules.Broken(Cat("Configuration property \"", kLevel, "\" value ", value,
                       " is outside allowed range -1..12"));
    }
  }
}

}  // namespace

RdkafkaProducerConfig RdkafkaProducerConfig::Defaults(Flavour flavour) {
  RdkafkaProducerConfig config;
  static_cast<RdkafkaClientConfig&>(config) = RdkafkaClientConfig::Defaults(flavour);
  return config;
}

absl::StatusOr<RdkafkaProducerConfig> RdkafkaProducerConfig::Parse(
    Flavour flavour, std::span<const std::string> settings, std::vector<Notice>* notices) {
  absl::StatusOr<std::vector<Property>> properties = ParseSettings(settings);
  if (!properties.ok()) return properties.status();
  return Parse(flavour, *properties, notices);
}

absl::StatusOr<RdkafkaProducerConfig> RdkafkaProducerConfig::Parse(
    Flavour flavour, std::span<const Property> properties, std::vector<Notice>* notices) {
  const std::vector<Property> named = RdkafkaProperties(properties, kAliases);
  RdkafkaProducerConfig config = Defaults(flavour);
  std::vector<Notice> said;
  absl::StatusOr<Given> given = TableOf(flavour).Read(named, config, said);
  if (!given.ok()) return given.status();
  if (config.message_timeout == absl::ZeroDuration())
    config.message_timeout = absl::InfiniteDuration();
  RdkafkaRules rules;
  CheckCompressionLevel(named, rules);
  SettleIdempotence(*given, config, said, rules);
  SettleTimes(*given, config, said, rules);
  CheckRdkafkaClient(*given, config, rules);
  if (absl::Status status = rules.status(); !status.ok()) return status;
  if (notices != nullptr) notices->insert(notices->end(), said.begin(), said.end());
  return config;
}

std::string RdkafkaProducerConfig::PrintNonDefault() const {
  RdkafkaProducerConfig printed = *this;
  if (printed.message_timeout == absl::InfiniteDuration())
    printed.message_timeout = absl::ZeroDuration();
  return TableOf(flavour).PrintNonDefault(printed);
}

std::string RdkafkaProducerConfig::AllKeys(Flavour flavour) { return TableOf(flavour).AllKeys(); }

std::ostream& operator<<(std::ostream& os, const RdkafkaProducerConfig& config) {
  return os << Name(config.flavour) << " producer {" << OneLine(config.PrintNonDefault()) << "}";
}

}  // namespace norn::model
