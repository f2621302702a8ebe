#include "tests/support/cluster_test.h"

#include <algorithm>
#include <cstddef>
#include <iostream>
#include <sstream>
#include <utility>

#include "tests/support/replay.h"

namespace norn {
namespace support_internal {
namespace {

// What a ring of a simulation keeps unless told otherwise: a longer tail needs the full trace.
constexpr size_t kRingEntries = 256;

// Tests run one after the other, and so do their runs; null between the runs of NORN_TESTs.
const RunPlan* current_plan = nullptr;

// Of a TEST_F that nobody planned for.
RunPlan PlanOfOneRun() {
  RunPlan plan;
  plan.seed = OneSeed();
  plan.replay = ReplayCommand(ThisProgram(), CurrentTest(), plan.seed);
  plan.explains = true;
  return plan;
}

}  // namespace

ScopedPlan::ScopedPlan(RunPlan plan)
    : plan_(std::move(plan)), before_(std::exchange(current_plan, &plan_)) {}

ScopedPlan::~ScopedPlan() { current_plan = before_; }

}  // namespace support_internal

using support_internal::World;

class ClusterTest::Listener : public ::testing::EmptyTestEventListener {
 public:
  explicit Listener(ClusterTest* test) : test_(test) {
    ::testing::UnitTest::GetInstance()->listeners().Append(this);
  }
  ~Listener() override { ::testing::UnitTest::GetInstance()->listeners().Release(this); }
  void OnTestPartResult(const ::testing::TestPartResult& result) override {
    if (result.failed()) test_->OnFailure();
  }

 private:
  ClusterTest* test_;
};

ClusterTest::ClusterTest()
    : plan_(support_internal::current_plan != nullptr ? *support_internal::current_plan
                                                      : support_internal::PlanOfOneRun()),
      context_before_(sim::CheckContext::Exchange(&context_)) {
  if (plan_.trace == sim::TraceSink::kRing &&
      support_internal::TraceLines() > support_internal::kRingEntries) {
    plan_.trace = sim::TraceSink::kFull;
  }
  if (plan_.explains) listener_ = std::make_unique<Listener>(this);
}

ClusterTest::~ClusterTest() {
  listener_ = nullptr;
  if (plan_.explains && HasFailure()) {
    const std::string replay = support_internal::ReplayText(
        support_internal::ThisProgram(), support_internal::CurrentTest(), seed());
    RecordProperty("replay", plan_.replay);
    std::cout << "seed " << seed() << " fails\n" << LastEvents() << replay << std::flush;
  }
  // The destructors of a world run through the model a last time and may fail a check, which
  // Explain()s the worlds that are left.
  while (!worlds_.empty()) {
    const World last = std::move(worlds_.back());
    worlds_.pop_back();
  }
  sim::CheckContext::Exchange(context_before_);
}

model::Cluster& ClusterTest::Start(model::ClusterOptions options) {
  options.seed = seed();
  options.trace = std::max(options.trace, plan_.trace);
  if (options.replay.empty()) options.replay = plan_.replay;
  World world;
  world.name = "cluster " + std::to_string(worlds_.size() + 1);
  world.cluster = std::make_unique<model::Cluster>(std::move(options));
  worlds_.push_back(std::move(world));
  return *worlds_.back().cluster;
}

sim::Simulation& ClusterTest::StartSimulation(sim::Simulation::Options options) {
  options.seed = seed();
  options.trace = std::max(options.trace, plan_.trace);
  if (options.replay.empty()) options.replay = plan_.replay;
  World world;
  world.name = "simulation " + std::to_string(worlds_.size() + 1);
  world.simulation = std::make_unique<sim::Simulation>(std::move(options));
  worlds_.push_back(std::move(world));
  return *worlds_.back().simulation;
}

model::Cluster& ClusterTest::cluster() {
  const auto first = std::find_if(worlds_.begin(), worlds_.end(),
                                  [](const World& world) { return world.cluster != nullptr; });
  NORN_CHECK(first != worlds_.end()) << "no cluster was started: call Start() first";
  return *first->cluster;
}

void ClusterTest::Context::Explain(std::ostream& os) const {
  os << "  seed " << test_.seed() << ", outside of events\n"
     << test_.LastEventsNow() << "  replay: " << test_.plan_.replay << "\n";
}

void ClusterTest::OnFailure() {
  if (events_before_failure_.empty()) events_before_failure_ = LastEventsNow();
}

std::string ClusterTest::LastEvents() const {
  return events_before_failure_.empty() ? LastEventsNow() : events_before_failure_;
}

std::string ClusterTest::LastEventsNow() const {
  std::ostringstream os;
  for (const World& world : worlds_) {
    if (!world.sim().trace().keeps_entries()) continue;
    const auto& entries = world.sim().trace().entries();
    const size_t shown = std::min(entries.size(), support_internal::TraceLines());
    os << "what happened last in " << world.name << ", until " << world.sim().Now() << ":\n";
    for (size_t i = entries.size() - shown; i < entries.size(); ++i)
      os << "    " << entries[i] << "\n";
    if (entries.empty()) os << "    nothing\n";
  }
  return os.str();
}

}  // namespace norn
