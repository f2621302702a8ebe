#include "scenarios/stage/sends.h"

#include <utility>

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
  ++groups_[number].given;
  sent_.push_back({id, std::move(label), number, record.partition.value_or(-1)});
  cluster_.producer(client).Send(record, [this, id, number](const model::DeliveryReport&) {
    ++groups_[number].told;
    told_.push_back(id);
  });
  return true;
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

const std::string& Sends::LabelOf(model::RecordId id) const { return Of(id).label; }

}  // namespace norn::scenarios
