// Every public key that the real programs define, by program and release, each in one of two lists:
// what cannot change anything in a simulated cluster (encryption, serializers, metrics, ...), and
// what can. Which of the latter the model honours is said by each config's own table, not here.
//
// The names are those of ProducerConfig, ConsumerConfig, KafkaConfig and LogConfig of the release.
// Keys that Kafka marks as internal are left out. The first list also holds keys that Kafka itself
// does not define but hands to plug-ins which are commonly found in the same file.
//
// Example:
//   ProducerKeys(Flavour::kJava41).no_effect    // "ssl.keystore.location", "key.serializer", ...
//   ProgramsThatKnow("group.id")                // "consumer"
//   JavaNameOf("queue.buffering.max.ms")        // "linger.ms"
#ifndef NORN_MODEL_CONFIG_KAFKA_KEYS_H_
#define NORN_MODEL_CONFIG_KAFKA_KEYS_H_

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "model/config/flavour.h"

namespace norn::model {

struct KafkaKeys {
  std::vector<std::string_view> no_effect;
  std::vector<std::string_view> no_effect_prefixes;  // any key that begins so
  std::vector<std::string_view> plugins;             // without effect, and not Kafka's own
  std::vector<std::string_view> effective;
};

KafkaKeys ProducerKeys(Flavour flavour);
KafkaKeys RdkafkaProducerKeys(Flavour flavour);  // librdkafka's own names, of CONFIGURATION.md
KafkaKeys RdkafkaConsumerKeys(Flavour flavour);
KafkaKeys ConsumerKeys(Flavour flavour);
KafkaKeys BrokerKeys();  // kafka-4.1
KafkaKeys TopicKeys();   // kafka-4.1, the settings of one topic

// Which of "producer", "consumer", "broker" and "topic" define `key`, joined by " and "; empty if
// none does.
std::string ProgramsThatKnow(std::string_view key);

// What the Java clients call the setting that librdkafka calls `key`, if the names differ.
std::optional<std::string_view> JavaNameOf(std::string_view key);

}  // namespace norn::model

#endif  // NORN_MODEL_CONFIG_KAFKA_KEYS_H_
