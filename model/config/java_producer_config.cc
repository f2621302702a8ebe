#include "model/config/java_producer_config.h"

#include <algorithm>
#include <ostream>
#include <string_view>

#include "absl/status/status.h"
#include "model/config/config_table.h"
#include "model/config/text.h"

namespace norn::model {
namespace {

constexpr std::string_view kProgram = "producer";
constexpr int32_t kMaxInFlightForIdempotence = 5;

// linger.ms and request.timeout.ms are added in Java's int, which they may not leave.
constexpr absl::Duration kMaxIntMillis =
    absl::Milliseconds(int64_t{std::numeric_limits<int32_t>::max()});

constexpr Choice kAcks[] = {{"all", -1}, {"-1", -1}, {"0", 0}, {"1", 1}};
constexpr Choice kCompressionTypes[] = {{"none", static_cast<int64_t>(Codec::kNone)},
                                        {"gzip", static_cast<int64_t>(Codec::kGzip)},
                                        {"snappy", static_cast<int64_t>(Codec::kSnappy)},
                                        {"lz4", static_cast<int64_t>(Codec::kLz4)},
                                        {"zstd", static_cast<int64_t>(Codec::kZstd)}};
constexpr Choice kOnlyFalse[] = {{"false", 0}};

using Table = ConfigTable<JavaProducerConfig>;

ConfigRows<JavaProducerConfig> Rows(Flavour flavour) {
  using C = JavaProducerConfig;
  using enum ValueType;
  ConfigRows<C> rows;
  rows.Add<&C::acks>("acks", kAcks);
  rows.Add<&C::enable_idempotence>("enable.idempotence", kBoolean);
  rows.Add<&C::linger>("linger.ms", kLong, AtLeast(0));
  rows.Add<&C::batch_size>("batch.size", kInt, AtLeast(0));
  rows.Add<&C::buffer_memory>("buffer.memory", kLong, AtLeast(0));
  rows.Add<&C::max_request_size>("max.request.size", kInt, AtLeast(0));
  rows.Add<&C::max_block>("max.block.ms", kLong, AtLeast(0));
  rows.Add<&C::delivery_timeout>("delivery.timeout.ms", kInt, AtLeast(0));
  rows.Add<&C::request_timeout>("request.timeout.ms", kInt, AtLeast(0));
  rows.Add<&C::retries>("retries", kInt, AtLeast(0));
  rows.Add<&C::retry_backoff>("retry.backoff.ms", kLong, AtLeast(0));
  rows.Add<&C::retry_backoff_max>("retry.backoff.max.ms", kLong, AtLeast(0));
  rows.Add<&C::max_in_flight_requests_per_connection>("max.in.flight.requests.per.connection", kInt,
                                                      AtLeast(1));
  rows.Add<&C::bootstrap_servers>("bootstrap.servers", kList, CheckBootstrapServers);
  rows.Add<&C::client_id>("client.id", kString);
  rows.Add<&C::reconnect_backoff>("reconnect.backoff.ms", kLong, AtLeast(0));
  rows.Add<&C::reconnect_backoff_max>("reconnect.backoff.max.ms", kLong, AtLeast(0));
  // Kafka sets these two no bound, and gives a negative one no meaning.
  rows.Add<&C::socket_connection_setup_timeout>("socket.connection.setup.timeout.ms", kLong,
                                                AtLeast(0));
  rows.Add<&C::socket_connection_setup_timeout_max>("socket.connection.setup.timeout.max.ms", kLong,
                                                    AtLeast(0));
  // Kafka takes any negative number for never.
  rows.Add<&C::connections_max_idle>("connections.max.idle.ms", kLong);
  rows.Add<&C::metadata_max_age>("metadata.max.age.ms", kLong, AtLeast(0));
  rows.Add<&C::metadata_recovery_strategy>("metadata.recovery.strategy", kMetadataRecoveries);
  rows.Add<&C::send_buffer_bytes>("send.buffer.bytes", kInt, AtLeast(kOperatingSystemDefault));
  rows.Add<&C::receive_buffer_bytes>("receive.buffer.bytes", kInt,
                                     AtLeast(kOperatingSystemDefault));
  rows.Add<&C::compression_type>("compression.type", kCompressionTypes);
  rows.Add<&C::partitioner_ignore_keys>("partitioner.ignore.keys", kBoolean);
  rows.Add<&C::partitioner_adaptive_partitioning>("partitioner.adaptive.partitioning.enable",
                                                  kBoolean);
  rows.Add<&C::partitioner_availability_timeout>("partitioner.availability.timeout.ms", kLong,
                                                 AtLeast(0));
  if (flavour != Flavour::kJava39) {
    rows.Add<&C::metadata_recovery_rebootstrap_trigger>("metadata.recovery.rebootstrap.trigger.ms",
                                                        kLong, AtLeast(0));
    rows.AddFixed("transaction.two.phase.commit.enable", kBoolean, kOnlyFalse);
  }
  return rows;
}

const Table& TableOf(Flavour flavour) {
  static const auto make = [](Flavour f) {
    return new Table(Name(f), kProgram, JavaProducerConfig::Defaults(f), Rows(f), ProducerKeys(f));
  };
  if (flavour == Flavour::kJava39) {
    static const Table& java39 = *make(flavour);
    return java39;
  }
  static const Table& java41 = *make(flavour);
  return java41;
}

// Collects broken rules: all of them are told, not the first alone.
class Rules {
 public:
  void Broken(std::string text) { text_ += text_.empty() ? text : Cat("\n", text); }
  absl::Status status() const {
    return text_.empty() ? absl::OkStatus() : absl::InvalidArgumentError(text_);
  }

 private:
  std::string text_;
};

// Idempotence needs retries, acks=all and at most 5 requests in flight. Asked for by the user, a
// contradiction is an error; on by default only, it is dropped. kafka-clients 4 made an error of
// the last rule in both cases, whether or not another rule has dropped idempotence already.
void SettleIdempotence(const Given& given, JavaProducerConfig& config, std::vector<Notice>& notices,
                       Rules& rules) {
  if (!config.enable_idempotence) return;
  const bool asked_for = given.Has("enable.idempotence");
  const auto contradiction = [&](std::string_view rule, std::string_view key,
                                 std::string_view remedy) {
    rules.Broken(Cat(rule, " Here ", given.Show(key), " with ", given.Show("enable.idempotence"),
                     "; ", remedy, ", or set enable.idempotence=false"));
  };
  const auto drop = [&](std::string reason) {
    config.enable_idempotence = false;
    notices.push_back({.kind = Notice::Kind::kAdjusted,
                       .key = "enable.idempotence",
                       .old_value = "true",
                       .new_value = "false",
                       .reason = std::move(reason)});
  };

  if (config.retries == 0) {
    if (asked_for) {
      contradiction("Must set retries to non-zero when using the idempotent producer.", "retries",
                    "remove retries");
    } else {
      drop("Idempotence will be disabled because retries is set to 0.");
    }
  }
  if (config.acks != Acks::kAll) {
    if (asked_for) {
      contradiction(
          "Must set acks to all in order to use the idempotent producer. Otherwise we cannot "
          "guarantee idempotence.",
          "acks", "set acks=all");
    } else {
      drop(Cat("Idempotence will be disabled because acks is set to ",
               config.acks == Acks::kNone ? "0" : "1", ", not set to 'all'."));
    }
  }
  const int32_t in_flight = config.max_in_flight_requests_per_connection;
  if (in_flight > kMaxInFlightForIdempotence) {
    const std::string value = std::to_string(in_flight);
    if (config.flavour != Flavour::kJava39) {
      contradiction(
          Cat("To use the idempotent producer, max.in.flight.requests.per.connection must "
              "be set to at most 5. Current value is ",
              value, "."),
          "max.in.flight.requests.per.connection", "lower it to 5");
    } else if (asked_for) {
      contradiction(
          "Must set max.in.flight.requests.per.connection to at most 5 to use the idempotent "
          "producer.",
          "max.in.flight.requests.per.connection", "lower it to 5");
    } else {
      drop(
          Cat("Idempotence will be disabled because max.in.flight.requests.per.connection is set "
              "to ",
              value,
              ", which is greater than 5. Please note that in v4.0.0 and onward, this will become "
              "an error."));
    }
  }
}

// delivery.timeout.ms is raised to linger.ms + request.timeout.ms unless the user set it.
void SettleDeliveryTimeout(const Given& given, JavaProducerConfig& config,
                           std::vector<Notice>& notices, Rules& rules) {
  if (config.linger > kMaxIntMillis) {
    notices.push_back(AdjustedMillis("linger.ms", config.linger, kMaxIntMillis,
                                     "the producer lingers at most 2147483647 ms"));
    config.linger = kMaxIntMillis;
  }
  const absl::Duration least = std::min(config.linger + config.request_timeout, kMaxIntMillis);
  if (config.delivery_timeout >= least) return;
  constexpr std::string_view kRule =
      "delivery.timeout.ms should be equal to or larger than linger.ms + request.timeout.ms";
  const std::string least_text = std::to_string(absl::ToInt64Milliseconds(least));
  if (given.Has("delivery.timeout.ms")) {
    rules.Broken(Cat(kRule, ". Here ", given.Show("delivery.timeout.ms"), " with ",
                     given.Show("linger.ms"), " and ", given.Show("request.timeout.ms"),
                     "; raise delivery.timeout.ms to at least ", least_text,
                     ", remove it, or lower request.timeout.ms"));
    return;
  }
  notices.push_back(AdjustedMillis("delivery.timeout.ms", config.delivery_timeout, least,
                                   Cat(kRule, ". Setting it to ", least_text, ".")));
  config.delivery_timeout = least;
}

}  // namespace

JavaProducerConfig JavaProducerConfig::Defaults(Flavour flavour) {
  JavaProducerConfig config;
  config.flavour = flavour;
  if (flavour == Flavour::kJava39) {
    config.linger = absl::ZeroDuration();
    config.metadata_recovery_strategy = MetadataRecovery::kNone;
  }
  return config;
}

absl::StatusOr<JavaProducerConfig> JavaProducerConfig::Parse(Flavour flavour,
                                                             std::span<const std::string> settings,
                                                             std::vector<Notice>* notices) {
  absl::StatusOr<std::vector<Property>> properties = ParseSettings(settings);
  if (!properties.ok()) return properties.status();
  return Parse(flavour, *properties, notices);
}

absl::StatusOr<JavaProducerConfig> JavaProducerConfig::Parse(Flavour flavour,
                                                             std::span<const Property> properties,
                                                             std::vector<Notice>* notices) {
  JavaProducerConfig config = Defaults(flavour);
  std::vector<Notice> said;
  absl::StatusOr<Given> given = TableOf(flavour).Read(properties, config, said);
  if (!given.ok()) return given.status();
  Rules rules;
  SettleNetwork(*given, config, said);
  SettleIdempotence(*given, config, said, rules);
  SettleDeliveryTimeout(*given, config, said, rules);
  if (absl::Status status = rules.status(); !status.ok()) return status;
  if (notices != nullptr) notices->insert(notices->end(), said.begin(), said.end());
  return config;
}

std::string JavaProducerConfig::PrintNonDefault() const {
  return TableOf(flavour).PrintNonDefault(*this);
}

std::string JavaProducerConfig::AllKeys(Flavour flavour) { return TableOf(flavour).AllKeys(); }

std::ostream& operator<<(std::ostream& os, const JavaProducerConfig& config) {
  return os << Name(config.flavour) << " " << kProgram << " {" << OneLine(config.PrintNonDefault())
            << "}";
}

}  // namespace norn::model
