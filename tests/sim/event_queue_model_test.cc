// The queue against a model that is right at a glance: a sorted set of (time, tie). Everything that
// can be asked of it, mixed at random, over many seeds.

#include <algorithm>
#include <cstdint>
#include <map>
#include <utility>
#include <vector>

#include "gtest/gtest.h"
#include "sim/event_queue.h"

namespace norn::sim {
namespace {

constexpr Label kTest{"test"};
constexpr int64_t kLast = INT64_MAX;

// Which place each order has among all of one instant, or itself if ties are not shuffled: known
// from a queue in which all of them happen at one instant.
std::vector<uint64_t> Ties(EventQueue::Options options, uint64_t orders) {
  std::vector<uint64_t> ties(orders + 1);
  EventQueue queue(options);
  for (uint64_t order = 1; order <= orders; ++order)
    queue.Push(Time::Zero(), {order, 0, &kTest, 0}, [] {});
  for (uint64_t tie = 1; Event* event = queue.PopNotAfter(Time::Zero()); ++tie) {
    ties[event->meta.order] = tie;
    queue.Release(event);
  }
  return ties;
}

// Runs the queue and the model side by side.
class Pair {
 public:
  Pair(EventQueue::Options options, const std::vector<uint64_t>& ties, uint64_t seed)
      : ties_(ties), random_(seed), queue_(options) {}
  ~Pair() {
    // Nested pops that are still open.
    while (!popped_.empty()) Release();
  }

  bool Full() const { return order_ + 2 >= ties_.size(); }

  // `busy`: of a hundred decisions, how many push.
  void Step(uint64_t busy, uint64_t magnitude) {
    const uint64_t what = Draw(100);
    if (what < busy) {
      Push(SomeTime(magnitude));
    } else if (what < 75) {
      Pop(magnitude);
    } else if (what < 85) {
      Cancel();
    } else if (what < 88) {
      Reschedule(SomeTime(magnitude));
    } else if (what < 91) {
      if (!popped_.empty()) PutBack(SomeTime(magnitude));
    } else if (what < 94) {
      if (!popped_.empty()) Release();
    } else if (what < 97) {
      if (Draw(2) == 0) CheckNext();
      if (Draw(2) == 0) LookShort();
    } else if (what < 98) {
      PushCrowd(SomeTime(magnitude));
    } else if (Draw(40) == 0) {
      EraseOwner(static_cast<uint32_t>(1 + Draw(4)));
    } else if (Draw(40) == 0) {
      for (int i = 0; i < 300; ++i) Cancel();
    }
    CheckCounts();
  }

  void Drain() {
    while (!model_.empty()) {
      PopAndCheck(kLast);
      Release();
      CheckCounts();
    }
    EXPECT_EQ(queue_.PopNotAfter(Time::Max()), nullptr);
    EXPECT_EQ(queue_.NextTime(), Time::Max());
  }

 private:
  using Key = std::pair<int64_t, uint64_t>;  // time, tie
  struct Known {
    TimerId id;
    uint32_t owner;
    Key key;
    bool pending;
  };

  uint64_t Draw(uint64_t below) {
    random_ ^= random_ << 13;
    random_ ^= random_ >> 7;
    random_ ^= random_ << 17;
    return random_ % below;
  }
  // Not before what happened last; often at an instant that is known, or at a round one.
  int64_t SomeTime(uint64_t magnitude) {
    switch (Draw(12)) {
      case 0:
        return floor_;
      case 1:
        return kLast - static_cast<int64_t>(Draw(2));
      case 2:
        if (!model_.empty()) return model_.begin()->first.first;
        return floor_;
      case 3:
        if (last_limit_ >= floor_) return last_limit_;
        return Draw(4) == 0 ? last_limit_ : floor_;
      case 4:
        return Later(Draw(uint64_t{1} << Draw(62)));
      case 5:
      case 6:
      case 7: {
        // Where a slot of the wheel begins, or just before: of the first event, or of any.
        const int64_t at = model_.empty() || Draw(2) == 0 ? Later(Draw(uint64_t{1} << magnitude))
                                                          : model_.begin()->first.first;
        const uint64_t bits = 6 * Draw(10);
        const int64_t begin = at >> bits << bits;
        return std::max(floor_, begin - static_cast<int64_t>(Draw(2)));
      }
      default:
        return Later(Draw(uint64_t{1} << magnitude));
    }
  }
  int64_t Later(uint64_t nanos) const {
    return Time::FromNanos(floor_).PlusNanos(static_cast<int64_t>(nanos)).nanos();
  }

  void Push(int64_t at) {
    if (Full()) return;
    const auto owner = static_cast<uint32_t>(Draw(5));
    const size_t number = known_.size();
    const TimerId id = queue_.Push(Time::FromNanos(at), {++order_, number, &kTest, owner},
                                   [this, number] { ran_ = number; });
    known_.push_back({id, owner, {at, ties_[order_]}, true});
    model_.emplace(known_.back().key, number);
  }
  // Many of one instant, or of some.
  void PushCrowd(int64_t at) {
    const uint64_t span = Draw(2) * Draw(uint64_t{1} << Draw(40));
    for (int i = 0; i < 150; ++i) {
      const int64_t nanos = static_cast<int64_t>(Draw(span + 1));
      Push(Time::FromNanos(at).PlusNanos(nanos).nanos());
    }
  }
  void Forget(size_t number) {
    known_[number].pending = false;
    model_.erase(known_[number].key);
  }
  void Pop(uint64_t magnitude) {
    int64_t limit = Later(Draw(uint64_t{1} << magnitude));
    if (Draw(2) == 0) limit = SomeTime(magnitude);
    last_limit_ = limit;
    PopAndCheck(limit);
    if (!popped_.empty() && Draw(8) != 0) Release();
  }
  void PopAndCheck(int64_t limit) {
    Event* event = queue_.PopNotAfter(Time::FromNanos(limit));
    if (model_.empty() || model_.begin()->first.first > limit) {
      ASSERT_EQ(event, nullptr);
      return;
    }
    ASSERT_NE(event, nullptr);
    const size_t number = model_.begin()->second;
    event->Run();
    ASSERT_EQ(ran_, number);
    EXPECT_EQ(event->meta.cause, number);
    EXPECT_EQ(event->meta.owner, known_[number].owner);
    EXPECT_EQ(queue_.TimeOf(event).nanos(), known_[number].key.first);
    EXPECT_EQ(queue_.IdOf(event), known_[number].id);
    floor_ = known_[number].key.first;
    Forget(number);
    popped_.push_back(event);
  }
  // Looks just not far enough, at a round time, and then pushes something yet earlier.
  void LookShort() {
    if (model_.empty()) return;
    const uint64_t bits = Draw(48);
    const int64_t limit = std::max(floor_, model_.begin()->first.first >> bits << bits);
    if (limit == model_.begin()->first.first) return;
    PopAndCheck(limit);
    Push(floor_ + static_cast<int64_t>(Draw(static_cast<uint64_t>(limit - floor_) + 1)));
  }
  Event* TakePopped() {
    const auto which = popped_.begin() + static_cast<int64_t>(Draw(popped_.size()));
    Event* event = *which;
    popped_.erase(which);
    return event;
  }
  void Release() { queue_.Release(TakePopped()); }
  void Place(size_t number, int64_t at) {
    known_[number].key = {at, ties_[order_]};
    known_[number].pending = true;
    model_.emplace(known_[number].key, number);
  }
  void PutBack(int64_t at) {
    if (Full()) return;
    Event* event = TakePopped();
    queue_.PutBack(event, Time::FromNanos(at), ++order_);
    Place(event->meta.cause, at);
  }
  void Reschedule(int64_t at) {
    if (Full() || known_.empty()) return;
    const size_t number = Some();
    const bool was_pending = known_[number].pending;
    ++order_;
    ASSERT_EQ(queue_.Reschedule(known_[number].id, Time::FromNanos(at), order_), was_pending);
    if (!was_pending) return;
    Forget(number);
    Place(number, at);
  }
  // Mostly a recent one.
  size_t Some() {
    return Draw(2) == 0 ? Draw(known_.size())
                        : known_.size() - 1 - Draw(std::min<size_t>(known_.size(), 50));
  }
  void Cancel() {
    if (known_.empty()) return;
    const size_t number = Some();
    const Known& known = known_[number];
    ASSERT_EQ(queue_.IsPending(known.id), known.pending);
    ASSERT_EQ(queue_.Cancel(known.id), known.pending);
    ASSERT_FALSE(queue_.IsPending(known.id));
    if (known.pending) Forget(number);
  }
  void EraseOwner(uint32_t owner) {
    queue_.EraseOwnedBy(owner);
    for (size_t number = 0; number < known_.size(); ++number)
      if (known_[number].pending && known_[number].owner == owner) Forget(number);
  }
  void CheckNext() {
    EXPECT_EQ(queue_.NextTime().nanos(), model_.empty() ? kLast : model_.begin()->first.first);
  }
  void CheckCounts() {
    ASSERT_EQ(queue_.size(), model_.size());
    // An event that is popped is not live, and what is left of others is looked at in Release.
    ASSERT_LE(queue_.cancelled(), queue_.size() + popped_.size() + EventQueue::kSlack);
  }

  const std::vector<uint64_t>& ties_;
  uint64_t random_;
  EventQueue queue_;
  std::map<Key, size_t> model_;
  std::vector<Known> known_;
  std::vector<Event*> popped_;
  uint64_t order_ = 0;
  int64_t floor_ = 0;
  int64_t last_limit_ = 0;
  size_t ran_ = 0;
};

class EventQueueModelTest : public testing::TestWithParam<bool> {};

TEST_P(EventQueueModelTest, DoesWhatTheModelDoes) {
  constexpr uint64_t kSteps = 4000;
  std::vector<uint64_t> ties;
  for (uint64_t seed = 1; seed <= 400; ++seed) {
    SCOPED_TRACE(seed);
    const EventQueue::Options options{.shuffle_ties = GetParam(), .shuffle_seed = (seed - 1) / 100};
    if (seed % 100 == 1) ties = Ties(options, 10 * kSteps);
    Pair pair(options, ties, seed * 0x9e3779b97f4a7c15u);
    // From one instant to days between two events, and from growing to shrinking.
    const uint64_t magnitude = seed * 7 % 50;
    for (uint64_t i = 0; i < kSteps && !pair.Full(); ++i)
      pair.Step((i / 500 + seed) % 2 == 0 ? 50 : 10, magnitude);
    pair.Drain();
    if (HasFatalFailure() || HasNonfatalFailure()) return;
  }
}

INSTANTIATE_TEST_SUITE_P(Ties, EventQueueModelTest, testing::Bool(),
                         [](const auto& info) { return info.param ? "Shuffled" : "Fifo"; });

}  // namespace
}  // namespace norn::sim
