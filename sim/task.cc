#include "sim/task.h"

namespace norn::sim {
namespace {

constexpr Label kStart{"start of a task"};
constexpr Label kSleep{"the end of its sleep"};

}  // namespace

struct TaskGroup::Running {
  TaskGroup* group;
  Task<> task;
  TimerId start;
  Running* next;
  Running* previous;
};

void TaskGroup::Spawn(Task<> task) {
  NORN_CHECK(task.valid()) << "a task can be spawned once";
  auto* running = new Running{this, std::move(task), {}, first_, nullptr};
  if (first_ != nullptr) first_->previous = running;
  first_ = running;
  ++size_;
  running->start = sim_->Schedule(sim_->Now(), owner_, kStart,
                                  [running] { running->task.Start(&TaskGroup::Ended, running); });
}

void TaskGroup::Ended(void* arg) {
  auto* running = static_cast<Running*>(arg);
  running->group->Drop(running);
}

void TaskGroup::Drop(Running* running) {
  (running->previous != nullptr ? running->previous->next : first_) = running->next;
  if (running->next != nullptr) running->next->previous = running->previous;
  --size_;
  sim_->Cancel(running->start);
  delete running;
}

TaskGroup::~TaskGroup() {
  while (first_ != nullptr) Drop(first_);
}

Sleep::Sleep(Simulation* sim, absl::Duration d)
    : CoroutineWaiter(*sim, kSleep), until_(sim->Now() + d) {}

}  // namespace norn::sim
