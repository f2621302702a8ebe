#include "scenarios/stage/workload.h"

#include <algorithm>
#include <optional>

#include "absl/strings/str_cat.h"
#include "scenarios/text/duration.h"

namespace norn::scenarios {
namespace {

constexpr sim::Label kArrival{"arrival"};
constexpr int64_t kNanosPerSecond = 1'000'000'000;
constexpr int32_t kDefaultSize = 100;

// After how long record `i` comes, counted from the beginning; exact.
int64_t ClockNanos(const Workload& workload, int64_t i) {
  if (!workload.has_per_second()) return i * sim::ToNanos(DurationOf(workload.every()));
  return static_cast<int64_t>(static_cast<__int128>(i) * kNanosPerSecond / workload.per_second());
}

}  // namespace

WorkloadRun::WorkloadRun(model::Cluster& cluster, Sends& sends, const Workload& workload)
    : cluster_(cluster),
      sends_(sends),
      workload_(workload),
      arrivals_(
          cluster.sim().chance().Resolve(absl::StrCat("workload/", workload.name(), "/arrival"))),
      keys_(cluster.sim().chance().Resolve(absl::StrCat("workload/", workload.name(), "/key"))),
      sizes_(cluster.sim().chance().Resolve(absl::StrCat("workload/", workload.name(), "/size"))),
      begin_(sim::Time::Zero() + DurationOf(workload.at())),
      last_(begin_),
      partitions_(cluster.view().FindTopic(workload.topic())->partitions()) {}

void WorkloadRun::Start() { ScheduleNext(); }

sim::Time WorkloadRun::NextArrival() const {
  if (workload_.arrivals() == FIXED) return begin_.PlusNanos(ClockNanos(workload_, next_));
  const int64_t mean = ClockNanos(workload_, 1);
  const sim::Key key(next_);
  return last_.PlusNanos(cluster_.sim().chance().ExponentialNanos(arrivals_, key, mean));
}

void WorkloadRun::ScheduleNext() {
  const sim::Time at = NextArrival();
  const bool over = workload_.has_count() ? next_ >= workload_.count()
                                          : at >= begin_ + DurationOf(workload_.duration());
  if (over) {
    done_ = true;
    return;
  }
  last_ = at;
  cluster_.sim().Schedule(at, 0, kArrival, [this] { Arrive(); });
}

int32_t WorkloadRun::SizeOf(int64_t record) {
  const Size& size = workload_.size();
  sim::Chance& chance = cluster_.sim().chance();
  const sim::Key key(record);
  switch (size.of_case()) {
    case Size::kFixed:
      return size.fixed();
    case Size::kUniform: {
      const auto span = static_cast<uint64_t>(size.uniform().max() - size.uniform().min()) + 1;
      return size.uniform().min() + static_cast<int32_t>(chance.Uniform(sizes_, key, span));
    }
    case Size::kExponential: {
      const int64_t drawn = chance.ExponentialNanos(sizes_, key, size.exponential().mean());
      return static_cast<int32_t>(std::min<int64_t>(drawn, size.exponential().max()));
    }
    case Size::OF_NOT_SET:
      break;
  }
  return kDefaultSize;
}

void WorkloadRun::Arrive() {
  const int64_t record = next_++;
  std::string key;
  model::ProducerRecord given;
  given.topic = workload_.topic();
  if (workload_.has_partition()) given.partition = workload_.partition();
  if (workload_.round_robin()) given.partition = static_cast<int32_t>(record % partitions_);
  if (workload_.key().has_fixed()) {
    key = workload_.key().fixed();
  } else if (workload_.key().has_uniform()) {
    const sim::Key address(record);
    const uint64_t drawn = cluster_.sim().chance().Uniform(
        keys_, address, static_cast<uint64_t>(workload_.key().uniform()));
    key = absl::StrCat("k", drawn);
  }
  if (workload_.has_key()) given.key = model::Payload(std::string_view(key));
  given.value = model::Payload::OfSize(SizeOf(record));
  // A client whose process has ended sends nothing; the others' records do not move.
  sends_.Send(workload_.client(), given, "", workload_.name());
  ScheduleNext();
}

}  // namespace norn::scenarios
