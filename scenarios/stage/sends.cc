#include "scenarios/stage/sends.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "absl/strings/str_format.h"
#include "sim/check.h"

namespace norn::scenarios {

uint32_t Sends::GroupOf(const std::string& name, const std::string& client) {
  const uint32_t life = cluster_.client(client).life();
  for (size_t i = groups_.size(); i-- > 0;) {
    const Group& group = groups_[i];
    if (group.name == name && group.client == client && group.life == life)
      return static_cast<uint32_t>(i);
  }
  groups_.push_back({name, client, life});
  return static_cast<uint32_t>(groups_.size() - 1);
}

bool Sends::Send(const std::string& client, const model::ProducerRecord& record, std::string label,
                 const std::string& group) {
  if (!cluster_.client(client).alive()) return false;
  const uint32_t number = GroupOf(group, client);
  const model::RecordId id(cluster_.history().records());
  NORN_CHECK(id.value() == count()) << "somebody else sends, too: " << id;
  const int64_t before = groups_[number].given++;
  const size_t place = sent_.size();
  Sent call;
  call.id = id;
  call.label = std::move(label);
  call.group = number;
  call.number = given_[client]++;
  call.place = before;
  sent_.push_back(std::move(call));
  model::Producer& producer = cluster_.producer(client);
  const auto told = [this, place, number](const model::DeliveryReport&) {
    Sent& sent = sent_[place];
    if (sent.returned == sim::Time::Max()) {
      sent.told_in_call = true;
      sent.returned = cluster_.Now();
    }
    ++groups_[number].told;
    told_.push_back(sent.id);
  };
  const model::DeliveryFuture future = producer.Send(record, told);
  const std::optional<model::DeliveryReport> report = future.Get();
  // What produce() itself returns is not reported again.
  if (report.has_value() && report->refused) ++groups_[number].told;
  if (sent_[place].returned != sim::Time::Max()) return true;
  if (producer.application_blocked()) {
    calls_[client].push_back(place);
  } else {
    SeeReturns();
    sent_[place].returned = cluster_.Now();
  }
  return true;
}

void Sends::SeeReturns() {
  for (auto& [client, calls] : calls_) {
    if (calls.empty()) continue;
    if (cluster_.client(client).alive() && cluster_.producer(client).application_blocked())
      continue;
    for (const size_t place : calls)
      sent_[place].returned = std::min(sent_[place].returned, cluster_.Now());
    calls.clear();
  }
}

bool Sends::Lives(const Group& group) const {
  const sim::Node& node = cluster_.client(group.client);
  return node.alive() && node.life() == group.life;
}

bool Sends::Settled(std::string_view name) const {
  bool is_group = name.empty();
  for (const Group& group : groups_) {
    if (!name.empty() && group.name != name) continue;
    is_group = true;
    if (group.told < group.given && Lives(group)) return false;
  }
  if (is_group) return true;
  for (const model::RecordId id : Called(name)) {
    const bool told = cluster_.history().Find(id)->report.outcome != model::Outcome::kPending;
    if (!told && !Gone(id)) return false;
  }
  return true;
}

bool Sends::Gone(model::RecordId id) const { return !Lives(groups_[Of(id).group]); }

int64_t Sends::Outstanding(std::string_view client) const {
  int64_t outstanding = 0;
  for (const Group& group : groups_)
    if (group.client == client && Lives(group)) outstanding += group.given - group.told;
  return outstanding;
}

bool Sends::IsCalled(model::RecordId id, std::string_view name) const {
  if (id.value() < 0 || id.value() >= count()) return false;
  return Of(id).label == name || groups_[Of(id).group].name == name;
}

std::vector<model::RecordId> Sends::Called(std::string_view name) const {
  std::vector<model::RecordId> ids;
  for (const Sent& sent : sent_)
    if (name.empty() || sent.label == name || groups_[sent.group].name == name)
      ids.push_back(sent.id);
  return ids;
}

std::string Sends::PlaceOf(model::RecordId id) const {
  return absl::StrFormat("%s%04d", groups_[Of(id).group].name, Of(id).place);
}

const std::string& Sends::LabelOf(model::RecordId id) const { return Of(id).label; }

}  // namespace norn::scenarios
