// A scenario as it was written, parsed and not yet understood: the message, and where its words
// stand.
//
// Example:
//   auto script = ParseScript("crash.textproto", text);
//   if (!script.ok()) return script.status();   // crash.textproto:3:9: steps[0]: no field is
//   called
//                                               // 'snd'; did you mean 'send'?
//   absl::Status set = Override("client.linger.ms=20", **script);
#ifndef NORN_SCENARIOS_TEXT_SCRIPT_H_
#define NORN_SCENARIOS_TEXT_SCRIPT_H_

#include <memory>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "scenarios/scenario.pb.h"
#include "scenarios/text/source.h"

namespace norn::scenarios {

struct Script {
  Scenario scenario;
  Source source;
};

// `directory` is where the paths that the text names begin; none for a text that is not in a file.
absl::StatusOr<std::unique_ptr<Script>> ParseScript(std::string file, std::string text,
                                                    std::string directory = "");

// Changes one thing of the scenario, as written PATH=VALUE:
//   seed=7, cluster.brokers=3, steps[2].flush.timeout=1s    a field, by its path
//   client.linger.ms=20                                     a property of every client
//   client.p1.linger.ms=20 or p1.linger.ms=20               of the client p1
//   broker.message.max.bytes=2000000                        of every broker
//   topic.orders.max.message.bytes=1000                     of the topic orders
// A property that the scenario sets is replaced.
absl::Status Override(std::string_view assignment, Script& script);
// Gives the brokers a defect, as --defect=NAME does.
void AddDefect(std::string name, Script& script);

}  // namespace norn::scenarios

#endif  // NORN_SCENARIOS_TEXT_SCRIPT_H_
