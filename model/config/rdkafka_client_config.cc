#include "model/config/rdkafka_client_config.h"

#include <algorithm>
#include <iterator>

#include "absl/strings/ascii.h"
#include "model/config/text.h"

namespace norn::model {
namespace {

constexpr RdkafkaAlias kAliases[] = {
    {"metadata.broker.list", "bootstrap.servers"},
    {"max.in.flight", "max.in.flight.requests.per.connection"},
};

// Asked of 2.0.2 and of 2.16: these admit their words in any case.
constexpr std::string_view kWords[] = {"acks",
                                       "auto.offset.reset",
                                       "compression.type",
                                       "isolation.level",
                                       "metadata.recovery.strategy",
                                       "queuing.strategy"};

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

std::vector<Property> RdkafkaProperties(std::span<const Property> properties,
                                        std::span<const RdkafkaAlias> aliases) {
  std::vector<Property> named(properties.begin(), properties.end());
  for (Property& property : named) {
    for (const std::span<const RdkafkaAlias> some :
         {std::span<const RdkafkaAlias>(kAliases), aliases})
      for (const auto& [alias, name] : some)
        if (property.key == alias) property.key = name;
    if (std::find(std::begin(kWords), std::end(kWords), property.key) != std::end(kWords))
      absl::AsciiStrToLower(&property.value);
  }
  return named;
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
