#include "model/client/rdkafka/broker_thread.h"

#include <algorithm>
#include <utility>

#include "model/fault_wire.h"
#include "sim/check.h"

namespace norn::model::rdkafka {
namespace {

using sim::Time;

constexpr sim::Label kTurn{"broker thread"};
constexpr sim::Label kRequestSent{"request sent"};
constexpr sim::Label kAnswerRead{"answer read"};
constexpr sim::Label kDisconnected{"disconnected"};
constexpr sim::Label kConnecting{"connecting"};
constexpr sim::Label kReadyNote{"connection ready"};
constexpr sim::Label kConnection{"connection"};
constexpr sim::Label kCorrelation{"correlation"};
constexpr sim::Label kApiKey{"api"};
constexpr sim::Label kNode{"node"};

constexpr absl::Duration kWindow = absl::Seconds(1);  // rd_kafka_max_block_ms
// A frame above this may not fit into what the kernel has free: then it tells when it did.
constexpr int64_t kSurelyTaken = 4096;

// What each release sends to a broker of 4.1.1.
int16_t VersionOf(Api api, Flavour flavour) {
  const bool recent = flavour == Flavour::kLibrdkafka216;
  switch (api) {
    case Api::kApiVersions:
      return 3;
    case Api::kMetadata:
      return recent ? 13 : 4;
    case Api::kProduce:
      return recent ? 10 : 7;
    case Api::kInitProducerId:
      return 4;
    case Api::kFetch:
      return recent ? 16 : 11;
    case Api::kListOffsets:
      return recent ? 7 : 2;
    case Api::kOffsetForLeaderEpoch:
      return 2;
    default:
      NORN_CHECK(!"api") << "no librdkafka client of ours sends " << wire::Name(api);
      return 0;
  }
}

wire::ApiVersionsRequest HelloOf(Flavour flavour) {
  wire::ApiVersionsRequest hello;
  hello.client_software_name = "librdkafka";
  hello.client_software_version = flavour == Flavour::kLibrdkafka216 ? "2.16.0" : "2.0.2";
  return hello;
}

}  // namespace

BrokerThread::BrokerThread(const Shared* shared, ThreadOwner* owner, BrokerId id,
                           BrokerAddress address, int32_t number)
    : shared_(shared),
      owner_(owner),
      id_(id),
      address_(std::move(address)),
      number_(number),
      reader_(shared->most_response_bytes),
      reconnect_backoff_ms_(absl::ToInt64Milliseconds(shared->config.reconnect_backoff)),
      timer_(*shared->context.sim, kTurn, Turn{this}) {
  sim::Node* const machine = shared_->context.resolve(address_);
  NORN_CHECK(machine != nullptr) << "no machine is called " << address_.host;
  machine_ = BrokerId(std::stoi(machine->name().substr(1)));
  StartWindow(Now() + kWindow);
  last_request_scan_ = Now();
}

BrokerThread::~BrokerThread() = default;

FaultSite BrokerThread::Site(CutPoint point) const {
  FaultSite site;
  site.point = point;
  site.broker = id_;
  // Known by its address alone.
  if (is_bootstrap()) site.broker = BrokerId(-1 - machine_.value());
  site.client = shared_->client_name;
  if (socket_ != nullptr) site.connection = socket_->id();
  return site;
}

// --- Turns.

void BrokerThread::WakeUp() {
  StartWindow(Now() + kWindow);
  Wake();
}

void BrokerThread::WakeNow() {
  StartWindow(Now() + kWindow);
  Run();
}

void BrokerThread::ScheduleConnection() {
  needs_connection_ = true;
  reconnect_at_ = Now();
  WakeUp();
}

void BrokerThread::WakeAt(Time at) {
  if (!running_) {
    timer_.SetNoLaterThan(at);
  } else if (at <= Now()) {
    again_ = true;
  } else {
    next_produce_ = std::min(next_produce_, at);
  }
}

void BrokerThread::NoteExpiry(Time at) {
  if (at >= messages_expire_) return;
  messages_expire_ = at;
  if (!running_) timer_.SetNoLaterThan(WindowEndAfter(at));
}

void BrokerThread::StartWindow(Time end) {
  window_began_ = Now();
  window_end_ = end;
  scan_due_ = true;
}

Time BrokerThread::WindowEndAfter(Time at) const {
  if (state_ == State::kTryConnect) return window_end_;
  const int64_t width = sim::ToNanos(kWindow);
  const int64_t past = std::max<int64_t>(at.nanos() - window_began_.nanos(), 1);
  const int64_t windows = (past + width - 1) / width;
  const Time end = window_began_.PlusNanos(windows * width);
  return end > Now() ? end : window_began_.PlusNanos((windows + 1) * width);
}

void BrokerThread::Run() {
  if (decommissioned_) return;
  if (running_) {
    again_ = true;
    return;
  }
  running_ = true;
  do {
    again_ = false;
    TakeTurn();
  } while (again_ && !decommissioned_);
  running_ = false;
  if (!decommissioned_) SetNextTurn();
}

void BrokerThread::TakeTurn() {
  const Time now = Now();
  // Windows that went by without a turn, because it could not have mattered.
  if (state_ != State::kTryConnect && now >= window_end_) {
    const int64_t width = sim::ToNanos(kWindow);
    const int64_t windows = (now.nanos() - window_began_.nanos()) / width;
    window_began_ = window_began_.PlusNanos(windows * width);
    window_end_ = window_began_.PlusNanos(width);
    last_scan_ = window_began_;
    if (window_began_ == now) scan_due_ = true;
  }
  StepState();
  if (decommissioned_) return;
  const bool scan = scan_due_ || now - last_scan_ >= kWindow;
  if (scan) {
    scan_due_ = false;
    last_scan_ = now;
    messages_expire_ = Time::Max();  // the scan says anew
  }
  needs_connection_ = needs_connection_ && state_ != State::kUp;
  next_produce_ = Time::Max();
  const int made = owner_->Serve(*this, scan, &next_produce_);
  if (decommissioned_) return;
  SendQueued();
  if (decommissioned_) return;
  if (now - last_request_scan_ >= kWindow) ScanRequests();
  if (decommissioned_) return;
  if (made > 0 && up()) again_ = true;
  if (state_ == State::kInit && (needs_connection_ || !queued_.empty())) {
    EnterState(State::kTryConnect);
    again_ = true;
  }
}

void BrokerThread::StepState() {
  const Time now = Now();
  switch (state_) {
    case State::kTryConnect:
      if (now >= reconnect_at_) {
        Connect();
      } else if (window_end_ != reconnect_at_) {
        StartWindow(reconnect_at_);
      }
      return;
    case State::kConnect:
    case State::kApiVersionQuery:
      if (window_began_ == now &&
          now - connect_began_ >= shared_->config.socket_connection_setup_timeout)
        Fail(Ending::kTransport);
      return;
    case State::kUp:
      if (const absl::Duration idle = shared_->config.connections_max_idle;
          idle > absl::ZeroDuration() && now - last_sent_ >= idle && in_flight_.empty())
        Fail(Ending::kTransport);
      return;
    case State::kInit:
      return;
  }
}

void BrokerThread::SetNextTurn() {
  const Time now = Now();
  Time next = Time::Max();
  if (state_ == State::kUp) next = next_produce_;
  if (state_ == State::kTryConnect) next = std::max(reconnect_at_, now);
  if (messages_expire_ < Time::Max()) next = std::min(next, WindowEndAfter(messages_expire_));
  if (requests_expire_ < Time::Max())
    next = std::min(next, WindowEndAfter(std::max(requests_expire_, last_request_scan_ + kWindow)));
  if (state_ == State::kConnect || state_ == State::kApiVersionQuery)
    next = std::min(
        next, WindowEndAfter(connect_began_ + shared_->config.socket_connection_setup_timeout));
  if (const absl::Duration idle = shared_->config.connections_max_idle;
      state_ == State::kUp && idle > absl::ZeroDuration())
    next = std::min(next, WindowEndAfter(last_sent_ + idle));
  if (next == Time::Max()) {
    timer_.Cancel();
  } else {
    timer_.Set(std::max(next, now));
  }
}

// --- The connection.

void BrokerThread::EnterState(State state) {
  state_ = state;
  StartWindow(Now() + kWindow);
}

void BrokerThread::UpdateReconnectBackoff() {
  const Time now = Now();
  const RdkafkaClientConfig& config = shared_->config;
  const int64_t max_ms = absl::ToInt64Milliseconds(config.reconnect_backoff_max);
  if (reconnect_at_ + config.reconnect_backoff_max < now)
    reconnect_backoff_ms_ = absl::ToInt64Milliseconds(config.reconnect_backoff);
  // -25 % to +50 %, in whole milliseconds.
  const int64_t low = reconnect_backoff_ms_ * 3 / 4;
  const int64_t high = reconnect_backoff_ms_ * 3 / 2;
  const sim::Key key(number_, backoffs_drawn_++);
  const int64_t drawn =
      low + static_cast<int64_t>(shared_->context.sim->chance().Uniform(
                shared_->backoff_stream, key, static_cast<uint64_t>(high - low + 1)));
  reconnect_at_ = now + absl::Milliseconds(std::min(drawn, max_ms));
  reconnect_backoff_ms_ = std::min(2 * reconnect_backoff_ms_, max_ms);
}

void BrokerThread::Connect() {
  const ClientContext& context = shared_->context;
  sim::Node* machine = context.resolve(address_);
  NORN_CHECK(machine != nullptr) << "no machine is called " << address_.host;
  EnterState(State::kConnect);
  UpdateReconnectBackoff();
  ++attempts_;
  connect_began_ = Now();
  hello_began_ = Time::Max();
  context.sim->Note(kConnecting, {{&kNode, id_.value()}});
  context.faults->At(Site(CutPoint::kConnect));
  sim::SocketOptions options;
  if (shared_->config.socket_send_buffer_bytes > 0)
    options.send_buffer = shared_->config.socket_send_buffer_bytes;
  if (shared_->config.socket_receive_buffer_bytes > 0)
    options.receive_buffer = shared_->config.socket_receive_buffer_bytes;
  options.nagle = !shared_->config.socket_nagle_disable;
  reader_ = FrameReader<ResponseEnvelope>(shared_->most_response_bytes);
  socket_ = context.network->Connect(*context.node, *machine, address_.port, this, options);
}

void BrokerThread::OnConnected() {
  if (shared_->context.faults->At(Site(CutPoint::kConnected)).reset) {
    socket_->Reset();
    Fail(Ending::kTransport);
    return;
  }
  EnterState(State::kApiVersionQuery);
  hello_began_ = Now();
  Request hello;
  hello.api = Api::kApiVersions;
  hello.body = HelloOf(shared_->config.flavour);
  hello.expires =
      Now() + std::min(shared_->config.socket_timeout, shared_->config.api_version_request_timeout);
  hello.done = [this](Ending how, bool, ResponseEnvelope*) {
    if (how == Ending::kTimedOut || how == Ending::kTimedOutQueue) {
      Fail(Ending::kTransport);
    } else if (how == Ending::kAnswered) {
      EnterState(State::kUp);
      needs_connection_ = false;
      shared_->context.sim->Note(kReadyNote, {{&kNode, id_.value()}});
      owner_->OnUp(*this);
      hello_began_ = queued_.empty() ? Time::Max() : Now();
    }
  };
  requests_expire_ = std::min(requests_expire_, hello.expires);
  Send(std::move(hello));
  Run();
}

void BrokerThread::Fail(Ending how) {
  const bool was_up = up();
  if (socket_ != nullptr) {
    shared_->context.sim->Note(kDisconnected, {{&kNode, id_.value()}}, [&] {
      return "while " + std::string(Name(state_)) + ", " + std::to_string(in_flight_.size()) +
             " in flight";
    });
  }
  const bool was_connecting = state_ == State::kConnect || state_ == State::kApiVersionQuery;
  socket_.reset();
  request_timeouts_ = 0;
  // The thread of 2.0.2 looks at the beginning of each window whether a request waits to be sent,
  // and remembers it to its end: ApiVersions, or what is asked first when the connection is up,
  // makes it connect again by itself if that fails within the window (recordings 105, 106, 107).
  needs_connection_ = shared_->config.flavour == Flavour::kLibrdkafka20 && hello_began_ <= Now() &&
                      Now() - hello_began_ < kWindow;
  hello_began_ = Time::Max();
  EnterState(State::kInit);
  // The end of a failed attempt counts as its beginning did: two steps of the back-off each. (Seen
  // in 2.0.2 by its RECONNECT lines: the first wait is of the second step if the back-off began
  // anew with this attempt, else of the third.)
  if (was_connecting && how != Ending::kDestroyed) UpdateReconnectBackoff();
  std::deque<Request> in_flight = std::move(in_flight_);
  std::deque<Request> queued = std::move(queued_);
  in_flight_.clear();
  queued_.clear();
  requests_expire_ = Time::Max();
  owner_->OnDown(*this);
  for (Request& request : in_flight) request.done(how, true, nullptr);
  for (Request& request : queued) {
    const Ending queue_ending = how == Ending::kTimedOut ? Ending::kTimedOutQueue : how;
    request.done(queue_ending, request.handed_over, nullptr);
  }
  owner_->AfterDown(*this, was_up);
  if (!decommissioned_) Wake();
}

void BrokerThread::Decommission() {
  if (decommissioned_) return;
  decommissioned_ = true;
  timer_.Cancel();
  Fail(Ending::kDestroyed);
}

// --- Requests.

void BrokerThread::Enqueue(Api api, wire::RequestBody body, bool expect_answer, Time expires,
                           const void* about, Done done) {
  Request request;
  request.api = api;
  request.body = std::move(body);
  request.expect_answer = expect_answer;
  request.expires = expires;
  request.about = about;
  request.done = std::move(done);
  requests_expire_ = std::min(requests_expire_, request.expires);
  queued_.push_back(std::move(request));
  if (!running_) Wake();
}

void BrokerThread::SendQueued() {
  while (up() && !queued_.empty() && !queued_.front().handed_over &&
         static_cast<int64_t>(in_flight_.size()) <
             shared_->config.max_in_flight_requests_per_connection) {
    Request request = std::move(queued_.front());
    queued_.pop_front();
    Send(std::move(request));
    if (decommissioned_) return;
  }
}

void BrokerThread::Send(Request request) {
  const ClientContext& context = shared_->context;
  auto envelope = std::make_unique<RequestEnvelope>();
  envelope->api = request.api;
  envelope->version = VersionOf(request.api, shared_->config.flavour);
  envelope->correlation = next_correlation_;
  envelope->client_id = shared_->config.client_id;
  envelope->body = std::move(request.body);
  request.correlation = next_correlation_;
  next_correlation_ = Next(next_correlation_);

  sim::Frame frame;
  frame.size = SizeOf(*envelope);
  frame.extra_delay = context.request_cost;
  StrikeFrame(
      *context.faults, *context.network, *socket_,
      [&] {
        FaultSite site = Site(CutPoint::kRequestSent);
        site.api = request.api;
        site.request = envelope.get();
        return site;
      },
      *envelope, frame);
  context.sim->Note(kRequestSent,
                    {{&kConnection, static_cast<int64_t>(socket_->id())},
                     {&kCorrelation, request.correlation.value()},
                     {&kApiKey, static_cast<int64_t>(request.api)}},
                    [&] { return Describe(*envelope); });
  frame.message = std::move(envelope);
  const bool may_wait = frame.size > kSurelyTaken || !socket_->everything_written();
  request.frame = socket_->Send(std::move(frame), /*tell_written=*/may_wait);
  last_sent_ = Now();
  if (may_wait && !socket_->everything_written()) {
    request.handed_over = true;
    queued_.push_front(std::move(request));
    return;
  }
  Written(std::move(request));
}

void BrokerThread::Written(Request request) {
  if (request.expect_answer) {
    in_flight_.push_back(std::move(request));
  } else {
    request.done(Ending::kAnswered, true, nullptr);
  }
}

void BrokerThread::OnWritten(uint64_t frame) {
  if (queued_.empty() || !queued_.front().handed_over || queued_.front().frame != frame) return;
  Request request = std::move(queued_.front());
  queued_.pop_front();
  Written(std::move(request));
  Run();
}

void BrokerThread::OnFrame(sim::Frame frame) {
  std::unique_ptr<ResponseEnvelope> response;
  switch (reader_.Read(std::move(frame), &response)) {
    case Found::kMessage:
      break;
    case Found::kNothingYet:
      return;
    case Found::kGarbage:
      Fail(Ending::kTransport);
      return;
  }
  FaultVerdict verdict;
  if (shared_->context.faults->listening()) {
    FaultSite site = Site(CutPoint::kResponseReceived);
    site.api = response->api;
    site.request = response->request.get();
    verdict = shared_->context.faults->At(site);
  }
  if (verdict.reset) {
    socket_->Reset();
    Fail(Ending::kTransport);
    return;
  }
  if (verdict.drop) return;
  shared_->context.sim->Note(kAnswerRead,
                             {{&kConnection, static_cast<int64_t>(socket_->id())},
                              {&kCorrelation, response->correlation.value()},
                              {&kApiKey, static_cast<int64_t>(response->api)}},
                             [&] { return Describe(*response); });
  const auto request = std::find_if(
      in_flight_.begin(), in_flight_.end(),
      [&](const Request& waiting) { return waiting.correlation == response->correlation; });
  // Nobody waits for it any more: it timed out, or was purged.
  if (request == in_flight_.end()) return;
  Done done = std::move(request->done);
  in_flight_.erase(request);
  if (in_flight_.empty() && queued_.empty()) requests_expire_ = Time::Max();
  done(Ending::kAnswered, true, response.get());
  // Partitions that join begin another window.
  if (response->api == Api::kMetadata) hello_began_ = queued_.empty() ? Time::Max() : Now();
  Run();
}

void BrokerThread::ScanRequests() {
  const Time now = Now();
  last_request_scan_ = now;
  if (requests_expire_ > now) return;
  std::deque<Request> late;
  int32_t in_flight = 0;
  const auto take_late = [&](std::deque<Request>& from) {
    std::deque<Request> kept;
    for (Request& request : from)
      (request.expires <= now ? late : kept).push_back(std::move(request));
    from = std::move(kept);
  };
  take_late(in_flight_);
  in_flight = static_cast<int32_t>(late.size());
  const bool partly_written =
      !queued_.empty() && queued_.front().handed_over && queued_.front().expires <= now;
  take_late(queued_);
  requests_expire_ = Time::Max();
  for (const Request& request : in_flight_)
    requests_expire_ = std::min(requests_expire_, request.expires);
  for (const Request& request : queued_)
    requests_expire_ = std::min(requests_expire_, request.expires);
  if (late.empty()) return;
  request_timeouts_ += static_cast<int32_t>(late.size());
  const bool counts = up();
  for (size_t i = 0; i < late.size(); ++i) {
    const bool sent = static_cast<int32_t>(i) < in_flight;
    late[i].done(sent ? Ending::kTimedOut : Ending::kTimedOutQueue, sent, nullptr);
    if (decommissioned_) return;
  }
  const int32_t limit = shared_->config.socket_max_fails;
  if (partly_written || (limit > 0 && request_timeouts_ >= limit && counts && up()))
    Fail(Ending::kTimedOut);
}

void BrokerThread::PurgeQueued(const void* about, Ending how) {
  std::deque<Request> gone;
  std::deque<Request> kept;
  for (Request& request : queued_) {
    const bool goes = request.api == Api::kProduce && !request.handed_over &&
                      (about == nullptr || request.about == about);
    (goes ? gone : kept).push_back(std::move(request));
  }
  queued_ = std::move(kept);
  for (Request& request : gone) request.done(how, false, nullptr);
}

void BrokerThread::PurgeInFlight() {
  std::deque<Request> gone;
  std::deque<Request> kept;
  for (Request& request : in_flight_)
    (request.api == Api::kProduce ? gone : kept).push_back(std::move(request));
  in_flight_ = std::move(kept);
  for (Request& request : gone) request.done(Ending::kPurgedInFlight, true, nullptr);
  Wake();
}

bool BrokerThread::HasQueuedFor(const void* about) const {
  return std::any_of(queued_.begin(), queued_.end(),
                     [about](const Request& request) { return request.about == about; });
}

}  // namespace norn::model::rdkafka
