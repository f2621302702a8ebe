#include "sim/network.h"

#include <utility>

#include "sim/check.h"
#include "sim/connection.h"
#include "sim/host.h"

namespace norn::sim {

const char* Name(CloseReason reason) {
  switch (reason) {
    case CloseReason::kClosedByPeer:
      return "closed by peer";
    case CloseReason::kReset:
      return "reset";
    case CloseReason::kTimedOut:
      return "timed out";
  }
  return "?";
}

const char* Name(ConnectError error) {
  switch (error) {
    case ConnectError::kRefused:
      return "refused";
    case ConnectError::kTimedOut:
      return "timed out";
  }
  return "?";
}

// --- Socket

Socket::~Socket() { Close(); }

uint64_t Socket::Send(Frame frame, bool tell_written) {
  // Its kernel may know that it is over before its handler is told.
  if (connection_ == nullptr || !connection_->open(side_)) return 0;
  return connection_->pipe(side_).Push(std::move(frame), tell_written);
}

bool Socket::everything_written() const {
  return connection_ != nullptr && connection_->open(side_) &&
         connection_->pipe(side_).everything_written();
}

void Socket::Close() {
  if (connection_ != nullptr) connection_->Close(side_);
}

void Socket::Reset() {
  if (connection_ != nullptr) connection_->Reset(side_);
}

void Socket::PauseReading() {
  if (connection_ != nullptr) connection_->PauseReading(side_);
}

void Socket::ResumeReading() {
  if (connection_ != nullptr) connection_->ResumeReading(side_);
}

bool Socket::connected() const {
  return connection_ != nullptr && connection_->open(side_) && connection_->end(side_).established;
}

// --- Network

Network::Network(Simulation& sim, NetworkOptions options)
    : sim_(&sim),
      options_(std::move(options)),
      retransmission_{ToNanos(options_.first_retransmission), ToNanos(options_.max_retransmission),
                      options_.max_retransmissions} {
  NORN_CHECK(retransmission_.first > 0) << "the first retransmission comes at once";
  NORN_CHECK(retransmission_.longest >= retransmission_.first);
  NORN_CHECK(options_.segment_bytes > 0);
}

Network::~Network() {
  for (Connection* c = first_; c != nullptr;) {
    Connection* const next = c->next;
    c->Abandon();
    delete c;
    c = next;
  }
  while (unused_ != nullptr) delete std::exchange(unused_, unused_->next);
  for (const auto& host : hosts_) {
    if (host->node == nullptr) continue;
    host->node->RemoveObserver(host.get());
    host->node->network_slot_ = 0;
  }
}

Host& Network::HostOf(const Node& node) {
  if (node.network_slot_ == 0) {
    hosts_.push_back(std::make_unique<Host>(this, &node));
    hosts_.back()->index = static_cast<uint32_t>(hosts_.size() - 1);
    node.network_slot_ = static_cast<uint32_t>(hosts_.size());
    node.AddObserver(hosts_.back().get());
  }
  NORN_CHECK(node.network_slot_ <= hosts_.size()) << node.name() << " is on another network";
  Host& host = *hosts_[node.network_slot_ - 1];
  NORN_CHECK(host.node == &node) << node.name() << " is on another network";
  return host;
}

Link& Network::LinkOf(Host& from, Host& to) {
  if (from.links.size() <= to.index) from.links.resize(hosts_.size());
  std::unique_ptr<Link>& link = from.links[to.index];
  if (link == nullptr) {
    link = std::make_unique<Link>(from.node->name() + "->" + to.node->name(), options_.link);
    link->SetCut(false, from.vanishes || to.vanishes);
  }
  return *link;
}

void Network::Listen(Node& node, uint16_t port, Acceptor acceptor, SocketOptions options) {
  if (!node.alive() || sim_->IsDead(sim_->current_owner())) return;
  Host& host = HostOf(node);
  std::erase_if(host.listeners,
                [&](const Ref<Listener>& old) { return old->owner != node.owner(); });
  NORN_CHECK(host.refuses || host.ListenerAt(port) == nullptr)
      << node.name() << " listens at " << port << " already";
  auto listener = MakeRef<Listener>();
  listener->port = port;
  listener->owner = node.owner();
  listener->acceptor = std::move(acceptor);
  listener->options = options;
  host.listeners.push_back(std::move(listener));
}

std::unique_ptr<Socket> Network::Connect(Node& from, Node& to, uint16_t port,
                                         SocketHandler* handler, SocketOptions options) {
  std::unique_ptr<Socket> socket(new Socket(nullptr, 0, ++connections_made_, &from, &to));
  socket->handler_ = handler;
  if (!from.alive() || sim_->IsDead(sim_->current_owner())) return socket;
  Host& from_host = HostOf(from);
  Host& to_host = HostOf(to);
  Connection* const connection = NewConnection();
  socket->connection_ = connection;
  connection->Open(socket->id_, from_host, from, to_host, to, port, options, socket.get());
  return socket;
}

Connection* Network::NewConnection() {
  Connection* connection = unused_;
  if (connection != nullptr) {
    unused_ = connection->next;
  } else {
    connection = new Connection(this);
  }
  connection->next = nullptr;
  connection->previous = last_;
  (last_ != nullptr ? last_->next : first_) = connection;
  last_ = connection;
  return connection;
}

void Network::Free(Connection* connection) {
  (connection->previous != nullptr ? connection->previous->next : first_) = connection->next;
  (connection->next != nullptr ? connection->next->previous : last_) = connection->previous;
  connection->next = unused_;
  unused_ = connection;
}

void Network::SetLink(const Node& from, const Node& to, LinkOptions options) {
  Host& from_host = HostOf(from);
  Host& to_host = HostOf(to);
  LinkOf(from_host, to_host).Set(options);
}

// --- Faults

void Network::SetCut(const Node& from, const Node& to, bool cut) {
  Host& from_host = HostOf(from);
  Host& to_host = HostOf(to);
  LinkOf(from_host, to_host).SetCut(cut, from_host.vanishes || to_host.vanishes);
}

void Network::Partition(std::span<Node* const> a, std::span<Node* const> b) {
  for (const Node* x : a) {
    for (const Node* y : b) {
      SetCut(*x, *y, true);
      SetCut(*y, *x, true);
    }
  }
  DoubtAll();
}

void Network::Repair(std::span<Node* const> a, std::span<Node* const> b) {
  for (const Node* x : a) {
    for (const Node* y : b) {
      SetCut(*x, *y, false);
      SetCut(*y, *x, false);
    }
  }
}

void Network::Cut(const Node& from, const Node& to) {
  SetCut(from, to, true);
  DoubtAll();
}

void Network::Mend(const Node& from, const Node& to) { SetCut(from, to, false); }

void Network::BlackHole(const Node& node, bool on) {
  HostOf(node).vanishes = on;
  RefreshLinks();
  if (on) DoubtAll();
}

void Network::Refuse(const Node& node, bool on) { HostOf(node).refuses = on; }

void Network::Refuse(const Node& node, const Node& from, bool on) {
  std::vector<const Node*>& refused = HostOf(node).refused;
  std::erase(refused, &from);
  if (on) refused.push_back(&from);
}

void Network::BlackHoleConnects(const Node& node, bool on) { HostOf(node).loses_connects = on; }

void Network::Heal() {
  for (const auto& host : hosts_) {
    host->vanishes = host->refuses = host->loses_connects = false;
    host->refused.clear();
    for (const auto& link : host->links)
      if (link != nullptr) link->SetCut(false, false);
  }
  for (Connection* c = first_; c != nullptr; c = c->next) {
    for (int side : {0, 1}) {
      c->pipe(side).TakeBackCut();
      c->pipe(side).Release();
    }
  }
}

void Network::RefreshLinks() {
  for (const auto& from : hosts_) {
    for (size_t to = 0; to < from->links.size(); ++to) {
      Link* const link = from->links[to].get();
      if (link != nullptr) link->SetCut(link->cut(), from->vanishes || hosts_[to]->vanishes);
    }
  }
}

void Network::DoubtAll() {
  for (Connection* c = first_; c != nullptr; c = c->next) c->Doubt();
}

Connection* Network::Find(uint64_t id) const {
  for (Connection* c = first_; c != nullptr; c = c->next)
    if (c->id() == id) return c->gone() ? nullptr : c;
  return nullptr;
}

int Network::ResetConnections(const Node& a, const Node& b) {
  int count = 0;
  for (Connection* c = first_; c != nullptr;) {
    Connection* const next = c->next;  // c may be free afterwards
    const Node* const client = c->end(0).host->node;
    const Node* const server = c->end(1).host->node;
    if (!c->gone() && ((client == &a && server == &b) || (client == &b && server == &a))) {
      c->ResetBoth();
      ++count;
    }
    c = next;
  }
  return count;
}

bool Network::ResetConnection(uint64_t id) {
  Connection* const connection = Find(id);
  if (connection != nullptr) connection->ResetBoth();
  return connection != nullptr;
}

Pipe* Network::PipeOf(uint64_t id, const Node& from) const {
  Connection* const connection = Find(id);
  if (connection == nullptr) return nullptr;
  const int side = connection->end(0).host->node == &from ? 0 : 1;
  NORN_CHECK(connection->end(side).host->node == &from)
      << from.name() << " is no end of connection " << id;
  return &connection->pipe(side);
}

bool Network::CutAfter(uint64_t id, const Node& from, int64_t bytes, CutManner manner) {
  Pipe* const pipe = PipeOf(id, from);
  return pipe != nullptr && pipe->CutAfter(bytes, manner);
}

bool Network::Hold(uint64_t id, const Node& from) {
  Pipe* const pipe = PipeOf(id, from);
  if (pipe != nullptr) pipe->HoldWhatFollows();
  return pipe != nullptr;
}

bool Network::Release(uint64_t id, const Node& from) {
  Pipe* const pipe = PipeOf(id, from);
  if (pipe != nullptr) pipe->Release();
  return pipe != nullptr;
}

int64_t Network::BytesGiven(uint64_t id, const Node& from) const {
  const Pipe* const pipe = PipeOf(id, from);
  return pipe == nullptr ? -1 : pipe->queued_end();
}

bool Network::Forget(uint64_t id, const Node& end) {
  Connection* const connection = Find(id);
  if (connection == nullptr) return false;
  const int side = connection->end(0).host->node == &end ? 0 : 1;
  NORN_CHECK(connection->end(side).host->node == &end)
      << end.name() << " is no end of connection " << id;
  connection->Forget(side);
  return true;
}

std::vector<Network::ConnectionInfo> Network::Connections() const {
  std::vector<ConnectionInfo> infos;
  for (Connection* c = first_; c != nullptr; c = c->next) {
    if (c->gone()) continue;
    infos.push_back({c->id(), c->end(0).node, c->end(1).node, c->end(0).established,
                     c->pipe(0).queued_end(), c->pipe(1).queued_end()});
  }
  return infos;
}

// --- What nodes tell. A connection may be free after each of these.

void Network::OnKilled(Host& host) {
  for (Connection* c = first_; c != nullptr;) {
    Connection* const next = c->next;
    for (int side = 0; side < 2; ++side)
      if (c->end(side).host == &host) c->ProcessKilled(side);
    c = next;
  }
}

void Network::OnPowerLost(Host& host) {
  for (Connection* c = first_; c != nullptr;) {
    Connection* const next = c->next;
    for (int side = 0; side < 2; ++side)
      if (c->end(side).host == &host) c->PowerLost(side);
    c = next;
  }
}

void Network::OnResumed(Host& host) {
  for (Connection* c = first_; c != nullptr; c = c->next)
    for (int side = 0; side < 2; ++side)
      if (c->end(side).host == &host) c->NodeResumed(side);
}

}  // namespace norn::sim
