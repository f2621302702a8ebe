#include "sim/event_queue.h"

#include <algorithm>
#include <bit>
#include <cstdlib>

#include "sim/check.h"

namespace norn::sim {
namespace {

// Later than any time.
constexpr uint64_t kEverything = ~uint64_t{0};
// How many events destructors may push while the queue destroys events.
constexpr uint64_t kMostPushedByDestructors = 1'000'000;

}  // namespace

EventQueue::EventQueue(Options options) : options_(options), horizon_(kEverything) {}

EventQueue::~EventQueue() {
  Destroy([](const Event&) { return true; });
}

// --- In and out

void EventQueue::FailNegative(EventKey key) {
  const Event& event = slab_.At(key.index);
  NORN_CHECK(event.at_ >= 0) << "'" << event.meta.label->text << "' was scheduled for "
                             << TimeOf(&event);
  std::abort();
}

void EventQueue::Insert(EventKey key) {
  if (__builtin_expect(static_cast<int64_t>(key.at) < 0, 0)) FailNegative(key);
  ++live_;
  // Making room may move the horizon before the key.
  if (key.at < horizon_ && tail_ == near_limit_) MakeRoom();
  if (key.at < horizon_) {
    InsertNear(key);
  } else {
    wheel_.Insert(key);
  }
}

Time EventQueue::NextTime() {
  for (;;) {
    for (; head_ != tail_; ++head_, --cancelled_)
      if (!IsStale(near_[head_])) return Time::FromNanos(static_cast<int64_t>(near_[head_].at));
    if (wheel_.empty()) return Time::Max();
    // A crowd of one instant stays in the wheel until that comes: what is pushed for earlier ones
    // would else have to be inserted before the crowd.
    if (wheel_.FirstCount() <= ManyNear()) {
      Refill(Time::Max());
    } else if (!wheel_.FirstIsInstant()) {
      SplitFirst();
    } else {
      const Time start = Time::FromNanos(static_cast<int64_t>(wheel_.FirstStart()));
      if (wheel_.AnyInFirst([this](const EventKey& key) { return !IsStale(key); })) return start;
      Refill(start);
    }
  }
}

bool EventQueue::Cancel(TimerId id) {
  if (!slab_.IsPending(id)) return false;
  Event& event = slab_.At(id.index);
  slab_.MarkTaken(id.index);
  --live_;
  ++cancelled_;
  // Last, because it may call anything; the place is not free until it is done.
  event.Destroy();
  Free(event);
  return true;
}

void EventQueue::PutBack(Event* event, Time at, uint64_t order) {
  const uint32_t index = event->meta.index;
  NORN_CHECK(!slab_.Pending(index));
  slab_.MarkPutBack(index);
  event->meta.order = order;
  event->at_ = at.nanos();
  Insert({static_cast<uint64_t>(at.nanos()), index, slab_.Stamp(index)});
}

bool EventQueue::Reschedule(TimerId id, Time at, uint64_t order) {
  if (!slab_.IsPending(id)) return false;
  if (!slab_.NextPlacement(id.index)) {
    EraseStale();
    slab_.StartPlacements(id.index);
  }
  --live_;
  ++cancelled_;
  Event& event = slab_.At(id.index);
  event.meta.order = order;
  event.at_ = at.nanos();
  Insert({static_cast<uint64_t>(at.nanos()), id.index, slab_.Stamp(id.index)});
  if (cancelled_ > live_ + kSlack) EraseStale();
  return true;
}

// --- What is near

uint64_t EventQueue::Tie(EventKey key) {
  // One to one, so no two events have the same.
  uint64_t tie = (slab_.At(key.index).meta.order ^ options_.shuffle_seed) * 0x9e3779b97f4a7c15u;
  tie = (tie ^ (tie >> 29)) * 0xbf58476d1ce4e5b9u;
  return tie ^ (tie >> 32);
}

// Inserts `key` behind all that do not come after it.
void EventQueue::InsertNear(EventKey key) {
  EventKey* const begin = &near_[head_];
  EventKey* const end = &near_[tail_++];
  EventKey* place = end;
  if (!options_.shuffle_ties) {
    for (; place != begin && place[-1].at > key.at; --place) *place = place[-1];
  } else {
    place = PlaceAmongTies(begin, end, key);
    std::move_backward(place, end, end + 1);
  }
  *place = key;
}

EventKey* EventQueue::PlaceAmongTies(EventKey* begin, EventKey* end, EventKey key) {
  const uint64_t tie = Tie(key);
  while (begin != end) {
    EventKey* const middle = begin + (end - begin) / 2;
    // A stale key has no tie any more. It may be anywhere among those of its time; ask another.
    EventKey* probe = middle;
    while (probe != begin && probe->at == key.at && IsStale(*probe)) --probe;
    const bool before =
        probe->at != key.at ? probe->at < key.at : IsStale(*probe) || Tie(*probe) < tie;
    if (before) {
      begin = middle + 1;
    } else {
      end = probe;
    }
  }
  return begin;
}

// How many keys the near array may have after a refill: 4 * sqrt(events), for then finding a place
// in it, which costs its length, is rare enough to cost next to nothing on average.
uint32_t EventQueue::ManyNear() const {
  return std::max(4u << std::bit_width(live_) / 2, kFewNear);
}

// Makes room for one more key, which is earlier than the horizon; moves the horizon to do so.
void EventQueue::MakeRoom() {
  EraseStaleNear();
  const uint32_t many = ManyNear();
  if (tail_ > many) {
    // Half of them stay; an instant is never torn apart.
    uint32_t first = many / 2;
    while (first < tail_ && near_[first].at == near_[first - 1].at) ++first;
    // A crowd at the end goes, too; unless its instant is under way and the crowd grows at its end.
    if (first == tail_ &&
        (options_.shuffle_ties || near_[first - 1].at != static_cast<uint64_t>(popped_at_)))
      while (first > 0 && near_[first - 1].at == near_[tail_ - 1].at) --first;
    SpillFrom(first);
  }
  near_limit_ = 2 * std::max(tail_, many);
  ReserveNear(near_limit_);
}

// Moves the keys from the `first` on into the wheel, and the horizon before them.
void EventQueue::SpillFrom(uint32_t first) {
  horizon_ = first < tail_ ? near_[first].at : near_[first - 1].at + 1;
  // Back as far as events may still be pushed, so that it need not move again until it advances.
  if (wheel_.empty() || horizon_ < wheel_.cursor())
    wheel_.MoveCursor(std::min(horizon_, static_cast<uint64_t>(popped_at_)));
  for (uint32_t i = first; i < tail_; ++i) wheel_.Insert(near_[i]);
  tail_ = first;
}

void EventQueue::ReserveNear(uint32_t capacity) {
  if (capacity <= near_capacity_) return;
  auto larger = std::make_unique_for_overwrite<EventKey[]>(capacity);
  std::copy(near_.get() + head_, near_.get() + tail_, larger.get());
  near_ = std::move(larger);
  near_capacity_ = capacity;
  tail_ -= head_;
  head_ = 0;
}

// Fills the near array, which is empty, from the wheel. False if the wheel holds nothing that could
// be due by `limit`.
bool EventQueue::Refill(Time limit) {
  head_ = tail_ = 0;
  const uint32_t many = ManyNear();
  while (tail_ < kEnoughNear && !wheel_.empty() &&
         static_cast<int64_t>(wheel_.FirstStart()) <= limit.nanos()) {
    const size_t sum = tail_ + wheel_.FirstCount();
    const bool instant = wheel_.FirstIsInstant();
    if (sum <= many || (instant && tail_ == 0)) {
      near_limit_ = 2 * std::max(static_cast<uint32_t>(sum), many);
      ReserveNear(near_limit_);
      horizon_ = wheel_.FirstEnd();
      EventKey* const first = &near_[tail_];
      EventKey* const end = wheel_.TakeFirst(first);
      if (options_.shuffle_ties) ShuffleTies(first, end);
      tail_ = static_cast<uint32_t>(end - near_.get());
    } else if (tail_ == 0) {
      SplitFirst();
    } else {
      break;
    }
  }
  // A small world is near as a whole.
  if (wheel_.empty() && tail_ <= kFewNear) horizon_ = kEverything;
  return tail_ != 0;
}

// REQUIRES: the near array is empty.
void EventQueue::SplitFirst() {
  wheel_.SplitFirst();
  horizon_ = wheel_.cursor();
}

void EventQueue::ShuffleTies(EventKey* first, EventKey* end) {
  std::sort(first, end, [this](const EventKey& a, const EventKey& b) {
    return a.at != b.at ? a.at < b.at : Tie(a) < Tie(b);
  });
}

void EventQueue::EraseStaleNear() {
  uint32_t kept = 0;
  for (uint32_t i = head_; i < tail_; ++i)
    if (!IsStale(near_[i])) near_[kept++] = near_[i];
  cancelled_ -= tail_ - head_ - kept;
  head_ = 0;
  tail_ = kept;
}

void EventQueue::EraseStale() {
  EraseStaleNear();
  wheel_.EraseIf([this](const EventKey& key) { return IsStale(key); });
  cancelled_ = 0;
}

// --- Many at once

template <class Predicate>
void EventQueue::Destroy(Predicate predicate) {
  // Destructors may push, also into places that were passed already: until a round finds nothing.
  uint64_t most = live_ + kMostPushedByDestructors;
  for (bool found = true; found;) {
    found = false;
    for (uint32_t i = 0; i < slab_.limit() && live_ != 0; ++i) {
      if (!slab_.Pending(i) || !predicate(slab_.At(i))) continue;
      NORN_CHECK(most-- != 0) << "closures that are destroyed schedule more and more, the last is '"
                              << slab_.At(i).meta.label->text << "'";
      found = true;
      Cancel(slab_.IdOf(i));
    }
  }
}

void EventQueue::EraseOwnedBy(uint32_t owner) {
  Destroy([owner](const Event& event) { return event.meta.owner == owner; });
}

}  // namespace norn::sim
