#include "model/client/rdkafka/main_thread.h"

#include <algorithm>
#include <utility>
#include <variant>

#include "sim/check.h"

namespace norn::model::rdkafka {
namespace {

using sim::Time;

constexpr absl::Duration kTick = absl::Seconds(1);
constexpr absl::Duration kUnknownCached = absl::Milliseconds(100);
constexpr sim::Label kMainTick{"librdkafka main thread"};
constexpr sim::Label kConnectAgain{"connect to any broker"};
constexpr sim::Label kQueryLeaders{"query of leaders"};
constexpr sim::Label kRefresh{"metadata refresh"};
constexpr sim::Label kRebootstrap{"bootstrap again"};
constexpr sim::Label kFreeThreads{"broker threads end"};
constexpr sim::Label kBootstrapAgain{"all brokers are down"};

// sparse connections: half of reconnect.backoff.ms, 11 ms to 1 s.
absl::Duration ConnectAnyInterval(absl::Duration reconnect_backoff) {
  return std::clamp(absl::Trunc(reconnect_backoff / 2, absl::Milliseconds(1)),
                    absl::Milliseconds(11), absl::Milliseconds(1000));
}

}  // namespace

MainThread::MainThread(ClientContext context, Options options)
    : context_(context),
      shared_{context_, options.config, options.name,
              context_.sim->chance().Resolve("client/" + options.name + "/reconnect-backoff"),
              options.most_response_bytes},
      bootstrap_(std::move(options.bootstrap)),
      creates_topics_(options.creates_topics),
      choice_stream_(context_.sim->chance().Resolve("client/" + options.name + "/broker-choice")),
      query_stream_(context_.sim->chance().Resolve("client/" + options.name + "/leader-query")),
      connect_any_interval_(ConnectAnyInterval(shared_.config.reconnect_backoff)),
      main_timer_(*context_.sim, kMainTick, {this}),
      connect_timer_(*context_.sim, kConnectAgain, {this}),
      query_timer_(*context_.sim, kQueryLeaders, {this}),
      refresh_timer_(*context_.sim, kRefresh, {this}),
      rebootstrap_timer_(*context_.sim, kRebootstrap, {this}),
      free_timer_(*context_.sim, kFreeThreads, {this}) {}

MainThread::~MainThread() = default;

void MainThread::Begin() {
  main_timer_.SetAfter(kTick);
  if (const absl::Duration interval = shared_.config.topic_metadata_refresh_interval;
      interval > absl::ZeroDuration() && interval < absl::InfiniteDuration())
    refresh_timer_.SetAfter(interval);
  AddBootstrap();
}

void MainThread::End() {
  closed_ = true;
  main_timer_.Cancel();
  connect_timer_.Cancel();
  query_timer_.Cancel();
  refresh_timer_.Cancel();
  rebootstrap_timer_.Cancel();
  for (Thread& entry : threads_) entry.thread->Decommission();
}

void MainThread::FreeThreads() { gone_.clear(); }

int64_t MainThread::up_count() const {
  return std::count_if(threads_.begin(), threads_.end(),
                       [](const Thread& entry) { return entry.thread->up(); });
}

// --- Topics.

Topic& MainThread::TopicOf(std::string_view name) {
  if (last_topic_ != nullptr && last_topic_->name.text() == name) return *last_topic_;
  for (const auto& topic : topics_) {
    if (topic->name.text() == name) {
      last_topic_ = topic.get();
      return *topic;
    }
  }
  const auto number = static_cast<int32_t>(topics_.size());
  topics_.push_back(std::make_unique<Topic>());
  Topic& topic = *topics_.back();
  OnNewTopic(topic, number);
  topic.name = TopicName(name);
  topic.created = Now();
  last_topic_ = &topic;
  AskMetadata(nullptr, {&topic}, /*force=*/false);
  if (recent()) StartLeaderQueries();
  return topic;
}

void MainThread::MainTick() {
  const Time now = Now();
  main_timer_.SetAfter(kTick);
  std::vector<Topic*> stale;
  for (const auto& topic : topics_) {
    OnTick(*topic);
    if (topic->state == Topic::State::kNotExists && GivesUp(*topic)) continue;
    bool ask = topic->partitions.empty() || topic->cached_until <= now || Misses(*topic);
    for (const auto& toppar : topic->partitions) {
      const bool led = toppar->broker != nullptr && (toppar->broker->up() || !InUse(*toppar));
      ask = ask || !led;
    }
    if (ask) stale.push_back(topic.get());
  }
  if (!stale.empty()) AskMetadata(nullptr, std::move(stale), /*force=*/true);
  if (up_count() == 0) ConnectAny();
}

void MainThread::RefreshPeriodically() {
  refresh_timer_.SetAfter(shared_.config.topic_metadata_refresh_interval);
  AskKnownTopics(nullptr, /*force=*/true);
}

void MainThread::LeaderUnavailable(Toppar& toppar) {
  toppar.topic->leader_unavailable = true;
  if (recent()) AskMetadata(nullptr, {toppar.topic}, /*force=*/true);
  StartLeaderQueries();
}

void MainThread::StartLeaderQueries() {
  const absl::Duration first = shared_.config.topic_metadata_refresh_fast_interval;
  if (query_timer_.pending() && query_timer_.at() <= Now() + first) return;
  query_interval_ = first;
  query_timer_.SetAfter(first);
}

void MainThread::QueryLeaders() {
  std::vector<Topic*> leaderless;
  for (const auto& topic : topics_) {
    if (topic->state == Topic::State::kNotExists) continue;
    bool ask = topic->leader_unavailable || topic->partitions.empty();
    for (const auto& toppar : topic->partitions) ask = ask || toppar->broker == nullptr;
    if (ask) leaderless.push_back(topic.get());
  }
  if (leaderless.empty()) return;
  AskMetadata(nullptr, std::move(leaderless), /*force=*/true);
  query_interval_ *= 2;
  absl::Duration wait = query_interval_;
  if (recent()) {
    const int64_t percent = 80 + static_cast<int64_t>(context_.sim->chance().Uniform(
                                     query_stream_, sim::Key(queries_++), 41));
    wait = std::min(query_interval_ * percent / 100, shared_.config.retry_backoff_max);
    query_interval_ = std::min(query_interval_, shared_.config.retry_backoff_max);
  } else if (query_interval_ >= shared_.config.topic_metadata_refresh_interval) {
    return;  // the periodic refresh does as well
  }
  query_timer_.SetAfter(wait);
}

bool MainThread::AskMetadata(BrokerThread* thread, std::vector<Topic*> topics, bool force) {
  if (closed_) return false;
  if (thread == nullptr) thread = AnyUsable();
  if (thread == nullptr) return false;
  if (!force) {
    // What is known, or asked already, is not asked again.
    const Time now = Now();
    std::erase_if(topics, [now](const Topic* topic) {
      return topic->being_asked || topic->cached_until > now;
    });
    if (topics.empty()) return true;
    for (Topic* topic : topics) topic->being_asked = true;
  }
  wire::MetadataRequest request;
  request.allow_auto_topic_creation = creates_topics_;
  request.topics.emplace();
  for (const Topic* topic : topics) {
    wire::MetadataRequest::Topic wanted;
    wanted.name = topic->name;
    request.topics->push_back(std::move(wanted));
  }
  thread->Enqueue(Api::kMetadata, std::move(request), /*expect_answer=*/true, thread->Deadline(),
                  nullptr,
                  [this, topics = std::move(topics)](Ending how, bool, ResponseEnvelope* response) {
                    for (Topic* topic : topics) topic->being_asked = false;
                    if (how == Ending::kAnswered && !closed_)
                      OnMetadata(std::get<wire::MetadataResponse>(response->body), topics);
                  });
  return true;
}

void MainThread::AskKnownTopics(BrokerThread* thread, bool force) {
  if (topics_.empty()) return;
  std::vector<Topic*> topics;
  for (const auto& topic : topics_) topics.push_back(topic.get());
  AskMetadata(thread, std::move(topics), force);
}

void MainThread::OnMetadata(const wire::MetadataResponse& answer,
                            const std::vector<Topic*>& asked) {
  for (const auto& broker : answer.brokers)
    LearnBroker(broker.node_id, {broker.host, static_cast<uint16_t>(broker.port)});
  for (const auto& known : answer.topics) {
    if (!known.name.has_value()) continue;
    for (Topic* topic : asked)
      if (topic->name == *known.name) UpdateTopic(known, *topic);
  }
  if (recent() && !answer.brokers.empty()) {
    // Who is not in the answer is let go, the bootstrap brokers first of all.
    for (size_t i = threads_.size(); i-- > 0;) {
      BrokerThread* thread = threads_[i].thread.get();
      const bool listed =
          !thread->is_bootstrap() &&
          std::any_of(answer.brokers.begin(), answer.brokers.end(),
                      [&](const auto& broker) { return broker.node_id == thread->id(); });
      if (!listed) LetGo(i);
    }
  }
  OnMetadataTaken();
}

void MainThread::UpdateTopic(const wire::MetadataResponse::Topic& known, Topic& topic) {
  switch (known.error) {
    case Error::kNone:
      break;
    case Error::kUnknownTopicOrPartition:
    case Error::kInvalidTopic:
      // For a moment nobody asks again without need (rd_kafka_metadata_cache_topic_update).
      topic.cached_until = Now() + kUnknownCached;
      SetNotExists(topic, known.error);
      return;
    default:
      topic.leader_unavailable = true;
      StartLeaderQueries();
      return;
  }
  topic.state = Topic::State::kExists;
  topic.id = known.topic_id;
  topic.cached_until = Now() + shared_.config.metadata_max_age;
  topic.leader_unavailable = false;
  if (known.partitions.size() < topic.partitions.size())
    RemovePartitions(topic, known.partitions.size());
  while (topic.partitions.size() < known.partitions.size()) {
    auto toppar = std::make_unique<Toppar>();
    toppar->topic = &topic;
    toppar->index = PartitionIndex(static_cast<int32_t>(topic.partitions.size()));
    topic.partitions.push_back(std::move(toppar));
  }
  for (const auto& partition : known.partitions) {
    const auto index = static_cast<size_t>(partition.partition_index.value());
    if (index >= topic.partitions.size()) continue;
    Toppar& toppar = *topic.partitions[index];
    BrokerThread* leader =
        partition.leader_id.is_none() ? nullptr : FindThread(partition.leader_id);
    if (leader == nullptr) topic.leader_unavailable = true;
    SetLeader(toppar, partition.leader_id, partition.leader_epoch, leader);
  }
  if (topic.leader_unavailable) StartLeaderQueries();
  OnTopic(topic);
}

void MainThread::SetLeader(Toppar& toppar, BrokerId id, LeaderEpoch epoch, BrokerThread* thread) {
  // A broker that is behind tells what was.
  if (recent() && !epoch.is_none() && epoch < toppar.leader_epoch) return;
  const bool new_epoch = epoch > toppar.leader_epoch;
  toppar.leader = id;
  toppar.leader_epoch = epoch;
  Delegate(toppar, thread);
  OnLeader(toppar, new_epoch);
}

void MainThread::SetNotExists(Topic& topic, Error error) {
  // It may have been made a moment ago, and this broker not know it yet.
  if (Now() - topic.created < shared_.config.topic_metadata_propagation_max) return;
  topic.state = Topic::State::kNotExists;
  topic.error = error;
  topic.leader_unavailable = false;
  RemovePartitions(topic, 0);
  OnTopicGone(topic);
}

void MainThread::RemovePartitions(Topic& topic, size_t left) {
  while (topic.partitions.size() > left) {
    Toppar& toppar = *topic.partitions.back();
    toppar.gone = true;
    Delegate(toppar, nullptr);
    OnPartitionGone(toppar);
    topic.removed.push_back(std::move(topic.partitions.back()));
    topic.partitions.pop_back();
  }
}

// --- Who serves a partition.

void MainThread::Delegate(Toppar& toppar, BrokerThread* to) {
  BrokerThread* const from = toppar.broker;
  if (from == to) return;
  if (from != nullptr) {
    std::erase(from->toppars, &toppar);
    toppar.broker = nullptr;
    from->PurgeQueued(&toppar, Ending::kRetry);
  }
  toppar.broker = to;
  if (to != nullptr) to->toppars.push_back(&toppar);
  OnDelegated(toppar);
  if (to != nullptr) to->Wake();
}

bool MainThread::LearnLeader(Toppar& toppar, const wire::LeaderIdAndEpoch& leader,
                             const std::vector<wire::NodeEndpoint>& endpoints) {
  if (!recent() || leader.leader_id.is_none()) return false;
  // Requests that were under way to the old leader tell the same once more; a leader that has not
  // heard yet tells what was.
  if (leader.leader_epoch < toppar.leader_epoch) return false;
  if (leader.leader_epoch == toppar.leader_epoch) return toppar.leader == leader.leader_id;
  for (const auto& endpoint : endpoints) {
    if (endpoint.node_id != leader.leader_id) continue;
    BrokerThread* const thread =
        LearnBroker(leader.leader_id, {endpoint.host, static_cast<uint16_t>(endpoint.port)});
    SetLeader(toppar, leader.leader_id, leader.leader_epoch, thread);
    return true;
  }
  return false;
}

// --- Brokers.

BrokerThread* MainThread::AddThread(BrokerId id, const BrokerAddress& address) {
  ThreadOwner* const owner = this;
  threads_.push_back(
      {std::make_unique<BrokerThread>(&shared_, owner, id, address, threads_made_++), false});
  return threads_.back().thread.get();
}

void MainThread::LetGo(size_t index) {
  std::unique_ptr<BrokerThread> thread = std::move(threads_[index].thread);
  threads_.erase(threads_.begin() + static_cast<std::ptrdiff_t>(index));
  while (!thread->toppars.empty()) Delegate(*thread->toppars.back(), nullptr);
  thread->Decommission();
  gone_.push_back(std::move(thread));
  free_timer_.SetAfter(absl::ZeroDuration());
}

BrokerThread* MainThread::FindThread(BrokerId id) const {
  for (const Thread& entry : threads_)
    if (entry.thread->id() == id) return entry.thread.get();
  return nullptr;
}

BrokerThread* MainThread::LearnBroker(BrokerId id, const BrokerAddress& address) {
  if (BrokerThread* known = FindThread(id)) return known;
  if (!recent()) {
    // A bootstrap broker with that address is this one, and its connection is kept.
    for (Thread& entry : threads_) {
      if (!entry.thread->is_bootstrap() || entry.thread->address() != address) continue;
      entry.thread->SetId(id);
      return entry.thread.get();
    }
  }
  return AddThread(id, address);
}

void MainThread::AddBootstrap() {
  for (const BrokerAddress& address : bootstrap_) {
    const bool known = std::any_of(threads_.begin(), threads_.end(), [&](const Thread& entry) {
      return entry.thread->is_bootstrap() && entry.thread->address() == address;
    });
    if (!known) AddThread(BrokerId::None(), address);
  }
  ConnectAny();
}

void MainThread::Rebootstrap() {
  context_.sim->Note(kBootstrapAgain, {});
  for (size_t i = threads_.size(); i-- > 0;)
    if (!threads_[i].thread->is_bootstrap()) LetGo(i);
  AddBootstrap();
}

uint64_t MainThread::Draw(uint64_t n) {
  return context_.sim->chance().Uniform(choice_stream_, sim::Key(choices_++), n);
}

// The connection used last, rather than a bootstrap broker's.
BrokerThread* MainThread::AnyUsable() {
  const Time now = Now();
  BrokerThread* best = nullptr;
  int64_t highest = 0;
  uint64_t equal = 0;
  for (const Thread& entry : threads_) {
    BrokerThread* thread = entry.thread.get();
    if (!thread->up()) continue;
    const int64_t idle_s = (now.nanos() - thread->last_sent().nanos()) / 1'000'000'000;
    const int64_t weight = (thread->is_bootstrap() ? 0 : 2000) +
                           // One that waits for an answer which takes its time comes last.
                           (thread->blocking_requests > 0 ? 0
                            : idle_s < 600                ? 1600 - idle_s
                                           : 200 - std::min<int64_t>(idle_s / 3600, 100));
    if (weight < highest) continue;
    equal = weight > highest ? 1 : equal + 1;
    highest = weight;
    if (equal == 1 || Draw(equal) == 0) best = thread;
  }
  if (best == nullptr) ConnectAny();
  return best;
}

BrokerThread* MainThread::AnyBrokerUp() {
  std::vector<BrokerThread*> up;
  for (const Thread& entry : threads_)
    if (entry.thread->up()) up.push_back(entry.thread.get());
  if (up.empty()) {
    ConnectAny();
    return nullptr;
  }
  return up[up.size() == 1 ? 0 : Draw(up.size())];
}

void MainThread::OnConnectAgain() { ConnectAny(); }

// Connections are made when they are needed; this is for when any would do. It prefers brokers
// that were never tried, and holds its calls apart; the newer library makes up for one it refused.
void MainThread::ConnectAny() {
  if (closed_ || threads_.empty() || up_count() > 0) return;
  const Time now = Now();
  if (now < connect_any_at_) {
    if (recent()) connect_timer_.SetNoLaterThan(connect_any_at_);
    return;
  }
  connect_any_at_ = now + connect_any_interval_;
  std::vector<BrokerThread*> fresh;
  std::vector<BrokerThread*> idle;
  for (const Thread& entry : threads_) {
    BrokerThread* thread = entry.thread.get();
    if (thread->state() != BrokerThread::State::kInit) continue;
    idle.push_back(thread);
    if (!thread->ever_tried()) fresh.push_back(thread);
  }
  const std::vector<BrokerThread*>& from = fresh.empty() ? idle : fresh;
  if (from.empty()) return;
  from[from.size() == 1 ? 0 : Draw(from.size())]->ScheduleConnection();
}

void MainThread::OnUp(BrokerThread& thread) {
  for (Thread& entry : threads_)
    if (entry.thread.get() == &thread) entry.down_reported = false;
  if (topics_.empty()) {
    AskMetadata(&thread, {}, /*force=*/true);
  } else {
    AskKnownTopics(&thread, /*force=*/false);
  }
}

void MainThread::OnDown(BrokerThread& thread) {
  if (closed_ || thread.decommissioned()) return;
  bool news = false;
  for (Thread& entry : threads_) {
    if (entry.thread.get() != &thread || entry.down_reported) continue;
    entry.down_reported = news = true;
  }
  const bool all_down = std::all_of(threads_.begin(), threads_.end(),
                                    [](const Thread& entry) { return entry.down_reported; });
  if (news && all_down && recent() && shared_.config.rebootstraps)
    rebootstrap_timer_.SetAfter(absl::ZeroDuration());
}

void MainThread::AfterDown(BrokerThread& thread, bool was_up) {
  if (closed_ || thread.decommissioned() || !was_up) return;
  AskKnownTopics(nullptr, /*force=*/true);
}

}  // namespace norn::model::rdkafka
