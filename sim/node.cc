#include "sim/node.h"

#include <utility>

#include "sim/check.h"

namespace norn::sim {
namespace {

constexpr Label kDeath{"death"};
constexpr Label kBoot{"boot"};
constexpr Label kKilled{"killed"};
constexpr Label kPowerLost{"power lost"};
constexpr Label kPaused{"paused"};
constexpr Label kResumed{"resumed"};
constexpr Label kStarted{"started"};
constexpr Label kStepped{"clock stepped"};
constexpr Label kLife{"life"};
constexpr Label kMillis{"ms"};

}  // namespace

const char* Name(NodeState state) {
  switch (state) {
    case NodeState::kOff:
      return "off";
    case NodeState::kRunning:
      return "running";
    case NodeState::kPaused:
      return "paused";
    case NodeState::kKilled:
      return "killed";
  }
  return "?";
}

Node::Node(Simulation& sim, std::string name) : sim_(&sim), name_(std::move(name)) {}

Node::~Node() {
  Kill();
  Bury();
  sim_->Cancel(boot_event_);
  for (NodeObserver* observer : observers_) observer->OnDestroyed();
}

TaskGroup& Node::tasks() {
  NORN_CHECK(alive()) << name_ << " is " << Name(state_);
  if (tasks_ == nullptr) {
    // They are of this life, whoever spawns them.
    OwnerScope scope(*sim_, owner_);
    tasks_ = std::make_unique<TaskGroup>(*sim_);
  }
  return *tasks_;
}

void Node::Start() {
  if (alive()) return;
  state_ = NodeState::kRunning;
  owner_ = sim_->AddOwner(name_);
  ++life_;
  sim_->Note(kStarted, {{&kLife, life_}}, [this] { return name_; });
  for (NodeObserver* observer : observers_) observer->OnStarted();
  if (sim_->pumping()) {
    // In an event of its own: whoever starts it may be the one that is being replaced.
    boot_event_ = sim_->Schedule(sim_->Now(), owner_, kBoot, [this] { BootNow(); });
  } else {
    BootNow();
  }
}

void Node::BootNow() {
  // Under shuffled ties the burial of the life before may still be due. We are not in its frame:
  // this is an event, or nothing runs.
  Bury();
  NORN_CHECK(boot_ != nullptr) << name_ << " has no boot function";
  const uint32_t owner = owner_;
  OwnerScope scope(*sim_, owner);
  std::unique_ptr<Process> process = boot_(*this);
  if (owner == owner_ && alive()) {
    process_ = std::move(process);
    return;
  }
  // It was killed while it booted, and is buried with that life if that is still to be done.
  for (Corpse& corpse : corpses_)
    if (corpse.owner == owner) corpse.process = std::move(process);
}

void Node::Kill() {
  if (!alive()) return;
  sim_->Note(kKilled, {{&kLife, life_}}, [this] { return name_; });
  Die(NodeState::kKilled);
  for (NodeObserver* observer : observers_) observer->OnKilled();
}

void Node::LosePower() {
  if (state_ == NodeState::kOff) return;
  sim_->Note(kPowerLost, {{&kLife, life_}}, [this] { return name_; });
  if (alive()) Die(NodeState::kOff);
  state_ = NodeState::kOff;
  for (NodeObserver* observer : observers_) observer->OnPowerLost();
}

void Node::SetClock(const ClockOptions& options) {
  NORN_CHECK(life_ == 0) << "the clock of " << name_ << " is set before it starts, then stepped";
  clock_.Set(options);
}

void Node::StepClock(absl::Duration by) {
  sim_->Note(kStepped, {{&kMillis, absl::ToInt64Milliseconds(by)}}, [this] { return name_; });
  clock_.Step(by);
}

void Node::Pause() {
  if (state_ != NodeState::kRunning) return;
  sim_->Note(kPaused, {{&kLife, life_}}, [this] { return name_; });
  state_ = NodeState::kPaused;
  sim_->SetOwner(owner_, Simulation::OwnerState::kPaused);
}

void Node::Resume() {
  if (state_ != NodeState::kPaused) return;
  sim_->Note(kResumed, {{&kLife, life_}}, [this] { return name_; });
  state_ = NodeState::kRunning;
  sim_->SetOwner(owner_, Simulation::OwnerState::kRuns);
  for (NodeObserver* observer : observers_) observer->OnResumed();
}

void Node::Die(NodeState after) {
  state_ = after;
  sim_->Cancel(boot_event_);
  sim_->SetOwner(owner_, Simulation::OwnerState::kDead);
  // A life may end while the one before waits for its burial, and in a frame of either.
  corpses_.push_back({owner_, std::move(process_), std::move(tasks_)});
  // Owned by nobody: a dead owner's events do not happen.
  if (!burial_) burial_ = sim_->Schedule(sim_->Now(), 0, kDeath, [this] { Bury(); });
}

void Node::Bury() {
  sim_->Cancel(std::exchange(burial_, TimerId{}));
  while (!corpses_.empty()) {
    Corpse corpse = std::move(corpses_.back());
    corpses_.pop_back();
    // As the dead one: what its destructors send or schedule does nothing.
    OwnerScope scope(*sim_, corpse.owner);
    sim_->EraseOwnedBy(corpse.owner);
    corpse.tasks.reset();
    corpse.process.reset();
  }
}

}  // namespace norn::sim
