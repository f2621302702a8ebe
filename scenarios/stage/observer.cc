#include "scenarios/stage/observer.h"

#include <algorithm>
#include <optional>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "model/broker/broker.h"

namespace norn::scenarios {
namespace {

// One line for many: "2 acknowledged @0; in flight, attempt 1".
class Tally {
 public:
  void Add(const std::string& text) {
    if (text.empty()) return;
    const auto found = std::find_if(lines_.begin(), lines_.end(),
                                    [&text](const auto& line) { return line.first == text; });
    if (found != lines_.end()) {
      ++found->second;
    } else {
      lines_.emplace_back(text, 1);
    }
  }
  std::string ToString(bool count) const {
    constexpr size_t kMost = 3;
    std::vector<std::string> parts;
    for (const auto& [text, times] : lines_) {
      if (parts.size() == kMost) {
        parts.push_back("...");
        break;
      }
      parts.push_back(count ? absl::StrCat(times, " ", text) : text);
    }
    return parts.empty() ? "-" : absl::StrJoin(parts, "; ");
  }

 private:
  std::vector<std::pair<std::string, int64_t>> lines_;
};

std::string TextOf(const model::History::Sent& sent) {
  return sent.value.has_value() ? std::string(WithoutFill(*sent.value))
                                : absl::StrCat("<", sent.value_size, " B>");
}

std::string Contains(int64_t messages, int64_t copies) {
  if (messages == 0) return "Empty";
  if (messages > 1) return absl::StrCat("Contains ", messages, " messages");
  return copies > 1 ? absl::StrCat("Contains message ", copies, "x") : "Contains message";
}

}  // namespace

std::string ConnectionWord(model::Cluster& cluster, const std::string& producer,
                           std::optional<int32_t> broker) {
  if (!cluster.client(producer).alive()) return "Disconnected";
  bool connecting = false;
  const model::Producer& client = cluster.producer(producer);
  for (int32_t id = 1; id <= cluster.brokers(); ++id) {
    if (broker.has_value() && *broker != id) continue;
    // Before it has heard a broker's number a client calls it by its place in bootstrap.servers.
    for (const model::BrokerId node : {model::BrokerId(id), model::BrokerId(-1 - id)}) {
      const model::ConnectionState state = client.connection(node);
      if (state == model::ConnectionState::kReady) return "Connected";
      connecting = connecting || state != model::ConnectionState::kDisconnected;
    }
  }
  return connecting ? "Connecting" : "Disconnected";
}

std::string Observer::Connection() const {
  return options_.producer.empty() ? "-"
                                   : ConnectionWord(cluster_, options_.producer, std::nullopt);
}

std::string Observer::AtClient(model::RecordId id) {
  const model::History::Sent& sent = *cluster_.history().Find(id);
  const model::DeliveryReport& report = sent.report;
  switch (report.outcome) {
    case model::Outcome::kOk:
      return report.offset.is_none() ? "done, offset unknown"
                                     : absl::StrCat("acknowledged @", report.offset.value());
    case model::Outcome::kFailed:
      return absl::StrCat("failed: ", std::string(ErrorName(report)));
    case model::Outcome::kUnknown:
      return absl::StrCat("given up: ", std::string(ErrorName(report)));
    case model::Outcome::kPending:
      break;
  }
  if (sends_.Gone(id)) return "gone with its process";
  const Journey::Where where = journey_.Of(id);
  if (where.in_flight) return absl::StrCat("in flight, attempt ", where.attempt);
  if (where.attempt > 0) return absl::StrCat("accumulator, attempt ", where.attempt, " failed");
  if (cluster_.producer(sent.client).application_blocked()) return std::string(kBlocked);
  return "accumulator";
}

std::string Observer::AtBroker(model::RecordId id, const Storage& storage) {
  std::vector<std::string> places;
  const Journey::Where where = journey_.Of(id);
  if (where.queued) places.push_back(absl::StrCat("request queue of ", where.broker));
  for (const Storage::Place& place : storage.PlacesOf(id)) {
    const model::LogView& log = storage.logs()[place.log];
    const int32_t broker = cluster_.SpeaksFor(log.topic(), log.partition()).value();
    std::string state = absl::StrCat("b", broker, " is down");
    if (cluster_.broker(broker).process() != nullptr) {
      const model::Replica* replica = cluster_.FindReplica(log.topic(), log.partition(), broker);
      const bool readable = replica != nullptr && replica->leads() &&
                            place.offset < replica->log().high_watermark().value();
      state = readable ? "below the high watermark" : "not readable yet";
    }
    places.push_back(
        absl::StrCat(log.topic(), "-", log.partition(), "@", place.offset, ", ", state));
  }
  return absl::StrJoin(places, "; ");
}

Status Observer::Now() {
  const Storage storage(cluster_);
  Status status;
  status.connection = Connection();
  Tally at_client;
  Tally at_broker;
  int64_t queued = 0;
  int64_t logged = 0;
  int64_t copies = 0;
  int64_t messages = 0;
  std::string text;
  std::vector<model::RecordId> sent;
  if (!options_.only_created) sent = sends_.Called("");
  for (const auto& [label, value] : created_) {
    text = value;
    const std::vector<model::RecordId> ids = sends_.Called(label);
    sent.insert(sent.end(), ids.begin(), ids.end());
    if (!ids.empty()) continue;
    ++messages;
    at_client.Add("application");
  }
  for (const model::RecordId id : sent) {
    ++messages;
    const auto stored = static_cast<int64_t>(storage.PlacesOf(id).size());
    if (stored > 0) ++logged;
    copies += stored;
    if (stored > 0 || journey_.Of(id).queued) ++queued;
    at_client.Add(AtClient(id));
    at_broker.Add(AtBroker(id, storage));
    if (text.empty()) text = TextOf(*cluster_.history().Find(id));
  }
  status.message = messages == 0   ? "None"
                   : messages == 1 ? absl::StrCat("'", text, "'")
                                   : absl::StrCat(messages, " messages");
  status.queue = Contains(queued, 1);
  status.log = Contains(logged, copies);
  status.at_client = at_client.ToString(messages > 1);
  status.at_broker = at_broker.ToString(messages > 1);
  return status;
}

}  // namespace norn::scenarios
