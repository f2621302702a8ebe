#include "model/config/rdkafka_client_config.h"

#include <utility>

#include "model/config/text.h"

namespace norn::model {
namespace {

constexpr std::pair<std::string_view, std::string_view> kAliases[] = {
    {"metadata.broker.list", "bootstrap.servers"},
    {"max.in.flight", "max.in.flight.requests.per.connection"},
};

}  // namespace

RdkafkaClientConfig RdkafkaClientConfig::Defaults(Flavour flavour) {
  RdkafkaClientConfig config;
  config.flavour = flavour;
  if (flavour == Flavour::kLibrdkafka20) {
    config.socket_nagle_disable = false;
    config.topic_metadata_refresh_fast_interval = absl::Milliseconds(250);
    config.rebootstraps = false;
  }
  return config;
}

std::string_view RdkafkaNameOf(std::string_view key) {
  for (const auto& [alias, name] : kAliases)
    if (key == alias) return name;
  return key;
}

void RdkafkaRules::Broken(std::string text) { text_ += text_.empty() ? text : Cat("\n", text); }

absl::Status RdkafkaRules::status() const {
  return text_.empty() ? absl::OkStatus() : absl::InvalidArgumentError(text_);
}

void CheckRdkafkaClient(const Given& given, const RdkafkaClientConfig& config,
                        RdkafkaRules& rules) {
  if (config.reconnect_backoff_max < config.reconnect_backoff) {
    rules.Broken(Cat("`reconnect.backoff.max.ms` must be >= `reconnect.backoff.ms`. Here ",
                     given.Show("reconnect.backoff.max.ms"), " with ",
                     given.Show("reconnect.backoff.ms"), "; raise reconnect.backoff.max.ms"));
  }
}

}  // namespace norn::model
