// A scenario that was understood: every name in it exists, every setting is one, every default is
// filled in. What runs.
//
// Strict: whatever could be a slip is an error that names file, line, column and field, and says
// what would be right. All mistakes are told at once.
//
// Example:
//   auto plan = MakePlan(**script);
//   if (!plan.ok()) return plan.status();
//   Report report = Run(*plan, {.seed = 7});
#ifndef NORN_SCENARIOS_TEXT_PLAN_H_
#define NORN_SCENARIOS_TEXT_PLAN_H_

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "model/cluster.h"
#include "model/config/java_consumer_config.h"
#include "model/config/java_producer_config.h"
#include "model/config/notice.h"
#include "model/config/rdkafka_consumer_config.h"
#include "model/config/rdkafka_producer_config.h"
#include "scenarios/scenario.pb.h"
#include "scenarios/text/script.h"
#include "sim/link.h"

namespace norn::scenarios {

struct Plan {
  std::string name;
  std::string story;  // the comment at the top
  // The scenario with its defaults filled in: every step names its client and its label, a sent
  // message that was created before has its contents, and durations can be read by DurationOf.
  Scenario scenario;
  // All but seed, trace and replay.
  model::ClusterOptions cluster;

  struct Client {
    std::string name;
    bool is_producer = true;
    bool down = false;  // when the run begins
    model::JavaProducerConfig producer;
    // Of a producer of librdkafka's; `producer` means nothing then.
    std::optional<model::RdkafkaProducerConfig> rdkafka_producer;
    model::JavaConsumerConfig consumer;
    // The same of a consumer.
    std::optional<model::RdkafkaConsumerConfig> rdkafka_consumer;
  };
  std::vector<Client> clients;
  // Topics that a step or a fault creates, by name.
  std::map<std::string, model::TopicSpec> created_topics;
  // Ways between machines that differ from the rest of the network.
  struct Link {
    std::string from;
    std::string to;
    sim::LinkOptions options;
  };
  std::vector<Link> links;
  // What reading the configurations did besides reading them.
  std::vector<model::Notice> notices;

  std::string headline() const { return story.substr(0, story.find('\n')); }
};

absl::StatusOr<Plan> MakePlan(const Script& script);

}  // namespace norn::scenarios

#endif  // NORN_SCENARIOS_TEXT_PLAN_H_
