#include "model/client/java/network_client.h"

#include <algorithm>
#include <limits>
#include <utility>

#include "model/fault_wire.h"
#include "model/frame_reader.h"
#include "sim/check.h"

namespace norn::model {
namespace {

using sim::Time;

// A client takes an answer of any size that a size can say.
constexpr int64_t kMostResponseBytes = std::numeric_limits<int32_t>::max();

constexpr sim::Label kRequestSent{"request sent"};
constexpr sim::Label kAnswerRead{"answer read"};
constexpr sim::Label kDisconnected{"disconnected"};
constexpr sim::Label kConnecting{"connecting"};
constexpr sim::Label kReadyNote{"connection ready"};
constexpr sim::Label kConnection{"connection"};
constexpr sim::Label kCorrelation{"correlation"};
constexpr sim::Label kApiKey{"api"};
constexpr sim::Label kNode{"node"};

// What the real client sends to a broker of 4.1.1: the latest stable version each knows of an api
// (ApiKeys.latestVersion of kafka-clients 3.9.1 and 4.1.1).
int16_t VersionOf(Api api, Flavour flavour) {
  const bool is_41 = flavour == Flavour::kJava41;
  switch (api) {
    case Api::kApiVersions:
      return 4;
    case Api::kMetadata:
      return is_41 ? 13 : 12;
    case Api::kProduce:
      return is_41 ? 13 : 11;
    case Api::kInitProducerId:
      return 5;
    case Api::kFetch:
      return is_41 ? 18 : 17;
    case Api::kListOffsets:
      return is_41 ? 10 : 9;
    case Api::kOffsetForLeaderEpoch:
      return 4;
    default:
      NORN_CHECK(!"api") << "no client of ours sends " << wire::Name(api);
      return 0;
  }
}

// As Java numbers brokers: those known by a bootstrap address only are -1, -2, ...
std::string JavaNumber(BrokerId node) {
  return std::to_string(node.value() < 0 ? node.value() + 1 : node.value());
}

// As Java's log names an api.
std::string JavaNameOf(Api api) {
  switch (api) {
    case Api::kApiVersions:
      return "API_VERSIONS";
    case Api::kInitProducerId:
      return "INIT_PRODUCER_ID";
    case Api::kListOffsets:
      return "LIST_OFFSETS";
    case Api::kOffsetForLeaderEpoch:
      return "OFFSET_FOR_LEADER_EPOCH";
    default: {
      std::string name(wire::Name(api));
      std::transform(name.begin(), name.end(), name.begin(), ::toupper);
      return name;
    }
  }
}

wire::ApiVersionsRequest HelloOf(Flavour flavour) {
  wire::ApiVersionsRequest hello;
  hello.client_software_name = "apache-kafka-java";
  hello.client_software_version = flavour == Flavour::kJava41 ? "4.1.1" : "3.9.1";
  return hello;
}

}  // namespace

class NetworkClient::Connection final : public sim::SocketHandler {
 public:
  Connection(NetworkClient* client, BrokerId node) : client(client), node(node) {}

  void OnConnected() override { client->OnConnected(*this); }
  void OnConnectFailed(sim::ConnectError error) override {
    // On the hosts this was recorded on a refusal is known in the very call that connects, so that
    // Java's poll has nothing to wake it and looks again after reconnect.backoff.ms.
    if (error == sim::ConnectError::kRefused)
      client->quiet_until_ = last_attempt + client->options_.config.reconnect_backoff;
    client->Disconnected(*this, Completion::kDisconnected);
  }
  void OnFrame(sim::Frame frame) override {
    std::unique_ptr<ResponseEnvelope> response;
    switch (reader.Read(std::move(frame), &response)) {
      case Found::kMessage:
        return client->OnAnswer(*this, std::move(response));
      case Found::kNothingYet:
        return;
      case Found::kGarbage:
        return client->Disconnected(*this, Completion::kDisconnected);
    }
  }
  void OnWritten(uint64_t frame) override { client->OnWritten(*this, frame); }
  void OnClosed(sim::CloseReason) override {
    client->Disconnected(*this, Completion::kDisconnected);
  }

  NetworkClient* const client;
  const BrokerId node;
  ConnectionState state = ConnectionState::kDisconnected;
  std::unique_ptr<sim::Socket> socket;
  FrameReader<ResponseEnvelope> reader{kMostResponseBytes};
  std::deque<InFlight> in_flight;
  Time last_attempt = kLongAgo;  // of connecting; and when the connection ended, as Java keeps it
  Time connect_again_at = kLongAgo;  // the end of the back-off
  Time setup_deadline = Time::Max();
  absl::Duration setup_patience;
  Time throttled_until = kLongAgo;
  Time last_used;              // by the monotonic clock
  int64_t failures = 0;        // since it was last ready
  int64_t setup_failures = 0;  // of these, in a row, while connecting
  uint64_t attempts = 0;
};

NetworkClient::NetworkClient(ClientContext context, Options options, ClientMetadata* metadata,
                             Owner* owner)
    : context_(std::move(context)),
      options_(std::move(options)),
      metadata_(metadata),
      owner_(owner),
      backoff_stream_(
          context_.sim->chance().Resolve("client/" + options_.name + "/reconnect-backoff")),
      setup_stream_(context_.sim->chance().Resolve("client/" + options_.name + "/setup-timeout")),
      choice_stream_(context_.sim->chance().Resolve("client/" + options_.name + "/least-loaded")) {}

NetworkClient::~NetworkClient() = default;

NetworkClient::Connection* NetworkClient::Find(BrokerId node) const {
  for (const auto& connection : connections_)
    if (connection->node == node) return connection.get();
  return nullptr;
}

NetworkClient::Connection& NetworkClient::FindOrAdd(BrokerId node) {
  if (Connection* found = Find(node)) return *found;
  connections_.push_back(std::make_unique<Connection>(this, node));
  return *connections_.back();
}

FaultSite NetworkClient::Site(CutPoint point, const Connection& connection) const {
  FaultSite site;
  site.point = point;
  site.broker = connection.node;
  site.client = options_.name;
  if (connection.socket != nullptr) site.connection = connection.socket->id();
  return site;
}

bool NetworkClient::MayConnect(const Connection* connection) const {
  return connection == nullptr || (connection->state == ConnectionState::kDisconnected &&
                                   context_.Wall() >= connection->connect_again_at);
}

void NetworkClient::Connect(BrokerId node) {
  if (closed_ || !MayConnect(Find(node))) return;
  Begin(FindOrAdd(node));
}

void NetworkClient::Begin(Connection& connection) {
  const ClientMetadata::Node* node = metadata_->FindNode(connection.node);
  if (node == nullptr) return;  // it left the cluster
  sim::Node* machine = context_.resolve(node->address);
  NORN_CHECK(machine != nullptr) << "no machine is called " << node->address.host;
  const Time now = context_.Wall();
  connection.state = ConnectionState::kConnecting;
  connection.last_attempt = now;
  const Backoff setup = Backoff::Of(options_.config.socket_connection_setup_timeout,
                                    options_.config.socket_connection_setup_timeout_max);
  const sim::Key key(connection.node.value(), connection.attempts++);
  const absl::Duration patience =
      setup.After(connection.setup_failures, context_.sim->chance(), setup_stream_, key);
  connection.setup_deadline = now + patience;
  connection.setup_patience = patience;
  context_.sim->Note(kConnecting, {{&kNode, connection.node.value()}});
  context_.faults->At(Site(CutPoint::kConnect, connection));
  sim::SocketOptions buffers;
  if (options_.config.send_buffer_bytes > 0)
    buffers.send_buffer = options_.config.send_buffer_bytes;
  if (options_.config.receive_buffer_bytes > 0)
    buffers.receive_buffer = options_.config.receive_buffer_bytes;
  connection.reader = FrameReader<ResponseEnvelope>(kMostResponseBytes);
  connection.socket =
      context_.network->Connect(*context_.node, *machine, node->address.port, &connection, buffers);
}

void NetworkClient::OnConnected(Connection& connection) {
  connection.state = ConnectionState::kCheckingApiVersions;
  connection.throttled_until = kLongAgo;
  connection.setup_deadline = Time::Max();
  if (context_.faults->At(Site(CutPoint::kConnected, connection)).reset) {
    connection.socket->Reset();
    Disconnected(connection, Completion::kDisconnected);
    return;
  }
  SendOn(connection, Api::kApiVersions, HelloOf(options_.flavour), /*expect_answer=*/true,
         [this, &connection](Completion how, ResponseEnvelope*) {
           if (how != Completion::kAnswered) return;
           connection.state = ConnectionState::kReady;
           connection.failures = 0;
           connection.setup_failures = 0;
           context_.sim->Note(kReadyNote, {{&kNode, connection.node.value()}});
         });
  owner_->OnNetwork();
}

void NetworkClient::SendOn(Connection& connection, Api api, wire::RequestBody body,
                           bool expect_answer, Done done) {
  const Time now = context_.Wall();
  auto request = std::make_unique<RequestEnvelope>();
  request->api = api;
  request->version = VersionOf(api, options_.flavour);
  request->correlation = next_correlation_;
  request->client_id = options_.client_id;
  request->body = std::move(body);
  next_correlation_ = Next(next_correlation_);

  sim::Frame frame;
  frame.size = SizeOf(*request);
  frame.extra_delay = context_.request_cost;
  const CorrelationId correlation = request->correlation;
  const int16_t version = request->version;
  StrikeFrame(
      *context_.faults, *context_.network, *connection.socket,
      [&] {
        FaultSite site = Site(CutPoint::kRequestSent, connection);
        site.api = api;
        site.request = request.get();
        return site;
      },
      *request, frame);
  context_.sim->Note(kRequestSent,
                     {{&kConnection, static_cast<int64_t>(connection.socket->id())},
                      {&kCorrelation, correlation.value()},
                      {&kApiKey, static_cast<int64_t>(api)}},
                     [&] { return Describe(*request); });
  frame.message = std::move(request);
  const uint64_t number = connection.socket->Send(std::move(frame), !expect_answer);
  connection.last_used = context_.Monotonic();
  connection.in_flight.push_back(
      {correlation, api, version, now, expect_answer, number, std::move(done)});
}

void NetworkClient::Send(BrokerId node, Api api, wire::RequestBody body, bool expect_answer,
                         Done done) {
  Connection* connection = Find(node);
  NORN_CHECK(connection != nullptr && CanSend(node)) << node << " cannot take a request now";
  SendOn(*connection, api, std::move(body), expect_answer, std::move(done));
}

bool NetworkClient::CanSend(BrokerId node) const {
  const Connection* connection = Find(node);
  if (connection == nullptr || connection->state != ConnectionState::kReady ||
      connection->throttled_until > context_.Wall())
    return false;
  return connection->in_flight.empty() ||
         (connection->socket->everything_written() &&
          static_cast<int32_t>(connection->in_flight.size()) < options_.max_in_flight);
}

bool NetworkClient::Ready(BrokerId node) {
  if (!metadata_in_flight_ && metadata_->UpdateIsDue(context_.Wall())) {
    // Metadata has priority; still, a connection may be begun.
    if (state(node) == ConnectionState::kDisconnected) Connect(node);
    return false;
  }
  if (CanSend(node)) return true;
  if (state(node) == ConnectionState::kDisconnected) Connect(node);
  return false;
}

Time NetworkClient::ReadyAgainAt(BrokerId node) const {
  const Connection* connection = Find(node);
  if (connection == nullptr) return context_.Wall();
  if (connection->state == ConnectionState::kReady && connection->throttled_until > context_.Wall())
    return connection->throttled_until;
  if (connection->state != ConnectionState::kDisconnected) return Time::Max();
  return std::max(connection->connect_again_at, context_.Wall());
}

void NetworkClient::OnAnswer(Connection& connection, std::unique_ptr<ResponseEnvelope> response) {
  FaultVerdict verdict;
  if (context_.faults->listening()) {
    FaultSite site = Site(CutPoint::kResponseReceived, connection);
    site.api = response->api;
    site.request = response->request.get();
    verdict = context_.faults->At(site);
  }
  if (verdict.reset) {
    connection.socket->Reset();
    Disconnected(connection, Completion::kDisconnected);
    return;
  }
  if (verdict.drop) return;
  connection.last_used = context_.Monotonic();
  // Answers come in the order of the requests. One with another correlation id is dropped, and with
  // it the request whose turn it was: Java's client takes that from its queue before it compares.
  const auto request = std::find_if(connection.in_flight.begin(), connection.in_flight.end(),
                                    [](const InFlight& r) { return r.expect_answer; });
  if (request == connection.in_flight.end()) return;
  if (request->correlation != response->correlation) {
    connection.in_flight.erase(request);
    owner_->OnNetwork();
    return;
  }
  context_.sim->Note(kAnswerRead,
                     {{&kConnection, static_cast<int64_t>(connection.socket->id())},
                      {&kCorrelation, response->correlation.value()},
                      {&kApiKey, static_cast<int64_t>(response->api)}},
                     [&] { return Describe(*response); });
  Done done = std::move(request->done);
  connection.in_flight.erase(request);
  Throttle(connection, *response);
  done(Completion::kAnswered, response.get());
  owner_->OnNetwork();
}

void NetworkClient::Throttle(Connection& connection, const ResponseEnvelope& response) {
  int32_t throttle_ms = 0;
  std::visit(
      [&throttle_ms](const auto& body) {
        if constexpr (requires { body.throttle_time_ms; }) throttle_ms = body.throttle_time_ms;
      },
      response.body);
  if (throttle_ms > 0)
    connection.throttled_until = context_.Wall() + absl::Milliseconds(throttle_ms);
}

void NetworkClient::OnWritten(Connection& connection, uint64_t frame) {
  const auto request =
      std::find_if(connection.in_flight.begin(), connection.in_flight.end(),
                   [&](const InFlight& r) { return !r.expect_answer && r.frame == frame; });
  if (request == connection.in_flight.end()) return;
  Done done = std::move(request->done);
  connection.in_flight.erase(request);
  done(Completion::kAnswered, nullptr);
  owner_->OnNetwork();
}

void NetworkClient::LogDisconnection(const Connection& connection, Completion how) {
  const ClientLog& log = options_.log;
  const auto node = [&] { return JavaNumber(connection.node); };
  const auto address = [&] {
    const ClientMetadata::Node* known = metadata_->FindNode(connection.node);
    return known == nullptr ? std::string()
                            : known->address.host + ":" + std::to_string(known->address.port);
  };
  if (how == Completion::kTimedOut)
    log([&] { return "Disconnecting from node " + node() + " due to request timeout."; });
  if (connection.state == ConnectionState::kConnecting) {
    if (connection.setup_deadline <= context_.Wall()) {
      log([&] {
        return "Disconnecting from node " + node() +
               " due to socket connection setup timeout. The timeout value is " +
               std::to_string(absl::ToInt64Milliseconds(connection.setup_patience)) + " ms.";
      });
    } else {
      log([&] { return "Node " + node() + " disconnected."; });
      log([&] {
        return "Connection to node " + node() + " (" + address() +
               ") could not be established. Node may not be available.";
      });
    }
  } else if (how != Completion::kTimedOut) {
    log([&] { return "Node " + node() + " disconnected."; });
  }
  for (const InFlight& request : connection.in_flight) {
    log([&] {
      const std::string elapsed =
          std::to_string(absl::ToInt64Milliseconds(context_.Wall() - request.sent));
      return "Cancelled in-flight " + JavaNameOf(request.api) + " request with correlation id " +
             std::to_string(request.correlation.value()) + " due to node " + node() +
             " being disconnected (elapsed time since creation: " + elapsed +
             "ms, elapsed time since send: " + elapsed +
             "ms, throttle time: 0ms, request timeout: " +
             std::to_string(absl::ToInt64Milliseconds(options_.config.request_timeout)) + "ms)";
    });
  }
  if (metadata_->is_bootstrap() && metadata_->FindNode(connection.node) != nullptr) {
    log([&] {
      const bool is_39 = options_.flavour == Flavour::kJava39;
      return "Bootstrap broker " + address() + " (id: " + node() + " rack: null" +
             (is_39 ? "" : " isFenced: false") + ") disconnected";
    });
  }
}

void NetworkClient::Disconnected(Connection& connection, Completion how) {
  const Time now = context_.Wall();
  context_.sim->Note(kDisconnected, {{&kNode, connection.node.value()}}, [&] {
    return "while " + std::string(Name(connection.state)) + ", " +
           std::to_string(connection.in_flight.size()) + " in flight";
  });
  LogDisconnection(connection, how);
  connection.setup_failures =
      connection.state == ConnectionState::kConnecting ? connection.setup_failures + 1 : 0;
  connection.state = ConnectionState::kDisconnected;
  connection.setup_deadline = Time::Max();
  connection.last_attempt = now;
  const Backoff backoff =
      Backoff::Of(options_.config.reconnect_backoff, options_.config.reconnect_backoff_max);
  const sim::Key key(connection.node.value(), connection.attempts);
  const absl::Duration wait =
      backoff.After(connection.failures++, context_.sim->chance(), backoff_stream_, key);
  connection.connect_again_at = now + wait;
  connection.socket.reset();
  auto ended = std::move(connection.in_flight);
  connection.in_flight.clear();
  // Metadata hears of it first. A disconnection while a refresh is due counts as a failed one, so
  // that the next waits for its back-off.
  for (InFlight& request : ended)
    if (request.api == Api::kMetadata) request.done(how, nullptr);
  if (!metadata_in_flight_ && metadata_->UpdateIsDue(now)) metadata_->OnFailure(now);
  metadata_->RequestUpdate();
  for (InFlight& request : ended)
    if (request.api != Api::kMetadata) request.done(how, nullptr);
  owner_->OnNetwork();
}

void NetworkClient::Rebootstrap() {
  options_.log([&] {
    std::string addresses;
    for (const std::string& address : options_.config.bootstrap_servers)
      addresses += (addresses.empty() ? "" : ", ") + address;
    return "Rebootstrapping with [" + addresses + "]";
  });
  metadata_->Rebootstrap();
  metadata_attempt_start_ = context_.Wall();
}

Time NetworkClient::TimeOut() {
  const Time now = context_.Wall();
  Time next = Time::Max();
  for (size_t i = 0; i < connections_.size(); ++i) {
    Connection& connection = *connections_[i];
    if (connection.setup_deadline <= now) Disconnected(connection, Completion::kDisconnected);
    next = std::min(next, connection.setup_deadline);
    if (connection.throttled_until > now) next = std::min(next, connection.throttled_until);
    if (connection.state == ConnectionState::kReady && connection.in_flight.empty()) {
      const Time idle_end = now + (connection.last_used + options_.config.connections_max_idle -
                                   context_.Monotonic());
      if (idle_end <= now) {
        Disconnected(connection, Completion::kDisconnected);
      } else {
        next = std::min(next, idle_end);
      }
    }
    if (RequestDeadline(connection) <= now) Disconnected(connection, Completion::kTimedOut);
    if (!connection.in_flight.empty()) next = std::min(next, now + Patience());
  }
  return next;
}

// Java's poll sleeps for request.timeout.ms at most, counted from its last look and not from any
// request: one that is overdue is found out when something else wakes the thread, or then.
// (Recording 21b: five are in flight, the next record wakes the thread, and 3 s after that the
// connection is given up, by then 3.3 to 3.5 s after the first was sent.) Whole milliseconds are
// counted, and a request must be older than the timeout, not as old: a broker that was told the
// same time answers first (recordings 19 and 21d).
absl::Duration NetworkClient::Patience() const {
  return options_.config.request_timeout + absl::Milliseconds(1);
}

Time NetworkClient::RequestDeadline(const Connection& connection) const {
  if (connection.in_flight.empty()) return Time::Max();
  return connection.in_flight.front().sent + Patience();
}

Time NetworkClient::Poll() {
  if (closed_) return Time::Max();
  const Time now = context_.Wall();
  Time next = TimeOut();
  const bool rebootstraps =
      options_.config.metadata_recovery_strategy == MetadataRecovery::kRebootstrap;
  if (rebootstraps && metadata_attempt_start_ < Time::Max()) {
    const Time trigger =
        metadata_attempt_start_ + options_.config.metadata_recovery_rebootstrap_trigger;
    if (trigger <= now) {
      for (const ClientMetadata::Node& node : std::vector(metadata_->nodes())) {
        Connection* connection = Find(node.id);
        if (connection == nullptr || connection->state == ConnectionState::kDisconnected) continue;
        options_.log([&] {
          return "Disconnecting from node " + JavaNumber(node.id) + " due to client rebootstrap.";
        });
        Disconnected(*connection, Completion::kDisconnected);
      }
      Rebootstrap();
    }
    next = std::min(
        next, metadata_attempt_start_ + options_.config.metadata_recovery_rebootstrap_trigger);
  }
  // A fetch under way is waited for; its own timeout ends it.
  if (metadata_in_flight_) return next;
  const Time due = metadata_->NextUpdate(now);
  if (due > now) return std::min(next, due);
  if (quiet_until_ > now) return std::min(next, quiet_until_);
  if (metadata_attempt_start_ == Time::Max()) metadata_attempt_start_ = now;
  BrokerId node = LeastLoadedNode();
  if (rebootstraps && node.is_none() && !AnyReady()) {
    // Java begins anew again and again while the bootstrap servers themselves cannot be reached;
    // once is enough, but for the clock of the trigger.
    if (metadata_->is_bootstrap()) {
      metadata_attempt_start_ = now;
    } else {
      Rebootstrap();
      node = LeastLoadedNode();
    }
  }
  if (node.is_none()) {
    // All are in their back-off. Java looks every reconnect.backoff.ms; nothing changes before the
    // first of them ends.
    for (const ClientMetadata::Node& known : metadata_->nodes())
      next = std::min(next, ReadyAgainAt(known.id));
    return std::min(next, NextRequestDeadline());
  }
  if (CanSend(node)) {
    RefreshMetadata(node);
    return std::min(next, now + Patience());
  }
  if (!AnyConnecting()) {
    Connect(node);
    if (const Connection* begun = Find(node)) next = std::min(next, begun->setup_deadline);
  }
  // Here, too, it looks every reconnect.backoff.ms.
  return std::min(next, NextRequestDeadline());
}

Time NetworkClient::NextRequestDeadline() const {
  Time next = Time::Max();
  for (const auto& connection : connections_) next = std::min(next, RequestDeadline(*connection));
  return next;
}

void NetworkClient::RefreshMetadata(BrokerId node) {
  metadata_in_flight_ = true;
  const Time now = context_.Wall();
  SendOn(*Find(node), Api::kMetadata, metadata_->MakeRequest(now), /*expect_answer=*/true,
         [this](Completion how, ResponseEnvelope* response) {
           metadata_in_flight_ = false;
           if (how != Completion::kAnswered) {
             metadata_->OnFailure(context_.Wall());
             return;
           }
           const auto& answer = std::get<wire::MetadataResponse>(response->body);
           LogMetadata(*response, answer);
           metadata_attempt_start_ = Time::Max();
           metadata_->OnAnswer(answer, context_.Wall());
         });
}

void NetworkClient::LogMetadata(const ResponseEnvelope& response,
                                const wire::MetadataResponse& answer) const {
  const bool failed = std::any_of(answer.topics.begin(), answer.topics.end(),
                                  [](const auto& topic) { return topic.error != Error::kNone; });
  if (failed) {
    options_.log([&] {
      std::string errors;
      for (const auto& topic : answer.topics) {
        if (topic.error == Error::kNone) continue;
        errors += (errors.empty() ? "" : ", ") + std::string(topic.name->text()) + "=" +
                  std::string(Name(topic.error));
      }
      const bool is_39 = options_.flavour == Flavour::kJava39;
      return std::string(is_39 ? "Error while fetching metadata with correlation id "
                               : "The metadata response from the cluster reported a recoverable "
                                 "issue with correlation id ") +
             std::to_string(response.correlation.value()) + " : {" + errors + "}";
    });
  }
  if (metadata_->is_bootstrap() && answer.cluster_id.has_value())
    options_.log([&] { return "Cluster ID: " + *answer.cluster_id; });
}

BrokerId NetworkClient::LeastLoadedNode() {
  const auto& nodes = metadata_->nodes();
  if (nodes.empty()) return BrokerId::None();
  const size_t first = static_cast<size_t>(
      context_.sim->chance().Uniform(choice_stream_, sim::Key(choices_++), nodes.size()));
  BrokerId ready;
  size_t fewest = SIZE_MAX;
  BrokerId connecting;
  BrokerId connectable;
  Time oldest_attempt = Time::Max();
  for (size_t i = 0; i < nodes.size(); ++i) {
    const BrokerId node = nodes[(first + i) % nodes.size()].id;
    const Connection* connection = Find(node);
    if (CanSend(node)) {
      if (connection->in_flight.empty()) return node;
      if (connection->in_flight.size() < fewest) {
        fewest = connection->in_flight.size();
        ready = node;
      }
    } else if (connection != nullptr &&
               (connection->state == ConnectionState::kConnecting ||
                connection->state == ConnectionState::kCheckingApiVersions)) {
      connecting = node;
    } else if (MayConnect(connection)) {
      const Time attempt = connection == nullptr ? kLongAgo : connection->last_attempt;
      if (attempt < oldest_attempt) {
        oldest_attempt = attempt;
        connectable = node;
      }
    }
  }
  if (fewest != SIZE_MAX) return ready;
  if (!connecting.is_none()) return connecting;
  return connectable;
}

bool NetworkClient::AnyReady() const {
  return std::any_of(
      metadata_->nodes().begin(), metadata_->nodes().end(), [this](const auto& node) {
        const Connection* connection = Find(node.id);
        return connection != nullptr && connection->state == ConnectionState::kReady &&
               connection->throttled_until <= context_.Wall();
      });
}

bool NetworkClient::AnyConnecting() const {
  return std::any_of(connections_.begin(), connections_.end(), [](const auto& connection) {
    return connection->state == ConnectionState::kConnecting ||
           connection->state == ConnectionState::kCheckingApiVersions;
  });
}

ConnectionState NetworkClient::state(BrokerId node) const {
  const Connection* connection = Find(node);
  return connection == nullptr ? ConnectionState::kDisconnected : connection->state;
}

int64_t NetworkClient::in_flight(BrokerId node) const {
  const Connection* connection = Find(node);
  return connection == nullptr ? 0 : static_cast<int64_t>(connection->in_flight.size());
}

int64_t NetworkClient::in_flight() const {
  int64_t n = 0;
  for (const auto& connection : connections_)
    n += static_cast<int64_t>(connection->in_flight.size());
  return n;
}

void NetworkClient::Close() {
  closed_ = true;
  for (auto& connection : connections_) {
    connection->in_flight.clear();
    connection->state = ConnectionState::kDisconnected;
    connection->socket.reset();
  }
}

}  // namespace norn::model
