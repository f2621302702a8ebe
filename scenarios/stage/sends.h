// The records that the applications of a run gave to their producers, by the names the scenario
// gives them, and which of them have been reported on.
//
// A record has a label of its own ("a3") and belongs to a group: the send step or workload it came
// from ("a"). Both may be empty.
//
// Example:
//   Sends sends(cluster);
//   sends.Send("p1", {.topic = "topic1", .value = "x"}, "a3", "a");
//   cluster.RunUntil([&] { return sends.Settled("a"); }, absl::Seconds(5));
#ifndef NORN_SCENARIOS_STAGE_SENDS_H_
#define NORN_SCENARIOS_STAGE_SENDS_H_

#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "model/cluster.h"

namespace norn::scenarios {

class Sends {
 public:
  struct Sent {
    model::RecordId id;
    std::string label;
    uint32_t group = 0;                     // its place among the groups
    int64_t number = 0;                     // among those of its client, from 0
    int64_t place = 0;                      // in its group, from 0
    sim::Time returned = sim::Time::Max();  // when send() did; Max(): it has not
    bool told_in_call = false;              // the report came before it had
  };

  // Outlives every run of the cluster.
  explicit Sends(model::Cluster& cluster) : cluster_(cluster) {}

  // Calls send(). False, and nothing happens, if the client's process has ended.
  bool Send(const std::string& client, const model::ProducerRecord& record, std::string label,
            const std::string& group);

  // Notes which calls have returned by now. To be asked after each event while one has not.
  void SeeReturns();

  // No report on a record that is called so can still come: it came, or the process that would get
  // it has ended. An empty name means all records.
  bool Settled(std::string_view name) const;
  // The process that would be told of it has ended. REQUIRES: it was sent here.
  bool Gone(model::RecordId id) const;
  // Records of a client that wait for their report.
  int64_t Outstanding(std::string_view client) const;

  // By label or group; all of them if the name is empty. In the order in which they were sent.
  std::vector<model::RecordId> Called(std::string_view name) const;
  // By label or group. False of a record that was not sent here.
  bool IsCalled(model::RecordId id, std::string_view name) const;
  // REQUIRES: it was sent here.
  const Sent& Of(model::RecordId id) const { return sent_[static_cast<size_t>(id.value())]; }
  // Empty if it has none.
  const std::string& LabelOf(model::RecordId id) const;
  // Its group and its place there: "orders0042".
  std::string PlaceOf(model::RecordId id) const;
  int64_t count() const { return static_cast<int64_t>(sent_.size()); }
  // In the order in which the producers reported on them.
  const std::vector<model::RecordId>& told() const { return told_; }

 private:
  // The records of one group that one life of one client was given.
  struct Group {
    std::string name;
    std::string client;
    uint32_t life;
    int64_t given = 0;
    int64_t told = 0;
  };

  uint32_t GroupOf(const std::string& name, const std::string& client);
  bool Lives(const Group& group) const;

  model::Cluster& cluster_;
  std::vector<Sent> sent_;                                         // by id, without gaps
  std::map<std::string, std::vector<size_t>, std::less<>> calls_;  // that have not returned
  std::map<std::string, int64_t> given_;                           // by client
  std::deque<Group> groups_;
  std::vector<model::RecordId> told_;
};

}  // namespace norn::scenarios

#endif  // NORN_SCENARIOS_STAGE_SENDS_H_
