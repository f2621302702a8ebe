#include "model/config/rdkafka_producer_config.h"

#include <algorithm>
#include <ostream>
#include <string_view>
#include <utility>

#include "absl/status/status.h"
#include "model/config/client_network_config.h"
#include "model/config/config_table.h"
#include "model/config/text.h"

namespace norn::model {
namespace {

constexpr std::string_view kProgram = "librdkafka producer";
constexpr int32_t kMaxInFlightForIdempotence = 5;
constexpr int64_t kMaxInt = std::numeric_limits<int32_t>::max();
constexpr int64_t kHour = 3'600'000;

constexpr Choice kAcks[] = {{"all", -1}, {"-1", -1}, {"0", 0}, {"1", 1}};
constexpr Choice kCompressionTypes[] = {{.word = "none"},
                                        {.word = "gzip", .modelled = false},
                                        {.word = "snappy", .modelled = false},
                                        {.word = "lz4", .modelled = false},
                                        {.word = "zstd", .modelled = false}};
constexpr Choice kPartitioners[] = {
    {"random", 0},         {"consistent", 1}, {"consistent_random", 2}, {"murmur2", 3},
    {"murmur2_random", 4}, {"fnv1a", 5},      {"fnv1a_random", 6}};
constexpr Choice kRecoveryStrategies[] = {{"none", 0}, {"rebootstrap", 1}};
constexpr Choice kOnlyTrue[] = {{"true", 1}};
constexpr Choice kOnlyFalse[] = {{"false", 0}};
constexpr Choice kOnlyFifo[] = {{.word = "fifo"}, {.word = "lifo", .modelled = false}};

// Two names of one setting: the one that is not a row, and the row's.
constexpr std::pair<std::string_view, std::string_view> kAliases[] = {
    {"metadata.broker.list", "bootstrap.servers"},
    {"request.required.acks", "acks"},
    {"queue.buffering.max.ms", "linger.ms"},
    {"delivery.timeout.ms", "message.timeout.ms"},
    {"message.send.max.retries", "retries"},
    {"max.in.flight", "max.in.flight.requests.per.connection"},
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
  rows.Add<&C::message_max_bytes>("message.max.bytes", kInt, {1000, 1'000'000'000});
  rows.Add<&C::queue_buffering_max_messages>("queue.buffering.max.messages", kInt, {0, kMaxInt});
  rows.Add<&C::queue_buffering_max_kbytes>("queue.buffering.max.kbytes", kInt, {1, kMaxInt});
  rows.Add<&C::queue_buffering_backpressure_threshold>("queue.buffering.backpressure.threshold",
                                                       kInt, {1, 1'000'000});
  rows.Add<&C::message_timeout>("message.timeout.ms", kInt, {0, kMaxInt});
  rows.Add<&C::request_timeout>("request.timeout.ms", kInt, {1, 900'000});
  rows.Add<&C::retries>("retries", kInt, {0, kMaxInt});
  rows.Add<&C::retry_backoff>("retry.backoff.ms", kInt, {1, 300'000});
  rows.Add<&C::max_in_flight_requests_per_connection>("max.in.flight.requests.per.connection", kInt,
                                                      {1, 1'000'000});
  rows.Add<&C::partitioner>("partitioner", kPartitioners);
  rows.Add<&C::sticky_partitioning_linger>("sticky.partitioning.linger.ms", kInt, {0, 900'000});
  rows.Add<&C::bootstrap_servers>("bootstrap.servers", kList, CheckBootstrapServers);
  rows.Add<&C::client_id>("client.id", kString);
  rows.Add<&C::socket_timeout>("socket.timeout.ms", kInt, {10, 300'000});
  rows.Add<&C::socket_connection_setup_timeout>("socket.connection.setup.timeout.ms", kInt,
                                                {1000, kMaxInt});
  rows.Add<&C::api_version_request_timeout>("api.version.request.timeout.ms", kInt, {1, 300'000});
  rows.Add<&C::socket_max_fails>("socket.max.fails", kInt, {0, 1'000'000});
  rows.Add<&C::socket_nagle_disable>("socket.nagle.disable", kBoolean);
  rows.Add<&C::socket_send_buffer_bytes>("socket.send.buffer.bytes", kInt, {0, 100'000'000});
  rows.Add<&C::socket_receive_buffer_bytes>("socket.receive.buffer.bytes", kInt, {0, 100'000'000});
  rows.Add<&C::reconnect_backoff>("reconnect.backoff.ms", kInt, {0, kHour});
  rows.Add<&C::reconnect_backoff_max>("reconnect.backoff.max.ms", kInt, {0, kHour});
  rows.Add<&C::connections_max_idle>("connections.max.idle.ms", kInt, {0, kMaxInt});
  rows.Add<&C::topic_metadata_refresh_interval>("topic.metadata.refresh.interval.ms", kInt,
                                                {-1, kHour});
  rows.Add<&C::topic_metadata_refresh_fast_interval>("topic.metadata.refresh.fast.interval.ms",
                                                     kInt, {1, 60'000});
  rows.Add<&C::topic_metadata_propagation_max>("topic.metadata.propagation.max.ms", kInt,
                                               {0, kHour});
  rows.Add<&C::metadata_max_age>("metadata.max.age.ms", kInt, {1, 24 * kHour});
  rows.AddFixed("compression.type", kString, kCompressionTypes);
  rows.AddFixed("queuing.strategy", kString, kOnlyFifo);
  rows.AddFixed("api.version.request", kBoolean, kOnlyTrue);
  rows.AddFixed("enable.sparse.connections", kBoolean, kOnlyTrue);
  rows.AddFixed("delivery.report.only.error", kBoolean, kOnlyFalse);
  if (flavour == Flavour::kLibrdkafka216) {
    rows.Add<&C::retry_backoff_max>("retry.backoff.max.ms", kInt, {1, 300'000});
    rows.Add<&C::rebootstraps>("metadata.recovery.strategy", kRecoveryStrategies);
  }
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

// What rd_kafka_new() refuses, in its words, with what was written here.
class Rules {
 public:
  void Broken(std::string text) { text_ += text_.empty() ? text : Cat("\n", text); }
  absl::Status status() const {
    return text_.empty() ? absl::OkStatus() : absl::InvalidArgumentError(text_);
  }

 private:
  std::string text_;
};

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
                       std::vector<Notice>& notices, Rules& rules) {
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
                 Rules& rules) {
  if (config.message_timeout <= config.linger && given.Has("linger.ms")) {
    rules.Broken(Cat("`message.timeout.ms` must be greater than `linger.ms`. Here ",
                     given.Show("message.timeout.ms"), " with ", given.Show("linger.ms"),
                     "; lower linger.ms"));
  }
  if (config.reconnect_backoff_max < config.reconnect_backoff) {
    rules.Broken(Cat("`reconnect.backoff.max.ms` must be >= `reconnect.backoff.ms`. Here ",
                     given.Show("reconnect.backoff.max.ms"), " with ",
                     given.Show("reconnect.backoff.ms"), "; raise reconnect.backoff.max.ms"));
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

}  // namespace

RdkafkaProducerConfig RdkafkaProducerConfig::Defaults(Flavour flavour) {
  RdkafkaProducerConfig config;
  config.flavour = flavour;
  if (flavour == Flavour::kLibrdkafka20) {
    config.socket_nagle_disable = false;
    config.topic_metadata_refresh_fast_interval = absl::Milliseconds(250);
    config.rebootstraps = false;
  }
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
  std::vector<Property> named(properties.begin(), properties.end());
  for (Property& property : named) {
    for (const auto& [alias, name] : kAliases)
      if (property.key == alias) property.key = name;
  }
  RdkafkaProducerConfig config = Defaults(flavour);
  std::vector<Notice> said;
  absl::StatusOr<Given> given = TableOf(flavour).Read(named, config, said);
  if (!given.ok()) return given.status();
  if (config.message_timeout == absl::ZeroDuration())
    config.message_timeout = absl::InfiniteDuration();
  Rules rules;
  SettleIdempotence(*given, config, said, rules);
  SettleTimes(*given, config, said, rules);
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
