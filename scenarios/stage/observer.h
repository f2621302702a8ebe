// Says where the messages of a run are: in the words of the lesson (None, Connected, Contains
// message) and as it truly is (in the accumulator of p1, in the request queue of b1). It only
// looks.
//
// Example:
//   observer.Created("hello", "Hello Kafka");
//   observer.Now().message        // 'Hello Kafka'
//   observer.AtClient(id)         // "in flight, attempt 1"
#ifndef NORN_SCENARIOS_STAGE_OBSERVER_H_
#define NORN_SCENARIOS_STAGE_OBSERVER_H_

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "model/cluster.h"
#include "scenarios/report.h"
#include "scenarios/stage/journey.h"
#include "scenarios/stage/sends.h"
#include "scenarios/stage/storage.h"

namespace norn::scenarios {

class Observer {
 public:
  static constexpr std::string_view kBlocked = "send() blocks";

  struct Options {
    std::string producer;  // whose connection is looked at; empty: there is none
    bool only_created =
        false;  // Now() is about the messages that are Created, not all that are sent
  };
  Observer(model::Cluster& cluster, const Sends& sends, Journey& journey, Options options)
      : cluster_(cluster), sends_(sends), journey_(journey), options_(std::move(options)) {}

  // A message exists in an application; it may never be sent.
  void Created(std::string label, std::string text) {
    created_.emplace_back(std::move(label), std::move(text));
  }

  std::string AtClient(model::RecordId id);
  std::string AtBroker(model::RecordId id, const Storage& storage);
  Status Now();

 private:
  std::string Connection() const;

  model::Cluster& cluster_;
  const Sends& sends_;
  Journey& journey_;
  Options options_;
  std::vector<std::pair<std::string, std::string>> created_;
};

// The state of a producer's connection to a broker, or to the best of them: "Connected".
std::string ConnectionWord(model::Cluster& cluster, const std::string& producer,
                           std::optional<int32_t> broker);

}  // namespace norn::scenarios

#endif  // NORN_SCENARIOS_STAGE_OBSERVER_H_
