// A machine: runs one process at a time, dies, and restarts by calling its boot function again.
// What the process did not put on its Disk is gone.
//
// Four ways to be unwell, and what a peer sees of each:
//   Kill        the process dies, the machine does not: its kernel closes the connections, what
//               was written stays in the page cache.
//   LosePower   the machine is silent at once; of its disk only what was synced is sure to survive.
//   Pause       the process stands still (a long GC): its kernel still takes connections and bytes,
//               what comes due for it happens at Resume.
//   cut off     see Network::Partition: the process runs, nobody hears it.
//
// Death is an event of its own, never inside a frame of the dying process: from Kill on, whatever
// the process and its destructors send, write or schedule does nothing; what was scheduled for it
// vanishes; promises it held are abandoned.
//
// Example:
//   Node b1(sim, "b1");
//   b1.SetBoot([](Node& node) { return std::make_unique<Broker>(node); });
//   b1.Start();
//   ...
//   b1.Kill();
//   b1.Start();          // boots again
#ifndef NORN_SIM_NODE_H_
#define NORN_SIM_NODE_H_

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "absl/time/time.h"
#include "sim/clock.h"
#include "sim/simulation.h"
#include "sim/task.h"

namespace norn::sim {

// One life of a node: all that dies with it.
class Process {
 public:
  virtual ~Process() = default;
};

enum class NodeState : uint8_t { kOff, kRunning, kPaused, kKilled };
const char* Name(NodeState state);

// Told of a node's changes at once, before the process is destroyed: kernels and disks.
class NodeObserver {
 public:
  virtual void OnKilled() {}
  virtual void OnPowerLost() {}
  virtual void OnResumed() {}
  virtual void OnStarted() {}
  // The Node itself goes; it calls nobody after this.
  virtual void OnDestroyed() {}

 protected:
  ~NodeObserver() = default;
};

class Node {
 public:
  using Boot = std::function<std::unique_ptr<Process>(Node&)>;

  Node(Simulation& sim, std::string name);
  Node(const Node&) = delete;
  Node& operator=(const Node&) = delete;
  // A node that is destroyed while running is killed first.
  ~Node();

  void SetBoot(Boot boot) { boot_ = std::move(boot); }
  // Boots now: calls the boot function, as the node, in an event of its own if one is running.
  // Nothing if it runs already.
  void Start();
  // Nothing if it is down already.
  void Kill();
  void LosePower();
  // Nothing if it is not running.
  void Pause();
  // Nothing if it is not paused.
  void Resume();

  NodeState state() const { return state_; }
  bool running() const { return state_ == NodeState::kRunning; }
  // The process lives, though it may stand still.
  bool alive() const { return state_ == NodeState::kRunning || state_ == NodeState::kPaused; }
  // The machine has power: its kernel answers.
  bool powered() const { return state_ != NodeState::kOff; }

  const std::string& name() const { return name_; }
  Simulation& sim() const { return *sim_; }
  // Whose the events of this life are. 0 before the first Start.
  uint32_t owner() const { return owner_; }
  // How often it was started.
  uint32_t life() const { return life_; }
  // The process of this life; null while down.
  Process* process() const { return alive() ? process_.get() : nullptr; }
  // Tasks that die with this life. REQUIRES: alive().
  TaskGroup& tasks();

  // What its clocks show, in all its lives. A process that reads its clock sees a step at once; one
  // that waits goes on waiting.
  const Clock& clock() const { return clock_; }
  // REQUIRES: it has not been started.
  void SetClock(const ClockOptions& options);
  void StepClock(absl::Duration by);

  // Watching changes nothing about what is watched, so it is possible through const. `observer`
  // must be removed before it dies, unless it was told OnDestroyed.
  void AddObserver(NodeObserver* observer) const { observers_.push_back(observer); }
  void RemoveObserver(NodeObserver* observer) const { std::erase(observers_, observer); }

 private:
  friend class Network;

  void Die(NodeState after);
  void Bury();
  void BootNow();

  Simulation* sim_;
  std::string name_;
  Boot boot_;
  Clock clock_;
  NodeState state_ = NodeState::kOff;
  uint32_t owner_ = 0;
  uint32_t life_ = 0;
  std::unique_ptr<Process> process_;
  std::unique_ptr<TaskGroup> tasks_;
  // Lives that ended, until an event of its own buries them: nearly always one.
  struct Corpse {
    uint32_t owner;
    std::unique_ptr<Process> process;
    std::unique_ptr<TaskGroup> tasks;
  };
  std::vector<Corpse> corpses_;
  TimerId burial_;
  TimerId boot_event_;
  mutable std::vector<NodeObserver*> observers_;
  // Where its network keeps what it knows of this node, counted from 1; 0: it is on no network yet.
  mutable uint32_t network_slot_ = 0;
};

}  // namespace norn::sim

#endif  // NORN_SIM_NODE_H_
