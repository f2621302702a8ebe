// A producer's configuration as companies have it loads, and says what of it acts here.
#include <string>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "model/config/java_producer_config.h"

namespace norn::model {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;

constexpr char kProduction[] = R"(# orders-service, production
bootstrap.servers=kafka-1.prod.example.com:9094,\
                  kafka-2.prod.example.com:9094,\
                  kafka-3.prod.example.com:9094
client.id=orders-service
client.dns.lookup=use_all_dns_ips

key.serializer=org.apache.kafka.common.serialization.StringSerializer
value.serializer=io.confluent.kafka.serializers.KafkaAvroSerializer
schema.registry.url=https://registry.prod.example.com
basic.auth.credentials.source=USER_INFO
basic.auth.user.info=orders:hunter2
auto.register.schemas=false

security.protocol=SASL_SSL
sasl.mechanism=SCRAM-SHA-512
sasl.jaas.config=org.apache.kafka.common.security.scram.ScramLoginModule required \
  username="orders" \
  password="hunter2";
ssl.truststore.location=/etc/kafka/secrets/truststore.jks
ssl.truststore.password=hunter2
ssl.endpoint.identification.algorithm=https

! delivery
acks=all
enable.idempotence=true
retries=2147483647
max.in.flight.requests.per.connection=5
delivery.timeout.ms=90000
request.timeout.ms: 15000

! batching
linger.ms = 20
batch.size = 65536
buffer.memory = 67108864
compression.type = none

interceptor.classes=com.example.TracingInterceptor
metric.reporters=com.example.PrometheusReporter
metrics.recording.level=DEBUG
)";

TEST(JavaProducerPropertiesTest, AProductionFileLoads) {
  const auto properties = ParseProperties(kProduction);
  ASSERT_TRUE(properties.ok()) << properties.status();
  for (Flavour flavour : {Flavour::kJava41, Flavour::kJava39}) {
    std::vector<Notice> notices;
    const auto config = JavaProducerConfig::Parse(flavour, *properties, &notices);
    ASSERT_TRUE(config.ok()) << config.status();
    EXPECT_THAT(config->bootstrap_servers,
                ElementsAre("kafka-1.prod.example.com:9094", "kafka-2.prod.example.com:9094",
                            "kafka-3.prod.example.com:9094"));
    EXPECT_EQ(config->PrintNonDefault(),
              "linger.ms=20\nbatch.size=65536\nbuffer.memory=67108864\ndelivery.timeout.ms=90000\n"
              "request.timeout.ms=15000\n"
              "bootstrap.servers=kafka-1.prod.example.com:9094,kafka-2.prod.example.com:9094,"
              "kafka-3.prod.example.com:9094\n"
              "client.id=orders-service\n");
    EXPECT_EQ(Summary(notices),
              "accepted without effect on the model: client.dns.lookup, key.serializer, "
              "value.serializer, schema.registry.url, basic.auth.credentials.source, "
              "basic.auth.user.info, auto.register.schemas, security.protocol, sasl.mechanism, "
              "sasl.jaas.config, ssl.truststore.location, ssl.truststore.password, "
              "ssl.endpoint.identification.algorithm, interceptor.classes, metric.reporters, "
              "metrics.recording.level\n");
    for (const Notice& notice : notices) EXPECT_THAT(ToString(notice), Not(HasSubstr("hunter2")));
  }
}

TEST(JavaProducerPropertiesTest, EveryMistakeOfAFileIsToldWithItsLine) {
  const auto properties = ParseProperties(
      "bootstrap.servers=kafka-1\n"
      "ssl.truststore.passwrd=hunter2\n"
      "acks=3\n"
      "linger.ms=5ms\n"
      "transactional.id=orders\n");
  const auto config = JavaProducerConfig::Parse(Flavour::kJava41, *properties, nullptr);
  EXPECT_EQ(
      std::string(config.status().message()),
      "line 1: Invalid url in bootstrap.servers: kafka-1; write host:port, or a broker's name "
      "such as b1\n"
      "line 2: ssl.truststore.passwrd is not a Kafka producer key; did you mean "
      "ssl.truststore.password?\n"
      "line 3: Invalid value 3 for configuration acks: String must be one of: all, -1, 0, 1\n"
      "line 4: Invalid value 5ms for configuration linger.ms: Not a number of type LONG; "
      "write a whole number, as linger.ms=1\n"
      "line 5: transactional.id is a Kafka producer key that Norn does not model yet; remove "
      "it");
}

}  // namespace
}  // namespace norn::model
