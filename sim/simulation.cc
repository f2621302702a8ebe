#include "sim/simulation.h"

#include <algorithm>
#include <ostream>
#include <sstream>

#include "sim/waiter.h"

namespace norn::sim {
namespace {

// Nothing runs at the very end of time: what lies there waits for its paused owner.
constexpr Time kLastInstant = Time::FromNanos(Time::Max().nanos() - 1);

}  // namespace

// Marks the outermost pump, and makes this simulation the one a failed check explains.
class PumpScope {
 public:
  PumpScope(const CheckContext* sim, bool* pumping, uint32_t* owner)
      : pumping_(pumping), owner_(owner), owner_before_(*owner) {
    NORN_CHECK(!*pumping_) << "Run*, Step and Await were called from inside an event. Only the "
                              "outermost caller pumps the clock: co_await, or schedule, instead.";
    *pumping_ = true;
    before_ = CheckContext::Exchange(sim);
  }
  PumpScope(const PumpScope&) = delete;
  PumpScope& operator=(const PumpScope&) = delete;
  ~PumpScope() {
    CheckContext::Exchange(before_);
    *pumping_ = false;
    *owner_ = owner_before_;
  }

 private:
  bool* pumping_;
  uint32_t* owner_;  // each event has its own; who pumps goes on as whoever it was
  uint32_t owner_before_;
  const CheckContext* before_ = nullptr;
};

Simulation::Simulation(Options options)
    : options_(std::move(options)),
      chance_(options_.seed),
      trace_(options_.trace, options_.trace_ring),
      owners_(1, OwnerState::kRuns),
      owner_names_(1),
      queue_({.shuffle_ties = options_.shuffle_ties,
              .shuffle_seed = FoldDigest(options_.seed, Label::Hash("sim/ties"))}) {}

Simulation::~Simulation() {
  // What destructors of closures schedule from here on is of no consequence: everybody is dead.
  std::fill(owners_.begin() + 1, owners_.end(), OwnerState::kDead);
}

bool Simulation::RunOne(Time limit) {
  Event* const event = queue_.PopNotAfter(limit);
  if (event == nullptr) return false;
  const Time at = queue_.TimeOf(event);
  if (at != now_) {
    now_ = at;
    instant_began_ = events_run_;
  }
  const EventMeta& meta = event->meta;
  if (__builtin_expect(owners_[meta.owner] != OwnerState::kRuns, 0)) {
    NotNow(event);
    return true;
  }
  ++events_run_;
  if (__builtin_expect(events_run_ - instant_began_ > options_.limits.events_at_one_instant ||
                           events_run_ > options_.limits.events ||
                           queue_.size() > options_.limits.pending_events,
                       0))
    FailLimits(*meta.label);
  event_ = meta.order;
  owner_ = meta.owner;
  if (__builtin_expect(trace_.digests(), 1)) {
    trace_.Fold(static_cast<uint64_t>(at.nanos()) + (meta.order << 40) +
                meta.cause * 0x9e3779b97f4a7c15u + meta.label->hash + meta.owner);
    if (__builtin_expect(trace_.keeps_entries(), 0)) KeepEvent(meta);
  }
  event->Run();
  queue_.Release(event);
  event_ = 0;
  owner_ = 0;
  return true;
}

// Its owner is dead, and it with him; or is paused, and it waits.
void Simulation::NotNow(Event* event) {
  if (owners_[event->meta.owner] == OwnerState::kDead) return queue_.Release(event);
  deferred_.emplace_back(event->meta.owner, queue_.IdOf(event));
  queue_.PutBack(event, Time::Max(), ++scheduled_);
}

void Simulation::KeepEvent(const EventMeta& meta) {
  TraceEntry entry;
  entry.at = now_;
  entry.event = meta.order;
  entry.cause = meta.cause;
  entry.owner = meta.owner;
  entry.what = meta.label;
  trace_.Keep(std::move(entry));
}

void Simulation::RunFor(absl::Duration duration) {
  const Time end = now_ + duration;
  NORN_CHECK(end >= now_) << "the clock does not go back";
  PumpScope scope(this, &pumping_, &owner_);
  while (RunOne(std::min(end, kLastInstant))) {
  }
  // Nobody waits for the end of time.
  if (end != Time::Max()) now_ = end;
}

bool Simulation::RunUntil(const std::function<bool()>& predicate, absl::Duration deadline) {
  const Time end = now_ + deadline;
  PumpScope scope(this, &pumping_, &owner_);
  while (!predicate()) {
    if (RunOne(std::min(end, kLastInstant))) continue;
    if (end != Time::Max() && queue_.NextTime() < Time::Max()) now_ = end;
    return false;
  }
  return true;
}

void Simulation::RunUntilIdle() {
  PumpScope scope(this, &pumping_, &owner_);
  while (RunOne(kLastInstant)) {
  }
}

bool Simulation::Step() {
  PumpScope scope(this, &pumping_, &owner_);
  return RunOne(kLastInstant);
}

bool Simulation::PumpUntilReady(bool (*ready)(const void*), const void* what) {
  PumpScope scope(this, &pumping_, &owner_);
  while (!ready(what))
    if (!RunOne(kLastInstant)) return false;
  return true;
}

uint32_t Simulation::AddOwner(std::string name) {
  owners_.push_back(OwnerState::kRuns);
  owner_names_.push_back(std::move(name));
  return static_cast<uint32_t>(owners_.size() - 1);
}

void Simulation::SetOwner(uint32_t owner, OwnerState state) {
  NORN_CHECK(owner != 0 && owner < owners_.size());
  NORN_CHECK(owners_[owner] != OwnerState::kDead) << "the dead stay dead: restart makes a new life";
  owners_[owner] = state;
  if (state == OwnerState::kPaused) return;
  // Resumed: what came due meanwhile happens now, in the order in which it came due. Killed: it
  // vanishes with the rest in EraseOwnedBy.
  auto keep = deferred_.begin();
  for (auto& [whose, timer] : deferred_) {
    if (whose != owner) {
      *keep++ = {whose, timer};
    } else if (state == OwnerState::kRuns) {
      queue_.Reschedule(timer, now_, ++scheduled_);
    }
  }
  deferred_.erase(keep, deferred_.end());
}

void Simulation::EraseOwnedBy(uint32_t owner) {
  NORN_CHECK(owners_[owner] == OwnerState::kDead);
  queue_.EraseOwnedBy(owner);
}

void Simulation::FoldNote(const Label& what, std::initializer_list<Subject> subjects) {
  uint64_t word = what.hash + static_cast<uint64_t>(now_.nanos());
  for (const Subject& subject : subjects)
    word = word * 0x9e3779b97f4a7c15u + subject.kind->hash + static_cast<uint64_t>(subject.id);
  trace_.Fold(word);
}

void Simulation::KeepNote(const Label& what, std::initializer_list<Subject> subjects,
                          std::string text, uint64_t join) {
  TraceEntry entry;
  entry.at = now_;
  entry.event = event_;
  entry.cause = join;
  entry.owner = owner_;
  entry.note = true;
  entry.what = &what;
  entry.text = std::move(text);
  for (const Subject& subject : subjects) {
    NORN_CHECK(entry.subject_count < entry.subjects.size()) << "a note has at most four subjects";
    entry.subjects[entry.subject_count++] = subject;
  }
  trace_.Keep(std::move(entry));
}

std::vector<std::string> Simulation::Waiting() const {
  std::vector<std::string> lines;
  for (const Waiter* w = parked_; w != nullptr; w = w->next_parked_) {
    const std::string& who = owner_names_[w->owner_];
    lines.push_back((who.empty() ? std::string("somebody") : who) + " waits for " + w->what_->text);
  }
  // The list has the latest first.
  std::reverse(lines.begin(), lines.end());
  return lines;
}

void Simulation::Explain(std::ostream& os) const {
  os << "  seed " << options_.seed << ", " << now_ << ", event #" << event_;
  if (owner_ != 0) os << " of " << owner_names_[owner_];
  os << ", run digest so far " << std::hex << run_digest() << std::dec << "\n";
  if (trace_.keeps_entries()) {
    os << "  because of:\n";
    trace_.PrintCauses(os, event_);
    os << "  what happened last:\n";
    const size_t kept = trace_.entries().size();
    for (size_t i = kept > 20 ? kept - 20 : 0; i < kept; ++i)
      os << "    " << trace_.entries()[i] << "\n";
  } else {
    os << "  (run it with a trace ring to see the causes)\n";
  }
  if (!options_.replay.empty()) os << "  replay: " << options_.replay << "\n";
}

void Simulation::FailPast(Time at, const Label& label) const {
  NORN_CHECK(at >= now_) << "'" << label.text << "' was scheduled for " << at
                         << ", which is before now (" << now_ << ")";
  std::abort();
}

void Simulation::FailStalled() const {
  std::ostringstream who;
  for (const std::string& line : Waiting()) who << "\n    " << line;
  NORN_CHECK(!"stalled") << "nothing is left to happen at " << now_
                         << ", and what was awaited is not ready. Who waits:" << who.str();
  std::abort();
}

void Simulation::FailLimits(const Label& label) const {
  const auto check = [&label](uint64_t value, uint64_t limit, const char* what) {
    NORN_CHECK(value <= limit) << "more than " << limit << " " << what << "; the one too many is '"
                               << label.text << "'";
  };
  check(events_run_ - instant_began_, options_.limits.events_at_one_instant,
        "events at one instant");
  check(events_run_, options_.limits.events, "events in one run");
  check(queue_.size(), options_.limits.pending_events, "pending events");
  std::abort();
}

}  // namespace norn::sim
